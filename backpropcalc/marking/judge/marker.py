"""Verdicts: each stated value against what follows from the student's own earlier ones."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.intervals import Interval, hull, instead
from backpropcalc.algebra.rewriting import operations
from backpropcalc.algebra.terms import Op, Term, Var, variables
from backpropcalc.marking.read.sheet import Answer, Sheet

from .key import Key, KeyLine
from .marks import Mark, Marked, StudentValues
from .rounding import WIDE, WrittenPrecision, fits, last_place, parts, tolerance

SINGLE_DIGITS = 1e6
"""A value of which so much is written, seven digits, may be one of single precision."""
SINGLE_ROUNDINGS = 2
"""So often it may have been rounded, half a unit of 2⁻²³ each time."""
THREE_DECIMALS = 0.5e-3
"""Where no precision is asked for, an answer with so many decimals is never too coarse."""
THROUGHOUT = 0.8
"""The part of a paper that makes a habit."""
FEW = 5
"""Of fewer answers nobody can say that they are all one number."""


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
        self.loose: set[Var] = set()
        """What is too coarse, and what is not shown and comes from such a value."""
        self.own: dict[Var, float] = {}
        self.stated: dict[Var, float] = {}
        self.halves: dict[Var, float] = {}
        self.precision = WrittenPrecision.of(sheet.answers.values())
        self.in_three_decimals = self._in_three_decimals()

    def marked(self) -> Marked:
        """A mark for every step, without credit."""
        marks = [self._mark(line) for line in self.key.lines]
        notes = [(var, "implausible") for var in self._odd_sums()]
        notes += [(var, "too-coarse") for var in self._guessed(marks)]
        values = StudentValues(self.points, self.boxes, self.stated, self.halves, self.own, self.precision)
        for var, note in notes:
            at = self.key.place[var]
            marks[at] = replace(marks[at], notes=tuple(dict.fromkeys((*marks[at].notes, note))))
        return Marked(tuple(marks), values)

    def _in_three_decimals(self) -> bool:
        """Whether the paper is written with three decimals or more throughout, zeros left out at the end aside."""
        fine = [
            float(answer.shown.half) <= THREE_DECIMALS
            or abs(float(answer.shown.value) - self.key.truth[var]) <= THREE_DECIMALS
            for var, answer in self.sheet.answers.items()
        ]
        return sum(fine) >= THROUGHOUT * len(fine)

    def _mark(self, line: KeyLine) -> Mark:
        var = line.step.var
        true = self.key.truth[var]
        own = self.own[var] = evaluate(line.step.term, self.points.__getitem__, FLOAT)
        answer = self.sheet.answers.get(var)
        if answer is None:
            self._work_out(line, own)
            text = self.sheet.unreadable.get(var)
            return Mark(var, None, true, own, "missing" if text is None else "unreadable", text=text or "")
        stated, asked = float(answer.shown.value), self.key.rules.precision.half(answer.shown.value)
        written = self.precision.of_stated(answer.shown)
        h = max(min(written, asked), self._noise(line, answer, asked))
        verdict, notes = self._verdict(line, stated, h, true, own)
        if verdict == "mistake" and written > asked:
            # Right as far as it goes, but with fewer digits than were asked for.
            lenient, more = self._verdict(line, stated, written, true, own)
            if lenient != "mistake":
                h, verdict, notes = written, lenient, (*more, "fewer-digits")
        if verdict != "mistake" and self._coarse(line, stated, written, true if verdict == "correct" else own):
            notes = (*notes, "too-coarse")
            self.loose.add(var)
        if verdict in ("mistake", "follows"):
            self.tainted.add(var)
        if self._impossible(var, stated, h):
            notes = (*notes, "implausible")
        self._take(line, answer, h, notes)
        return Mark(var, answer, true, own, verdict, tuple(dict.fromkeys(notes)))

    def _noise(self, line: KeyLine, answer: Answer, asked: float) -> float:
        """How far a value with many digits may lie off for no fault of the student's: within the precision asked for.

        Or within what single precision makes of the step, which works with about seven digits of the largest number.
        """
        stated = abs(float(answer.shown.value))
        if not stated or 2 * float(answer.shown.half) > stated / SINGLE_DIGITS:
            return 0.0
        sums = any(part.name in ("add", "sub") for part in operations(line.step.term))
        largest = max((abs(self.points[var]) for var in variables(line.step.term)), default=0.0) if sums else 0.0
        single = SINGLE_ROUNDINGS * 2.0**-24 * max(stated, largest)
        return max(single, min(asked, stated / 200) if math.isfinite(asked) else 0.0)

    def _coarse(self, line: KeyLine, stated: float, written: float, right: float) -> bool:
        """Whether wrong methods would give such an answer too: with one digit, or an update that shows no change.

        Nothing is too coarse that has the digits asked for (if none are: three significant ones, or three decimals on
        a paper that has them throughout), or is exactly right. Zeros at the end that are left out count as written.
        """
        var = line.step.var
        if 2 * written <= abs(right) / 100 or abs(stated - right) <= tolerance(stated, right):
            return False
        usual = self.precision.half(stated)
        h = usual if usual < written and abs(stated - right) <= usual + tolerance(stated) else written
        asked = self.key.rules.precision.half(right)
        fine = asked if math.isfinite(asked) else THREE_DECIMALS if self.in_three_decimals else 0.0
        if h <= fine * (1 + 1e-9) or 2 * h <= abs(right) / 100:
            return False
        unmoved = var.role == "new" and abs(self.points[var.parts[0]] - stated) <= h
        return unmoved or 2 * h > abs(right) / 10 * (1 + 1e-9)

    def _work_out(self, line: KeyLine, own: float) -> None:
        """Step 1: a value that is not given is worked out from the student's own, and may have been rounded."""
        var = line.step.var
        self.points[var] = own
        low, high = self._reach(line)
        # A value that is known exactly, and has no more digits than the student writes, is not rounded.
        room = 0.0 if low == high and self.precision.holds(own) else self.precision.half(own)
        self.boxes[var] = (low - room, high + room)
        for inherited in (self.tainted, self.loose):
            if not inherited.isdisjoint(line.parents):
                inherited.add(var)

    def _reach(self, line: KeyLine) -> Interval:
        """Where the student's own value of a step may lie before it is rounded, by any route."""
        box = self.boxes.__getitem__
        return hull(line.range.over(box), *(route.over(box) for _, route in line.routes))

    def _take(self, line: KeyLine, answer: Answer, h: float, notes: tuple[str, ...]) -> None:
        """Step 8: go on with what is given.

        One cut off, not rounded, may have been carried on in full. One written shorter than usual has lost zeros
        only: it lies where the student's own values lead.
        """
        var, carried, shown = line.step.var, float(answer.carried.value), float(answer.shown.value)
        half = min(self.precision.of_stated(answer.carried), h)
        if "last-digit" in notes or "truncated" in notes:
            half = 2 * h
        low, high = carried - half, carried + half
        if self._whole(line, h) or self._shown_exactly(line, carried):
            low = high = carried
        elif half > 1.5 * self.precision.half(carried):
            least, most = self._reach(line)
            if least <= high and low <= most:
                low, high = max(low, least), min(high, most)
        self.points[var], self.stated[var] = carried, shown
        self.boxes[var] = hull((low, high), (carried, carried), (shown, shown))
        self.halves[var] = h

    def _verdict(self, line: KeyLine, stated: float, h: float, true: float, own: float) -> tuple[str, tuple[str, ...]]:
        """Steps 2 to 7."""
        wrong = [parent for parent in line.parents if parent in self.tainted]
        if abs(stated - true) <= h + tolerance(stated, true):
            return "correct", ("recovered",) if wrong else ()
        fit = self._consistent(line, stated, h, own, wrong)
        if fit is not None:
            verdict = "rounded" if self.tainted.isdisjoint(fit.used) else "follows"
            trivial = verdict == "follows" and stated != true and self._annihilated(line.step.term, fit.used)
            return verdict, (*fit.notes, *(("trivial",) if trivial else ()))
        slip = "" if self._precise(line, h) else last_place(stated, h, own)
        if slip:
            return "follows" if wrong else "rounded", (slip,)
        return "mistake", ()

    def _consistent(self, line: KeyLine, stated: float, h: float, own: float, wrong: list[Var]) -> _Fit | None:
        """Steps 3 and 4: the step's own formula, then other routes, then right values of wrong parents."""
        used = tuple(dict.fromkeys(variables(line.step.term)))
        box = self.boxes.__getitem__
        if self._whole(line, h):
            return _Fit(used) if abs(stated - own) <= tolerance(stated, own) else None
        wide = math.inf if not wrong and self.loose.isdisjoint(line.parents) else WIDE
        note = fits(stated, h, line.parts, own, partial(line.range.over, box), wide)
        if note is not None:
            return _Fit(used, note)
        for route, reach in line.routes:
            point = evaluate(route, self.points.__getitem__, FLOAT)
            note = fits(stated, h, max(parts(route), line.parts), point, partial(reach.over, box), wide)
            if note is not None:
                return _Fit(tuple(dict.fromkeys(variables(route))), (*note, "alternative-route"))
        for right in self._copy_slips(wrong):
            boxes = {var: (v - self._half(var), v + self._half(var)) for var, v in right.items()}
            point = evaluate(line.step.term, instead(right, self.points.__getitem__), FLOAT)
            kept = tuple(var for var in used if var not in right)
            note = fits(stated, h, line.parts, point, partial(line.range.over, instead(boxes, box)), wide)
            if note is not None:
                if abs(stated - point) > h and last_place(stated, h, point) == "truncated":
                    note = (*note, "truncated")
                return _Fit(kept, (*note, "alternative-route", "copy-slip"))
        return None

    def _whole(self, line: KeyLine, h: float) -> bool:
        """Whether whole numbers are worked with: then nothing is rounded, and one off is a mistake like any other."""
        own = self.own[line.step.var]
        # Beyond 2⁵³ every double is whole, whatever it was worked out from.
        return h >= 0.5 and abs(own) < 2**53 and own == round(own) and self._reach(line) == (own, own)

    def _exact(self, line: KeyLine) -> bool:
        """Whether all that a step uses is known exactly: given, or shown to the last digit."""
        return all(self.boxes[var][0] == self.boxes[var][1] for var in line.parents)

    def _shown_exactly(self, line: KeyLine, carried: float) -> bool:
        """Whether a value follows from exact ones and is written with all its digits."""
        own = self.own[line.step.var]
        return abs(carried - own) <= tolerance(carried, own) and self._exact(line)

    def _precise(self, line: KeyLine, h: float) -> bool:
        """Whether one off in the last place is no matter of rounding: from exact numbers, in a number that is short."""
        return self._whole(line, h) or (h >= 0.5 and 2 * h > abs(self.own[line.step.var]) / 100 and self._exact(line))

    def _copy_slips(self, wrong: list[Var]) -> Iterator[dict[Var, float]]:
        """Right values in place of wrong ones: true, or what the student's own numbers give; each alone, then all."""
        for values in (self.key.truth, self.own):
            for var in wrong:
                yield {var: values[var]}
            if len(wrong) > 1:
                yield {var: values[var] for var in wrong}

    def _half(self, var: Var) -> float:
        """Half a unit of the last place in which a value is written, or would be if it were shown."""
        return self.halves[var] if var in self.halves else self.precision.half(self.points[var])

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
        low, high = self.key.ranges[var]
        return not low - h - tolerance(low) <= stated <= high + h + tolerance(high)

    def _guessed(self, marks: list[Mark]) -> frozenset[Var]:
        """The answers of a paper that has one number for most of its lines or for all, right there or not."""
        if len(self.stated) < FEW:
            return frozenset()
        number, times = Counter(self.stated.values()).most_common(1)[0]
        same = [m for m in marks if m.var in self.stated and self.stated[m.var] == number]
        right = sum(min(abs(number - m.expected), abs(number - m.own)) <= tolerance(number, m.own) for m in same)
        nothing_else = times == len(self.stated) and right < times
        guessed = nothing_else or (2 * times > len(self.stated) and 4 * right < 3 * times)
        return frozenset(m.var for m in same if m.verdict != "mistake") if guessed else frozenset()

    def _odd_sums(self) -> frozenset[Var]:
        """Probabilities that are all given and do not add to 1."""
        odd = [
            group
            for group in self.key.shares
            if all(var in self.halves for var in group)
            and abs(1 - sum(self.points[var] for var in group)) > 1e-12 + 2 * sum(self.halves[var] for var in group)
        ]
        return frozenset().union(*odd)
