/*
 * agg_state.c
 *		What the states of the statistics share; see agg_state.h.
 */
#include "postgres.h"

#include "compat.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "agg_state.h"
#include "wide.h"

/* Version of the binary form of a state; its text follows. */
#define BINARY_VERSION		1

/* A decimal literal within these is sure to fit into a numeric. */
#define MAX_WHOLE_DIGITS	131072
#define MAX_PART_DIGITS		16383

/*
 * Refuses a state that this library did not write.
 */
static void
check_version(const PmStateHeader *state, const char *type)
{
	if (VARSIZE(state) < sizeof(PmStateHeader) || state->version != PM_STATE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("%s is damaged or of another version", type)));
}

/*
 * A state to read: flat and aligned, but not to be changed.
 */
const void *
pm_state_argument(FunctionCallInfo fcinfo, int argno, const char *type)
{
	PmStateHeader *state = (PmStateHeader *) PG_DETOAST_DATUM(PG_GETARG_DATUM(argno));

	check_version(state, type);
	return state;
}

/*
 * A state to change: itself inside an aggregate, else a copy.  The first
 * state that a combine function sees may still be packed as in a tuple.
 */
void *
pm_state_for_update(FunctionCallInfo fcinfo, int argno, const char *type)
{
	PmStateHeader *state = (PmStateHeader *) PG_GETARG_POINTER(argno);

	if (VARATT_IS_EXTENDED(state) || !AggCheckCallContext(fcinfo, NULL))
		state = (PmStateHeader *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(argno));
	check_version(state, type);
	return state;
}

/*
 * A row of the composite type that the called function returns.
 */
Datum
pm_form_record(FunctionCallInfo fcinfo, Datum *values, bool *nulls, int ncolumns)
{
	Oid			type = get_func_rettype(fcinfo->flinfo->fn_oid);
	TupleDesc	desc = lookup_rowtype_tupdesc(type, -1);
	HeapTuple	tuple;

	if (desc->natts != ncolumns)
		elog(ERROR, "result type has %d columns instead of %d", desc->natts, ncolumns);
	tuple = heap_form_tuple(desc, values, nulls);
	ReleaseTupleDesc(desc);
	return HeapTupleGetDatum(tuple);
}

/*
 * Goes past the expected text; false where something else stands there.
 */
bool
pm_take_text(PmReader *reader, const char *expected)
{
	Size		length = strlen(expected);

	if (strncmp(reader->at, expected, length) != 0)
		return false;
	reader->at += length;
	return true;
}

/*
 * Goes past an unsigned integer of at most 63 bits.
 */
bool
pm_take_count(PmReader *reader, int64 *result)
{
	const char *start = reader->at;

	*result = 0;
	for (; *reader->at >= '0' && *reader->at <= '9'; reader->at++)
	{
		if (__builtin_mul_overflow(*result, INT64CONST(10), result) ||
			__builtin_add_overflow(*result, (int64) (*reader->at - '0'), result))
			return false;
	}
	return reader->at > start;
}

/*
 * Goes past a decimal number: digits, perhaps with a sign and a point.
 * Nothing else that numeric would take, so that its input cannot fail.
 */
bool
pm_take_numeric(PmReader *reader, Numeric *result)
{
	const char *end = reader->at;
	Size		whole;
	Size		part = 0;
	char	   *digits;

	if (*end == '-')
		end++;
	whole = strspn(end, "0123456789");
	end += whole;
	if (*end == '.')
	{
		part = strspn(end + 1, "0123456789");
		if (part == 0)
			return false;
		end += 1 + part;
	}
	if (whole == 0 || whole > MAX_WHOLE_DIGITS || part > MAX_PART_DIGITS)
		return false;

	digits = pnstrdup(reader->at, end - reader->at);
	*result = DatumGetNumeric(DirectFunctionCall3(numeric_in,
												  CStringGetDatum(digits),
												  ObjectIdGetDatum(InvalidOid),
												  Int32GetDatum(-1)));
	pfree(digits);
	reader->at = end;
	return true;
}

/*
 * Goes past the closing parenthesis and blanks to the end of the text.
 */
bool
pm_take_end(PmReader *reader)
{
	if (!pm_take_text(reader, ")"))
		return false;
	pm_reader_skip_blanks(reader);
	return *reader->at == '\0';
}

/*
 * Reads all of a text; blanks around it are ignored.
 */
static bool
read_text(PmReader *reader, const char *type, const char *text, PmReadState read,
			 void **state)
{
	pm_reader_start(reader, type, text);
	pm_reader_skip_blanks(reader);
	return read(reader, state);
}

