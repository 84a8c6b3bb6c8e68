"""Two other kinds of exam: the calculation with some of it left out, and one with mistakes in it to be found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.terms import Term, Var
from backpropcalc.errors import count, fail
from backpropcalc.execution.values import Values
from backpropcalc.marking.examination import Examination
from backpropcalc.marking.judge.marks import Mark
from backpropcalc.marking.read.answers import reads
from backpropcalc.pages.pieces import (
    FORMULA,
    PARTS,
    VALUE,
    Gaps,
    Heading,
    Lines,
    MatrixLines,
    Note,
    Phrase,
    Piece,
    Run,
    math,
)
from backpropcalc.program.steps import Step

from .choices import Choice, ChoiceKey, options
from .numbers import Draws
from .questions import Questions
from .sheet import ExamPaper, KeySheet, QuestionSheet, Stamp, vars_of
from .slips import Slips

MOST_DRAWS = 300
"""So often other mistakes are tried until each is found as what it is."""


@dataclass(frozen=True)
class FillIn(QuestionSheet):
    """The calculation, a ``share`` of its formulas, numbers and values left out."""

    share: float = 0.0
    seed: str = ""

    def gaps(self, lines: Lines | MatrixLines) -> Gaps:
        """What is left out of each line: never both its formula and its value."""
        return Gaps({var: self._left_out(var) for var in vars_of(lines)}, self.worth(lines), 1)

    def _left_out(self, var: Var) -> frozenset[str]:
        draws = Draws(f"{self.seed} {var.id}")
        out = frozenset(part for part in PARTS if draws.random() < self.share)
        return out - {FORMULA} if VALUE in out else out


class Planted(NamedTuple):
    """A mistake that was put in: the quantity, the wrong formula, and what marking says of it."""

    var: Var
    term: Term
    mark: Mark


@dataclass(frozen=True)
class Spoilt(QuestionSheet):
    """The calculation with mistakes in it, each carried on."""

    planted: tuple[Planted, ...] = ()
    values: Mapping[Var, float] = field(default_factory=dict)

    def head(self) -> Iterator[tuple[str, Phrase]]:
        """The points are for the mistakes."""
        for label, said in super().head():
            yield label, f"______ of {len(self.planted)}" if label == "points" else said

    def remarked(self) -> Iterator[Piece]:
        """What is to be done."""
        yield Note(
            f"This calculation has {count(len(self.planted), 'mistake')} in it; what comes after one goes on from it. "
            "Find each, say what was done, and work the line rightly."
        )

    def lines(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The lines as they were worked, right or wrong."""
        wrong = {slip.var: slip.term for slip in self.planted}
        worked = Values(1, self.values.__getitem__, FLOAT, lambda var: True, False)
        for piece in pieces:
            if isinstance(piece, Lines):
                runs = tuple(Run.of(Step(s.var, wrong[s.var]) if s.var in wrong else s) for s in piece.cells)
                yield piece._replace(runs=runs, values=worked, notes={}, again=False)
            else:
                yield piece


@dataclass(frozen=True)
class SpoiltKey(KeySheet):
    """The mistakes that were put in, each with what was done and the line worked rightly from what stands before."""

    planted: tuple[Planted, ...] = ()
    values: Mapping[Var, float] = field(default_factory=dict)

    def head(self) -> Iterator[tuple[str, Phrase]]:
        """The points are for the mistakes."""
        for label, said in super().head():
            yield label, str(len(self.planted)) if label == "points" else said

    def headed(self, heading: Heading) -> Heading:
        """Its phases have no points."""
        return heading

    def worth(self, lines: Lines | MatrixLines) -> Mapping[Var, str]:
        """Nor have its lines."""
        return {}

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """Each mistake, and then the calculation without them."""
        pieces = super().pieces(quiet)
        yield next(pieces)
        yield next(pieces)
        steps = self.questions.key.step_of
        yield Heading(2, f"The {count(len(self.planted), 'mistake')}")
        for var, _, mark in self.planted:
            said = {**self.values, var: mark.own}.__getitem__
            yield Heading(4, (math(var), f" = {mark.answer.shown.text}" if mark.answer else ""), "mistake")
            yield from (Note(because.text, close=True) for because in mark.because)
            yield Lines((Run.of(steps[var]),), Values(1, said, FLOAT, lambda _: True, False))
        yield Heading(2, "Without mistakes")
        yield from pieces


