/*
 * graph_query.c
 *		Runs a query that somebody wrote and hands over its rows column by
 *		column, found by name, without copying them.
 *
 * The rows go from the executor straight to a DestReceiver: a table of
 * tuples, as SPI would build it, takes longer than all the arithmetic on
 * them.  The query runs with the rights of the caller and read-only.
 */
#include "postgres.h"

#include "compat.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "nodes/params.h"
#include "nodes/parsenodes.h"
#include "tcop/cmdtag.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/plancache.h"

#include "graph_query.h"
#include "traffic_light.h"

/*
 * Whether a column of this base type can be read as the kind.
 */
static bool
type_fits(GraphColumnKind kind, Oid type, Oid light_type)
{
	switch (kind)
	{
		case GRAPH_COLUMN_INTEGER:
			return type == INT8OID || type == INT4OID || type == INT2OID ||
				type == NUMERICOID;
		case GRAPH_COLUMN_NUMBER:
			return type == NUMERICOID || type == INT8OID || type == INT4OID ||
				type == INT2OID || type == FLOAT8OID || type == FLOAT4OID;
		case GRAPH_COLUMN_DATE:
			return type == DATEOID;
		case GRAPH_COLUMN_BOOLEAN:
			return type == BOOLOID;
		case GRAPH_COLUMN_LIGHT:
			return type == light_type || type == TEXTOID || type == VARCHAROID ||
				type == BPCHAROID;
	}
	return false;
}

static const char *
kind_name(GraphColumnKind kind)
{
	switch (kind)
	{
		case GRAPH_COLUMN_INTEGER:
			return "bigint";
		case GRAPH_COLUMN_NUMBER:
			return "numeric";
		case GRAPH_COLUMN_DATE:
			return "date";
		case GRAPH_COLUMN_BOOLEAN:
			return "boolean";
		case GRAPH_COLUMN_LIGHT:
			return "perf_mgmt.traffic_light";
	}
	return NULL;
}

/*
 * Finds a column in the result by its name.
 */
static void
find_column(GraphReader *reader, GraphColumn *column, TupleDesc tupdesc)
{
	column->attno = 0;
	for (int attno = 1; attno <= tupdesc->natts; attno++)
	{
		Form_pg_attribute attr = TupleDescAttr(tupdesc, attno - 1);

		if (strcmp(NameStr(attr->attname), column->name) != 0)
			continue;
		if (column->attno > 0)
			ereport(ERROR,
					(errcode(ERRCODE_AMBIGUOUS_COLUMN),
					 errmsg("the %s query returns column \"%s\" more than once",
							reader->query_name, column->name)));
		column->attno = attno;
		column->type = getBaseType(attr->atttypid);
		if (!type_fits(column->kind, column->type, reader->light_type))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" of the %s query must be of type %s, not %s",
							column->name, reader->query_name, kind_name(column->kind),
							format_type_be(attr->atttypid)),
					 errhint("Cast the column in the query.")));
	}

	if (column->attno == 0 && column->is_required)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("the %s query has no column \"%s\"",
						reader->query_name, column->name),
				 errhint("%s", reader->hint)));
}

static void
receiver_startup(DestReceiver *self, int operation, TupleDesc tupdesc)
{
	GraphReader *reader = (GraphReader *) self;

	reader->last_attno = 0;
	for (int i = 0; i < reader->ncolumns; i++)
	{
		GraphColumn *column = &reader->columns[i];

		find_column(reader, column, tupdesc);
		reader->last_attno = Max(reader->last_attno, column->attno);
		if (column->kind == GRAPH_COLUMN_LIGHT && column->attno > 0)
		{
			Oid			function;

			getTypeInputInfo(reader->light_type, &function, &reader->light_ioparam);
			fmgr_info(function, &reader->light_in);
		}
	}
	reader->start(reader);
}

static bool
receiver_row(TupleTableSlot *slot, DestReceiver *self)
{
	GraphReader *reader = (GraphReader *) self;
	MemoryContext caller = MemoryContextSwitchTo(reader->scratch);

	slot_getsomeattrs(slot, reader->last_attno);
	reader->slot = slot;
	reader->row(reader);

	reader->slot = NULL;
	MemoryContextSwitchTo(caller);
	MemoryContextReset(reader->scratch);
	return true;
}

