"""Exact decimals: reading, rounding and writing, without a float anywhere.

Every number of the calculation is a fractions.Fraction from the moment it is
read until it is written.  None stands for "not known" (NULL) and is never 0.
"""
import re
from fractions import Fraction

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def number(text):
    """A plain decimal as a Fraction; an empty text is None.

    Fraction() alone would also take '1/3', '1e3' and '1_000', none of which
    is a number in these files.
    """
    if text is None or text == "":
        return None
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"not a plain decimal: {text!r}")
    return Fraction(text)


def rounded(value, places):
    """The nearest multiple of 10^-places; a tie goes away from zero."""
    if value is None:
        return None
    scale = 10 ** places
    units = (abs(value) * scale * 2 + 1) // 2
    return Fraction(-units if value < 0 else units, scale)


def shown(value, places):
    """The rounded value as text with exactly that many decimals; None is ''."""
    if value is None:
        return ""
    units = int(rounded(value, places) * 10 ** places)
    digits = f"{abs(units):0{places + 1}d}"
    sign = "-" if units < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def ceiling(value):
    """The smallest integer that is not below the value."""
    return -(-value.numerator // value.denominator)


def clamp(value, low, high):
    return min(max(value, low), high)


def mean(pairs):
    """sum(weight * value) / sum(weight) over (value, weight); None where the weights total 0."""
    pairs = list(pairs)
    total = sum((w for _, w in pairs), Fraction(0))
    if total == 0:
        return None
    return sum((v * w for v, w in pairs), Fraction(0)) / total
