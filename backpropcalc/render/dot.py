"""An expression graph as Graphviz source."""

from __future__ import annotations

from typing import TextIO

from backpropcalc.pages.pieces import Document, Tree, math

from .language import TERMINAL
from .scripts import script


def render(document: Document, out: TextIO, quiet: bool = False) -> None:
    """Write the graph in the language of Graphviz: `backpropcalc run SPEC --dot | dot -Tsvg`."""
    writer = script(document, TERMINAL)
    out.write("digraph {\n  rankdir=LR\n  node [shape=box]\n")
    for tree in (piece for piece in document.pieces() if isinstance(piece, Tree)):
        for var, term in sorted(tree.nodes.items(), key=lambda item: item[1] is not None):
            value = writer.math(tree.values[var])
            formula = value if term is None else writer.math(math(term))
            label = writer.name(var) if term is None else f"{writer.name(var)} = {formula}"
            lines = label if value in (writer.name(var), formula) and term is not None else f"{label}\n{value}"
            lines = label if value == writer.name(var) else lines
            shape = ", shape=ellipse" if term is None else ""
            out.write(f"  {quoted(var.name)} [label={quoted(lines)}{shape}]\n")
        for parent, child, slope in tree.edges:
            label = quoted(writer.math(slope))
            out.write(f"  {quoted(child.name)} -> {quoted(parent.name)} [label={label}]\n")
    out.write("}\n")


def quoted(text: str) -> str:
    """``text`` as a string of Graphviz; nothing in it ends the string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
