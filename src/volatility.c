/*
 * volatility.c
 *		How far actual values stray from plan: the aggregate volatility().
 *
 * A row with plan p and actual a deviates by d = (a - p) / |p|.  The figures
 * are the mean and the largest |d|, the mean d (bias), the root of the mean
 * d^2, and the sum of |a - p| by the sum of |p|, which tiny plans cannot
 * dominate.  A row with p = 0 has no d: it is counted as skipped and enters
 * no figure, whatever its a.
 *
 * Each d is rounded once, half away from zero, to PM_CARRY_SCALE places;
 * all else is integer sums, so that neither the order of the rows nor the way
 * they were spread over workers can change a digit.
 */
#include "postgres.h"

#include "compat.h"

#include <math.h>

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "agg_state.h"
#include "decimal.h"
#include "wide.h"

#define TYPE_NAME			"volatility_state"

/* A square has twice the places of a deviation. */
#define SQUARE_SCALE		(2 * PM_CARRY_SCALE)

StaticAssertDecl(SQUARE_SCALE <= PM_MAX_POWER, "a unit of squares must fit into 128 bits");

/*
 * The sums over some rows, or over one.
 */
typedef struct Sums
{
	int128		absolute;		/* of |d|, times 10^PM_CARRY_SCALE */
	int128		signed_sum;		/* of d, likewise */
	int128		square_whole;	/* of d^2, the integer part */
	int128		square_part;	/* and what is over, times 10^SQUARE_SCALE */
	int128		worst;			/* largest |d|, times 10^PM_CARRY_SCALE */
	int128		gap;			/* of |a - p|, times 10^scale */
	int128		plan;			/* of |p|, likewise */
	int32		scale;
} Sums;

/* The same beyond 128 bits; totals, or a share of them. */
typedef struct WideSums
{
	Numeric		absolute;
	Numeric		signed_sum;
	Numeric		square;
	Numeric		worst;
	Numeric		gap;
	Numeric		plan;
} WideSums;

/*
 * The state: integer sums, and packed behind them the sums that did not
 * fit, where there are any.  The totals are both together.
 */
typedef struct VolatilityState
{
	int32		vl_len_;		/* varlena header (do not touch directly!) */
	int32		version;
	int64		n;				/* rows in the sums */
	int64		skipped;		/* rows with a plan of 0 */
	Sums		sums;
	char		wide[FLEXIBLE_ARRAY_MEMBER];
} VolatilityState;

#define STATE_HAS_WIDE(state)	(VARSIZE(state) > offsetof(VolatilityState, wide))

/* The figures; values at PM_OUTPUT_SCALE places. */
typedef struct Figures
{
	Numeric		mean_deviation;
	Numeric		worst_deviation;
	Numeric		bias;
	Numeric		rmse;
	Numeric		wape;
} Figures;

/*
 * The square of a deviation, split at the point so that both halves keep
 * room.  False where it does not fit.
 */
static bool
square_deviation(int128 deviation, int128 *whole, int128 *part)
{
	const int128 one = pm_power_of_ten(PM_CARRY_SCALE);
	const int128 unit = pm_power_of_ten(SQUARE_SCALE);
	int128		high;
	int128		low;
	int128		cross;

	if (deviation < one)
	{
		*whole = 0;
		*part = deviation * deviation;
		return true;
	}

	/* (high + low)^2 = high^2 + 2 high low + low^2, with low < 1 */
	high = deviation / one;
	low = deviation % one;
	if (__builtin_mul_overflow(high, high, whole))
		return false;
	cross = 2 * high * low;
	*part = (cross % one) * one + low * low;
	if (*part >= unit)
	{
		*part -= unit;
		cross += one;
	}
	return !__builtin_add_overflow(*whole, cross / one, whole);
}

/*
 * The sums of a single row in 128 bits, or false.  The plan is not 0.
 */
