"""The list of a class: a CSV with a name, a number and an e-mail address for each student, and whose a paper is."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from backpropcalc.errors import InputError, Place, Problem
from backpropcalc.spec.reading import read_text

from .submissions import Submission

HEADINGS = {
    "name": {"name", "student", "fullname", "studentname", "vollstandigername"},
    "first": {"firstname", "givenname", "vorname"},
    "last": {"lastname", "surname", "familyname", "nachname"},
    "number": {"id", "number", "idnumber", "studentid", "sid", "userid", "matriculationnumber", "identifier"},
    "email": {"email", "emailaddress", "mail", "sisloginid", "login"},
}
"""What the columns are called, in letters alone."""


class Student(NamedTuple):
    """One row of the list."""

    name: str
    number: str = ""
    email: str = ""


def roster(path: str) -> list[Student]:
    """The students of a list, in its order. Raises ``InputError`` if it cannot be read or has no column of names."""
    text = read_text(path)
    head = text.partition("\n")[0]
    rows = list(csv.reader(text.splitlines(), delimiter=max(",;\t", key=head.count)))
    heads = [_plain(cell) for cell in rows[0]] if rows else []
    columns = {key: heads.index(head) for key, words in HEADINGS.items() for head in heads if head in words}
    if "name" not in columns and not {"first", "last"} <= columns.keys():
        problem = Problem("roster", "the first line has no column of names", Place(1, 1), "as in name,id,e-mail")
        raise InputError([problem], path, text)

    def cell(row: Sequence[str], key: str) -> str:
        at = columns.get(key, len(row))
        return row[at].strip() if at < len(row) else ""

    found = []
    for row in rows[1:]:
        name = cell(row, "name") or f"{cell(row, 'first')} {cell(row, 'last')}".strip()
        if name:
            number = cell(row, "number").removeprefix("Participant").strip()
            found.append(Student(name, number, cell(row, "email")))
    return found


def assigned(students: Sequence[Student], files: Iterable[Submission]) -> dict[Submission, Student]:
    """Whose each paper is: by its number, its e-mail address, or a name that only one student has."""
    keys: dict[str, list[Student]] = {}
    for student in students:
        words = _words(student.name)
        spelled = {student.number, student.email.casefold(), student.email.casefold().partition("@")[0]}
        for key in {key for key in spelled if key} | {"".join(order) for order in (words, words[::-1], sorted(words))}:
            keys.setdefault(key, []).append(student)
    found = {}
    for file in files:
        bare = re.sub(r" \([^()]*\)$", "", file.student)
        words = _words(bare)
        for key in (file.number, file.email.casefold(), bare.casefold(), "".join(words), "".join(sorted(words))):
            fitting = keys.get(key, []) if key else []
            if len(fitting) == 1:
                found[file] = fitting[0]
                break
    return found


def _words(name: str) -> list[str]:
    """The words of a name without marks: Müller, Ben and ben muller are alike but for the order."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    return re.findall(r"[^\W_]+", "".join(char for char in decomposed if not unicodedata.combining(char)))


def _plain(heading: str) -> str:
    return "".join(_words(heading)).lstrip("\ufeff")
