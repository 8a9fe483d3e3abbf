-- 60_statistics: volatility against plan, trends, streaks
--
-- Three aggregates over anybody's tables.  Each gathers its rows in a state that has a text form, so that
-- workers, shards and stored partial results merge to exactly what one pass over all rows would give.

CREATE TYPE perf_mgmt.volatility_result AS (
	n bigint,
	skipped bigint,
	mean_deviation numeric,
	worst_deviation numeric,
	bias numeric,
	rmse numeric,
	wape numeric
);
COMMENT ON TYPE perf_mgmt.volatility_result IS
	'What volatility() gives. Ratios are fractions (0.37 = 37 %) at 6 places, rounded half away from zero; NULL where n is 0';
COMMENT ON COLUMN perf_mgmt.volatility_result.n IS 'Rows that count: actual and plan known, plan other than 0';
COMMENT ON COLUMN perf_mgmt.volatility_result.skipped IS 'Rows with a plan of 0; they enter no figure';
COMMENT ON COLUMN perf_mgmt.volatility_result.mean_deviation IS 'Mean of abs(actual - plan) / abs(plan)';
COMMENT ON COLUMN perf_mgmt.volatility_result.worst_deviation IS 'Largest abs(actual - plan) / abs(plan)';
COMMENT ON COLUMN perf_mgmt.volatility_result.bias IS
	'Mean of (actual - plan) / abs(plan); near 0 beside a large mean_deviation it means noise, as large as it a plan that is always too high or too low';
COMMENT ON COLUMN perf_mgmt.volatility_result.rmse IS 'Square root of the mean squared deviation; weighs the bad periods more';
COMMENT ON COLUMN perf_mgmt.volatility_result.wape IS
	'Sum of abs(actual - plan) by sum of abs(plan); tiny plans cannot dominate it, but the amounts must share a unit';

CREATE TYPE perf_mgmt.volatility_state;

CREATE FUNCTION perf_mgmt.volatility_state_in(cstring)
	RETURNS perf_mgmt.volatility_state
	AS 'MODULE_PATHNAME', 'pm_volatility_state_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.volatility_state_in(cstring) IS
	'Input of volatility_state; 22P02 for sums that no rows could have';

CREATE FUNCTION perf_mgmt.volatility_state_out(perf_mgmt.volatility_state)
	RETURNS cstring
	AS 'MODULE_PATHNAME', 'pm_volatility_state_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.volatility_state_out(perf_mgmt.volatility_state) IS
	'Output of volatility_state';

CREATE FUNCTION perf_mgmt.volatility_state_recv(internal)
	RETURNS perf_mgmt.volatility_state
	AS 'MODULE_PATHNAME', 'pm_volatility_state_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.volatility_state_recv(internal) IS
	'Binary input of volatility_state: a version byte, then the text; 22P03 for sums that no rows could have';

CREATE FUNCTION perf_mgmt.volatility_state_send(perf_mgmt.volatility_state)
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'pm_volatility_state_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.volatility_state_send(perf_mgmt.volatility_state) IS
	'Binary output of volatility_state: a version byte, then the text';

