/*
 * decimal.c
 *		Numerics to exact integers and back; the only file that knows how a
 *		numeric is laid out.
 *
 * The layout (base-10000 digits behind a short or a long header) has been
 * part of the on-disk format since PostgreSQL 9.1 and cannot change without
 * a dump and restore, but the server keeps its definition private.
 */
#include "postgres.h"

#include "compat.h"

#include "decimal.h"

#define NBASE			10000
#define DEC_DIGITS		4

#define NUMERIC_SIGN_MASK		0xC000
#define NUMERIC_NEG				0x4000
#define NUMERIC_SHORT			0x8000
#define NUMERIC_SPECIAL			0xC000
#define NUMERIC_EXT_SIGN_MASK	0xF000
#define NUMERIC_NAN				0xC000

#define NUMERIC_SHORT_SIGN_MASK			0x2000
#define NUMERIC_SHORT_DSCALE_MASK		0x1F80
#define NUMERIC_SHORT_DSCALE_SHIFT		7
#define NUMERIC_SHORT_DSCALE_MAX		(NUMERIC_SHORT_DSCALE_MASK >> NUMERIC_SHORT_DSCALE_SHIFT)
#define NUMERIC_SHORT_WEIGHT_SIGN_MASK	0x0040
#define NUMERIC_SHORT_WEIGHT_MASK		0x003F

/* A header word, and in the long form a second word with the weight. */
#define NUMERIC_WORDS(num)		((const uint16 *) VARDATA_ANY(num))
#define NUMERIC_SHORT_HEADER	1
#define NUMERIC_LONG_HEADER		2

/* Base-10000 digits of the largest int128. */
#define MAX_NBASE_DIGITS		11

StaticAssertDecl(PM_CARRY_SCALE > PM_OUTPUT_SCALE, "rounding must be left to the output");

/*
 * 10^power, for 0 <= power <= PM_MAX_POWER.
 */
int128
pm_power_of_ten(int power)
{
	static const int64 small[] = {
		INT64CONST(1), INT64CONST(10), INT64CONST(100), INT64CONST(1000),
		INT64CONST(10000), INT64CONST(100000), INT64CONST(1000000),
		INT64CONST(10000000), INT64CONST(100000000), INT64CONST(1000000000),
		INT64CONST(10000000000), INT64CONST(100000000000),
		INT64CONST(1000000000000), INT64CONST(10000000000000),
		INT64CONST(100000000000000), INT64CONST(1000000000000000),
		INT64CONST(10000000000000000), INT64CONST(100000000000000000),
		INT64CONST(1000000000000000000)
	};
	const int	top = lengthof(small) - 1;
	int128		result = 1;

	Assert(power >= 0 && power <= PM_MAX_POWER);

	while (power > top)
	{
		result *= small[top];
		power -= top;
	}
	return result * small[power];
}

/*
 * Refuses NaN and the infinities, naming the argument at fault.
 */
void
pm_require_finite(Numeric num, const char *what)
{
	uint16		header = NUMERIC_WORDS(num)[0];

	if ((header & NUMERIC_SIGN_MASK) != NUMERIC_SPECIAL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s must be a finite number, not %s", what,
					(header & NUMERIC_EXT_SIGN_MASK) == NUMERIC_NAN ? "NaN" :
					(header & 0x2000) ? "-Infinity" : "Infinity"),
			 errhint("Use NULL for a value that is not known.")));
}

/*
 * Reads a finite numeric exactly.  False where it needs more than 128 bits or
 * a scale beyond PM_MAX_POWER; *result is then undefined.
 *
 * The scale is the least multiple of four that holds every stored digit.
 */
