"""What a calculation begins with, each number by its name: inputs, targets, weights and biases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.terms import PARAMETERS, Num, Var
from backpropcalc.errors import printable
from backpropcalc.program.steps import Program
from backpropcalc.spec.network import Network, layer_name
from backpropcalc.spec.reader import Matrix

from .pieces import Given, Math, Phrase, Table, Value, listed, math

MOST, SAMPLES = 24, 4
"""So many numbers of a layer or of a sample, and so many samples, are shown."""
ROWS = 12
"""Rows, and columns, up to which a file of data is shown as a table."""
LONGEST = 12
"""Characters up to which a number stands as it was given."""


def samples(spec: Network, every: bool = False) -> Iterator[tuple[str, Phrase]]:
    """Inputs and targets, of ``every`` sample or of the first few."""
    yield "inputs", _vectors(Var("x", 0, (spec.sizes[0], 1)), spec.inputs, every)
    yield "targets", _vectors(Var("t", len(spec.layers), (spec.sizes[-1], 1)), spec.targets, every)


def parameters(spec: Network, program: Program, every: bool = False) -> Iterator[tuple[str, Phrase]]:
    """Weights and biases, those of a layer together, ``every`` one or the first of many."""
    depth = len(spec.layers)
    for layer in range(1, depth + 1):
        pairs = [pair for pair in program.numbers if pair[0].layer == layer and pair[0].role in PARAMETERS]
        yield layer_name(layer, depth), _one_by_one(pairs, every)


def data_table(spec: Network) -> Iterator[Table]:
    """The rows of a small file of data under the names of its columns, the target beside the inputs."""
    if not spec.columns or len(spec.inputs) > ROWS or spec.sizes[0] + spec.sizes[-1] > ROWS:
        return
    targets = Var("t", len(spec.layers), (spec.sizes[-1], 1))
    headings: tuple[Phrase, ...] = (
        "",
        *map(printable, spec.columns),
        *(math(targets.at((k, 0))) for k in range(spec.sizes[-1])),
    )
    pairs = zip(spec.inputs, spec.targets, strict=True)
    rows: list[tuple[Phrase, ...]] = [
        (f"{s}", *(_plain(number) for number in (*x, *t))) for s, (x, t) in enumerate(pairs, 1)
    ]
    yield Table(headings, rows, (True,) * len(headings), "Data")


def _plain(number: Num) -> Math:
    return math(number if len(number.text) <= LONGEST else Value(to_float(number.text)))


def _vectors(var: Var, rows: Matrix, every: bool) -> Phrase:
    """One sample entry by entry, several as vectors: ``(0, 1), (1, 1) for (x₁, x₂)``."""
    entries = [var.at((r, 0)) for r in range(var.shape[0])]
    if len(rows) == 1:
        return _one_by_one(list(zip(entries, rows[0], strict=True)), every)
    most = len(rows) if every else SAMPLES
    wide = len(entries) if every else MOST
    whole = replace(var, shape=(var.shape[0], len(rows)))
    vectors = [
        _vector([_number(whole.at((r, s)), n) for r, n in enumerate(row)], wide) for s, row in enumerate(rows[:most])
    ]
    more = f" and {len(rows) - most:,} more" if len(rows) > most else ""
    return (*_joined(vectors, f"{more} for "), _vector([math(entry) for entry in entries], wide))


def _vector(entries: Sequence[Math], wide: int) -> Math:
    if len(entries) == 1:
        return entries[0]
    return math("(", *listed(entries[:wide]), *([", …"] if len(entries) > wide else []), ")")


def _one_by_one(pairs: Sequence[tuple[Var, Num]], every: bool) -> Phrase:
    most = len(pairs) if every else MOST
    more = len(pairs) - most
    shown = [math(var, " = ", *_number(var, number)) for var, number in pairs[:most]]
    return _joined(shown, f" and {more:,} more: --all shows them" if more > 0 else "")


def _joined(formulas: Sequence[Math], end: str) -> Phrase:
    parts = [part for formula in formulas for part in (formula, ", ")][:-1]
    return (*parts, end) if end else tuple(parts)


def _number(var: Var, number: Num) -> Math:
    """A number as it was given; one with more digits than anyone reads with those of the page."""
    return math(Given(var, number) if len(number.text) <= LONGEST else Value(to_float(number.text), source=var))
