"""What a paper is worth: points by the spec alone, credit by the verdict, one score with one way to round it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from backpropcalc.algebra.terms import Var
from backpropcalc.errors import InputError, Problem
from backpropcalc.execution.trace import Trace
from backpropcalc.notation.names import Names
from backpropcalc.notation.own_names import notation_of
from backpropcalc.program.steps import PHASES
from backpropcalc.spec.model import ONLY, POINTS, Marking
from backpropcalc.spec.network import Network

from .marks import Mark

FULL_CREDIT = ("correct", "rounded", "follows")
PARTIAL_CREDIT = {"last-digit": 0.5, "truncated": 0.5, "fewer-digits": 0.5, "too-coarse": 0.0}
"""The part of its points that an answer with such a note earns, unless the spec says otherwise."""
FACTOR = "factor"
"""The phase of what may be stated although it is not asked: local slopes, and the gradients of one sample."""
AFTER = "after"
"""The phase that counts only if it is asked for."""


class Score(NamedTuple):
    """What was earned of what can be earned, both rounded to hundredths of a point."""

    earned: float
    possible: float

    @classmethod
    def of(cls, marks: Iterable[Mark], possible: float) -> Score:
        """The score of a paper on which ``possible`` points can be earned."""
        return cls(_half_up(sum(mark.earned for mark in marks), 2), _half_up(possible, 2))

    @property
    def percent(self) -> float:
        """In percent with one decimal, half up; 100 only if everything was earned. Of nothing it is all."""
        if self.earned >= self.possible:
            return 100.0
        return min(99.9, _half_up(100 * self.earned / self.possible, 1))

    @property
    def percentage(self) -> str:
        """The percentage in words: ``93.9 %``, ``100 %``."""
        return f"{amount(self.percent)} %"

    def __str__(self) -> str:
        return f"{amount(self.earned)} of {amount(self.possible)} ({self.percentage})"


def amount(points: float) -> str:
    """Points without needless zeros."""
    return f"{_half_up(points, 2):.2f}".rstrip("0").rstrip(".")


def _half_up(value: float, decimals: int) -> float:
    scale = 10.0**decimals
    return math.floor(value * scale + 0.5 + 1e-9) / scale


def rules(trace: Trace) -> Marking:
    """How the spec wants its answers marked, by the ids of the quantities that it names.

    Raises ``InputError`` where a word is neither a phase nor a name, or where two name the same.
    """
    spec, written = trace.spec, trace.spec.marking
    if not written.points and not written.only:
        return written
    if isinstance(spec, Network) and written.style is not None:
        spec = replace(spec, style=written.style)
    names = Names(notation_of(spec), trace.computed())
    problems: list[Problem] = []

    def ids(words: Iterable[str], before: str) -> Iterator[tuple[str, str]]:
        for word in words:
            try:
                yield word, word if word in PHASES else names.find(word).id
            except InputError as error:
                problems.extend(problem._replace(where=spec.places.get(before + word)) for problem in error.problems)

    worth: dict[str, float] = {}
    for word, key in ids(written.points, POINTS):
        if key in worth:
            place = spec.places.get(POINTS + word)
            problems.append(Problem("duplicate-key", f"the points of {key} are given twice", place, "keep one of them"))
        worth[key] = written.points[word]
    only = frozenset(key for _, key in ids(written.only, ONLY))
    if problems:
        raise InputError(problems, spec.file, spec.source)
    return written._replace(points=worth, only=only)


def points(
    phases: Mapping[Var, str], repeated: Mapping[Var, Var], rules: Marking, asked: Collection[Var] | None = None
) -> dict[Var, float]:
    """What each quantity is worth: as its own id says, else its phase, else 1; nothing if it is not asked for.

    Of two quantities that say the same each is worth as much as the other, and a paper is paid for one of them. With
    a total, the points of the whole spec are scaled to it, whatever part of them is asked for.
    """
    worth = {var: _points(var, phase, rules) for var, phase in phases.items()}
    for of, repeat in repeated.items():
        if of in worth and repeat in worth:
            worth[of] = worth[repeat] = max(worth[of], worth[repeat])
    whole = sum(worth[var] for var in worth if var not in repeated)
    scale = rules.total / whole if rules.total is not None and whole else 1.0
    return {var: scale * each if asked is None or var in asked else 0.0 for var, each in worth.items()}


def _points(var: Var, phase: str, rules: Marking) -> float:
    names = (var.id, phase)
    if phase == FACTOR:
        return 0.0
    if rules.only and rules.only.isdisjoint(names):
        return 0.0
    named = next((rules.points[name] for name in names if name in rules.points), None)
    if named is not None:
        return named
    return 0.0 if phase == AFTER and rules.only.isdisjoint(names) else 1.0


def credit(mark: Mark, rules: Marking) -> float:
    """The part of the points, from 0 to 1, that a mark earns."""
    if mark.verdict not in FULL_CREDIT or "trivial" in mark.notes:
        return 0.0
    earned = rules.credit.get("follows", 1.0) if mark.verdict == "follows" else 1.0
    parts = (rules.credit.get(note, part) for note, part in PARTIAL_CREDIT.items() if note in mark.notes)
    return min(earned, *parts, 1.0)
