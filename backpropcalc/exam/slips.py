"""Which misconceptions the numbers of a form can tell apart: what each gives for what is asked, as it is shown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Term, Var
from backpropcalc.marking.why.misconceptions import RULES
from backpropcalc.program.steps import Step

from .questions import Questions

Env = Mapping[Var, float]
SAME = 1e-9
"""Two numbers that differ by less than this part of them, in numbers taken at random, come from the same formula."""
NEAR = 1e-3
"""So far from the numbers of a form lie those by which formulas are told from accidents."""
TRUTH = ""
"""What stands for the right formula among the names of slips."""


class Slip(NamedTuple):
    """What a misconception makes of a quantity: its rule and its formula."""

    rule: str
    term: Term


class Clash(NamedTuple):
    """Two misconceptions, or one and the truth (an empty name), that give the same number for a quantity."""

    var: Var
    one: str
    other: str


class Tells(NamedTuple):
    """What a form tells apart: of ``slips`` at the quantities asked for, those that give a number of their own."""

    slips: int
    apart: int
    accidents: tuple[Clash, ...]
    """Those that other numbers would tell apart."""
    always: tuple[Clash, ...]
    """Those that no numbers tell apart, whatever is drawn."""


class Slips:
    """The misconceptions about what is asked; their formulas are the same in every form."""

    def __init__(self, questions: Questions, digits: Digits) -> None:
        self.questions, self.digits = questions, digits
        self.same: dict[tuple[Term, Term, tuple[str, ...]], bool] = {}

    @cached_property
    def of(self) -> Mapping[Var, tuple[Slip, ...]]:
        """What the misconceptions make of each quantity; one formula of a rule once."""
        steps = self.questions.key.step_of
        return {var: tuple(dict.fromkeys(self._made(steps[var]))) for var in self.questions.asked}

    def _made(self, step: Step) -> Iterator[Slip]:
        return (Slip(rule.name, edit.term) for rule in RULES for edit in self.questions.book.edits(rule, step))

    def told(self, env: Env, beside: Env, classes: tuple[str, ...] = ()) -> Tells:
        """What the numbers of ``env`` tell apart; ``beside`` has others next to them, and the same ``classes``."""
        count = apart = 0
        accidents: list[Clash] = []
        always: list[Clash] = []
        for var, slips in self.of.items():
            right = self.questions.key.step_of[var]
            clashes = list(self._clashes(Slip(TRUTH, right.safe or right.term), slips, env))
            idle = {slip for one, slip in clashes if one.rule == TRUTH and self._alike(one, slip, beside, classes)}
            rules = {slip.rule for slip in slips if slip not in idle}
            clashing = set()
            for one, other in clashes:
                if one in idle or other in idle:
                    continue
                clashing |= {one.rule, other.rule}
                (always if self._alike(one, other, beside, classes) else accidents).append(
                    Clash(var, one.rule, other.rule)
                )
            count += len(rules)
            apart += len(rules - clashing)
        return Tells(count, apart, tuple(dict.fromkeys(accidents)), tuple(dict.fromkeys(always)))

    def _clashes(self, right: Slip, slips: tuple[Slip, ...], env: Env) -> Iterator[tuple[Slip, Slip]]:
        """Each slip that gives the number of another rule, or the right one, as it is shown; the first of them."""
        holders: dict[str, Slip] = {}
        for slip in (right, *slips):
            value = evaluate(slip.term, env.__getitem__, FLOAT)
            if not math.isfinite(value):
                continue
            first = holders.setdefault(self.digits.shown(value, False), slip)
            if first.rule != slip.rule:
                yield first, slip

    def _alike(self, one: Slip, other: Slip, beside: Env, classes: tuple[str, ...]) -> bool:
        """Whether two formulas come to the same whatever the numbers are."""
        key = one.term, other.term, classes
        if key not in self.same:
            a, b = (evaluate(term, beside.__getitem__, FLOAT) for term in key[:2])
            self.same[key] = a == b or abs(a - b) <= SAME * max(abs(a), abs(b))
        return self.same[key]
