"""Training: the program of an iteration run many times over, only the parameters kept.

A ``Learner`` holds the parameters and moves on by iterations. Small networks are worked cell by cell in Python code,
larger ones and larger batches in NumPy code, and where every written value is rounded, line by line as ``run`` does.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from backpropcalc.algebra.arithmetic import FLOAT, Arithmetic, evaluate, rounded, tensors, to_float
from backpropcalc.algebra.terms import PARAMETERS, Num, Var
from backpropcalc.program.lean import (
    assignments,
    brisk,
    eliminate_dead_code,
    gathered,
    in_place,
    inlined,
    mask,
    masked,
    share_subexpressions,
)
from backpropcalc.program.steps import LOSS, Block
from backpropcalc.rules.optimisers import ITERATION

from .compiled import CAREFUL_CODE, FAST_CODE, Code, tensor_code
from .trace import Stage, Trace, count, entries, work

if TYPE_CHECKING:
    from backpropcalc.spec.network import Network

PYTHON_UP_TO = 300
"""Weights times samples of a batch up to which cell by cell is faster than NumPy, whose calls cost 1 µs each."""


def learner(spec: Network) -> Learner:
    """A learner at the start of the training of ``spec``, of the kind that is fastest for it."""
    trace = Trace(spec)
    if spec.method.carry == "rounded":
        return Cells(trace, rounded(trace.digits.round), True)
    if spec.parameters * trace.schedule.size <= PYTHON_UP_TO:
        return CompiledCells(trace)
    return Tensors(trace)


class Learner:
    """The parameters on their way; ``iteration`` is how many updates they have seen."""

    def __init__(self, trace: Trace) -> None:
        self.trace, self.spec, self.schedule = trace, trace.spec, trace.schedule
        self.iteration = 0
        self.kept: dict[Var, Any] = {}
        """What is carried on or stays the same: parameters, learning rate, what the optimiser remembers."""

    def advance(self, iterations: int) -> None:
        """Work ``iterations`` more; fewer if a parameter is no longer finite."""
        raise NotImplementedError

    def snapshot(self) -> tuple[int, dict[Var, Any]]:
        """Where it is now, to be given to ``restore``."""
        return self.iteration, dict(self.kept)

    def restore(self, snapshot: tuple[int, dict[Var, Any]]) -> None:
        """Go back."""
        self.iteration, self.kept = snapshot[0], dict(snapshot[1])

    def result(self) -> Result:
        """Loss and outputs over all samples, with the parameters of now."""
        raise NotImplementedError

    def parameters(self) -> dict[Var, Any]:
        """Every weight and bias, by entry, in the order of the layers."""
        raise NotImplementedError

    def finite(self) -> bool:
        """Whether every parameter is a finite number."""
        return all(map(math.isfinite, self.kept.values()))

    @cached_property
    def whole(self) -> Stage:
        """The program for all samples at once."""
        return self.trace.stage(1) if self.schedule.whole else Stage(self.spec.on(range(self.schedule.samples)))


class Result:
    """Loss and outputs over all samples: ``outputs`` has a row per sample."""

    def __init__(self, loss: Any, outputs: list[list[Any]]) -> None:
        self.loss, self.outputs = loss, outputs


class Cells(Learner):
    """Works line by line, as a person does, in any arithmetic."""

    def __init__(self, trace: Trace, arithmetic: Arithmetic, written: bool = False) -> None:
        super().__init__(trace)
        self.arithmetic, self.written = arithmetic, written
        self.kept = trace.kept(arithmetic)
        self.samples = trace.samples(arithmetic)

    def advance(self, iterations: int) -> None:
        """Work ``iterations`` more."""
        for _ in range(iterations):
            self.iteration += 1
            stage = self.trace.stage(self.iteration)
            count(self.kept, self.iteration, self.arithmetic)
            env = self._env(stage, self.schedule.batch(self.iteration))
            with self.arithmetic.context():
                work(env, stage.main, self.arithmetic, self.written)
            self.kept.update((old, env[new]) for old, new in stage.carried)

    def _env(self, stage: Stage, batch: Iterable[int]) -> dict[Var, Any]:
        env = dict(self.kept)
        for row, sample in zip(stage.data, batch, strict=True):
            env.update(zip(row, self.samples[sample], strict=True))
        return env

    def result(self) -> Result:
        """Loss and outputs over all samples, with the parameters of now."""
        env = self._env(self.whole, range(self.schedule.samples))
        steps = [step for block in forward(self.whole) for step in block.cells]
        with self.arithmetic.context():
            work(env, steps, self.arithmetic, self.written)
        a = output(self.whole)
        return Result(env[LOSS.at((0, 0))], [[env[a.at((r, s))] for r in range(a.shape[0])] for s in range(a.shape[1])])

    def parameters(self) -> dict[Var, Any]:
        """Every weight and bias, by entry."""
        return {var: value for var, value in self.kept.items() if var.role in PARAMETERS}


class CompiledCells(Cells):
    """Works cell by cell in compiled Python.

    From an iteration on that overflows it goes on with careful functions; what even they cannot do is worked as a
    person does.
    """

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace, FLOAT)
        self.code: Code = FAST_CODE
        self._loops: dict[tuple[Code, int], Any] = {}

    def advance(self, iterations: int) -> None:
        """Work ``iterations`` more."""
        goal = self.iteration + iterations
        while self.iteration < goal:
            for length, rows in pieces(self.schedule, self.iteration + 1, goal, self._rows):
                stage = self.trace.stage(self.iteration + 1)
                count(self.kept, self.iteration + 1, FLOAT)
                state, done = self._loop(stage)(list(self.kept.values()), rows)
                self.kept = dict(zip(self.kept, state, strict=True))
                self.iteration += done
                if done < length:
                    if self.code is CAREFUL_CODE:
                        super().advance(1)
                    self.code = CAREFUL_CODE
                    break
            if not self.finite():
                return

    def _loop(self, stage: Stage) -> Any:
        key = (self.code, len(stage.data))
        if key not in self._loops:
            steps = share_subexpressions(assignments(stage.main))
            steps = eliminate_dead_code(steps, [new for _, new in stage.carried])
            data = list(chain.from_iterable(stage.data))
            counts = [var for var in self.kept if var.role == ITERATION.role]
            self._loops[key] = self.code.loop(data, list(self.kept), steps, stage.carried, counts)
        return self._loops[key]

    def _rows(self, first: int, last: int) -> Iterator[list[float]]:
        samples = self.samples
        if self.schedule.whole:
            return repeat(list(chain.from_iterable(samples)), last - first + 1)
        batches = self.schedule.batches(first, last)
        if self.schedule.size == 1:
            return (samples[s] for (s,) in batches)
        return ([*chain.from_iterable([samples[s] for s in batch])] for batch in batches)

    def result(self) -> Result:
        """Loss and outputs over all samples, with the parameters of now."""
        if self.spec.parameters * self.schedule.samples > PYTHON_UP_TO:
            return self._tensors.result_of(as_tensors(self.kept))
        try:
            loss, *flat = self._whole([*self._data, *self.kept.values()])
        except (ArithmeticError, ValueError):
            return super().result()
        n = self.spec.sizes[-1]
        return Result(loss, [flat[start : start + n] for start in range(0, len(flat), n)])

    @cached_property
    def _data(self) -> list[float]:
        return list(chain.from_iterable(self.samples))

    @cached_property
    def _whole(self) -> Any:
        a = output(self.whole)
        wanted = [LOSS.at((0, 0)), *(a.at((r, s)) for s in range(a.shape[1]) for r in range(a.shape[0]))]
        steps = [step for block in forward(self.whole) for step in block.cells]
        given = [*chain.from_iterable(self.whole.data), *self.kept]
        return FAST_CODE.function(given, eliminate_dead_code(assignments(steps), wanted), wanted)

    @cached_property
    def _tensors(self) -> Tensors:
        return Tensors(self.trace)


class Tensors(Learner):
    """Works whole layers at once in compiled NumPy."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self.arithmetic = tensors()
        self.code = tensor_code()
        import numpy as np

        self.np = np
        self.inputs, self.targets = array(self.spec.inputs), array(self.spec.targets)
        for var, rows in trace.program.given.items():
            if var.role in PARAMETERS or var.of:
                self.kept[var] = array(rows)
            elif var.role not in ("x", "t"):
                self.kept[var] = to_float(rows[0][0].text)
        self.masks = {mask(new): _mask(new) for _, new in trace.program.carried if new.only is not None}
        self._loops: dict[int, Any] = {}

    def advance(self, iterations: int) -> None:
        """Work ``iterations`` more."""
        with self.np.errstate(all="ignore"):
            first, last = self.iteration + 1, self.iteration + iterations
            for length, rows in pieces(self.schedule, first, last, self._rows):
                stage = self.trace.stage(self.iteration + 1)
                count(self.kept, self.iteration + 1, FLOAT)
                state, _ = self._loop(stage)([*self.kept.values(), *self.masks.values()], rows)
                self.kept = dict(zip(self.kept, state, strict=False))
                self.iteration += length

    def _loop(self, stage: Stage) -> Any:
        length = self.schedule.length(self.iteration + 1)
        if length not in self._loops:
            program = stage.program
            steps = brisk([step for block in program.blocks for step in block.steps], self.spec)
            wanted = [new for _, new in program.carried]
            steps = inlined(eliminate_dead_code(masked(gathered(share_subexpressions(steps))), wanted), wanted)
            steps, carried = in_place(steps, program.carried)
            counts = [var for var in self.kept if var.role == ITERATION.role]
            kept = [*self.kept, *self.masks]
            self._loops[length] = self.code.loop(data(stage), kept, steps, carried, counts)
        return self._loops[length]

    def _rows(self, first: int, last: int) -> Iterator[tuple[Any, Any]]:
        if self.schedule.whole:
            return repeat((self.inputs.T.copy(), self.targets.T.copy()), last - first + 1)
        x, t = self.inputs, self.targets
        return ((x[found].T, t[found].T) for found in map(list, self.schedule.batches(first, last)))

    def result(self) -> Result:
        """Loss and outputs over all samples, with the parameters of now."""
        return self.result_of(self.kept)

    def result_of(self, kept: Mapping[Var, Any]) -> Result:
        """Loss and outputs over all samples, with the parameters in ``kept``."""
        x, t = data(self.whole)
        env = {**kept, x: self.inputs.T, t: self.targets.T}
        with self.np.errstate(all="ignore"):
            for block in forward(self.whole):
                for step in block.steps:
                    env[step.var] = evaluate(step.safe or step.term, env.__getitem__, self.arithmetic)
        a = output(self.whole)
        outputs = self.np.broadcast_to(env[a], a.shape).T.tolist()
        return Result(float(env[LOSS][0, 0]), outputs)

    def parameters(self) -> dict[Var, Any]:
        """Every weight and bias, by entry."""
        tensors = ((var, value) for var, value in self.kept.items() if var.role in PARAMETERS)
        return {
            var.at((r, c)): number
            for var, value in tensors
            for r, row in enumerate(value.tolist())
            for c, number in enumerate(row)
        }

    def snapshot(self) -> tuple[int, dict[Var, Any]]:
        """Where it is now; the arrays are copied, since they change in place."""
        return self.iteration, copy.deepcopy(self.kept)

    def restore(self, snapshot: tuple[int, dict[Var, Any]]) -> None:
        """Go back."""
        self.iteration, self.kept = copy.deepcopy(snapshot)

    def finite(self) -> bool:
        """Whether every parameter is a finite number."""
        return all(self.np.isfinite(value).all() for value in self.kept.values())


