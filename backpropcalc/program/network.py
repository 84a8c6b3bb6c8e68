"""The program of a network: forward pass, loss, backward pass (reverse mode over the layers), update, and the forward
pass after it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, starmap

from backpropcalc.algebra.terms import (
    ONE,
    ZERO,
    Num,
    Op,
    Term,
    Var,
    back,
    bias_sum,
    matmul,
    op,
    outer,
    product,
    row,
    slope,
    substitute,
    sum_columns,
    sum_rows,
    total,
)
from backpropcalc.rules.functions import Activation, jacobian_row
from backpropcalc.rules.optimisers import ITERATION, RATE, renewed, state
from backpropcalc.spec.network import Layer, Network

from .steps import LOSS, Block, Program, Step


class _Layer:
    """The variables of layer ``n`` (from 1) for ``m`` samples."""

    def __init__(self, n: int, layer: Layer, source: Var, m: int, trained: frozenset[str]) -> None:
        self.n, self.rule, self.parameters, self.source = n, layer.rule, layer.parameters, source
        size = layer.size
        self.w = _parameter("w", n, (size, source.shape[0]), trained)
        self.b: Var | None = None
        if layer.bias is not None:
            shared = not isinstance(layer.bias, tuple)
            self.b = _parameter("shared" if shared else "b", n, (1, 1) if shared else (size, 1), trained)
        self.z = Var("z", n, (size, m))
        self.a = Var("a", n, (size, m))

    @property
    def trained(self) -> list[Var]:
        """The weights and the biases, those of which any entry is trained."""
        return [p for p in (self.w, self.b) if p is not None and p.only != frozenset()]


def _parameter(role: str, n: int, shape: tuple[int, int], trained: frozenset[str]) -> Var:
    """A parameter whose ``only`` are its trained entries; None if all are."""
    whole = Var(role, n, shape)
    entries = frozenset((r, c) for r in range(shape[0]) for c in range(shape[1]) if whole.at((r, c)).id in trained)
    return Var(role, n, shape, only=None if len(entries) == shape[0] * shape[1] else entries)


def network(spec: Network) -> Program:
    """The program of a network spec; samples are the columns of every activation."""
    m = len(spec.inputs)
    x, t = Var("x", 0, (spec.sizes[0], m)), Var("t", len(spec.layers), (spec.sizes[-1], m))
    layers: list[_Layer] = []
    for n, layer in enumerate(spec.layers, 1):
        layers.append(_Layer(n, layer, layers[-1].a if layers else x, m, spec.train))
    given = {x: _columns(spec.inputs), t: _columns(spec.targets)}
    for variables, layer in zip(layers, spec.layers, strict=True):
        given[variables.w] = layer.weights
        if layer.bias is not None and variables.b is not None:
            given[variables.b] = tuple((n,) for n in layer.bias) if isinstance(layer.bias, tuple) else ((layer.bias,),)
    if spec.learning_rate is not None:
        given[RATE] = ((spec.learning_rate,),)

    blocks = [_forward(layer) for layer in layers]
    blocks.append(_loss(spec, layers[-1], t))
    updating = spec.learning_rate is not None
    trained: list[Var] = []
    lowest = min((layer.n for layer in layers if layer.trained), default=len(layers) + 1)
    for current in reversed(layers[lowest - 1 :]):
        above = layers[current.n] if current.n < len(layers) else None
        sequential = updating and spec.update == "sequential" and above is not None
        weights = renewed(above.w) if above is not None and sequential else above.w if above is not None else None
        blocks.append(_backward(spec, current, above, weights, t))
        if updating and spec.update == "sequential":
            blocks.extend(_update(spec, current.n, current.trained))
        trained = current.trained + trained
    if updating and trained and spec.update == "simultaneous":
        blocks.extend(_update(spec, 0, trained))
    if updating:
        remembered = [state(role, p) for role in spec.optimiser.states for p in trained]
        given |= {var: ((ZERO,) * var.shape[1],) * var.shape[0] for var in remembered}
        if trained and spec.optimiser.counts:
            given[ITERATION] = ((ONE,),)
    after = _after(blocks[: len(layers) + 1], trained) if updating and trained else ()
    found = tuple(b for b in blocks if b.steps)
    if spec.method.chain == "full":
        from .paths import full

        found = full(found)
    return Program(found, after, given, tuple(trained) if updating else ())


def _columns(rows: tuple[tuple[Num, ...], ...]) -> tuple[tuple[Num, ...], ...]:
    return tuple(zip(*rows, strict=True))


def _forward(layer: _Layer) -> Block:
    z: Term = matmul(layer.w, layer.source)
    if layer.b is not None:
        z = _plus(z, layer.b)
    rule, parameters = layer.rule, layer.parameters
    safe = rule.safe_value(layer.z, parameters) if rule.safe_value else None
    steps = (Step(layer.z, z), Step(layer.a, rule.value(layer.z, parameters), safe))
    return Block("forward", layer.n, steps, by_unit=0 if rule.mixes else len(steps))


def _plus(z: Term, b: Var) -> Op:
    return Op("add", (z, b), z.shape)


def _mean(term: Term, how: str, count: int) -> Term:
    return product(Num(f"1/{count}"), term) if how == "mean" and count > 1 else term


def _loss(spec: Network, last: _Layer, t: Var) -> Block:
    n, m = t.shape
    terms = Var("term", last.n, (n, m))
    fused = spec.loss.fused.get(last.rule.name)
    steps = [Step(terms, spec.loss.value(t, last.a), fused.value(t, last.z) if fused else None)]
    per_sample: Var = LOSS
    if m > 1:
        per_sample = Var("sample", last.n, (1, m))
    steps.append(Step(per_sample, _mean(sum_rows(terms), spec.outputs, n)))
    if m > 1:
        steps.append(Step(LOSS, _mean(sum_columns(per_sample), spec.samples, m)))
    return Block("loss", 0, tuple(steps))


def _backward(spec: Network, layer: _Layer, above: _Layer | None, weights: Var | None, t: Var) -> Block:
    """dE/da, da/dz, dE/dz of a layer and the gradients of its trained parameters."""
    by_a, by_z = slope(LOSS, layer.a), slope(LOSS, layer.z)
    steps: list[Step] = []
    fused = None
    if above is None or weights is None:
        fused = spec.loss.fused.get(layer.rule.name)
        steps.append(_output_slope(spec, layer, t, by_a))
    else:
        steps.extend(_sent_back(spec, layer, above, weights, by_a))
    safe = None
    routes: tuple[Term, ...] = ()
    if fused is not None:
        safe = reduced(spec, t, fused.delta(t, layer.z, layer.a))
        routes = () if fused.short is None else (reduced(spec, t, fused.short(t, layer.a)),)
    factors: Term
    if layer.rule.slope is None:
        rows = range(layer.a.shape[0])
        jacobian = [slope(layer.a.at((k, 0)), layer.z) for k in rows]
        steps.extend(Step(j, jacobian_row(layer.a, k)) for k, j in zip(rows, jacobian, strict=True))
        terms = (product(row(by_a, k), j) for k, j in zip(rows, jacobian, strict=True))
        steps.append(Step(by_z, total(terms), safe, routes=routes))
        factors = by_z
    else:
        local = slope(layer.a, layer.z)
        steps.append(_local_slope(layer.rule, layer, local))
        factors = product(by_a, local)
        steps.append(Step(by_z, factors, safe, routes=routes))
    chain, other = (by_z, factors) if spec.method.chain == "delta" else (factors, by_z)
    gradients = [_gradient(layer, parameter, chain, other, by_z) for parameter in layer.trained]
    by_unit = 0 if layer.rule.mixes else len(steps)
    return Block("backward", layer.n, (*steps, *gradients), by_unit)


def reduced(spec: Network, t: Var, term: Term) -> Term:
    """``term`` times what the reductions put before a loss term: 1, 1/n, 1/m or 1/(n m)."""
    n, m = t.shape
    count = (n if spec.outputs == "mean" else 1) * (m if spec.samples == "mean" else 1)
    if isinstance(term, Op) and term.name == "neg":
        return op("neg", _mean(term.args[0], "mean", count))
    return _mean(term, "mean", count)


def _output_slope(spec: Network, layer: _Layer, t: Var, by_a: Var) -> Step:
    fused = spec.loss.fused.get(layer.rule.name)
    loss = spec.loss
    careful = fused.slope(t, layer.z) if fused else loss.safe_slope(t, layer.a) if loss.safe_slope else None
    safe = None if careful is None else reduced(spec, t, careful)
    kink = (loss.kink_at(t, layer.a), loss.kink) if loss.kink else None
    return Step(by_a, reduced(spec, t, loss.slope(t, layer.a)), safe, kink)


def _local_slope(rule: Activation, layer: _Layer, local: Var) -> Step:
    assert rule.slope is not None
    safe = rule.safe_slope(layer.z, layer.parameters) if rule.safe_slope else None
    said = rule.kink_with(layer.parameters)
    kink = (rule.kink_at(layer.z), said) if said else None
    return Step(local, rule.slope(layer.z, layer.a, layer.parameters), safe, kink)


def _sent_back(spec: Network, layer: _Layer, above: _Layer, weights: Var, by_a: Var) -> Iterator[Step]:
    """What each unit of the layer above sends back, and the sum; a single unit needs no sum."""
    delta = slope(LOSS, above.z)
    units = range(above.z.shape[0])
    parts = [back(delta, weights, k, above.z, layer.a) for k in units]
    if len(parts) == 1:
        yield Step(by_a, parts[0])
        return
    names = [_path(spec, layer, above, k) for k in units]
    for name, part in zip(names, parts, strict=True):
        yield Step(name, part)
    yield Step(by_a, total(names))


def _path(spec: Network, layer: _Layer, above: _Layer, k: int) -> Var:
    """The name of what comes through unit ``k``: ∂E_k/∂a where that is what it is, else ∂E/∂a by way of z_k."""
    n, m = above.a.shape
    unit = above.z.at((k, 0))
    if above.n < len(spec.layers):
        return Var("via", layer.n, layer.a.shape, (LOSS, layer.a, unit))
    part = Var("term", above.n, (n, m)).at((k, 0))
    plain = spec.outputs == "sum" and (m == 1 or spec.samples == "sum") and not above.rule.mixes
    return Var("d" if plain else "via", layer.n, layer.a.shape, (part, layer.a) if plain else (part, layer.a, unit))


def _gradient(layer: _Layer, parameter: Var, chain: Term, other: Term, by_z: Var) -> Step:
    """∂E/∂w or ∂E/∂b as a chain product for each entry; worked out from δ, which loses no digits."""

    def of(delta: Term) -> Term:
        if parameter.role == "w":
            return outer(delta, layer.source, layer.z, parameter)
        return bias_sum(delta, layer.z, parameter)

    return Step(slope(LOSS, parameter), of(chain), of(by_z), routes=() if other == chain else (of(other),))


def _update(spec: Network, n: int, parameters: list[Var]) -> Iterator[Block]:
    """The lines of the optimiser; where one parameter takes several, each entry is worked through all of them."""
    lines = [tuple(starmap(Step, spec.optimiser.lines(p, slope(LOSS, p), spec.optimiser_options))) for p in parameters]
    if all(len(steps) == 1 for steps in lines):
        yield Block("update", n, tuple(chain.from_iterable(lines)))
    else:
        yield from (Block("update", n, steps, by_unit=len(steps)) for steps in lines)


def _after(blocks: list[Block], trained: list[Var]) -> tuple[Block, ...]:
    """The forward pass and the loss once more, with the new parameters."""
    mapping: dict[Var, Term] = {p: renewed(p) for p in trained}
    for block in blocks:
        for step in block.steps:
            mapping[step.var] = Var("after", step.var.layer, step.var.shape, (step.var,))

    def again(step: Step) -> Step:
        var = mapping[step.var]
        assert isinstance(var, Var)
        return Step(var, substitute(step.term, mapping), None if step.safe is None else substitute(step.safe, mapping))

    return tuple(Block("after", b.layer, tuple(map(again, b.steps)), b.by_unit) for b in blocks)
