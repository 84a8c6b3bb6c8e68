"""Weights drawn at random, in numbers short enough to copy: four decimals, from Python's ``random.Random(seed)``."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from backpropcalc.algebra.terms import Num

if TYPE_CHECKING:
    from .reader import Matrix

Draw = Callable[[random.Random, int, int], float]

SCHEMES: dict[str, tuple[Draw, str]] = {
    "xavier": (
        lambda draw, sources, units: draw.uniform(-1, 1) * math.sqrt(6 / (sources + units)),
        "uniform within ±√(6 / (sources + units)), Glorot and Bengio (2010)",
    ),
    "he": (
        lambda draw, sources, units: draw.gauss(0, 1) * math.sqrt(2 / sources),
        "normal with variance 2 / sources, He et al. (2015)",
    ),
    "uniform": (lambda draw, sources, units: draw.uniform(-1, 1), "uniform between −1 and 1"),
    "zeros": (lambda draw, sources, units: 0.0, "all 0"),
}
"""Name to how one weight is drawn, and to what that is called."""


def weights(scheme: str, sizes: tuple[int, ...], seed: int) -> list[Matrix]:
    """A matrix per layer, a row per neuron; drawn neuron by neuron, layer by layer."""
    draw, (one, _) = random.Random(seed), SCHEMES[scheme]
    return [
        tuple(tuple(_short(one(draw, sources, units)) for _ in range(sources)) for _ in range(units))
        for sources, units in pairwise(sizes)
    ]


def _short(value: float) -> Num:
    """Four decimals, cut rather than rounded, so that no bound is crossed."""
    return Num(f"{math.trunc(value * 10_000) / 10_000 + 0.0:g}")
