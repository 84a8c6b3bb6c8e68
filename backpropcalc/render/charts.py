"""Curves as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from .plotter import short

WIDTH, HEIGHT, MARGIN = 560, 260, 48
SMALL = (90, 42)
BLOCKS, BLOCKS_ACROSS = "▁▂▃▄▅▆▇█", 12
COLOURS = ("#0b62b5", "#c2410c", "#15803d", "#7c3aed", "#b45309", "#be185d", "#0e7490", "#4d7c0f")


NAMESPACE = "http://www.w3.org/2000/svg"
DOTTED = 60
"""Places of a walk up to which each has a dot."""
Curve = Sequence[tuple[float, float]]


def chart(curves: Sequence[Curve], across: str = "", walks: int = 0) -> str:
    """The curves of (x, y) with their axes; the last ``walks`` of them with a dot at each place.

    Heights that span a hundredfold above 0 are logarithmic. Nothing if there is nothing to draw.
    """
    known = [[(x, y) for x, y in curve if math.isfinite(x) and math.isfinite(y)] for curve in curves]
    xs, ys = ([point[axis] for curve in known for point in curve] for axis in (0, 1))
    if len(set(xs)) < 2:
        return ""
    left, right, low, high = min(xs), max(xs), min(ys), max(ys)
    if low == high:
        low, high = low - 1, high + 1
    logarithmic = not walks and low > 0 and high / low >= 100

    def place(x: float, y: float) -> tuple[float, float]:
        share = math.log(y / low) / math.log(high / low) if logarithmic else (y - low) / (high - low)
        across_ = MARGIN + (x - left) / (right - left) * (WIDTH - 2 * MARGIN)
        return across_, HEIGHT - MARGIN / 2 - share * (HEIGHT - MARGIN)

    colours = palette(len(known))
    lines = [
        drawn(thinned([place(*point) for point in curve], 0.3), colour)
        for curve, colour in zip(known, colours, strict=True)
        if curve
    ]
    dots = [
        f'<circle r="3" fill="{colour}" cx="{x:.1f}" cy="{y:.1f}"/>'
        for curve, colour in zip(known[len(known) - walks :], colours[len(known) - walks :], strict=True)
        if len(curve) <= DOTTED
        for x, y in (place(*point) for point in curve)
    ]
    foot, edge = HEIGHT - MARGIN / 2, WIDTH - MARGIN
    zero = f"M{MARGIN},{place(left, 0)[1]:.1f} H{edge}" if low < 0 < high else ""
    axes = f'<path class="axis" fill="none" stroke="#999" d="M{MARGIN},{MARGIN / 2} V{foot} H{edge} {zero}"/>'
    texts = [
        label(MARGIN - 6, foot, short(low), "end"),
        label(MARGIN - 6, MARGIN / 2 + 4, short(high), "end"),
        label(MARGIN, MARGIN / 2 - 8, "logarithmic" if logarithmic else ""),
        label(MARGIN, HEIGHT - 6, short(left)),
        label(edge, HEIGHT - 6, f"{short(right)} {across}", "end"),
    ]
    return framed(WIDTH, HEIGHT, "curves", [axes, *lines, *dots, *texts])


def framed(width: float, height: float, about: str, parts: Iterable[str]) -> str:
    """Parts of a drawing as one within a page of HTML, whose style it does not need."""
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
    return f'<svg {size} role="img" aria-label="{escape(about)}">{"".join(parts)}</svg>'


def alone(drawing: str) -> str:
    """A drawing that stands in no page of HTML."""
    return drawing.replace("<svg", f'<svg xmlns="{NAMESPACE}"', 1)


def label(x: float, y: float, text: str, anchor: str = "start") -> str:
    """A text in a drawing; nothing of an empty one."""
    look = f'font-family="sans-serif" font-size="11" fill="#666" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>' if text else ""


def drawn(places: Iterable[tuple[float, float]], colour: str) -> str:
    """A line through places of a drawing."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline class="curve" fill="none" stroke="{colour}" stroke-width="1.6" points="{points}"/>'


def small(curve: Sequence[tuple[float, float]], said: str = "") -> str:
    """A curve and its axes alone, on one line, in the colours that they have here, whatever page they come into.

    What is ``said`` of it is seen where a drawing is taken out and its text left, as GitHub does.
    """
    points = [(x, y) for x, y in curve if math.isfinite(y)]
    if len({x for x, _ in points}) < 2:
        return ""
    (left, _), (right, _) = points[0], points[-1]
    low, high = (end(0.0, *(y for _, y in points)) for end in (min, max))
    wide, tall = SMALL

    def line(places: Iterable[tuple[float, float]], look: str) -> str:
        scaled = [((x - left) / (right - left) * wide, (high - y) / ((high - low) or 1) * tall) for x, y in places]
        text = " ".join(f"{x:.0f},{y:.0f}" for x, y in thinned(scaled, 0.3))
        return f'<polyline fill="none" stroke="{look}" points="{text}"/>'

    axes = (line(ends, "#999") for ends in ([(left, 0.0), (right, 0.0)], [(0.0, low), (0.0, high)]))
    frame = f'<svg xmlns="{NAMESPACE}" viewBox="-1 -1 {wide + 2} {tall + 2}" width="{wide}">'
    words = f"<desc>{escape(said)}</desc>" if said else ""
    return f"{frame}{words}{''.join(axes)}{line(points, COLOURS[0])}</svg>"


def in_characters(curve: Sequence[tuple[float, float]]) -> str:
    """A curve as blocks of characters, each as high as it is there: ``▁▁▂▄▆▇██``."""
    points = [(x, y) for x, y in curve if math.isfinite(y)]
    heights = [points[n * (len(points) - 1) // (BLOCKS_ACROSS - 1)][1] for n in range(BLOCKS_ACROSS)] if points else []
    low, high = min(heights, default=0.0), max(heights, default=0.0)
    if low == high:
        return ""
    return "".join(BLOCKS[round((y - low) / (high - low) * (len(BLOCKS) - 1))] for y in heights)


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


def palette(count: int) -> list[str]:
    """A colour for each of so many curves or classes."""
    return [COLOURS[n % len(COLOURS)] for n in range(count)]
