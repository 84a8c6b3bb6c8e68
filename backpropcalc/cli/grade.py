"""``backpropcalc grade``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from .options import (
    ASKED,
    Ascii,
    Asked,
    Changes,
    Group,
    SpecFile,
    Target,
    file_option,
    only_one,
    options,
    spec_keys,
    under,
    write,
)

if TYPE_CHECKING:
    from backpropcalc.marking.course.grading import Grade, Setup
    from backpropcalc.marking.course.overview import Overview
    from backpropcalc.marking.course.roster import Student
    from backpropcalc.marking.course.submissions import Submission

REPORTED, CLASS = "Reports", "Class and gradebooks"

Folder = Annotated[
    str | None,
    typer.Argument(metavar="DIR", help="The folder, or zip, with the answers: a file or a folder for each student."),
]
Reports = Annotated[
    str | None,
    typer.Option(
        "--reports", metavar="DIR", rich_help_panel=REPORTED, help="Write a report for each student into this folder."
    ),
]

OVERVIEWS = (".html", ".pdf", ".typ", ".tex", ".md", ".txt")
"""How files with the class at a glance end."""


class Gradebooks(NamedTuple):
    """The class, and the gradebooks that are written for it."""

    output: str | None
    roster: str | None
    moodle: str | None
    canvas: str | None
    overview: str | None
    assignment: str | None
    excel: bool

    @property
    def paths(self) -> tuple[str | None, ...]:
        """The files that are no answers."""
        return self.output, self.roster, self.moodle, self.canvas, self.overview

    def check(self) -> None:
        """Raises ``InputError`` for files that cannot be written, or of which one would take another's place."""
        from backpropcalc.errors import fail, printable

        if self.output is not None and self.output != "-" and not self.output.lower().endswith(".csv"):
            raise fail("usage", "grades are written as CSV", "give -o a name that ends in .csv")
        if self.overview is not None and not self.overview.lower().endswith(OVERVIEWS):
            message = f"the class at a glance is written as {', '.join(OVERVIEWS)}"
            raise fail("usage", message, "give --overview such a name")
        taken: set[str] = set()
        for path in self.paths:
            if path is not None and os.path.realpath(path) in taken and path != "-":
                raise fail("usage", f"{printable(path)} is named twice", "each file needs a name of its own")
            taken |= {os.path.realpath(path)} if path is not None else set()

    def write(self, grades: Sequence[Grade], owners: Mapping[str, Student], absent: Sequence[Student]) -> None:
        """Write those that are asked for."""
        from backpropcalc.marking.course import gradebook

        if self.output is not None:
            self._write(self.output, gradebook.gradebook(grades, owners, absent))
        if self.moodle is not None:
            self._write(self.moodle, gradebook.moodle(grades, owners))
        if self.canvas is not None:
            self._write(self.canvas, gradebook.canvas(grades, owners, self.assignment or "Backpropagation"))

    def _write(self, path: str, rows: Iterable[list[str]]) -> None:
        from backpropcalc.marking.course.gradebook import write_csv

        listed = list(rows)  # what is wrong with them is said before a file is opened
        write(path, lambda out: write_csv(listed, out, self.excel))


BOOKS = Group(
    (
        file_option("the grades as CSV"),
        *under(
            CLASS,
            ("roster", "CSV", "The class: name, id, e-mail; who is missing is listed."),
            ("moodle", "FILE", "Also write Moodle's grading worksheet."),
            ("canvas", "FILE", "Also write a gradebook for Canvas."),
            ("overview", "FILE", "Also write the class at a glance: .html, .pdf, .typ, .tex, .md or .txt."),
            ("assignment", "NAME", "With --canvas: the column, as in 'Homework 3 (4711)'; else Backpropagation."),
            ("excel", "", "CSV with the mark by which Excel knows UTF-8."),
        ),
    ),
    Gradebooks,
)


class ReportForm(NamedTuple):
    """How a student's report is written, and how much it tells."""

    form: str
    hints: bool
    solution: bool


def _report_form(hints: bool, show_solution: bool, **forms: bool) -> ReportForm:
    only_one(hints=hints, show_solution=show_solution)
    return ReportForm(only_one(**forms) or "markdown", hints, show_solution)


REPORT = Group(
    under(
        REPORTED,
        ("latex", "", "As LaTeX documents."),
        ("markdown", "", "As Markdown, as they are anyway."),
        ("html", "", "As pages for the browser, readable on a phone."),
        ("pdf", "", "As PDF; takes [pdf], or LaTeX."),
        ("json", "", "As JSON."),
        ("hints", "", "Say where the mistakes are, not what is right."),
        ("show_solution", "", "Work every wrong line in full."),
    ),
    _report_form,
)


Forms = Annotated[
    str | None,
    typer.Option(
        "--forms",
        metavar="DIR",
        help="Mark each paper by its form, whose specs `exam --specs DIR` wrote; SPEC is left out.",
    ),
]


