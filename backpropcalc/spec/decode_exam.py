"""The part of a spec file that is about an exam: what it asks, and which numbers differ from form to form."""

from __future__ import annotations

from collections.abc import Mapping

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.terms import ONE, Num

from .model import Exam, Grid
from .reader import Reader
from .reading import Node

VARIED = {
    "network": ("weights", "biases", "inputs", "targets", "learning_rate"),
    "graph": ("values",),
    "descent": ("start", "learning_rate"),
}
"""The keys of each kind of spec whose numbers may vary."""
SIGNS = ("kept", "balanced", "free")
EXAMPLE = "{weights: 0.05, inputs: 0.1}"


def exam(reader: Reader) -> Exam:
    """What the spec says of an exam."""
    node = reader.nodes.get("ask")
    items = () if node is None or node.empty else node if node.kind == "list" else (node,)
    return Exam(tuple(item.text.strip() for item in items), _vary(reader))


def _vary(reader: Reader) -> Mapping[str, Grid] | None:
    node = reader.nodes.get("vary")
    if node is None or node.empty or not reader.is_mapping(node, "vary", f"as in {EXAMPLE}"):
        return None
    known = [key for keys in VARIED.values() for key in keys if key in reader.nodes]
    return {key: _grid(reader, value, key) for key, value in reader.mapping(node, known, "vary").items()}


def _grid(reader: Reader, node: Node, key: str) -> Grid:
    if node.kind != "mapping":
        return Grid(_step(reader, node, key))
    parts = reader.mapping(node, ("step", "from", "to", "signs"), f"vary: {key}")
    low, high = (reader.number(parts[word], f"{word} of {key}") if word in parts else None for word in ("from", "to"))
    if "step" not in parts or (low is None) != (high is None):
        missing = "both from and to" if "step" in parts else "a step"
        reader.note(
            node, "missing-key", f"the grid of {key} needs {missing}", "as in {step: 0.05, from: -0.9, to: 0.9}"
        )
    elif low is not None and high is not None and to_float(low.text) >= to_float(high.text):
        reader.note(node, "number", f"the grid of {key} goes from {low.text} to {high.text}: nothing lies between")
    signs = reader.choice(parts.get("signs"), SIGNS, "signs", "kept" if low is None else "free")
    return Grid(_step(reader, parts["step"], key) if "step" in parts else ONE, low, high, signs)


def _step(reader: Reader, node: Node, key: str) -> Num:
    """The distance between two numbers of a grid."""
    before = len(reader.problems)
    step = reader.number(node, f"the grid of {key}")
    if to_float(step.text) <= 0 and len(reader.problems) == before:
        reader.note(node, "number", f"the grid of {key} must be larger than 0, not {node.describe()}")
    return step
