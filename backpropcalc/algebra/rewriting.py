"""The operations in a formula, and a formula with some of them replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .terms import Op, Term


def operations(term: Term) -> Iterator[Op]:
    """Every operation of ``term``, itself first."""
    if isinstance(term, Op):
        yield term
        for arg in term.args:
            yield from operations(arg)


def rewritten(term: Term, change: Callable[[Term], Term | None]) -> Term:
    """``term`` with every part for which ``change`` has something else replaced by that, from the outside in."""
    other = change(term)
    if other is not None or not isinstance(term, Op):
        return term if other is None else other
    return Op(term.name, tuple(rewritten(arg, change) for arg in term.args), term.shape, term.label)
