#!/usr/bin/env python3
"""An independent calculation of the scores, straight from the plant's CSV files.

    python3 test/oracle/scorecard.py demo/data --as-of 2026-09-18 --out DIR
    python3 test/oracle/scorecard.py demo/data --explain KS0003 2026Q3

It shares no code, no SQL and no arithmetic with the extension: standard Python,
exact fractions, and the written rules.  What the database shows is compared with
it by compare.py; selfcheck.py holds it against cases worked out by hand.

Written into DIR, one row each, unknown values empty:

    goal_status.csv          goal_no, cycle, progress, expected, light, score, due_on, silent_days, red_below, yellow_below
    employee_scorecard.csv   employee_no, cycle, score, coverage, light, goals, red, yellow, green, progress, expected
    department_overview.csv  department_code, cycle, headcount, score, progress, light, goals, red, yellow, green, expected

Scores of people and departments have 2 places; everything else that is not a
count has 6.  All rounding is half away from zero and happens on writing, except
that a curve gives its points with 6 places and a light compares at 6 places.

Conventions

- A cycle that ended before --as-of is closed.  It is valued at its own end: as of
  the day after its last day, no longer active (so nobody is silent), headcount and
  days in a department up to its last day.  Any other cycle that has begun is active
  and valued as of --as-of.  Cycles without live goals are left out.
- The state of a goal is the one in the file; a goal marked done there counts as
  done on every day.
- Due dates move by the postponements recorded by the end of the day concerned.
- employee_scorecard has the people who own a live goal in the cycle;
  department_overview has every department.

Where the rules leave a doubt, and what is done here

 1. The newest check-in that carries any value is the measure.  Where it carries
    only an actual and the goal has no target, the progress is unknown: an older
    reported progress is not dug out.  An indicator on `value` scores all the same.
 2. Attainment needs an actual and a target; a reported progress does not stand in
    for it, so such a goal has a progress and no score.
 3. A milestone without a report has the progress 0, not "unknown"; it counts as
    reported when its objective rolls up.
 4. An objective whose key results are all drafts or cancelled has none: it rolls up
    the other live children, and without any takes its own measure.
 5. Items whose weights total 0 have no mean: unknown.
 6. The cap of an indicator in points / 100 caps the progress of a KPI only; key
    results, objectives and milestones are capped at 1 whatever their indicator.
 7. A key result under another owner's objective is still one of its key results,
    and a root of its own owner.
 8. A KPI, key result or milestone with children takes its own measure.
 9. A child in another cycle counts with the value of its own cycle's day.
10. The veto of a curve is that of the goal's own measure; an objective that rolls
    up has none of its own.  The owner of the vetoed goal loses the total, be the
    goal a root or a key result; objectives above keep the 0 of that item.
11. A veto makes the total 0 even where the coverage is too small for a total.
12. A veto colours the goal, not the person: a person's light is that of progress
    against expected progress.
13. Roots in two departments: score and coverage are each the mean of the
    departments' groups by the days assigned to exactly that department.  A group
    without a scored root is left out of the score; the 0.6 applies to the mean
    coverage.  If none of the departments has a day, the groups count alike.
14. Progress and light of a person go by the weights of all roots, without days.
15. The ratio of a light is taken of the two values rounded to 6 places and compared
    exactly with the thresholds.
16. Silence is told (silent_days) only of goals that it can colour: active, in an
    active cycle, measured by themselves.  Any check-in of the owner on the goal ends
    it, also one without a value.  The hiring day plays no part.
17. red_below and yellow_below count live goals only, also those below a goal that
    is not live.
18. A goal due before its owner was hired is expected 0 before the due date, 1 from
    it on.
"""
import argparse
import csv
import datetime as dt
import os
import sys

sys.dont_write_bytecode = True
from calculation import LIGHTS, Calculation    # noqa: E402
from exact import shown                        # noqa: E402
from explain import explain                    # noqa: E402
from plant import Plant                        # noqa: E402

