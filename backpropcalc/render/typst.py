"""Typst: a whole document, whose lines say as alternative text what the terminal says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from backpropcalc.algebra.fragments import OUTERMOST, Fragment, Fragments, Grid, Sized, split, unbroken
from backpropcalc.algebra.typst import TYPST as SYNTAX
from backpropcalc.algebra.typst import TYPST_TENSORS, quoted, typst_number, typst_tokens
from backpropcalc.notation.symbol import IN_TYPST
from backpropcalc.pages.pieces import (
    Atom,
    Boundary,
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
    Picture,
    Plot,
    Room,
    Table,
    Title,
    Tree,
    Walks,
)
from backpropcalc.program.steps import Step

from . import planes
from .aligned import column_groups
from .charts import alone, chart, palette, small
from .form import Form
from .language import Language
from .linear import Linear, line_text, row_text
from .preamble import PREAMBLE
from .script import Script
from .svg import FORWARD, Drawing, with_style
from .tex import lined_up
from .trees import branches
from .whole import LIMIT, MatrixScript, equation_name, equation_sides

TYPST = Language(
    SYNTAX,
    lambda notation: IN_TYPST,
    typst_number,
    "=",
    "≈",
    "∞",
    TYPST_TENSORS,
    fraction="frac({}, {})",
    function='op("{}")',
    partial="frac(∂ {}, ∂ {})",
    signs={
        "arrow": " → ", "more": " …", "minus": " - ", "times": " ⋅ ", "nabla": "∇ ",
        "one of": r"^(\(i\))", "some of": r"^(\(i : i + b\))",
    },
    interval=quoted,
    dots=("⋮", "…", "⋱"),
    missing='"–"',
    undefined='"?"',
    compound=("^", "frac"),
    blank=" blank ",
    short_blank=" short ",
)  # fmt: skip
_VARIABLE = re.compile(r"var\(--[a-z]+, ([^)]+)\)")
"""What a browser may colour in its own way; Typst takes the colour beside it."""
WIDEST = 9
"""Columns of one table; one with more is set group by group."""


class _Signs(Script):
    """Writes a text within a formula as signs, numbers and names."""

    def atom(self, atom: Atom) -> str:
        """A part of a formula."""
        return typst_tokens(atom) if isinstance(atom, str) else super().atom(atom)


class Typst(Form):
    """Writes a document in Typst; ``drawn`` if with the picture of its network."""

    def __init__(self, document: Document, drawn: bool = False) -> None:
        super().__init__(document)
        self.drawn = drawn
        self.script = script(document)
        self.linear = Linear(document)
        self.levels: list[int] = []
        """Of the headings that what comes next stands under: in a book for everyone no level is left out."""

    def title(self, title: Title) -> str:
        """The title of the document, shown where the user gave one."""
        return f"#title({quoted(title.text)})\n" if title.text else ""

    def heading(self, heading: Heading) -> str:
        """A heading of any level."""
        if not heading.text:
            return ""
        while self.levels and self.levels[-1] >= heading.level:
            self.levels.pop()
        self.levels.append(heading.level)
        return f"\n#heading(level: {len(self.levels)}, {self.phrase(heading.text)})\n"

    def facts(self, facts: Facts) -> str:
        """Labels and what they say."""
        rows = "".join(f"  [{_text(label)}], {self.phrase(text)},\n" for label, text in facts.rows)
        return f"#facts(\n{rows})\n" if rows else ""

    def note(self, note: Note) -> str:
        """A paragraph."""
        return f"#note({self.phrase(note.text)}, strong: {str(note.tone == 'strong').lower()})\n"

    def phrase(self, phrase: Phrase) -> str:
        """Words, and formulas with what they say in the terminal."""
        return f"[{self.words(phrase)}]"

    def words(self, phrase: Phrase) -> str:
        """The same as markup."""
        if isinstance(phrase, str):
            return _text(phrase)
        if isinstance(phrase, Math):
            return self.formula(phrase, self.script.math(phrase))
        return "".join(map(self.words, phrase))

    def formula(self, math: Math, written: str, call: str = "#m") -> str:
        """A formula with what it says in the terminal."""
        return f"{call}({quoted(self.linear.phrase(math).strip())}, {_math(written)})" if math else ""

    def lines(self, lines: Lines) -> str:
        """Lines of the calculation, aligned at their first equals sign."""
        return _lines(self.written_lines(lines, lines.cells, self.script, self.linear.script), _call(lines))

    def matrix_lines(self, lines: MatrixLines) -> str:
        """Lines of whole tensors, whose result may stand on a line of its own."""
        own = MatrixScript(self.document, TYPST, lines.entries, LIMIT)
        plain = self.linear.matrices(lines)
        return _lines(self.written_lines(lines, lines.steps, own, plain, apart=True), _call(lines))

    @staticmethod
    def written_lines(
        lines: Lines | MatrixLines, steps: Iterable[Step], own: Script, plain: Script, apart: bool = False
    ) -> Iterator[str]:
        """What a line says, its name, its sides in pieces between which it may end, and what must be said about it."""
        for step in steps:
            note = lines.notes.get(step.var, "")
            row, said = (writer.written(step, lines.values, note, lines.gaps) for writer in (own, plain))
            sides = "".join(f"({_pieces(sign, side)}), " for sign, side in row.sides(apart))
            remarks = f"{quoted(note)}, {quoted(row.worth)}"
            yield f"({quoted(row_text(said))}, {_math(_flat(row.name))}, ({sides}), {remarks})"

    def equations(self, equations: Equations) -> str:
        """Each right side on a line of its own, the reason for it behind it."""
        rows = []
        for equation in equations.equations:
            name, said = (
                _flat(equation_name(self.script, equation)),
                line_text(equation_name(self.linear.script, equation)),
            )
            sides = zip(
                equation_sides(self.script, equation), equation_sides(self.linear.script, equation), strict=True
            )
            for (side, reason), (plain, _) in sides:
                alt = f"{said} = {line_text(plain)}" + (f" ({reason})" if reason else "")
                rows.append(f'({quoted(alt)}, {_math(name)}, (({_pieces("=", side)}), ), {quoted(reason)}, "")')
                name = ""
        return _lines(rows, "#lines(beside: true, ")

    def table(self, table: Table) -> str:
        """A table; one with too many columns group by group."""
        title = f"#caption({quoted(table.title)})\n" if table.title else ""
        return title + "".join(self.part(table, kept) for kept in column_groups(table, WIDEST))

    def part(self, table: Table, kept: Sequence[int]) -> str:
        """Some columns of a table."""
        columns = ["auto"] * (len(kept) - 1) + ["1fr" if table.sentences else "auto"]
        aligned = ["right" if n < len(table.right) and table.right[n] else "left" for n in kept]
        heads = [self.phrase(table.headings[n]) for n in kept]
        rows = list(self.cells([[row[n] for n in kept] for row in table.rows]))
        if table.plots:
            for part, more in ((columns, "auto"), (aligned, "left"), (heads, "[plot]")):
                part[1:1] = [more]
            for row, plot in zip(rows, table.plots, strict=True):
                row[1:1] = [f"[{_curve(plot, '6em')}]"]
        head = "".join(f"{cell}, " for cell in heads) if any(table.headings) else ""
        header = f"  table.header({head}), table.hline(stroke: 0.4pt),\n" if head else ""
        body = "".join(f"  {', '.join(row)},\n" for row in rows)
        return f"#data(({', '.join(columns)},), ({', '.join(aligned)},),\n{header}{body})\n"

    def cells(self, rows: Sequence[Sequence[Phrase]]) -> Iterator[list[str]]:
        """The cells of a table, the points of its numbers under each other."""
        inner = [[self.script.math(cell).strip() if isinstance(cell, Math) else "" for cell in row] for row in rows]
        for row, written in zip(rows, lined_up(inner, blank="phantom({})"), strict=True):
            yield [
                f"[{self.formula(cell, text, '#cell') if isinstance(cell, Math) else self.words(cell)}]"
                for cell, text in zip(row, written, strict=True)
            ]

    def in_cell(self, math: Math) -> str:
        """A formula in a cell."""
        return f"[{self.formula(math, self.script.math(math), '#cell')}]"

    def tree(self, tree: Tree) -> str:
        """Each node under the one that it stands in, further to the right."""
        rows = "".join(
            f"  ({branch.depth}, {', '.join(map(self.in_cell, parts))}),\n"
            for branch in branches(tree)
            for parts in [(branch.formula, branch.edge.slope if branch.edge else Math(), tree.values[branch.var])]
        )
        return f"#caption({quoted(tree.title)})\n#branches(\n{rows})\n"

    def room(self, room: Room) -> str:
        """Room to write on."""
        return f"#room({room.lines})\n"

    def page_break(self, _: Break) -> str:
        """A new page."""
        return "#pagebreak()\n"

    def plot(self, plot: Plot) -> str:
        """Curves as a drawing."""
        return self.figure(chart(plot.curves, plot.across), plot.names)

    def walks(self, walks: Walks) -> str:
        """Each walk with dots on the curve."""
        drawing = chart([walks.curve, *walks.walks], walks.across, len(walks.walks))
        return self.figure(drawing, walks.names)

    def boundary(self, boundary: Boundary) -> str:
        """Colours for classes."""
        return self.figure(planes.boundary(boundary.plane(), boundary.axes), boundary.classes, 50)

    def figure(self, drawing: str, names: Sequence[Phrase], percent: int = 75) -> str:
        """A drawing over a share of the page, and what is drawn in which colour if that is several things."""
        keys = "".join(
            f" #text(fill: rgb({quoted(colour)}))[●~{self.words(name)}] #h(1em)"
            for name, colour in zip(names, palette(len(names)), strict=True)
        )
        said = f"\n{keys.strip()}\n" if len(names) > 1 else ""
        said_of_it = " and ".join(map(self.linear.phrase, names))
        return f"\n#{_image(alone(drawing), said_of_it or 'curve', f'{percent}%')}\n{said}" if drawing else ""

    def picture(self, picture: Picture) -> str:
        """The drawing that a browser has, if it is wanted."""
        if not self.drawn:
            return ""
        drawing = _VARIABLE.sub(r"\1", with_style(Drawing(self.document, picture, FORWARD)))
        return f'#align(center, image(bytes({quoted(drawing)}), format: "svg", alt: {quoted(picture.about)}))\n'


def script(document: Document) -> Script:
    """What writes a document's formulas."""
    if document.exact:
        from .exact import ExactScript

        class Exact(ExactScript, _Signs):
            """Exact values."""

        return Exact(document, TYPST)
    return _Signs(document, TYPST)


