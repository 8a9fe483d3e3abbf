/*
 * Home cards: what each person should do now, most urgent first.  Which cards
 * there are, how urgent and how worded, is rows; whether one is shown comes
 * from the capability that it speaks of.
 */

INSERT INTO setting (key, value, value_type, description) VALUES
	('card_days_ahead', '3', 'number', 'A task has a card on its owner''s home page from so many days before its due day on');

CREATE TABLE home_card_kind (
	kind varchar(40) NOT NULL,
	urgency integer NOT NULL,
	title_zh varchar(200) NOT NULL,
	title_en varchar(200) NOT NULL,
	is_shown boolean NOT NULL DEFAULT true,
	CONSTRAINT home_card_kind_pkey PRIMARY KEY (kind),
	CONSTRAINT home_card_kind_title_zh_check CHECK (title_zh <> ''),
	CONSTRAINT home_card_kind_title_en_check CHECK (title_en <> '')
);
COMMENT ON TABLE home_card_kind IS 'Kinds of home cards: change their order and wording with UPDATE, it holds at once';
COMMENT ON COLUMN home_card_kind.kind IS 'Name that programs use';
COMMENT ON COLUMN home_card_kind.urgency IS 'Order of the kinds, the lowest first; several cards of one kind follow by due day';
COMMENT ON COLUMN home_card_kind.title_zh IS 'Chinese title; {subject}, {count}, {days} and {due_on} are filled in';
COMMENT ON COLUMN home_card_kind.title_en IS 'English title; {subject}, {count}, {days} and {due_on} are filled in';
COMMENT ON COLUMN home_card_kind.is_shown IS 'Whether cards of the kind are shown';

INSERT INTO home_card_kind (kind, urgency, title_zh, title_en) VALUES
	('silence', 10, '已 {days} 天没有打卡，提醒尚未回应', 'No check-in for {days} days, and a reminder waits for your answer'),
	('check_in_due', 20, '本周打卡尚缺：{subject}（{due_on} 24:00 前）', 'This week''s check-in lacks {subject}, due by the end of {due_on}'),
	('goal_overdue', 30, '目标逾期 {days} 天：{subject}', 'Goal {days} days overdue: {subject}'),
	('joint_warning', 40, '联合预警：{subject}', 'Joint warning: {subject}'),
	('goal_red', 50, '红灯目标：{subject}', 'Red goal: {subject}'),
	('task_overdue', 60, '任务逾期 {days} 天：{subject}', 'Task {days} days overdue: {subject}'),
	('month_review_due', 70, '{subject} 月度复盘待完成（{due_on} 前）', 'The review of {subject} is due by {due_on}'),
	('task_due', 80, '任务将于 {due_on} 到期：{subject}', 'Task due on {due_on}: {subject}'),
	('one_to_one_due', 90, '应与 {count} 人一对一沟通：{subject}', 'One-to-ones due with {count}: {subject}'),
	('action_due', 100, '一对一待办将于 {due_on} 到期：{subject}', 'Agreed in a one-to-one, due on {due_on}: {subject}'),
	('kudos_due', 110, '本周还需公开点赞 {count} 人', 'Public praise still owed to {count} of your team this week'),
	('goal_yellow', 120, '黄灯目标：{subject}', 'Yellow goal: {subject}'),
	('goal_draft', 130, '{count} 个目标草稿待启用：{subject}', 'Goals still in draft: {count}: {subject}'),
	('unread', 140, '{count} 条未读消息', 'Unread messages: {count}');

CREATE FUNCTION check_home_card_kind()
	RETURNS trigger
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	stray text;
BEGIN
	SELECT m.found[1] INTO stray FROM regexp_matches(NEW.title_zh || NEW.title_en, '\{[^{}]*\}|[{}]', 'g') AS m(found)
		WHERE m.found[1] <> ALL ('{"{subject}","{count}","{days}","{due_on}"}'::text[]) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'placeholder "%" does not exist for home cards', stray
			USING ERRCODE = 'invalid_parameter_value', HINT = 'There are {subject}, {count}, {days} and {due_on}.';
	END IF;
	RETURN NEW;
