"""Valid specs of every kind, drawn at random: networks with every key there is, expression graphs, descents.

``specimen(rng)`` draws one; the shapes and numbers of most networks come from ``networks``. The files that a spec
needs beside it come with it. ``python tests/support/specimens.py 7`` prints number 7.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from functools import cache
from io import StringIO
from itertools import pairwise
from typing import Any, NamedTuple

import networks

NOTATIONS = ("mazur", "layered", "phi", "mlp", "letters")
ALL_IN_ONE = ("gradient_descent", "momentum", "nesterov", "rmsprop", "adam")
Keys = dict[str, Any]
Change = Callable[[random.Random, Keys], None]


class Specimen(NamedTuple):
    """The keys of a spec, the other files it needs, and its sizes if it is a network."""

    keys: Keys
    files: dict[str, str]
    sizes: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """As YAML (JSON is YAML)."""
        return json.dumps(self.keys, ensure_ascii=False)

    @property
    def work(self) -> int:
        """Weights times samples; 0 of what is no network."""
        weights = sum(a * b for a, b in pairwise(self.sizes))
        inputs = self.keys.get("inputs", [0])
        data = self.keys.get("data", {}).get("samples", 6)
        samples = data if "data" in self.keys else len(inputs) if isinstance(inputs[0], list) else 1
        return weights * samples


def specimen(rng: random.Random) -> Specimen:
    """A valid spec: eight of ten are networks."""
    kind = rng.choices([network, graph, descent], [8, 1, 1])[0]
    return kind(rng)


# Networks


def network(rng: random.Random) -> Specimen:
    """A network with some of all the keys."""
    kind = rng.choices([general, coarse, symbolic, drawn, tabled], [10, 6, 1, 2, 1])[0]
    found = kind(rng)
    for change in CHANGES:
        if rng.random() < 0.25:
            change(rng, found.keys)
    for key, values in enumerated("network").items():
        if key not in found.keys and rng.random() < 0.12:
            found.keys[key] = rng.choice(values)
    if found.keys.get("orientation") == "xW" and rng.random() < 0.3:
        found.keys["orientation"] = "WTx"  # weights of the same shape
    return found


@cache
def enumerated(kind: str) -> dict[str, list[Any]]:
    """The keys of a kind of spec whose values are words of a list: a new one is tried without being named here."""
    from backpropcalc.cli import main

    out = StringIO()
    with redirect_stdout(out), suppress(SystemExit):
        main(["schema"])
    properties = json.loads(out.getvalue())["$defs"][kind]["properties"]
    return {key: found["enum"] for key, found in properties.items() if "enum" in found and key != "orientation"}


def general(rng: random.Random) -> Specimen:
    """Depth 1 to 4 and width 1 to 6, numbers as they come, outputs for which the loss is finite."""
    keys = networks.network(rng.randrange(1 << 30))
    if rng.random() < 0.85:  # most networks are of the size of a hand calculation
        while max(map(len, (m for m in keys["weights"]))) > 3 or len(keys["weights"]) > 3:
            keys = networks.network(rng.randrange(1 << 30))
    return Specimen(keys, {}, sizes_of(keys))


def coarse(rng: random.Random) -> Specimen:
    """What a person makes up: small, numbers with one decimal, whole or fractions; corners and ties are common."""
    sizes = [rng.randint(1, 3) for _ in range(rng.choice([2, 2, 3, 3, 4]))]
    samples = rng.choice([1, 1, 2, 3])

    def number() -> Any:
        return rng.choice(
            [rng.randint(-10, 10) / 10, rng.randint(-10, 10) / 10, rng.randint(-2, 2), 0, f"1/{rng.randint(2, 9)}"]
        )

    def matrix(rows: int, columns: int) -> list[list[Any]]:
        return [[number() for _ in range(columns)] for _ in range(rows)]

    orientation = rng.choice(["Wx", "xW"])
    loss = rng.choice(list(networks.LOSSES))
    last = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}.get(loss)
    acts: list[Any] = [rng.choice(list(networks.ACTIVATIONS)) for _ in sizes[1:]]
    hot = [[float(k == rng.randrange(sizes[-1])) for k in range(sizes[-1])] for _ in range(samples)]
    keys: Keys = {
        "inputs": matrix(samples, sizes[0]),
        "targets": hot if last else matrix(samples, sizes[-1]),
        "weights": [matrix(b, a) if orientation == "Wx" else matrix(a, b) for a, b in pairwise(sizes)],
        "biases": [rng.choice([None, number(), [number() for _ in range(b)]]) for b in sizes[1:]],
        "activation": [*acts[:-1], last] if last else acts,
        "loss": loss,
        "orientation": orientation,
        "learning_rate": rng.choice([0.1, 0.5, 1, "1/3"]),
    }
    if samples == 1 and rng.random() < 0.7:
        keys["inputs"], keys["targets"] = keys["inputs"][0], keys["targets"][0]
    return Specimen(keys, {}, tuple(sizes))


def symbolic(rng: random.Random) -> Specimen:
    """Sizes alone."""
    sizes = [rng.randint(1, 4) for _ in range(rng.randint(2, 4))]
    keys: Keys = {
        "sizes": sizes,
        "activation": [rng.choice(list(networks.ACTIVATIONS)) for _ in sizes[1:]],
        "loss": rng.choice(list(networks.LOSSES)),
        "learning_rate": 0.1,
        "orientation": rng.choice(["Wx", "xW"]),
    }
    if rng.random() < 0.4:
        keys["biases"] = [rng.choice([None, 0, [0] * n]) for n in sizes[1:]]
    return Specimen(keys, {}, tuple(sizes))


def drawn(rng: random.Random) -> Specimen:
    """Drawn weights, and data that are generated."""
    sizes = [2, *(rng.randint(1, 5) for _ in range(rng.randint(0, 2))), rng.choice([1, 1, 2])]
    keys: Keys = {
        "data": {
            "generate": rng.choice(["circle", "xor", "gaussian", "spiral"]),
            "samples": rng.choice([2, 5, 30]),
            "noise": rng.choice([0, 0.1]),
            "seed": rng.randrange(9),
        },
        "sizes": sizes,
        "init": rng.choice([{"scheme": "xavier", "seed": rng.randrange(9)}, {"scheme": "he"}, "zeros"]),
        "activation": [rng.choice(["tanh", "relu", "sigmoid"]) for _ in sizes[2:]] + ["sigmoid"],
        "loss": rng.choice(["binary_cross_entropy", "half_squared_error", "mean_squared_error"]),
        "learning_rate": 0.1,
        "orientation": rng.choice(["Wx", "xW"]),
    }
    return Specimen(keys, {}, tuple(sizes))


def tabled(rng: random.Random) -> Specimen:
    """Samples from a CSV beside the spec."""
    columns, outputs = rng.randint(1, 3), rng.randint(1, 3)
    names = [f"x{i}" for i in range(columns)] + [f"y{k}" for k in range(outputs)]
    rows = [[str(round(rng.uniform(0, 1), 2)) for _ in names] for _ in range(rng.randint(1, 6))]
    sizes = [columns, *(rng.randint(1, 3) for _ in range(rng.randint(0, 2))), outputs]
    keys: Keys = {
        "data": {"file": "data.csv", "inputs": names[:columns], "targets": names[columns:]},
        "sizes": sizes,
        "init": {"scheme": "xavier", "seed": rng.randrange(9)},
        "activation": rng.choice(["tanh", "sigmoid", "softmax"]),
        "loss": rng.choice(["squared_error", "half_squared_error"]),
        "learning_rate": 0.1,
    }
    return Specimen(keys, {"data.csv": "\n".join(map(",".join, [names, *rows])) + "\n"}, tuple(sizes))


def sizes_of(keys: Keys) -> tuple[int, ...]:
    """Inputs, then neurons of each layer."""
    across = keys["orientation"] == "xW"
    first = len(keys["weights"][0]) if across else len(keys["weights"][0][0])
    return (first, *(len(m[0]) if across else len(m) for m in keys["weights"]))


def _notation(rng: random.Random, keys: Keys) -> None:
    name = rng.choice(NOTATIONS)
    keys["notation"] = name
    if rng.random() < 0.3:
        keys["notation"] = {"extends": name}
        if name == "layered":
            keys["notation"]["index"] = rng.choice(["to_from", "from_to"])
        if rng.random() < 0.5:
            letter = rng.choice(["input", "weight", "bias", "sum", "activation", "target", "loss", "rate", "delta"])
            keys["notation"][letter] = rng.choice(["q", "Q", "θ", "ell"])


def _names(rng: random.Random, keys: Keys) -> None:
    keys["names"] = {rng.choice(["w[1,1,1]", "z[1,1]", "a[1,1]", "x[1]", "t[1]"]): rng.choice(["I_4", "foo", "o'"])}


def _digits(rng: random.Random, keys: Keys) -> None:
    if rng.random() < 0.6:
        keys["decimals"] = rng.choice([0, 1, 2, 3, 4, 9, 15])
    else:
        keys["significant"] = rng.choice([1, 2, 3, 5, 15])
    if rng.random() < 0.4:
        kind = rng.choice(["z", "a", "E", "dE", "delta", "dE/dw", "update", "w"])
        keys["digits"] = {kind: rng.choice([{"decimals": 2}, {"significant": 3}, {"decimals": 0}])}


def _work(rng: random.Random, keys: Keys) -> None:
    keys["carry"] = "rounded"
    keys.pop("exact", None)


def _exact(rng: random.Random, keys: Keys) -> None:
    if "carry" not in keys and keys.get("view") != "matrix":
        keys["exact"] = True


def _iterations(rng: random.Random, keys: Keys) -> None:
    if rng.random() < 0.7:
        keys["iterations"] = rng.choice([1, 2, 3, 5])
    else:
        keys["epochs"] = rng.choice([1, 2])


def _batches(rng: random.Random, keys: Keys) -> None:
    keys["batch_size"] = rng.choice(["all", 1, 2, 3, 50])
    if rng.random() < 0.5:
        keys["shuffle"], keys["seed"] = True, rng.randrange(9)


def _optimiser(rng: random.Random, keys: Keys) -> None:
    name = rng.choice(ALL_IN_ONE)
    keys["optimiser"] = name
    if name != "gradient_descent" and rng.random() < 0.5:
        option = {"momentum": "momentum", "nesterov": "momentum", "rmsprop": "alpha", "adam": "beta1"}[name]
        keys["optimiser"] = {"name": name, option: rng.choice([0, 0.5, 0.99])}


def _train(rng: random.Random, keys: Keys) -> None:
    keys["train"] = rng.choice([["weights"], ["biases"], ["w[1,1,1]"], ["weights", "biases"], []])


def _functions(rng: random.Random, keys: Keys) -> None:
    formula = rng.choice(
        [
            "x / (1 + exp(-x))",
            "max(0, x)",
            "x*c",
            "abs(x)",
            "sqrt(x**2 + 1)",
            "sin(x) + x",
            "tanh(x)**2",
            "log(1 + x*x)",
        ]
    )
    made = {"name": "swish", "formula": formula} | ({"c": 0.5} if "c" in formula.split("*") else {})
    given = keys["activation"]
    if isinstance(given, list):
        given[rng.randrange(len(given))] = made
    else:
        keys["activation"] = made


def _own_loss(rng: random.Random, keys: Keys) -> None:
    formula = rng.choice(
        ["(t - o)**4", "abs(t - o)", "(t - o)**2 / (1 + o**2)", "log(1 + exp(-t*o))", "max(0, 1 - t*o)"]
    )
    keys["loss"] = {"name": "own", "formula": formula, "samples": rng.choice(["sum", "mean"])}


def _marking(rng: random.Random, keys: Keys) -> None:
    keys["precision"] = rng.choice([{"decimals": 3}, {"significant": 4}, {"decimals": 0}])
    keys["accept"] = ["negated-delta"]
    keys["points"] = rng.choice([{"backward": 2}, {"E": 5, "forward": 0}, {"loss": "1/2"}])
    keys["credit"] = {"follows": 0.5}
    keys["deduct"] = rng.choice(["every", "once"])
    if rng.random() < 0.3:
        keys["only"] = rng.choice(["given", ["E"], "E"])
    if rng.random() < 0.3:
        keys["ask"] = rng.choice([["forward"], ["E"], ["loss", "backward"]])
    if rng.random() < 0.3:
        keys["vary"] = rng.choice([{"weights": 0.05}, {"inputs": 0.1, "weights": {"step": 0.1, "from": -1, "to": 1}}])


def _rate(rng: random.Random, keys: Keys) -> None:
    keys["learning_rate"] = rng.choice([None, [0.1, 1], [0.1, 0.2, 5], 0, 10, "1/7", 1e-9])
    if keys["learning_rate"] is None:
        del keys["learning_rate"]


def _one_of(key: str, *choices: Any) -> Change:
    def change(rng: random.Random, keys: Keys) -> None:
        keys[key] = rng.choice(choices)

    return change


CHANGES: tuple[Change, ...] = (
    _one_of("title", "A title", "", "100% of $5 & #1"), _one_of("view", "scalar", "matrix"),
    _one_of("chain", "factors", "delta", "full"), _one_of("update", "simultaneous", "sequential"),
    _notation, _names, _digits, _work, _exact, _iterations, _batches, _optimiser, _train, _functions, _own_loss,
    _marking, _rate,
)  # fmt: skip


# Formulas


def expression(rng: random.Random, names: list[str], depth: int) -> str:
    """A formula of these names."""
    if depth == 0 or rng.random() < 0.15:
        return rng.choice(names) if rng.random() < 0.75 else rng.choice(["2", "0.5", "3", "1/3", "10"])
    a, b = (expression(rng, names, depth - 1) for _ in range(2))
    return rng.choice(
        [f"{a} + {b}", f"({a} - {b})", f"({a})*({b})", f"({a})*({b})", f"({a})/(1 + ({b})**2)", f"({a})**2",
         f"({a})**3", f"exp(-({a}))", f"log(1 + ({a})**2)", f"sqrt(1 + ({a})**2)", f"sqrt(({a})**2)", f"sin({a})",
         f"cos({a})", f"tanh({a})", f"sigmoid({a})", f"relu({a})", f"abs({a})", f"max({a}, {b})", f"min({a}, 0.5)",
         f"-({a})"]
    )  # fmt: skip


def graph(rng: random.Random) -> Specimen:
    """An expression graph of one line or several, with values or without."""
    names = rng.sample(["a", "b", "c", "x", "y", "w_1"], rng.randint(1, 4))
    keys: Keys = {}
    if rng.random() < 0.6:
        keys["expression"] = rng.choice(["J = ", "f = ", ""]) + expression(rng, names, rng.randint(1, 3))
        used = [keys["expression"].partition("=")[2] or keys["expression"]]
    else:
        lines, known = [], list(names)
        for n in range(rng.randint(2, 4)):
            lines.append(f"h{n} = {rng.choice(known)} + {expression(rng, known, rng.randint(1, 2))}")
            known.append(f"h{n}")
        keys["expressions"] = lines
        used = lines
    if rng.random() < 0.2:
        keys = {"expression": f"J = {names[0]}*({names[-1]} + 2) + 1", "nodes": {"u": f"{names[-1]} + 2"}}
        used = [keys["expression"]]
    words = set("".join(c if c.isalnum() or c == "_" else " " for c in " ".join(used)).split())
    if rng.random() < 0.8:
        keys["values"] = {name: rng.choice([rng.randint(-3, 5), round(rng.uniform(-2, 2), 2), 0]) for name in names}
        keys["values"] = {name: value for name, value in keys["values"].items() if name in words}
    for change in (_digits, _work, _exact, CHANGES[0], _graph_chain):
        if rng.random() < 0.25:
            change(rng, keys)
    return Specimen(keys, {})


def _graph_chain(rng: random.Random, keys: Keys) -> None:
    keys["precision"] = {"decimals": 3}


def descent(rng: random.Random) -> Specimen:
    """A gradient descent on a function of one to three variables."""
    names = rng.sample(["theta", "x", "y", "w"], rng.randint(1, 3))
    function = " + ".join(f"({name})**2" for name in names) + " + " + expression(rng, names, rng.randint(0, 2))
    keys: Keys = {
        "minimise": function,
        "start": {name: rng.choice([rng.randint(-4, 4), round(rng.uniform(-2, 2), 2)]) for name in names},
        "learning_rate": rng.choice([0.1, 0.5, 1.5, [0.1, 1.5, 0.01], "1/3"]),
        "iterations": rng.choice([1, 2, 3, 10]),
    }
    for change in (_digits, _work, _exact, CHANGES[0]):
        if rng.random() < 0.25:
            change(rng, keys)
    return Specimen(keys, {})


if __name__ == "__main__":
    print(specimen(random.Random(int(sys.argv[1]))).text)
