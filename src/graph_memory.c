/*
 * graph_memory.c
 *		Large arrays.
 *
 * A graph of a million goals touches some 60 MB for the first time.  In pages
 * of 4 kB that was a third of all its time in a virtual machine, a fault each;
 * in large pages, where the kernel gives them to those who ask, next to none.
 */
#include "postgres.h"

#include "compat.h"

#include <sys/mman.h>

#include "utils/memutils.h"

#include "graph_memory.h"

/* Worth asking from two large pages of the usual size on. */
#define LARGE_PAGE		((Size) 2 * 1024 * 1024)

/* madvise() works on whole pages. */
#define SMALL_PAGE		((Size) 4096)

/*
 * Asks for large pages.  It is advice: nothing depends on the answer.
 */
static void
ask_for_large_pages(char *array, Size size)
{
#ifdef MADV_HUGEPAGE
	char	   *first = (char *) TYPEALIGN(SMALL_PAGE, array);
	char	   *end = (char *) TYPEALIGN_DOWN(SMALL_PAGE, array + size);

	if (size >= 2 * LARGE_PAGE)
		(void) madvise(first, end - first, MADV_HUGEPAGE);
#endif
}

/*
 * Allocates an array of any size.
 */
void *
pm_graph_alloc(MemoryContext context, Size size)
{
	void	   *array = MemoryContextAllocHuge(context, size);

	ask_for_large_pages(array, size);
	return array;
}

/*
 * Gives an array room for another number of entries.  Growing copies it:
 * repalloc() would move its pages one by one, and leave them small.
 */
void *
pm_graph_resize(void *array, Size entry, int64 old_n, int64 new_n)
{
	void	   *result;

	if (new_n <= old_n)
		return repalloc_huge(array, entry * new_n);

	result = pm_graph_alloc(GetMemoryChunkContext(array), entry * new_n);
	memcpy(result, array, entry * old_n);
	pfree(array);
	return result;
}
