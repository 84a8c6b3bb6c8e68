"""The answer key: what the teacher knows. It needs no network, so anything that is a list of steps can be marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.intervals import WHOLE, Interval, Range
from backpropcalc.algebra.terms import Op, Term, Var, variables
from backpropcalc.errors import fail
from backpropcalc.execution.trace import Trace
from backpropcalc.program.steps import Step, each
from backpropcalc.spec.model import Marking

from . import worth
from .rounding import parts


class KeyLine(NamedTuple):
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
    asked: frozenset[Var] | None = None
    """The quantities that count; None for all that the rules name."""

    @classmethod
    def of(cls, trace: Trace, asked: frozenset[Var] | None = None) -> Key:
        """The key of one iteration of a trace, with the forward pass after the update."""
        if not all(trace.program.given.values()):
            raise fail("no-numbers", "work in symbols cannot be marked", "give `values:` in the spec")
        steps = tuple((block.phase, step) for block in trace.asked for step in block.cells)
        given = {var: FLOAT.number(number.text) for var, number in each(trace.numbers)}
        return cls(steps, given, worth.rules(trace), trace.repeated, asked)

    @cached_property
    def step_of(self) -> Mapping[Var, Step]:
        """The step of every quantity that is worked out, in their order."""
        return {step.var: step for _, step in self.steps}

    @cached_property
    def place(self) -> Mapping[Var, int]:
        """The place of every quantity in the order of the steps, from 0."""
        return {step.var: n for n, (_, step) in enumerate(self.steps)}

    @cached_property
    def truth(self) -> Mapping[Var, float]:
        """Every value, worked unrounded."""
        env = dict(self.given)
        for _, step in self.steps:
            env[step.var] = evaluate(step.safe or step.term, env.__getitem__, FLOAT)
        return env

    @cached_property
    def lines(self) -> tuple[KeyLine, ...]:
        """The steps made ready for marking."""
        return tuple(self._line(phase, step) for phase, step in self.steps)

    def _line(self, phase: str, step: Step) -> KeyLine:
        routes = tuple((route, Range.of(route)) for route in step.routes)
        used = dict.fromkeys(variables(step.term))
        for route in step.routes:
            used.update(dict.fromkeys(variables(route)))
        parents = tuple(var for var in used if var not in self.given)
        return KeyLine(step, phase, Range.of(step.term), routes, parents, parts(step.term))

    @cached_property
    def ranges(self) -> Mapping[Var, Interval]:
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
        """What each quantity is worth; see ``worth.points``."""
        phases = {step.var: phase for phase, step in self.steps}
        return worth.points(phases, self.repeated, self.rules, self.asked)

    @cached_property
    def possible(self) -> float:
        """What can be earned: by the spec alone, whatever a paper holds."""
        needless = {of for of, repeat in self.repeated.items() if self.points.get(repeat)}
        return sum(each for var, each in self.points.items() if var not in needless)

    @cached_property
    def shares(self) -> tuple[frozenset[Var], ...]:
        """The sets of values that add to 1: a softmax layer for each sample."""
        found: dict[frozenset[Var], set[Var]] = {}
        for line in self.lines:
            if isinstance(line.range.term, Op) and line.range.term.name == "share":
                found.setdefault(frozenset(variables(line.step.term)), set()).add(line.step.var)
        return tuple(frozenset(group) for group in found.values())
