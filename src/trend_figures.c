/*
 * trend_figures.c
 *		What the points of a trend say: slopes, the next value, the falls at
 *		the end, and whether that is a decline.
 *
 * Everything is an exact ratio of integers until it is rounded once.  Where
 * a sum or product does not fit into 128 bits, the same is done in numerics.
 */
#include "postgres.h"

#include "compat.h"

#include "miscadmin.h"
#include "utils/numeric.h"

#include "agg_state.h"
#include "decimal.h"
#include "theil_sen.h"
#include "trend_figures.h"
#include "wide.h"

/* A decline: a slope down to the limit, or so many falls in a row of so many points. */
#define DECLINE_MIN_POINTS	4
#define DECLINE_MIN_FALLS	3
#define DECLINE_MIN_LOSS	10

/*
 * Numerics beside the integers, for a sum that did not fit.
 */
static void
widen_points(PmTrendSeries *trend)
{
	PmSeries   *series = &trend->series;

	series->wide_at = palloc(series->n * sizeof(Numeric));
	series->wide_value = palloc(series->n * sizeof(Numeric));
	for (int i = 0; i < series->n; i++)
	{
		series->wide_at[i] = pm_decimal_to_numeric(series->points[i].at,
												   trend->at_scale, trend->at_scale);
		series->wide_value[i] = pm_decimal_to_numeric(series->points[i].value + trend->least_value,
													  trend->value_scale, trend->value_scale);
	}
}

/* Exact arithmetic of 128 bits; false where the result does not fit. */
static inline bool
add(int128 a, int128 b, int128 *result)
{
	return !__builtin_add_overflow(a, b, result);
}

static inline bool
subtract(int128 a, int128 b, int128 *result)
{
	return !__builtin_sub_overflow(a, b, result);
}

static inline bool
multiply(int128 a, int128 b, int128 *result)
{
	return !__builtin_mul_overflow(a, b, result);
}

/* Sums over points. */
typedef struct PointSums
{
	int128		at;
	int128		value;
	int128		at_at;
	int128		at_value;
	int128		value_value;
} PointSums;

/*
 * False where a sum does not fit.
 */
static bool
sum_points(const PmSeries *series, PointSums *sums)
{
	memset(sums, 0, sizeof(*sums));
	for (int i = 0; i < series->n; i++)
	{
		int128		at = series->points[i].at;
		int128		value = series->points[i].value;
		int128		product;

		if (!add(sums->at, at, &sums->at) ||
			!add(sums->value, value, &sums->value) ||
			!multiply(at, at, &product) ||
			!add(sums->at_at, product, &sums->at_at) ||
			!multiply(at, value, &product) ||
			!add(sums->at_value, product, &sums->at_value) ||
			!multiply(value, value, &product) ||
			!add(sums->value_value, product, &sums->value_value))
			return false;
	}
	return true;
}

/*
 * Is the slope rise / run, in units of the scales, at most minus the limit?
 * False where that does not fit.
 */
static bool
test_slope(const PmTrendSeries *trend, int128 rise, int128 run, Numeric limit, bool *is_steep)
{
	PmDecimal	l;
	int			shift;
	int128		fall = -rise;
	int128		least;

	if (!pm_decimal_from_numeric(limit, &l) || !multiply(l.value, run, &least))
		return false;
	shift = trend->at_scale + l.scale - trend->value_scale;
	if (shift < -PM_MAX_POWER || shift > PM_MAX_POWER ||
		!multiply(fall, pm_power_of_ten(Max(shift, 0)), &fall) ||
		!multiply(least, pm_power_of_ten(Max(-shift, 0)), &least))
		return false;
	*is_steep = fall >= least;
	return true;
}

/*
 * Is the last value less than the mean m of the k earlier ones by more than
 * half their sample deviation s, of which 2 points are assumed at least?
 * False where that does not fit.
 *
 * With d = k (m - last): d > k points, and 4 (k - 1) d^2 > k^2 (k - 1) s^2,
 * which is k (k sum(y^2) - sum(y)^2).
 */
static bool
test_last(const PmTrendSeries *trend, int128 sum, int128 squares, bool *is_low)
{
	int			k = trend->series.n - 1;
	int128		last = trend->series.points[k].value;
	int128		distance;
	int128		least;
	int128		spread;
	int128		square;

	if (!multiply(k, last, &distance) ||
		!subtract(sum - last, distance, &distance) ||
		!multiply(k, pm_power_of_ten(trend->value_scale), &least))
		return false;
	*is_low = distance > least;
	if (!*is_low)
		return true;

	if (!multiply(distance, distance, &distance) ||
		!multiply(distance, 4 * (k - 1), &distance) ||
		!multiply(last, last, &square) ||
		!multiply(squares - square, k, &spread) ||
		!multiply(sum - last, sum - last, &square) ||
		!multiply(spread - square, k, &spread))
		return false;
	*is_low = distance > spread;
	return true;
}

