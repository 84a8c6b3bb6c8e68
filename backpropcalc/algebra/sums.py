"""Which way the sum of a matrix goes, so that Σ down its rows and Σ along its columns are told apart."""

from __future__ import annotations

from collections.abc import Iterator

from .terms import Op, Term

_DIRECTED = {"sum_rows": "sum_down", "sum_columns": "sum_along"}


def directed(term: Op) -> str:
    """The name of an operation; the sum of a matrix, and of no mere vector, says which way it goes."""
    if term.name in _DIRECTED and min(term.args[0].shape) > 1:
        return _DIRECTED[term.name]
    return term.name


def directions(term: Term) -> Iterator[str]:
    """Which ways the sums of matrices in ``term`` go: ``sum_down`` each column, ``sum_along`` each row."""
    if isinstance(term, Op):
        if directed(term) in _DIRECTED.values():
            yield directed(term)
        for arg in term.args:
            yield from directions(arg)
