"""A network or a graph as a picture: what stands in each circle and at each edge, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

from backpropcalc.algebra.terms import Var, slope
from backpropcalc.execution.values import Values
from backpropcalc.program.layers import LayerVariables, Variables, variables
from backpropcalc.program.steps import LOSS
from backpropcalc.spec.network import Network

from .pieces import Edge, Link, Math, Picture, Unit, Value, math

WIDEST, DEEPEST = 8, 6
"""Units of a layer, and layers, up to which every unit is drawn."""
Place = tuple[float, float]


class Shown:
    """The numbers in a picture: those of ``computed`` and of what is given; with no ``values`` names alone."""

    def __init__(self, values: Values | None = None, computed: Callable[[], Iterable[Var]] = tuple) -> None:
        self.values, self._computed = values, computed

    @cached_property
    def computed(self) -> frozenset[Var]:
        """What is computed: asked for when the first number is, for a large network has none in its picture."""
        return frozenset(self._computed())

    def __call__(self, *vars: Var | None) -> Iterator[Math]:
        """Each quantity that there is, by its name and its number."""
        for var in vars:
            if var is None:
                continue
            if self.values is None:
                yield math(var)
            elif var.role in _GIVEN or var in self.computed:
                yield math(var, " ", Value.of(self.values, var))

    def one(self, var: Var) -> Math:
        """The same of a single one, nothing if there is none."""
        return next(self(var), Math())


_GIVEN = frozenset({"x", "t", "w", "b", "shared", "unit"})


def of_network(spec: Network, shown: Shown) -> Picture:
    """The picture of a network: each unit up to 8 in a layer, else whole layers; of several samples the first."""
    size = "-".join(spec.size_letters or map(str, spec.sizes))
    if spec.size_letters or max(spec.sizes) > WIDEST or len(spec.sizes) > DEEPEST:
        return _layers(spec, f"A {size} network, layer by layer")
    many = len(spec.inputs) > 1
    of = variables(spec.on((0,)) if many and shown.values is None else spec)
    units = [*_inputs(of, shown)]
    links: list[Link] = []
    below = list(range(len(units)))
    for layer in of.layers:
        if layer.b is not None:
            below.append(len(units))
            units.append(_bias_unit(layer, len(below)))
        here = range(len(units), len(units) + layer.z.shape[0])
        units += _neurons(layer, of, shown) if spec.sizes[1:] != (1,) else _neuron(layer, of, shown)
        links += _edges(layer, below, here, shown)
        below = list(here)
    if spec.sizes[1:] == (1,):
        (sum_,), local = below, slope(of.last.a, of.last.z).at((0, 0))
        links.append(Link(sum_, sum_ + 1, "", shown.one(local), of.last.a.at((0, 0))))
    which = ", with the numbers of sample 1" if many and shown.values is not None else ""
    return Picture(f"A {size} network{which}", units, links)


def _row(n: int, of: int) -> float:
    """Rows around the middle."""
    return n - (of - 1) / 2


def _inputs(of: Variables, shown: Shown) -> Iterator[Unit]:
    count = of.x.shape[0]
    bias = of.layers[0].b is not None
    for r in range(count):
        var = of.x.at((r, 0))
        yield Unit((0, _row(r, count + bias)), tuple(shown(var)), tuple(shown(var)), var)


def _bias_unit(layer: LayerVariables, count: int) -> Unit:
    """The 1 that the biases are the weights of, below the units of the layer before."""
    return Unit((layer.n - 1, _row(count - 1, count)), ("1",), ("1",))


def _neurons(layer: LayerVariables, of: Variables, shown: Shown) -> Iterator[Unit]:
    count, last = layer.z.shape[0], layer is of.last
    bias = not last and of.layers[layer.n].b is not None
    for r in range(count):
        z, a = layer.z.at((r, 0)), layer.a.at((r, 0))
        target = of.t.at((r, 0)) if last else None
        gradients = (slope(LOSS, layer.a).at((r, 0)), slope(LOSS, layer.z).at((r, 0)))
        backward = tuple(shown(*gradients)) or (math(a),)
        yield Unit((layer.n, _row(r, count + bias)), tuple(shown(z, a, target)), backward, a)


def _neuron(layer: LayerVariables, of: Variables, shown: Shown) -> Iterator[Unit]:
    """A single neuron as its two parts: Σ adds up what comes in, the activation is applied to the sum."""
    z, a, t = (whole.at((0, 0)) for whole in (layer.z, layer.a, of.t))
    by_z, by_a = slope(LOSS, layer.z).at((0, 0)), slope(LOSS, layer.a).at((0, 0))
    yield Unit((1, 0), ("Σ", *shown(z)), ("Σ", *(tuple(shown(by_z)) or (math(z),))), z)
    name = layer.rule.name.replace("_", " ")
    yield Unit((2, 0), (name, *shown(a, t)), (name, *(tuple(shown(by_a)) or (math(a),))), a)


def _edges(layer: LayerVariables, below: Sequence[int], here: Sequence[int], shown: Shown) -> Iterator[Link]:
    sources = layer.w.shape[1]
    for r, end in enumerate(here):
        for c, start in enumerate(below):
            parameter = layer.w if c < sources else layer.b
            assert parameter is not None
            var = parameter.at((r, c if c < sources else 0))
            gradient = slope(LOSS, parameter).at(var.index or (0, 0))
            yield Link(start, end, shown.one(var), shown.one(gradient), var)


def _layers(spec: Network, about: str) -> Picture:
    """A box for each layer with its size, and its weights at the arrow that leads to it."""
    sizes = [*spec.size_letters] or [f"{size:,}" for size in spec.sizes]
    depth = len(sizes) - 1
    names = ["inputs", *(f"hidden {n}" if depth > 2 else "hidden" for n in range(1, depth)), "outputs"]
    rules = ["", *(layer.rule.name.replace("_", " ") for layer in spec.layers)]
    lines = [tuple(filter(None, column)) for column in zip(sizes, names, rules, strict=True)]
    units = [Unit((n, 0), words, words, boxed=True) for n, words in enumerate(lines)]
    weights = [f"{sizes[n]} × {sizes[n - 1]}" for n in range(1, depth + 1)]
    links = [Link(n, n + 1, words, words) for n, words in enumerate(weights)]
    return Picture(about, units, links)


# Graphs


def of_graph(nodes: Mapping[Var, tuple[Math, ...]], edges: Sequence[Edge]) -> Picture:
    """The picture of a graph from its leaves on the left to its root, each node with the lines in it."""
    level = _levels(nodes, edges)
    routes = {n: _route(level[edge.child], level[edge.parent]) for n, edge in enumerate(edges)}
    rows = _rows(level, edges, routes)
    number = {var: n for n, var in enumerate(nodes)}
    units = [Unit((level[var], rows[var]), lines, lines, var, boxed=True) for var, lines in nodes.items()]
    links = [
        Link(
            number[edge.child], number[edge.parent], edge.slope, edge.slope, None,
            tuple((column, rows[n, column]) for column in routes[n]),
        )
        for n, edge in enumerate(edges)
    ]  # fmt: skip
    return Picture("The graph", units, links)


Knot = Var | tuple[int, int]
"""A node, or the place where edge n passes a column."""


def _levels(nodes: Iterable[Var], edges: Sequence[Edge]) -> dict[Var, int]:
    """How many edges lead from the farthest leaf to each node."""
    below: dict[Var, list[Var]] = {var: [] for var in nodes}
    for edge in edges:
        below[edge.parent].append(edge.child)
    level: dict[Var, int] = {}
    waiting = list(below)
    while waiting:
        var = waiting[-1]
        open = [child for child in below[var] if child not in level]
        if open and var not in level:
            waiting += open
            continue
        waiting.pop()
        level[var] = max((level[child] + 1 for child in below[var]), default=0)
    above = {edge.child: edge.parent for edge in edges}
    for var, children in below.items():  # a leaf stands just before what it first goes into
        if not children and var in above:
            level[var] = min(level[edge.parent] for edge in edges if edge.child == var) - 1
    return {var: level[var] for var in below}


def _route(start: int, end: int) -> range:
    return range(start + 1, end)


def _rows(level: dict[Var, int], edges: Sequence[Edge], routes: dict[int, range]) -> dict[Knot, float]:
    """The row of every knot: in each column those are neighbours that lead to neighbours."""
    columns: dict[int, list[Knot]] = {}
    for var, column in level.items():
        columns.setdefault(column, []).append(var)
    beside: dict[Knot, list[Knot]] = {}
    for n, edge in enumerate(edges):
        path: list[Knot] = [edge.child, *((n, column) for column in routes[n]), edge.parent]
        for column in routes[n]:
            columns[column].append((n, column))
        for one, other in pairwise(path):
            beside.setdefault(one, []).append(other)
            beside.setdefault(other, []).append(one)
    rows: dict[Knot, float] = {}

    def settle(knots: list[Knot], key: Callable[[Knot], float]) -> None:
        knots.sort(key=key)
        rows.update((knot, _row(r, len(knots))) for r, knot in enumerate(knots))

    for knots in columns.values():
        settle(knots, lambda knot: 0.0)
    for sweep in range(6):
        for column in sorted(columns, reverse=sweep % 2 == 0):
            settle(columns[column], lambda knot: _mean([rows[other] for other in beside.get(knot, ())] or [rows[knot]]))
    return rows


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)
