/*
 * agg_state.c
 *		What the states of the statistics share; see agg_state.h.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "compat.h"

#include "agg_state.h"

/* Version of the binary form of a state; its text follows. */
#define BINARY_VERSION		1

/* Longest decimal literal that is sure to fit into a numeric. */
#define MAX_WHOLE_DIGITS	131072
#define MAX_PART_DIGITS		16383

/*
 * A state to read: flat and aligned, but not to be changed.
 */
void *
pm_state_argument(FunctionCallInfo fcinfo, int argno)
{
	return PG_DETOAST_DATUM(PG_GETARG_DATUM(argno));
}

/*
 * A state to change: itself inside an aggregate, else a copy.  The first
 * state that a combine function sees may still be packed as in a tuple.
 */
void *
pm_state_for_update(FunctionCallInfo fcinfo, int argno)
{
	struct varlena *state = (struct varlena *) PG_GETARG_POINTER(argno);

	if (AggCheckCallContext(fcinfo, NULL) && !VARATT_IS_EXTENDED(state))
		return state;
	return PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(argno));
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
 * Refuses a literal: 22P02, or 22P03 where it came in binary.
 */
Datum
pm_literal_error(const PmLiteral *literal, const char *detail)
{
	if (literal->is_binary)
		ereturn(literal->escontext, (Datum) 0,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", literal->type),
				 errdetail_internal("%s", detail)));
	ereturn(literal->escontext, (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%s\"", literal->type, literal->text),
			 errdetail_internal("%s", detail)));
}

/*
 * Reads the expected text, or leaves the literal as it was.
 */
bool
pm_literal_expect(PmLiteral *literal, const char *expected)
{
	Size		length = strlen(expected);

	if (strncmp(literal->cursor, expected, length) != 0)
		return false;
	literal->cursor += length;
	return true;
}

/*
 * Reads an unsigned integer of at most 63 bits.
 */
bool
pm_literal_count(PmLiteral *literal, int64 *result)
{
	const char *start = literal->cursor;
	int64		value = 0;

	for (; *literal->cursor >= '0' && *literal->cursor <= '9'; literal->cursor++)
	{
		if (__builtin_mul_overflow(value, INT64CONST(10), &value) ||
			__builtin_add_overflow(value, (int64) (*literal->cursor - '0'), &value))
			return false;
	}
	*result = value;
	return literal->cursor > start;
}

/*
 * Reads a decimal number: digits, perhaps with a sign and a point.  Nothing
 * else that numeric would take, so that the call cannot fail.
 */
bool
pm_literal_numeric(PmLiteral *literal, Numeric *result)
{
	const char *start = literal->cursor;
	const char *end = start;
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

	digits = pnstrdup(start, end - start);
	*result = DatumGetNumeric(DirectFunctionCall3(numeric_in,
												  CStringGetDatum(digits),
												  ObjectIdGetDatum(InvalidOid),
												  Int32GetDatum(-1)));
	pfree(digits);
	literal->cursor = end;
	return true;
}

/*
 * The binary form of a state: a version, then its text.
 */
Datum
pm_literal_send(const char *text)
{
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbyte(&message, BINARY_VERSION);
	pq_sendtext(&message, text, strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * The text in the binary form of a state.
 */
const char *
pm_literal_receive(StringInfo message, const char *type)
{
	int			version = pq_getmsgbyte(message);
	int			length = message->len - message->cursor;
	char	   *text;

	if (version != BINARY_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("version %d of external \"%s\" value is not supported", version, type),
				 errhint("This version of the extension reads version %d.", BINARY_VERSION)));
	text = pnstrdup(pq_getmsgbytes(message, length), length);
	if (strlen(text) != length)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", type),
				 errdetail("It contains a null byte.")));
	return text;
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