TABLES = {
    "goal_status": ("goal_no", "cycle", "progress", "expected", "light", "score", "due_on", "silent_days", "red_below", "yellow_below"),
    "employee_scorecard": ("employee_no", "cycle", "score", "coverage", "light", "goals", "red", "yellow", "green", "progress", "expected"),
    "department_overview": ("department_code", "cycle", "headcount", "score", "progress", "light", "goals", "red", "yellow", "green",
                            "expected"),
}


def goal_rows(calc):
    for cycle in calc.cycles:
        for goal in sorted(calc.live(cycle), key=lambda g: g.no):
            s = calc.status(goal)
            _, red, yellow, _ = calc.counts(calc.below(goal))
            yield (goal.no, cycle.code, shown(s.progress, 6), shown(s.expected, 6), s.light, shown(s.score, 6),
                   goal.due_on(calc.day_of(cycle)), s.silent_days, red, yellow)


def employee_row(calc, card):
    return (card.employee.no, card.cycle.code, shown(card.score, 2), shown(card.coverage, 6), card.light, *calc.counts(card.goals),
            shown(card.progress, 6), shown(card.expected, 6))


def department_row(calc, view):
    return (view.department.code, view.cycle.code, view.headcount, shown(view.score, 2), shown(view.progress, 6), view.light,
            *calc.counts(view.goals), shown(view.expected, 6))


def write(folder, name, rows):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{name}.csv"), "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(TABLES[name])
        out.writerows(rows)


def summary(calc, cards, views):
    """One line a cycle and kind: how many, how many with a score, which lights."""
    def lights(names):
        names = list(names)
        return ", ".join(f"{names.count(name)} {name}" for name in LIGHTS)

    for cycle in calc.cycles:
        people, goals = cards[cycle.code], [calc.status(g) for g in calc.live(cycle)]
        scored = [c for c in people if c.score is not None]
        print(f"{cycle.code} as of {calc.day_of(cycle)} ({'active' if calc.is_active(cycle) else 'closed'})")
        print(f"  goals        {len(goals):5d}, {sum(s.score is not None for s in goals):5d} scored: {lights(s.light for s in goals)}")
        print(f"  people       {len(people):5d}, {len(scored):5d} scored: {lights(c.light for c in people)};"
              f" {sum(bool(c.vetoes) for c in people)} vetoed")
        shows = [v for v in views[cycle.code] if v.roots]
        print(f"  departments  {len(shows):5d}, {sum(v.score is not None for v in shows):5d} scored: {lights(v.light for v in shows)}")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("datadir")
    ap.add_argument("--as-of", type=dt.date.fromisoformat, default=dt.date(2026, 9, 18), help="default: %(default)s")
    ap.add_argument("--out", help="write the three tables into this folder")
    ap.add_argument("--explain", nargs=2, action="append", default=[], metavar=("EMPLOYEE_NO", "CYCLE"),
                    help="print a person's calculation step by step (may be repeated)")
    a = ap.parse_args()
    calc = Calculation(Plant(a.datadir), a.as_of)
    cycles = {c.code: c for c in calc.cycles}
    if a.explain:
        for no, code in a.explain:
            if no not in calc.plant.employees or code not in cycles:
                ap.error(f"no scorecard of {no} in {code}")
            print("\n".join(explain(calc, calc.card(calc.plant.employees[no], cycles[code]))))
        return
    cards = {code: calc.cards(cycle) for code, cycle in cycles.items()}
    views = {code: [calc.overview(d, cycle, cards[code]) for d in calc.plant.departments.values()] for code, cycle in cycles.items()}
    if a.out:
        write(a.out, "goal_status", goal_rows(calc))
        write(a.out, "employee_scorecard", (employee_row(calc, c) for cs in cards.values() for c in cs))
        write(a.out, "department_overview", (department_row(calc, v) for vs in views.values() for v in vs))
    summary(calc, cards, views)


if __name__ == "__main__":
    main()
