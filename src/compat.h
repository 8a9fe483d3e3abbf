/*
 * compat.h
 *		Bridges between PostgreSQL 15 and newer majors.
 *
 * Include it right after postgres.h.  One comment a bridge: what changed, and
 * in which major.
 */
#ifndef PM_COMPAT_H
#define PM_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "perf_mgmt requires PostgreSQL 15 or newer"
#endif

/* 16 moved the varlena macros out of postgres.h. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 16 brought soft errors; before, an input function can only raise. */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#else
#define ereturn(escontext, dummy, ...) \
	do { \
		(void) (escontext); \
		ereport(ERROR, __VA_ARGS__); \
		return dummy; \
	} while (0)
#endif

/* 18 lets a module state its name and version. */
#ifdef PG_MODULE_MAGIC_EXT
#define PM_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "perf_mgmt", .version = PERF_MGMT_VERSION)
#else
#define PM_MODULE_MAGIC PG_MODULE_MAGIC
#endif

/* 19 wants hand-made tuple descriptors to be finalised. */
#if PG_VERSION_NUM < 190000
#define TupleDescFinalize(tupdesc) ((void) (tupdesc))
#endif

#endif							/* PM_COMPAT_H */
