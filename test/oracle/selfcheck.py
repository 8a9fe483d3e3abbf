#!/usr/bin/env python3
"""Holds the calculation against cases worked out by hand, and compare.py against mistakes.

    python3 test/oracle/selfcheck.py
    python3 test/oracle/selfcheck.py -v

A small company is written as CSV files, with the byte order mark and line ends of
the plant's, and valued; the expected numbers stand in the tests with their reckoning.
Nothing is read from outside a temporary folder, and no database is needed.
"""
import csv
import datetime as dt
import os
import subprocess
import sys
import tempfile
import unittest
from fractions import Fraction as F

sys.dont_write_bytecode = True
from calculation import Calculation, elapsed, light    # noqa: E402
from curve import Curve                                # noqa: E402
from exact import number, rounded, shown               # noqa: E402
from plant import HEADERS, TWICE, Plant                # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
AS_OF = dt.date(2026, 9, 18)


class Company:
    """Three departments, a closed and an active quarter; goals and check-ins are added by the tests."""

    def __init__(self):
        self.rows = {name: [] for name in HEADERS}
        self.rows["部门"] = [("K", "Company", ""), ("KA", "Turning, milling", "K"), ("KB", "Assembly", "K")]
        self.rows["周期"] = [("2026", "年", "", "2026-01-01", "2026-12-31", "active"),
                           ("2026Q2", "季", "2026", "2026-04-01", "2026-06-30", "closed"),
                           ("2026Q3", "季", "2026", "2026-07-01", "2026-09-30", "active")]
        self.indicator("RATE", "value", "linear(0:0, 100:100)", "100")
        self.indicator("SALES", "attainment", "linear(0:0, 100:100, 120:120)", "120")
        self.indicator("DONE", "progress", "step(0:0, 80:60, 100:100)", "100")
        self.indicator("SAFE", "value", "step(0:100, 1:60, 2:veto)", "100")

    def indicator(self, code, basis, curve, cap):
        self.rows["指标"].append((code, "Output,\r\nper line", "", "", basis, "last", curve, cap))

    def hire(self, no, department, hired="2020-01-01", left=""):
        self.rows["员工"].append((no, f"Name of {no}", department, "", "", hired, left))

    def move(self, no, department, on):
        self.rows["调动"].append((no, department, "", on))

    def goal(self, no, owner, department, kind="KPI", indicator="RATE", weight="100", parent="", contribution="", baseline="", target="",
             starts="", due="", state="active", cycle="2026Q3"):
        first, last = {"2026Q2": ("2026-04-01", "2026-06-30"), "2026Q3": ("2026-07-01", "2026-09-30")}[cycle]
        self.rows["目标"].append((no, cycle, parent, owner, department, kind, 'A "title", with marks', indicator, weight, contribution, baseline,
                                target, starts or first, due or last, state))

    def check(self, goal, actual="", progress="", by=None, at="2026-09-18T23:59:59+08:00"):
        owner = next(r[3] for r in self.rows["目标"] if r[0] == goal)
        no = f"C{len(self.rows['打卡']):04d}"
        self.rows["打卡"].append((no, at, by or owner, goal, actual, progress, "", "", ""))

    def postpone(self, goal, old, new, at):
        self.rows["延期"].append((goal, old, new, "late\r\nparts", at))

    def write(self, folder):
        os.makedirs(os.path.join(folder, "gb18030"), exist_ok=True)
        for name, header in HEADERS.items():
            for path, encoding in [(f"{name}.csv", "utf-8-sig")] + [(f"gb18030/{name}.csv", "gb18030")] * (name in TWICE):
                with open(os.path.join(folder, path), "w", encoding=encoding, newline="") as file:
                    csv.writer(file, lineterminator="\r\n").writerows([header.split(",")] + self.rows[name])

    def calculate(self, as_of=AS_OF):
        with tempfile.TemporaryDirectory() as folder:
            self.write(folder)
            return Calculation(Plant(folder), as_of)


