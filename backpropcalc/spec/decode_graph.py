"""From the tree of a spec file to an expression graph."""

from __future__ import annotations

from dataclasses import replace

from backpropcalc.algebra.terms import Num, Term, Var, node, variables
from backpropcalc.errors import nearest
from backpropcalc.rules.parse import FUNCTIONS, within

from .decode_formulas import formula
from .decode_style import shared
from .graph import Graph, leaves_of
from .graph import Node as GraphNode
from .nodes import Cycle, arranged
from .reader import OWN_NAME, Reader
from .reading import Node

Lines = dict[str, tuple[Term, Node]]
"""Formula by name, and where the name stands in the file."""


def graph(reader: Reader) -> Graph | None:
    """The graph, or None if its formulas could not be read."""
    lines, named = _lines(reader), _definitions(reader)
    for name in named.keys() & lines.keys():
        reader.note(named[name][1], "name", f"{name} is the left side of a line already")
    if reader.problems or not lines:
        return None
    nodes = _nodes(reader, lines, named)
    if nodes is None:
        return None
    fields, values = shared(reader), _values(reader, nodes)
    if values is None:
        fields["method"] = replace(fields["method"], exact=True, carry="full")
    reader.filled()
    return Graph(nodes=tuple(nodes), values=values, **fields)


def _lines(reader: Reader) -> Lines:
    """The lines by their left sides."""
    reader.one_of_two("expression", "expressions")
    one, several = reader.nodes.get("expression"), reader.nodes.get("expressions")
    items = [one] if one is not None else list(several) if several is not None and several.kind == "list" else []
    if several is not None and not items:
        reader.note(several, "shape", f"expressions must be a list of lines, not {several.describe()}")
    lines: Lines = {}
    for item in items:
        name, term = _line(reader, item, len(items) == 1)
        if name in lines:
            reader.note(item, "duplicate-key", f"{name!r} stands on the left of two lines")
        if name and term is not None:
            lines[name] = term, item
    return lines


def _line(reader: Reader, item: Node, alone: bool) -> tuple[str, Term | None]:
    """Left side and formula of `J = 3*(a + b*c)`; a formula that stands alone is called f."""
    if item.kind != "scalar":
        reader.note(item, "shape", f"a line must be a text, not {item.describe()}", "as in J = 3*(a + b*c)")
        return "", None
    left, sign, right = item.text.partition("=")
    if not sign:
        left, right = ("f" if alone else ""), item.text
    name = left.strip()
    if not _fits(name):
        help = "as in h1 = x1*w1" if not name else "a letter, then letters, digits and _; no function"
        reader.note(item, "name", f"{item.describe()} does not begin with a name and =", help)
        return "", None
    start, inner = len(item.text) - len(right.lstrip()), right.strip()
    place = within(item.place, item.text, start, start + len(inner))
    return name, formula(reader, Node("scalar", place, inner), None)


def _fits(name: str) -> bool:
    """Whether it can be the name of a quantity."""
    return bool(OWN_NAME.fullmatch(name)) and name not in FUNCTIONS


def _definitions(reader: Reader) -> Lines:
    """The nodes that the user names."""
    named: Lines = {}
    for key, value in reader.entries("nodes", "nodes: {u: b*c, v: a + u}"):
        if not _fits(key.text):
            reader.note(key, "name", f"{key.describe()} cannot be the name of a node")
        elif (term := formula(reader, value, None)) is not None:
            named[key.text] = term, key
    return named


def _nodes(reader: Reader, lines: Lines, named: Lines) -> list[GraphNode] | None:
    """The nodes in the order of working, or None if there is no such order."""
    places = {name: text for name, (_, text) in (*lines.items(), *named.items())}

    def terms(group: Lines) -> dict[Var, Term]:
        return {node(name): term for name, (term, _) in group.items()}

    try:
        nodes = arranged(terms(lines), terms(named))
    except Cycle as cycle:
        reader.note(places[cycle.var.name], "cycle", str(cycle))
        return None
    used = {leaf.name for _, term in nodes for leaf in variables(term)}
    for name in sorted(named.keys() - used):
        help = "is it written otherwise?"
        reader.note(places[name], "node", f"{name} does not occur in the expression", help)
    return nodes


def _values(reader: Reader, nodes: list[GraphNode]) -> dict[str, Num] | None:
    """The numbers of the names that no node works out; None if the spec gives none and is symbolic."""
    tree = reader.nodes.get("values")
    if tree is None or tree.empty:
        return None
    worked = {var.name for var, _ in nodes}
    leaves = [leaf.name for leaf in leaves_of(nodes)]
    values: dict[str, Num] = {}
    for key, value in reader.entries("values", "values: {a: 5, b: 3, c: 2}"):
        if key.text in worked:
            reader.note(key, "name", f"{key.text} is worked out, not given", "leave it out of values")
        elif key.text not in leaves:
            help = nearest(key.text, leaves) or "its names are " + ", ".join(leaves)
            reader.note(key, "name", f"{key.describe()} is no name in the expression", help)
        else:
            values[key.text] = reader.number(value, key.text)
    missing = [name for name in leaves if name not in values]
    if missing and tree.kind == "mapping":
        reader.note(tree, "missing-key", "values says nothing about " + ", ".join(missing), "without values: symbols")
    return values
