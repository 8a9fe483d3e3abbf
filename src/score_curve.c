/*
 * score_curve.c
 *		The type score_curve and its evaluation.
 *
 * A curve is evaluated on 128-bit integers as long as they hold every step;
 * what does not fit is done again in numeric.  Both ways are exact, and
 * round once, at PM_OUTPUT_SCALE places.
 */
#include "postgres.h"

#include "compat.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "decimal.h"
#include "score_curve.h"
#include "wide.h"

#define MILLION					INT64CONST(1000000)

StaticAssertDecl(PM_OUTPUT_SCALE == 6, "scores are computed in millionths");

/* Leads the binary form. */
#define CURVE_BINARY_VERSION	1

StaticAssertDecl(offsetof(ScoreCurve, points) % sizeof(int64) == 0, "points must be aligned");
StaticAssertDecl(CURVE_DIGITS <= PM_MAX_SMALL_POWER, "a unit must fit");

/*
 * Where x lies among the points: x times 10^x_scale is value / unit.
 */
typedef struct CurvePlace
{
	int128		value;
	int64		unit;
	bool		is_exact;		/* else only the order among the points is right */
} CurvePlace;

/* Points that are counted faster than they are searched. */
#define FEW_POINTS				8

/* A value beyond all points, and far from the end of its type. */
#define FAR_AWAY				((int128) CURVE_LIMIT * CURVE_LIMIT)

static CurvePlace
place_decimal(const ScoreCurve *curve, const PmDecimal *x)
{
	CurvePlace	place = {.value = x->value, .unit = 1, .is_exact = true};
	int			shift = x->scale - curve->x_scale;

	if (shift > CURVE_DIGITS)
	{
		/* halves tell a number between two integers from both */
		int128		divisor = pm_power_of_ten(shift);
		int128		floor = x->value / divisor;
		int128		rest = x->value % divisor;

		place.value = 2 * (floor - (rest < 0)) + (rest != 0);
		place.unit = 2;
		place.is_exact = false;
	}
	else if (shift > 0)
		place.unit = pm_small_powers[shift];
	else if (shift < 0 &&
			 __builtin_mul_overflow(x->value, pm_power_of_ten(-shift), &place.value))
		place.value = x->value < 0 ? -FAR_AWAY : FAR_AWAY;
	return place;
}

/*
 * How many points lie at or left of x; left of x, where is_strict.
 */
static inline int
count_points(const ScoreCurve *curve, const CurvePlace *place, bool is_strict)
{
	int128		last = place->value - (is_strict ? 1 : 0);	/* the last place that counts */
	int			low = 0;
	int			high = curve->count;

	while (high - low > FEW_POINTS)
	{
		int			middle = (low + high) / 2;

		if ((int128) curve->points[middle].x * place->unit <= last)
			low = middle + 1;
		else
			high = middle;
	}
	/* the rest without jumps, which nobody could predict */
	for (int i = low; i < high; i++)
		low += (int128) curve->points[i].x * place->unit <= last;
	return low;
}

/*
 * The y of the tile that holds x.  Rising, a point opens its tile, and what
 * lies left of all belongs to the first; falling, it closes it, and what lies
 * right of all belongs to the last.
 */
static int64
step_y(const ScoreCurve *curve, const CurvePlace *place)
{
	int			i;

	if (curve->flags & CURVE_FALLING)
		i = Min(count_points(curve, place, true), curve->count - 1);
	else
		i = Max(count_points(curve, place, false) - 1, 0);
	return curve->points[i].y;
}

/*
 * Finds the two points between which a linear curve must be interpolated.
 * Where x lies outside of all, returns false and the y there.
 */
static bool
linear_segment(const ScoreCurve *curve, const CurvePlace *place, const CurvePoint **left, int64 *y)
{
	int			n = count_points(curve, place, false);

	*left = &curve->points[Max(n - 1, 0)];
	*y = (*left)->y;
	return n > 0 && n < curve->count;
}

/*
 * dividend / (divisor * 10^y_scale) in millionths, rounded half away from
 * zero.  The divisor must be positive.  False where a step overflows.
 */
static bool
millionths(int128 dividend, int128 divisor, int y_scale, int128 *result)
{
	int			shift = PM_OUTPUT_SCALE - y_scale;

	if (shift >= 0)
	{
		if (__builtin_mul_overflow(dividend, pm_power_of_ten(shift), &dividend))
			return false;
	}
	else
	{
		if (__builtin_mul_overflow(divisor, pm_power_of_ten(-shift), &divisor))
			return false;
	}

	/* most quotients fit into the processor's own division */
	if (divisor == 1)
		*result = dividend;
	else if (dividend >= PG_INT64_MIN / 4 && dividend <= PG_INT64_MAX / 4 &&
			 divisor <= PG_INT64_MAX / 4)
	{
		int64		num = (int64) dividend;
		int64		den = (int64) divisor;

		*result = (2 * num + (num < 0 ? -den : den)) / (2 * den);
	}
	else
		*result = pm_divide_rounded(dividend, divisor);
	return true;
}

