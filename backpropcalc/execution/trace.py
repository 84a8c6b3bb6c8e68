"""A program and its numbers: iteration by iteration, line by line, nothing held longer than one iteration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import repeat

from backpropcalc.algebra.arithmetic import Number
from backpropcalc.algebra.terms import Var, variables
from backpropcalc.program.steps import Block, Program, Step
from backpropcalc.spec.network import Network
from backpropcalc.spec.reader import Matrix

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
        return self.numbering(iteration).blocks(self._worked(iteration).lines)

    def after_blocks(self, iteration: int) -> tuple[Block, ...]:
        """The forward pass after the update: only the last iteration has it, the next one begins with it anyway."""
        return self._after_blocks(iteration) if iteration == self.spec.iterations else ()

    def _after_blocks(self, iteration: int) -> tuple[Block, ...]:
        return self.numbering(iteration).blocks(self._worked(iteration).lines_after)

    def _worked(self, iteration: int) -> Program:
        """The program that an iteration is worked by, its samples counted within the batch."""
        return self.stage(iteration).program

    @cached_property
    def asked(self) -> tuple[Block, ...]:
        """What is asked where one iteration is: the blocks of the first, and the forward pass after its update."""
        return self.blocks(self.first) + self._after_blocks(self.first)

    @cached_property
    def repeated(self) -> Mapping[Var, Var]:
        """Each loss of these that another line only repeats, and that line's quantity."""
        entry = self.numbering(self.first).entry
        return {entry(loss): entry(var) for loss, var in self.program.repeated.items()}

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
        return entries(self.numbers)

    @property
    def numbers(self) -> Mapping[Var, Matrix]:
        """What is given with its numbers: the inputs and targets of all samples."""
        return self.program.given if self.schedule.whole else self.whole.program.given

    def computed(self) -> Iterator[Var]:
        """Every entry that is computed in any of the iterations; once, unless they are of batches."""
        for n in self._different:
            entry, program = self.numbering(n).entry, self._worked(n)
            for block in program.lines + program.lines_after:
                for step in block.steps:
                    yield from (entry(step.var.at(at)) for at in block.entries(step))

    @property
    def _different(self) -> range:
        """Iterations in which all is computed that ever is: the first, of batches those of an epoch."""
        return range(self.first, min(self.spec.iterations, self.first + self.schedule.per_epoch - 1) + 1)

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
        listed = frozenset(wanted)
        return listed.union(*(self._needed(n, listed) for n in self._different))

    def _needed(self, iteration: int, wanted: frozenset[Var]) -> set[Var]:
        """What ``wanted`` are worked out from in an iteration."""
        numbering, program = self.numbering(iteration), self._worked(iteration)
        found = {numbering.local(var) for var in wanted if numbering.has(var)}
        for block in reversed(program.lines + program.lines_after):
            for step in reversed(block.steps):
                for at in block.entries(step):
                    if step.var.at(at) in found:
                        found.update(variables(step.cell(at).term))
        return set(map(numbering.entry, found))

    def iterations(self) -> Iterator[Values]:
        """The numbers of each iteration, the parameters carried from one to the next."""
        self.spec.numbers()
        last = self.spec.iterations
        for iteration, runner in enumerate(self._runners(), 1):
            values = runner.work(iteration == last)
            if iteration >= self.first:
                values.renumber(self.numbering(iteration))
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