static bool
sum_row(PmDecimal *actual, PmDecimal *plan, Sums *row)
{
	int			scale = Max(actual->scale, plan->scale);
	bool		is_above;
	int128		gap;

	if (!pm_decimal_rescale(actual, scale) || !pm_decimal_rescale(plan, scale))
		return false;
	is_above = actual->value > plan->value;
	if (is_above
		? __builtin_sub_overflow(actual->value, plan->value, &gap)
		: __builtin_sub_overflow(plan->value, actual->value, &gap))
		return false;

	row->scale = scale;
	row->gap = gap;
	row->plan = plan->value < 0 ? -plan->value : plan->value;
	if (!pm_quotient_rounded(gap, row->plan, PM_CARRY_SCALE, &row->absolute))
		return false;
	row->signed_sum = is_above ? row->absolute : -row->absolute;
	row->worst = row->absolute;
	return square_deviation(row->absolute, &row->square_whole, &row->square_part);
}

/*
 * Brings the sums of amounts to a finer scale.  False where they do not fit.
 */
static bool
raise_scale(Sums *sums, int scale)
{
	int128		unit = pm_power_of_ten(scale - sums->scale);

	if (__builtin_mul_overflow(sums->gap, unit, &sums->gap) ||
		__builtin_mul_overflow(sums->plan, unit, &sums->plan))
		return false;
	sums->scale = scale;
	return true;
}

/*
 * Adds sums to sums.  False where something does not fit; *to is then
 * unchanged.
 */
static bool
add_sums(Sums *to, const Sums *from)
{
	const int128 unit = pm_power_of_ten(SQUARE_SCALE);
	Sums		total = *to;
	Sums		raised;

	if (total.scale < from->scale)
	{
		if (!raise_scale(&total, from->scale))
			return false;
	}
	else if (total.scale > from->scale)
	{
		raised = *from;
		if (!raise_scale(&raised, total.scale))
			return false;
		from = &raised;
	}

	if (__builtin_add_overflow(total.absolute, from->absolute, &total.absolute) ||
		__builtin_add_overflow(total.signed_sum, from->signed_sum, &total.signed_sum) ||
		__builtin_add_overflow(total.square_whole, from->square_whole, &total.square_whole) ||
		__builtin_add_overflow(total.gap, from->gap, &total.gap) ||
		__builtin_add_overflow(total.plan, from->plan, &total.plan))
		return false;

	total.square_part += from->square_part;
	if (total.square_part >= unit)
	{
		total.square_part -= unit;
		if (__builtin_add_overflow(total.square_whole, (int128) 1, &total.square_whole))
			return false;
	}
	total.worst = Max(total.worst, from->worst);
	*to = total;
	return true;
}

/*
 * The same sums as numerics.
 */
static void
widen_sums(const Sums *sums, WideSums *wide)
{
	wide->absolute = pm_decimal_to_numeric(sums->absolute, PM_CARRY_SCALE, PM_CARRY_SCALE);
	wide->signed_sum = pm_decimal_to_numeric(sums->signed_sum, PM_CARRY_SCALE, PM_CARRY_SCALE);
	wide->square = pm_wide_add(pm_wide_from_integer(sums->square_whole),
							   pm_decimal_to_numeric(sums->square_part,
													 SQUARE_SCALE, SQUARE_SCALE));
	wide->worst = pm_decimal_to_numeric(sums->worst, PM_CARRY_SCALE, PM_CARRY_SCALE);
	wide->gap = pm_decimal_to_numeric(sums->gap, sums->scale, sums->scale);
	wide->plan = pm_decimal_to_numeric(sums->plan, sums->scale, sums->scale);
}

/*
 * The same sums as integers.  False where something does not fit.
 */
static bool
narrow_sums(const WideSums *wide, Sums *sums)
{
	Numeric		whole = pm_wide_truncate(wide->square);
	PmDecimal	gap;
	PmDecimal	plan;
	int			scale;

	if (!pm_scaled_from_numeric(wide->absolute, PM_CARRY_SCALE, &sums->absolute) ||
		!pm_scaled_from_numeric(wide->signed_sum, PM_CARRY_SCALE, &sums->signed_sum) ||
		!pm_scaled_from_numeric(whole, 0, &sums->square_whole) ||
		!pm_scaled_from_numeric(pm_wide_subtract(wide->square, whole), SQUARE_SCALE,
								&sums->square_part) ||
		!pm_scaled_from_numeric(wide->worst, PM_CARRY_SCALE, &sums->worst) ||
		!pm_decimal_from_numeric(wide->gap, &gap) ||
		!pm_decimal_from_numeric(wide->plan, &plan))
		return false;

	scale = Max(gap.scale, plan.scale);
	if (!pm_decimal_rescale(&gap, scale) || !pm_decimal_rescale(&plan, scale))
		return false;
	sums->gap = gap.value;
	sums->plan = plan.value;
	sums->scale = scale;
	return true;
}