bool
pm_decimal_from_numeric(Numeric num, PmDecimal *result)
{
	const uint16 *words = NUMERIC_WORDS(num);
	uint16		header = words[0];
	const int16 *digits;
	int			ndigits;
	int			weight;
	bool		negative;
	int			tail;			/* digits missing right of the last stored one */
	int			scale;
	int			i;
	int128		value;

	Assert((header & NUMERIC_SIGN_MASK) != NUMERIC_SPECIAL);

	if (header & NUMERIC_SHORT)
	{
		digits = (const int16 *) (words + NUMERIC_SHORT_HEADER);
		ndigits = (VARSIZE_ANY_EXHDR(num) / sizeof(uint16)) - NUMERIC_SHORT_HEADER;
		weight = header & NUMERIC_SHORT_WEIGHT_MASK;
		if (header & NUMERIC_SHORT_WEIGHT_SIGN_MASK)
			weight |= ~NUMERIC_SHORT_WEIGHT_MASK;
		negative = (header & NUMERIC_SHORT_SIGN_MASK) != 0;
	}
	else
	{
		digits = (const int16 *) (words + NUMERIC_LONG_HEADER);
		ndigits = (VARSIZE_ANY_EXHDR(num) / sizeof(uint16)) - NUMERIC_LONG_HEADER;
		weight = (int16) words[1];
		negative = (header & NUMERIC_SIGN_MASK) == NUMERIC_NEG;
	}

	if (ndigits <= 0)
	{
		result->value = 0;
		result->scale = 0;
		return true;
	}

	tail = weight - (ndigits - 1);
	scale = tail < 0 ? -tail * DEC_DIGITS : 0;
	if (ndigits + Max(tail, 0) > MAX_NBASE_DIGITS || scale > PM_MAX_POWER)
		return false;

	/* 36 decimal digits always fit; only the last two steps can overflow. */
	value = 0;
	for (i = 0; i < ndigits; i++)
	{
		if (__builtin_mul_overflow(value, (int128) NBASE, &value) ||
			__builtin_add_overflow(value, (int128) digits[i], &value))
			return false;
	}
	for (; tail > 0; tail--)
	{
		if (__builtin_mul_overflow(value, (int128) NBASE, &value))
			return false;
	}

	result->value = negative ? -value : value;
	result->scale = scale;
	return true;
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
	int128		quotient = dividend / divisor;
	int128		remainder = dividend % divisor;
	uint128		magnitude = remainder < 0 ? -(uint128) remainder : (uint128) remainder;
	uint128		limit = divisor < 0 ? -(uint128) divisor : (uint128) divisor;

	Assert(divisor != 0);

	/* the remainder is less than the divisor, so this cannot wrap */
	if (magnitude >= limit - magnitude)
		quotient += ((dividend < 0) == (divisor < 0)) ? 1 : -1;
	return quotient;
}

/*
 * value / 10^scale as a numeric that displays dscale places.  The value is
 * rounded half away from zero where dscale is less than scale.
 */
Numeric
pm_decimal_to_numeric(int128 value, int scale, int dscale)
{
	uint16		digits[MAX_NBASE_DIGITS + 2];
	uint128		rest;
	bool		negative;
	int			fraction;		/* base-10000 digits right of the point */
	int			pad;
	int			first = lengthof(digits);
	int			last = lengthof(digits);
	int			weight;
	int			ndigits;
	Size		size;
	Numeric		result;
	uint16	   *words;

	Assert(scale >= 0 && scale <= PM_MAX_POWER);
	Assert(dscale >= 0 && dscale <= NUMERIC_SHORT_DSCALE_MAX);

	if (dscale < scale)
	{
		value = pm_divide_rounded(value, pm_power_of_ten(scale - dscale));
		scale = dscale;
	}
	negative = value < 0;
	rest = negative ? -(uint128) value : (uint128) value;

	/*
	 * Align the decimal point with a digit boundary: the lowest digit takes
	 * only as many decimal places as are over.
	 */
	fraction = (scale + DEC_DIGITS - 1) / DEC_DIGITS;
	pad = fraction * DEC_DIGITS - scale;
	if (pad > 0)
	{
		static const int unit[] = {1, 10, 100, 1000};
		int			low = NBASE / unit[pad];

		digits[--first] = (uint16) ((rest % low) * unit[pad]);
		rest /= low;
	}
	while (rest > 0)
	{
		digits[--first] = (uint16) (rest % NBASE);
		rest /= NBASE;
	}

	weight = (last - first) - fraction - 1;
	while (first < last && digits[first] == 0)
	{
		first++;
		weight--;
	}
	while (last > first && digits[last - 1] == 0)
		last--;
	ndigits = last - first;
	if (ndigits == 0)
	{
		weight = 0;
		negative = false;
	}

	/* the short header holds weights from -64 to 63, far more than we need */
	size = VARHDRSZ + (NUMERIC_SHORT_HEADER + ndigits) * sizeof(uint16);
	result = (Numeric) palloc(size);
	SET_VARSIZE(result, size);
	words = (uint16 *) VARDATA(result);
	words[0] = NUMERIC_SHORT
		| (negative ? NUMERIC_SHORT_SIGN_MASK : 0)
		| (dscale << NUMERIC_SHORT_DSCALE_SHIFT)
		| (weight < 0 ? NUMERIC_SHORT_WEIGHT_SIGN_MASK : 0)
		| (weight & NUMERIC_SHORT_WEIGHT_MASK);
	if (ndigits > 0)
		memcpy(words + NUMERIC_SHORT_HEADER, digits + first, ndigits * sizeof(uint16));
	return result;
}
