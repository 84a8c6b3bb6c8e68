"""The part of a spec file that is about training: data, drawn weights, batches, optimiser, learning rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.terms import ONE, ZERO, Num
from backpropcalc.errors import InputError, one_of, printable
from backpropcalc.rules.optimisers import OPTIMISERS, Optimiser

from .reading import Node, read_text

if TYPE_CHECKING:
    from .data import Table
    from .decode import _Reader
    from .model import Matrix
    from .network import Layer

DATA_KEYS = ("file", "inputs", "targets", "generate", "samples", "noise", "seed")


class Data(NamedTuple):
    """Samples, and the names of what their columns are."""

    inputs: Matrix
    targets: Matrix
    names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


def data(reader: _Reader, node: Node, outputs: int, folder: Path) -> Data:
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
    return _file(reader, node, options, folder) if "file" in options else _generated(reader, options, outputs)


def _generated(reader: _Reader, options: dict[str, Node], outputs: int) -> Data:
    from .data import SHAPES, generate

    shape = reader.choice(options["generate"], tuple(SHAPES), "generate", "circle")
    samples = reader.whole_of(options.get("samples"), "samples", 1, 100_000, 200)
    seed = reader.whole_of(options.get("seed"), "seed", 0, 2**63, 0)
    noise = to_float(reader.number(options["noise"], "noise").text) if "noise" in options else 0.0
    if not 0 <= noise <= 10:
        reader.note(
            options["noise"], "number", f"noise must be a number from 0 to 10, not {options['noise'].describe()}"
        )
        noise = 0.0
    points, labels = generate(shape, samples or 1, noise, seed or 0)
    one_hot = {0: (ONE, ZERO), 1: (ZERO, ONE)} if outputs == 2 else {0: (ZERO,), 1: (ONE,)}
    return Data(points, tuple(one_hot[label] for label in labels))


def _file(reader: _Reader, node: Node, options: dict[str, Node], folder: Path) -> Data:
    name = options["file"]
    found = _table(reader, name, folder)
    columns = {key: _columns(reader, node, options, key, found) for key in ("inputs", "targets")}
    both = set(columns["inputs"]) & set(columns["targets"])
    for column in sorted(both):
        reader.note(options["targets"], "choice", f"{column!r} is both an input and a target")
    if found is None or not all(columns.values()):
        return Data((), ())
    try:
        rows = found.numbers((*columns["inputs"], *columns["targets"]))
    except InputError as error:
        reader.elsewhere = reader.elsewhere or error
        return Data((), ())
    split = len(columns["inputs"])
    return Data(tuple(row[:split] for row in rows), tuple(row[split:] for row in rows), *map(tuple, columns.values()))


def _table(reader: _Reader, name: Node, folder: Path) -> Table | None:
    from .data import table

    text = name.text if name.kind == "scalar" else ""
    path = PurePath(text)
    if not text or path.is_absolute() or ".." in path.parts or "\\" in text:
        reader.note(name, "file", f"data.file must name a file beside the spec, not {name.describe()}")
        return None
    try:
        return table(read_text(folder / path), printable(str(folder / path)))
    except InputError as error:
        if error.source:
            reader.elsewhere = reader.elsewhere or error
        else:
            reader.note(name, "unreadable-file", error.problems[0].message, "it is looked for beside the spec")
        return None


def _columns(reader: _Reader, node: Node, options: dict[str, Node], key: str, found: Table | None) -> tuple[str, ...]:
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
            reader.note(item, "missing-column", message, one_of(column, [printable(n, 40) for n in found.names[:50]]))
        else:
            names.append(column)
    if not names and given.kind == "list" and not len(given):
        reader.note(given, "shape", f"{key} must name at least one column")
    return tuple(names)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(printable(name, 40) for name in names[:12]) + (", …" if len(names) > 12 else "")


def sizes(reader: _Reader) -> tuple[int, ...]:
    """``sizes: [2, 3, 1]``, or nothing if they are not given or cannot be used."""
    node = reader.nodes.get("sizes")
    if node is None or node.empty:
        return ()
    if node.kind != "list" or len(node) < 2:
        reader.note(
            node, "shape", f"sizes must be a list of at least two numbers, not {node.describe()}", "as in [2, 3, 1]"
        )
        return ()
    found = [reader.whole_of(item, "a size", 1, 100_000, None) for item in node]
    layout = tuple(n for n in found if n is not None)
    if sum(a * b for a, b in pairwise(layout)) > 5_000_000:
        reader.note(node, "shape", "that is more than five million weights")
        return ()
    return layout if len(layout) == len(found) else ()


def drawn(reader: _Reader, layout: tuple[int, ...]) -> tuple[list[Matrix], str]:
    """The weights of ``init:`` and how they were drawn."""
    from .initial import SCHEMES, weights

    node = reader.nodes.get("init")
    if node is None:
        help = "as in `init: {scheme: xavier, seed: 0}`; with sizes alone only symbols can be worked with"
        reader.note(reader.nodes["sizes"], "missing-key", "`sizes` needs `weights` or `init`", help)
        return [], ""
    options = reader.mapping(node, ("scheme", "seed"), "init") if node.kind == "mapping" else {"scheme": node}
    if "scheme" not in options:
        reader.note(node, "missing-key", "init has no scheme", "one of: " + ", ".join(SCHEMES))
        return [], ""
    scheme = reader.choice(options["scheme"], tuple(SCHEMES), "the scheme", "xavier")
    seed = reader.whole_of(options.get("seed"), "seed", 0, 2**63, 0) or 0
    if not layout:
        if "sizes" not in reader.nodes:
            reader.note(node, "missing-key", "init needs the sizes of the layers", "as in `sizes: [2, 3, 1]`")
        return [], ""
    return weights(scheme, layout, seed), f"{scheme} ({SCHEMES[scheme][1]}), seed {seed}"


def optimiser(reader: _Reader) -> tuple[Optimiser, Mapping[str, Num]]:
    """The optimiser and its numbers."""
    node = reader.nodes.get("optimiser")
    options = dict[str, Node]()
    name = node
    if node is not None and node.kind == "mapping":
        every = {"name"}.union(*(rule.defaults for rule in OPTIMISERS.values()))
        options = reader.mapping(node, ("name", *sorted(every - {"name"})), "the optimiser")
        name = options.pop("name", None)
        if name is None:
            reader.note(node, "missing-key", "the optimiser has no name", "as in {name: adam, beta1: 0.9}")
    rule = OPTIMISERS[reader.choice(name, tuple(OPTIMISERS), "the optimiser", "gradient_descent")]
    given = {}
    for key, value in options.items():
        if key not in rule.defaults:
            reader.note(
                value, "unknown-key", f"{rule.name} has no parameter {key!r}", one_of(key, tuple(rule.defaults))
            )
            continue
        given[key] = reader.number(value, key)
        low = to_float(given[key].text)
        if not (0 <= low < 1 if key != "epsilon" else low >= 0):
            wanted = "at least 0 and less than 1" if key != "epsilon" else "0 or more"
            reader.note(value, "number", f"{key} must be {wanted}, not {value.describe()}")
    return rule, MappingProxyType({key: Num(text) for key, text in rule.defaults.items()} | given)


def learning_rates(reader: _Reader) -> tuple[Num, ...]:
    """One learning rate, several to compare, or none."""
    node = reader.nodes.get("learning_rate")
    if node is None or node.empty:
        return ()
    if node.kind != "list":
        return (reader.number(node, "learning_rate"),)
    if not 0 < len(node) <= 8:
        reader.note(
            node, "shape", "learning_rate is a number, or a list of up to 8 to compare", "as in [0.01, 0.1, 1.5]"
        )
    return tuple(reader.number(item, f"learning_rate[{n}]") for n, item in enumerate(node, 1))


def boolean(reader: _Reader, key: str) -> bool:
    """``true`` or ``false``."""
    node = reader.nodes.get(key)
    if node is None or node.empty:
        return False
    word = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(node.text.lower(), node.text.lower())
    if node.kind != "scalar" or word not in ("true", "false"):
        reader.note(node, "choice", f"{key} is true or false, not {node.describe()}")
    return word == "true"


def train(reader: _Reader, layers: list[Layer]) -> frozenset[str]:
    """The ids of the parameters that the update changes."""
    every = {name for n, layer in enumerate(layers, 1) for name in _parameter_ids(n, layer)}
    node = reader.nodes.get("train")
    if node is None:
        return frozenset(every)
    wanted: set[str] = set()
    if node.kind != "list":
        reader.note(node, "shape", f"train must be a list, not {node.describe()}", "as in [weights, biases]")
        return frozenset()
    for item in node:
        word = item.text.replace(" ", "")
        kind = {"weights": "w", "biases": "b"}.get(word)
        ids = {name for name in every if name[0] == kind} if kind else {word} & every
        if not ids and not kind:
            help = one_of(word, ("weights", "biases", *sorted(every)[:200]))
            reader.note(item, "unknown-id", f"{item.describe()} is no parameter of this network", help)
        wanted |= ids
    return frozenset(wanted)


def _parameter_ids(n: int, layer: Layer) -> Iterable[str]:
    for j, row in enumerate(layer.weights, 1):
        yield from (f"w[{n},{j},{i}]" for i in range(1, len(row) + 1))
    if isinstance(layer.bias, tuple):
        yield from (f"b[{n},{j}]" for j in range(1, len(layer.bias) + 1))
    elif layer.bias is not None:
        yield f"b[{n}]"
