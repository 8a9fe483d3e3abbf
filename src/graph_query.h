/*
 * graph_query.h
 *		Runs a query that somebody wrote and hands over its rows column by
 *		column, found by name, without copying them.
 */
#ifndef PM_GRAPH_QUERY_H
#define PM_GRAPH_QUERY_H

#include "executor/tuptable.h"
#include "tcop/dest.h"
#include "utils/date.h"

#include "graph_value.h"

/* What a column may hold; any type that says the same is accepted. */
typedef enum GraphColumnKind
{
	GRAPH_COLUMN_INTEGER,
	GRAPH_COLUMN_NUMBER,
	GRAPH_COLUMN_DATE,
	GRAPH_COLUMN_BOOLEAN,
	GRAPH_COLUMN_LIGHT
} GraphColumnKind;

typedef struct GraphColumn
{
	const char *name;
	GraphColumnKind kind;
	bool		is_required;
	int			attno;			/* found in the result, or 0 */
	Oid			type;			/* its base type */
} GraphColumn;

/* What stands for $1 and $2 in a query. */
typedef struct GraphArguments
{
	DateADT		as_of;
	Oid			rows_type;		/* of $2; InvalidOid: there is none */
	Datum		rows;
	bool		rows_are_null;
} GraphArguments;

typedef struct GraphReader GraphReader;

struct GraphReader
{
	DestReceiver pub;			/* must be first */
	const char *query_name;		/* in messages: "goals" */
	const char *hint;			/* the columns that the query may return */
	GraphColumn *columns;
	int			ncolumns;
	Oid			light_type;
	void		(*start) (GraphReader *reader);
	void		(*row) (GraphReader *reader);
	char	   *(*subject) (GraphReader *reader);	/* the row at hand, in messages;
													 * NULL before its ids are read */

	/* filled in while the query runs */
	int			last_attno;
	FmgrInfo	light_in;
	Oid			light_ioparam;
	MemoryContext scratch;		/* reset after each row */
	TupleTableSlot *slot;		/* the row at hand, else NULL */
};

/* in graph_query.c */
extern void pm_graph_query_run(GraphReader *reader, const char *query,
							   const GraphArguments *arguments);
extern const char *pm_graph_value_name(GraphReader *reader, int column);
extern bool pm_graph_read_integer(GraphReader *reader, int column, int64 *result);
extern bool pm_graph_read_number(GraphReader *reader, int column, GraphNumber *result);
extern bool pm_graph_read_date(GraphReader *reader, int column, DateADT *result);
extern bool pm_graph_read_boolean(GraphReader *reader, int column);
extern bool pm_graph_read_light(GraphReader *reader, int column, uint8 *result);

static inline bool
pm_graph_has_column(const GraphReader *reader, int column)
{
	return reader->columns[column].attno > 0;
}

/*
 * Whether the row at hand has nothing in a column, or the query no such column.
 */
static inline bool
pm_graph_is_null(const GraphReader *reader, int column)
{
	int			attno = reader->columns[column].attno;

	return attno == 0 || reader->slot->tts_isnull[attno - 1];
}

#endif							/* PM_GRAPH_QUERY_H */