END;
$$;
COMMENT ON FUNCTION check_home_card_kind() IS 'Trigger: refuses a title with a placeholder that there is not';

CREATE TRIGGER home_card_kind_before_check BEFORE INSERT OR UPDATE ON home_card_kind
	FOR EACH ROW EXECUTE FUNCTION check_home_card_kind();

CREATE TYPE raw_card AS (
	employee_id bigint, kind varchar, subject varchar, days integer, due_on date, light varchar, count bigint, goal_no varchar, task_id bigint);
COMMENT ON TYPE raw_card IS 'A home card before it is worded and put into its place';
COMMENT ON COLUMN raw_card.employee_id IS 'Whose card';
COMMENT ON COLUMN raw_card.kind IS 'Kind of card';
COMMENT ON COLUMN raw_card.subject IS 'What it is about';
COMMENT ON COLUMN raw_card.days IS 'Days, in the sense of its kind';
COMMENT ON COLUMN raw_card.due_on IS 'Day by which to do it; NULL for none';
COMMENT ON COLUMN raw_card.light IS 'grey, red, yellow or green';
COMMENT ON COLUMN raw_card.count IS 'How many things it stands for';
COMMENT ON COLUMN raw_card.goal_no IS 'Goal; NULL for none, or several';
COMMENT ON COLUMN raw_card.task_id IS 'Task; NULL for none';

/*
 * Cards about goals and tasks.  For one person the states are those of that
 * person's subtree, and every query starts from the person.
 */
CREATE FUNCTION goal_card(as_of date, only_employee bigint, states goal_state[])
	RETURNS SETOF raw_card
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000 COST 10000
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
	SET jit = off
AS $$
DECLARE
	known_at timestamptz := day_end(as_of);
	locale text := setting_text('locale');
	last_day date := as_of + setting_number('card_days_ahead', day_end(as_of))::integer;
BEGIN
	RETURN QUERY
	WITH span AS MATERIALIZED (
		SELECT c.cycle_id, c.state FROM cycle_as_of(known_at) c WHERE c.state <> 'closed'
	), own AS MATERIALIZED (
		SELECT g.goal_id, g.goal_no, g.title, g.owner_id, g.state, g.starts_on, s.state AS cycle_state
			FROM goal g JOIN span s ON s.cycle_id = g.cycle_id
			WHERE g.recorded_from < known_at AND (only_employee IS NULL OR g.owner_id = only_employee)
		UNION ALL
		SELECT g.goal_id, g.goal_no, g.title, g.owner_id, g.state, g.starts_on, s.state
			FROM history h, jsonb_populate_record(NULL::goal, h.old_row) g JOIN span s ON s.cycle_id = g.cycle_id
			WHERE h.table_name = 'goal' AND h.recorded_from < known_at AND h.recorded_until >= known_at
				AND (only_employee IS NULL OR h.old_row ->> 'owner_id' = only_employee::text)
	)
	SELECT n.owner_id, n.kind, n.subject, n.days, n.due_on, n.light, 1::bigint, n.goal_no, NULL::bigint
		FROM (
			SELECT o.owner_id, CASE WHEN s.due_on < as_of AND coalesce(s.progress, 0) < 1 THEN 'goal_overdue' ELSE 'goal_' || s.light END::varchar AS kind,
					concat_ws(CASE locale WHEN 'zh' THEN '，' ELSE ', ' END, o.title, light_reason(s.light, s.progress, s.expected, s.kind, s.due_on, as_of,
						s.actual, s.is_vetoed, s.is_silent, s.silent_days, s.declared_light, locale))::varchar AS subject,
					as_of - s.due_on AS days, s.due_on, s.light, o.goal_no
				FROM unnest(states) s
				JOIN own o ON o.goal_id = s.goal_id AND o.state = 'active' AND o.cycle_state = 'active'
		) AS n
		WHERE n.kind IN ('goal_overdue', 'goal_red', 'goal_yellow')
	UNION ALL
	SELECT o.owner_id, 'goal_draft', string_agg(o.title, CASE locale WHEN 'zh' THEN '、' ELSE ', ' END ORDER BY o.starts_on, o.goal_no)::varchar,
			NULL, min(o.starts_on), 'grey', count(*), CASE WHEN count(*) = 1 THEN min(o.goal_no) END, NULL
		FROM own o WHERE o.state = 'draft' GROUP BY o.owner_id
	UNION ALL
	/* states of tasks are those of now, but one that was finished later was still open */
	SELECT t.owner_id, CASE WHEN t.due_on < as_of THEN 'task_overdue' ELSE 'task_due' END, t.title, abs(as_of - t.due_on), t.due_on,
			CASE WHEN t.due_on < as_of THEN 'red' ELSE 'yellow' END, 1, g.goal_no, t.task_id
		FROM task t
		JOIN goal g ON g.goal_id = t.goal_id AND g.state IN ('active', 'done')
		JOIN span s ON s.cycle_id = g.cycle_id AND s.state = 'active'
		WHERE (only_employee IS NULL OR t.owner_id = only_employee)
			AND t.due_on <= last_day AND (t.done_at IS NULL OR t.done_at >= known_at);
