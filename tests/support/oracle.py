"""What several tests need: a spec as text, and every value of its trace by id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import backpropcalc as bp

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
PUBLISHED = ROOT / "tests" / "published"
SUPPORT = ROOT / "tests" / "support"

MAZUR = {
    "inputs": [0.05, 0.10],
    "targets": [0.01, 0.99],
    "weights": [[[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]],
    "biases": [0.35, 0.60],
    "activation": "sigmoid",
    "loss": "half_squared_error",
    "learning_rate": 0.5,
    "train": ["weights"],
    "notation": "mazur",
    "decimals": 9,
}


def text(keys: Mapping[str, Any], **changes: Any) -> str:
    """A spec as YAML (JSON is YAML); a change to None leaves the key out."""
    merged = {**keys, **changes}
    return json.dumps({key: value for key, value in merged.items() if value is not None}, ensure_ascii=False)


def spec_file(folder: Path, keys: Mapping[str, Any], **changes: Any) -> str:
    """The path of a file with the spec."""
    path = folder / "net.yaml"
    path.write_text(text(keys, **changes), encoding="utf-8")
    return str(path)


def spec(keys: Mapping[str, Any], **changes: Any) -> bp.Spec:
    return bp.loads(text(keys, **changes))


def values(given: bp.Spec) -> dict[str, float]:
    """Every line of the last iteration, and what is given, by id; of the samples those of its batch."""
    trace = bp.Trace(given)
    *_, last = trace.iterations()
    there = trace.numbering(last.iteration).has
    return {var.id: float(last.of(var)) for var in chain(trace.given(), trace.computed()) if there(var)}
