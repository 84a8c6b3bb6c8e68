"""A class at a glance in the terminal: the scores, and which steps and misconceptions were most frequent."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from statistics import mean, median
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from backpropcalc.errors import printable
from backpropcalc.marking.judge.worth import amount
from backpropcalc.render.terminal import can_write, to_ascii

from .grading import Grade
from .roster import Student

MOST = 10
"""So many of the most frequent ones are shown."""
MOST_STUDENTS = 60


COPIES = "Not a verdict: look at these papers yourself. They have the same wrong numbers at"
"""Said before what two papers share."""


def overview(
    found: Sequence[Grade],
    out: TextIO,
    title: str = "",
    students: bool = True,
    ascii: bool = False,
    copies: Sequence[tuple[str, str, Sequence[str]]] = (),
    absent: Sequence[Student] = (),
) -> None:
    """Write the table of a class to ``out``; with ``students`` a line for each.

    ``copies`` are pairs of papers and what they share, ``absent`` who handed in nothing.
    """
    page = _Overview(found, out, ascii)
    page.run(title, students)
    page.absent(absent)
    page.copies(copies)


class _Overview:
    def __init__(self, found: Sequence[Grade], out: TextIO, ascii: bool) -> None:
        self.found = found
        self.marked = [grade for grade in found if not grade.error]
        self.plain = ascii or not can_write(out)
        self.console = Console(file=out, highlight=False, markup=False, emoji=False)
        self.width = max(40, min(self.console.width, 100))

    def line(self, text: str = "", style: str = "") -> None:
        self.console.print(Text(to_ascii(text) if self.plain else text, style=style), soft_wrap=True)

    def run(self, title: str, students: bool) -> None:
        if title:
            self.line(f" {title}", "bold")
        self.scores()
        if students:
            self.students()
        self.bars("Scores", [(f"{low:>3} to {low + 10:>3} %", n) for low, n in self.histogram()])
        steps = Counter(name for grade in self.marked for name in dict.fromkeys(grade.mistakes))
        self.bars("Steps most often wrong", ranked(steps))
        rules = Counter(rule for grade in self.marked for rule in dict.fromkeys(grade.rules))
        self.bars("Most frequent misconceptions", ranked(rules))
        failed = [grade for grade in self.found if grade.error]
        if failed:
            self.heading("Not marked")
            for grade in failed[:MOST_STUDENTS]:
                self.line(f" {grade.submission.file}: {printable(grade.error, 200)}", "yellow")
            if len(failed) > MOST_STUDENTS:
                self.line(f" … and {len(failed) - MOST_STUDENTS} more")

    def absent(self, students: Sequence[Student]) -> None:
        if students:
            self.heading("No paper")
            for part in textwrap.wrap(", ".join(printable(student.name, 60) for student in students), self.width - 2):
                self.line(f" {part}")

    def copies(self, pairs: Sequence[tuple[str, str, Sequence[str]]]) -> None:
        if pairs:
            self.heading("Papers that share wrong numbers")
        for n, (one, other, shared) in enumerate(pairs[:MOST]):
            text = f"{printable(one, 40)} and {printable(other, 40)}: {', '.join(shared)}"
            for part in textwrap.wrap(f"{COPIES} {text}" if n == 0 else text, self.width - 2):
                self.line(f" {part}")

    def scores(self) -> None:
        papers = f"{len(self.found)} paper{'s' * (len(self.found) != 1)}"
        if self.marked:
            scores = [grade.score.percent for grade in self.marked]
            papers += f", {len(scores)} of them marked" if len(scores) < len(self.found) else ""
            papers += f": mean {amount(mean(scores))} %, median {amount(median(scores))} %"
        self.line(f" {papers}")

    def heading(self, text: str) -> None:
        self.line()
        self.line(f" {text}", "bold")
        self.line(" " + "─" * (self.width - 1), "blue")

    def students(self) -> None:
        self.heading("Students")
        shown = self.found[:MOST_STUDENTS]
        names = [printable(grade.submission.student, 30) for grade in shown]
        wide = max(map(cell_len, names))
        for name, grade in zip(names, shown, strict=True):
            score = (
                "not marked" if grade.error else f"{amount(grade.score.earned):>6} of {amount(grade.score.possible)}"
            )
            percent = "" if grade.error else f"{grade.score.percentage:>8}"
            first = f"  first mistake: {grade.mistakes[0]}" if grade.mistakes else ""
            self.line(f" {name}{' ' * (wide - cell_len(name))}  {score}{percent}{first}")
        if len(self.found) > MOST_STUDENTS:
            self.line(f" … and {len(self.found) - MOST_STUDENTS} more: -o grades.csv has all")

    def histogram(self) -> list[tuple[int, int]]:
        """How many papers lie in each tenth; full marks belong to the last."""
        tenths = Counter(min(9, int(grade.score.percent // 10)) for grade in self.marked)
        return [(10 * n, tenths[n]) for n in range(10)] if self.marked else []

    def bars(self, heading: str, rows: list[tuple[str, int]]) -> None:
        """A bar chart; nothing if nothing was counted."""
        if not rows:
            return
        self.heading(heading)
        wide = max(cell_len(name) for name, _ in rows)
        most = max(count for _, count in rows)
        room = max(10, self.width - wide - len(str(most)) - 6)
        for name, count in rows:
            bar = ("#" if self.plain else "█") * max(round(room * count / most) if most else 0, bool(count))
            self.line(f" {name}{' ' * (wide - cell_len(name))}  {count:>{len(str(most))}}  {bar}".rstrip())


def ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent ones, ties in alphabetical order."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST]
