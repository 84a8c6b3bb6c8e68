"""Lines that come again with other numbers: their text is made once, and filled once per iteration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from backpropcalc.algebra.fragments import Slot
from backpropcalc.algebra.terms import Var
from backpropcalc.execution.values import Values

from .script import Script

Part = str | tuple[Script, Slot]
"""Text, or a slot with the script that fills it."""


class Filler:
    """Fills the slots of all that comes again, each once per iteration; all numbers are finite."""

    def __init__(self) -> None:
        self.places: dict[tuple[Script, Slot], int] = {}
        self.vars: dict[Var, int] = {}
        self.ways: list[tuple[Callable[[str, int], str] | None, Way, Any, int]] = []
        self.take: Callable[[Values], Sequence[Any]] | None = None
        self.last: tuple[Values | None, list[str]] = None, []

    def place(self, script: Script, slot: Slot) -> int:
        """Where in ``strings`` stands what fills a slot."""
        key = script, slot
        if key not in self.places:
            n = self.vars.setdefault(slot.var, len(self.vars))
            self.places[key] = len(self.ways)
            number = script.figure if slot.shows == "number" else None
            self.ways.append((number, *_WAYS[slot.shows](script, slot), n))
            self.take, self.last = None, (None, [])
            self.shown = script.shown
            self.digits = None if script.as_given else script.digits.shown
        return self.places[key]

    def strings(self, values: Values) -> list[str]:
        """What stands in each slot."""
        if self.last[0] is not values:
            if self.take is None:
                self.take = values.taker(tuple(self.vars))
            found = self.take(values)
            shown = list(map(self.digits, found) if self.digits else map(self.shown, self.vars, found))
            self.last = (
                values,
                [
                    # A number is written most often, and so without a detour.
                    number(shown[n], given) if number else write(found[n], shown[n], given, values)
                    for number, write, given, n in self.ways
                ],
            )
        return self.last[1]


Way = Callable[[Any, str, Any, Values], str]
"""Writes something of a value: from it, its digits, what else is given, and all the numbers."""


def _number(script: Script, slot: Slot) -> tuple[Way, Any]:
    number = script.figure
    return lambda value, shown, guard, values: number(shown, guard), slot.guard


def _sign(script: Script, slot: Slot) -> tuple[Way, Any]:
    return lambda value, shown, var, values: script.sign(var, value, shown, values), slot.var


def _raw(script: Script, slot: Slot) -> tuple[Way, Any]:
    return lambda value, shown, var, values: script.raw(value), slot.var


def _iteration(script: Script, slot: Slot) -> tuple[Way, Any]:
    return lambda value, shown, var, values: str(values.iteration), slot.var


_WAYS: dict[str, Callable[[Script, Slot], tuple[Way, Any]]] = {
    "number": _number,
    "sign": _sign,
    "raw": _raw,
    "iteration": _iteration,
}


class Template:
    """A text with slots."""

    def __init__(self, parts: Sequence[Part], filler: Filler) -> None:
        self.filler = filler
        places = [filler.place(*part) for part in parts if not isinstance(part, str)]
        self.text = "".join(part.replace("%", "%%") if isinstance(part, str) else "%s" for part in parts) + "%.0s%.0s"
        self.pick = itemgetter(*places, *places[:1], *places[:1]) if places else lambda strings: ("", "")

    def filled(self, values: Values) -> str:
        """The text with the numbers of an iteration."""
        return self.text % self.pick(self.filler.strings(values))