def planted(questions: Questions, number: int, seed: str) -> tuple[tuple[Planted, ...], Mapping[Var, float]]:
    """So many mistakes, at quantities and of kinds that are drawn, and all values with them carried on.

    Marking finds each of them, and nothing else. Raises ``InputError`` if there are no such mistakes.
    """
    spec = questions.spec
    if spec.style.view == "matrix" or spec.method.exact:
        help = "use --view scalar, and leave out `exact`"
        raise fail("usage", "mistakes are put into lines of numbers, not into matrices or exact values", help)
    slips = Slips(questions, questions.digits).of
    places = [var for var in questions.asked if slips[var]]
    examination = Examination(questions.scalar)
    draws = Draws(f"{seed} mistakes")
    for _ in range(MOST_DRAWS if len(places) >= number else 0):
        chosen: dict[Var, Term] = {}
        left = list(places)
        while len(chosen) < number:
            var = left.pop(draws.below(len(left)))
            chosen[var] = slips[var][draws.below(len(slips[var]))].term
        found = _found(questions, examination, chosen)
        if found is not None:
            return found
    message = f"no {count(number, 'mistake')} could be put in so that each can be told for what it is"
    raise fail("mistakes", message, "ask for fewer, or for more quantities with --ask")


def _found(
    questions: Questions, examination: Examination, chosen: Mapping[Var, Term]
) -> tuple[tuple[Planted, ...], Mapping[Var, float]] | None:
    """The mistakes as marking finds them, if it finds just these and names each."""
    key, shown = questions.key, questions.digits.shown
    env = dict(key.given)
    for _, step in key.steps:
        right = evaluate(step.safe or step.term, env.__getitem__, FLOAT)
        env[step.var] = evaluate(chosen[step.var], env.__getitem__, FLOAT) if step.var in chosen else right
        if not isfinite(env[step.var]):
            return None
        if step.var in chosen and shown(right, False) == shown(env[step.var], False):
            return None
    text = "".join(f"{var.id}: {shown(env[var], False)}\n" for var in questions.asked)
    marks = [m for m in examination.marked(reads(text, examination.names, ".yaml")).marks if m.verdict == "mistake"]
    if {mark.var for mark in marks} != chosen.keys() or not all(mark.because for mark in marks):
        return None
    return tuple(Planted(mark.var, chosen[mark.var], mark) for mark in marks), env


@dataclass(frozen=True)
class Exercise:
    """Which kind of exam it is: with a share of ``blanks``, with ``mistakes``, with ``choices``, or the usual one."""

    blanks: float | None = None
    mistakes: int | None = None
    choices: int | None = None
    seed: int = 0

    def papers(
        self, questions: Questions, stamp: Stamp | None = None, remarks: tuple[str, ...] = ()
    ) -> tuple[ExamPaper, ExamPaper]:
        """The sheet, whose name is still to be filled in, and its key."""
        seed = f"{self.seed} {stamp.letter if stamp else ''}"
        if self.mistakes is not None:
            slips, values = planted(questions, self.mistakes, seed)
            return Spoilt(questions, stamp, "", (), slips, values), SpoiltKey(
                questions, stamp, "", remarks, slips, values
            )
        if self.choices is not None:
            given = options(questions, self.choices, seed)
            return Choice(questions, stamp, "", (), given), ChoiceKey(questions, stamp, "", remarks, given)
        key = KeySheet(questions, stamp, remarks=remarks)
        if self.blanks is not None:
            return FillIn(questions, stamp, "", (), self.blanks, seed), key
        return QuestionSheet(questions, stamp), key
