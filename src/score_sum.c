/*
 * score_sum.c
 *		The exact, mergeable sum behind weighted scores: the state and its aggregates.
 */
#include "postgres.h"

#include "compat.h"

#include "common/int.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "score_sum.h"

/* Largest product of two digits: what one addition does to a column. */
#define MAX_PRODUCT		((int64) (PM_BASE - 1) * (PM_BASE - 1))

/*
 * Additions that a column takes before its carries must go.  A quarter of
 * the range, because two columns are added up before they are carried.
 * Assertions lower it so that tests get there.
 */
#ifdef USE_ASSERT_CHECKING
#define MAX_LOAD		64
#else
#define MAX_LOAD		(PG_INT64_MAX / 4 / MAX_PRODUCT)
#endif

/* Digits from which on a product takes long enough to be interrupted. */
#define LONG_NUMBER		256

/*
 * Columns of a new state: room for scores and weights below 10^8 with 24
 * decimal places together, 16 of them in the weight, in a state of 216 bytes;
 * more is made where needed.
 */
static const PmWindow initial_points = {2, 9};
static const PmWindow initial_weights = {1, 6};

static Size
sum_size(PmWindow points, PmWindow weights)
{
	return offsetof(ScoreSum, column) + sizeof(int64) * (points.count + 2 * weights.count);
}

static ScoreSum *
new_sum(PmWindow points, PmWindow weights)
{
	Size		size = sum_size(points, weights);
	ScoreSum   *sum = palloc0(size);

	SET_VARSIZE(sum, size);
	sum->version = SCORE_SUM_VERSION;
	sum->points = points;
	sum->weights = weights;
	return sum;
}

static void
require_range(const PmDigits *d)
{
	if (pm_in_columns(d))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("score_sum out of range")));
}

static void
items_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("number of items out of range")));
}

/*
 * The three sums.  An aggregate of one's own may take out items that it
 * never put in; its result means nothing and is refused.
 */
void
pm_score_sum_digits(const ScoreSum *sum, ScoreDigits *d)
{
	const int64 *weight = sum->column + sum->points.count;

	pm_carry(sum->column, sum->points, &d->points);
	pm_carry(weight, sum->weights, &d->weight);
	pm_carry(weight + sum->weights.count, sum->weights, &d->missing);
	if (sum->scored < 0 || sum->scored > sum->items ||
		d->weight.negative || d->missing.negative)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("items were taken out of a score_sum that were not in it"),
				 errhint("Remove only rows that the same aggregate has added.")));
}

static void
put_digits(int64 *column, PmWindow window, const PmDigits *d)
{
	pm_add_digits(column, pm_column_of(window, d->weight), d, d->negative ? -1 : 1);
}

/*
 * A sum of carried digits, in no more columns than they and the two windows need.
 */
ScoreSum *
pm_score_sum_from_digits(const ScoreDigits *d, int64 items, int64 scored,
						 PmWindow points, PmWindow weights)
{
	ScoreSum   *sum;

	require_range(&d->points);
	require_range(&d->weight);
	require_range(&d->missing);

	points = pm_window_union(points, pm_window_of(&d->points));
	weights = pm_window_union(weights, pm_window_of(&d->weight));
	weights = pm_window_union(weights, pm_window_of(&d->missing));
	sum = new_sum(points, weights);
	sum->items = items;
	sum->scored = scored;
	sum->load = 1;
	put_digits(pm_points_column(sum), points, &d->points);
	put_digits(pm_weight_column(sum), weights, &d->weight);
	put_digits(pm_missing_column(sum), weights, &d->missing);
	return sum;
}

/*
 * The same sum with its carries done.
 */
static ScoreSum *
carried(const ScoreSum *sum, PmWindow points, PmWindow weights)
{
	ScoreDigits d;

	pm_score_sum_digits(sum, &d);
	return pm_score_sum_from_digits(&d, sum->items, sum->scored, points, weights);
}

/*
 * The one form of a sum that is stored, sent and compared.
 */
ScoreSum *
pm_score_sum_canonical(const ScoreSum *sum)
{
	const PmWindow none = {0, 0};

	return carried(sum, none, none);
}

/*
 * A window that holds both, and more on each side that had to give way, so
 * that a series of ever larger numbers does not copy the state for each.
 */
