/*
 * graph_load.c
 *		Reads the goals and the links of a graph.
 *
 * What the rows say is checked here, and every message names the goal; what
 * follows from it is computed elsewhere.
 */
#include "postgres.h"

#include "compat.h"

#include "executor/tuptable.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "decimal.h"
#include "goal_graph.h"
#include "graph_load.h"
#include "graph_memory.h"
#include "graph_query.h"
#include "progress.h"

enum GoalColumn
{
	GOAL_ID,
	GOAL_PARENT_ID,
	GOAL_WEIGHT,
	GOAL_PROGRESS,
	GOAL_STARTS_ON,
	GOAL_DUE_ON,
	GOAL_CAP,
	GOAL_DONE,
	GOAL_EXPECTED,
	GOAL_GREEN,
	GOAL_YELLOW,
	GOAL_GRACE,
	GOAL_SLACK,
	GOAL_LIGHT,
	GOAL_SILENT,
	GOAL_SCORE,
	GOAL_FORECAST_ON,
	GOAL_PACE
};

static const GraphColumn goal_columns[] = {
	{"goal_id", GRAPH_COLUMN_INTEGER, true},
	{"parent_id", GRAPH_COLUMN_INTEGER, true},
	{"weight", GRAPH_COLUMN_NUMBER, true},
	{"progress", GRAPH_COLUMN_NUMBER, true},
	{"starts_on", GRAPH_COLUMN_DATE, false},
	{"due_on", GRAPH_COLUMN_DATE, false},
	{"cap", GRAPH_COLUMN_NUMBER, false},
	{"is_done", GRAPH_COLUMN_BOOLEAN, false},
	{"expected", GRAPH_COLUMN_NUMBER, false},
	{"green", GRAPH_COLUMN_NUMBER, false},
	{"yellow", GRAPH_COLUMN_NUMBER, false},
	{"grace", GRAPH_COLUMN_NUMBER, false},
	{"slack", GRAPH_COLUMN_NUMBER, false},
	{"light", GRAPH_COLUMN_LIGHT, false},
	{"is_silent", GRAPH_COLUMN_BOOLEAN, false},
	{"score", GRAPH_COLUMN_NUMBER, false},
	{"forecast_on", GRAPH_COLUMN_DATE, false},
	{"pace", GRAPH_COLUMN_NUMBER, false}
};

enum LinkColumn
{
	LINK_FROM,
	LINK_TO,
	LINK_STRENGTH,
	LINK_BUFFER_DAYS
};

static const GraphColumn link_columns[] = {
	{"from_goal", GRAPH_COLUMN_INTEGER, true},
	{"to_goal", GRAPH_COLUMN_INTEGER, true},
	{"strength", GRAPH_COLUMN_NUMBER, false},
	{"buffer_days", GRAPH_COLUMN_INTEGER, false}
};

StaticAssertDecl(lengthof(goal_columns) == GOAL_PACE + 1, "one column a name");
StaticAssertDecl(lengthof(link_columns) == LINK_BUFFER_DAYS + 1, "one column a name");

typedef struct GoalReader
{
	GraphReader reader;			/* must be first */
	GraphColumn columns[lengthof(goal_columns)];
	GoalGraph  *graph;
	int64		goal_id;		/* of the row at hand */
	bool		has_goal_id;
} GoalReader;

typedef struct LinkReader
{
	GraphReader reader;			/* must be first */
	GraphColumn columns[lengthof(link_columns)];
	GoalGraph  *graph;
	int64		from_goal;		/* of the row at hand */
	int64		to_goal;
	bool		has_goals;
} LinkReader;

static void
report_null(const GraphReader *reader, int column)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be NULL in the %s query",
					reader->columns[column].name, reader->query_name)));
}

static void
report_value(GraphReader *reader, int column, const char *rule, const char *value,
			 const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must %s, but is %s", pm_graph_value_name(reader, column), rule, value),
			 errhint("%s", hint)));
}

