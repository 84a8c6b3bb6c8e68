"""The answer key: what the teacher knows. It needs no network, so anything that is a list of steps can be marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.intervals import WHOLE, Interval, Range
from backpropcalc.algebra.terms import Op, Term, Var, variables
from backpropcalc.errors import InputError, Problem, fail
from backpropcalc.execution.trace import Trace
from backpropcalc.notation.names import Names
from backpropcalc.notation.own_names import notation_of
from backpropcalc.program.steps import PHASES, Step
from backpropcalc.spec.model import POINTS, Marking

from .marks import Mark
from .rounding import parts

FULL_CREDIT = ("correct", "rounded", "follows")
HALF_CREDIT = ("last-digit", "truncated", "too-coarse")


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
        return cls(steps, given, _with_ids(trace), trace.program.repeated)

    @cached_property
    def step_of(self) -> Mapping[Var, Step]:
        """The step of every quantity that is worked out, in their order."""
        return {step.var: step for _, step in self.steps}

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


def _with_ids(trace: Trace) -> Marking:
    """How the spec wants its answers marked, with the ids of the quantities that points are given for.

    Raises ``InputError`` where a word is neither a phase nor a name, or where two name the same.
    """
    spec, rules = trace.spec, getattr(trace.spec, "marking", Marking())
    if not rules.points:
        return rules
    names = Names(notation_of(spec), trace.computed())
    points: dict[str, float] = {}
    problems: list[Problem] = []
    for word, amount in rules.points.items():
        place = spec.places.get(POINTS + word)
        try:
            key = word if word in PHASES else names.find(word).id
        except InputError as error:
            problems += [problem._replace(where=place) for problem in error.problems]
            continue
        if key in points:
            problems.append(Problem("duplicate-key", f"the points of {key} are given twice", place, "keep one of them"))
        points[key] = amount
    if problems:
        raise InputError(problems, spec.file, spec.source)
    return replace(rules, points=points)