/*
 * Fits the line by least squares, extends it by the mean distance of points,
 * and looks at the end of the series, all in integers.  False where something
 * does not fit.
 */
static bool
examine_points(const PmTrendSeries *trend, Numeric limit, PmTrendFigures *figures)
{
	const PmPoint *points = trend->series.points;
	int			n = trend->series.n;
	PointSums	sums;
	int128		rise;
	int128		run;
	int128		reach;
	int128		dividend;
	int128		divisor;
	int128		product;
	int128		ten_points;
	int			i;
	bool		is_steep;
	bool		is_low = false;

	/* slope = rise / run */
	if (!sum_points(&trend->series, &sums) ||
		!multiply(sums.at_value, n, &rise) || !multiply(sums.at, sums.value, &product) ||
		!subtract(rise, product, &rise) ||
		!multiply(sums.at_at, n, &run) || !multiply(sums.at, sums.at, &product) ||
		!subtract(run, product, &run))
		return false;
	figures->slope = pm_ratio_to_numeric(rise, run, trend->at_scale - trend->value_scale);

	/*
	 * The first place is 0, so the next one is last n / (n - 1).  From the
	 * mean place it is reach / (n (n - 1)), where the line has risen from
	 * the mean value by rise / run times as much.
	 */
	if (!multiply(points[n - 1].at, (int128) n * n, &reach) ||
		!multiply(sums.at, n - 1, &product) || !subtract(reach, product, &reach) ||
		!multiply(reach, rise, &dividend) ||
		!multiply(run, n - 1, &divisor) || !multiply(sums.value, divisor, &product) ||
		!add(dividend, product, &dividend) ||
		!multiply(divisor, n, &divisor) || !multiply(trend->least_value, divisor, &product) ||
		!add(dividend, product, &dividend))
		return false;
	figures->next_value = pm_ratio_to_numeric(dividend, divisor, -trend->value_scale);

	for (i = n - 1; i > 0 && points[i].value < points[i - 1].value; i--)
		continue;
	figures->falls = n - 1 - i;

	if (!test_slope(trend, rise, run, limit, &is_steep) ||
		(is_steep && !test_last(trend, sums.value, sums.value_value, &is_low)) ||
		!multiply(DECLINE_MIN_LOSS, pm_power_of_ten(trend->value_scale), &ten_points))
		return false;
	figures->is_declining =
		(n >= DECLINE_MIN_POINTS && is_steep && is_low) ||
		(figures->falls >= DECLINE_MIN_FALLS &&
		 points[i].value - points[n - 1].value >= ten_points);
	return true;
}

/*
 * The same in numerics.
 */