/*
 * Linear: y0 + dy * (x - x0) / (x1 - x0), over one divisor.
 */
static bool
score_linear(const ScoreCurve *curve, const PmDecimal *x, int128 *result)
{
	CurvePlace	place = place_decimal(curve, x);
	const CurvePoint *left;
	int64		y;
	int128		offset;			/* x - x0 */
	int128		width;			/* x1 - x0, at the same scale */
	int128		base;
	int128		rise;

	if (!linear_segment(curve, &place, &left, &y))
		return millionths(y, 1, curve->y_scale, result);
	if (!place.is_exact)
		return false;

	/* x lies between two points, so neither of these is beyond 10^37 */
	offset = place.value - (int128) left->x * place.unit;
	width = (int128) (left[1].x - left->x) * place.unit;
	if (__builtin_mul_overflow(width, y, &base) ||
		__builtin_mul_overflow(offset, left[1].y - y, &rise) ||
		__builtin_add_overflow(base, rise, &rise))
		return false;
	return millionths(rise, width, curve->y_scale, result);
}

/*
 * Deduction: full - rate * units, not below the floor.
 */
static bool
score_deduct(const ScoreCurve *curve, const PmDecimal *x, int128 *result)
{
	const CurvePoint *p = curve->points;
	PmDecimal	excess = *x;
	int128		limit = p[DEDUCT_LIMIT].x;
	int128		size = p[DEDUCT_UNIT].x;
	int128		full = p[DEDUCT_LIMIT].y;
	int128		floor = p[DEDUCT_FLOOR].y;
	int128		units;

	if (excess.scale < curve->x_scale)
	{
		if (!pm_decimal_rescale(&excess, curve->x_scale))
			return false;
	}
	else
	{
		int128		unit = pm_power_of_ten(excess.scale - curve->x_scale);

		if (__builtin_mul_overflow(limit, unit, &limit) ||
			__builtin_mul_overflow(size, unit, &size))
			return false;
	}
	if (__builtin_sub_overflow(excess.value, limit, &excess.value))
		return false;
	if (curve->flags & CURVE_BELOW)
		excess.value = -excess.value;
	if (excess.value <= 0)
		return millionths(full, 1, curve->y_scale, result);

	if (curve->flags & CURVE_PRORATA)
	{
		int128		off;

		if (__builtin_mul_overflow(full, size, &full) ||
			__builtin_mul_overflow(floor, size, &floor) ||
			__builtin_mul_overflow(excess.value, p[DEDUCT_UNIT].y, &off) ||
			__builtin_sub_overflow(full, off, &full))
			return false;
		return millionths(Max(full, floor), size, curve->y_scale, result);
	}

	units = (excess.value - 1) / size + 1;
	/* more units than this reach any floor, so the product below fits */
	units = Min(units, 2 * (int128) CURVE_LIMIT);
	full -= units * p[DEDUCT_UNIT].y;
	return millionths(Max(full, floor), 1, curve->y_scale, result);
}

/*
 * The slow way, for an x of more digits than 128 bits hold: numerics that are
 * integers at the scales of the curve.
 */

/*
 * x at the scale of the curve.  Far outside of all points one place is as
 * good as another, so x is brought near first and nothing overflows.
 */
static Numeric
scale_numeric(const ScoreCurve *curve, Numeric x)
{
	Numeric		far = pm_wide_power_of_ten(PM_MAX_POWER);

	if (pm_wide_compare(pm_wide_absolute(x), far) > 0)
		x = pm_wide_sign(x) < 0 ? pm_wide_negate(far) : far;
	return pm_wide_multiply(x, pm_wide_power_of_ten(curve->x_scale));
}

static CurvePlace
place_numeric(Numeric scaled)
{
	CurvePlace	place = {.unit = 2};
	Numeric		floor = DatumGetNumeric(DirectFunctionCall1(numeric_floor,
															NumericGetDatum(scaled)));
	int128		value;

	if (!pm_scaled_from_numeric(floor, 0, &value) || value > FAR_AWAY || value < -FAR_AWAY)
		place.value = pm_wide_sign(floor) < 0 ? -FAR_AWAY : FAR_AWAY;
	else
		place.value = 2 * value + (pm_wide_compare(floor, scaled) < 0);
	return place;
}

