"""A straight-line program: an ordered list of assignments ``Step(var, term)``, one per textbook line.

A ``Block`` is a run of steps under one heading. Nothing here knows numbers or notation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from backpropcalc.algebra.entries import COLUMN, ROW, distinct, uniform
from backpropcalc.algebra.terms import OF_PARAMETERS, Index, Kink, Num, Op, Term, Var, element
from backpropcalc.spec.reader import Matrix

LOSS = Var("loss")
PHASES = ("forward", "loss", "backward", "update", "after")
"""The phases of a calculation, in order."""


def is_slope_of_loss(var: Var, by: str) -> bool:
    """Whether it is ∂E/∂z, if ``by`` is ``z``, or ∂E/∂a, if it is ``a``; E may be the loss of each sample."""
    return var.role == "d" and var.of[0].role in ("loss", "sample") and var.of[1].role == by


def chain_product(term: Term) -> Op:
    """The operation that ``term`` is, without the 1/m before it and the paths that it may be written as."""
    match term:
        case Op("mul", (Num(), Op() as inner)) | Op("paths", (Op() as inner,)):
            return chain_product(inner)
        case Op():
            return term
    return Op("", ())


FEW = 100
"""Entries of a tensor up to which the scalar steps behind them are kept: working, notes and lines all ask for them."""


@dataclass(frozen=True)
class Step:
    """``var`` becomes ``term``. ``safe`` has the same value and is worked out instead where digits would be lost;
    ``kink`` is where its slope is a convention; ``routes`` are other formulas that textbooks take to the value,
    ``equals`` those that a page shows beside the term, as a − y beside its factors.
    """

    var: Var
    term: Term
    safe: Term | None = None
    kink: Kink | None = None
    routes: tuple[Term, ...] = ()
    equals: tuple[Term, ...] = ()
    products: Term | None = None
    """The term once more with names for the products in its sum, which only their numbers are shown of."""
    parts: tuple[Step, ...] = ()
    """What these names stand for: worked out with the step, no lines of their own."""

    @property
    def entries(self) -> Iterator[Index]:
        """The entries of ``var`` that the step assigns: all, those that are trained, or the one that it is about."""
        if self.var.index is not None:
            yield self.var.index
            return
        only = self.var.of[-1].only if self.var.role in ("new", "d", *OF_PARAMETERS) else None
        rows, columns = self.var.shape
        for r in range(rows):
            for c in range(columns):
                if only is None or (r, c) in only:
                    yield r, c

    def cell(self, at: Index) -> Step:
        """The scalar step behind one entry; of a step that is of a single entry, itself."""
        if self.var.index is not None:
            return self
        if self.var.shape[0] * self.var.shape[1] > FEW:
            return self._cell(at)
        if at not in self._cells:
            self._cells[at] = self._cell(at)
        return self._cells[at]

    @cached_property
    def _cells(self) -> dict[Index, Step]:
        return {}

    def _cell(self, at: Index) -> Step:
        kink = Kink(element(self.kink.at, at), self.kink.text) if self.kink else None
        safe = None if self.safe is None else element(self.safe, at)
        routes, equals = (tuple(element(term, at) for term in terms) for terms in (self.routes, self.equals))
        return Step(self.var.at(at), element(self.term, at), safe, kink, routes, equals)

    @cached_property
    def general(self) -> Step | None:
        """The scalar step behind every entry, with letters for row and column; None if they differ in more."""
        if self.var.index is not None or self.products is not None:
            return None
        if not all(map(uniform, (*self.var.of, self.term, *self.equals))):
            return None
        found = self.cell((ROW, COLUMN))
        return found if all(map(distinct, (found.term, *found.equals))) else None


class Block(NamedTuple):
    """Steps under one heading. The first ``by_unit`` of them are worked through for one unit after the other.

    A block that is about one ``sample`` (from 0) has only its entries; ``stage`` is 1, 2 or 3 where a layer is gone
    through in stages: what its outputs do to the loss, what its sums do, its weights and biases.
    """

    phase: str
    layer: int
    steps: tuple[Step, ...]
    by_unit: int = 0
    sample: int | None = None
    stage: int = 0

    @property
    def runs(self) -> Iterator[tuple[tuple[Step, ...], tuple[Index, ...]]]:
        """The order of writing: steps, and the entries for each of which they are worked through together."""
        together, apart = self.steps[: self.by_unit], self.steps[self.by_unit :]
        if together:
            entries = self.entries(together[0])
            yield together, tuple(entries if self.phase == "update" else sorted(entries, key=lambda at: at[1]))
        for step in apart:
            yield (step,), tuple(self.entries(step))

    @property
    def about(self) -> tuple[str, int, int | None, int]:
        """What tells it from a block under another heading."""
        return self.phase, self.layer, self.sample, self.stage

    @property
    def cells(self) -> Iterator[Step]:
        """The scalar steps in the order of writing."""
        return (step.cell(at) for steps, entries in self.runs for at in entries for step in steps)

    def entries(self, step: Step) -> Iterator[Index]:
        """The entries of one of the steps that belong to the block."""
        if self.sample is None or step.var.index is not None:
            return step.entries
        return ((r, self.sample) for r in range(step.var.shape[0]))

    @property
    def worked(self) -> Iterator[Step]:
        """The scalar steps with what is worked out for them and not written."""
        for step in self.cells:
            yield from step.parts
            yield step


def inserted(blocks: tuple[Block, ...], asked: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks with the lines that were asked for at the end of the backward pass."""
    end = max((n for n, block in enumerate(blocks) if block.phase in ("loss", "backward")), default=-1) + 1
    return blocks[:end] + asked + blocks[end:]


