"""A program and its numbers: iteration by iteration, line by line, nothing held longer than one iteration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from .arithmetic import FLOAT, Arithmetic, evaluate, rounded, tensors
from .digits import Digits
from .program import Block, Program, Step, network
from .spec import Spec
from .terms import Var, variables

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


class Trace:
    """The whole hand calculation of a spec. Iterating it gives its lines."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.program: Program = network(spec)
        self.digits = Digits(spec.style.decimals, spec.style.significant)

    def __iter__(self) -> Iterator[Line]:
        return self.lines()

    @cached_property
    def large(self) -> bool:
        """Whether it is worked out in tensors, because cell by cell would be slow."""
        return self.spec.style.carry == "full" and self.spec.parameters * len(self.spec.inputs) > TENSORS_FROM

    def after_blocks(self, iteration: int) -> tuple[Block, ...]:
        """The forward pass after the update: only the last iteration has it, the next one begins with it anyway."""
        return self.program.after if iteration == self.spec.iterations else ()

    def lines(self) -> Iterator[Line]:
        """Every line, lazily."""
        for values in self.iterations():
            for block in (*self.program.blocks, *self.after_blocks(values.iteration)):
                for step in block.cells:
                    yield Line(values.iteration, block.phase, block.layer, step, values.of(step.var), values)

    def given(self) -> Iterator[Var]:
        """Every entry that is given: inputs, targets, parameters, learning rate."""
        for var in self.program.given:
            yield from (var.at((r, c)) for r in range(var.shape[0]) for c in range(var.shape[1]))

    def computed(self) -> Iterator[Var]:
        """Every entry that is computed."""
        for block in self.program.blocks + self.program.after:
            for step in block.steps:
                yield from (step.var.at(at) for at in step.entries)

    def needed(self, wanted: Iterable[Var]) -> frozenset[Var]:
        """Every entry that ``wanted`` are worked out from, themselves included."""
        found = set(wanted)
        for block in reversed(self.program.blocks + self.program.after):
            for step in reversed(block.steps):
                for at in step.entries:
                    if step.var.at(at) in found:
                        found.update(variables(step.cell(at).term))
        return frozenset(found)

    def iterations(self) -> Iterator[Values]:
        """The numbers of each iteration, the parameters carried from one to the next."""
        if self.large:
            return self._tensors()
        if self.spec.style.carry == "rounded":
            return self._cells(rounded(self.digits.round), frozenset())
        if self.spec.iterations >= COMPILE_FROM:
            return self._compiled()
        return self._cells(FLOAT, None)

    @cached_property
    def main(self) -> tuple[Step, ...]:
        """The scalar steps of an iteration."""
        return tuple(step for block in self.program.blocks for step in block.cells)

    @cached_property
    def after(self) -> tuple[Step, ...]:
        """The scalar steps after the last update."""
        return tuple(step for block in self.program.after for step in block.cells)

    def _given(self, arithmetic: Arithmetic) -> dict[Var, Any]:
        return {
            var.at((r, c)): arithmetic.number(value.text)
            for var, rows in self.program.given.items()
            for r, row in enumerate(rows)
            for c, value in enumerate(row)
        }

    @property
    def _carried(self) -> Iterator[tuple[Var, Var]]:
        """Each trained parameter and its new value."""
        for block in self.program.blocks:
            if block.phase == "update":
                for step in block.steps:
                    yield from ((step.var.of[0].at(at), step.var.at(at)) for at in step.entries)

    def _cells(self, arithmetic: Arithmetic, inexact: frozenset[Var] | None) -> Iterator[Values]:
        env = self._given(arithmetic)
        carried = tuple(self._carried)
        for iteration in range(1, self.spec.iterations + 1):
            last = iteration == self.spec.iterations
            with arithmetic.context():
                changed = _work(env, (*self.main, *(self.after if last else ())), arithmetic, inexact is not None)
            yield Values(iteration, dict(env).__getitem__, None if inexact is None else changed)
            env.update((old, env[new]) for old, new in carried)

    def _compiled(self) -> Iterator[Values]:
        from .compiled import straight_line

        env = self._given(FLOAT)
        row = list(env.values())
        given = len(row)
        slots = {var: n for n, var in enumerate((*env, *(s.var for s in (*self.main, *self.after))))}
        main = straight_line(self.main, slots, given)
        carried = [(slots[old], slots[new]) for old, new in self._carried]
        for iteration in range(1, self.spec.iterations + 1):
            last = iteration == self.spec.iterations
            try:
                values = row + main(row)
            except (ArithmeticError, ValueError):
                values = self._careful(row, slots, self.main)
            if last and self.after:
                values = self._careful(values, slots, self.after)
            yield Row(iteration, slots, values)
            row = row.copy()
            for old, new in carried:
                row[old] = values[new]

    @staticmethod
    def _careful(row: list[float], slots: dict[Var, int], steps: Iterable[Step]) -> list[float]:
        env = dict(zip(slots, row, strict=False))
        _work(env, steps, FLOAT, False)
        return list(env.values())

    def _tensors(self) -> Iterator[Values]:
        arithmetic = tensors()
        import numpy as np

        env: dict[Var, Any] = {
            var: np.array([[arithmetic.number(n.text)[0, 0] for n in row] for row in rows])
            for var, rows in self.program.given.items()
        }

        def look_up(cell: Var) -> Any:
            whole = Var(cell.role, cell.layer, cell.shape, cell.of)
            return float(arrays[whole][cell.index])

        for iteration in range(1, self.spec.iterations + 1):
            blocks = self.program.blocks + (self.program.after if iteration == self.spec.iterations else ())
            with np.errstate(all="ignore"):
                for block in blocks:
                    for step in block.steps:
                        value = evaluate(step.safe or step.term, env.__getitem__, arithmetic)
                        env[step.var] = self._kept(step, np.broadcast_to(value, step.var.shape), env)
            arrays = {Var(v.role, v.layer, v.shape, v.of): value for v, value in env.items()}
            yield Values(iteration, look_up)
            env.update(
                (var, env[Var("new", var.layer, var.shape, (var,), only=var.only)]) for var in self.program.updates
            )

    @staticmethod
    def _kept(step: Step, value: Any, env: dict[Var, Any]) -> Any:
        """``value``, but the old one in the entries of a parameter that are not trained."""
        if step.var.role != "new" or step.var.only is None:
            return value
        kept = env[step.var.of[0]].copy()
        for at in step.var.only:
            kept[at] = value[at]
        return kept


class Row(Values):
    """The numbers of one iteration in a list, in the order of ``slots``."""

    def __init__(self, iteration: int, slots: dict[Var, int], row: list[float]) -> None:
        super().__init__(iteration, lambda var: row[slots[var]])
        self.row, self.slots = row, slots

    def taker(self, entries: Sequence[Var]) -> Callable[[Values], Sequence[Any]]:
        """As for any ``Values``, in one go."""
        pick = itemgetter(*(self.slots[var] for var in (*entries, *entries[:1], *entries[:1])))
        return lambda values: pick(values.row)  # type: ignore[attr-defined]


def _work(env: dict[Var, Any], steps: Iterable[Step], arithmetic: Arithmetic, written: bool) -> frozenset[Var]:
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
    """Whether a value is a number and not infinite; a Decimal may be larger than any double."""
    return math.isfinite(value) if isinstance(value, float | int) else bool(value.is_finite())
