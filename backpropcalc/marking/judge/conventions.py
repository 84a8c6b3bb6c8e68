"""Conventions: papers that keep a quantity otherwise than the key does, read as the key has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from backpropcalc.algebra.terms import Op, Var
from backpropcalc.marking.read.sheet import Answer, Sheet

from .key import Key
from .marker import Marker
from .marks import Mark, Marked

NEGATED = "negated-delta"
"""What a teacher lists under ``accept`` for students who keep −δ everywhere."""
EMPTY = frozenset({"too-coarse", "trivial"})
"""The notes of answers that show nothing."""
OWN, SUMMED, AVERAGED, MEAN = "own-delta", "summed-gradient", "averaged-gradient", "mean-delta"
SAID = {
    OWN: "each sample keeps its own δ, and 1/m stands in the gradient: marked that way",
    SUMMED: "δ and the gradients are summed over the samples, without 1/m: marked that way",
    AVERAGED: "the gradients are averaged over the samples, with 1/m: marked that way",
    MEAN: "1/m stands in every δ, so that the gradients are means over the samples: marked that way",
}
"""What the report says of the conventions of a batch."""


@dataclass(frozen=True)
class Convention:
    """A way to keep quantities: each of ``factors`` is that many times what the key calls by its name.

    Steps go by gradients that many times as large, as if the learning rate were ``rate`` times as large.
    """

    name: str
    factors: Mapping[Var, float]
    rate: float = 1.0

    def key(self, key: Key) -> Key:
        """The key by whose steps such a paper is worked."""
        if self.rate == 1.0:
            return key
        return replace(key, given={v: n * (self.rate if v.role == "rate" else 1.0) for v, n in key.given.items()})

    def marked(self, key: Key, sheet: Sheet) -> Marked:
        """The marks of a sheet that keeps to the convention, told in the student's own numbers."""
        answers = {
            var: _times(answer, 1 / self.factors[var]) if var in self.factors else answer
            for var, answer in sheet.answers.items()
        }
        marked = Marker(self.key(key), replace(sheet, answers=answers)).marked()
        return replace(marked, marks=tuple(self._told(mark, sheet) for mark in marked), convention=self.name)

    def fits(self, marked: Marked) -> bool:
        """Whether most of what is kept otherwise is as the convention has it, so that a nonsense paper has none."""
        kept = [mark for mark in marked if mark.answer and self.factors.get(mark.var, 1.0) != 1.0]
        fine = [mark for mark in kept if mark.verdict != "mistake" and EMPTY.isdisjoint(mark.notes)]
        return len(kept) > 1 and 3 * len(fine) > 2 * len(kept)

    def _told(self, mark: Mark, sheet: Sheet) -> Mark:
        factor = self.factors.get(mark.var)
        if factor is None or factor == 1.0 or mark.var not in sheet.answers:
            return mark
        return replace(
            mark,
            answer=sheet.answers[mark.var],
            expected=factor * mark.expected,
            own=factor * mark.own,
            notes=(*mark.notes, self.name),
        )


def fitting(key: Key, sheet: Sheet) -> Marked:
    """The marks by the convention of a batch that fits the whole paper best; by the key's own if none fits better."""
    best = Marker(key, sheet).marked()
    numbers = Counter(answer.shown.value for answer in sheet.answers.values())
    if _mistakes(best) and 2 * max(numbers.values()) <= len(sheet.answers):  # one number throughout is no convention
        for convention in of_batches(key):
            if any(var in sheet.answers for var in convention.factors if var.sample is not None):
                marked = convention.marked(key, sheet)
                if _mistakes(marked) < _mistakes(best) and convention.fits(marked):
                    best = marked
    return best


def of_batches(key: Key) -> tuple[Convention, ...]:
    """How textbooks keep δ and gradients of a batch otherwise than the key does, its loss being a mean or a sum."""
    m = float(len(sample_losses(key)))
    if m < 2:
        return ()
    slopes = [var for phase, step in key.steps if phase == "backward" and _of_loss(var := step.var)]

    def convention(name: str, delta: float, gradient: float) -> Convention:
        times = {var: gradient if var.sample is None else delta for var in slopes}
        return Convention(name, times, gradient)

    if not averaged(key):
        return convention(AVERAGED, 1.0, 1 / m), convention(MEAN, 1 / m, 1 / m)
    if any(var.of[0].role == "sample" for var in slopes):  # each sample's own δ is the key's
        return convention(MEAN, 1 / m, 1.0), convention(SUMMED, 1.0, m)
    return convention(OWN, m, 1.0), convention(SUMMED, m, m)


def sample_losses(key: Key) -> list[Var]:
    """The losses of the samples of a batch."""
    return [step.var for phase, step in key.steps if phase == "loss" and step.var.role == "sample"]


def averaged(key: Key) -> bool:
    """Whether the loss of a batch is the mean of the losses of its samples."""
    losses = (step.term for phase, step in key.steps if phase == "loss" and step.var.role == "loss")
    return any(isinstance(term, Op) and term.name == "mul" for term in losses)


def _mistakes(marked: Marked) -> int:
    return sum(mark.verdict == "mistake" for mark in marked)


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
    return var.role in ("d", "via") and var.of[0].role in ("loss", "sample", "term")


def _times(answer: Answer, factor: float) -> Answer:
    from fractions import Fraction

    exact = Fraction(factor)
    shown, carried = (
        replace(s, value=s.value * exact, half=s.half * abs(exact)) for s in (answer.shown, answer.carried)
    )
    return replace(answer, shown=shown, carried=carried)
