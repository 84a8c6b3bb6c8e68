"""The formula behind any entry of a tensor formula: sums over an index that has a letter, as Σ_j w_kj a_j."""

from __future__ import annotations

from collections.abc import Callable

from .rewriting import rewritten
from .terms import Index, Num, Op, Shape, Term, element, node, op, product

UNIT, SOURCE, OTHER, SAMPLE = -1, -2, -3, -4
LETTERS = {UNIT: "k", SOURCE: "j", OTHER: "i", SAMPLE: "s"}
"""Indices that stand for any entry: of a unit, of one that it is fed by, of a third one, of a sample."""


def over(index: int, term: Term) -> Op:
    """Σ of ``term`` over an index that has a letter."""
    return op(f"sum_over_{LETTERS[index]}", term)


def indexed(term: Term, at: Index, samples: int) -> Term:
    """The formula of entry ``at`` of a tensor formula of the matrix view, its indices letters of ``LETTERS``.

    An axis of length ``samples`` is one of samples; units are any other number.
    """

    def summed(length: int, at: Index, part: Callable[[int], Term]) -> Term:
        """Σ over the first letter that is free, unless there is but one place."""
        if length == 1:
            return part(0)
        free = SAMPLE if length == samples else next(index for index in (UNIT, SOURCE, OTHER) if index not in at)
        return over(free, part(free))

    return element(term, at, summed)


def counted(term: Term, counts: Shape) -> Term:
    """``term`` with 1/n and 1/m for the numbers that ``counts``, of outputs and samples, have put into it."""
    n, m = counts
    named = {f"1/{n}": _one_by("n"), f"1/{m}": _one_by("m"), f"1/{n * m}": _one_by("n", "m")}
    return rewritten(term, lambda part: named.get(part.text) if isinstance(part, Num) else None)


def _one_by(*names: str) -> Term:
    letters = list(map(node, names))
    return op("div", Num("1"), letters[0] if len(letters) == 1 else product(*letters))
