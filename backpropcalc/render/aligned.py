"""What LaTeX and Markdown share: lines aligned at their first equals sign, and tables of formulas as arrays."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from backpropcalc.algebra.fragments import Fragment, Fragments, Group, Slot, unbroken
from backpropcalc.pages.pieces import Document, Equation, Equations, Gaps, Lines, Math, MatrixLines, Phrase, Table, Tree
from backpropcalc.program.steps import Step

from .form import Form
from .language import TEX
from .script import Row
from .scripts import script
from .stretches import Columns, Stretch, Wrapped, alike, each, slots_of
from .template import Filler, Part, Template
from .tex import LINE, ROOM, broken, escape, fitted, flattened, lined_up, stacked, text_note, width
from .trees import branches
from .whole import LIMIT, MatrixScript, equation_name, equation_sides

WIDEST = 10
"""Columns of one array; a table with more is set group by group."""
ROWS = 30
"""Rows of one array; a longer table goes on in another, so that a page may end between them."""
LONGEST_TREE = 40


class _Fitted(MatrixScript):
    """Matrices whose entries fit on the page."""

    def cell(self, fragments: Fragments) -> str:
        """A long sum below the line of a fraction, as that of softmax, in several lines."""
        return unbroken(fragments if width(fragments) <= ROOM else stacked(fragments, ROOM - 16, 10))


class Aligned(Form):
    """Writes lines and arrays in the language of TeX."""

    def __init__(self, document: Document, every: bool = False) -> None:
        super().__init__(document)
        self.every = every
        """Whether no matrix is abbreviated, however large."""
        self.script = script(document, TEX)
        self.digits = document.digits.significant or document.digits.decimals or 0
        self.filler = Filler(self.script)
        self.columns = Columns(self.script)
        self.kept: dict[int, Template] = {}
        self.wrapped: dict[int, Wrapped | None] = {}

    def chunk(self, lines: Lines, end: str, apart: str) -> str:
        """The lines of a chunk; ``end`` stands between the parts of a line, ``apart`` between two."""
        if lines.again:
            key = id(lines.runs)
            if key not in self.kept:
                rows = [broken(self.script.row(step), self.digits) for step in lines.cells]
                self.kept[key] = Template([*self._slotted(_joined(rows, end, apart))], self.filler)
            return self.kept[key].filled(lines.values)
        values = None if lines.gaps else alike(self.document, lines)
        if values is None:
            return roomy(apart, lines.gaps).join(self._alone(step, lines, end) for step in lines.cells)
        made = (
            each(run, self.columns, values, lambda step, stretch: self._entries(step, stretch, lines, end))
            for run in lines.runs
        )
        return apart.join(chain.from_iterable(made))

    def _alone(self, step: Step, lines: Lines, end: str) -> str:
        row = self.script.written(step, lines.values, lines.notes.get(step.var, ""), lines.gaps)
        return unbroken(_joined([self._noted(row)], end, ""))

    def _entries(self, step: Step, stretch: Stretch, lines: Lines, end: str) -> list[str]:
        """The lines of a stretch of entries: their layout is common if they differ in indices only."""
        if id(step) not in self.wrapped:
            self.wrapped[id(step)] = self._wrapped(step.general, end)
        wrapped = self.wrapped[id(step)]
        if wrapped is None:
            return [self._alone(step.cell(at), lines, end) for at in stretch.entries]
        return wrapped.filled(stretch)

    def _wrapped(self, general: Step | None, end: str) -> Wrapped | None:
        """The layout of all entries; none where numbers are left out that only repeat the value, as some may."""
        row = self.script.row(general) if general else None
        if row is None or len(slots_of(row.numbers)) < 2:
            return None
        return Wrapped(row, self.columns, lambda row: _joined([broken(row, self.digits)], end, ""))

    def _slotted(self, fragments: Fragments) -> Iterator[Part]:
        for part in fragments:
            yield (self.script, part) if isinstance(part, Slot) else unbroken((part,))

    def _noted(self, row: Row, apart: bool = False) -> list[Fragments]:
        lines = broken(row, self.digits, apart)
        if self.document.exact and max(map(width, lines)) > LINE:  # what cannot be broken is given as its decimal
            lines = broken(row._replace(numbers=()), self.digits, apart)
        if row.worth:
            lines[-1] = (*lines[-1], rf" \qquad [{row.worth}]")
        return [*lines, *([(text_note(row.note),)] if row.note else [])]

    def matrices(self, lines: MatrixLines, end: str, apart: str) -> str:
        """The lines of a chunk of whole tensors."""
        writer = _Fitted(self.document, TEX, lines.entries, None if self.every else LIMIT)
        rows = []
        for step in lines.steps:
            row = writer.written(step, lines.values, lines.notes.get(step.var, ""), lines.gaps)
            formula, symbols, numbers = map(flattened, (row.formula, row.symbols, row.numbers))
            value = Group(flattened((row.value,)))
            row = row._replace(formula=formula, symbols=symbols, numbers=numbers, value=value)
            rows.append(self._noted(row, apart=True))
        return unbroken(_joined(rows, end, roomy(apart, lines.gaps)))

    def sides(self, equations: Equations) -> str:
        """Equations aligned at the signs of equality."""
        return " \\\\[6pt]\n".join(" \\\\\n".join(self._aligned(equation)) for equation in equations.equations)

    def _aligned(self, equation: Equation) -> Iterator[str]:
        head = unbroken(flattened(equation_name(self.script, equation)))
        room = LINE - width((head,)) - 4
        for side, reason in equation_sides(self.script, equation, None if self.every else LIMIT):
            pieces = [unbroken(piece) for piece, _ in fitted(flattened(side), room)]
            said = rf" \quad \text{{({escape(reason)})}}" if reason else ""
            if said and width((pieces[-1] + said,)) > room:
                pieces.append("")
            for n, piece in enumerate(pieces):
                sign = "= " if n == 0 else r"\quad "
                yield f"{head} &{sign}{piece.strip()}" + (said if n == len(pieces) - 1 else "")
                head = ""

    def arrays(self, table: Table) -> Iterator[str]:
        """A table as arrays; one with too many columns group by group, one with too many rows goes on in another."""
        for kept in column_groups(table, WIDEST):
            columns = "".join("r" if n < len(table.right) and table.right[n] else "l" for n in kept)
            head = tuple(table.headings[n] for n in kept) if any(table.headings) else ()
            yield from self._array(columns, head, [tuple(row[n] for n in kept) for row in table.rows])

    def branched(self, tree: Tree) -> Iterator[str]:
        """A tree as arrays: each node further to the right than the one that it stands in."""
        rows: list[tuple[Phrase, ...]] = [
            (
                Math((rf"\hspace{{{1.5 * branch.depth}em}}", *branch.formula)),
                branch.edge.slope if branch.edge else "",
                tree.values[branch.var],
            )
            for branch in branches(tree)
        ]
        return self._array("llr", (), rows) if len(rows) <= LONGEST_TREE else iter(())

    def _array(self, columns: str, head: tuple[Phrase, ...], rows: list[tuple[Phrase, ...]]) -> Iterator[str]:
        cells = lined_up([[self._cell(cell) for cell in row] for row in rows])
        for start in range(0, len(rows), ROWS):
            lines = [" & ".join(row) for row in cells[start : start + ROWS]]
            names = " & ".join(map(self._cell, head))
            room = "9pt" if "frac" in names else "2pt"  # the rule must not strike what is below a fraction's bar
            above = f"{names}\\\\[{room}]\n\\hline\\\\[-6pt]\n" if head else ""
            stretch = "\\\\[9pt]\n" if any("frac" in line for line in lines) else "\\\\\n"
            yield f"\\begin{{array}}{{{columns}}}\n{above}{stretch.join(lines)}\n\\end{{array}}"

    def _cell(self, phrase: Phrase) -> str:
        if isinstance(phrase, tuple) and not isinstance(phrase, Math):
            return "".join(map(self._cell, phrase))
        if isinstance(phrase, Math):
            return self.script.math(phrase).replace(r"\frac", r"\dfrac")
        return rf"\text{{{escape(phrase)}}}" if phrase else ""


LINE_HEIGHT = 16
"""Points of an empty line to write on."""


def roomy(apart: str, gaps: Gaps | None) -> str:
    """What stands between two lines, with room to work."""
    return f"\\\\[{LINE_HEIGHT * gaps.room}pt]\n" if gaps and gaps.room else apart


def column_groups(table: Table, widest: int) -> Iterator[list[int]]:
    """Which columns stand beside each other: the first and all others; of more than ``widest`` a group at a time."""
    count = len(table.headings)
    step = table.group if table.group and count > widest else max(1, count - 1)
    for start in range(1, count, step):
        yield [0, *range(start, min(start + step, count))]


def _joined(rows: list[list[Fragments]], end: str, apart: str) -> Fragments:
    out: list[Fragment] = []
    for n, row in enumerate(rows):
        for k, line in enumerate(row):
            out.append("" if not n and not k else end if k else apart)
            out.extend(line)
    return tuple(out)
