"""JSON: one object, its lines written as they come; see ``schemas/run.json``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Protocol, TextIO, cast

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.entries import COLUMN, ROW, letters
from backpropcalc.algebra.fragments import Fragment, Fragments, Grid, Slot, seamless, unbroken
from backpropcalc.algebra.terms import Num, Op, Var, variables
from backpropcalc.pages.calculation import Page
from backpropcalc.pages.network import FORMAT
from backpropcalc.pages.pieces import Document, Lines, MatrixLines, Run
from backpropcalc.program.steps import Step

from .ascii import PLAIN
from .language import TERMINAL, TEX
from .script import Row, Script
from .scripts import script
from .stretches import Columns, Layout, Stretch, alike, each
from .template import Filler, Part, Template
from .tex import flattened
from .whole import MatrixScript


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\") if "\\" in text else text


_IN_JSON = TEX._replace(
    number=lambda text, guard: _quoted(TEX.number(text, guard)),
    about=_quoted(TEX.about),
    infinite=_quoted(TEX.infinite),
)
"""LaTeX as it stands inside a JSON string."""


class Json:
    """Writes the lines of a page as objects."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.text, self.tex = script(page, TERMINAL), script(page, TEX)
        self.quoting, self.plain = _Quoting(page, _IN_JSON), Script(page, PLAIN)
        self.filler, self.columns = Filler(self.text), Columns(self.text)
        self.kept: dict[int, Template] = {}
        self.layouts: dict[int, Layout] = {}

    def written(self, quiet: bool) -> Iterator[str]:
        """The object, piece by piece."""
        spec = self.page.trace.spec
        head = {
            "format": FORMAT,
            "title": self.page.title,
            "notation": self.page.notation.name,
            "iterations": spec.iterations,
        }
        yield json.dumps(head, ensure_ascii=False)[:-1] + ', "given": [' + ", ".join(self.given()) + '], "lines": ['
        separator = "\n"
        for piece in () if quiet else self.page.pieces():
            if isinstance(piece, Lines) or (isinstance(piece, MatrixLines) and piece.phase != "given"):
                yield separator + (self.lines(piece) if isinstance(piece, Lines) else self.matrices(piece))
                separator = ",\n"
        yield "\n]}"

    def given(self) -> Iterator[str]:
        """Every number that the work begins with."""
        for whole, rows in self.page.trace.numbers.items():
            one = whole.at((ROW, COLUMN))
            alike = Layout(list(self._given(one)), self.columns)
            for r, row in enumerate(rows):
                if self.page.notation.own:
                    heads = ["".join(map(str, self._given(whole.at((r, c))))) for c in range(len(row))]
                else:
                    heads = alike.filled(Stretch(COLUMN, r, 0, len(row)))
                yield from (f"{head}{to_float(n.text)}}}" for head, n in zip(heads, row, strict=True))

    def _given(self, var: Var) -> Iterator[Part]:
        yield '{"id": "'
        yield from self._inside(_identified(var), self.plain)
        yield '", "name": "'
        yield from self._inside((self.plain.named(var),), self.plain)
        yield '", "value": '

    def lines(self, lines: Lines) -> str:
        """The lines of a chunk."""
        if not lines.again:
            return ",\n".join(line for run in lines.runs for line in self._run(run, lines))
        key = id(lines.runs)
        if key not in self.kept:
            self.kept[key] = Template(list(self._parts(lines)), self.filler)
        return self.kept[key].filled(lines.values)

    def _run(self, run: Run, lines: Lines) -> Iterator[str]:
        """The lines of a run; those of a stretch of entries have a common layout if they differ in indices only."""
        values = alike(self.page, lines)
        if values is None:
            return (self._alone(run.phase, step, lines) for step in run.cells)
        return each(run, self.columns, values, lambda step, stretch: self._entries(run.phase, step, stretch, lines))

    def _entries(self, phase: str, step: Step, stretch: Stretch, lines: Lines) -> list[str]:
        if step.general is None:
            return [self._alone(phase, step.cell(at), lines) for at in stretch.entries]
        if id(step) not in self.layouts:
            self.layouts[id(step)] = Layout(list(self._step(phase, step.general, lines)), self.columns)
        return self.layouts[id(step)].filled(stretch)

    def _alone(self, phase: str, step: Step, lines: Lines) -> str:
        parts = self._step(phase, step, lines)
        return "".join(part if isinstance(part, str) else str(part[0].fill(part[1], lines.values)) for part in parts)

    def _parts(self, lines: Lines) -> Iterator[Part]:
        for n, (phase, step) in enumerate((run.phase, step) for run in lines.runs for step in run.cells):
            yield ",\n" if n else ""
            yield from self._step(phase, step, lines)

    def _step(self, phase: str, step: Step, lines: Lines) -> Iterator[Part]:
        if self.page.exact:
            rows = self.text.written(step, lines.values), self.tex.written(step, lines.values)
        else:
            rows = self.text.row(step), self.tex.row(step)
        note = lines.notes.get(step.var, "")
        return self._line(phase, step, note, rows, (Slot(step.var, 0, "raw"),), self.text)

    def _line(
        self, phase: str, step: Step, note: str, rows: tuple[Row, Row], value: Fragments, filler: Script
    ) -> Iterator[Part]:
        text, tex = rows
        only = (Slot(step.term),) if isinstance(step.term, Var) else text.formula
        terms = (part.term for part in step.parts) if step.term == step.var else (step.term,)
        depends = dict.fromkeys(_identified(var) for term in terms for var in variables(term) if var.role != "rate")
        yield from ('{"iteration": ', (filler, Slot(step.var, 0, "iteration")))
        yield f', "phase": "{phase}", "id": "'
        yield from self._inside(_identified(step.var), filler)
        yield '", "name": "'
        yield from self._inside((self.plain.named(step.var),), self.plain)
        yield '", "formula": "'
        yield from self._inside(text.formula, filler)
        yield '", "substitution": "'
        yield from self._inside(text.numbers or only, filler)
        yield '", "value": '
        yield from ((filler, part) if isinstance(part, Slot) else str(part) for part in value)
        yield ', "latex": "'
        numbers = (" = ", *tex.numbers) if tex.numbers else ()
        equation = (*tex.name, " = ", *tex.formula, *numbers, " ", tex.relation, " ", tex.value)
        yield from self._inside(equation, self.quoting)
        yield '", "depends": ['
        for n, name in enumerate(depends):
            yield ', "' if n else '"'
            yield from self._inside(name, filler)
            yield '"'
        yield "]" + (f', "note": {_said(note)}' if note else "") + "}"

    @staticmethod
    def _inside(fragments: Fragments, filler: Script) -> Iterator[Part]:
        """The inside of a JSON string; a matrix lies flat."""
        for part in seamless(fragments):
            yield (filler, part) if isinstance(part, Slot) else _said(_flat(part))[1:-1]

    def matrices(self, lines: MatrixLines) -> str:
        """The lines of a chunk of whole tensors, values as nested lists."""
        scripts = [MatrixScript(self.page, language, lines.entries, None) for language in (TERMINAL, TEX)]
        out = []
        for step in lines.steps:
            text, tex = (script.written(step, lines.values) for script in scripts)
            name, formula, numbers, *result = (flattened(part) for part in (*tex[:3], *((p,) for p in tex[3:5])))
            relation, shown = map(unbroken, result)
            tex = Row(name, formula, numbers, relation, shown)
            value = scripts[0].digits_of(step.var, lines.values)
            nested = (
                "[" + ", ".join(f"[{', '.join(row)}]" for row in value.cells) + "]"
                if isinstance(value, Grid)
                else f"[[{value}]]"
            )
            note = lines.notes.get(step.var, "")
            parts = self._line(lines.phase, step, note, (text, tex), (nested,), scripts[0])
            out.append("".join(
                part if isinstance(part, str) else _flat(part[0].fill(part[1], lines.values)) for part in parts
            ))  # fmt: skip
        return ",\n".join(out)


