/*
 * agg_state.h
 *		What the states of the statistics share: access to them, numerics
 *		packed into them, their text and binary forms, and exact quotients.
 *
 * A state is a varlena type of its own, so that it travels as text between
 * nodes and can be kept in a table and looked at.  Anybody can call a
 * transition function, so a state is changed in place only inside an
 * aggregate, and input functions check every literal.
 */
#ifndef PM_AGG_STATE_H
#define PM_AGG_STATE_H

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/numeric.h"

#include "decimal.h"
#include "reader.h"

/* How every state begins. */
typedef struct PmStateHeader
{
	int32		vl_len_;		/* varlena header (do not touch directly!) */
	int32		version;		/* of the layout */
} PmStateHeader;

#define PM_STATE_VERSION	1

/* Room for an ordinary numeric. */
typedef union PmNumericBuffer
{
	char		bytes[128];
	int64		aligned;
} PmNumericBuffer;

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

/* Makes a state of a text; false where the reader notes something wrong. */
typedef bool (*PmReadState) (PmReader *reader, void **state);

/* in agg_state.c: states and results */
extern const void *pm_state_argument(FunctionCallInfo fcinfo, int argno, const char *type);
extern void *pm_state_for_update(FunctionCallInfo fcinfo, int argno, const char *type);
extern Datum pm_form_record(FunctionCallInfo fcinfo, Datum *values, bool *nulls, int ncolumns);

/* their text and binary forms */
extern bool pm_take_text(PmReader *reader, const char *expected);
extern bool pm_take_count(PmReader *reader, int64 *result);
extern bool pm_take_numeric(PmReader *reader, Numeric *result);
extern bool pm_take_end(PmReader *reader);
extern void *pm_state_in(FunctionCallInfo fcinfo, const char *type, PmReadState read);
extern void *pm_state_recv(FunctionCallInfo fcinfo, const char *type, PmReadState read);
extern bytea *pm_state_send(const char *text);

/* exact quotients, in 128 bits and beyond */
extern bool pm_quotient_rounded(int128 dividend, int128 divisor, int places, int128 *result);
extern Numeric pm_ratio_to_numeric(int128 dividend, int128 divisor, int shift);

#endif							/* PM_AGG_STATE_H */
