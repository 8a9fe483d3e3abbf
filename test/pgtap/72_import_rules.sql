/*
 * What files may say together with what is there already: trees, transfers,
 * leave, cycles, groups of goals, postponements, tasks, check-ins.
 */
BEGIN;
\ir fixture/small.sql
SELECT plan(68);

/* imports and sums up: accepted unchanged rejected, then record:column:code of each fault */
CREATE FUNCTION pg_temp.import(kind text, VARIADIC lines text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	SELECT * INTO r FROM import_text(kind, array_to_string(lines, E'\n'));
	RETURN concat_ws(' ', r.accepted, r.unchanged, r.rejected,
		(SELECT string_agg(concat_ws(':', e.record_no, e.field, e.code), ' ' ORDER BY e.error_no) FROM import_error e WHERE e.run_id = r.run_id));
END;
$$;
CREATE FUNCTION pg_temp.reason(record_no integer) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(e.reason, '; ' ORDER BY e.error_no) FROM import_error e
		WHERE e.run_id = (SELECT max(l.run_id) FROM import_log l) AND e.record_no = reason.record_no
$$;

-- ---------------------------------------------------------------------------------------
-- Departments: trees
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.import('department', 'code,name,parent', 'D3,three,D2', 'D2,two,D1', 'D1,one,KS', 'KS-A,Workshop,KS', 'KS-B,Other,KS'),
	'3 1 1 5:code:exists', 'Parents may stand further down; what is there already is unchanged or rejected');
SELECT is(pg_temp.reason(5), 'department code KS-B exists already with another department name', 'and the report says in what it differs');
SELECT is((SELECT p.code::text FROM department d JOIN department p ON p.department_id = d.parent_id WHERE d.code = 'D3'), 'D2', 'They are below one another');
SELECT is(pg_temp.import('department', 'code,name,parent', 'F1,one,F2', 'F2,two,F3', 'F3,three,F1', 'F4,tail,F1', 'F5,end,F4', 'F6,self,F6', 'F7,below,F6', 'F8,far,NO', 'F9,under,F8',
		'G1,,KS', 'G2,under,G1', 'G3,good,KS'),
	'1 0 11 1:parent:parent_cycle 2:parent:parent_cycle 3:parent:parent_cycle 4:parent:parent_rejected 5:parent:parent_rejected '
	'6:parent:self_parent 7:parent:parent_rejected 8:parent:unknown 9:parent:parent_rejected 10:name:missing 11:parent:parent_rejected',
	'A circle, what hangs on it, what is its own parent, what has none, and what is below any of them');
SELECT is(pg_temp.reason(2), 'parent department goes in a circle: F2 → F3 → F1 → F2', 'The circle is shown from each of its members');
SELECT is(pg_temp.import('department', 'code,name,parent', 'KS,Company,KS'), '0 0 1 1:code:exists', 'A row that is there is compared before anything else');
SELECT is(pg_temp.import('department', VARIADIC ARRAY['code,name,parent'] || ARRAY(SELECT format('R%s,r,R%s', n, (n + 1) % 300) FROM generate_series(0, 299) n)),
	'0 0 300 ' || (SELECT string_agg(n || ':parent:parent_cycle', ' ' ORDER BY n) FROM generate_series(1, 300) n), 'A large circle');
SELECT ok(pg_temp.reason(1) LIKE '%R0 → R1 → R2 → %…', 'is not written out in full');

-- ---------------------------------------------------------------------------------------
-- Employees
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.import('employee', 'employee_no,name,department,manager,hired_on,left_on',
		'P1,One,KS-A,P2,2026-01-01,', 'P2,Two,KS-A,P3,2026-01-01,', 'P3,,KS-A,E2,2026-01-01,', 'P4,Four,KS-A,E2,2026-01-01,2026-12-31', 'P5,Five,KS-Z,E9,2026-01-01,2025-12-31'),
	'1 0 4 1:manager:parent_rejected 2:manager:parent_rejected 3:name:missing 5:department:unknown',
	'Somebody whose manager is rejected is rejected too; one may leave in the future');
SELECT is((SELECT a.during::text || a.recorded_from FROM assignment a WHERE a.employee_id = employee_id_of('P4')), '[2026-01-01,2027-01-01)-infinity',
	'The assignment lasts to the last day employed and is known from the beginning');

