"""The names of whole tensors in each textbook's way: all weights of a layer, all its sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from backpropcalc.algebra.indexed import LETTERS as INDEX_LETTERS
from backpropcalc.algebra.terms import Var

from .symbol import Symbol

LAYER_LETTERS = "ijklmnopqrstuvw"
THIS, NEXT, PREVIOUS, LAST = -1, -2, -3, -4
HERE, ABOVE, BELOW, END = -5, -6, -7, -8
GENERAL = {
    THIS: "k", NEXT: "k+1", PREVIOUS: "k−1", LAST: "K", HERE: "l", ABOVE: "l+1", BELOW: "l−1", END: "L",
}  # fmt: skip
"""Layers that stand for any layer, and what they are called: k beside whole layers, l where k counts units."""
ANY_UNIT = frozenset({HERE, ABOVE, BELOW, END})
WHOLE = frozenset({"x", "t", "w", "b", "z", "a", "term", "sample", "delta"})
"""The roles that have a name for all their entries together."""
LETTER = {
    "x": "input", "t": "target", "w": "weight", "b": "bias", "shared": "bias", "z": "sum", "a": "activation",
    "term": "loss", "sample": "total", "loss": "total", "delta": "delta", "column": "weight", "rate": "rate",
}  # fmt: skip
"""What each role is called by, among the base letters of a notation."""


class Letters(Protocol):
    """What the name of a tensor depends on: the notation, its base letters, how many layers the network has."""

    name: str
    depth: int
    sizes: tuple[int, ...]
    columns: frozenset[int]
    """The layers whose biases are column 0 of their weights."""

    @property
    def letters(self) -> Mapping[str, str]:
        """Each base letter by what it stands for."""

    def unit(self, var: Var) -> tuple[int, int]:
        """Layer (0 the inputs) and number of the unit (from 1) that an entry belongs to."""

    def pair(self, var: Var) -> str:
        """The two indices of a weight."""


def whole(names: Letters, var: Var) -> Symbol:
    """The name of a whole tensor: ``net_h``, ``W[1]``, ``h1_out``, ``W_ij``; a matrix of samples is a capital."""
    letter = names.letters[LETTER[var.role]]
    if names.name == "phi" and var.role == "x":
        letter = names.letters["activation"]
    if var.role == "sample":
        base, _, sub = letter.partition("_")
        return Symbol(base, sub, "(s)", joined=True)
    if var.role == "column":
        letter, var = letter.upper(), replace(var, role="w")
    elif var.role == "w":
        without = var.layer in names.columns or (var.layer in GENERAL and bool(names.columns))
        letter = letter.upper() + "bar" * without  # W without its column 0
    elif min(var.shape) > 1 and len(letter) == 1:
        letter = letter.upper()
    elif min(var.shape) > 1 and letter in ("delta", "phi"):
        letter = letter.capitalize()
    if var.layer in GENERAL and var.role not in ("x", "t", "term"):
        return Symbol(letter, "", f"[{GENERAL[var.layer]}]")
    return _PLACES[names.name](names, var, letter)


def general(names: Letters, var: Var, pair: tuple[int, ...]) -> Symbol:
    """The name of any entry of any layer: ``w_kj[l]``; ``pair`` are its indices in the order of the notation."""
    letter = names.letters[LETTER[var.role]]
    indices = "".join(INDEX_LETTERS[index] for index in pair)
    layer = "" if var.role in ("t", "term") else f"[{GENERAL[var.layer]}]"
    return Symbol(letter, indices, layer, joined=True)


def _place_mazur(names: Letters, var: Var, letter: str) -> Symbol:
    if var.role in ("x", "t"):
        return Symbol(letter)
    if var.layer == names.depth:
        return Symbol(letter, "o", joined=True)
    return Symbol(letter, "h", f"[{var.layer}]" if names.depth > 2 else "", joined=True)


def _place_indexed(names: Letters, var: Var, letter: str) -> Symbol:
    if var.role == "x":
        return Symbol(letter, "", "[0]" if names.name == "phi" else "")
    if var.role in ("t", "term"):
        return Symbol(letter, "k", joined=True) if var.role == "term" else Symbol(letter)
    return Symbol(letter, "", f"[{var.layer}]")


def _place_mlp(names: Letters, var: Var, letter: str) -> Symbol:
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


def _place_letters(names: Letters, var: Var, letter: str) -> Symbol:
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


_PLACES: dict[str, Callable[[Letters, Var, str], Symbol]] = {
    "mazur": _place_mazur,
    "layered": _place_indexed,
    "phi": _place_indexed,
    "mlp": _place_mlp,
    "letters": _place_letters,
}