END;
$$;
COMMENT ON FUNCTION goal_card(date, bigint, goal_state[]) IS
	'Home cards about goals and tasks on a day, as then known: goals overdue, red or yellow (one card each), drafts, tasks overdue or due soon. only_employee: key of one person, whose states are enough; NULL: all';

/*
 * Cards about people: what others wait for.
 */
CREATE FUNCTION people_card(as_of date, only_employee bigint)
	RETURNS SETOF raw_card
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000 COST 10000
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
	SET jit = off
AS $$
DECLARE
	known_at timestamptz := day_end(as_of);
	comma text := CASE setting_text('locale') WHEN 'zh' THEN '、' ELSE ', ' END;
	last_day date := as_of + setting_number('card_days_ahead', day_end(as_of))::integer;
BEGIN
	RETURN QUERY
	/* reminded and not answered */
	SELECT r.employee_id, 'silence'::varchar, NULL::varchar, as_of - r.since_on, NULL::date,
			CASE WHEN count(m.step_no) > 1 THEN 'red' ELSE 'yellow' END::varchar, count(m.step_no), NULL::varchar, NULL::bigint
		FROM reminder r
		JOIN reminder_rule u ON u.code = r.rule_code AND u.occasion = 'silence'
		LEFT JOIN reminder_message m ON m.reminder_id = r.reminder_id AND m.made_at < known_at
		WHERE r.opened_at < known_at AND (r.closed_at IS NULL OR r.closed_at >= known_at) AND (only_employee IS NULL OR r.employee_id = only_employee)
		GROUP BY r.reminder_id
	UNION ALL
	/* the running week, to the end of its due day */
	SELECT w.employee_id, 'check_in_due', missing_text(w.missing)::varchar, w.due_on - as_of, w.due_on,
			CASE WHEN w.due_on = as_of THEN 'red' ELSE 'yellow' END, 1, NULL, NULL
		FROM check_in_week_at(as_of, only_employee, known_at, day_end(as_of - 1)) w
		WHERE w.week_on = week_of(as_of) AND w.is_open AND NOT w.is_excused AND w.kept IS NULL AND w.missing IS NOT NULL
	UNION ALL
	SELECT d.manager_id, 'one_to_one_due', string_agg(d.employee, comma ORDER BY d.due_on, d.employee_no)::varchar, max(d.days), min(d.due_on),
			'yellow', count(*), NULL, NULL
		FROM meeting_due(as_of, only_employee) d
		GROUP BY d.manager_id
	UNION ALL
	SELECT d.employee_id, 'month_review_due', concat_ws(' ', d.department, d.month)::varchar, d.days_late, d.due_on,
			CASE WHEN d.days_late > 0 THEN 'red' ELSE 'yellow' END, 1, NULL, NULL
		FROM month_review_due(as_of, only_employee) d
	UNION ALL
	SELECT q.manager_id, 'kudos_due', NULL, q.due_on - as_of, q.due_on, CASE WHEN q.due_on = as_of THEN 'red' ELSE 'yellow' END, q.missing, NULL, NULL
		FROM kudos_quota_at(as_of, only_employee, known_at) q
		WHERE q.missing > 0
	UNION ALL
	SELECT a.owner_id, 'action_due', a.title, abs(as_of - a.due_on), a.due_on, CASE WHEN a.due_on < as_of THEN 'red' ELSE 'yellow' END, 1, NULL, NULL
		FROM meeting_action a
		JOIN meeting m ON m.meeting_id = a.meeting_id AND m.withdrawn_reason IS NULL
		WHERE a.task_id IS NULL AND a.due_on <= last_day AND a.recorded_at < known_at AND (a.done_at IS NULL OR a.done_at >= known_at)
			AND (only_employee IS NULL OR a.owner_id = only_employee)
	UNION ALL
	SELECT m.recipient_id, 'unread', NULL, NULL, NULL, CASE WHEN bool_or(m.severity = 'urgent') THEN 'red' ELSE 'yellow' END, count(*), NULL, NULL
		FROM message m
		WHERE m.created_at < known_at AND (m.read_at IS NULL OR m.read_at >= known_at) AND (only_employee IS NULL OR m.recipient_id = only_employee)
		GROUP BY m.recipient_id;
