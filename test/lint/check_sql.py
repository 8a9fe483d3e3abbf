"""Rules for the SQL of the extension, checked on its syntax trees.

engine     sql/engine: what CREATE EXTENSION runs
workspace  sql/workspace: what create_workspace() runs, unqualified names

Each rule is one test over all modules.  Each rule also has a sample that breaks
it, and must find it there: a rule that cannot fail is no rule.
"""
import re

import pglast
from pglast import ast, enums

from lint import ROOT, Tap, line_of, message_problems, relative, string_value, tokens


class Function:
    def __init__(self, statement, offset, text):
        self.name = '.'.join(part.sval for part in statement.funcname)
        self.offset = offset
        self.is_procedure = statement.is_procedure
        self.atomic = statement.sql_body is not None
        self.replaces = statement.replace
        self.options = {}
        self.settings = []
        for option in statement.options or ():
            if option.defname == 'set':
                self.settings.append(option.arg)
            else:
                self.options[option.defname] = option.arg
        self.language = self.options['language'].sval.lower() if 'language' in self.options else 'sql'
        returns = statement.returnType.names[-1].sval if statement.returnType else ''
        self.is_trigger = returns in ('trigger', 'event_trigger')
        self.is_definer = bool(self.options.get('security') and self.options['security'].boolval)
        self.body = ''
        self.body_offset = offset
        if self.language == 'plpgsql' and 'as' in self.options:
            self.body = self.options['as'][0].sval
            self.body_offset = text.find(self.body, offset)
        elif self.atomic:
            start = re.compile(r'\b(RETURN|BEGIN\s+ATOMIC)\b', re.IGNORECASE).search(text, offset)
            self.body_offset = start.start()
            self.body = text[start.start():self.end_of_statement(text, start.start())]

    @staticmethod
    def end_of_statement(text, start):
        depth = 0
        for _, word, offset in tokens(text[start:]):
            word = word.upper()
            if word in ('BEGIN', 'CASE'):
                depth += 1
            elif word == 'END':
                depth -= 1
            elif word == ';' and depth == 0:
                return start + offset
        return len(text)

    def search_path(self):
        for setting in self.settings:
            if setting.name == 'search_path':
                return setting
        return None


class Module:
    def __init__(self, path, text, layer):
        self.path = path
        self.layer = layer
        # psql commands are blanked, so that offsets stay
        self.text = re.sub(r'^\\.*$', lambda m: ' ' * len(m.group()), text, flags=re.MULTILINE)
        self.statements = []
        for raw in pglast.parse_sql(self.text):
            offset = raw.stmt_location or 0
            code = tokens(self.text[offset:])
            self.statements.append((raw.stmt, offset + (code[0][2] if code else 0)))
        self.functions = [Function(s, o, self.text) for s, o in self.statements if isinstance(s, ast.CreateFunctionStmt)]

    def problem(self, offset, message):
        return f'{self.path}:{line_of(self.text, offset)}: {message}'

    def of_type(self, *types):
        return [(s, o) for s, o in self.statements if isinstance(s, types)]


# --- functions -----------------------------------------------------------------------

def volatility_stated(module):
    for f in module.functions:
        if not f.is_procedure and 'volatility' not in f.options:
            yield module.problem(f.offset, f'function {f.name} states no volatility')


def parallel_stated(module):
    for f in module.functions:
        if not f.is_procedure and 'parallel' not in f.options:
            yield module.problem(f.offset, f'function {f.name} states no PARALLEL')


def plpgsql_path_pinned(module):
    for f in module.functions:
        if f.language != 'plpgsql':
            continue
        path = f.search_path()
        if path is None:
            yield module.problem(f.offset, f'plpgsql function {f.name} does not set its search_path')
        elif module.layer == 'workspace':
            if path.kind != enums.VariableSetKind.VAR_SET_CURRENT:
                yield module.problem(f.offset, f'function {f.name}: a workspace takes SET search_path FROM CURRENT')
        elif path.kind != enums.VariableSetKind.VAR_SET_VALUE or path.args[-1].val.sval != 'pg_temp':
            yield module.problem(f.offset, f'function {f.name}: the search_path does not end with pg_temp')


