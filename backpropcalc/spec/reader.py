"""What every reader of specs is made of: complaints are noted with their place, and reading goes on."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.numbers import number
from backpropcalc.algebra.terms import Num
from backpropcalc.errors import InputError, Place, Problem, closest, count, one_of, printable

from .reading import Node

Matrix = tuple[tuple[Num, ...], ...]
GAP = "___"
"""What a template leaves to be filled in."""
MOST_PROBLEMS = 200
"""With so many the file is something else than a spec, and reading stops."""
START = "start with `inputs:`, `targets:`, `weights:` …; `backpropcalc examples mazur` writes a complete one"
OWN_NAME = re.compile(r"[^\W\d_][\w']{0,23}")
MEANT = {
    "mse": "mean_squared_error", "sse": "squared_error", "bce": "binary_cross_entropy", "ce": "cross_entropy",
    "log_loss": "binary_cross_entropy", "categorical_cross_entropy": "cross_entropy", "linear": "identity",
    "logistic": "sigmoid", "soft_step": "sigmoid", "heaviside": "step", "binary_step": "step", "atan": "arctan",
    "rectified_linear_unit": "relu", "parametric_relu": "prelu", "exponential_linear_unit": "elu",
    "lrelu": "leaky_relu", "lr": "learning_rate", "eta": "learning_rate",
    "alpha": "learning_rate", "η": "learning_rate", "α": "learning_rate", "step_size": "learning_rate",
    "optimizer": "optimiser", "minimize": "minimise", "sgd": "gradient_descent", "gd": "gradient_descent",
    "x": "inputs", "y": "targets", "labels": "targets",
}  # fmt: skip
"""Other words for the same, as books and libraries have them."""


def suggestion(word: str, choices: Iterable[str]) -> str:
    """Help for a word that is none of ``choices``: the one that it means, the nearest one, or all of them."""
    choices = tuple(choices)
    meant = meaning(word, choices)
    return f"did you mean {meant!r}?" if meant else one_of(word, choices)


def meaning(word: str, choices: Collection[str]) -> str:
    """Which of ``choices`` is meant by another spelling or another word for the same; nothing if it is none."""
    folded = re.sub(r"[\s-]+", "_", word.strip().lower())
    meant = folded if folded in choices else MEANT.get(folded, "")
    return meant if meant in choices else ""


class Reader:
    """The tree of a spec, whose keys are ``known``, and what is found to be wrong with it."""

    def __init__(self, root: Node, known: Iterable[str], file: str = "", text: str = "", folder: Path | None = None):
        self.root, self.file, self.text = root, file, text
        self.folder = folder or Path()
        """Where the files that the spec names are."""
        self.problems: list[Problem] = []
        self.elsewhere: InputError | None = None
        """What is wrong in a file that the spec names."""
        self.gaps: list[Node] = []
        """Where numbers are left to be filled in."""
        self.nodes = self.mapping(root, known, "the spec") if self.is_mapping(root, "the spec") else {}

    @property
    def places(self) -> dict[str, Place]:
        """Where the value of each key stands."""
        return {key: node.place for key, node in self.nodes.items()}

    def note(self, node: Node, code: str, message: str, help: str = "") -> None:
        """Record a problem at ``node``. Raises ``InputError`` if there are too many for anyone to read."""
        self.problems.append(Problem(code, message, node.place, help))
        if len(self.problems) >= MOST_PROBLEMS:
            raise InputError(self.problems, self.file, self.text)

    def missing(self, key: str, example: str) -> None:
        """Note that a key must be there."""
        if self.root.kind == "mapping":
            self.note(self.root, "missing-key", f"the key {key!r} is missing", f"for example `{key}: {example}`")

    def one_of_two(self, key: str, other: str) -> None:
        """Note if both keys are given."""
        if key in self.nodes and other in self.nodes:
            self.note(self.nodes[other], "choice", f"give either {key} or {other}, not both")

    def is_mapping(self, node: Node, what: str, help: str = START) -> bool:
        """Whether it is one; if not, that is noted."""
        if node.kind == "mapping":
            return True
        self.note(node, "shape", f"{what} must be a mapping of keys, not {node.describe()}", help)
        return False

    def mapping(self, node: Node, known: Iterable[str], what: str) -> dict[str, Node]:
        """The values of a mapping by their keys, of which all are ``known``."""
        known = tuple(known)
        values: dict[str, Node] = {}
        meant: dict[str, Node] = {}
        for key, value in node.pairs():
            word = key.text if key.kind == "scalar" else ""
            if word in values:
                self.note(key, "duplicate-key", f"{word!r} appears twice in {what}", "keep one of them")
            elif word in known:
                values[word] = value
            else:
                help = suggestion(word, known).replace("one of: ", "known keys: ")
                if (colon := word.find(":")) > 0 and word[:colon] in known:
                    help = f"a space is missing after the colon: `{word[:colon]}: {printable(word[colon + 1 :], 40)}`"
                self.note(key, "unknown-key", f"unknown key {key.describe()} in {what}", help)
                meant.setdefault(meaning(word, known) or closest(word, known), value)
        meant.pop("", None)
        return meant | values  # what is called wrongly is not missing too

    def entries(self, key: str, example: str) -> Iterator[tuple[Node, Node]]:
        """Each word and value of the mapping under ``key``, if there is one; a word that appears again is noted."""
        node = self.nodes.get(key)
        if node is None or node.empty or not self.is_mapping(node, key, f"as in {example}"):
            return
        words = set[str]()
        for word, value in node.pairs():
            plain = word.text.replace(" ", "")
            if plain in words:
                self.note(word, "duplicate-key", f"{word.text!r} appears twice in {key}", "keep one of them")
            else:
                words.add(plain)
                yield word, value

    def number(self, node: Node, what: str) -> Num:
        """A number, as the text that was written."""
        if node.kind == "scalar" and node.text == GAP:
            self.gaps.append(node)
            return Num("0")
        text = number(node.text) if node.kind == "scalar" else None
        if text is None:
            shown = "is missing" if node.empty else f"must be a number, not {node.describe()}"
            help = "is there a bracket too many?" if node.kind == "list" else ""
            if re.fullmatch(r"[+-]?\d+,\d+", node.text):
                help = "write it with a decimal point"
            if ";" in node.text:
                help = "write numbers with a decimal point and commas between them, as [0.05, 0.1]"
            if re.fullmatch(r"[+-]?\d+(\.\d+)? ?%", node.text):
                help = "write it as a part of 1: 50 % is 0.5"
            if re.fullmatch(r"[+-]?\.?(nan|inf(inity)?)", node.text.lower()):
                help = "infinity and NaN cannot be calculated with"
            self.note(node, "number", f"{what} {shown}", help)
            return Num("0")
        if math.isinf(to_float(text)):
            self.note(node, "number", f"{what} is too large: {printable(node.text, 40)}")
            return Num("0")
        return Num(text)

    def numbers(self, node: Node, what: str) -> tuple[Num, ...]:
        """A list of numbers, at least one."""
        if node.kind != "list" or not len(node):
            self.note(node, "shape", f"{what} must be a list of numbers, not {node.describe()}", "as in [0.05, 0.1]")
            return ()
        inner = next((item for item in node if item.kind == "list"), None)
        if inner is not None:
            message = f"{what} must be a list of numbers, not of lists"
            self.note(inner, "shape", message, "is there a bracket too many?")
            return ()
        return tuple(self.number(item, f"{what}[{i}]") for i, item in enumerate(node, 1))

    def matrix(self, node: Node, what: str, row: str) -> Matrix:
        """Rows of numbers, each as long as the first."""
        if node.kind != "list" or not len(node) or any(item.kind != "list" for item in node):
            help = "as in [[0.15, 0.2], [0.25, 0.3]]"
            if node.kind == "list" and len(node) and what.startswith("the weights"):
                help += "; with one layer there is a bracket more: [[[0.15, 0.2], [0.25, 0.3]]]"
            self.note(node, "shape", f"{what} must be a matrix: a list of rows, {row}", help)
            return ()
        rows = tuple(self.numbers(item, f"{what} row {r}") for r, item in enumerate(node, 1))
        for r, (item, values) in enumerate(zip(node, rows, strict=True), 1):
            if values and len(values) != len(rows[0]):
                message = f"row {r} of {what} has {count(len(values), 'number')}, row 1 has {len(rows[0])}"
                self.note(item, "shape", message)
        return rows

    def whole(self, node: Node | None, what: str, low: int, high: int, default: int | None) -> int | None:
        """A whole number in a range."""
        if node is None or node.empty:
            return default
        text = number(node.text) if node.kind == "scalar" else None
        value = to_float(text) if text else None
        if value is None or not low <= value <= high or value != int(value):
            self.note(node, "number", f"{what} must be a whole number from {low} to {high}, not {node.describe()}")
            return default
        return int(value)

    def choice(self, node: Node | None, choices: tuple[str, ...], what: str, default: str) -> str:
        """One word out of several."""
        if node is None:
            return default
        if node.kind == "scalar" and node.text in choices:
            return node.text
        self.note(node, "choice", f"{what} cannot be {node.describe()}", suggestion(node.text, choices))
        return default

    def switch(self, node: Node | None, what: str) -> bool:
        """``true`` or ``false``."""
        if node is None or node.empty:
            return False
        word = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(node.text.lower(), node.text.lower())
        if node.kind != "scalar" or word not in ("true", "false"):
            self.note(node, "choice", f"{what} is true or false, not {node.describe()}")
        return word == "true"

    def own_name(self, node: Node) -> str:
        """A name that the user gives."""
        if node.kind == "scalar" and OWN_NAME.fullmatch(node.text):
            return node.text
        help = "a letter, then letters, digits, _ and ', at most 24 in all"
        self.note(node, "name", f"{node.describe()} cannot be a name", help)
        return "q"

    def title(self) -> str:
        """The title, or nothing."""
        node = self.nodes.get("title")
        if node is not None and node.kind != "scalar":
            self.note(node, "shape", f"the title must be a text, not {node.describe()}")
        return "" if node is None else printable(node.text, 200)

    def filled(self) -> None:
        """Note if numbers are left to be filled in."""
        if self.gaps:
            self.note(self.gaps[0], "gap", unfilled(len(self.gaps)), f"put a number for each {GAP}")


def unfilled(gaps: int) -> str:
    """What to say of so many gaps."""
    return f"{count(gaps, 'number')} {'is' if gaps == 1 else 'are'} left to fill in; here is the first"
