"""A marked paper as text, in one written language: all that an output form of ``check`` sees."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Var, variables
from backpropcalc.errors import printable
from backpropcalc.execution.trace import Values, is_finite
from backpropcalc.marking.examination import Paper
from backpropcalc.marking.judge.marks import WRONG, Mark
from backpropcalc.marking.judge.worth import amount
from backpropcalc.pages.rows import Language, Page, Row, Writer
from backpropcalc.program.steps import Step

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
    "substitution": "wrong numbers put in",
    "arithmetic": "the numbers put in are right, the sum is wrong",
    "formula": "wrong formula",
}
"""What a note means, for people."""


@dataclass(frozen=True)
class Report:
    """A paper and how much of it is shown: ``hints`` says where the mistakes are, not what; ``solution`` shows all."""

    page: Page
    paper: Paper
    steps: Mapping[Var, Step]
    hints: bool = False
    solution: bool = False

    @property
    def title(self) -> str:
        """The title of the spec."""
        return printable(self.page.trace.spec.title)

    def items(self, language: Language) -> Iterator[Item]:
        """Each mark as text, in the order of the steps."""
        write = _Items(self, language)
        return (write.item(mark) for mark in self.paper.marks)

    @property
    def verdicts(self) -> str:
        """``36 correct, 2 rounded, 1 mistake``."""
        counts = ((n, verdict + "s" * (verdict == "mistake" and n > 1)) for verdict, n in self.paper.summary.items())
        return ", ".join(f"{n} {word}" for n, word in counts if n)

    @property
    def score(self) -> str:
        """``38.5 of 41 (94 %)``."""
        return str(self.paper.score)

    def wrong(self, mark: Mark) -> bool:
        """Whether it is shown among the mistakes: it costs credit, or the working has something to be said of."""
        return mark.verdict in ("mistake", "unreadable") or (mark.verdict != "missing" and bool(mark.because))


class Item(NamedTuple):
    """A mark as text.

    ``earned`` is said where it is not plain, ``texts`` are the sentences, ``row`` is the line worked in full.
    """

    mark: Mark
    name: str
    answer: str
    expected: str
    own: str
    verdict: str
    earned: str
    texts: tuple[str, ...]
    row: Row | None
    wrong: bool


def _digits(report: Report) -> Digits:
    """As many decimals as the spec shows, or as the student writes if these are more."""
    digits = report.page.trace.digits
    if digits.decimals is None:
        return digits
    halves = [mark.answer.shown.half for mark in report.paper.marks if mark.answer]
    written = max((-math.floor(math.log10(2 * half)) for half in halves if half), default=0)
    return Digits(max(digits.decimals, min(written, FINEST)))


def _earned(mark: Mark) -> str:
    """What a mark earned, where that is not its one point or none at all."""
    if mark.points == 1 and mark.credit in (0, 1):
        return ""
    return f"{amount(mark.earned)} of {amount(mark.points)}" if mark.points else "not counted"


class _Items:
    def __init__(self, report: Report, language: Language) -> None:
        self.report, self.language = report, language
        self.writer = Writer(report.page, language)
        self.digits = self.writer.digits = _digits(report)
        self.write_own = self.writer.direct(Values(1, report.paper.own.__getitem__))

    def item(self, mark: Mark) -> Item:
        report = self.report
        solved = mark.verdict not in WRONG or (report.solution or mark.verdict == "mistake")
        hidden = report.hints or not solved
        wrong = report.wrong(mark)
        return Item(
            mark,
            self.writer.name(mark.var),
            printable(mark.answer.shown.text if mark.answer else mark.text, 24),
            "" if hidden else self.number(mark.expected),
            "" if hidden or not self._differs(mark) else self.number(mark.own),
            mark.verdict,
            _earned(mark),
            tuple(self._texts(mark, wrong)),
            self._row(mark) if not report.hints and self._shows_row(mark, wrong) else None,
            wrong,
        )

    def _shows_row(self, mark: Mark, wrong: bool) -> bool:
        if mark.because and mark.because[0].lines and mark.because[0].lines[0] != mark.var:
            return self.report.solution  # told at the first line of the misunderstanding
        return (wrong and mark.verdict == "mistake") or (self.report.solution and mark.verdict in WRONG)

    def _row(self, mark: Mark) -> Row:
        """The right line, with the student's own values put in."""
        row = self.writer.row(self.report.steps[mark.var], self.write_own)
        exact = is_finite(mark.own) and self.digits.exactly(mark.own, self.digits.shown(mark.own))
        return row._replace(value=self.number(mark.own), relation=self.language.equal if exact else self.language.about)

    def _differs(self, mark: Mark) -> bool:
        return mark.verdict != "correct" and self.number(mark.own) != self.number(mark.expected)

    def number(self, value: Any) -> str:
        """A value as finely as it is shown."""
        return self.writer.amount(value, self.digits)

    def _texts(self, mark: Mark, wrong: bool) -> Iterator[str]:
        if self.report.hints:
            if wrong:
                yield self._hint(mark)
            return
        yield from (because.text for because in mark.because)  # the right line stands below, as a line of its own
        if mark.verdict == "mistake" and not mark.because:
            yield mark.advice or "This does not follow from your earlier values."
        if mark.verdict == "unreadable":
            yield "This is not a number: write it as 0.5933, 0,5933, 1.2e-3 or 3/8."
        said = {because.rule for because in mark.because}
        yield from (NOTES.get(note, note).capitalize() + "." for note in mark.notes if note not in said)

    def _hint(self, mark: Mark) -> str:
        if mark.verdict == "unreadable":
            return "This is not a number."
        used = [
            self.report.page.notation.text(var) for var in dict.fromkeys(variables(self.report.steps[mark.var].term))
        ]
        return f"Look at this step again. It is worked out from {listed(used[:6])}{' …' if len(used) > 6 else ''}."


def listed(words: list[str]) -> str:
    """``a, b and c``."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else "nothing"