/*
 * Input of a state.  Errors: 22P02, softly where the caller wants that; then
 * NULL is returned.
 */
void *
pm_state_in(FunctionCallInfo fcinfo, const char *type, PmReadState read)
{
	PmReader	reader;
	void	   *state;

	if (!read_text(&reader, type, PG_GETARG_CSTRING(0), read, &state))
		ereturn(fcinfo->context, NULL,
				(errcode(pm_reader_errcode(&reader, 0)), pm_reader_errmsg(&reader)));
	return state;
}

/*
 * Binary input of a state: a version, then its text.  Errors: 22P03.
 */
void *
pm_state_recv(FunctionCallInfo fcinfo, const char *type, PmReadState read)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			version = pq_getmsgbyte(message);
	int			length;
	const char *text;
	PmReader	reader;
	void	   *state;

	if (version != BINARY_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unsupported version %d of binary %s", version, type)));
	text = pq_getmsgtext(message, message->len - message->cursor, &length);
	if (!read_text(&reader, type, text, read, &state))
		ereport(ERROR,
				(errcode(pm_reader_errcode(&reader, ERRCODE_INVALID_BINARY_REPRESENTATION)),
				 pm_reader_errmsg(&reader)));
	return state;
}

/*
 * Binary output of a state.
 */
bytea *
pm_state_send(const char *text)
{
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbyte(&message, BINARY_VERSION);
	pq_sendtext(&message, text, strlen(text));
	return pq_endtypsend(&message);
}

/*
 * dividend / divisor times 10^places, rounded half away from zero.  False
 * where it does not fit.  The divisor must be positive.
 */
bool
pm_quotient_rounded(int128 dividend, int128 divisor, int places, int128 *result)
{
	const int128 largest = (int128) (((uint128) 1 << 127) - 1);
	bool		negative = dividend < 0;
	int128		quotient;
	int128		rest;

	Assert(divisor > 0 && places >= 0);

	if (places <= PM_MAX_POWER &&
		!__builtin_mul_overflow(dividend, pm_power_of_ten(places), &rest))
	{
		*result = pm_divide_rounded(rest, divisor);
		return true;
	}

	/* long division by as many places a step as the divisor leaves room for */
	if (dividend < -largest || divisor > largest / 10)
		return false;
	if (negative)
		dividend = -dividend;
	quotient = dividend / divisor;
	rest = dividend % divisor;
	while (places > 0)
	{
		int			step = (places >= 6 && divisor <= largest / 1000000) ? 6 : 1;
		int128		unit = pm_power_of_ten(step);

		rest *= unit;
		if (__builtin_mul_overflow(quotient, unit, &quotient) ||
			__builtin_add_overflow(quotient, rest / divisor, &quotient))
			return false;
		rest %= divisor;
		places -= step;
	}
	if (rest >= divisor - rest && __builtin_add_overflow(quotient, (int128) 1, &quotient))
		return false;
	*result = negative ? -quotient : quotient;
	return true;
}

/*
 * dividend / divisor times 10^shift as a numeric with the places of every
 * output, rounded once.  The divisor must be positive.
 */
Numeric
pm_ratio_to_numeric(int128 dividend, int128 divisor, int shift)
{
	int			places = PM_OUTPUT_SCALE + shift;
	int128		quotient;
	Numeric		wide_dividend;
	Numeric		wide_divisor;

	if (places >= 0)
	{
		if (pm_quotient_rounded(dividend, divisor, places, &quotient))
			return pm_decimal_to_numeric(quotient, PM_OUTPUT_SCALE, PM_OUTPUT_SCALE);
	}
	else if (places >= -PM_MAX_POWER)
	{
		int128		scaled;

		if (!__builtin_mul_overflow(divisor, pm_power_of_ten(-places), &scaled) &&
			pm_quotient_rounded(dividend, scaled, 0, &quotient))
			return pm_decimal_to_numeric(quotient, PM_OUTPUT_SCALE, PM_OUTPUT_SCALE);
	}

	wide_dividend = pm_wide_from_integer(dividend);
	wide_divisor = pm_wide_from_integer(divisor);
	if (shift > 0)
		wide_dividend = pm_wide_multiply(wide_dividend, pm_wide_power_of_ten(shift));
	else
		wide_divisor = pm_wide_multiply(wide_divisor, pm_wide_power_of_ten(-shift));
	return pm_wide_divide_rounded(wide_dividend, wide_divisor, PM_OUTPUT_SCALE);
}