/*
 * millionths(), where the dividend has any number of digits.
 */
static int128
millionths_numeric(Numeric dividend, Numeric divisor, int y_scale)
{
	Numeric		quotient;
	int128		result;

	divisor = pm_wide_multiply(divisor, pm_wide_power_of_ten(y_scale));
	quotient = pm_wide_divide_rounded(dividend, divisor, PM_OUTPUT_SCALE);

	/* every score lies between two numbers of the curve */
	if (!pm_scaled_from_numeric(quotient, PM_OUTPUT_SCALE, &result))
		elog(ERROR, "score is out of range");
	return result;
}

static int128
score_linear_numeric(const ScoreCurve *curve, Numeric x)
{
	Numeric		scaled = scale_numeric(curve, x);
	CurvePlace	place = place_numeric(scaled);
	const CurvePoint *left;
	int64		y;
	int64		width;
	Numeric		offset;
	Numeric		rise;

	if (!linear_segment(curve, &place, &left, &y))
		return millionths_numeric(pm_wide_from_integer(y), pm_wide_from_integer(1),
								  curve->y_scale);

	width = left[1].x - left->x;
	offset = pm_wide_subtract(scaled, pm_wide_from_integer(left->x));
	rise = pm_wide_multiply(offset, pm_wide_from_integer(left[1].y - y));
	return millionths_numeric(pm_wide_add(rise, pm_wide_from_integer((int128) y * width)),
							  pm_wide_from_integer(width), curve->y_scale);
}

static int128
score_deduct_numeric(const ScoreCurve *curve, Numeric x)
{
	const CurvePoint *p = curve->points;
	Numeric		one = pm_wide_from_integer(1);
	Numeric		limit = pm_wide_from_integer(p[DEDUCT_LIMIT].x);
	Numeric		size = pm_wide_from_integer(p[DEDUCT_UNIT].x);
	Numeric		full = pm_wide_from_integer(p[DEDUCT_LIMIT].y);
	Numeric		rate = pm_wide_from_integer(p[DEDUCT_UNIT].y);
	Numeric		floor = pm_wide_from_integer(p[DEDUCT_FLOOR].y);
	Numeric		excess = pm_wide_subtract(scale_numeric(curve, x), limit);

	if (curve->flags & CURVE_BELOW)
		excess = pm_wide_negate(excess);
	if (pm_wide_sign(excess) <= 0)
		return millionths_numeric(full, one, curve->y_scale);

	if (curve->flags & CURVE_PRORATA)
	{
		full = pm_wide_multiply(full, size);
		floor = pm_wide_multiply(floor, size);
	}
	else
	{
		Numeric		units = pm_wide_divide_truncated(excess, size);

		if (pm_wide_compare(pm_wide_multiply(units, size), excess) < 0)
			units = pm_wide_add(units, one);
		excess = units;
		size = one;
	}
	full = pm_wide_subtract(full, pm_wide_multiply(excess, rate));
	if (pm_wide_compare(full, floor) < 0)
		full = floor;
	return millionths_numeric(full, size, curve->y_scale);
}

static int64
step_y_at(const ScoreCurve *curve, Numeric x)
{
	PmDecimal	d;
	CurvePlace	place;

	if (pm_decimal_from_numeric(x, &d))
		place = place_decimal(curve, &d);
	else
		place = place_numeric(scale_numeric(curve, x));
	return step_y(curve, &place);
}

/*
 * The score at a finite x, in millionths of a point.  A veto tile gives 0.
 */
int128
pm_curve_score(const ScoreCurve *curve, Numeric x)
{
	PmDecimal	d;
	int64		y;
	int128		result;

	switch ((CurveKind) curve->kind)
	{
		case CURVE_LINEAR:
			if (pm_decimal_from_numeric(x, &d) && score_linear(curve, &d, &result))
				return result;
			return score_linear_numeric(curve, x);
		case CURVE_STEP:
			y = step_y_at(curve, x);
			if (y == CURVE_VETO)
				return 0;
			if (millionths(y, 1, curve->y_scale, &result))
				return result;
			break;				/* cannot happen: a y is less than CURVE_LIMIT */
		case CURVE_DEDUCT:
			if (pm_decimal_from_numeric(x, &d) && score_deduct(curve, &d, &result))
				return result;
			return score_deduct_numeric(curve, x);
	}
	elog(ERROR, "unexpected kind of score_curve: %d", curve->kind);
}

/*
 * Whether a finite x lies in a veto tile.
 */