def sql_body_parsed(module):
    for f in module.functions:
        if f.language == 'sql' and not f.atomic:
            yield module.problem(f.offset, f'SQL function {f.name} has a string body; use RETURN or BEGIN ATOMIC')


def sql_function_inlinable(module):
    for f in module.functions:
        if f.language == 'sql' and f.settings and not f.is_definer:
            yield module.problem(f.offset, f'SQL function {f.name} has SET, which prevents inlining and costs on every call')


def definer_closed(module):
    revoked = set()
    for grant, _ in module.of_type(ast.GrantStmt):
        if grant.is_grant or grant.objtype not in (enums.ObjectType.OBJECT_FUNCTION, enums.ObjectType.OBJECT_ROUTINE,
                                                    enums.ObjectType.OBJECT_PROCEDURE):
            continue
        if any(g.roletype == enums.RoleSpecType.ROLESPEC_PUBLIC for g in grant.grantees):
            revoked.update('.'.join(n.sval for n in o.objname) for o in grant.objects if isinstance(o, ast.ObjectWithArgs))
    for f in module.functions:
        if not f.is_definer:
            continue
        if f.search_path() is None:
            yield module.problem(f.offset, f'SECURITY DEFINER function {f.name} does not set its search_path')
        if not f.is_trigger and f.name not in revoked:
            yield module.problem(f.offset, f'SECURITY DEFINER function {f.name}: no REVOKE ... FROM PUBLIC in this module')


# --- what an install script does not do ---------------------------------------------------

def plain_create(module):
    if module.layer != 'engine':
        return
    for statement, offset in module.statements:
        for attribute in ('replace', 'if_not_exists'):
            if getattr(statement, attribute, None):
                yield module.problem(offset, 'CREATE OR REPLACE or IF NOT EXISTS could adopt an object of somebody else')


def nothing_cluster_wide(module):
    types = (ast.CreateRoleStmt, ast.AlterRoleStmt, ast.CreateEventTrigStmt, ast.AlterSystemStmt, ast.CopyStmt,
             ast.CreatedbStmt, ast.LoadStmt, ast.VariableSetStmt)
    for statement, offset in module.of_type(*types):
        yield module.problem(offset, f'{type(statement).__name__} has no place in a module')


def created_names(module):
    """Names of what the module makes: (parts, what, offset)."""
    for statement, offset in module.statements:
        if isinstance(statement, ast.CreateFunctionStmt):
            yield [n.sval for n in statement.funcname], 'function', offset
        elif isinstance(statement, ast.DefineStmt):
            yield [n.sval for n in statement.defnames], 'aggregate, operator or type', offset
        elif isinstance(statement, (ast.CompositeTypeStmt,)):
            yield [n for n in (statement.typevar.schemaname, statement.typevar.relname) if n], 'type', offset
        elif isinstance(statement, (ast.CreateDomainStmt,)):
            yield [n.sval for n in statement.domainname], 'domain', offset
        elif isinstance(statement, (ast.CreateEnumStmt,)):
            yield [n.sval for n in statement.typeName], 'type', offset
        elif isinstance(statement, (ast.CreateOpClassStmt,)):
            yield [n.sval for n in statement.opclassname], 'operator class', offset
        elif isinstance(statement, ast.ViewStmt):
            yield [n for n in (statement.view.schemaname, statement.view.relname) if n], 'view', offset
        elif isinstance(statement, (ast.CreateStmt, ast.CreateSeqStmt)):
            target = statement.relation if isinstance(statement, ast.CreateStmt) else statement.sequence
            yield [n for n in (target.schemaname, target.relname) if n], 'relation', offset


