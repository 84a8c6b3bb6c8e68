"""A spec file read: which kind of spec it is, and who reads that kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from backpropcalc.errors import InputError, printable

from .keys import EITHER, keys_of
from .reader import Reader, meaning
from .reading import Node, parse, read_text

if TYPE_CHECKING:
    from .descent import Descent
    from .graph import Graph
    from .network import Network

TOLD_BY = {"expression": "graph", "expressions": "graph", "minimise": "descent"}
"""The keys that tell each kind of spec but a network."""


def load(path: str | Path) -> Network | Graph | Descent:
    """Read a spec file, or standard input if ``path`` is ``-``. Raises ``InputError`` with all its problems.

    A file with ``expression:`` gives a ``Graph``, one with ``minimise:`` a ``Descent``; they run and are written alike.
    """
    name = "<standard input>" if str(path) == "-" else printable(str(path))
    return loads(read_text(path), name, Path() if str(path) == "-" else Path(path).parent)


def loads(text: str, file: str = "", folder: Path | None = None) -> Network | Graph | Descent:
    """Read a spec from its YAML text; data files are looked for in ``folder``. Raises ``InputError``."""
    root = parse(text, file)
    kind = _kind_of(root)
    reader = Reader(root, keys_of(kind), file, text, folder)
    for one, other in EITHER:
        reader.one_of_two(one, other)
    spec = _decoded(kind, reader)
    if reader.elsewhere and not reader.problems:
        raise reader.elsewhere
    if reader.problems or spec is None:
        raise InputError(reader.problems, file, text)
    return spec


def _kind_of(root: Node) -> str:
    words = [key.text for key, _ in root.pairs()] if root.kind == "mapping" else []
    return next((TOLD_BY[found] for word in words if (found := meaning(word, TOLD_BY))), "network")


def _decoded(kind: str, reader: Reader) -> Network | Graph | Descent | None:
    """The spec, None if too little of it could be read; only the reader of its kind is imported."""
    if kind == "graph":
        from .decode_graph import graph

        return graph(reader)
    if kind == "descent":
        from .decode_descent import descent

        return descent(reader)
    from .decode_network import network

    return network(reader)
