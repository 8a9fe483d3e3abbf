#!/usr/bin/env python3
"""Holds the simulation of the weekly rhythm against cases worked out by hand.

    python3 test/oracle/rhythm_selfcheck.py

A small team is written as CSV files and lived through; nothing is read from
outside a temporary folder, and no database is needed.  In 2026, 3 August is a
Monday.
"""
import datetime as dt
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
from plant import SHANGHAI, Plant                                                       # noqa: E402
from rhythm import HOUR, Rhythm, Week, hours, is_waking, midnight, monday               # noqa: E402
from selfcheck import Company                                                           # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
FIRST, LAST = dt.date(2026, 8, 3), dt.date(2026, 8, 30)


def moment(text):
    """'08-12 09:00' of 2026."""
    return dt.datetime.fromisoformat(f"2026-{text}:00+08:00")


def day(text):
    return dt.date.fromisoformat(f"2026-{text}")


class Team(Company):
    """A director, a lead below, and people below the lead; each has one goal of the quarter."""

    def __init__(self):
        super().__init__()
        for no, manager in (("D", ""), ("L", "D"), ("P", "L")):
            self.hire(no, manager=manager)

    def hire(self, no, manager="", hired="2020-01-01", left="", goal=True):
        self.rows["员工"].append((no, f"Name of {no}", "KA", "", manager, hired, left))
        if goal:
            self.goal(f"G{no}", no, "KA")

    def away(self, no, first, last):
        self.rows["请假"].append((no, f"2026-{first}", f"2026-{last}"))

    def report(self, no, at, tasks="T1", photos="oss://a.jpg"):
        number = f"C{len(self.rows['打卡']):04d}"
        self.rows["打卡"].append((number, moment(at).isoformat(), no, f"G{no}", "", "0.5", tasks, photos, ""))

    def forget(self, no):
        self.rows["打卡"] = [row for row in self.rows["打卡"] if row[2] != no]

    def diligent(self, *numbers, first=FIRST, last=LAST):
        """Reports every Friday at 15:00 from the week of a day to that of another."""
        week = monday(first)
        while week <= last:
            friday = week + dt.timedelta(4)
            for no in numbers:
                self.report(no, f"{friday:%m-%d} 15:00")
            week += dt.timedelta(7)

    def plant(self):
        with tempfile.TemporaryDirectory() as folder:
            self.write(folder)
            return Plant(folder)

    def live(self, first=FIRST, last=LAST, hr=None, ticks=None):
        return Rhythm(self.plant(), hr).run(ticks or hours(first, last))


class Clock(unittest.TestCase):
    def test_ticks_at_every_full_hour_both_midnights_included(self):
        ticks = list(hours(day("08-01"), day("09-18")))
        self.assertEqual(len(ticks), 49 * 24 + 1)
        self.assertEqual((ticks[0], ticks[-1]), (moment("08-01 00:00"), moment("09-19 00:00")))

    def test_wakes_on_working_days_from_nine_up_to_eighteen(self):
        self.assertEqual([text for text in ("08-07 08:59", "08-07 09:00", "08-07 17:59", "08-07 18:00", "08-08 12:00", "08-09 12:00", "08-10 09:00")
                          if is_waking(moment(text))], ["08-07 09:00", "08-07 17:59", "08-10 09:00"])