-- ---------------------------------------------------------------------------------------
-- Transfers
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.import('employee', 'employee_no,name,department,manager,hired_on,left_on', 'M1,Mover,KS-A,E2,2026-01-01,2026-10-31', 'M2,Boss,KS-A,E2,2026-01-01,', 'M3,Staff,KS-A,M2,2026-01-01,'),
	'3 0 0', 'Three more');
SELECT is(pg_temp.import('transfer', 'employee,department,manager,effective_on', 'M1,KS-A,E2,2026-08-10', 'M1,KS-B,E5,2026-05-11', 'M1,KS-B,E5,2026-12-01',
		'M1,KS-A,M1,2026-06-01', 'M1,KS-B,E1,2026-05-11', 'E9,KS-A,,2026-05-01', 'M1,KS-A,E2,2026-01-01'),
	'2 1 4 3:effective_on:not_employed 4:manager:self_parent 5:employee:duplicate 6:employee:unknown',
	'Moved and back, in any order; not after leaving, not under oneself; the state at the hiring is no transfer');
SELECT results_eq($$SELECT d.code::text, a.during::text, m.employee_no::text, a.recorded_from FROM assignment a
		JOIN department d ON d.department_id = a.department_id JOIN employee m ON m.employee_id = a.manager_id
		WHERE a.employee_id = employee_id_of('M1') ORDER BY a.during$$, $$VALUES
	('KS-A', '[2026-01-01,2026-05-11)', 'E2', '2026-05-11 00:00+08'::timestamptz), ('KS-B', '[2026-05-11,2026-08-10)', 'E5', '2026-05-11 00:00+08'), ('KS-A', '[2026-08-10,2026-11-01)', 'E2', '2026-08-10 00:00+08')$$,
	'One after the other, each known from its day on');
SELECT results_eq($$SELECT a.during::text FROM assignment_as_of('2026-05-11 00:00+08') a WHERE a.employee_id = employee_id_of('M1')$$, $$VALUES ('[2026-01-01,2026-11-01)')$$,
	'The day before, nobody knew');
SELECT results_eq($$SELECT a.during::text FROM assignment_as_of('2026-06-01 00:00+08') a WHERE a.employee_id = employee_id_of('M1') ORDER BY a.during$$,
	$$VALUES ('[2026-01-01,2026-05-11)'), ('[2026-05-11,2026-08-10)')$$, 'In between, the first move was known');
SELECT is(pg_temp.import('transfer', 'employee,department,manager,effective_on', 'M1,KS-A,E2,2026-08-10', 'M1,KS-B,E5,2026-05-11', 'M1,KS-B,E1,2026-08-10', 'M1,KS-B,E1,2026-07-01'),
	'1 2 1 3:employee:duplicate', 'Again unchanged; an earlier one may come later');
SELECT is(pg_temp.import('transfer', 'employee,department,manager,effective_on', 'M1,KS-B,E2,2026-08-10'), '0 0 1 1:employee:exists', 'A day on which somebody was moved elsewhere');
SELECT is(pg_temp.import('employee', 'employee_no,name,department,manager,hired_on,left_on', 'M1,Mover,KS-A,E2,2026-01-01,2026-10-31', 'M1,Mover,KS-B,E2,2026-01-01,2026-10-31',
		'M2,Boss,KS-B,E2,2026-01-01,'),
	'0 1 2 2:employee_no:duplicate 3:employee_no:exists', 'The file of employees says where people began, before any transfer');
SELECT is(pg_temp.import('transfer', 'employee,department,manager,effective_on', 'E2,KS-A,M3,2026-09-01', 'E5,KS-B,M1,2026-09-01'),
	'1 0 1 1:manager:parent_cycle', 'Nobody comes to work for their own people');
SELECT is(pg_temp.reason(1), 'new manager goes in a circle: E2 → M3 → M2 → E2', 'and the way up is shown');
SELECT is(pg_temp.import('transfer', 'employee,department,manager,effective_on', 'M2,KS-A,M3,2026-09-01', 'M3,KS-A,E2,2026-09-01'), '2 0 0',
	'A head and his own may change places in one file, in any order');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'which the tables agree with');
SET CONSTRAINTS ALL DEFERRED;

