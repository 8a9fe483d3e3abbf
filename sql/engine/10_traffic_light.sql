
-- traffic_light: grey < red < yellow < green

CREATE TYPE perf_mgmt.traffic_light;

CREATE FUNCTION perf_mgmt.traffic_light_in(cstring)
	RETURNS perf_mgmt.traffic_light
	AS 'MODULE_PATHNAME', 'pm_traffic_light_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_in(cstring) IS
	'Input of traffic_light: an English word in any case or one of 灰 红 黄 绿, blanks around it ignored';

CREATE FUNCTION perf_mgmt.traffic_light_out(perf_mgmt.traffic_light)
	RETURNS cstring
	AS 'MODULE_PATHNAME', 'pm_traffic_light_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_out(perf_mgmt.traffic_light) IS
	'Output of traffic_light: the English word in lower case';

CREATE FUNCTION perf_mgmt.traffic_light_recv(internal)
	RETURNS perf_mgmt.traffic_light
	AS 'MODULE_PATHNAME', 'pm_traffic_light_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_recv(internal) IS
	'Binary input of traffic_light: the word';

CREATE FUNCTION perf_mgmt.traffic_light_send(perf_mgmt.traffic_light)
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'pm_traffic_light_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_send(perf_mgmt.traffic_light) IS
	'Binary output of traffic_light: the word, so that binary clients show it';

CREATE TYPE perf_mgmt.traffic_light (
	INPUT   = perf_mgmt.traffic_light_in,
	OUTPUT  = perf_mgmt.traffic_light_out,
	RECEIVE = perf_mgmt.traffic_light_recv,
	SEND    = perf_mgmt.traffic_light_send,
	LIKE    = pg_catalog."char"
);
COMMENT ON TYPE perf_mgmt.traffic_light IS
	'Light of a goal, person or department: grey < red < yellow < green; grey says that there is nothing to say yet';

-- Drivers such as JDBC send text and varchar, and neither goes through the
-- other.  There is no implicit way back: it would let < and min() compare
-- the words by the alphabet.
CREATE CAST (text AS perf_mgmt.traffic_light) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS perf_mgmt.traffic_light) IS
	'A light from its word, so that text parameters of drivers work';
CREATE CAST (varchar AS perf_mgmt.traffic_light) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS perf_mgmt.traffic_light) IS
	'A light from its word, so that varchar parameters of drivers work';

CREATE FUNCTION perf_mgmt.light_rank(light perf_mgmt.traffic_light)
	RETURNS smallint
	AS 'MODULE_PATHNAME', 'pm_traffic_light_rank'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.light_rank(perf_mgmt.traffic_light) IS
	'Rank of a light: 0 grey, 1 red, 2 yellow, 3 green; for clients that sort by numbers';

CREATE CAST (perf_mgmt.traffic_light AS smallint)
	WITH FUNCTION perf_mgmt.light_rank(perf_mgmt.traffic_light);
COMMENT ON CAST (perf_mgmt.traffic_light AS smallint) IS
	'Rank of a light: 0 grey, 1 red, 2 yellow, 3 green';

-- Order.  Total over every byte and silent, hence LEAKPROOF: row security may
-- push these conditions down.

CREATE FUNCTION perf_mgmt.traffic_light_lt(perf_mgmt.traffic_light, perf_mgmt.traffic_light)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_traffic_light_lt'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_lt(perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'Implementation of the operator <';

CREATE FUNCTION perf_mgmt.traffic_light_le(perf_mgmt.traffic_light, perf_mgmt.traffic_light)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_traffic_light_le'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_le(perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'Implementation of the operator <=';

CREATE FUNCTION perf_mgmt.traffic_light_eq(perf_mgmt.traffic_light, perf_mgmt.traffic_light)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_traffic_light_eq'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_eq(perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'Implementation of the operator =';

CREATE FUNCTION perf_mgmt.traffic_light_ne(perf_mgmt.traffic_light, perf_mgmt.traffic_light)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_traffic_light_ne'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_ne(perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'Implementation of the operator <>';

CREATE FUNCTION perf_mgmt.traffic_light_ge(perf_mgmt.traffic_light, perf_mgmt.traffic_light)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_traffic_light_ge'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_ge(perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'Implementation of the operator >=';

CREATE FUNCTION perf_mgmt.traffic_light_gt(perf_mgmt.traffic_light, perf_mgmt.traffic_light)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_traffic_light_gt'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_gt(perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'Implementation of the operator >';

