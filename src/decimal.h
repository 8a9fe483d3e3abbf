/*
 * decimal.h
 *		Numerics as exact 128-bit integers with a decimal scale.
 *
 * Scores decide pay, so the engine computes on integers: a numeric is read
 * straight from its digits into value / 10^scale, and everything that does
 * not fit is reported as such, so that the caller takes the slower numeric
 * path and never a wrong answer.
 */
#ifndef PM_DECIMAL_H
#define PM_DECIMAL_H

#include "utils/numeric.h"

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

/* in decimal.c */
extern int128 pm_power_of_ten(int power);
extern void pm_require_finite(Numeric num, const char *what);
extern bool pm_decimal_from_numeric(Numeric num, PmDecimal *result);
extern bool pm_decimal_rescale(PmDecimal *d, int scale);
extern bool pm_scaled_from_numeric(Numeric num, int scale, int128 *result);
extern Numeric pm_decimal_to_numeric(int128 value, int scale, int dscale);
extern int128 pm_divide_rounded(int128 dividend, int128 divisor);

#endif							/* PM_DECIMAL_H */
