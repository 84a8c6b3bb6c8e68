"""A class at a glance: the scores, and which steps and misconceptions were most frequent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, median

from backpropcalc.algebra.digits import Digits
from backpropcalc.errors import count, printable
from backpropcalc.marking.judge.worth import amount
from backpropcalc.notation.own_names import OwnNames
from backpropcalc.pages.pieces import WRITTEN, Heading, Note, Phrase, Piece, Table, Title

from .grading import Grade
from .roster import Student

MOST = 10
"""So many of the most frequent ones are shown."""
MOST_STUDENTS = 60
LONGEST_BAR = 30
COPIES = "Not a verdict: look at these papers yourself. They have the same wrong numbers at"
"""Said before what two papers share."""


@dataclass(frozen=True)
class Overview:
    """The table of a class; with ``students`` a line for each.

    ``copies`` are pairs of papers and what they share, ``absent`` who handed in nothing.
    """

    grades: Sequence[Grade]
    title: str = ""
    students: bool = True
    copies: Sequence[tuple[str, str, Sequence[str]]] = ()
    absent: Sequence[Student] = ()

    kind = "an overview"
    forms = WRITTEN
    exact, as_given, large = False, False, False
    digits = Digits()
    notation = OwnNames()

    @property
    def quoted(self) -> str:
        """All that people typed: the title and the names of the students."""
        return "".join([self.title, *(grade.submission.student for grade in self.grades)])

    @property
    def marked(self) -> list[Grade]:
        """Those that could be marked."""
        return [grade for grade in self.grades if not grade.error]

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """The scores, the students, what was most frequent, what could not be marked."""
        yield Title(self.title, "A class at a glance")
        yield Note(self.scores(), close=True)
        if self.students:
            yield from self.listed()
        yield from bars("Scores", [(f"{low:>3} to {low + 10:>3} %", n) for low, n in self.histogram()])
        steps = Counter(name for grade in self.marked for name in dict.fromkeys(grade.mistakes))
        yield from bars("Steps most often wrong", ranked(steps))
        rules = Counter(rule for grade in self.marked for rule in dict.fromkeys(grade.rules))
        yield from bars("Most frequent misconceptions", ranked(rules))
        failed = [grade for grade in self.grades if grade.error]
        if failed:
            yield from headed("Not marked")
            for grade in failed[:MOST_STUDENTS]:
                yield Note(f"{grade.submission.file}: {printable(grade.error, 200)}", "warning", close=True)
            if len(failed) > MOST_STUDENTS:
                yield Note(f"… and {len(failed) - MOST_STUDENTS} more", close=True)
        if self.absent:
            yield from headed("No paper")
            yield Note(", ".join(printable(student.name, 60) for student in self.absent))
        if self.copies:
            yield from headed("Papers that share wrong numbers")
        for n, (one, other, shared) in enumerate(self.copies[:MOST]):
            said = f"{printable(one, 40)} and {printable(other, 40)}: {', '.join(shared)}"
            yield Note(f"{COPIES} {said}" if n == 0 else said, close=True)

    def scores(self) -> str:
        """How many papers there are, and their mean and median."""
        papers, scores = count(len(self.grades), "paper"), [grade.score.percent for grade in self.marked]
        if not scores:
            return papers
        papers += f", {len(scores)} of them marked" if len(scores) < len(self.grades) else ""
        return f"{papers}: mean {amount(mean(scores))} %, median {amount(median(scores))} %"

    def listed(self) -> Iterator[Piece]:
        """Each student's score and first mistake."""
        yield from headed("Students")
        rows: list[tuple[Phrase, ...]] = []
        for grade in self.grades[:MOST_STUDENTS]:
            name, score = printable(grade.submission.student, 30), grade.score
            if grade.error:
                rows.append((name, "not marked", "", ""))
                continue
            first = f"first mistake: {grade.mistakes[0]}" if grade.mistakes else ""
            rows.append((name, f"{amount(score.earned)} of {amount(score.possible)}", score.percentage, first))
        yield Table(("", "", "", ""), rows, (False, True, True))
        if len(self.grades) > MOST_STUDENTS:
            yield Note(f"… and {len(self.grades) - MOST_STUDENTS} more: -o grades.csv has all", close=True)

    def histogram(self) -> list[tuple[int, int]]:
        """How many papers lie in each tenth; full marks belong to the last."""
        tenths = Counter(min(9, int(grade.score.percent // 10)) for grade in self.marked)
        return [(10 * n, tenths[n]) for n in range(10)] if self.marked else []


def headed(text: str) -> Iterator[Heading]:
    """A heading with a line under it."""
    yield Heading(2, text)
    yield Heading(3, "")


def bars(heading: str, rows: list[tuple[str, int]]) -> Iterator[Piece]:
    """A bar chart; nothing if nothing was counted."""
    if not rows:
        return
    yield from headed(heading)
    most = max(n for _, n in rows)
    lengths = [max(round(LONGEST_BAR * n / most) if most else 0, bool(n)) for _, n in rows]
    cells = [(name, str(n), "█" * length) for (name, n), length in zip(rows, lengths, strict=True)]
    yield Table(("", "", ""), cells, (False, True))


def ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent ones, ties in alphabetical order."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST]
