"""Lines of the entries of a tensor: laid out once for all of them, then filled a row or a column at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from backpropcalc.algebra.digits import shape
from backpropcalc.algebra.entries import COLUMN, ROW, letters, placed
from backpropcalc.algebra.fragments import Break, Filled, Fragment, Fragments, Group, Slot, merged, seamless, unbroken
from backpropcalc.algebra.terms import Index, Var, weight_id
from backpropcalc.execution.values import Arrays
from backpropcalc.pages.pieces import Document, Lines, Run
from backpropcalc.program.steps import Step

from .script import Row, Script
from .template import Part

MOST = 1_000_000
"""Texts that are kept for lines to come."""
MOST_TEMPLATES = 1000
"""Templates of lines of different widths that are kept of a step."""
LONG = 40
"""A line with more slots is laid out alone: no other is as wide in each of them."""


class Stretch(NamedTuple):
    """Entries whose index called ``letter`` goes from ``start`` up to ``stop``, while the other one is ``fixed``."""

    letter: int
    fixed: int
    start: int
    stop: int

    @property
    def entries(self) -> Iterator[Index]:
        """The entries one by one."""
        along = range(self.start, self.stop)
        return ((self.fixed, n) if self.letter == COLUMN else (n, self.fixed) for n in along)


def stretches(entries: Sequence[Index]) -> Iterator[Stretch]:
    """Entries in their order, divided into parts of rows and of columns."""
    start = 0
    while start < len(entries):
        row, column = entries[start]
        stop = start + 1
        along = stop < len(entries) and entries[stop] == (row, column + 1)
        while stop < len(entries) and entries[stop] == (
            (row, column + stop - start) if along else (row + stop - start, column)
        ):
            stop += 1
        if along:
            yield Stretch(COLUMN, row, column, column + stop - start)
        else:
            yield Stretch(ROW, column, row, row + stop - start)
        start = stop


class Place(NamedTuple):
    """A slot in a layout: the script that fills it, the letters in it, and what tells it from other slots."""

    number: int
    script: Script
    slot: Slot
    letters: frozenset[int]


class Columns:
    """What fills the slots of layouts: names and numbers along a row or a column, each made once."""

    def __init__(self, script: Script) -> None:
        self.script = script
        """What shows the numbers: the scripts of a document show the same digits."""
        self.values: Arrays | None = None
        self.places: dict[tuple[Script, Slot], Place] = {}
        self.made: dict[tuple[int, int, int], list[str]] = {}
        self.numbers: dict[Var, tuple[list[float], list[str], list[bool]]] = {}
        self.weights: dict[tuple[int, Callable[[str], str] | None], list[list[str]]] = {}
        self.held = 0

    def place(self, script: Script, slot: Slot) -> Place:
        """The place of a slot."""
        key = script, slot
        if key not in self.places:
            found = () if slot.shows == "iteration" else letters(slot.var)
            self.places[key] = Place(len(self.places), script, slot, frozenset(found))
        return self.places[key]

    def begin(self, values: Arrays) -> None:
        """Go on with these numbers, and keep not too many."""
        if values is not self.values or self.held > MOST:
            self.values, self.held = values, 0
            self.made.clear()
            self.numbers.clear()

    def of(self, place: Place, stretch: Stretch) -> str | list[str]:
        """What fills a slot in the lines of a stretch: a text for each, or one that is in all of them."""
        letter, fixed, start, stop = stretch
        if letter in place.letters:
            return self._along(place, letter, fixed if len(place.letters) > 1 else -1)[start:stop]
        for other in place.letters:
            return self._along(place, other, -1)[fixed]
        assert self.values is not None
        return str(place.script.fill(place.slot, self.values))

    def _along(self, place: Place, letter: int, fixed: int) -> list[str]:
        key = place.number, letter, fixed
        if key not in self.made:
            other = ROW + COLUMN - letter
            slot = place.slot if fixed < 0 else place.slot._replace(var=placed(place.slot.var, other, fixed))
            self.made[key] = self._texts(place.script, slot, letter)
            self.held += len(self.made[key])
        return self.made[key]

    def _texts(self, script: Script, slot: Slot, letter: int) -> list[str]:
        """What fills a slot in each place along its letter."""
        match slot.shows:
            case "number":
                write, guard = script.language.number, slot.guard
                values, shown, _ = self._numbers(slot.var, letter)
                return [
                    write(text, guard) if text else script.nonfinite(value, guard)
                    for value, text in zip(values, shown, strict=True)
                ]
            case "sign":
                about, equal = script.language.about, script.language.equal
                found, shown, exact = self._numbers(slot.var, letter)
                if not any(exact):
                    return [about] * len(found)
                whole = script.digits.all_exactly(found, shown)
                return [equal if a and b else about for a, b in zip(exact, whole, strict=True)]
            case "raw":
                return list(map(script.raw, self._numbers(slot.var, letter)[0]))
        if slot.var.role == "w" and slot.shows != "name":
            return self._of_weights(script, slot, letter)
        entries = (placed(slot.var, letter, n) for n in range(length(slot.var, letter)))
        return [script.namers[slot.shows](slot._replace(var=entry)) for entry in entries]

    def _of_weights(self, script: Script, slot: Slot, letter: int) -> list[str]:
        """Indices or ids along a row or a column of weights: of a large network most of all."""
        var = slot.var
        display = script.display
        key = var.layer, display.lower if slot.shows == "index" else None
        if key not in self.weights:
            rows, columns = var.shape
            self.weights[key] = (
                script.notation.indices(var, display)
                if slot.shows == "index"
                else [[weight_id(var.layer, r, c) for c in range(1, columns + 1)] for r in range(1, rows + 1)]
            )
        assert var.index is not None
        row, column = var.index
        table = self.weights[key]
        return [one[column] for one in table] if row == letter else table[row]

    def _numbers(self, var: Var, letter: int) -> tuple[list[float], list[str], list[bool]]:
        """Values along a letter, what is shown of each, nothing if it is not finite, and whether each is exact."""
        assert self.values is not None
        if var not in self.numbers:
            found, exact = self.values.line(var, letter)
            shown = self.script.digits.all_shown(found, exact)
            self.numbers[var] = found, shown, exact
            self.held += len(found)
        return self.numbers[var]


def length(var: Var, letter: int) -> int:
    """How many places there are along a letter in a quantity."""
    if var.index is not None and letter in var.index:
        return var.shape[var.index.index(letter)]
    return next(length(part, letter) for part in var.of if letter in letters(part))


class Layout:
    """The line of any entry of a step: text with slots."""

    def __init__(self, parts: Sequence[Part], columns: Columns) -> None:
        self.columns = columns
        self.parts = [part.replace("%", "%%") if isinstance(part, str) else columns.place(*part) for part in parts]

    def filled(self, stretch: Stretch) -> list[str]:
        """The lines of a stretch of entries."""
        texts: list[str] = []
        varying: list[list[str]] = []
        for part in self.parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            found = self.columns.of(part, stretch)
            if isinstance(found, str):
                texts.append(found.replace("%", "%%"))
            else:
                texts.append("%s")
                varying.append(found)
        text = "".join(texts)
        return list(map(text.__mod__, zip(*varying, strict=True))) if varying else [text % ()]


class Wrapped:
    """The lines of any entry of a step that are broken where they are wide: of equally wide ones in the same places."""

    def __init__(self, row: Row, columns: Columns, broken: Callable[[Row], Sequence[Fragment]]) -> None:
        name, formula, numbers = map(_inlined, (row.name, row.formula, row.numbers))
        self.row = row._replace(name=name, formula=formula, numbers=numbers)
        self.columns, self.broken = columns, broken
        self.slots = slots_of((*row.name, *row.formula, *row.numbers, row.relation, row.value))
        self.places = [columns.place(columns.script, slot) for slot in self.slots]
        self.templates: dict[tuple[str, ...], str] = {}

    def filled(self, stretch: Stretch) -> list[str]:
        """The lines of a stretch of entries."""
        found = [self.columns.of(place, stretch) for place in self.places]
        texts = list(_each(found, stretch))
        if len(found) > LONG:
            return [unbroken(self._broken(iter(one))) for one in texts]
        shapes = _each((shape(text) if isinstance(text, str) else list(map(shape, text)) for text in found), stretch)
        return [self._template(like, one) % one for like, one in zip(shapes, texts, strict=True)]

    def _template(self, shapes: tuple[str, ...], texts: tuple[str, ...]) -> str:
        """That of lines like the one with these ``texts``, which have these ``shapes``; all its slots are in it."""
        if shapes not in self.templates:
            if len(self.templates) > MOST_TEMPLATES:
                self.templates.clear()
            broken = self._broken(map(Filled, self.slots, texts))
            self.templates[shapes] = "".join(
                "%s" if isinstance(part, Filled) else unbroken((part,)).replace("%", "%%") for part in broken
            )
        return self.templates[shapes]

    def _broken(self, texts: Iterator[Fragment]) -> Sequence[Fragment]:
        """The line with these ``texts`` in its slots."""
        row = self.row
        name, formula, numbers = (_filled(side, texts) for side in (row.name, row.formula, row.numbers))
        relation, value = (_one_filled(part, texts) for part in (row.relation, row.value))
        return self.broken(Row(name, formula, numbers, relation, value))


def _each(texts: Iterable[str | list[str]], stretch: Stretch) -> Iterator[tuple[str, ...]]:
    """The texts of each line of a stretch, out of those that are in all lines and those that are of one each."""
    count = stretch.stop - stretch.start
    return zip(*(repeat(text, count) if isinstance(text, str) else text for text in texts), strict=True)


def slots_of(fragments: Iterable[Fragment]) -> list[Slot]:
    """The slots of a line in their order."""
    return [part for part in seamless(fragments) if isinstance(part, Slot)]


def _inlined(fragments: Fragments) -> Fragments:
    """The same without groups that hold no places to break, as those of names."""
    return merged(chain.from_iterable(map(_ungrouped, fragments)))


def _ungrouped(part: Fragment) -> Fragments:
    if not isinstance(part, Group):
        return (part,)
    inner = _inlined(part.parts)
    return (Group(inner),) if any(isinstance(each, Break | Group) for each in inner) else inner


def _filled(fragments: Fragments, texts: Iterator[Fragment]) -> Fragments:
    """The same with the next of ``texts`` in each slot."""
    return merged(_one_filled(part, texts) for part in fragments)


def _one_filled(part: Fragment, texts: Iterator[Fragment]) -> Fragment:
    if isinstance(part, Group):
        return Group(_filled(part.parts, texts))
    return next(texts) if isinstance(part, Slot) else part


def each(run: Run, columns: Columns, values: Arrays, write: Callable[[Step, Stretch], list[str]]) -> Iterator[str]:
    """The lines of a run; ``write`` writes those of a step and a stretch of entries."""
    for stretch in stretches(run.entries):
        columns.begin(values)
        yield from chain.from_iterable(zip(*(write(step, stretch) for step in run.steps), strict=True))


def alike(document: Document, lines: Lines) -> Arrays | None:
    """The numbers of the lines of a chunk if the entries of a tensor may have a common layout in it."""
    return lines.values if isinstance(lines.values, Arrays) and not (document.notation.own or lines.notes) else None
