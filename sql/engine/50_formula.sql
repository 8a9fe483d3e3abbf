
-- formula: arithmetic over named numbers

CREATE TYPE perf_mgmt.formula;

CREATE FUNCTION perf_mgmt.formula_in(cstring)
	RETURNS perf_mgmt.formula
	AS 'MODULE_PATHNAME', 'pm_formula_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.formula_in(cstring) IS
	'Input of formula; 22P02 for malformed text, 54000 for more than 10000 bytes or 1000 parts, 54001 for more than 64 levels of nesting';

CREATE FUNCTION perf_mgmt.formula_out(perf_mgmt.formula)
	RETURNS cstring
	AS 'MODULE_PATHNAME', 'pm_formula_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.formula_out(perf_mgmt.formula) IS
	'Output of formula: the canonical text, which reads back to the same formula';

CREATE FUNCTION perf_mgmt.formula_recv(internal)
	RETURNS perf_mgmt.formula
	AS 'MODULE_PATHNAME', 'pm_formula_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.formula_recv(internal) IS
	'Binary input of formula: the byte 1, then the text';

CREATE FUNCTION perf_mgmt.formula_send(perf_mgmt.formula)
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'pm_formula_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.formula_send(perf_mgmt.formula) IS
	'Binary output of formula: the byte 1, then the text';

CREATE TYPE perf_mgmt.formula (
	INPUT          = perf_mgmt.formula_in,
	OUTPUT         = perf_mgmt.formula_out,
	RECEIVE        = perf_mgmt.formula_recv,
	SEND           = perf_mgmt.formula_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT      = int4,
	STORAGE        = extended
);
COMMENT ON TYPE perf_mgmt.formula IS
	'Formula over named numbers, such as 0.6 * kpi + 0.4 * coalesce(peer, manager): numbers, names (other characters in double quotes), + - * / ( ), comparisons, and, or, not, if(c, a, b), min, max, coalesce, abs, round(x, places). It calls nothing else, and x/0 is NULL';

-- For columns that drivers fill with text or varchar parameters.
CREATE CAST (text AS perf_mgmt.formula) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS perf_mgmt.formula) IS
	'A formula from its text';
CREATE CAST (varchar AS perf_mgmt.formula) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (varchar AS perf_mgmt.formula) IS
	'A formula from its text';

CREATE FUNCTION perf_mgmt.evaluate(f perf_mgmt.formula, vars jsonb)
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'pm_formula_evaluate'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.evaluate(perf_mgmt.formula, jsonb) IS
	'Number that a formula gives for the numbers of a JSON object, exactly what SQL gives for the same expression. A missing name and null are NULL; NULL spreads through operators, abs and round, is left out by min and max, and makes if take its last argument; x/0 is NULL. 22023 for a value that is not a number, 22003 for a result beyond numeric';

CREATE FUNCTION perf_mgmt.variables(f perf_mgmt.formula)
	RETURNS text[]
	AS 'MODULE_PATHNAME', 'pm_formula_variables'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.variables(perf_mgmt.formula) IS
	'Names in a formula, each once, in the order of their bytes';

-- Equality, for DISTINCT, GROUP BY and the detection of changes; formulas have no order.

CREATE FUNCTION perf_mgmt.formula_eq(perf_mgmt.formula, perf_mgmt.formula)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_formula_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.formula_eq(perf_mgmt.formula, perf_mgmt.formula) IS
	'Implementation of the operator =';

CREATE FUNCTION perf_mgmt.formula_ne(perf_mgmt.formula, perf_mgmt.formula)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_formula_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.formula_ne(perf_mgmt.formula, perf_mgmt.formula) IS
	'Implementation of the operator <>';

CREATE FUNCTION perf_mgmt.formula_hash(perf_mgmt.formula)
	RETURNS integer
	AS 'MODULE_PATHNAME', 'pm_formula_hash'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.formula_hash(perf_mgmt.formula) IS
	'Hash of a formula, for grouping and joins';

CREATE OPERATOR perf_mgmt.= (
	LEFTARG    = perf_mgmt.formula,
	RIGHTARG   = perf_mgmt.formula,
	FUNCTION   = perf_mgmt.formula_eq,
	COMMUTATOR = OPERATOR(perf_mgmt.=),
	NEGATOR    = OPERATOR(perf_mgmt.<>),
	RESTRICT   = pg_catalog.eqsel,
	JOIN       = pg_catalog.eqjoinsel,
	HASHES
);
COMMENT ON OPERATOR perf_mgmt.= (perf_mgmt.formula, perf_mgmt.formula) IS
	'Both formulas have the same canonical text';

CREATE OPERATOR perf_mgmt.<> (
	LEFTARG    = perf_mgmt.formula,
	RIGHTARG   = perf_mgmt.formula,
	FUNCTION   = perf_mgmt.formula_ne,
	COMMUTATOR = OPERATOR(perf_mgmt.<>),
	NEGATOR    = OPERATOR(perf_mgmt.=),
	RESTRICT   = pg_catalog.neqsel,
	JOIN       = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR perf_mgmt.<> (perf_mgmt.formula, perf_mgmt.formula) IS
	'The formulas have different canonical texts';

CREATE OPERATOR CLASS perf_mgmt.formula_ops
	DEFAULT FOR TYPE perf_mgmt.formula USING hash AS
	OPERATOR 1 perf_mgmt.=,
	FUNCTION 1 perf_mgmt.formula_hash(perf_mgmt.formula);
COMMENT ON OPERATOR CLASS perf_mgmt.formula_ops USING hash IS
	'Hashing of formulas';