/*
 * Reads a number that must not be negative.
 */
static bool
read_not_negative(GraphReader *reader, int column, GraphNumber *number)
{
	if (!pm_graph_read_number(reader, column, number))
		return false;
	if (unlikely(pm_graph_number_cmp(number, 0) < 0))
		report_value(reader, column, "not be negative", pm_graph_number_text(number),
					 "Use NULL for what is not known or not counted.");
	return true;
}

/*
 * Reads a number that is kept as it was given.
 */
static void
read_decimal(GraphReader *reader, int column, MemoryContext context, bool may_be_negative,
			 GraphDecimal *result)
{
	GraphNumber number;

	if (may_be_negative ? pm_graph_read_number(reader, column, &number) :
		read_not_negative(reader, column, &number))
		pm_graph_decimal_keep(context, result, &number);
	else
		result->scale = GRAPH_DECIMAL_NULL;
}

/*
 * Reads a value that is carried upwards; not kept yet.
 */
static void
read_value(GraphReader *reader, int column, GraphValue *result)
{
	GraphNumber number;

	if (pm_graph_read_number(reader, column, &number))
		pm_graph_value_set(result, &number);
	else
		memset(result, 0, sizeof(GraphValue));
}

/*
 * Reads a number as a numeric.
 */
static bool
read_numeric(GraphReader *reader, int column, Numeric *result)
{
	GraphNumber number;

	if (!pm_graph_read_number(reader, column, &number))
		return false;
	*result = pm_graph_number_numeric(&number);
	return true;
}

static char *
goal_subject(GraphReader *reader)
{
	GoalReader *goals = (GoalReader *) reader;

	return goals->has_goal_id ? psprintf("goal " INT64_FORMAT, goals->goal_id) : NULL;
}

static void *
resize(void *array, Size entry, const GoalGraph *graph, int64 n)
{
	return array == NULL ? NULL : pm_graph_resize(array, entry, graph->max_goals, n);
}

/*
 * Brings all arrays with an entry a goal to the same new size.
 */
static void
resize_goals(GoalGraph *graph, int64 n)
{
	graph->goals = resize(graph->goals, sizeof(GraphGoal), graph, n);
	graph->caps = resize(graph->caps, sizeof(GraphDecimal), graph, n);
	graph->scores = resize(graph->scores, sizeof(GraphValue), graph, n);
	graph->rules = resize(graph->rules, sizeof(LightRule), graph, n);
	graph->paces = resize(graph->paces, sizeof(GraphDecimal), graph, n);
	graph->forecasts = resize(graph->forecasts, sizeof(DateADT), graph, n);
	graph->max_goals = n;
}

static void *
array_for_column(const GraphReader *reader, int column, MemoryContext context, Size size)
{
	if (!pm_graph_has_column(reader, column))
		return NULL;
	return MemoryContextAlloc(context, size * GRAPH_FIRST_CAPACITY);
}

static void
start_goals(GraphReader *reader)
{
	GoalGraph  *graph = ((GoalReader *) reader)->graph;
	MemoryContext context = graph->context;
	int			rule_column = GOAL_GREEN;

	while (rule_column < GOAL_SLACK && !pm_graph_has_column(reader, rule_column))
		rule_column++;

	graph->goals = MemoryContextAlloc(context, sizeof(GraphGoal) * GRAPH_FIRST_CAPACITY);
	graph->caps = array_for_column(reader, GOAL_CAP, context, sizeof(GraphDecimal));
	graph->scores = array_for_column(reader, GOAL_SCORE, context, sizeof(GraphValue));
	graph->rules = array_for_column(reader, rule_column, context, sizeof(LightRule));
	graph->paces = array_for_column(reader, GOAL_PACE, context, sizeof(GraphDecimal));
	graph->forecasts = array_for_column(reader, GOAL_FORECAST_ON, context, sizeof(DateADT));
	graph->max_goals = GRAPH_FIRST_CAPACITY;
}

