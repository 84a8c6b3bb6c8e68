"""A network at a glance: what every page of one says before the calculation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backpropcalc.algebra.terms import Num, node
from backpropcalc.errors import count
from backpropcalc.rules.optimisers import RATE
from backpropcalc.spec.model import Spec
from backpropcalc.spec.network import Network

from .pieces import Function, Given, Math, Phrase, listed, math


def facts(spec: Network) -> Iterator[tuple[str, Phrase]]:
    """The network, the formulas and the learning rate, as labels and what they say."""
    yield from overview(spec)
    yield from _formulas(spec)
    if spec.learning_rate is not None:
        rate = RATE.at((0, 0))
        yield "learning rate", math(rate, " = ", Given(rate, spec.learning_rate))


def overview(spec: Network) -> Iterator[tuple[str, Phrase]]:
    """The network without its numbers."""
    yield "network", _size(spec)
    yield "activation", tuple(_activations(spec))
    yield "loss", spec.loss.name.replace("_", " ") + _reductions(spec)
    kinks = [layer.rule.kink for layer in spec.layers if layer.rule.derived] + [spec.loss.kink] * spec.loss.derived
    yield from (("corner", kink) for kink in dict.fromkeys(kinks) if kink)
    if spec.learning_rate is not None:
        yield "update", _update(spec)
    if spec.drawn:
        yield "weights", f"drawn: {spec.drawn}"
    if not spec.schedule.whole:
        yield "batches", spec.schedule.arithmetic(spec.steps) + (", shuffled" if spec.shuffle else "")
    if len(spec.learning_rates) > 1:
        others = listed([math(rate) for rate in spec.learning_rates])
        yield "comparison", ("learning rates ", others, ": `train` compares them, this page works the first")
    if spec.method.exact:
        yield "numbers", "exact, the decimal beside each; what grows past reading goes on as a decimal"
    yield from rounding(spec)


def rounding(spec: Spec) -> Iterator[tuple[str, Phrase]]:
    """How values are rounded, if they are."""
    style = spec.style
    if spec.method.carry == "rounded":
        digits = f"{style.significant} significant digits" if style.significant else f"{style.decimals} decimals"
        yield "rounding", f"every written value is rounded to {digits} and used so"


def _size(spec: Network) -> str:
    if spec.size_letters:
        return "-".join(spec.size_letters)
    shared = sum(layer.bias is not None and not isinstance(layer.bias, tuple) for layer in spec.layers)
    own = sum(len(layer.bias) for layer in spec.layers if isinstance(layer.bias, tuple))
    parameters = [count(spec.parameters - shared - own, "weight")]
    parameters += [count(shared, "shared bias")] if shared else []
    parameters += [count(own, "bias")] if own else []
    samples = [f"{len(spec.inputs)} samples"] if len(spec.inputs) > 1 else []
    return ", ".join(["-".join(map(str, spec.sizes)), *parameters, *samples])


def _activations(spec: Network) -> Iterator[str | Math]:
    for n, layer in enumerate(spec.layers):
        yield ", " * (n > 0) + layer.rule.name.replace("_", " ")
        yield from _options(layer.parameters)


def _options(options: Mapping[str, Num]) -> Iterator[str | Math]:
    for n, (key, number) in enumerate(options.items()):
        yield f"{', ' if n else ' ('}{key} = "
        yield math(number)
    yield ")" if options else ""


def _reductions(spec: Network) -> str:
    outputs = f", {'mean' if spec.outputs == 'mean' else 'sum'} over outputs" if spec.sizes[-1] > 1 else ""
    return outputs + (f", {spec.samples} over samples" if len(spec.inputs) > 1 else "")


def _update(spec: Network) -> Phrase:
    how = ", layer by layer from the output (sequential)" if spec.update == "sequential" else ""
    return (spec.optimiser.name.replace("_", " "), *_options(spec.optimiser_options), how + _trained(spec))


def _trained(spec: Network) -> str:
    biased = any(layer.bias is not None for layer in spec.layers)
    trained = len(spec.train)
    if trained == spec.parameters:
        return ""
    if not trained:
        return ", nothing is trained"
    weights = sum(a * b for a, b in zip(spec.sizes, spec.sizes[1:], strict=False))
    if biased and trained == weights and all(name.startswith("w") for name in spec.train):
        return ", the biases stay fixed"
    return ", only " + ", ".join(sorted(spec.train)[:8]) + (" …" if trained > 8 else "")


def _formulas(spec: Network) -> Iterator[tuple[str, Phrase]]:
    """The formulas that the user gave and the derivatives found for them."""
    x, t, o = node("x"), node("t"), node("o")
    own = {id(layer.rule): layer.rule for layer in spec.layers if layer.rule.derived}
    for rule in own.values():
        assert rule.slope is not None
        yield "formula", math(Function(rule.name), "(x) = ", rule.value(x, {}))
        yield "derivative found", math(Function(rule.name, primed=True), "(x) = ", rule.slope(x, x, {}))
    if spec.loss.derived:
        yield "formula", math(Function(spec.loss.name), "(t, o) = ", spec.loss.value(t, o))
        yield "derivative found", math(Function(spec.loss.name, primed=True), "(o) = ", spec.loss.slope(t, o))
