"""``backpropcalc grade``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Ascii, NotationName, Only, Phase, SpecFile, form_of, phases, write

if TYPE_CHECKING:
    from backpropcalc.marking.grades import Grade, Setup, Submission

Folder = Annotated[str, typer.Argument(metavar="DIR", help="The folder with a file of answers per student.")]
GradesOutput = Annotated[
    str | None, typer.Option("-o", "--output", metavar="FILE", help="Write the grades to FILE, as CSV.")
]
Reports = Annotated[
    str | None, typer.Option("--reports", metavar="DIR", help="Write a report for each student into this folder.")
]
Latex = Annotated[bool, typer.Option("--latex", help="Reports as LaTeX documents.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Reports as Markdown, as they are anyway.")]
Json = Annotated[bool, typer.Option("--json", help="Reports as JSON.")]
Hints = Annotated[bool, typer.Option("--hints", help="In the reports: say where the mistakes are, not what is right.")]
Solution = Annotated[bool, typer.Option("--show-solution", help="In the reports: work every wrong line in full.")]


def grade(
    spec: SpecFile,
    folder: Folder,
    output: GradesOutput = None,
    reports: Reports = None,
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

    Each file is one student's, named after the student: anna.yaml, .json, .csv, .txt, .md or .tex. A file that cannot
    be read is listed as such and never stops the rest. Reports are Markdown, or as --latex or --json says.

    Exit code: 0, or 2 if the spec, the folder or the command line is at fault.
    """
    import os

    from backpropcalc.errors import fail, printable
    from backpropcalc.marking.grades import REPORTS, Setup, submissions, write_csv
    from backpropcalc.marking.overview import overview
    from backpropcalc.spec.reading import read_text

    form = form_of(None, latex=latex, markdown=markdown, json=json)
    form = "markdown" if form == "terminal" else form
    if hints and show_solution:
        raise fail("usage", "--hints and --show-solution exclude each other")
    if output is not None and not output.lower().endswith(".csv"):
        raise fail("usage", "grades are written as CSV", "give -o a name that ends in .csv")
    if reports is not None and os.path.realpath(reports) == os.path.realpath(folder):
        raise fail("usage", "the reports cannot go into the folder of the answers", "give --reports another folder")
    name = "<standard input>" if spec == "-" else printable(spec)
    setup = Setup(read_text(spec), name, notation, tuple(only or ()), phases(phase), form, hints, show_solution)
    title = printable(setup.examination().trace.spec.title)
    files = submissions(folder, (spec, output), reports or "", REPORTS[form])
    if reports is not None:
        try:
            os.makedirs(reports, exist_ok=True)
        except OSError as error:
            raise fail("unwritable-folder", f"cannot make the folder {printable(reports)}: {error.strerror}") from None
    found: list[Grade] = list(_watched(setup, files))
    if output is not None:
        write(output, lambda out: write_csv(found, out))
    overview(found, sys.stdout, title, students=output is None, ascii=ascii)


def _watched(setup: Setup, files: Sequence[Submission]) -> Iterator[Grade]:
    """The grades, with a progress bar on a terminal."""
    from backpropcalc.marking.grades import grades

    if not sys.stderr.isatty():
        yield from grades(setup, files)
        return
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(grades(setup, files), "marking", len(files), console=console, transient=True)
