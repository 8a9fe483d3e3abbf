/*
 * Delivery: how relays take messages from the outbox and report back.  Each
 * message is delivered at least once: a lease that runs out makes it visible
 * again, and a token fences off whoever held it before.
 *
 * A relay works in real time, so its functions take the clock as an argument
 * with clock_timestamp() as its default.  They run with the owner's rights: a
 * relay's role needs EXECUTE on them and nothing else.
 */

INSERT INTO setting (key, value, value_type, description) VALUES
	('message_admin', NULL, 'text', 'Employee number of who is told when a destination takes no more messages; not set: nobody'),
	('breaker_failures', '10', 'number', 'After so many attempts in a row that reached nobody a destination is paused'),
	('outbox_keep_days', '30', 'number', 'Days after which sent and expired copies of messages are deleted'),
	('outbox_keep_failed_days', '180', 'number', 'Days after which copies that were given up are deleted');

INSERT INTO message_kind (kind, severity, priority, push_for, description) VALUES
	('digest', 'info', 5, '24 hours', 'Several messages to one person joined; words the title only'),
	('destination_disabled', 'urgent', 8, '72 hours', 'To the message_admin: a destination takes no more messages');
INSERT INTO message_placeholder (kind, name, description) VALUES
	('digest', 'count', 'Number of messages'),
	('destination_disabled', 'destination', 'Name of the destination'),
	('destination_disabled', 'error', 'What the platform said'),
	('destination_disabled', 'hint', 'What to do');
INSERT INTO message_template (kind, locale, title, body) VALUES
	('digest', 'zh', '您有 {count} 条绩效消息', ''),
	('digest', 'en', '{count} messages for you', ''),
	('destination_disabled', 'zh', '消息通道已停用：{destination}', '通道 {destination} 返回错误：{error}。{hint} 排除后请将 destination.is_enabled 设为 true。'),
	('destination_disabled', 'en', 'Destination disabled: {destination}', 'The destination {destination} answered: {error}. {hint} Then set destination.is_enabled to true.');

/*
 * The switch.  A copy of the database made elsewhere, a restored dump or a
 * clone beside the original, must not send its messages again: it is not
 * where sending was enabled.
 */
CREATE TABLE sending (
	system_identifier bigint NOT NULL,
	database_id bigint NOT NULL,
	database varchar(63) NOT NULL,
	enabled_at timestamptz NOT NULL DEFAULT now(),
	enabled_by varchar(63) NOT NULL DEFAULT session_user,
	CONSTRAINT sending_pkey PRIMARY KEY (system_identifier, database_id, database)
);
COMMENT ON TABLE sending IS 'The database in which sending is enabled; the row travels with a copy and does not hold there';
COMMENT ON COLUMN sending.system_identifier IS 'Identifier of the cluster';
COMMENT ON COLUMN sending.database_id IS 'OID of the database';
COMMENT ON COLUMN sending.database IS 'Name of the database';
COMMENT ON COLUMN sending.enabled_at IS 'Since when';
COMMENT ON COLUMN sending.enabled_by IS 'Login role that enabled it';

CREATE FUNCTION sending_enabled()
	RETURNS boolean
	LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN EXISTS (
		SELECT FROM sending s
		JOIN pg_database d ON d.oid::bigint = s.database_id AND d.datname = s.database
		WHERE d.datname = current_database() AND s.system_identifier = (SELECT c.system_identifier FROM pg_control_system() AS c));
END;
$$;
COMMENT ON FUNCTION sending_enabled() IS 'Whether relays get messages in this very database';
REVOKE ALL ON FUNCTION sending_enabled() FROM PUBLIC;

CREATE FUNCTION enable_sending()
	RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	IF sending_enabled() THEN
		RETURN current_database();
	END IF;
	DELETE FROM sending;
	INSERT INTO sending (system_identifier, database_id, database)
		SELECT c.system_identifier, d.oid::bigint, d.datname
		FROM pg_database d CROSS JOIN pg_control_system() AS c
		WHERE d.datname = current_database();
	RETURN current_database();
END;
$$;
COMMENT ON FUNCTION enable_sending() IS
	'Lets relays send messages from this database, and from none that is restored, copied or renamed from it. Returns its name. '
	'What waits is sent: call discard_messages() before it where the original sends the same';

