"""An expression graph as its spec file describes it: a formula taken apart into nodes, and the numbers of its names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

from backpropcalc.algebra.terms import Num, Op, Term, Var, substitute, variables

from .model import Spec

LONGEST_FORMULA = 300

Node = tuple[Var, Term]


@dataclass(frozen=True, kw_only=True)
class Graph(Spec):
    """A formula as nodes in the order of working; the last one is differentiated. Without ``values`` it is symbolic."""

    kind: ClassVar[str] = "graph"
    nodes: tuple[Node, ...]
    values: Mapping[str, Num] | None

    @property
    def root(self) -> Var:
        """What is differentiated."""
        return self.nodes[-1][0]

    @cached_property
    def leaves(self) -> tuple[Var, ...]:
        """The names that no node works out, in the order of writing."""
        return leaves_of(self.nodes)

    @cached_property
    def size(self) -> int:
        """How many operations and names the formula of the root has once every node in it is written out."""
        found: dict[Var, int] = {}

        def count(term: Term) -> int:
            return (
                1 + sum(map(count, term.args))
                if isinstance(term, Op)
                else found.get(term, 1)
                if isinstance(term, Var)
                else 1
            )

        for var, term in self.nodes:
            found[var] = count(term)
        return found[self.root]

    @property
    def short(self) -> bool:
        """Whether the formula of the root can be written in leaves alone."""
        return self.size <= LONGEST_FORMULA

    @cached_property
    def whole(self) -> Term:
        """The formula of the root in leaves alone; only of a ``short`` one."""
        found: dict[Var, Term] = {}
        for var, term in self.nodes:
            found[var] = substitute(term, found)
        return found[self.root]

    def override(self, **flags: object) -> Self:
        """The same graph written otherwise; symbols are exact, whatever digits are asked for."""
        exact = ("carry", "exact") if self.values is None else ()
        return super().override(**{key: value for key, value in flags.items() if key not in exact})


def leaves_of(nodes: Iterable[Node]) -> tuple[Var, ...]:
    """The names in the formulas of ``nodes`` that none of them works out, in the order of writing."""
    terms, leaves, opened = dict(nodes), dict[Var, None](), set[Var]()
    waiting = list(terms)
    while waiting:
        var = waiting.pop()
        if var not in terms:
            leaves[var] = None
        elif var not in opened:
            opened.add(var)
            waiting.extend(reversed(list(variables(terms[var]))))
    return tuple(leaves)