-- ---------------------------------------------------------------------------------------
-- Leave and holidays
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.import('leave', 'employee,starts_on,ends_on', 'E3,2026-03-02,2026-03-06'), '1 0 0', 'Leave');
SELECT is(pg_temp.import('leave', 'employee,starts_on,ends_on', 'E3,2026-03-02,2026-03-06', 'E3,2026-03-06,2026-03-09', 'E3,2026-04-10,2026-04-12', 'E3,2026-04-12,2026-04-20',
		'E3,2026-04-13,2026-04-14', 'E3,2026-05-02,2026-05-01', 'E3,2026-04-10,2026-04-15', 'E4,2026-03-02,2026-03-06'),
	'3 1 4 2:starts_on:overlap 4:starts_on:overlap 6:ends_on:ends_before_start 7:starts_on:overlap',
	'A day is taken once; a record that was rejected takes none');
SELECT is(pg_temp.reason(4), 'first day 2026-04-12 overlaps 2026-04-12–2026-04-12', 'The days in question are named');
SELECT is((SELECT count(*) FROM leave WHERE recorded_at = '-infinity'), 4::bigint, 'Leave is known from the beginning');
SELECT is(pg_temp.import('节假日', '日期,名称,是否上班', '2026-10-01,国庆,否', '2026-10-10,补班,上班', '2026-10-02,国庆,', '2026-10-02,国庆,', '2026-10-03,国庆,也许'),
	'3 0 2 4:day:duplicate 5:is_working:not_word', 'Holidays and days made up for');
SELECT is(is_working_day('2026-10-01')::text || is_working_day('2026-10-10')::text || is_working_day('2026-10-02')::text, 'falsetruefalse', 'They count');
SELECT is(pg_temp.import('holiday', 'day,name,is_working', '2026-10-01,国庆,no', '2026-10-10,补班,no'), '0 1 1 2:day:exists', 'Again');

-- ---------------------------------------------------------------------------------------
-- Cycles
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.import('周期', '周期编码,类型,上级周期,开始,结束,状态', '2025,年,,2025-01-01,2025-12-31,closed', '2025Q1,季,2025,2025-01-01,2025-03-31,closed', '2025-01,月,2025Q1,2025-01-01,2025-01-31,closed',
		'2025-02,月,2025Q1,2025-02-01,2025-02-28,closed', '2025Q2,季,2025,2025-04-01,2026-06-30,closed', '2025-04,月,2025Q2,2025-04-01,2025-04-30,closed', '2026,年,,2026-01-01,2026-12-31,active',
		'2026Q2,季,2026,2026-04-01,2026-06-30,closed', '2027,年,,2027-01-01,2027-12-31,closed', '2028,年,,2028-12-31,2028-01-01,planning', '2027S1,冲刺,,2027-01-01,2027-01-14,planning',
		'2026S1,sprint,2026Q3,2026-08-01,2026-08-14,review'),
	'6 1 5 5:ends_on:outside_parent 6:parent:parent_rejected 8:code:exists 9:state:not_ended 10:ends_on:ends_before_start',
	'Cycles lie inside their parents; one that has not ended is not closed');
SELECT results_eq($$SELECT c.code::text, c.state::text, c.recorded_from FROM cycle c WHERE c.code IN ('2025-01', '2025Q1', '2026S1', '2027S1') ORDER BY c.code$$, $$VALUES
	('2025-01', 'active', '2025-01-01 00:00+08'::timestamptz), ('2025Q1', 'active', '2025-01-01 00:00+08'), ('2026S1', 'review', '2026-08-15 00:00+08'), ('2027S1', 'planning', '-infinity')$$,
	'A closed one is active at first');
SELECT is((SELECT c.state::text FROM cycle_as_of('2025-01-01 00:00+08') c WHERE c.code = '2025Q1'), 'planning', 'and was planned until it began');
SELECT is(pg_temp.import('cycle', 'code,kind,parent,starts_on,ends_on,state', '2025Q1,quarter,2025,2025-01-01,2025-03-31,closed'), '0 1 0', 'Again it is unchanged');
SELECT is(import_finish(), 4::bigint, 'At the end the closed ones are closed');
SELECT results_eq($$SELECT c.code::text, c.state::text, v.closed_at FROM cycle_closing v JOIN cycle c ON c.cycle_id = v.cycle_id ORDER BY v.closing_id$$, $$VALUES
	('2025-01', 'closed', '2025-02-01 00:00+08'::timestamptz), ('2025-02', 'closed', '2025-03-01 00:00+08'), ('2025Q1', 'closed', '2025-04-01 00:00+08'), ('2025', 'closed', '2026-01-01 00:00+08')$$,
	'months, quarters, years, each as of its end');
