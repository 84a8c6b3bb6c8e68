"""What a spec of any kind has: its style, how answers to it are marked, its place in the file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Self, cast

from backpropcalc.algebra.terms import Num
from backpropcalc.errors import InputError, Place, Problem, fail, one_of, printable

Matrix = tuple[tuple[Num, ...], ...]
NOTATIONS = ("mazur", "layered", "phi", "mlp", "letters")
CHOICES = {
    "notation": NOTATIONS,
    "carry": ("full", "rounded"),
    "chain": ("factors", "delta", "full"),
    "view": ("scalar", "matrix"),
    "update": ("simultaneous", "sequential"),
}
RANGES = {
    "decimals": (0, 15), "significant": (1, 15), "iterations": (1, 100_000_000), "epochs": (1, 100_000_000),
    "batch_size": (1, 1_000_000), "seed": (0, 2**63),
}  # fmt: skip
OVERRIDES = ("iterations", "epochs", "batch_size", "shuffle", "seed", "update")
"""What a flag can set beside the style."""
LETTERS = ("input", "weight", "bias", "sum", "activation", "target", "loss", "rate", "delta")


@dataclass(frozen=True)
class Method:
    """How the calculation is worked: with which numbers, and by which of the ways that lead to the same result."""

    carry: str = "full"
    exact: bool = False
    chain: str = "factors"


@dataclass(frozen=True)
class Style:
    """How the calculation looks: what its quantities are called, their digits, lines or matrices."""

    notation: str = "layered"
    index: str = "to_from"
    letters: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    decimals: int | None = 6
    significant: int | None = None
    view: str = "scalar"


METHOD = frozenset(field.name for field in fields(Method))


class Spec:
    """What a spec of any kind has: how it is worked and written, which flags override, its text and place."""

    kind: ClassVar[str] = ""
    """Which module of ``render`` makes pages of it."""
    title: str
    method: Method
    style: Style
    iterations: int
    file: str
    source: str
    places: Mapping[str, Place]

    def numbers(self) -> None:
        """Raises ``InputError`` if there are none to work with."""

    def override(self, **changes: Any) -> Self:
        """The same spec with some keys set anew, as flags do. Raises ``InputError`` for a value that cannot be."""
        for key, value in changes.items():
            choices = CHOICES.get(key)
            if choices and value not in choices:
                raise fail("usage", f"--{key} cannot be {printable(str(value))!r}", one_of(str(value), choices))
            low, high = RANGES.get(key, (0, 0))
            if high and not low <= value <= high:
                raise fail("usage", f"--{key} must be a whole number from {low} to {high}, not {value}")
        if "decimals" in changes and "significant" in changes:
            raise fail("usage", "give either --decimals or --significant, not both")
        if changes.get("exact", self.method.exact) and changes.get("carry", self.method.carry) == "rounded":
            raise fail("usage", "exact values are not rounded", "leave out --exact, or `carry: rounded`")
        for key, other in (("decimals", "significant"), ("significant", "decimals")):
            if changes.get(key) is not None:
                changes[other] = None
        own = {key: changes.pop(key) for key in tuple(changes) if key in OVERRIDES}
        worked = {key: changes.pop(key) for key in tuple(changes) if key in METHOD}
        if "iterations" in own and hasattr(self, "epochs"):
            own["epochs"] = None
        method, style = replace(self.method, **worked), replace(self.style, **changes)
        found: Self = replace(cast(Any, self), **own, method=method, style=style)
        return found

    def error(self, code: str, message: str, key: str = "", help: str = "") -> InputError:
        """An error that points at the value of ``key`` in the file."""
        return InputError([Problem(code, message, self.places.get(key), help)], self.file, self.source)


@dataclass(frozen=True)
class Precision:
    """How finely answers are asked for: in decimals, in significant digits, or as the student likes."""

    decimals: int | None = None
    significant: int | None = None

    def half(self, value: Any) -> float:
        """Half a unit of the last place that is asked for in ``value``; infinite if nothing is."""
        if self.decimals is not None:
            return 0.5 * 10.0**-self.decimals
        if self.significant is None or value == 0:
            return math.inf
        return 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - self.significant + 1)


POINTS, ONLY = "points of ", "only "
"""Before a word of ``points:`` or ``only:``, the key of its place in the file."""


@dataclass(frozen=True)
class Marking:
    """How answers are marked.

    ``points`` and ``only``, the questions that count, go by phase or by the name or id of a quantity; ``credit``, from
    0 to 1, by verdict or note. ``total`` is what all points are scaled to. ``given_only``: what was not handed in does
    not count. ``deduct``: whether a misconception costs points ``every`` time or ``once``.
    """

    precision: Precision = Precision()
    accept: frozenset[str] = frozenset()
    points: Mapping[str, float] = field(default_factory=dict)
    credit: Mapping[str, float] = field(default_factory=dict)
    total: float | None = None
    only: frozenset[str] = frozenset()
    given_only: bool = False
    deduct: str = "every"


UNMARKED = Marking()
"""Marking as it is unless a spec says otherwise."""
