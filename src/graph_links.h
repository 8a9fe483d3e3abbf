/*
 * graph_links.h
 *		Forecasts, and how a delay travels along links.
 */
#ifndef PM_GRAPH_LINKS_H
#define PM_GRAPH_LINKS_H

#include "goal_graph.h"

/* in graph_links.c */
extern void pm_graph_forecast(GoalGraph *graph);
extern void pm_graph_propagate(GoalGraph *graph);

#endif							/* PM_GRAPH_LINKS_H */
