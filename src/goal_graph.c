/*
 * goal_graph.c
 *		goal_graph(): the door between SQL and a graph of goals.
 */
#include "postgres.h"

#include "compat.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "goal_graph.h"
#include "graph_links.h"
#include "graph_load.h"
#include "graph_rollup.h"
#include "traffic_light.h"

/* Columns of the result. */
enum ResultColumn
{
	RESULT_GOAL_ID,
	RESULT_PARENT_ID,
	RESULT_DEPTH,
	RESULT_PROGRESS,
	RESULT_EXPECTED,
	RESULT_LIGHT,
	RESULT_LEAVES,
	RESULT_RED_BELOW,
	RESULT_YELLOW_BELOW,
	RESULT_FORECAST_ON,
	RESULT_SLIP_DAYS,
	RESULT_SLACK_DAYS,
	RESULT_HELD_BACK_BY,
	RESULT_SCORE,
	RESULT_COLUMNS
};

/* A row leaves three numerics behind: not worth a reset each time. */
#define ROWS_PER_RESET		64

/*
 * The row of a goal, without forecast and links.
 */
static void
fill_tree_columns(const GoalGraph *graph, int32 i, Datum *values, bool *nulls)
{
	const GraphGoal *goal = &graph->goals[i];
	const GraphNode *node = goal->node != GRAPH_NOBODY ? &graph->nodes[goal->node] : NULL;
	GraphValue	progress = pm_graph_progress(goal);

	values[RESULT_GOAL_ID] = Int64GetDatum(goal->goal_id);
	nulls[RESULT_PARENT_ID] = (goal->flags & GOAL_HAS_PARENT_ID) == 0;
	values[RESULT_PARENT_ID] = Int64GetDatum((goal->flags & GOAL_HAS_PARENT) ?
											 graph->goals[goal->parent].goal_id : goal->parent);
	values[RESULT_DEPTH] = Int32GetDatum(pm_graph_depth(graph, goal));
	values[RESULT_LIGHT] = TrafficLightGetDatum(goal->light);
	values[RESULT_LEAVES] = Int64GetDatum(node != NULL ? (int64) node->leaves : 1);
	values[RESULT_RED_BELOW] = Int64GetDatum(node != NULL ? (int64) node->red_below : 0);
	values[RESULT_YELLOW_BELOW] = Int64GetDatum(node != NULL ? (int64) node->yellow_below : 0);

	nulls[RESULT_PROGRESS] = !progress.is_known;
	if (progress.is_known)
		values[RESULT_PROGRESS] = NumericGetDatum(pm_graph_value_rounded(&progress, graph->places));

	nulls[RESULT_EXPECTED] = goal->expected == GRAPH_NO_EXPECTED;
	if (goal->expected != GRAPH_NO_EXPECTED)
		values[RESULT_EXPECTED] =
			NumericGetDatum(pm_decimal_to_numeric(goal->expected, PM_OUTPUT_SCALE,
												  PM_OUTPUT_SCALE));

	nulls[RESULT_SCORE] = graph->scores == NULL || !graph->scores[i].is_known;
	if (!nulls[RESULT_SCORE])
		values[RESULT_SCORE] = NumericGetDatum(pm_graph_value_rounded(&graph->scores[i],
															   graph->places));
}

/*
 * The rest of the row.  Nothing of it is known of a goal that is done, but
 * that it does not slip any more.
 */
static void
fill_link_columns(const GoalGraph *graph, int32 i, Datum *values, bool *nulls)
{
	const GraphGoal *goal = &graph->goals[i];
	const GraphEnd *end = NULL;
	bool		is_done = (goal->flags & GOAL_IS_DONE) != 0;
	DateADT		forecast_on = graph->forecasts != NULL ? graph->forecasts[i] : GRAPH_NO_DATE;

	if (graph->end_of != NULL && graph->end_of[i] != GRAPH_NOBODY)
	{
		end = &graph->ends[graph->end_of[i]];
		forecast_on = end->forecast_on;
	}

	nulls[RESULT_FORECAST_ON] = forecast_on == GRAPH_NO_DATE;
	values[RESULT_FORECAST_ON] = DateADTGetDatum(forecast_on);

	nulls[RESULT_SLIP_DAYS] = goal->due_on == GRAPH_NO_DATE ||
		(forecast_on == GRAPH_NO_DATE && !is_done);
	if (!nulls[RESULT_SLIP_DAYS])
		values[RESULT_SLIP_DAYS] = Int32GetDatum(is_done ? 0 : forecast_on - goal->due_on);

	nulls[RESULT_SLACK_DAYS] = end == NULL || end->slack_days == GRAPH_NO_SLACK;
	if (!nulls[RESULT_SLACK_DAYS])
		values[RESULT_SLACK_DAYS] = Int32GetDatum(end->slack_days);

	nulls[RESULT_HELD_BACK_BY] = end == NULL || end->held_back_by == GRAPH_NOBODY;
	if (!nulls[RESULT_HELD_BACK_BY])
		values[RESULT_HELD_BACK_BY] =
			Int64GetDatum(graph->goals[graph->ends[end->held_back_by].goal].goal_id);
}