def each(given: Mapping[Var, Matrix]) -> Iterator[tuple[Var, Num]]:
    """Every entry of quantities that are given, with its number."""
    for var, rows in given.items():
        for r, row in enumerate(rows):
            yield from ((var.at((r, c)), number) for c, number in enumerate(row))


@dataclass(frozen=True)
class Program:
    """The blocks of one iteration, and the ``given`` quantities with their numbers."""

    blocks: tuple[Block, ...]
    after: tuple[Block, ...]
    given: dict[Var, Matrix]
    asked: tuple[Block, ...] = ()
    """Lines of derivatives that somebody asked for by name, to stand at the end of the backward pass."""
    writing: Callable[[tuple[Block, ...], Sequence[int] | None], tuple[Block, ...]] = lambda blocks, samples: blocks
    """Brings the blocks into the order of writing, with the lines that are only written on demand; those of some
    samples alone, if samples come one after the other."""

    @property
    def numbers(self) -> Iterator[tuple[Var, Num]]:
        """Every entry of what is given, with its number."""
        return each(self.given)

    @cached_property
    def lines(self) -> tuple[Block, ...]:
        """The blocks as they are written line by line."""
        return self.lines_of(None)

    @cached_property
    def lines_after(self) -> tuple[Block, ...]:
        """The blocks after the update as they are written line by line."""
        return self.writing(self.after, None)

    def lines_of(self, samples: Sequence[int] | None) -> tuple[Block, ...]:
        """The same of some samples (from 0) where they come one after the other; None is all."""
        return inserted(self.writing(self.blocks, samples), self.asked)

    @cached_property
    def carried(self) -> tuple[tuple[Var, Var], ...]:
        """What the next iteration takes over: each trained parameter and what is remembered of it, old and new."""
        steps = (step for block in self.blocks if block.phase == "update" for step in block.steps)
        return tuple((step.var.of[0], step.var) for step in steps if step.var.role == "new")

    @cached_property
    def repeated(self) -> Mapping[Var, Var]:
        """Each loss that another line only repeats, as E repeats E_1 of a single output, and that line's quantity."""
        blocks = (block for block in (*self.blocks, *self.after) if block.phase in ("loss", "after"))
        cells = (step for block in blocks for step in block.cells)
        return {step.term: step.var for step in cells if isinstance(step.term, Var)}

    @cached_property
    def size(self) -> int:
        """How many scalar steps one iteration has, the forward pass after the update included."""
        steps = (step for block in (*self.blocks, *self.after) for step in block.steps)
        return sum(step.var.shape[0] * step.var.shape[1] for step in steps)
