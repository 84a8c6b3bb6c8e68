"""A commented spec to start from: with numbers drawn so that they are easy to work with, or with gaps to fill in."""

from __future__ import annotations

import random
import re
from itertools import pairwise

from backpropcalc.errors import fail, printable

from .reader import GAP

MOST_NEURONS, MOST_LAYERS = 50, 15
_SHAPE = re.compile(r"\d{1,3}(?:\s*[-x,]\s*\d{1,3})+")


def sizes_of(shape: str) -> tuple[int, ...]:
    """The sizes that ``2-3-1`` tells. Raises ``InputError`` if it tells none."""
    text = shape.strip()
    if not _SHAPE.fullmatch(text):
        help = "as in 2-3-1: two inputs, three hidden neurons, one output"
        raise fail("usage", f"{printable(shape)!r} is no network", help)
    sizes = tuple(int(size) for size in re.split(r"\s*[-x,]\s*", text))
    if not all(1 <= size <= MOST_NEURONS for size in sizes) or len(sizes) > MOST_LAYERS + 1:
        raise fail("usage", f"a layer has 1 to {MOST_NEURONS} neurons, and a network up to {MOST_LAYERS} layers")
    return sizes


def template(sizes: tuple[int, ...], seed: int | None, schema: str) -> str:
    """The text of a spec for a network of these sizes; without a ``seed`` its weights are left to be filled in."""
    draw = None if seed is None else random.Random(seed)

    def number(low: int, high: int) -> str:
        """A multiple of 0.05 that is not 0, or a gap."""
        if draw is None:
            return GAP
        twentieths = draw.choice([n for n in range(low, high + 1) if n])
        return f"{twentieths / 20:g}"

    def row(count: int, low: int, high: int) -> str:
        return "[" + ", ".join(number(low, high) for _ in range(count)) + "]"

    weights = "\n".join(
        f"  - [{', '.join(row(sources, -19, 19) for _ in range(units))}]{_comment(n, sources, units, len(sizes) - 1)}"
        for n, (sources, units) in enumerate(pairwise(sizes), 1)
    )
    biases = ", ".join(row(units, -10, 10) for units in sizes[1:])
    inputs = row(sizes[0], 1, 19)
    targets = "[" + ", ".join(GAP if draw is None else str(draw.randint(0, 1)) for _ in range(sizes[-1])) + "]"
    origin = f"Drawn with seed {seed}." if draw else f"Fill in each {GAP}."
    return f"""# yaml-language-server: $schema={schema}
# A {"-".join(map(str, sizes))} network. {origin} Then: backpropcalc run THIS_FILE
title: A {"-".join(map(str, sizes))} network
inputs:  {inputs}
targets: {targets}
weights:                              # a matrix per layer: a row per neuron, a column per source
{weights}
biases: [{biases}]
# biases: [0.35, 0.6]                 # or one number per layer, shared by its neurons; null for none
activation: sigmoid                   # or one per layer, as [relu, sigmoid]; all: backpropcalc functions
loss: half_squared_error              # or binary_cross_entropy, cross_entropy after softmax, …
learning_rate: 0.5
notation: layered                     # mazur, layered, phi, mlp, letters
decimals: 4                           # shown; the work itself is not rounded
# carry: rounded                      # go on with the rounded values, as with a pocket calculator
# iterations: 2                       # how many updates
"""


def _comment(n: int, sources: int, units: int, layers: int) -> str:
    layer = "output layer" if n == layers else "hidden layer" if layers == 2 else f"hidden layer {n}"
    return f"    # {layer}: {units} from {sources}"