def schema_of_names(module):
    for parts, what, offset in created_names(module):
        if module.layer == 'engine' and parts[:-1] != ['perf_mgmt']:
            yield module.problem(offset, f'{what} {".".join(parts)} is not created as perf_mgmt.{parts[-1]}')
        if module.layer == 'workspace' and len(parts) > 1:
            yield module.problem(offset, f'{what} {".".join(parts)} is created in a fixed schema')


def workspace_unnamed(module):
    if module.layer != 'workspace':
        return
    code = tokens(module.text)
    for (kind, word, offset), (_, following, _) in zip(code, code[1:]):
        if kind == 'word' and word.lower() == 'perf' and following == '.':
            yield module.problem(offset, 'names the workspace "perf"; a workspace may have any name')
        if kind == 'dollar' and re.search(r'\bperf\.', word):
            yield module.problem(offset + re.search(r'\bperf\.', word).start(),
                                 'names the workspace "perf"; a workspace may have any name')


# --- aggregates and types -------------------------------------------------------------------

def aggregates_merge(module):
    for statement, offset in module.of_type(ast.DefineStmt):
        if statement.kind != enums.ObjectType.OBJECT_AGGREGATE:
            continue
        name = '.'.join(n.sval for n in statement.defnames)
        options = {o.defname: o.arg for o in statement.definition}
        if 'combinefunc' not in options:
            yield module.problem(offset, f'aggregate {name} has no COMBINEFUNC')
        if 'parallel' not in options:
            yield module.problem(offset, f'aggregate {name} states no PARALLEL')
        if options['stype'].names[-1].sval == 'internal':
            yield module.problem(offset, f'aggregate {name}: the state is internal, not a concrete type')


def types_binary(module):
    for statement, offset in module.of_type(ast.DefineStmt):
        if statement.kind != enums.ObjectType.OBJECT_TYPE or not statement.definition:
            continue
        options = {o.defname for o in statement.definition}
        for wanted in ('send', 'receive'):
            if wanted not in options:
                yield module.problem(offset, f'type {statement.defnames[-1].sval} has no {wanted.upper()} function')


# --- tables and views -----------------------------------------------------------------------

NAMED = (enums.ConstrType.CONSTR_CHECK, enums.ConstrType.CONSTR_PRIMARY, enums.ConstrType.CONSTR_UNIQUE,
         enums.ConstrType.CONSTR_EXCLUSION, enums.ConstrType.CONSTR_FOREIGN)


def constraints_named(module):
    for statement, offset in module.of_type(ast.CreateStmt, ast.AlterTableStmt):
        table = statement.relation.relname
        if isinstance(statement, ast.CreateStmt):
            elements = statement.tableElts or ()
        else:
            elements = [c.def_ for c in statement.cmds if getattr(c, 'def_', None) is not None]
        constraints = []
        for element in elements:
            if isinstance(element, ast.Constraint):
                constraints.append((element, ''))
            elif isinstance(element, ast.ColumnDef):
                constraints.extend((c, element.colname) for c in element.constraints or ())
        for constraint, column in constraints:
            if constraint.contype not in NAMED:
                continue
            what = constraint.contype.name.removeprefix('CONSTR_').lower()
            if not constraint.conname:
                yield module.problem(offset, f'table {table} {column}: {what} constraint without a name')
            elif not constraint.conname.startswith(table + '_'):
                yield module.problem(offset, f'constraint {constraint.conname} does not begin with {table}_')
    for statement, offset in module.of_type(ast.IndexStmt):
        if not statement.idxname:
            yield module.problem(offset, f'index on {statement.relation.relname} without a name')
        elif not statement.idxname.startswith(statement.relation.relname + '_'):
            yield module.problem(offset, f'index {statement.idxname} does not begin with {statement.relation.relname}_')


