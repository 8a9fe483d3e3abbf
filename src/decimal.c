/*
 * decimal.c
 *		Numerics to exact integers and back; with its header the only file
 *		that knows how a numeric is laid out.
 */
#include "postgres.h"

#include "compat.h"

#include "decimal.h"

#define NUMERIC_EXT_SIGN_MASK	0xF000
#define NUMERIC_NAN				0xC000
#define NUMERIC_INFINITE_SIGN	0x2000
#define NUMERIC_DSCALE_MAX		0x3FFF
#define NUMERIC_WEIGHT_MAX		PG_INT16_MAX

/* Base-10000 digits of the largest int128. */
#define MAX_BASE_DIGITS			11

StaticAssertDecl(PM_CARRY_SCALE > PM_OUTPUT_SCALE, "rounding must be left to the output");

const int64 pm_small_powers[] = {
	INT64CONST(1), INT64CONST(10), INT64CONST(100), INT64CONST(1000),
	INT64CONST(10000), INT64CONST(100000), INT64CONST(1000000),
	INT64CONST(10000000), INT64CONST(100000000), INT64CONST(1000000000),
	INT64CONST(10000000000), INT64CONST(100000000000),
	INT64CONST(1000000000000), INT64CONST(10000000000000),
	INT64CONST(100000000000000), INT64CONST(1000000000000000),
	INT64CONST(10000000000000000), INT64CONST(100000000000000000),
	INT64CONST(1000000000000000000)
};

StaticAssertDecl(lengthof(pm_small_powers) == PM_MAX_SMALL_POWER + 1, "powers are missing");

/*
 * Refuses a NaN or an infinity, naming the argument at fault; the hint may be
 * NULL.
 */
void
pm_refuse_special(Numeric num, const char *what, const char *hint)
{
	uint16		header = pm_numeric_word(VARDATA_ANY(num), 0);

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s must be a finite number, not %s", what,
					(header & NUMERIC_EXT_SIGN_MASK) == NUMERIC_NAN ? "NaN" :
					(header & NUMERIC_INFINITE_SIGN) ? "-Infinity" : "Infinity"),
			 hint != NULL ? errhint("%s", hint) : 0));
}

/*
 * Refuses NaN and the infinities for something that may be unknown.
 */
void
pm_require_finite(Numeric num, const char *what)
{
	if (pm_is_special(num))
		pm_refuse_special(num, what, "Use NULL for a value that is not known.");
}

/*
 * Reads digits exactly.  False where they need more than 128 bits or a scale
 * beyond PM_MAX_POWER; *result is then undefined.
 *
 * The scale is the least multiple of four that holds every digit.
 */
bool
pm_decimal_from_digits(const PmDigits *d, PmDecimal *result)
{
	/* as many digits as 64 bits hold whatever they are */
	const int	narrow = 4;
	uint64		head = 0;
	int128		value;
	int			tail = d->weight - (d->ndigits - 1);	/* power of the last digit */
	int			i = 0;

	if (d->ndigits <= 0)
	{
		result->value = 0;
		result->scale = 0;
		return true;
	}
	if (d->ndigits + Max(tail, 0) > MAX_BASE_DIGITS ||
		tail * PM_BASE_DIGITS < -PM_MAX_POWER)
		return false;

	for (; i < d->ndigits && i < narrow; i++)
		head = head * PM_BASE + pm_digit(d, i);
	value = head;
	for (; i < d->ndigits; i++)
	{
		if (__builtin_mul_overflow(value, (int128) PM_BASE, &value) ||
			__builtin_add_overflow(value, (int128) pm_digit(d, i), &value))
			return false;
	}
	result->scale = tail < 0 ? -tail * PM_BASE_DIGITS : 0;
	for (; tail > 0; tail--)
	{
		if (__builtin_mul_overflow(value, (int128) PM_BASE, &value))
			return false;
	}
	result->value = d->negative ? -value : value;
	return true;
}

/*
 * Reads a finite numeric exactly; as above.
 */
bool
pm_decimal_from_numeric(Numeric num, PmDecimal *result)
{
	PmDigits	d;

	pm_digits_from_numeric(num, &d);
	return pm_decimal_from_digits(&d, result);
}

/*
 * Brings a decimal to another scale without changing the number.  False where
 * it does not fit or digits would be lost; *d is then unchanged.
 */
bool
pm_decimal_rescale(PmDecimal *d, int scale)
{
	int			shift = scale - d->scale;
	int128		value;

	if (shift == 0)
		return true;
	if (shift > PM_MAX_POWER || shift < -PM_MAX_POWER)
		return false;
	if (shift > 0)
	{
		if (__builtin_mul_overflow(d->value, pm_power_of_ten(shift), &value))
			return false;
	}
	else
	{
		int128		unit = pm_power_of_ten(-shift);

		value = d->value / unit;
		if (value * unit != d->value)
			return false;
	}
	d->value = value;
	d->scale = scale;
	return true;
}

/*
 * The numeric times 10^scale, where that is an integer of 128 bits.
 */
bool
pm_scaled_from_numeric(Numeric num, int scale, int128 *result)
{
	PmDecimal	d;

	if (!pm_decimal_from_numeric(num, &d) || !pm_decimal_rescale(&d, scale))
		return false;
	*result = d.value;
	return true;
}

/*
 * Quotient rounded to the nearest integer, halves away from zero, as
 * PostgreSQL's round(numeric) does.  The divisor must not be 0.
 */
