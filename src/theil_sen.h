/*
 * theil_sen.h
 *		The median of the slopes between all pairs of points.
 */
#ifndef PM_THEIL_SEN_H
#define PM_THEIL_SEN_H

#include "utils/numeric.h"
#include "utils/palloc.h"

#include "decimal.h"

/* Points are numbered by 16-bit integers. */
#define PM_SERIES_MAX_POINTS	10000

typedef struct PmPoint
{
	int128		at;
	int128		value;
} PmPoint;

/*
 * Points in the order of "at", no two with the same one.  As integers, the
 * range of "at" times that of "value" must be less than 2^125; anything
 * beyond that comes as numerics.
 */
typedef struct PmSeries
{
	int			n;
	PmPoint    *points;			/* NULL where the next two are used */
	Numeric    *wide_at;
	Numeric    *wide_value;
	MemoryContext scratch;		/* for comparing numerics */
} PmSeries;

/* The slope between two points, from < to. */
typedef struct PmSlope
{
	uint16		from;
	uint16		to;
} PmSlope;

/* in theil_sen.c */
extern void pm_middle_slopes(const PmSeries *series, PmSlope *lower, PmSlope *upper);

#endif							/* PM_THEIL_SEN_H */
