"""The backward pass of one layer: reverse mode, a step for each factor of the chain rule.

What is differentiated, the ``goal``, is the loss E, the loss E(s) of each sample, or the loss E_k of one output.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.terms import (
    Kink,
    Op,
    Term,
    Var,
    back,
    bias_sum,
    op,
    outer,
    product,
    row,
    slope,
    substitute,
    total,
)
from backpropcalc.rules.functions import DIRECT, jacobian_row
from backpropcalc.rules.optimisers import renewed
from backpropcalc.spec.network import Network

from .forward import mean
from .layers import LayerVariables, Variables
from .steps import LOSS, Block, Step


def goal_of(spec: Network, of: Variables) -> Var:
    """What the backward pass differentiates: E, or every E(s) where the gradient takes the mean over samples."""
    return of.per_sample if spec.differentiates_samples else LOSS


def backward(spec: Network, of: Variables, layer: LayerVariables) -> Block:
    """∂E/∂a, ∂a/∂z, ∂E/∂z of a layer and the gradients of its trained parameters."""
    steps = errors(spec, of, layer, goal_of(spec, of))
    gradients = (_gradient(spec, layer, parameter, steps[-1]) for parameter in layer.trained)
    return Block("backward", layer.n, (*steps, *gradients), by_unit=0 if layer.rule.mixes else len(steps))


def errors(spec: Network, of: Variables, layer: LayerVariables, goal: Var) -> tuple[Step, ...]:
    """∂E/∂a and ∂a/∂z of a layer, then its δ, the last step; with ``update: sequential`` δ comes back through weights
    that are new already."""
    above = of.above(layer)
    if above is None:
        return _output_errors(spec, of, goal)
    weights = renewed(above.w) if updates_at_once(spec) else above.w
    sent = tuple(_sent_back(spec, layer, above, weights, goal))
    if goal != goal_of(spec, of):  # what comes through each unit has a name only if the page is about it
        sent = (Step(sent[-1].var, total(step.term for step in sent[:-1] or sent)),)
    return (*sent, *local_slopes(layer), _delta(of, layer, goal))


def updates_at_once(spec: Network) -> bool:
    """Whether each layer is updated before the layer below is differentiated."""
    return spec.learning_rate is not None and spec.update == "sequential"


def _output_errors(spec: Network, of: Variables, goal: Var) -> tuple[Step, ...]:
    """∂E/∂a, ∂a/∂z and δ of the output layer; δ alone where it is worked out at once."""
    last, t = of.last, of.t
    by_a, local, chain = _output_slope(spec, of, goal), local_slopes(last), _delta(of, last, goal)
    alone = goal.role == "term" and last.rule.mixes
    fused = None if alone else spec.loss.fused.get(last.rule.name)
    safe = reduced(spec, t, fused.delta(t, last.z, last.a), goal) if fused else None
    short = None if alone else _short(spec, of, goal)
    if spec.method.output_delta == "chain" or alone:
        equal = () if short is None else (short,)
        same = () if spec.method.carry == "rounded" else equal  # with rounded factors it is another number
        return (by_a, *local, Step(chain.var, chain.term, safe, routes=equal, equals=same))
    if short is None:
        message = f"δ = a − y is not what {last.rule.name} with {spec.loss.name.replace('_', ' ')} comes to"
        pairs = (f"{activation} with {loss.replace('_', ' ')}" for loss, activation in DIRECT)
        raise spec.error("choice", message, "output_delta", "δ is known at once for " + ", ".join(pairs))
    factors = {step.var: step.term for step in (by_a, *local)}
    return (Step(chain.var, short, safe, routes=(substitute(chain.term, factors),)),)


def _short(spec: Network, of: Variables, goal: Var) -> Term | None:
    """δ of the output at once, as a − t; None if nothing cancels. After softmax the targets of a sample add up to 1."""
    at_once = DIRECT.get((spec.loss.name, of.last.rule.name))
    if at_once is None or spec.loss.derived or of.last.rule.derived:
        return None
    shares = of.last.rule.mixes and all(math.isclose(sum(to_float(n.text) for n in row), 1) for row in spec.targets)
    return reduced(spec, of.t, op("sub", of.last.a, of.t) if shares else at_once(of.t, of.last.a), goal)


def _output_slope(spec: Network, of: Variables, goal: Var) -> Step:
    """∂E/∂a of the output layer."""
    loss, last, t = spec.loss, of.last, of.t
    fused = loss.fused.get(last.rule.name)
    careful = fused.slope(t, last.z) if fused else loss.safe_slope(t, last.a) if loss.safe_slope else None
    safe = None if careful is None else reduced(spec, t, careful, goal)
    kink = Kink(loss.kink_at(t, last.a), loss.kink) if loss.kink else None
    return Step(slope(goal, last.a), reduced(spec, t, loss.slope(t, last.a), goal), safe, kink)


def _sent_back(spec: Network, layer: LayerVariables, above: LayerVariables, weights: Var, goal: Var) -> Iterator[Step]:
    """What each unit of the layer above sends back, and the sum, ∂E/∂a; a single unit needs no sum."""
    by_a, by_z = slope(goal, layer.a), slope(goal, above.z)
    alone = goal.role == "term" and above.n == len(spec.layers) and not above.rule.mixes
    units = [goal.index[0]] if alone and goal.index else range(above.z.shape[0])
    parts = [back(by_z, weights, k, above.z, layer.a) for k in units]
    if len(parts) == 1:
        yield Step(by_a, parts[0])
        return
    names = [_through(spec, layer, above, k, goal) for k in range(len(parts))]
    yield from map(Step, names, parts)
    yield Step(by_a, total(names))


def _through(spec: Network, layer: LayerVariables, above: LayerVariables, k: int, goal: Var) -> Var:
    """The name of what comes through unit ``k``: ∂E_k/∂a where that is what it is, else ∂E/∂a by way of z_k."""
    n, m = above.a.shape
    unit = above.z.at((k, 0))
    if above.n < len(spec.layers):
        return Var("via", layer.n, layer.a.shape, (goal, layer.a, unit))
    part = Var("term", above.n, (n, m)).at((k, 0))
    summed = spec.outputs == "sum" and (m == 1 or spec.samples == "sum" or goal != LOSS)
    plain = summed and not above.rule.mixes
    return Var("d" if plain else "via", layer.n, layer.a.shape, (part, layer.a) if plain else (part, layer.a, unit))


def local_slopes(layer: LayerVariables) -> list[Step]:
    """∂a/∂z of a layer; of one that mixes its units, the rows ∂a_k/∂z of the Jacobian."""
    rule, z, parameters = layer.rule, layer.z, layer.parameters
    if rule.slope is None:
        units = range(layer.a.shape[0])
        return [Step(slope(layer.a.at((k, 0)), z), jacobian_row(layer.a, k)) for k in units]
    safe = rule.safe_slope(z, parameters) if rule.safe_slope else None
    said = rule.kink_with(parameters)
    kink = Kink(rule.kink_at(z), said) if said else None
    return [Step(slope(layer.a, z), rule.slope(z, layer.a, parameters), safe, kink)]


def _delta(of: Variables, layer: LayerVariables, goal: Var) -> Step:
    """δ = ∂E/∂z: ∂E/∂a · ∂a/∂z, summed over every unit that z has a part in and that the goal depends on."""
    by_a, local = slope(goal, layer.a), local_slopes(layer)
    if not layer.rule.mixes:
        return Step(slope(goal, layer.z), product(by_a, local[0].var))
    alone = goal.role == "term" and layer is of.last
    units = [goal.index[0]] if alone and goal.index else range(len(local))
    return Step(slope(goal, layer.z), total(product(row(by_a, k), local[k].var) for k in units))


def _gradient(spec: Network, layer: LayerVariables, parameter: Var, delta: Step) -> Step:
    """∂E/∂w or ∂E/∂b: the factors of δ, or δ by its name, times ∂z/∂w; worked out from δ, which loses no digits."""

    def times(factors: Term) -> Term:
        if parameter.role == "w":
            found = outer(factors, layer.source, layer.z, parameter)
        else:
            found = bias_sum(factors, layer.z, parameter)
        return found if delta.var.of[0] == LOSS else mean(found, spec.samples, layer.z.shape[1])

    plain = layer.rule.mixes or (spec.method.output_delta == "direct" and layer.n == len(spec.layers))
    ways: list[Term] = [delta.var] if plain else [delta.term, delta.var]
    first, *others = reversed(ways) if spec.method.chain == "delta" else ways
    return Step(slope(LOSS, parameter), times(first), times(delta.var), routes=tuple(map(times, others)))


def reduced(spec: Network, t: Var, term: Term, goal: Var = LOSS) -> Term:
    """``term`` times what the reductions put before a loss term in the ``goal``: 1, 1/n, 1/m or 1/(n m)."""
    n, m = t.shape
    outputs = n if spec.outputs == "mean" and goal.role != "term" else 1
    samples = m if spec.samples == "mean" and goal == LOSS else 1
    if isinstance(term, Op) and term.name == "neg":
        return op("neg", mean(term.args[0], "mean", outputs * samples))
    return mean(term, "mean", outputs * samples)
