"""An expression graph as Graphviz source."""

from __future__ import annotations

from typing import TextIO

from backpropcalc.pages.graph import GraphPage
from backpropcalc.pages.rows import TERMINAL
from backpropcalc.pages.worked import shown
from backpropcalc.program.graph import edges


def render(page: GraphPage, out: TextIO, quiet: bool = False) -> None:
    """Write the graph in the language of Graphviz: `backpropcalc run SPEC --dot | dot -Tsvg`."""
    graph, writer = page.graph, page.writer(TERMINAL)
    (values,) = page.trace.iterations()
    terms = dict(graph.nodes)
    out.write("digraph {\n  rankdir=LR\n  node [shape=box]\n")
    for var in (*graph.leaves, *terms):
        label = writer.equation(writer.name(var), terms[var]) if var in terms else writer.name(var)
        value = str(shown(writer, values.of(var)))
        lines = label if value in (label, label.partition(" = ")[2]) else f"{label}\n{value}"
        shape = "" if var in terms else ", shape=ellipse"
        out.write(f"  {quoted(var.name)} [label={quoted(lines)}{shape}]\n")
    for (y, x), step in edges(graph).items():
        label = f"{writer.name(step)} = {shown(writer, values.of(step))}"
        out.write(f"  {quoted(x.name)} -> {quoted(y.name)} [label={quoted(label)}]\n")
    out.write("}\n")


def quoted(text: str) -> str:
    """``text`` as a string of Graphviz; nothing in it ends the string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
