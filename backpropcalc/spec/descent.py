"""A gradient descent as its spec file describes it: a function, where it starts, the learning rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from backpropcalc.algebra.terms import Num, Term, Var

from .model import Spec


@dataclass(frozen=True, kw_only=True)
class Descent(Spec):
    """A function of the variables in ``start`` that is minimised, with each of ``rates``."""

    kind: ClassVar[str] = "descent"
    function: Term
    start: Mapping[str, Num]
    rates: tuple[Num, ...]

    def at(self, name: str, iteration: int) -> Var:
        """A variable, ``f`` or a slope in an iteration; an entry for each learning rate."""
        return Var("iterate", iteration, (1, len(self.rates)), name=name)

    def slope(self, name: str) -> str:
        """What the slope by a variable is called: ``slope``, or ``slope_x`` if there are several."""
        return "slope" if len(self.start) == 1 else f"slope_{name}"

    @property
    def rate(self) -> Var:
        """The learning rate."""
        return Var("rate", shape=(1, len(self.rates)))
