"""A formula that is worked out, in Markdown."""

from __future__ import annotations

from typing import TextIO

from backpropcalc.errors import printable
from backpropcalc.execution.trace import Values
from backpropcalc.pages.pieces import Math, markdown
from backpropcalc.pages.stream import stream
from backpropcalc.pages.worked import WorkedPage

from .markdown import MarkdownPage, escape


def render(page: WorkedPage, out: TextIO, quiet: bool = False) -> None:
    """Write the calculation as Markdown to ``out``."""
    sheet = MarkdownPage(page)
    out.write(f"# {escape(printable(page.trace.spec.title)) or 'Worked by hand'}\n\n")
    for label, text in page.facts(sheet.writer):
        out.write(f"- {label}: {f'${text}$' if isinstance(text, Math) else escape(text)}\n")
    seen: list[Values] = []
    for piece in stream(page, sheet, seen.append):
        if not quiet:
            out.write(piece)
    if page.has_result:
        out.writelines(markdown(page.closing(sheet.writer, seen)))
