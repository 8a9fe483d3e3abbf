/*
 * graph_rollup.c
 *		Orders the tree of a goal graph and rolls it up.
 *
 * First come the goals without children; a goal enters the queue once the
 * last of its children is finished.  So nothing recurses, every goal is taken
 * once, and what never enters the queue is a cycle.
 */
#include "postgres.h"

#include "compat.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "goal_graph.h"
#include "graph_memory.h"
#include "graph_rollup.h"
#include "progress.h"

/* A cycle is shown up to so many goals. */
#define SHOWN_PATH		16

/*
 * The node of a goal that turns out to have a child.
 */
static GraphNode *
node_of(GoalGraph *graph, int32 i)
{
	GraphGoal  *goal = &graph->goals[i];
	GraphNode  *node;

	if (goal->node != GRAPH_NOBODY)
		return &graph->nodes[goal->node];

	if (graph->nnodes == graph->max_nodes)
	{
		int32		n = (int32) Min((int64) graph->max_nodes * 2, (int64) graph->ngoals);

		graph->nodes = pm_graph_resize(graph->nodes, sizeof(GraphNode), graph->max_nodes, n);
		graph->max_nodes = n;
	}
	node = &graph->nodes[graph->nnodes];
	memset(node, 0, sizeof(GraphNode));
	node->goal = i;
	goal->node = graph->nnodes++;
	return node;
}

/*
 * Finds everybody's parent and counts the children.  With a child that has a
 * weight, the parent's own progress counts no more.
 */
static void
connect_parents(GoalGraph *graph)
{
	graph->max_nodes = Min(GRAPH_FIRST_CAPACITY, graph->ngoals);
	graph->nodes = MemoryContextAlloc(graph->context, sizeof(GraphNode) * graph->max_nodes);

	for (int32 i = 0; i < graph->ngoals; i++)
	{
		GraphGoal  *goal = &graph->goals[i];
		int32		parent;

		CHECK_FOR_INTERRUPTS();
		if ((goal->flags & GOAL_HAS_PARENT_ID) == 0)
			continue;
		parent = pm_graph_index_find(graph, goal->parent);
		if (parent == GRAPH_NOBODY)
			continue;

		goal->parent = parent;
		goal->flags |= GOAL_HAS_PARENT;
		node_of(graph, parent)->waiting_for++;
		if (goal->weight_scale != GRAPH_DECIMAL_NULL)
			graph->goals[parent].flags |= GOAL_ROLLS_UP;
	}

	if (graph->scores != NULL)
	{
		Size		size = sizeof(GraphSum) * graph->nnodes;

		graph->score_sums = pm_graph_alloc(graph->context, size);
		memset(graph->score_sums, 0, size);
	}
}

/*
 * The light of a goal whose progress is known by now, and whether it has
 * reached its target.
 */
static void
judge_goal(const GoalGraph *graph, int32 i, const GraphValue *value)
{
	GraphGoal  *goal = &graph->goals[i];
	const LightRule *rule = graph->rules != NULL ? &graph->rules[i] : &pm_default_light_rule;
	int64		expected = goal->expected == GRAPH_NO_EXPECTED ? PM_EXPECTED_NOT_KNOWN : goal->expected;
	int64		progress = 0;

	/* where it does not fit it is beyond every threshold */
	if (value->is_known && !pm_graph_value_published(value, &progress))
		progress = pm_millionths(pm_graph_value_rounded(value, PM_OUTPUT_SCALE));
	if (progress >= PM_MILLION)
		goal->flags |= GOAL_IS_DONE;

	if (goal->flags & GOAL_LIGHT_IS_GIVEN)
		return;
	goal->light = pm_light(value->is_known, progress, expected, rule);
	if ((goal->flags & GOAL_IS_SILENT) && goal->light == LIGHT_GREEN)
		goal->light = LIGHT_YELLOW;
}

/*
 * Adds a finished goal's progress and score to those of its parent.
 */
static void
add_to_sums(GoalGraph *graph, int32 i, GraphValue progress)
{
	const GraphGoal *goal = &graph->goals[i];
	int32		node = graph->goals[goal->parent].node;
	GraphDecimal weight;

	if (goal->weight_scale == GRAPH_DECIMAL_NULL)
		return;
	weight = pm_graph_weight(goal);

	if (progress.is_known)
		pm_graph_value_clamp(&progress, graph->caps != NULL ? &graph->caps[i] : NULL);
	pm_graph_sum_add(graph->context, &graph->nodes[node].progress, &weight, &progress);
	if (graph->scores != NULL && graph->scores[i].is_known)
		pm_graph_sum_add(graph->context, &graph->score_sums[node], &weight, &graph->scores[i]);
}

/*
 * Finishes a goal all of whose children are, and tells its parent.  Returns
 * the parent's node if that waits for nobody else, else GRAPH_NOBODY.
 */
