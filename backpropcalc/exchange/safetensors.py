"""The tensors of a ``.safetensors`` file: eight bytes of length, a JSON header, the numbers one after the other.

Format: https://huggingface.co/docs/safetensors. Nothing in such a file is run.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Sequence
from itertools import chain
from math import isfinite
from pathlib import Path
from typing import Any

from backpropcalc.errors import InputError, fail, printable
from backpropcalc.spec.reading import read_bytes

LETTERS = {"F64": "d", "F32": "f", "F16": "e"}
"""What ``struct`` calls each kind of number; bfloat16 is the upper half of a float."""
MOST_HEADER = 1_000_000
Nested = Any
"""Numbers as lists within lists, as deep as there are axes."""


def tensors(path: str | Path) -> dict[str, Nested]:
    """Each tensor by its name, as nested lists. Raises ``InputError`` if the file is none of that format."""
    raw = read_bytes(path)
    length = int.from_bytes(raw[:8], "little")
    if len(raw) < 8 or length > min(MOST_HEADER, len(raw) - 8):
        raise _broken(path)
    try:
        header = json.loads(raw[8 : 8 + length])
        body = raw[8 + length :]
        return {name: _tensor(entry, body, path) for name, entry in header.items() if name != "__metadata__"}
    except (ValueError, KeyError, TypeError, AttributeError, struct.error, RecursionError):
        raise _broken(path) from None


def _tensor(entry: Nested, body: bytes, path: str | Path) -> Nested:
    start, end = entry["data_offsets"]
    kind, shape = entry["dtype"], entry["shape"]
    count = 1
    for n in shape:
        count *= n
    part = body[start:end]
    if kind == "BF16":
        part, kind = b"".join(b"\0\0" + part[n : n + 2] for n in range(0, len(part), 2)), "F32"
    if kind not in LETTERS:
        raise fail("dtype", f"{printable(str(path))} holds numbers of the kind {printable(str(kind), 20)}, no floats")
    return _shaped(struct.unpack(f"<{count}{LETTERS[kind]}", part), shape)


def _shaped(numbers: Sequence[float], shape: Sequence[int]) -> Nested:
    """Numbers as nested lists, row by row."""
    if not shape:
        return numbers[0]
    step = len(numbers) // shape[0] if shape[0] else 1
    return [_shaped(numbers[n * step : (n + 1) * step], shape[1:]) for n in range(shape[0])]


def layers(path: str | Path) -> dict[str, Nested]:
    """The weights and biases of a file as the keys of a spec, in the order of the numbers in their names.

    A tensor called ``….weight`` with two axes is a layer, a row per neuron; ``….bias`` beside it is its bias. Raises
    ``InputError`` if there is none, or if they do not fit together.
    """
    found = tensors(path)
    stems = sorted((name.removesuffix(".weight") for name in found if name.endswith(".weight")), key=_by_number)
    weights = [found[f"{stem}.weight"] for stem in stems]
    if not weights or any(not isinstance(row, list) or isinstance(row[0], list) for w in weights for row in w):
        raise fail("no-layer", f"{printable(str(path))} holds no layers: matrices called 0.weight, 2.weight …")
    biases = [found.get(f"{stem}.bias") for stem in stems]
    sources = len(weights[0][0])
    for stem, rows, bias in zip(stems, weights, biases, strict=True):
        if {len(row) for row in rows} != {sources} or (bias is not None and _width(bias) != len(rows)):
            message = (
                f"the layer {printable(stem, 40)} of {printable(str(path))} does not fit the one before or its bias"
            )
            raise fail("shape", message, "the layers of a file are taken in the order of the numbers in their names")
        if not all(map(isfinite, chain(*rows, bias or ()))):
            raise fail(
                "not-finite", f"the layer {printable(stem, 40)} of {printable(str(path))} holds what is no number"
            )
        sources = len(rows)
    return {"weights": weights, "biases": biases}


def _width(bias: Nested) -> int:
    return len(bias) if isinstance(bias, list) and not isinstance(bias[0], list) else 0


def _by_number(name: str) -> list[tuple[int, str]]:
    return [(int(digits or 0), letters) for digits, letters in re.findall(r"(\d+)|(\D+)", name)]


def _broken(path: str | Path) -> InputError:
    return fail("not-safetensors", f"{printable(str(path))} is no safetensors file, or not all of one")
