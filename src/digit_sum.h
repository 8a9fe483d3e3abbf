/*
 * digit_sum.h
 *		Exact sums of products of numbers of any length.
 *
 * A sum is kept as columns, one for each power of PM_BASE, as on paper; a
 * row adds the products of its digits into them and carries are left for
 * later.  So adding allocates nothing, loses nothing, and gives the same
 * sum in every order; taking a row out again is as exact.
 */
#ifndef PM_DIGIT_SUM_H
#define PM_DIGIT_SUM_H

#include "lib/stringinfo.h"

#include "decimal.h"

/*
 * Powers of PM_BASE that a sum may reach: the product of the largest
 * numerics, 2^63 times, and the product of the smallest.
 */
#define PM_MAX_COLUMN			65540
#define PM_MIN_COLUMN			(-8192)

/* More text than three such numbers take is no sum. */
#define PM_MAX_SUM_TEXT			1000000

/* Columns PM_BASE^top down to PM_BASE^(top - count + 1), highest first. */
typedef struct PmWindow
{
	int32		top;
	int32		count;
} PmWindow;

/*
 * Whether no digit is beyond the columns that a sum may have.
 */
static inline bool
pm_in_columns(const PmDigits *d)
{
	return d->weight <= PM_MAX_COLUMN && d->weight >= PM_MIN_COLUMN &&
		d->ndigits <= d->weight - PM_MIN_COLUMN + 1;
}

/*
 * Where PM_BASE^power stands in the window.
 */
static inline int
pm_column_of(PmWindow window, int power)
{
	return window.top - power;
}

/*
 * Whether ndigits digits from column first downwards lie in the window.
 */
static inline bool
pm_window_holds(PmWindow window, int first, int ndigits)
{
	return first >= 0 && first + ndigits <= window.count;
}

/*
 * Adds digits, times factor, from column first downwards.
 */
static inline void
pm_add_digits(int64 *column, int first, const PmDigits *d, int64 factor)
{
	for (int i = 0; i < d->ndigits; i++)
		column[first + i] += factor * pm_digit(d, i);
}

/* in digit_sum.c */
extern PmWindow pm_window_union(PmWindow a, PmWindow b);
extern PmWindow pm_window_of(const PmDigits *d);
extern void pm_carry(const int64 *column, PmWindow window, PmDigits *result);
extern int	pm_compare_to_product(const PmDigits *a, const PmDigits *b, const PmDigits *c);
extern Numeric pm_quotient(const PmDigits *dividend, const PmDigits *divisor, int places);
extern void pm_append_digits(StringInfo buf, const PmDigits *d);
extern const char *pm_scan_digits(const char *text, PmDigits *result);

#endif							/* PM_DIGIT_SUM_H */
