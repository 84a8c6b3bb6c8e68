"""An answer sheet, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from backpropcalc.algebra.terms import Var
from backpropcalc.errors import Place, Problem


class Entry(NamedTuple):
    """A name and what is stated for it, before either is understood; ``loose`` if it may well be mere prose."""

    name: str
    text: str
    place: Place | None = None
    loose: bool = False


class Unread(NamedTuple):
    """A line with a number in it that was taken for no answer, and what the number is set equal to."""

    text: str
    place: Place
    name: str = ""


@dataclass(frozen=True)
class Stated:
    """A number as a student wrote it: its text, its exact value, and half a unit of its last place (0 if exact)."""

    text: str
    value: Fraction
    half: Fraction


@dataclass(frozen=True)
class Answer:
    """What a student states for a quantity.

    Of a chain ``0.593269992 ≈ 0.5933`` the last form is ``shown`` and marked, the most precise one is ``carried``.
    ``working`` holds the sides of the equation before them, as written, in an answer file of plain working.
    """

    var: Var
    shown: Stated
    carried: Stated
    working: tuple[str, ...] = ()
    place: Place | None = None


REMARKS = frozenset({"unread", "corrected", "convention"})
"""The codes of problems that are none of the student's: the report says them, and they cost nothing."""


@dataclass(frozen=True)
class Sheet:
    """A student's answers by quantity, those that are no number by their text, and what else could not be used."""

    answers: Mapping[Var, Answer]
    unreadable: Mapping[Var, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
