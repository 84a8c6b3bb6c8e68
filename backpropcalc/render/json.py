"""JSON: one object, its lines written as they come; see ``schemas/run.json``."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TextIO

from backpropcalc.algebra.terms import Var, variables
from backpropcalc.algebra.typeset import BREAK, SOFT_BREAK
from backpropcalc.errors import printable
from backpropcalc.execution.trace import Values
from backpropcalc.pages.rows import RAW, TERMINAL, TEX, Page, Row, Write, Writer
from backpropcalc.pages.stream import ITERATION, Note, Sheet, stream
from backpropcalc.program.steps import Block, Step

from .grids import flat

FORMAT = 1


class _Json(Sheet):
    def __init__(self, page: Page) -> None:
        self.notation = page.notation
        self.text, self.tex = page.writer(TERMINAL, abbreviated=False), page.writer(_TEX, abbreviated=False)

    def heading(self, block: Block, before: Block | None) -> str:
        return ",\n"

    def lines(self, block: Block, steps: list[Step], write: Callable[[Writer], Write], note: Note) -> str:
        numbers, latex = write(self.text), write(self.tex)
        lines = []
        for step in steps:
            row, equation = self.text.row(step, numbers), self.tex.row(step, latex)
            fields: list[tuple[str, Any]] = [
                ("id", step.var.id),
                ("name", self.notation.ascii(step.var)),
                ("formula", _plain(row.formula)),
                ("substitution", _plain(row.numbers or _only(step, row, numbers))),
            ]
            depends = list(dict.fromkeys(var.id for var in variables(step.term) if var.role != "rate"))
            said = note(step)
            after: list[tuple[str, Any]] = [("depends", depends)] + ([("note", said)] if said else [])
            lines.append(
                f'{{"iteration": {ITERATION}, "phase": "{block.phase}", {_members(fields)}'
                f', "value": {numbers(step.var, RAW)}, "latex": "{_equation(equation)}", {_members(after)}}}'
            )
        return ",\n".join(lines)


def render(page: Page, out: TextIO, quiet: bool = False) -> None:
    """Write the calculation as one JSON object to ``out``; with ``quiet`` without its lines."""
    spec = page.trace.spec
    head = {
        "format": FORMAT,
        "title": printable(spec.title),
        "notation": page.notation.name,
        "iterations": spec.iterations,
    }
    out.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "lines": [')
    separator = ","
    for lines in () if quiet else stream(page, _Json(page), _nothing):
        out.write(lines.replace(_BACKSLASH, "\\\\").removeprefix(separator))
        separator = ""
    out.write("\n]}\n")


def _only(step: Step, row: Row, numbers: Write) -> str:
    """The substitution of a line that is but one quantity, or one number."""
    return numbers(step.term, 0) if isinstance(step.term, Var) else row.formula


def _nothing(values: Values) -> None:
    """JSON has no recap."""


def _members(fields: list[tuple[str, Any]]) -> str:
    return ", ".join(f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in fields)


def _plain(text: str) -> str:
    return flat(text.replace(BREAK, "").replace(SOFT_BREAK, ""))


_BACKSLASH = "\ue004"
"""Stands for a backslash in what is put into a slot, behind the back of the JSON encoder."""
_TEX = TEX._replace(
    number=lambda text, guard: TEX.number(text, guard).replace("\\", _BACKSLASH), about=_BACKSLASH + "approx"
)


def _equation(row: Row) -> str:
    """The whole line in LaTeX, as the inside of a JSON string."""
    numbers = f" = {row.numbers}" if row.numbers else ""
    whole = _plain(f"{row.name} = {row.formula}{numbers} {row.relation} {row.value}")
    return json.dumps(whole, ensure_ascii=False)[1:-1]
