"""A program and its numbers: iteration by iteration, line by line, nothing held longer than one iteration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import repeat

from backpropcalc.algebra.arithmetic import Number
from backpropcalc.algebra.terms import Var, variables
from backpropcalc.program.steps import Block, Program, Step
from backpropcalc.spec.network import Network

from .cells import Cells
from .runner import COMPILE_FROM, FLOAT_DIGITS, TENSORS_FROM, Runner
from .stage import Stages
from .values import Line, Values, entries


class Trace(Stages):
    """The whole hand calculation of a spec. Iterating it gives its lines, from iteration ``first`` on."""

    def __init__(self, spec: Network, first: int = 1) -> None:
        super().__init__(spec)
        self.first = first
        self.program: Program = self.stage(first).program

    def __iter__(self) -> Iterator[Line]:
        return self.lines()

    def blocks(self, iteration: int) -> tuple[Block, ...]:
        """The blocks of an iteration, as they are written line by line."""
        return self.stage(iteration).program.lines

    def after_blocks(self, iteration: int) -> tuple[Block, ...]:
        """The forward pass after the update: only the last iteration has it, the next one begins with it anyway."""
        return self.stage(iteration).program.lines_after if iteration == self.spec.iterations else ()

    def lines(self) -> Iterator[Line]:
        """Every line, lazily."""
        plain = self._plain()
        for values in self.iterations():
            n = values.iteration
            for block in (*self.blocks(n), *self.after_blocks(n)):
                for step in block.cells:
                    yield Line(n, block.phase, block.layer, step, plain(values.of(step.var)), values)

    def _plain(self) -> Callable[[Number], Number]:
        """What becomes of a value that is handed out: a double, a Decimal if it was rounded, itself if it is exact."""
        if self.spec.method.exact:
            return lambda value: value
        if self.spec.method.carry == "full":
            return float
        from backpropcalc.algebra.decimals import decimal_of

        return decimal_of

    def given(self) -> Iterator[Var]:
        """Every entry that is given: inputs, targets, parameters, learning rate."""
        return entries(self.program.given)

    def computed(self) -> Iterator[Var]:
        """Every entry that is computed."""
        for block in self.program.lines + self.program.lines_after:
            for step in block.steps:
                yield from (step.var.at(at) for at in block.entries(step))

    def computed_of_one(self) -> Iterator[Var]:
        """Every entry that is computed for the first of the samples, or for all of them together."""
        for block in (*self.program.blocks, *self.program.after):
            for step in block.steps:
                if step.var.index is None and step.var.at((0, 0)).sample is not None:
                    yield from (step.var.at((row, 0)) for row in range(step.var.shape[0]))
                else:
                    yield from (step.var.at(at) for at in step.entries)

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
        last = self.spec.iterations
        for iteration, runner in enumerate(self._runners(), 1):
            values = runner.work(iteration == last)
            if iteration >= self.first:
                yield values
            if iteration == last:
                return

    def _runners(self) -> Iterator[Runner]:
        """The runner of each iteration."""
        method = self.spec.method
        if method.exact:
            from backpropcalc.algebra.exact import exact

            yield from repeat(Cells(self, exact(), True))
        if method.carry == "rounded":
            from .hand import Rounded

            yield from repeat(Rounded(self))
        if self.large:
            from .tensors import Tensors

            yield from repeat(Tensors(self))
        from .hand import ByHand

        by_hand = ByHand(self)
        yield by_hand
        while not (self._compiled and by_hand.rounded):
            yield by_hand
        from .compiled_cells import CompiledCells

        yield from repeat(CompiledCells.after(by_hand))

    @property
    def _doubles(self) -> bool:
        """Whether doubles have digits enough for what is shown."""
        method, digits = self.spec.method, self.digits.most
        return method.carry == "full" and not method.exact and digits <= FLOAT_DIGITS

    @property
    def large(self) -> bool:
        """Whether it is worked out in tensors, because cell by cell would be slow."""
        in_full = self.spec.style.detail != "normal"
        return self._doubles and not in_full and self.spec.parameters * self.schedule.size > TENSORS_FROM

    @property
    def _compiled(self) -> bool:
        """Whether it goes on with compiled code once its numbers are rounded."""
        return self._doubles and self.spec.iterations >= COMPILE_FROM

    @property
    def main(self) -> tuple[Step, ...]:
        """The scalar steps of the first iteration."""
        return self.stage(self.first).main

    @property
    def after(self) -> tuple[Step, ...]:
        """The scalar steps after the last update."""
        return self.stage(self.spec.iterations).after
