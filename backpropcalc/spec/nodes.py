"""The nodes of a formula: those that the user named, in whatever order they are written, or one for each operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backpropcalc.algebra.terms import Op, Term, Var, node, op, substitute, variables
from backpropcalc.rules.functions import ACTIVATIONS

from .graph import Node


class Cycle(Exception):
    """A node is worked out from itself."""

    def __init__(self, var: Var) -> None:
        self.var = var
        super().__init__(f"{var.name} is worked out from itself")


def arranged(lines: Mapping[Var, Term], named: Mapping[Var, Term]) -> list[Node]:
    """The nodes in the order of working, the last of the ``lines`` at the end. Raises ``Cycle``."""
    terms = {**lines, **named}
    order = ordered(terms)
    root = list(lines)[-1]
    if len(terms) == 1:
        taken = frozenset({root.name, *(leaf.name for leaf in variables(terms[root]))})
        return automatic(root.name, terms[root], taken)
    short = _by_nodes(terms, [var for var in order if var in named])
    return [(var, short[var]) for var in ordered(short) if var != root] + [(root, short[root])]


def ordered(terms: Mapping[Var, Term]) -> list[Var]:
    """The names so that each comes after those in its formula. Raises ``Cycle`` if that cannot be."""
    order: list[Var] = []
    rest = dict(terms)
    while rest:
        ready = [var for var, term in rest.items() if not any(leaf in rest for leaf in variables(term))]
        if not ready:
            raise Cycle(next(iter(rest)))
        order += ready
        for var in ready:
            del rest[var]
    return order


def _by_nodes(terms: Mapping[Var, Term], named: list[Var]) -> dict[Var, Term]:
    """The formulas, with the name of a node wherever its formula stands, the largest nodes first."""
    whole: dict[Var, Term] = {}
    for var in named:
        whole[var] = substitute(terms[var], whole)
    size = {var: _size(term) for var, term in whole.items()}
    short: dict[Var, Term] = {}
    for var, term in terms.items():
        short[var] = substitute(term, whole)
        for part in sorted(named, key=lambda part: (-size[part], part.name)):
            if part != var and (var not in size or size[part] < size[var]):
                short[var] = folded(short[var], whole[part], part)
    return short


def _size(term: Term) -> int:
    return 1 + sum(map(_size, term.args)) if isinstance(term, Op) else 1


def automatic(name: str, term: Term, taken: frozenset[str]) -> list[Node]:
    """The nodes of a formula that names none: one for each operation, innermost first; alike ones are one."""
    fresh = _fresh_names(taken)
    found: dict[Term, Var] = {}

    def visit(part: Term) -> Term:
        if not isinstance(part, Op) or not any(variables(part)):
            return part
        whole = opened(part)
        if whole not in found:
            found[whole] = node(next(fresh))
        return found[whole]

    def opened(part: Op) -> Term:
        inner = _sigmoid_of(part)
        if inner is not None:
            return _sigmoid(visit(inner))
        return op(part.name, *map(visit, part.args))

    root = opened(term) if isinstance(term, Op) and any(variables(term)) else term
    return [*((var, part) for part, var in found.items()), (node(name), root)]


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


def _canonical(term: Term) -> object:
    """Alike for formulas that differ in the order of terms or factors only."""
    if not isinstance(term, Op):
        return repr(term)
    args = tuple(map(_canonical, term.args))
    return term.name, tuple(sorted(args, key=repr)) if term.name in _ANY_ORDER else args
