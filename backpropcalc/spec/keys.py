"""The one table of spec keys: it feeds decoding, the JSON Schema, the README's table and the flags of the commands.

A key is one entry. One that is a word, a whole number or a switch is a field of ``Training``, ``Method`` or ``Style``,
and needs nothing else; what any other holds is read by the reader of its kind of spec.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, NamedTuple

from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Num, Var
from backpropcalc.errors import Place, fail

from .reader import Reader
from .reading import Node
from .shapes import Choice, Form, Rates, Readable, Switch, Whole

KINDS = {"network": "a network", "graph": "an expression graph", "descent": "a gradient descent"}
NETWORK, GRAPH, DESCENT = (("network",), ("graph",), ("descent",))
EVERY = (*NETWORK, *GRAPH, *DESCENT)
NOTATIONS = ("mazur", "layered", "phi", "mlp", "letters")
LETTERS = ("input", "weight", "bias", "sum", "activation", "target", "loss", "rate", "delta")
EITHER = (("decimals", "significant"), ("epochs", "iterations"))
"""Keys that say the same in two ways: a spec has one of each pair."""


class Key(NamedTuple):
    """A key: what it holds and what it is for, the kinds of spec it belongs to, the commands that take it as a flag."""

    name: str
    holds: Form | Readable
    about: str
    default: Any = None
    kinds: tuple[str, ...] = NETWORK
    commands: tuple[str, ...] = ()
    required: bool = False
    unless: str = ""
    """What is so if it is not given, where the default does not say it."""

    @property
    def plain(self) -> str:
        """The sentence without the marks of code that are in it."""
        return self.about.replace("`", "")

    @property
    def flag(self) -> str:
        """The name of the flag."""
        return "--" + self.name.replace("_", "-")

    @property
    def form(self) -> str:
        """What a reader of its own reads in a file; empty if one look at the value is enough."""
        return self.holds.form if isinstance(self.holds, Choice) else getattr(self.holds, "name", "")

    @property
    def readable(self) -> Readable:
        """What it holds, as something to be read at once."""
        assert not isinstance(self.holds, Form), self.name
        return self.holds

    def of(self, reader: Reader) -> Any:
        """Its value in a file."""
        return self.read(reader, reader.nodes.get(self.name))

    def read(self, reader: Reader, node: Node | None) -> Any:
        """What a node says; what is wrong with it is noted."""
        return self.readable.read(reader, node, self.name, self.default)

    def flagged(self, value: object) -> Any:
        """The value of its flag: read and refused as in a file. Raises ``InputError``."""
        reader = Reader(Node("mapping", Place(1, 1)), ())
        found = self.readable.read(reader, _written(value), self.flag, self.default)
        for problem in reader.problems:
            raise fail("usage", problem.message, problem.help)
        return found


def _written(value: object) -> Node:
    """What a flag says, as if it stood in a file."""
    if isinstance(value, (list, tuple)):
        return _written(value[0]) if len(value) == 1 else Node("list", Place(1, 1), items=[*map(_written, value)])
    return Node("scalar", Place(1, 1), value.text if isinstance(value, Num) else str(value))


def _key(default: Any, holds: Readable | Form, about: str, **more: Any) -> Any:
    """A field of a spec that is a key as well; its name is the field's."""
    key = Key("", holds, about, default, **more)
    if isinstance(default, dict):
        return field(default_factory=dict, metadata={"key": key})
    return field(default=default, metadata={"key": key})


def rows(part: type[Training] | type[Method] | type[Style]) -> tuple[Key, ...]:
    """The keys among the fields of a part of a spec."""
    return tuple(x.metadata["key"]._replace(name=x.name) for x in fields(part) if "key" in x.metadata)


def part(reader: Reader, of: type[Training] | type[Method] | type[Style]) -> dict[str, Any]:
    """The values of the fields of a part of a spec that can be read at once."""
    return {key.name: key.of(reader) for key in rows(of) if not key.form}


