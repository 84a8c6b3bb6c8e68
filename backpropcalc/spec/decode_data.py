"""The part of a spec file that is about samples: ``inputs`` and ``targets``, or the ``data`` that they come from."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.terms import ONE, ZERO
from backpropcalc.errors import InputError, printable

from .reader import Matrix, Reader, suggestion
from .reading import Node, read_text

if TYPE_CHECKING:
    from .data import DataFile

DATA_KEYS = ("file", "inputs", "targets", "generate", "samples", "noise", "seed")


class Data(NamedTuple):
    """Samples, and the names of what their columns are."""

    inputs: Matrix
    targets: Matrix
    names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


def samples(reader: Reader, key: str, example: str) -> Matrix:
    """``inputs`` or ``targets``: a row per sample."""
    node = reader.nodes.get(key)
    if node is None:
        reader.missing(key, example)
        return ()
    if node.kind == "list" and any(item.kind == "list" for item in node):
        return reader.matrix(node, key, "a row per sample")
    values = reader.numbers(node, key)
    return (values,) if values else ()


def data(reader: Reader, node: Node, outputs: int) -> Data:
    """The samples of ``data:``; drawn ones have one target, or one for each class if there are two outputs."""
    for key in ("inputs", "targets"):
        if key in reader.nodes:
            reader.note(reader.nodes[key], "choice", f"give either `data` or `{key}`, not both")
    if not reader.is_mapping(node, "data", "as in {file: circle.csv, inputs: [x1, x2], targets: [y]}"):
        return Data((), ())
    options = reader.mapping(node, DATA_KEYS, "data")
    if ("file" in options) == ("generate" in options):
        help = "as in {file: circle.csv, inputs: [x1, x2], targets: [y]} or {generate: circle, samples: 200}"
        reader.note(node, "missing-key", "data has either `file` or `generate`", help)
        return Data((), ())
    known = DATA_KEYS[:3] if "file" in options else DATA_KEYS[3:]
    for key, value in options.items():
        if key not in known:
            reader.note(value, "unknown-key", f"{key!r} does not go with {known[0]!r}", "keys: " + ", ".join(known))
    return _file(reader, node, options) if "file" in options else _generated(reader, options, outputs)


def _generated(reader: Reader, options: dict[str, Node], outputs: int) -> Data:
    from .data import SHAPES, generate

    shape = reader.choice(options["generate"], tuple(SHAPES), "generate", "circle")
    samples = reader.whole(options.get("samples"), "samples", 1, 100_000, 200)
    seed = reader.whole(options.get("seed"), "seed", 0, 2**63, 0)
    noise = to_float(reader.number(options["noise"], "noise").text) if "noise" in options else 0.0
    if not 0 <= noise <= 10:
        reader.note(
            options["noise"], "number", f"noise must be a number from 0 to 10, not {options['noise'].describe()}"
        )
        noise = 0.0
    points, labels = generate(shape, samples or 1, noise, seed or 0)
    one_hot = {0: (ONE, ZERO), 1: (ZERO, ONE)} if outputs == 2 else {0: (ZERO,), 1: (ONE,)}
    return Data(points, tuple(one_hot[label] for label in labels))


def _file(reader: Reader, node: Node, options: dict[str, Node]) -> Data:
    name = options["file"]
    found = _table(reader, name)
    columns = {key: _columns(reader, node, options, key, found) for key in ("inputs", "targets")}
    both = set(columns["inputs"]) & set(columns["targets"])
    for column in sorted(both):
        reader.note(options["targets"], "choice", f"{column!r} is both an input and a target")
    if found is None or not all(columns.values()):
        return Data((), ())
    try:
        inputs, targets = found.numbers(*columns.values())
    except InputError as error:
        reader.elsewhere = reader.elsewhere or error
        return Data((), ())
    return Data(inputs, targets, *map(tuple, columns.values()))


def _table(reader: Reader, name: Node) -> DataFile | None:
    from .data import table

    text = name.text if name.kind == "scalar" else ""
    path = PurePath(text)
    if not text or path.is_absolute() or ".." in path.parts or "\\" in text:
        reader.note(name, "file", f"data.file must name a file beside the spec, not {name.describe()}")
        return None
    try:
        return table(read_text(reader.folder / path), printable(str(reader.folder / path)))
    except InputError as error:
        if error.source:
            reader.elsewhere = reader.elsewhere or error
        else:
            reader.note(name, "unreadable-file", error.problems[0].message, "it is looked for beside the spec")
        return None


def _columns(reader: Reader, node: Node, options: dict[str, Node], key: str, found: DataFile | None) -> tuple[str, ...]:
    given = options.get(key)
    if given is None:
        help = f"as in `{key}: [x1, x2]`" + (f"; the columns are {_listed(found.names)}" if found else "")
        reader.note(node, "missing-key", f"data has no {key!r}: which columns are they?", help)
        return ()
    names = []
    for item in given if given.kind == "list" else [given]:
        column = item.text.strip() if item.kind == "scalar" else ""
        if found is not None and column not in found.names:
            message = f"{found.file} has no column {item.describe()}"
            reader.note(
                item, "missing-column", message, suggestion(column, [printable(n, 40) for n in found.names[:50]])
            )
        else:
            names.append(column)
    if not names and given.kind == "list" and not len(given):
        reader.note(given, "shape", f"{key} must name at least one column")
    return tuple(names)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(printable(name, 40) for name in names[:12]) + (", …" if len(names) > 12 else "")
