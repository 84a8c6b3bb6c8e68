"""The numbers of samples: an entry of a batch is the entry of all samples that it is.

A program is compiled for the samples of one batch, which are its columns 1, 2, 3. What is handed out of it are scalar
steps over the quantities of all samples, so that a sample has one number, and a quantity one id, in every iteration.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from backpropcalc.algebra.terms import SCALAR, Kink, Num, Op, Term, Var

from .steps import Block, Step

OF_SAMPLES = frozenset({"x", "t", "z", "a", "term", "sample"})
"""Quantities with a column for each sample; what is derived from one has it, too."""


class Numbering:
    """The samples of a batch (from 0) ``among`` so many."""

    def __init__(self, samples: Sequence[int], among: int) -> None:
        self.samples, self.among = tuple(samples), among
        self._columns = {sample: column for column, sample in enumerate(self.samples)}
        self.entry: Callable[[Var], Var] = cache(self._entry)
        """The entry of all samples that an entry of the batch is."""
        self.local: Callable[[Var], Var] = cache(self._local)
        """The entry of the batch that an entry of all samples is. Raises KeyError if its sample is not in the batch."""

    @property
    def whole(self) -> bool:
        """Whether nothing is renumbered: the batch is all samples in their order."""
        return self.samples == tuple(range(self.among))

    def blocks(self, blocks: Sequence[Block]) -> tuple[Block, ...]:
        """The blocks of the batch with their scalar steps over all samples."""
        return tuple(blocks) if self.whole else tuple(map(self._block, blocks))

    def has(self, var: Var) -> bool:
        """Whether an entry of all samples is one of the batch."""
        try:
            self.local(var)
        except KeyError:
            return False
        return True

    def _entry(self, var: Var) -> Var:
        return var if self.whole else _moved(var, len(self.samples), self.among, self.samples.__getitem__)

    def _local(self, var: Var) -> Var:
        return var if self.whole else _moved(var, self.among, len(self.samples), self._columns.__getitem__)

    def _block(self, block: Block) -> Block:
        sample = None if block.sample is None else self.samples[block.sample]
        return block._replace(steps=tuple(map(self.step, block.cells)), by_unit=0, sample=sample)

    def step(self, step: Step) -> Step:
        """A scalar step over all samples."""
        if self.whole:
            return step
        kink = step.kink and Kink(self._term(step.kink.at), step.kink.text)
        routes, equals = (tuple(map(self._term, terms)) for terms in (step.routes, step.equals))
        safe, products = (term and self._term(term) for term in (step.safe, step.products))
        parts = tuple(map(self.step, step.parts))
        return Step(self.entry(step.var), self._term(step.term), safe, kink, routes, equals, products, parts)

    def _term(self, term: Term) -> Term:
        match term:
            case Num():
                return term
            case Var():
                return self.entry(term)
        label = term.label and (self.entry(term.label[0]), self.entry(term.label[1]))
        return Op(term.name, tuple(map(self._term, term.args)), term.shape, label)


def _moved(var: Var, width: int, to: int, column: Callable[[int], int]) -> Var:
    """An entry with its samples moved from the columns of ``width`` to those of a tensor as wide as ``to``."""
    if not _of_samples(var):
        if not var.of:
            return var
        alone = var.shape == SCALAR and all(part.index for part in var.of)
        parts = (_moved(part, width, to, column if alone else _same) for part in var.of)
        return replace(var, of=tuple(parts))
    if var.shape[1] != width:  # it is there already
        return var
    of = tuple(_moved(part, width, to, _same) for part in var.of)
    index = var.index and (var.index[0], column(var.index[1]))
    return replace(var, shape=(var.shape[0], to), of=of, index=index)


def _same(column: int) -> int:
    return column


def _of_samples(var: Var) -> bool:
    """Whether a quantity has a column for each sample."""
    if var.role in OF_SAMPLES:
        return True
    if var.role in ("d", "via", "after", "part") and not (var.shape == SCALAR and all(part.index for part in var.of)):
        return _of_samples(var.of[1 if var.role in ("d", "via") else 0])
    return False
