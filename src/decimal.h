/*
 * decimal.h
 *		Numerics as exact 128-bit integers with a decimal scale, and as digits.
 *
 * Scores decide pay, so the engine computes on integers: a numeric is read
 * straight from its digits into value / 10^scale, and everything that does
 * not fit is reported as such, so that the caller takes the slower numeric
 * path and never a wrong answer.
 *
 * Every function here takes a Numeric as it lies in a tuple: packed behind a
 * one-byte header, at any alignment.  PM_GETARG_NUMERIC fetches an argument
 * without unpacking it.
 */
#ifndef PM_DECIMAL_H
#define PM_DECIMAL_H

#include "fmgr.h"
#include "utils/numeric.h"

#include "compat.h"

#ifndef HAVE_INT128
#error "perf_mgmt requires a compiler with 128-bit integers"
#endif

/* Decimal places at which every score and progress is published. */
#define PM_OUTPUT_SCALE		6

/* Decimal places with which a rolled-up quotient is carried to its parent. */
#define PM_CARRY_SCALE		18

/* Largest power of ten that an int128 holds. */
#define PM_MAX_POWER		38

typedef struct PmDecimal
{
	int128		value;			/* the number times 10^scale */
	int			scale;			/* 0 .. PM_MAX_POWER */
} PmDecimal;

/*
 * A number of any length: the sum of digit[i] * PM_BASE^(weight - i).
 */
#define PM_BASE				10000
#define PM_BASE_DIGITS		4	/* decimal digits of one base-10000 digit */

typedef struct PmDigits
{
	const char *digits;			/* uint16 each, highest first, any alignment */
	int			ndigits;		/* 0 for zero */
	int			weight;			/* power of PM_BASE of the first digit */
	bool		negative;
} PmDigits;

/*
 * The layout of a numeric: base-10000 digits behind a header of one or two
 * words.  It has been part of the on-disk format since PostgreSQL 9.1 and
 * cannot change without a dump and restore, but the server keeps its
 * definition private.  Nothing outside this file and decimal.c uses it.
 */
#define PM_NUMERIC_FORM_MASK			0xC000
#define PM_NUMERIC_NEGATIVE				0x4000
#define PM_NUMERIC_SHORT				0x8000
#define PM_NUMERIC_SPECIAL				0xC000

#define PM_NUMERIC_SHORT_NEGATIVE		0x2000
#define PM_NUMERIC_SHORT_DSCALE_SHIFT	7
#define PM_NUMERIC_SHORT_DSCALE_MAX		0x003F
#define PM_NUMERIC_SHORT_WEIGHT_SIGN	0x0040
#define PM_NUMERIC_SHORT_WEIGHT_MASK	0x003F

#define PM_NUMERIC_WORD					((int) sizeof(uint16))

/* A numeric argument, detoasted where it must be and packed where it can be. */
#define PM_GETARG_NUMERIC(n)	pm_numeric_packed(PG_GETARG_DATUM(n))

static inline Numeric
pm_numeric_packed(Datum datum)
{
	struct varlena *num = (struct varlena *) DatumGetPointer(datum);

	if (unlikely(VARATT_IS_EXTERNAL(num) || VARATT_IS_COMPRESSED(num)))
		num = pg_detoast_datum_packed(num);
	return (Numeric) num;
}

static inline uint16
pm_numeric_word(const char *data, int i)
{
	uint16		word;

	memcpy(&word, data + i * PM_NUMERIC_WORD, PM_NUMERIC_WORD);
	return word;
}

/*
 * Whether the numeric is NaN or an infinity.
 */
static inline bool
pm_is_special(Numeric num)
{
	return (pm_numeric_word(VARDATA_ANY(num), 0) & PM_NUMERIC_FORM_MASK) == PM_NUMERIC_SPECIAL;
}

static inline int
pm_digit(const PmDigits *d, int i)
{
	return pm_numeric_word(d->digits, i);
}

/*
 * Finds the digits of a finite numeric, in place.
 */
static inline void
pm_digits_from_numeric(Numeric num, PmDigits *d)
{
	const char *data = VARDATA_ANY(num);
	int			words = (int) VARSIZE_ANY_EXHDR(num) / PM_NUMERIC_WORD;
	uint16		header = pm_numeric_word(data, 0);

	if (likely((header & PM_NUMERIC_FORM_MASK) == PM_NUMERIC_SHORT))
	{
		d->digits = data + PM_NUMERIC_WORD;
		d->ndigits = words - 1;
		d->weight = header & PM_NUMERIC_SHORT_WEIGHT_MASK;
		if (header & PM_NUMERIC_SHORT_WEIGHT_SIGN)
			d->weight |= ~PM_NUMERIC_SHORT_WEIGHT_MASK;
		d->negative = (header & PM_NUMERIC_SHORT_NEGATIVE) != 0;
	}
	else
	{
		Assert((header & PM_NUMERIC_FORM_MASK) != PM_NUMERIC_SPECIAL);
		d->digits = data + 2 * PM_NUMERIC_WORD;
		d->ndigits = words - 2;
		d->weight = (int16) pm_numeric_word(data, 1);
		d->negative = (header & PM_NUMERIC_FORM_MASK) == PM_NUMERIC_NEGATIVE;
	}
}

/*
 * Whether a finite numeric is 0.
 */
static inline bool
pm_is_zero(Numeric num)
{
	PmDigits	d;

	pm_digits_from_numeric(num, &d);
	return d.ndigits <= 0;
}

/* 10^0 to 10^PM_MAX_SMALL_POWER, the powers that 64 bits hold. */
#define PM_MAX_SMALL_POWER		18

extern const int64 pm_small_powers[];

/*
 * 10^power, for 0 <= power <= PM_MAX_POWER.
 */
static inline int128
pm_power_of_ten(int power)
{
	int128		result = 1;

	Assert(power >= 0 && power <= PM_MAX_POWER);

	while (unlikely(power > PM_MAX_SMALL_POWER))
	{
		result *= pm_small_powers[PM_MAX_SMALL_POWER];
		power -= PM_MAX_SMALL_POWER;
	}
	return result * pm_small_powers[power];
}

/* in decimal.c */
extern void pm_refuse_special(Numeric num, const char *what, const char *hint);
extern void pm_require_finite(Numeric num, const char *what);
extern bool pm_decimal_from_digits(const PmDigits *d, PmDecimal *result);
extern bool pm_decimal_from_numeric(Numeric num, PmDecimal *result);
extern bool pm_decimal_rescale(PmDecimal *d, int scale);
extern bool pm_scaled_from_numeric(Numeric num, int scale, int128 *result);
extern Numeric pm_decimal_to_numeric(int128 value, int scale, int dscale);
extern Numeric pm_numeric_from_digits(const PmDigits *d, int dscale);
extern int128 pm_divide_rounded(int128 dividend, int128 divisor);

#endif							/* PM_DECIMAL_H */