class Reckoning(unittest.TestCase):
    def status(self, company, goal, as_of=AS_OF):
        calc = company.calculate(as_of)
        return calc.status(calc.plant.goals[goal])

    def card(self, company, no, cycle="2026Q3", as_of=AS_OF):
        calc = company.calculate(as_of)
        return calc.card(calc.plant.employees[no], calc.plant.cycles[cycle])

    def one(self, **goal):
        company = Company()
        company.hire("P1", "KA")
        company.goal("G1", "P1", "KA", **goal)
        return company

    # numbers ---------------------------------------------------------------------------------------------------------
    def test_rounding_is_half_away_from_zero(self):
        for value, text in (("2.345", "2.35"), ("-2.345", "-2.35"), ("0.005", "0.01"), ("-0.004", "0.00"), ("7", "7.00")):
            self.assertEqual(shown(number(value), 2), text)
        self.assertEqual(shown(None, 2), "")
        self.assertEqual(rounded(F(2, 3), 6), F(666667, 1000000))

    def test_only_plain_decimals_are_numbers(self):
        for text in ("1/3", "1e3", "NaN", "1_000", " 1", "１", "Infinity"):
            with self.assertRaises(ValueError, msg=text):
                number(text)

    def test_curves(self):
        linear, deduct = "linear(80:60, 100:100, 120:120)", "deduct(full 20, above 2, 5 per 1, floor 0)"
        prorata = "deduct(full 100, below 88, 4 per 1, floor 0, prorata)"
        rising, falling = "step(0:0, 80:60, 100:100)", "step(30:120, 40:100, 90:0)"
        for text, x, points in ((linear, "79", "60"), (linear, "90", "80"), (linear, "110", "110"), (linear, "125", "120"),
                                (deduct, "2", "20"), (deduct, "2.1", "15"), (deduct, "5", "5"), (deduct, "9", "0"),
                                (prorata, "86.5", "94"), (prorata, "90", "100"), (prorata, "10", "0"),
                                (rising, "-5", "0"), (rising, "79.999", "0"), (rising, "80", "60"), (rising, "100", "100"), (rising, "500", "100"),
                                (falling, "1", "120"), (falling, "30", "120"), (falling, "30.1", "100"), (falling, "40", "100"),
                                (falling, "90", "0"), (falling, "91", "0"), ("linear(0:0, 3:1)", "2", "0.666667")):
            self.assertEqual(Curve(text).points(number(x)), number(points), f"{text} at {x}")

    def test_the_better_tile_owns_the_edge_of_a_veto(self):
        curve = Curve("step(0:100, 1:60, 2:veto)")
        self.assertEqual([curve.is_veto(number(x)) for x in ("0", "1", "1.01", "2", "3")], [False, False, True, True, True])
        curve = Curve("step(0:veto, 60:50, 90:100)")
        self.assertEqual([curve.is_veto(number(x)) for x in ("-1", "59.9", "60")], [True, True, False])

    def test_curves_that_contradict_themselves_are_refused(self):
        for text in ("linear(1:0, 1:5)", "step(0:0, 1:5, 2:3)", "linear(0:veto, 1:1)", "deduct(full 10)", "spline(0:0)", "linear(0)"):
            with self.assertRaises(ValueError, msg=text):
                Curve(text)

    def test_expected_counts_both_ends(self):
        first, last = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
        days = {dt.date(2025, 12, 31): F(0), first: F(1, 90), dt.date(2026, 2, 14): F(1, 2), last: F(1), dt.date(2026, 5, 1): F(1)}
        for day, share in days.items():
            self.assertEqual(elapsed(first, last, day), share)

    def test_light(self):
        for p, e, name in (("0.05", "0.10", "red"), ("0.4", "0.5", "yellow"), ("0.75", "0.9", "yellow"), ("0.5", "0.5", "green"),
                           ("1", "0", "green"), ("0.9999994", "0.05", "grey"), ("0.9999995", "0.05", "green"), ("0", "0.099999", "grey"),
                           (None, "0.499999", "grey"), (None, "0.5", "red"), ("0.95", "1", "green"), ("0.949999", "1", "yellow"),
                           ("0.75", "1", "yellow"), ("0.749999", "1", "red"), ("0.080001", "0.1", "green"), ("0.08", "0.1", "yellow"),
                           ("-0.5", "0.6", "red")):
            self.assertEqual(light(number(p), number(e)), name, f"{p} against {e}")

    # goals -----------------------------------------------------------------------------------------------------------
    def test_the_newest_value_up_to_the_end_of_the_day_counts(self):
        company = self.one(target="200")
        company.check("G1", actual="50", at="2026-09-01T08:00:00+08:00")
        company.check("G1", actual="80", at="2026-09-18T23:59:59+08:00")
        company.check("G1", actual="70", at="2026-09-18T23:59:59+08:00")
        company.check("G1", at="2026-09-18T23:59:59+08:00")
        company.check("G1", actual="190", at="2026-09-18T16:00:00+00:00")
        self.assertEqual(self.status(company, "G1").progress, F(70, 200))

    def test_progress_runs_from_the_baseline_in_both_directions(self):
        company = self.one(baseline="80", target="50")
        company.check("G1", actual="56")
        self.assertEqual(self.status(company, "G1").progress, F(24, 30))

    def test_bases_of_an_indicator(self):
        for indicator, x, points in (("RATE", 120, 100), ("SALES", 80, 80), ("DONE", 40, 0)):
            company = self.one(indicator=indicator, baseline="110", target="150" if indicator != "DONE" else "135")
            company.check("G1", actual="120")
            s = self.status(company, "G1")
            self.assertEqual((s.x, s.score), (x, points), indicator)

    def test_a_reported_progress_gives_no_attainment(self):
        company = self.one(indicator="SALES", target="100")
        company.check("G1", progress="0.7")
        s = self.status(company, "G1")
        self.assertEqual((s.progress, s.score), (F(7, 10), None))

    def test_a_value_indicator_needs_no_target(self):
        company = self.one()
        company.check("G1", actual="66")
        s = self.status(company, "G1")
        self.assertEqual((s.progress, s.score), (None, 66))

    def test_caps_of_goals_without_a_curve(self):
        for kind, points in (("KPI", 120), ("关键结果", 100), ("目标", 100)):
            company = self.one(kind=kind, indicator="", target="10")
            company.check("G1", actual="13")
            s = self.status(company, "G1")
            self.assertEqual((s.progress, s.score), (F(13, 10), points), kind)
        company = self.one(indicator="", target="10")
        company.check("G1", actual="-3")
        self.assertEqual(self.status(company, "G1").score, 0)

    def test_caps_of_an_indicator(self):
        company = self.one(indicator="TOP", baseline="0", target="100")
        company.indicator("TOP", "value", "linear(-100:-50, 200:200)", "110")
        for actual, points, counted in (("50", 75, F(1, 2)), ("105", 110, F(105, 100)), ("130", 110, F(11, 10)), ("-90", 0, 0)):
            company.check("G1", actual=actual)
            calc = company.calculate()
            s = calc.status(calc.plant.goals["G1"])
            self.assertEqual((s.score, calc.counted(s)), (points, counted), actual)

    def test_milestones(self):
        for state, due, report, expected in (("active", "2026-09-19", None, (0, 0, "grey")), ("active", "2026-09-18", None, (0, 1, "red")),
                                             ("active", "2026-09-19", "0.9", (0, 0, "grey")), ("active", "2026-09-18", "1", (1, 1, "green")),
                                             ("done", "2026-09-10", "0.4", (1, 1, "green"))):
            company = self.one(kind="里程碑", indicator="", due=due, state=state)
            if report:
                company.check("G1", progress=report)
            s = self.status(company, "G1")
            self.assertEqual((s.progress, s.expected, s.light), expected, (state, due, report))

    def test_a_postponement_counts_from_the_day_it_was_recorded(self):
        company = self.one(kind="里程碑", indicator="", due="2026-09-10")
        company.postpone("G1", "2026-09-10", "2026-09-17", "2026-09-09T10:00:00+08:00")
        company.postpone("G1", "2026-09-17", "2026-09-25", "2026-09-17T10:00:00+08:00")
        for day, due in ((8, 10), (9, 17), (16, 17), (17, 25)):
            calc = company.calculate(dt.date(2026, 9, day))
            self.assertEqual(calc.plant.goals["G1"].due_on(calc.as_of), dt.date(2026, 9, due))
        company.postpone("G1", "2026-09-10", "2026-09-26", "2026-09-18T10:00:00+08:00")
        with self.assertRaises(ValueError):
            company.calculate()

    def test_expected_progress_begins_with_the_hiring(self):
        company = Company()
        company.hire("P1", "KA", hired="2026-09-01")
        company.goal("G1", "P1", "KA")
        self.assertEqual(self.status(company, "G1").expected, F(18, 30))

    def test_more_than_seven_silent_days_are_not_green(self):
        for day, silent, name in ((11, 7, "green"), (10, 8, "yellow")):
            company = self.one(target="100")
            company.check("G1", actual="99", at=f"2026-09-{day}T00:00:00+08:00")
            company.check("G1", actual="99", by="P2", at="2026-09-18T08:00:00+08:00")
            s = self.status(company, "G1")
            self.assertEqual((s.silent_days, s.light), (silent, name))
        company = self.one(target="100", state="done")
        company.check("G1", actual="99", at="2026-08-01T08:00:00+08:00")
        self.assertEqual(self.status(company, "G1").light, "green")

    def test_a_check_in_without_a_value_ends_the_silence(self):
        company = self.one(target="100")
        company.check("G1", actual="99", at="2026-09-01T08:00:00+08:00")
        company.check("G1", at="2026-09-12T08:00:00+08:00")
        s = self.status(company, "G1")
        self.assertEqual((s.silent_days, s.light), (6, "green"))

    def test_a_closed_cycle_is_valued_at_its_own_end(self):
        company = self.one(target="100", cycle="2026Q2")
        company.check("G1", actual="99", at="2026-05-01T08:00:00+08:00")
        company.check("G1", actual="40", at="2026-07-02T00:00:00+08:00")
        s = self.status(company, "G1")
        self.assertEqual((s.progress, s.expected, s.light, s.silent_days), (F(99, 100), 1, "green", None))

    def family(self, kinds, reports, **objective):
        """An objective of P1 with children; key results are P1's, all others P2's."""
        company = Company()
        company.hire("P1", "KA")
        company.hire("P2", "KB")
        company.goal("O", "P1", "KA", kind="目标", indicator="", **objective)
        for n, ((kind, weight, contribution, state), report) in enumerate(zip(kinds, reports)):
            owner = ("P1", "KA") if kind == "关键结果" else ("P2", "KB")
            company.goal(f"C{n}", *owner, kind=kind, indicator="", weight=weight, contribution=contribution, parent="O", target="100", state=state)
            if report:
                company.check(f"C{n}", actual=report)
        return company

    def test_key_results_count_by_weight_and_alone(self):
        kinds = [("关键结果", "50", "", "active"), ("关键结果", "30", "", "active"), ("关键结果", "20", "", "active"),
                 ("关键结果", "20", "", "cancelled"), ("KPI", "100", "90", "active")]
        s = self.status(self.family(kinds, ["130", None, "-40", "100", "100"]), "O")
        # progress (50 x 1 + 30 x 0 + 20 x 0) / 100; score (50 x 100 + 20 x 0) / 70, the unreported one left out
        self.assertEqual((s.progress, s.score), (F(1, 2), F(5000, 70)))

    def test_without_key_results_all_children_count_by_contribution(self):
        kinds = [("KPI", "60", "3", "active"), ("KPI", "40", "", "done"), ("关键结果", "20", "9", "draft"), ("KPI", "20", "", "cancelled")]
        s = self.status(self.family(kinds, ["130", "60", "100", "100"]), "O")
        # (3 x 1.2 + 1 x 0.6) / 4; (3 x 120 + 1 x 60) / 4
        self.assertEqual((s.progress, s.score), (F(42, 40), F(105)))

    def test_an_objective_of_which_nothing_is_reported_is_unknown(self):
        s = self.status(self.family([("KPI", "60", "", "active"), ("KPI", "40", "", "active")], [None, None]), "O")
        self.assertEqual((s.progress, s.score, s.light), (None, None, "red"))

    def test_an_objective_without_live_children_takes_its_own_measure(self):
        company = self.family([("关键结果", "100", "", "cancelled")], ["100"])
        company.check("O", progress="0.4")
        s = self.status(company, "O")
        self.assertEqual((s.progress, s.score), (F(4, 10), 40))

    def test_red_and_yellow_below_reach_all_levels(self):
        company = self.family([("目标", "50", "", "active"), ("KPI", "50", "", "active")], [None, "70"])
        company.goal("C00", "P2", "KB", kind="关键结果", indicator="", parent="C0", target="100")
        company.check("C00", actual="5")
        calc = company.calculate()
        self.assertEqual(calc.counts(calc.below(calc.plant.goals["O"])), [3, 2, 1, 0])

    def test_goals_in_a_circle_are_refused(self):
        company = Company()
        company.hire("P1", "KA")
        company.goal("G1", "P1", "KA", kind="目标", indicator="", parent="G2")
        company.goal("G2", "P1", "KA", kind="目标", indicator="", parent="G1")
        with self.assertRaises(ValueError):
            self.status(company, "G1")

    # people ----------------------------------------------------------------------------------------------------------
    def person(self, goals, **more):
        """P1 with roots of (weight, actual) on RATE: the actual is the score."""
        company = Company()
        company.hire("P1", "KA", **more)
        for n, (weight, actual) in enumerate(goals):
            company.goal(f"G{n}", "P1", "KA", weight=weight, target="100")
            if actual is not None:
                company.check(f"G{n}", actual=actual)
        return company

    def test_missing_scores_renormalise(self):
        card = self.card(self.person([("50", "90"), ("30", None), ("20", "80")]), "P1")
        self.assertEqual((shown(card.score, 6), card.coverage), ("87.142857", F(7, 10)))
        self.assertEqual(card.progress, F(61, 100))            # not reported is 0 there

    def test_coverage_decides_at_six_tenths(self):
        self.assertEqual(self.card(self.person([("60", "90"), ("40", None)]), "P1").score, 90)
        card = self.card(self.person([("59.99", "90"), ("40.01", None)]), "P1")
        self.assertEqual((card.score, card.coverage), (None, F(5999, 10000)))

    def test_weight_zero_is_shown_and_not_counted(self):
        card = self.card(self.person([("100", "90"), ("0", "10")]), "P1")
        self.assertEqual((card.score, card.coverage, len(card.goals)), (90, 1, 2))

    def test_a_veto_takes_the_whole_total(self):
        company = self.person([("80", "90")])
        company.goal("V", "P1", "KA", indicator="SAFE", weight="20", target="3", baseline="9")
        company.check("V", actual="2")                         # the target is met, yet two are a veto
        card = self.card(company, "P1")
        self.assertEqual((card.score, card.unvetoed, [g.no for g in card.vetoes]), (0, 72, ["V"]))
        self.assertEqual(self.status(company, "V").light, "red")
        company.rows["打卡"].pop()
        company.check("V", actual="1")
        self.assertEqual(self.card(company, "P1").score, 84)   # 0.8 x 90 + 0.2 x 60

    def test_a_veto_of_a_key_result_takes_the_total_of_its_owner_alone(self):
        company = Company()
        company.hire("P1", "KA")
        company.hire("P2", "KA")
        company.goal("T", "P2", "KA", kind="目标", indicator="")
        company.goal("O", "P1", "KA", kind="目标", indicator="", parent="T")
        company.goal("V", "P1", "KA", kind="关键结果", indicator="SAFE", weight="50", parent="O", baseline="1", target="0")
        company.goal("R", "P1", "KA", kind="关键结果", weight="50", parent="O", target="100")
        company.check("V", actual="3")
        company.check("R", actual="70")
        self.assertEqual(self.card(company, "P1").score, 0)
        self.assertEqual(self.card(company, "P2").score, 35)   # the objective's own mean: (0 + 70) / 2

    def moved(self):
        """61 days in KA at 80, then 31 days in KB at 95; valued after the quarter."""
        company = Company()
        company.hire("P1", "KA")
        company.move("P1", "KB", "2026-08-31")
        company.goal("A", "P1", "KA", target="100")
        company.goal("B", "P1", "KB", target="100")
        company.check("A", actual="80")
        company.check("B", actual="95")
        return company

    def test_groups_of_two_departments_count_by_days(self):
        card = self.card(self.moved(), "P1", as_of=dt.date(2026, 10, 5))
        self.assertEqual([g.days for g in card.groups], [61, 31])
        self.assertEqual(shown(card.score, 4), "85.0543")
        card = self.card(self.moved(), "P1", as_of=dt.date(2026, 9, 10))
        self.assertEqual(([g.days for g in card.groups], card.coverage), ([61, 11], 0))

    def test_coverage_of_two_departments_counts_by_days(self):
        company = self.moved()
        company.rows["打卡"].pop()
        card = self.card(company, "P1", as_of=dt.date(2026, 10, 5))
        self.assertEqual((card.coverage, card.score), (F(61, 92), 80))

    def test_people_count_in_a_department_by_days(self):
        company = self.moved()
        company.hire("P2", "KB", hired="2026-09-01")
        company.hire("P3", "KB", left="2026-09-10")
        company.goal("C", "P2", "KB", target="100")
        company.check("C", actual="50")
        calc = company.calculate(dt.date(2026, 10, 5))
        cycle = calc.plant.cycles["2026Q3"]
        views = {code: calc.overview(d, cycle, calc.cards(cycle)) for code, d in calc.plant.departments.items()}
        p1 = F(61 * 80 + 31 * 95, 92)
        self.assertEqual(views["KA"].score, p1)
        self.assertEqual(views["KB"].score, (31 * p1 + 30 * 50) / 61)
        self.assertEqual(views["K"].score, (92 * p1 + 30 * 50) / 122)
        self.assertEqual([views[c].headcount for c in ("K", "KA", "KB")], [2, 0, 2])
        self.assertEqual(views["KB"].progress, (F(95, 100) + F(50, 100)) / 2)
        self.assertEqual(calc.counts(views["K"].goals), [3, 1, 1, 1])

    def test_without_a_day_in_any_department_the_groups_count_alike(self):
        company = self.moved()
        company.rows["员工"][0] = ("P1", "Name", "K", "", "", "2020-01-01", "")
        company.rows["调动"] = []
        self.assertEqual(self.card(company, "P1").score, F(80 + 95, 2))

    def test_the_last_day_employed_counts(self):
        company = self.person([("100", "90")], left="2026-09-10")
        for day, headcount in ((10, 1), (11, 0)):
            calc = company.calculate(dt.date(2026, 9, day))
            cycle = calc.plant.cycles["2026Q3"]
            view = calc.overview(calc.plant.departments["KA"], cycle, calc.cards(cycle))
            self.assertEqual((view.headcount, [days for _, days in view.members]), (headcount, [72]))

    def test_a_root_is_one_within_its_cycle(self):
        company = self.family([("关键结果", "100", "", "active")], ["60"], cycle="2026Q2")
        self.assertEqual([g.no for g in self.card(company, "P1").roots], ["C0"])
        self.assertEqual([g.no for g in self.card(company, "P1", "2026Q2").roots], ["O"])

    def test_drafts_and_cancelled_goals_count_nowhere(self):
        company = self.person([("100", "90")])
        company.goal("D", "P1", "KA", state="draft", target="100")
        company.goal("X", "P1", "KA", state="cancelled", target="100")
        company.check("X", actual="1")
        card = self.card(company, "P1")
        self.assertEqual((card.score, card.coverage, len(card.goals)), (90, 1, 1))

    # files -----------------------------------------------------------------------------------------------------------
    def test_a_copy_that_differs_is_refused(self):
        company = self.one()
        with tempfile.TemporaryDirectory() as folder:
            company.write(folder)
            Plant(folder)
            path = os.path.join(folder, "gb18030", "目标.csv")
            with open(path, encoding="gb18030", newline="") as file:
                text = file.read()
            with open(path, "w", encoding="gb18030", newline="") as file:
                file.write(text.replace("2026-07-01", "2026-07-02"))
            with self.assertRaises(ValueError):
                Plant(folder)


