"""What must be said about a line: a corner, a value that is infinite or undefined, digits that were lost."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from backpropcalc.algebra.arithmetic import FLOAT, Number, evaluate
from backpropcalc.algebra.tensors import tensors
from backpropcalc.algebra.terms import Term, Var, variables
from backpropcalc.execution.values import Arrays, Values, is_finite
from backpropcalc.program.steps import Step

GIVEN = frozenset({"x", "t", "w", "b", "shared", "rate", "k", "unit"})


UNDEFINED = "undefined here: the formula has no value for these numbers"
INFINITE = "infinite, or too large for a number with 15 digits"
NEAR_ONE, NEAR_ZERO = 1e-6, 1e-300
"""An activation that is as near to 1 or 0 may leave its slope without digits."""


def notes(step: Step, values: Values) -> str:
    """What must be said about a line: a slope at a corner, a value that is infinite, undefined or saved from that."""
    if step.kink is not None and values.evaluate(step.kink.at) == 0:
        return step.kink.text
    value = values.of(step.var)
    if is_finite(value):
        if step.safe is None or values.as_written:
            return ""
        written = evaluate(step.term, lambda var: float(values.of(var)), FLOAT)
        kept = math.isclose(written, value, rel_tol=1e-6, abs_tol=1e-15 if abs(value) > 1e-12 else 0)
        return "" if kept or written == value else "worked out from the weighted sums: these numbers lost their digits"
    if any(not is_finite(values.of(var)) for var in variables(step.term)):
        return ""  # its numbers show it; said once, where it begins
    if value != value:
        return UNDEFINED
    return INFINITE


def lost(steps: Iterable[Step], values: Values) -> Var | None:
    """The first quantity that is infinite or undefined; a reader of the result alone would not know of it."""
    return next((step.var for step in steps if not is_finite(values.of(step.var))), None)


LOST = " is infinite or undefined, and so is what is worked out from it."


class Watch:
    """Looks at the numbers of an iteration: whether nothing needs to be said about any of its lines."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.kinks: list[Term] = [step.kink.at for step in steps if step.kink]
        saturating = dict.fromkeys(chain.from_iterable(map(_saturating, steps)))
        watched: Iterable[Var] = chain(saturating, chain.from_iterable(map(variables, self.kinks)))
        self.vars = tuple(dict.fromkeys(chain((step.var for step in steps), watched)))
        self.place = {var: n for n, var in enumerate(self.vars)}
        self.saturating = [self.place[var] for var in saturating]
        self.takes: dict[type[Values], Callable[[Values], Sequence[Number]]] = {}

    def silent(self, values: Values) -> bool:
        """Whether every value is finite, none lies at a corner, and no activation leaves its slope without digits."""
        if type(values) not in self.takes:
            self.takes[type(values)] = values.taker(self.vars)
        found = self.takes[type(values)](values)
        finite = math.isfinite if values.arithmetic is FLOAT else is_finite
        if not all(map(finite, found)) or any(float(found[n]) in (0, 1, -1) for n in self.saturating):
            return False
        return not any(values.evaluate(term) == 0 for term in self.kinks)


def loud(steps: Iterable[Step], values: Arrays) -> frozenset[Var]:
    """The whole quantities about some of whose lines something may have to be said: as a ``Watch``, but at once."""
    import numpy as np

    def saturated(value: Number) -> bool:
        size = np.abs(value)
        return bool(((size > 1 - NEAR_ONE) | (size < NEAR_ZERO)).any())

    arithmetic, found = tensors(), []
    for step in steps:
        finite = np.isfinite(values.whole_or_entry(step.var)).all()
        corner = step.kink and np.any(evaluate(step.kink.at, values.whole_or_entry, arithmetic) == 0)
        if not finite or corner or any(map(saturated, map(values.whole_or_entry, _saturating(step)))):
            found.append(step.var)
    return frozenset(found)


def _saturating(step: Step) -> Iterator[Var]:
    """The activations that leave the written term of ``step`` without digits when they are exactly 0 or 1."""
    if step.safe is not None and not (step.var.role == "d" and step.var.parts[1].role in GIVEN):
        yield from (var for var in variables(step.term) if var.role == "a")
