"""A spec that has ``sizes`` and no numbers: stand-ins for what ``derive`` and ``info`` never look at."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.numbers import number

from .reading import Node

if TYPE_CHECKING:
    from .decode import _Reader

NUMBERS = ("weights", "inputs", "targets", "data", "init")
"""The keys that bring numbers; with any of them a spec is meant to be worked out."""
MOST = 5_000_000
"""Weights."""


def symbolic(reader: _Reader) -> bool:
    """Whether the spec has sizes only."""
    return "sizes" in reader.nodes and not any(key in reader.nodes for key in NUMBERS)


def stand_ins(reader: _Reader) -> dict[str, Node]:
    """Zeros in the shape of ``sizes``, as if they stood in the file; one bias per neuron unless it says otherwise.

    What is wrong with the sizes is said where they are compared with the weights.
    """
    node = reader.nodes["sizes"]
    found = [_size(item) for item in node]
    sizes = found if len(found) > 1 and all(found) and sum(a * b for a, b in pairwise(found)) <= MOST else [1, 1]
    rows = "orientation" in reader.nodes and reader.nodes["orientation"].text == "xW"
    zero = Node("scalar", node.place, "0")

    def listed(item: Node, n: int) -> Node:
        return Node("list", node.place, items=[item] * n)

    layers = [listed(listed(zero, b), a) if rows else listed(listed(zero, a), b) for a, b in pairwise(sizes)]
    made = {
        "weights": Node("list", node.place, items=layers),
        "inputs": listed(zero, sizes[0]),
        "targets": listed(zero, sizes[-1]),
    }
    if "biases" not in reader.nodes:
        made["biases"] = Node("list", node.place, items=[listed(zero, n) for n in sizes[1:]])
    return made


def _size(item: Node) -> int:
    """The size, or 0 if it is none."""
    text = number(item.text) if item.kind == "scalar" else None
    value = to_float(text) if text else 0.0
    return int(value) if value == int(value) and 1 <= value <= MOST else 0