END;
$$;
COMMENT ON FUNCTION people_card(date, bigint) IS
	'Home cards about what others wait for on a day, as then known: an unanswered reminder, this week''s check-in, one-to-ones, month reviews, public praise, actions agreed in one-to-ones, unread messages. only_employee: key of one person; NULL: all';

CREATE FUNCTION warning_card(as_of date, only_employee bigint)
	RETURNS SETOF raw_card
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100 COST 10000
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	known_at timestamptz := day_end(as_of);
BEGIN
	RETURN QUERY
	WITH side AS MATERIALIZED (
		SELECT w.warning_id, e.goal_id, e.goal_no, e.owner_id, concat_ws(' → ', f.title, t.title)::varchar AS subject
			FROM open_warning(known_at) w
			JOIN goal f ON f.goal_id = w.from_goal_id
			JOIN goal t ON t.goal_id = w.to_goal_id
			JOIN goal e ON e.goal_id IN (w.from_goal_id, w.to_goal_id)
	), concerned AS (
		SELECT s.warning_id, s.owner_id AS employee_id, s.goal_no, s.subject, true AS is_owner FROM side s
		UNION ALL
		SELECT s.warning_id, a.manager_id, s.goal_no, s.subject, false
			FROM side s JOIN assignment a ON a.employee_id = s.owner_id AND a.during @> as_of AND a.manager_id IS NOT NULL
	)
	/* one card a warning, also for who stands on both sides of it */
	SELECT DISTINCT ON (c.employee_id, c.warning_id) c.employee_id, 'joint_warning'::varchar, c.subject, NULL::integer, NULL::date, 'red'::varchar, 1::bigint, c.goal_no, NULL::bigint
		FROM concerned c
		WHERE only_employee IS NULL OR c.employee_id = only_employee
		ORDER BY c.employee_id, c.warning_id, c.is_owner DESC, c.goal_no;
END;
$$;
COMMENT ON FUNCTION warning_card(date, bigint) IS
	'Home cards about joint warnings open at the end of a day: for the owners of both goals and their managers. only_employee: key of one person; NULL: all';

CREATE FUNCTION home_card_live(as_of date, only_employee bigint, states goal_state[])
	RETURNS TABLE (
		employee_no varchar, rank integer, kind varchar, title varchar, due_on date, light varchar, light_rank smallint, count bigint,
		goal_no varchar, task_id bigint, employee varchar)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000 COST 100000
	SET search_path FROM CURRENT
	SET jit = off
AS $$
DECLARE
	is_zh boolean := setting_text('locale') = 'zh';
