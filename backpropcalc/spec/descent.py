"""A gradient descent as its spec file describes it: a function, where it starts, the learning rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from backpropcalc.algebra.terms import Num, Term, Var
from backpropcalc.errors import Place, fail

from .model import UNMARKED, Marking, Method, Spec, Style

FLAGS = frozenset({"decimals", "significant", "carry", "exact", "iterations"})


@dataclass(frozen=True)
class Descent(Spec):
    """A function of the variables in ``start`` that is minimised, with each of ``rates``."""

    kind: ClassVar[str] = "descent"
    title: str
    function: Term
    start: Mapping[str, Num]
    rates: tuple[Num, ...]
    iterations: int
    method: Method
    style: Style
    file: str = ""
    source: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    parameters: int = 0
    marking: Marking = UNMARKED
    layers: tuple[()] = ()

    def override(self, **style: Any) -> Self:
        """The same descent written otherwise."""
        for key in style:
            if key not in FLAGS:
                raise fail("usage", f"--{key} has no meaning for a gradient descent")
        return super().override(**style)

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
