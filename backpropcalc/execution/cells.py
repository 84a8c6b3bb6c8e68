"""Line by line, as a person works, in any arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from backpropcalc.algebra.arithmetic import Arithmetic, Number, evaluate
from backpropcalc.algebra.terms import PARAMETERS, Var
from backpropcalc.program.steps import LOSS, Step

from .runner import Result, Runner
from .stage import Stage, Stages
from .values import Values, count, is_finite


class Cells(Runner):
    """Works line by line. With ``as_written`` each is worked by the formula that is shown, then settled."""

    def __init__(self, stages: Stages, arithmetic: Arithmetic, as_written: bool = False) -> None:
        super().__init__(stages)
        self.arithmetic, self.as_written = arithmetic, as_written
        numbers = stages.stage(1).program.numbers
        self.kept: dict[Var, Number] = {
            var: arithmetic.number(number.text) for var, number in numbers if var.role not in ("x", "t")
        }
        pairs = zip(self.spec.inputs, self.spec.targets, strict=True)
        self.samples = [[arithmetic.number(n.text) for n in (*one, *other)] for one, other in pairs]
        """The numbers of each sample: inputs, then targets."""

    def work(self, last: bool = False) -> Values:
        """Work one more iteration."""
        self.iteration += 1
        self.by_hand += 1
        stage = self.stages.stage(self.iteration)
        count(self.kept, self.iteration, self.arithmetic)
        env = self._env(stage, self.schedule.batch(self.iteration))
        changed = self._work(env, stage.main)
        if last:
            changed |= self._work(env, stage.after)
        self.kept.update((old, env[new]) for old, new in stage.carried)
        exact = self.exact(stage, env, changed)
        return Values(self.iteration, env.__getitem__, self.arithmetic, exact, self.as_written)

    def exact(self, stage: Stage, env: Mapping[Var, Number], rounded: set[Var]) -> Callable[[Var], bool]:
        """Tells of an entry whether its line has lost nothing; ``rounded`` are those that were settled otherwise."""
        return lambda var: var not in rounded

    def _work(self, env: dict[Var, Number], steps: Iterable[Step]) -> set[Var]:
        return work(env, steps, self.arithmetic, self.as_written)

    def advance(self, iterations: int) -> None:
        """Work ``iterations`` more."""
        for _ in range(iterations):
            self.work()

    def _env(self, stage: Stage, batch: Iterable[int]) -> dict[Var, Number]:
        env = dict(self.kept)
        for row, sample in zip(stage.data, batch, strict=True):
            env.update(zip(row, self.samples[sample], strict=True))
        return env

    def result(self) -> Result:
        """Loss and outputs over all samples, with the parameters of now."""
        self.by_hand += 1
        stage = self.stages.whole
        env = self._env(stage, range(self.schedule.samples))
        self._work(env, [step for block in stage.forward for step in block.cells])
        a = stage.output
        return Result(env[LOSS.at((0, 0))], [[env[a.at((r, s))] for r in range(a.shape[0])] for s in range(a.shape[1])])

    def parameters(self) -> dict[Var, Number]:
        """Every weight and bias, by entry."""
        return {var: value for var, value in self.kept.items() if var.role in PARAMETERS}


def work(env: dict[Var, Number], steps: Iterable[Step], arithmetic: Arithmetic, as_written: bool) -> set[Var]:
    """Work the steps out into ``env``; those ``as_written`` are settled. The entries that this or the work rounded."""
    changed = set()
    for step in steps:
        if not as_written:
            env[step.var] = evaluate(step.safe or step.term, env.__getitem__, arithmetic)
            continue
        value = evaluate(step.term, env.__getitem__, arithmetic)
        if step.safe is not None and not is_finite(value):  # e^1000 / e^1000: its equal goes on
            value = evaluate(step.safe, env.__getitem__, arithmetic)
        settled = env[step.var] = arithmetic.settled(step.var, value)
        # A decimal of sympy is the same object unless digits were dropped; it cannot be compared with a fraction.
        if settled is not value and (hasattr(settled, "evalf") or settled != value):
            changed.add(step.var)
    return changed
