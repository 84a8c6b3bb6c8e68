"""What a network is made of: its layers, how many parameters, the size and the meaning of every quantity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backpropcalc.algebra.terms import OF_PARAMETERS, ZERO, Var
from backpropcalc.program import passes
from backpropcalc.program.network import network
from backpropcalc.program.steps import LOSS, Step
from backpropcalc.rules.optimisers import RATE
from backpropcalc.spec.network import Network

SHALLOW = 2
"""Up to this many hidden layers a network is called shallow."""


@dataclass(frozen=True)
class LayerFacts:
    """One layer: its place, neurons, activation, size of the weights, and how many parameters it has."""

    name: str
    neurons: int
    activation: str = ""
    weights: tuple[int, int] = (0, 0)
    biases: int = 0

    @property
    def parameters(self) -> int:
        """Weights and biases together."""
        return self.weights[0] * self.weights[1] + self.biases


def layers(spec: Network) -> Iterator[LayerFacts]:
    """The inputs, then each layer."""
    yield LayerFacts("inputs", spec.sizes[0])
    for n, layer in enumerate(spec.layers, 1):
        biases = len(layer.bias) if isinstance(layer.bias, tuple) else int(layer.bias is not None)
        size = (layer.size, spec.sizes[n - 1])
        size = size if spec.orientation == "Wx" else size[::-1]
        yield LayerFacts(place(spec, n), layer.size, layer.rule.name.replace("_", " "), size, biases)


def place(spec: Network, n: int) -> str:
    """What layer ``n`` is: a hidden one, or the output."""
    depth = len(spec.layers)
    return "output" if n == depth else "hidden" if depth == 2 else f"hidden {n}"


def depth(spec: Network) -> str:
    """Shallow or deep, and why."""
    hidden = len(spec.layers) - 1
    if hidden == 0:
        return "no hidden layer: one layer of neurons"
    word = "shallow" if hidden <= SHALLOW else "deep"
    count = "one hidden layer" if hidden == 1 else f"{hidden} hidden layers"
    return f"{word}, with {count} (one or two are shallow, more are deep)"


def quantities(spec: Network) -> Iterator[tuple[str, Var]]:
    """Each whole quantity of one iteration, with the phase that it belongs to."""
    program = network(replace(spec, learning_rate=spec.learning_rate or ZERO))
    rows = spec.orientation == "xW"
    found = passes.matrices(program.blocks)
    for var in program.given:
        if var != RATE:
            yield "given", passes.flipped(var) if rows else var
    for block in passes.rows(found) if rows else found:
        yield from ((block.phase, step.var) for step in block.steps)


def steps(spec: Network) -> Iterator[Step]:
    """Every scalar step of one iteration."""
    program = network(replace(spec, learning_rate=spec.learning_rate or ZERO))
    for block in program.blocks + program.after:
        yield from block.cells


def meaning(spec: Network, var: Var) -> str:
    """What a quantity is, in words."""
    many = var.index is None and var.shape != (1, 1)
    text = _whole(spec, var) if many else _one(spec, var)
    sample = var.sample
    return text + (f", for sample {sample}" if sample is not None else "")


def _neuron(spec: Network, layer: int, unit: int) -> str:
    if layer == 0:
        return f"input {unit}"
    return f"neuron {unit} of layer {layer}" + (" (the output layer)" if layer == len(spec.layers) else "")


def _one(spec: Network, var: Var) -> str:
    row, column = ((n + 1) for n in (var.index or (0, 0)))
    parts = var.parts
    match var.role:
        case "x":
            return f"input {row}"
        case "t":
            return f"target of output {row}"
        case "w":
            to, source = (row, column)
            return f"weight to {_neuron(spec, var.layer, to)} from {_neuron(spec, var.layer - 1, source)}"
        case "b":
            return f"bias of {_neuron(spec, var.layer, row)}"
        case "shared":
            return f"the one bias that all neurons of layer {var.layer} share"
        case "z":
            return f"weighted sum of {_neuron(spec, var.layer, row)}"
        case "a":
            return f"activation of {_neuron(spec, var.layer, row)}"
        case "term":
            return f"loss of output {row}"
        case "loss":
            return "the loss" + (", put together over all samples" if len(spec.inputs) > 1 else "")
        case "sample":
            return "the loss of one sample"
        case "rate":
            return "the learning rate"
        case "k":
            return "the number of the update"
        case "new":
            return f"{_one(spec, parts[0])}, after the update"
        case "after":
            return f"{_one(spec, parts[0])}, in the forward pass after the update"
        case role if role in OF_PARAMETERS:
            return f"what the optimiser remembers of the {_one(spec, parts[0])}"
    return _derivative(*(_one(spec, part) for part in parts))


def _derivative(of: str, by: str, way: str = "") -> str:
    return f"derivative of the {_plain(of)} by the {_plain(by)}" + (
        f", as far as it goes through the {way}" if way else ""
    )


def _plain(text: str) -> str:
    """The name of a quantity without what is said about it."""
    return re.split("[:,]", text.removeprefix("the ").replace(" (the output layer)", ""))[0]


def _whole(spec: Network, var: Var) -> str:
    row, column = ("column", "row") if spec.orientation == "xW" else ("row", "column")
    samples = f", a {column} per sample" if len(spec.inputs) > 1 else ""
    layer = f"layer {var.layer}" + (" (the output layer)" if var.layer == len(spec.layers) else "")
    match var.role:
        case "x":
            return f"the inputs, a {row} each{samples}"
        case "t":
            return f"the targets, a {row} per output{samples}"
        case "w":
            source = "input" if var.layer == 1 else f"neuron of layer {var.layer - 1}"
            return f"weights of {layer}: a {row} per neuron, a {column} per {source}"
        case "b":
            return f"biases of {layer}, a {row} per neuron"
        case "z":
            return f"weighted sums of {layer}{samples}"
        case "a":
            return f"activations of {layer}{samples}"
        case "term":
            return f"the loss of each output{samples}"
        case "sample":
            return "the loss of each sample"
        case "new":
            return f"{_plain(_whole(spec, var.of[0]))}, after the update"
        case "after":
            return f"{_plain(_whole(spec, var.of[0]))}, in the forward pass after the update"
        case role if role in OF_PARAMETERS:
            return f"what the optimiser remembers of the {_plain(_whole(spec, var.of[0]))}"
    y, x = var.of
    if y == LOSS:
        return f"derivative of the loss by the {_plain(_whole(spec, x))}"
    if var.shape[0] == var.shape[1] and spec.layers[var.layer - 1].rule.mixes:
        return f"how each activation of {layer} depends on each of its weighted sums"
    return f"the slope of each neuron of {layer} at its weighted sum"
