"""What an exam asks: the quantities, in the order of the calculation, and what each is worth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import cast

from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Var
from backpropcalc.errors import InputError, Place, fail, printable
from backpropcalc.marking.examination import questions
from backpropcalc.marking.judge.key import Key
from backpropcalc.marking.judge.worth import amount
from backpropcalc.marking.why.edits import NetworkContext, kind
from backpropcalc.marking.why.search import EditBook
from backpropcalc.notation.names import Names
from backpropcalc.pages.calculation import Page
from backpropcalc.pages.matrices import MatrixPage, indices
from backpropcalc.pages.page import page
from backpropcalc.program.steps import PHASES
from backpropcalc.spec.model import ONLY, Spec
from backpropcalc.spec.network import Network

MOST_ASKED = 400
MOST_GIVEN = 400
"""So many values an exam asks for and gives at most: more are no exam for anyone."""
SORTS = frozenset({"sum", "activation", "delta"})
"""What is asked of every unit unless somebody says otherwise; see ``kind``."""


@dataclass(frozen=True)
class Questions:
    """The quantities asked for, entry by entry, and the page that works them out in the view of the spec."""

    page: Page
    key: Key
    asked: tuple[Var, ...]
    scalar: Page
    """The page by which answers are marked: every number has a line."""

    @property
    def spec(self) -> Spec:
        """What is worked out: one iteration."""
        found: Spec = self.page.trace.spec
        return found

    @property
    def digits(self) -> Digits:
        """The digits that values are asked for with: those of the spec's precision, or as values are shown."""
        precision = self.spec.marking.precision
        return Digits(*precision) if any(n is not None for n in precision) else self.page.digits

    @cached_property
    def book(self) -> EditBook:
        """What the misconceptions make of each step."""
        return EditBook(NetworkContext(self.page.trace, self.key.steps, self.key.given))

    @cached_property
    def worth(self) -> Mapping[Var, float]:
        """The points of each line of the page: of a matrix those of its entries together."""
        points = {var: self.key.points[var] for var in self.asked}
        wholes = self.page.wholes
        return points | {var: sum(points.get(entry, 0.0) for entry in entries) for var, entries in wholes.items()}

    @property
    def possible(self) -> float:
        """All points."""
        return sum(self.key.points[var] for var in self.asked)

    def of(self, phase: str) -> tuple[Var, ...]:
        """What is asked of a phase."""
        phases = {step.var: name for name, step in self.key.steps}
        return tuple(var for var in self.asked if phases[var] == phase)

    def points(self, vars: Iterable[Var]) -> str:
        """What some of the values are worth together, in words."""
        worth = sum(self.key.points[var] for var in vars)
        return f"{amount(worth)} {'point' if worth == 1 else 'points'}"

    @property
    def ids(self) -> list[str]:
        """The ids of what is asked."""
        return [var.id for var in self.asked]


def asked(spec: Spec, words: Sequence[str] = ()) -> Questions:
    """The questions of an exam: those of ``words`` (phases, names or ids), of the spec, or a choice of all.

    Raises ``InputError`` for a name that is unknown or given, and for a spec that no sheet can hold.
    """
    spec = _one_iteration(spec)
    _fits(spec)
    scalar = questions(spec)
    found = _named(scalar, words, spec) or frozenset(_chosen(scalar))
    shown = page(spec) if spec.style.view == "matrix" else scalar
    if isinstance(shown, MatrixPage):
        found = _whole(shown, found)
    repeated = scalar.trace.repeated
    order = tuple(var for var in scalar.trace.computed() if var in found and var not in repeated)
    if not order:
        raise fail("empty", "there is nothing to ask: no quantity is both named and worked out")
    if len(order) > MOST_ASKED:
        message = f"{len(order):,} values are asked for, more than {MOST_ASKED}"
        raise fail("usage", message, "name some of them: `ask:` in the spec, or --ask NAME")
    marking = spec.marking._replace(only=frozenset(var.id for var in order))
    marked = replace(cast(Network, spec), marking=marking)
    lines = questions(marked)
    return Questions(replace(shown, only=frozenset(order)), Key.of(lines.trace, frozenset(order)), order, lines)