def identity_not_serial(module):
    for statement, offset in module.of_type(ast.CreateStmt):
        for element in statement.tableElts or ():
            if isinstance(element, ast.ColumnDef) and element.typeName.names[-1].sval in ('serial', 'bigserial', 'smallserial'):
                yield module.problem(offset, f'column {element.colname} is {element.typeName.names[-1].sval}; use an identity')


def views_plain(module):
    for statement, offset in module.of_type(ast.ViewStmt):
        name = statement.view.relname
        options = {o.defname: o.arg for o in statement.options or ()}
        if 'security_invoker' not in options or str(getattr(options['security_invoker'], 'sval', 'true')) not in ('true', 'on'):
            yield module.problem(offset, f'view {name} is not security_invoker')
        query = statement.query
        if query.sortClause:
            yield module.problem(offset, f'view {name} has an ORDER BY')
        while query.larg is not None:
            query = query.larg
        for target in query.targetList or ():
            if isinstance(target.val, ast.ColumnRef) and isinstance(target.val.fields[-1], ast.A_Star):
                yield module.problem(offset, f'view {name} selects *')


# --- bodies ------------------------------------------------------------------------------------

def dynamic_sql_formatted(module):
    for f in module.functions:
        code = tokens(f.body)
        for i, (kind, word, offset) in enumerate(code):
            if f.language != 'plpgsql' or kind != 'word' or word.upper() != 'EXECUTE':
                continue
            # open parentheses: (the function called, the argument we are in)
            open_calls = []
            for j in range(i + 1, len(code)):
                part = code[j][1]
                if not open_calls and (part == ';' or part.upper() in ('USING', 'INTO', 'LOOP')):
                    break
                if part == '(':
                    open_calls.append([code[j - 1][1].lower() if code[j - 1][0] == 'word' and j > i + 1 else '', 0])
                elif part == ')':
                    open_calls.pop()
                elif part == ',' and open_calls:
                    open_calls[-1][1] += 1
                elif part == '||' and all(call in (['', 0], ['format', 0]) for call in open_calls) \
                        and (code[j - 1][0] != 'string' or code[j + 1][0] != 'string'):
                    yield module.problem(f.body_offset + offset, f'function {f.name}: EXECUTE of a concatenation; use format()')
                    break


def errors_not_swallowed(module):
    for f in module.functions:
        code = tokens(f.body)
        for i, (kind, word, offset) in enumerate(code):
            if kind != 'word' or word.upper() != 'OTHERS':
                continue
            rest = [w.upper() for _, w, _ in code[i + 1:]]
            handler = rest[:rest.index('END')] if 'END' in rest else rest
            if not {'RAISE', 'SQLERRM', 'DIAGNOSTICS'} & set(handler):
                yield module.problem(f.body_offset + offset, f'function {f.name}: WHEN OTHERS neither raises nor keeps the error')


CLOCKS = {'now', 'clock_timestamp', 'statement_timestamp', 'transaction_timestamp', 'timeofday'}
CLOCK_WORDS = {'CURRENT_DATE', 'CURRENT_TIMESTAMP', 'CURRENT_TIME', 'LOCALTIME', 'LOCALTIMESTAMP'}
# The functions through which the clock enters a workspace.
CLOCK_DOORS = {'workspace_now'}


def time_is_an_argument(module):
    for f in module.functions:
        if f.name.split('.')[-1] in CLOCK_DOORS:
            continue
        code = tokens(f.body)
        for (kind, word, offset), (_, following, _) in zip(code, code[1:] + [('', '', 0)]):
            if kind == 'word' and ((word.lower() in CLOCKS and following == '(') or word.upper() in CLOCK_WORDS):
                yield module.problem(f.body_offset + offset, f'function {f.name} reads the clock ({word}); take the time as an argument')


