"""The rules of a network for any number of layers, in whole matrices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backpropcalc.algebra.terms import ZERO, Num, Var, substitute
from backpropcalc.notation.wholes import LAST, NEXT, PREVIOUS, THIS
from backpropcalc.program.network import network
from backpropcalc.program.steps import Step
from backpropcalc.program.whole import in_matrices
from backpropcalc.spec.network import Layer, Network, parameter_ids

from .general import General, relabelled, renamed, three
from .pieces import Equation


def recursion(spec: Network) -> Iterator[Equation | str]:
    """The rules for any number of layers, read off the middle and the last of three.

    They are those of the network: its biases, what is trained, when it is updated; and where its hidden layers are of
    two kinds, the rule of each.
    """
    hidden: list[Layer | None] = list({layer.rule.mixes: layer for layer in reversed(spec.layers[:-1])}.values())
    hidden.sort(key=lambda layer: layer is not None and layer.rule.mixes)
    given = {type(layer.bias): layer.bias for layer in spec.layers if layer.bias is not None}
    biases: list[Num | tuple[Num, ...] | None] = [*given.values()] or [None]
    kinds = [_rules(spec, layer, bias) for layer in hidden or [None] for bias in biases]
    rules = kinds[0]
    z, a = rules.step("z", 2), rules.step("a", 2).var
    yield "forward, for k = 1, 2, …, K"
    yield _equation(z)
    yield _equation(Step(a, Var("f", 2, a.shape, (z.var,))))
    yield "1. start at the output, k = K"
    yield _equation(rules.by("z", 3), last=True, inner=rules.by("a", 3))
    yield "2. the gradients of layer k"
    for step in _gradients(rules, "w", "column"):
        yield _equation(step)
    for bias, one in zip(biases, kinds, strict=False):
        if len(biases) > 1:
            yield "where each neuron has a bias" if isinstance(bias, tuple) else "where the layer shares one bias"
        yield from map(_equation, _gradients(one, "b", "shared"))
    yield "3. one layer down: k becomes k − 1"
    for layer, one in zip(hidden or [None], kinds[:: len(biases)], strict=True):
        if layer is not None and layer.rule.mixes:
            yield f"where the activation is {layer.rule.name}, f′ is its Jacobian"
        elif layer is not None and len(hidden) > 1:
            yield f"where the activation is {layer.rule.name.replace('_', ' ')}"
        yield _equation(one.by("z", 2), inner=one.by("a", 2))
    yield "4. repeat 2 and 3 until k = 1"
    yield "5. the update of every layer"
    yield from (_equation(step) for step in rules.of("new") if step.var.layer == 2)


def _rules(spec: Network, hidden: Layer | None, bias: Num | tuple[Num, ...] | None) -> General:
    """The steps of three layers, the first two as ``hidden``, with biases of this kind."""
    found = three(spec, 2, len(spec.inputs))
    kind = (ZERO, ZERO) if isinstance(bias, tuple) else bias
    layers = tuple(layer._replace(bias=kind) for layer in found.layers)
    if hidden is not None:
        inner = layers[0]._replace(rule=hidden.rule, parameters=hidden.parameters)
        layers = (inner, inner, layers[-1])
    every = parameter_ids(layers)
    trained = {name[0] for name in spec.train}
    some = frozenset(name for name in every if name[0] in trained) or every
    found = replace(found, layers=layers, train=some, update=spec.update)
    return General(in_matrices(found, network(found).blocks))


def _gradients(rules: General, *roles: str) -> list[Step]:
    """The steps of the gradients of layer k."""
    return [step for step in rules.of("d") if step.var.layer == 2 and step.var.of[1].role in roles]


def _equation(step: Step, last: bool = False, inner: Step | None = None) -> Equation:
    """A step of layer k, or of the last one, K; an ``inner`` step is put into it, beside it as it was unless last."""
    names = {1: PREVIOUS, 2: THIS, 3: NEXT} if not last else {2: PREVIOUS, 3: LAST}
    terms = [step.term] if inner is None or last else []
    if inner is not None:
        terms.append(substitute(step.term, {inner.var: inner.term}))
    return Equation(renamed(step.var, names), tuple((relabelled(term, names), "") for term in terms))
