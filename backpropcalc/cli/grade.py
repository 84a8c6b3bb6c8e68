"""``backpropcalc grade``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Ascii, NotationName, Only, Phase, SpecFile, form_of, phases, write

if TYPE_CHECKING:
    from backpropcalc.marking.course.grading import Grade, Setup
    from backpropcalc.marking.course.submissions import Submission

Folder = Annotated[
    str,
    typer.Argument(metavar="DIR", help="The folder, or zip, with the answers: a file or a folder for each student."),
]
GradesOutput = Annotated[
    str | None, typer.Option("-o", "--output", metavar="FILE", help="Write the grades to FILE, as CSV.")
]
Reports = Annotated[
    str | None, typer.Option("--reports", metavar="DIR", help="Write a report for each student into this folder.")
]
Latex = Annotated[bool, typer.Option("--latex", help="Reports as LaTeX documents.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Reports as Markdown, as they are anyway.")]
Json = Annotated[bool, typer.Option("--json", help="Reports as JSON.")]
Roster = Annotated[
    str | None, typer.Option("--roster", metavar="CSV", help="The class: name, id, e-mail; who is missing is listed.")
]
Moodle = Annotated[str | None, typer.Option("--moodle", metavar="FILE", help="Also write Moodle's grading worksheet.")]
Canvas = Annotated[str | None, typer.Option("--canvas", metavar="FILE", help="Also write a gradebook for Canvas.")]
Assignment = Annotated[
    str, typer.Option("--assignment", metavar="NAME", help="With --canvas: the column, as in 'Homework 3 (4711)'.")
]
Excel = Annotated[bool, typer.Option("--excel", help="CSV with the mark by which Excel knows UTF-8.")]
Hints = Annotated[bool, typer.Option("--hints", help="In the reports: say where the mistakes are, not what is right.")]
Solution = Annotated[bool, typer.Option("--show-solution", help="In the reports: work every wrong line in full.")]


def grade(
    spec: SpecFile,
    folder: Folder,
    output: GradesOutput = None,
    reports: Reports = None,
    roster: Roster = None,
    moodle: Moodle = None,
    canvas: Canvas = None,
    assignment: Assignment = "Backpropagation",
    excel: Excel = False,
    latex: Latex = False,
    markdown: Markdown = False,
    json: Json = False,
    notation: NotationName = None,
    only: Only = None,
    phase: Phase = None,
    hints: Hints = False,
    show_solution: Solution = False,
    ascii: Ascii = False,
) -> None:
    """Mark a folder of answer files: a table of grades, and what went wrong most often.

    Each file, or each folder, is one student's and named after the student; what Moodle, Canvas and Gradescope hand
    out, zipped or not, is understood. A file that cannot be read is listed as such and never stops the rest. Reports
    are Markdown, or as --latex or --json says.

    Exit code: 0, or 2 if the spec, the folder or the command line is at fault.
    """
    from backpropcalc import render
    from backpropcalc.errors import printable
    from backpropcalc.files import make_folder
    from backpropcalc.marking.course import gradebook
    from backpropcalc.marking.course.copies import copies
    from backpropcalc.marking.course.grading import REPORTS
    from backpropcalc.marking.course.overview import Overview
    from backpropcalc.marking.course.roster import assigned
    from backpropcalc.marking.course.roster import roster as students_of
    from backpropcalc.marking.course.submissions import opened, submissions

    form = form_of(None, latex=latex, markdown=markdown, json=json).replace("terminal", "markdown")
    _check(folder, output, reports, hints, show_solution)
    setup = _setup(spec, notation, only, phase, form, hints, show_solution)
    title = printable(setup.examination().trace.spec.title)
    students = students_of(roster) if roster else []
    with opened(folder) as root:
        files = submissions(root, (spec, output, roster, moodle, canvas), reports or "", REPORTS[form])
        if reports is not None:
            make_folder(reports)
        found = list(_watched(setup, files))
    owners = {paper.path: student for paper, student in assigned(students, files).items()}
    absent = [student for student in students if student not in owners.values()]
    if output is not None:
        _write(output, gradebook.gradebook(found, owners, absent), excel)
    if moodle is not None:
        _write(moodle, gradebook.moodle(found, owners), excel)
    if canvas is not None:
        _write(canvas, gradebook.canvas(found, owners, assignment), excel)
    shown = Overview(found, title, output is None, copies(found), absent)
    render.write(shown, sys.stdout, ascii=ascii)


def _check(folder: str, output: str | None, reports: str | None, hints: bool, solution: bool) -> None:
    """Raises ``InputError`` for options that cannot be."""
    import os

    from backpropcalc.errors import fail

    if hints and solution:
        raise fail("usage", "--hints and --show-solution exclude each other")
    if output is not None and output != "-" and not output.lower().endswith(".csv"):
        raise fail("usage", "grades are written as CSV", "give -o a name that ends in .csv")
    if reports is not None and os.path.realpath(reports) == os.path.realpath(folder):
        raise fail("usage", "the reports cannot go into the folder of the answers", "give --reports another folder")


def _setup(
    spec: str,
    notation: str | None,
    only: list[str] | None,
    phase: list[str] | None,
    form: str,
    hints: bool,
    solution: bool,
) -> Setup:
    """The examination as each process makes it ready; the spec is read once, as it may be standard input."""
    from pathlib import Path

    from backpropcalc.errors import printable
    from backpropcalc.marking.course.grading import Setup
    from backpropcalc.spec.reading import read_text

    name, beside = ("<standard input>", "") if spec == "-" else (printable(spec), str(Path(spec).parent))
    return Setup(read_text(spec), name, beside, notation, tuple(only or ()), phases(phase), form, hints, solution)


def _write(path: str, rows: Iterable[list[str]], excel: bool) -> None:
    from backpropcalc.marking.course.gradebook import write_csv

    listed = list(rows)  # what is wrong with them is said before a file is opened
    write(path, lambda out: write_csv(listed, out, excel))


def _watched(setup: Setup, files: Sequence[Submission]) -> Iterator[Grade]:
    """The grades, with a progress bar on a terminal."""
    from backpropcalc.marking.course.grading import grades

    if not sys.stderr.isatty():
        yield from grades(setup, files)
        return
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(grades(setup, files), "marking", len(files), console=console, transient=True)