SELECT is(import_finish(), 0::bigint, 'once');
SELECT is(pg_temp.import('cycle', 'code,kind,parent,starts_on,ends_on,state', '2025Q1,quarter,2025,2025-01-01,2025-03-31,closed', '2025,year,,2025-01-01,2025-12-31,active'), '0 1 1 2:code:exists',
	'Still unchanged');

-- ---------------------------------------------------------------------------------------
-- Indicators
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.import('indicator', 'code,name,unit,direction,basis,aggregation,curve,cap', 'I1,Rate,%,up,value,ratio,"linear(70:0, 100:100)",110', 'I2,Sales,万元,越大越好,attainment,sum,"linear(0:0, 100:100)",',
		'I3,None,,,value,,,', 'I4,Wrong,,,,,"linear(1:0",', 'I5,High,,,,,,1001', 'I6,Zero,,,,,,0', 'I7,Plain,,,,,,', 'I8,Odd,,sideways,,,,'),
	'3 0 5 3:curve:value_without_curve 4:curve:not_curve 5:cap:out_of_range 6:cap:out_of_range 8:direction:not_word', 'Indicators');
SELECT is(pg_temp.import('indicator', 'code,name,unit,direction,basis,aggregation,curve,cap', 'I1,Rate,%,up,value,ratio,"linear( 70:0,100:100 )",110.0', 'I2,Sales,万元,up,attainment,sum,"linear(0:0, 100:100)",120',
		'I7,Plain,件,,,,,'), '0 2 1 3:code:exists', 'Curves and numbers are compared by what they mean');
SELECT is((SELECT min(recorded_from) FROM indicator WHERE code LIKE 'I%'), '-infinity'::timestamptz, 'They are known from the beginning');

-- ---------------------------------------------------------------------------------------
-- Goals
-- ---------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.goals(VARIADIC lines text[]) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.import('goal', VARIADIC ARRAY['goal_no,cycle,owner,department,kind,title,weight,state,parent,indicator,baseline,target,starts_on,due_on,contribution']
		|| ARRAY(SELECT l || repeat(',', 11 - length(regexp_replace(l, '[^,]', '', 'g'))) || ',2026-07-01,2026-09-30,' FROM unnest(lines) l))
$$;
SELECT is(pg_temp.goals('A1,2026Q3,E3,KS-A,kpi,t,60,active', 'A2,2026Q3,E3,KS-A,kpi,t,40,done', 'A3,2026Q3,E3,KS-A,kpi,t,50,draft', 'A4,2026Q3,E3,KS-A,kpi,t,50,cancelled',
		'B1,2026Q3,E4,KS-A,kpi,t,60,active', 'B2,2026Q3,E4,KS-A,kpi,t,30,active', 'B3,2026Q3,E4,KS-B,kpi,t,100,active'),
	'5 0 2 5:weight:group_weight 6:weight:group_weight', 'Live goals of a group total 100 or all of them stay out; drafts and cancelled ones do not count');
SELECT is(pg_temp.reason(5), 'the weights of a group must total 100: E4 2026Q3 KS-A = 90', 'The group is named with its total');
SELECT is(pg_temp.goals('A5,2026Q3,E3,KS-A,kpi,t,10,active', 'A6,2026Q3,E3,KS-A,kpi,t,0,active', 'A1,2026Q3,E3,KS-A,kpi,t,60,active'),
	'0 1 2 1:weight:group_weight 2:weight:group_weight', 'together with the live goals that are there');
SELECT is(pg_temp.goals('A6,2026Q3,E3,KS-A,kpi,t,0,active', 'C1,2026Q3,E5,KS-B,kpi,t,33.33,active', 'C2,2026Q3,E5,KS-B,kpi,t,33.33,active', 'C3,2026Q3,E5,KS-B,kpi,t,33.33,active'),
	'4 0 0', 'within the tolerance');
