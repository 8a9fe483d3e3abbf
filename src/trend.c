/*
 * trend.c
 *		Where a series is heading: the aggregate trend().
 *
 * A row is a point: a value, in points of score, at a place in the series,
 * as a rule the number of the period.  Values at the same place are averaged
 * first, so that neither of two measurements is the later one and the order
 * of the rows cannot matter.  All is exact from the numerics to the output,
 * where each figure is rounded once; only such an average is rounded before,
 * to PM_CARRY_SCALE places.
 *
 * The state keeps the points, because the median of slopes needs them all.
 */
#include "postgres.h"

#include "compat.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "agg_state.h"
#include "decimal.h"
#include "trend_figures.h"
#include "wide.h"

#define TYPE_NAME			"trend_state"

/* Longest number that a state keeps, and finest that is computed with. */
#define MAX_NUMBER_SIZE		1000
#define MAX_NUMBER_SCALE	4000

/* Smallest state with room for points; sizes are powers of two. */
#define SMALLEST_STATE		256

/*
 * The state: packed numerics, first the limit for the slope, then value and
 * place of each point in order of arrival.
 */
typedef struct TrendState
{
	int32		vl_len_;		/* varlena header (do not touch directly!) */
	int32		version;
	int32		npoints;
	int32		used;			/* bytes of data in use */
	char		data[FLEXIBLE_ARRAY_MEMBER];
} TrendState;

#define STATE_ROOM(state)	(VARSIZE(state) - offsetof(TrendState, data))

/* A point as numerics. */
typedef struct WidePoint
{
	Numeric		at;
	Numeric		value;
} WidePoint;

/*
 * A state like the given one with room for more bytes.  The given one, if
 * there is room.
 */
static TrendState *
make_room(TrendState *state, Size more)
{
	Size		needed = offsetof(TrendState, data) + state->used + more;
	Size		size = SMALLEST_STATE;
	TrendState *result;

	if (needed <= VARSIZE(state))
		return state;
	while (size < needed)
		size *= 2;
	result = palloc0(size);
	memcpy(result, state, offsetof(TrendState, data) + state->used);
	SET_VARSIZE(result, size);
	return result;
}

/*
 * An empty state with that limit.
 */
static TrendState *
make_state(Numeric limit)
{
	Size		size = offsetof(TrendState, data) + pm_packed_size(limit);
	TrendState *state = palloc0(size);

	SET_VARSIZE(state, size);
	state->version = PM_STATE_VERSION;
	state->used = (int32) pm_packed_size(limit);
	pm_pack_numeric(state->data, limit);
	return state;
}

/*
 * Refuses more points than a state keeps.
 */
static void
check_count(int64 npoints)
{
	if (npoints > PM_SERIES_MAX_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a trend takes at most %d values", PM_SERIES_MAX_POINTS),
				 errhint("Aggregate the values by longer periods first, for example by week.")));
}

/*
 * Refuses NaN, the infinities, and numbers too long to keep many of.
 */
static void
check_number(Numeric num, const char *what)
{
	pm_require_finite(num, what);
	if (VARSIZE_ANY_EXHDR(num) > MAX_NUMBER_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s has too many digits for a trend", what),
				 errhint("Round it first.")));
}

/*
 * Appends a point.
 */
static TrendState *
append_point(TrendState *state, Numeric value, Numeric at)
{
	Size		more = pm_packed_size(value) + pm_packed_size(at);
	char	   *end;

	state = make_room(state, more);
	end = pm_pack_numeric(state->data + state->used, value);
	pm_pack_numeric(end, at);
	state->used += (int32) more;
	state->npoints++;
	return state;
}

/*
 * Sees to it that all rows give the same limit for the slope.
 */
static TrendState *
agree_on_limit(TrendState *state, Numeric limit)
{
	const char *cursor = state->data;
	PmNumericBuffer buffer;
	Numeric		known;
	int			order;

	if (state->npoints == 0)
		return make_state(limit);
	known = pm_unpack_numeric(&cursor, &buffer);
	if (pm_packed_size(known) == pm_packed_size(limit) &&
		memcmp(VARDATA(known), VARDATA_ANY(limit), VARSIZE(known) - VARHDRSZ) == 0)
		return state;
	order = pm_wide_compare(known, limit);
	if (order != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("slope_limit must be the same in all rows of a trend, not %s and %s",
						numeric_normalize(order < 0 ? known : limit),
						numeric_normalize(order < 0 ? limit : known)),
				 errhint("Use a constant, or group by it.")));
	return state;
}

