/*
 * Silence against a plain reading of the rule: random check-ins, leave and
 * ticks, at any times, also late and twice, leave the same episodes as a
 * person would write down who looks at one colleague after the other, day by day.
 */
BEGIN;
SELECT no_plan();
\ir fixture/silence.sql

CREATE TEMPORARY TABLE noted (who text, since date, reminded timestamptz, escalated timestamptz, told text, closed timestamptz, messages integer DEFAULT 1);

CREATE FUNCTION pg_temp.is_away(who text, day date, moment timestamptz) RETURNS boolean
	LANGUAGE plpgsql
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM leave l JOIN employee e USING (employee_id) WHERE e.employee_no = who AND lower(l.during) <= day AND upper(l.during) > day AND l.recorded_at < moment);
END;
$$;

CREATE FUNCTION pg_temp.close_noted(person text, moment timestamptz) RETURNS void
	LANGUAGE plpgsql
AS $$
DECLARE
	said timestamptz;
	n record;
BEGIN
	FOR n IN SELECT * FROM noted WHERE who = person AND closed IS NULL AND reminded < moment LOOP
		SELECT min(c.recorded_at) INTO said FROM check_in c JOIN employee e USING (employee_id)
			WHERE e.employee_no = person AND c.recorded_at < moment AND (c.recorded_at AT TIME ZONE 'Asia/Shanghai')::date > n.since;
		UPDATE noted SET closed = greatest(said, reminded) WHERE who = person AND closed IS NULL AND since = n.since AND said IS NOT NULL;
	END LOOP;
END;
$$;

CREATE FUNCTION pg_temp.note(moment timestamptz) RETURNS void
	LANGUAGE plpgsql
AS $$
DECLARE
	today date := (moment AT TIME ZONE 'Asia/Shanghai')::date;
	clock time := (moment AT TIME ZONE 'Asia/Shanghai')::time;
	person text;
	boss text;
	day_before date;
	silent integer;
	hours numeric;
	n noted;
	h timestamptz;
BEGIN
	FOREACH person IN ARRAY '{S2,S3,S4,S5}'::text[] LOOP
		PERFORM pg_temp.close_noted(person, moment);
		CONTINUE WHEN clock < '09:00' OR clock >= '18:00' OR extract(isodow FROM today) > 5 OR pg_temp.is_away(person, today, moment);
		SELECT max((c.recorded_at AT TIME ZONE 'Asia/Shanghai')::date) INTO day_before FROM check_in c JOIN employee e USING (employee_id)
			WHERE e.employee_no = person AND c.recorded_at < moment;
		day_before := coalesce(day_before, '2026-07-01');
		silent := 0;
		FOR i IN 1 .. today - day_before LOOP
			IF NOT pg_temp.is_away(person, day_before + i, moment) THEN silent := silent + 1; END IF;
		END LOOP;
		CONTINUE WHEN silent <= 7;
		SELECT * INTO n FROM noted WHERE who = person AND closed IS NULL;
		IF NOT FOUND THEN
			IF NOT EXISTS (SELECT FROM noted o WHERE o.who = person AND (o.since = day_before OR (o.reminded AT TIME ZONE 'Asia/Shanghai')::date >= today)) THEN
				INSERT INTO noted (who, since, reminded) VALUES (person, day_before, moment);
			END IF;
		ELSIF n.escalated IS NULL AND n.reminded < moment THEN
			/* quarters of an hour that are not on a day of leave; all moments here are at such */
			hours := 0;
			h := n.reminded;
			WHILE h < moment LOOP
				IF NOT pg_temp.is_away(person, (h AT TIME ZONE 'Asia/Shanghai')::date, moment) THEN hours := hours + 0.25; END IF;
				h := h + interval '15 minutes';
			END LOOP;
			IF hours >= 48 THEN
				boss := person;
				LOOP
					boss := CASE boss WHEN 'S5' THEN 'S4' WHEN 'S4' THEN 'S2' WHEN 'S3' THEN 'S2' WHEN 'S2' THEN 'S1' END;
					EXIT WHEN boss IS NULL OR NOT pg_temp.is_away(boss, today, moment);
				END LOOP;
				UPDATE noted SET escalated = moment, told = boss, messages = 2 WHERE who = person AND closed IS NULL AND boss IS NOT NULL;
			END IF;
		END IF;
	END LOOP;
END;
$$;

