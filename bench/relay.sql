-- Messages a second from the outbox to one endpoint on the loopback interface.
--
--   psql -X -f bench/relay.sql            from the top of the checkout
--
-- "ours" is perf_mgmt_relay: claim, send, acknowledge.  "plain" is what the
-- database does for it alone: the same claims and acknowledgements from one
-- session, nothing sent.  The measure names the messages a second.
\set QUIET on
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS perf_mgmt;
SELECT perf_mgmt.create_workspace('perf', 'en') \g /dev/null
SET search_path TO perf, perf_mgmt;
SELECT enable_sending() \g /dev/null

\set folder `mktemp -d`
\setenv FOLDER :folder
\setenv RELAY_BENCH_KEY bench-key
\! /usr/bin/python3 bench/relay_endpoint.py $FOLDER/port > $FOLDER/endpoint.log 2>&1 &
\! for i in $(seq 200); do [ -s $FOLDER/port ] && break; sleep 0.05; done
\set port `cat $FOLDER/port`
\setenv PORT :port
\setenv DBNAME :DBNAME
\! for n in 1 8 50; do printf 'connection = dbname=%s\nallow_hosts = 127.0.0.1:%s\nallow_http = on\nallow_private = on\nmax_in_flight = %s\nsecret.bench.token = env:RELAY_BENCH_KEY\n' "$DBNAME" "$PORT" $n > $FOLDER/relay$n.conf; done

INSERT INTO destination (name, kind, endpoint, secret, rate_per_min, burst)
	SELECT 'bench', 'wecom_robot', format('http://127.0.0.1:%s/send', :'port'), 'bench', 600000, 10000;
INSERT INTO department (code, name) VALUES ('B', 'Bench');
SELECT hire('B' || n, 'Name ' || n, 'B', NULL, '2026-01-01') FROM generate_series(1, 100) AS n \g /dev/null
INSERT INTO message_channel (kind, destination_id) SELECT 'goal_overdue', destination_id FROM destination;

CREATE TEMPORARY TABLE timing (n serial, measure text, ours_ms numeric, plain_ms numeric, messages integer);
CREATE FUNCTION pg_temp.fill(people boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM outbox;
	DELETE FROM message;
	UPDATE destination SET tokens = burst;
	IF people THEN
		PERFORM post_message('goal_overdue', e.employee_id, format('%s %s', m, e.employee_id), '{"goal": "Revenue", "days": 3}')
			FROM generate_series(1, 20) AS m, employee e;
	ELSE
		PERFORM announce('goal_overdue', 'bench', n::text, '{"goal": "Revenue", "days": 3}') FROM generate_series(1, 2000) AS n;
	END IF;
END $$;
CREATE PROCEDURE pg_temp.claim_and_acknowledge(batch integer) LANGUAGE plpgsql AS $$
DECLARE
	ids bigint[];
	tokens bigint[];
BEGIN
	LOOP
		/* a claim and its acknowledgements are two transactions, as for the relay */
		SELECT array_agg(c.id), array_agg(c.token) INTO ids, tokens FROM claim_messages('bench', batch) AS c;
		COMMIT;
		EXIT WHEN ids IS NULL;
		PERFORM ack_message(c.id, c.token) FROM unnest(ids, tokens) AS c(id, token);
		COMMIT;
	END LOOP;
END $$;

\set what '''2000 messages, 1 at a time'''
\set people false
\set batch 1
\ir relay_one.psql
\set what '''2000 messages, 8 in flight'''
\set batch 8
\ir relay_one.psql
\set what '''2000 messages, 50 in flight'''
\set batch 50
\ir relay_one.psql
\set what '''2000 messages to 100 people in order, 50 in flight'''
\set people true
\ir relay_one.psql

\pset footer off
SELECT format('%s: %s/s', measure, round(1000 * messages / ours_ms)) AS measure, round(ours_ms, 1) AS ours_ms, round(plain_ms, 1) AS plain_ms,
		round(ours_ms / plain_ms, 2) AS ratio, NULL AS goal
	FROM timing ORDER BY n;
\! rm -r "$FOLDER"
