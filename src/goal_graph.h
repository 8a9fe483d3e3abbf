/*
 * goal_graph.h
 *		A graph of goals in memory: a tree by parent_id, and links across it.
 *
 * The door (goal_graph.c) lets graph_load.c read the goals, graph_rollup.c
 * order and roll them up, graph_links.c forecast and propagate; then it gives
 * the rows back.  Every step is linear and iterative.
 */
#ifndef PM_GOAL_GRAPH_H
#define PM_GOAL_GRAPH_H

#include "utils/date.h"
#include "utils/palloc.h"

#include "graph_index.h"
#include "graph_query.h"
#include "graph_value.h"
#include "progress.h"

/* A date that is not known; -infinity is refused on input. */
#define GRAPH_NO_DATE		DATEVAL_NOBEGIN

/* An expected progress that is not known. */
#define GRAPH_NO_EXPECTED	PG_INT32_MIN

/* A slack that is not known. */
#define GRAPH_NO_SLACK		PG_INT32_MIN

/* No goal at this position. */
#define GRAPH_NOBODY		(-1)

/* Flags of a goal. */
#define GOAL_HAS_PARENT_ID		0x0001	/* parent_id was not NULL */
#define GOAL_HAS_PARENT			0x0002	/* and is in the graph */
#define GOAL_HAS_PROGRESS		0x0004
#define GOAL_PROGRESS_IS_BOXED	0x0008
#define GOAL_IS_DONE			0x0010
#define GOAL_IS_SILENT			0x0020
#define GOAL_LIGHT_IS_GIVEN		0x0040
#define GOAL_ROLLS_UP			0x0080	/* has children with a weight */
#define GOAL_HAS_FORECAST		0x0100	/* one of its own */

/*
 * A goal.  There may be millions, and touching memory for the first time is
 * what costs most, so it holds only what every goal has.
 */
typedef struct GraphGoal
{
	int64		goal_id;
	int64		parent;			/* its position; its id without GOAL_HAS_PARENT */
	union
	{
		int64		narrow;		/* times 10^PM_CARRY_SCALE */
		GraphValue *boxed;		/* where that does not hold it */
	}			progress;		/* own, or rolled up */
	union
	{
		int64		value;		/* times 10^weight_scale */
		Numeric		wide;
	}			weight;			/* a GraphDecimal without padding */
	int32		expected;		/* at PM_OUTPUT_SCALE places */
	int32		node;			/* in nodes, or GRAPH_NOBODY without children */
	DateADT		due_on;
	uint16		flags;
	uint8		weight_scale;
	uint8		light;
} GraphGoal;

/* A goal that has children. */
typedef struct GraphNode
{
	GraphSum	progress;		/* of the children with a weight */
	int32		goal;
	int32		waiting_for;	/* children that are not finished */
	int32		depth;
	uint32		leaves;
	uint32		red_below;
	uint32		yellow_below;
} GraphNode;

typedef struct GraphLink
{
	int32		from;			/* in ends: the goal that needs */
	int32		to;				/* in ends: the goal that is needed */
	int32		buffer_days;
} GraphLink;

/* A goal at the end of a link. */
typedef struct GraphEnd
{
	int32		goal;
	int32		waiting_for;	/* links to goals that are not settled */
	DateADT		forecast_on;	/* own, or pushed by what it needs */
	DateADT		pushed_until;
	int32		pushed_by;		/* in ends, where the delay begins */
	int32		held_back_by;	/* the same, where the push made it later */
	int32		slack_days;
} GraphEnd;

typedef struct GoalGraph
{
	MemoryContext context;		/* owns everything below */
	MemoryContext scratch;		/* for one goal */
	DateADT		as_of;
	GraphArguments arguments;	/* of the queries */
	int			places;			/* of progress and score in the result */
	Oid			light_type;		/* traffic_light */

	int32		ngoals;
	int32		max_goals;
	GraphGoal  *goals;			/* in the order in which they were read */

	/* one entry a goal where the query has the column, else NULL */
	GraphDecimal *caps;
	GraphValue *scores;
	LightRule  *rules;
	GraphDecimal *paces;
	DateADT    *forecasts;		/* as given, then what comes of it */

	GraphIndex	index;			/* goal_id to position */

	int32		nnodes;
	int32		max_nodes;
	GraphNode  *nodes;
	GraphSum   *score_sums;		/* one entry a node where there are scores */
	int32	   *order;			/* of the nodes, children before parents */

	int32		nlinks;
	int32		max_links;
	GraphLink  *links;
	int32		nends;
	int32		max_ends;
	GraphEnd   *ends;
	int32	   *end_of;			/* of a goal in ends, or GRAPH_NOBODY; NULL without links */
} GoalGraph;

/*
 * Position of a goal's parent, GRAPH_NOBODY for a root.
 */
static inline int32
pm_graph_parent(const GraphGoal *goal)
{
	return (goal->flags & GOAL_HAS_PARENT) ? (int32) goal->parent : GRAPH_NOBODY;
}

static inline GraphDecimal
pm_graph_weight(const GraphGoal *goal)
{
	GraphDecimal result;

	result.u.value = goal->weight.value;
	result.scale = goal->weight_scale;
	return result;
}

static inline GraphValue
pm_graph_progress(const GraphGoal *goal)
{
	GraphValue	result;

	if (unlikely(goal->flags & GOAL_PROGRESS_IS_BOXED))
		return *goal->progress.boxed;
	result.u.fixed = goal->progress.narrow;
	result.is_known = (goal->flags & GOAL_HAS_PROGRESS) != 0;
	result.is_wide = false;
	return result;
}

/*
 * Keeps a goal's progress; what 64 bits do not hold goes into a box.
 */
static inline void
pm_graph_set_progress(const GoalGraph *graph, GraphGoal *goal, const GraphValue *value)
{
	goal->flags &= ~(GOAL_HAS_PROGRESS | GOAL_PROGRESS_IS_BOXED);
	if (!value->is_known)
		return;

	goal->flags |= GOAL_HAS_PROGRESS;
	if (likely(!value->is_wide && value->u.fixed == (int64) value->u.fixed))
		goal->progress.narrow = (int64) value->u.fixed;
	else
	{
		goal->flags |= GOAL_PROGRESS_IS_BOXED;
		goal->progress.boxed = MemoryContextAlloc(graph->context, sizeof(GraphValue));
		*goal->progress.boxed = *value;
		pm_graph_value_keep(graph->context, goal->progress.boxed);
	}
}

/*
 * Levels above a goal.  Known for the nodes once their parent's is, and so for
 * everybody in the end.
 */
static inline int32
pm_graph_depth(const GoalGraph *graph, const GraphGoal *goal)
{
	int32		parent = pm_graph_parent(goal);

	return parent == GRAPH_NOBODY ? 0 : graph->nodes[graph->goals[parent].node].depth + 1;
}

#endif							/* PM_GOAL_GRAPH_H */
