"""Lines that come again with other numbers: their text is made once, and filled once per iteration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from backpropcalc.algebra.fragments import Slot
from backpropcalc.algebra.terms import Var
from backpropcalc.execution.trace import Values

from .script import Script

Part = str | tuple[Script, Slot]
"""Text, or a slot with the script that fills it."""


class Filler:
    """Fills slots with the numbers of one iteration after the other; all numbers are finite."""

    def __init__(self, slots: Iterable[tuple[Script, Slot]]) -> None:
        self.slots = tuple(dict.fromkeys(slots))
        self.vars: tuple[Var, ...] = tuple(dict.fromkeys(slot.var for _, slot in self.slots))
        place = {var: n for n, var in enumerate(self.vars)}
        self.ways = [(*_WAYS[slot.shows](script, slot), place[slot.var]) for script, slot in self.slots]
        self.shown = self.slots[0][0].shown if self.slots else None
        self.take: Callable[[Values], Sequence[Any]] | None = None

    def strings(self, values: Values) -> list[str]:
        """What stands in each slot."""
        if self.shown is None:
            return []
        if self.take is None:
            self.take = values.taker(self.vars)
        found = self.take(values)
        shown = list(map(self.shown, self.vars, found))
        return [write(found[n], shown[n], given, values) for write, given, n in self.ways]


Way = Callable[[Any, str, Any, Values], str]
"""Writes something of a value: from it, its digits, what else is given, and all the numbers."""


def _number(script: Script, slot: Slot) -> tuple[Way, Any]:
    number = script.language.number
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

    def __init__(self, parts: Sequence[Part]) -> None:
        slots = [part for part in parts if not isinstance(part, str)]
        self.filler = Filler(slots)
        place = {slot: n for n, slot in enumerate(self.filler.slots)}
        self.text = "".join(part.replace("%", "%%") if isinstance(part, str) else "%s" for part in parts) + "%.0s%.0s"
        self.pick = itemgetter(*(place[slot] for slot in slots), 0, 0) if slots else lambda strings: ("", "")

    def filled(self, values: Values) -> str:
        """The text with the numbers of an iteration."""
        return self.text % self.pick(self.filler.strings(values))