static PmWindow
widened(PmWindow have, PmWindow need)
{
	PmWindow	result = pm_window_union(have, need);
	int			spare = result.count / 4;

	if (result.top > have.top)
	{
		result.top += spare;
		result.count += spare;
	}
	if (result.top - result.count < have.top - have.count)
		result.count += spare;
	return result;
}

static bool
window_within(PmWindow inner, PmWindow outer)
{
	return inner.count == 0 ||
		pm_window_holds(outer, pm_column_of(outer, inner.top), inner.count);
}

/*
 * Makes room for columns and for additions; a new state where there was not
 * enough.  Out of line: few rows come here.
 */
static pg_noinline ScoreSum *
make_room(ScoreSum *sum, PmWindow points, PmWindow weights, int64 load)
{
	if (!window_within(points, sum->points) || !window_within(weights, sum->weights) ||
		sum->load + load > MAX_LOAD)
		sum = carried(sum, widened(sum->points, points), widened(sum->weights, weights));
	return sum;
}

/*
 * Adds one item, or takes it out again where sign is -1.
 */
static inline ScoreSum *
add_item(ScoreSum *sum, const PmDigits *score, const PmDigits *weight, int sign)
{
	PmWindow	points = {0, 0};
	int			load = 1;
	int			at_points = 0;
	int			at_weight;

	if (score != NULL && score->ndigits > 0 && weight->ndigits > 0)
	{
		points.top = score->weight + weight->weight;
		points.count = score->ndigits + weight->ndigits - 1;
		load = Min(score->ndigits, weight->ndigits);
		at_points = pm_column_of(sum->points, points.top);
	}
	at_weight = pm_column_of(sum->weights, weight->weight);

	if (unlikely(!pm_window_holds(sum->points, at_points, points.count) ||
				 !pm_window_holds(sum->weights, at_weight, weight->ndigits) ||
				 sum->load + load > MAX_LOAD))
	{
		sum = make_room(sum, points, pm_window_of(weight), load);
		at_points = pm_column_of(sum->points, points.top);
		at_weight = pm_column_of(sum->weights, weight->weight);
	}

	sum->load += load;
	if (unlikely(pg_add_s64_overflow(sum->items, sign, &sum->items)))
		items_out_of_range();
	if (score == NULL)
	{
		pm_add_digits(pm_missing_column(sum), at_weight, weight, sign);
		return sum;
	}
	sum->scored += sign;
	pm_add_digits(pm_weight_column(sum), at_weight, weight, sign);
	if (points.count > 0)
	{
		if (score->negative)
			sign = -sign;
		for (int i = 0; i < weight->ndigits; i++)
		{
			if (unlikely(score->ndigits > LONG_NUMBER))
				CHECK_FOR_INTERRUPTS();
			pm_add_digits(pm_points_column(sum), at_points + i, score, sign * pm_digit(weight, i));
		}
	}
	return sum;
}

/*
 * Adds another sum.  Every column of the other one is bounded by its load.
 */
static ScoreSum *
add_sum(ScoreSum *sum, ScoreSum *other)
{
	int64	   *to;
	int64	   *from;
	int			at;

	if (sum->load + other->load > MAX_LOAD)
		other = pm_score_sum_canonical(other);
	sum = make_room(sum, other->points, other->weights, other->load);

	if (pg_add_s64_overflow(sum->items, other->items, &sum->items))
		items_out_of_range();
	sum->scored += other->scored;	/* no more than the items */
	sum->load += other->load;

	to = pm_points_column(sum);
	from = pm_points_column(other);
	at = pm_column_of(sum->points, other->points.top);
	for (int i = 0; i < other->points.count; i++)
		to[at + i] += from[i];

	at = pm_column_of(sum->weights, other->weights.top);
	for (int i = 0; i < other->weights.count; i++)
	{
		pm_weight_column(sum)[at + i] += pm_weight_column(other)[i];
		pm_missing_column(sum)[at + i] += pm_missing_column(other)[i];
	}
	return sum;
}

/* ----------
 * Aggregates
 * ----------
 */

/*
 * The transition functions write into their first argument, which only an
 * aggregate may let them do.
 */
