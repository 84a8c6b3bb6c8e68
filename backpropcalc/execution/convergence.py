"""How a gradient descent went: whether it converges, swings, overshoots or crawls."""

from __future__ import annotations

import math
from itertools import pairwise

WORDS = {
    "converges": "each step comes closer to where the slope is 0",
    "swings": "it jumps over the minimum and back again",
    "overshoots": "each step jumps farther over the minimum than it came: it diverges",
    "crawls": "the steps go the right way, but are so small that it hardly moves",
    "descends": "f falls, but its slope does not get smaller: no minimum in sight",
    "leaves": "a step has come to where the function has no value",
    "stays": "the slope is 0 at the start: it does not move",
}
"""What may become of a descent, and what that means."""
SLOW = 0.95
"""A descent crawls if a step leaves more than this part of the slope, and all of them more than half."""


def verdict(slopes: list[list[float]], values: list[float]) -> str:
    """One of ``WORDS`` for a descent, by the slopes (a list for each variable) and the value of f at each place.

    Slopes, not places, tell how near a minimum is: they grow where a descent overshoots and hardly change where it
    crawls.
    """
    sizes = [math.hypot(*slope) for slope in slopes]
    if sizes[0] == 0:
        return "stays"
    for found in zip(sizes, values, strict=True):
        if not all(map(math.isfinite, found)):
            return "overshoots" if any(map(math.isinf, found)) else "leaves"
    if values[-1] == max(values) > values[0] and sizes[-1] == max(sizes):
        return "overshoots"
    if any(a * b < 0 for before, after in pairwise(slopes) for a, b in zip(before, after, strict=True)):
        return "swings"
    left = sizes[-1] / sizes[0]
    if left >= 1:
        return "descends"
    return "crawls" if left > 0.5 and left ** (1 / (len(sizes) - 1)) > SLOW else "converges"