@options(keys=spec_keys("grade"), asked=ASKED, report=REPORT, books=BOOKS)
def grade(
    spec: SpecFile,
    asked: Asked,
    report: ReportForm,
    keys: Changes,
    books: Gradebooks,
    folder: Folder = None,
    forms: Forms = None,
    reports: Reports = None,
    ascii: Ascii = False,
) -> None:
    """Mark a folder of answer files: a table of grades, and what went wrong most often.

    Each file, or each folder, is one student's and named after the student; what Moodle, Canvas and Gradescope hand
    out, zipped or not, is understood. A file that cannot be read is listed as such and never stops the rest. Reports
    are Markdown, or as --html, --pdf, --latex or --json says.

    grade DIR --forms FORMS marks each paper by the form named on it or in its name, or that its student was handed.

    Exit code: 0, or 2 if the spec, the folder or the command line is at fault.

    Example: backpropcalc grade net.yaml submissions/ -o grades.csv --reports reports/
    """
    from backpropcalc.errors import printable
    from backpropcalc.files import make_folder
    from backpropcalc.marking.course.copies import copies
    from backpropcalc.marking.course.forms import common, handed_out, matched
    from backpropcalc.marking.course.forms import forms as forms_in
    from backpropcalc.marking.course.grading import REPORTS as SUFFIXES
    from backpropcalc.marking.course.grading import Examinations, grades
    from backpropcalc.marking.course.overview import Overview
    from backpropcalc.marking.course.submissions import opened, submissions

    from .progress import watched

    books.check()
    spec, folder = _arguments(spec, folder, forms, reports)
    known, having = forms_in(forms), handed_out(forms)
    setup = _setup(spec, keys, asked, report, {letter: form.text for letter, form in known.items()})
    title = printable(common(Examinations(setup).of("").trace.spec.title))
    students = _class(books.roster, having)
    with opened(folder) as root:
        papers = submissions(root, (spec, *books.paths), reports or "", SUFFIXES[report.form])
        files = matched(papers, known, having)
        if reports is not None:
            make_folder(reports)
        found = list(watched(grades(setup, files), "marking", len(files)))
    absent = _entered(books, found, files, students)
    page = Overview(found, title, books.output is None, copies(found), absent)
    _show(page, books.overview, ascii)


def _entered(
    books: Gradebooks, found: Sequence[Grade], files: Sequence[Submission], students: Sequence[Student]
) -> list[Student]:
    """The students without a paper, once the gradebooks have been written."""
    from backpropcalc.marking.course.roster import assigned

    owners = {paper.path: student for paper, student in assigned(students, files).items()}
    absent = [student for student in students if student not in owners.values()]
    books.write(found, owners, absent)
    return absent


def _show(page: Overview, file: str | None, ascii: bool) -> None:
    """The class at a glance, in the terminal and as a file."""
    from backpropcalc import render

    if file is not None:
        form = render.SUFFIXES[PurePath(file).suffix.lower()]
        looks = Target(form, file, standalone=True).looks()
        write(file, lambda out: render.write(replace(page, students=True), out, form, **looks))
    render.write(page, sys.stdout, ascii=ascii)


def _class(file: str | None, having: Mapping[str, Sequence[Student]]) -> list[Student]:
    """The students of the roster, or those who were handed a form."""
    from backpropcalc.marking.course.roster import roster

    return roster(file) if file else [student for some in having.values() for student in some]


def _arguments(spec: str, folder: str | None, forms: str | None, reports: str | None) -> tuple[str, str]:
    """The spec and the folder; with forms the folder alone may be given.

    Raises ``InputError`` if one is missing, or if the reports would lie among the answers.
    """
    from backpropcalc.errors import fail

    if folder is None and forms is None:
        raise fail("usage", "the folder with the answers is missing", "backpropcalc grade SPEC DIR")
    spec, folder = ("", spec) if folder is None else (spec, folder)
    if reports is not None and os.path.realpath(reports) == os.path.realpath(folder):
        raise fail("usage", "the reports cannot go into the folder of the answers", "give --reports another folder")
    return spec, folder


def _setup(spec: str, keys: Changes, asked: Asked, report: ReportForm, forms: Mapping[str, str]) -> Setup:
    """The examination as each process makes it ready; the spec is read once, as it may be standard input."""
    from pathlib import Path

    from backpropcalc.errors import printable
    from backpropcalc.marking.course.grading import Setup
    from backpropcalc.spec.reading import read_text

    name, beside = ("<standard input>", "") if spec == "-" else (printable(spec), str(Path(spec).parent))
    return Setup(
        read_text(spec) if spec else "",
        name,
        beside,
        keys,
        asked.only,
        asked.phases,
        report.form,
        report.hints,
        report.solution,
        forms,
    )
