"""Score curves: linear, step and deduct, read from their text form.

    linear(0:0, 80:60, 100:100, 120:120)
    step(0:0, 80:60, 100:100)          rising: a point opens a tile [x, next)
    step(0:100, 1:60, 2:veto)          falling: a point closes a tile (previous, x]
    deduct(full 20, above 2, 5 per 1, floor 0)
    deduct(full 100, below 88, 4 per 1, floor 0, prorata)

Points give at most 6 places, rounded half away from zero; a veto tile gives 0.
"""
import re
from fractions import Fraction

from exact import ceiling, number, rounded

ZERO = Fraction(0)


class Curve:
    """A parsed curve; `points(x)` scores, `is_veto(x)` says whether x falls on a veto tile."""

    def __init__(self, text):
        self.text = text
        form = re.fullmatch(r"\s*(linear|step|deduct)\s*\((.*)\)\s*", text, re.S)
        if not form:
            raise ValueError(f"not a score curve: {text!r}")
        self.kind = form.group(1)
        items = [item.strip() for item in form.group(2).split(",")]
        if self.kind == "deduct":
            self._read_deduct(items)
        else:
            self._read_points(items)

    def _read_points(self, items):
        pairs = [[part.strip() for part in item.split(":")] for item in items]
        if any(len(pair) != 2 for pair in pairs):
            raise ValueError(f"a point is x:y in {self.text!r}")
        self.xs = [number(x) for x, _ in pairs]
        self.ys = [None if y == "veto" else number(y) for _, y in pairs]   # None: veto
        if any(a >= b for a, b in zip(self.xs, self.xs[1:])):
            raise ValueError(f"x does not rise strictly in {self.text!r}")
        if self.kind == "linear":
            if None in self.ys:
                raise ValueError(f"a veto needs a step curve: {self.text!r}")
            return
        bottom = min((y for y in self.ys if y is not None), default=ZERO) - 1
        ranks = [bottom if y is None else y for y in self.ys]              # veto is the worst
        self.rising = all(a <= b for a, b in zip(ranks, ranks[1:]))
        falling = all(a >= b for a, b in zip(ranks, ranks[1:]))
        if not (self.rising or falling):
            raise ValueError(f"the tiles neither rise nor fall: {self.text!r}")

    def _read_deduct(self, items):
        num = r"([+-]?\d+(?:\.\d+)?)"
        forms = {"full": rf"full\s+{num}", "edge": rf"(above|below)\s+{num}",
                 "rate": rf"{num}\s+per\s+{num}", "floor": rf"floor\s+{num}", "prorata": r"prorata"}
        found = {}
        for item in items:
            name, match = next(((n, m) for n, f in forms.items() if (m := re.fullmatch(f, item))), (None, None))
            if name is None or name in found:
                raise ValueError(f"cannot read {item!r} of {self.text!r}")
            found[name] = match.groups()
        if not {"full", "edge", "rate"} <= found.keys():
            raise ValueError(f"a deduction has full, above or below, and a rate: {self.text!r}")
        self.full = number(found["full"][0])
        self.above, self.edge = found["edge"][0] == "above", number(found["edge"][1])
        self.off, self.unit = map(number, found["rate"])
        self.floor = number(found["floor"][0]) if "floor" in found else ZERO
        self.prorata = "prorata" in found
        if self.unit <= 0:
            raise ValueError(f"the unit of a deduction is above 0: {self.text!r}")

    def _tile(self, x):
        """The y of x's tile: the better tile owns the edge between two."""
        if self.rising:
            opened = [y for edge, y in zip(self.xs, self.ys) if edge <= x]
            return opened[-1] if opened else self.ys[0]
        return next((y for edge, y in zip(self.xs, self.ys) if x <= edge), self.ys[-1])

    def _line(self, x):
        if x <= self.xs[0]:
            return self.ys[0]
        for x0, y0, x1, y1 in zip(self.xs, self.ys, self.xs[1:], self.ys[1:]):
            if x <= x1:
                return y0 + (x - x0) * (y1 - y0) / (x1 - x0)
        return self.ys[-1]

    def _deducted(self, x):
        units = max(ZERO, x - self.edge if self.above else self.edge - x) / self.unit
        if not self.prorata:
            units = ceiling(units)
        return max(self.floor, self.full - self.off * units)

    def is_veto(self, x):
        return self.kind == "step" and self._tile(x) is None

    def points(self, x):
        y = {"linear": self._line, "step": self._tile, "deduct": self._deducted}[self.kind](x)
        return ZERO if y is None else rounded(y, 6)
