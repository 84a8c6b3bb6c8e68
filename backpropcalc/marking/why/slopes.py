"""The misconceptions of an activation's slope, one entry each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from backpropcalc.algebra.terms import Num, Op, Term, Var, element
from backpropcalc.program.steps import Step
from backpropcalc.rules.functions import ACTIVATIONS, Activation

from .edits import Edit, NetworkContext, dropped, edited, inside, place, rewriting, rule, spoken

OF_NODES = ("sigmoid", "tanh")
"""The activations that a node of a graph is recognised as."""


class _Applied(NamedTuple):
    """An activation, and what it makes ``a`` of ``z``."""

    rule: Activation
    parameters: Mapping[str, Num]
    z: Var
    a: Var

    def slope(self, step: Step, a: Term, z: Var | None = None) -> Term | None:
        """The formula of the slope with ``a`` put in for the activation, and ``z`` for the weighted sum."""
        if self.rule.slope is None:
            return None
        return element(self.rule.slope(z or self.z, a, self.parameters), place(step))


def _applied(net: NetworkContext, step: Step) -> _Applied | None:
    """The activation whose slope a step works out: a layer's, or that of a node of a graph by what it is taken of."""
    if net.kind(step) == "slope":
        layer = net.layer(step.var.layer)
        return _Applied(layer.rule, layer.parameters, *(net.wholes[role, step.var.layer] for role in ("z", "a")))
    if step.var.role != "d" or step.var.of[0] not in net.steps:
        return None
    a, z = step.var.of
    same = (ACTIVATIONS[name] for name in OF_NODES if ACTIVATIONS[name].value(z, {}) == net.steps[a].term)
    return next((_Applied(rule, {}, z, a) for rule in same), None)


@rule("You worked the slope out at {a}, the activation. It is the slope at the weighted sum.", "slope", "derivative")
def _slope_at_output(net: NetworkContext, step: Step) -> Iterator[Edit]:
    f = _applied(net, step)
    if f is not None:
        term = f.slope(step, f.rule.value(f.a, f.parameters), f.a)
        yield from edited(term, original=step.term, a=f.a.at(place(step)))


@rule("You put the weighted sum {z} into the slope's formula where the activation belongs.", "slope", "derivative")
def _slope_of_net(net: NetworkContext, step: Step) -> Iterator[Edit]:
    f = _applied(net, step)
    if f is not None:
        yield from edited(f.slope(step, f.z), original=step.term, z=f.z.at(place(step)))


@rule("You wrote only one of the two factors of the slope.", "slope", "derivative")
def _half_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
    f = _applied(net, step)
    whole = None if f is None else f.slope(step, f.a)
    if isinstance(whole, Op) and whole.name == "mul":
        for _, left in dropped(whole, "mul"):
            yield Edit(left)


@rule("That is the slope of {used}; the activation of this layer is {meant}.", "slope")
def _wrong_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
    n = step.var.layer
    z, a, own = net.wholes["z", n], net.wholes["a", n], net.layer(n).rule
    if own.mixes:
        return
    for other in ACTIVATIONS.values():
        if other.slope is None or other.name in (own.name, "step", "softplus"):
            continue  # the slope of softplus is σ(z): for a sigmoid that is half of its own slope
        defaults = {name: Num(text) for name, text in other.defaults.items()}
        term = element(other.slope(z, a, defaults), place(step))
        yield Edit(term, other.name, {"used": spoken(other.name), "meant": spoken(own.name)})


@rule("You took the activation {a} itself for its slope.", "slope")
def _activation_for_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
    # For a sigmoid that is one of the two factors of its slope, which is another slip.
    if net.layer(step.var.layer).rule.name != "sigmoid":
        a = net.wholes["a", step.var.layer].at(place(step))
        yield Edit(a, about={"a": a})


@rewriting("The square in the slope's formula is missing.", "slope")
def _slope_not_squared(part: Term) -> Term | None:
    return inside(part, "pow")


SLOPES = (
    _slope_at_output, _slope_of_net, _half_slope, _wrong_slope, _activation_for_slope, _slope_not_squared,
)  # fmt: skip
