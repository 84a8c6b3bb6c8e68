"""Why a value is wrong: the misconceptions that give just what is stated, said so that a student understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backpropcalc.algebra.terms import Var
from backpropcalc.execution.trace import Trace
from backpropcalc.marking.judge.key import Key
from backpropcalc.marking.judge.marks import Mark, Marked
from backpropcalc.notation.notation import Notation
from backpropcalc.notation.own_names import notation_of

from .edits import NetworkContext
from .search import LIKELIEST, Candidate, EditBook, Search, Slip
from .wording import Wording


class Explainer:
    """Explains the mistakes of any number of sheets for one trace."""

    def __init__(self, trace: Trace, key: Key | None = None, notation: Notation | None = None) -> None:
        self.key = key or Key.of(trace)
        self.book = EditBook(NetworkContext(trace, self.key.steps, self.key.given))
        self.wording = Wording(self.key, notation or notation_of(trace.spec), trace.digits)

    def explained(self, marked: Marked) -> Marked:
        """The marks, each mistake with what explains it, or with what its step should have used.

        What lies near the right value, but is just what a misconception gives, becomes a mistake. A misunderstanding
        that explains several lines is told at the first of them.
        """
        search = Search(self.book, self.key, marked)
        marks = [self._mistaken(m) if m.answer and search.exact_elsewhere(m) else m for m in marked]
        if all(m.verdict != "mistake" for m in marks):
            return marked
        search = Search(self.book, self.key, replace(marked, marks=tuple(marks)))
        told = self.wording.of(marked.values)
        lines = _lines(search.mistakes)
        for n, m in enumerate(marks):
            if m.verdict != "mistake":
                continue
            candidates = search.mistakes[m.var]
            named, others = candidates[:LIKELIEST], candidates[LIKELIEST:]
            because = told.because(named, m, lines.get(named[0].misunderstanding, ()) if named else ())
            advice = "" if named else told.advice(m)
            marks[n] = replace(m, because=because, others=tuple(c.rule.name for c in others), advice=advice)
        return replace(marked, marks=tuple(marks))

    def _mistaken(self, m: Mark) -> Mark:
        notes = tuple(note for note in m.notes if note not in ("last-digit", "truncated"))
        return replace(m, verdict="mistake", notes=notes, credit=0.0)


def _lines(mistakes: Mapping[Var, Sequence[Candidate]]) -> Mapping[Slip, tuple[Var, ...]]:
    """Each misunderstanding that is the likeliest somewhere, and the lines that it explains."""
    lines: dict[Slip, list[Var]] = {}
    for var, candidates in mistakes.items():
        if candidates:
            lines.setdefault(candidates[0].misunderstanding, []).append(var)
    return {slip: tuple(each) for slip, each in lines.items()}


def deducted_once(marked: Marked) -> Marked:
    """The marks with each misunderstanding paid for once, where it is told; its other lines keep their points."""
    marks = [
        replace(m, credit=1.0, notes=(*m.notes, "deducted-once"))
        if m.because and m.because[0].lines and m.because[0].lines[0] != m.var
        else m
        for m in marked
    ]
    return replace(marked, marks=tuple(marks))


def explained(trace: Trace, marks: Marked) -> Marked:
    """The marks of one sheet, each mistake with what explains it."""
    return Explainer(trace).explained(marks)
