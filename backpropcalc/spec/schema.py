"""The JSON Schema of the spec file, made from the tables that the reader of specs uses."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from backpropcalc.rules.functions import ACTIVATIONS, LOSSES
from backpropcalc.rules.optimisers import OPTIMISERS

from . import decode, decode_descent, decode_graph, decode_marking
from .data import SHAPES
from .initial import SCHEMES
from .model import CHOICES, LETTERS, RANGES

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAME = r"^[^\W\d_][\w']{0,23}$"


def folder() -> Path:
    """Where the schemas are in the package."""
    return Path(__file__).parents[1] / "schemas"


def spec_schema() -> Schema:
    """The schema of a spec: a network, an expression graph, or a gradient descent."""
    return {
        "$schema": DIALECT,
        "title": "A spec of backpropcalc",
        "type": "object",
        "anyOf": [{"$ref": f"#/$defs/{kind}"} for kind in ("network", "graph", "descent")],
        "$defs": {
            "number": {
                "description": "a number as it is written: 0.05, 1e-3, 1/3",
                "anyOf": [
                    {"type": "number"},
                    {
                        "type": "string",
                        "pattern": r"^\s*[+−-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(/(\d+\.?\d*|\.\d+))?\s*$",
                    },
                ],
            },
            "numbers": {"type": "array", "items": {"$ref": "#/$defs/number"}, "minItems": 1},
            "matrix": {"type": "array", "items": {"$ref": "#/$defs/numbers"}, "minItems": 1},
            "samples": {"anyOf": [{"$ref": "#/$defs/numbers"}, {"$ref": "#/$defs/matrix"}]},
            "formula": {"type": ["string", "number"], "description": "+ - * / **, ( ), numbers, names and functions"},
            "activation": _activation(),
            "network": _kind(decode.KEYS, _network(), ("activation", "loss")),
            "graph": _kind(decode_graph.KEYS, _graph(), ()),
            "descent": _kind(decode_descent.KEYS, _descent(), ("minimise", "start", "learning_rate")),
        },
    }


def _kind(keys: Iterable[str], properties: Schema, required: tuple[str, ...]) -> Schema:
    """A mapping with these keys and no others."""
    every = _common() | properties
    return {
        "type": "object",
        "properties": {key: every[key] for key in keys},
        "required": list(required),
        "additionalProperties": False,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _said(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def _whole(key: str) -> Schema:
    low, high = RANGES[key]
    return {"type": "integer", "minimum": low, "maximum": high}


def _object(properties: Schema, required: tuple[str, ...] = (), more: Any = False) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": more}


def _common() -> Schema:
    """What any kind of spec may hold."""
    return {
        "title": {"type": ["string", "number"]},
        "decimals": _said(_whole("decimals"), "digits shown behind the point"),
        "significant": _said(_whole("significant"), "significant digits shown"),
        "carry": {"enum": list(CHOICES["carry"]), "description": "rounded: go on with the rounded values"},
        "chain": {"enum": list(CHOICES["chain"])},
        "exact": {"type": "boolean", "description": "fractions and exact e^x"},
        "iterations": _whole("iterations"),
        "precision": _object({key: _whole(key) for key in ("decimals", "significant")}),
        "accept": _one_or_more({"enum": list(decode_marking.ACCEPTABLE)}),
        "points": {"type": "object", "additionalProperties": _ref("number")},
        "credit": _object({key: _ref("number") for key in decode_marking.CREDITS}),
        "only": _said(_one_or_more({"type": "string"}), "the questions that count, or: given"),
        "deduct": {
            "enum": list(decode_marking.DEDUCT),
            "description": "how often a misconception costs points",
        },
    }


def _one_or_more(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "array", "items": schema}, {"type": "null"}]}


def _activation() -> Schema:
    names = {"enum": list(ACTIVATIONS)}
    parameters = sorted({key for rule in ACTIVATIONS.values() for key in rule.defaults})
    return {
        "anyOf": [
            names,
            _object({"name": names, **{key: _ref("number") for key in parameters}}, ("name",)),
            _object(
                {"name": {"type": "string", "pattern": NAME}, "formula": _ref("formula")},
                ("name", "formula"),
                _ref("number"),
            ),
        ]
    }


def _loss() -> Schema:
    ways = {key: {"enum": ["sum", "mean"]} for key in ("outputs", "samples")}
    names = {"enum": list(LOSSES)}
    own = {"name": {"type": "string", "pattern": NAME}, "formula": _ref("formula"), **ways}
    return {
        "anyOf": [
            names,
            _object({"name": names, **ways}, ("name",)),
            _object(own, ("name", "formula"), _ref("number")),
        ]
    }


def _optimiser() -> Schema:
    names = {"enum": list(OPTIMISERS)}
    options = sorted({key for rule in OPTIMISERS.values() for key in rule.defaults})
    return {"anyOf": [names, _object({"name": names, **{key: _ref("number") for key in options}}, ("name",))]}


def _network() -> Schema:
    letters = {key: {"type": "string", "pattern": NAME} for key in LETTERS}
    notation = {"enum": list(CHOICES["notation"])}
    strings = {"type": "array", "items": {"type": "string"}}
    schemes = {"enum": list(SCHEMES)}
    columns = {"anyOf": [strings, {"type": "string"}]}
    return {
        "inputs": _said(_ref("samples"), "one sample, or a row per sample"),
        "targets": _said(_ref("samples"), "one sample, or a row per sample"),
        "sizes": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2},
        "weights": {"type": "array", "items": _ref("matrix"), "description": "a matrix per layer, a row per neuron"},
        "biases": {
            "type": ["array", "null"],
            "items": _or_null({"anyOf": [_ref("number"), _ref("numbers")]}),
            "description": "per layer: a number shared by its neurons, a list, or null",
        },
        "activation": {"anyOf": [_ref("activation"), {"type": "array", "items": _ref("activation")}]},
        "loss": _loss(),
        "learning_rate": {"anyOf": [_ref("number"), _ref("numbers"), {"type": "null"}]},
        "train": {"type": "array", "items": {"type": "string"}},
        "update": {"enum": ["simultaneous", "sequential"]},
        "orientation": {"enum": ["Wx", "xW"], "description": "Wx: a row per neuron; xW: a row per source"},
        "notation": {
            "anyOf": [notation, _object({"extends": notation, "index": {"enum": ["to_from", "from_to"]}, **letters})]
        },
        "names": {"type": ["object", "null"], "additionalProperties": {"type": "string", "pattern": NAME}},
        "view": {"enum": list(CHOICES["view"])},
        "init": {"anyOf": [schemes, _object({"scheme": schemes, "seed": {"type": "integer"}})]},
        "data": _object({
            "file": {"type": "string"}, "inputs": columns, "targets": columns, "generate": {"enum": list(SHAPES)},
            "samples": {"type": "integer", "minimum": 1}, "noise": _ref("number"), "seed": {"type": "integer"},
        }),
        "batch_size": {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "all"}, {"type": "null"}]},
        "epochs": {"type": ["integer", "null"], "minimum": 1},
        "shuffle": {"type": "boolean"},
        "seed": {"type": "integer"},
        "optimiser": _optimiser(),
    }  # fmt: skip


def _graph() -> Schema:
    values = {"type": ["object", "null"], "additionalProperties": _ref("number")}
    return {
        "expression": _said({"type": "string"}, "as in J = 3*(a + b*c)"),
        "expressions": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "nodes": {"type": ["object", "null"], "additionalProperties": _ref("formula")},
        "values": _said(values, "without values the work is symbolic"),
    }


def _descent() -> Schema:
    return {
        "minimise": _ref("formula"),
        "start": {"type": "object", "additionalProperties": _ref("number"), "minProperties": 1},
        "learning_rate": {"anyOf": [_ref("number"), _ref("numbers")]},
    }


def text() -> str:
    """The schema as the file in the package has it."""
    return json.dumps(spec_schema(), indent=1, ensure_ascii=False) + "\n"
