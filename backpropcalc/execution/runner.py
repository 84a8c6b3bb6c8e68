"""Runners: the numbers that go from one iteration to the next, and ways to work an iteration out.

A runner either works an iteration with all its numbers (``work``), as a page needs them, or moves on by many, only the
parameters kept (``advance``), as training does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import Number
from backpropcalc.algebra.terms import Var
from backpropcalc.spec.schedule import Schedule

from .stage import Stages
from .values import Values

TENSORS_FROM = 3000
"""Weights times samples from which lines are worked layer by layer with NumPy: all of them by hand takes long."""
PYTHON_UP_TO = 300
"""Weights times samples up to which training in Python is faster than NumPy, whose calls cost 1 µs each."""
COMPILE_FROM = 20
"""Iterations from which lines are worked by compiled code; below, compiling takes longer than it saves."""
FLOAT_DIGITS = 10
"""Digits that may be shown of doubles; for more a person's numbers are needed, which are slower."""


class Result(NamedTuple):
    """Loss and outputs over all samples: ``outputs`` has a row per sample."""

    loss: Number
    outputs: list[list[Number]]


class Runner:
    """The numbers on their way; ``iteration`` is how many updates they have seen."""

    def __init__(self, stages: Stages) -> None:
        self.stages, self.spec, self.schedule = stages, stages.spec, stages.schedule
        self.iteration = 0
        self.by_hand = 0
        """How often an iteration or its loss was worked line by line, which takes long."""
        self.kept: dict[Var, Number] = {}
        """What is carried on or stays the same: parameters, learning rate, what the optimiser remembers."""

    def work(self, last: bool = False) -> Values:
        """Work one more iteration with all its numbers; after the ``last``, the forward pass with the new ones too."""
        raise NotImplementedError

    def advance(self, iterations: int) -> None:
        """Work ``iterations`` more; fewer if a parameter is no longer finite."""
        raise NotImplementedError

    def result(self) -> Result:
        """Loss and outputs over all samples, with the parameters of now."""
        raise NotImplementedError

    def parameters(self) -> dict[Var, Number]:
        """Every weight and bias, by entry, in the order of the layers."""
        raise NotImplementedError

    def snapshot(self) -> tuple[int, dict[Var, Number]]:
        """Where it is now, to be given to ``restore``."""
        return self.iteration, dict(self.kept)

    def restore(self, snapshot: tuple[int, dict[Var, Number]]) -> None:
        """Go back."""
        self.iteration, self.kept = snapshot[0], dict(snapshot[1])

    def finite(self) -> bool:
        """Whether every parameter is a finite number."""
        return all(map(math.isfinite, self.kept.values()))


def pieces(schedule: Schedule, first: int, last: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Runs of iterations whose batches have the same length: how many, and the first and the last of them."""
    if schedule.samples % schedule.size == 0:
        yield last - first + 1, (first, last)
        return
    while first <= last:
        _, batch = schedule.position(first)
        even = schedule.per_epoch - 1
        stop = min(last, first + (even - batch if batch <= even else 0))
        yield stop - first + 1, (first, stop)
        first = stop + 1
