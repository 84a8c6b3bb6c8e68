"""Verdicts: each stated value against what follows from the student's own earlier ones.

A ``Key`` holds what the teacher knows: scalar steps in order, what is given, the true values. It needs no network, so
anything that is a list of steps can be marked. ``mark`` puts a sheet beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.intervals import WHOLE, Interval, Range, hull, instead
from backpropcalc.algebra.terms import Op, Term, Var, variables
from backpropcalc.errors import fail
from backpropcalc.execution.trace import Trace
from backpropcalc.marking.read.sheet import Answer, Mark, Sheet
from backpropcalc.program.network import Step
from backpropcalc.spec.model import Marking

from .rounding import Fineness, empty, fits, last_place, parts, tolerance

FULL_CREDIT = ("correct", "rounded", "follows")
HALF_CREDIT = ("last-digit", "truncated", "too-coarse")
NEGATED = "negated-delta"
"""What a teacher lists under ``accept`` for students who keep −δ everywhere."""


class Line(NamedTuple):
    """A step made ready for marking: its ranges, the computed quantities it uses, its number of terms or products."""

    step: Step
    phase: str
    range: Range
    routes: tuple[tuple[Term, Range], ...]
    parents: tuple[Var, ...]
    parts: int


@dataclass(frozen=True)
class Key:
    """The answer key: the scalar steps in order with their phases, and the numbers that are given."""

    steps: tuple[tuple[str, Step], ...]
    given: Mapping[Var, float]
    rules: Marking = field(default_factory=Marking)
    repeated: Mapping[Var, Var] = field(default_factory=dict)
    """Quantities that another one only repeats: to state either is enough."""

    @classmethod
    def of(cls, trace: Trace) -> Key:
        """The key of one iteration of a trace, with the forward pass after the update."""
        if not all(trace.program.given.values()):
            raise fail("no-numbers", "work in symbols cannot be marked", "give `values:` in the spec")
        blocks = (*trace.program.blocks, *trace.program.after)
        steps = tuple((block.phase, step) for block in blocks for step in block.cells)
        given = {
            var.at((r, c)): FLOAT.number(number.text)
            for var, rows in trace.program.given.items()
            for r, row in enumerate(rows)
            for c, number in enumerate(row)
        }
        return cls(steps, given, getattr(trace.spec, "marking", Marking()), trace.program.repeated)

    @cached_property
    def truth(self) -> Mapping[Var, float]:
        """Every value, worked unrounded."""
        env = dict(self.given)
        for _, step in self.steps:
            env[step.var] = evaluate(step.safe or step.term, env.__getitem__, FLOAT)
        return env

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The steps made ready for marking."""
        return tuple(self._line(phase, step) for phase, step in self.steps)

    def _line(self, phase: str, step: Step) -> Line:
        routes = tuple((route, Range.of(route)) for route in step.routes)
        used = dict.fromkeys(variables(step.term))
        for route in step.routes:
            used.update(dict.fromkeys(variables(route)))
        parents = tuple(var for var in used if var not in self.given)
        return Line(step, phase, Range.of(step.term), routes, parents, parts(step.term))

    @cached_property
    def possible(self) -> Mapping[Var, Interval]:
        """Where a value must lie whatever the weights: σ in (0, 1), a squared loss from 0 on."""
        found: dict[Var, Interval] = {}

        def at(var: Var) -> Interval:
            return (self.given[var],) * 2 if var.role == "t" else found.get(var, WHOLE)

        for line in self.lines:
            of_loss = line.step.var.role in ("d", "via") and line.step.var.of[0].role != "a"
            found[line.step.var] = WHOLE if of_loss else line.range.over(at)
        return found

    @cached_property
    def points(self) -> Mapping[Var, float]:
        """What each quantity is worth: as its own id says, else its phase, else 1."""
        given = self.rules.points
        return {step.var: given.get(step.var.id, given.get(phase, 1.0)) for phase, step in self.steps}

    def credit(self, mark: Mark) -> float:
        """The part of the points, from 0 to 1, that a mark earns."""
        if mark.verdict not in FULL_CREDIT or "trivial" in mark.notes:
            return 0.0
        earned = self.rules.credit.get("follows", 1.0) if mark.verdict == "follows" else 1.0
        return min(earned, *(self.rules.credit.get(note, 0.5) for note in HALF_CREDIT if note in mark.notes), 1.0)

    @cached_property
    def shares(self) -> tuple[frozenset[Var], ...]:
        """The sets of values that add to 1: a softmax layer for each sample."""
        found: dict[frozenset[Var], set[Var]] = {}
        for line in self.lines:
            if isinstance(line.range.term, Op) and line.range.term.name == "share":
                found.setdefault(frozenset(variables(line.step.term)), set()).add(line.step.var)
        return tuple(frozenset(group) for group in found.values())


