"""The program for batches of one length, made ready to be worked: its scalar steps, and where each number stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from backpropcalc.algebra.terms import Term, Var, substitute, variables
from backpropcalc.program.network import network
from backpropcalc.program.numbering import Numbering
from backpropcalc.program.steps import Block, Program, Step
from backpropcalc.spec.network import Network

from .values import entries, lasting


class Stage:
    """The program for batches of one length, and its scalar steps."""

    def __init__(self, spec: Network) -> None:
        self.spec = spec
        self.program: Program = network(spec)
        self.in_matrices = spec.style.view == "matrix"

    @cached_property
    def main(self) -> tuple[Step, ...]:
        """The scalar steps of an iteration."""
        steps = (step for block in self.program.lines for step in block.worked)
        return tuple(_at_once(steps) if self.in_matrices else steps)

    @cached_property
    def after(self) -> tuple[Step, ...]:
        """The scalar steps after the last update."""
        return tuple(step for block in self.program.lines_after for step in block.worked)

    @cached_property
    def step_of(self) -> dict[Var, Step]:
        """The scalar step of every entry that is computed."""
        return {step.var: step for step in (*self.main, *self.after)}

    @cached_property
    def forward(self) -> tuple[Block, ...]:
        """The forward pass and the loss."""
        return tuple(block for block in self.program.blocks if block.phase in ("forward", "loss"))

    @cached_property
    def output(self) -> Var:
        """The activations of the last layer."""
        return next(b.steps[-1].var for b in reversed(self.program.blocks) if b.phase == "forward")

    @cached_property
    def carried(self) -> tuple[tuple[Var, Var], ...]:
        """Each entry that the next iteration takes over, and its new value."""
        steps = {step.var: step for block in self.program.blocks for step in block.steps}
        pairs = ((old, new, steps[new].entries) for old, new in self.program.carried)
        return tuple((old.at(at), new.at(at)) for old, new, entries in pairs for at in entries)

    @property
    def samples(self) -> tuple[Var, Var]:
        """Inputs and targets."""
        x, t = (var for var in self.program.given if var.role in ("x", "t"))
        return x, t

    @cached_property
    def data(self) -> tuple[tuple[Var, ...], ...]:
        """The entries of inputs and targets, a row per sample."""
        x, t = self.samples
        return tuple(tuple(var.at((r, s)) for var in (x, t) for r in range(var.shape[0])) for s in range(x.shape[1]))

    @property
    def kept(self) -> Iterator[Var]:
        """What is given beside the samples."""
        return (var for var in self.program.given if var.role not in ("x", "t"))

    @cached_property
    def lasting(self) -> Collection[Var]:
        """The entries that nothing goes into but what is given for good: no parameter that is trained."""
        moved = {old for old, _ in self.carried}
        given = (var for var in entries(self.program.given) if var not in moved)
        return frozenset(lasting((*self.main, *self.after), given))


def _at_once(steps: Iterable[Step]) -> Iterator[Step]:
    """Steps as matrices work them: what all units send back is one product, so none of its parts is rounded."""
    parts: dict[Var, Term] = {}
    for step in steps:
        if step.var.role == "via" or (step.var.role == "d" and step.var.of[0].role == "term"):
            parts[step.var] = step.term
        elif any(var in parts for var in variables(step.term)):
            step = replace(step, term=substitute(step.term, parts))
        yield step


class Stages:
    """The stage of every iteration of a spec: batches of one length have the same, unless derivatives that somebody
    asked for are of some of their samples."""

    def __init__(self, spec: Network) -> None:
        self.spec, self.schedule = spec, spec.schedule
        self.digits = spec.style.shown
        self._stages: dict[tuple[int, tuple[Var, ...]], Stage] = {}

    def numbering(self, iteration: int) -> Numbering:
        """The samples of an iteration among all."""
        return Numbering(self.schedule.batch(iteration), self.schedule.samples)

    def stage(self, iteration: int) -> Stage:
        """The stage of an iteration."""
        asked = self.spec.method.asked
        if asked and not self.schedule.whole:
            numbering = self.numbering(iteration)
            asked = tuple(numbering.local(var) for var in asked if numbering.has(var))
        key = self.schedule.length(iteration), asked
        if key not in self._stages:
            self._stages[key] = Stage(self.spec.on(self.schedule.batch(iteration)).asking(asked))
        return self._stages[key]

    @property
    def whole(self) -> Stage:
        """The stage for all samples at once."""
        key = self.schedule.samples, self.spec.method.asked
        if key not in self._stages:
            self._stages[key] = Stage(self.spec.on(range(self.schedule.samples)))
        return self._stages[key]
