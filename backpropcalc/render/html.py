"""HTML: one file that opens from a folder, its mathematics as MathML; it loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TextIO

from backpropcalc.algebra.fragments import OUTERMOST, Fragment, Fragments, Grid, Sized, split, unbroken
from backpropcalc.algebra.terms import Var
from backpropcalc.execution.values import Values
from backpropcalc.pages.abridged import abridged, only_values
from backpropcalc.pages.calculation import Page
from backpropcalc.pages.network import NetworkDocument
from backpropcalc.pages.pieces import (
    Boundary,
    Break,
    Document,
    Equations,
    Facts,
    Heading,
    Lines,
    Math,
    MatrixLines,
    Moved,
    Note,
    Phrase,
    Picture,
    Plot,
    Room,
    Table,
    Title,
    Tree,
    Value,
    Walks,
    math,
)

from . import live, planes
from .charts import chart, palette, small
from .form import Form
from .marked import HTML, LiveScript, MarkedMatrices, place, script
from .script import Row
from .style import STYLE, font
from .svg import BACKWARD, FORWARD, Drawing
from .svg import STYLE as PICTURE_STYLE
from .trees import branches
from .whole import LIMIT, equation_name, equation_sides

BESIDE = 640
"""Points that there are for a picture beside the lines, 40rem; a wider one stands above them."""
MOST_VALUES = 5000
"""Values that are shown alone on a page that is abridged."""
MOST_LINES = 1000
"""Lines after which a page stops working them out, unless everything is asked for."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; form-action 'none'; base-uri 'none'"
"""Nothing is loaded, and nothing runs but the script of a live page, whatever a title or an answer holds."""
HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
"""


_WORD = ' class="word"'
"""Of a cell that says something about the numbers beside it, which a change of them may make wrong."""


class Html(Form):
    """Writes a document as HTML."""

    def __init__(self, document: Document, every: bool = False, program: live.Program | None = None) -> None:
        super().__init__(document)
        self.script = LiveScript(document, program) if program else script(document)
        self.every, self.program = every, program
        self.abridged = document.large and not every and too_long(document)
        self.written_lines = self.hidden = self.valued = 0

    def title(self, title: Title) -> str:
        """The heading of the page."""
        return f"<h1>{escape(title.text or title.otherwise)}</h1>\n"

    def heading(self, heading: Heading) -> str:
        """Iterations and phases are one level below the title, layers below these."""
        level = max(2, heading.level)
        tone = f' class="{heading.tone}"' if heading.tone else ""
        return f"<h{level}{tone}>{self.phrase(heading.text)}</h{level}>\n" if heading.text else ""

    def facts(self, facts: Facts) -> str:
        """A list of terms."""
        rows = (f"<dt>{escape(label)}</dt><dd>{self.phrase(text)}</dd>\n" for label, text in facts.rows)
        fields = live.panel(self.program, lambda var: _math(self.script.name(var))) if self.program else ""
        return f"<dl>\n{''.join(rows)}</dl>\n{fields}"

    def note(self, note: Note) -> str:
        """A paragraph."""
        return f'<p class="{note.tone or "note"}">{self.phrase(note.text)}</p>\n'

    def phrase(self, phrase: Phrase) -> str:
        """Words with formulas among them."""
        if isinstance(phrase, Moved) and phrase:
            places = f"{place(phrase.before)} {place(phrase.after)}"
            return f'<span data-moved="{escape(places)}">{escape(phrase)}</span>'
        if isinstance(phrase, str):
            return escape(phrase)
        if isinstance(phrase, Math):
            return _math(self.script.math(phrase)) if phrase else ""
        return "".join(map(self.phrase, phrase))

    def lines(self, lines: Lines) -> str:
        """A table with a row for each line; of a network too large for a page one unit in full, then the values."""
        rows, rest = [], []
        for step in lines.cells:
            if self.abridged and step.var.index != (0, 0) and step.var not in lines.notes:
                rest.append(step.var)
                continue
            self.written_lines += 1
            if self.written_lines > MOST_LINES and not self.every:
                self.hidden += 1
                continue
            note = lines.notes.get(step.var, "")
            rows.append(self.row(self.script.written(step, lines.values, note, lines.gaps), step.var.id))
        return self.grid(rows, lines) + self.values(rest, lines.values)

    def values(self, vars: Sequence[Var], values: Values) -> str:
        """Quantities with their values alone, as many as there is room for."""
        room = max(0, MOST_VALUES - self.valued)
        self.valued += len(vars)
        shown = (
            f'<li>{self.phrase(math(var))} <span class="value">{self.phrase(math(Value.of(values, var)))}</span></li>\n'
            for var in vars[:room]
        )
        more = f"<li>… and {len(vars) - room:,} more</li>\n" if len(vars) > room else ""
        return f'<ul class="values">\n{"".join(shown)}{more}</ul>\n' if vars else ""

    def matrix_lines(self, lines: MatrixLines) -> str:
        """The same of whole tensors."""
        writer = MarkedMatrices(self.document, lines, self.every)
        notes = lines.notes
        rows = (writer.written(step, lines.values, notes.get(step.var, ""), lines.gaps) for step in lines.steps)
        written = [self.row(row, step.var.id) for row, step in zip(rows, lines.steps, strict=True)]
        return self.grid(written, lines, "lines whole")

    @staticmethod
    def grid(rows: Sequence[str], lines: Lines | MatrixLines | None = None, kind: str = "lines") -> str:
        """A table of lines of an iteration, with room to work below each if there are gaps in them."""
        if not rows:
            return ""
        if lines and lines.gaps and lines.gaps.room:
            height = 1.5 * lines.gaps.room
            rows = [f'{row}<tr class="room"><td colspan="3" style="height:{height}em"></td></tr>\n' for row in rows]
        n = f' data-n="{lines.values.iteration}"' if lines and lines.values.iteration > 1 else ""
        return f'<div class="wide"><table class="{kind}"{n}>\n{"".join(rows)}</table></div>\n'

    def row(self, row: Row, id: str) -> str:
        """``name | = formula = numbers | ≈ value``; each side may wrap before a sum's sign."""
        blank = row.formula == (row.value,) and (isinstance(row.value, Grid) or row.value == HTML.blank)
        sides = (() if blank else row.formula, row.symbols, row.numbers)
        work = "".join(_pieces((HTML.equal, *side)) for side in sides if side)
        value = _pieces((row.relation, row.value))
        note = f'<tr class="said"><td></td><td colspan="2">{escape(row.note)}</td></tr>\n' if row.note else ""
        name = _math(unbroken(_plain(row.name)))
        if row.worth:
            name += f' <span class="worth">[{escape(row.worth)}]</span>'
        cells = f'<th scope="row">{name}</th><td>{work}</td><td class="value">{value}</td>'
        return f'<tr data-line="{escape(id)}">{cells}</tr>\n{note}'

    def equations(self, equations: Equations) -> str:
        """Each right side on a line of its own, the reason for it beside it."""
        rows = []
        for equation in equations.equations:
            name = _math(unbroken(_plain(equation_name(self.script, equation))))
            for side, reason in equation_sides(self.script, equation, None if self.every else LIMIT):
                said = escape(reason)
                rows.append(
                    f"<tr><th scope='row'>{name}</th><td>{_pieces((HTML.equal, *side))}</td><td>{said}</td></tr>\n"
                )
                name = ""
        return self.grid(rows)

    def table(self, table: Table) -> str:
        """A table."""
        title = f"<caption>{escape(table.title)}</caption>\n" if table.title else ""
        right = [
            ' class="number"' if n < len(table.right) and table.right[n] else "" for n in range(len(table.headings))
        ]
        heads = [f"<th{flush}>{self.phrase(cell)}</th>" for flush, cell in zip(right, table.headings, strict=True)]
        heads[1:1] = ["<th>plot</th>"] * bool(table.plots)
        head = "".join(heads) if any(table.headings) else ""
        body = []
        for n, row in enumerate(table.rows):
            tone = f' class="{escape(table.tones[n])}"' if n < len(table.tones) and table.tones[n] else ""
            inner = [
                f"<td{flush or _WORD if k and cell and isinstance(cell, str) else flush}>{self.phrase(cell)}</td>"
                for k, (flush, cell) in enumerate(zip(right, row, strict=True))
            ]
            inner[1:1] = [f"<td>{small(plot.curves[0]) if plot else ''}</td>" for plot in table.plots[n : n + 1]]
            body.append(f"<tr{tone}>{''.join(inner)}</tr>\n")
        return (
            f'<table class="data">\n{title}<thead><tr>{head}</tr></thead>\n<tbody>\n{"".join(body)}</tbody>\n</table>\n'
        )

    def tree(self, tree: Tree) -> str:
        """Each node under the one that it stands in, further to the right."""
        rows = "".join(
            f'<tr><td style="padding-left:{1.5 * branch.depth}em">{self.phrase(branch.formula)}</td>'
            f"<td>{self.phrase(branch.edge.slope) if branch.edge else ''}</td>"
            f"<td>{self.phrase(tree.values[branch.var])}</td></tr>\n"
            for branch in branches(tree)
        )
        return f'<table class="tree">\n<caption>{escape(tree.title)}</caption>\n{rows}</table>\n'

    def plot(self, plot: Plot) -> str:
        """Curves as a drawing."""
        return self.figure(chart(plot.curves, plot.across), plot.names)

    def walks(self, walks: Walks) -> str:
        """Each walk with dots on the curve."""
        drawing = chart([walks.curve, *walks.walks], walks.across, len(walks.walks))
        return self.figure(drawing, walks.names)

    def boundary(self, boundary: Boundary) -> str:
        """Colours for classes."""
        return self.figure(planes.boundary(boundary.plane(), boundary.axes), boundary.classes)

    def figure(self, drawing: str, names: Sequence[Phrase]) -> str:
        """A drawing, and what is drawn in which colour if that is several things."""
        keys = "".join(
            f'<li style="color:{colour}">{self.phrase(name)}</li>'
            for name, colour in zip(names, palette(len(names)), strict=True)
        )
        key = f'<ul class="key">{keys}</ul>' if len(names) > 1 else ""
        return f'<figure class="plot">{drawing}{key}</figure>\n' if drawing else ""

    def picture(self, picture: Picture) -> str:
        """A drawing forward and one backward with a switch between them, which needs no script."""
        both = any(link.backward and link.backward != link.forward for link in picture.links)
        switch = '<input type="checkbox" id="gradients"> <label for="gradients">gradients</label>\n' if both else ""
        drawn = [self.drawing(picture, way) for way in ((FORWARD, BACKWARD) if both else (FORWARD,))]
        drawings = "\n".join(drawing.written() for drawing in drawn)
        kind = "picture beside" if drawn[0].narrowest <= BESIDE else "picture"
        caption = f"<figcaption>{escape(picture.about)}</figcaption>"
        return f'<figure class="{kind}">\n{switch}<div class="wide" tabindex="0">{drawings}</div>\n{caption}</figure>\n'

    def drawing(self, picture: Picture, way: str) -> Drawing:
        """A picture narrow enough to stand beside the lines, if it is so without the names at its edges.

        If its numbers may change there is room for all their digits.
        """
        digits = self.document.digits
        longest = (digits.decimals or digits.significant or 0) + len("0.") if self.program else 0
        crowded, named = (Drawing(self.document, picture, way, crowded, longest) for crowded in (True, False))
        return crowded if crowded.narrowest <= BESIDE < named.narrowest else named

    def room(self, room: Room) -> str:
        """Empty lines."""
        return f'<div style="height:{1.5 * room.lines}em"></div>\n'

    def page_break(self, _: Break) -> str:
        """On paper a new page, on a screen a line."""
        return '<hr class="page">\n'

    def foot(self) -> str:
        """What was left out, and why the numbers of a calculation cannot be changed, if they cannot."""
        said = [only_values(self.valued)] if self.valued else []
        if self.hidden:
            said.append(f"{self.hidden:,} more lines are not on this page: --all works everything.")
        why = live.reason(self.document, MOST_LINES)
        if why:
            said.append(f"The numbers on this page stay as they are: {why}.")
        return "".join(f'<p class="note">{text}</p>\n' for text in said)

    def origin(self, command: str) -> str:
        """The command and the spec that the page was made of."""
        match self.document:
            case Page(trace=trace):
                source = trace.spec.source
            case NetworkDocument(spec=spec):
                source = spec.source
            case _:
                source = ""
        parts = f"<code>{escape(command)}</code>\n" * bool(command) + f"<pre>{escape(source)}</pre>\n" * bool(source)
        if not parts:
            return ""
        return f'<details class="origin"><summary>How this page was made</summary>\n{parts}</details>\n'