/*
 * The sums of a single row as numerics.  The plan is not 0.
 */
static void
sum_wide_row(Numeric actual, Numeric plan, WideSums *row)
{
	Numeric		gap = pm_wide_subtract(actual, plan);

	row->gap = pm_wide_absolute(gap);
	row->plan = pm_wide_absolute(plan);
	row->signed_sum = pm_wide_divide_rounded(gap, row->plan, PM_CARRY_SCALE);
	row->absolute = pm_wide_absolute(row->signed_sum);
	row->square = pm_wide_multiply(row->absolute, row->absolute);
	row->worst = row->absolute;
}

/*
 * Adds sums to sums.
 */
static void
add_wide_sums(WideSums *to, const WideSums *from)
{
	to->absolute = pm_wide_add(to->absolute, from->absolute);
	to->signed_sum = pm_wide_add(to->signed_sum, from->signed_sum);
	to->square = pm_wide_add(to->square, from->square);
	if (pm_wide_compare(from->worst, to->worst) > 0)
		to->worst = from->worst;
	to->gap = pm_wide_add(to->gap, from->gap);
	to->plan = pm_wide_add(to->plan, from->plan);
}

/*
 * All that a state has gathered, as numerics.
 */
static void
total_sums(const VolatilityState *state, WideSums *total)
{
	widen_sums(&state->sums, total);
	if (STATE_HAS_WIDE(state))
	{
		const char *cursor = state->wide;
		WideSums	rest;

		rest.absolute = pm_unpack_numeric(&cursor, NULL);
		rest.signed_sum = pm_unpack_numeric(&cursor, NULL);
		rest.square = pm_unpack_numeric(&cursor, NULL);
		rest.worst = pm_unpack_numeric(&cursor, NULL);
		rest.gap = pm_unpack_numeric(&cursor, NULL);
		rest.plan = pm_unpack_numeric(&cursor, NULL);
		add_wide_sums(total, &rest);
	}
}

/*
 * A state with room for so many bytes of wide sums, all sums 0.
 */
static VolatilityState *
make_state(int64 n, int64 skipped, Size wide_size)
{
	Size		size = offsetof(VolatilityState, wide) + wide_size;
	VolatilityState *state = palloc0(size);

	SET_VARSIZE(state, size);
	state->version = PM_STATE_VERSION;
	state->n = n;
	state->skipped = skipped;
	return state;
}

/*
 * A state that holds everything in its wide sums.
 */
static VolatilityState *
make_wide_state(int64 n, int64 skipped, const WideSums *sums)
{
	VolatilityState *state;
	char	   *cursor;

	state = make_state(n, skipped,
					   pm_packed_size(sums->absolute) + pm_packed_size(sums->signed_sum) +
					   pm_packed_size(sums->square) + pm_packed_size(sums->worst) +
					   pm_packed_size(sums->gap) + pm_packed_size(sums->plan));
	cursor = state->wide;
	cursor = pm_pack_numeric(cursor, sums->absolute);
	cursor = pm_pack_numeric(cursor, sums->signed_sum);
	cursor = pm_pack_numeric(cursor, sums->square);
	cursor = pm_pack_numeric(cursor, sums->worst);
	cursor = pm_pack_numeric(cursor, sums->gap);
	cursor = pm_pack_numeric(cursor, sums->plan);
	Assert(cursor == (char *) state + VARSIZE(state));
	return state;
}

/*
 * Adds to a count.  Only a forged state can come near the limit.
 */
static void
add_count(int64 *count, int64 more)
{
	if (__builtin_add_overflow(*count, more, count))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of rows is out of range for type bigint")));
}

