/*
 * graph_links.c
 *		Forecasts, and how a delay travels along links.
 *
 * A link leads from the goal that needs to the goal that is needed.  Delays
 * travel the other way, so the goals are taken in an order in which what is
 * needed comes first: one pass over goals and links.
 */
#include "postgres.h"

#include "compat.h"

#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "decimal.h"
#include "goal_graph.h"
#include "graph_links.h"
#include "graph_memory.h"
#include "graph_rollup.h"

/* The last day of the calendar. */
#define LAST_DATE	((int64) DATE_END_JULIAN - POSTGRES_EPOCH_JDATE - 1)

/* The links, those of one goal that is needed after those of another. */
typedef struct Dependents
{
	int32	   *first;			/* nends + 1 */
	GraphLink  *links;
} Dependents;

/*
 * Days that the rest of the way takes at a pace; beyond the calendar where it
 * takes longer than that, or for ever.
 */
static int64
days_to_go(const GraphValue *progress, const GraphDecimal *pace)
{
	int128		rest;
	int128		unit;
	int128		days;

	if (pace->scale != GRAPH_DECIMAL_WIDE && pace->u.value <= 0)
		return PG_INT64_MAX;

	/*
	 * rest / pace, rounded up: at scale 18 above and the pace's below.
	 */
	if (pace->scale != GRAPH_DECIMAL_WIDE && !progress->is_wide &&
		!__builtin_sub_overflow(pm_power_of_ten(PM_CARRY_SCALE), progress->u.fixed, &rest) &&
		!__builtin_mul_overflow(rest, pm_power_of_ten(pace->scale), &rest))
	{
		unit = pace->u.value * pm_power_of_ten(PM_CARRY_SCALE);
		days = rest / unit + (rest % unit > 0);
		return days > LAST_DATE ? PG_INT64_MAX : (int64) days;
	}
	return pm_graph_days_wide(progress, pace);
}

/*
 * The goal's own forecast: as given, else from its pace, but not before the
 * day we stand at.  None for what is done.
 */
static DateADT
own_forecast(const GoalGraph *graph, int32 i)
{
	const GraphGoal *goal = &graph->goals[i];
	GraphValue	progress;
	int64		days;

	if (goal->flags & GOAL_IS_DONE)
		return GRAPH_NO_DATE;
	if (graph->forecasts[i] != GRAPH_NO_DATE)
		return Max(graph->forecasts[i], graph->as_of);
	if (graph->paces == NULL || graph->paces[i].scale == GRAPH_DECIMAL_NULL)
		return GRAPH_NO_DATE;

	progress = pm_graph_progress(goal);
	if (!progress.is_known)
		return GRAPH_NO_DATE;
	days = days_to_go(&progress, &graph->paces[i]);
	if (days > LAST_DATE - graph->as_of)
		return GRAPH_NO_DATE;
	return (DateADT) (graph->as_of + days);
}

static bool
has_positive_weight(const GraphGoal *goal)
{
	if (goal->weight_scale == GRAPH_DECIMAL_NULL)
		return false;
	return goal->weight_scale == GRAPH_DECIMAL_WIDE || goal->weight.value > 0;
}

/*
 * Hands a goal's forecast up to a parent that has none of its own.
 */
static void
hand_up_forecast(GoalGraph *graph, int32 i)
{
	const GraphGoal *goal = &graph->goals[i];
	int32		parent = pm_graph_parent(goal);

	if (parent != GRAPH_NOBODY && graph->forecasts[i] != GRAPH_NO_DATE &&
		has_positive_weight(goal) &&
		!(graph->goals[parent].flags & (GOAL_IS_DONE | GOAL_HAS_FORECAST)))
		graph->forecasts[parent] = Max(graph->forecasts[parent], graph->forecasts[i]);
}

/*
 * Forecasts all goals, where the query gives something to forecast from: their
 * own, and for a goal that rolls up and has none the latest of the children
 * that count in it.
 */
void
pm_graph_forecast(GoalGraph *graph)
{
	if (graph->ngoals == 0 || (graph->forecasts == NULL && graph->paces == NULL))
		return;

	if (graph->forecasts == NULL)
	{
		graph->forecasts = pm_graph_alloc(graph->context, sizeof(DateADT) * graph->ngoals);
		for (int32 i = 0; i < graph->ngoals; i++)
			graph->forecasts[i] = GRAPH_NO_DATE;
	}
	for (int32 i = 0; i < graph->ngoals; i++)
	{
		CHECK_FOR_INTERRUPTS();
		graph->forecasts[i] = own_forecast(graph, i);
		if (graph->forecasts[i] != GRAPH_NO_DATE)
			graph->goals[i].flags |= GOAL_HAS_FORECAST;
		MemoryContextReset(graph->scratch);
	}

	for (int32 i = 0; i < graph->ngoals; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (graph->goals[i].node == GRAPH_NOBODY)
			hand_up_forecast(graph, i);
	}
	for (int32 k = 0; k < graph->nnodes; k++)
	{
		CHECK_FOR_INTERRUPTS();
		hand_up_forecast(graph, graph->nodes[graph->order[k]].goal);
	}
}

/*
 * Orders the links by the goal that is needed.
 */
static Dependents
sort_links(const GoalGraph *graph)
{
	Dependents	result;
	Size		size = sizeof(int32) * ((Size) graph->nends + 1);
	int32	   *first = pm_graph_alloc(graph->context, size);
	int32		sum = 0;

	memset(first, 0, size);
	result.first = first;
	result.links = pm_graph_alloc(graph->context, sizeof(GraphLink) * graph->nlinks);

	for (int32 k = 0; k < graph->nlinks; k++)
		first[graph->links[k].to]++;
	for (int32 e = 0; e <= graph->nends; e++)
	{
		sum += first[e];
		first[e] = sum;
	}
	for (int32 k = graph->nlinks - 1; k >= 0; k--)
	{
		CHECK_FOR_INTERRUPTS();
		result.links[--first[graph->links[k].to]] = graph->links[k];
	}
	return result;
}

