"""The chain rule along several paths in stages, as A. Singh's "Multi-Layer Neural Network" (ML002) takes them.

First the nodes right below the root: ∂p/∂x = ∂p/∂h · ∂h/∂x + ∂p/∂g · ∂g/∂x. Then what each ∂h/∂x is in its turn, in
parentheses, so that the paths stand grouped by the node that they pass. At the end every path by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from backpropcalc.algebra.terms import Term, Var, product, total

Edges = Mapping[tuple[Var, Var], Var]
"""The slope of each node by each name in it, those of a node in the order of its formula."""


def stages(edge: Edges, slope: Mapping[Var, Var], root: Var, x: Var) -> tuple[Term, ...]:
    """What ∂root/∂x equals, stage after stage; ``slope`` is ∂node/∂x of every node that x leads to."""
    found = [_expanded(edge, slope, root, x, 0)]
    depth = 1
    while (deeper := _expanded(edge, slope, root, x, depth)) != found[-1]:
        found.append(deeper)
        depth += 1
    every = total(product(*path) if len(path) > 1 else path[0] for path in _routes(edge, root, x))
    return (*found, every) if every != found[-1] else tuple(found)


def below(edge: Edges, slope: Mapping[Var, Var], root: Var, x: Var) -> Iterator[Var]:
    """The nodes below the root whose slopes by x are put together from several, from x up."""
    nodes = dict.fromkeys(y for y, _ in edge)
    for y in reversed(nodes):
        if y != root and y in slope and _expanded(edge, slope, y, x, 0) != slope[y]:
            yield y


def _expanded(edge: Edges, slope: Mapping[Var, Var], y: Var, x: Var, depth: int) -> Term:
    """∂y/∂x by the nodes in y; of these what they are in their turn, ``depth`` times."""
    inner = partial(_expanded, edge, slope, x=x, depth=depth - 1)
    parts: list[Term] = []
    for (above, c), step in edge.items():
        if above != y or (c != x and c not in slope):
            continue
        parts.append(step if c == x else product(step, inner(y=c) if depth else slope[c]))
    return total(parts)


def _routes(edge: Edges, y: Var, x: Var) -> Iterator[tuple[Var, ...]]:
    """The slopes along each path from y down to x."""
    for (above, c), step in edge.items():
        if above != y:
            continue
        if c == x:
            yield (step,)
        else:
            yield from ((step, *rest) for rest in _routes(edge, c, x))
