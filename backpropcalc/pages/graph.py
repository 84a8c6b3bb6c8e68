"""The page of an expression graph: the tree, the paths, and what sympy finds directly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from backpropcalc.algebra.terms import Num, Op, Term, Var, substitute
from backpropcalc.execution.values import Values
from backpropcalc.execution.worked import GraphTrace
from backpropcalc.program.graph import MAX_PATHS, along, edges, paths, slope_of
from backpropcalc.program.steps import Block
from backpropcalc.spec.graph import Graph

from .picture import of_graph
from .pieces import ARROW, Edge, Given, Heading, Math, Note, Phrase, Piece, Table, Tree, Value, Worked, listed, math
from .worked import WorkedPage


@dataclass(frozen=True)
class GraphPage(WorkedPage):
    """The page of an expression graph."""

    trace: GraphTrace

    forms = WorkedPage.forms | {"dot"}

    @property
    def graph(self) -> Graph:
        """What is worked out."""
        found: Graph = self.trace.spec
        return found

    def headings(self, block: Block, before: Block | None, iteration: int) -> Iterator[Heading]:
        """What to announce before ``block``."""
        if before is None or before.phase != block.phase:
            yield Heading(2, "1  Forward pass" if block.phase == "forward" else "2  Backward pass")
        yield Heading(3, ("", "the slope of each edge", "along the paths")[block.layer])

    def facts(self) -> Iterator[tuple[str, Phrase]]:
        """The formula and its numbers."""
        graph = self.graph
        root = graph.whole if graph.short else dict(graph.nodes)[graph.root]
        yield "expression", math(graph.root, " = ", root)
        if graph.values:
            yield "values", listed([math(var, " = ", Given(var, graph.values[var.name])) for var in graph.leaves])
        else:
            yield "values", "none: the work is in symbols"
        if graph.method.exact and graph.values:
            yield "numbers", "exact, the decimal beside each"
        yield from super().facts()

    def given(self, values: Values) -> Iterator[Piece]:
        """The graph as a picture: each node with its formula and its number if it has one, the slopes at its edges."""
        if self.only is None:
            tree = self.tree(values)
            yield of_graph({var: tuple(self.inside(tree, var)) for var in tree.nodes}, tree.edges)

    def inside(self, tree: Tree, var: Var) -> Iterator[Math]:
        """What stands in a node of the picture."""
        term = tree.nodes[var]
        yield math(var) if term is None else math(var, " = ", term)
        if self.graph.values:
            yield tree.values[var]

    def closing(self, values: Values) -> Iterator[Piece]:
        """The tree with a slope on each edge, the product along each path, and the comparison with sympy."""
        yield self.tree(values)
        several = self.paths(values)
        if several.rows:
            yield several
        if not self.graph.short:
            yield Note("The formula in its names alone is too long for a direct derivative beside it.")
            return
        yield from self.comparison(values)

    def tree(self, values: Values) -> Tree:
        """Each node with its formula and value, and the slope of every edge."""
        graph = self.graph
        nodes: dict[Var, Term | None] = dict.fromkeys(graph.leaves)
        nodes |= dict(graph.nodes)
        found = [
            Edge(parent, child, math(step, " = ", Value.of(values, step)))
            for (parent, child), step in edges(graph).items()
        ]
        return Tree("The graph", graph.root, nodes, {var: math(Value.of(values, var)) for var in nodes}, found)

    def paths(self, values: Values) -> Table:
        """Every path of a leaf that has more than one."""
        graph, edge = self.graph, edges(self.graph)
        rows: list[tuple[Phrase, ...]] = []
        for leaf in graph.leaves:
            found = paths(graph, leaf)
            if not 1 < len(found) <= MAX_PATHS:
                continue
            for path in found:
                term = along(edge, path)
                product = values.arithmetic.settle(values.evaluate(term))
                numbers = math(Worked(term, values)) if isinstance(term, Op) else math()
                rows.append(
                    (listed([math(var) for var in path], ARROW), math(term), numbers, math(Value(product, source=term)))
                )
        headings = ("path", "slopes", "", "")
        return Table(headings, rows, (False, False, False, True), "The product along each path")

    def comparison(self, values: Values) -> Iterator[Piece]:
        """The slope of the root by each leaf, along the paths and directly from the formula, and whether they agree."""
        from backpropcalc.algebra.symbolic import derivative

        graph = self.graph
        rows: list[tuple[Phrase, ...]] = []
        wrong = 0
        edge = edges(graph)
        for leaf in graph.leaves:
            var = slope_of(graph.root, leaf)
            var = var if var in self.computed else edge.get((graph.root, leaf), var)
            if var not in self.computed:  # it stands in a line that leads nowhere
                continue
            term = derivative(graph.whole, leaf)
            by_paths = values.of(var)
            same = self.agrees(by_paths, term, values)
            wrong += not same
            numbers = [math(Value(self.direct(term, values), source=term))] if graph.values else []
            rows.append(
                (math(var), math(Value(by_paths, source=var)), math(term), *numbers, "agree" if same else "differ")
            )
        headings = ("", "along the paths", "directly", *([""] if graph.values else []), "")
        right = (False, True, False, True) if graph.values else (False, False, False)
        yield Table(headings, rows, right, "Along the paths and directly")
        root = graph.root.name
        said = f"The slopes of {root} found along the paths and directly from the formula agree."
        if wrong:
            said = f"Found along the paths and directly from the formula, {wrong} slopes of {root} differ."
        yield Note(said)

    @property
    def computed(self) -> frozenset[Var]:
        """Every quantity that is worked out."""
        return frozenset(self.trace.computed())

    def direct(self, term: Term, values: Values) -> Any:
        """The direct derivative with the numbers of the leaves, worked out without rounding."""
        given = self.graph.values or {}
        numbers: dict[Var, Term] = {var: given.get(var.name, Num("0")) for var in self.graph.leaves}
        value = values.evaluate(substitute(term, numbers))
        return values.arithmetic.settle(value) if self.graph.method.exact else value

    def agrees(self, by_paths: Any, term: Term, values: Values) -> bool:
        """Whether the direct derivative is the same, to the digits that the arithmetic keeps."""
        if not self.graph.values:
            from backpropcalc.algebra.symbolic import agree, expression

            return agree(expression(term), by_paths)
        direct = self.direct(term, values)
        a, b = float(by_paths), float(direct)
        loose = 0.5 * 10.0 ** -(self.graph.style.decimals or 3) if self.graph.method.carry == "rounded" else 1e-9
        return a == b or abs(a - b) <= loose * max(1.0, abs(a), abs(b)) * 10 or (a != a and b != b)
