"""A program and its numbers: iteration by iteration, line by line, nothing held longer than one iteration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, Arithmetic, evaluate, rounded, tensors, to_float
from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Num, Var, variables
from backpropcalc.program.network import network
from backpropcalc.program.steps import Block, Program, Step
from backpropcalc.rules.optimisers import ITERATION
from backpropcalc.spec.network import Network

TENSORS_FROM = 3000
"""Weights times samples from which whole layers are worked out with NumPy; below, plain Python is faster."""
COMPILE_FROM = 20
"""Iterations from which the terms are compiled; below, compiling takes longer than it saves."""


class Line(NamedTuple):
    """One line of the calculation: ``var`` = ``term`` = ``value``; ``values`` knows everything before it."""

    iteration: int
    phase: str
    layer: int
    step: Step
    value: Any
    values: Values

    @property
    def id(self) -> str:
        """The notation-free name of what is computed."""
        return self.step.var.id


class Values:
    """The numbers of one iteration."""

    def __init__(self, iteration: int, look_up: Callable[[Var], Any], inexact: frozenset[Var] | None = None) -> None:
        self.iteration = iteration
        self.of = look_up
        """The value of an entry."""
        self.inexact = inexact
        """The entries that were rounded when they were written; None if none are rounded."""

    def taker(self, entries: Sequence[Var]) -> Callable[[Values], Sequence[Any]]:
        """A function that takes the values of ``entries`` out of these numbers, or those of a later iteration."""
        return lambda values: [values.of(var) for var in entries]


class Stage:
    """The program for batches of one length, and its scalar steps."""

    def __init__(self, spec: Network) -> None:
        self.program: Program = network(spec)

    @cached_property
    def main(self) -> tuple[Step, ...]:
        """The scalar steps of an iteration."""
        return tuple(step for block in self.program.lines for step in block.worked)

    @cached_property
    def after(self) -> tuple[Step, ...]:
        """The scalar steps after the last update."""
        return tuple(step for block in self.program.lines_after for step in block.worked)

    @cached_property
    def carried(self) -> tuple[tuple[Var, Var], ...]:
        """Each entry that the next iteration takes over, and its new value."""
        steps = {step.var: step for block in self.program.blocks for step in block.steps}
        pairs = ((old, new, steps[new].entries) for old, new in self.program.carried)
        return tuple((old.at(at), new.at(at)) for old, new, entries in pairs for at in entries)

    @cached_property
    def data(self) -> tuple[tuple[Var, ...], ...]:
        """The entries of inputs and targets, a row per sample."""
        x, t = (var for var in self.program.given if var.role in ("x", "t"))
        return tuple(tuple(var.at((r, s)) for var in (x, t) for r in range(var.shape[0])) for s in range(x.shape[1]))

    @cached_property
    def slots(self) -> dict[Var, int]:
        """The place of each entry in a row of numbers: data, what else is given, what is computed."""
        data = (var for row in self.data for var in row)
        computed = (step.var for step in (*self.main, *self.after))
        return {var: n for n, var in enumerate((*data, *entries(self.kept), *computed))}

    @property
    def kept(self) -> Iterator[Var]:
        """What is given beside the samples."""
        return (var for var in self.program.given if var.role not in ("x", "t"))

    @cached_property
    def compiled(self) -> Callable[[list[float]], list[float]]:
        """The function that works an iteration out, from what is given to what is computed."""
        from .compiled import straight_line

        return straight_line(self.main, self.slots, len(self.slots) - len(self.main) - len(self.after))

    @cached_property
    def moves(self) -> list[tuple[int, int]]:
        """For each entry that the next iteration takes over, its place among what is kept, and where it is now."""
        start = sum(map(len, self.data))
        return [(self.slots[old] - start, self.slots[new]) for old, new in self.carried]


def entries(variables: Iterable[Var]) -> Iterator[Var]:
    """Every entry of ``variables``."""
    for var in variables:
        yield from (var.at((r, c)) for r in range(var.shape[0]) for c in range(var.shape[1]))


class Trace:
    """The whole hand calculation of a spec. Iterating it gives its lines, from iteration ``first`` on."""

    def __init__(self, spec: Network, first: int = 1) -> None:
        self.spec, self.first = spec, first
        self.schedule = spec.schedule
        self._stages: dict[int, Stage] = {}
        self.program: Program = self.stage(first).program
        self.digits = Digits(spec.style.decimals, spec.style.significant)

    def __iter__(self) -> Iterator[Line]:
        return self.lines()

    def stage(self, iteration: int) -> Stage:
        """The program that an iteration is worked out by: batches of one length have the same."""
        length = self.schedule.length(iteration)
        if length not in self._stages:
            self._stages[length] = Stage(self.spec.on(self.schedule.batch(iteration)))
        return self._stages[length]

    @cached_property
    def large(self) -> bool:
        """Whether it is worked out in tensors, because cell by cell would be slow."""
        method = self.spec.method
        whole = method.carry == "full" and not method.exact and self.spec.style.detail == "normal"
        return whole and self.spec.parameters * self.schedule.size > TENSORS_FROM

    def blocks(self, iteration: int) -> tuple[Block, ...]:
        """The blocks of an iteration, as they are written line by line."""
        return self.stage(iteration).program.lines

    def after_blocks(self, iteration: int) -> tuple[Block, ...]:
        """The forward pass after the update: only the last iteration has it, the next one begins with it anyway."""
        return self.stage(iteration).program.lines_after if iteration == self.spec.iterations else ()

    def lines(self) -> Iterator[Line]:
        """Every line, lazily."""
        for values in self.iterations():
            n = values.iteration
            for block in (*self.blocks(n), *self.after_blocks(n)):
                for step in block.cells:
                    yield Line(n, block.phase, block.layer, step, values.of(step.var), values)

    def given(self) -> Iterator[Var]:
        """Every entry that is given: inputs, targets, parameters, learning rate."""
        return entries(self.program.given)

    def computed(self) -> Iterator[Var]:
        """Every entry that is computed."""
        for block in self.program.lines + self.program.lines_after:
            for step in block.steps:
                yield from (step.var.at(at) for at in block.entries(step))

    def needed(self, wanted: Iterable[Var]) -> frozenset[Var]:
        """Every entry that ``wanted`` are worked out from, themselves included."""
        found = set(wanted)
        for block in reversed(self.program.lines + self.program.lines_after):
            for step in reversed(block.steps):
                for at in block.entries(step):
                    if step.var.at(at) in found:
                        found.update(variables(step.cell(at).term))
        return frozenset(found)

    def iterations(self) -> Iterator[Values]:
        """The numbers of each iteration, the parameters carried from one to the next."""
        self.spec.numbers()
        if self.large:
            found = self._tensors()
        elif self.spec.method.exact:
            from backpropcalc.algebra.exact import exact

            found = self._cells(exact(), frozenset())
        elif self.spec.method.carry == "rounded":
            found = self._cells(rounded(self.digits.round), frozenset())
        elif self.spec.iterations >= COMPILE_FROM:
            found = self._compiled()
        else:
            found = self._cells(FLOAT, None)
        return (values for values in found if values.iteration >= self.first)

    @property
    def main(self) -> tuple[Step, ...]:
        """The scalar steps of the first iteration."""
        return self.stage(self.first).main

    @property
    def after(self) -> tuple[Step, ...]:
        """The scalar steps after the last update."""
        return self.stage(self.spec.iterations).after

    def kept(self, arithmetic: Arithmetic) -> dict[Var, Any]:
        """The numbers given for all but the samples."""
        return {
            var.at((r, c)): arithmetic.number(value.text)
            for var, rows in self.program.given.items()
            if var.role not in ("x", "t")
            for r, row in enumerate(rows)
            for c, value in enumerate(row)
        }

    def samples(self, arithmetic: Arithmetic) -> list[list[Any]]:
        """The numbers of each sample: inputs, then targets."""
        pairs = zip(self.spec.inputs, self.spec.targets, strict=True)
        return [[arithmetic.number(n.text) for n in (*one, *other)] for one, other in pairs]

    def _cells(self, arithmetic: Arithmetic, inexact: frozenset[Var] | None) -> Iterator[Values]:
        kept, samples = self.kept(arithmetic), self.samples(arithmetic)
        for iteration in range(1, self.spec.iterations + 1):
            stage = self.stage(iteration)
            env = dict(kept)
            for row, sample in zip(stage.data, self.schedule.batch(iteration), strict=True):
                env.update(zip(row, samples[sample], strict=True))
            count(env, iteration, arithmetic)
            last = iteration == self.spec.iterations
            with arithmetic.context():
                changed = work(env, (*stage.main, *(stage.after if last else ())), arithmetic, inexact is not None)
            yield Values(iteration, env.__getitem__, None if inexact is None else changed)
            kept.update((old, env[new]) for old, new in stage.carried)

    def _compiled(self) -> Iterator[Values]:
        env, samples = self.kept(FLOAT), self.samples(FLOAT)
        kept, counts = list(env.values()), [n for n, var in enumerate(env) if var.role == ITERATION.role]
        data = [*chain.from_iterable(samples)]
        for iteration in range(1, self.spec.iterations + 1):
            stage = self.stage(iteration)
            for n in counts:
                kept[n] = float(iteration)
            if not self.schedule.whole:
                data = [*chain.from_iterable([samples[s] for s in self.schedule.batch(iteration)])]
            row = data + kept
            try:
                values = row + stage.compiled(row)
            except (ArithmeticError, ValueError):
                values = self._careful(row, stage.slots, stage.main)
            if iteration == self.spec.iterations and stage.after:
                values = self._careful(values, stage.slots, stage.after)
            yield Row(iteration, stage.slots, values)
            for old, new in stage.moves:
                kept[old] = values[new]

    @staticmethod
    def _careful(row: list[float], slots: dict[Var, int], steps: Iterable[Step]) -> list[float]:
        env = dict(zip(slots, row, strict=False))
        work(env, steps, FLOAT, False)
        return list(env.values())

    def _tensors(self) -> Iterator[Values]:
        arithmetic = tensors()
        import numpy as np

        def array(rows: Iterable[Iterable[Num]]) -> Any:
            return np.array([[to_float(n.text) for n in row] for row in rows])

        inputs, targets = array(self.spec.inputs), array(self.spec.targets)
        env: dict[Var, Any] = {}
        for var, rows in self.program.given.items():
            if var.role not in ("x", "t"):
                env[var] = array(rows)

        def look_up(cell: Var) -> Any:
            whole = Var(cell.role, cell.layer, cell.shape, cell.of)
            return float(arrays[whole][cell.index])

        for iteration in range(1, self.spec.iterations + 1):
            program = self.stage(iteration).program
            batch = list(self.schedule.batch(iteration))
            env |= {
                var: {"x": inputs, "t": targets}[var.role][batch].T for var in program.given if var.role in ("x", "t")
            }
            count(env, iteration, arithmetic)
            with np.errstate(all="ignore"):
                for block in program.blocks + (program.after if iteration == self.spec.iterations else ()):
                    for step in block.steps:
                        value = evaluate(step.safe or step.term, env.__getitem__, arithmetic)
                        env[step.var] = self._untouched(step, np.broadcast_to(value, step.var.shape), env)
            arrays = {Var(v.role, v.layer, v.shape, v.of): value for v, value in env.items()}
            yield Values(iteration, look_up)
            env.update((old, env[new]) for old, new in program.carried)

    @staticmethod
    def _untouched(step: Step, value: Any, env: dict[Var, Any]) -> Any:
        """``value``, but the old one in the entries of a parameter that are not trained."""
        if step.var.role != "new" or step.var.only is None:
            return value
        kept = env[step.var.of[0]].copy()
        for at in step.var.only:
            kept[at] = value[at]
        return kept


def count(env: dict[Var, Any], iteration: int, arithmetic: Arithmetic) -> None:
    """Where the optimiser counts its updates, set the count."""
    for count in (ITERATION, ITERATION.at((0, 0))):
        if count in env:
            env[count] = arithmetic.number(str(iteration))


class Row(Values):
    """The numbers of one iteration in a list, in the order of ``slots``."""

    def __init__(self, iteration: int, slots: dict[Var, int], row: list[float]) -> None:
        super().__init__(iteration, lambda var: row[slots[var]])
        self.row, self.slots = row, slots

    def taker(self, entries: Sequence[Var]) -> Callable[[Values], Sequence[Any]]:
        """As for any ``Values``, in one go."""
        pick = itemgetter(*(self.slots[var] for var in (*entries, *entries[:1], *entries[:1])))

        def take(values: Values) -> Sequence[Any]:
            assert isinstance(values, Row)
            found: Sequence[Any] = pick(values.row)
            return found

        return take


def work(env: dict[Var, Any], steps: Iterable[Step], arithmetic: Arithmetic, written: bool) -> frozenset[Var]:
    """Work the steps out into ``env``; if each value is ``written``, round it. The entries that rounding changed."""
    changed = set()
    for step in steps:
        if not written:
            env[step.var] = evaluate(step.safe or step.term, env.__getitem__, arithmetic)
            continue
        value = evaluate(step.term, env.__getitem__, arithmetic)
        env[step.var] = arithmetic.settle(value)
        if env[step.var] != value:
            changed.add(step.var)
    return frozenset(changed)


def is_finite(value: Any) -> bool:
    """Whether a value is a number and not infinite, or an expression that will be one."""
    if isinstance(value, float | int):
        return math.isfinite(value)
    said = getattr(value, "is_finite", True)  # a Decimal tells when asked, a sympy expression unasked
    return (said() if callable(said) else said) is not False
