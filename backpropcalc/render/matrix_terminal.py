"""The matrix view in the terminal: symbols on one line, then numbers in brackets over several lines."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from backpropcalc.algebra.typeset import BREAK, SOFT_BREAK
from backpropcalc.pages.rows import Row

from .grids import Box, beside, drawn
from .terminal import TerminalPage

Strip = list[tuple[Box, str]]
"""Boxes side by side, each with its style."""


class MatrixTerminal(TerminalPage):
    """Writes a page of matrices to a console."""

    gap = "\n"

    def table(self, rows: list[Row]) -> Iterator[str]:
        """Each row as an equation: the name, the working, the value, side by side while they fit."""
        names = min(max((cell_len(row.name) for row in rows), default=0), self.width // 3)
        for n, row in enumerate(rows):
            if n:
                yield ""
            yield from self.equation(row, names)

    def equation(self, row: Row, names: int) -> Iterator[str]:
        """The lines of one equation, its name in a column ``names`` wide."""
        yield from self.lined(row.name, self.strips(row, self.width - names - 4), names)
        if row.note:
            yield " " * (names + 2) + self.styled(f"({row.note})", "note")

    def lined(self, name: str, strips: list[Strip], names: int) -> Iterator[str]:
        """The lines of ``strips`` with a name, or a name with its size, before the first."""
        head = drawn(name, self.width, self.plain)
        if head.width > names:
            yield from (" " + self.styled(line.rstrip(), "name") for line in head.lines)
            head = Box(("",))
        for strip in strips:
            whole = beside([head, *(box for box, _ in strip)])
            for n in range(-whole.axis, len(whole.lines) - whole.axis):
                line = " " + self.styled(_line(head, n), "name") + " " * (names - head.width + 1)
                line += "".join(self.painted(_line(box, n), style) for box, style in strip)
                yield line.rstrip()
            head = Box(("",))

    def painted(self, text: str, style: str) -> str:
        """``text`` in a style, if it has one."""
        return self.styled(text, style) if style else text

    def strips(self, row: Row, room: int) -> list[Strip]:
        """The sides of the equation and its value, each on a line of its own unless they fit side by side."""
        sides = [(side, style) for side, style in ((row.formula, ""), (row.numbers, "numbers")) if side]
        strips: list[Strip] = []
        for side, style in sides:
            found = self.strip(side, style, room)
            if side != row.value and not (style and any(_width(strip) > room for strip in found)):
                strips += found
        sign = row.relation.replace(BREAK, "").strip() + " "
        value: Strip = [(Box((sign,)), ""), (drawn(self.clean(row.value), room - len(sign), self.plain), "value")]
        if strips and _width(strips[-1]) + 1 + _width(value) <= room:
            strips[-1] += [(Box((" ",)), ""), *value]
        else:
            strips.append(value)
        return strips

    def strip(self, side: str, style: str, room: int) -> list[Strip]:
        """One side in as many lines as it needs, broken before a sign of operation."""
        found: list[Strip] = [[(Box(("= ",)), "")]]
        for n, piece in enumerate(side.replace(SOFT_BREAK, "").split(BREAK)):
            box = drawn(self.clean(piece), room - 4, self.plain)
            if n and _width(found[-1]) + box.width > room:
                found.append([(Box(("  ",)), "")])
                box = drawn(self.clean(piece).lstrip(), room - 4, self.plain)
            found[-1].append((box, style))
        return found


def _width(strip: Strip) -> int:
    return sum(box.width for box, _ in strip)


def _line(box: Box, n: int) -> str:
    at = box.axis + n
    return box.lines[at] if 0 <= at < len(box.lines) else " " * box.width