CREATE TYPE perf_mgmt.volatility_state (
	INPUT   = perf_mgmt.volatility_state_in,
	OUTPUT  = perf_mgmt.volatility_state_out,
	RECEIVE = perf_mgmt.volatility_state_recv,
	SEND    = perf_mgmt.volatility_state_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE perf_mgmt.volatility_state IS
	'Sums gathered by volatility(). Each deviation is rounded once to 18 places, after that all is exact; the same rows in any order give the same text';

CREATE FUNCTION perf_mgmt._volatility_add(state perf_mgmt.volatility_state, actual numeric, plan numeric)
	RETURNS perf_mgmt.volatility_state
	AS 'MODULE_PATHNAME', 'pm_volatility_add'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._volatility_add(perf_mgmt.volatility_state, numeric, numeric) IS 'Transition of volatility(); 22003 for NaN and the infinities';

CREATE FUNCTION perf_mgmt._volatility_merge(state perf_mgmt.volatility_state, other perf_mgmt.volatility_state)
	RETURNS perf_mgmt.volatility_state
	AS 'MODULE_PATHNAME', 'pm_volatility_merge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._volatility_merge(perf_mgmt.volatility_state, perf_mgmt.volatility_state) IS 'Combine function of volatility()';

CREATE FUNCTION perf_mgmt._volatility_final(state perf_mgmt.volatility_state)
	RETURNS perf_mgmt.volatility_result
	AS 'MODULE_PATHNAME', 'pm_volatility_final'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._volatility_final(perf_mgmt.volatility_state) IS 'Final function of volatility()';

CREATE AGGREGATE perf_mgmt.volatility(actual numeric, plan numeric) (
	SFUNC = perf_mgmt._volatility_add,
	STYPE = perf_mgmt.volatility_state,
	SSPACE = 144,
	FINALFUNC = perf_mgmt._volatility_final,
	COMBINEFUNC = perf_mgmt._volatility_merge,
	INITCOND = 'volatility(n 0, skipped 0, absolute 0, signed 0, square 0, worst 0, gap 0, plan 0)',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE perf_mgmt.volatility(numeric, numeric) IS
	'How far actuals stray from plan: (n, skipped, mean_deviation, worst_deviation, bias, rmse, wape) of (actual - plan) / abs(plan). A row with a NULL is ignored, one with plan 0 skipped and counted, whatever its actual. No rows: n 0 and NULLs. NaN and the infinities: 22003. Independent of the order of rows';


CREATE TYPE perf_mgmt.trend_result AS (
	n bigint,
	slope numeric,
	theil_sen numeric,
	next_value numeric,
	falls bigint,
	is_declining boolean
);
COMMENT ON TYPE perf_mgmt.trend_result IS
	'What trend() gives; numbers at 6 places, each computed exactly and rounded once, half away from zero';
COMMENT ON COLUMN perf_mgmt.trend_result.n IS
	'Points in the series: different places with a value';
COMMENT ON COLUMN perf_mgmt.trend_result.slope IS
	'Slope of the line by least squares, as regr_slope(value, at), in points per unit of at; NULL below 2 points';
COMMENT ON COLUMN perf_mgmt.trend_result.theil_sen IS
	'Median of the slopes between all pairs of points, which a single outlier cannot move far; the mean of the middle two where their number is even; NULL below 2 points';
COMMENT ON COLUMN perf_mgmt.trend_result.next_value IS
	'The line by least squares one step beyond the last place, a step being the mean distance (max(at) - min(at)) / (n - 1); NULL below 2 points';
COMMENT ON COLUMN perf_mgmt.trend_result.falls IS
	'How many times in a row the series fell at its end; 0 where the last value is no lower than the one before';
COMMENT ON COLUMN perf_mgmt.trend_result.is_declining IS
	'True where slope <= -slope_limit (3) over at least 4 points and the last value is below the mean of the earlier ones by more than half their sample standard deviation (2 points at least), or where the last 3 or more falls in a row come to 10 points or more. False below 4 points';

CREATE TYPE perf_mgmt.trend_state;

CREATE FUNCTION perf_mgmt.trend_state_in(cstring)
	RETURNS perf_mgmt.trend_state
	AS 'MODULE_PATHNAME', 'pm_trend_state_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.trend_state_in(cstring) IS
	'Input of trend_state; 22P02 for anything else than such points';

CREATE FUNCTION perf_mgmt.trend_state_out(perf_mgmt.trend_state)
	RETURNS cstring
	AS 'MODULE_PATHNAME', 'pm_trend_state_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.trend_state_out(perf_mgmt.trend_state) IS
	'Output of trend_state';

CREATE FUNCTION perf_mgmt.trend_state_recv(internal)
	RETURNS perf_mgmt.trend_state
	AS 'MODULE_PATHNAME', 'pm_trend_state_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.trend_state_recv(internal) IS
	'Binary input of trend_state: a version byte, then the text; 22P03 for anything else than such points';

CREATE FUNCTION perf_mgmt.trend_state_send(perf_mgmt.trend_state)
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'pm_trend_state_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.trend_state_send(perf_mgmt.trend_state) IS
	'Binary output of trend_state: a version byte, then the text';

CREATE TYPE perf_mgmt.trend_state (
	INPUT   = perf_mgmt.trend_state_in,
	OUTPUT  = perf_mgmt.trend_state_out,
	RECEIVE = perf_mgmt.trend_state_recv,
	SEND    = perf_mgmt.trend_state_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE perf_mgmt.trend_state IS
	'Points gathered by trend(), as at:value in order of arrival, and the limit for the slope; at most 10000';

CREATE FUNCTION perf_mgmt._trend_add(state perf_mgmt.trend_state, value numeric, at numeric)
	RETURNS perf_mgmt.trend_state
	AS 'MODULE_PATHNAME', 'pm_trend_add'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._trend_add(perf_mgmt.trend_state, numeric, numeric) IS
	'Transition of trend(value, at); errors as there';

CREATE FUNCTION perf_mgmt._trend_add(state perf_mgmt.trend_state, value numeric, at numeric, slope_limit numeric)
	RETURNS perf_mgmt.trend_state
	AS 'MODULE_PATHNAME', 'pm_trend_add'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._trend_add(perf_mgmt.trend_state, numeric, numeric, numeric) IS
	'Transition of trend(value, at, slope_limit); errors as there';

CREATE FUNCTION perf_mgmt._trend_merge(state perf_mgmt.trend_state, other perf_mgmt.trend_state)
	RETURNS perf_mgmt.trend_state
	AS 'MODULE_PATHNAME', 'pm_trend_merge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._trend_merge(perf_mgmt.trend_state, perf_mgmt.trend_state) IS
	'Combine function of trend(); errors as there';

CREATE FUNCTION perf_mgmt._trend_final(state perf_mgmt.trend_state)
	RETURNS perf_mgmt.trend_result
	AS 'MODULE_PATHNAME', 'pm_trend_final'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._trend_final(perf_mgmt.trend_state) IS
	'Final function of trend()';

CREATE AGGREGATE perf_mgmt.trend(value numeric, at numeric) (
	SFUNC = perf_mgmt._trend_add,
	STYPE = perf_mgmt.trend_state,
	SSPACE = 256,
	FINALFUNC = perf_mgmt._trend_final,
	COMBINEFUNC = perf_mgmt._trend_merge,
	INITCOND = 'trend(slope_limit 3)',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE perf_mgmt.trend(numeric, numeric) IS
	'Where a series of values (points) at places (numbers of periods) is heading: (n, slope, theil_sen, next_value, falls, is_declining). A row with a NULL is ignored: a missing period is not 0. Values at one place are averaged first, to 18 places. At most 10000 values a group: 54000. NaN and the infinities: 22003. Independent of the order of rows';

CREATE AGGREGATE perf_mgmt.trend(value numeric, at numeric, slope_limit numeric) (
	SFUNC = perf_mgmt._trend_add,
	STYPE = perf_mgmt.trend_state,
	SSPACE = 256,
	FINALFUNC = perf_mgmt._trend_final,
	COMBINEFUNC = perf_mgmt._trend_merge,
	INITCOND = 'trend(slope_limit 3)',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE perf_mgmt.trend(numeric, numeric, numeric) IS
	'As trend(value, at), where is_declining asks for a slope of at most -slope_limit instead of -3. 22023 for a limit that is negative or not the same in all rows';

CREATE TYPE perf_mgmt.streak_result AS (
	current integer,
	longest integer,
	blocks integer
);
COMMENT ON TYPE perf_mgmt.streak_result IS
	'What streak() gives; counts of weeks, 0 where no week was seen';
COMMENT ON COLUMN perf_mgmt.streak_result.current IS
	'Kept weeks in a row up to the last week; 0 where that was missed';
COMMENT ON COLUMN perf_mgmt.streak_result.longest IS
	'Most kept weeks in a row';
COMMENT ON COLUMN perf_mgmt.streak_result.blocks IS
	'Completed blocks of so many (4) kept weeks in a row; blocks do not overlap, and one starts anew after a missed week';

CREATE TYPE perf_mgmt.streak_state;

CREATE FUNCTION perf_mgmt.streak_state_in(cstring)
	RETURNS perf_mgmt.streak_state
	AS 'MODULE_PATHNAME', 'pm_streak_state_in'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.streak_state_in(cstring) IS
	'Input of streak_state; 22P02 for anything else than such weeks';

CREATE FUNCTION perf_mgmt.streak_state_out(perf_mgmt.streak_state)
	RETURNS cstring
	AS 'MODULE_PATHNAME', 'pm_streak_state_out'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.streak_state_out(perf_mgmt.streak_state) IS
	'Output of streak_state';

CREATE FUNCTION perf_mgmt.streak_state_recv(internal)
	RETURNS perf_mgmt.streak_state
	AS 'MODULE_PATHNAME', 'pm_streak_state_recv'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.streak_state_recv(internal) IS
	'Binary input of streak_state: a version byte, then the text; 22P03 for anything else than such weeks';

CREATE FUNCTION perf_mgmt.streak_state_send(perf_mgmt.streak_state)
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'pm_streak_state_send'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.streak_state_send(perf_mgmt.streak_state) IS
	'Binary output of streak_state: a version byte, then the text';

CREATE TYPE perf_mgmt.streak_state (
	INPUT   = perf_mgmt.streak_state_in,
	OUTPUT  = perf_mgmt.streak_state_out,
	RECEIVE = perf_mgmt.streak_state_recv,
	SEND    = perf_mgmt.streak_state_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE perf_mgmt.streak_state IS
	'Weeks gathered by streak(): k kept, m missed, x excused, a point for one nobody spoke of; the same rows in any order give the same text';

CREATE FUNCTION perf_mgmt._streak_add(state perf_mgmt.streak_state, kept boolean, excused boolean, week date)
	RETURNS perf_mgmt.streak_state
	AS 'MODULE_PATHNAME', 'pm_streak_add'
	-- not STRICT: an excuse holds whether or not anything is known of the week
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._streak_add(perf_mgmt.streak_state, boolean, boolean, date) IS
	'Transition of streak(kept, excused, week); errors as there';

CREATE FUNCTION perf_mgmt._streak_add(state perf_mgmt.streak_state, kept boolean, excused boolean, week date, block integer)
	RETURNS perf_mgmt.streak_state
	AS 'MODULE_PATHNAME', 'pm_streak_add'
	-- not STRICT: an excuse holds whether or not anything is known of the week
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._streak_add(perf_mgmt.streak_state, boolean, boolean, date, integer) IS
	'Transition of streak(kept, excused, week, block); errors as there';

CREATE FUNCTION perf_mgmt._streak_merge(state perf_mgmt.streak_state, other perf_mgmt.streak_state)
	RETURNS perf_mgmt.streak_state
	AS 'MODULE_PATHNAME', 'pm_streak_merge'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._streak_merge(perf_mgmt.streak_state, perf_mgmt.streak_state) IS
	'Combine function of streak(); errors as there';

CREATE FUNCTION perf_mgmt._streak_final(state perf_mgmt.streak_state)
	RETURNS perf_mgmt.streak_result
	AS 'MODULE_PATHNAME', 'pm_streak_final'
	-- not STRICT: no week at all is a streak of 0
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt._streak_final(perf_mgmt.streak_state) IS
	'Final function of streak()';

CREATE AGGREGATE perf_mgmt.streak(kept boolean, excused boolean, week date) (
	SFUNC = perf_mgmt._streak_add,
	STYPE = perf_mgmt.streak_state,
	SSPACE = 64,
	FINALFUNC = perf_mgmt._streak_final,
	COMBINEFUNC = perf_mgmt._streak_merge,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE perf_mgmt.streak(boolean, boolean, date) IS
	'Weeks kept in a row: (current, longest, blocks of 4), by the order of the weeks. Any day names its week, Monday to Sunday. Excused weeks neither count nor break, nor do weeks whose kept is NULL (still open), nor weeks without a row: give every week. Where rows of one week differ, excused beats kept and kept beats missed. A NULL excuse is none; a NULL week is ignored. 22008 outside the years 1 to 9999, 54000 beyond 10000 weeks a group';

CREATE AGGREGATE perf_mgmt.streak(kept boolean, excused boolean, week date, block integer) (
	SFUNC = perf_mgmt._streak_add,
	STYPE = perf_mgmt.streak_state,
	SSPACE = 64,
	FINALFUNC = perf_mgmt._streak_final,
	COMBINEFUNC = perf_mgmt._streak_merge,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE perf_mgmt.streak(boolean, boolean, date, integer) IS
	'As streak(kept, excused, week), with blocks of so many weeks. 22023 for a block that is NULL, below 1 or not the same in all rows';
