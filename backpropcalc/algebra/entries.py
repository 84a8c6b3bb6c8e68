"""The formula behind every entry of a tensor at once: its indices are letters for any row and any column."""

from __future__ import annotations

from collections.abc import Iterator

from .terms import Op, Term, Var, variables

ROW, COLUMN = -101, -102
"""Indices that stand for any: the ``element`` (``ROW``, ``COLUMN``) of a term is the formula behind every entry."""
_BY_PLACE = frozenset({"diagonal", "jacobian_row", "log_sum_exp_others", "softmax_shares"})


def uniform(term: Term) -> bool:
    """Whether the formulas behind the entries of ``term`` differ in their indices only."""
    match term:
        case Op(name, args):
            return name not in _BY_PLACE and all(map(uniform, args))
        case Var():
            return term.only is None and all(map(uniform, term.of))
    return True


def distinct(term: Term) -> bool:
    """Whether no quantity stands in it by letter and by number too, as z_j and z_1 of a softmax: one in some entry."""
    kinds: dict[Var, set[tuple[int | None, ...]]] = {}
    for var in variables(term):
        whole = Var(var.role, var.layer, var.shape, var.of, name=var.name)
        kinds.setdefault(whole, set()).add(tuple(n if n <= ROW else None for n in var.index or ()))
    return all(len(found) == 1 for found in kinds.values())


def letters(var: Var) -> Iterator[int]:
    """The letters among the indices of a quantity and of those that it speaks of."""
    yield from (n for n in var.index or () if n <= ROW)
    for part in var.of:
        yield from letters(part)


def placed(var: Var, letter: int, at: int) -> Var:
    """A quantity with row or column ``at`` in the place of ``letter``."""
    of = tuple(placed(part, letter, at) for part in var.of)
    if var.index is None:
        return Var(var.role, var.layer, var.shape, of, name=var.name)
    row, column = (at if n == letter else n for n in var.index)
    return Var(var.role, var.layer, var.shape, of, (row, column), name=var.name)
