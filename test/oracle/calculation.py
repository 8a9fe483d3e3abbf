"""The rules: goals, people and departments valued on a day, exactly.

Nothing here rounds but the score of a curve (6 places) and the comparison that
chooses a light (6 places).  The conventions are listed in scorecard.py.
"""
import dataclasses
from fractions import Fraction

from exact import clamp, mean, rounded
from plant import DAY

ZERO, ONE, HUNDRED = Fraction(0), Fraction(1), Fraction(100)
GREEN, YELLOW, GRACE, SLACK = Fraction(95, 100), Fraction(75, 100), Fraction(10, 100), Fraction(2, 100)
SILENT_DAYS = 7
KPI_CAP = Fraction(12, 10)
INDICATOR_CAP = Fraction(120)
MIN_COVERAGE = Fraction(6, 10)
LIGHTS = ("grey", "red", "yellow", "green")


def light(progress, expected):
    """The light of a progress against what was expected, at the default thresholds."""
    p, e = rounded(progress, 6), rounded(expected, 6)
    if p is None:
        return "red" if e is not None and e >= Fraction(1, 2) else "grey"
    if p >= 1:
        return "green"
    if e < GRACE:
        return "grey"
    if e - p < SLACK or p / e >= GREEN:
        return "green"
    return "yellow" if p / e >= YELLOW else "red"


def elapsed(starts_on, ends_on, as_of):
    """The share of an inclusive span of days that is over at the end of a day."""
    return clamp(Fraction((as_of - starts_on).days + 1, (ends_on - starts_on).days + 1), ZERO, ONE)


@dataclasses.dataclass
class Status:
    """A goal on its day.  `x` went into the curve; `items` are the (child, weight) it rolls up from, if any."""
    goal: object
    progress: object = None
    expected: object = None
    light: str = None
    score: object = None
    x: object = None
    veto: bool = False
    actual: object = None
    reported: object = None
    check_in: object = None
    items: tuple = ()
    silent_days: object = None
    silenced: bool = False


@dataclasses.dataclass
class Group:
    """The own roots of a person in one department, and that person's days there."""
    department: str
    roots: list
    days: int
    score: object
    coverage: object


@dataclasses.dataclass
class Card:
    """A person's scorecard; `unvetoed` is the total before a veto."""
    employee: object
    cycle: object
    goals: list
    roots: list
    groups: list
    coverage: object
    unvetoed: object
    vetoes: list
    score: object
    progress: object
    expected: object
    light: str


@dataclasses.dataclass
class Overview:
    department: object
    cycle: object
    goals: list
    roots: list
    headcount: int
    members: list                                     # (card, days)
    score: object
    progress: object
    expected: object
    light: str


