"""Interval arithmetic: where a formula's value may lie when the values in it lie in intervals, no wider than need be.

A quantity that stands once in a formula is handled exactly by the table alone. Where it stands several times
(a(1 − a), softmax, a cross-entropy) the formula is first rewritten to an operation that knows its own extremes; for any
other formula the interval is cut into pieces.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from itertools import pairwise
from itertools import product as combinations
from typing import NamedTuple, TypeVar

from .arithmetic import SCALARS, Arithmetic, evaluate, to_float
from .terms import ONE, Op, Term, Var, variables

Interval = tuple[float, float]
Value = TypeVar("Value")
WHOLE: Interval = (-math.inf, math.inf)
"""Any number, or none: what is known of an undefined value."""
PIECES = 64
"""Into how many pieces the intervals of repeated quantities are cut, all combinations counted."""


def hull(*intervals: Interval) -> Interval:
    """The smallest interval around all."""
    return min(i[0] for i in intervals), max(i[1] for i in intervals)


def _interval(low: float, high: float) -> Interval:
    """An interval from its ends; an undefined end is an open one."""
    return (low if low == low else -math.inf), (high if high == high else math.inf)


def _add(*terms: Interval) -> Interval:
    return _interval(sum(t[0] for t in terms), sum(t[1] for t in terms))


def _sub(a: Interval, b: Interval) -> Interval:
    return _interval(a[0] - b[1], a[1] - b[0])


def _neg(a: Interval) -> Interval:
    return -a[1], -a[0]


def _times(a: float, b: float) -> float:
    """The product of two ends: nought times infinity is nought, for the end itself is never reached."""
    return 0.0 if a == 0 or b == 0 else a * b


def _mul2(a: Interval, b: Interval) -> Interval:
    ends = _times(a[0], b[0]), _times(a[0], b[1]), _times(a[1], b[0]), _times(a[1], b[1])
    return min(ends), max(ends)


def _mul(*factors: Interval) -> Interval:
    return reduce(_mul2, factors)


def _div(a: Interval, b: Interval) -> Interval:
    if b[0] > 0 or b[1] < 0:
        return _mul2(a, (1 / b[1], 1 / b[0]))
    if b[0] == 0 < b[1]:
        return _mul2(a, (1 / b[1], math.inf))
    if b[0] < 0 == b[1]:
        return _mul2(a, (-math.inf, 1 / b[0]))
    return WHOLE


def _rising(name: str) -> Callable[[Interval], Interval]:
    """An operation that grows with its argument."""
    function = SCALARS[name]
    return lambda a: _interval(function(a[0]), function(a[1]))


def _from(name: str, least: float) -> Callable[[Interval], Interval]:
    """A growing operation that is defined from ``least`` on; what lies below is undefined."""
    function = SCALARS[name]

    def over(a: Interval) -> Interval:
        if a[1] < least:
            return WHOLE
        return function(max(a[0], least)), function(a[1])

    return over


def _abs(a: Interval) -> Interval:
    return (max(0.0, a[0], -a[1]), max(-a[0], a[1]))


def _pow(a: Interval, b: Interval) -> Interval:
    power = SCALARS["pow"]
    if b[0] == b[1] and b[0] == int(b[0]):
        n = b[0]
        if n < 0:
            return _div((1.0, 1.0), _pow(a, (-n, -n)))
        if n % 2 == 0:
            a = _abs(a)
        return power(a[0], n), power(a[1], n)
    if a[0] < 0:
        return WHOLE
    ends = [power(x, n) for x in a for n in b]
    return _interval(min(ends), max(ends))


def _waves(function: Callable[[float], float], first_peak: float) -> Callable[[Interval], Interval]:
    """Sine or cosine: 1 at ``first_peak`` and every 2π from it, −1 halfway."""

    def over(a: Interval) -> Interval:
        if not (math.isfinite(a[0]) and math.isfinite(a[1])):
            return -1.0, 1.0
        ends = function(a[0]), function(a[1])
        return (
            -1.0 if _meets(a, first_peak + math.pi) else min(ends),
            1.0 if _meets(a, first_peak) else max(ends),
        )

    return over


def _meets(a: Interval, point: float, period: float = 2 * math.pi) -> bool:
    return point + period * math.ceil((a[0] - point) / period) <= a[1]


def _tan(a: Interval) -> Interval:
    if not (math.isfinite(a[0]) and math.isfinite(a[1])) or _meets(a, math.pi / 2, math.pi):
        return WHOLE
    return math.tan(a[0]), math.tan(a[1])


def _log_sum_exp(*terms: Interval) -> Interval:
    lse = SCALARS["log_sum_exp"]
    return lse(*(t[0] for t in terms)), lse(*(t[1] for t in terms))


def _xlogy(t: Interval, o: Interval) -> Interval:
    return (0.0, 0.0) if t == (0.0, 0.0) else _mul2(t, _LN(o))


def _choose(yes: Callable[[float], bool]) -> Callable[[Interval, Interval, Interval], Interval]:
    def choose(z: Interval, above: Interval, below: Interval) -> Interval:
        low, high = yes(z[0]), yes(z[1])
        return above if low else hull(above, below) if high else below

    return choose


def _hill(a: Interval) -> Interval:
    """a(1 − a), with its peak of ¼ at ½."""
    ends = [x * (1 - x) if math.isfinite(x) else -math.inf for x in a]
    return min(ends), 0.25 if a[0] <= 0.5 <= a[1] else max(ends)


def _share(own: Interval, *others: Interval) -> Interval:
    """One share of a softmax: it grows with its own z and falls with every other."""
    return _portion(own[0], [o[1] for o in others]), _portion(own[1], [o[0] for o in others])


def _portion(own: float, others: list[float]) -> float:
    rest = SCALARS["log_sum_exp"](*others)
    if own == rest:
        return 0.5
    return float(1 / (1 + SCALARS["exp"](rest - own)))


def _bce(t: Interval, o: Interval) -> Interval:
    """−(t ln o + (1 − t) ln(1 − o)) for one t: it falls until o = t and rises from there."""
    if t[0] != t[1] or o[0] < 0 or o[1] > 1:
        return WHOLE
    ends = [_bce_at(t[0], x) for x in (*o, *((t[0],) if o[0] <= t[0] <= o[1] else ()))]
    return min(ends), max(ends)


def _bce_at(t: float, o: float) -> float:
    xlogy = SCALARS["xlogy"]
    return -float(xlogy(t, o) + xlogy(1 - t, 1 - o))


_LN = _from("ln", 0.0)

INTERVALS = Arithmetic(
    "intervals",
    lambda text: (to_float(text), to_float(text)),
    {
        "add": _add,
        "sub": _sub,
        "mul": _mul,
        "named": lambda value: value,
        "div": _div,
        "neg": _neg,
        "pow": _pow,
        "exp": _rising("exp"),
        "expm1": _rising("expm1"),
        "ln": _LN,
        "log1p": _from("log1p", -1.0),
        "log_sum_exp": _log_sum_exp,
        "sqrt": _from("sqrt", 0.0),
        "sin": _waves(math.sin, math.pi / 2),
        "cos": _waves(math.cos, 0.0),
        "tan": _tan,
        "tanh": _rising("tanh"),
        "arctan": _rising("arctan"),
        "abs": _abs,
        "max": lambda *terms: (max(t[0] for t in terms), max(t[1] for t in terms)),
        "min": lambda *terms: (min(t[0] for t in terms), min(t[1] for t in terms)),
        "xlogy": _xlogy,
        "xdivy": lambda t, o: (0.0, 0.0) if t == (0.0, 0.0) else _div(t, o),
        "xtimes": _mul2,
        "if_positive": _choose(lambda z: z > 0),
        "if_at_least_zero": _choose(lambda z: z >= 0),
        "hill": _hill,
        "share": _share,
        "bce": _bce,
    },
)
"""Every operation on pairs (low, high), and three that only ``Range`` asks for: a(1 − a), a softmax share, one BCE."""


class Range(NamedTuple):
    """A formula made ready: rewritten where that is tighter, and what still stands in it several times."""

    term: Term
    repeated: tuple[Var, ...]

    @classmethod
    def of(cls, term: Term) -> Range:
        """The range of ``term``."""
        tight = _rewritten(term)
        return cls(tight, tuple(var for var, n in Counter(variables(tight)).items() if n > 1))

    def over(self, box: Callable[[Var], Interval]) -> Interval:
        """The interval of the formula's value; ``box`` gives the interval of a variable."""
        loose = [var for var in self.repeated if box(var)[0] < box(var)[1]]
        if not loose:
            whole: Interval = evaluate(self.term, box, INTERVALS)
            return whole
        each = max(1, int(PIECES ** (1 / len(loose))))
        found = []
        for pieces in combinations(*(_cut(box(var), each) for var in loose)):
            narrow = dict(zip(loose, pieces, strict=True))
            found.append(evaluate(self.term, instead(narrow, box), INTERVALS))
        return hull(*found)