@dataclass(frozen=True, kw_only=True)
class Training:
    """How often the parameters are updated, and on which samples."""

    iterations: int = _key(
        1, Whole(1, 100_000_000), "how many updates are worked through", commands=("run", "train")
    )  # fmt: skip
    epochs: int | None = _key(
        None, Whole(1, 100_000_000), "instead of iterations: how often training goes through all samples",
        commands=("train",), unless="none",
    )  # fmt: skip
    batch_size: int | None = _key(
        None, Whole(1, 1_000_000, "all"), "how many samples an update sees; 1 is stochastic gradient descent",
        commands=("train",), unless="all",
    )  # fmt: skip
    shuffle: bool = _key(False, Switch(), "each epoch takes the samples in an order of its own", commands=("train",))
    seed: int = _key(0, Whole(0, 2**63), "the seed of the shuffling", commands=("train",))
    update: str = _key(
        "simultaneous", Choice("simultaneous", "sequential"),
        "`simultaneous`: every gradient from the old parameters; "
        "`sequential`: a layer is updated before the layer below is differentiated",
        commands=("train",),
    )  # fmt: skip


@dataclass(frozen=True)
class Method:
    """How the calculation is worked: with which numbers, and by which of the ways that lead to the same result."""

    carry: str = _key(
        "full", Choice("full", "rounded"),
        "`full`: work unrounded, show rounded; "
        "`rounded`: round every written value half up and go on with it, as with a pocket calculator",
        kinds=EVERY, commands=("run", "exam"),
    )  # fmt: skip
    exact: bool = _key(
        False, Switch(), "fractions and exact e^x throughout, the decimals beside them",
        kinds=EVERY, commands=("run",),
    )  # fmt: skip
    chain: str = _key(
        "factors", Choice("factors", "delta", "full"),
        "`factors`: ∂E/∂w is a product of three factors; `delta`: δ first, then δ times the source; "
        "`full`: every path from a parameter to the loss, summed",
        kinds=NETWORK + GRAPH, commands=("run", "exam"),
    )  # fmt: skip
    output_delta: str = _key(
        "chain", Choice("chain", "direct"),
        "`chain`: δ of an output is the product of its factors; `direct`: at once, as a − y, where loss and "
        "activation allow that",
        commands=("run", "check", "grade", "answers", "practice", "exam"),
    )  # fmt: skip
    mean_in: str = _key(
        "delta", Choice("delta", "gradient"),
        "where the 1/m of a mean over samples stands. `delta`: δ is that of the mean loss; `gradient`: every sample "
        "has its own δ, and 1/m is before their sum",
        commands=("run", "check", "grade", "answers", "practice", "exam"),
    )  # fmt: skip
    asked: tuple[Var, ...] = ()
    """Derivatives that are worked out because somebody asks for them by name, as ∂z/∂w or ∂E_k/∂w."""


