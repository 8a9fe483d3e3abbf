/*
 * wide.c
 *		Arithmetic on numerics, by numeric's own functions.
 */
#include "postgres.h"

#include "compat.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "decimal.h"
#include "wide.h"

Numeric
pm_wide_from_integer(int128 value)
{
	return pm_decimal_to_numeric(value, 0, 0);
}

Numeric
pm_wide_power_of_ten(int power)
{
	Numeric		result = pm_wide_from_integer(pm_power_of_ten(power % PM_MAX_POWER));

	for (; power >= PM_MAX_POWER; power -= PM_MAX_POWER)
		result = pm_wide_multiply(result, pm_wide_from_integer(pm_power_of_ten(PM_MAX_POWER)));
	return result;
}

Numeric
pm_wide_add(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_add,
											   NumericGetDatum(a), NumericGetDatum(b)));
}

Numeric
pm_wide_subtract(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_sub,
											   NumericGetDatum(a), NumericGetDatum(b)));
}

Numeric
pm_wide_multiply(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_mul,
											   NumericGetDatum(a), NumericGetDatum(b)));
}

Numeric
pm_wide_negate(Numeric a)
{
	return DatumGetNumeric(DirectFunctionCall1(numeric_uminus, NumericGetDatum(a)));
}

Numeric
pm_wide_absolute(Numeric a)
{
	return DatumGetNumeric(DirectFunctionCall1(numeric_abs, NumericGetDatum(a)));
}

/*
 * Rounded half away from zero; places may be negative.
 */
Numeric
pm_wide_round(Numeric a, int places)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_round,
											   NumericGetDatum(a), Int32GetDatum(places)));
}

Numeric
pm_wide_truncate(Numeric a)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_trunc,
											   NumericGetDatum(a), Int32GetDatum(0)));
}

/*
 * a / b as SQL gives it: rounded, at a scale that numeric chooses.
 */
Numeric
pm_wide_divide(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_div,
											   NumericGetDatum(a), NumericGetDatum(b)));
}

/*
 * The integer part of a / b.  Unlike the quotient of two numerics, it is exact.
 */
Numeric
pm_wide_divide_truncated(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_div_trunc,
											   NumericGetDatum(a), NumericGetDatum(b)));
}

/*
 * a / b at so many places, rounded once and half away from zero, as
 * floor((2 |a| 10^places + |b|) / (2 |b|)) with the sign put back.
 */
Numeric
pm_wide_divide_rounded(Numeric a, Numeric b, int places)
{
	Numeric		two = pm_wide_from_integer(2);
	Numeric		divisor = pm_wide_absolute(b);
	Numeric		dividend = pm_wide_multiply(pm_wide_absolute(a), pm_wide_power_of_ten(places));
	Numeric		quotient;

	dividend = pm_wide_add(pm_wide_multiply(two, dividend), divisor);
	quotient = pm_wide_divide_truncated(dividend, pm_wide_multiply(two, divisor));
	return pm_wide_multiply(quotient,
							pm_decimal_to_numeric(pm_wide_sign(a) * pm_wide_sign(b) < 0 ? -1 : 1,
												  places, places));
}

int
pm_wide_compare(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp,
											 NumericGetDatum(a), NumericGetDatum(b)));
}

int
pm_wide_sign(Numeric a)
{
	return pm_wide_compare(a, pm_wide_from_integer(0));
}

/*
 * Places behind the point that a really needs.
 */
int
pm_wide_scale(Numeric a)
{
	return DatumGetInt32(DirectFunctionCall1(numeric_min_scale, NumericGetDatum(a)));
}
