"""The page of an expression graph: the tree, the paths, and what sympy finds directly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from backpropcalc.algebra.arithmetic import Number
from backpropcalc.algebra.terms import Num, Op, Term, Var, substitute
from backpropcalc.errors import fail
from backpropcalc.execution.values import Values
from backpropcalc.execution.worked import GraphTrace
from backpropcalc.program.graph import MAX_PATHS, along, edges, in_stages, paths, slope_of, written_out
from backpropcalc.program.steps import Block
from backpropcalc.spec.graph import Graph

from .picture import of_graph
from .pieces import (
    ARROW,
    Edge,
    Equation,
    Equations,
    Given,
    Heading,
    Math,
    Note,
    Phrase,
    Piece,
    Table,
    Tree,
    Value,
    Worked,
    listed,
    math,
)
from .worked import WorkedPage

DIRECT_UP_TO = 60
"""Operations and names of a formula up to which its derivative is also found from the formula itself."""
AGREE, DIFFER, UNDEFINED = "agree", "differ", "no value"
"""What is said of two ways to a slope; where neither has a value there is nothing that could agree."""


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

    def check(self) -> None:
        """Raises ``InputError`` if the stages of a slope have more paths than anyone writes down."""
        if self.graph.method.chain != "full":
            return
        for leaf in self.graph.leaves:
            if len(paths(self.graph, leaf)) > MAX_PATHS:
                said = f"{self.graph.root.name} depends on {leaf.name} along more than {MAX_PATHS} paths"
                raise fail("too-many-paths", said, "--chain delta goes back node by node")

    def headings(self, block: Block, before: Block | None) -> Iterator[Heading]:
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
            given = [math(var, " = ", Given(var, graph.values[var.name])) for var in graph.leaves]
            yield "values", tuple(part for n, each in enumerate(given) for part in ((", ", each) if n else (each,)))
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
        if self.graph.method.chain == "factors":
            yield from self.stages()
        several = self.paths(values)
        if several.rows:
            yield several
        if self.graph.size <= DIRECT_UP_TO:
            yield from self.comparison(values)
        elif self.graph.values:
            yield from self.differences(values)
        else:
            yield Note("The formula in its names alone is too long for a direct derivative beside it.")

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

    def stages(self) -> Iterator[Piece]:
        """The chain rule in stages for each leaf that has several paths through the same node."""
        graph, edge = self.graph, edges(self.graph)
        found: list[Equation] = []
        for leaf in graph.leaves:
            along_all = paths(graph, leaf)
            if len(along_all) > 1 and written_out(along_all):
                steps = list(in_stages(graph, edge, leaf))
                grouped = len(steps[-1].equals) > 1
                sides = ((step.var, ((side, "") for side in (step.term, *step.equals))) for step in steps if grouped)
                found += [Equation(var, tuple(each)) for var, each in sides]
        if found:
            yield Heading(3, "the chain rule in stages, by the nodes that it passes")
            yield Equations(found, found)

    def paths(self, values: Values) -> Table:
        """Every path of a leaf that has more than one."""
        graph, edge = self.graph, edges(self.graph)
        rows: list[tuple[Phrase, ...]] = []
        for leaf in graph.leaves:
            found = paths(graph, leaf)
            if len(found) < 2 or not (written_out(found) or self.graph.method.chain == "full"):
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
        direct = [(values.of(var), var, derivative(graph.whole, leaf)) for leaf, var in self.slopes()]
        found = [self.verdict(by_paths, term, values) for by_paths, _, term in direct]
        if not graph.values and all(self.alike(by_paths, term) for by_paths, _, term in direct):
            yield Note("Directly from the formula comes the same:")
            yield Equations([Equation(var, ((term, ""),)) for _, var, term in direct])
            return
        rows: list[tuple[Phrase, ...]] = []
        for (by_paths, var, term), said in zip(direct, found, strict=True):
            numbers = [math(Value(self.direct(term, values), source=term))] if graph.values else []
            rows.append((math(var), math(Value(by_paths, source=var)), math(term), *numbers, said))
        headings = ("", "along the paths", "directly", *([""] if graph.values else []), "")
        right = (False, True, False, True) if graph.values else (False, False, False)
        yield Table(headings, rows, right, "Along the paths and directly")
        root = graph.root.name
        yield from self.concluded(
            found,
            f"The slopes of {root} found along the paths and directly from the formula agree.",
            f"Found along the paths and directly from the formula, {found.count(DIFFER)} slopes of {root} differ.",
        )

    @staticmethod
    def concluded(found: list[str], agreed: str, differ: str) -> Iterator[Note]:
        """What the verdicts come to; no agreement if no slope has a value."""
        if DIFFER in found:
            yield Note(differ)
        elif AGREE in found:
            yield Note(agreed)
        if UNDEFINED in found:
            yield Note("What has no value cannot be compared.", close=True)

    def differences(self, values: Values) -> Iterator[Piece]:
        """The slope of the root by each leaf beside what a small change of that leaf does to it."""
        rows: list[tuple[Phrase, ...]] = []
        found = []
        for leaf, var in self.slopes():
            numerically = self.trace.difference(leaf)
            found.append(self.compared(values.of(var), numerically))
            rows.append((math(var), math(Value(values.of(var))), math(Value(numerically, None, False)), found[-1]))
        headings = ("", "along the paths", "numerically", "")
        yield Table(headings, rows, (False, True, True), "Along the paths and by small changes")
        root = self.graph.root.name
        yield from self.concluded(
            found,
            f"The slopes of {root} agree with what a change of each name by a millionth does to {root}.",
            f"Of {found.count(DIFFER)} slopes a small change says something else.",
        )

    def slopes(self) -> Iterator[tuple[Var, Var]]:
        """Each leaf that the root depends on, and the slope of the root by it."""
        graph, edge = self.graph, edges(self.graph)
        for leaf in graph.leaves:
            var = slope_of(graph.root, leaf)
            var = var if var in self.computed else edge.get((graph.root, leaf), var)
            if var in self.computed:  # it may stand in a line that leads nowhere
                yield leaf, var

    @cached_property
    def computed(self) -> frozenset[Var]:
        """Every quantity that is worked out."""
        return frozenset(self.trace.computed())

    def direct(self, term: Term, values: Values) -> Number:
        """The direct derivative with the numbers of the leaves, worked out without rounding."""
        given = self.graph.values or {}
        numbers: dict[Var, Term] = {var: given.get(var.name, Num("0")) for var in self.graph.leaves}
        value = values.evaluate(substitute(term, numbers))
        return values.arithmetic.settle(value) if self.graph.method.exact else value

    def verdict(self, by_paths: Number, term: Term, values: Values) -> str:
        """Whether the direct derivative is the same, to the digits that the arithmetic keeps."""
        if self.graph.values:
            return self.compared(by_paths, self.direct(term, values))
        from backpropcalc.algebra.symbolic import agree, expression

        return AGREE if agree(expression(term), by_paths) else DIFFER

    @staticmethod
    def alike(by_paths: Number, term: Term) -> bool:
        """Whether a slope in symbols is just what is found directly, so that a table would say everything twice."""
        from backpropcalc.algebra.symbolic import expression

        return bool(expression(term) == by_paths)

    def compared(self, by_paths: Number, otherwise: Number) -> str:
        """Whether two numbers are the same, rounding on the way aside."""
        a, b = float(by_paths), float(otherwise)
        if a != a and b != b:
            return UNDEFINED
        loose = 0.5 * 10.0 ** -(self.graph.style.decimals or 3) if self.graph.method.carry == "rounded" else 1e-9
        return AGREE if a == b or abs(a - b) <= loose * max(1.0, abs(a), abs(b)) * 10 else DIFFER