CREATE FUNCTION pg_temp.live(steps integer) RETURNS integer
	LANGUAGE plpgsql
AS $$
DECLARE
	moment timestamptz := '2026-07-06 00:00+08';
	earlier timestamptz;
	who text;
	dice double precision;
	days daterange;
	ticks integer := 0;
BEGIN
	FOR i IN 1 .. steps LOOP
		/* mostly a few hours on, at times days, never a round moment */
		moment := moment + make_interval(mins => 15 * (1 + floor(random() * CASE WHEN random() < 0.1 THEN 300 ELSE 40 END)::integer));
		who := 'S' || 1 + floor(random() * 5)::integer;
		dice := random();
		IF dice < 0.18 AND who <> 'S1' THEN
			PERFORM pg_temp.says(who, moment);
			/* the check-in knows what is open, whether or not a tick follows */
			PERFORM pg_temp.close_noted(who, moment + interval '1 microsecond');
		ELSIF dice < 0.24 THEN
			days := daterange((moment AT TIME ZONE 'Asia/Shanghai')::date + floor(random() * 6)::integer - 2, NULL);
			days := daterange(lower(days), lower(days) + 1 + floor(random() * 5)::integer);
			IF NOT EXISTS (SELECT FROM leave l WHERE l.employee_id = employee_id_of(who) AND l.during && days) THEN
				INSERT INTO leave (employee_id, during, recorded_at) SELECT employee_id_of(who), days, moment;
			END IF;
		ELSIF dice < 0.32 THEN
			earlier := moment - make_interval(mins => 15 * floor(random() * 2000)::integer);
			PERFORM tick(earlier);
			PERFORM pg_temp.note(earlier);
		ELSE
			FOR twice IN 1 .. 1 + (random() < 0.1)::integer LOOP
				PERFORM tick(moment);
				PERFORM pg_temp.note(moment);
			END LOOP;
			ticks := ticks + 1;
		END IF;
	END LOOP;
	RETURN ticks;
END;
$$;

CREATE FUNCTION pg_temp.differences() RETURNS TABLE (side text, who text, since date, reminded timestamptz, escalated timestamptz, told text, closed timestamptz)
	LANGUAGE plpgsql
AS $$
BEGIN
	RETURN QUERY
	WITH ours AS (
		SELECT e.employee_no::text AS who, e.silent_since AS since, e.reminded_at AS reminded, e.escalated_at AS escalated, e.escalated_to::text AS told, e.closed_at AS closed
			FROM reminder_episode e
	), theirs AS (
		SELECT n.who, n.since, n.reminded, n.escalated, n.told, n.closed FROM noted n
	)
	SELECT 'ours', d.* FROM (SELECT * FROM ours EXCEPT ALL SELECT * FROM theirs) d
	UNION ALL
	SELECT 'plain', d.* FROM (SELECT * FROM theirs EXCEPT ALL SELECT * FROM ours) d;
END;
$$;

SAVEPOINT life;
SELECT setseed(0.2026) \g /dev/null
SELECT cmp_ok(pg_temp.live(220), '>', 100, 'One life');
SELECT is_empty($$SELECT * FROM pg_temp.differences()$$, 'leaves the episodes of the plain reading');
SELECT cmp_ok((SELECT count(*) FROM noted WHERE escalated IS NOT NULL), '>', 3::bigint, 'with escalations');
SELECT cmp_ok((SELECT count(*) FROM noted WHERE closed IS NOT NULL), '>', 5::bigint, 'and answers');
SELECT is((SELECT count(*) FROM message WHERE kind LIKE 'silence%'), (SELECT sum(messages) FROM noted), 'One message a step, and no other');
ROLLBACK TO life;
SELECT setseed(0.9) \g /dev/null
SELECT cmp_ok(pg_temp.live(220), '>', 100, 'Another life');
SELECT is_empty($$SELECT * FROM pg_temp.differences()$$, 'does, too');
ROLLBACK TO life;
SELECT setseed(-0.37) \g /dev/null
SELECT cmp_ok(pg_temp.live(220), '>', 100, 'And a third');
SELECT is_empty($$SELECT * FROM pg_temp.differences()$$, 'as well');
SELECT is((SELECT count(*) FROM message WHERE kind LIKE 'silence%'), (SELECT sum(messages) FROM noted), 'without a message too many');

SELECT * FROM finish();
ROLLBACK;
