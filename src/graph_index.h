/*
 * graph_index.h
 *		From goal_id to the goal's position.
 */
#ifndef PM_GRAPH_INDEX_H
#define PM_GRAPH_INDEX_H

/*
 * Ids that lie close together are looked up in an array, others in a hash
 * table with open addressing.
 */
typedef struct GraphIndex
{
	int32	   *slots;			/* positions, -1 for none */
	uint64		nslots;
	int64		base;			/* least id, in an array */
	bool		is_array;
} GraphIndex;

struct GoalGraph;

/* in graph_index.c */
extern void pm_graph_index_build(struct GoalGraph *graph);
extern int32 pm_graph_index_find(const struct GoalGraph *graph, int64 goal_id);

#endif							/* PM_GRAPH_INDEX_H */
