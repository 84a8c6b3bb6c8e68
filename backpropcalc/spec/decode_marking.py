"""The part of a spec file that is about marking: precision, what is accepted, what counts how much."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backpropcalc.algebra.arithmetic import to_float

from .keys import keys_of
from .model import ONLY, POINTS, Marking, Precision
from .reader import Reader
from .reading import Node

ACCEPTABLE = ("negated-delta",)
CREDITS = ("follows", "last-digit", "truncated", "fewer-digits", "too-coarse")
TOTAL = "total"
"""Under ``points``: what all points together are scaled to."""
GIVEN = "given"
"""What counts under ``only``, instead of a list: what was handed in."""
DIGITS = ("decimals", "significant")


def marking(reader: Reader) -> Marking:
    """What the spec says of marking."""
    points, only = _points(reader), reader.nodes.get("only")
    total = points.pop(TOTAL, None)
    if total == 0:
        reader.note(reader.nodes["points"], "number", "a total of 0 points leaves nothing to earn")
    given_only = only is not None and only.kind == "scalar" and only.text.strip() == GIVEN
    return Marking(
        precision=_precision(reader),
        accept=_accept(reader),
        points=MappingProxyType(points),
        credit=_credit(reader),
        total=total,
        only=frozenset() if given_only else _only(reader),
        given_only=given_only,
        deduct=keys_of("network")["deduct"].of(reader),
    )


def _precision(reader: Reader) -> Precision:
    found = _mapping(reader, "precision", DIGITS, "as in {decimals: 4}")
    if len(found) > 1:
        reader.note(reader.nodes["precision"], "choice", "give either decimals or significant, not both")
    keys = keys_of("network")
    return Precision(**{key: keys[key]._replace(default=None).read(reader, node) for key, node in found.items()})


def _accept(reader: Reader) -> frozenset[str]:
    node = reader.nodes.get("accept")
    if node is None or node.empty:
        return frozenset()
    items = node if node.kind == "list" else (node,)
    return frozenset(reader.choice(item, ACCEPTABLE, "what is accepted", ACCEPTABLE[0]) for item in items)


def _credit(reader: Reader) -> Mapping[str, float]:
    credit = {}
    for key, node in _mapping(reader, "credit", CREDITS, "as in {follows: 0.5}").items():
        credit[key] = _amount(reader, node, key)
        if credit[key] > 1:
            reader.note(node, "number", f"the credit of {key} is a part of the points, from 0 to 1")
    return MappingProxyType(credit)


def _points(reader: Reader) -> dict[str, float]:
    """Phase, id or name, as it is written, to points; which quantity a name means is for the marking to find out."""
    points: dict[str, float] = {}
    for key, value in reader.entries("points", '{backward: 2, "dE/dw[2,1,1]": 3}'):
        word = key.text.strip()
        points[word] = _amount(reader, value, f"points of {word}")
        reader.nodes[f"{POINTS}{word}"] = key
    return points


def _only(reader: Reader) -> frozenset[str]:
    """The questions that count: phases, ids or names, as they are written."""
    node = reader.nodes.get("only") or reader.nodes.get("ask")
    if node is None or node.empty:
        return frozenset()
    words = {item.text.strip(): item for item in (node if node.kind == "list" else (node,))}
    for word, item in words.items():
        if item.kind != "scalar" or not word:
            reader.note(item, "shape", f"{item.describe()} is no question", 'as in [backward, "w5+"], or: given')
        reader.nodes[f"{ONLY}{word}"] = item
    return frozenset(words)


def _mapping(reader: Reader, key: str, known: tuple[str, ...], example: str) -> Mapping[str, Node]:
    node = reader.nodes.get(key)
    if node is None or node.empty or not reader.is_mapping(node, key, example):
        return {}
    return reader.mapping(node, known, key)


def _amount(reader: Reader, node: Node, what: str) -> float:
    value = to_float(reader.number(node, what).text)
    if value < 0:
        reader.note(node, "number", f"{what} cannot be negative")
    return value