def instead(some: Mapping[Var, Value], rest: Callable[[Var], Value]) -> Callable[[Var], Value]:
    """``rest``, but for the variables in ``some``."""
    return lambda var: some[var] if var in some else rest(var)


def _cut(whole: Interval, count: int) -> Iterator[Interval]:
    """``whole`` in ``count`` pieces, cut at 0 as well, where many formulas turn; an endless one stays whole."""
    low, high = whole
    if count == 1 or not (math.isfinite(low) and math.isfinite(high)):
        yield whole
        return
    ends = (
        {low + (high - low) * n / count for n in range(1, count)} | {low, high} | ({0.0} if low < 0 < high else set())
    )
    ordered = sorted(ends)
    yield from pairwise(ordered)


def _rewritten(term: Term) -> Term:
    """``term`` with a(1 − a), softmax shares and binary cross-entropies as operations of their own."""
    if not isinstance(term, Op):
        return term
    match term:
        case Op(
            "neg", (Op("add", (Op("xlogy", (t, o)), Op("xlogy", (Op("sub", (one, u)), Op("sub", (uno, p)))))),)
        ) if one == uno == ONE and t == u and o == p:
            return Op("bce", (_rewritten(t), _rewritten(o)))
        case Op("div", (Op("exp", (own,)) as head, Op("add", exps))) if head in exps and all(
            isinstance(e, Op) and e.name == "exp" for e in exps
        ):
            others = list(exps)
            others.remove(head)
            return Op("share", (own, *(e.args[0] for e in others if isinstance(e, Op))))
        case Op("mul", factors):
            for n, factor in enumerate(factors):
                match factor:
                    case Op("sub", (one, a)) if one == ONE and a in factors:
                        rest = [f for m, f in enumerate(factors) if m != n]
                        rest.remove(a)
                        hill = Op("hill", (_rewritten(a),))
                        return _rewritten(Op("mul", (hill, *rest))) if rest else hill
    return Op(term.name, tuple(map(_rewritten, term.args)), term.shape, term.label)
