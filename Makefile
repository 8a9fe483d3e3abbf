# perf_mgmt: build with PGXS, stage into a private copy of the server, test, demonstrate.
#
#   make               build the library and the extension script
#   make install       put them into the server that PG_CONFIG names
#   make stage         put them into a private copy of the server instead
#   make check         install what is missing and run every test (LAYERS="lint regress" runs some)
#   make demo          install what is missing, load the plant, show the result
#   make demo-up       the same, and leave the server running; make demo-down ends it
#   make bench         time ours beside plain SQL and print ratios (BENCH=name runs one)
#   make coverage      run the tests and print how much of src/ they reach
#   make ubsan         run the tests with undefined behaviour caught
#   make format        lay the C files out; make format-check only looks
#   make clean         remove whatever was built, staged or started here

EXTENSION  = perf_mgmt
EXTVERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" perf_mgmt.control)

PG_CONFIG ?= $(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin/pg_config)))

# These install what they need and build with a second make.  They do not load
# PGXS, which may not be there yet, and whose own "check" prints "not supported"
# and succeeds.  Other goals named beside them go to a second make too.
WHOLE = check demo demo-up demo-down bench coverage ubsan

ifneq ($(filter $(WHOLE),$(MAKECMDGOALS)),)

.PHONY: $(MAKECMDGOALS)
.NOTPARALLEL:

check:
	@scripts/check $(LAYERS)
demo:
	@demo/run
demo-up:
	@demo/run up
demo-down:
	@demo/run down
bench:
	@bench/run $(BENCH)
coverage:
	@scripts/coverage
ubsan:
	@scripts/check --ubsan $(LAYERS)
$(filter-out $(WHOLE),$(MAKECMDGOALS)):
	@$(MAKE) --no-print-directory $@

else

MODULE_big = perf_mgmt
OBJS       = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))

ENGINE_SQL    = $(sort $(wildcard sql/engine/*.sql))
WORKSPACE_SQL = $(sort $(wildcard sql/workspace/*.sql))
SCRIPT        = sql/$(EXTENSION)--$(EXTVERSION).sql

DATA_built  = $(SCRIPT)
DATA        = $(wildcard sql/upgrade/perf_mgmt--*--*.sql)
EXTRA_CLEAN = $(SCRIPT) .build $(RELAY_OBJS) src/*.gcno src/*.gcda

# The relay, a program of its own; "with_relay=no" leaves it out, and what it needs.
RELAY      = .build/perf_mgmt_relay
RELAY_OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/relay/*.c)))

PG_CPPFLAGS = -DPERF_MGMT_VERSION='"$(EXTVERSION)"'
PG_CFLAGS   = -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers

# For "make installcheck" against a server that has the extension installed.
REGRESS        = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS   = --inputdir=test --load-extension=perf_mgmt
ISOLATION      = $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=. --load-extension=perf_mgmt

# No LLVM bitcode: it would need clang, and the library is small.
override with_llvm = no

PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))
ifneq ($(PGXS),)
include $(PGXS)
else
all install installcheck stage:
	@echo "PGXS not found: install postgresql-server-dev-15 (or run scripts/install_packages), or set PG_CONFIG" >&2; exit 1
clean:
	rm -rf src/*.o perf_mgmt.so $(EXTRA_CLEAN)
endif

# Objects are made again when the server or the flags change.
FLAGS := $(PG_CONFIG) $(VERSION) $(COPT) $(PROFILE)
ifneq ($(FLAGS),$(strip $(shell cat .build/flags 2>/dev/null)))
$(shell mkdir -p .build && echo '$(FLAGS)' > .build/flags)
endif

$(OBJS): $(wildcard src/*.h) Makefile perf_mgmt.control .build/flags

ifneq ($(with_relay),no)
all: $(RELAY)
install: install-relay
endif
$(RELAY_OBJS): %.o: %.c $(wildcard src/relay/*.h) Makefile perf_mgmt.control .build/flags
	$(CC) $(CFLAGS) $(PG_CPPFLAGS) -D_GNU_SOURCE -I$(includedir) -c -o $@ $<
$(RELAY): $(RELAY_OBJS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -L$(libdir) -lpq -lcurl -ljansson -lcrypto
.PHONY: install-relay
install-relay: $(RELAY)
	$(MKDIR_P) '$(DESTDIR)$(bindir)'
	$(INSTALL_PROGRAM) $(RELAY) '$(DESTDIR)$(bindir)/'

# The workspace modules travel inside the extension as the text of one function.
$(SCRIPT): $(ENGINE_SQL) $(WORKSPACE_SQL) scripts/pack_workspace perf_mgmt.control
	cat $(ENGINE_SQL) > $@.tmp
	scripts/pack_workspace $(WORKSPACE_SQL) >> $@.tmp
	mv $@.tmp $@

# A private copy of the server with this build in it: PostgreSQL finds its
# files relative to its programs, so no existing cluster ever loads our build.
STAGE = $(shell scripts/work_dir)/$(or $(PERF_MGMT_STAGE),pg)

.PHONY: stage format format-check clean-work
stage: all
	@scripts/stage_server "$(STAGE)" "$(bindir)" "$(pkglibdir)" "$(datadir)"
	@$(MAKE) --no-print-directory install DESTDIR="$(STAGE)" >/dev/null
	@echo "staged under $(STAGE)$(bindir)"

format:
	clang-format -i src/*.c src/*.h
format-check:
	clang-format --dry-run -Werror src/*.c src/*.h

clean: clean-work
clean-work:
	@scripts/work_dir --remove

endif
