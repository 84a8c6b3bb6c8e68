"""The page of an expression graph: the tree, the paths, and what sympy finds directly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.terms import Num, Op, Term, Var, substitute, variables
from backpropcalc.algebra.typeset import typeset
from backpropcalc.execution.trace import Values
from backpropcalc.execution.worked import GraphTrace
from backpropcalc.program.graph import MAX_PATHS, along, edges, paths, slope_of
from backpropcalc.program.steps import Block
from backpropcalc.spec.graph import Graph

from .pieces import Math, Piece, Table, Tree, Words
from .rows import Writer
from .worked import WorkedPage, shown, unbroken

LONGEST_TREE = 60
Branch = tuple[Var | None, Var, str, int]
"""A line of the tree: parent, node, what leads to it in the terminal, depth."""


class GraphPage(WorkedPage):
    """The page of an expression graph."""

    trace: GraphTrace

    @property
    def graph(self) -> Graph:
        """What is worked out."""
        found: Graph = self.trace.spec
        return found

    @property
    def forms(self) -> dict[str, str]:
        """The module that writes each output form: a graph can be drawn as well."""
        return {**super().forms, "dot": "dot"}

    def headings(self, block: Block, before: Block | None) -> Iterator[tuple[int, str]]:
        """What to announce before ``block``."""
        if before is None or before.phase != block.phase:
            yield 2, "1  Forward pass" if block.phase == "forward" else "2  Backward pass"
        yield 3, ("", "the slope of each edge", "along the paths")[block.layer]

    def facts(self, writer: Writer) -> list[tuple[str, str]]:
        """The formula and its numbers."""
        graph = self.graph
        root = graph.whole if graph.short else dict(graph.nodes)[graph.root]
        found: list[tuple[str, str]] = [("expression", Math(writer.equation(writer.name(graph.root), root)))]
        if graph.values:
            given = (f"{writer.name(var)} = {writer.literal(graph.values[var.name], 0)}" for var in graph.leaves)
            found.append(("values", Math(", ".join(given))))
        else:
            found.append(("values", "none: the work is in symbols"))
        if graph.method.exact and graph.values:
            found.append(("numbers", "exact, the decimal beside each"))
        return found + super().facts(writer)

    def closing(self, writer: Writer, seen: list[Values]) -> list[Piece]:
        """The tree with a slope on each edge, the product along each path, and the comparison with sympy."""
        values = seen[-1]
        found: list[Piece] = [self.tree(writer, values)] if len(list(self.branches())) <= LONGEST_TREE else []
        several = self.paths(writer, values)
        if several.rows:
            found.append(several)
        if not self.graph.short:
            return [*found, Words("The formula in its names alone is too long for a direct derivative beside it.")]
        table, agree = self.comparison(writer, values)
        return [*found, table, Words(agree)]

    def branches(self) -> Iterator[Branch]:
        """The tree from the root down: parent, node, the lines that lead to it, depth; a shared node is opened once."""
        terms, opened = dict(self.graph.nodes), set[Var]()

        def walk(parent: Var | None, var: Var, lead: str, indent: str, depth: int) -> Iterator[Branch]:
            yield parent, var, lead, depth
            if var in opened or var not in terms:
                return
            opened.add(var)
            below = list(dict.fromkeys(variables(terms[var])))
            for n, child in enumerate(below):
                last = n == len(below) - 1
                yield from walk(
                    var, child, indent + ("└─ " if last else "├─ "), indent + ("   " if last else "│  "), depth + 1
                )

        yield from walk(None, self.graph.root, "", "", 0)

    def tree(self, writer: Writer, values: Values) -> Tree:
        """Each node under the one that it stands in, with the slope of the edge between them and its value."""
        terms, edge, seen = dict(self.graph.nodes), edges(self.graph), set[Var]()
        rows = []
        for parent, var, lead, depth in self.branches():
            name = writer.name(var)
            if var in terms:
                name = writer.equation(name, terms[var]) if var not in seen else name + writer.language.more
            seen.add(var)
            slope = ""
            if parent is not None:
                step = edge[parent, var]
                slope = f"{writer.name(step)} = {shown(writer, values.of(step))}"
            rows.append((depth, lead, name, slope, shown(writer, values.of(var))))
        return Tree("The graph", rows)

    def paths(self, writer: Writer, values: Values) -> Table:
        """Every path of a leaf that has more than one."""
        graph, edge = self.graph, edges(self.graph)
        arrow = writer.language.arrow
        rows: list[tuple[str, ...]] = []
        for leaf in graph.leaves:
            found = paths(graph, leaf)
            if not 1 < len(found) <= MAX_PATHS:
                continue
            for path in found:
                term = along(edge, path)
                product = evaluate(term, values.of, self.trace.arithmetic[0])
                numbers = self.numbers(writer, term, values)
                rows.append((
                    Math(arrow.join(writer.name(var) for var in path)),
                    Math(unbroken(typeset(term, writer.language.syntax, writer.symbol))),
                    Math(numbers),
                    shown(writer, self.trace.arithmetic[0].settle(product)),
                ))  # fmt: skip
        return Table("The product along each path", ("path", "slopes", "", ""), rows, (False, False, False, True))

    @staticmethod
    def numbers(writer: Writer, term: Term, values: Values) -> str:
        """A product with the numbers of its factors."""
        if not isinstance(term, Op):
            return ""
        write = writer.direct(values)
        substituted = getattr(writer, "substituted", None)
        if substituted is not None:
            return unbroken(substituted(term, values))
        return unbroken(typeset(term, writer.language.syntax, lambda node, guard: writer.leaf(node, guard, write)))

    def comparison(self, writer: Writer, values: Values) -> tuple[Table, str]:
        """The slope of the root by each leaf, along the paths and directly from the formula, and whether they agree."""
        from backpropcalc.algebra.symbolic import derivative

        graph = self.graph
        rows: list[tuple[str, ...]] = []
        wrong = []
        for leaf in graph.leaves:
            var = slope_of(graph.root, leaf)
            term = derivative(graph.whole, leaf)
            by_paths = values.of(var) if var in self.computed else values.of(self.single(leaf))
            same = self.agrees(by_paths, term, values)
            wrong += [] if same else [writer.name(var)]
            direct = unbroken(typeset(term, writer.language.syntax, writer.symbol))
            cells: list[str] = [Math(writer.name(var)), shown(writer, by_paths), Math(direct)]
            if graph.values:
                cells.append(shown(writer, self.direct(term, values)))
            rows.append((*cells, "agree" if same else "differ"))
        headings = ("", "along the paths", "directly", *([""] if graph.values else []), "")
        right = (False, bool(graph.values), False, True) if graph.values else (False, False, False)
        root = graph.root.name
        said = f"The slopes of {root} found along the paths and directly from the formula agree."
        if wrong:
            said = f"Found along the paths and directly from the formula, {len(wrong)} slopes of {root} differ."
        return Table("Along the paths and directly", headings, rows, right), said

    @property
    def computed(self) -> frozenset[Var]:
        """Every quantity that is worked out."""
        return frozenset(self.trace.computed())

    def single(self, leaf: Var) -> Var:
        """The slope of the root by a leaf that stands in it alone."""
        return edges(self.graph)[self.graph.root, leaf]

    def direct(self, term: Term, values: Values) -> Any:
        """The direct derivative with the numbers of the leaves, worked out without rounding."""
        arithmetic = self.trace.arithmetic[0] if self.graph.method.exact else FLOAT
        given = self.graph.values or {}
        numbers: dict[Var, Term] = {var: given.get(var.name, Num("0")) for var in self.graph.leaves}
        return arithmetic.settle(evaluate(substitute(term, numbers), values.of, arithmetic))

    def agrees(self, by_paths: Any, term: Term, values: Values) -> bool:
        """Whether the direct derivative is the same, to the digits that the arithmetic keeps."""
        if not self.graph.values:
            from backpropcalc.algebra.symbolic import agree, expression

            return agree(expression(term), by_paths)
        direct = self.direct(term, values)
        a, b = float(by_paths), float(direct)
        loose = 0.5 * 10.0 ** -(self.graph.style.decimals or 3) if self.graph.method.carry == "rounded" else 1e-9
        return a == b or abs(a - b) <= loose * max(1.0, abs(a), abs(b)) * 10 or (a != a and b != b)
