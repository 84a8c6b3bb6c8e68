"""Sums of doubles that are 0 to a person: found, so that compiled code looks at what rounding leaves of them.

0.1 + 0.2 − 0.3 is 2⁻⁵⁴ in doubles. Where a function has a corner at 0 that is the wrong side of it, and where a target
is met exactly it is an error that is none.
"""

from __future__ import annotations

from collections.abc import Iterable

from backpropcalc.algebra.arithmetic import FLOAT, SCALARS, evaluate
from backpropcalc.algebra.rewriting import operations
from backpropcalc.algebra.terms import ONE, Num, Op, Term, Var, op, variables
from backpropcalc.program.lean import Assignment
from backpropcalc.program.steps import Step


def exposed(steps: Iterable[Assignment], among: frozenset[Var] | None = None) -> tuple[list[Assignment], set[Var]]:
    """The same program, its differences of two quantities apart, and the quantities to look at.

    These are such differences, t − a among them, and other sums: all, or those ``among`` these quantities.
    """
    parts: dict[Term, Var] = {}
    out: list[Assignment] = []
    watched: set[Var] = set()
    for var, term in steps:
        if not isinstance(term, Op):
            out.append((var, term))
            continue
        if term.name in ("add", "sub") and (among is None or var in among):
            watched.add(var)
        inner = tuple(_apart(arg, parts, out) for arg in term.args)
        out.append((var, Op(term.name, inner, term.shape, term.label)))
    return out, {*watched, *parts.values()}


def _apart(term: Term, parts: dict[Term, Var], out: list[Assignment]) -> Term:
    if not isinstance(term, Op):
        return term
    if term.name == "sub" and term.args[0] != ONE and all(isinstance(arg, Var | Num) for arg in term.args):
        if term not in parts:
            parts[term] = Var("gap", len(parts), term.shape, index=(0, 0))
            out.append((parts[term], term))
        return parts[term]
    return Op(term.name, tuple(_apart(arg, parts, out) for arg in term.args), term.shape, term.label)


def size(term: Term) -> Term:
    """What the terms of a sum amount to, all counted as positive: rounding may leave a small part of this."""
    match term:
        case Op("add" | "sub", args):
            return op("add", *map(size, args))
        case Op("matmul" | "mul" | "hadamard" | "broadcast" as name, args, shape):
            return Op(name, tuple(map(size, args)), shape)
    return op("abs", term)


def at_corners(steps: Iterable[Step], updated: bool) -> frozenset[Var]:
    """The quantities that matter even where they are nearly 0, and if there are any, what is ``updated``.

    These are what has a corner at 0, and the sums of activations that keep 0: what they let through would be noise.
    """
    listed = tuple(steps)
    signs = frozenset(var for step in listed if step.kink is not None for var in variables(step.kink.at))
    signs |= {var for step in listed if step.var.role == "a" and _keeps_zero(step.term) for var in variables(step.term)}
    new = (step.var for step in listed if step.var.role == "new" and signs and updated)
    return signs.union(new)


def _keeps_zero(term: Term) -> bool:
    """Whether an activation, entry by entry, is 0 at 0."""
    if any(part.name not in SCALARS for part in operations(term)):
        return False
    return bool(evaluate(term, lambda var: 0.0, FLOAT) == 0)
