"""A whole class: every answer file of a folder marked, on all cores, in the order of the file names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from backpropcalc import render
from backpropcalc.errors import InputError, fail, printable
from backpropcalc.files import whole
from backpropcalc.marking.examination import Examination, Paper, questions
from backpropcalc.marking.judge.worth import Score
from backpropcalc.marking.read.decoding import SUFFIXES
from backpropcalc.marking.report import Report
from backpropcalc.spec.load import loads

from .submissions import Submission

FEW = 24
"""So many files are marked faster by one process than it takes to start more."""
REPORTS = {"markdown": ".md", "html": ".html", "pdf": ".pdf", "latex": ".tex", "json": ".json"}
"""The forms of a student's report, and their suffixes."""


NOTHING = Score(0.0, 0.0)
MOST_SAID = 5
"""So many misunderstandings stand in a comment."""


@dataclass(frozen=True)
class Setup:
    """What each process needs to make the examination ready: the text of the spec, where it lies, and what is asked."""

    text: str
    file: str
    folder: str = ""
    keys: Mapping[str, object] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    phases: frozenset[str] = frozenset()
    form: str = "markdown"
    hints: bool = False
    solution: bool = False
    forms: Mapping[str, str] = field(default_factory=dict)
    """The specs of the forms of an exam by their letters, instead of ``text``; none if all have the same numbers."""

    def examination(self, form: str = "") -> Examination:
        """The examination, of a form if there are forms. Raises ``InputError`` if the spec is at fault."""
        text, file = (self.forms[form], f"form {form}") if form else (self.text, self.file)
        spec = loads(text, file, Path(self.folder)).override(**self.keys)
        return Examination(questions(spec, self.only, self.phases))


class Examinations:
    """The examination of each form, or the only one, made ready when it is first needed."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.ready: dict[str, Examination] = {}
        self.of(next(iter(setup.forms), ""))

    def of(self, form: str) -> Examination:
        """That of a form, or of any if none is named. Raises ``InputError`` if its spec is at fault."""
        letter = form if form in self.setup.forms else next(iter(self.setup.forms), "")
        if letter not in self.ready:
            self.ready[letter] = self.setup.examination(letter)
        return self.ready[letter]


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
    phases: Mapping[str, float] = field(default_factory=dict)
    questions: Mapping[str, float] = field(default_factory=dict)
    """The points of each phase, and of each quantity by its name."""
    wrong: Mapping[str, str] = field(default_factory=dict)
    """What stands where a mistake was made."""
    comment: str = ""
    """The score, and each misunderstanding in a sentence."""


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
    examinations = Examinations(setup)
    for submission in files[done:]:
        yield _marked(submission, examinations)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_ready: list[Examinations] = []
"""The examinations of this process."""


def _prepare(setup: Setup) -> None:
    _ready[:] = [Examinations(setup)]


def _grade(submission: Submission) -> Grade:
    return _marked(submission, _ready[0])


def _marked(submission: Submission, examinations: Examinations) -> Grade:
    suffix, setup = os.path.splitext(submission.path)[1].lower(), examinations.setup
    examination = examinations.of(submission.form)
    try:
        if setup.forms and not submission.form:
            raise fail("form", "which form it answers is not told: its letter or digest must stand on the paper")
        if suffix and suffix not in SUFFIXES:
            raise fail("suffix", f"no answer file has the suffix {printable(suffix, 20)!r}")
        paper = examination.paper(submission.path)
        if submission.report:
            report = Report(examination.page, paper, examination.steps, setup.hints, setup.solution)
            with whole(submission.report) as out:
                render.write(report, out, setup.form, **({"standalone": True} if setup.form == "latex" else {}))
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
    name = examination.page.notation.ascii
    phases: dict[str, float] = {}
    for mark in paper.marks:
        if mark.points:
            phase = examination.phases[mark.var]
            phases[phase] = phases.get(phase, 0.0) + mark.earned
    said = dict.fromkeys(because.text for mark in paper.marks for because in mark.because)
    return Grade(
        submission,
        paper.score,
        paper.summary,
        mistakes=tuple(name(mark.var) for mark in paper.marks if mark.verdict in ("mistake", "unreadable")),
        rules=tuple(because.rule for mark in paper.marks for because in mark.because),
        problems=len(paper.problems),
        phases=phases,
        questions={name(mark.var): mark.earned for mark in paper.marks if mark.points},
        wrong={name(m.var): m.answer.shown.text for m in paper.marks if m.verdict == "mistake" and m.answer},
        comment=" ".join([f"{paper.score}.", *list(said)[:MOST_SAID]]),
    )
