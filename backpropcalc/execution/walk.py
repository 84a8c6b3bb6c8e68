"""How two parameters move while a network is trained on all samples at once, on batches of them, or one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import Number, evaluate
from backpropcalc.algebra.terms import Var
from backpropcalc.errors import fail
from backpropcalc.program.network import network
from backpropcalc.program.steps import LOSS
from backpropcalc.spec.network import Network

from .training import learner

MOST = 20_000
"""Updates that a walk may have."""


class Walk(NamedTuple):
    """A walk downhill: its name, and the points (one coordinate, or two) that it came by."""

    label: str
    points: Sequence[Sequence[float]]


def pair(spec: Network) -> tuple[Var, Var]:
    """The two parameters that are trained; of more the first two. Raises ``InputError`` if there are not two."""
    program = network(spec)
    found = [
        step.var.of[0].at(at)
        for block in program.blocks
        if block.phase == "update"
        for step in block.steps
        if step.var.role == "new" and step.var.of[0].role in ("w", "b", "shared")
        for at in step.entries
    ]
    if len(found) < 2:
        raise fail("usage", "--plot-path needs two parameters that are trained", "`train:` says which are")
    return found[0], found[1]


def several(spec: Network) -> tuple[int, int]:
    """How many samples there are, and how many epochs. Raises ``InputError`` if no three walks can be drawn of them."""
    samples, epochs = len(spec.inputs), -(-spec.steps // spec.schedule.per_epoch)
    if samples == 1:
        raise fail("usage", "--plot-path needs several samples: with one there is but one walk")
    if epochs * samples > MOST:
        help = f"with {samples:,} samples it draws {MOST // samples:,} epochs"
        raise fail("usage", f"{epochs:,} epochs are more than --plot-path draws", help)
    return samples, epochs


def walks(spec: Network, over: tuple[Var, Var]) -> Iterator[Walk]:
    """The walks of batch, mini-batch and stochastic gradient descent through as many epochs as ``spec`` has, with no
    other parameter trained."""
    samples, epochs = several(spec)
    own = spec.schedule.size
    size = own if 1 < own < samples else max(2, samples // 4)
    kinds = {"batch": samples, f"mini-batches of {size}": size, "stochastic": 1}
    for label, size in kinds.items():
        if size < samples or label == "batch":
            only = replace(spec, batch_size=size, iterations=epochs, epochs=epochs, train=frozenset(v.id for v in over))
            yield Walk(label, list(_points(only, over)))


def _points(spec: Network, over: tuple[Var, Var]) -> Iterator[tuple[float, float]]:
    """Where the parameters are before the first update and after each; up to the last that is finite."""
    runner = learner(spec)
    for done in range(spec.steps + 1):
        if done:
            runner.advance(1)
        if not runner.finite():
            return
        here = runner.parameters()
        yield float(here[over[0]]), float(here[over[1]])


def surface(spec: Network, over: tuple[Var, Var], first: Number, second: Number) -> Number:
    """The loss over all samples where the two parameters are those of two arrays, the others as they are given."""
    from backpropcalc.algebra.tensors import tensors

    arithmetic = tensors()
    program = network(spec)
    env: dict[Var, Number] = {var: arithmetic.number(number.text) for var, number in program.numbers}
    env |= {over[0]: first, over[1]: second}
    for block in program.blocks:
        for step in block.cells if block.phase in ("forward", "loss") else ():
            env[step.var] = evaluate(step.term, env.__getitem__, arithmetic)
    return env[LOSS.at((0, 0))]
