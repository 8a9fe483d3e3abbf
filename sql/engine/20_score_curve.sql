
-- score_curve: a measure to points

CREATE TYPE perf_mgmt.score_curve;

CREATE FUNCTION perf_mgmt.score_curve_in(cstring)
	RETURNS perf_mgmt.score_curve
	AS 'MODULE_PATHNAME', 'pm_score_curve_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_curve_in(cstring) IS
	'Input of score_curve; 22P02 for malformed text, 54000 for more than 1000 points, 22003 for a number of more than 18 digits';

CREATE FUNCTION perf_mgmt.score_curve_out(perf_mgmt.score_curve)
	RETURNS cstring
	AS 'MODULE_PATHNAME', 'pm_score_curve_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_curve_out(perf_mgmt.score_curve) IS
	'Output of score_curve: the canonical text, which reads back to the same curve';

CREATE FUNCTION perf_mgmt.score_curve_recv(internal)
	RETURNS perf_mgmt.score_curve
	AS 'MODULE_PATHNAME', 'pm_score_curve_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_curve_recv(internal) IS
	'Binary input of score_curve: the byte 1, then the text';

CREATE FUNCTION perf_mgmt.score_curve_send(perf_mgmt.score_curve)
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'pm_score_curve_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_curve_send(perf_mgmt.score_curve) IS
	'Binary output of score_curve: the byte 1, then the text';

CREATE TYPE perf_mgmt.score_curve (
	INPUT          = perf_mgmt.score_curve_in,
	OUTPUT         = perf_mgmt.score_curve_out,
	RECEIVE        = perf_mgmt.score_curve_recv,
	SEND           = perf_mgmt.score_curve_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT      = double,
	STORAGE        = extended
);
COMMENT ON TYPE perf_mgmt.score_curve IS
	'Curve from a measure x to points. linear(0:0, 80:60, 100:100): straight lines, flat outside. step(0:veto, 80:60, 100:100): tiles; where y rises a point opens its tile, where it falls a point closes it, so the better tile owns the edge. deduct(full 20, above 2, 5 per 1, floor 0): points off per started unit past a limit (below: under it; prorata last: fractions of a unit count)';

-- For columns that drivers fill with text or varchar parameters.
CREATE CAST (text AS perf_mgmt.score_curve) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (text AS perf_mgmt.score_curve) IS
	'A curve from its text';
CREATE CAST (varchar AS perf_mgmt.score_curve) WITH INOUT AS ASSIGNMENT;
COMMENT ON CAST (varchar AS perf_mgmt.score_curve) IS
	'A curve from its text';

CREATE FUNCTION perf_mgmt.score(curve perf_mgmt.score_curve, x numeric)
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'pm_score'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score(perf_mgmt.score_curve, numeric) IS
	'Points of the measure x on a curve: exact, rounded once, half away from zero, to at most 6 places; a veto tile gives 0. NULL in, NULL out; 22003 for NaN and Infinity';

CREATE FUNCTION perf_mgmt.is_veto(curve perf_mgmt.score_curve, x numeric)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_is_veto'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.is_veto(perf_mgmt.score_curve, numeric) IS
	'Whether the measure x lies in a veto tile of a step curve. NULL in, NULL out; 22003 for NaN and Infinity';

-- Equality, for DISTINCT, GROUP BY and the detection of changes; curves have no order.

CREATE FUNCTION perf_mgmt.score_curve_eq(perf_mgmt.score_curve, perf_mgmt.score_curve)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_score_curve_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_curve_eq(perf_mgmt.score_curve, perf_mgmt.score_curve) IS
	'Implementation of the operator =';

CREATE FUNCTION perf_mgmt.score_curve_ne(perf_mgmt.score_curve, perf_mgmt.score_curve)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_score_curve_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_curve_ne(perf_mgmt.score_curve, perf_mgmt.score_curve) IS
	'Implementation of the operator <>';

CREATE FUNCTION perf_mgmt.score_curve_hash(perf_mgmt.score_curve)
	RETURNS integer
	AS 'MODULE_PATHNAME', 'pm_score_curve_hash'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_curve_hash(perf_mgmt.score_curve) IS
	'Hash of a curve, for grouping and joins';

CREATE OPERATOR perf_mgmt.= (
	LEFTARG    = perf_mgmt.score_curve,
	RIGHTARG   = perf_mgmt.score_curve,
	FUNCTION   = perf_mgmt.score_curve_eq,
	COMMUTATOR = OPERATOR(perf_mgmt.=),
	NEGATOR    = OPERATOR(perf_mgmt.<>),
	RESTRICT   = pg_catalog.eqsel,
	JOIN       = pg_catalog.eqjoinsel,
	HASHES
);
COMMENT ON OPERATOR perf_mgmt.= (perf_mgmt.score_curve, perf_mgmt.score_curve) IS
	'Both curves have the same canonical text';

CREATE OPERATOR perf_mgmt.<> (
	LEFTARG    = perf_mgmt.score_curve,
	RIGHTARG   = perf_mgmt.score_curve,
	FUNCTION   = perf_mgmt.score_curve_ne,
	COMMUTATOR = OPERATOR(perf_mgmt.<>),
	NEGATOR    = OPERATOR(perf_mgmt.=),
	RESTRICT   = pg_catalog.neqsel,
	JOIN       = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR perf_mgmt.<> (perf_mgmt.score_curve, perf_mgmt.score_curve) IS
	'The curves have different canonical texts';

CREATE OPERATOR CLASS perf_mgmt.score_curve_ops
	DEFAULT FOR TYPE perf_mgmt.score_curve USING hash AS
	OPERATOR 1 perf_mgmt.=,
	FUNCTION 1 perf_mgmt.score_curve_hash(perf_mgmt.score_curve);
COMMENT ON OPERATOR CLASS perf_mgmt.score_curve_ops USING hash IS
	'Hashing of curves';
