"""The links of the plant judged straight from the CSV files: who lags, and how much departments need each other.

Rests on calculation.py for progress and lights; what is added here are forecasts,
delays along links, lagging and the heat map, in exact fractions.

- A goal that is active and reports progress by check-ins is forecast from its pace:
  the median of the slopes between any two of its days, the day before its first day
  at 0 among them, several reports of one day averaged.  At that pace the rest takes
  so many whole days from today; not known where it would take more than 3650.
- A goal cannot be finished before the latest of the goals that it needs, plus the
  buffer.  What is done neither waits nor keeps waiting.  A goal without forecast is
  finished when it is due.
"""
import csv
import datetime as dt
import os
from fractions import Fraction
from itertools import combinations

from exact import ceiling, mean, number, rounded
from plant import DAY

HEADER = "目标编号,依赖目标编号,类型,强度,缓冲天数".split(",")
ZERO, ONE = Fraction(0), Fraction(1)


class Link:
    def __init__(self, row, plant):
        self.goal, self.needed = plant.goals[row["目标编号"]], plant.goals[row["依赖目标编号"]]
        self.requires = row["类型"] == "requires"
        self.strength, self.buffer = number(row["强度"]), int(row["缓冲天数"])
        if row["类型"] not in ("requires", "relates") or not 0 <= self.strength <= 1:
            raise ValueError(f"{self.goal.no} -> {self.needed.no}: malformed")


def read(folder, plant):
    with open(os.path.join(folder, "关联.csv"), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, strict=True))
    if rows[0] != HEADER:
        raise ValueError("关联.csv: the header is not the one expected")
    return [Link(dict(zip(HEADER, row, strict=True)), plant) for row in rows[1:]]


class Judgement:
    """The live links of kind requires, on the day of each goal's cycle."""

    def __init__(self, calculation, links):
        self.calculation = calculation
        self.links = [k for k in links if k.requires and k.goal.is_live and k.needed.is_live]
        self._finish = {}

    def day(self, goal):
        return self.calculation.day_of(goal.cycle)

    def due(self, goal):
        return goal.due_on(self.day(goal))

    def is_done(self, goal):
        progress = self.calculation.status(goal).progress
        return goal.state == "done" or progress is not None and rounded(progress, 6) >= 1

    def own_forecast(self, goal):
        if goal.state != "active" or self.is_done(goal):
            return None
        if self.calculation.items(goal):
            raise ValueError(f"{goal.no} rolls up, which no linked goal of these files does")
        day, by_day, newest = self.day(goal), {goal.starts_on - DAY: [ZERO]}, None
        for c in goal.check_ins:
            if c.at.date() > day or c.actual is None and c.progress is None:
                continue
            newest = c.progress
            if c.actual is not None and goal.target is not None:
                start = goal.baseline or ZERO
                newest = (c.actual - start) / (goal.target - start)
            if newest is not None:
                by_day.setdefault(c.at.date(), []).append(newest)
        if newest is None or newest >= 1:
            return None
        points = [(d, mean((v, 1) for v in values)) for d, values in by_day.items()]
        slopes = sorted((q - p) / (e - d).days for (d, p), (e, q) in combinations(points, 2))
        if not slopes:
            return None
        half = len(slopes) // 2
        pace = slopes[half] if len(slopes) % 2 else (slopes[half - 1] + slopes[half]) / 2
        rest = ONE - newest
        if pace <= 0 or rest > 3650 * pace:
            return None
        return day + dt.timedelta(days=ceiling(rest / pace))

    def forecast(self, goal):
        """With what is needed taken into account."""
        if goal.no in self._finish:
            return self._finish[goal.no]
        own = self.own_forecast(goal)
        finish = own or self.due(goal)
        pushed = [self.finish(k.needed) + dt.timedelta(days=k.buffer)
                  for k in self.links if k.goal is goal and not self.is_done(goal) and not self.is_done(k.needed)]
        latest = max(pushed, default=None)
        self._finish[goal.no] = latest if latest is not None and latest > finish else own
        return self._finish[goal.no]

    def finish(self, goal):
        return self.forecast(goal) or self.due(goal)

    def lags(self, goal):
        status, due, forecast = self.calculation.status(goal), self.due(goal), self.forecast(goal)
        overdue = goal.kind == "milestone" and self.day(goal) > due and status.progress < 1
        return status.light == "red" or overdue or forecast is not None and forecast > due

    def cause(self, link):
        """upstream, downstream, both, or None where neither side lags."""
        return {(False, False): None, (True, False): "downstream", (False, True): "upstream",
                (True, True): "both"}[self.lags(link.goal), self.lags(link.needed)]

    def slack(self, link):
        if self.is_done(link.goal) or self.is_done(link.needed):
            return None
        return (self.due(link.goal) - dt.timedelta(days=link.buffer) - max(self.due(link.needed), self.finish(link.needed))).days

    def heatmap(self):
        """{(from code, to code, cycle): (strength, links, lagging, mean slack, risk)}, rounded as shown."""
        out = {}
        cells = {}
        for link in self.links:
            if link.goal.department != link.needed.department:
                cells.setdefault((link.goal.department, link.needed.department, link.goal.cycle.code), []).append(link)
        for (code, to_code, cycle), links in cells.items():
            goals = [g for g in self.calculation.plant.goals.values() if g.is_live and g.cycle.code == cycle and g.department == code]
            total = sum((g.weight for g in goals), ZERO)
            needing = ZERO
            for g in goals:
                free = ONE
                for link in links:
                    if link.goal is g:
                        free *= 1 - link.strength
                needing += g.weight * (1 - free)
            strength = needing / total if total else None
            lagging = sum(self.cause(k) is not None for k in links)
            slacks = [Fraction(s) for s in map(self.slack, links) if s is not None]
            out[code, to_code, cycle] = (
                rounded(strength, 6), len(links), lagging, rounded(mean((s, 1) for s in slacks), 2),
                rounded(strength * lagging / len(links), 6) if strength is not None else None)
        return out
