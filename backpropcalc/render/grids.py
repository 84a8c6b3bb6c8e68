"""Matrices on the page: in a line of text as marks, in LaTeX, flat, and drawn over several lines with brackets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from unicodedata import combining

Cells = list[list[str]]
OPEN, ROW, CELL, SIZE, CLOSE = "\ue010\ue011\ue012\ue013\ue014"
"""Marks of a matrix in a line of text, which the terminal draws and JSON flattens."""
MATRIX = re.compile(f"{OPEN}([^{OPEN}]*){SIZE}([^{OPEN}]*){CLOSE}")
DOTS = ("⋮", "…", "…")
"""What stands for rows, columns and both that are left out; then the same in LaTeX and in ASCII."""
TEX_DOTS = (r"\vdots", r"\cdots", r"\ddots")
PLAIN_DOTS = (":", "...", "...")


def picked(n: int, limit: int) -> list[int | None]:
    """The numbers up to ``n``, those in the middle left out (None) if there are more than ``limit``."""
    return list(range(n)) if n <= limit else [*range(limit - 2), None, n - 1]


def narrowed(cells: Cells, dots: tuple[str, str, str]) -> Cells:
    """One column less: one in the middle gives way to dots; of two, the last does."""
    down, along, both = dots
    count = len(cells[0])
    if count == 2:
        return [[row[0], both if row[0] == down else along] for row in cells]
    if any(row[-2] in (along, both) for row in cells if row[-2] != down):
        if count == 3:
            return [[row[0], row[1]] for row in cells]
        return [[*row[:-3], *row[-2:]] for row in cells]
    return [[*row[:-2], both if row[0] == down else along, row[-1]] for row in cells]


def marked(cells: Cells, size: str) -> str:
    """A matrix in a line of text."""
    return OPEN + ROW.join(CELL.join(row) for row in cells) + SIZE + size + CLOSE


NAME = "\ue015"
_SIZED = re.compile(f"{NAME}([^{NAME}]*){SIZE}([^{NAME}]*){CLOSE}")


def sized(name: str, shape: tuple[int, int]) -> str:
    """A name in a line of text, to be drawn with its size underneath."""
    return f"{NAME}{name}{SIZE}{shape[0]}×{shape[1]}{CLOSE}"


def cells_of(found: re.Match[str]) -> Cells:
    """The cells of a marked matrix."""
    return [row.split(CELL) for row in found[1].split(ROW)]


def flat(text: str) -> str:
    """Every matrix of a text on one line: ``[0.15 0.2; 0.25 0.3]``."""
    return MATRIX.sub(lambda found: "[" + "; ".join(" ".join(row) for row in cells_of(found)) + "]", text)


def latex(cells: Cells, shape: tuple[int, int]) -> str:
    """A matrix in LaTeX with its size underneath."""
    skip = r" \\[6pt] " if any(r"\frac" in cell for row in cells for cell in row) else r" \\ "
    rows = skip.join(" & ".join(row) for row in cells)
    return underbraced(rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}", shape)


def underbraced(latex: str, shape: tuple[int, int]) -> str:
    """Something in LaTeX with its size underneath; the outer braces keep the space around a sign of operation."""
    return rf"{{\underbrace{{{latex}}}_{{{shape[0]}\times {shape[1]}}}}}"


def wide(text: str) -> int:
    """Columns of the terminal; a hat that stands on a letter takes none."""
    return len(text) - sum(map(bool, map(combining, text)))


class Box(NamedTuple):
    """A block of text: its lines, all equally wide, and which of them is level with the text beside it."""

    lines: tuple[str, ...]
    axis: int = 0

    @property
    def width(self) -> int:
        """In columns of the terminal."""
        return wide(self.lines[0])


def beside(boxes: Iterable[Box]) -> Box:
    """Boxes side by side, level."""
    listed = list(boxes)
    above = max((box.axis for box in listed), default=0)
    below = max((len(box.lines) - box.axis for box in listed), default=1)
    lines = []
    for n in range(-above, below):
        parts = []
        for box in listed:
            at = box.axis + n
            parts.append(box.lines[at] if 0 <= at < len(box.lines) else " " * box.width)
        lines.append("".join(parts))
    return Box(tuple(lines), above)


def drawn(text: str, room: int, plain: bool) -> Box:
    """A line of text with its matrices drawn, each at most ``room`` wide, and names with their sizes."""
    pieces = []
    end = 0
    for found in _DRAWN.finditer(text):
        if found[0][0] == NAME:
            box = _named(found[3], found[4])
        else:
            box = _matrix([row.split(CELL) for row in found[1].split(ROW)], found[2], room, plain)
        pieces += [Box((text[end : found.start()],)), box]
        end = found.end()
    return beside([*pieces, Box((text[end:],))])


_DRAWN = re.compile(f"{MATRIX.pattern}|{_SIZED.pattern}")


def _named(name: str, size: str) -> Box:
    room = max(wide(name), wide(size))
    return Box((name.center(room + len(name) - wide(name)), size.center(room)))


_BRACKETS = {False: "⎡⎤⎢⎥⎣⎦", True: "[][][]"}


def _matrix(cells: Cells, size: str, room: int, plain: bool) -> Box:
    lines = list(_rows(cells, plain))
    marks = PLAIN_DOTS if plain else DOTS
    while len(lines[0]) > room and len(cells[0]) > 1 and not (len(cells[0]) == 2 and cells[0][1] == marks[1]):
        cells = narrowed(cells, marks)
        lines = list(_rows(cells, plain))
    whole = max(len(lines[0]), len(size))
    return Box((*(line.center(whole) for line in lines), size.center(whole)), (len(lines) - 1) // 2)


def _rows(cells: Cells, plain: bool) -> Iterator[str]:
    columns = [_aligned(column) for column in zip(*cells, strict=True)]
    last = len(cells) - 1
    for n, row in enumerate(zip(*columns, strict=True)):
        at = 0 if n == 0 else 4 if n == last else 2
        ends = "[]" if last == 0 else _BRACKETS[plain][at : at + 2]
        yield ends[0] + "  ".join(row) + ends[1]


_NO_NUMBERS = {*DOTS, *PLAIN_DOTS, "–", "-"}
_NUMBER = re.compile(r"[−-]?\d+(\.\d*)?")


def _aligned(column: tuple[str, ...]) -> list[str]:
    """Numbers with their points under each other, anything else to the left."""
    if all(_NUMBER.fullmatch(cell) or cell in _NO_NUMBERS for cell in column):
        parts = [cell.partition(".") for cell in column]
        before, behind = max(len(p[0]) for p in parts), max(len(p[1] + p[2]) for p in parts)
        return [p[0].rjust(before) + (p[1] + p[2]).ljust(behind) for p in parts]
    widest = max(map(len, column))
    return [cell.ljust(widest) for cell in column]
