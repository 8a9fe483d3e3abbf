/*
 * graph_index.c
 *		From goal_id to the goal's position.
 *
 * Built once, when all goals are there: its size is known then, and nothing
 * is ever moved.
 */
#include "postgres.h"

#include "compat.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "goal_graph.h"
#include "graph_index.h"
#include "graph_memory.h"

/* An array may have this many slots a goal. */
#define ARRAY_SLOTS_PER_GOAL	4

/*
 * Where the search for a goal_id begins in a hash table: all bits of the id
 * take part, by the finalizer of MurmurHash3.
 */
static inline uint64
first_slot(const GraphIndex *index, int64 goal_id)
{
	uint64		h = (uint64) goal_id;

	h ^= h >> 33;
	h *= UINT64CONST(0xff51afd7ed558ccd);
	h ^= h >> 33;
	h *= UINT64CONST(0xc4ceb9fe1a85ec53);
	h ^= h >> 33;
	return h & (index->nslots - 1);
}

static void
report_duplicate(int64 goal_id)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("goal " INT64_FORMAT " was returned more than once", goal_id),
			 errhint("The goals query must return one row a goal.")));
}

/*
 * Chooses the kind of index and allocates its slots.
 */
static void
make_slots(GoalGraph *graph)
{
	GraphIndex *index = &graph->index;
	int64		least = PG_INT64_MAX;
	int64		greatest = PG_INT64_MIN;
	uint64		range;
	int32		i;

	for (i = 0; i < graph->ngoals; i++)
	{
		least = Min(least, graph->goals[i].goal_id);
		greatest = Max(greatest, graph->goals[i].goal_id);
	}

	/* the difference of two int64 always fits unsigned */
	range = (uint64) greatest - (uint64) least;
	index->is_array = range < (uint64) graph->ngoals * ARRAY_SLOTS_PER_GOAL;
	index->base = least;
	index->nslots = index->is_array ? range + 1 :
		pg_nextpower2_64((uint64) graph->ngoals + graph->ngoals / 2);
	index->slots = pm_graph_alloc(graph->context,
										  index->nslots * sizeof(int32));
	memset(index->slots, 0xFF, index->nslots * sizeof(int32));
}

/*
 * Indexes all goals.  A goal_id that occurs twice is an error.
 */
void
pm_graph_index_build(GoalGraph *graph)
{
	GraphIndex *index = &graph->index;
	int32		i;

	if (graph->ngoals == 0)
		return;
	make_slots(graph);

	for (i = 0; i < graph->ngoals; i++)
	{
		int64		goal_id = graph->goals[i].goal_id;
		uint64		slot;

		CHECK_FOR_INTERRUPTS();

		if (index->is_array)
		{
			slot = (uint64) goal_id - (uint64) index->base;
			if (index->slots[slot] >= 0)
				report_duplicate(goal_id);
		}
		else
		{
			slot = first_slot(index, goal_id);
			while (index->slots[slot] >= 0)
			{
				if (graph->goals[index->slots[slot]].goal_id == goal_id)
					report_duplicate(goal_id);
				slot = (slot + 1) & (index->nslots - 1);
			}
		}
		index->slots[slot] = i;
	}
}

/*
 * Position of a goal, GRAPH_NOBODY where there is none.
 */
int32
pm_graph_index_find(const GoalGraph *graph, int64 goal_id)
{
	const GraphIndex *index = &graph->index;
	uint64		slot;

	if (graph->ngoals == 0)
		return GRAPH_NOBODY;

	if (index->is_array)
	{
		slot = (uint64) goal_id - (uint64) index->base;
		return slot < index->nslots ? index->slots[slot] : GRAPH_NOBODY;
	}

	slot = first_slot(index, goal_id);
	while (index->slots[slot] >= 0)
	{
		if (graph->goals[index->slots[slot]].goal_id == goal_id)
			return index->slots[slot];
		slot = (slot + 1) & (index->nslots - 1);
	}
	return GRAPH_NOBODY;
}
