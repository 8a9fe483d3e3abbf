/*
 * graph_value.h
 *		The numbers of a goal graph: exact, compact, and wide where they must be.
 *
 * A value is carried at PM_CARRY_SCALE decimal places in 128 bits, a weight at
 * its own scale in 64.  What does not fit is kept as a numeric ("wide") and
 * takes the slower path through the numeric functions, never a wrong answer.
 */
#ifndef PM_GRAPH_VALUE_H
#define PM_GRAPH_VALUE_H

#include "utils/numeric.h"
#include "utils/palloc.h"

#include "decimal.h"

/* Scales that say how a GraphDecimal is kept. */
#define GRAPH_DECIMAL_MAX_SCALE		20
#define GRAPH_DECIMAL_WIDE			254
#define GRAPH_DECIMAL_NULL			255

/* An exact number as it was given: a weight, a cap, a pace. */
typedef struct GraphDecimal
{
	union
	{
		int64		value;		/* the number times 10^scale */
		Numeric		wide;		/* with GRAPH_DECIMAL_WIDE */
	}			u;
	uint8		scale;
} GraphDecimal;

/* A value that goes up the tree. */
typedef struct GraphValue
{
	union
	{
		int128		fixed;		/* times 10^PM_CARRY_SCALE */
		Numeric		wide;
	}			u;
	bool		is_known;		/* else NULL */
	bool		is_wide;
} GraphValue;

/* sum(w * v) and sum(w) */
typedef struct GraphSum
{
	union
	{
		int128		fixed;		/* sum(w * v) times 10^(PM_CARRY_SCALE + scale) */
		struct
		{
			Numeric		values;
			Numeric		weights;
		}			wide;
	}			u;
	int64		weights;		/* times 10^scale, unless wide */
	uint8		scale;
	bool		is_known;		/* some item had a value */
	bool		is_wide;
} GraphSum;

/* A number as it was read. */
typedef struct GraphNumber
{
	PmDecimal	decimal;		/* unless is_wide */
	Numeric		num;			/* NULL where it was read from an integer */
	bool		is_wide;
} GraphNumber;

/* in graph_value.c */
extern int	pm_graph_number_cmp(const GraphNumber *number, int other);
extern Numeric pm_graph_number_numeric(const GraphNumber *number);
extern char *pm_graph_number_text(const GraphNumber *number);
extern void pm_graph_decimal_keep(MemoryContext context, GraphDecimal *d,
								  const GraphNumber *number);
extern void pm_graph_value_set(GraphValue *v, const GraphNumber *number);
extern void pm_graph_value_keep(MemoryContext context, GraphValue *v);
extern void pm_graph_value_clamp(GraphValue *v, const GraphDecimal *cap);
extern bool pm_graph_value_published(const GraphValue *v, int64 *result);
extern Numeric pm_graph_value_rounded(const GraphValue *v, int places);
extern int64 pm_graph_days_wide(const GraphValue *progress, const GraphDecimal *pace);
extern void pm_graph_sum_add(MemoryContext context, GraphSum *sum,
							 const GraphDecimal *weight, const GraphValue *item);
extern GraphValue pm_graph_sum_mean(const GraphSum *sum);

#endif							/* PM_GRAPH_VALUE_H */
