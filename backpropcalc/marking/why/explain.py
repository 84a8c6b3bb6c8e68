"""Why a value is wrong: the misconceptions that give just what is stated, said so that a student understands.

Each rule's edited formula is worked out with the student's own earlier values. One that explains every step it could
touch is believed before one that explains this step alone, that before two slips at once, and a slip of the pen last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.intervals import Range, instead
from backpropcalc.algebra.terms import Var, substitute
from backpropcalc.execution.trace import Trace
from backpropcalc.marking.judge.key import Key
from backpropcalc.marking.judge.marks import Because, Mark, Marked
from backpropcalc.marking.judge.rounding import WIDE, tolerance
from backpropcalc.notation.notation import Notation
from backpropcalc.notation.own_names import notation_of
from backpropcalc.program.steps import Step

from .edits import Edit, Found, NetworkContext, Rule, kind, leaves
from .misconceptions import PEN, RULES
from .pen import digit_swaps
from .wording import Wording

NEAR = 50
"""Further away than so many h, a formula is no match whatever the rounding."""
SITES = 12
"""So many values that are not shown are looked at as the place of a slip."""


class Explainer:
    """Explains the mistakes of any number of sheets for one trace."""

    def __init__(self, trace: Trace, key: Key | None = None, notation: Notation | None = None) -> None:
        self.trace = trace
        self.key = key or Key.of(trace)
        self.net = NetworkContext(trace, (step for _, step in self.key.steps), self.key.given)
        self.wording = Wording(self.key, notation or notation_of(trace.spec), trace.digits)
        self._known: dict[tuple[Var, str], tuple[Edit, ...]] = {}

    def explained(self, marked: Marked) -> Marked:
        """The marks, each mistake with what explains it; nothing is said where nothing does."""
        if all(m.verdict != "mistake" for m in marked):
            return marked
        search = _Search(self, marked)
        marks = (replace(m, because=search.because(m)) if m.verdict == "mistake" else m for m in marked)
        return replace(marked, marks=tuple(marks))

    def edits(self, rule: Rule, step: Step) -> tuple[Edit, ...]:
        """What a rule makes of a step; of one after the update, of what stands in the first pass."""
        known = self._known.get((step.var, rule.name))
        if known is None:
            main = self.net.main(step)
            found = () if rule.steps and kind(main.var) not in rule.steps else tuple(rule.edits(self.net, main))
            if main is not step:
                found = tuple(self._again(edit) for edit in found)
            known = self._known[step.var, rule.name] = found
        return known

    def _again(self, edit: Edit) -> Edit:
        later = dict(self.net.again)
        about = {word: x if isinstance(x, str) else substitute(x, dict(later)) for word, x in edit.about.items()}
        return edit._replace(term=substitute(edit.term, dict(later)), about=about)


class _Search:
    """The search for one sheet, with the student's own numbers."""

    def __init__(self, explainer: Explainer, marked: Marked) -> None:
        self.explainer, self.marks, self.values = explainer, marked.marks, marked.values
        self.points = self.values.points.__getitem__
        self.boxes = self.values.boxes.__getitem__
        self.steps = explainer.key.step_of
        self.order = {var: n for n, var in enumerate(self.steps)}
        self._general: dict[tuple[str, str], bool] = {}
        self._hidden: dict[Var, list[Var]] = {}

    def because(self, mark: Mark) -> tuple[Because, ...]:
        """The best explanations of a mistake, all that are equally good."""
        found = self._best(list(self._single(mark, RULES)))
        found = found or self._best(list(self._single(mark, PEN)))
        found = found or [Found(SWAP, Edit(self.steps[mark.var].term), mark.var, True) for _ in self._swaps(mark)]
        found = found or self._best(list(self._pairs(mark)))
        return tuple(self.explainer.wording.because(f, mark, self.values) for f in found)

    def _best(self, found: list[Found]) -> list[Found]:
        """Those that hold everywhere, or else all; to the digit before near it; one of each rule."""
        here = [f for f in found if f.exact] or found
        here = [f for f in here if f.also is None and self._everywhere(f)] or here
        return list({f.rule.name: f for f in reversed(here)}.values())[::-1]

    def _single(self, mark: Mark, rules: Iterable[Rule]) -> Iterator[Found]:
        for site in self._sites(mark.var):
            for rule in rules:
                for edit in self.explainer.edits(rule, self.steps[site]):
                    exact = self._explains(edit, site, mark)
                    if exact is not None:
                        yield Found(rule, edit, site, exact)

    def _sites(self, var: Var) -> list[Var]:
        """Where the slip may have happened: at the step itself, or before it at a value that is not shown."""
        if var not in self._hidden:
            sites, seen = [var], {var}
            for site in sites:
                for parent in leaves(self.steps[site].term):
                    if parent in self.steps and parent not in self.values.halves and parent not in seen:
                        seen.add(parent)
                        sites.append(parent)
                if len(sites) > SITES:
                    break
            self._hidden[var] = sites[:SITES]
        return self._hidden[var]

    def _explains(self, edit: Edit, site: Var, mark: Mark) -> bool | None:
        """Whether an edit gives the stated value: to the digit, within the student's rounding, or (None) not."""
        assert mark.answer is not None
        stated, h = float(mark.answer.shown.value), self.values.halves[mark.var]
        value = self._value(edit, site, mark.var)
        if not math.isfinite(value) or abs(value - mark.own) <= 2 * h + tolerance(value):
            return None
        away = abs(stated - value)
        if away <= h + tolerance(stated, value):
            return True
        # A value a hundred times as large is also as much less certain.
        scale = max(1.0, abs(value / mark.own)) if mark.own else 1.0
        if away > NEAR * h * scale or site != mark.var:
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
        for step in sorted(self._sites(var), key=self.order.__getitem__):
            term = self.steps[step].term
            if step != site and not changed.keys().isdisjoint(leaves(term)):
                changed[step] = evaluate(term, instead(changed, self.points), FLOAT)
        if var not in changed:
            return self.values.own[var]
        reached: float = changed[var]
        return reached

    def _everywhere(self, found: Found) -> bool:
        """Whether the rule explains each of the stated values that it would change, and there are several."""
        name = (found.rule.name, found.edit.kind)
        if name not in self._general:
            self._general[name] = self._holds(found.rule, found.edit.kind)
        return self._general[name]

    def _holds(self, rule: Rule, way: str) -> bool:
        count = 0
        for mark in self.marks:
            if mark.answer is None:
                continue
            edits = [e for e in self.explainer.edits(rule, self.steps[mark.var]) if e.kind == way]
            touched = [e for e in edits if self._differs(e, mark)]
            if not touched:
                continue
            if all(self._explains(e, mark.var, mark) is None for e in touched):
                return False
            count += 1
        return count > 1

    def _differs(self, edit: Edit, mark: Mark) -> bool:
        value: float = evaluate(edit.term, self.points, FLOAT)
        h = self.values.halves[mark.var]
        return abs(value - float(mark.own)) > 2 * h + tolerance(value)

    def _pairs(self, mark: Mark) -> Iterator[Found]:
        """Two slips in one step, the second done to what the first has made; only to the digit."""
        assert mark.answer is not None
        step = self.steps[mark.var]
        if self.explainer.net.main(step) is not step or not _telling(mark, self.values.halves[mark.var]):
            return
        for first in RULES:
            for once in self.explainer.edits(first, step):
                value = evaluate(once.term, self.points, FLOAT)
                if not math.isfinite(value) or not self._differs(once, mark):
                    continue
                wrong = replace(step, term=once.term)
                for second in (*RULES, *PEN):
                    if second is first or (second.steps and kind(step.var) not in second.steps):
                        continue
                    for twice in second.edits(self.explainer.net, wrong):
                        if twice.term != once.term and self._explains(twice, mark.var, mark):
                            yield Found(first, once, mark.var, True, (second, twice))
                if _swapped(mark, value, self.values.halves[mark.var]):
                    yield Found(first, once, mark.var, True, (SWAP, once))

    def _swaps(self, mark: Mark) -> Iterator[float]:
        """The student's right value, if exchanging two of its digits gives what is stated."""
        h = self.values.halves[mark.var]
        near = [v for v in (mark.own, mark.expected) if abs(v - mark.own) <= WIDE * h]
        yield from [value for value in near if _swapped(mark, value, h)][:1]


def _telling(mark: Mark, h: float) -> bool:
    """Whether a stated value has digits enough (three) for a match to mean anything."""
    assert mark.answer is not None
    return abs(float(mark.answer.shown.value)) >= 200 * h


def _swapped(mark: Mark, value: float, h: float) -> bool:
    """Whether ``value``, as the student would write it, gives what is stated when two of its digits are exchanged."""
    assert mark.answer is not None
    if not h or not math.isfinite(value) or abs(value) > 1e12:
        return False
    right = f"{value:.{max(0, -round(math.log10(2 * h)))}f}"
    stated = float(mark.answer.shown.value)
    return any(abs(float(swap) - stated) <= tolerance(value) for swap in digit_swaps(right))


SWAP = Rule("digit-swap", "Two neighbouring digits have changed places.", lambda net, step: ())


def explained(trace: Trace, marks: Marked) -> Marked:
    """The marks of one sheet, each mistake with what explains it."""
    return Explainer(trace).explained(marks)
