/*
 * score_sum.h
 *		The exact, mergeable sum behind weighted scores.
 */
#ifndef PM_SCORE_SUM_H
#define PM_SCORE_SUM_H

#include "digit_sum.h"

/*
 * What an aggregate gathers and a table may store: one form for both.
 *
 * The columns of three sums follow: weight * score over the scored items,
 * the weight of these, and the weight of the items without a score.  The two
 * weights share a window.
 */
typedef struct ScoreSum
{
	int32		vl_len_;		/* varlena header (do not touch directly!) */
	int32		version;
	int64		items;			/* rows with a weight */
	int64		scored;			/* those of them with a score */
	int64		load;			/* no column is beyond load * MAX_PRODUCT */
	PmWindow	points;
	PmWindow	weights;
	int64		column[FLEXIBLE_ARRAY_MEMBER];
} ScoreSum;

#define SCORE_SUM_VERSION	1

/* The three sums of a ScoreSum as numbers. */
typedef struct ScoreDigits
{
	PmDigits	points;
	PmDigits	weight;
	PmDigits	missing;
} ScoreDigits;

/* in score_sum.c */
extern ScoreSum *pm_score_sum_get(Datum datum);
extern ScoreSum *pm_score_sum_canonical(const ScoreSum *sum);
extern ScoreSum *pm_score_sum_from_digits(const ScoreDigits *d, int64 items, int64 scored,
										  PmWindow points, PmWindow weights);
extern void pm_score_sum_digits(const ScoreSum *sum, ScoreDigits *result);

static inline int64 *
pm_points_column(ScoreSum *sum)
{
	return sum->column;
}

static inline int64 *
pm_weight_column(ScoreSum *sum)
{
	return sum->column + sum->points.count;
}

static inline int64 *
pm_missing_column(ScoreSum *sum)
{
	return sum->column + sum->points.count + sum->weights.count;
}

#endif							/* PM_SCORE_SUM_H */