class Calculation:
    def __init__(self, plant, as_of):
        self.plant, self.as_of = plant, as_of
        self._status = {}
        used = {g.cycle.code for g in plant.goals.values() if g.is_live}
        self.cycles = sorted((c for c in plant.cycles.values() if c.code in used and c.starts_on <= as_of),
                             key=lambda c: (c.starts_on, c.code))

    # days ----------------------------------------------------------------------------------------------------------
    def is_active(self, cycle):
        return cycle.ends_on >= self.as_of

    def day_of(self, cycle):
        """The day on which a cycle's goals are valued: today, or the day after a cycle that is over."""
        return self.as_of if self.is_active(cycle) else cycle.ends_on + DAY

    def last_day(self, cycle):
        """The last day of a cycle on which people count."""
        return min(self.as_of, cycle.ends_on)

    def days_in(self, employee, cycle, inside):
        """How many days of the cycle the person was assigned to a department for which inside(code) holds."""
        last = self.last_day(cycle)
        count = (last - cycle.starts_on).days + 1
        return sum(inside(employee.department_on(cycle.starts_on + n * DAY)) for n in range(count))

    # goals ---------------------------------------------------------------------------------------------------------
    def live(self, cycle):
        return [g for g in self.plant.goals.values() if g.is_live and g.cycle is cycle]

    def items(self, goal):
        """What an objective rolls up from: (child, weight), key results first, else all live children."""
        if goal.kind != "objective":
            return ()
        children = [c for c in goal.children if c.is_live]
        results = [(c, c.weight) for c in children if c.kind == "key_result"]
        return tuple(results or [(c, ONE if c.contribution is None else c.contribution) for c in children])

    @staticmethod
    def cap(goal):
        """The most that a goal's progress counts for."""
        if goal.kind != "kpi":
            return ONE
        return KPI_CAP if goal.indicator is None or goal.indicator.cap is None else goal.indicator.cap / 100

    def counted(self, status):
        """A progress as it counts one level up: what is not reported is 0."""
        return ZERO if status.progress is None else clamp(status.progress, ZERO, self.cap(status.goal))

    def status(self, goal, above=()):
        if goal.no in self._status:
            return self._status[goal.no]
        if goal in above:
            raise ValueError("goals go round in a circle: " + " -> ".join(g.no for g in above + (goal,)))
        day = self.day_of(goal.cycle)
        s = Status(goal, items=self.items(goal), expected=self.expected(goal, day))
        if s.items:
            self._roll_up(s, above + (goal,))
        else:
            self._measure(s, day)
            self._score(s)
        self._light(s, day)
        self._status[goal.no] = s
        return s

    def _roll_up(self, s, above):
        below = [(self.status(child, above), weight) for child, weight in s.items]
        if any(c.progress is not None for c, _ in below):
            s.progress = mean((self.counted(c), w) for c, w in below)
        s.score = mean((c.score, w) for c, w in below if c.score is not None)

    def _measure(self, s, day):
        """The newest check-in that carries a value; then the goal's progress by it."""
        g = s.goal
        seen = [c for c in g.check_ins if c.at.date() <= day and (c.actual is not None or c.progress is not None)]
        if seen:
            s.check_in, s.actual, s.reported = seen[-1], seen[-1].actual, seen[-1].progress
        if g.kind == "milestone":
            s.progress = ONE if g.state == "done" or s.reported is not None and s.reported >= 1 else ZERO
        elif g.target is not None and s.actual is not None:
            start = g.baseline or ZERO
            if g.target == start:
                raise ValueError(f"{g.no}: the target is the baseline, progress is undefined")
            s.progress = (s.actual - start) / (g.target - start)
        else:
            s.progress = s.reported

    def _score(self, s):
        g, indicator = s.goal, s.goal.indicator
        if indicator is None:
            s.score = None if s.progress is None else HUNDRED * self.counted(s)
            return
        if indicator.basis == "value":
            s.x = s.actual
        elif indicator.basis == "progress":
            s.x = None if s.progress is None else HUNDRED * s.progress
        elif g.target is not None and s.actual is not None:
            if g.target == 0:
                raise ValueError(f"{g.no}: the target is 0, attainment is undefined")
            s.x = HUNDRED * s.actual / g.target
        if s.x is not None:
            s.veto = indicator.curve.is_veto(s.x)
            s.score = clamp(indicator.curve.points(s.x), ZERO, INDICATOR_CAP if indicator.cap is None else indicator.cap)

    @staticmethod
    def expected(goal, day):
        due = goal.due_on(day)
        if goal.kind == "milestone":
            return ONE if day >= due else ZERO
        start = max(goal.starts_on, goal.owner.hired_on)
        if due < start:
            return ONE if day >= due else ZERO
        return elapsed(start, due, day)

    def _light(self, s, day):
        g = s.goal
        s.light = "red" if s.veto else light(s.progress, s.expected)
        if g.state == "active" and self.is_active(g.cycle) and not s.items:
            own = [c.at.date() for c in g.check_ins if c.employee_no == g.owner.no and c.at.date() <= day]
            s.silent_days = (day - max(own, default=g.starts_on)).days
            if s.light == "green" and s.silent_days > SILENT_DAYS:
                s.light, s.silenced = "yellow", True

    def below(self, goal):
        """All live goals below a goal, whoever owns them."""
        found, todo = [], list(goal.children)
        while todo:
            child = todo.pop()
            todo += child.children
            if child.is_live:
                found.append(child)
        return found

    # people --------------------------------------------------------------------------------------------------------
    @staticmethod
    def is_root(goal):
        up = goal.parent
        return up is None or up.owner is not goal.owner or up.cycle is not goal.cycle

    def totals(self, roots):
        """Progress, expected progress and light of own roots together."""
        states = [(self.status(g), g.weight) for g in roots]
        expected = mean((s.expected, w) for s, w in states)
        progress = mean((self.counted(s), w) for s, w in states) if any(s.progress is not None for s, _ in states) else None
        return progress, expected, light(progress, expected)

    def card(self, employee, cycle):
        goals = [g for g in self.live(cycle) if g.owner is employee]
        roots = [g for g in goals if self.is_root(g)]
        groups = [self._group(employee, cycle, code, roots) for code in sorted({g.department for g in roots})]
        weighed = [(g, g.days) for g in groups]
        if len(groups) == 1 or not any(g.days for g in groups):
            weighed = [(g, 1) for g in groups]
        coverage = mean((g.coverage, d) for g, d in weighed if g.coverage is not None)
        total = mean((g.score, d) for g, d in weighed if g.score is not None)
        if coverage is None or coverage < MIN_COVERAGE:
            total = None
        vetoes = [g for g in goals if self.status(g).veto]
        return Card(employee, cycle, goals, roots, groups, coverage, total, vetoes, ZERO if vetoes else total, *self.totals(roots))

    def _group(self, employee, cycle, code, roots):
        mine = [g for g in roots if g.department == code]
        scored = [(self.status(g).score, g.weight) for g in mine if self.status(g).score is not None]
        weight = sum((g.weight for g in mine), ZERO)
        coverage = sum((w for _, w in scored), ZERO) / weight if weight else None
        return Group(code, mine, self.days_in(employee, cycle, lambda at: at == code), mean(scored), coverage)

    def cards(self, cycle):
        """A card for everybody who owns a live goal in the cycle."""
        owners = {g.owner.no for g in self.live(cycle)}
        return [self.card(e, cycle) for no, e in sorted(self.plant.employees.items()) if no in owners]

    # departments ---------------------------------------------------------------------------------------------------
    def overview(self, department, cycle, cards):
        def inside(code):
            return self.plant.is_in(code, department.code)

        goals = [g for g in self.live(cycle) if inside(g.department)]
        roots = [g for g in goals if self.is_root(g)]
        members = [(card, self.days_in(card.employee, cycle, inside)) for card in cards]
        members = [(card, days) for card, days in members if days]
        headcount = sum(inside(e.department_on(self.last_day(cycle))) for e in self.plant.employees.values())
        score = mean((card.score, days) for card, days in members if card.score is not None)
        return Overview(department, cycle, goals, roots, headcount, members, score, *self.totals(roots))

    def counts(self, goals):
        """goals, red, yellow, green."""
        lights = [self.status(g).light for g in goals]
        return [len(lights)] + [lights.count(name) for name in ("red", "yellow", "green")]
