"""A curve in plain characters, for any terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

MARKS = "*o+x#@%&"
Curve = Sequence[tuple[float, float]]


def curve(curves: Sequence[Curve], width: int, height: int = 12, across: str = "iteration") -> list[str]:
    """The lines of a picture of one or several curves of (x, y); y is logarithmic where it spans a hundredfold."""
    ys = [y for points in curves for _, y in points if math.isfinite(y)]
    xs = [x for points in curves for x, _ in points]
    if len(set(xs)) < 2 or not ys:
        return []
    low, high = min(ys), max(ys)
    logarithmic = low > 0 and high / low >= 100
    if low == high:
        low, high = low - 0.5 * (abs(low) or 1), high + 0.5 * (abs(high) or 1)

    def level(y: float) -> float:
        if logarithmic:
            return math.log(y / low) / math.log(high / low)
        return (y - low) / (high - low)

    labels = {0: _short(high), height - 1: _short(low)}
    labels[(height - 1) // 2] = _short(math.sqrt(low) * math.sqrt(high) if logarithmic else (low + high) / 2)
    margin = max(map(len, labels.values())) + 1
    width = max(20, width - margin - 2)
    grid = [[" "] * width for _ in range(height)]
    left, right = min(xs), max(xs)
    for mark, points in zip(MARKS, curves, strict=False):
        for column, y in _columns(points, left, right, width):
            grid[height - 1 - round(level(y) * (height - 1))][column] = mark
    lines = [f"{labels.get(n, ''):>{margin}} |{''.join(row).rstrip()}" for n, row in enumerate(grid)]
    start, end = f"{left:,.0f}", f"{right:,.0f} {across}" + (" (loss: logarithmic)" if logarithmic else "")
    end = end if len(end) < width - len(start) else f"{right:,.0f}"
    foot = " " * (margin + 2) + start + end.rjust(width - len(start))
    return [*lines, " " * margin + " +" + "-" * width, foot]


def _columns(points: Curve, left: float, right: float, width: int) -> list[tuple[int, float]]:
    """The height of the curve in each column, straight between the points."""
    found = []
    known = [(x, y) for x, y in points if math.isfinite(y)]
    n = 0
    for column in range(width):
        x = left + (right - left) * column / (width - 1)
        while n + 1 < len(known) and known[n + 1][0] <= x:
            n += 1
        if not known or x < known[0][0] or (n + 1 == len(known) and x > known[n][0]):
            continue
        (x0, y0), (x1, y1) = known[n], known[min(n + 1, len(known) - 1)]
        found.append((column, y0 if x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)))
    return found


def _short(value: float) -> str:
    return f"{value:.3g}"