/*
 * Makes room for one more goal.
 */
static void
reserve_goal(GoalGraph *graph)
{
	if (graph->ngoals < graph->max_goals)
		return;
	if (graph->max_goals == PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a goal graph holds at most %d goals", PG_INT32_MAX)));
	resize_goals(graph, Min((int64) graph->max_goals * 2, (int64) PG_INT32_MAX));
}

/*
 * Reads a threshold of the light.
 */
static int64
read_threshold(GraphReader *reader, int column, int64 default_value, int64 max)
{
	Numeric		num;

	if (!read_numeric(reader, column, &num))
		return default_value;
	return pm_light_threshold(num, reader->columns[column].name, max);
}

/*
 * Reads the thresholds of the light: those that are given, and the defaults
 * for the others.
 */
static void
read_rule(GraphReader *reader, LightRule *rule)
{
	const LightRule *defaults = &pm_default_light_rule;

	rule->green = read_threshold(reader, GOAL_GREEN, defaults->green, PM_GREEN_MAX);
	rule->yellow = read_threshold(reader, GOAL_YELLOW, defaults->yellow, PM_GREEN_MAX);
	rule->grace = read_threshold(reader, GOAL_GRACE, defaults->grace, PM_MILLION);
	rule->slack = read_threshold(reader, GOAL_SLACK, defaults->slack, PM_MILLION);
	pm_require_light_rule(rule);
}

/*
 * Expected progress: as given, else from the dates.
 */
static void
read_expected(GraphReader *reader, GraphGoal *goal)
{
	GoalGraph  *graph = ((GoalReader *) reader)->graph;
	Numeric		num;
	DateADT		starts_on;

	goal->expected = GRAPH_NO_EXPECTED;
	if (read_numeric(reader, GOAL_EXPECTED, &num))
	{
		int64		expected = pm_millionths(num);

		if (expected <= PG_INT32_MIN || expected > PG_INT32_MAX)
			report_value(reader, GOAL_EXPECTED, "be a fraction", "far beyond 1",
						 "1 stands for the whole way to the target.");
		goal->expected = (int32) expected;
	}
	else if (goal->due_on != GRAPH_NO_DATE &&
			 pm_graph_read_date(reader, GOAL_STARTS_ON, &starts_on))
	{
		if (goal->due_on < starts_on)
			report_value(reader, GOAL_DUE_ON, "not be before starts_on",
						 DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(goal->due_on))),
						 "Both days count, so a goal of one day is due on the day it starts.");
		goal->expected = (int32) pm_expected_progress(starts_on, goal->due_on, graph->as_of);
	}
}

/*
 * What is said about a goal beside its numbers; rarely more than one of them.
 */
static inline void
read_state(GraphReader *reader, GraphGoal *goal)
{
	if (!pm_graph_is_null(reader, GOAL_DONE) && pm_graph_read_boolean(reader, GOAL_DONE))
		goal->flags |= GOAL_IS_DONE;
	if (!pm_graph_is_null(reader, GOAL_SILENT) && pm_graph_read_boolean(reader, GOAL_SILENT))
		goal->flags |= GOAL_IS_SILENT;
	if (!pm_graph_is_null(reader, GOAL_LIGHT) && pm_graph_read_light(reader, GOAL_LIGHT, &goal->light))
		goal->flags |= GOAL_LIGHT_IS_GIVEN;
}

