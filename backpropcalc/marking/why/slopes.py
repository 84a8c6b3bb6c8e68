"""The misconceptions of an activation's slope, one entry each."""

from __future__ import annotations

from collections.abc import Iterator

from backpropcalc.algebra.terms import Num, Op, Term, element
from backpropcalc.program.steps import Step
from backpropcalc.rules.functions import ACTIVATIONS

from .edits import Edit, NetworkContext, Rule, dropped, edited, leaves, place, replaced, spoken, swapped

SLOPE = frozenset({"slope"})


def _slope_at_output(net: NetworkContext, step: Step) -> Iterator[Edit]:
    layer = net.layer(step.var.layer)
    a = net.whole("a", step.var.layer)
    if layer.rule.slope is not None and a is not None:
        value = layer.rule.value(a, layer.parameters)
        term = element(layer.rule.slope(a, value, layer.parameters), place(step))
        yield Edit(term, about={"a": a.at(place(step))})


def _slope_of_net(net: NetworkContext, step: Step) -> Iterator[Edit]:
    z = net.whole("z", step.var.layer)
    if z is None:
        return
    found = replaced(step.term, {v: z.at(v.index or (0, 0)) for v in leaves(step.term) if v.role == "a"})
    if found is not None:
        yield Edit(found, about={"z": z.at(place(step))})


def _half_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
    if isinstance(step.term, Op) and step.term.name == "mul":
        for _, left in dropped(step.term, "mul"):
            yield Edit(left)


def _wrong_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
    n = step.var.layer
    z, a, own = net.whole("z", n), net.whole("a", n), net.layer(n).rule
    if z is None or a is None or own.mixes:
        return
    for rule in ACTIVATIONS.values():
        if rule.slope is None or rule.name in (own.name, "step", "softplus"):
            continue  # the slope of softplus is σ(z): for a sigmoid that is half of its own slope
        defaults = {name: Num(text) for name, text in rule.defaults.items()}
        term = element(rule.slope(z, a, defaults), place(step))
        yield Edit(term, rule.name, {"used": spoken(rule.name), "meant": spoken(own.name)})


def _activation_for_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
    a = net.whole("a", step.var.layer)
    # For a sigmoid that is one of the two factors of its slope, which is another slip.
    if a is not None and net.layer(step.var.layer).rule.name != "sigmoid":
        yield Edit(a.at(place(step)), about={"a": a.at(place(step))})


def _not_squared(net: NetworkContext, step: Step) -> Iterator[Edit]:
    def bare(part: Term) -> Term | None:
        return part.args[0] if isinstance(part, Op) and part.name == "pow" else None

    yield from edited(swapped(step.term, bare), original=step.term)


SLOPES = (
    Rule(
        "slope-at-output",
        "You worked the slope out at {a}, the activation. It is the slope at the weighted sum.",
        _slope_at_output,
        SLOPE,
    ),
    Rule(
        "slope-of-net",
        "You put the weighted sum {z} into the slope's formula where the activation belongs.",
        _slope_of_net,
        SLOPE,
    ),
    Rule("half-slope", "You wrote only one of the two factors of the slope.", _half_slope, SLOPE),
    Rule(
        "wrong-slope",
        "That is the slope of {used}; the activation of this layer is {meant}.",
        _wrong_slope,
        SLOPE,
    ),
    Rule(
        "activation-for-slope",
        "You took the activation {a} itself for its slope.",
        _activation_for_slope,
        SLOPE,
    ),
    Rule(
        "slope-not-squared",
        "The square in the slope's formula is missing.",
        _not_squared,
        SLOPE,
    ),
)
