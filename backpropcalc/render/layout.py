"""Where the parts of a picture stand, in points of a page, whatever language it is drawn in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from backpropcalc.pages.pieces import Link, Picture

LINE, CHARACTER, PADDING = 15.0, 6.9, 18.0
"""Height of a line, width of a character, and room beside a text."""
APART, LABEL, EDGE = 14.0, 13.0, 4.0
"""Room between units, between the labels of edges, and around it all."""
SHORTEST, MOST = 90.0, 9
"""An edge is at least so long, and not longer for more than so many that leave one unit."""
Point = tuple[float, float]


class Box(NamedTuple):
    """A unit: its middle, width and height."""

    x: float
    y: float
    width: float
    height: float


class Line(NamedTuple):
    """An edge: its points from start to end, and the place of its label."""

    points: tuple[Point, ...]
    label: Point


class Layout:
    """A picture laid out whose units hold so many characters on so many lines, and its longest label so many.

    ``boxes`` and ``edges`` are in the order of the units and links; ``width`` and ``height`` are those of it all.
    """

    def __init__(self, picture: Picture, texts: Sequence[tuple[int, int]], label: int) -> None:
        units, fans = picture.units, [0] * len(picture.units)
        for link in picture.links:
            fans[link.start] += 1
        self.sizes = [(CHARACTER * wide + PADDING, LINE * rows + 10) for wide, rows in texts]
        self.tallest = max((height for _, height in self.sizes), default=0.0)
        self.step = max(self.tallest + APART, LABEL * (max(fans, default=0) + 1))
        columns: list[list[int]] = [[] for _ in range(1 + max((int(unit.at[0]) for unit in units), default=0))]
        for n, unit in enumerate(units):
            columns[int(unit.at[0])].append(n)
        self.spans: list[tuple[float, float]] = []
        """Where each column begins and ends."""
        left = EDGE
        for members in columns:
            right = left + max((self.sizes[n][0] for n in members), default=0)
            self.spans.append((left, right))
            fan = max((fans[n] for n in members), default=0)
            left = right + max(SHORTEST, (CHARACTER * label / 2 + 14) * min(fan + 1, MOST) if label else 0)
        rows = [unit.at[1] for unit in units] + [at[1] for link in picture.links for at in link.through]
        self.top = min(rows, default=0.0)
        self.boxes = [
            Box(sum(self.spans[int(unit.at[0])]) / 2, self.down(unit.at[1]), *size)
            for unit, size in zip(units, self.sizes, strict=True)
        ]
        self.edges = [self.edge(link, fans[link.start]) for link in picture.links]
        self.width = self.spans[-1][1] + EDGE
        self.height = self.down(max(rows, default=0.0)) + self.tallest / 2 + EDGE

    def down(self, row: float) -> float:
        """How far down a row lies."""
        return EDGE + self.tallest / 2 + (row - self.top) * self.step

    def edge(self, link: Link, fan: int) -> Line:
        """An edge, level from a unit to the end of its column and through each place that it passes.

        The label of each of n edges that leave a unit stands after 1/(n + 1) of the way: with all units of a column a
        row apart, no two labels of a column are level.
        """
        start, end = self.boxes[link.start], self.boxes[link.end]
        points = [(start.x + start.width / 2, start.y), (self._span(start)[1], start.y)]
        for column, row in link.through:
            points += [(x, self.down(row)) for x in self.spans[int(column)]]
        points += [(self._span(end)[0], end.y), (end.x - end.width / 2, end.y)]
        (x, y), (across, down) = points[1:3]
        part = 1 / (fan + 1)
        label = x + part * (across - x), y + part * (down - y)
        return Line(tuple(dict.fromkeys(points)), label)

    def _span(self, box: Box) -> tuple[float, float]:
        return next(span for span in self.spans if span[0] <= box.x <= span[1])
