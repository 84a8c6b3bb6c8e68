"""A formula that is worked out, in the terminal."""

from __future__ import annotations

import textwrap
from typing import TextIO

from backpropcalc.errors import printable
from backpropcalc.execution.trace import Values
from backpropcalc.pages.pieces import terminal
from backpropcalc.pages.stream import stream
from backpropcalc.pages.worked import WorkedPage

from .terminal import TerminalPage


class WorkedTerminal(TerminalPage):
    """Writes such a page to a console."""

    page: WorkedPage

    def run(self, quiet: bool) -> None:
        """The whole page; with ``quiet`` only its head and its result."""
        self.head()
        seen: list[Values] = []
        for text in stream(self.page, self, seen.append):
            if not quiet:
                self.emit(text)
        if self.page.has_result:
            pieces = self.page.closing(self.writer, seen)
            self.emit("".join(f"{line}\n" for line in terminal(pieces, self.width, self.styled, self.clean)))

    def styled(self, text: str, style: str) -> str:
        """``text`` in a style, if there is colour."""
        return super().styled(text, style) if style else text

    def head(self) -> None:
        """Title, and what is given."""
        title = printable(self.page.trace.spec.title)
        if title:
            self.emit(" " + super().styled(self.clean(title), "heading") + "\n\n")
        lines = [(label, self.clean(text)) for label, text in self.page.facts(self.writer)]
        width = max([14, *(len(label) for label, _ in lines)])
        for label, text in lines:
            for n, part in enumerate(textwrap.wrap(text, self.width - width - 3) or [""]):
                self.emit(f" {'' if n else label:<{width}} {part}\n")


def render(page: WorkedPage, out: TextIO, ascii: bool = False, every: bool = False, quiet: bool = False) -> None:
    """Write the page for the terminal to ``out``."""
    WorkedTerminal(page, out, ascii, True).run(quiet)
