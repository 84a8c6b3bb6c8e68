"""The nodes of a formula: those that the user named, in whatever order they are written, or one for each operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backpropcalc.algebra.terms import Op, Term, Var, op, variables
from backpropcalc.rules.functions import ACTIVATIONS

from .graph import Node


def automatic(name: str, term: Term, taken: frozenset[str]) -> list[Node]:
    """The nodes of a formula that names none: one for each operation, innermost first; alike ones are one."""
    fresh = _fresh_names(taken)
    found: dict[Term, Var] = {}

    def visit(part: Term) -> Term:
        if not isinstance(part, Op) or not any(variables(part)):
            return part
        whole = opened(part)
        if whole not in found:
            found[whole] = Var("node", index=(0, 0), name=next(fresh))
        return found[whole]

    def opened(part: Op) -> Term:
        inner = _sigmoid_of(part)
        if inner is not None:
            return _sigmoid(visit(inner))
        return op(part.name, *map(visit, part.args))

    root = opened(term) if isinstance(term, Op) and any(variables(term)) else term
    return [*((var, part) for part, var in found.items()), (Var("node", index=(0, 0), name=name), root)]


def _sigmoid(inner: Term) -> Term:
    return ACTIVATIONS["sigmoid"].value(inner, {})


def _sigmoid_of(part: Op) -> Term | None:
    """What the sigmoid is taken of, if ``part`` is one: it is one node, not four."""
    match part:
        case Op("div", (_, Op("add", (_, Op("exp", (Op("neg", (inner,)),)))))) if part == _sigmoid(inner):
            return inner
    return None


def _fresh_names(taken: frozenset[str]) -> Iterator[str]:
    names = (*"uvwpqrsgh", *(f"n{k}" for k in range(1, 1000)))
    return (name for name in names if name not in taken)


def folded(term: Term, part: Term, var: Var) -> Term:
    """``term`` with ``part`` replaced by ``var`` wherever it stands, in whatever order its terms or factors are."""
    if _canonical(term) == _canonical(part):
        return var
    if not isinstance(term, Op):
        return term
    args = [folded(arg, part, var) for arg in term.args]
    if isinstance(part, Op) and part.name == term.name and term.name in _ANY_ORDER:
        keys = [_canonical(arg) for arg in args]
        wanted = [_canonical(arg) for arg in part.args]
        if all(keys.count(key) >= wanted.count(key) for key in wanted):
            first = min(keys.index(key) for key in wanted)
            for key in wanted:
                at = keys.index(key)
                del keys[at], args[at]
            args.insert(first, var)
            return folded(args[0] if len(args) == 1 else op(term.name, *args), part, var)
    return op(term.name, *args)


_ANY_ORDER = frozenset({"add", "mul", "max", "min"})


def _canonical(term: Term) -> Any:
    """Alike for formulas that differ in the order of terms or factors only."""
    if not isinstance(term, Op):
        return repr(term)
    args = tuple(map(_canonical, term.args))
    return term.name, tuple(sorted(args, key=repr)) if term.name in _ANY_ORDER else args
