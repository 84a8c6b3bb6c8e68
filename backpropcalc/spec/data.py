"""Samples from a CSV file with named columns, or drawn in one of four shapes.

What is drawn comes from Python's ``random.Random(seed)``, so that every machine draws the same; coordinates lie
between −1 and 1 (noise aside) and have three decimals, the class is 0 or 1.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from backpropcalc.algebra.numbers import number
from backpropcalc.algebra.terms import Num
from backpropcalc.errors import InputError, Place, Problem, printable

Point = tuple[float, float]


class Field(NamedTuple):
    """One field of a CSV file and where it stands."""

    text: str
    place: Place


class Table(NamedTuple):
    """A CSV file: the names of its columns, then its rows."""

    file: str
    source: str
    names: tuple[str, ...]
    rows: tuple[tuple[Field, ...], ...]
    headless: bool = False
    """Whether there is no line of names; the columns are then called by their number."""

    def numbers(self, columns: Iterable[str]) -> tuple[tuple[Num, ...], ...]:
        """The columns of these names, a row per sample. Raises ``InputError`` for all that is no number."""
        at = [(name, self.names.index(name)) for name in columns]
        problems: list[Problem] = []
        found = []
        for row in self.rows:
            values = []
            for name, n in at:
                text = number(row[n].text)
                if text is None:
                    problems.append(_no_number(row[n], name))
                values.append(Num(text or "0"))
            found.append(tuple(values))
        if problems:
            raise InputError(problems, self.file, self.source)
        return tuple(found)


def _no_number(field: Field, name: str) -> Problem:
    shown = repr(printable(field.text, 40)) if field.text else "nothing"
    help = "write it with a decimal point" if re.fullmatch(r"[+-]?\d+,\d+", field.text) else ""
    return Problem("number", f"the column {printable(name, 40)!r} must hold numbers, not {shown}", field.place, help)


def table(text: str, file: str, names_needed: bool = True) -> Table:
    """Read a CSV text; fields are separated by commas, semicolons or tabs, as its first line shows.

    Unless ``names_needed``, a first line of numbers is a row like any other.

    Raises ``InputError`` for ragged rows, an empty file, or a column that is named twice.
    """
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise InputError(
            [Problem("shape", "this CSV file is empty", Place(1, 1), "the first line names the columns")], file
        )
    mark = max(",;\t", key=lines[0][1].count)
    header = _fields(lines[0][1], lines[0][0], mark)
    names = tuple(field.text for field in header)
    headless = not names_needed and all(number(name) for name in names)
    if headless:
        names = tuple(f"column {n}" for n in range(1, len(header) + 1))
    problems = [
        Problem("duplicate-key", f"two columns are called {printable(f.text, 40)!r}", f.place)
        for n, f in enumerate(header)
        if not headless and f.text in names[:n]
    ]
    rows = []
    for n, line in lines if headless else lines[1:]:
        row = _fields(line, n, mark)
        if len(row) != len(header):
            spot = row[min(len(row), len(header) + 1) - 1].place
            message = f"this row has {len(row)} fields, but there are {len(header)} columns"
            problems.append(Problem("shape", message, spot))
        rows.append(row)
    if not rows:
        problems.append(Problem("shape", "there are no rows under the names of the columns", Place(lines[0][0], 1)))
    if problems:
        raise InputError(problems, file, text)
    return Table(file, text, names, tuple(rows), headless)


def _fields(line: str, number: int, mark: str) -> tuple[Field, ...]:
    found = []
    start = 0
    pattern = re.compile(rf'\s*"((?:[^"]|"")*)"\s*(?={mark}|$)|([^{mark}]*)')
    while True:
        match = pattern.match(line, start)
        assert match is not None
        text = match[1].replace('""', '"') if match[1] is not None else match[2].strip()
        offset = len(match[0]) - len(match[0].lstrip())
        found.append(Field(text, Place(number, start + min(offset, len(match[0])) + 1, max(1, len(match[0].strip())))))
        if match.end() >= len(line):
            return tuple(found)
        start = match.end() + 1


def _circle(draw: random.Random, label: int, share: float) -> Point:
    radius, angle = draw.uniform(0, 0.5) if label else draw.uniform(0.7, 1), draw.uniform(0, 2 * math.pi)
    return radius * math.cos(angle), radius * math.sin(angle)


def _gaussian(draw: random.Random, label: int, share: float) -> Point:
    centre = 0.5 if label else -0.5
    return draw.gauss(centre, 0.1), draw.gauss(centre, 0.1)


def _xor(draw: random.Random, label: int, share: float) -> Point:
    x, y, side = draw.uniform(0.05, 1), draw.uniform(0.05, 1), draw.choice((-1, 1))
    return side * x, (-side if label else side) * y


def _spiral(draw: random.Random, label: int, share: float) -> Point:
    angle = 3.5 * math.pi * share + math.pi * label
    return share * math.sin(angle), share * math.cos(angle)


SHAPES: dict[str, tuple[Callable[[random.Random, int, float], Point], str]] = {
    "circle": (_circle, "class 1 within 0.5 of the middle, class 0 in a ring from 0.7 to 1"),
    "gaussian": (_gaussian, "two clouds around (0.5, 0.5), class 1, and (−0.5, −0.5), class 0"),
    "xor": (_xor, "class 1 where the coordinates differ in sign"),
    "spiral": (_spiral, "two arms wound around each other"),
}
"""Name to how one point of a class is drawn, and to what it looks like; ``share`` runs up to 1 over the samples."""


def generate(shape: str, samples: int, noise: float, seed: int) -> tuple[tuple[tuple[Num, Num], ...], tuple[int, ...]]:
    """The points of a shape and the class of each, the classes in turn; each coordinate is moved by up to ``noise``."""
    draw = random.Random(seed)
    place, _ = SHAPES[shape]
    points, labels = [], []
    for n in range(samples):
        label = n % 2
        x, y = place(draw, label, (n // 2 + 1) / ((samples + 1) // 2))
        points.append((_written(x + draw.uniform(-noise, noise)), _written(y + draw.uniform(-noise, noise))))
        labels.append(label)
    return tuple(points), tuple(labels)


def _written(value: float) -> Num:
    return Num(f"{round(value, 3) + 0.0:g}")
