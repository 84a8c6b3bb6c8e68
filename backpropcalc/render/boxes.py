"""Matrices and names with their sizes, drawn over several lines of a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from typing import NamedTuple
from unicodedata import combining

from rich.cells import cell_len

from backpropcalc.algebra.fragments import (
    BEFORE_FACTOR,
    ENCLOSED,
    ENCLOSED_FACTOR,
    INNER,
    OUTERMOST,
    Fragment,
    Fragments,
    Grid,
    Sized,
    lstripped,
    seamless,
    split,
)
from backpropcalc.pages.pieces import Equation, Equations

from .script import Row, Script
from .whole import LIMIT, equation_name, equation_sides, narrowed

Styled = Callable[[str, str], str]
Clean = Callable[[str], str]


class Box(NamedTuple):
    """A block of text: its lines, all equally wide, and which of them is level with the text beside it."""

    lines: tuple[str, ...]
    axis: int = 0

    @property
    def width(self) -> int:
        """In columns of the terminal."""
        return wide(self.lines[0])

    def line(self, n: int) -> str:
        """The line ``n`` below the one that is level."""
        at = self.axis + n
        return self.lines[at] if 0 <= at < len(self.lines) else " " * self.width


Strip = list[tuple[Box, str]]
"""Boxes side by side, each with its style."""


def wide(text: str) -> int:
    """Columns of the terminal; a hat that stands on a letter takes none."""
    return len(text) - sum(map(bool, map(combining, text)))


def under(boxes: Iterable[Box]) -> Box:
    """Boxes under each other, each in the middle; the first is level with what stands beside them."""
    listed = list(boxes)
    room = max(wide(line) for box in listed for line in box.lines)
    return Box(tuple(centred(line, room) for box in listed for line in box.lines), listed[0].axis)


def grouped(cells: list[list[str]], count: int) -> list[list[list[str]]]:
    """Rows in groups of ``count`` columns."""
    return [[row[n : n + count] for row in cells] for n in range(0, len(cells[0]), count)]


def _wrapped(cell: str, room: int) -> list[str]:
    """A long entry in several lines, those after the first further to the right."""
    if wide(cell) <= room:
        return [cell]
    return textwrap.wrap(cell, max(room, 12), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def centred(text: str, room: int) -> str:
    """In the middle of ``room`` columns of the terminal."""
    return text.center(room + len(text) - wide(text))


def beside(boxes: Iterable[Box]) -> Box:
    """Boxes side by side, level."""
    listed = list(boxes)
    above = max((box.axis for box in listed), default=0)
    below = max((len(box.lines) - box.axis for box in listed), default=1)
    return Box(tuple("".join(box.line(n) for box in listed) for n in range(-above, below)), above)


class Drawing(NamedTuple):
    """Draws lines for a terminal that is ``width`` wide, in ASCII if it is ``plain``."""

    width: int
    clean: Clean
    styled: Styled
    plain: bool
    every: bool = False
    """Whether no matrix is abbreviated: one that is too wide is drawn some columns at a time, under each other."""

    def drawn(self, fragments: Fragments, room: int) -> Box:
        """A line with its matrices drawn, each at most ``room`` wide, and names with their sizes."""
        return beside([self._box(part, room) for part in seamless(fragments)] or [Box(("",))])

    def _fitted(self, piece: Fragments, room: int) -> Box:
        """A piece with its matrices drawn; several that stand side by side share the room."""
        box = self.drawn(piece, room)
        matrices = sum(isinstance(part, Grid) for part in seamless(piece))
        if box.width <= room or not matrices:
            return box
        return self.drawn(piece, max(12, (room - (box.width - self._widths(piece, room))) // matrices))

    def _widths(self, piece: Fragments, room: int) -> int:
        return sum(self._box(part, room).width for part in seamless(piece) if isinstance(part, Grid))

    def _box(self, part: Fragment, room: int) -> Box:
        if isinstance(part, Grid):
            return self._matrix(part, room)
        if isinstance(part, Sized):
            name, size = self.clean(part.text), self.clean(f"{part.shape[0]}×{part.shape[1]}")
            room = max(wide(name), wide(size))
            return Box((centred(name, room), centred(size, room)))
        return Box((self.clean(str(part)),))

    def _matrix(self, grid: Grid, room: int) -> Box:
        cells = [[self.clean(cell) for cell in row] for row in grid.cells]
        said = [self.clean(f"{grid.shape[0]}×{grid.shape[1]}")]
        if grid.label:
            said.insert(0, self.clean(grid.label))
        count = len(cells[0])
        while count > 1 and any(wide(next(self._rows(part))) > room for part in grouped(cells, count)):
            count -= 1
        if count < len(cells[0]) and self.every:
            parts = grouped(cells, count)
            boxes = [self._closed(part, room, [_columns(n * count + 1, len(part[0]))]) for n, part in enumerate(parts)]
            return under([*boxes, Box(tuple(said))])
        dots = (":", "...", "...") if self.plain else ("⋮", "…", "…")
        while wide(next(self._rows(cells))) > room and len(cells[0]) > 1:
            if len(cells[0]) == 2 and cells[0][1] == dots[1]:
                break
            cells = narrowed(cells, dots)
        return self._closed(cells, room, said)

    def _closed(self, cells: list[list[str]], room: int, said: list[str]) -> Box:
        """The rows between brackets, and below them what is said; an entry that is too long goes on in the next row."""
        lines = list(self._rows(cells))
        if wide(lines[0]) > room:
            others = wide(lines[0]) - max(wide(row[0]) for row in cells)
            tall = [list(zip_longest(*(_wrapped(cell, room - others) for cell in row), fillvalue="")) for row in cells]
            lines = list(self._rows([list(part) for row in tall for part in row]))
        return under([Box(tuple(lines), (len(lines) - 1) // 2), Box(tuple(map(self.clean, said)))])

    def _rows(self, cells: list[list[str]]) -> Iterator[str]:
        columns = [_aligned(column) for column in zip(*cells, strict=True)]
        last = len(cells) - 1
        brackets = "[][][]" if self.plain else "⎡⎤⎢⎥⎣⎦"
        for n, row in enumerate(zip(*columns, strict=True)):
            at = 0 if n == 0 else 4 if n == last else 2
            ends = "[]" if last == 0 else brackets[at : at + 2]
            yield ends[0] + "  ".join(row) + ends[1]

    def lined(self, name: Fragments, strips: list[Strip], names: int) -> Iterator[str]:
        """The lines of ``strips`` with a name, or a name with its size, before the first."""
        head = self.drawn(name, self.width)
        if head.width > names:
            yield from (" " + self.styled(line.rstrip(), "name") for line in head.lines)
            head = Box(("",))
        for strip in strips:
            whole = beside([head, *(box for box, _ in strip)])
            for n in range(-whole.axis, len(whole.lines) - whole.axis):
                line = " " + self.styled(head.line(n), "name") + " " * (names - head.width + 1)
                yield (line + "".join(self.styled(box.line(n), style) for box, style in strip)).rstrip()
            head = Box(("",))

    def strip(self, side: Fragments, room: int, *levels: int) -> list[Strip]:
        """One side in as many lines as it needs, broken at certain levels."""
        found: list[Strip] = [[(Box(("= ",)), "")]]
        for n, piece in enumerate(split(side, *levels)):
            box = self._fitted(piece, room - 4)
            if n and _width(found[-1]) + box.width > room:
                found.append([(Box(("  ",)), "")])
                box = self._fitted(lstripped(piece), room - 4)
            found[-1].append((box, ""))
        return found

    def row_strips(self, row: Row, room: int) -> list[Strip]:
        """The sides of the equation and its value, each on a line of its own unless they fit side by side."""
        strips: list[Strip] = []
        for side in (row.formula, row.symbols, row.numbers):
            found = self.strip(side, room, OUTERMOST) if side else []
            if any(_width(strip) > room for strip in found):
                found = self.strip(side, room, OUTERMOST, INNER, ENCLOSED, BEFORE_FACTOR, ENCLOSED_FACTOR)
            if seamless(side) != (row.value,):
                strips += found
        sign = f"{row.relation} "
        value: Strip = [(Box((sign,)), ""), (self.drawn((row.value,), room - len(sign)), "value")]
        if strips and _width(strips[-1]) + 1 + _width(value) <= room:
            strips[-1] += [(Box((" ",)), ""), *value]
        else:
            strips.append(value)
        return strips

    def matrix_lines(self, rows: list[Row], room: int = 0) -> Iterator[str]:
        """Each row as an equation: the name, the working, the value, side by side while they fit; ``room`` below."""
        names = min(max((cell_len("".join(map(str, row.name))) for row in rows), default=0), self.width // 3)
        for n, row in enumerate(rows):
            if n:
                yield ""
            yield from self.lined(row.name, self.row_strips(row, self.width - names - 4), names)
            if row.note:
                yield " " * (names + 2) + self.styled(f"({row.note})", "note")
            yield from ("",) * room

    def equations(self, piece: Equations, script: Script) -> Iterator[str]:
        """Each with a side under the other; those of several lines stand apart."""
        lefts = (equation_name(script, equation) for equation in (*piece.equations, *piece.among))
        names = min(max((self.drawn(left, self.width).width for left in lefts), default=0), self.width // 3)
        tall = False
        for equation in piece.equations:
            left = equation_name(script, equation)
            lines = list(self.lined(left, self._sides(equation, script, self.width - names - 4), names))
            if tall and len(lines) > 1:
                yield ""
            yield from lines
            tall = len(lines) > 1

    def _sides(self, equation: Equation, script: Script, room: int) -> list[Strip]:
        strips: list[Strip] = []
        for side, reason in equation_sides(script, equation, None if self.every else LIMIT):
            crowded = any(self.drawn(piece, self.width).width > room - 2 for piece in split(side, OUTERMOST))
            levels = (OUTERMOST, INNER, ENCLOSED, BEFORE_FACTOR) if crowded else (OUTERMOST,)
            found = self.strip(side, room, *levels)
            said = Box((f"   ({self.clean(reason)})",))
            if reason and _width(found[-1]) + said.width <= room:
                found[-1].append((said, "note"))
            elif reason:
                found.append([(said, "note")])
            strips += found
        return strips


_NO_NUMBERS = {"⋮", "…", ":", "...", "–", "-"}
_NUMBER = re.compile(r"[−-]?\d+(\.\d*)?")


def _aligned(column: tuple[str, ...]) -> list[str]:
    """Numbers with their points under each other, anything else to the left."""
    if all(_NUMBER.fullmatch(cell) or cell in _NO_NUMBERS for cell in column):
        parts = [cell.partition(".") for cell in column]
        before, behind = max(len(p[0]) for p in parts), max(len(p[1] + p[2]) for p in parts)
        return [p[0].rjust(before) + (p[1] + p[2]).ljust(behind) for p in parts]
    widest = max(map(wide, column))
    return [cell + " " * (widest - wide(cell)) for cell in column]


def _columns(first: int, count: int) -> str:
    """Which columns of a matrix stand together: column 3, columns 3–5."""
    return f"column {first}" if count == 1 else f"columns {first}–{first + count - 1}"


def _width(strip: Strip) -> int:
    return sum(box.width for box, _ in strip)
