/*
 * Upkeep of the outbox: trying again, throwing away, looking at it.
 */

CREATE FUNCTION requeue_message(id bigint, at timestamptz DEFAULT clock_timestamp())
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	present record;
	copy record;
BEGIN
	SELECT o.outbox_id, o.status, o.destination_id, o.idempotency_key, o.kind, o.title, o.content, o.body, m.recipient_id, m.params, m.created_at, k.push_for
		INTO present
		FROM outbox o
		JOIN message_kind k ON k.kind = o.kind
		LEFT JOIN message m ON m.message_id = o.message_id
		WHERE o.outbox_id = requeue_message.id FOR UPDATE OF o;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'no message % is in the outbox', coalesce(id::text, '(null)')
			USING ERRCODE = 'no_data_found', HINT = 'The view message_delivery lists them.';
	END IF;
	IF present.status NOT IN ('failed', 'expired') THEN
		RAISE EXCEPTION 'message % is %, so it cannot be queued again', id, present.status
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Only messages that failed or expired can.';
	END IF;
	IF present.recipient_id IS NOT NULL AND NOT EXISTS (SELECT FROM outbox j WHERE j.joined_to = present.outbox_id) THEN
		copy := render_copy(present.destination_id, present.idempotency_key, present.kind, present.recipient_id, present.params, present.created_at);
		IF copy.error IS NOT NULL THEN
			RAISE EXCEPTION 'message % cannot be sent: %', id, copy.error
				USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'The table employee_address holds the addresses.';
		END IF;
		present.title := copy.title;
		present.content := copy.content;
		present.body := copy.body;
	END IF;
	UPDATE outbox o SET status = 'queued', attempts = 0, not_before = requeue_message.at, expires_at = requeue_message.at + present.push_for,
			done_at = NULL, last_error = NULL, title = present.title, content = present.content, body = present.body
		WHERE o.outbox_id = present.outbox_id;
	RETURN present.outbox_id;
END;
$$;
COMMENT ON FUNCTION requeue_message(bigint, timestamptz) IS
	'Queues a copy that failed or expired once more, worded anew, with all its attempts. Returns its key. Errors: P0002 no such copy, 55000 in another state or the recipient still has no address';

CREATE FUNCTION tidy_outbox(batch integer DEFAULT 1000, at timestamptz DEFAULT clock_timestamp())
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path FROM CURRENT
AS $$
DECLARE
	target bigint;
	keep_until timestamptz := at - make_interval(days => setting_number('outbox_keep_days')::integer);
	keep_failed_until timestamptz := at - make_interval(days => setting_number('outbox_keep_failed_days')::integer);
	result bigint;
