"""The page of a gradient descent: the lines of each iteration, and the table of all learning rates side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.exact import decimal_of
from backpropcalc.algebra.terms import Var, node, op
from backpropcalc.execution.convergence import WORDS, verdict
from backpropcalc.execution.values import Values
from backpropcalc.execution.worked import DescentTrace
from backpropcalc.program.descent import slopes
from backpropcalc.program.steps import Block
from backpropcalc.spec.descent import Descent

from .calculation import chunks
from .pieces import Given, Heading, Math, Partial, Phrase, Piece, Table, Value, Walks, listed, math
from .worked import WorkedPage

POINTS, MARGIN = 160, 0.15
"""Of the curve of a function, and how much further than the walks it goes, as a share of their width."""
LONGEST_TABLE = 24
"""Rows of a table; of more, the first and the last are shown."""


@dataclass(frozen=True)
class DescentPage(WorkedPage):
    """The page of a gradient descent."""

    trace: DescentTrace

    forms = WorkedPage.forms - {"svg", "tikz"}

    @property
    def descent(self) -> Descent:
        """What is worked out."""
        found: Descent = self.trace.spec
        return found

    def headings(self, block: Block, before: Block | None) -> Iterator[Heading]:
        """The iteration; the lines of one belong together."""
        if before is None:
            if self.descent.iterations > 1:
                yield Heading(2, f"Iteration {block.layer} of {self.descent.iterations}")
            yield Heading(3, "")

    def iteration(self, values: Values) -> Iterator[Piece]:
        """The value, the slopes and the steps of an iteration under each other."""
        blocks = self.trace.blocks(values.iteration)
        yield from self.headings(blocks[0], None)
        for chunk in chunks(run for block in blocks for run in self.runs(block)):
            yield self.lines(chunk, values, again=False)

    def facts(self) -> Iterator[tuple[str, Phrase]]:
        """The function, its derivative, where it starts and how fast."""
        descent = self.descent
        names = [node(name) for name in descent.start]
        yield "minimise", math("f(", *listed([math(name) for name in names]), ") = ", descent.function)
        found = slopes(descent)
        for name in names:
            left = math("f'(", name, ")") if len(names) == 1 else math(Partial("f", name))
            yield "derivative found", math(*left, " = ", found[name.name])
        one = Var("iterate", 0, (1, 1), index=(0, 0))
        start = [
            math(replace(one, name=name), " = ", Given(descent.at(name, 0).at((0, 0)), number))
            for name, number in descent.start.items()
        ]
        yield "start", listed(start)
        yield "learning rate", listed([self.rate(r) for r in range(len(descent.rates))])
        yield from super().facts()

    def rate(self, r: int) -> Math:
        """``α(2) = 1.5``, the number in parentheses only where there are several."""
        return math(rate := self.descent.rate.at((0, r)), " = ", Given(rate, self.descent.rates[r]))

    def closing(self, values: Values) -> Iterator[Piece]:
        """The table of θ, slope and step with all rates side by side, and a word for each."""
        yield self.table(values)
        if len(self.descent.start) == 1:
            yield self.walks(values)
        words = [self.word(values, r) for r in range(len(self.descent.rates))]
        rows = [(self.rate(r), word, WORDS[word]) for r, word in enumerate(words)]
        yield Table(("", "", ""), rows, title="What becomes of it")

    def walks(self, values: Values) -> Walks:
        """The way down with each rate, on the curve of the function."""
        descent = self.descent
        (name,) = descent.start
        walks = [
            [place[node(name)] for place in self.places(values, r) if isfinite(place[node(name)])]
            for r in range(len(descent.rates))
        ]
        low, high = min(map(min, walks)), max(map(max, walks))
        room = MARGIN * ((high - low) or 1.0)
        step = (high - low + 2 * room) / (POINTS - 1)

        def on_curve(x: float) -> tuple[float, float]:
            return x, evaluate(descent.function, {node(name): x}.__getitem__, FLOAT)

        curve = [on_curve(low - room + n * step) for n in range(POINTS)]
        names = [math("f"), *(self.rate(r) for r in range(len(descent.rates)))]
        return Walks(curve, [list(map(on_curve, walk)) for walk in walks], names, name)

    def table(self, values: Values) -> Table:
        """Iteration by iteration the place, the slope and the step of each variable with each rate."""
        descent = self.descent
        many = len(descent.rates) > 1
        columns = [(name, r) for r in range(len(descent.rates)) for name in descent.start]
        headings: list[Phrase] = ["k"]
        for name, r in columns:
            mark = f"({r + 1})" if many else ""
            slope = "slope" if len(descent.start) == 1 else math(Partial("f", node(name)))
            headings += [math(node(name), mark), slope, "step"]
        rows: list[tuple[Phrase, ...]] = []
        for k in range(descent.iterations + 1):
            cells: list[Phrase] = [str(k)]
            for name, r in columns:
                place = descent.at(name, k).at((0, r))
                if k == descent.iterations:
                    cells += [math(Value.of(values, place)), "", ""]
                    continue
                slope_here = descent.at(descent.slope(name), k).at((0, r))
                step = op("sub", descent.at(name, k + 1).at((0, r)), place)
                cells += [math(Value.of(values, var)) for var in (place, slope_here)]
                cells += [math(Value(values.evaluate(step), source=step))]
            rows.append(tuple(cells))
        if len(rows) > LONGEST_TABLE:
            rows = [*rows[: LONGEST_TABLE - 3], ("…", *[""] * (len(headings) - 1)), *rows[-2:]]
        title = "The rates side by side" if many else "Step by step"
        return Table(tuple(headings), rows, (True,) * len(headings), title, group=3)

    def word(self, values: Values, r: int) -> str:
        """What becomes of the descent with a rate."""
        descent = self.descent
        found = slopes(descent)
        places = self.places(values, r)
        return verdict(
            [[evaluate(term, place.__getitem__, FLOAT) for term in found.values()] for place in places],
            [evaluate(descent.function, place.__getitem__, FLOAT) for place in places],
        )

    def places(self, values: Values, r: int) -> list[dict[Var, float]]:
        """Where the descent is with a rate, before each step and after the last."""
        descent = self.descent
        return [
            {node(name): float(decimal_of(values.of(descent.at(name, k).at((0, r))))) for name in descent.start}
            for k in range(descent.iterations + 1)
        ]
