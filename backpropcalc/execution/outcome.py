"""What a training came to: the loss on the way, the parameters at the end, and why it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import Number
from backpropcalc.algebra.terms import Num, Var
from backpropcalc.spec.network import Network

from .runner import Result


class Loss(NamedTuple):
    """The loss over all samples after so many updates; 0 is before the first."""

    iteration: int
    loss: float


@dataclass(frozen=True)
class Outcome:
    """How a training ended: ``stopped`` is empty if all was done, else ``reached``, ``unreached`` (the loss that
    was asked for), ``interrupted`` or ``diverged``."""

    spec: Network
    start: Mapping[Var, Number]
    parameters: Mapping[Var, Number]
    history: tuple[Loss, ...]
    result: Result
    iterations: int
    stopped: str = ""
    reason: str = ""

    @property
    def loss(self) -> float:
        """The loss at the end."""
        return float(self.result.loss)

    @property
    def outputs(self) -> list[list[Number]]:
        """The outputs at the end, a row per sample."""
        return self.result.outputs

    def trained(self) -> Network:
        """The spec with the parameters of the end."""
        return with_parameters(self.spec, self.parameters)


def with_parameters(spec: Network, parameters: Mapping[Var, Number]) -> Network:
    """``spec`` with these numbers, all their digits kept, as its weights and biases."""
    found = {var.id: Num(written(value)) for var, value in parameters.items()}
    layers = []
    for n, layer in enumerate(spec.layers, 1):
        weights = tuple(
            tuple(found[f"w[{n},{j},{i}]"] for i in range(1, len(row) + 1)) for j, row in enumerate(layer.weights, 1)
        )
        bias = layer.bias
        if isinstance(bias, tuple):
            bias = tuple(found[f"b[{n},{j}]"] for j in range(1, len(bias) + 1))
        elif bias is not None:
            bias = found[f"b[{n}]"]
        layers.append(layer._replace(weights=weights, bias=bias))
    return replace(spec, layers=tuple(layers), drawn="")


def written(value: Number) -> str:
    """All digits of a number."""
    return repr(value) if isinstance(value, float) else str(value)
