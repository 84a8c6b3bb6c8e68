"""The forward pass and the loss."""

from __future__ import annotations

from backpropcalc.algebra.terms import Num, Term, Var, product, sum_columns, sum_rows
from backpropcalc.spec.network import Network

from .layers import LayerVariables, Variables
from .steps import LOSS, Block, Step


def forward(layer: LayerVariables) -> Block:
    """The weighted sums of a layer and its activations."""
    rule, parameters = layer.rule, layer.parameters
    safe = rule.safe_value(layer.z, parameters) if rule.safe_value else None
    steps = (Step(layer.z, layer.sum), Step(layer.a, rule.value(layer.z, parameters), safe))
    return Block("forward", layer.n, steps, by_unit=0 if rule.mixes else len(steps))


def loss(spec: Network, of: Variables) -> Block:
    """The loss of each output, of each sample if there are several, and the total."""
    last, t = of.last, of.t
    n, m = t.shape
    terms = Var("term", last.n, (n, m))
    fused = spec.loss.fused.get(last.rule.name)
    steps = [Step(terms, spec.loss.value(t, last.a), fused.value(t, last.z) if fused else None)]
    steps.append(Step(of.per_sample, mean(sum_rows(terms), spec.outputs, n)))
    if m > 1:
        steps.append(Step(LOSS, mean(sum_columns(of.per_sample), spec.samples, m)))
    return Block("loss", 0, tuple(steps))


def mean(term: Term, how: str, count: int) -> Term:
    """``term`` over ``count`` if the spec says ``mean`` and not ``sum``."""
    return product(Num(f"1/{count}"), term) if how == "mean" and count > 1 else term
