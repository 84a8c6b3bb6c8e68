"""A network as its spec file describes it: layers, samples, loss, how it is trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar, NamedTuple

from backpropcalc.algebra.terms import Num
from backpropcalc.errors import fail
from backpropcalc.rules.functions import Activation, Loss
from backpropcalc.rules.optimisers import OPTIMISERS, Optimiser

from .keys import Training
from .model import Spec
from .reader import Matrix, unfilled
from .schedule import Schedule

MOST_EXACT = 350
"""Parameters times samples up to which exact values are worked: their fractions grow with every step."""


class Layer(NamedTuple):
    """One dense layer: ``weights`` has a row per neuron and a column per source, whatever the file's orientation.

    ``bias`` is None, one number shared by the layer, or one per neuron.
    """

    weights: Matrix
    bias: Num | tuple[Num, ...] | None
    rule: Activation
    parameters: Mapping[str, Num]

    @property
    def size(self) -> int:
        """The number of neurons."""
        return len(self.weights)


@dataclass(frozen=True, kw_only=True)
class Network(Training, Spec):
    """A network, one or more samples, and how to train and write it. Numbers are the text of the file."""

    kind: ClassVar[str] = "network"

    inputs: Matrix
    targets: Matrix
    layers: tuple[Layer, ...]
    loss: Loss
    outputs: str
    samples: str
    learning_rate: Num | None
    train: frozenset[str]
    orientation: str
    learning_rates: tuple[Num, ...] = ()
    """All that are to be compared; the first is ``learning_rate``."""
    optimiser: Optimiser = OPTIMISERS["gradient_descent"]
    optimiser_options: Mapping[str, Num] = field(default_factory=dict)
    drawn: str = ""
    """How the weights were drawn; empty if they were given."""
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    """The names of the inputs and the targets, where they come from a file."""
    folder: Path = Path()
    size_letters: tuple[str, ...] = ()
    """What the sizes are called where they are letters; then only the rules of any unit can be told."""
    symbolic: bool = False
    """Whether it has sizes and no numbers, only zeros in their place."""
    gaps: int = 0
    """How many numbers are left to be filled in; zeros stand in their place."""

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """The number of inputs, then of neurons in each layer."""
        return (len(self.inputs[0]), *(layer.size for layer in self.layers))

    @property
    def parameters(self) -> int:
        """How many weights and biases there are, a shared bias counting once."""
        biases = sum(len(b) if isinstance(b, tuple) else b is not None for b in (x.bias for x in self.layers))
        return sum(a * b for a, b in zip(self.sizes, self.sizes[1:], strict=False)) + biases

    @cached_property
    def schedule(self) -> Schedule:
        """Which samples belong to which iteration."""
        return Schedule(len(self.inputs), self.batch_size, self.shuffle, self.seed)

    @property
    def steps(self) -> int:
        """How many iterations training takes: ``epochs`` of them, or ``iterations``."""
        return self.epochs * self.schedule.per_epoch if self.epochs else self.iterations

    @property
    def differentiates_samples(self) -> bool:
        """Whether the backward pass differentiates the loss of each sample, and the mean is taken in the gradient."""
        return self.method.mean_in == "gradient" and self.samples == "mean" and self.schedule.size > 1

    def on(self, samples: Iterable[int]) -> Network:
        """The same network with these samples alone, as one batch."""
        chosen = tuple(samples)
        if len(chosen) == len(self.inputs):
            return replace(self, batch_size=None)
        inputs, targets = (tuple(rows[s] for s in chosen) for rows in (self.inputs, self.targets))
        return replace(self, inputs=inputs, targets=targets, batch_size=None)

    def filled(self) -> None:
        """Raises ``InputError`` if zeros stand where numbers should."""
        help = "`derive` and `info` need no numbers"
        if any(layer.rule.open for layer in self.layers) or self.loss.open:
            key = "activation" if any(layer.rule.open for layer in self.layers) else "loss"
            raise self.error("open", "a function that is only a letter has no values", key, help)
        if self.gaps:
            raise self.error("gap", unfilled(self.gaps), "gap", help)
        if self.symbolic:
            help = "give `weights`, `inputs` and `targets`; `derive` and `info` need none"
            raise self.error("no-numbers", "this spec has sizes and no numbers", "sizes", help)

    def numbers(self) -> None:
        """Raises ``InputError`` if there are none to work with, or none that can be shown as asked for."""
        self.filled()
        if self.style.view == "index":
            raise fail("usage", "the rules for any unit have no numbers", "`backpropcalc derive --view index` has them")
        if self.method.exact and self.parameters * len(self.inputs) > MOST_EXACT:
            help = "leave out --exact, or give fewer samples"
            raise fail("usage", f"exact values of {len(self.inputs)} samples would take minutes", help)
        if self.method.exact and self.style.view == "matrix":
            raise fail("usage", "exact values are written line by line", "leave out --exact, or the matrix view")


def layer_name(n: int, depth: int) -> str:
    """What layer ``n`` of so many is called; a single hidden one needs no number."""
    return "output layer" if n == depth else "hidden layer" if depth == 2 else f"hidden layer {n}"


def parameter_ids(layers: Iterable[Layer]) -> frozenset[str]:
    """The ids of all weights and biases."""
    found: list[str] = []
    for n, layer in enumerate(layers, 1):
        for j, row in enumerate(layer.weights, 1):
            found += (f"w[{n},{j},{i}]" for i in range(1, len(row) + 1))
        if isinstance(layer.bias, tuple):
            found += (f"b[{n},{j}]" for j in range(1, len(layer.bias) + 1))
        elif layer.bias is not None:
            found.append(f"b[{n}]")
    return frozenset(found)


def as_network(spec: Spec) -> Network:
    """``spec`` itself. Raises ``InputError`` if it describes anything but a network."""
    if not isinstance(spec, Network):
        raise spec.error("kind", f"this is a {spec.kind}, not a network", help="`backpropcalc run` works it out")
    return spec