/*
 * The day on which a goal will be finished: by its forecast, else when it is
 * due.
 */
static inline DateADT
finish_of(const GoalGraph *graph, const GraphEnd *end)
{
	return end->forecast_on != GRAPH_NO_DATE ? end->forecast_on :
		graph->goals[end->goal].due_on;
}

/*
 * Applies what pushes a goal, once everything that it needs is settled.
 */
static void
settle_end(const GoalGraph *graph, GraphEnd *end)
{
	if (end->pushed_until == GRAPH_NO_DATE || end->pushed_until <= finish_of(graph, end))
		return;
	end->forecast_on = end->pushed_until;
	end->held_back_by = end->pushed_by;
}

/*
 * Tells the goal at one end of a link about the other, which is settled.  A
 * goal that is done neither waits nor keeps others waiting.
 */
static void
follow_link(GoalGraph *graph, const GraphLink *link)
{
	GraphEnd   *from = &graph->ends[link->from];
	const GraphEnd *to = &graph->ends[link->to];
	const GraphGoal *waits = &graph->goals[from->goal];
	const GraphGoal *needed = &graph->goals[to->goal];
	DateADT		finish = finish_of(graph, to);
	int64		latest;
	DateADT		until;
	int32		by;

	if (finish == GRAPH_NO_DATE || (waits->flags & GOAL_IS_DONE) || (needed->flags & GOAL_IS_DONE))
		return;

	latest = (int64) Max(finish, needed->due_on) + link->buffer_days;
	if (latest > LAST_DATE)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("buffer_days of the link from goal " INT64_FORMAT " to goal " INT64_FORMAT
						" lead beyond the last date", waits->goal_id, needed->goal_id)));
	if (waits->due_on != GRAPH_NO_DATE)
	{
		int32		slack = (int32) (waits->due_on - latest);

		if (from->slack_days == GRAPH_NO_SLACK || slack < from->slack_days)
			from->slack_days = slack;
	}

	until = finish + link->buffer_days;
	by = to->held_back_by != GRAPH_NOBODY ? to->held_back_by : link->to;
	if (from->pushed_until == GRAPH_NO_DATE || until > from->pushed_until ||
		(until == from->pushed_until &&
		 graph->goals[graph->ends[by].goal].goal_id <
		 graph->goals[graph->ends[from->pushed_by].goal].goal_id))
	{
		from->pushed_until = until;
		from->pushed_by = by;
	}
}

/*
 * Raises the error about links that lead in a circle.  Each goal that still
 * waits needs another that still waits: the path follows the one with the
 * least goal_id.
 */
static void
report_cycle_of_links(const GoalGraph *graph)
{
	int32	   *next = pm_graph_alloc(graph->context, sizeof(int32) * graph->ngoals);

	memset(next, 0xFF, sizeof(int32) * graph->ngoals);
	for (int32 k = 0; k < graph->nlinks; k++)
	{
		const GraphEnd *from = &graph->ends[graph->links[k].from];
		const GraphEnd *to = &graph->ends[graph->links[k].to];

		CHECK_FOR_INTERRUPTS();
		if (from->waiting_for > 0 && to->waiting_for > 0 &&
			(next[from->goal] == GRAPH_NOBODY ||
			 graph->goals[to->goal].goal_id < graph->goals[next[from->goal]].goal_id))
			next[from->goal] = to->goal;
	}
	pm_graph_report_cycle(graph, next, "the links between goals form a cycle",
						  "A goal cannot need what cannot be finished before it.");
}

/*
 * Lets delays travel from the goals that are needed to those that need them,
 * and finds the slack.  A cycle of links is an error.
 */
void
pm_graph_propagate(GoalGraph *graph)
{
	Dependents	dependents;
	int32	   *queue;
	int32		tail = 0;

	if (graph->nlinks == 0)
		return;

	for (int32 e = 0; e < graph->nends; e++)
	{
		GraphEnd   *end = &graph->ends[e];

		CHECK_FOR_INTERRUPTS();
		end->forecast_on = graph->forecasts != NULL ? graph->forecasts[end->goal] : GRAPH_NO_DATE;
		end->pushed_until = GRAPH_NO_DATE;
		end->held_back_by = GRAPH_NOBODY;
		end->slack_days = GRAPH_NO_SLACK;
	}
	for (int32 k = 0; k < graph->nlinks; k++)
		graph->ends[graph->links[k].from].waiting_for++;
	dependents = sort_links(graph);

	queue = pm_graph_alloc(graph->context, sizeof(int32) * graph->nends);
	for (int32 e = 0; e < graph->nends; e++)
	{
		if (graph->ends[e].waiting_for == 0)
			queue[tail++] = e;
	}
	for (int32 head = 0; head < tail; head++)
	{
		int32		e = queue[head];

		CHECK_FOR_INTERRUPTS();
		settle_end(graph, &graph->ends[e]);
		for (int32 k = dependents.first[e]; k < dependents.first[e + 1]; k++)
		{
			const GraphLink *link = &dependents.links[k];

			CHECK_FOR_INTERRUPTS();
			follow_link(graph, link);
			if (--graph->ends[link->from].waiting_for == 0)
				queue[tail++] = link->from;
		}
	}
	if (tail < graph->nends)
		report_cycle_of_links(graph);
}
