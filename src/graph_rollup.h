/*
 * graph_rollup.h
 *		Orders the tree of a goal graph and rolls it up.
 */
#ifndef PM_GRAPH_ROLLUP_H
#define PM_GRAPH_ROLLUP_H

#include "goal_graph.h"

/* in graph_rollup.c */
extern void pm_graph_roll_up(GoalGraph *graph);
extern void pm_graph_report_cycle(const GoalGraph *graph, const int32 *next,
								  const char *message, const char *hint) pg_attribute_noreturn();

#endif							/* PM_GRAPH_ROLLUP_H */
