"""Curves in LaTeX's own ``picture`` environment, which needs no package: thick the first, thin the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from .charts import thinned
from .plotter import short

Curve = Sequence[tuple[float, float]]
THICK, THIN, HAIR = "0.9pt", "0.45pt", "0.2pt"


def drawing(curves: Sequence[Curve], width: float, height: float, labels: bool = False) -> str:
    """The curves of (x, y) and the axes where they cross 0, in millimetres; with ``labels`` the ends of the axes.

    Nothing if there is nothing to draw.
    """
    known = [[(x, y) for x, y in curve if math.isfinite(x) and math.isfinite(y)] for curve in curves]
    xs, ys = ([point[axis] for curve in known for point in curve] for axis in (0, 1))
    if len(set(xs)) < 2:
        return ""
    left, right, low, high = min(xs), max(xs), min(0.0, *ys), max(0.0, *ys)
    if low == high:
        high = low + 1

    def place(x: float, y: float) -> tuple[float, float]:
        return (x - left) / (right - left) * width, (y - low) / (high - low) * height

    floor, wall = place(left, 0.0)[1], place(min(max(0.0, left), right), low)[0]
    lines = [_line((0.0, floor), (width, floor)), _line((wall, 0.0), (wall, height))]
    drawn = [rf"\linethickness{{{HAIR}}}", *lines]
    for n, curve in enumerate(known):
        points = thinned([place(x, y) for x, y in curve], 0.05)
        drawn.append(rf"\linethickness{{{THIN if n else THICK}}}")
        drawn += [_line(a, b) for a, b in pairwise(points)]
    if labels:
        drawn += [
            rf"\put(0,{floor - 1:.1f}){{\makebox(0,0)[tl]{{\footnotesize \({short(left)}\)}}}}",
            rf"\put({width:.1f},{floor - 1:.1f}){{\makebox(0,0)[tr]{{\footnotesize \({short(right)}\)}}}}",
            rf"\put({wall + 1:.1f},{height:.1f}){{\makebox(0,0)[tl]{{\footnotesize \({short(high)}\)}}}}",
        ]
    body = "\n".join(drawn)
    return (
        f"{{\\setlength{{\\unitlength}}{{1mm}}\\begin{{picture}}({width:.0f},{height:.0f})\n{body}\n\\end{{picture}}}}"
    )


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    """A straight line of any slope, which ``\\line`` has not: a curve whose middle lies on it."""
    (a, b), (c, d) = start, end
    return rf"\qbezier({a:.2f},{b:.2f})({(a + c) / 2:.2f},{(b + d) / 2:.2f})({c:.2f},{d:.2f})"