/*
 * Reads what the output function writes.  Errors: 22P02, from binary 22P03.
 */
static bool
read_state(PmReader *reader, void **result)
{
	TrendState *state;
	Numeric		limit;

	if (!pm_take_text(reader, "trend(slope_limit ") ||
		!pm_take_numeric(reader, &limit))
		return pm_reader_fail_expected(reader, "\"trend(slope_limit \" and a number");
	if (pm_wide_sign(limit) < 0 || VARSIZE_ANY_EXHDR(limit) > MAX_NUMBER_SIZE)
		return pm_reader_fail(reader, "The slope limit is negative or too long.");

	state = make_state(limit);
	while (pm_take_text(reader, ", "))
	{
		Numeric		at;
		Numeric		value;

		CHECK_FOR_INTERRUPTS();
		if (!pm_take_numeric(reader, &at) ||
			!pm_take_text(reader, ":") ||
			!pm_take_numeric(reader, &value))
			return pm_reader_fail_expected(reader, "a point \"at:value\"");
		if (VARSIZE_ANY_EXHDR(at) > MAX_NUMBER_SIZE || VARSIZE_ANY_EXHDR(value) > MAX_NUMBER_SIZE)
			return pm_reader_fail(reader, "A number has too many digits for a trend.");
		if (state->npoints == PM_SERIES_MAX_POINTS)
			return pm_reader_fail(reader, "There are more points than a trend takes.");
		state = append_point(state, value, at);
	}
	if (!pm_take_end(reader))
		return pm_reader_fail_expected(reader, "another point or the end");
	*result = state;
	return true;
}

/*
 * The literal of a state; the points in order of arrival.
 */
static char *
write_state(const TrendState *state)
{
	const char *cursor = state->data;
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(&text, "trend(slope_limit %s",
					 numeric_normalize(pm_unpack_numeric(&cursor, NULL)));
	for (int i = 0; i < state->npoints; i++)
	{
		PmNumericBuffer buffer;
		char	   *value = numeric_normalize(pm_unpack_numeric(&cursor, &buffer));
		char	   *at = numeric_normalize(pm_unpack_numeric(&cursor, &buffer));

		CHECK_FOR_INTERRUPTS();
		appendStringInfo(&text, ", %s:%s", at, value);
		pfree(value);
		pfree(at);
	}
	appendStringInfoChar(&text, ')');
	return text.data;
}

/*
 * Puts a decimal behind the first i of some numbers that share a scale,
 * refining that scale where need be.  False where something does not fit.
 */
static bool
put_decimal(int128 *numbers, int i, int *scale, PmDecimal *decimal)
{
	if (decimal->scale > *scale)
	{
		int128		unit = pm_power_of_ten(decimal->scale - *scale);

		while (--i >= 0)
		{
			if (__builtin_mul_overflow(numbers[i], unit, &numbers[i]))
				return false;
		}
		*scale = decimal->scale;
	}
	return pm_decimal_rescale(decimal, *scale);
}

static int
compare_points(const void *a, const void *b)
{
	const PmPoint *p = a;
	const PmPoint *q = b;

	return (p->at > q->at) - (p->at < q->at);
}

/*
 * Averages the values of sorted points that share a place.  False where
 * something does not fit.
 */
static bool
average_points(PmTrendSeries *trend)
{
	PmPoint    *points = trend->series.points;
	int			n = trend->series.n;
	int			refine = Max(PM_CARRY_SCALE - trend->value_scale, 0);
	int128		coarsen = pm_power_of_ten(Max(trend->value_scale - PM_CARRY_SCALE, 0));
	int			to = 0;
	int			i;

	for (i = 1; i < n && points[i - 1].at != points[i].at; i++)
		continue;
	if (i >= n)
		return true;

	for (i = 0; i < n;)
	{
		PmPoint		mean = points[i];
		int			count = 1;

		if (__builtin_mul_overflow(mean.value, pm_power_of_ten(refine), &mean.value))
			return false;
		while (++i < n && points[i].at == mean.at)
		{
			int128		value;

			if (__builtin_mul_overflow(points[i].value, pm_power_of_ten(refine), &value) ||
				__builtin_add_overflow(mean.value, value, &mean.value))
				return false;
			count++;
		}
		if (count > 1)
		{
			int128		divisor;

			if (__builtin_mul_overflow(coarsen, (int128) count, &divisor) ||
				__builtin_mul_overflow(pm_divide_rounded(mean.value, divisor), coarsen, &mean.value))
				return false;
		}
		points[to++] = mean;
	}
	trend->series.n = to;
	trend->value_scale += refine;
	return true;
}

