/*
 * apportion.c
 *		Whole units by shares, by largest remainder, so that they total exactly.
 *
 * Each gets the integer part of total * share / sum of shares; the units left
 * over go to the largest remainders, of equal ones to the earlier.  Quotients
 * and remainders are integers or exact numerics, so nothing depends on how a
 * fraction was rounded.
 */
#include "postgres.h"

#include "compat.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "decimal.h"

/* More than any list of quotas or weights has; bounds the memory taken. */
#define MAX_SHARES		1000000

/* Somebody waiting for one of the units left over. */
typedef struct Claim
{
	int			index;
	int128		remainder;
	Numeric		long_remainder;
} Claim;

/* ----------
 * Arguments
 * ----------
 */

static char *
numeric_text(Numeric num)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(num)));
}

/*
 * The elements of an array of shares; "what" names one of them in messages.
 */
static Numeric *
get_shares(ArrayType *array, const char *what, int *nshares)
{
	Datum	   *elements;
	bool	   *nulls;
	Numeric    *shares;
	bool		any = false;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("%ss must be a one-dimensional array", what),
				 errdetail("The array has %d dimensions.", ARR_NDIM(array)),
				 errhint("ARRAY(SELECT unnest(...)) makes one dimension of it.")));
	if (ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) > MAX_SHARES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("number of %ss exceeds the maximum of %d: %d", what, MAX_SHARES,
						ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array))),
				 errhint("Divide among groups first, then within each.")));

	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &elements, &nulls, nshares);
	shares = palloc(sizeof(Numeric) * Max(*nshares, 1));
	for (int i = 0; i < *nshares; i++)
	{
		PmDigits	d;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s %d must not be NULL", what, i + 1),
					 errhint("Use 0 for one that gets nothing.")));
		shares[i] = DatumGetNumeric(elements[i]);
		if (pm_is_special(shares[i]))
			pm_refuse_special(shares[i], psprintf("%s %d", what, i + 1),
							  "Use 0 for one that gets nothing.");
		pm_digits_from_numeric(shares[i], &d);
		if (d.negative)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s %d must not be negative: %s", what, i + 1,
							numeric_text(shares[i])),
					 errhint("Use 0 for one that gets nothing.")));
		any = any || d.ndigits > 0;
	}
	if (!any)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("at least one %s must be greater than 0", what),
				 errhint("Give every one the same %s to divide evenly.", what)));
	return shares;
}

/* ----------
 * In 128 bits
 * ----------
 */

static int
compare_claims(const void *a, const void *b, void *arg)
{
	const Claim *left = a;
	const Claim *right = b;

	if (left->remainder != right->remainder)
		return left->remainder > right->remainder ? -1 : 1;
	return left->index < right->index ? -1 : 1;
}

/*
 * The shares as integers with a common factor, and their sum.  False where
 * they do not fit.
 */
static bool
read_shares(Numeric *shares, int n, int128 *values, int128 *sum)
{
	PmDecimal	d;
	int			scale = 0;

	for (int i = 0; i < n; i++)
	{
		if (!pm_decimal_from_numeric(shares[i], &d))
			return false;
		scale = Max(scale, d.scale);
	}
	*sum = 0;
	for (int i = 0; i < n; i++)
	{
		if (!pm_scaled_from_numeric(shares[i], scale, &values[i]) ||
			__builtin_add_overflow(*sum, values[i], sum))
			return false;
	}
	return true;
}

/*
 * Divides total into parts.  False where 128 bits do not suffice.
 */
static bool
apportion_short(int128 total, Numeric *shares, int n, int128 *parts)
{
	Claim	   *claims = palloc(sizeof(Claim) * n);
	int128		left = total;
	int128		sum;

	if (!read_shares(shares, n, parts, &sum))
		return false;
	for (int i = 0; i < n; i++)
	{
		int128		product;

		CHECK_FOR_INTERRUPTS();
		if (__builtin_mul_overflow(total, parts[i], &product))
			return false;
		parts[i] = product / sum;
		left -= parts[i];
		claims[i].index = i;
		claims[i].remainder = product - parts[i] * sum;
	}
	if (left > 0)
		qsort_arg(claims, n, sizeof(Claim), compare_claims, NULL);
	for (int i = 0; i < left; i++)
		parts[claims[i].index]++;
	return true;
}

/* ----------
 * In numerics
 * ----------
 */

static Numeric
apply(PGFunction function, Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(function, NumericGetDatum(a), NumericGetDatum(b)));
}

static void
set(Numeric *variable, Numeric value)
{
	pfree(*variable);
	*variable = value;
}

static int
compare_long_claims(const void *a, const void *b, void *arg)
{
	const Claim *left = a;
	const Claim *right = b;
	int			order;

	CHECK_FOR_INTERRUPTS();
	order = DatumGetInt32(DirectFunctionCall2(numeric_cmp,
											  NumericGetDatum(right->long_remainder),
											  NumericGetDatum(left->long_remainder)));
	return order != 0 ? order : left->index < right->index ? -1 : 1;
}

/*
 * The same for any total and shares.  Sum, difference, product by an integer
 * and div() of numerics are exact.
 */
