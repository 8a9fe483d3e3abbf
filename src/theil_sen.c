/*
 * theil_sen.c
 *		The median of the slopes between all pairs of points.
 *
 * n points have n (n - 1) / 2 slopes.  Few of them are listed and the middle
 * ones selected.  Many are never listed: the slopes still in question are
 * those between two bounds, and sorting the points by value - bound * at for
 * either bound turns exactly the pairs between the bounds around.  So the
 * inversions between the two orders can be counted in O(n log n), a pivot can be
 * drawn from them at random, and O(log n) pivots on average leave few enough to list.
 *
 * Only comparisons of slopes are made, and they are exact.
 */
#include "postgres.h"

#include "compat.h"

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "agg_state.h"
#include "theil_sen.h"
#include "wide.h"

/* So many slopes are rather listed than counted: those of 128 points. */
#define FEW_SLOPES		8128

/* The choice of pivots costs time at worst, so any constant does. */
#define PIVOT_SEED		20260105

StaticAssertDecl(PM_SERIES_MAX_POINTS <= PG_UINT16_MAX, "a point must be numbered by 16 bits");

/* An upper bound for slopes. */
typedef struct Bound
{
	bool		is_infinite;
	bool		is_inclusive;	/* slopes equal to it are below it */
	PmSlope		slope;
} Bound;

/* What to do with the inversions that sorting meets. */
typedef struct Harvest
{
	int64		wanted;			/* number of the one to pick, or -1 */
	PmSlope		picked;
	PmSlope    *list;			/* where to put all of them, or NULL */
} Harvest;

/*
 * Sign of a - b, in numerics.
 */
static int
compare_wide_slopes(const PmSeries *series, PmSlope a, PmSlope b)
{
	const Numeric *at = series->wide_at;
	const Numeric *value = series->wide_value;
	MemoryContext old = MemoryContextSwitchTo(series->scratch);
	int			result;

	result = pm_wide_compare(pm_wide_multiply(pm_wide_subtract(value[a.to], value[a.from]),
											  pm_wide_subtract(at[b.to], at[b.from])),
							 pm_wide_multiply(pm_wide_subtract(value[b.to], value[b.from]),
											  pm_wide_subtract(at[a.to], at[a.from])));
	MemoryContextSwitchTo(old);
	MemoryContextReset(series->scratch);
	return result;
}

/*
 * Sign of a - b.
 */
static inline int
compare_slopes(const PmSeries *series, PmSlope a, PmSlope b)
{
	const PmPoint *points = series->points;
	int128		left;
	int128		right;

	if (points == NULL)
		return compare_wide_slopes(series, a, b);
	left = (points[a.to].value - points[a.from].value) * (points[b.to].at - points[b.from].at);
	right = (points[b.to].value - points[b.from].value) * (points[a.to].at - points[a.from].at);
	return (left > right) - (left < right);
}

/*
 * Puts the slope of that rank (from 0) in its place, no greater ones before
 * it and no smaller ones behind.
 */
static void
select_rank(const PmSeries *series, PmSlope *slopes, int64 count, int64 rank, pg_prng_state *prng)
{
	int64		first = 0;
	int64		last = count - 1;

	while (first < last)
	{
		PmSlope		pivot = slopes[pg_prng_uint64_range(prng, first, last)];
		int64		less = first;
		int64		greater = last;
		int64		i = first;

		CHECK_FOR_INTERRUPTS();
		while (i <= greater)
		{
			PmSlope		slope = slopes[i];
			int			order = compare_slopes(series, slope, pivot);

			if (order < 0)
			{
				slopes[i++] = slopes[less];
				slopes[less++] = slope;
			}
			else if (order > 0)
			{
				slopes[i] = slopes[greater];
				slopes[greater--] = slope;
			}
			else
				i++;
		}
		if (rank < less)
			last = less - 1;
		else if (rank > greater)
			first = greater + 1;
		else
			return;
	}
}

/*
 * Does point u come before point v in the order that belongs to the bound?
 * The later of two points comes first if the slope between them is below it.
 */
static inline bool
precedes(const PmSeries *series, const Bound *bound, uint16 u, uint16 v)
{
	PmSlope		slope = {Min(u, v), Max(u, v)};
	bool		is_below;

	if (bound->is_infinite)
		is_below = true;
	else
	{
		int			order = compare_slopes(series, slope, bound->slope);

		is_below = order < 0 || (order == 0 && bound->is_inclusive);
	}
	return (u > v) == is_below;
}

/*
 * Sorts points from the order of a lower bound into that of another one and
 * returns the number of inversions, which is the number of slopes between
 * the bounds.  A merge sort from the bottom up; "spare" has room for all.
 */