/*
 * Reads what the output function writes.  Sums that no rows could give are
 * refused, so that no figure made from a state is out of reason.
 *
 * Errors: 22P02, from binary 22P03.
 */
static bool
read_state(PmReader *reader, void **result)
{
	int64		n;
	int64		skipped;
	WideSums	sums;
	Sums		narrow;
	VolatilityState *state;

	if (!pm_take_text(reader, "volatility(n ") ||
		!pm_take_count(reader, &n) ||
		!pm_take_text(reader, ", skipped ") ||
		!pm_take_count(reader, &skipped) ||
		!pm_take_text(reader, ", absolute ") ||
		!pm_take_numeric(reader, &sums.absolute) ||
		!pm_take_text(reader, ", signed ") ||
		!pm_take_numeric(reader, &sums.signed_sum) ||
		!pm_take_text(reader, ", square ") ||
		!pm_take_numeric(reader, &sums.square) ||
		!pm_take_text(reader, ", worst ") ||
		!pm_take_numeric(reader, &sums.worst) ||
		!pm_take_text(reader, ", gap ") ||
		!pm_take_numeric(reader, &sums.gap) ||
		!pm_take_text(reader, ", plan ") ||
		!pm_take_numeric(reader, &sums.plan) ||
		!pm_take_end(reader))
		return pm_reader_fail(reader, "Expected \"%s\" with a number behind each word; "
							   "the text differs from character %d on.",
							   "volatility(n , skipped , absolute , signed , square , worst , gap , plan )",
							   pm_reader_position(reader, reader->at));

	if (pm_wide_scale(sums.absolute) > PM_CARRY_SCALE ||
		pm_wide_scale(sums.signed_sum) > PM_CARRY_SCALE ||
		pm_wide_scale(sums.square) > SQUARE_SCALE ||
		pm_wide_scale(sums.worst) > PM_CARRY_SCALE)
		return pm_reader_fail(reader, "Deviations have at most 18 decimal places, and squares 36.");

	/* worst <= sum of |d| <= n worst, worst^2 <= sum of d^2 <= worst (sum of |d|) */
	if (pm_wide_sign(sums.plan) != (n > 0 ? 1 : 0) ||
		pm_wide_sign(sums.gap) < 0 ||
		pm_wide_sign(sums.worst) < 0 ||
		pm_wide_compare(pm_wide_absolute(sums.signed_sum), sums.absolute) > 0 ||
		pm_wide_compare(sums.worst, sums.absolute) > 0 ||
		pm_wide_compare(sums.absolute, pm_wide_multiply(pm_wide_from_integer(n), sums.worst)) > 0 ||
		pm_wide_compare(pm_wide_multiply(sums.worst, sums.worst), sums.square) > 0 ||
		pm_wide_compare(sums.square, pm_wide_multiply(sums.worst, sums.absolute)) > 0 ||
		(n == 0 && pm_wide_sign(sums.gap) != 0))
		return pm_reader_fail(reader, "No rows have these sums.");

	if (!narrow_sums(&sums, &narrow))
	{
		*result = make_wide_state(n, skipped, &sums);
		return true;
	}
	state = make_state(n, skipped, 0);
	state->sums = narrow;
	*result = state;
	return true;
}

/*
 * The literal of a state.  The same rows give the same literal.
 */
static char *
write_state(const VolatilityState *state)
{
	WideSums	total;

	total_sums(state, &total);
	return psprintf("volatility(n " INT64_FORMAT ", skipped " INT64_FORMAT
					", absolute %s, signed %s, square %s, worst %s, gap %s, plan %s)",
					state->n, state->skipped,
					numeric_normalize(total.absolute), numeric_normalize(total.signed_sum),
					numeric_normalize(total.square), numeric_normalize(total.worst),
					numeric_normalize(total.gap), numeric_normalize(total.plan));
}

/*
 * Largest integer whose square is at most the value.
 */