def pieces(schedule: Any, first: int, last: int, rows: Any) -> Iterator[tuple[int, Any]]:
    """How many iterations, and their rows of data, for runs of iterations whose batches have the same length."""
    if schedule.samples % schedule.size == 0:
        yield last - first + 1, rows(first, last)
        return
    while first <= last:
        _, batch = schedule.position(first)
        even = schedule.per_epoch - 1
        stop = min(last, first + (even - batch if batch <= even else 0))
        yield stop - first + 1, rows(first, stop)
        first = stop + 1


def forward(stage: Stage) -> list[Block]:
    """The forward pass and the loss."""
    return [block for block in stage.program.blocks if block.phase in ("forward", "loss")]


def output(stage: Stage) -> Var:
    """The activations of the last layer."""
    return next(b.steps[-1].var for b in reversed(stage.program.blocks) if b.phase == "forward")


def data(stage: Stage) -> tuple[Var, Var]:
    """Inputs and targets."""
    x, t = (var for var in stage.program.given if var.role in ("x", "t"))
    return x, t


def array(rows: Iterable[Iterable[Num]]) -> Any:
    """Numbers as written as a NumPy array."""
    import numpy as np

    return np.array([[to_float(n.text) for n in row] for row in rows])


def as_tensors(kept: Mapping[Var, Any]) -> dict[Var, Any]:
    """Numbers by entry as arrays by tensor."""
    import numpy as np

    found: dict[Var, Any] = {}
    for cell, value in kept.items():
        whole = Var(cell.role, cell.layer, cell.shape, cell.of)
        found.setdefault(whole, np.zeros(cell.shape))[cell.index] = value
    return found


def _mask(var: Var) -> Any:
    import numpy as np

    found = np.zeros(var.shape, dtype=bool)
    for at in var.only or ():
        found[at] = True
    return found


__all__ = ["Learner", "Result", "as_tensors", "entries", "learner"]
