/*
 * graph_value.c
 *		The numbers of a goal graph: exact, compact, and wide where they must be.
 *
 * What is wide and lasts goes into a memory context that the caller names; all
 * else is left behind in the current one, for the caller to reset.
 */
#include "postgres.h"

#include "compat.h"

#include "utils/memutils.h"
#include "utils/numeric.h"

#include "graph_value.h"
#include "wide.h"

/* 10^PM_CARRY_SCALE, and the step from there to PM_OUTPUT_SCALE */
#define CARRY_UNIT		INT64CONST(1000000000000000000)
#define OUTPUT_STEP		INT64CONST(1000000000000)

StaticAssertDecl(PM_CARRY_SCALE == 18 && PM_OUTPUT_SCALE == 6,
				 "the units above follow the scales");
StaticAssertDecl(PM_CARRY_SCALE + GRAPH_DECIMAL_MAX_SCALE <= PM_MAX_POWER,
				 "a sum must have a scale that decimal.c can print");

static Numeric
keep_numeric(MemoryContext context, Numeric num)
{
	Size		size = VARSIZE_ANY(num);
	Numeric		result = (Numeric) MemoryContextAlloc(context, size);

	memcpy(result, num, size);
	return result;
}

/*
 * Less than, equal to or greater than 0, as the number is less than, equal to
 * or greater than 0 or 1.
 */
int
pm_graph_number_cmp(const GraphNumber *number, int other)
{
	int128		value = number->decimal.value;
	int128		limit;

	Assert(other == 0 || other == 1);

	if (number->is_wide)
		return pm_wide_compare(number->num, pm_wide_from_integer(other));
	limit = other == 0 ? 0 : pm_power_of_ten(number->decimal.scale);
	return (value > limit) - (value < limit);
}

/*
 * A number as a numeric with a long header.
 */
Numeric
pm_graph_number_numeric(const GraphNumber *number)
{
	if (number->num == NULL)
		return int64_to_numeric((int64) number->decimal.value);
	return DatumGetNumeric(NumericGetDatum(number->num));
}

/*
 * A number for a message.
 */
char *
pm_graph_number_text(const GraphNumber *number)
{
	return numeric_normalize(pm_graph_number_numeric(number));
}

/*
 * Keeps a number exactly as it was given.
 */
void
pm_graph_decimal_keep(MemoryContext context, GraphDecimal *d, const GraphNumber *number)
{
	int128		value = number->decimal.value;

	if (!number->is_wide &&
		number->decimal.scale <= GRAPH_DECIMAL_MAX_SCALE &&
		value >= PG_INT64_MIN && value <= PG_INT64_MAX)
	{
		d->u.value = (int64) value;
		d->scale = number->decimal.scale;
		return;
	}
	d->u.wide = keep_numeric(context, pm_graph_number_numeric(number));
	d->scale = GRAPH_DECIMAL_WIDE;
}

/*
 * The exact numeric of a decimal that is not NULL.
 */
static Numeric
decimal_numeric(const GraphDecimal *d)
{
	Assert(d->scale != GRAPH_DECIMAL_NULL);

	if (d->scale == GRAPH_DECIMAL_WIDE)
		return d->u.wide;
	return pm_decimal_to_numeric(d->u.value, d->scale, d->scale);
}

/*
 * Takes over a numeric that has at most PM_CARRY_SCALE places.
 */
static void
set_from_numeric(GraphValue *v, Numeric num)
{
	v->is_known = true;
	v->is_wide = !pm_scaled_from_numeric(num, PM_CARRY_SCALE, &v->u.fixed);
	if (v->is_wide)
		v->u.wide = num;
}

/*
 * Takes over a number, rounded to PM_CARRY_SCALE places.
 */
void
pm_graph_value_set(GraphValue *v, const GraphNumber *number)
{
	if (!number->is_wide)
	{
		PmDecimal	d = number->decimal;
		int64		narrow = (int64) d.value;

		/* most numbers are short */
		if (d.scale <= PM_CARRY_SCALE && narrow == d.value &&
			!__builtin_mul_overflow(narrow, (int64) pm_power_of_ten(PM_CARRY_SCALE - d.scale), &narrow))
		{
			v->u.fixed = narrow;
			v->is_known = true;
			v->is_wide = false;
			return;
		}
		if (d.scale > PM_CARRY_SCALE)
		{
			d.value = pm_divide_rounded(d.value,
										pm_power_of_ten(d.scale - PM_CARRY_SCALE));
			d.scale = PM_CARRY_SCALE;
		}
		if (pm_decimal_rescale(&d, PM_CARRY_SCALE))
		{
			v->u.fixed = d.value;
			v->is_known = true;
			v->is_wide = false;
			return;
		}
		set_from_numeric(v, pm_decimal_to_numeric(d.value, d.scale, d.scale));
	}
	else
		set_from_numeric(v, pm_wide_round(number->num, PM_CARRY_SCALE));
}