CREATE FUNCTION perf_mgmt.traffic_light_cmp(perf_mgmt.traffic_light, perf_mgmt.traffic_light)
	RETURNS integer
	AS 'MODULE_PATHNAME', 'pm_traffic_light_cmp'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_cmp(perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'Less than, equal to or greater than 0, for btree indexes and sorts';

CREATE FUNCTION perf_mgmt.traffic_light_hash(perf_mgmt.traffic_light)
	RETURNS integer
	AS 'MODULE_PATHNAME', 'pm_traffic_light_hash'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_hash(perf_mgmt.traffic_light) IS
	'Hash of a light, for hash indexes, joins and grouping';

CREATE FUNCTION perf_mgmt.traffic_light_hash_extended(perf_mgmt.traffic_light, bigint)
	RETURNS bigint
	AS 'MODULE_PATHNAME', 'pm_traffic_light_hash_extended'
	LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_hash_extended(perf_mgmt.traffic_light, bigint) IS
	'Seeded hash of a light, for hash partitions';

CREATE OPERATOR perf_mgmt.< (
	LEFTARG    = perf_mgmt.traffic_light,
	RIGHTARG   = perf_mgmt.traffic_light,
	FUNCTION   = perf_mgmt.traffic_light_lt,
	COMMUTATOR = OPERATOR(perf_mgmt.>),
	NEGATOR    = OPERATOR(perf_mgmt.>=),
	RESTRICT   = pg_catalog.scalarltsel,
	JOIN       = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR perf_mgmt.< (perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'Left light ranks below right light';

CREATE OPERATOR perf_mgmt.<= (
	LEFTARG    = perf_mgmt.traffic_light,
	RIGHTARG   = perf_mgmt.traffic_light,
	FUNCTION   = perf_mgmt.traffic_light_le,
	COMMUTATOR = OPERATOR(perf_mgmt.>=),
	NEGATOR    = OPERATOR(perf_mgmt.>),
	RESTRICT   = pg_catalog.scalarlesel,
	JOIN       = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR perf_mgmt.<= (perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'Left light ranks below right light or is the same';

CREATE OPERATOR perf_mgmt.= (
	LEFTARG    = perf_mgmt.traffic_light,
	RIGHTARG   = perf_mgmt.traffic_light,
	FUNCTION   = perf_mgmt.traffic_light_eq,
	COMMUTATOR = OPERATOR(perf_mgmt.=),
	NEGATOR    = OPERATOR(perf_mgmt.<>),
	RESTRICT   = pg_catalog.eqsel,
	JOIN       = pg_catalog.eqjoinsel,
	HASHES,
	MERGES
);
COMMENT ON OPERATOR perf_mgmt.= (perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'Both lights are the same';

CREATE OPERATOR perf_mgmt.<> (
	LEFTARG    = perf_mgmt.traffic_light,
	RIGHTARG   = perf_mgmt.traffic_light,
	FUNCTION   = perf_mgmt.traffic_light_ne,
	COMMUTATOR = OPERATOR(perf_mgmt.<>),
	NEGATOR    = OPERATOR(perf_mgmt.=),
	RESTRICT   = pg_catalog.neqsel,
	JOIN       = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR perf_mgmt.<> (perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'The lights differ';

CREATE OPERATOR perf_mgmt.>= (
	LEFTARG    = perf_mgmt.traffic_light,
	RIGHTARG   = perf_mgmt.traffic_light,
	FUNCTION   = perf_mgmt.traffic_light_ge,
	COMMUTATOR = OPERATOR(perf_mgmt.<=),
	NEGATOR    = OPERATOR(perf_mgmt.<),
	RESTRICT   = pg_catalog.scalargesel,
	JOIN       = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR perf_mgmt.>= (perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'Left light ranks above right light or is the same';

CREATE OPERATOR perf_mgmt.> (
	LEFTARG    = perf_mgmt.traffic_light,
	RIGHTARG   = perf_mgmt.traffic_light,
	FUNCTION   = perf_mgmt.traffic_light_gt,
	COMMUTATOR = OPERATOR(perf_mgmt.<),
	NEGATOR    = OPERATOR(perf_mgmt.<=),
	RESTRICT   = pg_catalog.scalargtsel,
	JOIN       = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR perf_mgmt.> (perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'Left light ranks above right light';

CREATE OPERATOR CLASS perf_mgmt.traffic_light_ops
	DEFAULT FOR TYPE perf_mgmt.traffic_light USING btree AS
	OPERATOR 1 perf_mgmt.<,
	OPERATOR 2 perf_mgmt.<=,
	OPERATOR 3 perf_mgmt.=,
	OPERATOR 4 perf_mgmt.>=,
	OPERATOR 5 perf_mgmt.>,
	FUNCTION 1 perf_mgmt.traffic_light_cmp(perf_mgmt.traffic_light, perf_mgmt.traffic_light),
	FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS perf_mgmt.traffic_light_ops USING btree IS
	'Order of lights: grey, red, yellow, green';

CREATE OPERATOR CLASS perf_mgmt.traffic_light_ops
	DEFAULT FOR TYPE perf_mgmt.traffic_light USING hash AS
	OPERATOR 1 perf_mgmt.=,
	FUNCTION 1 perf_mgmt.traffic_light_hash(perf_mgmt.traffic_light),
	FUNCTION 2 perf_mgmt.traffic_light_hash_extended(perf_mgmt.traffic_light, bigint);
COMMENT ON OPERATOR CLASS perf_mgmt.traffic_light_ops USING hash IS
	'Hashing of lights';

-- Aggregates.  The state is the light itself, so partial states travel as words.

CREATE FUNCTION perf_mgmt.traffic_light_smaller(perf_mgmt.traffic_light, perf_mgmt.traffic_light)
	RETURNS perf_mgmt.traffic_light
	AS 'MODULE_PATHNAME', 'pm_traffic_light_smaller'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_smaller(perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'The lower ranking of two lights; transition function of min()';

CREATE FUNCTION perf_mgmt.traffic_light_larger(perf_mgmt.traffic_light, perf_mgmt.traffic_light)
	RETURNS perf_mgmt.traffic_light
	AS 'MODULE_PATHNAME', 'pm_traffic_light_larger'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_larger(perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'The higher ranking of two lights; transition function of max() and best()';

CREATE FUNCTION perf_mgmt.traffic_light_worse(perf_mgmt.traffic_light, perf_mgmt.traffic_light)
	RETURNS perf_mgmt.traffic_light
	AS 'MODULE_PATHNAME', 'pm_traffic_light_worse'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.traffic_light_worse(perf_mgmt.traffic_light, perf_mgmt.traffic_light) IS
	'The lower ranking of two lights, where grey yields to any other; transition function of worst()';

CREATE AGGREGATE perf_mgmt.min(perf_mgmt.traffic_light) (
	SFUNC       = perf_mgmt.traffic_light_smaller,
	STYPE       = perf_mgmt.traffic_light,
	COMBINEFUNC = perf_mgmt.traffic_light_smaller,
	SORTOP      = OPERATOR(perf_mgmt.<),
	PARALLEL    = SAFE
);
COMMENT ON AGGREGATE perf_mgmt.min(perf_mgmt.traffic_light) IS
	'Lowest ranking light, where grey is the lowest; NULLs are left out, NULL where nothing is left';

CREATE AGGREGATE perf_mgmt.max(perf_mgmt.traffic_light) (
	SFUNC       = perf_mgmt.traffic_light_larger,
	STYPE       = perf_mgmt.traffic_light,
	COMBINEFUNC = perf_mgmt.traffic_light_larger,
	SORTOP      = OPERATOR(perf_mgmt.>),
	PARALLEL    = SAFE
);
COMMENT ON AGGREGATE perf_mgmt.max(perf_mgmt.traffic_light) IS
	'Highest ranking light; NULLs are left out, NULL where nothing is left';

CREATE AGGREGATE perf_mgmt.worst(light perf_mgmt.traffic_light) (
	SFUNC       = perf_mgmt.traffic_light_worse,
	STYPE       = perf_mgmt.traffic_light,
	COMBINEFUNC = perf_mgmt.traffic_light_worse,
	PARALLEL    = SAFE
);
COMMENT ON AGGREGATE perf_mgmt.worst(perf_mgmt.traffic_light) IS
	'Worst light: red before yellow before green; grey only where all are grey; NULLs are left out, NULL where nothing is left';

CREATE AGGREGATE perf_mgmt.best(light perf_mgmt.traffic_light) (
	SFUNC       = perf_mgmt.traffic_light_larger,
	STYPE       = perf_mgmt.traffic_light,
	COMBINEFUNC = perf_mgmt.traffic_light_larger,
	PARALLEL    = SAFE
);
COMMENT ON AGGREGATE perf_mgmt.best(perf_mgmt.traffic_light) IS
	'Best light: green before yellow before red; grey only where all are grey; NULLs are left out, NULL where nothing is left';
