"""A commented spec to start from: with numbers drawn so that they are easy to work with, or with gaps to fill in."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from backpropcalc.errors import count, fail, printable
from backpropcalc.files import whole
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES

from .network import layer_name
from .reader import GAP, suggestion

MOST_NEURONS, MOST_LAYERS, MOST_SAMPLES = 50, 15, 100
SCHEMA = "backpropcalc.schema.json"
"""The name of the schema beside a new spec."""
Matrix = Sequence[Sequence[float]]
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


@dataclass(frozen=True)
class Plan:
    """What a new spec is to be: its sizes, activations, loss, how many samples, and the seed of its numbers, if any.

    If there are ``weights``, a row per neuron, they and the ``biases`` are its numbers; ``origin`` says whose they are.
    """

    sizes: tuple[int, ...]
    seed: int | None = None
    activation: tuple[str, ...] = ("sigmoid",)
    loss: str = "half_squared_error"
    samples: int = 1
    weights: Sequence[Matrix] = ()
    biases: Sequence[Sequence[float] | None] = ()
    origin: str = ""

    def __post_init__(self) -> None:
        for name in self.activation:
            if name not in ACTIVATIONS:
                raise fail("usage", f"--activation cannot be {printable(name)!r}", suggestion(name, ACTIVATIONS))
        if len(self.activation) not in (1, len(self.sizes) - 1):
            layers, given = count(len(self.sizes) - 1, "layer"), count(len(self.activation), "activation")
            raise fail("usage", f"{given} for {layers}", "one for all, or one per layer: relu,sigmoid")
        if self.loss not in LOSSES:
            raise fail("usage", f"--loss cannot be {printable(self.loss)!r}", suggestion(self.loss, LOSSES))
        if not 1 <= self.samples <= MOST_SAMPLES:
            raise fail("usage", f"--samples must be a whole number from 1 to {MOST_SAMPLES}, not {self.samples}")


class _Numbers:
    """The numbers of a new spec: drawn, or gaps."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.draw = None if plan.seed is None else random.Random(plan.seed)

    def row(self, count: int, low: int, high: int) -> str:
        """A list of multiples of 0.05 that are not 0, from ``low`` to ``high`` twentieths."""
        return f"[{', '.join(self._one(low, high) for _ in range(count))}]"

    def _one(self, low: int, high: int) -> str:
        return GAP if self.draw is None else f"{self.draw.choice([n for n in range(low, high + 1) if n]) / 20:g}"

    def matrix(self, n: int) -> str:
        """The weights of layer ``n``, counted from 0."""
        if self.plan.weights:
            return json.dumps(self.plan.weights[n])
        return f"[{', '.join(self.row(self.plan.sizes[n], -19, 19) for _ in range(self.plan.sizes[n + 1]))}]"

    def bias(self, n: int) -> str:
        """The biases of layer ``n``."""
        return json.dumps(self.plan.biases[n]) if self.plan.weights else self.row(self.plan.sizes[n + 1], -10, 10)

    def target(self) -> str:
        """A list of 0 and 1; a single 1 if the outputs are classes."""
        units = range(self.plan.sizes[-1])
        if self.draw is None:
            return f"[{', '.join(GAP for _ in units)}]"
        if self.plan.loss == "cross_entropy":
            one = self.draw.choice(units)
            return f"[{', '.join(str(int(k == one)) for k in units)}]"
        return f"[{', '.join(str(self.draw.randint(0, 1)) for _ in units)}]"

    def samples(self, row: Callable[[], str]) -> str:
        """One sample, or a row for each."""
        if self.plan.samples == 1:
            return f" {row()}"
        return "".join(f"\n  - {row()}" for _ in range(self.plan.samples))


def template(plan: Plan, schema: str = "") -> str:
    """The text of a spec; without a seed its numbers are left to be filled in. ``schema`` is where editors find it."""
    numbers, sizes, layers = _Numbers(plan), plan.sizes, len(plan.sizes) - 1
    weights = "\n".join(
        f"  - {numbers.matrix(n - 1)}    # {layer_name(n, layers)}: {units} from {sources}"
        for n, (sources, units) in enumerate(pairwise(sizes), 1)
    )
    biases = ", ".join(map(numbers.bias, range(layers)))
    inputs, targets = numbers.samples(lambda: numbers.row(sizes[0], 1, 19)), numbers.samples(numbers.target)
    name = "-".join(map(str, sizes))
    drawn = "Inputs and targets drawn" if plan.origin else "Drawn"
    origin = f"Fill in each {GAP}." if plan.seed is None else f"{drawn} with seed {plan.seed}."
    origin = f"Weights and biases of {plan.origin}. " * bool(plan.origin) + origin
    activation = plan.activation[0] if len(plan.activation) == 1 else f"[{', '.join(plan.activation)}]"
    head = f"# yaml-language-server: $schema={schema}\n" if schema else ""
    return f"""{head}# A {name} network. {origin} Then: backpropcalc run THIS_FILE
title: A {name} network
inputs: {inputs}
targets:{targets}
weights:                              # a matrix per layer: a row per neuron, a column per source
{weights}
biases: [{biases}]
# biases: [0.35, 0.6]                 # or one number per layer, shared by its neurons; null for none
{f"activation: {activation}":<38}# or one per layer, as [relu, sigmoid]; all: backpropcalc functions
{f"loss: {plan.loss}":<38}# or binary_cross_entropy, cross_entropy after softmax, …
learning_rate: 0.5
notation: layered                     # mazur, layered, phi, mlp, letters
decimals: 4                           # shown; the work itself is not rounded
# carry: rounded                      # go on with the rounded values, as with a pocket calculator
# iterations: 2                       # how many updates
"""


def write_schema(folder: Path) -> Path | None:
    """Write the schema into ``folder`` unless it is there, for editors; the file, or None if it was."""
    from .schema import text

    path = folder / SCHEMA
    if path.exists():
        return None
    with whole(path) as stream:
        stream.write(text())
    return path
