"""What a network is made of: its layers, how many parameters, the size and the meaning of every quantity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from backpropcalc.algebra.terms import ZERO, Shape, Var
from backpropcalc.errors import InputError
from backpropcalc.execution.values import entries
from backpropcalc.notation.names import Names
from backpropcalc.notation.notation import Notation
from backpropcalc.program.network import network
from backpropcalc.program.steps import Program
from backpropcalc.program.whole import given_matrices, in_matrices
from backpropcalc.rules.optimisers import RATE
from backpropcalc.spec.keys import NOTATIONS
from backpropcalc.spec.network import Network

from .meaning import meaning
from .network import FORMAT, NetworkDocument
from .picture import Shown, of_network
from .pieces import WRITTEN, Heading, Note, Phrase, Piece, Table, Title, math
from .sizes import Sizes, amount

SHALLOW = 2
"""Up to this many hidden layers a network is called shallow."""


class Information(NetworkDocument):
    """What a network is made of, as a document; with a ``name`` all about the quantity that it means."""

    kind = "a description"
    forms = WRITTEN | {"json", "svg", "tikz"}
    indent = 1

    def __init__(self, spec: Network, name: str = "") -> None:
        if spec.size_letters and name:
            message = "where sizes are letters no single neuron has a number"
            raise spec.error("letters", message, "sizes", "`derive` has the rules of any unit k of any layer l")
        super().__init__(spec)
        self.name, self.sizes = name, Sizes(spec)

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """Three tables, or one."""
        if self.name:
            yield Table(("", ""), [row[:2] for row in self.explained()], sentences=True)
            return
        spec, of = self.spec, self.sizes.spec
        yield Title(self.title, "The network")
        size = "-".join(self.sizes.written)
        article = "An" if size[0] in "aefhilmnorsx8" else "A"  # as the letter or number is read
        yield Note(f"{article} {size} network, {depth(spec)}; {self.parameters} parameters.")
        yield of_network(self.spec, Shown())
        yield Heading(2, "Layers")
        yield self.layers()
        yield Heading(2, "The size of every quantity")
        found = [(math(var), var.id, self.sizes.of(var.shape), meaning(of, var)) for _, var in self.quantities()]
        yield Table(("name", "id", "size", "what it is"), found, sentences=True)
        if not spec.size_letters:
            yield Heading(2, "What the indices mean")
            yield self.indices()

    @property
    def parameters(self) -> str:
        """How many there are."""
        return amount(product for layer in layers(self.spec, self.sizes) for product in layer.counted)

    def quantities(self) -> Iterator[tuple[str, Var]]:
        """Each whole quantity of one iteration, with the phase that it belongs to."""
        return quantities(self.sizes.spec, compiled(self.sizes.spec))

    def layers(self) -> Table:
        """Neurons and parameters of each layer, and of all together."""
        found = list(layers(self.spec, self.sizes))
        rows: list[tuple[str, ...]] = []
        for layer in found:
            size, count = "×".join(layer.weights), amount([layer.weights])
            numbers = (size if size == count else f"{size} = {count}", amount([[layer.biases]]), layer.parameters)
            rows.append(
                (layer.name, amount([[layer.neurons]]), layer.activation, *(numbers if layer.weights else ("", "", "")))
            )
        sums = (amount(layer.weights for layer in found[1:]), amount([layer.biases] for layer in found[1:]))
        rows.append(("together", "", "", *sums, self.parameters))
        headings = ("layer", "neurons", "activation", "weights", "biases", "parameters")
        return Table(headings, rows, (False, True, False, True, True, True))

    def indices(self) -> Table:
        """What the indices say, on one weight and what belongs to its neuron."""
        spec = self.spec
        layer = min(2, len(spec.layers))
        to, source = spec.sizes[layer], spec.sizes[layer - 1]
        bias = spec.layers[layer - 1].bias
        own = Var("b", layer, (to, 1)) if isinstance(bias, tuple) else Var("shared", layer)
        unit = [Var("z", layer, (to, 1)), Var("a", layer, (to, 1)), *([own] if bias is not None else [])]
        found = [Var("w", layer, (to, source)).at((0, source - 1)), *(var.at((0, 0)) for var in unit)]
        rows = [(math(var), var.id, meaning(spec, var)) for var in found]
        return Table(("name", "id", "what it is"), rows, sentences=True)

    def explained(self) -> Iterator[Fact]:
        """Everything about the quantity called ``name``. Raises ``InputError`` if there is none."""
        program = compiled(self.spec)
        worked = {step.var: step for block in program.blocks + program.after for step in block.cells}
        wholes = [var for _, var in quantities(self.spec, program)]
        var = Names(self.notation, chain(wholes, entries(program.given), worked)).find(self.name)
        yield Fact("name", math(var), "name", self.notation.text(var))
        yield Fact("id", var.id, "id", var.id)
        yield Fact("LaTeX", self.notation.latex(var), "latex", self.notation.latex(var))
        yield Fact("what it is", meaning(self.spec, var), "meaning", meaning(self.spec, var))
        if var.index is None:
            yield Fact("size", size_of(var.shape), "size", size_of(var.shape))
        if var in worked:
            yield Fact("worked out as", math(worked[var].term), "formula", worked[var].term)
        for other in NOTATIONS:
            try:
                name = Notation(self.spec, other).text(var)
            except InputError:
                continue
            if other != self.notation.name:
                yield Fact(f"in {other}", name, f"in {other}", name)

    def data(self) -> dict[str, object]:
        """The same for other programs; a term stands for its formula."""
        if self.name:
            return {"format": FORMAT} | {fact.key: fact.value for fact in self.explained()}
        spec, notation = self.spec, self.notation
        return {
            "format": FORMAT,
            "title": self.title,
            "sizes": list(map(_number, self.sizes.written)),
            "depth": word_of_depth(spec),
            "parameters": _number(self.parameters),
            "layers": [
                {
                    "layer": n,
                    "name": layer.name,
                    "neurons": _number(layer.neurons),
                    "activation": layer.activation or None,
                }
                | {"weights": list(map(_number, layer.weights)) or [0, 0], "biases": _number(layer.biases)}
                | {"parameters": _number(layer.parameters)}
                for n, layer in enumerate(layers(spec, self.sizes))
            ],
            "quantities": [
                {"phase": phase, "id": var.id, "name": notation.ascii(var), "latex": notation.latex(var)}
                | {
                    "size": [_number(n) for n in self.sizes.of(var.shape).split("×")],
                    "meaning": meaning(self.sizes.spec, var),
                }
                for phase, var in self.quantities()
            ],
        }


class Fact(NamedTuple):
    """Something about a quantity, for people and, under a key, for other programs."""

    label: str
    text: Phrase
    key: str
    value: object


def size_of(shape: Shape) -> str:
    """``2×3``."""
    return f"{shape[0]}×{shape[1]}"


@dataclass(frozen=True)
class LayerFacts:
    """One layer: its place, neurons, activation, size of the weights, and how many biases; sizes may be letters."""

    name: str
    neurons: str
    activation: str = ""
    weights: tuple[str, ...] = ()
    biases: str = "0"

    @property
    def counted(self) -> tuple[tuple[str, ...], ...]:
        """What its parameters are the sum of."""
        return (self.weights, (self.biases,)) if self.weights else ()

    @property
    def parameters(self) -> str:
        """Weights and biases together."""
        return amount(self.counted)


def layers(spec: Network, sizes: Sizes) -> Iterator[LayerFacts]:
    """The inputs, then each layer."""
    written = sizes.written
    yield LayerFacts("inputs", written[0])
    for n, layer in enumerate(spec.layers, 1):
        biases = written[n] if isinstance(layer.bias, tuple) else str(int(layer.bias is not None))
        size = (written[n], written[n - 1])
        size = size if spec.orientation == "Wx" else size[::-1]
        yield LayerFacts(place(spec, n), written[n], layer.rule.name.replace("_", " "), size, biases)


def _number(size: str) -> int | str:
    """A size as other programs read it: a letter or a sum with letters stays a text."""
    plain = size.replace(",", "")
    return int(plain) if plain.isdigit() else size


def place(spec: Network, n: int) -> str:
    """What layer ``n`` is: a hidden one, or the output."""
    depth = len(spec.layers)
    return "output" if n == depth else "hidden" if depth == 2 else f"hidden {n}"


def word_of_depth(spec: Network) -> str:
    """Shallow or deep."""
    hidden = len(spec.layers) - 1
    return "no hidden layer: one layer of neurons" if hidden == 0 else "shallow" if hidden <= SHALLOW else "deep"


def depth(spec: Network) -> str:
    """Shallow or deep, and why."""
    hidden = len(spec.layers) - 1
    if hidden == 0:
        return word_of_depth(spec)
    count = "one hidden layer" if hidden == 1 else f"{hidden} hidden layers"
    return f"{word_of_depth(spec)}, with {count} (one or two are shallow, more are deep)"


def compiled(spec: Network) -> Program:
    """The program of one iteration, with an update whether the spec has a learning rate or not."""
    return network(replace(spec, learning_rate=spec.learning_rate or ZERO))


def quantities(spec: Network, program: Program) -> Iterator[tuple[str, Var]]:
    """Each whole quantity of one iteration, with the phase that it belongs to."""
    for var in given_matrices(spec, program.given):
        if var != RATE:
            yield "given", var
    for block in in_matrices(spec, program.blocks):
        yield from ((block.phase, step.var) for step in block.steps)
