"""Markdown with the mathematics in ```` ```math ```` fences, as GitHub shows it."""

from __future__ import annotations

import re
from typing import TextIO

from backpropcalc.pages.pieces import (
    Break,
    Document,
    Equations,
    Facts,
    Heading,
    Lines,
    Math,
    MatrixLines,
    Note,
    Phrase,
    Plot,
    Room,
    Table,
    Title,
    Tree,
)

from .aligned import Aligned
from .charts import in_characters, small
from .tex import lined_up

_SPECIAL = re.compile(r"[\\`*_\[\]|~$@]|(?<=www)\.|:(?=//)|(?<=\d)[.)](?= )|^[#+\-=>]", re.MULTILINE)
"""What means something anywhere, makes an address of a text, or begins a heading, a list or a quotation."""
_PUNCTUATED = {
    "\\\\": r"\cr ", r"\,": r"\thinspace ", r"\;": r"\thickspace ", r"\!": r"\negthinspace ", r"\{": r"\lbrace ",
    r"\}": r"\rbrace ",
}  # fmt: skip
"""Within a line GitHub takes a backslash before punctuation away, and what stands there says the same in letters."""
_COMMAND = re.compile(r"\\[^A-Za-z]")
_IN_TABLE = {r"\left|": r"\lvert ", r"\right|": r"\rvert "}
"""What a table takes for the end of a cell, and what stands there instead."""


def escape(text: str) -> str:
    """``text`` so that neither Markdown nor HTML sees anything in it."""
    return _SPECIAL.sub(r"\\\g<0>", text.replace("&", "&amp;").replace("<", "&lt;"))


def _in_letters(formula: str) -> str:
    """A formula without a backslash before punctuation, and no blank next to the dollar signs around it."""
    return _COMMAND.sub(lambda match: _PUNCTUATED.get(match[0], match[0]), formula).strip()


class Markdown(Aligned):
    """Writes a document in Markdown."""

    def title(self, title: Title) -> str:
        """There must be one."""
        return f"# {escape(title.text) or title.otherwise}\n"

    def heading(self, heading: Heading) -> str:
        """Of the level that it has."""
        text = self.phrase(heading.text)
        return f"\n{'#' * min(heading.level, 3)} {text[:1].upper() + text[1:]}\n" if text else ""

    def facts(self, facts: Facts) -> str:
        """A list."""
        return "".join(["\n", *(f"- {label}: {self.phrase(text)}\n" for label, text in facts.rows)])

    def note(self, note: Note) -> str:
        """A paragraph."""
        text = self.phrase(note.text)
        return f"\n**{text}**\n" if note.tone == "strong" else f"\n{text}\n"

    def phrase(self, phrase: Phrase) -> str:
        """Words, and formulas between dollar signs."""
        if isinstance(phrase, str):
            return escape(phrase)
        if isinstance(phrase, Math):
            return f"${_in_letters(self.script.math(phrase))}$" if phrase else ""
        return "".join(map(self.phrase, phrase))

    def lines(self, lines: Lines) -> str:
        """A fence with the lines of a chunk."""
        return self.fence(self.chunk(lines, " \\\\\n", " \\\\[4pt]\n"))

    def matrix_lines(self, lines: MatrixLines) -> str:
        """The same of whole tensors."""
        return self.fence(self.matrices(lines, " \\\\\n", " \\\\[4pt]\n"))

    def equations(self, equations: Equations) -> str:
        """A fence with equations."""
        return self.fence(self.sides(equations))

    def fence(self, text: str) -> str:
        """Lines aligned in display mode."""
        return self.display(f"\\begin{{aligned}}\n{text}\n\\end{{aligned}}")

    @staticmethod
    def display(formula: str) -> str:
        """A formula on lines of its own."""
        return f"\n```math\n{formula}\n```\n"

    def table(self, table: Table) -> str:
        """A table, its formulas between dollar signs."""
        title = f"\n### {escape(table.title)}\n" if table.title else ""
        marks = ["--:" if n < len(table.right) and table.right[n] else "---" for n in range(len(table.headings))]
        heads = [*map(self.cell, table.headings)]
        cells = lined_up([[self.cell(cell) for cell in row] for row in table.rows])
        rows = [[f"${cell}$" if r"\phantom" in cell and "$" not in cell else cell for cell in row] for row in cells]
        if table.plots:
            heads[1:1], marks[1:1] = ["plot"], ["---"]
            for row, plot in zip(rows, table.plots, strict=True):
                row[1:1] = [_drawn(plot) if plot else ""]
        head = f"\n| {' | '.join(heads)} |\n|{'|'.join(marks)}|\n"
        return title + head + "".join(f"| {' | '.join(row)} |\n" for row in rows)

    def cell(self, phrase: Phrase) -> str:
        """A cell of a table: no bar may end it."""
        text = self.phrase(phrase)
        for bar, instead in _IN_TABLE.items():
            text = text.replace(bar, instead)
        return text

    def plot(self, plot: Plot) -> str:
        """The first curve as a drawing."""
        drawn = _drawn(plot)
        return f"\n{drawn}\n" if drawn else ""

    def room(self, room: Room) -> str:
        """Empty lines."""
        return "\n" + "<br>\n" * room.lines

    def page_break(self, _: Break) -> str:
        """A line across the page."""
        return "\n---\n\n"

    def tree(self, tree: Tree) -> str:
        """An array, indented."""
        arrays = "".join(map(self.display, self.branched(tree)))
        return f"\n### {escape(tree.title)}\n{arrays}" if arrays else ""


def _drawn(plot: Plot) -> str:
    """The first curve as a drawing; where drawings are taken out, as on GitHub, its characters are left."""
    return small(plot.curves[0], in_characters(plot.curves[0]))


def render(document: Document, out: TextIO, quiet: bool = False, every: bool = False) -> None:
    """Write a document as Markdown to ``out``."""
    for text in Markdown(document, every).written(quiet):
        out.write(text)
