/*
 * progress.c
 *		progress(), attainment(), expected_progress() and light().
 *
 * The quotients are PostgreSQL's own, digit for digit, so that they equal
 * the expression that anybody would write; only the light is decided on
 * integers.
 */
#include "postgres.h"

#include "compat.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/numeric.h"

#include "decimal.h"
#include "progress.h"
#include "score_curve.h"
#include "wide.h"

const LightRule pm_default_light_rule = {
	.green = 950000,
	.yellow = 750000,
	.grace = 100000,
	.slack = 20000
};

/* With nothing reported, a goal turns red when half of it is expected. */
#define SILENT_IS_RED_FROM		(PM_MILLION / 2)

StaticAssertDecl(PM_OUTPUT_SCALE == 6, "millionths are the published places");

/*
 * (actual - baseline) / (target - baseline), raw.  The direction is the sign
 * of the divisor.  22023 where target and baseline are equal: there is
 * nothing to progress through.
 */
PG_FUNCTION_INFO_V1(pm_progress);
Datum
pm_progress(PG_FUNCTION_ARGS)
{
	Numeric		actual = PG_GETARG_NUMERIC(0);
	Numeric		baseline = PG_GETARG_NUMERIC(1);
	Numeric		target = PG_GETARG_NUMERIC(2);
	Numeric		distance;

	pm_require_finite(actual, "actual");
	pm_require_finite(baseline, "baseline");
	pm_require_finite(target, "target");

	distance = pm_wide_subtract(target, baseline);
	if (pm_is_zero(distance))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("target must differ from baseline, but both are %s",
						DatumGetCString(DirectFunctionCall1(numeric_out,
															NumericGetDatum(target)))),
				 errhint("For a value that is to be held, use attainment(actual, target).")));

	PG_RETURN_NUMERIC(pm_wide_divide(pm_wide_subtract(actual, baseline), distance));
}

/*
 * actual / target, raw.  22023 where the target is 0.
 */
PG_FUNCTION_INFO_V1(pm_attainment);
Datum
pm_attainment(PG_FUNCTION_ARGS)
{
	Numeric		actual = PG_GETARG_NUMERIC(0);
	Numeric		target = PG_GETARG_NUMERIC(1);

	pm_require_finite(actual, "actual");
	pm_require_finite(target, "target");

	if (pm_is_zero(target))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("target of an attainment must not be 0"),
				 errhint("Use progress(actual, baseline, target) for a target of 0.")));

	PG_RETURN_NUMERIC(pm_wide_divide(actual, target));
}

static void
require_finite_date(DateADT date, const char *what)
{
	if (DATE_NOT_FINITE(date))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be a finite date, not %s", what,
						DATE_IS_NOBEGIN(date) ? "-infinity" : "infinity"),
				 errhint("Use NULL for a date that is not known.")));
}

/*
 * Days of a span up to and including as_of, of so many in all; both ends
 * count.  22023 for a span that ends before it starts, 22008 for an infinite
 * date.
 */
static void
elapsed_days(DateADT starts_on, DateADT ends_on, DateADT as_of, int64 *elapsed, int64 *total)
{
	require_finite_date(starts_on, "starts_on");
	require_finite_date(ends_on, "ends_on");
	require_finite_date(as_of, "as_of");
	if (ends_on < starts_on)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("ends_on must not be before starts_on, but is %s and starts_on is %s",
						DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(ends_on))),
						DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(starts_on)))),
				 errhint("Both days count, so a span of one day ends on the day it starts.")));

	*total = (int64) ends_on - starts_on + 1;
	*elapsed = (int64) as_of - starts_on + 1;
	*elapsed = Max(*elapsed, 0);
	*elapsed = Min(*elapsed, *total);
}

/*
 * The share of a span that has passed, in millionths, for C callers.
 */
int64
pm_expected_progress(DateADT starts_on, DateADT ends_on, DateADT as_of)
{
	int64		elapsed;
	int64		total;

	elapsed_days(starts_on, ends_on, as_of, &elapsed, &total);
	return (int64) pm_divide_rounded((int128) elapsed * PM_MILLION, total);
}

/*
 * expected_progress(starts_on, ends_on, as_of, plan).  NULL where a date is;
 * a plan that is NULL is the straight line.  What a plan says is kept within
 * 0..1 like the straight line.
 */
PG_FUNCTION_INFO_V1(pm_expected_progress_of);
Datum
pm_expected_progress_of(PG_FUNCTION_ARGS)
{
	int64		elapsed;
	int64		total;
	Numeric		percent;
	int128		planned;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();

	elapsed_days(PG_GETARG_DATEADT(0), PG_GETARG_DATEADT(1), PG_GETARG_DATEADT(2),
				 &elapsed, &total);

	if (PG_ARGISNULL(3))
	{
		if (elapsed == 0 || elapsed == total)
			PG_RETURN_NUMERIC(pm_wide_from_integer(elapsed == 0 ? 0 : 1));
		PG_RETURN_NUMERIC(pm_wide_divide(pm_wide_from_integer(elapsed),
										 pm_wide_from_integer(total)));
	}

	percent = pm_wide_divide(pm_wide_from_integer(100 * elapsed), pm_wide_from_integer(total));
	planned = pm_curve_score(PG_GETARG_SCORE_CURVE(3), percent);
	planned = Max(planned, 0);
	planned = Min(planned, 100 * PM_MILLION);
	/* percent to fraction: two more places */
	PG_RETURN_NUMERIC(pm_decimal_to_numeric(planned, PM_OUTPUT_SCALE + 2, PM_OUTPUT_SCALE + 2));
}

