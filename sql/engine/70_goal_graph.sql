
-- goal_graph: a tree of goals rolled up, and delays along the links across it

CREATE FUNCTION perf_mgmt.goal_graph(goals text, links text, as_of date, places integer DEFAULT 6)
	RETURNS TABLE (
		goal_id      bigint,
		parent_id    bigint,
		depth        integer,
		progress     numeric,
		expected     numeric,
		light        perf_mgmt.traffic_light,
		leaves       bigint,
		red_below    bigint,
		yellow_below bigint,
		forecast_on  date,
		slip_days    integer,
		slack_days   integer,
		held_back_by bigint,
		score        numeric
	)
	AS 'MODULE_PATHNAME', 'pm_goal_graph'
	LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED
	COST 100000 ROWS 10000;
COMMENT ON FUNCTION perf_mgmt.goal_graph(text, text, date, integer) IS
$$A tree of goals rolled up, and delays carried along the links across it: one row a goal that the query goals returns.

goals and links are queries, each one SELECT that only reads. They run with the rights of the caller, and $1 in them is as_of. Columns are found by name; integers, numeric and double precision do for numbers.

goals returns
goal_id, parent_id: integers. A parent that the query does not return makes the goal a root. A NULL goal_id is refused with 22004, one that occurs twice with 23505, a cycle of parents with 22000 and its path.
weight: share of the goal in its parent, not negative (22023). With NULL the goal is in the tree, but not in its parent's progress.
progress: fraction, 1 is the target met; NULL where nothing is reported.
and, where there, with NULL as without the column:
starts_on, due_on: first and last day, both count. due_on before starts_on is refused with 22023.
cap: what counts at most of the goal's progress in its parent; 1.
is_done: done, whatever the progress says.
expected: expected progress instead of the one between the dates.
green, yellow, grace, slack: thresholds of light(), with its defaults.
light: traffic_light or its word; wins over the computed one.
is_silent: a green light that was computed is shown yellow.
score: points of the goal itself.
forecast_on: day on which the goal will be finished, as far as known without links.
pace: progress a day, from which forecast_on follows where it is not given.

links returns from_goal, which needs to_goal, and, where there, strength (0 to 1, else 22023; it is only checked) and buffer_days (not negative, 0 where NULL). A link with an end that is not among the goals is left out. A goal linked to itself is refused with 22023, a cycle of links with 22000 and its path. links may be NULL.

The result, in the order of the goals query
goal_id, parent_id: as given.
depth: levels above the goal, 0 for a root.
progress: of a goal with children that have a weight, their mean by weight, each within 0 to its cap; one without progress counts 0; NULL where none has any, or the weights add up to 0. Of any other goal its own, however far below 0 or above 1.
expected: as given, else by the dates, else NULL.
light: as given, else light(progress, expected) and is_silent.
leaves: goals without children at or below this one.
red_below, yellow_below: goals below with that light, however deep and whatever their weight.
forecast_on: day on which the goal will be finished: as given, else as_of + (1 - progress) / pace in whole days rounded up (none for a pace that is not positive or would end after the calendar), not before as_of. A goal that rolls up and has none of its own takes the latest of its children with a positive weight. If a goal that this one needs will be finished only later, then the forecast of that goal (due_on where it has none) and buffer_days, and so on along the links; a delay through a link does not go up the tree. NULL where nothing is known, and for what is done: is_done, or progress 1 at six places.
slip_days: forecast_on - due_on, negative for early. Of a goal that is done and has a due_on: 0.
slack_days: least of due_on - buffer_days - the later of due_on and forecast_on of what is needed, over the links from this goal; negative where the goal cannot keep its due_on. NULL without links or dates. What is done neither waits nor keeps others waiting.
held_back_by: goal at which the delay begins that makes this forecast_on later than it would be without links; of several the one with the least goal_id. NULL where nobody does.
score: of a goal with children that have a weight, the mean by weight of the scores that there are; NULL without one. Of any other goal its own.

Progress and score have so many places as places says, 0 to 18 (22023), rounded half away from zero; expected has six. They are exact: quotients go up the tree at 18 places, rounded half away from zero, and numbers of any size keep all their digits.
NaN and infinite numbers are refused with 22003, infinite dates with 22008, columns of another type with 42804, missing ones with 42703, NULL for goals or as_of with 22004.$$;

CREATE FUNCTION perf_mgmt.goal_graph(goals text, links text, as_of date, places integer, rows anyarray)
	RETURNS TABLE (
		goal_id      bigint,
		parent_id    bigint,
		depth        integer,
		progress     numeric,
		expected     numeric,
		light        perf_mgmt.traffic_light,
		leaves       bigint,
		red_below    bigint,
		yellow_below bigint,
		forecast_on  date,
		slip_days    integer,
		slack_days   integer,
		held_back_by bigint,
		score        numeric
	)
	AS 'MODULE_PATHNAME', 'pm_goal_graph'
	LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED
	COST 100000 ROWS 10000;
COMMENT ON FUNCTION perf_mgmt.goal_graph(text, text, date, integer, anyarray) IS
	'The same for goals that stand in no table: $2 in the queries is rows, an array of any type, so that the goals query may be SELECT ... FROM unnest($2)';