/*
 * Counts places and values from their smallest and checks that products of
 * the two have room to spare.
 */
static bool
shift_points(PmTrendSeries *trend)
{
	PmPoint    *points = trend->series.points;
	int			n = trend->series.n;
	int128		least_at = points[0].at;
	int128		least_value = points[0].value;
	int128		most_value = points[0].value;
	int128		at_range;
	int128		value_range;
	int128		product;

	for (int i = 1; i < n; i++)
	{
		least_value = Min(least_value, points[i].value);
		most_value = Max(most_value, points[i].value);
	}
	if (__builtin_sub_overflow(points[n - 1].at, least_at, &at_range) ||
		__builtin_sub_overflow(most_value, least_value, &value_range) ||
		__builtin_mul_overflow(at_range, value_range, &product) ||
		product >= (int128) 1 << 125)
		return false;

	for (int i = 0; i < n; i++)
	{
		points[i].at -= least_at;
		points[i].value -= least_value;
	}
	trend->least_value = least_value;
	return true;
}

/*
 * The points of a state as integers, or false.
 */
static bool
read_points(const TrendState *state, PmTrendSeries *trend)
{
	const char *cursor = state->data;
	int			n = state->npoints;
	PmNumericBuffer buffer;
	int128	   *values = palloc(n * sizeof(int128));
	int128	   *places = palloc(n * sizeof(int128));
	PmPoint    *points;

	memset(trend, 0, sizeof(*trend));
	pm_unpack_numeric(&cursor, &buffer);
	for (int i = 0; i < n; i++)
	{
		PmDecimal	value;
		PmDecimal	at;

		if (!pm_decimal_from_numeric(pm_unpack_numeric(&cursor, &buffer), &value) ||
			!pm_decimal_from_numeric(pm_unpack_numeric(&cursor, &buffer), &at) ||
			!put_decimal(values, i, &trend->value_scale, &value) ||
			!put_decimal(places, i, &trend->at_scale, &at))
			return false;
		values[i] = value.value;
		places[i] = at.value;
	}

	points = palloc(n * sizeof(PmPoint));
	for (int i = 0; i < n; i++)
	{
		points[i].at = places[i];
		points[i].value = values[i];
	}
	pfree(values);
	pfree(places);
	qsort(points, n, sizeof(PmPoint), compare_points);
	trend->series.n = n;
	trend->series.points = points;
	return average_points(trend) && shift_points(trend);
}

static int
compare_wide_points(const void *a, const void *b)
{
	return pm_wide_compare(((const WidePoint *) a)->at, ((const WidePoint *) b)->at);
}

/*
 * The points of a state as numerics.
 *
 * Errors: 22003 where a product of four of them might lose digits.
 */
static void
read_wide_points(const TrendState *state, PmTrendSeries *trend)
{
	PmSeries   *series = &trend->series;
	const char *cursor = state->data;
	int			n = state->npoints;
	WidePoint  *points = palloc(n * sizeof(WidePoint));

	pm_unpack_numeric(&cursor, NULL);
	for (int i = 0; i < n; i++)
	{
		points[i].value = pm_unpack_numeric(&cursor, NULL);
		points[i].at = pm_unpack_numeric(&cursor, NULL);
		if (pm_wide_scale(points[i].value) > MAX_NUMBER_SCALE ||
			pm_wide_scale(points[i].at) > MAX_NUMBER_SCALE)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("number has more than %d decimal places", MAX_NUMBER_SCALE),
					 errhint("Round it first.")));
	}
	qsort(points, n, sizeof(WidePoint), compare_wide_points);

	memset(trend, 0, sizeof(*trend));
	series->wide_at = palloc(n * sizeof(Numeric));
	series->wide_value = palloc(n * sizeof(Numeric));
	for (int i = 0; i < n;)
	{
		WidePoint	mean = points[i];
		int			count = 1;

		CHECK_FOR_INTERRUPTS();
		while (++i < n && pm_wide_compare(points[i].at, mean.at) == 0)
		{
			mean.value = pm_wide_add(mean.value, points[i].value);
			count++;
		}
		if (count > 1)
			mean.value = pm_wide_divide_rounded(mean.value, pm_wide_from_integer(count),
												PM_CARRY_SCALE);
		series->wide_at[series->n] = mean.at;
		series->wide_value[series->n++] = mean.value;
	}
	series->scratch = AllocSetContextCreate(CurrentMemoryContext, "comparison of slopes",
											ALLOCSET_SMALL_SIZES);
}