class _Quoting(Script):
    """Writes what stands inside a JSON string."""

    def name(self, var: Var) -> str:
        """The name of a quantity."""
        return _quoted(super().name(var))


def _identified(var: Var) -> Fragments:
    """The id of a quantity; of what stands for every entry with slots for what is different in each."""
    if not any(letters(var)):
        return (var.id,)
    if var.role == "new":
        return (*_identified(var.parts[0]), "+")
    if var.role == "d" and var.sample is None:
        y, x = var.parts
        return ("d", *_identified(y), "/d", *_identified(x))
    return (Slot(var, 0, "id"),)


def _said(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _flat(part: Fragment) -> str:
    """A matrix on one line: ``[0.15 0.2; 0.25 0.3]``."""
    return "[" + "; ".join(map(" ".join, part.cells)) + "]" if isinstance(part, Grid) else unbroken((part,))


class Data(Protocol):
    """A document that is data rather than lines."""

    indent: int | None

    def data(self) -> Mapping[str, object]:
        """Its members; a page among them is written with its lines, a term as its formula, an iterator as a list."""


def _members(document: Document, data: Data) -> Iterator[str]:
    """One object, member by member."""
    end = "," + (" " if data.indent is None else "\n" + " " * data.indent)
    head = "{" if data.indent is None else "{\n" + " " * data.indent
    writer = script(document, TERMINAL)
    for n, (key, value) in enumerate(data.data().items()):
        yield f"{end if n else head}{_said(key)}: "
        if isinstance(value, Page):
            yield from Json(value).written(False)
        elif isinstance(value, Iterator):
            yield "["
            yield from (", " * (m > 0) + _said(one) for m, one in enumerate(value))
            yield "]"
        elif isinstance(value, Op | Var | Num):
            yield _said(unbroken(writer.symbols(value)))
        else:
            said = json.dumps(value, ensure_ascii=False, indent=data.indent)
            yield said if data.indent is None else said.replace("\n", "\n" + " " * data.indent)
    yield "}\n" if data.indent is None else "\n}\n"


def render(document: Document, out: TextIO, quiet: bool = False) -> None:
    """Write a document as one JSON object to ``out``; with ``quiet`` a page without its lines."""
    if isinstance(document, Page):
        out.writelines(chain(Json(document).written(quiet), "\n"))
    else:
        out.writelines(_members(document, cast(Data, document)))
