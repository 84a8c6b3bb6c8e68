"""The variables of a network: inputs, targets, and of each layer its parameters, sums and activations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from backpropcalc.algebra.terms import ONE, Index, Num, Op, Term, Var, matmul, product, weight_id
from backpropcalc.rules.functions import Activation
from backpropcalc.rules.optimisers import RATE
from backpropcalc.spec.network import Layer, Network
from backpropcalc.spec.reader import Matrix

from .steps import LOSS


class LayerVariables(NamedTuple):
    """Layer ``n`` (from 1): ``w`` (neurons, sources), ``b`` (neurons, 1) or (1, 1) if shared, ``z`` and ``a``
    (neurons, samples) and their ``source``, the activations below or the inputs."""

    n: int
    rule: Activation
    parameters: Mapping[str, Num]
    source: Var
    w: Var
    b: Var | None
    z: Var
    a: Var
    column: bool = False
    """Whether the biases are weights of an input that is always 1."""

    @property
    def sum(self) -> Term:
        """What z is: W times the source, plus the biases if there are any."""
        products = matmul(self.w, self.source)
        if self.b is None:
            return products
        bias = product(self.b, unit_input(self.source.layer)) if self.column else self.b
        return Op("add", (products, bias), self.z.shape)

    @property
    def trained(self) -> list[Var]:
        """The weights and the biases, those of which any entry is trained."""
        return [p for p in (self.w, self.b) if p is not None and p.only != frozenset()]


class Variables(NamedTuple):
    """``x`` (inputs, samples), ``t`` (outputs, samples) and the layers from the first to the last."""

    x: Var
    t: Var
    layers: tuple[LayerVariables, ...]

    @property
    def last(self) -> LayerVariables:
        """The output layer."""
        return self.layers[-1]

    @property
    def per_sample(self) -> Var:
        """The loss of each sample; of a single one it is the loss."""
        samples = self.t.shape[1]
        return Var("sample", self.last.n, (1, samples)) if samples > 1 else LOSS

    @property
    def trained(self) -> list[Var]:
        """Every parameter of which any entry is trained, from the first layer on."""
        return [parameter for layer in self.layers for parameter in layer.trained]

    @property
    def learning(self) -> list[LayerVariables]:
        """The layers that the backward pass goes through, from the output down to the lowest that is trained."""
        lowest = min((layer.n for layer in self.layers if layer.trained), default=len(self.layers) + 1)
        return list(reversed(self.layers[lowest - 1 :]))

    def above(self, layer: LayerVariables) -> LayerVariables | None:
        """The next layer towards the output; None of the output layer."""
        return self.layers[layer.n] if layer.n < len(self.layers) else None


def variables(spec: Network) -> Variables:
    """The variables of a network spec; samples are the columns of every activation."""
    m = len(spec.inputs)
    x = source = Var("x", 0, (spec.sizes[0], m))
    layers = []
    for n, layer in enumerate(spec.layers, 1):
        layers.append(_layer(n, layer, source, spec))
        source = layers[-1].a
    return Variables(x, Var("t", len(layers), (spec.sizes[-1], m)), tuple(layers))


def unit_input(layer: int) -> Var:
    """x_0 = 1, or the a_0 = 1 of a layer: what the biases are multiplied by where they are weights."""
    return Var("unit", layer)


def _layer(n: int, layer: Layer, source: Var, spec: Network) -> LayerVariables:
    trained, column = spec.train, spec.style.bias == "column" and layer.bias is not None
    if column and not isinstance(layer.bias, tuple):
        message = f"the bias of layer {n} is one number for all its neurons, not a column"
        raise spec.error("choice", message, "bias", "give the layer a list of biases, or leave out `bias: column`")
    shape = (layer.size, source.shape[1])
    w = _parameter("w", n, (layer.size, source.shape[0]), trained)
    b = None
    if layer.bias is not None:
        own = isinstance(layer.bias, tuple)
        b = _parameter("b" if own else "shared", n, (layer.size if own else 1, 1), trained)
    z, a = Var("z", n, shape), Var("a", n, shape)
    return LayerVariables(n, layer.rule, layer.parameters, source, w, b, z, a, column)


def _parameter(role: str, n: int, shape: tuple[int, int], trained: frozenset[str]) -> Var:
    """A parameter whose ``only`` are its trained entries; None if all are."""
    whole = Var(role, n, shape)

    def name(at: Index) -> str:
        return weight_id(n, at[0] + 1, at[1] + 1) if role == "w" else whole.at(at).id

    every = ((r, c) for r in range(shape[0]) for c in range(shape[1]))
    entries = frozenset(at for at in every if name(at) in trained)
    return Var(role, n, shape, only=None if len(entries) == shape[0] * shape[1] else entries)


def given(spec: Network, of: Variables) -> Iterator[tuple[Var, Matrix]]:
    """Samples, parameters and learning rate with their numbers."""
    yield of.x, tuple(zip(*spec.inputs, strict=True))
    yield of.t, tuple(zip(*spec.targets, strict=True))
    for variables, layer in zip(of.layers, spec.layers, strict=True):
        yield variables.w, layer.weights
        if variables.b is not None and layer.bias is not None:
            yield variables.b, tuple((n,) for n in layer.bias) if isinstance(layer.bias, tuple) else ((layer.bias,),)
        if variables.column:
            yield unit_input(variables.source.layer), ((ONE,),)
    if spec.learning_rate is not None:
        yield RATE, ((spec.learning_rate,),)