static void
examine_wide_points(const PmTrendSeries *trend, Numeric limit, PmTrendFigures *figures)
{
	Numeric    *at = trend->series.wide_at;
	Numeric    *value = trend->series.wide_value;
	int			n = trend->series.n;
	Numeric		count = pm_wide_from_integer(n);
	Numeric		earlier = pm_wide_from_integer(n - 1);
	Numeric		zero = pm_wide_from_integer(0);
	Numeric		sum_at = zero;
	Numeric		sum_value = zero;
	Numeric		sum_at_at = zero;
	Numeric		sum_at_value = zero;
	Numeric		sum_value_value = zero;
	Numeric		rise;
	Numeric		run;
	Numeric		reach;
	Numeric		divisor;
	Numeric		distance;
	Numeric		spread;
	Numeric		last = value[n - 1];
	int			i;
	bool		is_steep;
	bool		is_low;

	for (i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		sum_at = pm_wide_add(sum_at, at[i]);
		sum_value = pm_wide_add(sum_value, value[i]);
		sum_at_at = pm_wide_add(sum_at_at, pm_wide_multiply(at[i], at[i]));
		sum_at_value = pm_wide_add(sum_at_value, pm_wide_multiply(at[i], value[i]));
		sum_value_value = pm_wide_add(sum_value_value, pm_wide_multiply(value[i], value[i]));
	}

	rise = pm_wide_subtract(pm_wide_multiply(sum_at_value, count),
							pm_wide_multiply(sum_at, sum_value));
	run = pm_wide_subtract(pm_wide_multiply(sum_at_at, count), pm_wide_multiply(sum_at, sum_at));
	figures->slope = pm_wide_divide_rounded(rise, run, PM_OUTPUT_SCALE);

	/* the next place is (last n - first) / (n - 1) */
	reach = pm_wide_subtract(pm_wide_multiply(at[n - 1], count), at[0]);
	reach = pm_wide_subtract(pm_wide_multiply(reach, count), pm_wide_multiply(sum_at, earlier));
	divisor = pm_wide_multiply(run, earlier);
	reach = pm_wide_add(pm_wide_multiply(reach, rise), pm_wide_multiply(sum_value, divisor));
	figures->next_value = pm_wide_divide_rounded(reach, pm_wide_multiply(divisor, count),
												  PM_OUTPUT_SCALE);

	for (i = n - 1; i > 0 && pm_wide_compare(value[i], value[i - 1]) < 0; i--)
		continue;
	figures->falls = n - 1 - i;

	/* as in test_slope() and test_last() */
	is_steep = pm_wide_sign(pm_wide_add(rise, pm_wide_multiply(limit, run))) <= 0;
	sum_value = pm_wide_subtract(sum_value, last);
	sum_value_value = pm_wide_subtract(sum_value_value, pm_wide_multiply(last, last));
	distance = pm_wide_subtract(sum_value, pm_wide_multiply(last, earlier));
	is_low = pm_wide_compare(distance, earlier) > 0;
	distance = pm_wide_multiply(pm_wide_multiply(distance, distance),
								pm_wide_from_integer(4 * (n - 2)));
	spread = pm_wide_subtract(pm_wide_multiply(sum_value_value, earlier),
							  pm_wide_multiply(sum_value, sum_value));
	is_low = is_low && pm_wide_compare(distance, pm_wide_multiply(spread, earlier)) > 0;
	figures->is_declining =
		(n >= DECLINE_MIN_POINTS && is_steep && is_low) ||
		(figures->falls >= DECLINE_MIN_FALLS &&
		 pm_wide_compare(pm_wide_subtract(value[i], last),
						 pm_wide_from_integer(DECLINE_MIN_LOSS)) >= 0);
}

/*
 * The mean of two slopes in integers.  False where something does not fit.
 */
static bool
average_slopes(const PmTrendSeries *trend, PmSlope lower, PmSlope upper, Numeric *mean)
{
	const PmPoint *points = trend->series.points;
	int128		low_run = points[lower.to].at - points[lower.from].at;
	int128		low_rise = points[lower.to].value - points[lower.from].value;
	int128		high_run = points[upper.to].at - points[upper.from].at;
	int128		high_rise = points[upper.to].value - points[upper.from].value;
	int128		run;

	/* products of a run and a rise have room to spare; of two runs, perhaps not */
	if (!multiply(low_run, high_run, &run) || !multiply(run, 2, &run))
		return false;
	*mean = pm_ratio_to_numeric(low_rise * high_run + high_rise * low_run, run,
								trend->at_scale - trend->value_scale);
	return true;
}

/*
 * The same in numerics.
 */
static Numeric
average_wide_slopes(const PmSeries *series, PmSlope lower, PmSlope upper)
{
	const Numeric *at = series->wide_at;
	const Numeric *value = series->wide_value;
	Numeric		low_run = pm_wide_subtract(at[lower.to], at[lower.from]);
	Numeric		low_rise = pm_wide_subtract(value[lower.to], value[lower.from]);
	Numeric		high_run = pm_wide_subtract(at[upper.to], at[upper.from]);
	Numeric		high_rise = pm_wide_subtract(value[upper.to], value[upper.from]);

	return pm_wide_divide_rounded(pm_wide_add(pm_wide_multiply(low_rise, high_run),
											  pm_wide_multiply(high_rise, low_run)),
								  pm_wide_multiply(pm_wide_multiply(low_run, high_run),
												   pm_wide_from_integer(2)),
								  PM_OUTPUT_SCALE);
}

/*
 * All figures of a series of at least two points.
 */
void
pm_trend_figures(PmTrendSeries *trend, Numeric limit, PmTrendFigures *figures)
{
	const PmSeries *series = &trend->series;
	PmSlope		lower;
	PmSlope		upper;

	Assert(series->n >= 2);

	/* the median is the mean of the middle two, or of one with itself */
	pm_middle_slopes(series, &lower, &upper);
	if (series->points != NULL &&
		average_slopes(trend, lower, upper, &figures->theil_sen) &&
		examine_points(trend, limit, figures))
		return;

	if (series->wide_at == NULL)
		widen_points(trend);
	figures->theil_sen = average_wide_slopes(series, lower, upper);
	examine_wide_points(trend, limit, figures);
}
