
-- Progress against a plan, and the light that follows from it.

CREATE FUNCTION perf_mgmt.progress(actual numeric, baseline numeric, target numeric)
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'pm_progress'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.progress(numeric, numeric, numeric) IS
	'Progress as a fraction, (actual - baseline) / (target - baseline): 1 = target met; raw, so it may be below 0 or above 1; falling targets work the same way. NULL in, NULL out; 22023 where target = baseline, 22003 for NaN and Infinity';

CREATE FUNCTION perf_mgmt.attainment(actual numeric, target numeric)
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'pm_attainment'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION perf_mgmt.attainment(numeric, numeric) IS
	'Attainment as a fraction, actual / target: 1 = target met; raw. NULL in, NULL out; 22023 where target = 0, 22003 for NaN and Infinity';

CREATE FUNCTION perf_mgmt.expected_progress(
		starts_on date,
		ends_on   date,
		as_of     date,
		plan      perf_mgmt.score_curve DEFAULT NULL)
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'pm_expected_progress_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;		-- not strict: a plan may be NULL
COMMENT ON FUNCTION perf_mgmt.expected_progress(date, date, date, perf_mgmt.score_curve) IS
	'Share of a span of days that has passed, as a fraction 0..1: both ends count, and the day as_of counts as finished. With a plan, what the curve says at that share in percent (x 0..100, y 0..100), kept within 0..1. NULL where a date is NULL; 22023 where ends_on is before starts_on, 22008 for infinite dates';

CREATE FUNCTION perf_mgmt.light(
		progress numeric,
		expected numeric,
		green    numeric DEFAULT 0.95,
		yellow   numeric DEFAULT 0.75,
		grace    numeric DEFAULT 0.10,
		slack    numeric DEFAULT 0.02)
	RETURNS perf_mgmt.traffic_light
	AS 'MODULE_PATHNAME', 'pm_light_of'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;		-- not strict: NULL progress is an answer too
COMMENT ON FUNCTION perf_mgmt.light(numeric, numeric, numeric, numeric, numeric, numeric) IS
	'Light of a progress where so much is expected, all fractions, compared at 6 places. The first that applies: progress >= 1 green; progress NULL red from expected 0.5, else grey; expected NULL or below grace grey; gap below slack green; progress/expected >= green green, >= yellow yellow, else red. A NULL threshold is its default; 22023 unless 0 < yellow < green <= 10 and grace and slack are in 0..1; 22003 for NaN and Infinity';
