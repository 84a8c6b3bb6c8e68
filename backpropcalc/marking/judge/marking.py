"""A sheet put beside the key: its marks and its score."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from backpropcalc.algebra.terms import Var
from backpropcalc.execution.trace import Trace
from backpropcalc.marking.read.sheet import Sheet

from .conventions import NEGATED, fitting, negated
from .key import Key
from .marks import Mark, Marked
from .worth import Score, credit


def mark(trace: Trace | Key, sheet: Sheet, accept: Collection[str] | None = None) -> Marked:
    """The marks of a sheet in the order of the steps; ``explain.explained`` adds why a mistake was made.

    A ``Key`` made once from the trace serves many sheets. ``accept`` stands instead of the spec's own.
    """
    key = trace if isinstance(trace, Key) else Key.of(trace)
    accepted = key.rules.accept if accept is None else accept
    marked = (negated(key, sheet) if NEGATED in accepted else None) or fitting(key, sheet)
    return replace(marked, marks=tuple(_counted(key, marked)))


def _counted(key: Key, marked: Marked) -> Iterator[Mark]:
    """The marks with their points and credit; those that are neither stated nor asked for are left out."""
    stated = {m.var for m in marked if m.verdict != "missing"}
    needless = _needless(key, stated)
    for m in marked:
        idle = m.var in needless or (key.rules.given_only and m.var not in stated)
        points = 0.0 if idle else key.points[m.var]
        if m.var in stated or points:
            yield replace(m, points=points, credit=credit(m, key.rules))


def _needless(key: Key, stated: Collection[Var]) -> set[Var]:
    """Of two quantities that say the same the one that does not count: the first, unless it alone is stated."""
    found = set()
    for of, repeat in key.repeated.items():
        counted, other = (of, repeat) if of in stated and repeat not in stated else (repeat, of)
        if key.points.get(counted):
            found.add(other)
    return found


def score(key: Key, marked: Marked) -> Score:
    """What was earned of what can be earned; of a key that counts only what is given, of the paper's own answers."""
    return Score.of(marked, sum(m.points for m in marked) if key.rules.given_only else key.possible)
