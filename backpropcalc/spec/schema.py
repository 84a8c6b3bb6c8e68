"""The JSON Schema of the spec file: the table of keys, and what stands under each that is more than a word."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from backpropcalc.rules.functions import ACTIVATIONS, LOSSES
from backpropcalc.rules.optimisers import OPTIMISERS

from . import decode_exam, decode_marking
from .data import SHAPES
from .initial import SCHEMES
from .keys import KINDS, LETTERS, NOTATIONS, Key, keys_of
from .shapes import MOST_RATES, Form, Schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAME: Schema = {"type": "string", "pattern": r"^[^\W\d_][\w']{0,23}$"}
NUMBER = r"^\s*[+−-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(/(\d+\.?\d*|\.\d+))?\s*$"


def folder() -> Path:
    """Where the schemas are in the package."""
    return Path(__file__).parents[1] / "schemas"


def spec_schema() -> Schema:
    """The schema of a spec: a network, an expression graph, or a gradient descent."""
    return {
        "$schema": DIALECT,
        "title": "A spec of backpropcalc",
        "type": "object",
        "anyOf": [_ref(kind) for kind in KINDS],
        "$defs": {**_numbers(), **_rules(), **_network(), **_others(), **{kind: _kind(kind) for kind in KINDS}},
    }


def text() -> str:
    """The schema as the file in the package has it."""
    return json.dumps(spec_schema(), indent=1, ensure_ascii=False) + "\n"


def _kind(kind: str) -> Schema:
    """A mapping with the keys of this kind of spec and no others."""
    keys = keys_of(kind)
    required = [name for name, key in keys.items() if key.required]
    return _object({name: _said(key) for name, key in keys.items()}, *required)


def _said(key: Key) -> Schema:
    default = {} if key.default in (None, (), {}) else {"default": key.default}
    return {**key.holds.schema, "description": key.plain, **default}


def _ref(name: str) -> Schema:
    return Form(name).schema


def _any(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def _enum(words: Iterable[str]) -> Schema:
    return {"enum": list(words)}


def _array(items: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": items} | ({"minItems": least} if least else {})


def _object(properties: Schema, *required: str, more: bool | Schema = False) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": more}


def _map(values: Schema, **more: object) -> Schema:
    """Any names, each with such a value; or nothing."""
    return {"type": ["object", "null"], "additionalProperties": values, **more}


NULL: Schema = {"type": "null"}
STRING: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer", "minimum": 0}
SYMBOL: Schema = _object({"symbol": {"type": "string", "maxLength": 1}}, "symbol")
"""A function that is only a letter."""


def _numbers() -> Schema:
    """Numbers and what is made of them."""
    written = {"type": "string", "pattern": NUMBER}
    return {
        "number": _any({"type": "number"}, written) | {"description": "a number as it is written: 0.05, 1e-3, 1/3"},
        "numbers": _array(_ref("number"), 1),
        "matrix": _array(_ref("numbers"), 1),
        "samples": _any(_ref("numbers"), _ref("matrix")),
        "rates": _any(_ref("number"), _ref("numbers") | {"maxItems": MOST_RATES}, NULL),
        "formula": {"type": ["string", "number"], "description": "+ - * / **, ( ), numbers, names and functions"},
        "title": {"type": ["string", "number"]},
    }


def _rules() -> Schema:
    """Activations, losses, optimisers: by name, with their parameters, or by a formula."""
    parameters = {key: _ref("number") for key in sorted({key for a in ACTIVATIONS.values() for key in a.defaults})}
    options = {key: _ref("number") for key in sorted({key for o in OPTIMISERS.values() for key in o.defaults})}
    ways = {key: _enum(("sum", "mean")) for key in ("outputs", "samples")}
    formula = {"name": NAME, "formula": _ref("formula")}
    activation, loss, optimiser = (_enum(table) for table in (ACTIVATIONS, LOSSES, OPTIMISERS))
    return {
        "activation": _any(
            activation,
            _object({"name": activation, **parameters}, "name"),
            SYMBOL,
            _object(formula, "name", "formula", more=_ref("number")),
        ),
        "activations": _any(_ref("activation"), _array(_ref("activation"))),
        "loss": _any(
            loss,
            _object({"name": loss, **ways}, "name"),
            SYMBOL,
            _object({**formula, **ways}, "name", "formula", more=_ref("number")),
        ),
        "optimiser": _any(optimiser, _object({"name": optimiser, **options}, "name")),
    }


def _network() -> Schema:
    """What stands under the keys of a network."""
    columns = _any(_array(STRING), STRING)
    letters = dict.fromkeys(LETTERS, NAME)
    notation, scheme = _enum(NOTATIONS), _enum(SCHEMES)
    return {
        "weights": _array(_ref("matrix")),
        "biases": {"type": ["array", "null"], "items": _any(_ref("number"), _ref("numbers"), NULL)},
        "sizes": _array(_any({"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[A-Za-z]\\w?$"}), 2),
        "init": _any(scheme, _object({"scheme": scheme, "seed": WHOLE}, "scheme")),
        "data": _object({
            "file": STRING, "inputs": columns, "targets": columns, "generate": _enum(SHAPES),
            "samples": {"type": "integer", "minimum": 1}, "noise": _ref("number"), "seed": WHOLE,
        }),
        "train": _array(STRING),
        "notation": _any(notation, _object({"extends": notation, "index": _enum(("to_from", "from_to")), **letters})),
        "names": _map(NAME),
    }  # fmt: skip


def _others() -> Schema:
    """What stands under the keys of a graph, of a descent, and of marking."""
    accepted = _enum(decode_marking.ACCEPTABLE)
    digits = {name: keys_of("network")[name].holds.schema for name in decode_marking.DIGITS}
    return {
        "digits": _map(_object(digits)),
        "line": STRING,
        "lines": _array(STRING, 1),
        "nodes": _map(_ref("formula")),
        "values": _map(_ref("number")),
        "start": {"type": "object", "additionalProperties": _ref("number"), "minProperties": 1},
        "precision": _object(digits),
        "accept": _any(accepted, _array(accepted), NULL),
        "points": _map(_ref("number")),
        "only": _any(STRING, _array(STRING), NULL),
        "vary": _map(
            _any(
                _ref("number"),
                _object(
                    {**{key: _ref("number") for key in ("step", "from", "to")}, "signs": _enum(decode_exam.SIGNS)},
                    "step",
                ),
            )
        ),
        "credit": _object({key: _ref("number") for key in decode_marking.CREDITS}),
    }
