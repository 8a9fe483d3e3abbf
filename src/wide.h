/*
 * wide.h
 *		Numerics for what does not fit into 128 bits.
 *
 * Sums, differences and products of numerics are exact; of the quotients
 * pm_wide_divide() is the one that SQL gives, with its many but finite places.
 * A result out of numeric's range raises 22003.
 */
#ifndef PM_WIDE_H
#define PM_WIDE_H

#include "utils/numeric.h"

#include "decimal.h"

/* in wide.c */
extern Numeric pm_wide_from_integer(int128 value);
extern Numeric pm_wide_power_of_ten(int power);
extern Numeric pm_wide_add(Numeric a, Numeric b);
extern Numeric pm_wide_subtract(Numeric a, Numeric b);
extern Numeric pm_wide_multiply(Numeric a, Numeric b);
extern Numeric pm_wide_negate(Numeric a);
extern Numeric pm_wide_absolute(Numeric a);
extern Numeric pm_wide_round(Numeric a, int places);
extern Numeric pm_wide_truncate(Numeric a);
extern Numeric pm_wide_divide(Numeric a, Numeric b);
extern Numeric pm_wide_divide_truncated(Numeric a, Numeric b);
extern Numeric pm_wide_divide_rounded(Numeric a, Numeric b, int places);
extern int	pm_wide_compare(Numeric a, Numeric b);
extern int	pm_wide_sign(Numeric a);
extern int	pm_wide_scale(Numeric a);

#endif							/* PM_WIDE_H */
