-- Weighted scores: the exact, mergeable sum and its aggregates.

CREATE TYPE perf_mgmt.score_sum;

CREATE FUNCTION perf_mgmt.score_sum_in(cstring)
	RETURNS perf_mgmt.score_sum
	AS 'MODULE_PATHNAME', 'pm_score_sum_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_sum_in(cstring) IS
	'Reads a score_sum from its text form; 22P02 for a malformed one or one that no rows could have given, 22003 beyond the range';

CREATE FUNCTION perf_mgmt.score_sum_out(perf_mgmt.score_sum)
	RETURNS cstring
	AS 'MODULE_PATHNAME', 'pm_score_sum_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_sum_out(perf_mgmt.score_sum) IS
	'Writes a score_sum with all its digits: points 6100, weight 70 of 100, items 2 of 3';

CREATE FUNCTION perf_mgmt.score_sum_recv(internal)
	RETURNS perf_mgmt.score_sum
	AS 'MODULE_PATHNAME', 'pm_score_sum_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_sum_recv(internal) IS
	'Reads a score_sum from its versioned binary form; 22P03 for anything that score_sum_send would not have sent';

CREATE FUNCTION perf_mgmt.score_sum_send(perf_mgmt.score_sum)
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'pm_score_sum_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_sum_send(perf_mgmt.score_sum) IS
	'Writes a score_sum in its versioned binary form';