/*
 * Text and binary forms of a state.  Errors: 22P02 and 22P03.
 */
PG_FUNCTION_INFO_V1(pm_trend_state_in);
Datum
pm_trend_state_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(pm_state_in(fcinfo, TYPE_NAME, read_state));
}

PG_FUNCTION_INFO_V1(pm_trend_state_out);
Datum
pm_trend_state_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(write_state(pm_state_argument(fcinfo, 0, TYPE_NAME)));
}

PG_FUNCTION_INFO_V1(pm_trend_state_recv);
Datum
pm_trend_state_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(pm_state_recv(fcinfo, TYPE_NAME, read_state));
}

PG_FUNCTION_INFO_V1(pm_trend_state_send);
Datum
pm_trend_state_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(pm_state_send(write_state(pm_state_argument(fcinfo, 0, TYPE_NAME))));
}

/*
 * Transition: one more point, with or without a limit for the slope.
 * Strict: a row with a NULL does not get here.
 *
 * Errors: 22003 for NaN, the infinities and numbers of thousands of digits,
 * 22023 for a negative limit or two limits, 54000 for too many points.
 */
PG_FUNCTION_INFO_V1(pm_trend_add);
Datum
pm_trend_add(PG_FUNCTION_ARGS)
{
	TrendState *state = pm_state_for_update(fcinfo, 0, TYPE_NAME);
	Numeric		value = PM_GETARG_NUMERIC(1);
	Numeric		at = PM_GETARG_NUMERIC(2);

	check_number(value, "value");
	check_number(at, "at");
	if (PG_NARGS() > 3)
	{
		Numeric		limit = PG_GETARG_NUMERIC(3);

		check_number(limit, "slope_limit");
		if (pm_wide_sign(limit) < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("slope_limit must not be negative: %s", numeric_normalize(limit)),
					 errhint("It says how far a line must fall from one place to the next to be a decline.")));
		state = agree_on_limit(state, limit);
	}
	check_count((int64) state->npoints + 1);
	PG_RETURN_POINTER(append_point(state, value, at));
}

/*
 * Combine: the points of both states.  Strict.
 *
 * Errors: 22023 for two limits, 54000 for too many points.
 */
PG_FUNCTION_INFO_V1(pm_trend_merge);
Datum
pm_trend_merge(PG_FUNCTION_ARGS)
{
	TrendState *state = pm_state_for_update(fcinfo, 0, TYPE_NAME);
	const TrendState *other = pm_state_argument(fcinfo, 1, TYPE_NAME);
	const char *cursor = other->data;
	PmNumericBuffer buffer;
	Numeric		limit;
	Size		size;

	if (other->npoints == 0)
		PG_RETURN_POINTER(state);
	limit = pm_unpack_numeric(&cursor, &buffer);
	state = agree_on_limit(state, limit);
	check_count((int64) state->npoints + other->npoints);

	size = other->used - (cursor - other->data);
	state = make_room(state, size);
	memcpy(state->data + state->used, cursor, size);
	state->used += (int32) size;
	state->npoints += other->npoints;
	PG_RETURN_POINTER(state);
}

/*
 * Final: the figures; no slope, median or next value from fewer than two
 * places.  Strict.
 *
 * Errors: 22003 for numbers beyond what numeric can compute with exactly.
 */
PG_FUNCTION_INFO_V1(pm_trend_final);
Datum
pm_trend_final(PG_FUNCTION_ARGS)
{
	const TrendState *state = pm_state_argument(fcinfo, 0, TYPE_NAME);
	const char *cursor = state->data;
	PmNumericBuffer buffer;
	Numeric		limit = pm_unpack_numeric(&cursor, &buffer);
	PmTrendSeries trend = {0};
	PmTrendFigures figures = {0};
	Datum		values[6] = {0};
	bool		nulls[6] = {false, true, true, true, false, false};

	if (state->npoints > 0 && !read_points(state, &trend))
		read_wide_points(state, &trend);
	if (trend.series.n > 1)
	{
		pm_trend_figures(&trend, limit, &figures);
		values[1] = NumericGetDatum(figures.slope);
		values[2] = NumericGetDatum(figures.theil_sen);
		values[3] = NumericGetDatum(figures.next_value);
		memset(nulls, false, sizeof(nulls));
	}
	values[0] = Int64GetDatum(trend.series.n);
	values[4] = Int64GetDatum(figures.falls);
	values[5] = BoolGetDatum(figures.is_declining);
	return pm_form_record(fcinfo, values, nulls, lengthof(values));
}
