"""The orientations of a calculation in matrices: passes over blocks that are written as z = W x + b.

``xW``: everything is transposed, z = x W + b, samples are rows. ``WTx``: only the weights are, z = Wᵀ x + b: a row of
weights for each source, as the network is drawn from left to right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backpropcalc.algebra.terms import SCALAR, Kink, Num, Op, Term, Var, matmul, sum_columns, sum_rows, transpose

from .steps import Block, Step


def oriented(blocks: Iterable[Block], orientation: str) -> tuple[Block, ...]:
    """The blocks of ``passes.matrices`` in an orientation."""
    return tuple(
        block._replace(steps=tuple(_oriented_step(step, orientation) for step in block.steps)) for block in blocks
    )


def _oriented_step(step: Step, orientation: str) -> Step:
    def side(term: Term) -> Term:
        return oriented_side(term, step.var, orientation)

    kink = step.kink and Kink(side(step.kink.at), step.kink.text)
    return Step(
        turned(step.var, orientation), side(step.term), step.safe and side(step.safe), kink,
        equals=tuple(map(side, step.equals)), parts=tuple(_oriented_step(part, orientation) for part in step.parts),
        products=step.products and side(step.products),
    )  # fmt: skip


def oriented_side(term: Term, of: Var, orientation: str) -> Term:
    """What a quantity equals, in an orientation; the quantity itself may be ``turned`` in it."""
    if orientation == "Wx":
        return term
    inner = _with_turned(term, orientation)
    return _transposed(inner) if is_turned(of, orientation) else inner


def is_turned(var: Var, orientation: str) -> bool:
    """Whether a quantity is written as its transpose: all of them, or weights, their gradients and new values."""
    if orientation != "WTx":
        return orientation == "xW"
    return var.role in ("w", "column") or (var.role != "after" and bool(var.of) and is_turned(var.of[-1], orientation))


def turned(var: Var, orientation: str) -> Var:
    """A quantity as it is written in an orientation; of one that is written so, what it is in z = W x + b."""
    return replace(var, shape=(var.shape[1], var.shape[0])) if is_turned(var, orientation) else var


def _with_turned(term: Term, orientation: str) -> Term:
    """``term`` in terms of what is turned: its value is the same."""
    match term:
        case Var():
            return transpose(turned(term, orientation)) if is_turned(term, orientation) else term
        case Op("transpose", (a,)):
            return _transposed(_with_turned(a, orientation))
        case Op(_, args):
            return term._replace(args=tuple(_with_turned(arg, orientation) for arg in args))
    return term


def _transposed(term: Term) -> Term:
    """The transpose of ``term``, taken inside as far as it goes: (A B)ᵀ = Bᵀ Aᵀ."""
    match term:
        case Num():
            return term
        case Var():
            return term if term.shape == SCALAR else transpose(term)
        case Op("transpose", (a,)):
            return a
        case Op("matmul", (a, b)):
            return matmul(_transposed(b), _transposed(a))
        case Op("diagonal"):
            return term._replace(args=tuple(map(_transposed, term.args)))
        case Op("sum_rows", (a,)):
            return sum_columns(_transposed(a))
        case Op("sum_columns", (a,)):
            return sum_rows(_transposed(a))
    return term._replace(args=tuple(map(_transposed, term.args)), shape=(term.shape[1], term.shape[0]))
