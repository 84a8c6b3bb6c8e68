"""Rounding by hand: what half a unit of the last place allows, how finely a student writes, one unit off."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

from backpropcalc.algebra.intervals import Interval
from backpropcalc.algebra.terms import Op, Term
from backpropcalc.marking.read.sheet import Answer, Stated

WIDE = 20
"""An accepting interval wider than this many h verifies nothing."""


def parts(term: Term) -> int:
    """The number of terms of a sum, or of factors of a product: how often a student may have rounded on the way."""
    match term:
        case Op("add" | "sub", args):
            return sum(parts(arg) if isinstance(arg, Op) and arg.name in ("add", "sub") else 1 for arg in args)
        case Op("neg" | "named", (arg,)):
            return parts(arg)
        case Op("mul", args):
            return len(args)
    return 1


def tolerance(*values: float) -> float:
    """The noise in the last bits of doubles."""
    size = 0.0
    for value in values:
        if size < abs(value) < math.inf:
            size = abs(value)
    return 1e-15 + 1e-12 * size


def fits(
    stated: float, h: float, count: int, point: float, box: Callable[[], Interval], wide: float = WIDE
) -> tuple[str, ...] | None:
    """Step 3: whether a stated value is consistent with a point or with an interval, and what must be said of it.

    ``count`` is how often the student may have rounded on the way, which nobody does who works from exact numbers; an
    interval of more than ``wide`` h verifies nothing.
    """
    if abs(stated - point) <= h + tolerance(stated, point):
        return ()
    low, high = box()
    room = (count if low < high else 1) * h + tolerance(stated, low, high)
    if not low - room <= stated <= high + room:
        return None
    return ("too-coarse",) if high - low > wide * h and high - low > tolerance(low, high) else ()


def last_place(stated: float, h: float, own: float) -> str:
    """Step 6: one unit off in the last place, because the number was cut off or for no such reason."""
    if h == 0 or not abs(stated - own) <= 3 * h + tolerance(stated, own):
        return ""
    return "truncated" if 0 <= (own - stated) * math.copysign(1, own) <= 2 * h else "last-digit"


class WrittenPrecision(NamedTuple):
    """How finely a student writes: the usual number of decimals, and the most significant digits in the sheet."""

    decimals: int
    digits: int

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> WrittenPrecision:
        """The fineness of a sheet."""
        found = [_written(a.carried) for a in answers if float(a.carried.half)]
        decimals, digits = [n for n, _ in found], [n for _, n in found]
        return cls(sorted(decimals)[len(decimals) // 2] if found else 0, max(digits, default=1))

    def half(self, value: float) -> float:
        """Half a unit of the last place in which the student would write ``value``."""
        if value == 0 or not math.isfinite(value):
            return 0.5 * 10.0**-self.decimals
        return 0.5 * 10.0 ** max(-self.decimals, math.floor(math.log10(abs(value))) - self.digits + 1)

    def holds(self, value: float) -> bool:
        """Whether the student would write ``value`` without rounding it."""
        units = value / (2 * self.half(value)) if math.isfinite(value) else math.inf
        return math.isfinite(units) and abs(units - round(units)) <= tolerance(units)

    def of_stated(self, stated: Stated) -> float:
        """h: half a unit of the last place written.

        The zeros at the end of 1019200 only fill its places if the student writes to so many significant digits.
        """
        half, value = float(stated.half), float(stated.value)
        if half < 0.5 or value == 0 or self.digits < 3:
            return half
        last = math.floor(math.log10(abs(value))) - self.digits + 1
        return max(half, 0.5 * 10.0 ** min(last, _zeros(stated)))


def _written(stated: Stated) -> tuple[int, int]:
    """The decimals and the significant digits with which a number is written."""
    value, last = abs(float(stated.value)), round(math.log10(2 * float(stated.half)))
    if last == 0 and value:
        last = _zeros(stated)
    return -last, max(1, math.floor(math.log10(value)) - last + 1) if value else 1


def _zeros(stated: Stated) -> int:
    """How many zeros a whole number ends in."""
    digits = str(int(stated.value))
    return len(digits) - len(digits.rstrip("0"))
