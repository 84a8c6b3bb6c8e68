"""Answer files: YAML, JSON, CSV and plain working, read into a ``Sheet``.

Whatever a file holds, each line of it is an answer, or a problem with its place; nothing stops the rest.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from backpropcalc.algebra.terms import Var
from backpropcalc.errors import InputError, Place, Problem, printable
from backpropcalc.notation.names import Names

from .arrays import array
from .decoding import PLAIN, document
from .lines import last_side, statements
from .numbers import stated
from .sheet import Answer, Entry, Sheet, Unread
from .structured import from_json, from_yaml
from .tables import CellLine
from .tables import answers as table_answers
from .thousands import habits, without_groups
from .values import agree, answer_of, change, is_formula

MAX_PROBLEMS = 200
"""After so many problems the rest of a file is not read: it is no answer file."""
MAX_HELP = 20
"""How many unknown names are looked up for the nearest one, which takes a while each."""


MAX_ROWS = 20_000
"""Rows of a table, or lines of working, that are looked at: nobody hands in more."""

Item = Entry | Unread | Problem


def read(path: str | Path, names: Names, truth: Mapping[Var, float] | None = None) -> Sheet:
    """The answers in a file, or in standard input if ``path`` is ``-``; its suffix says how they are written.

    ``truth`` decides only what a paper leaves open: whether 4,560 is four and a half or four and a half thousand.
    Raises ``InputError`` if the file cannot be read at all, or if nothing in it is an answer.
    """
    text, suffix = document(path)
    return reads(text, names, suffix, "<standard input>" if str(path) == "-" else printable(str(path)), truth)


def reads(text: str, names: Names, suffix: str = "", file: str = "", truth: Mapping[Var, float] | None = None) -> Sheet:
    """The answers in a text that is written as ``suffix`` says; without a known one by the look of it."""
    kind = suffix if suffix in PLAIN else _kind(text)
    found = [_sheet(READERS[kind](without_groups(text, mark), names), names) for mark in habits(text)]
    sheet, said = max(found, key=lambda one: _fitting(one[0], truth or {}))
    if text.strip() and not said:
        nothing = Problem(
            "no-answers", "nothing in this file is an answer", None, "write a line for each: name = value"
        )
        problems = [problem for problem in sheet.problems if problem.code != "unread"]
        raise InputError(problems or [nothing], file, text)
    return sheet


def _fitting(sheet: Sheet, truth: Mapping[Var, float]) -> int:
    """How many answers are about right."""
    pairs = ((float(answer.shown.value), truth.get(var)) for var, answer in sheet.answers.items())
    return sum(right is not None and abs(value - right) <= 0.05 * abs(right) for value, right in pairs)


def _kind(text: str) -> str:
    head = text.lstrip()[:2000]
    if head.startswith("{"):
        return ".json"
    lines = [line for line in head.splitlines() if line.strip() and not line.startswith("#")]
    if sum("=" in line for line in lines) * 2 > len(lines):
        return ".txt"
    return ".yaml" if sum(":" in line for line in lines) * 2 > len(lines) else ".csv"


def _yaml(text: str, names: Names) -> Iterator[Item]:
    try:
        yield from from_yaml(text, names)
    except InputError as error:
        yield from (problem._replace(help=problem.help or _LINEWISE) for problem in error.problems)
        yield from _yaml_lines(text)


_LINEWISE = "the other lines were read one by one"


def _yaml_lines(text: str) -> Iterator[Entry]:
    """A file that is not YAML after all, line by line."""
    for number, line in enumerate(text.splitlines(), 1):
        name, colon, value = line.partition(": ") if ": " in line else line.rstrip().rpartition(":")
        name = name.strip().strip("'\"")
        if colon and name and not name.startswith("#"):
            value = value.partition(" #")[0].strip().strip("'\"")
            yield Entry(name, value, Place(number, 1, len(name)), loose=True)


def _csv(text: str, names: Names) -> Iterator[Item]:
    lines = text.splitlines()
    semicolons = sum(";" in line for line in lines)
    tabs = sum("\t" in line for line in lines)
    delimiter = ";" if semicolons * 2 > len(lines) else "\t" if tabs * 2 > len(lines) else ","
    broken: list[Problem] = []
    for item in table_answers(_rows(lines, delimiter, names, broken), names):
        yield item if isinstance(item, Entry) else Entry(item.cells[0], " = ".join(item.cells[1:]), item.place)
        yield from broken
        broken.clear()
    yield from broken


def _rows(lines: Sequence[str], delimiter: str, names: Names, broken: list[Problem]) -> Iterator[CellLine]:
    """The rows of a CSV file, those that cannot be read left out and told in ``broken``."""
    for number, line in enumerate(lines[:MAX_ROWS], 1):
        if not line.strip() or line.startswith("#"):
            continue
        place = Place(number, 1, min(len(line), 60))
        try:
            fields = [field.strip() for field in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
        except (csv.Error, StopIteration):
            broken.append(Problem("csv", "this line cannot be read as CSV", place))
        else:
            yield CellLine(place, _cells(fields, delimiter, names))


def _cells(fields: list[str], delimiter: str, names: Names) -> tuple[str, ...]:
    """The cells of a row: commas may belong to a name, as in ``w[1,2,1]``, or to a number, as in ``0,5``."""
    for n in range(1, min(len(fields), 8) + 1):
        name = delimiter.join(fields[:n])
        if names.get(name) is not None:
            break
    else:
        n, name = 1, fields[0]
    rest = fields[n:]
    if delimiter == "," and len(rest) > 1 and rest[0].lstrip("+-−").isdigit() and rest[1].isdigit():
        rest = [",".join(rest[:2]), *rest[2:]]
    return name, *rest


def _working(text: str, names: Names, tex: bool = False) -> Iterator[Item]:
    lines = text.splitlines(keepends=True)
    if len(lines) > MAX_ROWS:
        text = "".join(lines[:MAX_ROWS])
        yield Problem("too-many", f"more than {MAX_ROWS:,} lines: the rest of the file was not read")
    yield from statements(text, names, tex)


READERS: dict[str, Callable[[str, Names], Iterable[Item]]] = {
    ".yaml": _yaml,
    ".yml": _yaml,
    ".json": from_json,
    ".csv": _csv,
    ".tsv": _csv,
    ".txt": _working,
    ".md": _working,
    ".tex": partial(_working, tex=True),
}


def _sheet(items: Iterable[Item], names: Names) -> tuple[Sheet, bool]:
    """The sheet, and whether anything in it was said of a quantity of this network."""
    filling = _Filling(names)
    for item in items:
        if len(filling.problems) >= MAX_PROBLEMS:
            filling.problems.append(Problem("too-many", "too many problems: the rest of the file was not read"))
            break
        if isinstance(item, Problem):
            filling.problems.append(item)
        elif isinstance(item, Unread):
            filling.unread(item)
        else:
            filling.enter(item)
    return Sheet(filling.answers, filling.unreadable, tuple(filling.problems)), filling.said


class _Filling:
    """A sheet while it is filled in."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.answers: dict[Var, Answer] = {}
        self.unreadable: dict[Var, str] = {}
        self.problems: list[Problem] = []
        self.said = False

    def enter(self, entry: Entry) -> None:
        """Take in what is stated for a quantity, for each one of a list, or for a whole layer."""
        values = array(last_side(entry.text)) if entry.text else None
        var = self.names.get(entry.name) or self._at_the_output(entry.name)
        several = self._several(entry.name, values) if values and (var is None or sum(map(len, values)) > 1) else None
        if several:
            for one, text in several:
                self._one(one, entry._replace(text=text))
        elif var is not None:
            text = values[0][0] if values and sum(map(len, values)) == 1 else entry.text
            self._one(var, entry._replace(text=text))
        else:
            grid = self.names.grid(entry.name)
            if grid and len(grid) == len(grid[0]) == 1:
                self._one(grid[0][0], entry)
            elif grid:
                self._whole(entry, values)
            elif not self._listed(entry):
                self._unknown(entry)

    def _at_the_output(self, name: str) -> Var | None:
        """∂E/∂w where the loss of its own output is written, which is all that a weight of the last layer changes."""
        notation = self.names.notation
        for y, x in self.names.ratio(name):
            if y.role == "term" and x.layer == notation.depth and x.role in ("w", "b") and notation.summed:
                own = y.index and x.index and y.index[0] == x.index[0]
                return self.names.get(f"dE/d{x.id}") if own and not self.names.batch else None
        return None

    def _several(self, name: str, values: list[list[str]]) -> list[tuple[Var, str]] | None:
        """The quantities of a whole layer with their numbers, if there are as many."""
        grid = self.names.grid(name)
        flat = [text for row in values for text in row]
        if grid is None:
            listed = self.names.listed(name)
            return list(zip(listed, flat, strict=True)) if len(listed) == len(flat) else None
        entries = [var for row in grid for var in row]
        if len(flat) != len(entries):
            return None
        turned = len(values) > 1 and len(values) != len(grid) and len(values) == len(grid[0])
        if turned:
            flat = [text for column in zip(*values, strict=True) for text in column]
        return list(zip(entries, flat, strict=True))

    def _listed(self, entry: Entry) -> bool:
        """``a, b = 1, 2``."""
        listed = self.names.listed(entry.name)
        values = array(f"[{last_side(entry.text)}]") if len(listed) > 1 else None
        several = self._several(entry.name, values) if values else None
        for var, text in several or ():
            self._one(var, entry._replace(text=text))
        return bool(several)

    def _whole(self, entry: Entry, values: list[list[str]] | None) -> None:
        """A whole layer that is not given with as many numbers as it has entries."""
        self.said = True
        if entry.text and (values or stated(last_side(entry.text))):
            count = sum(map(len, values)) if values else 1
            grid = self.names.grid(entry.name) or ()
            name, size = printable(entry.name.strip(), 60), sum(map(len, grid))
            message = f"{name} has {size} entries, and {count} {'is' if count == 1 else 'are'} given"
            self.problems.append(Problem("size", message, entry.place))

    def _one(self, var: Var, entry: Entry) -> None:
        self.said = True
        if not entry.text:
            return
        old, new = change(entry.text)
        renewed = self._renewed(var) if new else None
        if renewed is not None:
            self._one(renewed, entry._replace(text=new))
            entry = entry._replace(text=old)
        answer = answer_of(var, entry.text, entry.place, self.names)
        before = self.answers.get(var)
        if answer is None:
            if entry.loose and (is_formula(entry.text, self.names) or before is not None):
                return  # set out in symbols only: nothing is stated yet
            self.unreadable[var] = printable(entry.text, 80)
        elif before is None:
            self.answers[var] = answer  # in working, a line that only sets the formula out goes before
            self.unreadable.pop(var, None)
        elif not entry.loose or not agree(before.shown, answer.shown):
            self.problems.append(_twice(entry, before))
            self.answers[var] = answer

    def _renewed(self, var: Var) -> Var | None:
        """What a quantity has become after the update."""
        return next((new for new in self.names.known if new.role in ("new", "after") and new.parts[0] == var), None)

    def unread(self, line: Unread) -> None:
        """A line that seems to state something and was not understood."""
        help = self.names.help(line.name) if line.name and len(self.problems) < MAX_HELP else ""
        self.problems.append(Problem("unread", f"not read: {printable(line.text, 80)}", line.place, help))

    def _unknown(self, entry: Entry) -> None:
        values = array(last_side(entry.text))
        if entry.loose and stated(last_side(entry.text)) is None and values is None:
            return  # prose with an equals sign in it
        if not entry.loose and not any(char.isdigit() for char in entry.text):
            return  # the student's name, or the date
        name = printable(entry.name.strip(), 60)
        message = f"nothing in this calculation is called {name!r}" if name else "a value without a name"
        help = self.names.help(entry.name) if len(self.problems) < MAX_HELP else ""
        self.problems.append(Problem("unknown-name", message, entry.place, help))


def _twice(entry: Entry, before: Answer) -> Problem:
    texts = printable(before.shown.text, 30), printable(entry.text, 30)
    message = f"{printable(entry.name.strip(), 60)} appears twice: {texts[0]}, then {texts[1]}"
    return Problem("corrected" if entry.loose else "duplicate", message, entry.place, "the last one was marked")
