"""Expression graphs: a formula taken apart into nodes, a slope on each edge, their products along the paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar, Self

from backpropcalc.algebra.arithmetic import Arithmetic
from backpropcalc.algebra.terms import SCALAR, Num, Op, Term, Var, op, product, substitute, total, variables
from backpropcalc.errors import Place, fail
from backpropcalc.execution.worked import Worked
from backpropcalc.spec.model import UNMARKED, Marking, Style, Written

from .network import Block, Program, Step

LONGEST_FORMULA = 300
MAX_PATHS = 12
"""Paths up to which each is written out; of more, the slopes of the nodes above are taken."""
FLAGS = frozenset({"decimals", "significant", "carry", "exact", "chain"})

Node = tuple[Var, Term]


@dataclass(frozen=True)
class Graph(Written):
    """A formula as nodes in the order of working; the last one is differentiated. Without ``values`` it is symbolic."""

    kind: ClassVar[str] = "graph"
    title: str
    nodes: tuple[Node, ...]
    values: Mapping[str, Num] | None
    style: Style
    file: str = ""
    source: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    iterations: int = 1
    parameters: int = 0
    marking: Marking = UNMARKED
    layers: tuple[()] = ()

    @property
    def root(self) -> Var:
        """What is differentiated."""
        return self.nodes[-1][0]

    @cached_property
    def leaves(self) -> tuple[Var, ...]:
        """The names that no node works out, in the order of writing."""
        terms, found, opened = dict(self.nodes), dict[Var, None](), set[Var]()
        waiting = [*(var for var, _ in self.nodes)]
        while waiting:
            var = waiting.pop()
            if var not in terms:
                found[var] = None
            elif var not in opened:
                opened.add(var)
                waiting.extend(reversed(list(variables(terms[var]))))
        return tuple(found)

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

    def run(self, first: int = 1) -> GraphTrace:
        """The hand calculation."""
        return GraphTrace(self)

    def override(self, **style: Any) -> Self:
        """The same graph written otherwise."""
        for key in style:
            if key not in FLAGS:
                raise fail("usage", f"--{key} has no meaning for an expression graph")
        if self.values is None:  # symbols are exact, whatever digits are asked for
            style = {key: value for key, value in style.items() if key not in ("carry", "exact")}
        return super().override(**style)


class GraphTrace(Worked):
    """The values of the nodes, the slopes of the edges, and what they come to along the paths."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph, program(graph))

    def values_given(self, arithmetic: Arithmetic) -> dict[Var, Any]:
        """The numbers of the leaves, or the leaves themselves."""
        if self.spec.values is not None:
            return super().values_given(arithmetic)
        from backpropcalc.algebra.symbolic import symbol

        return {var: symbol(var) for var in self.spec.leaves}


def slope_of(y: Var, x: Var) -> Var:
    """∂y/∂x."""
    return Var("d", 0, SCALAR, (y, x), (0, 0))


def edges(graph: Graph) -> dict[tuple[Var, Var], Var]:
    """The slope of each node by each name in it, from the root down.

    What stands in the root and also below it has two slopes: the one that its edge to the root has is ``via`` the root.
    """
    found: dict[tuple[Var, Var], Var] = {}
    parents = _parents(graph)
    for y, term in reversed(graph.nodes):
        for x in dict.fromkeys(variables(term)):
            direct = y == graph.root and len(parents[x]) > 1
            found[y, x] = Var("via", 0, SCALAR, (y, x, y), (0, 0)) if direct else slope_of(y, x)
    return found


def _parents(graph: Graph) -> dict[Var, list[Var]]:
    found: dict[Var, list[Var]] = {}
    for y, term in graph.nodes:
        for x in dict.fromkeys(variables(term)):
            found.setdefault(x, []).append(y)
    return found


def paths(graph: Graph, x: Var) -> list[tuple[Var, ...]]:
    """Every path from ``x`` up to the root, itself and the root included; at most ``MAX_PATHS`` and one more."""
    parents, found = _parents(graph), list[tuple[Var, ...]]()
    stack: list[tuple[Var, ...]] = [(x,)]
    while stack and len(found) <= MAX_PATHS:
        path = stack.pop()
        if path[-1] == graph.root:
            found.append(path)
        stack.extend((*path, parent) for parent in reversed(parents.get(path[-1], ())))
    return found


def along(edge: Mapping[tuple[Var, Var], Var], path: tuple[Var, ...]) -> Term:
    """The product of the slopes along a path, from the root down."""
    factors = [edge[y, x] for x, y in pairwise(path)][::-1]
    return factors[0] if len(factors) == 1 else product(*factors)


def program(graph: Graph) -> Program:
    """Nodes forward; backward the slope of each edge, then of the root by each name, along the paths."""
    from backpropcalc.algebra.symbolic import derivative
    from backpropcalc.rules.formulas import kink

    edge = edges(graph)
    terms = dict(graph.nodes)
    slopes = []
    for (y, x), var in edge.items():
        said, at = kink(y.name, terms[y], x)
        slopes.append(Step(var, derivative(terms[y], x), kink=(at, said) if said else None))
    done = {step.var for step in slopes}
    totals = []
    for x in (*(var for var, _ in reversed(graph.nodes[:-1])), *graph.leaves):
        var = slope_of(graph.root, x)
        found = paths(graph, x)
        if var not in done and found:
            totals.append(Step(var, _total(graph, edge, x, found)))
    given: dict[Var, tuple[tuple[Num, ...], ...]] = {
        var: ((graph.values[var.name],),) if graph.values else () for var in graph.leaves
    }
    blocks = (
        Block("forward", 0, tuple(Step(var, term) for var, term in graph.nodes)),
        Block("backward", 1, tuple(slopes)),
        Block("backward", 2, tuple(totals)),
    )
    return Program(tuple(block for block in blocks if block.steps), (), given)


def _total(graph: Graph, edge: Mapping[tuple[Var, Var], Var], x: Var, found: list[tuple[Var, ...]]) -> Term:
    """∂root/∂x: every path written out, or, of many or with ``chain: delta``, through the slopes of its parents."""
    if len(found) <= MAX_PATHS and graph.style.chain != "delta":
        return total(along(edge, path) for path in found)
    parts = []
    for parent in _parents(graph)[x]:
        step = edge[parent, x]
        parts.append(step if parent == graph.root else product(slope_of(graph.root, parent), step))
    return total(parts)


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
    from backpropcalc.rules.functions import ACTIVATIONS

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
