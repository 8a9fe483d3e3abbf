/*
 * Lives through the plant's seven weeks, hour by hour: what a scheduler does
 * in seven weeks, one tick an hour, each a transaction of its own.
 *
 *   psql -v first=2026-08-01 -v last=2026-09-18 -f demo/live.sql
 */
\set QUIET on
\set ON_ERROR_STOP on
\pset pager off
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET search_path = perf, perf_mgmt;

CREATE TEMPORARY TABLE lived (at timestamptz, ms numeric);

CREATE PROCEDURE pg_temp.live(first date, last date) LANGUAGE plpgsql AS $$
DECLARE
	next_at timestamptz := day_end(first - 1);
	began timestamptz;
	failed text;
BEGIN
	WHILE next_at <= day_end(last) LOOP
		began := clock_timestamp();
		SELECT string_agg(t.kind, ', ') INTO failed FROM tick(next_at) t WHERE t.done IS NULL;
		IF failed IS NOT NULL THEN
			COMMIT;
			RAISE EXCEPTION 'the tick of % failed in part: %', next_at, failed
				USING DETAIL = (SELECT string_agg(DISTINCT p.error, '; ') FROM tick_part p WHERE p.error IS NOT NULL);
		END IF;
		INSERT INTO lived VALUES (next_at, extract(epoch FROM clock_timestamp() - began) * 1000);
		COMMIT;
		/* what autovacuum does in weeks has no time to happen here */
		IF next_at = day_end(first - 1) OR extract(isodow FROM next_at AT TIME ZONE time_zone()) = 1 AND day_end(day_of(next_at) - 1) = next_at THEN
			ANALYZE check_in, goal, message, reminder, reward, point_entry, light_event, link_warning, history;
		END IF;
		next_at := next_at + interval '1 hour';
	END LOOP;
END $$;
CALL pg_temp.live(:'first', :'last');

SELECT format('%s ticks, %s s: %s ms each, the longest %s ms', count(*), round(sum(ms) / 1000, 1), round(avg(ms), 1), round(max(ms), 1)) FROM lived;
SELECT format('%s: %s', m.kind, count(*)) FROM message m GROUP BY m.kind ORDER BY m.kind;
