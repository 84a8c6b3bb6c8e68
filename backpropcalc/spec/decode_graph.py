"""From the tree of a spec file to an expression graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from backpropcalc.algebra.terms import Num, Op, Term, Var, node, substitute, variables
from backpropcalc.errors import nearest
from backpropcalc.rules.parse import FUNCTIONS, within

from . import decode_marking, decode_style
from .decode import OWN_NAME, _Reader
from .decode_formulas import formula
from .graph import Graph, Node
from .nodes import automatic, folded
from .reading import Node as Text

KEYS = (
    "title", "expression", "expressions", "nodes", "values", "decimals", "significant", "carry", "chain", "exact",
    *decode_marking.KEYS,
)  # fmt: skip


class Reader(_Reader):
    """Reads `expression:` or `expressions:`, `nodes:` and `values:`."""

    keys = KEYS

    def spec(self, file: str, text: str, folder: Path) -> Graph | None:
        """The graph, or None if its formulas could not be read."""
        lines = self.lines()
        named = self.definitions()
        if self.problems or not lines:
            return None
        nodes = self.nodes_of(lines, named)
        if nodes is None:
            return None
        method, (style, places) = decode_style.method(self), decode_style.style(self)
        graph = Graph(self.title(), tuple(nodes), None, method, style, file, text, self.places | places)
        return self.valued(graph)

    def lines(self) -> dict[str, tuple[Term, Text]]:
        """The lines by their left sides."""
        if "expression" in self.nodes and "expressions" in self.nodes:
            self.note(self.nodes["expressions"], "choice", "give either expression or expressions, not both")
        one, several = self.nodes.get("expression"), self.nodes.get("expressions")
        items = [one] if one is not None else list(several) if several is not None and several.kind == "list" else []
        if several is not None and not items:
            self.note(several, "shape", f"expressions must be a list of lines, not {several.describe()}")
        found: dict[str, tuple[Term, Text]] = {}
        for item in items:
            name, term = self.line(item, len(items) == 1)
            if name in found:
                self.note(item, "duplicate-key", f"{name!r} stands on the left of two lines")
            if name and term is not None:
                found[name] = term, item
        return found

    def line(self, item: Text, alone: bool) -> tuple[str, Term | None]:
        """Left side and formula of `J = 3*(a + b*c)`; a formula that stands alone is called f."""
        if item.kind != "scalar":
            self.note(item, "shape", f"a line must be a text, not {item.describe()}", "as in J = 3*(a + b*c)")
            return "", None
        left, sign, right = item.text.partition("=")
        if not sign:
            left, right = ("f" if alone else ""), item.text
        name = left.strip()
        if not self.fits(name):
            help = "as in h1 = x1*w1" if not name else "a letter, then letters, digits and _; no function"
            self.note(item, "name", f"{item.describe()} does not begin with a name and =", help)
            return "", None
        return name, self.part(item, right, len(item.text) - len(right))

    def part(self, item: Text, written: str, start: int) -> Term | None:
        """The term of what stands from ``start`` on in a scalar."""
        lead = len(written) - len(written.lstrip())
        inner = written.strip()
        place = within(item.place, item.text, start + lead, start + lead + len(inner))
        return formula(self, Text("scalar", place, inner), None)

    @staticmethod
    def fits(name: str) -> bool:
        """Whether it can be the name of a quantity."""
        return bool(OWN_NAME.fullmatch(name)) and name not in FUNCTIONS

    def definitions(self) -> dict[str, tuple[Term, Text]]:
        """The nodes that the user names."""
        tree = self.nodes.get("nodes")
        found: dict[str, tuple[Term, Text]] = {}
        if tree is None or tree.empty or not self.is_mapping(tree, "nodes", "as in nodes: {u: b*c, v: a + u}"):
            return found
        for key, value in tree.pairs():
            if not self.fits(key.text):
                self.note(key, "name", f"{key.describe()} cannot be the name of a node")
            elif key.text in found:
                self.note(key, "duplicate-key", f"{key.text!r} stands twice in nodes")
            elif (term := formula(self, value, None)) is not None:
                found[key.text] = term, key
        return found

    def nodes_of(
        self, lines: Mapping[str, tuple[Term, Text]], named: Mapping[str, tuple[Term, Text]]
    ) -> list[Node] | None:
        """The nodes in the order of working."""
        for name in named.keys() & lines.keys():
            self.note(named[name][1], "name", f"{name} is the left side of a line already")
            return None
        terms = {node(name): term for name, (term, _) in (*lines.items(), *named.items())}
        where = {name: text for name, (_, text) in (*lines.items(), *named.items())}
        if len(terms) == 1:
            ((var, term),) = terms.items()
            if var in variables(term):
                self.note(where[var.name], "cycle", f"{var.name} is worked out from itself")
                return None
            taken = frozenset({var.name, *(leaf.name for leaf in variables(term))})
            return automatic(var.name, term, taken)
        order = self.ordered(terms, where)
        if order is None:
            return None
        own = {node(name) for name in named}
        whole: dict[Var, Term] = {}
        for var in order:
            if var in own:
                whole[var] = substitute(terms[var], whole)
        parts = sorted(own, key=lambda var: (-_size(whole[var]), var.name))
        found: dict[Var, Term] = {}
        for var, term in terms.items():
            found[var] = substitute(term, whole)
            for part in parts:
                if part != var and (var not in own or _size(whole[part]) < _size(whole[var])):
                    found[var] = folded(found[var], whole[part], part)
        used = {leaf for term in found.values() for leaf in variables(term)}
        root = node(list(lines)[-1])
        for var in sorted(own - used, key=lambda var: var.name):
            self.note(
                where[var.name], "node", f"{var.name} does not occur in the expression", "is it written otherwise?"
            )
        order = self.ordered(found, where) or []
        return [(var, found[var]) for var in order if var != root] + [(root, found[root])]

    def ordered(self, terms: Mapping[Var, Term], where: Mapping[str, Text]) -> list[Var] | None:
        """The names so that each comes after those in its formula; None if that cannot be."""
        order: list[Var] = []
        rest = dict(terms)
        while rest:
            ready = [var for var, term in rest.items() if not any(leaf in rest for leaf in variables(term))]
            if not ready:
                var = next(iter(rest))
                self.note(where[var.name], "cycle", f"{var.name} is worked out from itself")
                return None
            order += ready
            for var in ready:
                del rest[var]
        return order

    def valued(self, graph: Graph) -> Graph:
        """The graph with its numbers; without `values:` it is symbolic."""
        tree = self.nodes.get("values")
        if tree is None or tree.empty:
            return replace(graph, method=replace(graph.method, exact=True, carry="full"))
        if not self.is_mapping(tree, "values", "as in values: {a: 5, b: 3, c: 2}"):
            return graph
        leaves = [leaf.name for leaf in graph.leaves]
        worked = {var.name for var, _ in graph.nodes}
        found: dict[str, Num] = {}
        for key, value in tree.pairs():
            if key.text in found:
                self.note(key, "duplicate-key", f"{key.text!r} stands twice in values")
            elif key.text in worked:
                self.note(key, "name", f"{key.text} is worked out, not given", "leave it out of values")
            elif key.text not in leaves:
                help = nearest(key.text, leaves) or "its names are " + ", ".join(leaves)
                self.note(key, "name", f"{key.describe()} is no name in the expression", help)
            else:
                found[key.text] = self.number(value, key.text)
        missing = [name for name in leaves if name not in found]
        if missing:
            self.note(tree, "missing-key", "values says nothing about " + ", ".join(missing), "without values: symbols")
        graph = replace(graph, values=found)
        return (
            replace(graph, marking=decode_marking.marking(self), places={**graph.places, **self.places})
            if not self.problems
            else graph
        )


def _size(term: Term) -> int:
    return 1 + sum(map(_size, term.args)) if isinstance(term, Op) else 1