static void
receiver_nothing(DestReceiver *self)
{
}

/* Names the row below whatever error its values raise. */
static void
row_error_context(void *arg)
{
	GraphReader *reader = (GraphReader *) arg;
	char	   *subject = reader->slot != NULL ? reader->subject(reader) : NULL;

	if (subject != NULL)
		errcontext("%s", subject);
}

/*
 * Refuses everything but one SELECT that only reads.
 */
static void
require_select(const GraphReader *reader, SPIPlanPtr plan)
{
	List	   *sources = SPI_plan_get_plan_sources(plan);
	CachedPlanSource *source;
	ListCell   *cell;

	if (list_length(sources) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("the %s query must be one SELECT, not %d statements",
						reader->query_name, list_length(sources))));

	source = (CachedPlanSource *) linitial(sources);
	if (source->commandTag != CMDTAG_SELECT || source->resultDesc == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("the %s query must be a SELECT, not %s",
						reader->query_name, GetCommandTagName(source->commandTag)),
				 errhint("%s", reader->hint)));

	foreach(cell, source->query_list)
	{
		Query	   *query = lfirst_node(Query, cell);

		if (query->hasModifyingCTE || query->rowMarks != NIL)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("the %s query must only read", reader->query_name),
					 errhint("It must neither change nor lock rows.")));
	}
}

/*
 * Only as_of is a constant to the planner, which may need it to choose: it
 * would copy rows, which may be many, into each of its trees.
 */
static void
set_parameter(ParamListInfo params, Oid *types, int number, Oid type, Datum value, bool is_null)
{
	params->params[number].value = value;
	params->params[number].isnull = is_null;
	params->params[number].pflags = number == 0 ? PARAM_FLAG_CONST : 0;
	params->params[number].ptype = type;
	types[number] = type;
}

/*
 * Runs the query, in which $1 and $2 stand for the arguments, and gives each
 * row to the reader.
 */
void
pm_graph_query_run(GraphReader *reader, const char *query, const GraphArguments *arguments)
{
	Oid			types[2];
	int			ntypes = OidIsValid(arguments->rows_type) ? 2 : 1;
	ParamListInfo params = makeParamList(ntypes);
	SPIExecuteOptions options;
	SPIPlanPtr	plan;
	ErrorContextCallback callback;
	int			result;

	set_parameter(params, types, 0, DATEOID, DateADTGetDatum(arguments->as_of), false);
	if (ntypes == 2)
		set_parameter(params, types, 1, arguments->rows_type, arguments->rows,
					  arguments->rows_are_null);

	plan = SPI_prepare_cursor(query, ntypes, types, CURSOR_OPT_PARALLEL_OK);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
	require_select(reader, plan);

	reader->pub.receiveSlot = receiver_row;
	reader->pub.rStartup = receiver_startup;
	reader->pub.rShutdown = receiver_nothing;
	reader->pub.rDestroy = receiver_nothing;
	reader->pub.mydest = DestNone;
	reader->scratch = AllocSetContextCreate(CurrentMemoryContext,
											"goal graph row",
											ALLOCSET_SMALL_SIZES);

	memset(&options, 0, sizeof(options));
	options.params = params;
	options.read_only = true;
	options.dest = &reader->pub;

	callback.callback = row_error_context;
	callback.arg = reader;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	result = SPI_execute_plan_extended(plan, &options);
	error_context_stack = callback.previous;
	if (result < 0)
		elog(ERROR, "SPI_execute_plan_extended failed: %s", SPI_result_code_string(result));

	MemoryContextDelete(reader->scratch);
	SPI_freeplan(plan);
}

/*
 * A value of the row at hand, in messages: "weight of goal 5".
 */
const char *
pm_graph_value_name(GraphReader *reader, int column)
{
	const char *name = reader->columns[column].name;
	char	   *subject = reader->subject(reader);

	return subject != NULL ? psprintf("%s of %s", name, subject) : name;
}

