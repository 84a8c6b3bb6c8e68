"""A spec that has ``sizes`` and no numbers: stand-ins for what ``derive`` and ``info`` never look at."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from .arithmetic import to_float
from .reading import Node, number

if TYPE_CHECKING:
    from .decode import _Reader

NUMBERS = ("weights", "inputs", "targets", "data", "init")
"""The keys that bring numbers; with any of them a spec is meant to be worked out."""
MOST = 1_000_000


def symbolic(reader: _Reader) -> bool:
    """Whether the spec has sizes only."""
    return "sizes" in reader.nodes and not any(key in reader.nodes for key in NUMBERS)


def stand_ins(reader: _Reader) -> dict[str, Node]:
    """Zeros in the shape of ``sizes``, as if they stood in the file; one bias per neuron unless it says otherwise."""
    node = reader.nodes["sizes"]
    found = [_size(item) for item in node] if node.kind == "list" else []
    sizes = [n for n in found if n is not None]
    if len(sizes) < 2 or len(sizes) < len(found):
        help = "as in [2, 3, 1]: two inputs, three hidden neurons, one output"
        reader.note(node, "shape", f"sizes must be a list of at least two whole numbers, not {node.describe()}", help)
        sizes = [1, 1]
    if sum(a * b for a, b in pairwise(sizes)) > MOST:
        reader.note(node, "shape", f"that is more than {MOST:,} weights", "use fewer neurons")
        sizes = [1, 1]
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


def _size(item: Node) -> int | None:
    text = number(item.text) if item.kind == "scalar" else None
    value = to_float(text) if text else 0.0
    return int(value) if value == int(value) and 1 <= value <= MOST else None
