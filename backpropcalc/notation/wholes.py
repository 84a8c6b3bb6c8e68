"""The names of entries, of whole tensors and of any entry: what a quantity is chooses its letter in all textbooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from backpropcalc.algebra.indexed import LETTERS as INDEX_LETTERS
from backpropcalc.algebra.terms import Var

from .symbol import VECTORS, Symbol

THIS, NEXT, PREVIOUS, LAST = -1, -2, -3, -4
HERE, ABOVE, BELOW, END = -5, -6, -7, -8
GENERAL = {
    THIS: "k", NEXT: "k+1", PREVIOUS: "k−1", LAST: "K", HERE: "l", ABOVE: "l+1", BELOW: "l−1", END: "L",
}  # fmt: skip
"""Layers that stand for any layer, and what they are called: k beside whole layers, l where k counts units."""
ANY_UNIT = frozenset({HERE, ABOVE, BELOW, END})
WHOLE = frozenset({"x", "t", "w", "b", "z", "a", "term", "sample", "delta"})
"""The roles that have a name for all their entries together."""
_LETTER = {
    "x": "input", "t": "target", "w": "weight", "b": "bias", "shared": "bias", "z": "sum", "a": "activation",
    "term": "loss", "sample": "total", "loss": "total", "delta": "delta", "column": "weight", "rate": "rate",
}  # fmt: skip
"""What each role is called by, among the base letters of a notation."""


class Letters(Protocol):
    """What the name of a tensor depends on: the notation, its base letters, how many layers the network has."""

    name: str
    index: str
    """Which index of a weight comes first: ``from_to`` or ``to_from``."""
    depth: int
    sizes: tuple[int, ...]
    columns: frozenset[int]
    """The layers whose biases are column 0 of their weights."""

    @property
    def letters(self) -> Mapping[str, str]:
        """Each base letter by what it stands for."""

    def unit(self, var: Var) -> tuple[int, int]:
        """Layer (0 the inputs) and number of the unit (from 1) that an entry belongs to."""


Place = Callable[[Letters, Var, str], Symbol]
"""Puts index and layer to the letter of a quantity."""


def entry(names: Letters, var: Var, place: Place) -> Symbol:
    """The name of one quantity: what it is chooses the letter, the textbook by ``place`` what stands beside it."""
    letter = names.letters[_LETTER.get(var.role, "rate")]
    match var.role:
        case "loss" | "sample":
            base, _, sub = letter.partition("_")
            return Symbol(base, sub, joined=True)
        case "rate":
            return Symbol(letter)
    return place(names, var, letter)


def whole(names: Letters, var: Var, place: Place) -> Symbol:
    """The name of a whole tensor: ``net_h``, ``W[1]``, ``h1_out``, ``W_ij``; a matrix of samples is a capital."""
    letter = names.letters[_LETTER[var.role]]
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
    elif names.name == "phi" and f"{letter}bar" in VECTORS and var.role != "t":
        letter += "bar" * (max(var.shape) > 1 or var.layer in GENERAL)  # lecture 001 writes vectors so
    if var.layer in GENERAL and var.role not in ("x", "t", "term"):
        return Symbol(letter, "", f"[{GENERAL[var.layer]}]")
    return place(names, var, letter)


def general(names: Letters, var: Var, pair: tuple[int, ...]) -> Symbol:
    """The name of any entry of any layer: ``w_kj[l]``; ``pair`` are its indices in the order of the notation."""
    letter = names.letters[_LETTER[var.role]]
    indices = "".join(INDEX_LETTERS[index] for index in pair)
    layer = "" if var.role in ("t", "term") else f"[{GENERAL[var.layer]}]"
    return Symbol(letter, indices, layer, joined=True)
