"""Plain working: each side of each equals sign, the substitution apart from the arithmetic.

A number in the working stands for whatever it may be rounded from; a side is only called wrong if no such numbers,
and no sensible reading of what was typed, make it right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.digits import Digits, text_number
from backpropcalc.algebra.terms import Num, Op, Term, Var, variables
from backpropcalc.errors import printable
from backpropcalc.marking.judge.key import Key
from backpropcalc.marking.judge.marks import Because, Mark, Marked
from backpropcalc.marking.read.expressions import Expression, expressions
from backpropcalc.marking.read.sheet import Answer, Stated
from backpropcalc.notation.names import Names
from backpropcalc.program.steps import Step

FINE = ("correct", "rounded", "follows")
MAX_SIDES = 8
NEAR = 0.01
"""1 or 2 is a rounded number only if the student has a number so near to it."""


class Side(NamedTuple):
    """What a side comes to: its value and how far it may lie from it because of the rounding of its numbers."""

    value: float
    spread: float

    def meets(self, other: Side) -> bool:
        """Whether both may be the same number."""
        room = self.spread + other.spread + 1e-9 * max(abs(self.value), abs(other.value)) + 1e-15
        return abs(self.value - other.value) <= room or room == math.inf


@dataclass(frozen=True)
class WorkingChecker:
    """What is needed to go through working: the steps, the names, and how numbers are written to the student."""

    key: Key
    names: Names
    digits: Digits

    def examined(self, marked: Marked) -> Marked:
        """The marks, with what the working of each answer shows."""
        if not any(mark.answer and mark.answer.working for mark in marked):
            return marked
        true = {**self.key.truth, **{mark.var: mark.expected for mark in marked}}
        answers = {mark.var: mark.answer for mark in marked if mark.answer}
        own = {**marked.values.points, **{var: float(answer.carried.value) for var, answer in answers.items()}}
        return replace(marked, marks=tuple(self._examined(mark, own, true, answers) for mark in marked))

    def _examined(
        self, mark: Mark, own: Mapping[Var, float], true: Mapping[Var, float], answers: Mapping[Var, Answer]
    ) -> Mark:
        step = self.key.step_of[mark.var]
        if mark.answer is None or not mark.answer.working or len(mark.answer.working) > MAX_SIDES:
            return mark
        if "last-digit" in mark.notes or "truncated" in mark.notes:
            return mark
        work = _Work(self, mark, step, own, true, answers)
        rule, text = work.finding()
        if not rule:
            return mark
        # If the sum is wrong the formula was right, and no slip of formula explains it; else such a slip says more.
        because = mark.because if mark.because and rule != "arithmetic" else (Because(rule, text),)
        return replace(mark, notes=(*mark.notes, rule), because=because)

    def shown(self, value: float) -> str:
        """A number as the student is shown it."""
        return text_number(self.digits.shown(value)) if math.isfinite(value) else "no number"


@dataclass(frozen=True)
class _Work:
    """The working of one answer."""

    checker: WorkingChecker
    mark: Mark
    step: Step
    own: Mapping[Var, float]
    true: Mapping[Var, float]
    answers: Mapping[Var, Answer]

    @cached_property
    def sides(self) -> list[list[Expression]]:
        """Each side that is understood, in every reading that makes a difference."""
        assert self.mark.answer is not None
        working = self.mark.answer.working
        return [list(filter(self._worked, expressions(text, self.checker.names))) for text in working]

    def _worked(self, side: Expression) -> bool:
        """Whether all quantities in it have a number: a local slope that the student does not state has none."""
        return all(var.role == "written" or var in self.own for var in variables(side.term))

    @cached_property
    def result(self) -> Side:
        """The stated number."""
        assert self.mark.answer is not None
        shown = self.mark.answer.shown
        return Side(float(shown.value), float(shown.half))

    def finding(self) -> tuple[str, str]:
        """The note and the sentence for the student; empty if there is nothing to say."""
        numeric = [side for side in self.sides if side and side[0].numbers]
        if not numeric:
            return self._formula_only()
        broken = self._broken(numeric)
        fine = self.mark.verdict in FINE
        if broken is None:
            return ("", "") if fine else ("substitution", self._substituted(numeric[0]))
        side, after = broken
        came_to = self.checker.shown(self._values(side)[0].value)
        what = f"{printable(side[0].text, 80)} is {came_to}, not {after}"
        if fine:
            copied = self._exchanged(numeric[0]) or "A number was copied wrongly."
            return "substitution", f"The result is right, but the working before it is not: {what}. {copied}"
        if self._right(side):
            return "arithmetic", f"The right numbers are in the right places, the sum is wrong: {what}."
        return "substitution", f"{self._substituted(numeric[0])} And {what}."

    def _formula_only(self) -> tuple[str, str]:
        symbolic = [side for side in self.sides if side and side[0].symbols]
        if self.mark.verdict in FINE or not symbolic or any(self._right(side) for side in symbolic):
            return "", ""
        text = f"{printable(symbolic[0][0].text, 80)} is not the formula of this quantity."
        return "formula", text

    def _broken(self, numeric: list[list[Expression]]) -> tuple[list[Expression], str] | None:
        """The first side that does not come to what stands behind the next equals sign, and what stands there."""
        assert self.mark.answer is not None
        for side, following in zip(numeric, [*numeric[1:], None], strict=True):
            wanted = [self.result] if following is None else self._values(following)
            if following is not None and self._runs_on(side, following[0]):
                continue
            if not any(a.meets(b) for a in self._values(side) for b in wanted):
                after = self.mark.answer.shown.text if following is None else following[0].text
                return side, printable(after, 80)
        return None

    def _runs_on(self, side: list[Expression], following: Expression) -> bool:
        """Whether the next side takes this one's value and goes on: 0.0075 + 0.02 = 0.0275 + 0.35 = …"""
        if not following.numbers:
            return False
        first = following.numbers[0]
        return any(value.meets(Side(float(first.value), float(first.half))) for value in self._values(side))

    def _right(self, side: list[Expression]) -> bool:
        """Whether a side comes to what the step is, with the student's own values or with the true ones."""
        wanted = [Side(self.mark.own, 0.0), Side(self.mark.expected, 0.0)]
        return any(a.meets(b) for a in self._values(side) for b in wanted)

    def _values(self, side: list[Expression]) -> list[Side]:
        envs = (self.own, self.true) if side[0].symbols else (self.own,)
        return [self._value(reading, env) for reading in side for env in envs]

    def _value(self, side: Expression, env: Mapping[Var, float]) -> Side:
        numbers = [float(number.value) for number in side.numbers]

        def look(var: Var) -> float:
            return numbers[var.layer] if var.role == "written" else env[var]

        def at(n: int, moved: float) -> float:
            """The value with number ``n`` moved."""
            kept, numbers[n] = numbers[n], moved
            value = evaluate(side.term, look, FLOAT)
            numbers[n] = kept
            return float(value)

        value = evaluate(side.term, look, FLOAT)
        spread = 0.0
        for n, number in enumerate(side.numbers):
            half = self._half(number)
            if half:
                ends = [abs(at(n, numbers[n] + sign * half) - value) for sign in (-1, 1)]
                spread += max(ends) if all(map(math.isfinite, ends)) else math.inf
        return Side(value, 1.05 * spread)

    def _half(self, number: Stated) -> float:
        """How far a number in the working may lie from what it was rounded from; given ones and 1, 2, ½ are exact.

        But an exact number may be a rounded one as well, where the student has such a number: 1 for 0.9999.
        """
        value, half = float(number.value), float(number.half)
        if number.half < 0.5 and value != 0.5 and value not in self._fixed:
            return half
        near = NEAR if half >= 0.5 and abs(value) <= 2 else half
        worked = [both for leaf, *both in self._leaves if isinstance(leaf, Var) and leaf not in self.checker.key.given]
        gaps = [abs(abs(v) - abs(value)) for both in worked for v in both]
        return max((2 * gap for gap in gaps if gap <= near), default=0.0)

    @cached_property
    def _leaves(self) -> list[tuple[Var | Num, float, float]]:
        """What the step's formula is made of, with the student's value and the true one."""
        out: list[tuple[Var | Num, float, float]] = []
        for leaf in _leaves(self.step.term):
            if isinstance(leaf, Num):
                out.append((leaf, FLOAT.number(leaf.text), FLOAT.number(leaf.text)))
            else:
                out.append((leaf, self.own[leaf], self.true[leaf]))
        return out

    @cached_property
    def _fixed(self) -> frozenset[float]:
        """The values of the step's leaves that nobody has rounded."""
        return frozenset(
            own for leaf, own, _ in self._leaves if isinstance(leaf, Num) or leaf in self.checker.key.given
        )

    def _substituted(self, side: list[Expression]) -> str:
        """Which number is the wrong one, as far as that can be told."""
        strange, missing = self._compared(side[0])
        exchanged = self._exchanged(side)
        if exchanged:
            return exchanged
        if len(missing) == 1 and not strange:
            return f"{self._called(*missing[0][:2])} is missing from what you put in."
        if strange and not missing:
            return f"What you put in has {printable(strange[0].text, 30)} in it, which does not belong there."
        return "What you put in is not what the formula asks for."

    def _exchanged(self, side: list[Expression]) -> str:
        """Which number stands where which belongs, and on which lines; empty if they cannot be paired."""
        strange, missing = self._compared(side[0])
        if not strange or len(strange) != len(missing):
            return ""
        assert self.mark.answer is not None
        here, said = self.mark.answer.place, []
        for number, (leaf, own, _) in zip(strange, missing, strict=True):
            wrong = printable(number.text, 30)
            source = self.answers.get(leaf) if isinstance(leaf, Var) else None
            if source is not None and source.place is not None and here is not None:
                right = printable(source.carried.text, 30)
                said.append(f"{wrong} in your line {here.line} is {right} on line {source.place.line}.")
            else:
                said.append(f"You put in {wrong} where {self._called(leaf, own)} belongs.")
        return " ".join(said)

    def _called(self, leaf: Var | Num, value: float) -> str:
        """A quantity with its number."""
        if isinstance(leaf, Num):
            return leaf.text
        return f"{self.checker.names.notation.text(leaf)} = {self.checker.shown(value)}"

    def _compared(self, side: Expression) -> tuple[list[Stated], list[tuple[Var | Num, float, float]]]:
        """Numbers of the working that are none of the step's, and leaves of the step that are not in the working."""
        missing = list(self._leaves)
        strange: list[Stated] = []
        for number in side.numbers:
            value, room = abs(float(number.value)), 2 * self._half(number) + 1e-12
            found = next((m for m in missing if min(abs(abs(v) - value) for v in m[1:]) <= room), None)
            if found is not None:
                missing.remove(found)
            elif not number.half or float(number.value) not in (0.0, 1.0, 2.0, 0.5):
                strange.append(number)
        present = side.symbols
        plain = {Num("1"), Num("2"), Num("1/2"), Num("0")}
        return strange, [m for m in missing if m[0] not in present and m[0] not in plain]


def _leaves(term: Term) -> Iterable[Var | Num]:
    if isinstance(term, Op):
        for arg in term.args:
            yield from _leaves(arg)
    else:
        yield term
