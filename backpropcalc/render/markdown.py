"""Markdown with the mathematics in ```` ```math ```` fences, as GitHub shows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TextIO

from backpropcalc.errors import printable
from backpropcalc.pages.page import Recap, formulas, overview
from backpropcalc.pages.rows import TEX, Page, Write, Writer
from backpropcalc.pages.stream import Note, Sheet, stream
from backpropcalc.program.steps import Block, Step
from backpropcalc.rules.optimisers import RATE

from .tex import broken, text_note

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$>])")


def escape(text: str) -> str:
    """``text`` so that neither Markdown nor HTML sees anything in it."""
    return _SPECIAL.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))


class MarkdownPage(Sheet):
    """Writes the lines of a page in Markdown."""

    def __init__(self, page: Page) -> None:
        self.page, self.writer = page, page.writer(TEX)
        digits = page.trace.digits
        self.digits = digits.significant or digits.decimals or 0

    def heading(self, block: Block, before: Block | None) -> str:
        """Headings of the levels that they have."""
        found = self.page.headings(block, before)
        return "".join(
            f"\n{'#' * level} {text.capitalize() if level == 3 else text}\n" for level, text in found if text
        )

    def lines(self, block: Block, steps: list[Step], write: Callable[[Writer], Write], note: Note) -> str:
        """A fence with the rows of a chunk."""
        numbers = write(self.writer)
        rows = []
        for step in steps:
            lines = broken(self.writer.row(step, numbers), self.digits)
            said = note(step)
            rows.append(" \\\\\n".join([*lines, text_note(said)] if said else lines))
        return "\n```math\n\\begin{aligned}\n" + " \\\\[4pt]\n".join(rows) + "\n\\end{aligned}\n```\n"


def render(page: Page, out: TextIO, quiet: bool = False) -> None:
    """Write the calculation as Markdown to ``out``."""
    spec = page.trace.spec
    sheet = MarkdownPage(page)
    writer = sheet.writer
    out.write(f"# {escape(printable(spec.title)) or 'Backpropagation by hand'}\n\n")
    for label, text in overview(page, writer):
        out.write(f"- {label}: {escape(text)}\n")
    for label, equation in formulas(page, writer):
        out.write(f"- {label}: ${equation}$\n")
    if spec.learning_rate is not None:
        out.write(f"- learning rate: ${writer.name(RATE)} = {spec.learning_rate.text}$\n")
    for label, rows in (("inputs", spec.inputs), ("targets", spec.targets)):
        vectors = "; ".join("(" + ", ".join(n.text for n in row[:12]) + ")" for row in rows[:4])
        out.write(f"- {label}: {escape(vectors)}{'; …' if len(rows) > 4 else ''}\n")
    recap = Recap(page)
    for piece in stream(page, sheet, recap.see):
        if not quiet:
            out.write(piece)
    if page.has_result:
        _result(page, writer, recap, out)


def _result(page: Page, writer: Writer, recap: Recap, out: TextIO) -> None:
    shown = writer.amount
    out.write("\n## Result\n\n")
    name = writer.name(recap.loss)
    if recap.loss_after is not None:
        after = f" after {recap.iterations} iterations" if recap.iterations > 1 else ""
        out.write(f"${name}$: ${shown(recap.loss_before)} \\to {shown(recap.loss_after)}${after}\n")
    elif page.only is None:
        out.write(f"${name} = {shown(recap.loss_before)}$\n")
    if recap.changes:
        out.write("\n| | old | gradient | new |\n|---|--:|--:|--:|\n")
    for change in recap.changes:
        cells = (change.var.parts[0], change.before, change.gradient, change.after)
        out.write(f"| ${writer.name(cells[0])}$ | " + " | ".join(f"${shown(cell)}$" for cell in cells[1:]) + " |\n")