static int32
finish_goal(GoalGraph *graph, int32 i)
{
	GraphGoal  *goal = &graph->goals[i];
	GraphNode  *node = goal->node != GRAPH_NOBODY ? &graph->nodes[goal->node] : NULL;
	GraphValue	progress = pm_graph_progress(goal);
	GraphNode  *above;

	if (goal->flags & GOAL_ROLLS_UP)
	{
		progress = pm_graph_sum_mean(&node->progress);
		pm_graph_set_progress(graph, goal, &progress);
		if (graph->scores != NULL)
		{
			graph->scores[i] = pm_graph_sum_mean(&graph->score_sums[goal->node]);
			pm_graph_value_keep(graph->context, &graph->scores[i]);
		}
	}
	judge_goal(graph, i, &progress);

	if ((goal->flags & GOAL_HAS_PARENT) == 0)
		return GRAPH_NOBODY;
	add_to_sums(graph, i, progress);
	above = &graph->nodes[graph->goals[goal->parent].node];
	above->leaves += node != NULL ? node->leaves : 1;
	above->red_below += (node != NULL ? node->red_below : 0) + (goal->light == LIGHT_RED);
	above->yellow_below += (node != NULL ? node->yellow_below : 0) + (goal->light == LIGHT_YELLOW);
	return --above->waiting_for == 0 ? graph->goals[goal->parent].node : GRAPH_NOBODY;
}

/*
 * Appends a goal to the path of a cycle.
 */
static void
append_goal(StringInfo path, const GoalGraph *graph, int32 i)
{
	appendStringInfo(path, INT64_FORMAT, graph->goals[i].goal_id);
}

/*
 * Raises the error about a cycle.  next leads from each goal that could not be
 * ordered to another such goal, and from all others to GRAPH_NOBODY.  Of
 * several cycles the one with the least goal_id is shown, so that the message
 * does not depend on the order of rows.
 */
void
pm_graph_report_cycle(const GoalGraph *graph, const int32 *next,
					  const char *message, const char *hint)
{
	const GraphGoal *goals = graph->goals;
	int32	   *walk = pm_graph_alloc(graph->context, sizeof(int32) * graph->ngoals);
	int32		first = GRAPH_NOBODY;
	int32		length = 1;
	StringInfoData path;
	int32		i;

	/* each walk marks its goals; meeting its own mark, it has found a cycle */
	memset(walk, 0xFF, sizeof(int32) * graph->ngoals);
	for (int32 start = 0; start < graph->ngoals; start++)
	{
		int32		end;

		for (i = start; i != GRAPH_NOBODY && walk[i] < 0; i = next[i])
		{
			CHECK_FOR_INTERRUPTS();
			walk[i] = start;
		}
		if (i == GRAPH_NOBODY || walk[i] != start)
			continue;
		end = i;
		do
		{
			CHECK_FOR_INTERRUPTS();
			if (first == GRAPH_NOBODY || goals[i].goal_id < goals[first].goal_id)
				first = i;
			i = next[i];
		} while (i != end);
	}
	Assert(first != GRAPH_NOBODY);

	initStringInfo(&path);
	append_goal(&path, graph, first);
	for (i = next[first]; i != first; i = next[i])
	{
		if (++length > SHOWN_PATH)
			continue;
		appendStringInfoString(&path, " -> ");
		append_goal(&path, graph, i);
	}
	if (length > SHOWN_PATH)
		appendStringInfo(&path, " -> ... (%d more)", length - SHOWN_PATH);
	appendStringInfoString(&path, " -> ");
	append_goal(&path, graph, first);

	ereport(ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("%s", message),
			 errdetail("The cycle is %s.", path.data),
			 errhint("%s", hint)));
}

/*
 * Raises the error about parents that lead in a circle: those of all goals
 * that still wait for a child.
 */
static void
report_cycle_of_parents(const GoalGraph *graph)
{
	int32	   *next = pm_graph_alloc(graph->context, sizeof(int32) * graph->ngoals);

	memset(next, 0xFF, sizeof(int32) * graph->ngoals);
	for (int32 k = 0; k < graph->nnodes; k++)
	{
		int32		i = graph->nodes[k].goal;

		if (graph->nodes[k].waiting_for > 0)
			next[i] = pm_graph_parent(&graph->goals[i]);
	}
	pm_graph_report_cycle(graph, next, "the parents of goals form a cycle",
						  "Each goal needs a parent that is not below it, or none.");
}

/*
 * Rolls up progress and scores, sets the lights and counts them, and finds the
 * depths.  A cycle of parents is an error.
 */
void
pm_graph_roll_up(GoalGraph *graph)
{
	int32		tail = 0;
	int32		ready;

	if (graph->ngoals == 0)
		return;

	connect_parents(graph);
	graph->order = pm_graph_alloc(graph->context, sizeof(int32) * (graph->nnodes + 1));

	for (int32 i = 0; i < graph->ngoals; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (graph->goals[i].node != GRAPH_NOBODY)
			continue;
		ready = finish_goal(graph, i);
		if (ready != GRAPH_NOBODY)
			graph->order[tail++] = ready;
		MemoryContextReset(graph->scratch);
	}
	for (int32 head = 0; head < tail; head++)
	{
		CHECK_FOR_INTERRUPTS();
		ready = finish_goal(graph, graph->nodes[graph->order[head]].goal);
		if (ready != GRAPH_NOBODY)
			graph->order[tail++] = ready;
		MemoryContextReset(graph->scratch);
	}
	if (tail < graph->nnodes)
		report_cycle_of_parents(graph);

	/* the way back: parents before children */
	for (int32 k = graph->nnodes - 1; k >= 0; k--)
	{
		GraphNode  *node = &graph->nodes[graph->order[k]];

		CHECK_FOR_INTERRUPTS();
		node->depth = pm_graph_depth(graph, &graph->goals[node->goal]);
	}
}
