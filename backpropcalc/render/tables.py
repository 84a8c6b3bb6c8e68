"""A table in the columns of a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence

from rich.cells import cell_len

from backpropcalc.pages.pieces import Table

Rows = Sequence[tuple[str, ...]]


def table_lines(rows: Rows, table: Table, width: int, styled: Callable[[str, str], str]) -> Iterator[str]:
    """The lines of a table whose cells are text; one that is too wide goes on below between its groups."""
    for n, columns in enumerate(_fitting(rows, table.group, width)):
        yield from [""] * (n > 0)
        part = [tuple(row[c] for c in columns) for row in rows]
        right = tuple(c < len(table.right) and table.right[c] for c in columns)
        yield from _columns(part, right, table.tones, width, styled)


def _fitting(rows: Rows, group: int, width: int) -> Iterator[list[int]]:
    """The numbers of the columns of each part of a table: the first one, and as many groups as fit beside it."""
    wide = [max(map(cell_len, (head, *at_the_point(list(cells))))) + 2 for head, *cells in zip(*rows, strict=True)]
    every = list(range(len(wide)))
    if not group or sum(wide) - 1 <= width:
        yield every
        return
    part = [0]
    for start in range(1, len(wide), group):
        more = every[start : start + group]
        if len(part) > 1 and sum(wide[c] for c in (*part, *more)) - 1 > width:
            yield part
            part = [0]
        part += more
    yield part


def _columns(
    rows: Rows, right: tuple[bool, ...], tones: tuple[str, ...], width: int, styled: Callable[[str, str], str]
) -> Iterator[str]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    for flush, column in zip(right, columns, strict=True):
        if flush:
            column[1:] = at_the_point(column[1:])
    widths = [max(map(cell_len, column)) for column in columns]
    gap = 3 if sum(widths) + 3 * (len(widths) - 1) < width else 2
    while sum(widths) + gap * (len(widths) - 1) + 1 > width and max(widths) > 12:
        widths[widths.index(max(widths))] -= 1
    for number, row in enumerate(zip(*columns, strict=True)):
        if not any(row):
            continue
        tone = tones[number - 1] if number and tones else ""
        wrapped = [
            textwrap.wrap(cell, w) if cell_len(cell) > w else [cell] for cell, w in zip(row, widths, strict=True)
        ]
        for line in range(max(map(len, wrapped))):
            out = []
            for n, (parts, w) in enumerate(zip(wrapped, widths, strict=True)):
                text = parts[line] if line < len(parts) else ""
                room = " " * (w - cell_len(text))
                shown = styled(text, tone or ("rule" if number == 0 else "name" if n == 0 else ""))
                out.append(room + shown if right[n] else shown + room)
            yield (" " + (" " * gap).join(out)).rstrip()


def at_the_point(numbers: list[str]) -> list[str]:
    """Numbers padded behind, so that set flush right they stand with the decimal points under each other."""
    if not numbers:
        return numbers
    tails = [len(number) - (number.find(".") if "." in number else len(number)) for number in numbers]
    return [number + " " * (max(tails) - tail) for number, tail in zip(numbers, tails, strict=True)]