def raise_statements(f):
    """The RAISE statements of a plpgsql body: (offset, level, format, {option: first literal or None})."""
    code = tokens(f.body)
    i = 0
    while i < len(code):
        kind, word, offset = code[i]
        i += 1
        if kind != 'word' or word.upper() != 'RAISE':
            continue
        statement = []
        while i < len(code) and code[i][1] != ';':
            statement.append(code[i])
            i += 1
        words = [w.upper() for _, w, _ in statement]
        level = words[0] if words and words[0] in ('EXCEPTION', 'WARNING', 'NOTICE', 'INFO', 'LOG', 'DEBUG') else 'EXCEPTION'
        using = words.index('USING') if 'USING' in words else len(words)
        literals = [w for k, w, _ in statement[:using] if k == 'string']
        options = {}
        for j in range(using + 1, len(words) - 1):
            if words[j] in ('ERRCODE', 'HINT', 'DETAIL', 'MESSAGE') and statement[j + 1][1] in ('=', ':='):
                literal = next((w for k, w, _ in statement[j + 2:j + 5] if k == 'string'), None)
                options[words[j]] = string_value(literal) if literal else None
        yield offset, level, string_value(literals[0]) if literals else None, options, words


def errors_have_codes(module):
    for f in module.functions:
        if f.language != 'plpgsql':
            continue
        for offset, level, text, options, words in raise_statements(f):
            # RAISE alone throws on; RAISE name or SQLSTATE carries its code
            named = text is None or 'SQLSTATE' in words
            if level == 'EXCEPTION' and not named and 'ERRCODE' not in options:
                yield module.problem(f.body_offset + offset, f'function {f.name}: RAISE without ERRCODE')


def messages_styled(module):
    for f in module.functions:
        if f.language != 'plpgsql':
            continue
        for offset, _, text, options, _ in raise_statements(f):
            parts = [('message', text), ('message', options.get('MESSAGE')),
                     ('hint', options.get('HINT')), ('detail', options.get('DETAIL'))]
            for kind, part in parts:
                for problem in message_problems(kind, part) if part else ():
                    yield module.problem(f.body_offset + offset, problem)


# --- the rules, each with a sample that breaks it ----------------------------------------------

ENGINE_F = 'CREATE FUNCTION perf_mgmt.f() RETURNS int LANGUAGE '
BODY_F = 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$ BEGIN %s END $$;'