@dataclass(frozen=True)
class Style:
    """How the calculation looks: what its quantities are called, their digits, lines or matrices."""

    @property
    def shown(self) -> Digits:
        """How numbers are shown."""
        own = {kind: Digits(keys.get("decimals"), keys.get("significant")) for kind, keys in self.digits.items()}
        return Digits(self.decimals, self.significant, tuple(own.items()))

    notation: str = _key(
        "layered", Choice(*NOTATIONS, form="notation"),
        "the textbook whose names are used; or, in a file, `{extends: layered, index: from_to, loss: L, …}` "
        "with letters of your own",
        commands=("run", "derive", "check", "grade", "answers", "practice", "exam", "train", "predict", "info"),
    )  # fmt: skip
    index: str = "to_from"
    letters: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = _key(
        {}, Form("names"), 'own names by id: `{"w[1,1,1]": w14, "z[1,1]": I_4}`', unless="none"
    )
    decimals: int | None = _key(
        6, Whole(0, 15), "how many decimals are shown; a value that is not zero never prints as zero",
        kinds=EVERY, commands=("run", "exam", "train", "predict", "functions"),
    )  # fmt: skip
    significant: int | None = _key(
        None, Whole(1, 15), "how many significant digits are shown, instead of decimals",
        kinds=EVERY, commands=("run", "exam", "train", "predict", "functions"), unless="`decimals`",
    )  # fmt: skip
    digits: Mapping[str, Mapping[str, int]] = _key(
        {}, Form("digits"),
        "digits by kind of quantity, as in `{default: {decimals: 3}, dE: {significant: 3}}`: `x` `t` `w` `b` `z` `a` "
        "`E`, `dE` or `dE/da` `delta` `dE/dw` `dE/db`, `da` `dz` `update`, of one layer `delta[1]`; "
        "in a graph or a descent the name of a quantity, or `slope`",
        kinds=EVERY, unless="`decimals`",
    )  # fmt: skip
    view: str = _key(
        "scalar", Choice("scalar", "matrix", "index"),
        "`scalar`: a line for every number; `matrix`: whole layers, with their sizes; `index`: `derive` for any unit k",
        commands=("run", "derive", "exam"),
    )  # fmt: skip
    detail: str = _key(
        "normal", Choice("normal", "full"),
        "`full`: local slopes (∂net/∂w = out) as lines of their own, products before their sum, W x before + b",
        commands=("run", "answers"),
    )  # fmt: skip
    delta: str | None = _key(
        None, Choice("named", "derivative"), "whether ∂E/∂z has a name, as δ, or is written as the derivative it is",
        commands=("run", "derive", "answers", "exam"), unless="as in the notation",
    )  # fmt: skip
    order: str | None = _key(
        None, Choice("neuron", "sample", "stage", "weight"),
        "`neuron` by neuron; `sample` by sample; `stage`: in each layer the outputs, the sums, then weights and "
        "biases, and the update from the output back; `weight`: each weight is updated right after its gradient",
        commands=("run",), unless="neuron, a batch by sample",
    )  # fmt: skip
    bias: str = _key(
        "vector", Choice("vector", "column"),
        "`column`: the biases are column 0 of the weights, w_k0 with x_0 = 1", commands=("run", "derive", "info"),
    )  # fmt: skip
    show: str = _key(
        "names", Choice("formulas", "names", "nothing"),
        "what the sheet of an exam gives away beside the numbers: the `formulas`, the `names` of what is asked, or "
        "`nothing`", kinds=EVERY, commands=("exam",),
    )  # fmt: skip


