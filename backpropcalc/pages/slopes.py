"""Derivatives as a person finds them: by the rules of calculus first, then step by step to the textbook's form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from backpropcalc.algebra.calculus import differentiated
from backpropcalc.algebra.terms import (
    ONE,
    TWO,
    Op,
    Term,
    Var,
    element,
    op,
    product,
    substitute,
    total,
    variables,
)
from backpropcalc.program.backward import reduced
from backpropcalc.program.network import network
from backpropcalc.program.steps import is_slope_of_loss
from backpropcalc.rules.functions import Activation, Parameters, jacobian_row
from backpropcalc.spec.network import Layer, Network, parameter_ids

Sides = tuple[tuple[Term, str], ...]
"""What a derivative equals, each side with the reason for it."""


class Output(NamedTuple):
    """The variables of the output layer; units down the rows."""

    layer: Layer
    t: Var
    z: Var
    a: Var

    def cells(self, unit: int) -> tuple[Var, Var, Var]:
        """Target, weighted sum and activation of one unit, in the first sample."""
        return self.t.at((unit, 0)), self.z.at((unit, 0)), self.a.at((unit, 0))


def last(spec: Network) -> Output:
    """The output layer of a network."""
    n, m = len(spec.layers), len(spec.inputs)
    shape = (spec.sizes[-1], m)
    return Output(spec.layers[-1], Var("t", n, shape), Var("z", n, shape), Var("a", n, shape))


def loss_slope(spec: Network, t: Term, a: Var) -> Sides:
    """∂E_k/∂a_k: by the rules of calculus, then as the textbook has it."""
    return _distinct([*_raw(spec.loss.value(t, a), a), (spec.loss.slope(t, a), _SIMPLIFIED * spec.loss.derived)])


def activation_slope(rule: Activation, z: Var, a: Var, parameters: Parameters) -> Sides:
    """∂a/∂z: by the rules of calculus, step by step to the form in the activation itself."""
    assert rule.slope is not None
    value = rule.value(z, parameters)
    sides: list[tuple[Term, str]] = []
    if rule.name in _DEFINITIONS:
        value = _DEFINITIONS[rule.name](z)
    sides += _raw(value, z)
    if rule.name in _BETWEEN:
        sides += _BETWEEN[rule.name](value)
    if isinstance(value, Op) and value.name not in _BRANCHING and not rule.derived:
        sides.append((rule.slope(z, value, parameters), ""))
    return _distinct([*sides, (rule.slope(z, a, parameters), _SIMPLIFIED * rule.derived)])


_SIMPLIFIED = "simplified"
_BRANCHING = ("max", "if_positive", "if_at_least_zero")
_REASONS = {
    "div": "quotient rule",
    "mul": "power rule, then the inner derivative",
    "pow": "power rule, then the inner derivative",
    "neg": "(ln u)' = u'/u",
    "ln": "(ln u)' = u'/u",
    "xlogy": "(ln u)' = u'/u",
    "max": "on either side of 0",
    "if_positive": "on either side of 0",
    "if_at_least_zero": "on either side of 0",
}


def _raw(value: Term, by: Var) -> list[tuple[Term, str]]:
    try:
        found = differentiated(value, by)
    except KeyError:
        return []
    return [(found, _REASONS.get(value.name, "") if isinstance(value, Op) else "")]


def _distinct(sides: list[tuple[Term, str]]) -> Sides:
    """Without a side that only repeats the one before."""
    return tuple(side for n, side in enumerate(sides) if n == 0 or side[0] != sides[n - 1][0])


def _sigmoid_between(value: Term) -> list[tuple[Term, str]]:
    assert isinstance(value, Op) and isinstance(value.args[1], Op)
    whole = value.args[1]
    power = whole.args[1]
    return [
        (op("div", power, op("pow", whole, TWO)), ""),
        (product(op("div", ONE, whole), op("div", power, whole)), "one fraction as two"),
        (product(op("div", ONE, whole), op("div", op("sub", whole, ONE), whole)), "add 1 and take it away"),
    ]


def _tanh_between(value: Term) -> list[tuple[Term, str]]:
    assert isinstance(value, Op)
    above, below = value.args
    squares = op("sub", op("pow", below, TWO), op("pow", above, TWO))
    return [(op("div", squares, op("pow", below, TWO)), "")]


def _tanh(z: Term) -> Term:
    up, down = op("exp", z), op("exp", op("neg", z))
    return op("div", op("sub", up, down), op("add", up, down))


_DEFINITIONS: dict[str, Callable[[Term], Term]] = {"tanh": _tanh}
"""What a function is by definition, where its rule has it by name."""
_BETWEEN: dict[str, Callable[[Term], list[tuple[Term, str]]]] = {"sigmoid": _sigmoid_between, "tanh": _tanh_between}
"""The steps between the derivative by the rules and the form of the textbook."""


def softmax_slope(rule: Activation, z: Var, a: Var, parameters: Parameters, j: int) -> Sides:
    """∂a_1/∂z_j of softmax (j from 0), from the quotient rule to the entry of the Jacobian."""
    value = element(rule.value(z, parameters), (0, 0))
    assert isinstance(value, Op)
    own, whole = value.args
    by = z.at((j, 0))
    if j == 0:
        split = product(op("div", own, whole), op("div", op("sub", whole, own), whole))
    else:
        split = op("neg", product(op("div", own, whole), op("div", op("exp", by), whole)))
    return _distinct([*_raw(value, by), (split, "one fraction as two"), (element(jacobian_row(a, 0), (j, 0)), "")])


def output_delta(spec: Network) -> Sides:
    """δ as the chain product, with its factors written out, and cancelled where loss and activation go together."""
    output = last(spec)
    # δ is derived, and from its factors, whether the update needs it and the page shows them or not.
    every = spec.override(output_delta="chain")
    every = replace(every, train=parameter_ids(spec.layers))
    found = {step.var: step for block in network(every).blocks if block.phase == "backward" for step in block.steps}
    # The loss is that of all samples, or of each where the mean stands in the gradient.
    delta = next(var for var in found if is_slope_of_loss(var, "z") and var.of[1] == output.z)
    step = found[delta].cell((0, 0))
    factors = ((var, found[replace(var, index=None)]) for var in variables(step.term))
    written = substitute(step.term, {var: element(one.term, var.index or (0, 0)) for var, one in factors})
    sides = [(step.term, "chain rule"), (written, "")]
    fused = spec.loss.fused.get(output.layer.rule.name)
    if fused is not None and fused.short is not None:
        between = CANCELLATIONS.get((spec.loss.name, output.layer.rule.name))
        units = [output.cells(k) for k in range(output.a.shape[0])]
        own = between([t for t, _, _ in units], [a for _, _, a in units]) if between else []
        sides += [(reduced(spec, output.t, term), reason) for term, reason in own]
        short = cancelled(spec, fused.short(output.t, output.a))
        sides += [(element(term, (0, 0)), reason) for term, reason in short]
    return _distinct(sides)


def cancelled(spec: Network, short: Term) -> list[tuple[Term, str]]:
    """What is left of δ when its factors cancel; after softmax it is a − t if the targets are a distribution."""
    output = last(spec)
    sides = [(reduced(spec, output.t, short), "")]
    if output.layer.rule.mixes:
        sides.append((reduced(spec, output.t, op("sub", output.a, output.t)), "if the targets add up to 1"))
    return sides


def _bce_sigmoid(t: list[Var], a: list[Var]) -> list[tuple[Term, str]]:
    one, own = t[0], a[0]
    crossed = op("sub", product(one, op("sub", ONE, own)), product(op("sub", ONE, one), own))
    return [
        (op("neg", crossed), "each fraction is cancelled by a factor"),
        (op("neg", op("sub", one, own)), "their product occurs twice, with either sign"),
    ]


def _ce_softmax(t: list[Var], a: list[Var]) -> list[tuple[Term, str]]:
    parts: list[Term] = [op("neg", product(t[0], op("sub", ONE, a[0]))), *(product(other, a[0]) for other in t[1:])]
    return [(total(parts), "each fraction is cancelled by a factor")]


CANCELLATIONS: dict[tuple[str, str], Callable[[list[Var], list[Var]], list[tuple[Term, str]]]] = {
    ("binary_cross_entropy", "sigmoid"): _bce_sigmoid,
    ("cross_entropy", "softmax"): _ce_softmax,
}
"""Loss and activation to the steps between the product of the factors and what is left of it."""
