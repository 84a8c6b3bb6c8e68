"""The program of an expression graph: values of the nodes, a slope on each edge, their products along the paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from backpropcalc.algebra.terms import SCALAR, Num, Term, Var, product, total, variables
from backpropcalc.spec.graph import Graph

from .edge import edge_slope
from .staged import below, stages
from .steps import Block, Program, Step

MAX_PATHS = 12
MAX_FACTORS = 12
"""Paths, and slopes along all of them, up to which each path is written out; of more, the nodes above are gone by."""


def slope_of(y: Var, x: Var) -> Var:
    """∂y/∂x."""
    return Var("d", 0, SCALAR, (y, x), (0, 0))


def edges(graph: Graph) -> dict[tuple[Var, Var], Var]:
    """The slope of each node by each name in it, from the root down.

    What stands in the root and also below it has two slopes: the one that its edge to the root has is ``via`` the root.
    So it is of any node where both are written, as they are in stages.
    """
    slopes: dict[tuple[Var, Var], Var] = {}
    under: dict[Var, set[Var]] = {}
    for y, term in graph.nodes:
        under[y] = set(variables(term)).union(*(under.get(child, ()) for child in variables(term)))
    for y, term in reversed(graph.nodes):
        children = dict.fromkeys(variables(term))
        for x in children:
            twice = any(x in under.get(child, ()) for child in children)
            direct = twice and (y == graph.root or _in_stages(graph, x))
            slopes[y, x] = Var("via", 0, SCALAR, (y, x, y), (0, 0)) if direct else slope_of(y, x)
    return slopes


def _in_stages(graph: Graph, x: Var) -> bool:
    """Whether the slopes of inner nodes by ``x`` are written, each put together from all its paths."""
    chain = graph.method.chain
    return chain == "full" or (chain == "factors" and x in graph.leaves and written_out(paths(graph, x)))


def _parents(graph: Graph) -> dict[Var, list[Var]]:
    parents: dict[Var, list[Var]] = {}
    for y, term in graph.nodes:
        for x in dict.fromkeys(variables(term)):
            parents.setdefault(x, []).append(y)
    return parents


def paths(graph: Graph, x: Var) -> list[tuple[Var, ...]]:
    """Every path from ``x`` up to the root, itself and the root included; at most ``MAX_PATHS`` and one more."""
    parents, complete = _parents(graph), list[tuple[Var, ...]]()
    stack: list[tuple[Var, ...]] = [(x,)]
    while stack and len(complete) <= MAX_PATHS:
        path = stack.pop()
        if path[-1] == graph.root:
            complete.append(path)
        stack.extend((*path, parent) for parent in reversed(parents.get(path[-1], ())))
    return complete


def along(edge: Mapping[tuple[Var, Var], Var], path: tuple[Var, ...]) -> Term:
    """The product of the slopes along a path, from the root down."""
    factors = [edge[y, x] for x, y in pairwise(path)][::-1]
    return factors[0] if len(factors) == 1 else product(*factors)


def written_out(found: Sequence[tuple[Var, ...]]) -> bool:
    """Whether anyone writes out every one of these paths: one, or several with few slopes."""
    return len(found) == 1 or (len(found) <= MAX_PATHS and sum(len(path) - 1 for path in found) <= MAX_FACTORS)


def program(graph: Graph) -> Program:
    """Nodes forward; backward the slope of each edge, then of the root by each name, along the paths."""
    from backpropcalc.rules.formulas import kink

    edge = edges(graph)
    terms = dict(graph.nodes)
    slopes = []
    for (y, x), var in edge.items():
        slopes.append(Step(var, edge_slope(y, terms[y], x), kink=kink(y.name, terms[y], x)))
    totals = {step.var: step for step in slopes}
    for x in (*(var for var, _ in reversed(graph.nodes[:-1])), *graph.leaves):
        var = slope_of(graph.root, x)
        ways = paths(graph, x)
        if var in totals or not ways:
            continue
        if graph.method.chain == "full" and len(ways) <= MAX_PATHS:
            totals |= {step.var: step for step in in_stages(graph, edge, x)}
        else:
            totals[var] = Step(var, _total(graph, edge, x, ways))
    given: dict[Var, tuple[tuple[Num, ...], ...]] = {
        var: ((graph.values[var.name],),) if graph.values else () for var in graph.leaves
    }
    blocks = (
        Block("forward", 0, tuple(Step(var, term) for var, term in graph.nodes)),
        Block("backward", 1, tuple(slopes)),
        Block("backward", 2, tuple(totals.values())[len(slopes) :]),
    )
    return Program(tuple(block for block in blocks if block.steps), (), given)


def _total(graph: Graph, edge: Mapping[tuple[Var, Var], Var], x: Var, ways: list[tuple[Var, ...]]) -> Term:
    """∂root/∂x: every path written out, or, of many or with ``chain: delta``, through the slopes of its parents."""
    if graph.method.chain != "delta" and written_out(ways):
        return total(along(edge, path) for path in ways)
    parts = []
    for parent in _parents(graph)[x]:
        step = edge[parent, x]
        parts.append(step if parent == graph.root else product(slope_of(graph.root, parent), step))
    return total(parts)


def reached(graph: Graph, x: Var) -> dict[Var, Var]:
    """∂node/∂x of every node that depends on x."""
    found: dict[Var, Var] = {}
    for y, term in graph.nodes:
        if any(part == x or part in found for part in variables(term)):
            found[y] = slope_of(y, x)
    return found


def in_stages(graph: Graph, edge: Mapping[tuple[Var, Var], Var], x: Var) -> Iterator[Step]:
    """∂root/∂x in stages, after the slopes by x of the nodes that it passes."""
    slope = reached(graph, x)
    rounded = graph.method.carry == "rounded" and graph.method.chain == "full"  # rounded sums multiply out to others
    for y in (*below(edge, slope, graph.root, x), graph.root):
        first, *others = stages(edge, slope, y, x)
        yield Step(slope[y], first, equals=tuple(others) if y == graph.root and not rounded else ())