def _one_iteration(spec: Spec) -> Spec:
    """A network as it is marked: one update, with the samples of the first."""
    if not isinstance(spec, Network):
        return spec
    return replace(spec, iterations=1, epochs=None)


def _fits(spec: Spec) -> None:
    """Raises ``InputError`` if the numbers do not fit on a sheet, or if there are none."""
    spec.numbers()
    if not isinstance(spec, Network):
        return
    given = spec.parameters + len(spec.inputs) * (spec.sizes[0] + spec.sizes[-1])
    if given > MOST_GIVEN:
        message = f"{given:,} numbers are given, more than fit on a sheet of paper ({MOST_GIVEN})"
        raise fail("too-large", message, "an exam needs a small network and a few samples written in the spec")
    if not spec.schedule.whole and spec.shuffle:
        raise fail("usage", "an exam cannot tell which samples a shuffled batch begins with", "leave out `shuffle`")


def _named(page: Page, words: Sequence[str], spec: Spec) -> frozenset[Var]:
    """What is called by ``words`` or, without any, by the spec; empty if it says nothing."""
    phases = {step.var: block.phase for block in page.trace.asked for step in block.cells}
    renewed = {var.parts[0]: var for var in phases if var.role == "new"}
    names = Names(page.notation, chain(page.trace.given(), phases))
    problems, found = [], set[Var]()
    for word in words or spec.exam.ask or sorted(spec.marking.only):
        if word in PHASES:
            found.update(var for var, phase in phases.items() if phase == word)
            continue
        grid = names.grid(word) if names.get(word) is None else None
        try:
            wanted = [var for row in grid for var in row] if grid else [names.find(word)]
        except InputError as error:
            problems += [problem._replace(where=_place(spec, word, words)) for problem in error.problems]
            continue
        worked = [renewed.get(var, var) for var in wanted]
        if not all(var in phases for var in worked):
            problem = fail("given", f"{printable(word)} is given, not worked out").problems[0]
            problems.append(problem._replace(where=_place(spec, word, words)))
        found.update(worked)
    if problems:
        raise InputError(problems, *(("", "") if words else (spec.file, spec.source)))
    return frozenset(found)


def _place(spec: Spec, word: str, words: Sequence[str]) -> Place | None:
    """Where a word stands in the spec, if it stands there."""
    return None if words else spec.places.get(ONLY + word)


def _chosen(page: Page) -> Iterator[Var]:
    """Of a network sums, outputs, loss and δ, in each layer two gradients and what they lead to; of a formula all."""
    computed = [step.var for block in page.trace.blocks(page.trace.first) for step in block.cells]
    if not isinstance(page.trace.spec, Network):
        yield from computed
        return
    yield from (var for var in computed if kind(var) in SORTS or kind(var) in ("loss", "sample"))
    for layer in range(1, len(page.trace.spec.layers) + 1):
        here = [var for var in computed if var.layer == layer]
        weights = [var for var in here if kind(var) == "gradient"]
        picked = [*weights[:1], *weights[-1:], *[var for var in here if kind(var) == "bias gradient"][:1]]
        yield from picked
        renewed = {var.of[1].at(var.index or (0, 0)) for var in picked}
        yield from (var for var in here if var.role == "new" and var.parts[0] in renewed)


def _whole(page: MatrixPage, asked: frozenset[Var]) -> frozenset[Var]:
    """The entries of every matrix of which one is asked."""
    found = set[Var]()
    for block in page.blocks(1):
        for step in block.steps:
            entries = {entry for at in indices(step.var) if (entry := page.entry(step.var, at)) is not None}
            found |= entries if entries & asked else set()
    return frozenset(found)
