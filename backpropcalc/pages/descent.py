"""The page of a gradient descent: the lines of each iteration, and the table of all learning rates side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.exact import decimal_of
from backpropcalc.algebra.terms import Var, node
from backpropcalc.execution.convergence import WORDS, verdict
from backpropcalc.execution.trace import Values
from backpropcalc.execution.worked import DescentTrace
from backpropcalc.program.descent import slopes
from backpropcalc.program.steps import Block
from backpropcalc.spec.descent import Descent

from .pieces import Math, Piece, Table
from .rows import Writer
from .worked import WorkedPage, shown

LONGEST_TABLE = 24
"""Rows of a table; of more, the first and the last are shown."""


class DescentPage(WorkedPage):
    """The page of a gradient descent."""

    trace: DescentTrace

    @property
    def descent(self) -> Descent:
        """What is worked out."""
        found: Descent = self.trace.spec
        return found

    def headings(self, block: Block, before: Block | None) -> Iterator[tuple[int, str]]:
        """The iteration; the lines of one belong together."""
        if before is None:
            if self.descent.iterations > 1:
                yield 2, f"Iteration {block.layer} of {self.descent.iterations}"
            yield 3, ""

    def facts(self, writer: Writer) -> list[tuple[str, str]]:
        """The function, its derivative, where it starts and how fast."""
        descent = self.descent
        names = [writer.name(node(name)) for name in descent.start]
        found: list[tuple[str, str]] = [("minimise", Math(writer.equation(f"f({', '.join(names)})", descent.function)))]
        found_slopes = slopes(descent)
        for name, shown_name in zip(descent.start, names, strict=True):
            left = f"f'({shown_name})" if len(names) == 1 else writer.language.partial.format("f", shown_name)
            found.append(("derivative found", Math(writer.equation(left, found_slopes[name]))))
        one = Var("iterate", 0, (1, 1), index=(0, 0))
        given = (
            f"{writer.name(replace(one, name=name))} = {writer.literal(number, 0)}"
            for name, number in descent.start.items()
        )
        found.append(("start", Math(", ".join(given))))
        rates = ", ".join(f"{self.rate(writer, r)}" for r in range(len(descent.rates)))
        found.append(("learning rate", Math(rates)))
        return found + super().facts(writer)

    def rate(self, writer: Writer, r: int) -> str:
        """``α(2) = 1.5``, the number in parentheses only where there are several."""
        rate = self.descent.rate.at((0, r))
        return f"{writer.name(rate)} = {writer.literal(self.descent.rates[r], 0)}"

    def closing(self, writer: Writer, seen: list[Values]) -> list[Piece]:
        """The table of θ, slope and step with all rates side by side, and a word for each."""
        descent, values = self.descent, seen[-1]
        found: list[Piece] = [self.table(writer, values)]
        words = [self.word(values, r) for r in range(len(descent.rates))]
        rows: list[tuple[str, ...]] = [(Math(self.rate(writer, r)), word, WORDS[word]) for r, word in enumerate(words)]
        return [*found, Table("What becomes of it", ("", "", ""), rows)]

    def table(self, writer: Writer, values: Values) -> Table:
        """Iteration by iteration the place, the slope and the step of each variable with each rate."""
        descent = self.descent
        many = len(descent.rates) > 1
        columns = [(name, r) for r in range(len(descent.rates)) for name in descent.start]
        headings: list[str] = ["k"]
        for name, r in columns:
            mark = f"({r + 1})" if many else ""
            slope = "slope" if len(descent.start) == 1 else f"slope by {name}"
            headings += [Math(writer.name(node(name)) + mark), slope, "step"]
        rows = []
        for k in range(descent.iterations + 1):
            cells: list[str] = [str(k)]
            for name, r in columns:
                place = values.of(descent.at(name, k).at((0, r)))
                if k == descent.iterations:
                    cells += [shown(writer, place), "", ""]
                    continue
                after = values.of(descent.at(name, k + 1).at((0, r)))
                slope_here = values.of(descent.at(descent.slope(name), k).at((0, r)))
                cells += [shown(writer, place), shown(writer, slope_here), shown(writer, after - place)]
            rows.append(tuple(cells))
        if len(rows) > LONGEST_TABLE:
            rows = [*rows[: LONGEST_TABLE - 3], ("…", *[""] * (len(headings) - 1)), *rows[-2:]]
        title = "The rates side by side" if many else "Step by step"
        return Table(title, tuple(headings), rows, (True,) * len(headings), 3)

    def word(self, values: Values, r: int) -> str:
        """What becomes of the descent with a rate."""
        descent = self.descent
        found = slopes(descent)
        places = [
            {node(name): float(decimal_of(values.of(descent.at(name, k).at((0, r))))) for name in descent.start}
            for k in range(descent.iterations + 1)
        ]
        return verdict(
            [[evaluate(term, place.__getitem__, FLOAT) for term in found.values()] for place in places],
            [evaluate(descent.function, place.__getitem__, FLOAT) for place in places],
        )
