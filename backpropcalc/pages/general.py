"""The network of three layers that the rules of any layer are read off, and its quantities under general names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backpropcalc.algebra.terms import ZERO, Num, Term, Var
from backpropcalc.program.steps import Block, Step, is_slope_of_loss
from backpropcalc.rules.functions import ACTIVATIONS
from backpropcalc.spec.network import Network, parameter_ids


def three(spec: Network, units: int, samples: int) -> Network:
    """A network with three layers of so many units, the last as in ``spec``, with biases of their own."""
    last = spec.layers[-1]
    hidden = spec.layers[0] if not spec.layers[0].rule.mixes else last._replace(rule=ACTIVATIONS["sigmoid"])
    row = (ZERO,) * units
    layers = tuple(layer._replace(weights=(row,) * units, bias=row) for layer in (hidden, hidden, last))
    return replace(
        spec.override(output_delta="chain"),  # the rules have the factors
        inputs=(row,) * samples, targets=(row,) * samples, layers=layers, train=parameter_ids(layers),
        update="simultaneous", learning_rate=ZERO, batch_size=None,
    )  # fmt: skip


class General:
    """The steps of its program by what they work out."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.steps = {step.var: step for block in blocks for step in block.steps}

    def of(self, *roles: str) -> list[Step]:
        """The steps that give a quantity of some role."""
        return [step for var, step in self.steps.items() if var.role in roles]

    def step(self, role: str, layer: int) -> Step:
        """The step of a layer's quantity."""
        return next(step for step in self.of(role) if step.var.layer == layer)

    def by(self, role: str, layer: int) -> Step:
        """The step that gives the derivative of the loss by a layer's quantity."""
        return next(step for step in self.of("d") if step.var.layer == layer and is_slope_of_loss(step.var, role))


def renamed(var: Var, names: dict[int, int]) -> Var:
    """``var`` of the layers that ``names`` give in the place of its own; any layer's bias has one name."""
    role = "b" if var.role == "shared" else var.role
    of = tuple(renamed(part, names) for part in var.of)
    return replace(var, role=role, layer=names.get(var.layer, var.layer), of=of)


def relabelled(term: Term, names: dict[int, int]) -> Term:
    """``term`` with every quantity ``renamed``."""
    match term:
        case Var():
            return renamed(term, names)
        case Num():
            return term
    label = term.label and (renamed(term.label[0], names), renamed(term.label[1], names))
    return term._replace(args=tuple(relabelled(arg, names) for arg in term.args), label=label)
