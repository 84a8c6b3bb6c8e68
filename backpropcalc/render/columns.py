"""Lines of the calculation in three columns of a terminal: name, working, value."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from rich.cells import cell_len

from backpropcalc.algebra.fragments import (
    BEFORE_FACTOR,
    ENCLOSED,
    ENCLOSED_FACTOR,
    INNER,
    OUTERMOST,
    Break,
    Fragment,
    Fragments,
    Group,
    Slot,
    lstripped,
    merged,
    seamless,
    split,
)

from .script import Row

LEAST = 4
"""How far to the right a line of working begins at least."""
Span = tuple[Fragments, str]
"""A part of a line and its style."""


class Placed(NamedTuple):
    """A line whose value stands in a column: how many blanks are before it is known once the numbers are."""

    left: tuple[Span, ...]
    column: int
    value: tuple[Span, ...]


class OpenSpan(NamedTuple):
    """A part of a line with slots: its text with ``%s`` for each, where their strings stand, and its width without."""

    text: str
    places: tuple[int, ...]
    width: int

    @classmethod
    def of(cls, spans: tuple[Span, ...], styled: Callable[[str, str], str], place: Callable[[Slot], int]) -> OpenSpan:
        """Several spans in one."""
        parts = [part for span, _ in spans for part in span]
        texts = (
            styled("".join("%s" if isinstance(p, Slot) else str(p).replace("%", "%%") for p in span), style)
            for span, style in spans
        )
        width = sum(cell_len(part) for part in parts if isinstance(part, str))
        return cls("".join(texts), tuple(place(part) for part in parts if isinstance(part, Slot)), width)

    def filled(self, strings: dict[int, str]) -> tuple[str, int]:
        """The text with its slots filled, and how wide it is."""
        found = tuple([strings[n] for n in self.places])
        return self.text % found, self.width + sum(map(len, found))


class OpenLine(NamedTuple):
    """A line with slots whose value stands in a column."""

    left: OpenSpan
    column: int
    value: OpenSpan
    room: int

    def filled(self, strings: dict[int, str]) -> str:
        """The finished line: its value in its column, further left if it is wide, or below if there is no room."""
        left, filled = self.left.filled(strings)
        if not self.value.text:
            return left + "\n"
        value, wide = self.value.filled(strings)
        column = min(self.column + indent(strings[self.value.places[-1]]), self.room - wide)
        return beside(left, filled, value, column)


def beside(left: str, filled: int, value: str, column: int) -> str:
    """A line with its value in a column; for that it starts further left if it has to, or the value stands below."""
    over = filled + 1 - column
    blank = len(left) - len(left.lstrip(" "))
    if 0 < over < blank:
        left, over = left[over:], 0
    return left + " " * (1 - over) + value + "\n" if over <= 0 else f"{left}\n{' ' * column}{value}\n"


def indent(value: str) -> int:
    """How far to the right of a negative value one stands that has no sign, so that the points line up."""
    return max(0, len("−0") - len(value.partition(".")[0]))


Line = str | Placed
"""A finished line with its end, or one whose value is still to be placed."""


def text_of(fragments: Fragments) -> str:
    """The text of a finished span."""
    return "".join(map(str, fragments))


class Columns(NamedTuple):
    """Sets rows in columns that are ``width`` wide together; a number takes ``digits`` behind the point."""

    width: int
    digits: int
    clean: Callable[[str], str]
    styled: Callable[[str, str], str]

    def lines(self, rows: list[Row], abridged: bool, room: int = 0) -> Iterator[Line]:
        """The rows, each in as many lines as it needs; the middle of a long one is left out if it is ``abridged``.

        There are ``room`` empty lines below each.
        """
        if not rows:
            return
        name_width = min(max(self.cells(row.name) for row in rows), self.width // 3)
        usual = len("≈ −0.") + self.digits
        value_width = max(usual, *(2 + self.cells((row.value,)) for row in rows))
        width = max(20, self.width - name_width - value_width - 5)
        for row in rows:
            yield from self.row(row, name_width, width, abridged)
            yield from ("\n",) * room

    def row(self, row: Row, name_width: int, width: int, abridged: bool) -> Iterator[Line]:
        """A name, the working in lines of at most ``width``, the value beside the last."""
        lines = list(self.working(row, width, width + name_width + 3 - LEAST))
        if abridged and len(lines) > 9:
            lines = [*lines[:4], ((self.clean("…"),), ""), *lines[-3:]]
        widest, last = max(self.cells(text) for text, _ in lines), lines[-1][0]
        sign = any(isinstance(part, Slot) for part in last)  # which a number that is not known yet may have
        # What is too long for its column starts further left, under its name: the value stays beside it.
        indent = max(
            LEAST, min(name_width + 3, self.width - 1 - widest, name_width + 3 + width - self.cells(last) - sign)
        )
        own = self.cells(row.name)
        name: tuple[Span, ...] = (((" ",), ""), (row.name, "name"))
        if own > name_width or indent < name_width + 3:
            yield self.finished(name)
            head: tuple[Span, ...] = (((" " * indent,), ""),)
        else:
            head = (*name, ((" " * (name_width - own + 2),), ""))
        *above, ending = lines
        for line in above:
            yield self.finished((*head, line))
            head = (((" " * indent,), ""),)
        value = (((row.relation, " "), ""), ((row.value,), "value"))
        yield Placed((*head, ending), name_width + width + 4, value)
        if row.note:
            for part in textwrap.wrap(f"({row.note})", self.width - name_width - 4):
                yield " " * (name_width + 3) + self.styled(part, "note") + "\n"

    def finished(self, spans: tuple[Span, ...]) -> Line:
        """A line that has no value; with slots it is finished later."""
        if any(isinstance(part, Slot) for span, _ in spans for part in span):
            return Placed(spans, 0, ())
        return "".join(self.styled(text_of(span), style) for span, style in spans) + "\n"

    def cells(self, fragments: Iterable[Fragment]) -> int:
        """How wide it is; a number that is not known yet is taken to be a usual one."""
        wide = 0
        for part in fragments:
            if isinstance(part, str):
                wide += cell_len(part)
            elif isinstance(part, Group):
                wide += self.cells(part.parts)
            elif not isinstance(part, Break):
                wide += self.digits + 2
        return wide

    def working(self, row: Row, width: int, most: int) -> Iterator[Span]:
        """Symbols and numbers on one line if they fit, else symbols first and the numbers under them.

        A product of numbers may be as wide as ``most``, so that there is room for the value beside it.
        """
        formula, numbers = self.ascii(row.formula), self.ascii(row.numbers)
        formula = () if seamless(formula) == (row.value,) else formula
        numbers = () if seamless(numbers) == (row.value,) else numbers
        one = (*formula, " = ", *numbers) if numbers else formula
        if self.cells(one) <= width:
            yield seamless(one), ""
            return
        if formula:
            for line in self.wrapped(formula, width, max(self.width - 5, width)):
                yield line, ""
        if numbers:
            for line in self.wrapped(("= ", *numbers), width, most):
                yield line, ""

    def ascii(self, fragments: Fragments) -> Fragments:
        """Fragments as this terminal can show them."""
        return tuple(self.clean(part) if isinstance(part, str) else part for part in fragments)

    def wrapped(self, fragments: Fragments, width: int, most: int) -> Iterator[Fragments]:
        """Lines of at most ``width``, broken before a + or −; the outermost sums break first.

        A product may be wider, but not wider than ``most``.
        """
        line: Fragments = ()
        for piece in split(fragments, OUTERMOST):
            for n, part in enumerate(self._split_long(piece, width, most)):
                joined = merged((*line, *part))
                if line and (n > 0 or self.cells(joined) > width):
                    yield line
                    part = lstripped(part)
                    line = part if begins(part) else merged(("  ", *part))
                else:
                    line = joined
        yield line

    def _split_long(self, piece: Fragments, width: int, most: int) -> Iterator[Fragments]:
        """A piece that fits is kept; one that does not is broken at the sums inside it, or at last at its factors."""
        if self.cells(piece) <= width - 2:
            yield seamless(piece)
            return
        line: Fragments = ()
        for sum_ in split(piece, INNER, ENCLOSED):
            product = self.cells(sum_) > most - 2
            for part in split(sum_, BEFORE_FACTOR, ENCLOSED_FACTOR) if product else [sum_]:
                if line and self.cells((*line, *part)) > (most if product else width) - 2:
                    yield seamless(line)
                    line = ()
                line = (*line, *part)
        yield seamless(line)


def begins(part: Fragments) -> bool:
    """Whether it is another side of the equation: a sign of equality stands first, known already or not."""
    first = next((piece for piece in part if piece), "")
    return first.shows == "sign" if isinstance(first, Slot) else str(first).startswith(("= ", "≈ ", "~ "))