class Silence(unittest.TestCase):
    def setUp(self):
        self.team = Team()
        self.team.diligent("D", "L", first=day("07-20"))
        self.team.report("P", "07-31 15:00")

    def episodes(self, **how):
        return [(e.employee_no, e.silent_since, e.reminded_at, e.escalated_at, e.escalated_to, e.closed_at) for e in self.team.live(**how).episodes]

    def test_is_whole_days_exactly_seven_are_not_enough(self):
        self.team.report("P", "08-05 09:00")
        self.team.report("P", "08-12 23:59")
        self.assertEqual(self.episodes(last=day("08-19")), [])

    def test_eight_days_are_reminded_at_nine_whatever_the_hour_was(self):
        for at in ("08-04 00:00", "08-04 23:59"):
            with self.subTest(at=at):
                self.team.forget("P")
                self.team.report("P", "07-31 15:00")
                self.team.report("P", at)
                self.assertEqual(self.episodes(last=day("08-13")), [("P", day("08-04"), moment("08-12 09:00"), None, None, None)])

    def test_who_checks_in_every_friday_is_never_nagged(self):
        self.team.diligent("P", first=day("07-20"))
        self.team.report("P", "08-14 23:30")
        self.assertEqual(self.episodes(), [])

    def test_becomes_eight_on_a_saturday_and_is_told_on_monday(self):
        self.team.report("P", "08-07 15:00")
        self.assertEqual(self.episodes(last=day("08-18")), [("P", day("08-07"), moment("08-17 09:00"), None, None, None)])

    def test_of_somebody_who_answers_at_the_weekend_is_never_told(self):
        self.team.report("P", "08-07 15:00")
        self.team.report("P", "08-16 20:00")
        self.assertEqual(self.episodes(last=day("08-23")), [])

    def test_before_any_check_in_begins_with_the_earliest_goal(self):
        self.team.forget("P")
        self.assertEqual(self.episodes(last=day("08-03")), [("P", day("07-01"), moment("08-03 09:00"), None, None, None)])

    def test_counts_check_ins_of_closed_cycles(self):
        self.team.forget("P")
        self.team.goal("G2", "P", "KA", cycle="2026Q2")
        self.team.check("G2", at="2026-06-26T10:00:00+08:00")
        self.assertEqual(self.episodes(last=day("08-03"))[0][1], day("06-26"))

    def test_is_not_broken_by_what_others_do(self):
        self.team.report("P", "08-03 15:00")
        self.team.check("GP", by="L", at="2026-08-10T10:00:00+08:00")
        self.assertEqual(self.episodes(last=day("08-11"))[0][:3], ("P", day("08-03"), moment("08-11 09:00")))

    def test_a_reminder_does_not_reset_the_clock(self):
        self.team.report("P", "08-03 15:00")
        rhythm = self.team.live()
        self.assertEqual(len(rhythm.episodes), 1)
        self.assertEqual(rhythm.days_of_silence(rhythm.plant.employees["P"], day("08-03"), day("08-30")), 27)

    def test_leave_days_are_left_out(self):
        self.team.report("P", "08-03 15:00")
        self.team.away("P", "08-06", "08-09")
        # 4, 5 and 10 to 14 August are seven days, the eighth is the 15th, a Saturday
        self.assertEqual(self.episodes(last=day("08-17"))[0][2], moment("08-17 09:00"))

    def test_nobody_is_told_on_leave(self):
        self.team.report("P", "08-03 15:00")
        self.team.away("P", "08-11", "08-12")
        self.assertEqual(self.episodes(last=day("08-13"))[0][2], moment("08-13 09:00"))

    def test_of_people_without_live_goals_is_not_watched(self):
        self.team.hire("Q", "L", goal=False)
        self.team.goal("GQ", "Q", "KA", state="draft")
        self.team.goal("GQ2", "Q", "KA", state="cancelled")
        self.team.goal("GQ3", "Q", "KA", cycle="2026Q2", state="done")
        self.team.report("P", "08-03 09:00")
        self.assertEqual(self.episodes(last=day("08-04")), [])

    def test_of_leavers_is_not_watched(self):
        self.team.hire("Q", "L", left="2026-08-10")
        self.team.report("Q", "08-03 09:00")
        self.team.report("P", "08-06 09:00")
        self.assertEqual(self.episodes(last=day("08-13")), [])

    def test_ends_with_the_first_answer_at_its_time_and_begins_anew(self):
        self.team.report("P", "08-03 15:00")
        self.team.report("P", "08-12 22:10")
        self.team.report("P", "08-12 22:20")
        self.assertEqual(self.episodes(last=day("08-20")), [
            ("P", day("08-03"), moment("08-11 09:00"), None, None, moment("08-12 22:10")),
            ("P", day("08-12"), moment("08-20 09:00"), None, None, None)])


