/*
 * graph_memory.h
 *		Large arrays.
 */
#ifndef PM_GRAPH_MEMORY_H
#define PM_GRAPH_MEMORY_H

#include "utils/palloc.h"

/* Entries of an array that is to grow. */
#define GRAPH_FIRST_CAPACITY	1024

/* in graph_memory.c */
extern void *pm_graph_alloc(MemoryContext context, Size size);
extern void *pm_graph_resize(void *array, Size entry, int64 old_n, int64 new_n);

#endif							/* PM_GRAPH_MEMORY_H */