static void
apportion_long(Numeric total, Numeric *shares, int n, Numeric *parts)
{
	const Numeric one = int64_to_numeric(1);
	Claim	   *claims = palloc(sizeof(Claim) * n);
	Numeric		sum = int64_to_numeric(0);
	Numeric		left = apply(numeric_add, total, sum);
	int64		nleft;

	for (int i = 0; i < n; i++)
		set(&sum, apply(numeric_add, sum, shares[i]));
	for (int i = 0; i < n; i++)
	{
		Numeric		product = apply(numeric_mul, total, shares[i]);
		Numeric		whole;

		CHECK_FOR_INTERRUPTS();
		parts[i] = apply(numeric_div_trunc, product, sum);
		whole = apply(numeric_mul, parts[i], sum);
		claims[i].index = i;
		claims[i].long_remainder = apply(numeric_sub, product, whole);
		pfree(product);
		pfree(whole);
		set(&left, apply(numeric_sub, left, parts[i]));
	}
	nleft = DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(left)));
	Assert(nleft >= 0 && nleft < n);
	if (nleft > 0)
		qsort_arg(claims, n, sizeof(Claim), compare_long_claims, NULL);
	for (int i = 0; i < nleft; i++)
		parts[claims[i].index] = apply(numeric_add, parts[claims[i].index], one);
}

/* ----------
 * Functions
 * ----------
 */

/*
 * apportion(total bigint, shares numeric[]): bigint[] that sums to total.
 *
 * NULL argument: NULL.  22004 for a NULL share, 22023 for a negative total or
 * share and where no share is above 0, 22003 for NaN, 2202E for more than one
 * dimension, 54000 for too many shares.
 */
PG_FUNCTION_INFO_V1(pm_apportion);
Datum
pm_apportion(PG_FUNCTION_ARGS)
{
	int64		total = PG_GETARG_INT64(0);
	int			n;
	Numeric    *shares = get_shares(PG_GETARG_ARRAYTYPE_P(1), "share", &n);
	int128	   *parts = palloc(sizeof(int128) * n);
	Datum	   *result = palloc(sizeof(Datum) * n);

	if (total < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("total must not be negative: " INT64_FORMAT, total),
				 errhint("Give the number of units to divide.")));

	if (apportion_short(total, shares, n, parts))
	{
		for (int i = 0; i < n; i++)
			result[i] = Int64GetDatum((int64) parts[i]);
	}
	else
	{
		Numeric    *long_parts = palloc(sizeof(Numeric) * n);

		apportion_long(int64_to_numeric(total), shares, n, long_parts);
		for (int i = 0; i < n; i++)
			result[i] = DirectFunctionCall1(numeric_int8, NumericGetDatum(long_parts[i]));
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(result, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL,
										  TYPALIGN_DOUBLE));
}

/*
 * The total in units of 10^-scale, for the long path.
 */
static Numeric
total_units(Numeric total, int scale)
{
	Numeric		factor = pm_decimal_to_numeric(pm_power_of_ten(scale), 0, 0);
	Numeric		units = apply(numeric_mul, total, factor);
	Numeric		whole = apply(numeric_div_trunc, units, int64_to_numeric(1));

	if (DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(units),
										  NumericGetDatum(whole))) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("total %s has more than %d decimal places", numeric_text(total), scale),
				 errhint("Raise the scale or round the total.")));
	return whole;
}

/*
 * normalise_weights(weights numeric[], total numeric, scale integer): weights
 * in the same proportion that sum to total, each a multiple of 10^-scale.
 *
 * NULL argument: NULL.  Errors as above, and 22023 for a scale outside 0..18
 * or a total that is no multiple of 10^-scale.
 */
PG_FUNCTION_INFO_V1(pm_normalise_weights);
Datum
pm_normalise_weights(PG_FUNCTION_ARGS)
{
	int			n;
	Numeric    *weights = get_shares(PG_GETARG_ARRAYTYPE_P(0), "weight", &n);
	Numeric		total = PG_GETARG_NUMERIC(1);
	int			scale = PG_GETARG_INT32(2);
	int128	   *parts = palloc(sizeof(int128) * n);
	Datum	   *result = palloc(sizeof(Datum) * n);
	int128		units;
	PmDigits	d;

	if (pm_is_special(total))
		pm_refuse_special(total, "total", "Give what the weights are to sum to, such as 100.");
	pm_digits_from_numeric(total, &d);
	if (d.negative)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("total must not be negative: %s", numeric_text(total)),
				 errhint("Give what the weights are to sum to, such as 100.")));
	if (scale < 0 || scale > PM_CARRY_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scale must be between 0 and %d: %d", PM_CARRY_SCALE, scale),
				 errhint("Give the number of decimal places of the weights, such as 2.")));

	if (pm_scaled_from_numeric(total, scale, &units) &&
		apportion_short(units, weights, n, parts))
	{
		for (int i = 0; i < n; i++)
			result[i] = NumericGetDatum(pm_decimal_to_numeric(parts[i], scale, scale));
	}
	else
	{
		Numeric		unit = pm_decimal_to_numeric(1, scale, scale);
		Numeric    *long_parts = palloc(sizeof(Numeric) * n);

		apportion_long(total_units(total, scale), weights, n, long_parts);
		for (int i = 0; i < n; i++)
			result[i] = NumericGetDatum(apply(numeric_mul, long_parts[i], unit));
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(result, n, NUMERICOID, -1, false, TYPALIGN_INT));
}
