"""From the tree of a spec file to a gradient descent."""

from __future__ import annotations

from backpropcalc.algebra.terms import Num, variables
from backpropcalc.errors import nearest

from .decode_formulas import formula
from .decode_style import shared
from .descent import Descent
from .keys import keys_of
from .reader import Reader

KEYS = keys_of("descent")
RESERVED = frozenset({"f", "slope"})


def descent(reader: Reader) -> Descent | None:
    """The descent, or None if its function could not be read."""
    function = formula(reader, reader.nodes["minimise"])
    start = _start(reader)
    rates = KEYS["learning_rate"].of(reader)
    if "learning_rate" not in reader.nodes or reader.nodes["learning_rate"].empty:
        reader.missing("learning_rate", "0.1")
    iterations, fields = KEYS["iterations"].of(reader), shared(reader)
    if function is None:
        return None
    names = list(dict.fromkeys(var.name for var in variables(function)))
    _check(reader, names, start)
    reader.filled()
    ordered = {name: start[name] for name in names if name in start}
    return Descent(function=function, start=ordered, rates=rates, iterations=iterations, **fields)


def _start(reader: Reader) -> dict[str, Num]:
    """Where each variable begins."""
    tree = reader.nodes.get("start")
    if tree is None or tree.empty:
        reader.missing("start", "{theta: -4}")
    return {key.text: reader.number(value, key.text) for key, value in reader.entries("start", "start: {theta: -4}")}


def _check(reader: Reader, names: list[str], start: dict[str, Num]) -> None:
    """Whether the function has variables, and ``start`` says where each of them begins."""
    for name in RESERVED.intersection(names):
        reader.note(reader.nodes["minimise"], "name", f"the variable cannot be called {name}", "use another letter")
    for name in (name for name in start if name not in names):
        help = nearest(name, names) or "its variables are " + ", ".join(names)
        reader.note(reader.nodes["start"], "name", f"{name!r} is no variable of the function", help)
    missing = [name for name in names if name not in start]
    if missing and "start" in reader.nodes:
        reader.note(reader.nodes["start"], "missing-key", "start says nothing about " + ", ".join(missing))
    if not names:
        reader.note(reader.nodes["minimise"], "formula", "there is no variable in it", "as in theta**2")