class Escalation(unittest.TestCase):
    def setUp(self):
        self.team = Team()
        self.team.diligent("D", "L", first=day("07-20"))
        self.team.report("P", "07-31 15:00")

    def told(self, **how):
        rhythm = self.team.live(**how)
        return [(e.reminded_at, e.escalated_at, e.escalated_to) for e in rhythm.episodes if e.employee_no == "P"]

    def test_follows_after_exactly_48_hours(self):
        self.team.report("P", "08-03 15:00")
        self.assertEqual(self.told(), [(moment("08-11 09:00"), moment("08-13 09:00"), "L")])

    def test_does_not_follow_a_minute_earlier(self):
        self.team.report("P", "08-03 15:00")
        ticks = [moment("08-11 09:01"), moment("08-13 09:00"), moment("08-13 10:00")]
        self.assertEqual(self.told(ticks=ticks), [(moment("08-11 09:01"), moment("08-13 10:00"), "L")])

    def test_waits_for_waking_hours(self):
        self.team.report("P", "08-05 15:00")
        self.assertEqual(self.told(), [(moment("08-13 09:00"), moment("08-17 09:00"), "L")])

    def test_is_called_off_by_an_answer(self):
        self.team.report("P", "08-03 15:00")
        self.team.report("P", "08-13 08:59")
        self.assertEqual(self.told(last=day("08-14")), [(moment("08-11 09:00"), None, None)])

    def test_leaves_out_days_of_leave_after_the_reminder(self):
        self.team.report("P", "08-03 15:00")
        self.team.away("P", "08-12", "08-13")
        # 15 hours of the 11th, 24 of the 14th, and 9 of the 15th, a Saturday
        self.assertEqual(self.told(), [(moment("08-11 09:00"), moment("08-17 09:00"), "L")])

    def test_goes_past_absent_superiors(self):
        for case, (leaves, hr, to) in {"lead": ((("L", "08-13", "08-13"),), None, "D"),
                                       "both, to HR": ((("L", "08-13", "08-13"), ("D", "08-10", "08-20")), "H", "H"),
                                       "both, to nobody": ((("L", "08-13", "08-13"), ("D", "08-10", "08-20")), None, None)}.items():
            with self.subTest(case):
                self.setUp()
                self.team.report("P", "08-03 15:00")
                for leave in leaves:
                    self.team.away(*leave)
                self.assertEqual(self.told(hr=hr), [(moment("08-11 09:00"), moment("08-13 09:00"), to)])

    def test_goes_past_superiors_who_have_left(self):
        self.team.hire("X", "D", left="2026-08-07", goal=False)
        self.team.rows["员工"] = [r[:4] + ("X",) + r[5:] if r[0] == "P" else r for r in self.team.rows["员工"]]
        self.team.report("P", "08-03 15:00")
        self.assertEqual(self.told()[0][2], "D")

    def test_goes_to_the_superior_of_that_day(self):
        self.team.hire("N", "D", goal=False)
        self.team.rows["调动"].append(("P", "KB", "N", "2026-08-12"))
        self.team.report("P", "08-03 15:00")
        self.assertEqual(self.told()[0][2], "N")

    def test_after_days_without_a_clock_comes_48_hours_after_the_message_and_once(self):
        self.team.forget("P")
        self.team.report("P", "07-20 15:00")
        ticks = [at for at in hours(FIRST, LAST) if not moment("08-03 00:00") <= at < moment("08-06 11:00")]
        self.assertEqual(self.told(ticks=ticks), [(moment("08-06 11:00"), moment("08-10 09:00"), "L")])


class Weeks(unittest.TestCase):
    def setUp(self):
        self.team = Team()

    def weeks(self, no, at, first="08-03"):
        rhythm = Rhythm(self.team.plant())
        return [w for w in rhythm.weeks(rhythm.plant.employees[no], moment(at)) if w.week_on >= day(first)]

    def test_need_a_task_and_a_photo_but_not_in_one_check_in(self):
        self.team.report("P", "08-03 10:00", photos="")
        self.team.report("P", "08-07 23:59", tasks="")
        self.team.report("L", "08-03 10:00", photos="")
        self.team.report("D", "08-03 10:00", tasks="")
        self.assertEqual([self.weeks(no, "08-10 00:00")[0] for no in "PLD"],
                         [Week(day("08-03"), "P", "KA", True, True, False, False, 1), Week(day("08-03"), "L", "KA", False, False, False, False, 0),
                          Week(day("08-03"), "D", "KA", False, False, False, False, 0)])

    def test_are_on_time_until_friday_24_00(self):
        self.team.report("P", "08-07 23:59")
        self.team.report("L", "08-08 00:00")
        self.team.report("D", "08-10 00:00")
        self.assertEqual([(w.is_valid, w.is_on_time) for no in "PLD" for w in self.weeks(no, "08-10 00:00")], [(True, True), (True, False), (False, False)])

    def test_are_open_until_friday_24_00(self):
        self.team.diligent("P", first=day("08-03"), last=day("08-10"))
        self.assertEqual([(w.is_open, w.streak) for w in self.weeks("P", "08-21 23:59")], [(False, 1), (False, 2), (True, 2)])
        self.assertEqual([(w.is_open, w.streak) for w in self.weeks("P", "08-22 00:00")], [(False, 1), (False, 2), (False, 0)])

    def test_on_leave_neither_count_nor_break(self):
        self.team.diligent("P", first=day("08-03"), last=day("08-03"))
        self.team.diligent("P", first=day("08-17"), last=day("08-17"))
        self.team.away("P", "08-10", "08-14")
        self.assertEqual([(w.is_excused, w.streak) for w in self.weeks("P", "08-24 00:00")], [(False, 1), (True, 1), (False, 2)])

    def test_with_one_working_day_left_are_not_excused(self):
        self.team.away("P", "08-03", "08-06")
        self.assertFalse(self.weeks("P", "08-10 00:00")[0].is_excused)

    def test_before_hiring_and_after_leaving_are_excused(self):
        self.team.hire("Q", "L", hired="2026-08-12", left="2026-08-17")
        self.assertEqual([(w.is_excused, w.department) for w in self.weeks("Q", "08-31 00:00")], [(True, None), (False, "KA"), (False, "KA"), (True, None)])

    def test_begin_with_the_first_live_goal_and_tile_the_years(self):
        self.team.goal("GX", "P", "KA", cycle="2026Q2", starts="2026-04-02")
        weeks = self.weeks("P", "08-10 00:00", first="01-01")
        self.assertEqual(weeks[0].week_on, day("03-30"))
        self.assertEqual({b.week_on - a.week_on for a, b in zip(weeks, weeks[1:])}, {dt.timedelta(7)})
        self.assertEqual(monday(dt.date(2027, 1, 3)), dt.date(2026, 12, 28))


