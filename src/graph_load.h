/*
 * graph_load.h
 *		Reads the goals and the links of a graph.
 */
#ifndef PM_GRAPH_LOAD_H
#define PM_GRAPH_LOAD_H

#include "goal_graph.h"

/* in graph_load.c */
extern void pm_graph_load_goals(GoalGraph *graph, const char *query);
extern void pm_graph_load_links(GoalGraph *graph, const char *query);

#endif							/* PM_GRAPH_LOAD_H */
