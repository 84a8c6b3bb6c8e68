"""A straight-line program: an ordered list of assignments ``Step(var, term)``, one per textbook line.

A ``Block`` is a run of steps under one heading. Nothing here knows numbers or notation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from backpropcalc.algebra.terms import OF_PARAMETERS, Index, Term, Var, element
from backpropcalc.spec.reader import Matrix

LOSS = Var("loss")
PHASES = ("forward", "loss", "backward", "update", "after")
"""The phases of a calculation, in order."""


def is_slope_of_loss(var: Var, by: str) -> bool:
    """Whether it is ∂E/∂z, if ``by`` is ``z``, or ∂E/∂a, if it is ``a``."""
    return var.role == "d" and var.of[0] == LOSS and var.of[1].role == by


@dataclass(frozen=True)
class Step:
    """``var`` becomes ``term``. ``safe`` has the same value and is worked out instead where digits would be lost;
    ``kink`` is (a term, what to say where it is 0); ``routes`` are other formulas that textbooks take to the value.
    """

    var: Var
    term: Term
    safe: Term | None = None
    kink: tuple[Term, str] | None = None
    routes: tuple[Term, ...] = ()

    @property
    def entries(self) -> Iterator[Index]:
        """The entries of ``var`` that the step assigns: all, or those that are trained."""
        only = self.var.of[-1].only if self.var.role in ("new", "d", *OF_PARAMETERS) else None
        rows, columns = self.var.shape
        for r in range(rows):
            for c in range(columns):
                if only is None or (r, c) in only:
                    yield r, c

    def cell(self, at: Index) -> Step:
        """The scalar step behind one entry."""
        kink = (element(self.kink[0], at), self.kink[1]) if self.kink else None
        safe = None if self.safe is None else element(self.safe, at)
        routes = tuple(element(route, at) for route in self.routes)
        return Step(self.var.at(at), element(self.term, at), safe, kink, routes)


@dataclass(frozen=True)
class Block:
    """Steps under one heading. The first ``by_unit`` of them are worked through for one unit after the other."""

    phase: str
    layer: int
    steps: tuple[Step, ...]
    by_unit: int = 0

    @property
    def runs(self) -> Iterator[tuple[tuple[Step, ...], tuple[Index, ...]]]:
        """The order of writing: steps, and the entries for each of which they are worked through together."""
        together, apart = self.steps[: self.by_unit], self.steps[self.by_unit :]
        if together:
            entries = together[0].entries
            yield together, tuple(entries if self.phase == "update" else sorted(entries, key=lambda at: at[1]))
        for step in apart:
            yield (step,), tuple(step.entries)

    @property
    def cells(self) -> Iterator[Step]:
        """The scalar steps in the order of writing."""
        return (step.cell(at) for steps, entries in self.runs for at in entries for step in steps)


@dataclass(frozen=True)
class Program:
    """The blocks of one iteration, and the ``given`` quantities with their numbers."""

    blocks: tuple[Block, ...]
    after: tuple[Block, ...]
    given: dict[Var, Matrix]

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
