"""A whole class: every answer file of a folder marked, on all cores, in the order of the file names."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from backpropcalc.errors import InputError, fail, printable
from backpropcalc.files import whole
from backpropcalc.marking.examination import Examination, Paper
from backpropcalc.marking.judge.marks import VERDICTS
from backpropcalc.marking.judge.worth import Score, amount
from backpropcalc.marking.read.answers import SUFFIXES
from backpropcalc.pages.rows import page
from backpropcalc.spec.load import loads

from .forms import FORMS
from .report import Report

FEW = 24
"""So many files are marked faster by one process than it takes to start more."""
REPORTS = {"markdown": ".md", "latex": ".tex", "json": ".json"}
"""The forms of a student's report, and their suffixes."""


NOTHING = Score(0.0, 0.0)


@dataclass(frozen=True)
class Setup:
    """What each process needs to make the examination ready: the text of the spec and what is asked."""

    text: str
    file: str
    notation: str | None = None
    only: tuple[str, ...] = ()
    phases: frozenset[str] = frozenset()
    form: str = "markdown"
    hints: bool = False
    solution: bool = False

    def examination(self) -> Examination:
        """The examination. Raises ``InputError`` if the spec is at fault."""
        spec = loads(self.text, self.file)
        if self.notation:
            spec = spec.override(notation=self.notation)
        return Examination(page(spec, only=self.only, phases=self.phases))


@dataclass(frozen=True)
class Submission:
    """An answer file, the student it is named after, and where the report goes (empty: nowhere)."""

    path: str
    student: str
    report: str = ""

    @property
    def file(self) -> str:
        """The name of the file."""
        return printable(os.path.basename(self.path))


@dataclass(frozen=True)
class Grade:
    """What became of a submission; with an ``error`` it could not be marked."""

    submission: Submission
    score: Score = NOTHING
    summary: dict[str, int] = field(default_factory=dict)
    mistakes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    problems: int = 0
    error: str = ""


def submissions(
    folder: str | Path, leave_out: Iterable[str | None] = (), reports: str = "", suffix: str = ".md"
) -> list[Submission]:
    """The answer files of a folder in the order of their names; hidden files and ``leave_out`` are none.

    Raises ``InputError`` if it is no folder, or if nothing is in it.
    """
    name = printable(str(folder))
    known = {os.path.realpath(path) for path in leave_out if path and path != "-"}
    try:
        found = sorted(entry.name for entry in os.scandir(folder) if entry.is_file() and not entry.name.startswith("."))
    except OSError as error:
        raise fail("unreadable-folder", f"cannot read the folder {name}: {error.strerror}") from None
    files = [file for file in found if os.path.realpath(os.path.join(folder, file)) not in known]
    if not files:
        raise fail(
            "empty-folder", f"there are no answer files in {name}", "one file per student: " + " ".join(SUFFIXES)
        )
    stems = Counter(os.path.splitext(file)[0].casefold() for file in files)
    out = []
    for file in files:
        stem = os.path.splitext(file)[0]
        student = file if stems[stem.casefold()] > 1 else stem
        report = os.path.join(reports, student + suffix) if reports else ""
        out.append(Submission(os.path.join(folder, file), student, report))
    return out


def grades(setup: Setup, files: Sequence[Submission], cores: int | None = None) -> Iterator[Grade]:
    """The grade of each submission, in their order. Raises ``InputError`` if the spec is at fault."""
    cores = min(cores or _cores(), max(1, len(files) // FEW))
    done = 0
    if cores > 1:
        try:
            with ProcessPoolExecutor(cores, initializer=_prepare, initargs=(setup,)) as pool:
                for grade in pool.map(_grade, files, chunksize=8):
                    done += 1
                    yield grade
            return
        except BrokenProcessPool:  # a process was ended from outside: the rest is marked here
            pass
    examination = setup.examination()
    for submission in files[done:]:
        yield _marked(submission, examination, setup)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_ready: list[tuple[Examination, Setup]] = []
"""The examination of this process."""


def _prepare(setup: Setup) -> None:
    _ready[:] = [(setup.examination(), setup)]


def _grade(submission: Submission) -> Grade:
    return _marked(submission, *_ready[0])


def _marked(submission: Submission, examination: Examination, setup: Setup) -> Grade:
    suffix = os.path.splitext(submission.path)[1].lower()
    try:
        if suffix and suffix not in SUFFIXES:
            raise fail("suffix", f"no answer file has the suffix {printable(suffix, 20)!r}")
        paper = examination.paper(submission.path)
        if submission.report:
            report = Report(examination.page, paper, examination.steps, setup.hints, setup.solution)
            with whole(submission.report) as out:
                FORMS[setup.form](report, out, **({"standalone": True} if setup.form == "latex" else {}))
    except InputError as error:
        first = error.problems[0]
        where = f"line {first.where.line}: " if first.where else ""
        return Grade(submission, _nothing(examination), problems=len(error.problems), error=where + first.message)
    except Exception as error:  # whatever one file does to the marking, the others get their grades
        return Grade(submission, _nothing(examination), error=f"could not be marked ({type(error).__name__})")
    return _graded(submission, paper, examination)


def _nothing(examination: Examination) -> Score:
    """The score of a file that could not be marked."""
    return Score.of((), examination.key.possible)


def _graded(submission: Submission, paper: Paper, examination: Examination) -> Grade:
    wrong = [mark for mark in paper.marks if mark.verdict in ("mistake", "unreadable")]
    names = tuple(examination.page.notation.ascii(mark.var) for mark in wrong)
    rules = tuple(because.rule for mark in paper.marks for because in mark.because)
    return Grade(submission, paper.score, paper.summary, names, rules, len(paper.problems))


COLUMNS = (
    "student",
    "file",
    "earned",
    "possible",
    "percent",
    *VERDICTS,
    "problems",
    "mistakes",
    "misconceptions",
    "error",
)


def write_csv(found: Sequence[Grade], out: TextIO) -> None:
    """Write the grades as CSV; no cell can be taken for a spreadsheet formula."""
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for grade in found:
        counts = [grade.summary.get(verdict, 0) for verdict in VERDICTS]
        score = (amount(grade.score.earned), amount(grade.score.possible), f"{grade.score.percent:.1f}")
        words = (" ".join(grade.mistakes), " ".join(dict.fromkeys(grade.rules)), grade.error)
        rows.writerow(
            (
                cell(grade.submission.student),
                cell(grade.submission.file),
                *score,
                *counts,
                grade.problems,
                *map(cell, words),
            )
        )


def cell(text: str) -> str:
    """``text`` as a cell that no spreadsheet works out."""
    clean = printable(text, 1000)
    risky = clean.lstrip().startswith(("=", "+", "-", "@")) or text.startswith(("\t", "\r", "\n"))
    return f"'{clean}" if risky else clean