CREATE FUNCTION disable_sending()
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	DELETE FROM sending;
	RETURN FOUND;
END;
$$;
COMMENT ON FUNCTION disable_sending() IS 'Lets relays send nothing more from this database; returns whether they could before';

CREATE FUNCTION discard_messages(reason text, at timestamptz DEFAULT clock_timestamp())
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	result bigint;
BEGIN
	UPDATE outbox o SET status = 'expired', done_at = at, lease_until = NULL, last_error = left(discard_messages.reason, 500)
		WHERE o.status IN ('queued', 'leased');
	GET DIAGNOSTICS result = ROW_COUNT;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION discard_messages(text, timestamptz) IS 'Expires all copies that wait or are on their way, for a reason; returns how many. Inboxes keep the messages';

/*
 * Claiming.
 */
CREATE TABLE relay_worker (
	worker varchar(100) NOT NULL,
	first_seen_at timestamptz NOT NULL,
	seen_at timestamptz NOT NULL,
	CONSTRAINT relay_worker_pkey PRIMARY KEY (worker)
);
COMMENT ON TABLE relay_worker IS 'Relays that asked for messages';
COMMENT ON COLUMN relay_worker.worker IS 'Name that the relay gives itself';
COMMENT ON COLUMN relay_worker.first_seen_at IS 'When it asked first';
COMMENT ON COLUMN relay_worker.seen_at IS 'When it asked last, to half a minute';

CREATE FUNCTION retry_delay(attempt integer, seed bigint)
	RETURNS interval
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN make_interval(secs => round(least(3600, 5 * (1::bigint << least(greatest(attempt, 1) - 1, 20)))
		/* spread over the second half by a hash, so that a test can tell what comes */
		* (0.5 + (hashint8extended(seed, attempt) & 1023) / 2046.0), 3)::double precision);
COMMENT ON FUNCTION retry_delay(integer, bigint) IS
	'How long after a failed attempt (from 1) the next one waits: 5 seconds doubled each time up to an hour, times 0.5 to 1 as the seed has it; NULL for NULL';

CREATE FUNCTION check_lease(worker text, max integer, lease interval)
	RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	IF worker IS NULL OR worker = '' OR length(worker) > 100 THEN
		RAISE EXCEPTION 'a relay needs a name of 1 to 100 characters, not "%"', coalesce(left(worker, 40), '(null)')
			USING ERRCODE = 'invalid_parameter_value', HINT = 'For example the name of its host.';
	END IF;
	IF max IS NULL OR max < 1 OR max > 1000 THEN
		RAISE EXCEPTION 'a relay can claim 1 to 1000 messages at once, not %', coalesce(max::text, '(null)')
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Claim as many as are sent well within the lease.';
	END IF;
	IF lease IS NULL OR lease < interval '1 second' OR lease > interval '1 hour' THEN
		RAISE EXCEPTION 'a lease lasts from a second to an hour, not %', coalesce(lease::text, '(null)')
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Choose it longer than the slowest request.';
	END IF;
END;
$$;
COMMENT ON FUNCTION check_lease(text, integer, interval) IS 'Raises 22023 where a relay asks for a lease that makes no sense';

CREATE FUNCTION recover_leases(destination_id bigint, at timestamptz)
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
/* skips what somebody else holds: a claim that holds a destination must not wait for an ack that waits for it */
BEGIN
	UPDATE outbox o SET status = CASE WHEN o.attempts >= o.max_attempts THEN 'failed' ELSE 'queued' END,
			done_at = CASE WHEN o.attempts >= o.max_attempts THEN recover_leases.at END,
			last_error = CASE WHEN o.attempts >= o.max_attempts THEN format('given up: the lease ran out at attempt %s', o.attempts)
				ELSE format('the lease of %s ran out', o.lease_owner) END,
			lease_until = NULL
		WHERE o.outbox_id IN (
			SELECT l.outbox_id FROM outbox l
			WHERE l.destination_id = recover_leases.destination_id AND l.status = 'leased' AND l.lease_until <= recover_leases.at
			FOR UPDATE SKIP LOCKED);
	UPDATE outbox o SET status = 'expired', done_at = recover_leases.at, last_error = coalesce(o.last_error, 'not sent in time')
		WHERE o.outbox_id IN (
			SELECT e.outbox_id FROM outbox e
			WHERE e.destination_id = recover_leases.destination_id AND e.status = 'queued' AND e.expires_at <= recover_leases.at
			FOR UPDATE SKIP LOCKED);