SELECT is(pg_temp.goals('O1,2026Q3,E4,KS-A,objective,t,100,active', 'O2,2026Q3,E4,KS-A,key_result,t,50,active,O1', 'O3,2026Q3,E4,KS-A,key_result,t,50,active,O1', 'O5,2026Q3,E1,KS,kpi,t,100,active,O1'),
	'4 0 0', 'An objective with its key results, and a goal of somebody else that serves it');
SELECT is(pg_temp.goals('Q1,2026Q3,E2,KS-A,objective,t,101,active', 'Q2,2026Q3,E2,KS-A,key_result,t,50,active,Q1', 'Q3,2026Q3,E2,KS-A,key_result,t,50,active,Q1', 'Q4,2026Q3,P4,KS-A,kpi,t,50,active,Q3',
		'Q5,2026Q3,P4,KS-A,kpi,t,50,active', 'Q6,2026Q3,M2,KS-A,kpi,t,100,active,Q5', 'Q7,2026Q3,M3,KS-A,kpi,t,100,active'),
	'1 0 6 1:weight:out_of_range 2:parent:parent_rejected 3:parent:parent_rejected 4:parent:parent_rejected 5:weight:group_weight 6:parent:parent_rejected',
	'One that falls takes its key results along, those that serve them, and their groups; nobody else');
SELECT is(pg_temp.goals('K1,2026Q3,E2,KS-A,key_result,t,100,active', 'K2,2026Q3,E2,KS-A,key_result,t,100,active,A1', 'K3,2026Q3,E3,KS-A,kpi,t,0,active,A1', 'K4,2026Q3,E3,KS-A,key_result,t,100,active,A1',
		'K5,2026,E3,KS-A,key_result,t,100,active,A1', 'K6,2026,E3,KS-A,kpi,t,100,active,A1'),
	'1 0 5 1:parent:no_parent 2:parent:cannot_be_key_result 3:parent:must_be_key_result 4:parent:cannot_be_key_result 5:parent:cannot_be_key_result',
	'Key results stand below an objective of their owner and cycle, and nothing else does');
SELECT is(pg_temp.goals('N1,2025Q1,E2,KS-A,kpi,t,100,active', 'N2,2026Q3,E2,KS-A,kpi,t,100,draft,,I1,70,85%', 'N3,2026Q3,E2,KS-A,kpi,t,100,draft,,I2,70,85%', 'N4,2026Q3,E2,KS-A,kpi,t,100,draft,,,,85%',
		'N5,2026Q3,E2,KS-A,kpi,t,100,draft,,I2,5,0', 'N6,2026Q3,E2,KS-A,kpi,t,100,draft,,I1,,0', 'N7,2026Q3,E2,KS-A,kpi,t,100,draft,,I1,,0%', 'N8,2026Q3,E2,KS-A,kpi,t,100,draft,,I1,5,0'),
	'3 0 5 1:cycle:cycle_closed 1:starts_on:outside_cycle 1:due_on:outside_cycle 3:target:other_unit 5:target:target_is_zero 6:target:target_is_baseline 7:target:target_is_baseline',
	'A closed cycle; a percent sign only for an indicator in percent; targets that mean nothing');
SELECT is((SELECT array_agg(target ORDER BY goal_no) FROM goal WHERE goal_no IN ('N2', 'N4', 'N8')), ARRAY[85, 85, 0]::numeric[], '85% is 85');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'What was accepted would pass COMMIT');
SET CONSTRAINTS ALL DEFERRED;
SELECT is((SELECT min(recorded_from) FROM goal), '-infinity'::timestamptz, 'Goals are known from the beginning');

-- ---------------------------------------------------------------------------------------
-- Postponements
-- ---------------------------------------------------------------------------------------
UPDATE goal SET due_on = '2026-08-10' WHERE goal_no = 'N2';
SELECT is(pg_temp.import('goal', 'goal_no,cycle,owner,department,kind,title,weight,state,starts_on,due_on', 'V1,2026Q3,P4,KS-A,kpi,t,50,active,2026-07-01,2026-07-10', 'V2,2026Q3,P4,KS-A,kpi,t,50,done,2026-07-01,2026-08-10'),
	'2 0 0', 'Two goals that are due in the middle');
