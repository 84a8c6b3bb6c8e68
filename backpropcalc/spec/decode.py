"""From the tree of a spec file to a ``Network``; every problem is noted, and reading goes on with a stand-in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.numbers import number
from backpropcalc.algebra.terms import ZERO, Num
from backpropcalc.errors import InputError, Place, Problem, count, nearest, one_of, printable
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES, Activation, Loss

from . import decode_formulas, decode_marking, decode_sizes, decode_style, decode_training
from .model import CHOICES, RANGES, Matrix
from .network import Layer, Network
from .reading import Node, parse


def decode(text: str, file: str = "", folder: Path | None = None) -> Any:
    """The spec in a YAML text, its data in ``folder``. Raises ``InputError`` with all its problems."""
    root = parse(text, file)
    reader = _reader(root)(root, file, text)
    spec = reader.spec(file, text, folder or Path())
    if reader.elsewhere and not reader.problems:
        raise reader.elsewhere
    if reader.problems or spec is None:
        raise InputError(reader.problems, file, text)
    return spec


def _reader(root: Node) -> type[_Reader]:
    """The reader for the kind of spec that it is."""
    for key, _ in root.pairs() if root.kind == "mapping" else ():
        if key.text in KINDS:
            found: type[_Reader] = import_module(f".{KINDS[key.text]}", __package__).Reader
            return found
    return _Reader


KINDS = {"expression": "decode_graph", "expressions": "decode_graph", "minimise": "decode_descent"}
"""The key that tells each kind of spec but a network, and the module whose ``Reader`` reads it."""
KEYS = (
    "title", "inputs", "targets", "weights", "biases", "activation", "loss", "learning_rate", "train", "update",
    "iterations", "orientation", "notation", "names", "decimals", "significant", "carry", "chain", "view", "exact",
    "sizes", "init", "data", "batch_size", "epochs", "shuffle", "seed", "optimiser", *decode_marking.KEYS,
)  # fmt: skip

MOST_PROBLEMS = 200
"""With so many the file is something else than a spec, and reading stops."""
START = "start with `inputs:`, `targets:`, `weights:` …; `backpropcalc examples mazur` writes a complete one"


class _Reader:
    """Walks the tree once; every complaint is noted and reading goes on with a stand-in."""

    keys: tuple[str, ...] = KEYS
    """What the spec may hold."""

    def __init__(self, root: Node, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.problems: list[Problem] = []
        self.elsewhere: InputError | None = None
        """What is wrong in a file that the spec names."""
        self.root = root
        self.nodes = self.mapping(root, self.keys, "the spec") if self.is_mapping(root, "the spec") else {}

    @property
    def places(self) -> dict[str, Place]:
        """Where the value of each key stands."""
        return {key: node.place for key, node in self.nodes.items()}

    def note(self, node: Node, code: str, message: str, help: str = "") -> None:
        """Record a problem at ``node``. Raises ``InputError`` if there are too many for anyone to read."""
        self.problems.append(Problem(code, message, node.place, help))
        if len(self.problems) >= MOST_PROBLEMS:
            raise InputError(self.problems, self.file, self.text)

    def is_mapping(self, node: Node, what: str, help: str = START) -> bool:
        if node.kind == "mapping":
            return True
        self.note(node, "shape", f"{what} must be a mapping of keys, not {node.describe()}", help)
        return False

    def mapping(self, node: Node, known: Iterable[str], what: str) -> dict[str, Node]:
        known = tuple(known)
        found: dict[str, Node] = {}
        for key, value in node.pairs():
            word = key.text if key.kind == "scalar" else ""
            if word in found:
                self.note(key, "duplicate-key", f"{word!r} stands twice in {what}", "keep one of them")
            elif word in known:
                found[word] = value
            else:
                help = nearest(word, known) or "known keys: " + ", ".join(known)
                self.note(key, "unknown-key", f"unknown key {key.describe()} in {what}", help)
        return found

    def missing(self, key: str, example: str) -> None:
        if self.root.kind == "mapping":
            self.note(self.root, "missing-key", f"the key {key!r} is missing", f"for example `{key}: {example}`")

    def number(self, node: Node, what: str) -> Num:
        text = number(node.text) if node.kind == "scalar" else None
        if text is None:
            shown = "is missing" if node.empty else f"must be a number, not {node.describe()}"
            help = "write it with a decimal point" if re.fullmatch(r"[+-]?\d+,\d+", node.text) else ""
            if re.fullmatch(r"[+-]?\.?(nan|inf(inity)?)", node.text.lower()):
                help = "infinity and NaN cannot be calculated with"
            self.note(node, "number", f"{what} {shown}", help)
            return Num("0")
        if math.isinf(to_float(text)):
            self.note(node, "number", f"{what} is too large: {printable(node.text, 40)}")
            return Num("0")
        return Num(text)

    def whole(self, key: str, default: int | None) -> int | None:
        return self.whole_of(self.nodes.get(key), key, *RANGES[key], default)

    def whole_of(self, node: Node | None, key: str, low: int, high: int, default: int | None) -> int | None:
        if node is None or node.empty:
            return default
        text = number(node.text) if node.kind == "scalar" else None
        value = to_float(text) if text else None
        if value is None or value != int(value) or not low <= value <= high:
            self.note(node, "number", f"{key} must be a whole number from {low} to {high}, not {node.describe()}")
            return default
        return int(value)

    def title(self) -> str:
        node = self.nodes.get("title")
        if node is not None and node.kind != "scalar":
            self.note(node, "shape", f"the title must be a text, not {node.describe()}")
        return "" if node is None else printable(node.text, 200)

    def choice(self, node: Node | None, choices: tuple[str, ...], what: str, default: str) -> str:
        if node is None:
            return default
        if node.kind == "scalar" and node.text in choices:
            return node.text
        self.note(node, "choice", f"{what} cannot be {node.describe()}", one_of(node.text, choices))
        return default

    def numbers(self, node: Node, what: str) -> tuple[Num, ...]:
        if node.kind != "list" or not len(node):
            self.note(node, "shape", f"{what} must be a list of numbers, not {node.describe()}", "as in [0.05, 0.1]")
            return ()
        return tuple(self.number(item, f"{what}[{i}]") for i, item in enumerate(node, 1))

    def matrix(self, node: Node, what: str, row: str) -> Matrix:
        if node.kind != "list" or not len(node) or any(item.kind != "list" for item in node):
            help = "as in [[0.15, 0.2], [0.25, 0.3]]"
            if node.kind == "list" and len(node) and what.startswith("the weights"):
                help += "; with one layer there is a bracket more: [[[0.15, 0.2], [0.25, 0.3]]]"
            self.note(node, "shape", f"{what} must be a matrix: a list of rows, {row}", help)
            return ()
        rows = tuple(self.numbers(item, f"{what} row {r}") for r, item in enumerate(node, 1))
        for r, (item, values) in enumerate(zip(node, rows, strict=True), 1):
            if values and len(values) != len(rows[0]):
                self.note(
                    item, "shape", f"row {r} of {what} has {count(len(values), 'number')}, row 1 has {len(rows[0])}"
                )
        return rows

    def samples(self, key: str, example: str) -> Matrix:
        node = self.nodes.get(key)
        if node is None:
            self.missing(key, example)
            return ()
        if node.kind == "list" and any(item.kind == "list" for item in node):
            return self.matrix(node, key, "a row per sample")
        values = self.numbers(node, key)
        return (values,) if values else ()

    def weights(self, orientation: str) -> list[Matrix]:
        node = self.nodes.get("weights")
        if node is None:
            self.missing("weights", "[[[0.15, 0.2], [0.25, 0.3]], [[0.4, 0.45]]]")
            return []
        if node.kind != "list" or not len(node):
            self.note(node, "shape", f"weights must be a list with a matrix per layer, not {node.describe()}")
            return []
        row = "a row per neuron" if orientation == "Wx" else "a row per source"
        matrices = [self.matrix(item, f"the weights of layer {n}", row) for n, item in enumerate(node, 1)]
        return matrices if orientation == "Wx" else [tuple(zip(*m, strict=False)) for m in matrices]

    def says(self, key: str, word: str) -> bool:
        return key in self.nodes and self.nodes[key].kind == "scalar" and self.nodes[key].text == word

    def given_or_drawn(self, orientation: str) -> tuple[list[Matrix], str]:
        """The weights, and how they were drawn if they were."""
        if "weights" in self.nodes or ("sizes" not in self.nodes and "init" not in self.nodes):
            weights = self.weights(orientation)
            self.layout(weights)
            if "init" in self.nodes:
                self.note(self.nodes["init"], "choice", "give either `weights` or `init`, not both")
            return weights, ""
        return decode_training.drawn(self, decode_training.sizes(self))

    def sizes(self, inputs: Matrix, targets: Matrix, weights: list[Matrix], orientation: str) -> None:
        """Whether the shapes fit each other; only those that could be read are compared."""
        node: Iterable[Node] | None = self.nodes.get("weights")
        if "weights" not in self.nodes and "sizes" in self.nodes:
            node = [self.nodes["sizes"]] * len(weights)
        before, source = (len(inputs[0]) if inputs else 0), "input"
        for n, (matrix, item) in enumerate(zip(weights, node or (), strict=False), 1):
            if not matrix or not matrix[0]:
                return
            if before and len(matrix[0]) != before:
                side, way = ("column", "a row per neuron") if orientation == "Wx" else ("row", "a row per source")
                swap = "xW" if orientation == "Wx" else "Wx"
                help = f"`orientation: {orientation}` means {way}"
                if len(matrix) == before:
                    help += f"; is this file written the other way, `orientation: {swap}`?"
                if re.search(r"\d,\d", self.text) and re.search(r"\d, ", self.text):
                    help = "a comma separates two numbers: for one half write 0.5, not 0,5"
                message = (
                    f"the weights of layer {n} have {count(len(matrix[0]), side)} for {count(before, source)} below"
                )
                self.note(item, "shape", message, help)
            before, source = len(matrix), "neuron"
        if weights and targets and len(targets[0]) != before:
            message = f"{count(len(targets[0]), 'target')} for {count(before, 'neuron')} of the last layer"
            self.note(self.nodes["targets"], "shape", message)
        if inputs and targets and len(inputs) != len(targets):
            message = f"{count(len(targets), 'row')} of targets for {count(len(inputs), 'sample')}"
            self.note(self.nodes["targets"], "shape", message)

    def layout(self, weights: list[Matrix]) -> None:
        """Whether ``sizes``, if given beside weights, says the same."""
        given = decode_training.sizes(self) if "sizes" in self.nodes else ()
        if given and all(m and m[0] for m in weights):
            found = (len(weights[0][0]), *(len(m) for m in weights))
            if found != given:
                message = f"sizes say {'-'.join(map(str, given))}, but the weights are {'-'.join(map(str, found))}"
                self.note(self.nodes["sizes"], "shape", message)

    def biases(self, weights: list[Matrix]) -> list[Num | tuple[Num, ...] | None]:
        node = self.nodes.get("biases")
        if node is None and "weights" not in self.nodes:
            return [(ZERO,) * len(matrix) for matrix in weights]
        if node is None or node.empty:
            return [None] * len(weights)
        if node.kind != "list" or (weights and len(node) != len(weights)):
            self.note(
                node,
                "shape",
                f"biases must be a list with an entry for each layer ({len(weights)}), not {node.describe()}",
                "an entry is a number (shared by the layer), a list (one per neuron) or null (none)",
            )
            return [None] * len(weights)
        found: list[Num | tuple[Num, ...] | None] = []
        for n, item in enumerate(node, 1):
            if item.kind == "list":
                values = self.numbers(item, f"the biases of layer {n}")
                size = len(weights[n - 1]) if n <= len(weights) else 0
                if values and size and len(values) != size:
                    self.note(item, "shape", f"{count(len(values), 'bias')} for {count(size, 'neuron')} of layer {n}")
                found.append(values)
            else:
                found.append(None if item.empty else self.number(item, f"the bias of layer {n}"))
        return found if weights else []

    def activation(self, node: Node) -> tuple[Activation, Mapping[str, Num]]:
        fallback = ACTIVATIONS["identity"]
        name, options = node, dict[str, Node]()
        if node.kind == "mapping":
            if "formula" in (key.text for key, _ in node.pairs()):
                return decode_formulas.activation(self, node)
            every = {"name", "formula"}.union(*(rule.defaults for rule in ACTIVATIONS.values()))
            options = self.mapping(node, sorted(every), "the activation")
            if "name" not in options:
                self.note(node, "missing-key", "the activation has no name", "as in {name: elu, alpha: 1.0}")
                return fallback, {}
            name = options.pop("name")
        rule = ACTIVATIONS[self.choice(name, tuple(ACTIVATIONS), "the activation", "identity")]
        for key, value in options.items():
            if key not in rule.defaults:
                self.note(value, "unknown-key", f"{rule.name} has no parameter {key!r}")
        given = {key: self.number(value, key) for key, value in options.items() if key in rule.defaults}
        return rule, MappingProxyType({key: Num(text) for key, text in rule.defaults.items()} | given)

    def activations(self, layers: int) -> list[tuple[Activation, Mapping[str, Num]]]:
        node = self.nodes.get("activation")
        if node is None:
            self.missing("activation", "sigmoid")
            return [(ACTIVATIONS["identity"], {})] * layers
        if node.kind != "list":
            return [self.activation(node)] * layers
        if layers and len(node) != layers:
            self.note(node, "shape", f"{count(len(node), 'activation')} for {count(layers, 'layer')}")
        found = [self.activation(item) for item in node]
        return (found + [(ACTIVATIONS["identity"], {})] * layers)[:layers]

    def loss(self) -> tuple[Loss, str, str]:
        node = self.nodes.get("loss")
        fallback = LOSSES["half_squared_error"]
        if node is None:
            self.missing("loss", "half_squared_error")
            return fallback, "sum", "mean"
        options = dict[str, Node]()
        name: Node | None = node
        if node.kind == "mapping":
            if "formula" in (key.text for key, _ in node.pairs()):
                rule, options = decode_formulas.loss(self, node)
                return rule, *self.reductions(options, rule)
            options = self.mapping(node, ("name", "formula", "outputs", "samples"), "the loss")
            name = options.get("name")
            if name is None:
                self.note(node, "missing-key", "the loss has no name", "as in {name: cross_entropy, samples: sum}")
        rule = LOSSES[self.choice(name, tuple(LOSSES), "the loss", fallback.name)]
        return rule, *self.reductions(options, rule)

    def reductions(self, options: Mapping[str, Node], rule: Loss) -> tuple[str, str]:
        """How the losses of outputs and of samples are put together."""
        way = ("sum", "mean")
        outputs = self.choice(options.get("outputs"), way, "outputs", rule.outputs)
        return outputs, self.choice(options.get("samples"), way, "samples", "mean")

    def own_name(self, node: Node) -> str:
        if node.kind == "scalar" and OWN_NAME.fullmatch(node.text):
            return node.text
        help = "a letter, then letters, digits, _ and ', at most 24 in all"
        self.note(node, "name", f"{node.describe()} cannot be a name", help)
        return "q"

    def spec(self, file: str, text: str, folder: Path) -> Any:
        """The whole, or None if not even its shape could be read."""
        symbolic = decode_sizes.symbolic(self)
        if symbolic:
            self.nodes |= decode_sizes.stand_ins(self)
        title = self.title()
        orientation = self.choice(self.nodes.get("orientation"), ("Wx", "xW"), "orientation", "Wx")
        weights, drawn = self.given_or_drawn(orientation)
        if "data" in self.nodes:
            units = len(weights[-1]) if weights else 0
            inputs, targets, *names = decode_training.data(self, self.nodes["data"], units, folder)
        else:
            inputs, targets = self.samples("inputs", "[0.05, 0.1]"), self.samples("targets", "[0.01, 0.99]")
            names = [(), ()]
        self.sizes(inputs, targets, weights, orientation)
        biases, activations = self.biases(weights), self.activations(len(weights))
        layers = [Layer(m, b, *a) for m, b, a in zip(weights, biases, activations, strict=True)]
        loss, outputs, samples = self.loss()
        rates = decode_training.learning_rates(self)
        if "epochs" in self.nodes and "iterations" in self.nodes:
            self.note(self.nodes["epochs"], "choice", "give either epochs or iterations, not both")
        optimiser, options = decode_training.optimiser(self)
        train = decode_training.train(self, layers)
        method, (style, places) = decode_style.method(self), decode_style.style(self)
        spec = Network(
            title=title,
            inputs=inputs,
            targets=targets,
            layers=tuple(layers),
            loss=loss,
            outputs=outputs,
            samples=samples,
            learning_rate=rates[0] if rates else None,
            train=train,
            update=self.choice(self.nodes.get("update"), CHOICES["update"], "update", "simultaneous"),
            iterations=self.whole("iterations", 1) or 1,
            orientation=orientation,
            method=method,
            style=style,
            file=file,
            source=text,
            places=self.places | places,
            symbolic=symbolic,
            learning_rates=rates,
            batch_size=self.whole("batch_size", None) if not self.says("batch_size", "all") else None,
            epochs=self.whole("epochs", None),
            shuffle=decode_training.boolean(self, "shuffle"),
            seed=self.whole("seed", 0) or 0,
            optimiser=optimiser,
            optimiser_options=options,
            drawn=drawn,
            columns=names[0],
            classes=names[1],
            folder=folder,
        )
        if not (inputs and targets and layers):
            return None
        return replace(spec, marking=decode_marking.marking(self), places={**spec.places, **self.places})


OWN_NAME = re.compile(r"[^\W\d_][\w']{0,23}")
