"""What a network is made of, as a page, as tables in LaTeX and Markdown, or as JSON."""

from __future__ import annotations

import json as _json
import shutil
from collections.abc import Callable, Iterator
from itertools import chain
from textwrap import wrap
from typing import Any, NamedTuple, TextIO

from backpropcalc.algebra.terms import Var
from backpropcalc.errors import InputError, printable
from backpropcalc.execution.trace import Trace
from backpropcalc.notation.names import Names
from backpropcalc.notation.notation import Notation
from backpropcalc.pages.information import depth, layers, meaning, quantities, steps
from backpropcalc.pages.rows import TERMINAL, Page
from backpropcalc.spec.keys import NOTATIONS
from backpropcalc.spec.network import Network

from .latex import HEAD, undeclared
from .markdown import escape as quoted
from .terminal import can_write, to_ascii, unbroken
from .tex import escape

FORMAT = 1


class Table(NamedTuple):
    """Rows of cells under a heading; the first ``names`` columns hold names of quantities."""

    heading: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 0


def _size(shape: tuple[int, int]) -> str:
    return f"{shape[0]}×{shape[1]}"


def _layers(spec: Network) -> Table:
    found = list(layers(spec))
    weights = [layer.weights[0] * layer.weights[1] for layer in found]
    rows = []
    for layer, count in zip(found, weights, strict=True):
        numbers = (f"{_size(layer.weights)} = {count:,}", f"{layer.biases:,}", f"{layer.parameters:,}")
        rows.append((layer.name, f"{layer.neurons:,}", layer.activation, *(numbers if count else ("", "", ""))))
    biases = sum(layer.biases for layer in found)
    rows.append(("together", "", "", f"{sum(weights):,}", f"{biases:,}", f"{sum(weights) + biases:,}"))
    return Table("Layers", ("layer", "neurons", "activation", "weights", "biases", "parameters"), tuple(rows))


def _quantities(spec: Network, name: Callable[[Var], str]) -> Table:
    rows = tuple((name(var), var.id, _size(var.shape), meaning(spec, var)) for _, var in quantities(spec))
    return Table("The size of every quantity", ("name", "id", "size", "what it is"), rows, 1)


def _indices(spec: Network, name: Callable[[Var], str]) -> Table:
    """What the indices say, on one weight and what belongs to its neuron."""
    layer = min(2, len(spec.layers))
    to, source = spec.sizes[layer], spec.sizes[layer - 1]
    bias = spec.layers[layer - 1].bias
    own = Var("b", layer, (to, 1)) if isinstance(bias, tuple) else Var("shared", layer)
    unit = [Var("z", layer, (to, 1)), Var("a", layer, (to, 1)), *([own] if bias is not None else [])]
    found = [Var("w", layer, (to, source)).at((0, source - 1)), *(var.at((0, 0)) for var in unit)]
    rows = tuple((name(var), var.id, meaning(spec, var)) for var in found)
    return Table("What the indices mean", ("name", "id", "what it is"), rows, 1)


def _tables(spec: Network, name: Callable[[Var], str]) -> Iterator[Table]:
    return iter((_layers(spec), _quantities(spec, name), _indices(spec, name)))


def _summary(spec: Network) -> str:
    return f"A {'-'.join(map(str, spec.sizes))} network, {depth(spec)}; {_count(spec.parameters)} parameters."


def _count(n: int) -> str:
    return f"{n:,}"


def _explained(spec: Network, wanted: str) -> dict[str, str]:
    """Everything about the quantity called ``wanted``. Raises ``InputError`` if there is none."""
    notation = Notation(spec)
    worked = {step.var: step for step in steps(spec)}
    trace = Trace(spec)
    wholes = [var for _, var in quantities(spec)]
    var = Names(notation, chain(wholes, trace.given(), worked)).find(wanted)
    found = {"name": notation.text(var), "id": var.id, "LaTeX": notation.latex(var), "what it is": meaning(spec, var)}
    if var.index is None:
        found["size"] = _size(var.shape)
    if var in worked:
        found["worked out as"] = unbroken(Page(trace, notation).writer(TERMINAL).formula(worked[var]))
    for other in NOTATIONS:
        try:
            name = Notation(spec, other).text(var)
        except InputError:
            continue
        if other != notation.name:
            found[f"in {other}"] = name
    return found


def terminal(spec: Network, out: TextIO, name: str = "", ascii: bool = False) -> None:
    """Write for the terminal: the tables, or all about the quantity called ``name``."""
    clean = to_ascii if ascii or not can_write(out) else str
    width = max(40, min(shutil.get_terminal_size().columns, 140))
    if name:
        rows = tuple(_explained(spec, name).items())
        out.write(clean("\n".join(_columns(rows, width)) + "\n"))
        return
    title = printable(spec.title)
    head = f" {title}\n\n" if title else ""
    lines = [f" {line}" for line in wrap(_summary(spec), width - 2)]
    notation = Notation(spec)
    for table in _tables(spec, notation.text):
        lines += ["", f" {table.heading}", *_columns((table.head, *table.rows), width, rule=True)]
    out.write(clean(head + "\n".join(lines) + "\n"))


