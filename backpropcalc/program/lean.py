"""A program without what its results do not need: fewer assignments, the same values.

An assignment is a pair (variable, term), of entries or of whole tensors alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from backpropcalc.algebra.rewriting import rewritten
from backpropcalc.algebra.terms import ONE, Num, Op, Term, Var, matmul, op, substitute, transpose, variables
from backpropcalc.spec.network import Network

from .steps import Step

Assignment = tuple[Var, Term]
Carried = list[tuple[Var, Var]]


def assignments(steps: Iterable[Step]) -> list[Assignment]:
    """What is worked out by each step: the term that keeps its digits, if there is one."""
    return [(step.var, step.safe or step.term) for step in steps]


def brisk(steps: Sequence[Step], spec: Network) -> list[Assignment]:
    """As ``assignments``, but ∂a/∂z and 1 − a are worked out from the activation, which costs no exponentials.

    The digits that are lost in a saturated unit are the last ones of numbers that are nearly 0.
    """
    complements: dict[Term, Term] = {}
    for a in (step.var for step in steps if step.var.role == "a"):
        complement = spec.layers[a.layer - 1].rule.complement
        if complement is not None:
            complements[complement(Var("z", a.layer, a.shape))] = op("sub", ONE, a)
    local = {s.var for s in steps if s.var.role == "d" and s.var.of[0].role == "a"}
    chosen = ((s.var, s.term if s.var in local else s.safe or s.term) for s in steps)
    return [(var, rewritten(term, complements.get)) for var, term in chosen]


def eliminate_dead_code(steps: list[Assignment], wanted: Iterable[Var]) -> list[Assignment]:
    """Without the assignments that ``wanted`` do not depend on."""
    found = set(wanted)
    kept = []
    for var, term in reversed(steps):
        if var in found:
            kept.append((var, term))
            found.update(variables(term))
    return kept[::-1]


def share_subexpressions(steps: list[Assignment]) -> list[Assignment]:
    """A formula that an earlier variable already has is replaced by that variable: the σ(z) in a slope is a."""
    known: dict[Term, Var] = {}
    out = []
    for var, term in steps:
        short = rewritten(term, known.get)
        out.append((var, short))
        if isinstance(term, Op):
            known.setdefault(term, var)
    return out


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


def inlined(steps: list[Assignment], wanted: Sequence[Var]) -> list[Assignment]:
    """What is used only once is written where it is used; the order of a sum or product may change with it."""
    uses = Counter(chain(wanted, *(variables(term) for _, term in steps)))
    known: dict[Var, Term] = {}
    out = []
    for var, term in steps:
        whole = substitute(term, known)
        if uses[var] == 1 and var not in wanted:
            known[var] = whole
        else:
            out.append((var, whole))
    return out


def in_place(steps: list[Assignment], carried: Iterable[tuple[Var, Var]]) -> tuple[list[Assignment], Carried]:
    """A new parameter takes the place of the old one at once, where nobody asks for either any more."""
    read = [set(variables(term)) for _, term in steps]
    at = {var: n for n, (var, _) in enumerate(steps)}
    places, left = {}, []
    for old, new in carried:
        if any(old in later or new in later for later in read[at[new] + 1 :]):
            left.append((old, new))
        else:
            places[new] = old
    return [(places.get(var, var), term) for var, term in steps], left


def masked(steps: list[Assignment]) -> list[Assignment]:
    """Of a parameter only the trained entries are renewed: ``mask`` is a given tensor, true in those entries."""
    partly = {var for var, _ in steps if var.role == "new" and var.only is not None}
    return [(var, op("if_trained", mask(var), term, var.of[0]) if var in partly else term) for var, term in steps]


def mask(var: Var) -> Var:
    """The name of the tensor that says which entries of ``var`` are trained."""
    return Var("mask", var.layer, var.shape, var.of)
