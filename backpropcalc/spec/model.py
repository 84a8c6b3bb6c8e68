"""What a spec of any kind has: how it is worked and written, how answers to it are marked, its place in the file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import ClassVar, NamedTuple, Self

from backpropcalc.algebra.arithmetic import Number
from backpropcalc.algebra.terms import Num, Var
from backpropcalc.errors import InputError, Place, Problem, fail

from .keys import EITHER, KINDS, Method, Style, keys_of, rows

CLEARED = (("decimals", "significant"), ("significant", "decimals"), ("iterations", "epochs"))
"""What a flag sets makes the other void that the file may have."""


class Precision(NamedTuple):
    """How finely answers are asked for: in decimals, in significant digits, or as the student likes."""

    decimals: int | None = None
    significant: int | None = None

    def half(self, value: Number) -> float:
        """Half a unit of the last place that is asked for in ``value``; infinite if nothing is."""
        if self.decimals is not None:
            return 0.5 * 10.0**-self.decimals
        if self.significant is None or value == 0:
            return math.inf
        return 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - self.significant + 1)


POINTS, ONLY = "points of ", "only "
"""Before a word of ``points:``, ``only:`` or ``ask:``, the key of its place in the file."""


class Grid(NamedTuple):
    """Where the numbers of a key are drawn from: multiples of ``step`` that are not 0, from ``low`` to ``high``.

    Without these each number is about as large as the one in the file. ``signs`` are ``kept`` as they are there,
    ``balanced`` (half of the numbers are negative, in another place each time) or ``free``.
    """

    step: Num
    low: Num | None = None
    high: Num | None = None
    signs: str = "kept"


class Exam(NamedTuple):
    """What an exam asks, in the words of the file, and which of its numbers vary; None: what suits."""

    ask: tuple[str, ...] = ()
    vary: Mapping[str, Grid] | None = None


ANY_EXAM = Exam()
"""An exam as it is unless a spec says otherwise."""


class Marking(NamedTuple):
    """How answers are marked.

    ``points`` and ``only``, the questions that count, go by phase or by the name or id of a quantity; ``credit``, from
    0 to 1, by verdict or note. ``total`` is what all points are scaled to. ``given_only``: what was not handed in does
    not count. ``deduct``: whether a misconception costs points ``every`` time or ``once``. Names are those of a network
    in the ``style`` of its file, however it is shown.
    """

    precision: Precision = Precision()
    accept: frozenset[str] = frozenset()
    points: Mapping[str, float] = MappingProxyType({})
    credit: Mapping[str, float] = MappingProxyType({})
    total: float | None = None
    only: frozenset[str] = frozenset()
    given_only: bool = False
    deduct: str = "every"
    style: Style | None = None


UNMARKED = Marking()
"""Marking as it is unless a spec says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What a spec of any kind has: how it is worked and written, which flags override, its text and place."""

    kind: ClassVar[str] = ""
    """Which of ``KINDS`` it is."""
    title: str
    method: Method = field(default_factory=Method)
    style: Style = field(default_factory=Style)
    iterations: int = 1
    marking: Marking = UNMARKED
    exam: Exam = ANY_EXAM
    file: str = ""
    source: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)

    def numbers(self) -> None:
        """Raises ``InputError`` if there are none to work with."""

    def override(self, **flags: object) -> Self:
        """The same spec with some keys set anew, as flags do; None leaves a key as it is.

        Raises ``InputError`` for a value that cannot be.
        """
        keys = keys_of(self.kind)
        given = {name: value for name, value in flags.items() if value is not None}
        for name in given:
            if name not in keys or not keys[name].commands:
                raise fail("usage", f"--{name.replace('_', '-')} has no meaning for {KINDS[self.kind]}")
        for one, other in EITHER:
            if one in given and other in given:
                raise fail("usage", f"give either {keys[one].flag} or {keys[other].flag}, not both")
        changes = {name: keys[name].flagged(value) for name, value in given.items()}
        changes |= {other: None for one, other in CLEARED if one in changes and other in keys}
        if changes.get("exact", self.method.exact) and changes.get("carry", self.method.carry) == "rounded":
            raise fail("usage", "exact values are not rounded", "leave out --exact, or `carry: rounded`")
        if "learning_rate" in changes:
            changes["learning_rates"] = changes["learning_rate"]
            changes["learning_rate"] = changes["learning_rate"][0]
        method, style = (
            {key.name: changes.pop(key.name) for key in rows(part) if key.name in changes} for part in (Method, Style)
        )
        return replace(self, **changes, method=replace(self.method, **method), style=replace(self.style, **style))

    def asking(self, derivatives: Iterable[Var]) -> Self:
        """The same spec, with these derivatives to be worked out as well."""
        return replace(self, method=replace(self.method, asked=tuple(derivatives)))

    def error(self, code: str, message: str, key: str = "", help: str = "") -> InputError:
        """An error that points at the value of ``key`` in the file."""
        return InputError([Problem(code, message, self.places.get(key), help)], self.file, self.source)