static int64
sort_points(const PmSeries *series, const Bound *bound, uint16 *order, uint16 *spare,
			Harvest *harvest)
{
	int			n = series->n;
	int64		inversions = 0;
	int			width;

	for (width = 1; width < n; width *= 2)
	{
		int			start;

		for (start = 0; start < n; start += 2 * width)
		{
			int			middle = Min(start + width, n);
			int			end = Min(start + 2 * width, n);
			int			left = start;
			int			right = middle;
			int			to = start;

			CHECK_FOR_INTERRUPTS();
			while (left < middle && right < end)
			{
				int			passed = middle - left;

				if (!precedes(series, bound, order[right], order[left]))
				{
					spare[to++] = order[left++];
					continue;
				}
				/* it passes all that are left on the left */
				if (harvest->wanted >= inversions && harvest->wanted < inversions + passed)
				{
					harvest->picked.from = order[left + (harvest->wanted - inversions)];
					harvest->picked.to = order[right];
				}
				if (harvest->list != NULL)
				{
					for (int i = left; i < middle; i++)
					{
						PmSlope    *slope = &harvest->list[inversions + (i - left)];

						slope->from = order[i];
						slope->to = order[right];
					}
				}
				inversions += passed;
				spare[to++] = order[right++];
			}
			while (left < middle)
				spare[to++] = order[left++];
			while (right < end)
				spare[to++] = order[right++];
		}
		memcpy(order, spare, n * sizeof(uint16));
	}
	return inversions;
}

/*
 * The slope of that rank (from 0) among all, without listing all of them.
 */
static PmSlope
select_slope(const PmSeries *series, int64 rank, pg_prng_state *prng)
{
	int			n = series->n;
	Size		size = n * sizeof(uint16);
	uint16	   *low_order = palloc(size);	/* order of the lower bound */
	uint16	   *order = palloc(size);
	uint16	   *spare = palloc(size);
	Bound		high = {.is_infinite = true};
	int64		between = (int64) n * (n - 1) / 2;	/* slopes still in question */
	Harvest		rest = {.wanted = -1};
	PmSlope		result;

	for (int i = 0; i < n; i++)
		low_order[i] = (uint16) i;

	while (between > FEW_SLOPES)
	{
		Harvest		draw = {.wanted = pg_prng_uint64_range(prng, 0, between - 1)};
		Harvest		nothing = {.wanted = -1};
		Bound		pivot = {.is_infinite = false};
		int64		below;
		int64		not_above;

		memcpy(order, low_order, size);
		sort_points(series, &high, order, spare, &draw);
		pivot.slope = draw.picked;

		memcpy(order, low_order, size);
		below = sort_points(series, &pivot, order, spare, &nothing);
		if (rank < below)
		{
			high = pivot;
			between = below;
			continue;
		}

		pivot.is_inclusive = true;
		memcpy(order, low_order, size);
		not_above = sort_points(series, &pivot, order, spare, &nothing);
		if (rank < not_above)
			return pivot.slope;

		memcpy(low_order, order, size);
		rank -= not_above;
		between -= not_above;
	}

	rest.list = palloc(between * sizeof(PmSlope));
	sort_points(series, &high, low_order, spare, &rest);
	select_rank(series, rest.list, between, rank, prng);
	result = rest.list[rank];
	pfree(rest.list);
	return result;
}

/*
 * The two slopes in the middle, or twice the same one where their number is
 * odd.  There must be at least two points.
 */
void
pm_middle_slopes(const PmSeries *series, PmSlope *lower, PmSlope *upper)
{
	int			n = series->n;
	int64		count = (int64) n * (n - 1) / 2;
	int64		middle = count / 2;
	pg_prng_state prng;

	Assert(n >= 2 && n <= PM_SERIES_MAX_POINTS);

	pg_prng_seed(&prng, PIVOT_SEED);
	if (count > FEW_SLOPES)
	{
		*upper = select_slope(series, middle, &prng);
		*lower = count % 2 == 0 ? select_slope(series, middle - 1, &prng) : *upper;
	}
	else
	{
		PmSlope    *slopes = palloc(count * sizeof(PmSlope));
		int64		used = 0;

		for (int to = 1; to < n; to++)
		{
			for (int from = 0; from < to; from++)
			{
				slopes[used].from = (uint16) from;
				slopes[used++].to = (uint16) to;
			}
		}
		select_rank(series, slopes, count, middle, &prng);
		*upper = *lower = slopes[middle];
		if (count % 2 == 0)
		{
			select_rank(series, slopes, middle, middle - 1, &prng);
			*lower = slopes[middle - 1];
		}
		pfree(slopes);
	}
}
