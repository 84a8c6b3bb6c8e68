"""Curves as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

WIDTH, HEIGHT, MARGIN = 560, 260, 48
SMALL = (90, 42)
COLOURS = ("#0b62b5", "#c2410c", "#15803d", "#7c3aed", "#b45309", "#be185d", "#0e7490", "#4d7c0f")


def chart(curves: Sequence[Sequence[tuple[float, float]]], names: Sequence[str], across: str = "") -> str:
    """The curves of (x, y) with their axes and names; names are HTML. Nothing if there is nothing to draw."""
    known = [[(x, y) for x, y in curve if math.isfinite(x) and math.isfinite(y)] for curve in curves]
    xs, ys = ([point[axis] for curve in known for point in curve] for axis in (0, 1))
    if len(set(xs)) < 2:
        return ""
    left, right, low, high = min(xs), max(xs), min(ys), max(ys)
    if low == high:
        low, high = low - 1, high + 1

    def place(x: float, y: float) -> str:
        across_ = MARGIN + (x - left) / (right - left) * (WIDTH - 2 * MARGIN)
        down = HEIGHT - MARGIN / 2 - (y - low) / (high - low) * (HEIGHT - MARGIN)
        return f"{across_:.1f},{down:.1f}"

    lines = "".join(
        f'<polyline class="curve" stroke="{colour}" points="{" ".join(place(x, y) for x, y in curve)}"/>'
        for curve, colour in zip(known, _colours(len(known)), strict=True)
    )
    foot, edge = HEIGHT - MARGIN / 2, WIDTH - MARGIN
    zero = f'<path class="axis" d="M{place(left, 0)} L{place(right, 0)}"/>' if low < 0 < high else ""
    axes = f'<path class="axis" d="M{MARGIN},{MARGIN / 2} V{foot} H{edge}"/>{zero}'
    texts = [
        f'<text x="{MARGIN - 6}" y="{foot}" text-anchor="end">{low:.3g}</text>',
        f'<text x="{MARGIN - 6}" y="{MARGIN / 2 + 4}" text-anchor="end">{high:.3g}</text>',
        f'<text x="{MARGIN}" y="{HEIGHT - 6}">{left:.3g}</text>',
        f'<text x="{edge}" y="{HEIGHT - 6}" text-anchor="end">{right:.3g} {across}</text>',
    ]
    keys = "".join(
        f'<li style="color:{colour}">{name}</li>' for name, colour in zip(names, _colours(len(names)), strict=True)
    )
    key = (
        f'<ul style="list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:0 1.2rem">{keys}</ul>'
        if len(names) > 1
        else ""
    )
    frame = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" aria-label="curves">'
    inside = "".join((axes, lines, *texts))
    return f'<figure class="plot">{frame}{inside}</svg>{key}</figure>\n'


def small(curve: Sequence[tuple[float, float]]) -> str:
    """A curve and its axes alone, on one line, in the colours that they have here, whatever page they come into."""
    points = [(x, y) for x, y in curve if math.isfinite(y)]
    if len({x for x, _ in points}) < 2:
        return ""
    (left, _), (right, _) = points[0], points[-1]
    low, high = (end(0.0, *(y for _, y in points)) for end in (min, max))
    wide, tall = SMALL

    def drawn(places: Iterable[tuple[float, float]], look: str) -> str:
        scaled = [((x - left) / (right - left) * wide, (high - y) / ((high - low) or 1) * tall) for x, y in places]
        text = " ".join(f"{x:.0f},{y:.0f}" for x, y in thinned(scaled, 0.3))
        return f'<polyline fill="none" stroke="{look}" points="{text}"/>'

    axes = (drawn(ends, "#999") for ends in ([(left, 0.0), (right, 0.0)], [(0.0, low), (0.0, high)]))
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {wide + 2} {tall + 2}" width="{wide}">'
    return f"{frame}{''.join(axes)}{drawn(points, COLOURS[0])}</svg>"


def thinned(points: Sequence[tuple[float, float]], within: float) -> list[tuple[float, float]]:
    """The points without those that lie as near as ``within`` to a straight line between two that are kept."""
    kept = [points[0]]
    start = 0
    for n in range(2, len(points)):
        (a, b), (c, d) = points[start], points[n]
        share = ((x - a) / (c - a) if c != a else 0.0 for x, _ in points[start + 1 : n])
        gaps = (abs(b + (d - b) * s - y) for s, (_, y) in zip(share, points[start + 1 : n], strict=True))
        if max(gaps) > within:
            kept.append(points[n - 1])
            start = n - 1
    return [*kept, points[-1]]


def _colours(count: int) -> list[str]:
    return [COLOURS[n % len(COLOURS)] for n in range(count)]