CREATE TYPE perf_mgmt.score_sum (
	INPUT = perf_mgmt.score_sum_in,
	OUTPUT = perf_mgmt.score_sum_out,
	RECEIVE = perf_mgmt.score_sum_recv,
	SEND = perf_mgmt.score_sum_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE perf_mgmt.score_sum IS
	'Exact sum of weighted scores, for storing, merging and asking later. points: sum of weight * score over the scored items; weight: theirs, of that of all items; items: those with a score, of all';

CREATE FUNCTION perf_mgmt.score_sum_eq(perf_mgmt.score_sum, perf_mgmt.score_sum)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_score_sum_eq'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_sum_eq(perf_mgmt.score_sum, perf_mgmt.score_sum) IS
	'Whether two sums hold the same points, weights and counts; implementation of =';

CREATE FUNCTION perf_mgmt.score_sum_ne(perf_mgmt.score_sum, perf_mgmt.score_sum)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'pm_score_sum_ne'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_sum_ne(perf_mgmt.score_sum, perf_mgmt.score_sum) IS
	'Whether two sums differ; implementation of <>';

CREATE FUNCTION perf_mgmt.score_sum_hash(perf_mgmt.score_sum)
	RETURNS integer
	AS 'MODULE_PATHNAME', 'pm_score_sum_hash'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_sum_hash(perf_mgmt.score_sum) IS
	'Hash of a sum; equal sums have equal hashes';

CREATE FUNCTION perf_mgmt.score_sum_hash_extended(perf_mgmt.score_sum, bigint)
	RETURNS bigint
	AS 'MODULE_PATHNAME', 'pm_score_sum_hash_extended'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score_sum_hash_extended(perf_mgmt.score_sum, bigint) IS
	'Hash of a sum in 64 bits, with a seed';

CREATE OPERATOR perf_mgmt.= (
	LEFTARG = perf_mgmt.score_sum,
	RIGHTARG = perf_mgmt.score_sum,
	FUNCTION = perf_mgmt.score_sum_eq,
	COMMUTATOR = OPERATOR(perf_mgmt.=),
	NEGATOR = OPERATOR(perf_mgmt.<>),
	RESTRICT = eqsel,
	JOIN = eqjoinsel,
	HASHES
);
COMMENT ON OPERATOR perf_mgmt.= (perf_mgmt.score_sum, perf_mgmt.score_sum) IS 'same sum';

CREATE OPERATOR perf_mgmt.<> (
	LEFTARG = perf_mgmt.score_sum,
	RIGHTARG = perf_mgmt.score_sum,
	FUNCTION = perf_mgmt.score_sum_ne,
	COMMUTATOR = OPERATOR(perf_mgmt.<>),
	NEGATOR = OPERATOR(perf_mgmt.=),
	RESTRICT = neqsel,
	JOIN = neqjoinsel
);
COMMENT ON OPERATOR perf_mgmt.<> (perf_mgmt.score_sum, perf_mgmt.score_sum) IS 'another sum';

CREATE OPERATOR CLASS perf_mgmt.score_sum_hash_ops
	DEFAULT FOR TYPE perf_mgmt.score_sum USING hash AS
	OPERATOR 1 perf_mgmt.= ,
	FUNCTION 1 perf_mgmt.score_sum_hash(perf_mgmt.score_sum),
	FUNCTION 2 perf_mgmt.score_sum_hash_extended(perf_mgmt.score_sum, bigint);
COMMENT ON OPERATOR CLASS perf_mgmt.score_sum_hash_ops USING hash IS
	'Equality of sums: DISTINCT, GROUP BY, hash joins';

-- Not strict: the state begins with the first row, and a row may lack a score.
CREATE FUNCTION perf_mgmt._score_sum_add(state perf_mgmt.score_sum, score numeric, weight numeric)
	RETURNS perf_mgmt.score_sum
	AS 'MODULE_PATHNAME', 'pm_score_sum_add'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._score_sum_add(perf_mgmt.score_sum, numeric, numeric) IS
	'Transition of weighted_score() and score_sum(); writes into the state, so only an aggregate may call it';

CREATE FUNCTION perf_mgmt._score_sum_remove(state perf_mgmt.score_sum, score numeric, weight numeric)
	RETURNS perf_mgmt.score_sum
	AS 'MODULE_PATHNAME', 'pm_score_sum_remove'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._score_sum_remove(perf_mgmt.score_sum, numeric, numeric) IS
	'Inverse transition, for moving windows; writes into the state, so only an aggregate may call it';

CREATE FUNCTION perf_mgmt._score_sum_merge(state perf_mgmt.score_sum, other perf_mgmt.score_sum)
	RETURNS perf_mgmt.score_sum
	AS 'MODULE_PATHNAME', 'pm_score_sum_merge'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._score_sum_merge(perf_mgmt.score_sum, perf_mgmt.score_sum) IS
	'Adds a sum to the state, NULL adds nothing; writes into the state, so only an aggregate may call it';

CREATE FUNCTION perf_mgmt._score_sum_final(state perf_mgmt.score_sum)
	RETURNS perf_mgmt.score_sum
	AS 'MODULE_PATHNAME', 'pm_score_sum_final'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._score_sum_final(perf_mgmt.score_sum) IS
	'Result of score_sum() and merge(): the shortest form of the state, NULL where there was no item';

CREATE FUNCTION perf_mgmt._weighted_score_final(state perf_mgmt.score_sum)
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'pm_weighted_score_final'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._weighted_score_final(perf_mgmt.score_sum) IS
	'Result of weighted_score(): points / weight, 6 places, NULL where the weight is 0';

CREATE AGGREGATE perf_mgmt.weighted_score(score numeric, weight numeric) (
	SFUNC = perf_mgmt._score_sum_add,
	STYPE = perf_mgmt.score_sum,
	SSPACE = 256,
	FINALFUNC = perf_mgmt._weighted_score_final,
	COMBINEFUNC = perf_mgmt._score_sum_merge,
	MSFUNC = perf_mgmt._score_sum_add,
	MINVFUNC = perf_mgmt._score_sum_remove,
	MSTYPE = perf_mgmt.score_sum,
	MSSPACE = 256,
	MFINALFUNC = perf_mgmt._weighted_score_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE perf_mgmt.weighted_score(numeric, numeric) IS
	'Sum of weight * score / sum of weight over the rows that have both, exact, rounded once to 6 places half away from zero. NULL where the weight is 0 or no row has both. 22023 for a negative weight, 22003 for NaN or an infinity';

CREATE AGGREGATE perf_mgmt.score_sum(score numeric, weight numeric) (
	SFUNC = perf_mgmt._score_sum_add,
	STYPE = perf_mgmt.score_sum,
	SSPACE = 256,
	FINALFUNC = perf_mgmt._score_sum_final,
	COMBINEFUNC = perf_mgmt._score_sum_merge,
	MSFUNC = perf_mgmt._score_sum_add,
	MINVFUNC = perf_mgmt._score_sum_remove,
	MSTYPE = perf_mgmt.score_sum,
	MSSPACE = 256,
	MFINALFUNC = perf_mgmt._score_sum_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE perf_mgmt.score_sum(numeric, numeric) IS
	'Gathers scores and weights into a score_sum. A NULL score is an item that is missing, a row with a NULL weight is no item; NULL where there is no item. 22023 for a negative weight, 22003 for NaN or an infinity';

CREATE AGGREGATE perf_mgmt.merge(perf_mgmt.score_sum) (
	SFUNC = perf_mgmt._score_sum_merge,
	STYPE = perf_mgmt.score_sum,
	SSPACE = 256,
	FINALFUNC = perf_mgmt._score_sum_final,
	COMBINEFUNC = perf_mgmt._score_sum_merge,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE perf_mgmt.merge(perf_mgmt.score_sum) IS
	'Adds up score_sums as if their rows had been gathered together; NULLs are skipped, NULL where there is no item';

CREATE FUNCTION perf_mgmt.score(
	s perf_mgmt.score_sum,
	missing text DEFAULT 'renormalise',
	min_coverage numeric DEFAULT 0,
	places integer DEFAULT 6
)
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'pm_score_sum_score'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.score(perf_mgmt.score_sum, text, numeric, integer) IS
	'Weighted score of a sum, rounded once to places (0..18). missing: renormalise leaves items without a score out, zero counts them 0, block gives NULL where one has weight. NULL where coverage is below min_coverage (0..1) or nothing has weight. 22023 for a wrong argument';

CREATE FUNCTION perf_mgmt.coverage(s perf_mgmt.score_sum)
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'pm_score_sum_coverage'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.coverage(perf_mgmt.score_sum) IS
	'Share of the weight that has a score, 0..1, rounded to 6 places; NULL where nothing has weight';

CREATE FUNCTION perf_mgmt.items(s perf_mgmt.score_sum)
	RETURNS bigint
	AS 'MODULE_PATHNAME', 'pm_score_sum_items'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.items(perf_mgmt.score_sum) IS
	'Number of items, with a score or without';

CREATE FUNCTION perf_mgmt.scored_items(s perf_mgmt.score_sum)
	RETURNS bigint
	AS 'MODULE_PATHNAME', 'pm_score_sum_scored_items'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.scored_items(perf_mgmt.score_sum) IS
	'Number of items that have a score';

