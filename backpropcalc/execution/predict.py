"""Prediction: the forward pass alone, the class it speaks for, and how often that is right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from backpropcalc.algebra.arithmetic import Number, to_float
from backpropcalc.algebra.numbers import number
from backpropcalc.algebra.terms import ZERO, Num
from backpropcalc.errors import fail, printable
from backpropcalc.spec.data import DataFile
from backpropcalc.spec.data import table as read
from backpropcalc.spec.network import Network
from backpropcalc.spec.reader import Matrix
from backpropcalc.spec.reading import read_text

from .training import learner

Vector = Sequence[Number]


@dataclass(frozen=True)
class Prediction:
    """Inputs and outputs, a row per sample; ``classes`` are the numbers of ``names``, None if it is no classification.

    ``actual`` are the classes that the targets name, None if there are no targets or they name none.
    """

    spec: Network
    inputs: Matrix
    outputs: list[list[Number]]
    targets: Matrix | None
    names: tuple[str, ...]
    classes: tuple[int, ...] | None
    actual: tuple[int, ...] | None

    def probability(self, sample: int) -> float | None:
        """The probability of the predicted class; None where outputs are none, as those of tanh and step."""
        if self.classes is None or self.spec.layers[-1].rule.name not in PROBABLE:
            return None
        return leanings(self.outputs[sample], (0, 1))[self.classes[sample]]

    @property
    def right(self) -> int:
        """How many classes are the ones that the targets name."""
        pairs = zip(self.classes or (), self.actual or (), strict=True)
        return sum(predicted == actual for predicted, actual in pairs)

    @property
    def accuracy(self) -> float | None:
        """The share that is right; None if there is nothing to compare."""
        return self.right / len(self.outputs) if self.classes is not None and self.actual is not None else None

    @property
    def confusion(self) -> list[list[int]]:
        """How often each class (rows) was taken for each (columns)."""
        counts = [[0] * len(self.names) for _ in self.names]
        for actual, predicted in zip(self.actual or (), self.classes or (), strict=True):
            counts[actual][predicted] += 1
        return counts


def predict(spec: Network, inputs: Matrix | None = None, targets: Matrix | None = None) -> Prediction:
    """The outputs for ``inputs``, or for the samples of the spec with their targets."""
    spec.filled()
    if inputs is None:
        inputs, targets = spec.inputs, spec.targets
    some = targets if targets is not None else ((ZERO,) * spec.sizes[-1],) * len(inputs)
    asked = replace(spec, inputs=inputs, targets=some, batch_size=None)
    return judge(asked, learner(asked).result().outputs, targets)


def judge(spec: Network, outputs: list[list[Number]], targets: Matrix | None) -> Prediction:
    """Outputs for the inputs of ``spec`` with the classes that they speak for."""
    names, ends = class_names(spec), class_ends(spec)
    classes = tuple(_strongest(row, ends) for row in outputs) if names else None
    return Prediction(spec, spec.inputs, outputs, targets, names, classes, _actual(names, ends, targets))


PROBABLE = ("sigmoid", "softmax")
"""Activations whose outputs are probabilities."""


def class_names(spec: Network) -> tuple[str, ...]:
    """A single output tells two classes apart, a softmax has a class for each output. Empty for other outputs: of
    several sigmoids each answers a question of its own, and several or none may say yes; and a tanh or step whose
    targets are more than two values tells no classes."""
    last, units = spec.layers[-1].rule.name, spec.sizes[-1]
    if units > 1:
        return (spec.classes or tuple(str(n) for n in range(1, units + 1))) if last == "softmax" else ()
    told = last == "sigmoid" or (last in ("tanh", "step") and _targets(spec) <= {*class_ends(spec)})
    return tuple(map(str, class_ends(spec))) if told else ()


def class_ends(spec: Network) -> tuple[int, int]:
    """The targets that stand for the two classes of a single output: 0 and 1, of tanh also −1 and 1."""
    return (-1, 1) if spec.layers[-1].rule.name == "tanh" and not _targets(spec) <= {0, 1} else (0, 1)


def _targets(spec: Network) -> set[float]:
    return {to_float(n.text) for row in spec.targets for n in row}


def leanings(outputs: Vector, ends: tuple[int, int]) -> list[float]:
    """How much outputs speak for each class: the outputs, or how far one output is from the other end."""
    if len(outputs) == 1:
        value = float(outputs[0])
        return [ends[1] - value, value - ends[0]]
    return [float(value) for value in outputs]


def _strongest(outputs: Vector, ends: tuple[int, int]) -> int:
    found = leanings(outputs, ends)
    return max(range(len(found)), key=found.__getitem__)


def _actual(names: tuple[str, ...], ends: tuple[int, int], targets: Matrix | None) -> tuple[int, ...] | None:
    """The classes that the targets name: one end or the other, or the one output that is to be 1."""
    if not names or targets is None:
        return None
    found = []
    for row in targets:
        values = leanings([to_float(n.text) for n in row], ends)
        if sorted(values) != [0] * (len(values) - 1) + [ends[1] - ends[0] if len(row) == 1 else 1]:
            return None
        found.append(max(range(len(values)), key=values.__getitem__))
    return tuple(found)


def typed(spec: Network, texts: Iterable[str]) -> Matrix:
    """Samples as typed on the command line: ``0.5,0.8``. Raises ``InputError``."""
    rows = []
    for text in texts:
        values = tuple(number(part) for part in text.replace(";", ",").split(","))
        if None in values:
            raise fail(
                "usage", f"--input {printable(text)!r} must be numbers with commas between them", "as in 0.5,0.8"
            )
        _fits(len(values), spec, f"--input {printable(text)!r} has")
        rows.append(tuple(Num(value) for value in values if value is not None))
    return tuple(rows)


def from_file(spec: Network, path: str) -> tuple[Matrix, Matrix | None]:
    """Inputs and, if they are there, targets of a CSV file, or of standard input if ``path`` is ``-``."""
    return from_table(spec, read(read_text(path), printable(path), names_needed=False))


def from_table(spec: Network, table: DataFile) -> tuple[Matrix, Matrix | None]:
    """Inputs and, if they are there, targets of a CSV: by the names of the spec's columns, else by their order."""
    inputs, outputs = spec.sizes[0], spec.sizes[-1]
    if spec.columns and set(spec.columns) <= set(table.names):
        wanted = spec.columns
        others = spec.classes if set(spec.classes) <= set(table.names) else ()
    else:
        if spec.columns and not table.headless:
            lost = next(name for name in spec.columns if name not in table.names)
            help = "it needs the columns " + ", ".join(printable(name, 40) for name in spec.columns)
            raise fail("missing-column", f"{table.file} has no column {printable(lost, 40)!r}", help)
        if len(table.names) not in (inputs, inputs + outputs):
            _fits(len(table.names), spec, f"{table.file} has")
        wanted, others = table.names[:inputs], table.names[inputs:]
    samples, targets = table.numbers(wanted, others)
    return samples, targets if others else None


def _fits(count: int, spec: Network, what: str) -> None:
    if count != spec.sizes[0]:
        raise fail("shape", f"{what} {count} numbers in a row, but the network has {spec.sizes[0]} inputs")
