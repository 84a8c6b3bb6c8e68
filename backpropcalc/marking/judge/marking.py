"""A sheet put beside the key: its marks and its score."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from backpropcalc.algebra.terms import Var
from backpropcalc.execution.trace import Trace
from backpropcalc.marking.read.sheet import Sheet

from .conventions import NEGATED, negated
from .key import Key
from .marker import Marker
from .marks import Mark, Marked


def mark(trace: Trace | Key, sheet: Sheet, accept: Collection[str] | None = None) -> Marked:
    """The marks of a sheet in the order of the steps; ``explain.explained`` adds why a mistake was made.

    A ``Key`` made once from the trace serves many sheets. ``accept`` stands instead of the spec's own.
    """
    key = trace if isinstance(trace, Key) else Key.of(trace)
    accepted = key.rules.accept if accept is None else accept
    marked = (negated(key, sheet) if NEGATED in accepted else None) or Marker(key, sheet).marked()
    return replace(marked, marks=tuple(replace(m, credit=key.credit(m)) for m in _asked(key, marked)))


def _asked(key: Key, marks: Iterable[Mark]) -> list[Mark]:
    """The marks without those of quantities that need not be stated, because another that repeats them is."""
    marks = list(marks)
    stated = {m.var for m in marks if m.verdict != "missing"}
    needless = {repeat if of in stated else of for of, repeat in key.repeated.items()} - stated
    return [m for m in marks if m.var not in needless]


def score(marks: Iterable[Mark], points: Mapping[Var, float] | None = None) -> tuple[float, float]:
    """What was earned and what was possible; without ``points``, each quantity is worth 1."""
    worth = [(m, 1.0 if points is None else points.get(m.var, 1.0)) for m in marks]
    return sum(m.credit * p for m, p in worth), sum(p for _, p in worth)