RULES = [
    ('functions state their volatility', volatility_stated, [
        ('engine', ENGINE_F + 'sql PARALLEL SAFE RETURN 1;')]),
    ('functions state their parallel safety', parallel_stated, [
        ('engine', ENGINE_F + 'sql IMMUTABLE RETURN 1;'),
        ('workspace', 'CREATE FUNCTION f() RETURNS int LANGUAGE sql STABLE RETURN 1;')]),
    ('plpgsql functions pin their search_path', plpgsql_path_pinned, [
        ('engine', ENGINE_F + 'plpgsql STABLE PARALLEL SAFE AS $$ BEGIN RETURN 1; END $$;'),
        ('engine', ENGINE_F + 'plpgsql STABLE PARALLEL SAFE SET search_path = pg_temp, pg_catalog AS $$ BEGIN RETURN 1; END $$;'),
        ('workspace', 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql STABLE PARALLEL SAFE '
                      'SET search_path = perf AS $$ BEGIN RETURN 1; END $$;')]),
    ('SQL functions have parsed bodies', sql_body_parsed, [
        ('engine', ENGINE_F + "sql IMMUTABLE PARALLEL SAFE AS 'SELECT 1';")]),
    ('SQL functions carry no SET', sql_function_inlinable, [
        ('engine', ENGINE_F + 'sql IMMUTABLE PARALLEL SAFE SET search_path = pg_temp RETURN 1;')]),
    ('SECURITY DEFINER has a pinned path and a REVOKE', definer_closed, [
        ('workspace', 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER '
                      'SET search_path FROM CURRENT AS $$ BEGIN RETURN 1; END $$;'),
        ('workspace', 'CREATE FUNCTION f() RETURNS int LANGUAGE sql STABLE SECURITY DEFINER RETURN 1; '
                      'REVOKE ALL ON FUNCTION f() FROM PUBLIC;')]),
    ('the install script only creates', plain_create, [
        ('engine', 'CREATE OR REPLACE FUNCTION perf_mgmt.f() RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 1;'),
        ('engine', 'CREATE TABLE IF NOT EXISTS perf_mgmt.t (a int);')]),
    ('modules touch nothing beyond their schema', nothing_cluster_wide, [
        ('workspace', 'CREATE ROLE reader;'), ('engine', "SET work_mem = '1GB';")]),
    ('names are created in the right schema', schema_of_names, [
        ('engine', 'CREATE FUNCTION f() RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 1;'),
        ('workspace', 'CREATE VIEW perf.v WITH (security_invoker = true) AS SELECT 1 AS a;')]),
    ('workspace modules do not name a workspace', workspace_unnamed, [
        ('workspace', 'GRANT SELECT ON perf.goal TO PUBLIC;'),
        ('workspace', BODY_F % 'RETURN (SELECT count(*) FROM perf.goal);')]),
    ('aggregates have concrete states that merge', aggregates_merge, [
        ('engine', 'CREATE AGGREGATE perf_mgmt.a(int) (SFUNC = f, STYPE = internal, COMBINEFUNC = g, PARALLEL = SAFE);'),
        ('engine', 'CREATE AGGREGATE perf_mgmt.a(int) (SFUNC = f, STYPE = int, PARALLEL = SAFE);'),
        ('engine', 'CREATE AGGREGATE perf_mgmt.a(int) (SFUNC = f, STYPE = int, COMBINEFUNC = g);')]),
    ('types travel in binary form', types_binary, [
        ('engine', 'CREATE TYPE perf_mgmt.t (INPUT = i, OUTPUT = o, RECEIVE = r);')]),
    ('constraints and indexes have names', constraints_named, [
        ('workspace', 'CREATE TABLE t (a int PRIMARY KEY);'),
        ('workspace', 'CREATE TABLE t (a int, CHECK (a > 0));'),
        ('workspace', 'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (a);'),
        ('workspace', 'CREATE INDEX ON t (a);'),
        ('workspace', 'CREATE TABLE t (a int CONSTRAINT positive CHECK (a > 0));')]),
    ('keys are identities', identity_not_serial, [
        ('workspace', 'CREATE TABLE t (a bigserial);')]),
    ('views run with the reader\'s rights and list their columns', views_plain, [
        ('workspace', 'CREATE VIEW v AS SELECT 1 AS a;'),
        ('workspace', 'CREATE VIEW v WITH (security_invoker = false) AS SELECT 1 AS a;'),
        ('workspace', 'CREATE VIEW v WITH (security_invoker = true) AS SELECT * FROM t;'),
        ('workspace', 'CREATE VIEW v WITH (security_invoker = true) AS SELECT t.* FROM t UNION ALL SELECT u.a FROM u;'),
        ('workspace', 'CREATE VIEW v WITH (security_invoker = true) AS SELECT a FROM t ORDER BY a;')]),
    ('dynamic SQL is made with format()', dynamic_sql_formatted, [
        ('workspace', BODY_F % "EXECUTE 'DROP TABLE ' || name; RETURN 1;"),
        ('workspace', BODY_F % "EXECUTE ('DROP TABLE ' || name) INTO x;"),
        ('workspace', BODY_F % "EXECUTE format('DROP TABLE %%I ' || more, name);")]),
    ('WHEN OTHERS keeps the error', errors_not_swallowed, [
        ('workspace', BODY_F % 'RETURN 1; EXCEPTION WHEN OTHERS THEN RETURN 0;')]),
    ('rules take the time as an argument', time_is_an_argument, [
        ('workspace', BODY_F % 'RETURN extract(year FROM now());'),
        ('workspace', 'CREATE FUNCTION f() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE RETURN current_date;')]),
    ('errors carry an SQLSTATE', errors_have_codes, [
        ('workspace', BODY_F % "RAISE EXCEPTION 'weight is negative';"),
        ('workspace', BODY_F % "RAISE 'weight is negative' USING HINT = 'Give a weight of 0 or more.';")]),
    ('messages keep PostgreSQL\'s style', messages_styled, [
        ('workspace', BODY_F % "RAISE EXCEPTION 'Weight is negative' USING ERRCODE = '22023';"),
        ('workspace', BODY_F % "RAISE EXCEPTION 'weight is negative.' USING ERRCODE = '22023';"),
        ('workspace', BODY_F % "RAISE EXCEPTION 'unknown department' USING ERRCODE = '22023';"),
        ('workspace', BODY_F % "RAISE EXCEPTION 'weight is negative' USING ERRCODE = '22023', HINT = 'use 0';")]),
]