BEGIN
	FOR target IN SELECT d.destination_id FROM destination d ORDER BY d.destination_id LOOP
		PERFORM recover_leases(target, tidy_outbox.at);
	END LOOP;
	DELETE FROM relay_worker w WHERE w.seen_at < tidy_outbox.at - interval '7 days';
	DELETE FROM outbox o WHERE o.outbox_id IN (
		SELECT u.outbox_id FROM outbox u
			WHERE u.done_at < CASE WHEN u.status = 'failed' THEN keep_failed_until ELSE keep_until END
			ORDER BY u.done_at, u.outbox_id LIMIT batch
			FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS result = ROW_COUNT;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION tidy_outbox(integer, timestamptz) IS
	'Expires what was not sent in time and deletes what was finished long ago (settings outbox_keep_days and outbox_keep_failed_days), at most batch rows a call; returns how many. The relay calls it';
REVOKE ALL ON FUNCTION tidy_outbox(integer, timestamptz) FROM PUBLIC;

CREATE VIEW message_delivery WITH (security_invoker = true) AS
	SELECT o.outbox_id, d.name::varchar(60) AS destination, d.kind::varchar(30) AS destination_kind, o.kind::varchar(40) AS kind,
		e.employee_no::varchar(40) AS employee_no, e.name::varchar(100) AS employee, o.title::varchar(500) AS title,
		o.status::varchar(7) AS status, o.attempts, o.queued_at, o.not_before, o.expires_at, o.done_at, o.joined_to,
		o.last_error::varchar(500) AS last_error
	FROM outbox o
	JOIN destination d ON d.destination_id = o.destination_id
	LEFT JOIN message m ON m.message_id = o.message_id
	LEFT JOIN employee e ON e.employee_id = m.recipient_id;
COMMENT ON VIEW message_delivery IS 'One row a copy of a message for a destination';
COMMENT ON COLUMN message_delivery.outbox_id IS 'Key of the copy';
COMMENT ON COLUMN message_delivery.destination IS 'Name of the destination';
COMMENT ON COLUMN message_delivery.destination_kind IS 'Its kind, such as wecom_robot';
COMMENT ON COLUMN message_delivery.kind IS 'Kind of message';
COMMENT ON COLUMN message_delivery.employee_no IS 'Employee number of the recipient; NULL for an announcement';
COMMENT ON COLUMN message_delivery.employee IS 'Name of the recipient; NULL for an announcement';
COMMENT ON COLUMN message_delivery.title IS 'Title as sent';
COMMENT ON COLUMN message_delivery.status IS 'queued, leased (a relay has it), sent, failed (given up), expired (not sent in time) or joined (sent as part of another)';
COMMENT ON COLUMN message_delivery.attempts IS 'How often a relay has taken it';
COMMENT ON COLUMN message_delivery.queued_at IS 'When it was queued';
COMMENT ON COLUMN message_delivery.not_before IS 'When it may be sent, or sent again';
COMMENT ON COLUMN message_delivery.expires_at IS 'From when on it is not worth sending';
COMMENT ON COLUMN message_delivery.done_at IS 'When it was sent, given up, expired or joined; NULL: still to do';
COMMENT ON COLUMN message_delivery.joined_to IS 'The copy as part of which it was sent; NULL: by itself';
COMMENT ON COLUMN message_delivery.last_error IS 'What the last failed attempt met, or a remark on a sent one; NULL: nothing';

CREATE VIEW destination_status WITH (security_invoker = true) AS
	SELECT d.destination_id, d.name::varchar(60) AS destination, d.kind::varchar(30) AS kind, d.is_enabled,
		count(o.outbox_id) FILTER (WHERE o.status = 'queued') AS queued,
		count(o.outbox_id) FILTER (WHERE o.status = 'leased') AS leased,
		count(o.outbox_id) FILTER (WHERE o.status = 'failed') AS failed,
		min(o.not_before) FILTER (WHERE o.status = 'queued') AS oldest_due_at,
		max(o.done_at) FILTER (WHERE o.status = 'sent') AS last_sent_at,
		nullif(d.paused_until, '-infinity') AS paused_until, d.failures, d.last_error::varchar(500) AS last_error
	FROM destination d
	LEFT JOIN outbox o ON o.destination_id = d.destination_id
	GROUP BY d.destination_id;
COMMENT ON VIEW destination_status IS 'One row a destination: what waits, what failed, what is wrong';
COMMENT ON COLUMN destination_status.destination_id IS 'Key of the destination';
COMMENT ON COLUMN destination_status.destination IS 'Its name';
COMMENT ON COLUMN destination_status.kind IS 'Its kind, such as wecom_robot';
COMMENT ON COLUMN destination_status.is_enabled IS 'Whether messages are sent to it';
COMMENT ON COLUMN destination_status.queued IS 'Copies that wait';
COMMENT ON COLUMN destination_status.leased IS 'Copies that a relay has';
COMMENT ON COLUMN destination_status.failed IS 'Copies that were given up';
COMMENT ON COLUMN destination_status.oldest_due_at IS 'Since when the longest waiting one could be sent; NULL: nothing waits';
COMMENT ON COLUMN destination_status.last_sent_at IS 'When one was sent last; NULL: none in the time that is kept';
COMMENT ON COLUMN destination_status.paused_until IS 'Nothing is sent before; NULL: never paused';
COMMENT ON COLUMN destination_status.failures IS 'Attempts in a row that reached nobody';
COMMENT ON COLUMN destination_status.last_error IS 'What went wrong last; NULL: nothing since it was enabled';