class Rewards(unittest.TestCase):
    def setUp(self):
        self.team = Team()

    def rewards(self, first=dt.date(2026, 7, 6), last=dt.date(2026, 9, 18), **how):
        rhythm = self.team.live(first=first, last=last, **how)
        return ([(r.first_week_on, r.last_week_on, r.earned_at) for r in rhythm.rewards],
                [m.created_at for m in rhythm.messages if m.kind == "reward_earned"])

    def test_four_weeks_earn_one_and_not_the_fifth_and_sixth(self):
        self.team.diligent("P", first=day("07-06"), last=day("08-14"))
        self.assertEqual(self.rewards(), ([(day("07-06"), day("07-27"), moment("08-01 00:00"))], [moment("08-01 00:00")]))

    def test_eight_weeks_earn_two(self):
        self.team.diligent("P", first=day("07-06"), last=day("08-28"))
        self.assertEqual([r[:2] for r in self.rewards()[0]], [(day("07-06"), day("07-27")), (day("08-03"), day("08-24"))])

    def test_a_missed_week_begins_a_new_row(self):
        self.team.diligent("P", first=day("07-06"), last=day("07-24"))
        self.team.diligent("P", first=day("08-03"), last=day("08-28"))
        self.assertEqual([r[:2] for r in self.rewards()[0]], [(day("08-03"), day("08-24"))])

    def test_a_week_on_leave_does_not(self):
        self.team.diligent("P", first=day("07-06"), last=day("07-24"))
        self.team.away("P", "07-27", "07-31")
        self.team.diligent("P", first=day("08-03"), last=day("08-03"))
        self.assertEqual([r[:2] for r in self.rewards()[0]], [(day("07-06"), day("08-03"))])

    def test_a_clock_that_begins_late_rewards_what_was_earned_and_tells_once(self):
        self.team.diligent("P", first=day("07-06"), last=day("08-28"))
        rows, told = self.rewards(first=day("09-05"))
        self.assertEqual([r[2] for r in rows], [moment("09-05 00:00")] * 2)
        self.assertEqual(told, [moment("09-05 00:00")])


class Ticks(unittest.TestCase):
    def test_that_come_twice_change_nothing(self):
        team = Team()
        team.diligent("D", "L", first=day("07-20"))
        team.report("P", "08-03 15:00")
        once, twice = team.live(), team.live(ticks=[at for at in hours(FIRST, LAST) for _ in range(2)])
        self.assertEqual((once.episodes, once.messages, once.rewards), (twice.episodes, twice.messages, twice.rewards))
        self.assertGreater(len(once.messages), 2)

    def test_are_written_as_csv(self):
        team = Team()
        team.report("P", "08-03 15:00")
        with tempfile.TemporaryDirectory() as folder:
            team.write(folder)
            out = os.path.join(folder, "out")
            subprocess.run([sys.executable, os.path.join(HERE, "rhythm.py"), folder, "--from", "2026-08-03", "--to", "2026-08-14", "--out", out],
                           check=True, capture_output=True)
            with open(os.path.join(out, "reminder_episode.csv"), encoding="utf-8") as file:
                self.assertIn("P,Name of P,2026-08-03,2026-08-11T09:00:00+08:00,2026-08-13T09:00:00+08:00,", file.read())
        self.assertEqual(midnight(FIRST).tzinfo, SHANGHAI)


if __name__ == "__main__":
    unittest.main()
