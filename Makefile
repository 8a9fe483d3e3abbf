# perf_mgmt: build with PGXS, stage into a private copy of the server, test, demonstrate.
#
#   make            build the library and the extension script
#   make stage      put this build beside a private copy of PostgreSQL
#   make check      install what is missing and run every test
#   make demo       install what is missing, load the plant, show the result
#   make bench      time ours beside plain SQL and print ratios

EXTENSION  = perf_mgmt
EXTVERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" perf_mgmt.control)

MODULE_big = perf_mgmt
OBJS       = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))

ENGINE_SQL    = $(sort $(wildcard sql/engine/*.sql))
WORKSPACE_SQL = $(sort $(wildcard sql/workspace/*.sql))
SCRIPT        = sql/$(EXTENSION)--$(EXTVERSION).sql

DATA_built  = $(SCRIPT)
DATA        = $(wildcard sql/upgrade/perf_mgmt--*--*.sql)
EXTRA_CLEAN = $(SCRIPT) .build

PG_CPPFLAGS = -DPERF_MGMT_VERSION='"$(EXTVERSION)"'
PG_CFLAGS   = -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers

# No LLVM bitcode: it would need clang, and the library is small.
override with_llvm = no

PG_CONFIG ?= $(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin/pg_config)))
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(PGXS),)
include $(PGXS)
endif

$(OBJS): $(wildcard src/*.h)

# The workspace modules travel inside the extension as the text of one function.
$(SCRIPT): $(ENGINE_SQL) $(WORKSPACE_SQL) scripts/pack_workspace perf_mgmt.control
	cat $(ENGINE_SQL) > $@.tmp
	scripts/pack_workspace $(WORKSPACE_SQL) >> $@.tmp
	mv $@.tmp $@

include scripts/targets.mk