def mark(trace: Trace | Key, sheet: Sheet, accept: Collection[str] | None = None) -> list[Mark]:
    """The marks of a sheet in the order of the steps; ``explain.explained`` adds why a mistake was made.

    A ``Key`` made once from the trace serves many sheets. ``accept`` stands instead of the spec's own.
    """
    key = trace if isinstance(trace, Key) else Key.of(trace)
    marks = None
    if NEGATED in (key.rules.accept if accept is None else accept):
        marks = _negated(key, sheet)
    return _asked(key, [replace(m, credit=key.credit(m)) for m in marks or Marker(key, sheet).marks()])


def _asked(key: Key, marks: list[Mark]) -> list[Mark]:
    """The marks without those of quantities that need not be stated, because another that repeats them is."""
    stated = {m.var for m in marks if m.verdict != "missing"}
    needless = {repeat if of in stated else of for of, repeat in key.repeated.items()} - stated
    return [m for m in marks if m.var not in needless]


def score(marks: Iterable[Mark], points: Mapping[Var, float] | None = None) -> tuple[float, float]:
    """What was earned and what was possible; without ``points``, each quantity is worth 1."""
    worth = [(m, 1.0 if points is None else points.get(m.var, 1.0)) for m in marks]
    return sum(m.credit * p for m, p in worth), sum(p for _, p in worth)


class _Fit(NamedTuple):
    """How a stated value is consistent with earlier ones, and which of these were used."""

    used: tuple[Var, ...]
    notes: tuple[str, ...] = ()


