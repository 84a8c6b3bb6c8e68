"""The formula behind any entry of a tensor formula: sums over an index that has a letter, as Σ_j w_kj a_j."""

from __future__ import annotations

from .terms import Index, Num, Op, Shape, Term, Var, op, product

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
    match term:
        case Num():
            return term
        case Var():
            return term if term.index is not None else term.at(at)
        case Op("matmul", (a, b)):
            inner = _letter(a.shape[1], at, samples)
            return _summed(inner, product(indexed(a, (at[0], inner), samples), indexed(b, (inner, at[1]), samples)))
        case Op("transpose", (a,)):
            return indexed(a, (at[1], at[0]), samples)
        case Op("broadcast", (a,)):
            return indexed(a, at, samples)
        case Op("sum_rows", (a,)):
            inner = _letter(a.shape[0], at, 0)
            return _summed(inner, indexed(a, (inner, at[1]), samples))
        case Op("sum_columns", (a,)):
            inner = SAMPLE if a.shape[1] > 1 else 0
            return _summed(inner, indexed(a, (at[0], inner), samples))
        case Op("mul" | "hadamard", args):
            return product(*(indexed(arg, at, samples) for arg in args))
        case Op(name, args, _, label):
            return Op(name, tuple(indexed(arg, at, samples) for arg in args), (1, 1), label)
    raise AssertionError(term)


def _letter(length: int, at: Index, samples: int) -> int:
    """The index to sum over: 0 if there is but one, else the first that is free."""
    if length == 1:
        return 0
    return SAMPLE if length == samples else next(index for index in (UNIT, SOURCE, OTHER) if index not in at)


def _summed(index: int, term: Term) -> Term:
    return over(index, term) if index < 0 else term


def counted(term: Term, counts: Shape) -> Term:
    """``term`` with 1/n and 1/m for the numbers that ``counts``, of outputs and samples, have put into it."""
    n, m = counts
    named = {f"1/{n}": _one_by("n"), f"1/{m}": _one_by("m"), f"1/{n * m}": _one_by("n", "m")}
    match term:
        case Num(text):
            return named.get(text, term)
        case Op(name, args, shape, label):
            return Op(name, tuple(counted(arg, counts) for arg in args), shape, label)
    return term


def _one_by(*names: str) -> Term:
    letters = [Var("node", index=(0, 0), name=name) for name in names]
    return op("div", Num("1"), letters[0] if len(letters) == 1 else product(*letters))
