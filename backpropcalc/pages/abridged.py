"""A page of many samples as a terminal shows it: a few samples are worked, a sum over all of them names these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from backpropcalc.algebra.terms import Index, Op, Term, Var, variables
from backpropcalc.program.steps import Block, Step

from .calculation import Page
from .pieces import Document, Note, Piece, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

MANY = 60
"""Samples of a batch above which only some are worked."""
FIRST = 3
"""So many of the first are worked, and the last."""
REST = Op("rest", ())
"""What stands for the summands that are left out; it is written and never worked out."""


def only_values(count: int) -> str:
    """What is said where of a large network one unit of each layer is worked and ``count`` lines are values alone."""
    return (
        f"One unit of each layer is worked in full, {count:,} lines are values only:"
        " --all works everything, --only NAME one quantity."
    )


def abridged(document: Document) -> Document:
    """What is shown of a document unless everything is asked for. One of few samples is shown as it is."""
    if type(document) is not Page or document.only is not None or document.trace.schedule.size <= MANY:
        return document
    return _FewSamples(document.trace, document.notation, document.phases)


class _FewSamples(Page):
    """A page on which the first samples and the last one are worked."""

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """Those of the page, and at the end what was left out."""
        yield from super().pieces(quiet)
        if not quiet:
            many = f"{self.trace.schedule.size:,}"
            yield Note(f"Of {many} samples {FIRST + 1} are worked: --all works them all, --only NAME one quantity.")

    def blocks(self, iteration: int) -> tuple[Block, ...]:
        """The blocks of an iteration, of samples those that are shown."""
        program = self.trace.stage(iteration).program
        return self._numbered(iteration, program.lines_of(_shown(self.trace.schedule.length(iteration))))

    def after_blocks(self, iteration: int) -> tuple[Block, ...]:
        """Those after the last update, of samples those that are shown."""
        if iteration != self.trace.spec.iterations:
            return ()
        program = self.trace.stage(iteration).program
        return self._numbered(iteration, program.writing(program.after, _shown(self.trace.schedule.length(iteration))))

    def _numbered(self, iteration: int, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """Of batches the lines that are shown, over all samples."""
        if self.trace.schedule.whole:
            return blocks
        cells = ((block, tuple(cell for run in self._shortened(block) for cell in run.steps)) for block in blocks)
        return self.trace.numbering(iteration).blocks([b._replace(steps=steps, by_unit=0) for b, steps in cells])

    @cached_property
    def order(self) -> list[str]:
        """The phases in the order in which they come."""
        last = self.trace.spec.iterations
        return list(dict.fromkeys(block.phase for block in (*self.blocks(last), *self.after_blocks(last))))

    def runs(self, block: Block) -> Iterator[Run]:
        """The lines of the samples that are shown, and those of all samples, their sums shortened."""
        return self._shortened(block) if self.trace.schedule.whole else super().runs(block)

    def _shortened(self, block: Block) -> Iterator[Run]:
        for run in super().runs(block):
            for at in run.entries:
                steps = (step for step in run.steps if not _of_samples(step.var) or at[1] in _shown(step.var.shape[1]))
                cells = tuple(shortened(step, at) for step in steps)
                if cells:
                    yield Run(cells, (at,))


def _of_samples(var: Var) -> bool:
    """Whether a tensor has an entry for each of several samples."""
    return replace(var, index=(0, 0)).sample is not None if var.index is None else var.sample is not None


def _shown(samples: int) -> Sequence[int]:
    """The samples that are worked, of so many."""
    return range(samples) if samples <= MANY else (*range(FIRST), samples - 1)


def shortened(step: Step, at: Index) -> Step:
    """The line of an entry; where it is a sum over many samples, of those that are shown.

    Only these are picked out of the tensors: a line of 100,000 products would take seconds to make.
    """
    samples = max((var.shape[1] for var in variables(step.term) if _of_samples(var)), default=0)
    if samples <= MANY or _of_samples(step.var):
        return step.cell(at)
    if step.var.index is not None:  # an entry already
        return replace(step, term=_with_rest(step.term, samples), equals=(), products=None, parts=())
    few = replace(step, term=_narrowed(step.term, samples), safe=None, routes=(), equals=(), products=None, parts=())
    cell = few.cell(at)
    return replace(cell, term=_with_rest(_renumbered(cell.term, samples), samples))


def _narrowed(term: Term, samples: int) -> Term:
    """The same of the samples that are shown, as if there were no others."""
    match term:
        case Var(shape=(rows, _)) if _of_samples(term):
            return replace(term, shape=(rows, len(_shown(samples))))
        case Op(_, args, (rows, columns)):
            few = tuple(_narrowed(arg, samples) for arg in args)
            width = len(_shown(samples)) if columns == samples and few != args else columns
            return term._replace(args=few, shape=(rows, width))
    return term


def _renumbered(term: Term, samples: int) -> Term:
    """The entries of the samples that are shown as entries of all samples, in the names of factors too."""

    def one(var: Var) -> Var:
        if var.index is None or not _of_samples(var):
            return var
        return replace(var, shape=(var.shape[0], samples), index=(var.index[0], _shown(samples)[var.index[1]]))

    match term:
        case Var():
            return one(term)
        case Op(_, args, _, label):
            names = label and (one(label[0]), one(label[1]))
            return term._replace(args=tuple(_renumbered(arg, samples) for arg in args), label=names)
    return term


def _with_rest(term: Term, samples: int) -> Term:
    """Sums over samples of those that are shown, with dots before the last."""
    match term:
        case Op("add", args):
            of = [next((var.sample for var in variables(arg) if var.sample), 0) for arg in args]
            if len({*of}) > 1 and samples in of:
                shown = {sample + 1 for sample in _shown(samples)} | {0}
                kept = [(sample, arg) for sample, arg in zip(of, args, strict=True) if sample in shown]
                last = next(n for n, (sample, _) in enumerate(kept) if sample == samples)
                args = tuple(arg for _, arg in kept)
                args = (*args[:last], REST, *args[last:])
            return term._replace(args=args)
        case Op(_, args):
            return term._replace(args=tuple(_with_rest(arg, samples) for arg in args))
    return term
