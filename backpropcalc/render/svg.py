"""SVG: the picture of a network or a graph, alone or within an HTML page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from html import escape
from typing import TextIO

from backpropcalc.algebra.terms import Var
from backpropcalc.errors import fail
from backpropcalc.pages.pieces import Document, Link, Math, Picture, Unit, Value

from .charts import alone
from .language import TERMINAL
from .layout import LINE, Box, Layout, Line
from .scripts import script

STYLE = """
.net { font: 11.5px system-ui, sans-serif; }
.net .unit rect { fill: var(--paper, #fff); stroke: var(--ink, #1b1b1f); stroke-width: 1.2; }
.net .edge path { fill: none; stroke: var(--soft, #5d6470); opacity: .55; }
.net text { fill: var(--soft, #5d6470); text-anchor: middle; font-size: 11.5px; }
.net .value { fill: var(--value, #0b5394); font-weight: 600; }
.net .edge text { paint-order: stroke; stroke: var(--paper, #fff); stroke-width: 5px; stroke-linejoin: round; }
"""
SMALLEST = 0.65
"""How small a picture is made to fit a page; a wider one is scrolled."""
CROWDED = 3
"""Edges from one unit above which there is room for their numbers but not for their names."""
FORWARD, BACKWARD = "forward", "backward"
Label = str | Math


class Drawing:
    """A picture as SVG with its numbers of one way, forward or backward.

    Its edges have numbers but no names if it is ``crowded``, which it may be by itself. There is room for numbers of
    ``longest`` characters, which they may come to have.
    """

    def __init__(self, document: Document, picture: Picture, way: str, crowded: bool = False, longest: int = 0) -> None:
        self.script, self.picture, self.way, self.longest = script(document, TERMINAL), picture, way, longest
        fans = Counter(link.start for link in picture.links)
        self.crowded = crowded or max(fans.values(), default=0) > CROWDED
        back = way == BACKWARD
        self.units = [unit.backward if back else unit.forward for unit in picture.units]
        self.labels = [self.short(link.backward if back else link.forward) for link in picture.links]

    @property
    def narrowest(self) -> float:
        """How many points wide it is at least; where there are fewer it is scrolled."""
        return SMALLEST * self.layout.width

    @cached_property
    def layout(self) -> Layout:
        """Where everything stands."""
        texts = [(max(map(self._wide, lines), default=0), len(lines)) for lines in self.units]
        return Layout(self.picture, texts, max(map(self._wide, self.labels), default=0))

    def written(self) -> str:
        """The drawing."""
        layout = self.layout
        edges = map(self._edge, self.picture.links, layout.edges, self.labels)
        units = map(self._unit, self.picture.units, layout.boxes, self.units)
        width, height = round(layout.width), round(layout.height)
        return (
            f'<svg class="net {self.way}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'style="min-width:{self.narrowest:.0f}px" role="img" aria-label="{escape(self.picture.about)}">\n'
            f"{''.join(edges)}{''.join(units)}</svg>"
        )

    def short(self, label: Label) -> Label:
        """The label of an edge: without its name where there is no room for it, as for that of a gradient."""
        long = self.crowded or (self.way == BACKWARD and not self.picture.units[0].boxed)
        return Math(label[-1:]) if long and isinstance(label, Math) else label

    def _wide(self, label: Label) -> int:
        if isinstance(label, str):
            return len(label)
        short = len(self.script.atom(label[-1])) if label and isinstance(label[-1], Value) else self.longest
        return len(self.script.math(label)) + max(0, self.longest - short)

    def text(self, label: Label) -> str:
        """Words or a formula as the text of a drawing; a number in it says whose it is."""
        if isinstance(label, str):
            return escape(label)
        return "".join(
            f'<tspan class="value" data-id="{escape(atom.source.id)}">{escape(self.script.atom(atom))}</tspan>'
            if isinstance(atom, Value) and isinstance(atom.source, Var)
            else escape(self.script.atom(atom))
            for atom in label
        )

    def _edge(self, link: Link, line: Line, label: Label) -> str:
        path = "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in line.points)
        x, y = line.label
        text = f'<text x="{x:.1f}" y="{y + 4:.1f}">{self.text(label)}</text>' if label else ""
        title = f"<title>{escape(self.script.name(link.about))}</title>" if link.about else ""
        return f'<g class="edge"{_about(link.about)}>{title}<path d="{path}"/>{text}</g>\n'

    def _unit(self, unit: Unit, box: Box, lines: Sequence[Label]) -> str:
        corner = 4 if unit.boxed else min(box.height / 2, 22)
        frame = (
            f'<rect x="{box.x - box.width / 2:.1f}" y="{box.y - box.height / 2:.1f}" width="{box.width:.1f}" '
            f'height="{box.height:.1f}" rx="{corner:.0f}"/>'
        )
        top = box.y - LINE * (len(lines) - 1) / 2 + 4
        texts = (
            f'<text x="{box.x:.1f}" y="{top + LINE * n:.1f}">{self.text(row)}</text>' for n, row in enumerate(lines)
        )
        return f'<g class="unit"{_about(unit.about)}>{frame}{"".join(texts)}</g>\n'


def _about(var: Var | None) -> str:
    return f' data-q="{escape(var.id)}"' if var is not None else ""


def picture_of(document: Document) -> Picture:
    """The picture that a document has. Raises ``InputError`` if it has none."""
    found = next((piece for piece in document.pieces(quiet=True) if isinstance(piece, Picture)), None)
    if found is None:
        raise fail("no-picture", "there is no picture of this", "a network or an expression graph has one, as a whole")
    return found


def render(document: Document, out: TextIO, backward: bool = False) -> None:
    """Write the picture of a document alone; ``backward`` if its gradients are asked for."""
    out.write(with_style(Drawing(document, picture_of(document), BACKWARD if backward else FORWARD)))


def with_style(drawing: Drawing) -> str:
    """A drawing as a file of its own."""
    head, _, body = alone(drawing.written()).partition("\n")
    return f"{head}\n<style>{STYLE}</style>\n{body}\n"
