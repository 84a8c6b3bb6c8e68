"""LaTeX: amsmath only, so that the same equations work in MathJax and KaTeX; a fragment or a whole document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from backpropcalc.pages.pieces import (
    Break,
    Document,
    Equations,
    Facts,
    Gaps,
    Heading,
    Lines,
    Math,
    MatrixLines,
    Note,
    Phrase,
    Picture,
    Plot,
    Room,
    Table,
    Title,
    Tree,
)

from .aligned import LINE_HEIGHT, Aligned
from .curves import drawing
from .svg import FORWARD
from .tex import escape
from .tikz import Tikz

HEAD = r"""\documentclass[11pt,a4paper]{article}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[T1]{fontenc}
  \usepackage{textcomp}
  \usepackage{lmodern}
\fi
\usepackage[margin=2cm]{geometry}
\usepackage{amsmath}
\allowdisplaybreaks
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\setlength{\emergencystretch}{3em}
"""
SMALL, LARGE = (22.0, 9.0), (80.0, 40.0)
"""Millimetres of a picture in a table, and of one that stands alone."""
PARAGRAPHS = 25
"""Rows of a table with sentences that stand together; a longer one goes on below, so that a page may end there."""


class Latex(Aligned):
    """Writes a document as LaTeX; ``drawn`` if with the picture of its network, which needs TikZ."""

    def __init__(self, document: Document, drawn: bool = False, every: bool = False) -> None:
        super().__init__(document, every)
        self.drawn = drawn

    def title(self, title: Title) -> str:
        """Large, a paragraph of its own."""
        return f"\\noindent\\textbf{{\\Large {escape(title.text)}}}\\par\n" if title.text else ""

    def heading(self, heading: Heading) -> str:
        """As plain text: nothing that a class must define."""
        if not heading.text:
            return ""
        text = escape(heading.text) if isinstance(heading.text, str) else self.phrase(heading.text)
        # No \par behind it: a display that follows belongs to this paragraph and stands close to it.
        size = r"\large " if heading.level < 3 else ""
        return f"\n\n\\medskip\\noindent\\textbf{{{size}{_capital(text)}}}\n"

    def facts(self, facts: Facts) -> str:
        """A line for each."""
        rows = [f"{escape(label.capitalize())}: {self.phrase(text)}." for label, text in facts.rows]
        return "\n\\noindent " + "\\\\\n".join(rows) + "\\par\n" if rows else ""

    def note(self, note: Note) -> str:
        """A paragraph."""
        text = self.phrase(note.text)
        return "\n\n" + (rf"\noindent\textbf{{{text}}}" if note.tone == "strong" else text) + "\\par\n"

    def phrase(self, phrase: Phrase) -> str:
        """Words, and formulas between \\( and \\)."""
        if isinstance(phrase, str):
            return escape(phrase)
        if isinstance(phrase, Math):
            return rf"\({self.script.math(phrase)}\)"
        return "".join(map(self.phrase, phrase))

    def lines(self, lines: Lines) -> str:
        """An ``align*`` of the lines of a chunk."""
        return self._display(self.chunk(lines, "\\\\\n", "\\\\[4pt]\n"), lines.gaps)

    def matrix_lines(self, lines: MatrixLines) -> str:
        """The same of whole tensors."""
        return self._display(self.matrices(lines, "\\\\\n", "\\\\[4pt]\n"), lines.gaps)

    @staticmethod
    def _display(text: str, gaps: Gaps | None) -> str:
        below = free(gaps.room) if gaps and gaps.room else ""
        return f"\\begin{{align*}}\n{text}\n\\end{{align*}}\n{below}"

    def room(self, room: Room) -> str:
        """Room to write on."""
        return free(room.lines)

    def equations(self, equations: Equations) -> str:
        """Each side on a line of its own, aligned at the signs of equality."""
        return self._display(self.sides(equations), None)

    def table(self, table: Table) -> str:
        """Arrays in display mode, which MathJax and KaTeX know as well; a table with sentences is a ``tabular``."""
        title = f"\n\n\\medskip\\noindent\\textbf{{{escape(table.title)}}}\n" if table.title else ""
        if table.plots:
            return title + self.illustrated(table)
        # No blank line before the first: a heading and what it announces stay on one page.
        arrays = self.paragraphs(table) if table.sentences else (f"\\[\n{a}\n\\]\n" for a in self.arrays(table))
        return title + "".join(arrays)

    def paragraphs(self, table: Table) -> Iterator[str]:
        """A table whose last column is broken into lines."""
        columns = "l" * (len(table.headings) - 1) + r"p{0.5\linewidth}"
        head = " & ".join(map(self.phrase, table.headings)) + "\\\\\n\\hline\n" if any(table.headings) else ""
        for start in range(0, len(table.rows), PARAGRAPHS):
            lines = [" & ".join(map(self.phrase, row)) for row in table.rows[start : start + PARAGRAPHS]]
            body = "\\\\[2pt]\n".join(lines)
            yield f"\\par\\noindent\\begin{{tabular}}{{@{{}}{columns}@{{}}}}\n{head}{body}\n\\end{{tabular}}\\par\n"

    def illustrated(self, table: Table) -> str:
        """A table with a small picture in each row; formulas by cases are as high as it."""
        head = [*map(self.phrase, table.headings)]
        head[1:1] = ["plot"]
        rows = []
        for row, plot in zip(table.rows, table.plots, strict=True):
            cells = [self.phrase(cell).replace(r"\frac", r"\dfrac") for cell in row]
            drawn = drawing(plot.curves[:1], *SMALL) if plot else ""
            cells[1:1] = [rf"\raisebox{{-3mm}}[7mm][4mm]{{{drawn}}}"]
            rows.append(" & ".join(cells))
        body = "\\\\[3pt]\n".join(rows)
        columns = "l" * len(head)
        begin = f"\\par\\noindent\\begin{{tabular}}{{@{{}}{columns}@{{}}}}\n"
        return f"{begin}{' & '.join(head)}\\\\\n\\hline\n{body}\n\\end{{tabular}}\\par\n"

    def plot(self, plot: Plot) -> str:
        """A picture, and what its curves are."""
        drawn = drawing(plot.curves, *LARGE, labels=True)
        names = [self.phrase(name) for name in plot.names]
        said = f"thick: {names[0]}, thin: {', '.join(names[1:])}" if len(names) > 1 else "".join(names) or plot.across
        return f"\n\n\\bigskip\\noindent {drawn}\\par\n\\medskip\\noindent {said}\\par\n" if drawn else ""

    def tree(self, tree: Tree) -> str:
        """Each node under the one that it stands in, further to the right."""
        arrays = "".join(f"\\[\n{array}\n\\]\n" for array in self.branched(tree))
        return f"\n\n\\medskip\\noindent\\textbf{{{escape(tree.title)}}}\n{arrays}" if arrays else ""

    def picture(self, picture: Picture) -> str:
        """Centred, if it is wanted."""
        if not self.drawn:
            return ""
        return f"\n\\begin{{center}}\n{Tikz(self.document, picture, FORWARD).written()}\n\\end{{center}}\n"

    def page_break(self, _: Break) -> str:
        """A new page."""
        return "\n\\newpage\n"


def free(lines: int) -> str:
    """So many empty lines."""
    return f"\\par\\vspace{{{LINE_HEIGHT * lines}pt}}\n"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def render(
    document: Document, out: TextIO, standalone: bool = False, quiet: bool = False, drawn: bool = False,
    every: bool = False,
) -> None:  # fmt: skip
    """Write a document as LaTeX to ``out``: a fragment for inclusion, or a ``standalone`` document.

    With ``drawn`` the picture of its network is in it, in TikZ.
    """
    form = Latex(document, drawn, every)
    if standalone:
        out.write(HEAD + "\\usepackage{tikz}\n" * drawn + undeclared(document.quoted) + "\\begin{document}\n")
    out.writelines(form.written(quiet))
    if standalone:
        out.write("\\end{document}\n")


def undeclared(text: str) -> str:
    """For pdflatex: characters that its fonts do not have are shown by their code instead of stopping it."""
    strange = sorted({c for c in text if ord(c) > 0x17F and escape(c) == c and c not in "–—‘’“”…"})
    if not strange:
        return ""
    lines = "".join(rf"  \DeclareUnicodeCharacter{{{ord(c):04X}}}{{[U+{ord(c):04X}]}}" + "\n" for c in strange)
    return "\\ifPDFTeX\n" + lines + "\\fi\n"
