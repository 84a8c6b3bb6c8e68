"""What a network with two inputs says all over their plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.terms import Num
from backpropcalc.spec.network import Network

from .predict import PROBABLE, Prediction, class_ends, judge, predict

MARGIN = 0.08
"""Room around the samples, as a share of how far they are apart."""


@dataclass(frozen=True)
class Plane:
    """A grid over the samples: ``heights[r][c]`` is what the network says at ``(xs[c], ys[r])``.

    That is its output, from ``low`` to ``high`` with two classes parted at ``middle``, or the number of the strongest
    one if there are ``several``; ``probable`` is whether outputs are probabilities.
    """

    xs: Sequence[float]
    ys: Sequence[float]
    heights: Sequence[Sequence[float]]
    samples: Prediction
    several: bool
    low: float
    high: float
    middle: float
    probable: bool

    @property
    def points(self) -> list[tuple[float, ...]]:
        """Where the samples lie."""
        return [tuple(to_float(n.text) for n in row) for row in self.samples.inputs]


def plane(trained: Network, outputs: list[list[float]], count: int) -> Plane:
    """The plane of a network and its outputs for its samples, ``count`` places along each side."""
    samples = judge(trained, outputs, trained.targets)
    xs, ys = (_side([to_float(row[axis].text) for row in trained.inputs], count) for axis in (0, 1))
    found = predict(trained, tuple((Num(repr(x)), Num(repr(y))) for y in ys for x in xs)).outputs
    several = trained.sizes[-1] > 1
    heights = [max(range(len(row)), key=row.__getitem__) if several else float(row[0]) for row in found]
    ends = class_ends(trained)
    low, high = ends if samples.names else (min(heights), max(*heights, min(heights) + 1e-9))
    return Plane(
        xs, ys, [heights[n : n + count] for n in range(0, len(heights), count)], samples, several, low, high,
        sum(ends) / 2 if samples.names else 0.5, trained.layers[-1].rule.name in PROBABLE,
    )  # fmt: skip


def _side(places: Sequence[float], count: int) -> list[float]:
    """Places from before the first sample to behind the last."""
    low, high = min(places), max(places)
    room = MARGIN * ((high - low) or 1.0)
    step = (high - low + 2 * room) / (count - 1)
    return [low - room + n * step for n in range(count)]
