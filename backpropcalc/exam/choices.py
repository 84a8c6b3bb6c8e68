"""Multiple choice: of each quantity the right number among those that misconceptions give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.terms import Var
from backpropcalc.marking.judge.worth import amount
from backpropcalc.pages.pieces import Heading, Lines, MatrixLines, Note, Phrase, Piece, Table, Value, math

from .numbers import Draws
from .questions import Questions
from .sheet import KeySheet, QuestionSheet
from .slips import TRUTH, Slips


class Option(NamedTuple):
    """A number to choose, and the misconception that gives it, empty for the right one."""

    value: float
    rule: str


Options = Mapping[Var, tuple[Option, ...]]


def options(questions: Questions, number: int, seed: str) -> Options:
    """So many numbers for each quantity, or as many as there are that differ as shown, in an order that is drawn."""
    truth, shown = questions.key.truth, questions.digits.shown
    found = {}
    for var, slips in Slips(questions, questions.digits).of.items():
        draws = Draws(f"{seed} {var.id}")
        each = {shown(truth[var], False): Option(truth[var], TRUTH)}
        for slip in slips:
            value = evaluate(slip.term, truth.__getitem__, FLOAT)
            if isfinite(value):
                each.setdefault(shown(value, False), Option(value, slip.rule))
        right, *wrong = each.values()
        taken = [right]
        while wrong and len(taken) < number:
            taken.append(wrong.pop(draws.below(len(wrong))))
        found[var] = tuple(taken[n] for n in map(int, draws.shuffled([str(n) for n in range(len(taken))])))
    return found


def _letters(many: int) -> list[str]:
    return [chr(97 + n) for n in range(many)]


@dataclass(frozen=True)
class Choice(QuestionSheet):
    """A line of numbers for each quantity, one of which is right."""

    options: Options = field(default_factory=dict)

    def remarked(self) -> Iterator[Piece]:
        """How to answer."""
        yield Note("One number of each line is right: mark it. Points stand in brackets.")

    def lines(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """A table for each phase."""
        phase = ""
        for piece in pieces:
            if isinstance(piece, Heading) and piece.level < 3:
                yield self.headed(piece)
            for now in piece.phases if isinstance(piece, Lines | MatrixLines) else ():
                if now != phase:
                    yield self.table(self.questions.of(now))
                phase = now

    def table(self, vars: Iterable[Var]) -> Table:
        """The numbers to choose from."""
        chosen = [var for var in vars if var in self.options]
        most = max((len(self.options[var]) for var in chosen), default=0)
        rows: list[tuple[Phrase, ...]] = []
        for var in chosen:
            numbers: list[Phrase] = [math(Value(option.value, None, False)) for option in self.options[var]]
            worth = f"[{amount(self.questions.key.points[var])}]"
            rows.append((math(var), *numbers, *[""] * (most - len(numbers)), worth))
        return Table(("", *_letters(most), ""), rows, (False, *(True,) * most, False))


@dataclass(frozen=True)
class ChoiceKey(KeySheet):
    """Which number is right, what gives each of the others, and the lines worked."""

    options: Options = field(default_factory=dict)

    def remarked(self) -> Iterator[Piece]:
        """The letters, before the calculation."""
        rows: list[tuple[Phrase, ...]] = []
        for var, given in self.options.items():
            letters = dict(zip(_letters(len(given)), given, strict=True))
            right = next(letter for letter, option in letters.items() if option.rule == TRUTH)
            wrong = ", ".join(f"{letter} {option.rule}" for letter, option in letters.items() if option.rule != TRUTH)
            rows.append((math(var), right, wrong))
        yield Table(("", "right", "the others"), rows, sentences=True)
        yield from super().remarked()