static void
require_aggregate(FunctionCallInfo fcinfo)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("transition function called outside an aggregate"),
				 errhint("Call score_sum(score, weight) or merge(score_sum).")));
}

/*
 * A score_sum that may come from a table: unpacked, and of a size that
 * agrees with what it says about itself.
 */
ScoreSum *
pm_score_sum_get(Datum datum)
{
	ScoreSum   *sum = (ScoreSum *) PG_DETOAST_DATUM(datum);

	if (VARSIZE(sum) < offsetof(ScoreSum, column) || sum->version != SCORE_SUM_VERSION ||
		VARSIZE(sum) != sum_size(sum->points, sum->weights))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("score_sum is damaged or of another version")));
	return sum;
}

/*
 * An argument of an item; false where it is NULL.
 */
static inline bool
get_item_digits(FunctionCallInfo fcinfo, int argno, const char *what, PmDigits *d)
{
	Numeric		num;

	if (PG_ARGISNULL(argno))
		return false;
	num = PM_GETARG_NUMERIC(argno);
	if (unlikely(pm_is_special(num)))
		pm_require_finite(num, what);
	pm_digits_from_numeric(num, d);
	return true;
}

static pg_noinline void
refuse_negative_weight(Datum weight)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("weight must not be negative: %s",
					DatumGetCString(DirectFunctionCall1(numeric_out, weight))),
			 errhint("Use weight 0 for an item that is shown but not counted.")));
}

static inline Datum
transition(FunctionCallInfo fcinfo, int sign)
{
	ScoreSum   *sum;
	PmDigits	score;
	PmDigits	weight;
	bool		has_score;
	bool		has_weight;

	require_aggregate(fcinfo);

	/* a moving aggregate may not return NULL: begin with the first row */
	sum = PG_ARGISNULL(0) ? new_sum(initial_points, initial_weights) :
		(ScoreSum *) PG_GETARG_POINTER(0);

	has_score = get_item_digits(fcinfo, 1, "score", &score);
	has_weight = get_item_digits(fcinfo, 2, "weight", &weight);
	if (has_weight)
	{
		if (unlikely(weight.negative))
			refuse_negative_weight(PG_GETARG_DATUM(2));
		sum = add_item(sum, has_score ? &score : NULL, &weight, sign);
	}
	PG_RETURN_POINTER(sum);
}

/*
 * _score_sum_add(state, score, weight): an item without a score counts as
 * missing, a row without a weight is no item.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_add);
Datum
pm_score_sum_add(PG_FUNCTION_ARGS)
{
	return transition(fcinfo, 1);
}

/*
 * _score_sum_remove(state, score, weight): takes an item out of a moving
 * window again; exact, because the sums are.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_remove);
Datum
pm_score_sum_remove(PG_FUNCTION_ARGS)
{
	return transition(fcinfo, -1);
}

/*
 * _score_sum_merge(state, score_sum): combines two states, and gathers
 * stored sums.  NULL adds nothing.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_merge);
Datum
pm_score_sum_merge(PG_FUNCTION_ARGS)
{
	require_aggregate(fcinfo);

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(pm_score_sum_canonical(pm_score_sum_get(PG_GETARG_DATUM(1))));
	PG_RETURN_POINTER(add_sum((ScoreSum *) PG_GETARG_POINTER(0),
							  pm_score_sum_get(PG_GETARG_DATUM(1))));
}

/*
 * _score_sum_final(state): NULL where there was no item.
 */
PG_FUNCTION_INFO_V1(pm_score_sum_final);
Datum
pm_score_sum_final(PG_FUNCTION_ARGS)
{
	ScoreSum   *sum = pm_score_sum_get(PG_GETARG_DATUM(0));

	if (sum->items == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(pm_score_sum_canonical(sum));
}

/*
 * _weighted_score_final(state): NULL where the scored weight is 0.
 */
PG_FUNCTION_INFO_V1(pm_weighted_score_final);
Datum
pm_weighted_score_final(PG_FUNCTION_ARGS)
{
	ScoreDigits d;

	pm_score_sum_digits(pm_score_sum_get(PG_GETARG_DATUM(0)), &d);
	if (d.weight.ndigits == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(pm_quotient(&d.points, &d.weight, PM_OUTPUT_SCALE));
}