class Marker:
    """Goes through the steps once; ``points`` and ``boxes`` hold the student's own values so far."""

    def __init__(self, key: Key, sheet: Sheet) -> None:
        self.key, self.sheet = key, sheet
        self.points: dict[Var, float] = dict(key.given)
        self.boxes: dict[Var, Interval] = {var: (value, value) for var, value in key.given.items()}
        self.tainted: set[Var] = set()
        self.own: dict[Var, float] = {}
        self.halves: dict[Var, float] = {}
        self.fineness = Fineness.of(sheet.answers.values())

    def marks(self) -> list[Mark]:
        """A mark for every step, without credit."""
        found = [self._mark(line) for line in self.key.lines]
        odd = self._odd_sums()
        return [replace(m, notes=(*m.notes, "implausible")) if m.var in odd else m for m in found]

    def _mark(self, line: Line) -> Mark:
        var = line.step.var
        true = self.key.truth[var]
        own = self.own[var] = evaluate(line.step.term, self.points.__getitem__, FLOAT)
        answer = self.sheet.answers.get(var)
        if answer is None:
            self._work_out(line, own)
            text = self.sheet.unreadable.get(var)
            return Mark(var, None, true, own, "missing" if text is None else "unreadable", text=text or "")
        stated, asked = float(answer.shown.value), self.key.rules.precision.half(answer.shown.value)
        written = self.fineness.of_stated(answer.shown)
        h = min(written, asked)
        verdict, notes = self._verdict(line, stated, h, true, own)
        if verdict == "mistake" and written > asked:
            # Right as far as it goes, but with fewer digits than were asked for.
            coarse, more = self._verdict(line, stated, written, true, own)
            if coarse != "mistake":
                h, verdict, notes = written, coarse, (*more, "too-coarse")
        if verdict in ("mistake", "follows"):
            self.tainted.add(var)
        if self._impossible(var, stated, h):
            notes = (*notes, "implausible")
        self._take(line, answer, h, notes)
        return Mark(var, answer, true, own, verdict, tuple(dict.fromkeys(notes)))

    def _work_out(self, line: Line, own: float) -> None:
        """Step 1: a value that is not given is worked out from the student's own, and may have been rounded."""
        var = line.step.var
        self.points[var] = own
        low, high = self._reach(line)
        # A value that is known exactly, and has no more digits than the student writes, is not rounded.
        room = 0.0 if low == high and self.fineness.holds(own) else self.fineness.half(own)
        self.boxes[var] = (low - room, high + room)
        if not self.tainted.isdisjoint(line.parents):
            self.tainted.add(var)

    def _reach(self, line: Line) -> Interval:
        """Where the student's own value of a step may lie before it is rounded, by any route."""
        box = self.boxes.__getitem__
        return hull(line.range.over(box), *(route.over(box) for _, route in line.routes))

    def _take(self, line: Line, answer: Answer, h: float, notes: tuple[str, ...]) -> None:
        """Step 8: go on with what is given.

        One cut off, not rounded, may have been carried on in full. One written shorter than usual has lost zeros
        only: it lies where the student's own values lead.
        """
        var, carried, shown = line.step.var, float(answer.carried.value), float(answer.shown.value)
        half = min(self.fineness.of_stated(answer.carried), h)
        if "last-digit" in notes or "truncated" in notes:
            half = 2 * h
        low, high = carried - half, carried + half
        if self._whole(line, h):
            low = high = carried
        elif half > 1.5 * self.fineness.half(carried):
            least, most = self._reach(line)
            if least <= high and low <= most:
                low, high = max(low, least), min(high, most)
        self.points[var] = carried
        self.boxes[var] = hull((low, high), (carried, carried), (shown, shown))
        self.halves[var] = h

    def _verdict(self, line: Line, stated: float, h: float, true: float, own: float) -> tuple[str, tuple[str, ...]]:
        """Steps 2 to 7."""
        wrong = [parent for parent in line.parents if parent in self.tainted]
        if abs(stated - true) <= h + tolerance(stated, true):
            notes = ("recovered",) if wrong else ()
            return "correct", notes + (("too-coarse",) if empty(stated, h, true) else ())
        fit = self._consistent(line, stated, h, own, wrong)
        if fit is not None:
            verdict = "rounded" if self.tainted.isdisjoint(fit.used) else "follows"
            trivial = verdict == "follows" and stated != true and self._annihilated(line.step.term, fit.used)
            return verdict, (*fit.notes, *(("trivial",) if trivial else ()))
        slip = "" if self._whole(line, h) else last_place(stated, h, own)
        if slip:
            return "follows" if wrong else "rounded", (slip,)
        return "mistake", ()

    def _consistent(self, line: Line, stated: float, h: float, own: float, wrong: list[Var]) -> _Fit | None:
        """Steps 3 and 4: the step's own formula, then other routes, then right values of wrong parents."""
        used = tuple(dict.fromkeys(variables(line.step.term)))
        box = self.boxes.__getitem__
        if self._whole(line, h):
            return _Fit(used) if abs(stated - own) <= tolerance(stated, own) else None
        note = fits(stated, h, line.parts, own, partial(line.range.over, box))
        if note is not None:
            return _Fit(used, note)
        for route, reach in line.routes:
            point = evaluate(route, self.points.__getitem__, FLOAT)
            note = fits(stated, h, max(parts(route), line.parts), point, partial(reach.over, box))
            if note is not None:
                return _Fit(tuple(dict.fromkeys(variables(route))), (*note, "alternative-route"))
        for right in self._copy_slips(wrong):
            boxes = {var: (v - self._half(var), v + self._half(var)) for var, v in right.items()}
            point = evaluate(line.step.term, instead(right, self.points.__getitem__), FLOAT)
            kept = tuple(var for var in used if var not in right)
            note = fits(stated, h, line.parts, point, partial(line.range.over, instead(boxes, box)))
            if note is not None:
                if abs(stated - point) > h and last_place(stated, h, point) == "truncated":
                    note = (*note, "truncated")
                return _Fit(kept, (*note, "alternative-route", "copy-slip"))
        return None

    def _whole(self, line: Line, h: float) -> bool:
        """Whether whole numbers are worked with: then nothing is rounded, and one off is a mistake like any other."""
        own = self.own[line.step.var]
        # Beyond 2⁵³ every double is whole, whatever it was worked out from.
        return h >= 0.5 and abs(own) < 2**53 and own == round(own) and self._reach(line) == (own, own)

    def _copy_slips(self, wrong: list[Var]) -> Iterator[dict[Var, float]]:
        """Right values in place of wrong ones: true, or what the student's own numbers give; each alone, then all."""
        for values in (self.key.truth, self.own):
            for var in wrong:
                yield {var: values[var]}
            if len(wrong) > 1:
                yield {var: values[var] for var in wrong}

    def _half(self, var: Var) -> float:
        """Half a unit of the last place in which a value is written, or would be if it were shown."""
        return self.halves[var] if var in self.halves else self.fineness.half(self.points[var])

    def _annihilated(self, term: Term, used: tuple[Var, ...]) -> bool:
        """Whether a wrong 0 among the factors makes nothing of the whole formula, or of the whole update step."""
        zero = {v for v in used if v in self.tainted and self.points[v] == 0 and self.key.truth[v] != 0}

        def gone(part: Term) -> bool:
            match part:
                case Var():
                    return part in zero
                case Op("mul", args):
                    return any(map(gone, args))
                case Op("div" | "xdivy" | "neg" | "named", (arg, *_)):
                    return gone(arg)
                case Op("sub", (Var("w" | "b" | "shared"), step)):
                    return gone(step)
                case Op("add" | "sub", args):
                    return all(map(gone, args))
            return False

        return bool(zero) and gone(term)

    def _impossible(self, var: Var, stated: float, h: float) -> bool:
        low, high = self.key.possible[var]
        return not low - h - tolerance(low) <= stated <= high + h + tolerance(high)

    def _odd_sums(self) -> frozenset[Var]:
        """Probabilities that are all given and do not add to 1."""
        odd = [
            group
            for group in self.key.shares
            if all(var in self.halves for var in group)
            and abs(1 - sum(self.points[var] for var in group)) > 1e-12 + 2 * sum(self.halves[var] for var in group)
        ]
        return frozenset().union(*odd)