/*
 * Makes a value last as long as a memory context.
 */
void
pm_graph_value_keep(MemoryContext context, GraphValue *v)
{
	if (v->is_known && v->is_wide)
		v->u.wide = keep_numeric(context, v->u.wide);
}

/*
 * The exact numeric of a value that is known.
 */
static Numeric
value_numeric(const GraphValue *v)
{
	if (v->is_wide)
		return v->u.wide;
	return pm_decimal_to_numeric(v->u.fixed, PM_CARRY_SCALE, PM_CARRY_SCALE);
}

/*
 * Brings a value that is known into 0 .. cap.
 */
void
pm_graph_value_clamp(GraphValue *v, const GraphDecimal *cap)
{
	GraphValue	limit;
	GraphNumber number;

	Assert(v->is_known);

	if (!v->is_wide ? v->u.fixed <= 0 : pm_wide_sign(v->u.wide) < 0)
	{
		v->is_wide = false;
		v->u.fixed = 0;
		return;
	}
	if (cap == NULL || cap->scale == GRAPH_DECIMAL_NULL)
	{
		if (v->is_wide || v->u.fixed > CARRY_UNIT)
		{
			v->is_wide = false;
			v->u.fixed = CARRY_UNIT;
		}
		return;
	}

	number.is_wide = cap->scale == GRAPH_DECIMAL_WIDE;
	if (number.is_wide)
		number.num = cap->u.wide;
	else
	{
		number.decimal.value = cap->u.value;
		number.decimal.scale = cap->scale;
	}
	pm_graph_value_set(&limit, &number);

	/* what is wide is beyond everything that is not */
	if (v->is_wide != limit.is_wide)
	{
		if (v->is_wide)
			*v = limit;
	}
	else if (!v->is_wide)
		v->u.fixed = Min(v->u.fixed, limit.u.fixed);
	else if (pm_wide_compare(v->u.wide, limit.u.wide) > 0)
		*v = limit;
}

/*
 * A known value at PM_OUTPUT_SCALE places.  False where it does not fit.
 */
bool
pm_graph_value_published(const GraphValue *v, int64 *result)
{
	int128		value;

	Assert(v->is_known);

	if (v->is_wide)
		return false;
	value = v->u.fixed;
	if (likely(value >= PG_INT64_MIN + OUTPUT_STEP && value <= PG_INT64_MAX - OUTPUT_STEP))
	{
		int64		half = value < 0 ? -OUTPUT_STEP / 2 : OUTPUT_STEP / 2;

		*result = ((int64) value + half) / OUTPUT_STEP;
		return true;
	}
	value = pm_divide_rounded(value, OUTPUT_STEP);
	if (value < PG_INT64_MIN || value > PG_INT64_MAX)
		return false;
	*result = (int64) value;
	return true;
}

/*
 * A known value as it is given out: rounded to some places, at most those
 * with which it is carried.
 */
Numeric
pm_graph_value_rounded(const GraphValue *v, int places)
{
	int64		value;

	Assert(places >= 0 && places <= PM_CARRY_SCALE);

	if (places == PM_OUTPUT_SCALE && pm_graph_value_published(v, &value))
		return pm_decimal_to_numeric(value, PM_OUTPUT_SCALE, PM_OUTPUT_SCALE);
	if (!v->is_wide)
		return pm_decimal_to_numeric(v->u.fixed, PM_CARRY_SCALE, places);
	return pm_wide_round(v->u.wide, places);
}

/*
 * ceil((1 - progress) / pace) through the numeric functions; PG_INT64_MAX where
 * that is too large or the pace leads nowhere.
 */
int64
pm_graph_days_wide(const GraphValue *progress, const GraphDecimal *pace)
{
	Numeric		per_day = decimal_numeric(pace);
	Numeric		rest = pm_wide_subtract(pm_wide_from_integer(1), value_numeric(progress));
	Numeric		days;
	int128		result;

	if (pm_wide_sign(per_day) <= 0)
		return PG_INT64_MAX;
	days = pm_wide_divide_truncated(rest, per_day);
	if (!pm_scaled_from_numeric(days, 0, &result) || result >= PG_INT64_MAX)
		return PG_INT64_MAX;
	if (pm_wide_compare(rest, pm_wide_multiply(days, per_day)) > 0)
		result++;
	return (int64) result;
}

