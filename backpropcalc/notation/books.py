"""The textbooks: each is a table of base letters, and two functions that put indices and layers where it has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from backpropcalc.algebra.terms import Var

from .symbol import Symbol
from .wholes import Letters, Place

LAYER_LETTERS = "ijklmnopqrstuvw"


class Book(NamedTuple):
    """One textbook: its base letters, how it marks an updated parameter, ∂ or d, what names entries and wholes."""

    letters: dict[str, str]
    mark: str
    partial: bool
    entry: Place = lambda names, var, letter: Symbol(letter)
    whole: Place = lambda names, var, letter: Symbol(letter)
    weight: Callable[[Letters, int, int, int], str] = lambda names, layer, to, source: ""
    """The index of a weight: of a layer, to a unit, from one; these count from 1."""
    delta: bool = True
    """Whether ∂E/∂z has a name of its own, as δ or φ."""
    lowered: bool = False
    """Whether indices are set low in the terminal."""


def _mazur(names: Letters, var: Var, letter: str) -> Symbol:
    layer, unit = names.unit(var)
    hidden = sum(names.sizes[1:layer])
    place = f"o{unit}" if layer == names.depth else f"h{hidden + unit}"
    if unit == 0:  # what is always 1 in a layer
        place = "h0" if layer == 1 else f"h0[{layer}]"
    match var.role:
        case "x":
            return Symbol(letter, str(unit))
        case "t" | "term":
            return Symbol(letter, f"o{unit}", joined=True)
        case "w":
            assert var.index is not None
            if var.index[1] < 0:  # the weight of what is always 1
                return Symbol(letter, f"0{place}", joined=True)
            return Symbol(letter, _mazur_weight(names, layer, unit, var.index[1] + 1))
        case "shared":
            return Symbol(letter, str(layer))
    return Symbol(letter, place, joined=True)


def _indexed(names: Letters, var: Var, letter: str) -> Symbol:
    layer, unit = names.unit(var)
    match var.role:
        case "x":
            return Symbol(letter, str(unit), "[0]" if names.name == "phi" else "")
        case "w":
            assert var.index is not None
            return Symbol(letter, _pair(names, layer, unit, var.index[1] + 1), f"[{layer}]")
        case "shared":
            return Symbol(letter, "", f"[{layer}]")
        case "t" | "term":
            return Symbol(letter, str(unit))
    return Symbol(letter, str(unit), f"[{layer}]")


def _mlp(names: Letters, var: Var, letter: str) -> Symbol:
    layer, unit = names.unit(var)
    output = layer == 2
    match var.role:
        case "x" | "term":
            return Symbol(letter, str(unit))
        case "t":
            return Symbol(letter)
        case "w":
            assert var.index is not None
            return Symbol(letter, _mlp_weight(names, layer, unit, var.index[1] + 1))
        case "shared" if not output:
            return Symbol(letter)
        case "a" if output:
            return Symbol("O")
    return Symbol(letter, "0" if output else str(unit), joined=var.role in ("z", "a"))


def _letters(names: Letters, var: Var, letter: str) -> Symbol:
    layer, unit = names.unit(var)
    own = LAYER_LETTERS[layer]
    match var.role:
        case "x" | "t" | "term":
            return Symbol(letter, str(unit))
        case "w":
            assert var.index is not None
            return Symbol(letter, _lettered_weight(names, layer, unit, var.index[1] + 1), joined=True)
        case "shared":
            return Symbol(letter, own, joined=True)
        case "z" | "a":
            return Symbol("O" if layer == names.depth else f"h{layer}", f"{letter}{unit}", joined=True)
    return Symbol(letter, f"{own}{unit}", joined=True)


def _mazur_weight(names: Letters, layer: int, to: int, source: int) -> str:
    """Numbered neuron by neuron, layer by layer."""
    before = sum(a * b for a, b in zip(names.sizes[: layer - 1], names.sizes[1:layer], strict=True))
    return str(before + (to - 1) * names.sizes[layer - 1] + source)


def _pair(names: Letters, layer: int, to: int, source: int) -> str:
    """Both; a comma separates them once either has two digits."""
    first, second = (source, to) if names.index == "from_to" else (to, source)
    return f"{first},{second}" if max(first, second) > 9 else f"{first}{second}"


def _mlp_weight(names: Letters, layer: int, to: int, source: int) -> str:
    """From, to; of the only output but one, for w11 would be the hidden weight from 1 to 1."""
    if layer == 2:
        return f"{source},0" if source > 9 else str(source)
    return f"{source},{to}" if max(source, to) > 9 else f"{source}{to}"


def _lettered_weight(names: Letters, layer: int, to: int, source: int) -> str:
    """From, to, each by the letter of its layer and its number."""
    return f"{LAYER_LETTERS[max(0, layer - 1)]}{source}{LAYER_LETTERS[layer]}{to}"


def _whole_mazur(names: Letters, var: Var, letter: str) -> Symbol:
    if var.role in ("x", "t"):
        return Symbol(letter)
    if var.layer == names.depth:
        return Symbol(letter, "o", joined=True)
    return Symbol(letter, "h", f"[{var.layer}]" if names.depth > 2 else "", joined=True)


def _whole_indexed(names: Letters, var: Var, letter: str) -> Symbol:
    if var.role == "x":
        return Symbol(letter, "", "[0]" if names.name == "phi" else "")
    if var.role in ("t", "term"):
        return Symbol(letter, "k", joined=True) if var.role == "term" else Symbol(letter)
    return Symbol(letter, "", f"[{var.layer}]")


def _whole_mlp(names: Letters, var: Var, letter: str) -> Symbol:
    output = var.layer == 2
    match var.role:
        case "x" | "t":
            return Symbol(letter)
        case "term":
            return Symbol(letter, "O", joined=True)
        case "w" | "b":
            return Symbol(letter, "O" if output else "H", joined=True)
        case "z" | "delta":
            return Symbol(letter, "0" if output else "", joined=True)
    return Symbol("O" if output else letter)


def _whole_letters(names: Letters, var: Var, letter: str) -> Symbol:
    own, below = LAYER_LETTERS[var.layer], LAYER_LETTERS[max(0, var.layer - 1)]
    head = "O" if var.layer == names.depth else f"h{var.layer}"
    match var.role:
        case "w" | "b" | "delta":
            return Symbol(letter, below + own if var.role == "w" else own, joined=True)
        case "z" | "a":
            return Symbol(head, letter, joined=True)
        case "term":
            return Symbol(letter, "O", joined=True)
    return Symbol(letter)


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
        _words(input="i", sum="net", activation="out", target="target", total="E_total", rate="eta"),
        "+",
        True,
        _mazur,
        _whole_mazur,
        _mazur_weight,
    ),
    "layered": Book(_words(loss="J", total="J"), "*", True, _indexed, _whole_indexed, _pair, lowered=True),
    "phi": Book(
        _words(activation="x", loss="L", total="L", delta="phi"),
        "*",
        True,
        _indexed,
        _whole_indexed,
        _pair,
        lowered=True,
    ),
    "mlp": Book(
        _words(sum="Z", activation="H", loss="L", total="L"),
        "_new",
        False,
        _mlp,
        _whole_mlp,
        _mlp_weight,
        delta=False,
        lowered=True,
    ),
    "letters": Book(
        _words(input="i", weight="W", sum="in", activation="out", total="E_total"),
        "+",
        True,
        _letters,
        _whole_letters,
        _lettered_weight,
        delta=False,
    ),
}