int128
pm_divide_rounded(int128 dividend, int128 divisor)
{
	int128		quotient;
	int128		remainder;
	uint128		magnitude;
	uint128		limit;

	Assert(divisor != 0);

	quotient = dividend / divisor;
	remainder = dividend - quotient * divisor;
	magnitude = remainder < 0 ? -(uint128) remainder : (uint128) remainder;
	limit = divisor < 0 ? -(uint128) divisor : (uint128) divisor;

	/* the remainder is less than the divisor, so this cannot wrap */
	if (magnitude >= limit - magnitude)
		quotient += ((dividend < 0) == (divisor < 0)) ? 1 : -1;
	return quotient;
}

/*
 * The digits as a numeric that displays dscale places, which must be enough
 * to show them all.  22003 where the number is beyond the type's range.
 */
Numeric
pm_numeric_from_digits(const PmDigits *d, int dscale)
{
	int			first = 0;
	int			last = d->ndigits;
	int			ndigits;
	int			weight;
	bool		negative;
	bool		is_short;
	uint16		header[2];
	Size		header_size;
	Size		size;
	Numeric		result;

	Assert(dscale >= 0 && dscale <= NUMERIC_DSCALE_MAX);

	while (first < last && pm_digit(d, first) == 0)
		first++;
	while (last > first && pm_digit(d, last - 1) == 0)
		last--;
	ndigits = last - first;
	weight = ndigits > 0 ? d->weight - first : 0;
	negative = ndigits > 0 && d->negative;

	Assert(ndigits - weight - 1 <= (dscale + PM_BASE_DIGITS - 1) / PM_BASE_DIGITS);

	if (weight > NUMERIC_WEIGHT_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value overflows numeric format")));

	is_short = dscale <= PM_NUMERIC_SHORT_DSCALE_MAX &&
		weight <= PM_NUMERIC_SHORT_WEIGHT_MASK &&
		weight >= ~PM_NUMERIC_SHORT_WEIGHT_MASK;
	if (is_short)
		header[0] = PM_NUMERIC_SHORT
			| (negative ? PM_NUMERIC_SHORT_NEGATIVE : 0)
			| (dscale << PM_NUMERIC_SHORT_DSCALE_SHIFT)
			| (weight < 0 ? PM_NUMERIC_SHORT_WEIGHT_SIGN : 0)
			| (weight & PM_NUMERIC_SHORT_WEIGHT_MASK);
	else
		header[0] = (negative ? PM_NUMERIC_NEGATIVE : 0) | dscale;
	header[1] = (uint16) weight;
	header_size = (is_short ? 1 : 2) * PM_NUMERIC_WORD;

	size = VARHDRSZ + header_size + ndigits * PM_NUMERIC_WORD;
	result = (Numeric) palloc(size);
	SET_VARSIZE(result, size);
	memcpy(VARDATA(result), header, header_size);
	memcpy(VARDATA(result) + header_size, d->digits + first * PM_NUMERIC_WORD,
		   ndigits * PM_NUMERIC_WORD);
	return result;
}

/*
 * An integer of one digit, which most scores are.
 */
static Numeric
numeric_of_one_digit(int value)
{
	int			ndigits = (value != 0);
	Size		size = VARHDRSZ + (1 + ndigits) * PM_NUMERIC_WORD;
	Numeric		result = (Numeric) palloc(VARHDRSZ + 2 * PM_NUMERIC_WORD);
	uint16	   *words = (uint16 *) VARDATA(result);

	SET_VARSIZE(result, size);
	words[0] = PM_NUMERIC_SHORT | (value < 0 ? PM_NUMERIC_SHORT_NEGATIVE : 0);
	words[1] = (uint16) abs(value);
	return result;
}

/*
 * value / 10^scale as a numeric that displays dscale places.  The value is
 * rounded half away from zero where dscale is less than scale.
 */
Numeric
pm_decimal_to_numeric(int128 value, int scale, int dscale)
{
	uint16		buffer[MAX_BASE_DIGITS + 2];
	int			first = lengthof(buffer);
	int			fraction;		/* base-10000 digits right of the point */
	int			pad;
	uint128		rest;
	uint64		low_rest;
	PmDigits	d;

	Assert(scale >= 0 && scale <= PM_MAX_POWER);
	Assert(dscale >= 0);

	if (scale + dscale == 0 && value > -PM_BASE && value < PM_BASE)
		return numeric_of_one_digit((int) value);

	if (dscale < scale)
	{
		value = pm_divide_rounded(value, pm_power_of_ten(scale - dscale));
		scale = dscale;
	}
	d.negative = value < 0;
	rest = value < 0 ? -(uint128) value : (uint128) value;

	/*
	 * Align the decimal point with a digit boundary: the lowest digit takes
	 * only as many decimal places as are over.
	 */
	fraction = (scale + PM_BASE_DIGITS - 1) / PM_BASE_DIGITS;
	pad = fraction * PM_BASE_DIGITS - scale;
	if (pad > 0)
	{
		int			unit = (int) pm_power_of_ten(pad);
		int			low = PM_BASE / unit;

		buffer[--first] = (uint16) ((int) (rest % low) * unit);
		rest /= low;
	}
	while (rest > PG_UINT64_MAX)
	{
		buffer[--first] = (uint16) (rest % PM_BASE);
		rest /= PM_BASE;
	}
	for (low_rest = (uint64) rest; low_rest > 0; low_rest /= PM_BASE)
		buffer[--first] = (uint16) (low_rest % PM_BASE);

	d.digits = (const char *) (buffer + first);
	d.ndigits = lengthof(buffer) - first;
	d.weight = d.ndigits - fraction - 1;
	return pm_numeric_from_digits(&d, dscale);
}
