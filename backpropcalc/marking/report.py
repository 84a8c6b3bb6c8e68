"""A marked paper as a document: mistakes first with their explanation, then the marks, the score."""

from __future__ import annotations

import math as mathematics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from backpropcalc.algebra.arithmetic import FLOAT, Number, evaluate
from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Var, variables
from backpropcalc.errors import Problem, count, printable
from backpropcalc.execution.values import Values, is_finite
from backpropcalc.marking.examination import Paper
from backpropcalc.marking.judge.conventions import SAID
from backpropcalc.marking.judge.marks import WRONG, Mark
from backpropcalc.marking.judge.worth import amount
from backpropcalc.pages.calculation import AboutPage, Page
from backpropcalc.pages.pieces import WRITTEN, Heading, Lines, Math, Note, Phrase, Piece, Run, Table, Title, Value, math
from backpropcalc.program.steps import Step

FEW = 5
"""Up to so many missing answers have a row each; more are listed below the others."""
MAX_PROBLEMS = 30
FINEST = 9
"""So many decimals are shown at most because a student writes them."""
NOTES = {
    "recovered": "right again after an earlier mistake",
    "last-digit": "one off in the last digit",
    "truncated": "cut off, not rounded",
    "too-coarse": "written so roughly that a wrong method would give it too: no points, more digits please",
    "fewer-digits": "fewer digits than were asked for",
    "deducted-once": "the same slip as before, deducted there",
    "trivial": "follows from a wrong 0 whatever else is done",
    "implausible": "cannot be: this quantity never has such a value",
    "alternative-route": "by another route",
    "copy-slip": "a number was copied wrongly",
    "negated-delta": "with the sign of δ turned throughout",
    **SAID,
    "substitution": "wrong numbers put in",
    "arithmetic": "the numbers put in are right, the sum is wrong",
    "formula": "wrong formula",
}
"""What a note means, for people."""