def _negated(key: Key, sheet: Sheet) -> list[Mark] | None:
    """The marks of a student who keeps −δ throughout; None unless every δ is negated and the updates fit."""
    for whole in (True, False):
        flipped = {var for var in sheet.answers if _of_loss(var, whole)}
        if not any(_of_loss(var, False) for var in flipped):
            return None
        answers = {v: _minus(answer) if v in flipped else answer for v, answer in sheet.answers.items()}
        marks = Marker(key, replace(sheet, answers=answers)).marks()
        stated = [m for m in marks if m.answer]
        if all(m.verdict != "mistake" for m in stated if m.var in flipped or m.var.role == "new"):
            return [
                replace(m, answer=sheet.answers[m.var], notes=(*m.notes, NEGATED), own=-m.own, expected=-m.expected)
                if m.var in flipped
                else m
                for m in marks
            ]
    return None


def _of_loss(var: Var, whole: bool) -> bool:
    """Whether ``var`` is a δ, or, on the ``whole``, any derivative of the loss."""
    if var.role not in ("d", "via") or var.of[0].role not in ("loss", "term"):
        return False
    return whole or var.of[1].role == "z"


def _minus(answer: Answer) -> Answer:
    shown, carried = (replace(s, value=-s.value) for s in (answer.shown, answer.carried))
    return replace(answer, shown=shown, carried=carried)
