"""TikZ: the picture of a network or a graph for LaTeX, alone or within a page."""

from __future__ import annotations

from typing import TextIO

from backpropcalc.pages.pieces import Document, Math, Picture

from .language import TEX
from .scripts import script
from .svg import BACKWARD, FORWARD, Drawing, picture_of
from .tex import escape

STYLE = (
    r"x=1bp, y=-1bp, font=\footnotesize, unit/.style={draw, fill=white, inner sep=2bp, align=center}, "
    r"weight/.style={fill=white, inner sep=1bp, font=\scriptsize}"
)
WIDEST = 480
"""Points; a wider picture is made smaller, as a page is not wider."""


class Tikz(Drawing):
    """A picture as TikZ: laid out as SVG has it, its texts in the language of TeX."""

    def __init__(self, document: Document, picture: Picture, way: str) -> None:
        super().__init__(document, picture, way)
        self.tex = script(document, TEX)

    def written(self) -> str:
        """The drawing."""
        layout = self.layout
        scale = min(1.0, WIDEST / layout.width)
        fit = rf", scale={scale:.3f}, every node/.append style={{transform shape}}" if scale < 1 else ""
        out = [rf"\begin{{tikzpicture}}[{STYLE}{fit}]"]
        for line in layout.edges:
            out.append(rf"\draw[gray] {' -- '.join(_point(*point) for point in line.points)};")
        for label, line in zip(self.labels, layout.edges, strict=True):
            if label:
                out.append(rf"\node[weight] at {_point(*line.label)} {{{self.text(label)}}};")
        for unit, lines, box in zip(self.picture.units, self.units, layout.boxes, strict=True):
            corner = scale * (3 if unit.boxed else min(box.height / 2 - 1, 20))
            size = f"minimum width={box.width:.0f}bp, minimum height={box.height:.0f}bp, rounded corners={corner:.1f}bp"
            text = r"\\ ".join(map(self.text, lines))
            out.append(rf"\node[unit, {size}] at {_point(box.x, box.y)} {{{text}}};")
        return "\n".join([*out, r"\end{tikzpicture}"])

    def text(self, label: str | Math) -> str:
        """Words or a formula for TeX."""
        if isinstance(label, str):
            return escape(label)
        # In braces a minus belongs to its number; a blank in a formula is none.
        formula = "".join(r"\;" if atom == " " else f"{{{self.tex.atom(atom)}}}" for atom in label)
        return rf"\({formula}\)"


def _point(x: float, y: float) -> str:
    return f"({x:.1f},{y:.1f})"


def render(document: Document, out: TextIO, backward: bool = False) -> None:
    """Write the picture of a document alone, for ``\\usepackage{tikz}``; ``backward`` if gradients are asked for."""
    out.write(Tikz(document, picture_of(document), BACKWARD if backward else FORWARD).written() + "\n")
