/*
 * From measured series to the value of an indicator over a span of days, and
 * on to derived indicators.
 */

CREATE FUNCTION measured_value(
	indicator_key bigint, aggregation text, unit_factor numeric, goal_key bigint, owner_key bigint, department_key bigint,
	first_day date, last_day date, known_at timestamptz)
	RETURNS numeric
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	result numeric;
BEGIN
	WITH candidate AS (
		/* the newest record of a day holds; a series of the goal itself comes before its owner's, that before the department's */
		SELECT DISTINCT ON (subject, m.measured_on) subject, m.measured_on, m.value, m.numerator, m.denominator
			FROM measurement m,
				LATERAL (SELECT CASE WHEN m.goal_id IS NOT NULL THEN 1 WHEN m.employee_id IS NOT NULL THEN 2 ELSE 3 END AS subject) AS s
			WHERE m.indicator_id = indicator_key AND m.measured_on BETWEEN first_day AND last_day AND m.recorded_at < known_at
				AND (m.goal_id = goal_key OR m.employee_id = owner_key OR m.department_id = department_key)
			ORDER BY subject, m.measured_on, m.recorded_at DESC, m.measurement_id DESC
	), chosen AS (
		SELECT c.*, CASE WHEN c.denominator IS NOT NULL THEN unit_factor * c.numerator / c.denominator ELSE c.value END AS amount
			FROM candidate c WHERE c.subject = (SELECT min(c2.subject) FROM candidate c2)
	)
	SELECT CASE measured_value.aggregation
			WHEN 'sum' THEN sum(c.amount)
			WHEN 'avg' THEN avg(c.amount)
			WHEN 'max' THEN max(c.amount)
			WHEN 'min' THEN min(c.amount)
			WHEN 'count' THEN nullif(count(c.amount), 0)
			WHEN 'last' THEN (array_agg(c.amount ORDER BY c.measured_on DESC) FILTER (WHERE c.amount IS NOT NULL))[1]
			WHEN 'ratio' THEN coalesce(unit_factor * sum(c.numerator) / sum(c.denominator), avg(c.amount))
		END INTO result
		FROM chosen c;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION measured_value(bigint, text, numeric, bigint, bigint, bigint, date, date, timestamptz) IS
	'Measurements of an indicator over a span of days, combined by its aggregation, as known just before a moment: the goal''s own series, else its owner''s, '
	'else its department''s. A ratio is summed numerators over summed denominators, times the factor of the unit. NULL where nothing was measured';

CREATE TYPE derived_result AS (value numeric, fault varchar);
COMMENT ON TYPE derived_result IS 'What a formula gives for a goal';
COMMENT ON COLUMN derived_result.value IS 'Value in the indicator''s unit; NULL: none';
COMMENT ON COLUMN derived_result.fault IS 'Why there is none: "missing" and the codes without a value, "division" by zero, or "range"; NULL where there is one';

CREATE FUNCTION derived_value(
	steps formula_step[], goal_key bigint, owner_key bigint, department_key bigint, first_day date, last_day date, known_at timestamptz)
	RETURNS derived_result
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	step formula_step;
	known jsonb := '{}';
	lacking text[] := '{}';
	is_huge boolean := false;
	value numeric;
	result derived_result;
BEGIN
	FOREACH step IN ARRAY steps LOOP
		IF step.formula IS NULL THEN
			value := measured_value(step.indicator_id, step.aggregation, step.unit_factor, goal_key, owner_key, department_key, first_day, last_day, known_at);
			IF value IS NULL THEN
				lacking := lacking || step.code::text;
			END IF;
		ELSE
			value := evaluate(step.formula, known);
			/* what no goal could hold as a target; it also keeps chains of formulas from growing without bound */
			IF abs(value) >= 1e18 THEN
				value := NULL;
				is_huge := true;
			END IF;
		END IF;
		known := known || jsonb_build_object(step.code, value);
	END LOOP;
	result.value := value;
	IF value IS NULL THEN
		result.fault := CASE WHEN is_huge THEN 'range' WHEN lacking = '{}' THEN 'division' ELSE 'missing ' || array_to_string(lacking, ', ') END;
	END IF;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION derived_value(formula_step[], bigint, bigint, bigint, date, date, timestamptz) IS
	'Value of a derived indicator (formula_recipe gives the steps): the measured values of the indicators that it needs, over the same span and for the same goal, owner or department, through the formulas. '
	'NULL with a fault: "missing" and the codes that have no value, "division" for a division by zero, "range" for a result of 1e18 or more';

CREATE FUNCTION fault_reason(fault text, locale text)
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN fault = 'division' THEN CASE locale WHEN 'zh' THEN '公式除数为零' ELSE 'the formula divides by zero' END
		WHEN fault = 'range' THEN CASE locale WHEN 'zh' THEN '公式结果超出范围' ELSE 'the result of the formula is out of range' END
		WHEN fault IS NOT NULL THEN CASE locale WHEN 'zh' THEN format('公式缺少数值:%s', substr(fault, 9)) ELSE format('the formula lacks a value of %s', substr(fault, 9)) END
	END;
COMMENT ON FUNCTION fault_reason(text, text) IS 'A fault of derived_value in the language of the locale (zh or en); NULL for none';
