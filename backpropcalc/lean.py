"""A program without what its results do not need: fewer assignments, the same values.

An assignment is a pair (variable, term), of entries or of whole tensors alike.
"""

from __future__ import annotations

from collections.abc import Iterable

from .program import Step
from .terms import Num, Op, Term, Var, matmul, op, transpose, variables

Assignment = tuple[Var, Term]


def assignments(steps: Iterable[Step]) -> list[Assignment]:
    """What is worked out by each step: the term that keeps its digits, if there is one."""
    return [(step.var, step.safe or step.term) for step in steps]


def brisk(steps: Iterable[Step]) -> list[Assignment]:
    """As ``assignments``, but ∂a/∂z as it is written, from the activation: it costs no exponentials.

    The last digits that it loses in a saturated unit are of a slope that is nearly 0.
    """
    return [(s.var, s.term if _local(s.var) else s.safe or s.term) for s in steps]


def _local(var: Var) -> bool:
    return var.role == "d" and var.of[0].role == "a"


def needed(steps: list[Assignment], wanted: Iterable[Var]) -> list[Assignment]:
    """Only what ``wanted`` are worked out from."""
    found = set(wanted)
    kept = []
    for var, term in reversed(steps):
        if var in found:
            kept.append((var, term))
            found.update(variables(term))
    return kept[::-1]


def shared(steps: list[Assignment]) -> list[Assignment]:
    """A formula that is a variable's already is replaced by it: the σ(z) in a slope is the activation."""
    known: dict[Term, Var] = {}
    out = []
    for var, term in steps:
        short = _replaced(term, known)
        out.append((var, short))
        if isinstance(term, Op):
            known.setdefault(term, var)
    return out


def _replaced(term: Term, known: dict[Term, Var]) -> Term:
    if not isinstance(term, Op):
        return term
    if term in known:
        return known[term]
    return Op(term.name, tuple(_replaced(arg, known) for arg in term.args), term.shape, term.label)


def gathered(steps: list[Assignment]) -> list[Assignment]:
    """What each unit above sends back, one by one and then summed, is one matrix product: wᵀ δ."""
    sent = {var: term for var, term in steps if isinstance(term, Op) and term.name == "back"}
    out = []
    for var, term in steps:
        parts = [term]
        if isinstance(term, Op) and term.name == "add":
            parts = [sent.get(arg, arg) if isinstance(arg, Var) else arg for arg in term.args]
        out.append((var, _product(parts) or term))
    return out


def _product(parts: list[Term]) -> Term | None:
    """Σ_k δ_k w_k over every unit k as wᵀ δ; None if ``parts`` are not that."""
    first = parts[0]
    if not (isinstance(first, Op) and first.name == "back"):
        return None
    delta, w = first.args[:2]
    every = [Op("back", (delta, w, Num(str(k))), first.shape, first.label) for k in range(delta.shape[0])]
    return matmul(transpose(w), delta) if parts == every else None


def masked(steps: list[Assignment]) -> list[Assignment]:
    """Of a parameter only the trained entries are renewed: ``mask`` is a given tensor, true in those entries."""
    return [(var, op("if_trained", mask(var), term, var.of[0]) if _partly(var) else term) for var, term in steps]


def _partly(var: Var) -> bool:
    return var.role == "new" and var.only is not None


def mask(var: Var) -> Var:
    """The name of the tensor that says which entries of ``var`` are trained."""
    return Var("mask", var.layer, var.shape, var.of)
