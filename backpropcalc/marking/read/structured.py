"""YAML and JSON answers: one mapping of names and values, or any nesting of such, to entries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from backpropcalc.errors import InputError, Place, Problem
from backpropcalc.notation.names import Names
from backpropcalc.spec.reading import Node, parse

from .sheet import Entry
from .tables import GRADIENT, PLACES, RENEWED, sample_in, together

MAX_DEPTH = 12


class Leaf(NamedTuple):
    """A text or a list of texts, and the keys that lead to it, outermost first."""

    path: tuple[str, ...]
    text: str
    place: Place | None = None


def from_yaml(text: str, names: Names) -> Iterator[Entry | Problem]:
    """What a YAML text states. Raises ``InputError`` where it is no YAML."""
    root = parse(text)
    if root.empty:
        return
    if root.kind == "scalar":
        raise InputError(
            [Problem("shape", f"the answers must be a list of name: value, not {root.describe()}", root.place)]
        )
    yield from _named(_of_node(root, ()), names)


def from_json(text: str, names: Names) -> Iterator[Entry | Problem]:
    """What a JSON text states."""
    try:
        root = json.loads(text, object_pairs_hook=_Pairs, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        yield Problem("json", f"not valid JSON: {error.msg.lower()}", Place(error.lineno, error.colno))
        return
    except RecursionError:
        yield Problem("json", "nested too deeply", None, "an answer file is one object of names and values")
        return
    if not isinstance(root, _Pairs | list):
        yield Problem("shape", "the answers must be one JSON object of names and values")
        return
    yield from _named(_of_json(root, ()), names)


class _Pairs:
    """A JSON object with its keys as they stand, twice if they stand twice."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        self.pairs = pairs


def _of_json(value: object, path: tuple[str, ...]) -> Iterator[Leaf]:
    if isinstance(value, _Pairs) and len(path) < MAX_DEPTH:
        record = _record(value.pairs)
        for name, inner in [record] if record else value.pairs:
            yield from _of_json(inner, (*path, name))
    elif isinstance(value, list) and len(path) < MAX_DEPTH and any(isinstance(v, _Pairs) for v in value):
        for inner in value:
            yield from _of_json(inner, path)
    else:
        yield Leaf(path, _json_text(value))


def _json_text(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_json_text, value)) + "]"
    if isinstance(value, _Pairs):
        return "an object"
    return "" if value is None else value if isinstance(value, str) else str(value).lower()


NAME_KEYS, VALUE_KEYS = frozenset({"name", "id", "quantity", "symbol"}), frozenset({"value", "answer", "result"})


def _record(pairs: list[tuple[str, object]]) -> tuple[str, object] | None:
    """The name and the value of ``{"name": "net_h1", "value": 0.3775}``."""
    names = [value for key, value in pairs if key.casefold() in NAME_KEYS and isinstance(value, str)]
    values = [value for key, value in pairs if key.casefold() in VALUE_KEYS]
    return (names[0], values[0]) if len(names) == len(values) == 1 else None


def _of_node(node: Node, path: tuple[str, ...]) -> Iterator[Leaf | Problem]:
    if node.kind == "mapping":
        for key, value in node.pairs():
            if key.kind != "scalar":
                yield Problem("shape", f"a name was expected, not {key.describe()}", key.place)
            elif value.kind == "scalar":
                yield Leaf((*path, key.text), "" if value.empty else value.text, key.place)
            elif value.kind == "list" and not any(inner.kind == "mapping" for inner in value):
                yield Leaf((*path, key.text), _yaml_text(value), key.place)
            else:
                yield from _of_node(value, (*path, key.text))
    elif node.kind == "list":
        for inner in node:
            if inner.kind == "scalar":
                yield Leaf(path, inner.text, inner.place)
            else:
                yield from _of_node(inner, path)


def _yaml_text(node: Node) -> str:
    return node.text if node.kind == "scalar" else "[" + ", ".join(map(_yaml_text, node)) + "]"


def _named(leaves: Iterator[Leaf] | Iterator[Leaf | Problem], names: Names) -> Iterator[Entry | Problem]:
    """The leaves by the names that their keys make."""
    for leaf in leaves:
        yield leaf if isinstance(leaf, Problem) else Entry(_name(leaf.path, names), leaf.text, leaf.place)


def _name(path: tuple[str, ...], names: Names) -> str:
    """The quantity that nested keys lead to: the last one, or the last ones put together; else the last one itself."""
    if not path:
        return ""
    last, known = path[-1], names.knows
    sample = next((number for key in path if (number := sample_in(key)) is not None), None)
    if sample is not None and known(f"{last}({sample})"):
        return f"{last}({sample})"
    marked = [key.casefold() for key in path[:-1]]
    if any(key in RENEWED for key in marked) and known(f"new {last}"):
        return f"new {last}"
    if any(key in GRADIENT for key in marked) and known(f"d{last}"):
        return f"d{last}"
    if known(last):
        return last
    for n in range(len(path) - 2, -1, -1):
        for word in (last, "_".join(PLACES.get(key, key) for key in path[n + 1 :])):
            if found := together(path[n], word, known):
                return found
    return last