@dataclass(frozen=True)
class Report(AboutPage):
    """A paper and how much of it is shown: ``hints`` says where the mistakes are, not what; ``solution`` shows all."""

    page: Page = field()  # given: what the class above has is no default
    paper: Paper
    steps: Mapping[Var, Step]
    hints: bool = False
    solution: bool = False

    kind = "a report"
    forms = WRITTEN | {"json"}
    exact = False
    indent = 1

    @property
    def quoted(self) -> str:
        """The title, and all that the student wrote."""
        marks = (text for mark in self.paper.marks for text in (self._answer(mark), *self._texts(mark)))
        return "".join([self.title, self.paper.file, *map(said, self.paper.problems[:MAX_PROBLEMS]), *marks])

    @cached_property
    def digits(self) -> Digits:
        """As many decimals as the spec shows, or as the student writes if these are more."""
        digits = self.page.digits
        if digits.decimals is None:
            return digits
        halves = [mark.answer.shown.half for mark in self.paper.marks if mark.answer]
        written = max((-mathematics.floor(mathematics.log10(2 * half)) for half in halves if half), default=0)
        return digits._replace(decimals=max(digits.decimals, min(written, FINEST)))

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """The mistakes, each with the line worked in full, the table of all marks, the score."""
        yield Title(self.title or "Marks", "Marks")
        yield Note(f"{self.paper.file}: {self.verdicts}", close=True)
        yield from self._problems()
        wrong = [mark for mark in self.paper.marks if self.wrong(mark)]
        if wrong:
            yield Heading(2, "Look at this first" if len(wrong) == 1 else "Look at these first")
            yield Heading(3, "")
        for mark in wrong:
            yield from self._explained(mark)
        yield Heading(2, "Marks")
        yield Heading(3, "")
        yield from self._table()
        solved = [mark for mark in self.paper.marks if self._shows_line(mark) and not self.wrong(mark)]
        if solved:
            yield Heading(2, "Solution of what is missing")
            yield Heading(3, "")
            yield self._lines(solved)
        yield Note(f"Score: {self.paper.score}", "strong")

    def _problems(self) -> Iterator[Note]:
        problems = self.paper.problems
        yield from (Note(f"! {said(problem)}", "warning", n > 0) for n, problem in enumerate(problems[:MAX_PROBLEMS]))
        if len(problems) > MAX_PROBLEMS:
            yield Note(f"… and {len(problems) - MAX_PROBLEMS} more like these", close=True)

    def _explained(self, mark: Mark) -> Iterator[Piece]:
        """A mistake: what was answered, why it is wrong, the line worked in full."""
        answer = self._answer(mark)
        yield Heading(4, (math(mark.var), f" = {answer}" if answer else ""), "mistake")
        yield from (Note(text, close=True) for text in self._texts(mark))
        if self._shows_line(mark):
            yield self._lines([mark])

    def _lines(self, marks: list[Mark]) -> Lines:
        """The right lines, with the student's own values put in."""
        values = {**self.paper.own, **{mark.var: mark.own for mark in marks}}
        for part in (part for mark in marks for part in self.steps[mark.var].parts):  # products, in full detail
            values[part.var] = evaluate(part.term, values.__getitem__, FLOAT)
        runs = tuple(Run.of(self.steps[mark.var]) for mark in marks)
        return Lines(runs, Values(1, values.__getitem__, FLOAT, lambda var: True, False))

    def _table(self) -> Iterator[Piece]:
        """Every mark: name, answer, what is right, what follows from the student's own values, verdict."""
        missing = [math(mark.var) for mark in self.paper.marks if mark.verdict == "missing"]
        few = len(missing) <= FEW
        marks = [mark for mark in self.paper.marks if few or mark.verdict != "missing"]
        rows = [self._row(mark) for mark in marks]
        headings = ("", "answer", "expected", "from yours", "")
        shown = [n for n in range(5) if n in (0, 1, 4) or any(row[n] for row in rows)]
        yield Table(
            tuple(headings[n] for n in shown),
            [tuple(row[n] for n in shown) for row in rows],
            tuple(n in (1, 2, 3) for n in shown),
            tones=tuple(mark.verdict for mark in marks),
        )
        if not few:
            names = (part for n, name in enumerate(missing) for part in ((",  ", name) if n else (name,)))
            yield Note(("missing: ", *names), "missing")

    def _row(self, mark: Mark) -> tuple[Phrase, ...]:
        hidden = self.hints or (mark.verdict in WRONG and not self.solution and mark.verdict != "mistake")
        own = self.digits.shown(mark.own) if is_finite(mark.own) else mark.own
        expected = self.digits.shown(mark.expected) if is_finite(mark.expected) else mark.expected
        differs = mark.verdict != "correct" and own != expected
        return (
            math(mark.var),
            self._answer(mark) or "-",
            "" if hidden else self._number(mark.expected),
            self._number(mark.own) if differs and not hidden else "",
            self._verdict(mark),
        )

    @staticmethod
    def _number(value: Number) -> Math:
        return math(Value(value))

    def _verdict(self, mark: Mark) -> str:
        """The verdict, and where it is not plain what was earned and why."""
        notes = [*(() if self.hints else mark.notes), *([_earned(mark)] if _earned(mark) else [])]
        return mark.verdict + (f" ({', '.join(notes)})" if notes else "")

    @staticmethod
    def _answer(mark: Mark) -> str:
        return printable(mark.answer.shown.text if mark.answer else mark.text, 24)

    @property
    def verdicts(self) -> str:
        """``36 correct, 2 rounded, 1 mistake``."""
        found = self.paper.summary.items()
        return ", ".join(count(n, verdict) if verdict == "mistake" else f"{n} {verdict}" for verdict, n in found if n)

    def wrong(self, mark: Mark) -> bool:
        """Whether it is shown among the mistakes: it costs credit, or the working has something to be said of."""
        return mark.verdict in ("mistake", "unreadable") or (mark.verdict != "missing" and bool(mark.because))

    def _shows_line(self, mark: Mark) -> bool:
        if mark.because and mark.because[0].lines and mark.because[0].lines[0] != mark.var:
            return self.solution and not self.hints  # told at the first line of the misunderstanding
        wanted = (self.wrong(mark) and mark.verdict == "mistake") or (self.solution and mark.verdict in WRONG)
        return wanted and not self.hints

    def _texts(self, mark: Mark) -> Iterator[str]:
        if self.hints:
            if self.wrong(mark):
                yield self._hint(mark)
            return
        yield from (because.text for because in mark.because)  # the right line stands below, as a line of its own
        if mark.verdict == "mistake" and not mark.because:
            yield mark.advice or "This does not follow from your earlier values."
        if mark.verdict == "unreadable":
            yield "This is not a number: write it as 0.5933, 0,5933, 1.2e-3 or 3/8."
        rules = {because.rule for because in mark.because}
        yield from (NOTES.get(note, note).capitalize() + "." for note in mark.notes if note not in rules)

    def _hint(self, mark: Mark) -> str:
        if mark.verdict == "unreadable":
            return "This is not a number."
        used = [self.notation.text(var) for var in dict.fromkeys(variables(self.steps[mark.var].term))]
        return f"Look at this step again. It is worked out from {spoken(used[:6])}{' …' if len(used) > 6 else ''}."

    def data(self) -> dict[str, object]:
        """The marks, the score and the summary, for other programs."""
        return {
            "marks": [self._mark(mark) for mark in self.paper.marks],
            "score": self.paper.score._asdict(),
            "summary": self.paper.summary,
        }

    def _mark(self, mark: Mark) -> dict[str, object]:
        return {
            "id": mark.var.id,
            "name": self.notation.ascii(mark.var),
            "answer": float(mark.answer.shown.value) if mark.answer else mark.text or None,
            "expected": None if self.hints else _finite(mark.expected),
            "own": None if self.hints else _finite(mark.own),
            "verdict": mark.verdict,
            "points": round(mark.points, 4),
            "earned": round(mark.earned, 4),
            "notes": [] if self.hints else list(mark.notes),
            "because": [] if self.hints else [{"rule": b.rule, "text": b.text} for b in mark.because],
        }


def said(problem: Problem) -> str:
    """A problem on one line."""
    where = f"line {problem.where.line}: " if problem.where else ""
    return where + problem.message + (f"; {problem.help}" if problem.help else "")


def _finite(value: Number) -> float | None:
    return float(value) if is_finite(value) else None


def _earned(mark: Mark) -> str:
    """What a mark earned, where that is not its one point or none at all."""
    if mark.points == 1 and mark.credit in (0, 1):
        return ""
    return f"{amount(mark.earned)} of {amount(mark.points)}" if mark.points else "not counted"


def spoken(words: list[str]) -> str:
    """``a, b and c``."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else "nothing"
