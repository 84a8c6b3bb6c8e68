"""The backward pass of one layer: reverse mode, a step for each factor of the chain rule."""

from __future__ import annotations

from collections.abc import Iterator

from backpropcalc.algebra.terms import Op, Term, Var, back, bias_sum, op, outer, product, row, slope, total
from backpropcalc.rules.functions import jacobian_row
from backpropcalc.spec.network import Network

from .forward import mean
from .layers import LayerVariables, Variables
from .steps import LOSS, Block, Step


def backward(spec: Network, of: Variables, layer: LayerVariables, weights: Var | None) -> Block:
    """∂E/∂a, ∂a/∂z, ∂E/∂z of a layer and the gradients of its trained parameters.

    ``weights`` are those of the layer above, through which its δ comes back; None for the output layer.
    """
    above = of.above(layer)
    by_a = [_output_slope(spec, of)] if above is None or weights is None else _sent_back(spec, layer, above, weights)
    local = _jacobian(layer) if layer.rule.mixes else [_local_slope(layer)]
    delta = _delta(spec, of, layer)
    steps = (*by_a, *local, delta)
    gradients = (_gradient(spec, layer, parameter, delta) for parameter in layer.trained)
    return Block("backward", layer.n, (*steps, *gradients), by_unit=0 if layer.rule.mixes else len(steps))


def _output_slope(spec: Network, of: Variables) -> Step:
    """∂E/∂a of the output layer."""
    loss, last, t = spec.loss, of.last, of.t
    fused = loss.fused.get(last.rule.name)
    careful = fused.slope(t, last.z) if fused else loss.safe_slope(t, last.a) if loss.safe_slope else None
    safe = None if careful is None else reduced(spec, t, careful)
    kink = (loss.kink_at(t, last.a), loss.kink) if loss.kink else None
    return Step(slope(LOSS, last.a), reduced(spec, t, loss.slope(t, last.a)), safe, kink)


def _sent_back(spec: Network, layer: LayerVariables, above: LayerVariables, weights: Var) -> Iterator[Step]:
    """What each unit of the layer above sends back, and the sum, ∂E/∂a; a single unit needs no sum."""
    by_a, delta = slope(LOSS, layer.a), slope(LOSS, above.z)
    parts = [back(delta, weights, k, above.z, layer.a) for k in range(above.z.shape[0])]
    if len(parts) == 1:
        yield Step(by_a, parts[0])
        return
    names = [_through(spec, layer, above, k) for k in range(len(parts))]
    yield from map(Step, names, parts)
    yield Step(by_a, total(names))


def _through(spec: Network, layer: LayerVariables, above: LayerVariables, k: int) -> Var:
    """The name of what comes through unit ``k``: ∂E_k/∂a where that is what it is, else ∂E/∂a by way of z_k."""
    n, m = above.a.shape
    unit = above.z.at((k, 0))
    if above.n < len(spec.layers):
        return Var("via", layer.n, layer.a.shape, (LOSS, layer.a, unit))
    part = Var("term", above.n, (n, m)).at((k, 0))
    plain = spec.outputs == "sum" and (m == 1 or spec.samples == "sum") and not above.rule.mixes
    return Var("d" if plain else "via", layer.n, layer.a.shape, (part, layer.a) if plain else (part, layer.a, unit))


def _local_slope(layer: LayerVariables) -> Step:
    """∂a/∂z of an activation that works unit by unit."""
    rule, z, parameters = layer.rule, layer.z, layer.parameters
    assert rule.slope is not None
    safe = rule.safe_slope(z, parameters) if rule.safe_slope else None
    said = rule.kink_with(parameters)
    kink = (rule.kink_at(z), said) if said else None
    return Step(slope(layer.a, z), rule.slope(z, layer.a, parameters), safe, kink)


def _jacobian(layer: LayerVariables) -> list[Step]:
    """∂a_k/∂z of an activation that mixes units, a step per unit k."""
    units = range(layer.a.shape[0])
    return [Step(slope(layer.a.at((k, 0)), layer.z), jacobian_row(layer.a, k)) for k in units]


def _delta(spec: Network, of: Variables, layer: LayerVariables) -> Step:
    """δ = ∂E/∂z: ∂E/∂a · ∂a/∂z, summed over every unit that z has a part in."""
    by_a = slope(LOSS, layer.a)
    if layer.rule.mixes:
        term = total(product(row(by_a, k), step.var) for k, step in enumerate(_jacobian(layer)))
    else:
        term = product(by_a, slope(layer.a, layer.z))
    fused = spec.loss.fused.get(layer.rule.name) if layer is of.last else None
    if fused is None:
        return Step(slope(LOSS, layer.z), term)
    safe = reduced(spec, of.t, fused.delta(of.t, layer.z, layer.a))
    short = () if fused.short is None else (reduced(spec, of.t, fused.short(of.t, layer.a)),)
    return Step(slope(LOSS, layer.z), term, safe, routes=short)


def _gradient(spec: Network, layer: LayerVariables, parameter: Var, delta: Step) -> Step:
    """∂E/∂w or ∂E/∂b: the factors of δ, or δ by its name, times ∂z/∂w; worked out from δ, which loses no digits."""

    def times(delta: Term) -> Term:
        if parameter.role == "w":
            return outer(delta, layer.source, layer.z, parameter)
        return bias_sum(delta, layer.z, parameter)

    ways = [delta.var] if layer.rule.mixes else [delta.term, delta.var]
    first, *others = reversed(ways) if spec.method.chain == "delta" else ways
    return Step(slope(LOSS, parameter), times(first), times(delta.var), routes=tuple(map(times, others)))


def reduced(spec: Network, t: Var, term: Term) -> Term:
    """``term`` times what the reductions put before a loss term: 1, 1/n, 1/m or 1/(n m)."""
    n, m = t.shape
    count = (n if spec.outputs == "mean" else 1) * (m if spec.samples == "mean" else 1)
    if isinstance(term, Op) and term.name == "neg":
        return op("neg", mean(term.args[0], "mean", count))
    return mean(term, "mean", count)
