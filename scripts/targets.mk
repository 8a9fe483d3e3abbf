# Targets beyond PGXS: staging, tests, demonstration.

STAGE := $(shell scripts/work_dir)/pg
PG_BINDIR   := $(shell $(PG_CONFIG) --bindir 2>/dev/null)
PG_LIBDIR   := $(shell $(PG_CONFIG) --pkglibdir 2>/dev/null)
PG_SHAREDIR := $(shell $(PG_CONFIG) --sharedir 2>/dev/null)

# A private copy of the server with this build in it: PostgreSQL finds its
# files relative to its programs, so no existing cluster ever loads our build.
.PHONY: stage
stage: all
	@test -n "$(PG_BINDIR)" || { echo "pg_config not found: install postgresql-server-dev-15" >&2; exit 1; }
	@if [ ! -x "$(STAGE)$(PG_BINDIR)/postgres" ]; then \
		mkdir -p "$(STAGE)$(dir $(PG_BINDIR))" "$(STAGE)$(dir $(PG_SHAREDIR))"; \
		cp -r "$(PG_BINDIR)" "$(STAGE)$(dir $(PG_BINDIR))"; \
		mkdir -p "$(STAGE)$(PG_LIBDIR)"; cp "$(PG_LIBDIR)"/*.so "$(STAGE)$(PG_LIBDIR)/"; \
		cp -r "$(PG_LIBDIR)/pgxs" "$(STAGE)$(PG_LIBDIR)/"; \
		cp -rL "$(PG_SHAREDIR)" "$(STAGE)$(dir $(PG_SHAREDIR))"; \
	fi
	@$(MAKE) --no-print-directory install DESTDIR="$(STAGE)" >/dev/null
	@echo "staged under $(STAGE)$(PG_BINDIR)"