END;
$$;
COMMENT ON FUNCTION recover_leases(bigint, timestamptz) IS
	'Puts messages of a destination whose lease ran out back into the queue, gives up those that had their attempts, expires those that are too old';

CREATE FUNCTION join_digest(outbox_id bigint, at timestamptz)
	RETURNS integer
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	head record;
	members bigint[];
	joined_content text;
	digest_title text;
	digest_body jsonb;
BEGIN
	SELECT o.*, d.kind AS destination_kind, d.settings, k.format, k.text_bytes, a.address INTO head
		FROM outbox o
		JOIN destination d ON d.destination_id = o.destination_id
		JOIN destination_kind k ON k.kind = d.kind
		JOIN message m ON m.message_id = o.message_id
		LEFT JOIN employee_address a ON a.employee_id = m.recipient_id AND a.platform = k.platform
		WHERE o.outbox_id = join_digest.outbox_id;
	SELECT array_agg(w.outbox_id) INTO members FROM (
		SELECT o.outbox_id FROM outbox o
		WHERE o.destination_id = head.destination_id AND o.ordering_key = head.ordering_key AND o.digest_key = head.digest_key
			AND o.status = 'queued' AND o.attempts = 0 AND o.not_before <= at AND o.outbox_id <> head.outbox_id
		FOR UPDATE SKIP LOCKED) AS w;
	IF members IS NULL THEN
		RETURN 1;
	END IF;
	SELECT string_agg(o.title || E'\n' || o.content, E'\n' ORDER BY o.outbox_id) INTO joined_content
		FROM outbox o WHERE o.outbox_id = ANY (members || head.outbox_id);
	digest_title := (message_text('digest', jsonb_build_object('count', cardinality(members) + 1), head.format)).title;
	digest_body := chat_body(head.destination_kind, head.settings, digest_title, joined_content, message_mark(head.idempotency_key),
		head.address, head.text_bytes);
	UPDATE outbox o SET title = digest_title, content = left(joined_content, 20000), body = digest_body
		WHERE o.outbox_id = head.outbox_id;
	UPDATE outbox o SET status = 'joined', joined_to = head.outbox_id, done_at = at
		WHERE o.outbox_id = ANY (members);
	RETURN cardinality(members) + 1;
END;
$$;
COMMENT ON FUNCTION join_digest(bigint, timestamptz) IS
	'Joins the messages to the same person that wait in the same digest into the given one, before it is first sent; returns how many it is made of';