SELECT is(pg_temp.import('延期', '目标编号,原截止日期,新截止日期,原因,登记时间', 'V1,2026-07-20,2026-08-01,再延,2026-07-20T10:00:00+08:00', 'V1,2026-07-10,2026-07-20,延,2026-07-09 10:00', 'V1,2026-08-02,2026-08-09,延,2026-07-30 10:00',
		'V2,2026-08-10,2026-08-10,延,2026-08-01 10:00', 'V2,2026-08-10,2026-10-01,延,2026-08-01 10:00', 'V2,2026-08-11,2026-08-20,,2026-09-19 00:00', 'N2,2026-08-10,2026-08-20,延,2026-08-01 10:00', 'V9,2026-08-10,2026-08-20,延,2026-08-01 10:00'),
	'2 0 6 3:old_due_on:not_due_then 4:new_due_on:not_later 5:goal:duplicate 6:reason:missing 7:goal:goal_draft 8:goal:unknown',
	'One move after the other, in any order; each from the day on which the goal was due');
SELECT is(pg_temp.reason(3), 'old due date 2026-08-02 is not the due day at that time, 2026-08-01', 'The day that was due is named');
SELECT results_eq($$SELECT g.due_on FROM goal g WHERE g.goal_no = 'V1'$$, $$VALUES ('2026-08-01'::date)$$, 'The goal is due on the last one');
SELECT results_eq($$SELECT (h.old_row ->> 'due_on')::date, h.recorded_from, h.recorded_until FROM history h JOIN goal g ON h.row_key = g.goal_id::text
		WHERE h.table_name = 'goal' AND g.goal_no = 'V1' ORDER BY h.recorded_until$$, $$VALUES
	('2026-07-10'::date, '-infinity'::timestamptz, '2026-07-09 10:00+08'::timestamptz), ('2026-07-20', '2026-07-09 10:00+08', '2026-07-20 10:00+08')$$,
	'and every day before is kept with the time in which it held');
SELECT is(pg_temp.import('postponement', 'goal_no,old_due_on,new_due_on,reason,recorded_at', 'V1,2026-07-10,2026-07-20,延,2026-07-09T10:00:00+08:00', 'V1,2026-07-20,2026-08-01,不同,2026-07-20T10:00:00+08:00',
		'V2,2026-08-10,2026-10-01,延,2026-08-01 10:00', 'V2,2026-08-10,2026-08-20,延,2026-09-19 00:00'),
	'0 1 3 2:goal:exists 3:new_due_on:outside_cycle 4:goal:duplicate', 'Again unchanged; not past the cycle');
SELECT is(pg_temp.import('goal', 'goal_no,cycle,owner,department,kind,title,weight,state,starts_on,due_on', 'V1,2026Q3,P4,KS-A,kpi,t,50,active,2026-07-01,2026-07-10'), '0 1 0',
	'The file of goals says what was agreed first, before any postponement');

-- ---------------------------------------------------------------------------------------
-- Tasks and check-ins
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.import('task', 'task_no,goal,owner,title,state,due_on,done_at', 'T1,A1,E3,do,done,2026-08-01,2026-08-01T10:00:00+08:00', 'T2,A1,E3,do,todo,,', 'T3,A2,E3,do,blocked,2026-08-01,', 'T4,A1,E3,do,done,,',
		'T5,A1,E3,do,doing,,2026-08-01T10:00:00+08:00', 'T6,A1,E3,do,done,,2026-09-19T00:00:00+08:00', 'T7,XX,E3,do,todo,,', 'T8,A1,E3,do,later,,'),
	'3 0 5 4:done_at:done_without_time 5:state:time_without_done 6:done_at:future 7:goal:unknown 8:state:not_word', 'Tasks have a time exactly where they are done');