/*
 * A finite fraction in millionths, rounded half away from zero.  What does
 * not fit becomes the nearest value that does; no light depends on the
 * difference, because it is far beyond every threshold.
 */
int64
pm_millionths(Numeric fraction)
{
	PmDecimal	d;
	int128		value;

	if (!pm_decimal_from_numeric(fraction, &d))
	{
		/* too many digits: those after the sixth place go first */
		fraction = pm_wide_round(fraction, PM_OUTPUT_SCALE);
		if (!pm_decimal_from_numeric(fraction, &d))
			return pm_wide_sign(fraction) < 0 ? PG_INT64_MIN : PG_INT64_MAX;
	}

	if (d.scale > PM_OUTPUT_SCALE)
		value = pm_divide_rounded(d.value, pm_power_of_ten(d.scale - PM_OUTPUT_SCALE));
	else if (__builtin_mul_overflow(d.value, pm_power_of_ten(PM_OUTPUT_SCALE - d.scale), &value))
		return d.value < 0 ? PG_INT64_MIN : PG_INT64_MAX;

	if (value < PG_INT64_MIN)
		return PG_INT64_MIN;
	if (value > PG_INT64_MAX)
		return PG_INT64_MAX;
	return (int64) value;
}

/*
 * The light, by the first rule that applies.  progress is looked at only
 * where has_progress; expected may be PM_EXPECTED_NOT_KNOWN.
 *
 * The ratio is never computed: progress / expected >= green is decided as
 * progress >= green * expected, which is exact.
 */
TrafficLight
pm_light(bool has_progress, int64 progress, int64 expected, const LightRule *rule)
{
	int128		reached;

	if (!has_progress)
		return expected >= SILENT_IS_RED_FROM ? LIGHT_RED : LIGHT_GREY;
	if (progress >= PM_MILLION)
		return LIGHT_GREEN;
	if (expected < rule->grace)
		return LIGHT_GREY;
	if ((int128) expected - progress < rule->slack)
		return LIGHT_GREEN;
	if (expected <= 0)
		return LIGHT_GREY;		/* only with a grace of 0: there is no ratio */

	reached = (int128) progress * PM_MILLION;
	if (reached >= (int128) rule->green * expected)
		return LIGHT_GREEN;
	if (reached >= (int128) rule->yellow * expected)
		return LIGHT_YELLOW;
	return LIGHT_RED;
}

/*
 * A threshold of a light in millionths, from 0 to max.
 */
int64
pm_light_threshold(Numeric threshold, const char *name, int64 max)
{
	int64		millionths;

	pm_require_finite(threshold, name);
	millionths = pm_millionths(threshold);
	if (millionths < 0 || millionths > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 0 and " INT64_FORMAT ", but is %s",
						name, max / PM_MILLION, numeric_normalize(threshold)),
				 errhint("Thresholds are fractions: 0.95 stands for 95 percent.")));
	return millionths;
}

static char *
fraction_text(int64 millionths)
{
	return numeric_normalize(pm_decimal_to_numeric(millionths, PM_OUTPUT_SCALE, PM_OUTPUT_SCALE));
}

/*
 * Refuses thresholds that contradict each other.
 */
void
pm_require_light_rule(const LightRule *rule)
{
	if (rule->yellow <= 0 || rule->yellow >= rule->green)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("yellow must be greater than 0 and less than green, but yellow is %s and green is %s",
						fraction_text(rule->yellow), fraction_text(rule->green)),
				 errhint("Thresholds are fractions of the expected progress: 0.95 stands for 95 percent.")));
}

/*
 * An argument of light(); NULL stands for the default.
 */
static int64
threshold_argument(FunctionCallInfo fcinfo, int argno, const char *name, int64 default_value,
				   int64 max)
{
	if (PG_ARGISNULL(argno))
		return default_value;
	return pm_light_threshold(PG_GETARG_NUMERIC(argno), name, max);
}

/*
 * light(progress, expected, green, yellow, grace, slack).  Not strict: NULL
 * progress is silence, NULL expected leaves only green and grey, and a NULL
 * threshold is its default.  22023 for thresholds that contradict each other.
 */
PG_FUNCTION_INFO_V1(pm_light_of);
Datum
pm_light_of(PG_FUNCTION_ARGS)
{
	bool		has_progress = !PG_ARGISNULL(0);
	int64		progress = 0;
	int64		expected = PM_EXPECTED_NOT_KNOWN;
	LightRule	rule;

	rule.green = threshold_argument(fcinfo, 2, "green", pm_default_light_rule.green, PM_GREEN_MAX);
	rule.yellow = threshold_argument(fcinfo, 3, "yellow", pm_default_light_rule.yellow, PM_GREEN_MAX);
	rule.grace = threshold_argument(fcinfo, 4, "grace", pm_default_light_rule.grace, PM_MILLION);
	rule.slack = threshold_argument(fcinfo, 5, "slack", pm_default_light_rule.slack, PM_MILLION);
	pm_require_light_rule(&rule);

	if (has_progress)
	{
		Numeric		num = PM_GETARG_NUMERIC(0);

		pm_require_finite(num, "progress");
		progress = pm_millionths(num);
	}
	if (!PG_ARGISNULL(1))
	{
		Numeric		num = PM_GETARG_NUMERIC(1);

		pm_require_finite(num, "expected progress");
		expected = pm_millionths(num);
	}

	PG_RETURN_TRAFFIC_LIGHT(pm_light(has_progress, progress, expected, &rule));
}