CREATE FUNCTION claim_destination(destination_id bigint, worker text, max integer, lease interval, at timestamptz)
	RETURNS bigint[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	target destination;
	available numeric;
	allowed integer;
	head record;
	result bigint[] := '{}';
BEGIN
	/* one claim at a time a destination: this makes the rate and the order exact */
	SELECT d.* INTO target FROM destination d
		WHERE d.destination_id = claim_destination.destination_id AND d.is_enabled AND d.paused_until <= claim_destination.at
		FOR UPDATE SKIP LOCKED;
	IF NOT FOUND THEN
		RETURN result;
	END IF;
	PERFORM recover_leases(claim_destination.destination_id, claim_destination.at);
	available := least(target.burst, target.tokens + CASE WHEN target.claimed_at = '-infinity' THEN 0 ELSE
		greatest(extract(epoch FROM claim_destination.at - target.claimed_at), 0) * target.rate_per_min / 60 END);
	allowed := least(max, floor(available));
	IF target.failures >= setting_number('breaker_failures') THEN
		/* it may still be down: one message finds out */
		allowed := least(allowed, CASE WHEN EXISTS (
			SELECT FROM outbox o WHERE o.destination_id = target.destination_id AND o.status = 'leased') THEN 0 ELSE 1 END);
	END IF;
	IF allowed < 1 THEN
		RETURN result;
	END IF;

	FOR head IN
		SELECT o.outbox_id, o.digest_key, o.attempts
			FROM outbox o
			WHERE o.destination_id = claim_destination.destination_id AND o.status = 'queued' AND o.not_before <= claim_destination.at
				AND (o.ordering_key IS NULL OR NOT EXISTS (
					SELECT FROM outbox older
					WHERE older.destination_id = o.destination_id AND older.ordering_key = o.ordering_key
						AND older.status IN ('queued', 'leased') AND older.outbox_id < o.outbox_id))
			ORDER BY o.priority DESC, o.not_before, o.outbox_id
			LIMIT allowed
			FOR UPDATE SKIP LOCKED
	LOOP
		IF head.digest_key IS NOT NULL AND head.attempts = 0 THEN
			PERFORM join_digest(head.outbox_id, claim_destination.at);
		END IF;
		result := result || head.outbox_id;
	END LOOP;
	UPDATE outbox o SET status = 'leased', attempts = o.attempts + 1, token = o.token + 1, lease_owner = worker,
			lease_until = claim_destination.at + lease
		WHERE o.outbox_id = ANY (result);
	UPDATE destination d SET tokens = available - cardinality(result), claimed_at = greatest(claim_destination.at, target.claimed_at)
		WHERE d.destination_id = target.destination_id AND cardinality(result) > 0;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION claim_destination(bigint, text, integer, interval, timestamptz) IS
	'Leases messages of one destination to a relay, as many as its rate allows, the eldest of each ordering key; returns their keys, none where another claim is at it';
REVOKE ALL ON FUNCTION claim_destination(bigint, text, integer, interval, timestamptz) FROM PUBLIC;

CREATE FUNCTION claim_messages(worker text, max integer DEFAULT 10, lease interval DEFAULT '1 minute', at timestamptz DEFAULT clock_timestamp())
	RETURNS TABLE (
		id bigint, token bigint, destination varchar, kind varchar, endpoint varchar, secret varchar, settings jsonb,
		idempotency_key varchar, body jsonb, attempt smallint, lease_until timestamptz, expires_at timestamptz)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER ROWS 10
	SET search_path FROM CURRENT
AS $$
DECLARE
	candidate bigint;
	claimed bigint[];
	left_over integer := max;
BEGIN
	PERFORM check_lease(worker, max, lease);
	INSERT INTO relay_worker AS w (worker, first_seen_at, seen_at)
		SELECT claim_messages.worker, claim_messages.at, claim_messages.at
		ON CONFLICT ON CONSTRAINT relay_worker_pkey DO UPDATE SET seen_at = excluded.seen_at
			WHERE w.seen_at < excluded.seen_at - interval '30 seconds';
	IF NOT sending_enabled() THEN
		RAISE WARNING 'sending is not enabled in this database'
			USING HINT = 'Where this is the original and not a copy of another database, call enable_sending().';
		RETURN;
	END IF;
	FOR candidate IN
		SELECT d.destination_id FROM destination d
			WHERE d.is_enabled AND d.paused_until <= at AND (
				EXISTS (SELECT FROM outbox o WHERE o.destination_id = d.destination_id AND o.status = 'queued' AND o.not_before <= at)
				OR EXISTS (SELECT FROM outbox o WHERE o.destination_id = d.destination_id AND o.status = 'leased' AND o.lease_until <= at))
			ORDER BY d.claimed_at, d.destination_id
	LOOP
		claimed := claim_destination(candidate, worker, left_over, lease, at);
		RETURN QUERY
		SELECT o.outbox_id, o.token, d.name, d.kind, d.endpoint, d.secret, d.settings,
				o.idempotency_key, o.body, o.attempts, o.lease_until, o.expires_at
			FROM unnest(claimed) WITH ORDINALITY AS c(outbox_id, n)
			JOIN outbox o ON o.outbox_id = c.outbox_id
			JOIN destination d ON d.destination_id = o.destination_id
			ORDER BY c.n;
		left_over := left_over - cardinality(claimed);
		EXIT WHEN left_over = 0;
	END LOOP;
END;
$$;
COMMENT ON FUNCTION claim_messages(text, integer, interval, timestamptz) IS
	'Leases up to max waiting messages to the relay of that name: id and token for the report back, where to send (endpoint, name of the secret, settings), what (body, unsigned). '
	'Sent at least once: a message whose lease ends without a report is handed out again, with another token. Within a destination the rate is kept, and messages with the same ordering key go '
	'one after the other. Gives no row, with a warning, where sending is not enabled. Errors: 22023 no name, max not 1 to 1000, lease not 1 second to 1 hour';
REVOKE ALL ON FUNCTION claim_messages(text, integer, interval, timestamptz) FROM PUBLIC;

/*
 * Reporting back.  Whoever names a token that is not the present one comes
 * too late: nothing changes and the answer is false.
 */
CREATE FUNCTION scrub_error(error text)
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN left(regexp_replace(regexp_replace(coalesce(error, 'no reason given'),
		'(https?://[^\s?"]*)\?[^\s"]*', '\1?...', 'g'),
		'\m(key|token|access_token|sign|secret|corpsecret)=[^&\s"]+', '\1=...', 'gi'), 500);
COMMENT ON FUNCTION scrub_error(text) IS 'An error message without what may be secret in it: queries of addresses and values of keys; at most 500 characters';

CREATE FUNCTION ack_message(id bigint, token bigint, remark text DEFAULT NULL, at timestamptz DEFAULT clock_timestamp())
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path FROM CURRENT
AS $$
DECLARE
	target bigint;
	note text := CASE WHEN remark IS NOT NULL THEN scrub_error(remark) END;
BEGIN
	UPDATE outbox o SET status = 'sent', done_at = ack_message.at, lease_until = NULL, last_error = note
		WHERE o.outbox_id = ack_message.id AND o.status = 'leased' AND o.token = ack_message.token
		RETURNING o.destination_id INTO target;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	UPDATE destination d SET failures = 0 WHERE d.destination_id = target AND d.failures > 0;
	RETURN true;
END;
$$;
COMMENT ON FUNCTION ack_message(bigint, bigint, text, timestamptz) IS
	'Reports that a claimed message was sent, with a remark where there is one; false where the token is not the present one, and then nothing changes';
REVOKE ALL ON FUNCTION ack_message(bigint, bigint, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION disable_destination(destination_id bigint, error text, hint text, occasion text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	destination_name text;
	admin bigint;
BEGIN
	UPDATE destination d SET is_enabled = false, last_error = error
		WHERE d.destination_id = disable_destination.destination_id AND d.is_enabled
		RETURNING d.name INTO destination_name;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	SELECT e.employee_id INTO admin FROM employee e WHERE e.employee_no = setting_text('message_admin');
	IF FOUND THEN
		PERFORM post_message('destination_disabled', admin, 'destination_disabled:' || occasion,
			jsonb_build_object('destination', destination_name, 'error', error, 'hint', hint));
	END IF;
END;
$$;
COMMENT ON FUNCTION disable_destination(bigint, text, text, text) IS 'Sends nothing more to a destination until somebody enables it, and tells the message_admin';

CREATE FUNCTION nack_message(id bigint, token bigint, error text, retryable boolean DEFAULT true, retry_after interval DEFAULT NULL,
	code text DEFAULT NULL, at timestamptz DEFAULT clock_timestamp())
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path FROM CURRENT
AS $$
DECLARE
	present record;
	reply reply_code;
	verdict text;
	reason text := scrub_error(error);
	pause interval;
	limit_of_failures numeric := setting_number('breaker_failures');
BEGIN
	SELECT o.outbox_id, o.destination_id, o.attempts, o.max_attempts, d.kind INTO present
		FROM outbox o JOIN destination d ON d.destination_id = o.destination_id
		WHERE o.outbox_id = nack_message.id AND o.status = 'leased' AND o.token = nack_message.token
		FOR UPDATE OF o;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	SELECT r.* INTO reply FROM reply_code r WHERE r.destination_kind = present.kind AND r.code = nack_message.code;
	verdict := coalesce(reply.class, CASE WHEN NOT retryable THEN 'permanent' WHEN retry_after > interval '0' THEN 'throttle' ELSE 'retry' END);
	/* a receiver may ask for much, but not for ever */
	pause := least(greatest(retry_after, reply.pause, interval '0'), interval '1 day');

	IF verdict = 'permanent' OR verdict <> 'disable' AND present.attempts >= present.max_attempts THEN
		UPDATE outbox o SET status = 'failed', done_at = nack_message.at, lease_until = NULL, last_error = reason
			WHERE o.outbox_id = present.outbox_id;
	ELSIF verdict = 'disable' THEN
		/* not this message's fault: it waits for the destination */
		UPDATE outbox o SET status = 'queued', lease_until = NULL, attempts = o.attempts - 1, not_before = nack_message.at, last_error = reason
			WHERE o.outbox_id = present.outbox_id;
	ELSE
		UPDATE outbox o SET status = 'queued', lease_until = NULL, last_error = reason,
				not_before = nack_message.at + greatest(pause, retry_delay(present.attempts, present.outbox_id))
			WHERE o.outbox_id = present.outbox_id;
	END IF;

	IF verdict = 'disable' THEN
		PERFORM disable_destination(present.destination_id, reason, coalesce(reply.description, ''), format('%s:%s', present.outbox_id, nack_message.token));
	ELSIF verdict = 'throttle' THEN
		UPDATE destination d SET paused_until = greatest(d.paused_until, nack_message.at + pause), last_error = reason
			WHERE d.destination_id = present.destination_id;
	ELSIF verdict = 'permanent' THEN
		UPDATE destination d SET failures = 0 WHERE d.destination_id = present.destination_id AND d.failures > 0;
	ELSE
		UPDATE destination d SET failures = d.failures + 1, last_error = reason,
				paused_until = greatest(d.paused_until, CASE WHEN pause > interval '0' THEN nack_message.at + pause END,
					CASE WHEN d.failures + 1 >= limit_of_failures THEN
						nack_message.at + make_interval(mins => least(60, 2 ^ least(d.failures + 1 - limit_of_failures, 6))::integer) END)
			WHERE d.destination_id = present.destination_id;
	END IF;
	RETURN true;
END;
$$;
COMMENT ON FUNCTION nack_message(bigint, bigint, text, boolean, interval, text, timestamptz) IS
	'Reports that a claimed message was not sent, or that nobody knows; false where the token is not the present one, and then nothing changes. The table reply_code decides by the '
	'platform''s code what that means; without an entry, retryable says whether to try again (later each time) or to give the message up. retry_after pauses the whole destination, since '
	'limits hold for it. Too many attempts in a row that reached nobody pause it too, longer each time';
REVOKE ALL ON FUNCTION nack_message(bigint, bigint, text, boolean, interval, text, timestamptz) FROM PUBLIC;

CREATE FUNCTION renew_message(id bigint, token bigint, lease interval DEFAULT '1 minute', at timestamptz DEFAULT clock_timestamp())
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path FROM CURRENT
AS $$
BEGIN
	PERFORM check_lease('relay', 1, lease);
	UPDATE outbox o SET lease_until = renew_message.at + lease
		WHERE o.outbox_id = renew_message.id AND o.status = 'leased' AND o.token = renew_message.token;
	RETURN FOUND;
END;
$$;
COMMENT ON FUNCTION renew_message(bigint, bigint, interval, timestamptz) IS
	'Makes a lease last so long from now on; false where the token is not the present one. Error 22023: not 1 second to 1 hour';
REVOKE ALL ON FUNCTION renew_message(bigint, bigint, interval, timestamptz) FROM PUBLIC;

CREATE FUNCTION release_message(id bigint, token bigint)
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path FROM CURRENT
AS $$
BEGIN
	UPDATE outbox o SET status = 'queued', lease_until = NULL, attempts = o.attempts - 1
		WHERE o.outbox_id = release_message.id AND o.status = 'leased' AND o.token = release_message.token;
	RETURN FOUND;
END;
$$;
COMMENT ON FUNCTION release_message(bigint, bigint) IS
	'Gives back a claimed message that was not touched, as if it had not been claimed; false where the token is not the present one';
REVOKE ALL ON FUNCTION release_message(bigint, bigint) FROM PUBLIC;
