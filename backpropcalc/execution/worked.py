"""The calculation of a formula: the steps are in order, and nothing has samples, batches or training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backpropcalc.algebra.arithmetic import FLOAT, Arithmetic, rounded
from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Var
from backpropcalc.program.network import Block, Program, Step
from backpropcalc.spec.model import Written

from .trace import Trace, Values, work


class Alone:
    """A schedule of one sample that is always there."""

    whole = True

    def length(self, iteration: int) -> int:
        """How many samples an iteration has."""
        return 1


class Worked(Trace):
    """A calculation whose steps are those of a program, some of them in each iteration."""

    def __init__(self, spec: Written, program: Program) -> None:
        self.spec: Any = spec
        self.first = 1
        self.schedule: Any = Alone()
        self.program = program
        self.digits = Digits(spec.style.decimals, spec.style.significant)

    def blocks(self, iteration: int) -> tuple[Block, ...]:
        """The blocks of an iteration."""
        return self.program.blocks

    def after_blocks(self, iteration: int) -> tuple[Block, ...]:
        """Nothing comes after."""
        return ()

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
        if self.spec.style.exact:
            from backpropcalc.algebra.exact import exact

            return exact(), True
        if self.spec.style.carry == "rounded":
            return rounded(self.digits.round), True
        return FLOAT, False

    def values_given(self, arithmetic: Arithmetic) -> dict[Var, Any]:
        """The numbers that the work begins with."""
        return {
            var.at((r, c)): arithmetic.number(number.text)
            for var, rows in self.program.given.items()
            for r, row in enumerate(rows)
            for c, number in enumerate(row)
        }

    def iterations(self) -> Iterator[Values]:
        """The numbers after each iteration."""
        arithmetic, written = self.arithmetic
        env = self.values_given(arithmetic)
        changed: frozenset[Var] = frozenset()
        for iteration in range(1, self.spec.iterations + 1):
            steps = (step for block in self.blocks(iteration) for step in block.cells)
            changed |= work(env, steps, arithmetic, written)
            yield Values(iteration, env.__getitem__, changed if written else None)