GIVEN = (
    Key("title", Form("title"), "what stands above the page", kinds=EVERY, unless="none"),
    Key("inputs", Form("samples"), "one sample, or a row per sample", unless="required, or `data`"),
    Key("targets", Form("samples"), "one sample, or a row per sample", unless="required, or `data`"),
    Key(
        "data", Form("data"),
        "instead of inputs and targets: `{file: circle.csv, inputs: [x1, x2], targets: [y]}` "
        "or `{generate: circle, samples: 200, noise: 0.1, seed: 0}`", unless="none",
    ),
    Key("weights", Form("weights"), "a matrix per layer", unless="required, or `sizes`"),
    Key(
        "biases", Form("biases"),
        "per layer: a number shared by its neurons, a list with one per neuron, or null for none", unless="none",
    ),
    Key(
        "sizes", Form("sizes"),
        "`[2, 3, 1]` instead of weights: symbolic, or drawn as init says; `[n, m, 1]` for `derive`, `info`",
        unless="as the weights",
    ),
    Key("init", Form("init"), "how weights are drawn, as in `{scheme: xavier, seed: 0}`", unless="none"),
    Key(
        "orientation", Choice("Wx", "xW", "WTx"),
        "`Wx`: a row of weights per neuron, z = W x + b; `xW`: a row per source, z = x W + b; "
        "`WTx`: a row per source, z = Wᵀ x + b", "Wx", commands=("run", "derive", "info"),
    ),
    Key(
        "activation", Form("activations"),
        "a name, `{name: elu, alpha: 1.0}` or `{name: swish, formula: \"x / (1 + exp(-x))\"}`; "
        "one for all layers, or a list; `{symbol: ψ}` for `derive`", required=True,
    ),
    Key(
        "loss", Form("loss"),
        "a name, or `{name: …, outputs: sum|mean, samples: sum|mean}`; outputs are summed (mean for the mean squared "
        "error), samples averaged; `{symbol: ℓ}` for `derive`", required=True,
    ),
    Key(
        "learning_rate", Rates(), "a number, or several to compare; without it there is no update",
        (), commands=("train",), unless="none",
    ),
    Key("train", Form("train"), "a list out of `weights`, `biases`, or ids such as `w[1,1,1]`, `b[2]`", unless="all"),
    Key("optimiser", Form("optimiser"), "the update rule: a name, or `{name: adam, beta1: 0.9}`", "gradient_descent"),
    Key("expression", Form("line"), "as in `J = 3*(a + b*c)`", kinds=GRAPH, unless="`expressions`"),
    Key("expressions", Form("lines"), "several lines, the last one is differentiated", kinds=GRAPH, unless="none"),
    Key("nodes", Form("nodes"), "the nodes by name: `{u: b*c, v: a + u}`", kinds=GRAPH, unless="one per operation"),
    Key("values", Form("values"), "the numbers: `{a: 5, b: 3, c: 2}`", kinds=GRAPH, unless="symbolic"),
    Key("minimise", Form("formula"), "the function, as in `theta**2`", kinds=DESCENT, required=True),
    Key("start", Form("start"), "where each variable begins: `{theta: -4}`", kinds=DESCENT, required=True),
    Key("learning_rate", Rates(), "a number, or several to compare", (), kinds=DESCENT, required=True),
    Key("iterations", Whole(1, 1000), "how many steps are taken", 1, kinds=DESCENT, commands=("run",)),
)  # fmt: skip
MARKING = (
    Key("precision", Form("precision"), "the digits that answers are asked for: `{decimals: 4}`", kinds=EVERY,
        unless="as written"),
    Key("accept", Form("accept"), "conventions to accept: `negated-delta`", kinds=EVERY, unless="none"),
    Key("points", Form("points"),
        "what a phase or a quantity counts, and what all is scaled to: `{backward: 2, total: 10}`",
        kinds=EVERY, unless="1 each"),
    Key("credit", Form("credit"), "what half right answers earn, from 0 to 1: `{follows: 0.5}`", kinds=EVERY,
        unless="by verdict"),
    Key("only", Form("only"), "the questions that count: phases, names or ids; or `given`, what was handed in",
        kinds=EVERY, unless="all"),
    Key("ask", Form("only"), "the questions of an exam: phases, names or ids; then only these count as well",
        kinds=EVERY, unless="`only`, or a choice of all"),
    Key("vary", Form("vary"),
        "what differs from form to form of an exam, and on which grid: `{weights: 0.05, inputs: 0.1}`; or "
        "`{weights: {step: 0.05, from: -0.9, to: 0.9, signs: balanced}}`", kinds=EVERY,
        unless="all numbers, on the grid they lie on"),
    Key("deduct", Choice("every", "once"), "whether a misconception costs points every time or once", "every",
        kinds=EVERY),
)  # fmt: skip
TABLE = (*GIVEN, *rows(Training), *rows(Method), *rows(Style), *MARKING)


@cache
def keys_of(kind: str) -> Mapping[str, Key]:
    """The keys of a kind of spec by their names."""
    return {key.name: key for key in TABLE if kind in key.kinds}


@cache
def flags_of(command: str) -> Mapping[str, Key]:
    """The keys that a command takes as flags."""
    return {key.name: key for key in TABLE if command in key.commands}
