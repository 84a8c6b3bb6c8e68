"""Lines that come again with other numbers: their text is made once, and filled once per iteration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from backpropcalc.algebra.fragments import Fragment, Slot
from backpropcalc.algebra.terms import Var
from backpropcalc.execution.values import Values

from .script import Script

Part = str | tuple[Script, Slot]
"""Text, or a slot with the script that fills it."""


class Way(NamedTuple):
    """How a slot is filled: by one of two ways to write a number, by one of two signs, or by its script."""

    slot: Slot
    place: int
    """Where its quantity stands among the values."""
    guard: int
    numbers: tuple[Callable[[str, int], str], Callable[[str, int], str]] | None
    """Of decimals, and of fractions too."""
    signs: tuple[str, str] | None
    """≈ and =."""
    fill: Callable[[Slot, Values], Fragment]


class Filler:
    """Fills the slots of all that comes again, each once per iteration; all numbers are finite."""

    def __init__(self, script: Script) -> None:
        self.script = script
        """What shows the numbers: the scripts of a document show the same digits."""
        self.places: dict[tuple[Script, Slot], int] = {}
        self.vars: dict[Var, int] = {}
        self.ways: list[Way] = []
        self.takes: dict[type[Values], Callable[[Values], Sequence[Any]]] = {}
        """How the values are taken out of each kind of numbers: the first iterations may be worked in another way."""
        self.last: tuple[Values | None, list[Any]] = None, []

    def place(self, script: Script, slot: Slot) -> int:
        """Where in ``strings`` stands what fills a slot."""
        key = script, slot
        if key not in self.places:
            n = self.vars.setdefault(slot.var, len(self.vars))
            self.places[key] = len(self.ways)
            language = script.language
            numbers = (language.number, script.figure) if slot.shows == "number" else None
            signs = (language.about, language.equal) if slot.shows == "sign" else None
            self.ways.append(Way(slot, n, slot.guard, numbers, signs, script.fill))
            self.takes, self.last = {}, (None, [])
        return self.places[key]

    def strings(self, values: Values) -> list[Any]:
        """What stands in each slot."""
        if self.last[0] is not values:
            if type(values) not in self.takes:
                self.takes[type(values)] = values.taker(tuple(self.vars))
            found = self.takes[type(values)](values)[: len(self.vars)]
            shown = self.script.all_shown(self.vars, found, values)
            exact = self.script.all_exact(self.vars, found, shown, values)
            fractions = any("/" in text for text in shown)
            self.last = (
                values,
                [
                    # Numbers and signs are written most often, and so without a detour.
                    numbers[fractions](shown[n], guard) if numbers else signs[exact[n]] if signs else fill(slot, values)
                    for slot, n, guard, numbers, signs, fill in self.ways
                ],
            )
        return self.last[1]


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
