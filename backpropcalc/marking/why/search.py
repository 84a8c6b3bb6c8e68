"""The search for what explains a wrong value: each misconception's formula, worked with the student's own numbers.

What explains several lines of a paper is believed before what explains one, a slip in the line itself before one in a
line that is not shown, a common one before a rare one; slips of the pen, and two slips at once, come last.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.intervals import Range, instead
from backpropcalc.algebra.terms import Var, substitute
from backpropcalc.marking.judge.key import Key
from backpropcalc.marking.judge.marks import Mark, Marked
from backpropcalc.marking.judge.rounding import WIDE, tolerance
from backpropcalc.program.steps import Step

from .edits import Edit, NetworkContext, Rule, leaves
from .misconceptions import PEN, RULES, rank
from .pen import SWAP, TELLING, digit_swaps

NEAR = 50
"""Further away than so many h, a formula is no match whatever the rounding."""
SITES = 12
"""So many values that are not shown are looked at as the place of a slip."""
LIKELIEST = 2
"""So many explanations are named of a value that several slips would give."""
PRECISE = 1e-6
"""Nearer than this part of the right value, an answer is right, to single precision."""
CHANCE = 0.05
"""Two slips at once are named only if fewer of all their values than this are expected to meet a number by accident."""


Slip = tuple[str, str]
"""What the slips of several lines have in common: the rule and its way."""


class Candidate(NamedTuple):
    """A rule that gives the stated value: its edit, the step that was done wrong, and whether to the digit."""

    rule: Rule
    edit: Edit
    site: Var
    exact: bool
    also: tuple[Rule, Edit] | None = None
    corrected: bool = False
    """Whether it was worked with the right values of what was wrong before."""

    @property
    def misunderstanding(self) -> Slip:
        """What it has in common with the slips of other lines."""
        return (f"{self.rule.name} + {self.also[0].name}" if self.also else self.rule.name), self.edit.kind


class EditBook:
    """What every rule makes of every step of a calculation, each worked out once."""

    def __init__(self, net: NetworkContext) -> None:
        self.net = net
        self._known: dict[tuple[Var, str], tuple[Edit, ...]] = {}

    def edits(self, rule: Rule, step: Step) -> tuple[Edit, ...]:
        """What a rule makes of a step; of one after the update, of what stands in the first pass."""
        known = self._known.get((step.var, rule.name))
        if known is None:
            main = self.net.main(step)
            made = rule.edits(self.net, main) if self.concerns(rule, main) else ()
            edits = tuple(edit for edit in made if self.net.knows(edit.term))
            known = edits if main is step else tuple(self._again(edit) for edit in edits)
            self._known[step.var, rule.name] = known
        return known

    def concerns(self, rule: Rule, step: Step) -> bool:
        """Whether a rule is about steps of this kind."""
        return not rule.steps or self.net.kind(step) in rule.steps

    def _again(self, edit: Edit) -> Edit:
        later = dict(self.net.again)
        about = {word: x if isinstance(x, str) else substitute(x, dict(later)) for word, x in edit.about.items()}
        return edit._replace(term=substitute(edit.term, dict(later)), about=about)


class Search:
    """The search for one sheet, with the student's own numbers."""

    def __init__(self, book: EditBook, key: Key, marked: Marked) -> None:
        self.book, self.key, self.marked, self.values = book, key, marked, marked.values
        self.points = self.values.points.__getitem__
        self.boxes = self.values.boxes.__getitem__
        self._general: dict[Slip, bool] = {}
        self._hidden: dict[Var, list[Var]] = {}

    @cached_property
    def mistakes(self) -> Mapping[Var, list[Candidate]]:
        """Each mistake with everything that explains it, the likeliest first."""
        mistakes = {m.var: self._candidates(m.var) for m in self.marked if m.verdict == "mistake"}
        lines = Counter(way for candidates in mistakes.values() for way in {c.misunderstanding for c in candidates})
        return {var: self._likeliest(var, candidates, lines) for var, candidates in mistakes.items()}

    def _likeliest(self, var: Var, candidates: list[Candidate], lines: Mapping[Slip, int]) -> list[Candidate]:
        """The likeliest candidate, and after it those of other rules that nothing but their rank tells from it."""

        def likelihood(c: Candidate) -> tuple[bool, int, bool]:
            return not self._everywhere(c), -lines[c.misunderstanding], c.site != var

        ordered = sorted(candidates, key=lambda c: (likelihood(c), rank(c.rule)))
        each: dict[str, Candidate] = {}
        for c in ordered:
            each.setdefault(c.rule.name, c)
        return [c for c in each.values() if likelihood(c) == likelihood(ordered[0])]

    def _candidates(self, var: Var) -> list[Candidate]:
        """Everything of the best sort that explains a mistake: to the digit before near it."""
        singles = list(self._singles(var, RULES))
        candidates = [c for c in singles if c.exact] or singles
        if not candidates and self.values.own[var] != self.key.truth[var]:
            candidates = [c for c in self._singles(var, RULES, corrected=True) if c.exact]
        unit = 2 * self.values.halves[var]
        digits = abs(self.values.stated[var]) / unit if unit else math.inf
        candidates = candidates or [c for c in self._singles(var, PEN) if digits >= TELLING[c.rule.name]]
        if not candidates and digits >= 100:
            candidates = [Candidate(SWAP, Edit(self.key.step_of[var].term), var, True) for _ in self._swaps(var)]
            candidates = candidates or self._pairs(var)
        return candidates

    def exact_elsewhere(self, mark: Mark) -> bool:
        """Whether a value that is near the right one, but not it, is just what a misconception gives.

        Near is one off in the last place, or shorter than the student writes the right one.
        """
        if mark.verdict not in ("correct", "rounded", "follows"):
            return False
        stated, own = self.values.stated[mark.var], self.values.own[mark.var]
        short = self.values.halves[mark.var] > 1.5 * self.values.precision.half(own)
        away = abs(stated - own) > max(self.values.precision.half(own), PRECISE * abs(own))
        half = self.values.halves[mark.var]
        if abs(stated - mark.expected) <= half < 0.01 * abs(stated):
            return False  # digits enough that are the right ones are nobody's slip
        if not away or not stated or not (short or {"last-digit", "truncated"} & set(mark.notes)):
            return False
        step = self.key.step_of[mark.var]
        terms = (edit.term for rule in RULES for edit in self.book.edits(rule, step))
        return any(abs(evaluate(term, self.points, FLOAT) - stated) <= 1e-9 * abs(stated) for term in terms)

    def _singles(self, var: Var, rules: Iterable[Rule], corrected: bool = False) -> Iterator[Candidate]:
        for site in [var] if corrected else self._sites(var):
            for rule in rules:
                for edit in self.book.edits(rule, self.key.step_of[site]):
                    exact = self._corrects(edit, var) if corrected else self._explains(edit, site, var)
                    if exact is not None:
                        yield Candidate(rule, edit, site, exact, corrected=corrected)

    def _corrects(self, edit: Edit, var: Var) -> bool | None:
        """Whether an edit gives the stated value to the digit from the right values of all that it uses."""
        h, right = self.values.halves[var], self.key.truth[var]
        value = evaluate(edit.term, self.key.truth.__getitem__, FLOAT)
        telling = math.isfinite(value) and abs(value - right) > 2 * h + tolerance(value)
        return True if telling and abs(self.values.stated[var] - value) <= h + tolerance(value) else None

    def _sites(self, var: Var) -> list[Var]:
        """Where the slip may have happened: at the step itself, or before it at a value that is not shown."""
        if var not in self._hidden:
            sites, seen = [var], {var}
            for site in sites:
                for parent in leaves(self.key.step_of[site].term):
                    if parent in self.key.step_of and parent not in self.values.stated and parent not in seen:
                        seen.add(parent)
                        sites.append(parent)
                if len(sites) > SITES:
                    break
            self._hidden[var] = sites[:SITES]
        return self._hidden[var]

    def _explains(self, edit: Edit, site: Var, var: Var) -> bool | None:
        """Whether an edit gives the stated value: to the digit, within the student's rounding, or (None) not."""
        stated, own, h = self.values.stated[var], self.values.own[var], self.values.halves[var]
        value = self._value(edit, site, var)
        if not math.isfinite(value) or abs(value - own) <= 2 * h + tolerance(value):
            near_own = math.isfinite(value) and abs(value - own) > tolerance(value)
            return True if near_own and abs(value - stated) <= 1e-9 * abs(stated) and stated != own else None
        away = abs(stated - value)
        if away <= h + tolerance(stated, value):
            return True
        # A value a hundred times as large is also as much less certain.
        scale = max(1.0, abs(value / own)) if own else 1.0
        if away > NEAR * h * scale or site != var:
            return None
        low, high = Range.of(edit.term).over(self.boxes)
        near = high - low <= WIDE * h * scale and low - h <= stated <= high + h
        return False if near else None

    def _value(self, edit: Edit, site: Var, var: Var) -> float:
        """What ``var`` becomes if ``site`` is worked by the edit's formula, and the rest rightly."""
        value: float = evaluate(edit.term, self.points, FLOAT)
        if site == var:
            return value
        changed: dict[Var, float] = {site: value}
        for step in sorted(self._sites(var), key=self.key.place.__getitem__):
            term = self.key.step_of[step].term
            if step != site and not changed.keys().isdisjoint(leaves(term)):
                changed[step] = evaluate(term, instead(changed, self.points), FLOAT)
        return changed.get(var, self.values.own[var])

    def _everywhere(self, candidate: Candidate) -> bool:
        """Whether the rule explains each of the stated values that it would change, and there are several."""
        if candidate.also is not None:
            return False
        name = (candidate.rule.name, candidate.edit.kind)
        if name not in self._general:
            self._general[name] = self._holds(candidate.rule, candidate.edit.kind)
        return self._general[name]

    def _holds(self, rule: Rule, way: str) -> bool:
        count = 0
        for var in self.values.stated:
            edits = [edit for edit in self.book.edits(rule, self.key.step_of[var]) if edit.kind == way]
            touched = [edit for edit in edits if self._differs(edit, var)]
            if not touched:
                continue
            if all(self._explains(edit, var, var) is None for edit in touched):
                return False
            count += 1
        return count > 1

    def _differs(self, edit: Edit, var: Var) -> bool:
        value: float = evaluate(edit.term, self.points, FLOAT)
        return abs(value - self.values.own[var]) > 2 * self.values.halves[var] + tolerance(value)

    def _pairs(self, var: Var) -> list[Candidate]:
        """Two slips in one step, the second done to what the first has made; only to the digit."""
        step, pairs, tried = self.key.step_of[var], list[Candidate](), set[float]()
        if self.book.net.main(step) is not step:
            return []
        for first in RULES:
            for once in self.book.edits(first, step):
                value = evaluate(once.term, self.points, FLOAT)
                if not math.isfinite(value) or not self._differs(once, var):
                    continue
                for second, twice in self._second(first, replace(step, term=once.term)):
                    tried.add(evaluate(twice.term, self.points, FLOAT))
                    if self._explains(twice, var, var):
                        pairs.append(Candidate(first, once, var, True, (second, twice)))
                if self._swapped(var, value):
                    pairs.append(Candidate(first, once, var, True, (SWAP, once)))
        size = max(abs(self.values.stated[var]), abs(self.values.own[var]))
        return pairs if 2 * self.values.halves[var] * len(tried) <= CHANCE * size else []

    def _second(self, first: Rule, wrong: Step) -> Iterator[tuple[Rule, Edit]]:
        """What a second slip makes of a line that is wrong already."""
        for second in (*RULES, *PEN):
            if second is not first and self.book.concerns(second, wrong):
                for twice in second.edits(self.book.net, wrong):
                    if twice.term != wrong.term and self.book.net.knows(twice.term):
                        yield second, twice

    def _swaps(self, var: Var) -> Iterator[float]:
        """The student's right value, if exchanging two of its digits gives what is stated."""
        own, h = self.values.own[var], self.values.halves[var]
        near = [value for value in (own, self.key.truth[var]) if abs(value - own) <= WIDE * h]
        yield from [value for value in near if self._swapped(var, value)][:1]

    def _swapped(self, var: Var, value: float) -> bool:
        """Whether ``value``, as the student would write it, gives what is stated if two digits change places."""
        stated, h = self.values.stated[var], self.values.halves[var]
        if not h or not math.isfinite(value) or abs(value) > 1e12:
            return False
        right = f"{value:.{max(0, -round(math.log10(2 * h)))}f}"
        return any(abs(float(swap) - stated) <= tolerance(value) for swap in digit_swaps(right))
