"""A person's scorecard step by step, as lines to check with pencil and paper."""
from exact import shown


def plain(value):
    """A number as short as it is exact; one that never ends with 6 places and a tilde."""
    if value is None:
        return "unknown"
    for places in range(7):
        if (value * 10 ** places).denominator == 1:
            return shown(value, places)
    return "~" + shown(value, 6)


def explain(calc, card):
    cycle, employee = card.cycle, card.employee
    yield f"{employee.no} {employee.name}, {cycle.code}, as of {calc.day_of(cycle)}" + ("" if calc.is_active(cycle) else " (closed)")
    if len(employee.moves) > 1 or employee.left_on:
        moves = ", ".join(f"{code} since {day}" for day, code in employee.moves)
        yield f"  assigned: {moves}" + (f", leaves on {employee.left_on}" if employee.left_on else "")
    for group in card.groups:
        yield f"  own roots in {group.department}: {group.days} days there"
        for root in group.roots:
            yield from goal_lines(calc, calc.status(root), root.weight, "    ")
        yield "    " + weighted("score", [(calc.status(g).score, g.weight) for g in group.roots], group.score)
        yield f"    coverage = {plain(group.coverage)}"
    yield "  " + weighted("progress", [(calc.counted(calc.status(g)), g.weight) for g in card.roots], card.progress)
    yield "  " + weighted("expected", [(calc.status(g).expected, g.weight) for g in card.roots], card.expected)
    yield f"  light = {card.light}; goals, red, yellow, green = {calc.counts(card.goals)}"
    if len(card.groups) > 1:
        yield "  " + weighted("score by days", [(g.score, g.days) for g in card.groups], card.unvetoed)
    yield f"  coverage {shown(card.coverage, 6) or 'unknown'}, total {plain(card.unvetoed)}"
    for goal in card.vetoes:
        yield f"  veto by {goal.no}: the total becomes 0"
    yield f"  score = {shown(card.score, 2) or 'none'}"


def weighted(name, pairs, result):
    """name = (w x v + w x v) / W = result, the unknown left out."""
    known = [(v, w) for v, w in pairs if v is not None]
    if not known:
        return f"{name} = unknown"
    above = " + ".join(f"{plain(w)} x {plain(v)}" for v, w in known)
    return f"{name} = ({above}) / {plain(sum(w for _, w in known))} = {plain(result)}"


def goal_lines(calc, s, weight, indent):
    g = s.goal
    yield f"{indent}{g.no} {g.kind} weight {plain(weight)}: {g.title} [{g.state}]"
    inner = indent + "    "
    if s.items:
        for child, w in s.items:
            yield from goal_lines(calc, calc.status(child), w, inner)
        states = [(calc.status(child), w) for child, w in s.items]
        yield inner + weighted("progress", [(calc.counted(c), w) for c, w in states], s.progress)
        yield inner + weighted("score", [(c.score, w) for c, w in states], s.score)
    else:
        yield inner + measure(s)
        yield inner + score(calc, s)
    due = g.due_on(calc.day_of(g.cycle))
    postponed = f" (first {g.due_dates[0][1]})" if due != g.due_dates[0][1] else ""
    silent = "" if s.silent_days is None else f", silent for {s.silent_days} days" + (" (green becomes yellow)" if s.silenced else "")
    yield f"{inner}{max(g.starts_on, g.owner.hired_on)} to {due}{postponed}: expected {plain(s.expected)}, light {s.light}{silent}"


def measure(s):
    g = s.goal
    if s.check_in is None:
        return f"nothing reported: progress {plain(s.progress)}"
    seen = f"{s.check_in.no} of {s.check_in.at.date()}: "
    if g.kind != "milestone" and g.target is not None and s.actual is not None:
        a, b, t = plain(s.actual), plain(g.baseline or 0), plain(g.target)
        return f"{seen}actual {a}, progress = ({a} - {b}) / ({t} - {b}) = {plain(s.progress)}"
    return f"{seen}actual {plain(s.actual)}, reported {plain(s.reported)}, progress {plain(s.progress)}"


def score(calc, s):
    g = s.goal
    if g.indicator is None:
        return f"score = 100 x {plain(calc.counted(s))} (cap {plain(calc.cap(g))}) = {plain(s.score)}"
    text = f"{g.indicator.code} {g.indicator.basis}: x = {plain(s.x)}, {g.indicator.curve.text}"
    return f"{text}, cap {plain(g.indicator.cap)}: {'veto, ' if s.veto else ''}score {plain(s.score)}"