static inline Datum
get_datum(const GraphReader *reader, int column)
{
	return reader->slot->tts_values[reader->columns[column].attno - 1];
}

/*
 * A numeric as it lies in the row.  NaN and the infinities are refused.
 */
static inline void
set_number(GraphReader *reader, int column, Datum datum, GraphNumber *result)
{
	Numeric		num = pm_numeric_packed(datum);

	if (unlikely(pm_is_special(num)))
		pm_refuse_special(num, pm_graph_value_name(reader, column),
						  "Use NULL for a value that is not known.");
	result->num = num;
	result->is_wide = !pm_decimal_from_numeric(num, &result->decimal);
}

/*
 * A number, exactly.  False where it is NULL.  NaN and the infinities are
 * refused.
 */
bool
pm_graph_read_number(GraphReader *reader, int column, GraphNumber *result)
{
	Datum		datum;

	if (pm_graph_is_null(reader, column))
		return false;

	datum = get_datum(reader, column);
	switch (reader->columns[column].type)
	{
		case NUMERICOID:
			set_number(reader, column, datum, result);
			return true;
		case FLOAT8OID:
			set_number(reader, column, DirectFunctionCall1(float8_numeric, datum), result);
			return true;
		case FLOAT4OID:
			set_number(reader, column, DirectFunctionCall1(float4_numeric, datum), result);
			return true;
		case INT8OID:
			result->decimal.value = DatumGetInt64(datum);
			break;
		case INT4OID:
			result->decimal.value = DatumGetInt32(datum);
			break;
		default:
			result->decimal.value = DatumGetInt16(datum);
			break;
	}
	result->decimal.scale = 0;
	result->num = NULL;
	result->is_wide = false;
	return true;
}

/*
 * An integer of 64 bits.  False where it is NULL.  A numeric with a fraction
 * or beyond 64 bits is refused.
 */
bool
pm_graph_read_integer(GraphReader *reader, int column, int64 *result)
{
	Datum		datum;
	GraphNumber number;

	if (pm_graph_is_null(reader, column))
		return false;

	datum = get_datum(reader, column);
	switch (reader->columns[column].type)
	{
		case INT8OID:
			*result = DatumGetInt64(datum);
			return true;
		case INT4OID:
			*result = DatumGetInt32(datum);
			return true;
		case INT2OID:
			*result = DatumGetInt16(datum);
			return true;
	}

	set_number(reader, column, datum, &number);
	if (number.is_wide || !pm_decimal_rescale(&number.decimal, 0) ||
		number.decimal.value < PG_INT64_MIN || number.decimal.value > PG_INT64_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be an integer of 64 bits, not %s",
						pm_graph_value_name(reader, column), pm_graph_number_text(&number))));
	*result = (int64) number.decimal.value;
	return true;
}

/*
 * A date.  False where it is NULL.  The infinities are refused.
 */
bool
pm_graph_read_date(GraphReader *reader, int column, DateADT *result)
{
	if (pm_graph_is_null(reader, column))
		return false;

	*result = DatumGetDateADT(get_datum(reader, column));
	if (DATE_NOT_FINITE(*result))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be a finite date, not %s", pm_graph_value_name(reader, column),
						DATE_IS_NOBEGIN(*result) ? "-infinity" : "infinity"),
				 errhint("Use NULL for a date that is not known.")));
	return true;
}

/*
 * Whether a column is true; NULL is not.
 */
bool
pm_graph_read_boolean(GraphReader *reader, int column)
{
	return !pm_graph_is_null(reader, column) && DatumGetBool(get_datum(reader, column));
}

/*
 * A light, from the type itself or from its word.  False where it is NULL.
 */
bool
pm_graph_read_light(GraphReader *reader, int column, uint8 *result)
{
	Datum		datum;

	if (pm_graph_is_null(reader, column))
		return false;

	datum = get_datum(reader, column);
	if (reader->columns[column].type != reader->light_type)
		datum = InputFunctionCall(&reader->light_in, TextDatumGetCString(datum),
								  reader->light_ioparam, -1);
	*result = (uint8) pm_light_from_datum(datum);
	return true;
}
