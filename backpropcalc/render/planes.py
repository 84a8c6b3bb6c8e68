"""A plane of two inputs as SVG: what the network says all over it, the line between two classes, the samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backpropcalc.execution.plane import Plane

from .charts import framed, label, palette
from .plotter import short

SIDE, MARGIN = 320, 48
TONES = 10
"""Steps from one class to the other."""
INK = 0.45
"""How strong the colour of a class is at most: it lies on light and on dark paper."""


def boundary(plane: Plane, axes: Sequence[str]) -> str:
    """The drawing; ``axes`` are what the inputs are called."""
    count = len(plane.xs)
    step = SIDE // count
    side = step * count  # whole numbers: no line of paper is left between two rows

    def place(x: float, y: float) -> tuple[float, float]:
        (left, *_, right), (low, *_, high) = plane.xs, plane.ys
        return (
            MARGIN + step / 2 + (x - left) / (right - left) * (side - step),
            MARGIN / 2 + side - step / 2 - (y - low) / (high - low) * (side - step),
        )

    samples, colours = plane.samples, palette(len(plane.samples.names))
    dots = [
        f'<circle r="3" cx="{x:.1f}" cy="{y:.1f}" fill="{colour}" stroke="#fff" stroke-width=".6"/>'
        for (x, y), colour in zip(
            (place(*point) for point in plane.points), (colours[n] for n in samples.actual or ()), strict=True
        )
    ]
    ends = ((*place(*start), *place(*end)) for start, end in contour(plane))
    line = "".join(f"M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}" for x, y, u, v in ends)
    drawn = f'<path fill="none" stroke="#777" stroke-width="1.4" d="{line}"/>' if line else ""
    foot, edge = MARGIN / 2 + side + 16, MARGIN + side
    texts = [
        label(MARGIN, foot, short(plane.xs[0])),
        label(MARGIN + side / 2, foot, axes[0], "middle"),
        label(edge, foot, short(plane.xs[-1]), "end"),
        label(MARGIN - 6, MARGIN / 2 + side, short(plane.ys[0]), "end"),
        label(MARGIN - 6, MARGIN / 2 + side / 2, axes[1], "end"),
        label(MARGIN - 6, MARGIN / 2 + 8, short(plane.ys[-1]), "end"),
    ]
    parts = [*patches(plane, step), drawn, *dots, *texts]
    return framed(side + MARGIN + 8, side + MARGIN, "the classes over the two inputs", parts)


def patches(plane: Plane, step: int) -> Iterator[str]:
    """What is said alike in one colour: neighbours of a row together."""
    paths: dict[tuple[int, float], list[str]] = {}
    for r, row in enumerate(reversed(plane.heights)):
        tones = [tone(plane, height) for height in row]
        start = 0
        for c in range(1, len(row) + 1):
            if c == len(row) or tones[c] != tones[start]:
                wide = (c - start) * step
                corner = f"M{MARGIN + start * step} {MARGIN // 2 + r * step}"
                paths.setdefault(tones[start], []).append(f"{corner}h{wide}v{step}h-{wide}z")
                start = c
    colours = palette(max(2, len(plane.samples.names)))
    for (n, ink), path in paths.items():
        yield f'<path fill="{colours[n]}" fill-opacity="{ink:.2f}" shape-rendering="crispEdges" d="{"".join(path)}"/>'


def tone(plane: Plane, height: float) -> tuple[int, float]:
    """The class that a height speaks for, and how strongly."""
    if plane.several:
        return int(height), INK / 2
    share = min(1.0, max(0.0, (height - plane.low) / (plane.high - plane.low)))
    return int(share > 0.5), INK * round(abs(2 * share - 1) * TONES) / TONES


def contour(plane: Plane) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Straight pieces of the line where the height is that between two classes: in each square of the grid from one
    side that it crosses to another (marching squares, Lorensen and Cline 1987 in two dimensions)."""
    if plane.several:
        return
    xs, ys = plane.xs, plane.ys
    for r in range(len(ys) - 1):
        for c in range(len(xs) - 1):
            corners = [(r, c), (r, c + 1), (r + 1, c + 1), (r + 1, c)]
            crossed = []
            for (a, b), (d, e) in zip(corners, corners[1:] + corners[:1], strict=True):
                one, other = plane.heights[a][b] - plane.middle, plane.heights[d][e] - plane.middle
                if (one > 0) != (other > 0):
                    share = one / (one - other)
                    crossed.append((xs[b] + share * (xs[e] - xs[b]), ys[a] + share * (ys[d] - ys[a])))
            yield from zip(crossed[::2], crossed[1::2], strict=True)
