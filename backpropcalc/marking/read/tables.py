"""Tables to answers: a name beside its value, names above values, or a row's name and a column's put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from backpropcalc.errors import Place
from backpropcalc.notation.names import Names

from .remarks import is_number
from .sheet import Entry

Cells = Sequence[str]
GRADIENT = frozenset({"gradient", "gradients", "grad", "grads", "derivative", "derivatives", "slope", "gradienten"})
RENEWED = frozenset({"new", "updated", "update", "after", "neu", "neue", "new value", "new values"})
OLD = frozenset({"old", "before", "old value", "old values", "alt", "start", "given"})
PLACES = {"hidden": "h", "hidden layer": "h", "output": "o", "output layer": "o"}
_SAMPLE = re.compile(
    r"\W*(?:sample|example|pattern|data ?point|beispiel|probe|muster|datenpunkt)"
    r"\s*(?:no\.?|nr\.?|#)?\s*\(?(\d{1,5})\)?\W*",
    re.IGNORECASE,
)


class CellLine(NamedTuple):
    """The cells of a line, and its place."""

    place: Place
    cells: tuple[str, ...]


def sample_in(text: str) -> int | None:
    """The number of the sample that a heading speaks of: ``Sample 2``."""
    match = _SAMPLE.fullmatch(text.strip())
    return int(match[1]) if match else None


def together(a: str, b: str, known: Callable[[str], bool]) -> str:
    """The name that two words make, as those of a row and of a column do; empty if they make none."""
    for first, second in ((a, b), (b, a)):
        first, second = PLACES.get(first.casefold(), first), PLACES.get(second.casefold(), second)
        sample, word = sample_in(second), first.casefold()
        if sample is not None and known(f"{first}({sample})"):
            return f"{first}({sample})"
        if word in GRADIENT and known(f"d{second}"):
            return f"d{second}"
        if word in RENEWED and known(f"new {second}"):
            return f"new {second}"
        for name in (f"{first}_{second}", f"{first}/{second}", f"{first}[{second}]", f"{first}({second})"):
            if known(name):
                return name
    return ""


def answers(rows: Iterable[CellLine], names: Names) -> Iterator[Entry | CellLine]:
    """What a table states; a row of which nothing is understood, although there are numbers in it, as it is."""
    header: Cells = ()
    for row in rows:
        stated = list(_row(row, header, names.knows))
        if any(entry.text for entry in stated) or (stated and sum(map(bool, row.cells)) == 1):
            yield from stated
        elif not any(map(is_number, row.cells[1:] or row.cells)) and any(row.cells):
            header = row.cells
        elif any(map(is_number, row.cells)):
            yield row


def _row(row: CellLine, header: Cells, known: Callable[[str], bool]) -> Iterator[Entry]:
    cells = row.cells
    columns = [n for n, cell in enumerate(cells) if cell and known(cell)]
    if columns and not (len(columns) == len([cell for cell in cells if cell]) > 1):
        for column, end in zip(columns, [*columns[1:], len(cells)], strict=True):
            headed = list(_headed(cells, header, column, end, known))
            yield from (Entry(name, text, row.place) for name, text in headed)
            if not headed:
                yield Entry(cells[column], " = ".join(_stated(cells[column + 1 : end])), row.place)
        return
    for column, cell in enumerate(cells):
        above = header[column] if column < len(header) else ""
        if not cell or not above or not is_number(cell):
            continue
        first = cells[0] if column and not known(header[0]) else ""
        if name := (together(first, above, known) if first else "") or (above if not first and known(above) else ""):
            yield Entry(name, cell, row.place)


def _stated(cells: Cells) -> list[str]:
    """What stands behind a name: the working and the value, without remarks behind that."""
    last = max((n for n, cell in enumerate(cells) if is_number(cell)), default=len(cells) - 1)
    return [cell for cell in cells[: last + 1] if cell]


def _headed(
    cells: Cells, header: Cells, column: int, end: int, known: Callable[[str], bool]
) -> Iterator[tuple[str, str]]:
    """The values behind a name that stand under *old*, *gradient* or *new*."""
    for n in range(column + 1, min(end, len(header))):
        word = header[n].casefold()
        if word in OLD:
            yield cells[column], cells[n]
        elif (word in GRADIENT or word in RENEWED) and (name := together(word, cells[column], known)):
            yield name, cells[n]
