"""The questions of a form as plain data, which the files for other systems are written from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.terms import Var
from backpropcalc.execution.values import Values
from backpropcalc.marking.course.forms import digest
from backpropcalc.marking.judge.marking import mark
from backpropcalc.marking.judge.marks import Mark
from backpropcalc.marking.read.sheet import Sheet
from backpropcalc.marking.why.misconceptions import RULES, rank
from backpropcalc.marking.why.search import Candidate
from backpropcalc.marking.why.wording import Explanations, Wording
from backpropcalc.render.linear import Linear, row_text

from .questions import Questions
from .sheet import ExamPaper, Stamp, asked_for

MOST_WRONG = 12
"""So many misconceptions at most are told of a value, the commonest first."""


class Wrong(NamedTuple):
    """A number that a misconception gives, as it is shown, with the sentence that explains it."""

    shown: str
    rule: str
    text: str


class Item(NamedTuple):
    """A value that is asked for: what it is called, as it is shown, and how far an answer may lie from that."""

    id: str
    name: str
    ascii: str
    """The same as it is typed."""
    shown: str
    tolerance: str
    points: float
    wrong: tuple[Wrong, ...]
    solution: str
    """The line worked in full."""


class Form(NamedTuple):
    """An exam with its own numbers. ``given`` has labels, each with what it says; ``spec`` is the file."""

    letter: str
    title: str
    digest: str
    given: Sequence[tuple[str, str]]
    asked: str
    """How finely the values are to be written."""
    items: Sequence[Item]
    spec: str

    @property
    def name(self) -> str:
        """What it is called in a list."""
        return f"{self.title}, form {self.letter}" if self.letter else self.title


def form(paper: ExamPaper, text: str) -> Form:
    """The questions of a paper; ``text`` is its spec. Without a stamp it is form A."""
    stamp = paper.stamp or Stamp("A", 0, digest(text))
    linear = Linear(paper)
    given = [(label, linear.phrase(said)) for label, said in paper.given()]
    items = tuple(_Items(paper.questions, linear))
    return Form(stamp.letter, paper.title, stamp.digest, given, asked_for(paper.questions.digits), items, text)


class _Items:
    """The items of a paper, one after the other."""

    def __init__(self, questions: Questions, linear: Linear) -> None:
        self.questions, self.digits, self.linear = questions, questions.digits, linear
        key, page = questions.key, questions.page
        wording = Wording(key, page.notation, page.trace.digits)
        self.values = Values(1, key.truth.__getitem__, FLOAT, lambda var: True, False)
        self.told: Explanations = wording.of(mark(key, Sheet({})).values)

    def __iter__(self) -> Iterator[Item]:
        truth = self.questions.key.truth
        return map(self.item, (var for var in self.questions.asked if math.isfinite(truth[var])))

    def item(self, var: Var) -> Item:
        """A value that is asked for, with what the misconceptions make of it."""
        key, notation = self.questions.key, self.questions.page.notation
        shown = self.digits.shown(key.truth[var], False)
        unit = unit_of(shown)
        wrong = list(self._wrong(var, shown))
        near = any(abs(Decimal(one.shown) - Decimal(shown)) <= 2 * unit for one in wrong)
        step = replace(key.step_of[var], products=None, parts=())  # nothing works out the products of a sum alone
        solution = row_text(self.linear.script.written(step, self.values))
        name, ascii = notation.text(var), notation.ascii(var)
        tolerance = format(unit / 2 if near else unit, "f")
        return Item(var.id, name, ascii, shown, tolerance, key.points[var], tuple(wrong), solution)

    def _wrong(self, var: Var, shown: str) -> Iterator[Wrong]:
        """The numbers that misconceptions give, the commonest first, each once and none that is the right one."""
        key, unit = self.questions.key, unit_of(shown)
        step, right = key.step_of[var], key.truth[var]
        missing = Mark(var, None, right, right, "missing")
        taken = [Decimal(shown)]
        for rule in sorted(RULES, key=rank):
            for edit in self.questions.book.edits(rule, step):
                value = evaluate(edit.term, key.truth.__getitem__, FLOAT)
                text = self.digits.shown(value, False) if math.isfinite(value) else ""
                if not text or any(abs(Decimal(text) - other) <= unit for other in taken):
                    continue
                taken.append(Decimal(text))
                yield Wrong(text, rule.name, self.told.slip(missing, Candidate(rule, edit, var, True)))
                if len(taken) > MOST_WRONG:
                    return


def unit_of(shown: str) -> Decimal:
    """A unit of the last place of a number as it is shown."""
    return Decimal((0, (1,), int(Decimal(shown).as_tuple().exponent)))
