"""A graph as a tree: each node under the one that it stands in, a node that stands in several opened once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backpropcalc.algebra.terms import Var
from backpropcalc.pages.pieces import MORE, Edge, Math, Tree, math


class Branch(NamedTuple):
    """A line of a tree: the lines of a terminal that lead to it, how deep it lies, and the edge to it."""

    var: Var
    formula: Math
    lead: str
    depth: int
    edge: Edge | None


def branches(tree: Tree) -> Iterator[Branch]:
    """The tree from the root down."""
    below: dict[Var, list[Edge]] = {}
    for edge in tree.edges:
        below.setdefault(edge.parent, []).append(edge)
    opened = set[Var]()

    def walk(var: Var, edge: Edge | None, lead: str, indent: str, depth: int) -> Iterator[Branch]:
        term = tree.nodes[var]
        formula = math(var) if term is None else math(var, MORE) if var in opened else math(var, " = ", term)
        yield Branch(var, formula, lead, depth, edge)
        if var in opened:
            return
        opened.add(var)
        edges = below.get(var, [])
        for n, part in enumerate(edges):
            mark, line = ("└─ ", "   ") if n == len(edges) - 1 else ("├─ ", "│  ")
            yield from walk(part.child, part, indent + mark, indent + line, depth + 1)

    return walk(tree.root, None, "", "", 0)
