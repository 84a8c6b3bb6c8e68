"""The spec file: YAML to a frozen ``Spec``, with every problem of the file found in one reading."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from backpropcalc.algebra.terms import Num
from backpropcalc.errors import InputError, Place, Problem, fail, one_of, printable
from backpropcalc.rules.functions import Activation, Loss
from backpropcalc.rules.optimisers import OPTIMISERS, Optimiser

from .reading import read_text

if TYPE_CHECKING:
    from backpropcalc.execution.trace import Trace
    from backpropcalc.notation.notation import Notation

    from .schedule import Schedule

Matrix = tuple[tuple[Num, ...], ...]
NOTATIONS = ("mazur", "layered", "phi", "mlp", "letters")
CHOICES = {
    "notation": NOTATIONS,
    "carry": ("full", "rounded"),
    "chain": ("factors", "delta", "full"),
    "view": ("scalar", "matrix"),
    "update": ("simultaneous", "sequential"),
}
RANGES = {
    "decimals": (0, 15), "significant": (1, 15), "iterations": (1, 100_000_000), "epochs": (1, 100_000_000),
    "batch_size": (1, 1_000_000), "seed": (0, 2**63),
}  # fmt: skip
OVERRIDES = ("iterations", "epochs", "batch_size", "shuffle", "seed", "update")
"""What a flag can set beside the style."""
LETTERS = ("input", "weight", "bias", "sum", "activation", "target", "loss", "rate", "delta")


@dataclass(frozen=True)
class Layer:
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


@dataclass(frozen=True)
class Style:
    """How the calculation is written: all that a command-line flag can override."""

    notation: str = "layered"
    index: str = "to_from"
    letters: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    decimals: int | None = 6
    significant: int | None = None
    carry: str = "full"
    chain: str = "factors"
    view: str = "scalar"
    exact: bool = False


class Written:
    """What a spec of any kind has: a style that flags override, its text, and its place in the file."""

    kind: ClassVar[str] = ""
    """Which module of ``render`` makes pages of it."""
    title: str
    style: Style
    iterations: int
    file: str
    source: str
    places: Mapping[str, Place]

    def run(self, first: int = 1) -> Trace:
        """The hand calculation of this spec, from iteration ``first`` on: see ``Trace``."""
        raise NotImplementedError

    def numbers(self) -> None:
        """Raises ``InputError`` if there are none to work with."""

    def network(self) -> Spec:
        """The spec, if it is a network; raises ``InputError`` if it is anything else."""
        raise self.error("kind", f"this is a {self.kind}, not a network", help="`backpropcalc run` works it out")

    def names(self) -> Notation:
        """What its quantities are called."""
        from backpropcalc.notation.own_names import OwnNames

        return OwnNames()

    def override(self, **style: Any) -> Self:
        """The same spec with some keys set anew, as flags do. Raises ``InputError`` for a value that cannot be."""
        for key, value in style.items():
            choices = CHOICES.get(key)
            if choices and value not in choices:
                raise fail("usage", f"--{key} cannot be {printable(str(value))!r}", one_of(str(value), choices))
            low, high = RANGES.get(key, (0, 0))
            if high and not low <= value <= high:
                raise fail("usage", f"--{key} must be a whole number from {low} to {high}, not {value}")
        if "decimals" in style and "significant" in style:
            raise fail("usage", "give either --decimals or --significant, not both")
        if style.get("exact", self.style.exact) and style.get("carry", self.style.carry) == "rounded":
            raise fail("usage", "exact values are not rounded", "leave out --exact, or `carry: rounded`")
        for key, other in (("decimals", "significant"), ("significant", "decimals")):
            if style.get(key) is not None:
                style[other] = None
        own = {key: style.pop(key) for key in tuple(style) if key in OVERRIDES}
        if "iterations" in own and hasattr(self, "epochs"):
            own["epochs"] = None
        found: Self = replace(cast(Any, self), **own, style=replace(self.style, **style))
        return found

    def error(self, code: str, message: str, key: str = "", help: str = "") -> InputError:
        """An error that points at the value of ``key`` in the file."""
        return InputError([Problem(code, message, self.places.get(key), help)], self.file, self.source)


@dataclass(frozen=True)
class Precision:
    """How finely answers are asked for: in decimals, in significant digits, or as the student likes."""

    decimals: int | None = None
    significant: int | None = None

    def half(self, value: Any) -> float:
        """Half a unit of the last place that is asked for in ``value``; infinite if nothing is."""
        if self.decimals is not None:
            return 0.5 * 10.0**-self.decimals
        if self.significant is None or value == 0:
            return math.inf
        return 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - self.significant + 1)


@dataclass(frozen=True)
class Marking:
    """How answers are marked: the precision asked for, what is accepted, the points of a phase or of a quantity by its
    id, and the credit, from 0 to 1, of a verdict or note."""

    precision: Precision = Precision()
    accept: frozenset[str] = frozenset()
    points: Mapping[str, float] = field(default_factory=dict)
    credit: Mapping[str, float] = field(default_factory=dict)


UNMARKED = Marking()
"""Marking as it is unless a spec says otherwise."""


@dataclass(frozen=True)
class Spec(Written):
    """A network, one or more samples, and how to train and write it. Numbers are the text of the file."""

    kind: ClassVar[str] = "network"

    title: str
    inputs: Matrix
    targets: Matrix
    layers: tuple[Layer, ...]
    loss: Loss
    outputs: str
    samples: str
    learning_rate: Num | None
    train: frozenset[str]
    update: str
    iterations: int
    orientation: str
    style: Style
    marking: Marking = Marking()
    file: str = ""
    source: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    learning_rates: tuple[Num, ...] = ()
    """All that are to be compared; the first is ``learning_rate``."""
    batch_size: int | None = None
    epochs: int | None = None
    shuffle: bool = False
    seed: int = 0
    optimiser: Optimiser = OPTIMISERS["gradient_descent"]
    optimiser_options: Mapping[str, Num] = field(default_factory=dict)
    drawn: str = ""
    """How the weights were drawn; empty if they were given."""
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    """The names of the inputs and the targets, where they come from a file."""
    folder: Path = Path()
    symbolic: bool = False
    """Whether it has sizes and no numbers, only zeros in their place."""

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
        from .schedule import Schedule

        return Schedule(self)

    @property
    def steps(self) -> int:
        """How many iterations training takes: ``epochs`` of them, or ``iterations``."""
        return self.epochs * self.schedule.per_epoch if self.epochs else self.iterations

    def on(self, samples: Iterable[int]) -> Spec:
        """The same network with these samples alone, as one batch."""
        chosen = tuple(samples)
        if len(chosen) == len(self.inputs):
            return replace(self, batch_size=None)
        inputs, targets = (tuple(rows[s] for s in chosen) for rows in (self.inputs, self.targets))
        return replace(self, inputs=inputs, targets=targets, batch_size=None)

    def run(self, first: int = 1) -> Trace:
        """The hand calculation of this spec, from iteration ``first`` on: see ``Trace``."""
        from backpropcalc.execution.trace import Trace

        return Trace(self, first)

    def network(self) -> Spec:
        """The spec itself."""
        return self

    def names(self) -> Notation:
        """What its quantities are called in its notation."""
        from backpropcalc.notation.notation import Notation

        return Notation(self)

    def numbers(self) -> None:
        """Raises ``InputError`` if there are none to work with, or none that can be shown as asked for."""
        if self.symbolic:
            help = "give `weights`, `inputs` and `targets`; `derive` and `info` need none"
            raise self.error("no-numbers", "this spec has sizes and no numbers", "sizes", help)
        if self.style.exact and self.style.view == "matrix":
            raise fail("usage", "exact values are written line by line", "leave out --exact, or the matrix view")


def load(path: str | Path) -> Spec:
    """Read a spec file, or standard input if ``path`` is ``-``. Raises ``InputError`` with all its problems.

    A file with ``expression:`` gives a ``Graph``, one with ``minimise:`` a ``Descent``; they run and are written alike.
    """
    name = "<standard input>" if str(path) == "-" else printable(str(path))
    return loads(read_text(path), name, Path() if str(path) == "-" else Path(path).parent)


def loads(text: str, file: str = "", folder: Path | None = None) -> Spec:
    """Read a spec from its YAML text; data files are looked for in ``folder``. Raises ``InputError``."""
    from .decode import decode

    found: Spec = decode(text, file, folder)
    return found