static int128
integer_root(int128 value)
{
	uint128		square = (uint128) value;
	uint128		root = (uint128) sqrt((double) value);

	/* one step of Newton's method, which never ends below, takes 53 bits to all */
	if (root > 0)
		root = (root + square / root) / 2;
	while (root * root > square)
		root--;
	Assert(square - root * root <= 2 * root);
	return (int128) root;
}

/*
 * The figures from the integer sums.  False where something does not fit.
 *
 * The root of M, rounded half up, is (r + 1) / 2 with r the integer root of
 * floor(4 M), because the rounded root k is the largest with 2k - 1 <= 2 sqrt(M).
 */
static bool
take_figures(int64 n, const Sums *sums, Figures *figures)
{
	const int128 count = (int128) n * pm_power_of_ten(PM_CARRY_SCALE - PM_OUTPUT_SCALE);
	int128		wape;
	int128		squares;

	if (!pm_quotient_rounded(sums->gap, sums->plan, PM_OUTPUT_SCALE, &wape) ||
		__builtin_mul_overflow(sums->square_whole, 4 * pm_power_of_ten(2 * PM_OUTPUT_SCALE),
							   &squares) ||
		__builtin_add_overflow(squares,
							   4 * sums->square_part / pm_power_of_ten(SQUARE_SCALE - 2 * PM_OUTPUT_SCALE),
							   &squares))
		return false;

	figures->mean_deviation = pm_decimal_to_numeric(pm_divide_rounded(sums->absolute, count),
													PM_OUTPUT_SCALE, PM_OUTPUT_SCALE);
	figures->worst_deviation = pm_decimal_to_numeric(sums->worst, PM_CARRY_SCALE, PM_OUTPUT_SCALE);
	figures->bias = pm_decimal_to_numeric(pm_divide_rounded(sums->signed_sum, count),
										  PM_OUTPUT_SCALE, PM_OUTPUT_SCALE);
	figures->rmse = pm_decimal_to_numeric((integer_root(squares / n) + 1) / 2,
										  PM_OUTPUT_SCALE, PM_OUTPUT_SCALE);
	figures->wape = pm_decimal_to_numeric(wape, PM_OUTPUT_SCALE, PM_OUTPUT_SCALE);
	return true;
}

/*
 * The same from sums beyond 128 bits.
 */
static void
take_wide_figures(int64 n, const WideSums *sums, Figures *figures)
{
	Numeric		one = pm_wide_from_integer(1);
	Numeric		count = pm_wide_from_integer(n);
	Numeric		squares;
	Numeric		root;

	squares = pm_wide_multiply(sums->square,
							   pm_wide_from_integer(4 * pm_power_of_ten(2 * PM_OUTPUT_SCALE)));
	squares = pm_wide_divide_truncated(squares, count);
	root = DatumGetNumeric(DirectFunctionCall1(numeric_sqrt, NumericGetDatum(squares)));
	root = pm_wide_truncate(root);
	/* a root just below an integer may have been rounded up to it */
	if (pm_wide_compare(pm_wide_multiply(root, root), squares) > 0)
		root = pm_wide_subtract(root, one);
	root = pm_wide_divide_truncated(pm_wide_add(root, one), pm_wide_from_integer(2));

	figures->mean_deviation = pm_wide_divide_rounded(sums->absolute, count, PM_OUTPUT_SCALE);
	figures->worst_deviation = pm_wide_divide_rounded(sums->worst, one, PM_OUTPUT_SCALE);
	figures->bias = pm_wide_divide_rounded(sums->signed_sum, count, PM_OUTPUT_SCALE);
	figures->rmse = pm_wide_multiply(root, pm_decimal_to_numeric(1, PM_OUTPUT_SCALE, PM_OUTPUT_SCALE));
	figures->wape = pm_wide_divide_rounded(sums->gap, sums->plan, PM_OUTPUT_SCALE);
}

/*
 * Text and binary forms of a state.  Errors: 22P02 and 22P03.
 */
PG_FUNCTION_INFO_V1(pm_volatility_state_in);
Datum
pm_volatility_state_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(pm_state_in(fcinfo, TYPE_NAME, read_state));
}

PG_FUNCTION_INFO_V1(pm_volatility_state_out);
Datum
pm_volatility_state_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(write_state(pm_state_argument(fcinfo, 0, TYPE_NAME)));
}

