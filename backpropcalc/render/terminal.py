"""The page in the terminal: fixed columns, colour that is never needed."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from rich.cells import cell_len

from backpropcalc.pages.abridged import abridged, only_values
from backpropcalc.pages.pieces import (
    Break,
    Document,
    Equations,
    Facts,
    Given,
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
from backpropcalc.program.steps import Step

from .ascii import PLAIN, can_write, to_ascii
from .columns import Columns, OpenLine, OpenSpan, Placed, beside, indent, text_of
from .console import screen
from .form import Form
from .language import TERMINAL
from .plotter import drawn
from .script import Row, Script
from .scripts import script
from .tables import table_lines
from .template import Filler
from .trees import branches

if TYPE_CHECKING:
    from .boxes import Drawing

SHOWN = 60
"""Rows of a table with many of a kind that are shown."""
COMPACT_LIMIT = 300
LONGEST_TREE = 40
WIDEST = 100
"""Columns of the widest page: further out, a result would stand apart from its work."""
_CLOSED = "\xa0"
"""A blank at which no line ends, until all lines have been made."""


class Terminal(Form):
    """Writes a document to a console."""

    def __init__(self, document: Document, out: TextIO, ascii: bool = False, every: bool = False) -> None:
        super().__init__(document)
        self.plain = ascii or not can_write(out)
        columns, self.paint = screen(out)
        self.width = max(40, min(columns, WIDEST))
        self.language = PLAIN if self.plain else TERMINAL
        self.script = script(document, self.language)
        self.clean: Callable[[str], str] = to_ascii if self.plain else str
        self.every, self.abridged = every, document.large and not every
        self.filler = Filler(self.script)
        self.kept: dict[int, list[str | OpenLine]] = {}
        self.hidden = 0

    @cached_property
    def drawing(self) -> Drawing:
        """Draws matrices; loaded for a page that has some."""
        from .boxes import Drawing

        return Drawing(self.width, self.clean, self.styled, self.plain, self.every)

    def styled(self, text: str, style: str) -> str:
        """``text`` in a style, if there is colour."""
        before, after = self.paint.get(style, ("", ""))
        return f"{before}{text}{after}" if text else text

    def phrase(self, phrase: Phrase) -> str:
        """Words and formulas as this terminal can show them."""
        if isinstance(phrase, str):
            return self.clean(phrase)
        if isinstance(phrase, Math):
            return self.clean(self.script.math(phrase))
        return "".join(map(self.phrase, phrase))

    def written(self, quiet: bool = False) -> Iterator[str]:
        """The document; at the end what was left out."""
        yield from super().written(quiet)
        if self.hidden:
            yield f"\n {only_values(self.hidden)}\n"

    def title(self, title: Title) -> str:
        """In bold, and a blank line."""
        if not title.text:
            return ""
        text = self.clean(title.text)
        wide = cell_len(text) > len(text)  # letters of two columns
        lines = textwrap.wrap(text, (self.width - 2) // (2 if wide else 1))
        return "".join(f" {self.styled(line, 'heading')}\n" for line in lines) + "\n"

    def heading(self, heading: Heading) -> str:
        """A layer has a line across the page, all else stands in bold."""
        text = self.phrase(heading.text)
        if heading.level == 3:
            return self.rule(text)
        apart = heading.level < 4 or not isinstance(self.before, Heading)
        return "\n" * apart + " " + self.styled(text, heading.tone or "heading") + "\n"

    def rule(self, heading: str) -> str:
        """A line across the page with the heading of a table in it."""
        dash = "-" if self.plain else "─"
        left = f" {dash * 2} {heading} " if heading else " "
        return self.styled(left + dash * (self.width - 1 - len(left)), "rule") + "\n"

    def facts(self, facts: Facts) -> str:
        """Labels in a column, what they say beside them in as many lines as it takes."""
        rows = [(label, self._closed(said), "given" if _given(said) else "") for label, said in facts.rows]
        width = max([14, *(len(label) for label, _, _ in rows)])
        lines = (
            f" {'' if n else label:<{width}} {self.styled(part.replace(_CLOSED, ' '), style)}\n"
            for label, text, style in rows
            for n, part in enumerate(textwrap.wrap(text, self.width - width - 3) or [""])
        )
        return "".join(lines)

    def _closed(self, phrase: Phrase) -> str:
        """Words and formulas; no line ends within a formula that stands among others."""
        if isinstance(phrase, tuple) and not isinstance(phrase, Math):
            return "".join(self.phrase(p).replace(" ", _CLOSED) if isinstance(p, Math) else p for p in phrase)
        return self.phrase(phrase)

    def note(self, note: Note) -> str:
        """A sentence with a blank line before it."""
        apart = not note.close and self.before is not None and not isinstance(self.before, Title | Heading)
        lines = textwrap.wrap(self.phrase(note.text), self.width - 2, break_long_words=False)
        return "\n" * apart + "".join(f" {self.styled(line, note.tone)}\n" for line in lines)

    def lines(self, lines: Lines) -> str:
        """Three columns: name, working, value; of a large network one unit in full, of the others the values."""
        if lines.again:
            key = id(lines.runs)
            if key not in self.kept:
                self.kept[key] = self._open(lines)
            strings = self.filler.strings(lines.values)
            return "".join(line if isinstance(line, str) else line.filled(strings) for line in self.kept[key])
        own = self.script
        cells, rest = list(lines.cells), []
        if self.abridged:
            rest = [step for step in cells if step.var.index != (0, 0)]
            cells = [step for step in cells if step.var.index == (0, 0) or step.var in lines.notes]
        gaps = lines.gaps
        rows = [self._row(own, step, lines) for step in cells]
        found = self.columns.lines(rows, self.abridged, gaps.room if gaps else 0)
        text = "".join(line if isinstance(line, str) else self.placed(line) for line in found)
        pairs = [(own.name(step.var), own.written(step, lines.values).value) for step in rest]
        return text + self.compact([(name, str(value)) for name, value in pairs])

    def _row(self, script: Script, step: Step, lines: Lines | MatrixLines) -> Row:
        """The row of a step; what it is worth stands behind its name."""
        note = self.clean(lines.notes.get(step.var, ""))
        row = script.written(step, lines.values, note, lines.gaps)
        return row._replace(name=(*row.name, f" [{row.worth}]")) if row.worth else row

    @property
    def columns(self) -> Columns:
        """What sets lines in columns."""
        return Columns(self.width, self.digits_behind, self.clean, self.styled)

    @property
    def digits_behind(self) -> int:
        """How many digits a number of the page usually has behind the point."""
        digits = self.document.digits
        return digits.significant or digits.decimals or 0

    def _open(self, lines: Lines) -> list[str | OpenLine]:
        """The lines with slots for their numbers."""
        rows = [self.script.row(step) for step in lines.cells]
        return [line if isinstance(line, str) else self._opened(line) for line in self.columns.lines(rows, False)]

    def _opened(self, line: Placed) -> OpenLine:
        left, value = (
            OpenSpan.of(spans, self.styled, lambda slot: self.filler.place(self.script, slot))
            for spans in (line.left, line.value)
        )
        return OpenLine(left, line.column, value, self.width)

    def placed(self, line: Placed) -> str:
        """A finished line: its value in its column, further left if it is wide, or below if there is no room."""
        left = "".join(self.styled(text_of(part), style) for part, style in line.left)
        if not any(text_of(part).strip() for part, _ in line.value):
            return left.rstrip() + "\n"
        value = "".join(self.styled(text_of(part), style) for part, style in line.value)
        filled = sum(cell_len(text_of(part)) for part, _ in line.left)
        column = line.column + indent(text_of(line.value[-1][0]))
        column = min(column, self.width - sum(cell_len(text_of(part)) for part, _ in line.value))
        return beside(left, filled, value, column)

    def compact(self, pairs: list[tuple[str, str]]) -> str:
        """Names and values in as many columns as fit."""
        if not pairs:
            return ""
        self.hidden += len(pairs)
        shown = pairs[:COMPACT_LIMIT]
        names, values = max(cell_len(n) for n, _ in shown), max(cell_len(v) for _, v in shown)
        columns = max(1, (self.width - 1) // (names + values + 4))
        out = []
        for start in range(0, len(shown), columns):
            cells = (
                self.styled(name, "name") + " " * (names - cell_len(name) + 1) + value.rjust(values)
                for name, value in shown[start : start + columns]
            )
            out.append(" " + "   ".join(cells) + "\n")
        if len(pairs) > len(shown):
            out.append(self.clean(f" … and {len(pairs) - len(shown):,} more\n"))
        return "".join(out)

    def matrix_lines(self, lines: MatrixLines) -> str:
        """Symbols on one line, then numbers in brackets over several lines."""
        from .whole import LIMIT, MatrixScript

        writer = MatrixScript(self.document, self.language, lines.entries, None if self.every else LIMIT)
        rows = [self._row(writer, step, lines) for step in lines.steps]
        apart = "\n" * isinstance(self.before, MatrixLines)
        room = lines.gaps.room if lines.gaps else 0
        return apart + self._joined(self.drawing.matrix_lines(rows, room))

    def equations(self, equations: Equations) -> str:
        """A side under the other, names with their sizes underneath."""
        return self._joined(self.drawing.equations(equations, self.script))

    def table(self, table: Table) -> str:
        """Columns under their headings, numbers with the decimal points under each other."""
        rows = [tuple(map(self.phrase, row)) for row in (table.headings, *table.rows)]
        shown = rows[: SHOWN + 1] if table.many and not self.every else rows
        title = f"\n {self.styled(self.clean(table.title), 'heading')}\n" if table.title else ""
        more = f" … and {len(rows) - len(shown):,} more {table.many}\n" if len(rows) > len(shown) else ""
        return title + self._joined(table_lines(shown, table, self.width, self.styled)) + self.clean(more)

    def tree(self, tree: Tree) -> str:
        """Each node under the one that it stands in, with the slope of the edge between them and its value."""
        rows: list[tuple[Phrase, ...]] = []
        for branch in branches(tree):
            edge = branch.edge.slope if branch.edge else ""
            rows.append(((branch.lead, branch.formula), edge, tree.values[branch.var]))
        if len(rows) > LONGEST_TREE:
            return ""
        return self.table(Table(("", "", ""), rows, (False, False, True), tree.title))

    def plot(self, plot: Plot) -> str:
        """A picture in characters."""
        lines = drawn(plot.curves, [self.phrase(name) for name in plot.names], self.width - 2, plot.across)
        return "\n" * bool(lines) + "".join(f" {self.clean(line)}\n" for line in lines)

    def room(self, room: Room) -> str:
        """Empty lines."""
        return "\n" * room.lines

    def page_break(self, _: Break) -> str:
        """A line across the page."""
        return "\n" + self.rule("") + "\n"

    @staticmethod
    def _joined(lines: Iterator[str]) -> str:
        return "".join(f"{line}\n" for line in lines)


def _given(phrase: Phrase) -> bool:
    """Whether a number that was given stands in it."""
    formulas = (phrase,) if isinstance(phrase, str | Math) else phrase
    return any(isinstance(atom, Given) for formula in formulas if isinstance(formula, Math) for atom in formula)


def render(document: Document, out: TextIO, ascii: bool = False, every: bool = False, quiet: bool = False) -> None:
    """Write a document for the terminal to ``out``."""
    form = Terminal(document if every else abridged(document), out, ascii, every)
    for text in form.written(quiet):
        out.write(text)