GOOD = [('engine', """
\\echo Use "CREATE EXTENSION perf_mgmt" to load this file. \\quit
CREATE FUNCTION perf_mgmt.f(at date DEFAULT now()::date) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC SELECT CASE WHEN true THEN 1 ELSE 2 END; END;
CREATE FUNCTION perf_mgmt.g() RETURNS int LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ BEGIN
    -- now() in a comment; 灯
    EXECUTE format('SELECT %I' || ' FROM t', 'perf' || x) USING 'a' || b;
    RAISE EXCEPTION 'weight "%" is negative', 1 USING ERRCODE = '22023', HINT = 'Use a weight of 0 or more.';
EXCEPTION WHEN OTHERS THEN RAISE; END $$;
REVOKE ALL ON FUNCTION perf_mgmt.g() FROM PUBLIC;
CREATE AGGREGATE perf_mgmt.a(int) (SFUNC = perf_mgmt.f, STYPE = bigint, COMBINEFUNC = perf_mgmt.c, PARALLEL = SAFE);
CREATE TYPE perf_mgmt.t;
CREATE TYPE perf_mgmt.t (INPUT = perf_mgmt.i, OUTPUT = perf_mgmt.o, SEND = perf_mgmt.s, RECEIVE = perf_mgmt.r);
"""), ('workspace', """
CREATE TABLE goal (
    goal_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT goal_pkey PRIMARY KEY,
    weight numeric NOT NULL DEFAULT 0 CONSTRAINT goal_weight_check CHECK (weight >= 0));
CREATE INDEX goal_weight_idx ON goal (weight);
CREATE FUNCTION goal_after() RETURNS trigger LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path FROM CURRENT AS $$ BEGIN RETURN NULL; END $$;
CREATE FUNCTION add(at timestamptz DEFAULT now()) RETURNS int LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path FROM CURRENT
AS $$ BEGIN RETURN 1; END $$;
CREATE VIEW v WITH (security_invoker = true) AS SELECT goal_id FROM goal UNION ALL SELECT goal_id FROM (SELECT * FROM goal ORDER BY 1) AS s;
CREATE FUNCTION workspace_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE RETURN now();
""")]


def main():
    tap = Tap()
    modules = []
    unreadable = []
    for layer in ('engine', 'workspace'):
        for path in sorted((ROOT / 'sql' / layer).glob('*.sql')):
            try:
                modules.append(Module(relative(path), path.read_text(encoding='utf-8'), layer))
            except pglast.parser.ParseError as error:
                unreadable.append(f'{relative(path)}: {error}')
    tap.check('the modules parse', unreadable)
    for name, rule, samples in RULES:
        tap.check(name, (problem for module in modules for problem in rule(module)))
    for name, rule, samples in RULES:
        missed = [text for layer, text in samples if not list(rule(Module('sample', text, layer)))]
        refused = [p for layer, text in GOOD for p in rule(Module('sample', text, layer))]
        tap.check(f'the rule finds what it is for: {name}',
                  [f'not found in: {text}' for text in missed] + [f'wrongly found: {p}' for p in refused])
    tap.done()


main()