def _columns(rows: tuple[tuple[str, ...], ...], width: int, rule: bool = False) -> Iterator[str]:
    """Cells under each other; the last column is wrapped."""
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    left = 1 + sum(w + 2 for w in wide[:-1])
    for n, row in enumerate(rows):
        parts = wrap(row[-1], max(12, width - left - 1)) or [""]
        for k, part in enumerate(parts):
            cells = row[:-1] if k == 0 else ("",) * (len(row) - 1)
            yield (" " + "".join(cell.ljust(w + 2) for cell, w in zip(cells, wide, strict=False)) + part).rstrip()
        if rule and n == 0:
            yield " " + "─" * (min(width - 1, left - 1 + wide[-1]) - 1)


def latex(spec: Network, out: TextIO, name: str = "", standalone: bool = False) -> None:
    """Write the tables as LaTeX: a fragment for inclusion, or a ``standalone`` document."""
    title = printable(spec.title)
    if standalone:
        out.write(HEAD + undeclared(title) + "\\begin{document}\n")
    if title:
        out.write(f"\\noindent\\textbf{{\\Large {escape(title)}}}\\par\n")
    if name:
        rows = tuple(_explained(spec, name).items())
        out.write(_tabular(Table("", ("", ""), tuple((a, b) for a, b in rows if a != "LaTeX"))))
    else:
        out.write(f"\n\\noindent {escape(_summary(spec))}\\par\n")
        for table in _tables(spec, Notation(spec).latex):
            out.write(f"\n\\medskip\\noindent\\textbf{{\\large {escape(table.heading)}}}\\par\n{_tabular(table)}")
    if standalone:
        out.write("\\end{document}\n")


def _tabular(table: Table) -> str:
    """Twenty-five rows at a time, so that a long table goes on over the page; the last column is broken into lines."""
    columns = "l" * (len(table.head) - 1) + (r"p{0.5\linewidth}" if table.names else "l")
    head = " & ".join(map(escape, table.head))
    out = ""
    for start in range(0, len(table.rows), 25):
        lines = []
        for row in table.rows[start : start + 25]:
            names = [rf"\({cell}\)" for cell in row[: table.names]]
            lines.append(" & ".join((*names, *map(_cell, row[table.names :]))))
        body = "\\\\[2pt]\n".join(lines)
        out += f"\\par\\noindent\\begin{{tabular}}{{@{{}}{columns}@{{}}}}\n{head}\\\\\n\\hline\n"
        out += f"{body}\n\\end{{tabular}}\\par\n"
    return out


def _cell(text: str) -> str:
    return escape(text).replace("×", r"\(\times\)").replace("′", "'")


def markdown(spec: Network, out: TextIO, name: str = "") -> None:
    """Write the tables as Markdown."""
    if name:
        rows = tuple((a, b) for a, b in _explained(spec, name).items() if a != "LaTeX")
        out.write(_pipes(Table("", ("", ""), rows)))
        return
    out.write(f"# {quoted(printable(spec.title)) or 'The network'}\n\n{quoted(_summary(spec))}\n")
    for table in _tables(spec, Notation(spec).latex):
        out.write(f"\n## {table.heading}\n\n{_pipes(table)}")


def _pipes(table: Table) -> str:
    lines = ["| " + " | ".join(table.head) + " |", "|" + "---|" * len(table.head)]
    for row in table.rows:
        cells = (f"${cell}$" if n < table.names else quoted(cell) for n, cell in enumerate(row))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def json(spec: Network, out: TextIO, name: str = "") -> None:
    """Write what is known as one JSON object."""
    notation = Notation(spec)
    found: dict[str, Any] = {"format": FORMAT}
    if name:
        keys = {"LaTeX": "latex", "what it is": "meaning", "worked out as": "formula"}
        found |= {keys.get(key, key): value for key, value in _explained(spec, name).items()}
    else:
        found |= {
            "title": printable(spec.title),
            "sizes": list(spec.sizes),
            "depth": depth(spec).partition(",")[0],
            "parameters": spec.parameters,
            "layers": [
                {"layer": n, "name": layer.name, "neurons": layer.neurons, "activation": layer.activation or None}
                | {"weights": list(layer.weights), "biases": layer.biases, "parameters": layer.parameters}
                for n, layer in enumerate(layers(spec))
            ],
            "quantities": [
                {"phase": phase, "id": var.id, "name": notation.ascii(var), "latex": notation.latex(var)}
                | {"size": list(var.shape), "meaning": meaning(spec, var)}
                for phase, var in quantities(spec)
            ],
        }
    out.write(_json.dumps(found, ensure_ascii=False, indent=1) + "\n")


RENDERERS = {"terminal": terminal, "latex": latex, "markdown": markdown, "json": json}
"""Form to function."""
