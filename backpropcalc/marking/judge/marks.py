"""Marks as data: the verdict on each answer, why, and the student's own values behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

from backpropcalc.algebra.intervals import Interval
from backpropcalc.algebra.terms import Var
from backpropcalc.marking.read.sheet import Answer

from .rounding import WrittenPrecision

VERDICTS = ("correct", "rounded", "follows", "mistake", "missing", "unreadable")
WRONG = ("mistake", "unreadable", "missing")
"""The verdicts that cost points."""


@dataclass(frozen=True)
class Because:
    """A misconception that gives just the stated value: the rule's name and a sentence for the student.

    ``right`` is the line worked in full with the student's own earlier values; ``lines`` are all that the same
    misunderstanding explains, if there are several.
    """

    rule: str
    text: str
    right: str = ""
    lines: tuple[Var, ...] = ()


@dataclass(frozen=True)
class Mark:
    """The verdict on one quantity: one of ``VERDICTS``.

    ``expected`` is the true value, ``own`` what follows from the student's own earlier answers.
    """

    var: Var
    answer: Answer | None
    expected: float
    own: float
    verdict: str
    notes: tuple[str, ...] = ()
    because: tuple[Because, ...] = ()
    others: tuple[str, ...] = ()
    """Further rules that would give the stated value too, less likely than those that are named."""
    advice: str = ""
    """What the step should have used, where nothing explains the stated value."""
    points: float = 0.0
    """What it is worth."""
    credit: float = 0.0
    """The part of its points that is earned, from 0 to 1."""
    text: str = ""
    """What was written where it is not a number."""

    @property
    def earned(self) -> float:
        """The points earned."""
        return self.credit * self.points


@dataclass(frozen=True)
class StudentValues:
    """What a student goes on with after each step, in the key's conventions.

    ``points`` are the values and ``boxes`` where they may lie before they were rounded, of what is given too;
    ``stated`` the shown values and ``halves`` half a unit of their last places; ``own`` is what each step gives from
    the student's earlier values.
    """

    points: Mapping[Var, float]
    boxes: Mapping[Var, Interval]
    stated: Mapping[Var, float]
    halves: Mapping[Var, float]
    own: Mapping[Var, float]
    precision: WrittenPrecision


@dataclass(frozen=True)
class Marked(Sequence[Mark]):
    """The marks of a sheet in the order of the steps, and the values by which slips are looked for."""

    marks: tuple[Mark, ...]
    values: StudentValues
    convention: str = ""
    """The name of the convention by which they are marked, if it is not the key's own."""

    @overload
    def __getitem__(self, at: int) -> Mark: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Mark, ...]: ...

    def __getitem__(self, at: int | slice) -> Mark | tuple[Mark, ...]:
        return self.marks[at]

    def __len__(self) -> int:
        return len(self.marks)
