"""The part of a spec file that is about layers: sizes, weights, biases, activations, and the loss."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from types import MappingProxyType

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.numbers import number
from backpropcalc.algebra.terms import ZERO, Num
from backpropcalc.errors import count
from backpropcalc.rules import open as open_rules
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES, Activation, Loss

from . import decode_formulas
from .reader import Matrix, Reader
from .reading import Node

Rule = tuple[Activation, Mapping[str, Num]]
Bias = Num | tuple[Num, ...] | None
NUMBERS = ("weights", "inputs", "targets", "data", "init")
"""The keys that bring numbers; with any of them a spec is meant to be worked out."""
_LETTER = re.compile(r"[^\W\d_]\w?")
"""A size that is not a number: n, m, d1."""
MOST = 5_000_000
"""Weights."""
IDENTITY: Rule = (ACTIVATIONS["identity"], {})


def symbolic(reader: Reader) -> bool:
    """Whether the spec has ``sizes`` and no numbers.

    Then zeros in their shape are put in, as if they stood in the file; ``derive`` and ``info`` never look at them.
    """
    found = "sizes" in reader.nodes and not any(key in reader.nodes for key in NUMBERS)
    if found:
        reader.nodes |= _stand_ins(reader)
    return found


def size_letters(reader: Reader) -> tuple[str, ...]:
    """What the sizes are called where any of them is a letter, as in ``[n, m, 1]``; nothing if all are numbers.

    Two units then stand for each letter; ``derive`` never speaks of how many there are. With numbers in the spec a
    letter is a wrong size.
    """
    node = reader.nodes.get("sizes")
    letters = node is not None and any(_LETTER.fullmatch(item.text) for item in node if item.kind == "scalar")
    if node is None or not letters or any(key in reader.nodes for key in NUMBERS):
        return ()
    items = [Node("scalar", item.place, "2") if _LETTER.fullmatch(item.text) else item for item in node]
    reader.nodes["sizes"] = Node("list", node.place, items=items)
    return tuple(item.text for item in node)


def _stand_ins(reader: Reader) -> dict[str, Node]:
    """One bias per neuron unless the file says otherwise; wrong sizes are noted where they meet the weights."""
    node = reader.nodes["sizes"]
    counts = [_size(item) for item in node]
    sizes = counts if len(counts) > 1 and all(counts) and sum(a * b for a, b in pairwise(counts)) <= MOST else [1, 1]
    by_source = "orientation" in reader.nodes and reader.nodes["orientation"].text in ("xW", "WTx")
    zero = Node("scalar", node.place, "0")

    def listed(item: Node, n: int) -> Node:
        return Node("list", node.place, items=[item] * n)

    layers = [listed(listed(zero, b), a) if by_source else listed(listed(zero, a), b) for a, b in pairwise(sizes)]
    made = {
        "weights": Node("list", node.place, items=layers),
        "inputs": listed(zero, sizes[0]),
        "targets": listed(zero, sizes[-1]),
    }
    if "biases" not in reader.nodes:
        made["biases"] = Node("list", node.place, items=[listed(zero, n) for n in sizes[1:]])
    return made


def _size(item: Node) -> int:
    """The size, or 0 if it is none."""
    text = number(item.text) if item.kind == "scalar" else None
    value = to_float(text) if text else 0.0
    return int(value) if 1 <= value <= MOST and value == int(value) else 0


def given_sizes(reader: Reader) -> tuple[int, ...]:
    """``sizes: [2, 3, 1]``, or nothing if they are not given or cannot be used."""
    node = reader.nodes.get("sizes")
    if node is None or node.empty:
        return ()
    if node.kind != "list" or len(node) < 2:
        message = f"sizes must be a list of at least two numbers, not {node.describe()}"
        reader.note(node, "shape", message, "as in [2, 3, 1]")
        return ()
    counts = [reader.whole(item, "a size", 1, 100_000, None) for item in node]
    sizes = tuple(n for n in counts if n is not None)
    if sum(a * b for a, b in pairwise(sizes)) > MOST:
        reader.note(node, "shape", "that is more than five million weights")
        return ()
    return sizes if len(sizes) == len(counts) else ()


def layout(reader: Reader, matrices: list[Matrix]) -> None:
    """Whether ``sizes``, if given beside weights, says the same."""
    given = given_sizes(reader) if "sizes" in reader.nodes else ()
    if given and all(m and m[0] for m in matrices):
        own = (len(matrices[0][0]), *(len(m) for m in matrices))
        if own != given:
            message = f"sizes say {'-'.join(map(str, given))}, but the weights are {'-'.join(map(str, own))}"
            reader.note(reader.nodes["sizes"], "shape", message)


def weights(reader: Reader, orientation: str) -> list[Matrix]:
    """A matrix per layer, a row per neuron whatever the orientation of the file."""
    node = reader.nodes.get("weights")
    if node is None:
        reader.missing("weights", "[[[0.15, 0.2], [0.25, 0.3]], [[0.4, 0.45]]]")
        return []
    if node.kind != "list" or not len(node):
        reader.note(node, "shape", f"weights must be a list with a matrix per layer, not {node.describe()}")
        return []
    row = "a row per neuron" if orientation == "Wx" else "a row per source"
    matrices = [reader.matrix(item, f"the weights of layer {n}", row) for n, item in enumerate(node, 1)]
    return matrices if orientation == "Wx" else [tuple(zip(*m, strict=False)) for m in matrices]


def fit(reader: Reader, inputs: Matrix, targets: Matrix, matrices: list[Matrix], orientation: str) -> None:
    """Whether the shapes fit each other; only those that could be read are compared."""
    nodes: Iterable[Node] = reader.nodes.get("weights") or ()
    if "weights" not in reader.nodes and "sizes" in reader.nodes:
        nodes = [reader.nodes["sizes"]] * len(matrices)
    below, unit = (len(inputs[0]) if inputs else 0), "input"
    for n, (matrix, item) in enumerate(zip(matrices, nodes, strict=False), 1):
        if not matrix or not matrix[0]:
            return
        if below and len(matrix[0]) != below:
            _misfit(reader, item, n, matrix, count(below, unit), below, orientation)
        below, unit = len(matrix), "neuron"
    column = below == 1 < len(inputs) and len(targets) == 1 and len(targets[0]) == len(inputs)
    given = reader.nodes["data" if "data" in reader.nodes else "targets"] if targets else reader.root
    if matrices and targets and len(targets[0]) != below:
        message = f"{count(len(targets[0]), 'target')} for {count(below, 'neuron')} of the last layer"
        reader.note(given, "shape", message, _column(targets) if column else "")
    if inputs and targets and len(inputs) != len(targets) and not column:
        message = f"{count(len(targets), 'row')} of targets for {count(len(inputs), 'sample')}"
        reader.note(given, "shape", message)


def _misfit(reader: Reader, item: Node, n: int, matrix: Matrix, sources: str, below: int, orientation: str) -> None:
    """Note that the weights of layer ``n`` do not fit what is below, and what may be the cause."""
    side, way, swap = ("column", "a row per neuron", "xW") if orientation == "Wx" else ("row", "a row per source", "Wx")
    help = f"`orientation: {orientation}` means {way}"
    if len(matrix) == below:
        help += f"; is this file written the other way, `orientation: {swap}`?"
    lines = {reader.nodes[key].place.line for key in ("inputs",) if key in reader.nodes} | {item.place.line}
    if any(_decimal_comma(reader.text.splitlines()[line - 1]) for line in lines):
        help = "a comma separates two numbers: for one half write 0.5, not 0,5"
    message = f"the weights of layer {n} have {count(len(matrix[0]), side)} for {sources} below"
    reader.note(item, "shape", message, help)


def _decimal_comma(line: str) -> bool:
    """Whether some commas of a line, but not all, have no space after them: those may be meant as decimal points."""
    written = line.partition(" #")[0]
    return re.search(r"\d,\d", written) is not None and re.search(r"\d, ", written) is not None


def _column(rows: Matrix) -> str:
    """One row of targets as the rows that they are for several samples."""
    return (
        "a row per sample: ["
        + ", ".join(f"[{number.text}]" for number in rows[0][:8])
        + (", …]" if len(rows[0]) > 8 else "]")
    )


def biases(reader: Reader, matrices: list[Matrix]) -> list[Bias]:
    """Per layer one number, one per neuron, or none."""
    node = reader.nodes.get("biases")
    if node is None and "weights" not in reader.nodes:
        return [(ZERO,) * len(matrix) for matrix in matrices]
    if node is None or node.empty:
        return [None] * len(matrices)
    if node.kind != "list" or (matrices and len(node) != len(matrices)):
        message = f"biases must be a list with an entry for each layer ({len(matrices)}), not {node.describe()}"
        help = "an entry is a number (shared by the layer), a list (one per neuron) or null (none)"
        reader.note(node, "shape", message, help)
        return [None] * len(matrices)
    biases: list[Bias] = []
    for n, item in enumerate(node, 1):
        if item.kind != "list":
            biases.append(None if item.empty else reader.number(item, f"the bias of layer {n}"))
            continue
        values = reader.numbers(item, f"the biases of layer {n}")
        size = len(matrices[n - 1]) if n <= len(matrices) else 0
        if values and size and len(values) != size:
            reader.note(item, "shape", f"{count(len(values), 'bias')} for {count(size, 'neuron')} of layer {n}")
        biases.append(values)
    return biases if matrices else []


def activations(reader: Reader, layers: int) -> list[Rule]:
    """The activation of each layer and its parameters."""
    node = reader.nodes.get("activation")
    if node is None:
        reader.missing("activation", "sigmoid")
        return [IDENTITY] * layers
    if node.kind != "list":
        return [_activation(reader, node)] * layers
    if layers and len(node) != layers:
        reader.note(node, "shape", f"{count(len(node), 'activation')} for {count(layers, 'layer')}")
    rules = [_activation(reader, item) for item in node]
    return (rules + [IDENTITY] * layers)[:layers]


def _activation(reader: Reader, node: Node) -> Rule:
    name, options = node, dict[str, Node]()
    if node.kind == "mapping":
        if _has(node, "formula"):
            return decode_formulas.activation(reader, node)
        if _has(node, "symbol"):
            return open_rules.activation(_symbol(reader, node)), {}
        every = {"name", "formula", "symbol"}.union(*(rule.defaults for rule in ACTIVATIONS.values()))
        options = reader.mapping(node, sorted(every), "the activation")
        if "name" not in options:
            reader.note(node, "missing-key", "the activation has no name", "as in {name: elu, alpha: 1.0}")
            return IDENTITY
        name = options.pop("name")
    rule = ACTIVATIONS[reader.choice(name, tuple(ACTIVATIONS), "the activation", "identity")]
    for key, value in options.items():
        if key not in rule.defaults:
            reader.note(value, "unknown-key", f"{rule.name} has no parameter {key!r}")
    given = {key: reader.number(value, key) for key, value in options.items() if key in rule.defaults}
    return rule, MappingProxyType({key: Num(text) for key, text in rule.defaults.items()} | given)


def loss(reader: Reader) -> tuple[Loss, str, str]:
    """The loss, and how those of outputs and of samples are put together."""
    node = reader.nodes.get("loss")
    if node is None:
        reader.missing("loss", "half_squared_error")
        return LOSSES["half_squared_error"], "sum", "mean"
    name: Node | None = node
    options = dict[str, Node]()
    if node.kind == "mapping" and _has(node, "formula"):
        rule, options = decode_formulas.loss(reader, node)
    elif node.kind == "mapping" and _has(node, "symbol"):
        rule = open_rules.loss(_symbol(reader, node))
    else:
        if node.kind == "mapping":
            options = reader.mapping(node, ("name", "formula", "symbol", "outputs", "samples"), "the loss")
            name = options.get("name")
            if name is None:
                reader.note(node, "missing-key", "the loss has no name", "as in {name: cross_entropy, samples: sum}")
        rule = LOSSES[reader.choice(name, tuple(LOSSES), "the loss", "half_squared_error")]
    way = ("sum", "mean")
    outputs = reader.choice(options.get("outputs"), way, "outputs", rule.outputs)
    return rule, outputs, reader.choice(options.get("samples"), way, "samples", "mean")


def _has(node: Node, word: str) -> bool:
    return any(key.text == word for key, _ in node.pairs())


def _symbol(reader: Reader, node: Node) -> str:
    """The letter of a function that is nothing but a letter."""
    letter = reader.mapping(node, ("symbol",), "a function that is only a letter").get("symbol", node)
    if letter.kind == "scalar" and len(letter.text) == 1 and letter.text in open_rules.LETTERS:
        return letter.text
    reader.note(letter, "name", f"{letter.describe()} cannot stand for a function", "one letter, as in {symbol: ψ}")
    return "f"
