"""Pages of formulas that are worked out: what is given, the lines, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backpropcalc.execution.values import Values

from .calculation import Page, chunks
from .notes import LOST, lost
from .overview import rounding
from .pieces import Facts, Note, Phrase, Piece, Title, math


@dataclass(frozen=True)
class WorkedPage(Page):
    """A page of an expression graph or of a gradient descent."""

    untitled = "Worked by hand"

    def check(self) -> None:
        """Every such page can be read."""

    @property
    def large(self) -> bool:
        """Every line is worked."""
        return False

    @property
    def has_result(self) -> bool:
        """Whether what it comes to belongs on it."""
        return not self.phases and self.only is None

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """All of it; with ``quiet`` what is given and what it comes to."""
        yield Title(self.title, self.untitled)
        yield Facts(list(self.facts()))
        seen: list[Values] = []
        for values in self.trace.iterations():
            if not seen:
                yield from self.given(values)
            seen.append(values)
            if not quiet:
                yield from self.iteration(values)
        if self.has_result:
            yield from self.closing(seen[-1])
            first = lost((step for block in self.trace.program.blocks for step in block.cells), seen[-1])
            if first is not None:
                yield Note((math(first), LOST), "warning")

    def iteration(self, values: Values) -> Iterator[Piece]:
        """The lines of an iteration, no two of which look the same."""
        before = None
        for block in self.trace.blocks(values.iteration):
            for chunk in chunks(self.runs(block)):
                yield from self.headings(block, before)
                before = block
                yield self.lines(chunk, values, again=False)

    def facts(self) -> Iterator[tuple[str, Phrase]]:
        """What is given."""
        return rounding(self.trace.spec)

    def given(self, values: Values) -> Iterator[Piece]:
        """A picture, where there is one."""
        return iter(())

    def closing(self, values: Values) -> Iterator[Piece]:
        """What the calculation comes to; ``values`` are the numbers of its end."""
        raise NotImplementedError
