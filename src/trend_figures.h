/*
 * trend_figures.h
 *		What the points of a trend say.
 */
#ifndef PM_TREND_FIGURES_H
#define PM_TREND_FIGURES_H

#include "utils/numeric.h"

#include "decimal.h"
#include "theil_sen.h"

/*
 * Points in order.  As integers they are counted from their smallest place
 * and value, and the scales apply; numerics are as they are.
 */
typedef struct PmTrendSeries
{
	PmSeries	series;
	int			at_scale;
	int			value_scale;
	int128		least_value;
} PmTrendSeries;

typedef struct PmTrendFigures
{
	Numeric		slope;			/* of the line by least squares */
	Numeric		theil_sen;		/* median of the slopes of all pairs */
	Numeric		next_value;		/* the line one mean distance beyond the last place */
	int			falls;			/* in a row at the end */
	bool		is_declining;
} PmTrendFigures;

/* in trend_figures.c */
extern void pm_trend_figures(PmTrendSeries *trend, Numeric limit, PmTrendFigures *figures);

#endif							/* PM_TREND_FIGURES_H */
