"""What each quantity of a network is, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backpropcalc.algebra.terms import OF_PARAMETERS, Var
from backpropcalc.program.steps import LOSS
from backpropcalc.spec.network import Network


class Aside(str):
    """Words that are left out where the quantity is spoken of within another sentence."""

    __slots__ = ()


Words = tuple[str, ...]


def meaning(spec: Network, var: Var) -> str:
    """What a quantity is."""
    many = var.index is None and var.shape != (1, 1)
    words = _whole(spec, var) if many else _one(spec, var)
    return "".join(words) + ("" if var.sample is None else f", for sample {var.sample}")


def _plain(words: Iterable[str]) -> str:
    """Without the asides."""
    return "".join(word for word in words if not isinstance(word, Aside))


def _neuron(spec: Network, layer: int, unit: int) -> Words:
    return (f"input {unit}",) if layer == 0 else (f"neuron {unit} of ", *_layer(spec, layer))


def _layer(spec: Network, layer: int) -> Words:
    return f"layer {layer}", Aside(" (the output layer)" if layer == len(spec.layers) else "")


def _one(spec: Network, var: Var) -> Words:
    row, column = ((n + 1) for n in (var.index or (0, 0)))
    match var.role:
        case "unit":
            return Aside("the "), "1 that the biases are multiplied by"
        case "x":
            return (f"input {row}",)
        case "t":
            return (f"target of output {row}",)
        case "w":
            source = _neuron(spec, var.layer - 1, column)
            return ("weight to ", *_neuron(spec, var.layer, row), " from ", *source)
        case "b" | "z" | "a":
            name = {"b": "bias", "z": "weighted sum", "a": "activation"}[var.role]
            return (f"{name} of ", *_neuron(spec, var.layer, row))
        case "shared":
            return Aside("the "), f"one bias that all neurons of layer {var.layer} share"
        case "term":
            return (f"loss of output {row}",)
        case "loss":
            return Aside("the "), "loss", Aside(", put together over all samples" if len(spec.inputs) > 1 else "")
        case "sample":
            return Aside("the "), "loss of one sample"
        case "rate":
            return Aside("the "), "learning rate"
        case "k":
            return Aside("the "), "number of the update"
    return _derived(var, [_one(spec, part) for part in var.parts])


def _derived(var: Var, parts: list[Words]) -> Words:
    """What a quantity that is made from others is, from what those are."""
    match var.role:
        case "new":
            return *parts[0], Aside(", after the update")
        case "after":
            return *parts[0], Aside(", in the forward pass after the update")
        case role if role in OF_PARAMETERS:
            return ("what the optimiser remembers of the ", *parts[0])
    of, by, *way = parts
    through = f", as far as it goes through the {''.join(way[0])}" if way else ""
    return f"derivative of the {_plain(of)} by the {_plain(by)}", Aside(through)


def _whole(spec: Network, var: Var) -> Words:
    row, column = ("column", "row") if spec.orientation == "xW" else ("row", "column")
    samples = Aside(f", a {column} per sample" if len(spec.inputs) > 1 else "")
    layer = _layer(spec, var.layer)
    match var.role:
        case "x":
            return Aside("the "), "inputs", Aside(f", a {row} each"), samples
        case "t":
            return Aside("the "), "targets", Aside(f", a {row} per output"), samples
        case "w":
            source = "input" if var.layer == 1 else f"neuron of layer {var.layer - 1}"
            to, per = (row, column) if spec.orientation != "WTx" else (column, row)
            return "weights of ", *layer, Aside(f": a {to} per neuron, a {per} per {source}")
        case "column":
            weights = replace(var, role="w")
            return "biases, then ", *_whole(spec, weights)
        case "b":
            return "biases of ", *layer, Aside(f", a {row} per neuron")
        case "z":
            return "weighted sums of ", *layer, samples
        case "a":
            return "activations of ", *layer, samples
        case "term":
            return Aside("the "), "loss of each output", samples
        case "sample":
            return Aside("the "), "loss of each sample"
        case role if role in ("new", "after") or role in OF_PARAMETERS:
            return _derived(var, [(_plain(_whole(spec, var.of[0])),)])
    y, x = var.of
    if y == LOSS:
        return (f"derivative of the loss by the {_plain(_whole(spec, x))}",)
    if var.shape[0] == var.shape[1] and spec.layers[var.layer - 1].rule.mixes:
        return ("how each activation of ", *layer, " depends on each of its weighted sums")
    return ("the slope of each neuron of ", *layer, " at its weighted sum")
