"""Cell by cell in compiled Python, on doubles: for many iterations of a small network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, repeat

from backpropcalc.algebra.arithmetic import FLOAT, Number
from backpropcalc.algebra.decimals import Quotient
from backpropcalc.algebra.terms import Var
from backpropcalc.program.lean import assignments, eliminate_dead_code, share_subexpressions
from backpropcalc.program.steps import LOSS, Step
from backpropcalc.rules.optimisers import ITERATION

from .cancellation import at_corners
from .cells import Cells, work
from .compiled import CAREFUL_CODE, FAST_CODE, Code, Loop
from .runner import PYTHON_UP_TO, Result, pieces
from .stage import Stage, Stages
from .tensors import Tensors
from .values import SlotValues, Values, count, entries


class CompiledCells(Cells):
    """Works cell by cell in compiled Python.

    From an iteration on that overflows it goes on with careful functions; what even they cannot do is worked as a
    person does.
    """

    def __init__(self, stages: Stages) -> None:
        super().__init__(stages, FLOAT)
        self.code: Code = FAST_CODE
        self._loops: dict[tuple[Code, int], Loop] = {}
        self._lines: dict[int, _Lines] = {}

    @classmethod
    def after(cls, cells: Cells) -> CompiledCells:
        """What goes on where ``cells`` are."""
        runner = cls(cells.stages)
        runner.restore((cells.iteration, {var: float(value) for var, value in cells.kept.items()}))
        return runner

    def work(self, last: bool = False) -> Values:
        """Work one more iteration with all its numbers."""
        self.iteration += 1
        stage = self.stages.stage(self.iteration)
        if len(stage.data) not in self._lines:
            self._lines[len(stage.data)] = _Lines(stage)
        lines = self._lines[len(stage.data)]
        count(self.kept, self.iteration, FLOAT)
        batch = self.schedule.batch(self.iteration)
        row = [*chain.from_iterable([self.samples[s] for s in batch]), *self.kept.values()]
        try:
            row += lines.function(row)
        except (ArithmeticError, ValueError):
            row = lines.careful(row, stage.main)
        if last and stage.after:
            row = lines.careful(row, stage.after)
        for old, new in lines.moves:
            self.kept[old] = row[new]
        for slot, quotient in lines.quotients:
            row[slot] = quotient
        return SlotValues(self.iteration, lines.slots, row, stage.step_of, stage.lasting)

    def advance(self, iterations: int) -> None:
        """Work ``iterations`` more."""
        goal = self.iteration + iterations
        while self.iteration < goal:
            for length, rows in pieces(self.schedule, self.iteration + 1, goal):
                stage = self.stages.stage(self.iteration + 1)
                count(self.kept, self.iteration + 1, FLOAT)
                state, done = self._loop(stage)(list(self.kept.values()), self._rows(*rows))
                self.kept = dict(zip(self.kept, state, strict=True))
                self.iteration += done
                if done < length:
                    self._go_on_with_care()
                    break
            if not self.finite():
                return

    def _go_on_with_care(self) -> None:
        if self.code is CAREFUL_CODE:
            super().work()
        self.code = CAREFUL_CODE

    def _loop(self, stage: Stage) -> Loop:
        key = (self.code, len(stage.data))
        if key not in self._loops:
            steps = eliminate_dead_code(
                share_subexpressions(assignments(stage.main)), [new for _, new in stage.carried]
            )
            data = list(chain.from_iterable(stage.data))
            counts = [var for var in self.kept if var.role == ITERATION.role]
            self._loops[key] = self.code.loop(
                data, list(self.kept), steps, stage.carried, counts, at_corners(stage.main, True)
            )
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
            self._tensors.take(self.kept)
            return self._tensors.result()
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
    def _whole(self) -> Callable[[list[float]], list[float]]:
        stage = self.stages.whole
        a = stage.output
        wanted = [LOSS.at((0, 0)), *(a.at((r, s)) for s in range(a.shape[1]) for r in range(a.shape[0]))]
        steps = [step for block in stage.forward for step in block.cells]
        given = [*chain.from_iterable(stage.data), *self.kept]
        return FAST_CODE.function(given, eliminate_dead_code(assignments(steps), wanted), wanted)

    @cached_property
    def _tensors(self) -> Tensors:
        return Tensors(self.stages)


class _Lines:
    """The lines of a stage as one function: a row of numbers, of data, what else is given, and what is computed."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        given = [*chain.from_iterable(stage.data), *entries(stage.kept)]
        self.given = len(given)
        computed = (step.var for step in (*stage.main, *stage.after))
        self.slots: Mapping[Var, int] = {var: n for n, var in enumerate((*given, *computed))}
        self.moves = [(old, self.slots[new]) for old, new in stage.carried]
        moved = {old for old, _ in stage.carried}
        self.quotients = [
            (self.slots[var], Quotient(number.text))
            for var, number in stage.program.numbers
            if var.role not in ("x", "t") and "/" in number.text and var not in moved
        ]
        """What is given as a fraction and stays, and is shown so."""

    @cached_property
    def function(self) -> Callable[[list[float]], list[float]]:
        """From what is given to the values of the lines. Raises ArithmeticError or ValueError for one not finite."""
        steps = assignments(self.stage.main)
        return FAST_CODE.function(list(self.slots)[: self.given], steps, [var for var, _ in steps])

    def careful(self, row: list[float], steps: Iterable[Step]) -> list[float]:
        """The row made longer by the values of ``steps``, whatever they are."""
        env: dict[Var, Number] = dict(zip(self.slots, row, strict=False))
        work(env, steps, FLOAT, False)
        return list(env.values())
