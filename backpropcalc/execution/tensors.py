"""Whole layers at once with NumPy, on doubles: for large networks and many samples."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from itertools import repeat

from backpropcalc.algebra.arithmetic import FLOAT, Number, evaluate, to_float
from backpropcalc.algebra.tensors import tensors
from backpropcalc.algebra.terms import PARAMETERS, Var
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
from backpropcalc.spec.reader import Matrix

from .cancellation import at_corners
from .compiled import Loop, tensor_code
from .runner import Result, Runner, pieces
from .stage import Stage, Stages
from .values import Arrays, Values, bare, count, lasting


class Tensors(Runner):
    """Works whole layers at once: lines term by term, training in compiled NumPy."""

    def __init__(self, stages: Stages) -> None:
        super().__init__(stages)
        self.arithmetic, self.code = tensors(), tensor_code()
        import numpy as np

        self.np = np
        self.inputs, self.targets = array(self.spec.inputs), array(self.spec.targets)
        program = stages.stage(1).program
        for var, rows in program.given.items():
            if var.role in PARAMETERS or var.of:
                self.kept[var] = array(rows)
            elif var.role not in ("x", "t"):
                self.kept[var] = to_float(rows[0][0].text)
        self.masks = {mask(new): _mask(new) for _, new in program.carried if new.only is not None}
        self._loops: dict[int, Loop] = {}

    def work(self, last: bool = False) -> Values:
        """Work one more iteration with all its numbers."""
        self.iteration += 1
        stage = self.stages.stage(self.iteration)
        program = stage.program
        count(self.kept, self.iteration, FLOAT)
        whole = self.schedule.whole
        env = self._env(stage, slice(None) if whole else list(self.schedule.batch(self.iteration)))
        self._work(env, program.blocks + (program.after if last else ()))
        moved = {old for old, _ in program.carried} if self.iteration > 1 else set()
        self.kept.update((old, env[new]) for old, new in program.carried)
        steps = [step for block in program.blocks + program.after for step in block.steps]
        given = [var for var in program.given if var not in moved]
        exact = {bare(var) for var in lasting(steps, given)}
        numbers = {bare(var): value for var, value in env.items()}
        return Arrays(self.iteration, numbers, {bare(step.var): step for step in steps}, exact)

    def _env(self, stage: Stage, samples: list[int] | slice) -> dict[Var, Number]:
        x, t = stage.samples
        kept = {
            var: self.np.array([[value]]) if isinstance(value, float) else value for var, value in self.kept.items()
        }
        return {**kept, **self.masks, x: self.inputs[samples].T, t: self.targets[samples].T}

    def _work(self, env: dict[Var, Number], blocks: Iterable[Block]) -> None:
        with self.np.errstate(all="ignore"):
            for var, term in masked(assignments(step for block in blocks for step in block.steps)):
                env[var] = self.np.broadcast_to(evaluate(term, env.__getitem__, self.arithmetic), var.shape)

    def advance(self, iterations: int) -> None:
        """Work ``iterations`` more."""
        with self.np.errstate(all="ignore"):
            first, last = self.iteration + 1, self.iteration + iterations
            for length, rows in pieces(self.schedule, first, last):
                stage = self.stages.stage(self.iteration + 1)
                count(self.kept, self.iteration + 1, FLOAT)
                state, _ = self._loop(stage)([*self.kept.values(), *self.masks.values()], self._rows(*rows))
                self.kept = dict(zip(self.kept, state, strict=False))
                self.iteration += length

    def _loop(self, stage: Stage) -> Loop:
        length = self.schedule.length(self.iteration + 1)
        if length not in self._loops:
            program = stage.program
            lines = [step for block in program.blocks for step in block.steps]
            steps = brisk(lines, self.spec)
            wanted = [new for _, new in program.carried]
            looked_at = at_corners(lines, False)
            steps = eliminate_dead_code(masked(gathered(share_subexpressions(steps))), wanted)
            steps = inlined(steps, [*wanted, *looked_at])
            steps, carried = in_place(steps, program.carried)
            counts = [var for var in self.kept if var.role == ITERATION.role]
            kept = [*self.kept, *self.masks]
            self._loops[length] = self.code.loop(stage.samples, kept, steps, carried, counts, looked_at)
        return self._loops[length]

    def _rows(self, first: int, last: int) -> Iterator[tuple[Number, Number]]:
        if self.schedule.whole:
            return repeat((self.inputs.T.copy(), self.targets.T.copy()), last - first + 1)
        x, t = self.inputs, self.targets
        return ((x[samples].T, t[samples].T) for samples in map(list, self.schedule.batches(first, last)))

    def take(self, kept: Mapping[Var, Number]) -> None:
        """Go on with these numbers, which are given by entry."""
        for var in self.kept:
            rows, columns = var.shape
            self.kept[var] = self.np.array([[kept[var.at((r, c))] for c in range(columns)] for r in range(rows)])

    def result(self) -> Result:
        """Loss and outputs over all samples, with the parameters of now."""
        stage = self.stages.whole
        env = self._env(stage, slice(None))
        self._work(env, stage.forward)
        return Result(float(env[LOSS][0, 0]), env[stage.output].T.tolist())

    def parameters(self) -> dict[Var, Number]:
        """Every weight and bias, by entry."""
        tensors = ((var, value) for var, value in self.kept.items() if var.role in PARAMETERS)
        return {
            var.at((r, c)): number
            for var, value in tensors
            for r, row in enumerate(value.tolist())
            for c, number in enumerate(row)
        }

    def snapshot(self) -> tuple[int, dict[Var, Number]]:
        """Where it is now; the arrays are copied, since they change in place."""
        return self.iteration, copy.deepcopy(self.kept)

    def restore(self, snapshot: tuple[int, dict[Var, Number]]) -> None:
        """Go back."""
        self.iteration, self.kept = copy.deepcopy(snapshot)

    def finite(self) -> bool:
        """Whether every parameter is a finite number."""
        return all(self.np.isfinite(value).all() for value in self.kept.values())


def array(rows: Matrix) -> Number:
    """Numbers as written as a NumPy array; no list of them in between, which would take the room of three."""
    import numpy as np

    found = np.fromiter((to_float(n.text) for row in rows for n in row), float)
    return found.reshape(len(rows), -1)


def _mask(var: Var) -> Number:
    import numpy as np

    trained = np.zeros(var.shape, dtype=bool)
    for at in var.only or ():
        trained[at] = True
    return trained
