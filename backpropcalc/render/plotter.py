"""Curves in plain characters, for any terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

MARKS = "●·+x#@%&"
HEIGHT, WIDTH = 13, 61
Curve = Sequence[tuple[float, float]]


def drawn(curves: Sequence[Curve], names: Sequence[str], width: int, across: str = "") -> list[str]:
    """The lines of a picture of one or several curves of (x, y), with what each mark means if there are several.

    The axes cross at 0 where it lies among the places; y is logarithmic where it spans a hundredfold above 0.
    """
    ys = [y for points in curves for _, y in points if math.isfinite(y)]
    xs = [x for points in curves for x, _ in points]
    if len(set(xs)) < 2 or not ys:
        return []
    low, high = min(ys), max(ys)
    logarithmic = bool(across) and low > 0 and high / low >= 100
    if low <= 0 <= high or not across:
        low, high = min(0.0, low), max(0.0, high)
    if low == high:
        low, high = low - 0.5 * (abs(low) or 1), high + 0.5 * (abs(high) or 1)

    def level(y: float) -> int:
        share = math.log(y / low) / math.log(high / low) if logarithmic else (y - low) / (high - low)
        return HEIGHT - 1 - round(share * (HEIGHT - 1))

    labels = {0: short(high), HEIGHT - 1: short(low)}
    if low <= 0 <= high:
        floor = level(0.0)
        labels[floor] = "0"
    else:
        floor = HEIGHT - 1
        labels[(HEIGHT - 1) // 2] = short(math.sqrt(low) * math.sqrt(high) if logarithmic else (low + high) / 2)
    margin = max(6, *(len(label) + 1 for label in labels.values()))
    grid = _grid(curves, (min(xs), max(xs)), max(20, min(width - margin - 1, WIDTH)), level, floor)
    lines = [f"{labels.get(n, ''):>{margin}} {''.join(row).rstrip()}" for n, row in enumerate(grid)]
    foot = " " * (margin + 1) + _foot(min(xs), max(xs), len(grid[0]), across + " (logarithmic)" * logarithmic)
    key = "   ".join(f"{mark} {name}" for mark, name in zip(MARKS, names, strict=False))
    return [*lines, foot, *([" " * (margin + 1) + key] if len(names) > 1 else [])]


def _grid(
    curves: Sequence[Curve], ends: tuple[float, float], width: int, level: Callable[[float], int], floor: int
) -> list[list[str]]:
    """The axes, and the mark of each curve in every column; the first curve lies above the others."""
    grid = [[" "] * width for _ in range(HEIGHT)]
    wall = _column(0.0, ends, width) if ends[0] <= 0 <= ends[1] else 0
    grid[floor] = ["─"] * width
    for line in grid:
        line[wall] = "│"
    grid[floor][wall] = "┼"
    for mark, points in reversed([*zip(MARKS, curves, strict=False)]):
        for column, y in _heights(points, ends, width):
            grid[level(y)][column] = mark
    return grid


def _column(x: float, ends: tuple[float, float], width: int) -> int:
    return round((x - ends[0]) / (ends[1] - ends[0]) * (width - 1))


def _heights(points: Curve, ends: tuple[float, float], width: int) -> list[tuple[int, float]]:
    """The height of the curve in each column, straight between the points."""
    found = []
    known = [(x, y) for x, y in points if math.isfinite(y)]
    n = 0
    for column in range(width):
        x = ends[0] + (ends[1] - ends[0]) * column / (width - 1)
        while n + 1 < len(known) and known[n + 1][0] <= x:
            n += 1
        if not known or x < known[0][0] or (n + 1 == len(known) and x > known[n][0]):
            continue
        (x0, y0), (x1, y1) = known[n], known[min(n + 1, len(known) - 1)]
        found.append((column, y0 if x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)))
    return found


def _foot(left: float, right: float, width: int, across: str) -> str:
    """What stands under the ends of the horizontal axis, and under 0 where it lies between."""
    start, end = short(left), f"{short(right)} {across}".rstrip()
    end = end if len(start) + len(end) + 2 < width else short(right)
    line = start.ljust(width - len(end)) + end
    at = _column(0.0, (left, right), width)
    if left < 0 < right and not line[at - 1 : at + 2].strip():
        line = line[:at] + "0" + line[at + 1 :]
    return line


def short(value: float) -> str:
    """A number at an axis."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.3g}"