static void
goal_row(GraphReader *reader)
{
	GoalReader *goals = (GoalReader *) reader;
	GoalGraph  *graph = goals->graph;
	MemoryContext context = graph->context;
	int32		i = graph->ngoals;
	GraphGoal  *goal;
	GraphDecimal weight;
	GraphValue	progress;

	reserve_goal(graph);
	goal = &graph->goals[i];
	goal->flags = 0;
	goal->node = GRAPH_NOBODY;
	goals->has_goal_id = false;
	if (!pm_graph_read_integer(reader, GOAL_ID, &goals->goal_id))
		report_null(reader, GOAL_ID);
	goals->has_goal_id = true;
	goal->goal_id = goals->goal_id;
	if (pm_graph_read_integer(reader, GOAL_PARENT_ID, &goal->parent))
		goal->flags |= GOAL_HAS_PARENT_ID;
	read_decimal(reader, GOAL_WEIGHT, context, false, &weight);
	goal->weight.value = weight.u.value;
	goal->weight_scale = weight.scale;
	read_value(reader, GOAL_PROGRESS, &progress);
	pm_graph_set_progress(graph, goal, &progress);
	if (!pm_graph_read_date(reader, GOAL_DUE_ON, &goal->due_on))
		goal->due_on = GRAPH_NO_DATE;
	read_expected(reader, goal);
	read_state(reader, goal);

	if (graph->caps != NULL)
		read_decimal(reader, GOAL_CAP, context, false, &graph->caps[i]);
	if (graph->rules != NULL)
		read_rule(reader, &graph->rules[i]);
	if (graph->scores != NULL)
	{
		read_value(reader, GOAL_SCORE, &graph->scores[i]);
		pm_graph_value_keep(context, &graph->scores[i]);
	}
	if (graph->paces != NULL)
		read_decimal(reader, GOAL_PACE, context, true, &graph->paces[i]);
	if (graph->forecasts != NULL &&
		!pm_graph_read_date(reader, GOAL_FORECAST_ON, &graph->forecasts[i]))
		graph->forecasts[i] = GRAPH_NO_DATE;

	graph->ngoals++;
}

/*
 * Reads all goals into a graph, and makes them findable by goal_id.
 */
void
pm_graph_load_goals(GoalGraph *graph, const char *query)
{
	GoalReader	goals;

	memset(&goals, 0, sizeof(goals));
	memcpy(goals.columns, goal_columns, sizeof(goal_columns));
	goals.graph = graph;
	goals.reader.query_name = "goals";
	goals.reader.hint = "It must return goal_id, parent_id, weight and progress; other columns are optional.";
	goals.reader.columns = goals.columns;
	goals.reader.ncolumns = lengthof(goal_columns);
	goals.reader.light_type = graph->light_type;
	goals.reader.start = start_goals;
	goals.reader.row = goal_row;
	goals.reader.subject = goal_subject;
	pm_graph_query_run(&goals.reader, query, &graph->arguments);

	if (graph->ngoals > 0)
		resize_goals(graph, graph->ngoals);
	pm_graph_index_build(graph);
}

static char *
link_subject(GraphReader *reader)
{
	LinkReader *links = (LinkReader *) reader;

	return links->has_goals ? psprintf("the link from goal " INT64_FORMAT " to goal " INT64_FORMAT,
									   links->from_goal, links->to_goal) : NULL;
}

static void
start_links(GraphReader *reader)
{
	GoalGraph  *graph = ((LinkReader *) reader)->graph;

	graph->max_links = GRAPH_FIRST_CAPACITY;
	graph->links = MemoryContextAlloc(graph->context, sizeof(GraphLink) * graph->max_links);
	graph->max_ends = Min(GRAPH_FIRST_CAPACITY, graph->ngoals);
	graph->ends = MemoryContextAlloc(graph->context, sizeof(GraphEnd) * graph->max_ends);
	graph->end_of = pm_graph_alloc(graph->context, sizeof(int32) * graph->ngoals);
	memset(graph->end_of, 0xFF, sizeof(int32) * graph->ngoals);
}

/*
 * The end of a link at a goal; made where it is the first.
 */
