"""The grades of a class as CSV: for a spreadsheet, for Moodle's grading worksheet, for Canvas's gradebook.

Moodle's importer looks for the columns ``Identifier``, ``Grade`` and ``Last modified (grade)``
(mod/assign/feedback/offline/importgradeslib.php), Canvas's for ``Student``, ``ID``, the columns of the student
information system, ``Section`` and ``name (number)`` of an assignment (lib/gradebook_importer.rb).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TextIO

from backpropcalc.errors import fail, printable
from backpropcalc.marking.judge.marks import VERDICTS
from backpropcalc.marking.judge.worth import amount

from .grading import Grade
from .roster import Student

Rows = Iterable[Sequence[str]]
BYTE_ORDER_MARK = "\ufeff"
"""Excel takes a file for UTF-8 if it begins with it."""
_FORMULA = tuple("=+-@＝＋－＠")
"""A cell that begins with one of them is worked out by a spreadsheet, or by one that folds full-width letters."""


def write_csv(rows: Rows, out: TextIO, excel: bool = False) -> None:
    """Write rows of cells, none of which a spreadsheet works out."""
    out.write(BYTE_ORDER_MARK if excel else "")
    csv.writer(out, lineterminator="\n").writerows([cell(text) for text in row] for row in rows)


def cell(text: str) -> str:
    """``text`` as a cell that no spreadsheet takes for a formula."""
    clean = printable(text, 1000)
    risky = clean.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r", "\n"))
    return f"'{clean}" if risky else clean


def gradebook(grades: Sequence[Grade], owners: Mapping[str, Student], absent: Sequence[Student]) -> Iterator[list[str]]:
    """A row for each paper, with the points of each phase and of each question; then who handed in nothing."""
    phases = list(dict.fromkeys(phase for grade in grades for phase in grade.phases))
    questions = list(dict.fromkeys(name for grade in grades for name in grade.questions))
    heads = ["student", "id", "e-mail", "file", "late", "earned", "possible", "percent", *VERDICTS, "problems"]
    yield [*heads, "mistakes", "misconceptions", "error", *(f"points {phase}" for phase in phases), *questions]
    for grade in grades:
        paper = grade.submission
        owner = owners.get(paper.path, Student(paper.student, paper.number, paper.email))
        late = "late" if paper.late else ""
        row = [owner.name, owner.number, owner.email, paper.file, late]
        if grade.error:
            blanks = [""] * (4 + len(VERDICTS) + 2)
            yield [*row, *blanks, grade.error, *[""] * (len(phases) + len(questions))]
            continue
        yield [
            *row, amount(grade.score.earned), amount(grade.score.possible), f"{grade.score.percent:.1f}",
            *(str(grade.summary.get(verdict, 0)) for verdict in VERDICTS), str(grade.problems),
            " ".join(grade.mistakes), " ".join(dict.fromkeys(grade.rules)), "",
            *(amount(grade.phases.get(phase, 0.0)) for phase in phases),
            *(amount(grade.questions.get(name, 0.0)) for name in questions),
        ]  # fmt: skip
    for student in absent:
        blanks = [""] * (6 + len(VERDICTS) + 2)
        yield [student.name, student.number, student.email, *blanks, "no paper", *[""] * (len(phases) + len(questions))]


def moodle(grades: Sequence[Grade], owners: Mapping[str, Student]) -> Iterator[list[str]]:
    """A grading worksheet as Moodle's assignment takes it back; papers without a participant's number are left out.

    Raises ``InputError`` if none has one.
    """
    found = [(grade, _number(grade, owners)) for grade in grades if not grade.error and _number(grade, owners)]
    if not found:
        help = "download all submissions in folders, or give --roster with the grading worksheet itself"
        raise fail("no-numbers", "no paper has the number of a Moodle participant", help)
    yield [
        "Identifier", "Full name", "Email address", "Grade", "Maximum Grade", "Last modified (grade)",
        "Feedback comments",
    ]  # fmt: skip
    for grade, number in found:
        owner = owners.get(grade.submission.path, Student(grade.submission.student, number, grade.submission.email))
        marks = [amount(grade.score.earned), amount(grade.score.possible)]
        yield [f"Participant {number}", owner.name, owner.email, *marks, "", grade.comment]


def canvas(grades: Sequence[Grade], owners: Mapping[str, Student], assignment: str) -> Iterator[list[str]]:
    """A gradebook as Canvas imports it; ``assignment`` is the heading of its column, ``Homework 3 (4711)``.

    Raises ``InputError`` if no paper has the number of a Canvas user.
    """
    found = [grade for grade in grades if not grade.error and _number(grade, owners)]
    if not found:
        help = "leave the files' names as Canvas gives them, or give --roster with the ids"
        raise fail("no-numbers", "no paper has the number of a Canvas user", help)
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment]
    yield ["    Points Possible", "", "", "", "", amount(found[0].score.possible)]
    for grade in found:
        owner = owners.get(grade.submission.path, Student(grade.submission.student))
        yield [owner.name, grade.submission.number or owner.number, "", owner.email, "", amount(grade.score.earned)]


def _number(grade: Grade, owners: Mapping[str, Student]) -> str:
    """The number that the system which handed the file out knows the student by."""
    owner = owners.get(grade.submission.path)
    return grade.submission.number or (owner.number if owner else "")
