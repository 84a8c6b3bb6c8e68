"""The calculation of a formula or of a descent: nothing has samples, batches or training."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from backpropcalc.algebra.arithmetic import Arithmetic, Number, evaluate
from backpropcalc.algebra.decimals import by_hand, rounded
from backpropcalc.algebra.terms import Num, Var
from backpropcalc.program.descent import iterations as descent_iterations
from backpropcalc.program.descent import program as descent_program
from backpropcalc.program.evaluation import program as evaluation_program
from backpropcalc.program.graph import program as graph_program
from backpropcalc.program.numbering import Numbering
from backpropcalc.program.steps import Block, Program, Step
from backpropcalc.spec.descent import Descent
from backpropcalc.spec.evaluation import Evaluation
from backpropcalc.spec.graph import Graph
from backpropcalc.spec.model import Spec
from backpropcalc.spec.schedule import Schedule

from .cells import work
from .hand import whole_lines
from .trace import Trace
from .values import InNames, Values

STEP = "1e-6"
"""By how much a number is changed for a quotient of differences; of a large one, that part of it."""
INSERTED_UP_TO = 60
"""Operations and names of a formula in symbols up to which what stands for a name is put in its place."""


def _always(var: Var) -> bool:
    return True


class Worked(Trace):
    """A calculation whose steps are those of a program, some of them in each iteration."""

    def __init__(self, spec: Spec, program: Program) -> None:
        self.spec: Any = spec
        self.first = 1
        self.schedule = Schedule(1)
        self.program = program
        self.digits = spec.style.shown

    def blocks(self, iteration: int) -> tuple[Block, ...]:
        """The blocks of an iteration."""
        return self.program.blocks

    @cached_property
    def asked(self) -> tuple[Block, ...]:
        """All of it: what is asked of a descent are the lines of every iteration."""
        return self.program.lines

    def after_blocks(self, iteration: int) -> tuple[Block, ...]:
        """Nothing comes after."""
        return ()

    def numbering(self, iteration: int) -> Numbering:
        """Nothing has samples."""
        return Numbering((0,), 1)

    def _worked(self, iteration: int) -> Program:
        return self.program

    @property
    def main(self) -> tuple[Step, ...]:
        """All scalar steps."""
        return tuple(step for block in self.program.blocks for step in block.cells)

    @property
    def after(self) -> tuple[Step, ...]:
        """Nothing comes after."""
        return ()

    @property
    def arithmetic(self) -> tuple[Arithmetic, bool]:
        """What numbers are, and whether each value is settled once it is written."""
        if self.spec.method.exact:
            from backpropcalc.algebra.exact import exact

            return exact(), True
        if self.spec.method.carry == "rounded":
            return rounded(self.digits), True
        return by_hand(), False

    def values_given(self, arithmetic: Arithmetic) -> dict[Var, Number]:
        """The numbers that the work begins with."""
        return {var: arithmetic.number(number.text) for var, number in self.program.numbers}

    def iterations(self) -> Iterator[Values]:
        """The numbers after each iteration."""
        arithmetic, written = self.arithmetic
        env = self.values_given(arithmetic)
        rounded: set[Var] = set()
        step_of: dict[Var, Step] = {}
        exact = (lambda var: var not in rounded) if written else whole_lines(step_of, env, self.digits)
        for iteration in range(1, self.spec.iterations + 1):
            steps = [step for block in self.blocks(iteration) for step in block.cells]
            step_of.update((step.var, step) for step in steps)
            rounded |= work(env, steps, arithmetic, written)
            yield Values(iteration, env.__getitem__, arithmetic, exact, written)


class GraphTrace(Worked):
    """The values of the nodes, the slopes of the edges, and what they come to along the paths."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph, graph_program(graph))

    def values_given(self, arithmetic: Arithmetic) -> dict[Var, Number]:
        """The numbers of the leaves, or the leaves themselves."""
        if self.spec.values is not None:
            return super().values_given(arithmetic)
        from backpropcalc.algebra.symbolic import symbol

        return {var: symbol(var) for var in self.spec.leaves}

    def iterations(self) -> Iterator[Values]:
        """The values; of a long formula in symbols each line says itself what it is, in the names above it."""
        if self.spec.values is not None or self.spec.size <= INSERTED_UP_TO:
            yield from super().iterations()
            return
        from backpropcalc.algebra.symbolic import expression, symbol

        terms = {step.var: step.term for step in self.main}
        arithmetic, _ = self.arithmetic
        yield InNames(1, lambda var: expression(terms[var]) if var in terms else symbol(var), arithmetic, _always, True)

    def difference(self, leaf: Var) -> Number:
        """∂root/∂leaf as a quotient of differences, (f(x + h) − f(x − h)) / 2h; its error is of the order h².

        No slope is used for it: only the nodes, worked forward twice.
        """
        arithmetic = by_hand()
        functions = arithmetic.functions
        own = arithmetic.number(self.spec.values[leaf.name].text)
        scale = max(1, 10 ** (len(str(int(abs(own)))) - 1))
        step = arithmetic.number(STEP) * scale
        ends = []
        for value in (functions["add"](own, step), functions["sub"](own, step)):
            env = {var: arithmetic.number(number.text) for var, number in self._leaves()} | {leaf: value}
            for var, term in self.spec.nodes:
                env[var] = evaluate(term, env.__getitem__, arithmetic)
            ends.append(env[self.spec.root])
        up = functions["sub"](*ends)
        return functions["div"](up, 2 * step)

    def _leaves(self) -> Iterator[tuple[Var, Num]]:
        return ((var, self.spec.values[var.name]) for var in self.spec.leaves)


class DescentTrace(Worked):
    """The calculation of every iteration."""

    def __init__(self, descent: Descent) -> None:
        self._blocks = descent_iterations(descent)
        super().__init__(descent, descent_program(descent, self._blocks))

    def blocks(self, iteration: int) -> tuple[Block, ...]:
        """The blocks of an iteration."""
        return self._blocks[iteration - 1]


def trace_of(spec: Spec) -> Worked:
    """The calculation of a graph or a descent; of anything else there is nothing to work out."""
    match spec:
        case Graph():
            return GraphTrace(spec)
        case Descent():
            return DescentTrace(spec)
        case Evaluation():
            return Worked(spec, evaluation_program(spec))
    return Worked(spec, Program((), (), {}))
