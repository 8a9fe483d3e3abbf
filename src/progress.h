/*
 * progress.h
 *		Progress against a plan, and the light that follows from it.
 */
#ifndef PM_PROGRESS_H
#define PM_PROGRESS_H

#include "utils/date.h"
#include "utils/numeric.h"

#include "traffic_light.h"

/* Lights are decided on integers: fractions at PM_OUTPUT_SCALE places. */
#define PM_MILLION				INT64CONST(1000000)

/* Nobody asks for more than ten times what is expected; 95 is a percentage. */
#define PM_GREEN_MAX			(10 * PM_MILLION)

/* Stands for an expected progress that is not known: below any grace. */
#define PM_EXPECTED_NOT_KNOWN	PG_INT64_MIN

/* Thresholds of a light, in millionths. */
typedef struct LightRule
{
	int64		green;			/* least ratio of progress to expected that is green */
	int64		yellow;			/* least ratio that is yellow */
	int64		grace;			/* least expected progress that is judged at all */
	int64		slack;			/* a gap below it is green whatever the ratio */
} LightRule;

/* in progress.c */
extern const LightRule pm_default_light_rule;
extern int64 pm_millionths(Numeric fraction);
extern int64 pm_expected_progress(DateADT starts_on, DateADT ends_on, DateADT as_of);
extern int64 pm_light_threshold(Numeric threshold, const char *name, int64 max);
extern void pm_require_light_rule(const LightRule *rule);
extern TrafficLight pm_light(bool has_progress, int64 progress, int64 expected,
							 const LightRule *rule);

#endif							/* PM_PROGRESS_H */
