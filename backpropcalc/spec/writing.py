"""Parts of a spec as YAML again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from backpropcalc.algebra.numbers import number
from backpropcalc.algebra.terms import Num

from .reader import Matrix
from .reading import Node

_PLAIN = re.compile(r"[A-Za-z_][\w .*/()'-]*(?<! )")


def flow(node: Node, instead: Mapping[Node, str] | None = None) -> str:
    """A node as YAML in one line, quoted unless it is surely a plain word or number; some with other texts."""
    if instead and node in instead:
        return instead[node]
    if node.kind == "list":
        return "[" + ", ".join(flow(item, instead) for item in node) + "]"
    if node.kind == "mapping":
        return "{" + ", ".join(f"{flow(key)}: {flow(value, instead)}" for key, value in node.pairs()) + "}"
    if node.plain and (node.empty or number(node.text) is not None or _PLAIN.fullmatch(node.text)):
        return node.text or "null"
    return json.dumps(node.text)


def rows_of(rows: Matrix) -> str:
    """A row of numbers on each line."""
    return "".join(f"\n  - {row_of(row)}" for row in rows)


def row_of(row: Iterable[Num]) -> str:
    """A list of numbers."""
    return "[" + ", ".join(n.text for n in row) + "]"
