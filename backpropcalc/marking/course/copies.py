"""Papers that share the same wrong numbers, more of them than chance brings: a hint for the teacher, never a verdict.

A wrong number speaks only if few have it. One that many papers share is a common misconception; the weight of one that
k of n papers share is ln(n / k), as in the inverse document frequency of information retrieval (Spärck Jones 1972).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from .grading import Grade

FEWEST = 3
"""So many wrong numbers must two papers share."""
WEIGHT = 5.0
"""And so much must these weigh: e^5, about 150 to 1, if wrong numbers came independently of each other."""


class Copy(NamedTuple):
    """Two students, and the quantities at which they have the same wrong numbers."""

    first: str
    second: str
    shared: tuple[str, ...]


def copies(grades: Sequence[Grade]) -> list[Copy]:
    """Pairs of papers that share wrong numbers beyond chance, the most alike first."""
    names = [grade.submission.student for grade in grades]
    return [Copy(names[one], names[other], shared) for one, other, shared in alike([grade.wrong for grade in grades])]


def alike(papers: Sequence[Mapping[str, str]]) -> list[tuple[int, int, tuple[str, ...]]]:
    """The same by the places of the papers; of each, what stands where a mistake was made.

    Only mistakes count, not what follows from them: one slip that two papers share is one shared number.
    """
    holders: dict[tuple[str, str], list[int]] = {}
    for n, wrong in enumerate(papers):
        for answer in wrong.items():
            holders.setdefault(answer, []).append(n)
    pairs: dict[tuple[int, int], list[tuple[str, float]]] = {}
    for (name, _), who in holders.items():
        # What more than a quarter of a class has wrong alike weighs little, and would make a pair of everybody.
        if 2 <= len(who) <= max(2, len(papers) // 4):
            weight = math.log(len(papers) / len(who))
            for pair in combinations(who, 2):
                pairs.setdefault(pair, []).append((name, weight))
    found = [
        (sum(weight for _, weight in shared), (*pair, tuple(name for name, _ in shared)))
        for pair, shared in pairs.items()
        if len(shared) >= FEWEST and sum(weight for _, weight in shared) >= WEIGHT
    ]
    return [pair for _, pair in sorted(found, key=lambda pair: (-pair[0], pair[1]))]