class Comparing(unittest.TestCase):
    """The whole way: files, scorecard.py, compare.py, its output and exit status."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        company = Company()
        company.hire("P1", "KA")
        company.hire("P2", "KB")
        for no, owner, department in (("G1", "P1", "KA"), ("G2", "P2", "KB")):
            company.goal(no, owner, department, target="100")
        company.check("G1", actual="66.6")
        company.write(self.path("data"))
        self.run_script("scorecard.py", self.path("data"), "--out", self.path("out"))
        self.export = {}
        for view in ("goal_status", "employee_scorecard", "department_overview"):
            with open(self.path("out", f"{view}.csv"), encoding="utf-8", newline="") as file:
                self.export[view] = list(csv.DictReader(file))

    def path(self, *parts):
        return os.path.join(self.folder.name, *parts)

    def run_script(self, script, *arguments, given=None):
        return subprocess.run([sys.executable, os.path.join(HERE, script), *arguments], input=given, capture_output=True, encoding="utf-8")

    def compare(self, *arguments):
        lines = []
        for rows in self.export.values():
            if rows:
                lines += [",".join(rows[0])] + [",".join(row.values()) for row in rows]
        return self.run_script("compare.py", self.path("out"), *arguments, given="\n".join(lines) + "\n")

    def assert_refused(self, words, *arguments):
        result = self.compare(*arguments)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn(words, result.stdout)

    def test_equal_tables_pass(self):
        result = self.compare()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("all: 7 of 7 rows compared, 0 differences", result.stdout)

    def test_the_same_number_written_otherwise_passes(self):
        self.export["employee_scorecard"][0]["score"] = "66.6"
        self.assertEqual(self.compare().returncode, 0)

    def test_each_difference_is_named_with_both_values(self):
        for view, column, value, words in (
                ("employee_scorecard", "score", "66.61", "employee_scorecard P1 2026Q3 score: calculated 66.60, database 66.61"),
                ("employee_scorecard", "score", "", "employee_scorecard P1 2026Q3 score: calculated 66.60, database NULL"),
                ("employee_scorecard", "score", "NaN", "database NaN"),
                ("goal_status", "light", "green", "goal_status G1 light: calculated yellow, database green"),
                ("goal_status", "progress", "0.666001", "goal_status G1 progress: calculated 0.666000, database 0.666001"),
                ("goal_status", "silent_days", "1", "goal_status G1 silent_days: calculated 0, database 1"),
                ("department_overview", "headcount", "3", "department_overview K 2026Q3 headcount: calculated 2, database 3")):
            row = self.export[view][0]
            kept, row[column] = row[column], value
            self.assert_refused(words)
            row[column] = kept

    def test_a_value_where_none_was_calculated_is_a_difference(self):
        self.export["employee_scorecard"][1]["score"] = "0.00"
        self.assert_refused("employee_scorecard P2 2026Q3 score: calculated NULL, database 0.00")

    def test_missing_rows_and_views_are_differences(self):
        row = self.export["employee_scorecard"].pop()
        self.assert_refused("employee_scorecard P2 2026Q3: no row in the database")
        self.export["employee_scorecard"].append(row)
        self.export["department_overview"] = []
        self.assert_refused("department_overview: not exported")
        self.assertEqual(self.compare("--only", "goal_status,employee_scorecard").returncode, 0)

    def test_rows_doubled_or_beyond_are_differences(self):
        rows = self.export["employee_scorecard"]
        rows.append(dict(rows[0]))
        self.assert_refused("more than one row")
        rows[-1] = dict(rows[0], employee_no="P9")
        self.assert_refused("employee_scorecard P9 2026Q3: not calculated")
        rows[-1] = dict(rows[0], employee_no="P9", goals="0", score="")
        self.assertEqual(self.compare().returncode, 0)

    def test_a_rank_must_fit_its_light(self):
        for row in self.export["goal_status"]:
            row["light_rank"] = "2"
        self.assert_refused("goal_status G2 light_rank: 2 does not fit red")

    def test_an_unknown_export_is_refused(self):
        self.assertEqual(self.run_script("compare.py", self.path("out"), given="a,b\n1,2\n").returncode, 2)
        self.assertEqual(self.run_script("compare.py", self.path("out"), given="").returncode, 2)


if __name__ == "__main__":
    unittest.main()