PG_FUNCTION_INFO_V1(pm_volatility_state_recv);
Datum
pm_volatility_state_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(pm_state_recv(fcinfo, TYPE_NAME, read_state));
}

PG_FUNCTION_INFO_V1(pm_volatility_state_send);
Datum
pm_volatility_state_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(pm_state_send(write_state(pm_state_argument(fcinfo, 0, TYPE_NAME))));
}

/*
 * Transition: one more row.  Strict: a row with a NULL does not get here.
 *
 * Errors: 22003 for NaN and the infinities.
 */
PG_FUNCTION_INFO_V1(pm_volatility_add);
Datum
pm_volatility_add(PG_FUNCTION_ARGS)
{
	VolatilityState *state = pm_state_for_update(fcinfo, 0, TYPE_NAME);
	Numeric		actual = PM_GETARG_NUMERIC(1);
	Numeric		plan = PM_GETARG_NUMERIC(2);
	PmDecimal	a;
	PmDecimal	p;
	Sums		row;
	WideSums	total;
	WideSums	wide_row;
	bool		fits;

	pm_require_finite(actual, "actual");
	pm_require_finite(plan, "plan");

	fits = pm_decimal_from_numeric(plan, &p);
	if (fits && p.value == 0)
	{
		add_count(&state->skipped, 1);
		PG_RETURN_POINTER(state);
	}

	add_count(&state->n, 1);
	fits = fits && pm_decimal_from_numeric(actual, &a) && sum_row(&a, &p, &row);
	if (fits && add_sums(&state->sums, &row))
		PG_RETURN_POINTER(state);

	total_sums(state, &total);
	if (fits)
		widen_sums(&row, &wide_row);
	else
		sum_wide_row(actual, plan, &wide_row);
	add_wide_sums(&total, &wide_row);
	PG_RETURN_POINTER(make_wide_state(state->n, state->skipped, &total));
}

/*
 * Combine: the rows of both states.  Strict.
 */
PG_FUNCTION_INFO_V1(pm_volatility_merge);
Datum
pm_volatility_merge(PG_FUNCTION_ARGS)
{
	VolatilityState *state = pm_state_for_update(fcinfo, 0, TYPE_NAME);
	const VolatilityState *other = pm_state_argument(fcinfo, 1, TYPE_NAME);
	WideSums	total;
	WideSums	rest;

	add_count(&state->n, other->n);
	add_count(&state->skipped, other->skipped);
	if (!STATE_HAS_WIDE(other) && add_sums(&state->sums, &other->sums))
		PG_RETURN_POINTER(state);

	total_sums(state, &total);
	total_sums(other, &rest);
	add_wide_sums(&total, &rest);
	PG_RETURN_POINTER(make_wide_state(state->n, state->skipped, &total));
}

/*
 * Final: the figures, each rounded once to six places; NULLs where no row
 * counts.  Strict.
 */
PG_FUNCTION_INFO_V1(pm_volatility_final);
Datum
pm_volatility_final(PG_FUNCTION_ARGS)
{
	const VolatilityState *state = pm_state_argument(fcinfo, 0, TYPE_NAME);
	Figures		figures;
	Datum		values[7] = {0};
	bool		nulls[7] = {false, false, true, true, true, true, true};

	values[0] = Int64GetDatum(state->n);
	values[1] = Int64GetDatum(state->skipped);
	if (state->n > 0)
	{
		if (STATE_HAS_WIDE(state) || !take_figures(state->n, &state->sums, &figures))
		{
			WideSums	total;

			total_sums(state, &total);
			take_wide_figures(state->n, &total, &figures);
		}
		values[2] = NumericGetDatum(figures.mean_deviation);
		values[3] = NumericGetDatum(figures.worst_deviation);
		values[4] = NumericGetDatum(figures.bias);
		values[5] = NumericGetDatum(figures.rmse);
		values[6] = NumericGetDatum(figures.wape);
		memset(nulls, false, sizeof(nulls));
	}
	return pm_form_record(fcinfo, values, nulls, lengthof(values));
}