def _text(text: str) -> str:
    return f"#{quoted(text)}" if text else ""


def _image(svg: str, said: str, width: str = "auto") -> str:
    return f'image(bytes({quoted(svg)}), format: "svg", alt: {quoted(said)}, width: {width})'


def _curve(plot: Plot | None, width: str) -> str:
    drawn = small(plot.curves[0]) if plot else ""
    return f"#{_image(drawn, 'plot', width)}" if drawn else ""


def _math(text: str) -> str:
    return f"${text.strip()}$"


def _call(lines: Lines | MatrixLines) -> str:
    """With room below each line to work it, if there is."""
    return f"#lines(free: {lines.gaps.room}, " if lines.gaps and lines.gaps.room else "#lines("


def _lines(rows: Iterable[str], call: str) -> str:
    inner = "".join(f"\n  {row}," for row in rows)
    return f"{call}{inner}\n)\n" if inner else ""


def _pieces(sign: Fragment, fragments: Fragments) -> str:
    """A side of an equation as several formulas, so that a line can end between them."""
    first, *others = map(_flat, split(fragments, OUTERMOST))
    return "".join(f"{_math(piece)}, " for piece in (f"{sign} {first}", *others))


def _flat(fragments: Fragments) -> str:
    """Matrices and sizes written out."""
    return unbroken(map(_grid, fragments))


def _grid(part: Fragment) -> Fragment:
    match part:
        case Grid(cells, (rows, columns), label):
            lines = (", ".join(row) for row in lined_up(cells, centred=True, blank="phantom({})"))
            name = f'{label} ", " ' if label else ""
            gap = "row-gap: #0.8em, " if any("frac(" in cell for row in cells for cell in row) else ""
            return f'underbrace(mat(delim: "[", {gap}{"; ".join(lines)}), {name}{rows} × {columns})'
        case Sized(text, (rows, columns)):
            return f"underbrace({text}, {rows} × {columns})"
    return part


def render(document: Document, out: TextIO, quiet: bool = False, drawn: bool = False) -> None:
    """Write a document in Typst to ``out``, with the picture of its network if it is ``drawn``."""
    out.write(PREAMBLE.replace("TITLE", quoted(document.title or "Backpropagation")))
    for text in Typst(document, drawn).written(quiet):
        out.write(text)