/*
 * Turns a sum into a wide one.
 */
static void
widen(MemoryContext context, GraphSum *sum)
{
	int			scale = PM_CARRY_SCALE + sum->scale;
	Numeric		values;
	Numeric		weights;

	if (sum->is_wide)
		return;
	values = pm_decimal_to_numeric(sum->u.fixed, scale, scale);
	weights = pm_decimal_to_numeric(sum->weights, sum->scale, sum->scale);
	sum->u.wide.values = keep_numeric(context, values);
	sum->u.wide.weights = keep_numeric(context, weights);
	sum->is_wide = true;
}

static void
add_to(MemoryContext context, Numeric *sum, Numeric num)
{
	Numeric		total = keep_numeric(context, pm_wide_add(*sum, num));

	pfree(*sum);
	*sum = total;
}

/*
 * Adds an item through the numeric functions.
 */
static void
add_wide(MemoryContext context, GraphSum *sum, const GraphDecimal *weight,
		 const GraphValue *item)
{
	Numeric		w = decimal_numeric(weight);

	widen(context, sum);
	add_to(context, &sum->u.wide.weights, w);
	if (item->is_known)
		add_to(context, &sum->u.wide.values, pm_wide_multiply(value_numeric(item), w));
}

/*
 * Brings a sum to a higher scale.  False, and nothing done, where it does not
 * fit.
 */
static bool
raise_scale(GraphSum *sum, int scale)
{
	int128		unit = pm_power_of_ten(scale - sum->scale);
	int128		value;
	int64		weights;

	if (unit > PG_INT64_MAX ||
		__builtin_mul_overflow(sum->weights, (int64) unit, &weights) ||
		__builtin_mul_overflow(sum->u.fixed, unit, &value))
		return false;
	sum->u.fixed = value;
	sum->weights = weights;
	sum->scale = scale;
	return true;
}

/*
 * Adds an item of integers.  False, and nothing done, where it does not fit.
 */
static bool
add_fixed(GraphSum *sum, const GraphDecimal *weight, const GraphValue *item)
{
	int64		w = weight->u.value;
	int64		weights;
	int128		product = 0;
	int128		value;

	if (weight->scale > sum->scale && !raise_scale(sum, weight->scale))
		return false;
	if (weight->scale < sum->scale)
	{
		int128		unit = pm_power_of_ten(sum->scale - weight->scale);

		if (unit > PG_INT64_MAX || __builtin_mul_overflow(w, (int64) unit, &w))
			return false;
	}

	if (item->is_known)
	{
		int64		narrow = (int64) item->u.fixed;

		/* two 64-bit factors cannot overflow */
		if (likely(narrow == item->u.fixed))
			product = (int128) narrow * w;
		else if (__builtin_mul_overflow(item->u.fixed, (int128) w, &product))
			return false;
	}
	if (__builtin_add_overflow(sum->weights, w, &weights) ||
		__builtin_add_overflow(sum->u.fixed, product, &value))
		return false;
	sum->weights = weights;
	sum->u.fixed = value;
	return true;
}

/*
 * Adds an item to a sum, whose wide parts live in the memory context.  An item
 * without a value adds to the weights alone: it counts as 0.
 */
void
pm_graph_sum_add(MemoryContext context, GraphSum *sum, const GraphDecimal *weight,
				 const GraphValue *item)
{
	Assert(weight->scale != GRAPH_DECIMAL_NULL);

	if (sum->is_wide || weight->scale == GRAPH_DECIMAL_WIDE ||
		(item->is_known && item->is_wide) ||
		!add_fixed(sum, weight, item))
		add_wide(context, sum, weight, item);
	sum->is_known |= item->is_known;
}

/*
 * The weighted mean; NULL where no item had a value, or the weights add up to
 * 0.
 */
GraphValue
pm_graph_sum_mean(const GraphSum *sum)
{
	GraphValue	result;

	memset(&result, 0, sizeof(result));
	result.is_known = sum->is_known &&
		(sum->is_wide ? pm_wide_sign(sum->u.wide.weights) > 0 : sum->weights > 0);
	if (!result.is_known)
		return result;
	if (sum->is_wide)
		set_from_numeric(&result, pm_wide_divide_rounded(sum->u.wide.values, sum->u.wide.weights,
														 PM_CARRY_SCALE));
	else
		result.u.fixed = pm_divide_rounded(sum->u.fixed, sum->weights);
	return result;
}