static int32
end_at(GoalGraph *graph, int32 goal)
{
	if (graph->end_of[goal] != GRAPH_NOBODY)
		return graph->end_of[goal];

	if (graph->nends == graph->max_ends)
	{
		int32		n = (int32) Min((int64) graph->max_ends * 2, (int64) graph->ngoals);

		graph->ends = pm_graph_resize(graph->ends, sizeof(GraphEnd), graph->max_ends, n);
		graph->max_ends = n;
	}
	memset(&graph->ends[graph->nends], 0, sizeof(GraphEnd));
	graph->ends[graph->nends].goal = goal;
	graph->end_of[goal] = graph->nends;
	return graph->nends++;
}

/*
 * Makes room for one more link.
 */
static void
reserve_link(GoalGraph *graph)
{
	int32		n;

	if (graph->nlinks < graph->max_links)
		return;
	if (graph->max_links == PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a goal graph holds at most %d links", PG_INT32_MAX)));

	n = (int32) Min((int64) graph->max_links * 2, (int64) PG_INT32_MAX);
	graph->links = pm_graph_resize(graph->links, sizeof(GraphLink), graph->max_links, n);
	graph->max_links = n;
}

/*
 * Strength is for those who weigh links; here it is only checked.
 */
static void
check_strength(GraphReader *reader)
{
	GraphNumber strength;

	if (!pm_graph_read_number(reader, LINK_STRENGTH, &strength))
		return;
	if (pm_graph_number_cmp(&strength, 0) >= 0 && pm_graph_number_cmp(&strength, 1) <= 0)
		return;
	report_value(reader, LINK_STRENGTH, "be between 0 and 1",
				 pm_graph_number_text(&strength), "1 stands for a link that is needed fully.");
}

static void
link_row(GraphReader *reader)
{
	LinkReader *links = (LinkReader *) reader;
	GoalGraph  *graph = links->graph;
	int64		buffer_days = 0;
	int32		from;
	int32		to;
	GraphLink  *link;

	links->has_goals = false;
	if (!pm_graph_read_integer(reader, LINK_FROM, &links->from_goal))
		report_null(reader, LINK_FROM);
	if (!pm_graph_read_integer(reader, LINK_TO, &links->to_goal))
		report_null(reader, LINK_TO);
	links->has_goals = true;
	if (links->from_goal == links->to_goal)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("goal " INT64_FORMAT " is linked to itself", links->from_goal),
				 errhint("A link leads from a goal to another one that it needs.")));
	check_strength(reader);
	pm_graph_read_integer(reader, LINK_BUFFER_DAYS, &buffer_days);
	if (buffer_days < 0 || buffer_days > PG_INT32_MAX)
		report_value(reader, LINK_BUFFER_DAYS, "be between 0 and 2147483647",
					 psprintf(INT64_FORMAT, buffer_days),
					 "It is a number of days.");

	from = pm_graph_index_find(graph, links->from_goal);
	to = pm_graph_index_find(graph, links->to_goal);
	if (from == GRAPH_NOBODY || to == GRAPH_NOBODY)
		return;

	reserve_link(graph);
	link = &graph->links[graph->nlinks++];
	link->from = end_at(graph, from);
	link->to = end_at(graph, to);
	link->buffer_days = (int32) buffer_days;
}

/*
 * Reads the links between goals of the graph.  Links with an end elsewhere
 * are left out.
 */
void
pm_graph_load_links(GoalGraph *graph, const char *query)
{
	LinkReader	links;

	memset(&links, 0, sizeof(links));
	memcpy(links.columns, link_columns, sizeof(link_columns));
	links.graph = graph;
	links.reader.query_name = "links";
	links.reader.hint = "It must return from_goal and to_goal; other columns are optional.";
	links.reader.columns = links.columns;
	links.reader.ncolumns = lengthof(link_columns);
	links.reader.light_type = graph->light_type;
	links.reader.start = start_links;
	links.reader.row = link_row;
	links.reader.subject = link_subject;
	pm_graph_query_run(&links.reader, query, &graph->arguments);
}
