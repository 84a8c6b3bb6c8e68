"""Gradient descent on a function: value, slope and step of each iteration, for each learning rate side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar, Self

from backpropcalc.algebra.terms import Num, Term, Var, applied, node, op, product
from backpropcalc.errors import Place, fail
from backpropcalc.execution.worked import Worked
from backpropcalc.spec.model import UNMARKED, Marking, Style, Written

from .network import Block, Program, Step

FLAGS = frozenset({"decimals", "significant", "carry", "exact", "iterations"})


@dataclass(frozen=True)
class Descent(Written):
    """A function of the variables in ``start`` that is minimised, with each of ``rates``."""

    kind: ClassVar[str] = "descent"
    title: str
    function: Term
    start: Mapping[str, Num]
    rates: tuple[Num, ...]
    iterations: int
    style: Style
    file: str = ""
    source: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    parameters: int = 0
    marking: Marking = UNMARKED
    layers: tuple[()] = ()

    def run(self, first: int = 1) -> DescentTrace:
        """The hand calculation."""
        return DescentTrace(self)

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


class DescentTrace(Worked):
    """The calculation of every iteration."""

    def __init__(self, descent: Descent) -> None:
        self._blocks = list(_iterations(descent))
        given: dict[Var, tuple[tuple[Num, ...], ...]] = {
            descent.at(name, 0): ((number,) * len(descent.rates),) for name, number in descent.start.items()
        }
        given[descent.rate] = (descent.rates,)
        every = tuple(block for blocks in self._blocks for block in blocks)
        super().__init__(descent, Program(every, (), given))

    def blocks(self, iteration: int) -> tuple[Block, ...]:
        """The blocks of an iteration."""
        return self._blocks[iteration - 1]


def slopes(descent: Descent) -> dict[str, Term]:
    """The derivative of the function by each variable."""
    from backpropcalc.algebra.symbolic import derivative

    return {name: derivative(descent.function, node(name)) for name in descent.start}


def _iterations(descent: Descent) -> list[tuple[Block, ...]]:
    """Each iteration k: f and its slope at the variables k − 1, then the variables k; at the end f once more."""
    from backpropcalc.rules.formulas import kink

    names = tuple(descent.start)
    found_slopes = slopes(descent)
    kinks = {name: kink("the function", descent.function, node(name)) for name in names}
    found = []
    for k in range(1, descent.iterations + 1):
        here = {node(name): descent.at(name, k - 1) for name in names}
        value = Step(descent.at("f", k - 1), applied(descent.function, here))
        slope, update = [], []
        for name in names:
            said, at = kinks[name]
            var = descent.at(descent.slope(name), k - 1)
            slope.append(Step(var, applied(found_slopes[name], here), kink=(applied(at, here), said) if said else None))
            old = descent.at(name, k - 1)
            update.append(Step(descent.at(name, k), op("sub", old, product(descent.rate, var))))
        blocks = [Block("forward", k, (value,)), Block("backward", k, tuple(slope)), Block("update", k, tuple(update))]
        if k == descent.iterations:
            there = {node(name): descent.at(name, k) for name in names}
            blocks.append(Block("after", k, (Step(descent.at("f", k), applied(descent.function, there)),)))
        found.append(tuple(blocks))
    return found


WORDS = {
    "converges": "each step comes closer to where the slope is 0",
    "swings": "it jumps over the minimum and back again",
    "overshoots": "each step jumps farther over the minimum than it came: it diverges",
    "crawls": "the steps go the right way, but are so small that it hardly moves",
    "descends": "f falls, but its slope does not get smaller: no minimum in sight",
    "stays": "the slope is 0 at the start: it does not move",
}
"""What may become of a descent, and what that means."""
SLOW = 0.95
"""A descent crawls if a step leaves more than this part of the slope, and all of them more than half."""


def verdict(slopes: list[list[float]], values: list[float]) -> str:
    """One of ``WORDS`` for a descent, by the slopes (a list for each variable) and the value of f at each place.

    Slopes, not places, tell how near a minimum is: they grow where a descent overshoots and hardly change where it
    crawls.
    """
    sizes = [math.hypot(*slope) for slope in slopes]
    if sizes[0] == 0:
        return "stays"
    if not all(map(math.isfinite, (*sizes, *values))):
        return "overshoots"
    if values[-1] == max(values) > values[0] and sizes[-1] == max(sizes):
        return "overshoots"
    if any(a * b < 0 for before, after in pairwise(slopes) for a, b in zip(before, after, strict=True)):
        return "swings"
    left = sizes[-1] / sizes[0]
    if left >= 1:
        return "descends"
    return "crawls" if left > 0.5 and left ** (1 / (len(sizes) - 1)) > SLOW else "converges"