SELECT is(pg_temp.import('check_in', 'check_in_no,at,employee,goal,actual,progress,tasks,photos,note',
		'C1,2026-09-18T23:59:59+08:00,E3,A1,5,,T1;T2,oss://1.jpg#' || repeat('AB', 32) || ';oss://2.jpg,ok', 'C2,2026-09-19T00:00:00+08:00,E3,A1,5,,,,', 'C3,2026-08-01 10:00,E3,A1,,8%,,,', 'C4,2026-08-01 10:00,E3,A1,,,T3,,',
		'C5,2026-08-01 10:00,E3,A1,,,T2;T9,,', 'C6,2026-08-01 10:00,E3,N2,5,,,,', 'C7,2026-08-01 10:00,E3,A1,85%,,,,', 'C8,2026-08-01 10:00,E3,A4,,,,,', 'C9,2026-08-01 10:00,E3,A1,,1000000,,,',
		'C10,2026-08-01 10:00,E3,A1,,,,' || repeat('x', 1001) || ',', 'C11,2026-08-01 10:00,E3,A1,,,,,' || repeat('x', 2001)),
	'4 0 7 2:at:future 4:tasks:task_of_other_goal 5:tasks:unknown 6:goal:goal_draft 9:progress:out_of_range 10:photos:photo_too_long 11:note:too_long',
	'Check-ins: none from tomorrow, only tasks of the same goal');
SELECT results_eq($$SELECT c.check_in_no::text, c.at, c.recorded_at = c.at, c.actual, c.progress FROM check_in c ORDER BY c.check_in_no$$, $$VALUES
	('C1', '2026-09-18 23:59:59+08'::timestamptz, true, 5::numeric, NULL::numeric), ('C3', '2026-08-01 10:00+08', true, NULL, 0.08), ('C7', '2026-08-01 10:00+08', true, 85, NULL), ('C8', '2026-08-01 10:00+08', true, NULL, NULL)$$,
	'Recorded at their own time; 8% of progress is 0.08; an empty one is a sign of life, also on a cancelled goal');
SELECT results_eq($$SELECT p.photo_no, p.uri::text, p.sha256::text FROM check_in_photo p ORDER BY p.photo_no$$, $$VALUES (1, 'oss://1.jpg', repeat('ab', 32)), (2, 'oss://2.jpg', NULL)$$, 'Photos in their order');
SELECT results_eq($$SELECT t.task_no::text, t.state::text, t.done_at FROM task t WHERE t.task_no IN ('T1', 'T2') ORDER BY t.task_no$$, $$VALUES
	('T1', 'done', '2026-08-01 10:00+08'::timestamptz), ('T2', 'done', '2026-09-18 23:59:59+08')$$, 'A task that was ticked is done');
SELECT is(pg_temp.import('check_in', 'check_in_no,at,employee,goal,actual,progress,tasks,photos,note',
		'C1,2026-09-18T15:59:59Z,E3,A1,5.0,,T2;T1;T1,oss://1.jpg#' || repeat('ab', 32) || ';oss://2.jpg,ok', 'C3,2026-08-01 10:00,E3,A1,,0.08,,,', 'C7,2026-08-01 10:00,E3,A1,85,,,,', 'C8,2026-08-01 10:00,E3,A4,,,T1,,',
		'C7,2026-08-01 10:00,E3,A1,85,,,,'),
	'0 3 2 4:check_in_no:exists 5:check_in_no:duplicate', 'Again they are unchanged, however they are written');

-- ---------------------------------------------------------------------------------------
-- What the tables refuse after all
-- ---------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.house_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.name = 'banned' THEN
		RAISE EXCEPTION 'department % is not wanted', NEW.code USING ERRCODE = 'check_violation', DETAIL = 'A rule of the house.';
	END IF;
	RETURN NEW;
END;
$$;
CREATE TRIGGER department_before_house_rule BEFORE INSERT ON department FOR EACH ROW EXECUTE FUNCTION pg_temp.house_rule();
SELECT is(pg_temp.import('department', VARIADIC ARRAY['code,name,parent', 'H2,child,H9', 'H3,child,H2'] || ARRAY(SELECT format('L%s,good,', n) FROM generate_series(1, 20) n) || ARRAY['H9,mother,', 'HX,banned,', 'HY,orphan,HX']),
	'23 0 2 24:refused 25:refused', 'A rule that the import does not know rejects its records, and those that need them, and no others');
SELECT is(pg_temp.reason(24), 'refused: department HX is not wanted: A rule of the house.', 'in its own words');
SELECT is(pg_temp.reason(25), 'refused: department "HX" does not exist', 'Nothing lands without its parent');
SELECT is((SELECT count(*) FROM department WHERE code LIKE 'L%' OR code LIKE 'H_'), 23::bigint, 'The others are there, wherever their parents stood in the file');

SELECT * FROM finish();
ROLLBACK;
