"""Samples from a CSV file with named columns, or drawn in one of four shapes.

What is drawn comes from Python's ``random.Random(seed)``, so that every machine draws the same; coordinates lie
between −1 and 1 (noise aside) and have three decimals, the class is 0 or 1.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from backpropcalc.algebra.numbers import number
from backpropcalc.algebra.terms import Num
from backpropcalc.errors import InputError, Place, Problem, printable

Point = tuple[float, float]


class Field(NamedTuple):
    """One field of a CSV file and where it stands."""

    text: str
    place: Place


class DataFile(NamedTuple):
    """A CSV file: the names of its columns, and its text, which is gone through row by row.

    A field of its own for every number of 16 MB would take gigabytes.
    """

    file: str
    source: str
    names: tuple[str, ...]
    mark: str
    """What separates the fields of a row."""
    headless: bool = False
    """Whether there is no line of names; the columns are then called by their number."""

    def numbers(self, *groups: Sequence[str]) -> tuple[tuple[tuple[Num, ...], ...], ...]:
        """For each group of columns, by their names, a row per sample. Raises ``InputError`` for all that is no number.

        Rows of all columns, to be divided later, would stay in memory beside their parts.
        """
        places = [[self.names.index(name) for name in group] for group in groups]
        problems: list[Problem] = []
        common: dict[str, Num] = {}
        found: tuple[list[tuple[Num, ...]], ...] = tuple([] for _ in groups)

        def one(text: str) -> Num:
            value = common.get(text)
            if value is None:
                value = Num(number(text) or "")
                if len(common) < COMMON:
                    common[text] = value
            return value

        for line, text in _rows(self.source, self.headless):
            texts = _texts(text, self.mark)
            for rows, at in zip(found, places, strict=True):
                row = tuple([one(texts[n]) for n in at])
                wrong = [n for n, value in zip(at, row, strict=True) if not value.text]
                problems += (_no_number(_fields(text, line, self.mark)[n], self.names[n]) for n in wrong)
                rows.append(row)
        if problems:
            raise InputError(problems, self.file, self.source)
        return tuple(map(tuple, found))


PART = 100_000
"""Characters of a file that are divided into lines at once."""
COMMON = 50_000
"""So many different numbers of a file are one object wherever they stand; people write few digits."""


def _no_number(field: Field, name: str) -> Problem:
    shown = repr(printable(field.text, 40)) if field.text else "nothing"
    help = "write it with a decimal point" if re.fullmatch(r"[+-]?\d+,\d+", field.text) else ""
    return Problem("number", f"the column {printable(name, 40)!r} must hold numbers, not {shown}", field.place, help)


def table(text: str, file: str, names_needed: bool = True) -> DataFile:
    """Read a CSV text; fields are separated by commas, semicolons or tabs, as its first line shows.

    Unless ``names_needed``, a first line of numbers is a row like any other.

    Raises ``InputError`` for ragged rows, an empty file, or a column that is named twice.
    """
    first = next(_lines(text), None)
    if first is None:
        raise InputError(
            [Problem("shape", "this CSV file is empty", Place(1, 1), "the first line names the columns")], file
        )
    mark = max(",;\t", key=first[1].count)
    header = _fields(first[1], first[0], mark)
    names = tuple(field.text for field in header)
    headless = not names_needed and all(number(name) for name in names)
    if headless:
        names = tuple(f"column {n}" for n in range(1, len(header) + 1))
    problems = [
        Problem("duplicate-key", f"two columns are called {printable(f.text, 40)!r}", f.place)
        for n, f in enumerate(header)
        if not headless and f.text in names[:n]
    ]
    count = 0
    for n, line in _rows(text, headless):
        count += 1
        if len(_texts(line, mark)) != len(header):
            row = _fields(line, n, mark)
            spot = row[min(len(row), len(header) + 1) - 1].place
            message = f"this row has {len(row)} fields, but there are {len(header)} columns"
            problems.append(Problem("shape", message, spot))
    if not count:
        problems.append(Problem("shape", "there are no rows under the names of the columns", Place(first[0], 1)))
    if problems:
        raise InputError(problems, file, text)
    return DataFile(file, text, names, mark, headless)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold anything, with their numbers."""
    return ((n, line) for n, line in enumerate(chain.from_iterable(_parts(text)), 1) if line.strip())


def _parts(text: str) -> Iterator[list[str]]:
    """The lines of a text, some at a time: all at once they would take several times its room."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + PART) + 1 or len(text)
        yield text[start:end].splitlines()
        start = end


def _rows(text: str, headless: bool) -> Iterator[tuple[int, str]]:
    """The lines below that of the names."""
    return islice(_lines(text), 0 if headless else 1, None)


def _texts(line: str, mark: str) -> list[str]:
    """What the fields of a line hold."""
    if '"' in line:
        return [field.text for field in _fields(line, 1, mark)]
    return [part.strip() for part in line.split(mark)]


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
