/*
 * agg_state.h
 *		What the states of the statistics share: arguments, updates in place,
 *		numerics packed into a state, literals, and exact quotients.
 *
 * A state is a varlena type of its own, so that it travels as text between
 * nodes and can be looked at.  Anybody can call a transition function, so
 * a state is changed in place only inside an aggregate, and input functions
 * check every literal.
 */
#ifndef PM_AGG_STATE_H
#define PM_AGG_STATE_H

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/nodes.h"
#include "utils/numeric.h"

#include "decimal.h"
#include "wide.h"

/* Room for a numeric that was stored with a one-byte header. */
typedef union PmNumericBuffer
{
	char		bytes[VARHDRSZ + VARATT_SHORT_MAX];
	int64		aligned;
} PmNumericBuffer;

/* A literal being read. */
typedef struct PmLiteral
{
	const char *type;			/* for messages */
	const char *text;			/* all of it */
	const char *cursor;			/* what is left */
	bool		is_binary;		/* came through a receive function */
	Node	   *escontext;		/* where a soft error goes */
} PmLiteral;

/*
 * A numeric argument with an ordinary header, without a visit to the heap
 * for the short ones, which are all that tables hold as a rule.
 */
static inline Numeric
pm_numeric_argument(FunctionCallInfo fcinfo, int argno, PmNumericBuffer *buffer)
{
	struct varlena *datum = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(argno));
	Size		size;

	if (!VARATT_IS_SHORT(datum))
		return (Numeric) datum;

	size = VARSIZE_ANY_EXHDR(datum);
	SET_VARSIZE(buffer->bytes, VARHDRSZ + size);
	memcpy(buffer->bytes + VARHDRSZ, VARDATA_ANY(datum), size);
	return (Numeric) buffer->bytes;
}

/* Bytes that a numeric takes when packed. */
static inline Size
pm_packed_size(Numeric num)
{
	return sizeof(uint16) + VARSIZE_ANY_EXHDR(num);
}

/*
 * Packs a numeric: the number of 16-bit words, then the words.  Returns the
 * end of it.
 */
static inline char *
pm_pack_numeric(char *to, Numeric num)
{
	Size		size = VARSIZE_ANY_EXHDR(num);
	uint16		words = (uint16) (size / sizeof(uint16));

	memcpy(to, &words, sizeof(words));
	memcpy(to + sizeof(words), VARDATA_ANY(num), size);
	return to + sizeof(words) + size;
}

/*
 * Unpacks a numeric and moves the cursor behind it: into the buffer where it
 * fits and a buffer was given, else freshly allocated.
 */
static inline Numeric
pm_unpack_numeric(const char **cursor, PmNumericBuffer *buffer)
{
	uint16		words;
	Size		size;
	char	   *num;

	memcpy(&words, *cursor, sizeof(words));
	size = words * sizeof(uint16);
	if (buffer != NULL && VARHDRSZ + size <= sizeof(buffer->bytes))
		num = buffer->bytes;
	else
		num = palloc(VARHDRSZ + size);
	SET_VARSIZE(num, VARHDRSZ + size);
	memcpy(num + VARHDRSZ, *cursor + sizeof(words), size);
	*cursor += sizeof(words) + size;
	return (Numeric) num;
}

/* in agg_state.c: states and results */
extern void *pm_state_argument(FunctionCallInfo fcinfo, int argno);
extern void *pm_state_for_update(FunctionCallInfo fcinfo, int argno);
extern Datum pm_form_record(FunctionCallInfo fcinfo, Datum *values, bool *nulls, int ncolumns);

/* literals */
extern Datum pm_literal_error(const PmLiteral *literal, const char *detail);
extern bool pm_literal_expect(PmLiteral *literal, const char *expected);
extern bool pm_literal_count(PmLiteral *literal, int64 *result);
extern bool pm_literal_numeric(PmLiteral *literal, Numeric *result);
extern Datum pm_literal_send(const char *text);
extern const char *pm_literal_receive(StringInfo message, const char *type);

/* exact quotients, in 128 bits and beyond */
extern bool pm_quotient_rounded(int128 dividend, int128 divisor, int places, int128 *result);
extern Numeric pm_ratio_to_numeric(int128 dividend, int128 divisor, int shift);

#endif							/* PM_AGG_STATE_H */
