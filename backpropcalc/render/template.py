"""Lines that come again with other numbers: their text is made once, and filled once per iteration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter

from backpropcalc.algebra.arithmetic import Number
from backpropcalc.algebra.fragments import Slot
from backpropcalc.algebra.terms import Var
from backpropcalc.execution.values import Values

from .script import Script

Part = str | tuple[Script, Slot]
"""Text, or a slot with the script that fills it."""


class Filler:
    """Fills the slots of all that comes again, each once per iteration; all numbers are finite."""

    def __init__(self, script: Script) -> None:
        self.script = script
        """What shows the numbers: the scripts of a document show the same digits."""
        self.places: dict[tuple[Script, Slot], int] = {}
        self.vars: dict[Var, int] = {}
        """Where each quantity stands among the values."""
        self.numbers: dict[Script, tuple[list[int], list[int], list[int]]] = {}
        """The places of the numbers, where each stands among the values, and its guard."""
        self.signs: dict[Script, list[tuple[int, int]]] = {}
        self.others: list[tuple[int, Script, Slot]] = []
        self.readers: dict[type[Values], Callable[[Values], tuple[Sequence[Number], Sequence[bool]]]] = {}
        """How the values are taken out of each kind of numbers: the first iterations may be worked in another way."""
        self.last: tuple[Values | None, dict[int, str]] = None, {}

    def place(self, script: Script, slot: Slot) -> int:
        """Where in ``strings`` stands what fills a slot."""
        key = script, slot
        if key not in self.places:
            place = self.places[key] = len(self.places)
            n = self.vars.setdefault(slot.var, len(self.vars))
            if slot.shows == "number":
                places, which, guards = self.numbers.setdefault(script, ([], [], []))
                places.append(place)
                which.append(n)
                guards.append(slot.guard)
            elif slot.shows == "sign":
                self.signs.setdefault(script, []).append((place, n))
            else:
                self.others.append((place, script, slot))
            self.readers, self.last = {}, (None, {})
        return self.places[key]

    def strings(self, values: Values) -> dict[int, str]:
        """What stands in each slot."""
        if self.last[0] is not values:
            self.last = values, self._filled(values)
        return self.last[1]

    def _filled(self, values: Values) -> dict[int, str]:
        if type(values) not in self.readers:
            self.readers[type(values)] = values.reader(tuple(self.vars))
        found, exact = self.readers[type(values)](values)
        own = self.script
        shown = own.all_shown(self.vars, found, exact, values)
        fractions = "/" in " ".join(shown)
        out = {place: str(script.fill(slot, values)) for place, script, slot in self.others}
        for script, (places, which, guards) in self.numbers.items():
            write = script.figure if fractions else script.language.number
            out.update(zip(places, map(write, map(shown.__getitem__, which), guards), strict=True))
        for script, signs in self.signs.items():
            about, equal = script.language.about, script.language.equal
            out |= {place: equal if exact[n] and own.whole(found[n], shown[n], values) else about for place, n in signs}
        return out


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