bool
pm_curve_is_veto(const ScoreCurve *curve, Numeric x)
{
	return curve->kind == CURVE_STEP && step_y_at(curve, x) == CURVE_VETO;
}

/*
 * Text to curve.  Errors: see pm_curve_parse().
 */
PG_FUNCTION_INFO_V1(pm_score_curve_in);
Datum
pm_score_curve_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(pm_curve_parse(PG_GETARG_CSTRING(0), 0, fcinfo->context));
}

PG_FUNCTION_INFO_V1(pm_score_curve_out);
Datum
pm_score_curve_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(pm_curve_print(PG_GETARG_SCORE_CURVE(0)));
}

/*
 * Binary to curve: a version byte, then the text.  22P03 for anything else.
 */
PG_FUNCTION_INFO_V1(pm_score_curve_recv);
Datum
pm_score_curve_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			version = pq_getmsgbyte(buf);
	int			length;

	if (version != CURVE_BINARY_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unsupported version %d of binary %s", version, "score_curve")));
	PG_RETURN_POINTER(pm_curve_parse(pq_getmsgtext(buf, buf->len - buf->cursor, &length),
									 ERRCODE_INVALID_BINARY_REPRESENTATION, NULL));
}

PG_FUNCTION_INFO_V1(pm_score_curve_send);
Datum
pm_score_curve_send(PG_FUNCTION_ARGS)
{
	char	   *text = pm_curve_print(PG_GETARG_SCORE_CURVE(0));
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, CURVE_BINARY_VERSION);
	pq_sendtext(&buf, text, strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * Two curves are equal where their canonical texts are, which is to say
 * their bytes.
 */
static bool
equal_curves(FunctionCallInfo fcinfo)
{
	const ScoreCurve *a = PG_GETARG_SCORE_CURVE(0);
	const ScoreCurve *b = PG_GETARG_SCORE_CURVE(1);

	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

PG_FUNCTION_INFO_V1(pm_score_curve_eq);
Datum
pm_score_curve_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(equal_curves(fcinfo));
}

PG_FUNCTION_INFO_V1(pm_score_curve_ne);
Datum
pm_score_curve_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!equal_curves(fcinfo));
}

PG_FUNCTION_INFO_V1(pm_score_curve_hash);
Datum
pm_score_curve_hash(PG_FUNCTION_ARGS)
{
	const ScoreCurve *curve = PG_GETARG_SCORE_CURVE(0);

	return hash_any((const unsigned char *) VARDATA(curve), VARSIZE(curve) - VARHDRSZ);
}

/*
 * value / 10^scale as a numeric without zeros at its end.
 */
static Numeric
trimmed_numeric(int128 value, int scale)
{
	if (value >= PG_INT64_MIN && value <= PG_INT64_MAX)
	{
		/* as below, where the processor divides */
		int64		narrow = (int64) value;

		for (; scale > 0 && narrow % 10 == 0; scale--)
			narrow /= 10;
		return pm_decimal_to_numeric(narrow, scale, scale);
	}
	for (; scale > 0 && value % 10 == 0; scale--)
		value /= 10;
	return pm_decimal_to_numeric(value, scale, scale);
}

/*
 * score(curve, x): points, at most 6 places.  22003 for NaN and Infinity.
 */
PG_FUNCTION_INFO_V1(pm_score);
Datum
pm_score(PG_FUNCTION_ARGS)
{
	const ScoreCurve *curve = PG_GETARG_SCORE_CURVE(0);
	Numeric		x = PM_GETARG_NUMERIC(1);
	if (unlikely(pm_is_special(x)))
		pm_require_finite(x, "x");
	if (curve->kind == CURVE_STEP && curve->y_scale <= PM_OUTPUT_SCALE)
	{
		int64		y = step_y_at(curve, x);

		/* nothing to compute, nothing to round */
		PG_RETURN_NUMERIC(trimmed_numeric(y == CURVE_VETO ? 0 : y, curve->y_scale));
	}
	PG_RETURN_NUMERIC(trimmed_numeric(pm_curve_score(curve, x), PM_OUTPUT_SCALE));
}

/*
 * is_veto(curve, x): whether x lies in a veto tile.  22003 for NaN and
 * Infinity.
 */
PG_FUNCTION_INFO_V1(pm_is_veto);
Datum
pm_is_veto(PG_FUNCTION_ARGS)
{
	const ScoreCurve *curve = PG_GETARG_SCORE_CURVE(0);
	Numeric		x = PM_GETARG_NUMERIC(1);

	pm_require_finite(x, "x");
	PG_RETURN_BOOL(pm_curve_is_veto(curve, x));
}
