"""Answer files: YAML, JSON, CSV and plain working, read into a ``Sheet``.

Whatever a file holds, each line of it is an answer, or a problem with its place; nothing stops the rest.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from backpropcalc.algebra.terms import Var
from backpropcalc.errors import InputError, Place, Problem, printable
from backpropcalc.notation.names import Names
from backpropcalc.spec.reading import parse, read_text

from .expressions import expressions
from .lines import statements
from .numbers import sides, stated
from .sheet import Answer, Sheet, Stated

MAX_BYTES = 4_000_000
MAX_PROBLEMS = 200
"""After so many problems the rest of a file is not read: it is no answer file."""
MAX_HELP = 20
"""How many unknown names are looked up for the nearest one, which takes a while each."""
SUFFIXES = (".yaml", ".yml", ".json", ".csv", ".tsv", ".txt", ".md", ".tex")


class Entry(NamedTuple):
    """A name and what is stated for it, before either is understood; ``loose`` if it may well be mere prose."""

    name: str
    text: str
    place: Place | None = None
    loose: bool = False


def read(path: str | Path, names: Names) -> Sheet:
    """The answers in a file, or in standard input if ``path`` is ``-``; its suffix says how they are written.

    Raises ``InputError`` if the file cannot be read at all, or if nothing in it is an answer.
    """
    text = read_text(path, MAX_BYTES)
    name = "<standard input>" if str(path) == "-" else printable(str(path))
    return reads(text, names, PurePath(str(path)).suffix.lower(), name)


def reads(text: str, names: Names, suffix: str = "", file: str = "") -> Sheet:
    """The answers in a text that is written as ``suffix`` says; without a known one by the look of it."""
    kind = suffix if suffix in SUFFIXES else _kind(text)
    sheet, said = _sheet(READERS[kind](text, names), names)
    if text.strip() and not said:
        nothing = Problem(
            "no-answers", "nothing in this file is an answer", None, "write a line for each: name = value"
        )
        raise InputError(sheet.problems or [nothing], file, text)
    return sheet


def _kind(text: str) -> str:
    head = text.lstrip()[:2000]
    if head.startswith("{"):
        return ".json"
    lines = [line for line in head.splitlines() if line.strip() and not line.startswith("#")]
    if sum("=" in line for line in lines) * 2 > len(lines):
        return ".txt"
    return ".yaml" if sum(":" in line for line in lines) * 2 > len(lines) else ".csv"


def _yaml(text: str, names: Names) -> Iterator[Entry | Problem]:
    try:
        root = parse(text)
    except InputError as error:
        yield from (problem._replace(help=problem.help or _LINEWISE) for problem in error.problems)
        yield from _yaml_lines(text)
        return
    if root.empty:
        return
    if root.kind != "mapping":
        yield Problem("shape", f"the answers must be a list of name: value, not {root.describe()}", root.place)
        yield from _yaml_lines(text)
        return
    for key, value in root.pairs():
        if key.kind != "scalar":
            yield Problem("shape", f"a name was expected, not {key.describe()}", key.place)
        elif value.kind != "scalar":
            yield Entry(key.text, value.describe(), key.place)
        else:
            yield Entry(key.text, "" if value.empty else value.text, key.place)


_LINEWISE = "the other lines were read one by one"


def _yaml_lines(text: str) -> Iterator[Entry]:
    """A file that is not YAML after all, line by line."""
    for number, line in enumerate(text.splitlines(), 1):
        name, colon, value = line.partition(": ") if ": " in line else line.rstrip().rpartition(":")
        name = name.strip().strip("'\"")
        if colon and name and not name.startswith("#"):
            value = value.partition(" #")[0].strip().strip("'\"")
            yield Entry(name, value, Place(number, 1, len(name)), loose=True)


def _json(text: str, names: Names) -> Iterator[Entry | Problem]:
    try:
        root = json.loads(text, object_pairs_hook=_Pairs, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        yield Problem("json", f"not valid JSON: {error.msg.lower()}", Place(error.lineno, error.colno))
        return
    except RecursionError:
        yield Problem("json", "nested too deeply", None, "an answer file is one object of names and values")
        return
    if not isinstance(root, _Pairs):
        yield Problem("shape", "the answers must be one JSON object of names and values")
        return
    for name, value in root.pairs:
        yield Entry(name, "" if value is None else value if isinstance(value, str) else _json_kind(value))


class _Pairs:
    """A JSON object with its keys as they stand, twice if they stand twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def _json_kind(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"a list of {len(value)}" if isinstance(value, list) else "an object"


def _csv(text: str, names: Names) -> Iterator[Entry | Problem]:
    lines = text.splitlines()
    semicolons = sum(";" in line for line in lines)
    tabs = sum("\t" in line for line in lines)
    delimiter = ";" if semicolons * 2 > len(lines) else "\t" if tabs * 2 > len(lines) else ","
    first = True
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        place = Place(number, 1, min(len(line), 60))
        try:
            fields = [field.strip() for field in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
        except (csv.Error, StopIteration):
            yield Problem("csv", "this line cannot be read as CSV", place)
            continue
        name, value = _row(fields, delimiter, names)
        header = first and names.get(name) is None and stated(value) is None
        first = False
        if not header and (name or value):
            yield Entry(name, value, place)


def _row(fields: list[str], delimiter: str, names: Names) -> tuple[str, str]:
    """Name and value of a row: commas may belong to a name, as in ``w[1,2,1]``, or to a number, as in ``0,5``."""
    for n in range(1, min(len(fields), 8) + 1):
        name = delimiter.join(fields[:n])
        if names.get(name) is not None:
            break
    else:
        n, name = 1, fields[0]
    rest = fields[n:]
    if len(rest) > 1 and rest[0].lstrip("+-−").isdigit() and rest[1].isdigit():
        return name, ",".join(rest[:2])
    return name, rest[0] if rest else ""


def _working(text: str, names: Names, tex: bool = False) -> Iterator[Entry | Problem]:
    for line in statements(text, names, tex):
        yield Entry(line.name, line.text, line.place, loose=line.loose)


def _tex(text: str, names: Names) -> Iterator[Entry | Problem]:
    return _working(text, names, tex=True)


READERS: dict[str, Callable[[str, Names], Iterable[Entry | Problem]]] = {
    ".yaml": _yaml,
    ".yml": _yaml,
    ".json": _json,
    ".csv": _csv,
    ".tsv": _csv,
    ".txt": _working,
    ".md": _working,
    ".tex": _tex,
}


def _sheet(entries: Iterable[Entry | Problem], names: Names) -> tuple[Sheet, bool]:
    """The sheet, and whether anything in it was said of a quantity of this network."""
    answers: dict[Var, Answer] = {}
    unreadable: dict[Var, str] = {}
    problems: list[Problem] = []
    asked: set[Var] = set()
    for entry in entries:
        if len(problems) >= MAX_PROBLEMS:
            problems.append(Problem("too-many", "too many problems: the rest of the file was not read"))
            break
        if isinstance(entry, Problem):
            problems.append(entry)
            continue
        var = names.get(entry.name)
        if var is None:
            problems.extend(_unknown(entry, names, len(problems)))
            continue
        asked.add(var)
        if not entry.text:
            continue
        answer = answer_of(var, entry.text, entry.place)
        before = answers.get(var)
        if before is None and var not in unreadable:
            if answer is None and entry.loose and _is_formula(entry.text, names):
                continue  # set out in symbols only: nothing is stated yet
            if answer is None:
                unreadable[var] = printable(entry.text, 80)
            else:
                answers[var] = answer
        elif before is None and answer is not None and entry.loose:
            answers[var] = answer  # in working, a line that only sets the formula out goes before
            del unreadable[var]
        elif not entry.loose or (answer is not None and before is not None and not _agree(before.shown, answer.shown)):
            problems.append(_twice(entry, before, unreadable.get(var, "")))
    return Sheet(answers, unreadable, tuple(problems)), bool(asked)


def _is_formula(text: str, names: Names) -> bool:
    found = expressions(last_side(text), names)
    return bool(found) and bool(found[0].symbols)


def _unknown(entry: Entry, names: Names, found: int) -> Iterator[Problem]:
    if entry.loose and stated(last_side(entry.text)) is None:
        return  # prose with an equals sign in it
    name = printable(entry.name.strip(), 60)
    message = f"nothing in this calculation is called {name!r}" if name else "a value without a name"
    yield Problem("unknown-name", message, entry.place, names.help(entry.name) if found < MAX_HELP else "")


def _twice(entry: Entry, before: Answer | None, unread: str) -> Problem:
    first = before.shown.text if before else unread
    message = (
        f"{printable(entry.name.strip(), 60)} stands twice: {printable(first, 30)}, then {printable(entry.text, 30)}"
    )
    return Problem("duplicate", message, entry.place, "the first one was marked")


def _agree(a: Stated, b: Stated) -> bool:
    return abs(a.value - b.value) <= 2 * (a.half + b.half)


def last_side(text: str) -> str:
    """What stands behind the last equals sign."""
    found = sides(text)
    return found[-1] if found else ""


def answer_of(var: Var, text: str, place: Place | None = None) -> Answer | None:
    """What a text states for ``var``: a number, a chain ``0.59327 ≈ 0.5933``, or working that ends in one.

    The last form is marked; the most precise one that does not contradict it is carried on.
    """
    parts = sides(text)
    chain: list[Stated] = []
    for part in reversed(parts):
        number = stated(part)
        if number is None:
            break
        chain.append(number)
    if not chain:
        return None
    shown = carried = chain[0]
    if len(chain) > 1:
        carried = min((number for number in chain if _agree(shown, number)), key=lambda number: number.half)
    return Answer(var, shown, carried, tuple(parts[: len(parts) - len(chain)]), place)