/*
 * Gives the rows back, in the order in which the goals were read.
 */
static void
return_rows(const GoalGraph *graph, ReturnSetInfo *rsinfo)
{
	Datum		values[RESULT_COLUMNS];
	bool		nulls[RESULT_COLUMNS] = {false};
	MemoryContext caller = MemoryContextSwitchTo(graph->scratch);

	memset(values, 0, sizeof(values));
	for (int32 i = 0; i < graph->ngoals; i++)
	{
		CHECK_FOR_INTERRUPTS();
		fill_tree_columns(graph, i, values, nulls);
		fill_link_columns(graph, i, values, nulls);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		if (i % ROWS_PER_RESET == 0)
			MemoryContextReset(graph->scratch);
	}
	MemoryContextSwitchTo(caller);
}

static void
require_argument(FunctionCallInfo fcinfo, int argno, const char *name)
{
	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be NULL", name)));
}

/*
 * Places of progress and score in the result; NULL stands for the default.
 */
static int
read_places(FunctionCallInfo fcinfo, int argno)
{
	int32		places;

	if (PG_ARGISNULL(argno))
		return PM_OUTPUT_SCALE;
	places = PG_GETARG_INT32(argno);
	if (places < 0 || places > PM_CARRY_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("places must be from 0 to %d, not %d", PM_CARRY_SCALE, places)));
	return places;
}

/*
 * Runs the queries and computes the graph.
 */
static void
compute_graph(GoalGraph *graph, const char *goals, const char *links)
{
	MemoryContext caller;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	pm_graph_load_goals(graph, goals);
	if (links != NULL)
		pm_graph_load_links(graph, links);
	SPI_finish();

	caller = MemoryContextSwitchTo(graph->scratch);
	pm_graph_roll_up(graph);
	pm_graph_forecast(graph);
	pm_graph_propagate(graph);
	MemoryContextSwitchTo(caller);

	ereport(DEBUG1,
			(errmsg_internal("goal_graph: %d goals, %d links, %zu bytes",
							 graph->ngoals, graph->nlinks,
							 MemoryContextMemAllocated(graph->context, true))));
}

/*
 * goal_graph(goals, links, as_of, places [, rows]): runs the two queries with
 * the rights of the caller, and returns one row a goal.  Not strict: links,
 * places and rows may be NULL; 22004 where one of the others is.
 */
PG_FUNCTION_INFO_V1(pm_goal_graph);
Datum
pm_goal_graph(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	GoalGraph	graph;

	require_argument(fcinfo, 0, "goals");
	require_argument(fcinfo, 2, "as_of");
	InitMaterializedSRF(fcinfo, 0);
	if (rsinfo->setDesc->natts != RESULT_COLUMNS)
		elog(ERROR, "goal_graph must return %d columns, not %d",
			 RESULT_COLUMNS, rsinfo->setDesc->natts);

	memset(&graph, 0, sizeof(graph));
	graph.as_of = PG_GETARG_DATEADT(2);
	if (DATE_NOT_FINITE(graph.as_of))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("as_of must be a finite date")));
	graph.places = read_places(fcinfo, 3);
	graph.arguments.as_of = graph.as_of;
	if (PG_NARGS() > 4)
	{
		graph.arguments.rows_type = get_fn_expr_argtype(fcinfo->flinfo, 4);
		graph.arguments.rows_are_null = PG_ARGISNULL(4);
		graph.arguments.rows = PG_GETARG_DATUM(4);
	}
	graph.light_type = TupleDescAttr(rsinfo->setDesc, RESULT_LIGHT)->atttypid;
	graph.context = AllocSetContextCreate(CurrentMemoryContext, "goal graph",
										  ALLOCSET_DEFAULT_SIZES);
	graph.scratch = AllocSetContextCreate(graph.context, "goal graph scratch",
										  ALLOCSET_SMALL_SIZES);

	compute_graph(&graph, text_to_cstring(PG_GETARG_TEXT_PP(0)),
				  PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1)));
	return_rows(&graph, rsinfo);

	MemoryContextDelete(graph.context);
	PG_RETURN_NULL();
}
