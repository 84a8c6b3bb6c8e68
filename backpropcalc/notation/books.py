"""The textbooks: each is a table of base letters and a function that puts indices and layers where it has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from backpropcalc.algebra.terms import Var

from .symbol import Symbol
from .wholes import LAYER_LETTERS, Letters


class Book(NamedTuple):
    """One textbook: its base letters, how it marks an updated parameter, ∂ or d, and who names an entry."""

    letters: dict[str, str]
    mark: str
    partial: bool
    symbol: Callable[[Letters, Var], Symbol]
    delta: bool = True
    """Whether ∂E/∂z has a name of its own, as δ or φ."""
    lowered: bool = False
    """Whether indices are set low in the terminal."""


def _mazur(names: Letters, var: Var) -> Symbol:
    layer, unit = names.unit(var)
    letters = names.letters
    hidden = sum(names.sizes[1:layer])
    place = f"o{unit}" if layer == names.depth else f"h{hidden + unit}"
    if unit == 0:  # what is always 1 in a layer
        place = "h0" if layer == 1 else f"h0[{layer}]"
    match var.role:
        case "x":
            return Symbol(letters["input"], str(unit))
        case "t":
            return Symbol(letters["target"], f"o{unit}", joined=True)
        case "w":
            assert var.index is not None
            if var.index[1] < 0:  # the weight of what is always 1
                return Symbol(letters["weight"], f"0{place}", joined=True)
            before = sum(a * b for a, b in zip(names.sizes[: layer - 1], names.sizes[1:layer], strict=True))
            return Symbol(letters["weight"], str(before + var.index[0] * names.sizes[layer - 1] + var.index[1] + 1))
        case "shared":
            return Symbol(letters["bias"], str(layer))
        case "b":
            return Symbol(letters["bias"], place, joined=True)
        case "z":
            return Symbol(letters["sum"], place, joined=True)
        case "a":
            return Symbol(letters["activation"], place, joined=True)
        case "term":
            return Symbol(letters["loss"], f"o{unit}", joined=True)
        case "delta":
            return Symbol(letters["delta"], place, joined=True)
        case "loss" | "sample":
            base, _, sub = letters["total"].partition("_")
            return Symbol(base, sub, joined=True)
    return Symbol(letters["rate"])


_INDEXED = {"t": "target", "z": "sum", "a": "activation", "delta": "delta", "b": "bias", "term": "loss"}


def _indexed(names: Letters, var: Var) -> Symbol:
    layer, unit = names.unit(var)
    letters = names.letters
    mark = f"[{layer}]"
    match var.role:
        case "x":
            return Symbol(letters["input"], str(unit), "[0]" if names.name == "phi" else "")
        case "w":
            return Symbol(letters["weight"], names.pair(var), mark)
        case "shared":
            return Symbol(letters["bias"], "", mark)
        case "t" | "term":
            return Symbol(letters[_INDEXED[var.role]], str(unit))
        case "z" | "a" | "delta" | "b":
            return Symbol(letters[_INDEXED[var.role]], str(unit), mark)
        case "loss" | "sample":
            return Symbol(letters["total"])
    return Symbol(letters["rate"])


def _mlp(names: Letters, var: Var) -> Symbol:
    layer, unit = names.unit(var)
    letters = names.letters
    output = layer == 2
    match var.role:
        case "x":
            return Symbol(letters["input"], str(unit))
        case "t":
            return Symbol(letters["target"])
        case "w":
            assert var.index is not None
            to, source = var.index[0] + 1, var.index[1] + 1
            if output:  # w11 would be the hidden weight from 1 to 1
                return Symbol(letters["weight"], f"{source},0" if source > 9 else str(source))
            return Symbol(letters["weight"], f"{source},{to}" if max(source, to) > 9 else f"{source}{to}")
        case "b":
            return Symbol(letters["bias"], "0" if output else str(unit))
        case "shared":
            return Symbol(letters["bias"], "0" if output else "")
        case "z":
            return Symbol(letters["sum"], "0" if output else str(unit), joined=True)
        case "delta":
            return Symbol(letters["delta"], "0" if output else str(unit))
        case "a":
            return Symbol("O") if output else Symbol(letters["activation"], str(unit), joined=True)
        case "term":
            return Symbol(letters["loss"], str(unit))
        case "loss" | "sample":
            return Symbol(letters["total"])
    return Symbol(letters["rate"])


def _letters(names: Letters, var: Var) -> Symbol:
    layer, unit = names.unit(var)
    letters = names.letters
    output = layer == names.depth
    head = "O" if output else f"h{layer}"
    own, below = LAYER_LETTERS[layer], LAYER_LETTERS[max(0, layer - 1)]
    match var.role:
        case "x":
            return Symbol(letters["input"], str(unit))
        case "t":
            return Symbol(letters["target"], str(unit))
        case "w":
            assert var.index is not None
            return Symbol(letters["weight"], f"{below}{var.index[1] + 1}{own}{unit}", joined=True)
        case "b" | "delta":
            return Symbol(letters["bias" if var.role == "b" else "delta"], f"{own}{unit}", joined=True)
        case "shared":
            return Symbol(letters["bias"], own, joined=True)
        case "z":
            return Symbol(head, f"{letters['sum']}{unit}", joined=True)
        case "a":
            return Symbol(head, f"{letters['activation']}{unit}", joined=True)
        case "term":
            return Symbol(letters["loss"], str(unit))
        case "loss" | "sample":
            base, _, sub = letters["total"].partition("_")
            return Symbol(base, sub, joined=True)
    return Symbol(letters["rate"])


_WORDS = {
    "input": "x",
    "weight": "w",
    "bias": "b",
    "sum": "z",
    "activation": "a",
    "target": "y",
    "loss": "E",
    "total": "E",
    "rate": "alpha",
    "delta": "delta",
}


def _words(**words: str) -> dict[str, str]:
    return _WORDS | words


BOOKS: dict[str, Book] = {
    "mazur": Book(
        _words(input="i", sum="net", activation="out", target="target", total="E_total", rate="eta"), "+", True, _mazur
    ),
    "layered": Book(_words(loss="J", total="J"), "*", True, _indexed, lowered=True),
    "phi": Book(_words(activation="x", loss="L", total="L", delta="phi"), "*", True, _indexed, lowered=True),
    "mlp": Book(_words(sum="Z", activation="H", loss="L", total="L"), "_new", False, _mlp, delta=False, lowered=True),
    "letters": Book(
        _words(input="i", weight="W", sum="in", activation="out", total="E_total"), "+", True, _letters, delta=False
    ),
}
