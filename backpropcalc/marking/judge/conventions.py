"""Conventions: papers that keep a quantity otherwise than the key does, read as the key has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from backpropcalc.algebra.terms import Var
from backpropcalc.marking.read.sheet import Answer, Sheet

from .key import Key
from .marker import Marker
from .marks import Mark, Marked

NEGATED = "negated-delta"
"""What a teacher lists under ``accept`` for students who keep −δ everywhere."""


@dataclass(frozen=True)
class Convention:
    """A way to keep quantities: each of ``factors`` is that many times what the key calls by its name."""

    name: str
    factors: Mapping[Var, float]

    def marked(self, key: Key, sheet: Sheet) -> Marked:
        """The marks of a sheet that keeps to the convention, told in the student's own numbers."""
        answers = {
            var: _times(answer, 1 / self.factors[var]) if var in self.factors else answer
            for var, answer in sheet.answers.items()
        }
        marked = Marker(key, replace(sheet, answers=answers)).marked()
        return replace(marked, marks=tuple(self._told(mark, sheet) for mark in marked))

    def _told(self, mark: Mark, sheet: Sheet) -> Mark:
        factor = self.factors.get(mark.var)
        if factor is None or mark.var not in sheet.answers:
            return mark
        return replace(
            mark,
            answer=sheet.answers[mark.var],
            expected=factor * mark.expected,
            own=factor * mark.own,
            notes=(*mark.notes, self.name),
        )


def negated(key: Key, sheet: Sheet) -> Marked | None:
    """The marks of a student who keeps −δ throughout; None unless every δ is negated and the updates fit."""
    for convention in _negations(sheet):
        marked = convention.marked(key, sheet)
        concerned = (m for m in marked if m.answer and (m.var in convention.factors or m.var.role == "new"))
        if all(m.verdict != "mistake" for m in concerned):
            return marked
    return None


def _negations(sheet: Sheet) -> Iterator[Convention]:
    """The sign of every derivative of the loss turned, or that of each δ alone, if a δ is stated at all."""
    slopes = [var for var in sheet.answers if _of_loss(var)]
    deltas = [var for var in slopes if var.of[1].role == "z"]
    if deltas:
        yield from (Convention(NEGATED, dict.fromkeys(turned, -1.0)) for turned in (slopes, deltas))


def _of_loss(var: Var) -> bool:
    """Whether ``var`` is a derivative of the loss, or a part of one."""
    return var.role in ("d", "via") and var.of[0].role in ("loss", "term")


def _times(answer: Answer, factor: float) -> Answer:
    from fractions import Fraction

    exact = Fraction(factor)
    shown, carried = (
        replace(s, value=s.value * exact, half=s.half * abs(exact)) for s in (answer.shown, answer.carried)
    )
    return replace(answer, shown=shown, carried=carried)