BEGIN
	RETURN QUERY
	WITH card AS (
		SELECT * FROM goal_card(as_of, only_employee, states)
		UNION ALL
		SELECT * FROM people_card(as_of, only_employee)
		UNION ALL
		SELECT * FROM warning_card(as_of, only_employee)
	)
	SELECT e.employee_no,
			(row_number() OVER (PARTITION BY e.employee_id ORDER BY k.urgency, k.kind, c.due_on NULLS LAST, c.goal_no NULLS LAST, c.task_id NULLS LAST, c.subject))::integer,
			c.kind,
			left(render_template(CASE WHEN is_zh THEN k.title_zh ELSE k.title_en END,
				jsonb_build_object('subject', c.subject, 'count', c.count, 'days', c.days, 'due_on', c.due_on), 'plain'), 300)::varchar,
			c.due_on, c.light, (c.light::traffic_light)::smallint, c.count, c.goal_no, c.task_id, e.name
		FROM card c
		JOIN home_card_kind k ON k.kind = c.kind AND k.is_shown
		JOIN employee e ON e.employee_id = c.employee_id AND as_of BETWEEN e.hired_on AND coalesce(e.left_on, as_of);
END;
$$;
COMMENT ON FUNCTION home_card_live(date, bigint, goal_state[]) IS 'Home cards worded and in order, for computed goals; only_employee: key of one person; NULL: all';

CREATE FUNCTION home_card_at(as_of date)
	RETURNS TABLE (
		employee_no varchar, rank integer, kind varchar, title varchar, due_on date, light varchar, light_rank smallint, count bigint,
		goal_no varchar, task_id bigint, employee varchar)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000 COST 400000
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN QUERY SELECT c.* FROM home_card_live(as_of, NULL, goal_states(as_of)) c;
END;
$$;
COMMENT ON FUNCTION home_card_at(date) IS 'The view home_card on another day, as then known. NULL: no rows';

CREATE FUNCTION home_card_of(
	INOUT employee_no text, IN as_of date DEFAULT today(), OUT rank integer, OUT kind varchar, OUT title varchar, OUT due_on date,
	OUT light varchar, OUT light_rank smallint, OUT count bigint, OUT goal_no varchar, OUT task_id bigint, OUT employee varchar)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10 COST 10000
	SET search_path FROM CURRENT
AS $$
DECLARE
	employee_key bigint := employee_id_of(employee_no);
BEGIN
	RETURN QUERY
		SELECT c.employee_no::text, c.rank, c.kind, c.title, c.due_on, c.light, c.light_rank, c.count, c.goal_no, c.task_id, c.employee
			FROM home_card_live(as_of, employee_key, goal_states(as_of, subtree_of(employee_key))) c
			ORDER BY c.rank;
END;
$$;
COMMENT ON FUNCTION home_card_of(text, date) IS
	'One person''s home cards, most urgent first, read from that person''s goals and those below them, not from the whole company. Error: P0002 unknown number';

CREATE VIEW home_card WITH (security_invoker = true) AS
	SELECT c.employee_no::varchar(40) AS employee_no, c.rank, c.kind::varchar(40) AS kind, c.title::varchar(300) AS title, c.due_on,
		c.light::varchar(6) AS light, c.light_rank, c.count, c.goal_no::varchar(40) AS goal_no, c.task_id, c.employee::varchar(100) AS employee
	FROM home_card_at(today()) AS c;
COMMENT ON VIEW home_card IS 'One row a card: what a person should do now, as of today';
COMMENT ON COLUMN home_card.employee_no IS 'Employee number';
COMMENT ON COLUMN home_card.rank IS 'Place among the person''s cards, 1 the most urgent';
COMMENT ON COLUMN home_card.kind IS 'Kind of card, such as check_in_due (home_card_kind lists them)';
COMMENT ON COLUMN home_card.title IS 'What to do, in the workspace''s language';
COMMENT ON COLUMN home_card.due_on IS 'Day by which; NULL for none';
COMMENT ON COLUMN home_card.light IS 'red: late or due today; yellow: due soon or at risk; grey: to be done some time; the light of the goal where it is about one';
COMMENT ON COLUMN home_card.light_rank IS 'The light as a number: 0 grey, 1 red, 2 yellow, 3 green';
COMMENT ON COLUMN home_card.count IS 'How many things the card stands for: people, drafts, messages; for silence the messages sent';
COMMENT ON COLUMN home_card.goal_no IS 'Goal that it is about; NULL for none, or several';
COMMENT ON COLUMN home_card.task_id IS 'Task that it is about; NULL for none';
COMMENT ON COLUMN home_card.employee IS 'Name';
