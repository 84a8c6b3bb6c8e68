"""By hand: exact as long as it can be, then with more digits than anyone shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from backpropcalc.algebra.arithmetic import Number
from backpropcalc.algebra.decimals import by_hand, decimal_of, rounded
from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Var
from backpropcalc.program.steps import Step

from .cells import Cells
from .runner import Result
from .stage import Stage, Stages
from .values import sources, vanishes


class Rounded(Cells):
    """Works line by line as with a pocket calculator; what it hands out are Decimals."""

    def __init__(self, stages: Stages) -> None:
        super().__init__(stages, rounded(stages.digits), True)

    def parameters(self) -> dict[Var, Number]:
        """Every weight and bias, by entry."""
        return {var: decimal_of(value) for var, value in super().parameters().items()}

    def result(self) -> Result:
        """Loss and outputs over all samples, with the parameters of now."""
        loss, outputs = super().result()
        return Result(decimal_of(loss), [list(map(decimal_of, row)) for row in outputs])


class ByHand(Cells):
    """Works line by line, with every digit."""

    def __init__(self, stages: Stages) -> None:
        super().__init__(stages, by_hand())

    @property
    def rounded(self) -> bool:
        """Whether any number that goes on to the next iteration has been rounded."""
        return any(not isinstance(value, Fraction) for value in self.kept.values())

    def exact(self, stage: Stage, env: Mapping[Var, Number], rounded: set[Var]) -> Callable[[Var], bool]:
        """Tells of an entry whether its line has lost nothing."""
        return whole_lines(stage.step_of, env, self.stages.digits)


def whole_lines(step_of: Mapping[Var, Step], env: Mapping[Var, Number], digits: Digits) -> Callable[[Var], bool]:
    """Tells of an entry whether its line has lost nothing: it and what it comes from are shown in full.

    A 0 that a factor or a branch makes has lost nothing either, nor has a slope that is 1 wherever its sum is above 0.
    """

    def whole(var: Var) -> bool:
        value = env[var]
        return isinstance(value, Fraction) and digits.of(var).whole(value)

    def exact(var: Var) -> bool:
        if var not in step_of or not whole(var):
            return whole(var)
        term = step_of[var].term
        return all(map(whole, sources(term))) or (env[var] == 0 and vanishes(term, env.__getitem__))

    return exact