def _math(text: str) -> str:
    return f'<math displaystyle="true">{text}</math>'


def _pieces(fragments: Fragments) -> str:
    """A side of an equation as several formulas, so that a line can end between them."""
    pieces = [unbroken(piece) for piece in split(_plain(fragments), OUTERMOST)]
    return "".join(map(_math, pieces))


def _plain(fragments: Fragments) -> Fragments:
    return tuple(_flat(part) for part in fragments)


def _flat(part: Fragment) -> Fragment:
    """Matrices and sizes as MathML."""
    match part:
        case Grid(cells, shape, label):
            rows = "".join(f"<mtr>{''.join(f'<mtd>{cell}</mtd>' for cell in row)}</mtr>" for row in cells)
            said = f"<mrow>{label}<mtext>{', ' * bool(label)}{shape[0]}×{shape[1]}</mtext></mrow>"
            return f"<munder><mrow><mo>[</mo><mtable>{rows}</mtable><mo>]</mo></mrow>{said}</munder>"
        case Sized(text, shape):
            return f"<munder><mrow>{text}</mrow><mtext>{shape[0]}×{shape[1]}</mtext></munder>"
    return part


def too_long(document: Document) -> bool:
    """Whether a calculation has more lines than a page works."""
    return isinstance(document, Page) and document.trace.program.size * document.trace.spec.iterations > MOST_LINES


def render(document: Document, out: TextIO, quiet: bool = False, every: bool = False, command: str = "") -> None:
    """Write a document as one HTML file to ``out``; ``every`` is whether no line is left out, however many.

    At its foot stand the ``command`` that it was made by, if that is known, and its spec.
    """
    if not every and too_long(document):
        document = abridged(document)
    page = live.page_of(document, MOST_LINES)
    program = live.Program(page) if page else None
    form = Html(document, every, program)
    body = [*form.written(quiet), form.foot(), form.origin(command), "</main>\n"]
    source = live.script(program) if program else ""
    allowed = f"{POLICY}; {live.policy(source)}" if source else POLICY
    drawn = font() if any("<math" in text for text in body) else ""
    title, style = escape(document.title or "Backpropagation"), drawn + STYLE + PICTURE_STYLE
    out.write(HEAD.format(policy=allowed, title=title, style=style))
    out.writelines(body)
    out.write(f"<script>{source}</script>\n" * bool(source) + "</body>\n</html>\n")
