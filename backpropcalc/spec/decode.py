"""A YAML text decoded: which kind of spec it is, and who reads that kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from backpropcalc.errors import InputError

from .keys import EITHER, keys_of
from .reader import Reader
from .reading import Node, parse

if TYPE_CHECKING:
    from .descent import Descent
    from .graph import Graph
    from .network import Network

TOLD_BY = {"expression": "graph", "expressions": "graph", "minimise": "descent"}
"""The keys that tell each kind of spec but a network."""


def decode(text: str, file: str = "", folder: Path | None = None) -> Network | Graph | Descent:
    """The spec in a YAML text, its data in ``folder``. Raises ``InputError`` with all its problems."""
    root = parse(text, file)
    kind = kind_of(root)
    reader = Reader(root, keys_of(kind), file, text, folder)
    for one, other in EITHER:
        reader.one_of_two(one, other)
    spec = READERS[kind](reader)
    if reader.elsewhere and not reader.problems:
        raise reader.elsewhere
    if reader.problems or spec is None:
        raise InputError(reader.problems, file, text)
    return spec


def kind_of(root: Node) -> str:
    """The kind of spec that it is."""
    words = [key.text for key, _ in root.pairs()] if root.kind == "mapping" else []
    return next((TOLD_BY[word] for word in words if word in TOLD_BY), "network")


def _network(reader: Reader) -> Network | None:
    from .decode_network import network

    return network(reader)


def _graph(reader: Reader) -> Graph | None:
    from .decode_graph import graph

    return graph(reader)


def _descent(reader: Reader) -> Descent | None:
    from .decode_descent import descent

    return descent(reader)


READERS: dict[str, Callable[[Reader], Network | Graph | Descent | None]] = {
    "network": _network, "graph": _graph, "descent": _descent,
}  # fmt: skip
