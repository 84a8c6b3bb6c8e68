"""Random networks, and an independent way to work them out: NumPy by way of autograd, with samples down the rows.

Nothing here knows the program's formulas: each activation and loss is written from its definition.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import autograd.numpy as np
from autograd import grad

ALPHA = {"leaky_relu": 0.01, "prelu": 0.25, "elu": 1.0}

ACTIVATIONS: dict[str, Callable[[Any, float], Any]] = {
    "identity": lambda z, alpha: z,
    "step": lambda z, alpha: np.where(z >= 0, 1.0, 0.0),
    "sigmoid": lambda z, alpha: 1 / (1 + np.exp(-z)),
    "tanh": lambda z, alpha: np.tanh(z),
    "arctan": lambda z, alpha: np.arctan(z),
    "relu": lambda z, alpha: np.where(z > 0, z, 0.0),
    "leaky_relu": lambda z, alpha: np.where(z > 0, z, alpha * z),
    "prelu": lambda z, alpha: np.where(z > 0, z, alpha * z),
    "elu": lambda z, alpha: np.where(z > 0, z, alpha * (np.exp(np.minimum(z, 0)) - 1)),
    "softplus": lambda z, alpha: np.log(1 + np.exp(z)),
    "softmax": lambda z, alpha: np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True),
}
LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "half_squared_error": lambda t, o: (t - o) ** 2 / 2,
    "squared_error": lambda t, o: (t - o) ** 2,
    "mean_squared_error": lambda t, o: (t - o) ** 2,
    "binary_cross_entropy": lambda t, o: -t * np.log(o) - (1 - t) * np.log(1 - o),
    "cross_entropy": lambda t, o: -t * np.log(o),
}
Keys = dict[str, Any]


def network(seed: int, **wanted: Any) -> Keys:
    """The keys of a random network whose loss is finite: depth 1 to 4, width 1 to 6, up to four samples."""
    rng = random.Random(seed)
    while True:
        keys = _draw(rng) | wanted
        if _sensible(keys):
            return keys


def _draw(rng: random.Random) -> Keys:
    depth = rng.randint(1, 4)
    sizes = [rng.randint(1, 6) for _ in range(depth + 1)]
    loss = rng.choice(list(LOSSES))
    samples = rng.choice([1, 1, 2, 4])
    orientation = rng.choice(["Wx", "xW"])

    def number(low: float = -1.5, high: float = 1.5) -> float:
        return round(rng.uniform(low, high), rng.choice([2, 6]))

    def matrix(rows: int, columns: int, low: float = -1.5, high: float = 1.5) -> list[list[float]]:
        return [[number(low, high) for _ in range(columns)] for _ in range(rows)]

    def activation() -> Any:
        name = rng.choice(list(ACTIVATIONS))
        return {"name": name, "alpha": abs(number())} if name in ALPHA and rng.random() < 0.5 else name

    def bias(size: int) -> Any:
        return rng.choice([None, number(0, 1), [number() for _ in range(size)]])

    shapes = [pair[::-1] if orientation == "Wx" else pair for pair in pairwise(sizes)]
    reductions = {"outputs": rng.choice(["sum", "mean"]), "samples": rng.choice(["sum", "mean"])}
    keys: Keys = {
        "inputs": matrix(samples, sizes[0]),
        "targets": matrix(samples, sizes[-1], 0, 1),
        "weights": [matrix(*shape) for shape in shapes],
        "biases": [bias(size) for size in sizes[1:]],
        "activation": [activation() for _ in range(depth)],
        "loss": rng.choice([loss, {"name": loss, **reductions}]),
        "orientation": orientation,
        "learning_rate": 0.01,
        "chain": rng.choice(["factors", "delta"]),
    }
    if "cross" in loss:  # small outputs around 1/2, so that the logarithm has something to work with
        keys["weights"][-1] = matrix(*shapes[-1], -0.1, 0.2)
        keys["biases"][-1] = rng.choice([0.5, [number(0.3, 0.7) for _ in range(sizes[-1])]])
    return keys


def _sensible(keys: Keys) -> bool:
    *_, outputs = forward(keys, parameters(keys))
    name = loss_name(keys)
    low = bool(np.all(outputs > 0.01)) if "cross" in name else True
    high = bool(np.all(outputs < 0.99)) if name == "binary_cross_entropy" else True
    return low and high


def loss_name(keys: Keys) -> str:
    loss = keys["loss"]
    return str(loss["name"]) if isinstance(loss, Mapping) else str(loss)


def parameters(keys: Keys) -> list[tuple[Any, Any]]:
    """Weights (a row per source) and biases of each layer; a bias is an array of 0 (none), 1 (shared) or n."""
    found = []
    for weights, bias in zip(keys["weights"], keys["biases"], strict=True):
        matrix = np.array(weights, dtype=float)
        listed = [] if bias is None else bias if isinstance(bias, list) else [bias]
        found.append((matrix if keys["orientation"] == "xW" else matrix.T, np.array(listed, dtype=float)))
    return found


def act(keys: Keys, n: int, z: Any) -> Any:
    """The activation of layer ``n``, from 0."""
    given = keys["activation"] if isinstance(keys["activation"], list) else [keys["activation"]] * (n + 1)
    name, alpha = (given[n]["name"], given[n]["alpha"]) if isinstance(given[n], Mapping) else (given[n], None)
    return ACTIVATIONS[name](z, ALPHA.get(name, 0.0) if alpha is None else alpha)


def forward(keys: Keys, layers: list[tuple[Any, Any]]) -> list[Any]:
    """Inputs, then z and a of each layer, a row per sample."""
    found = [np.array(keys["inputs"], dtype=float)]
    with np.errstate(all="ignore"):
        for n, (weights, bias) in enumerate(layers):
            z = np.dot(found[-1], weights)
            if len(bias):
                z = z + bias
            found += [z, act(keys, n, z)]
    return found


def total(keys: Keys, outputs: Any) -> Any:
    """The loss, reduced over outputs and samples."""
    name, loss = loss_name(keys), keys["loss"]
    options = loss if isinstance(loss, Mapping) else {}
    with np.errstate(all="ignore"):
        terms = LOSSES[name](np.array(keys["targets"], dtype=float), outputs)
    over = options.get("outputs", "mean" if name == "mean_squared_error" else "sum")
    samples = np.sum(terms, axis=1) if over == "sum" else np.mean(terms, axis=1)
    return np.sum(samples) if options.get("samples", "mean") == "sum" else np.mean(samples)


def gradients(keys: Keys) -> list[tuple[Any, Any]]:
    """The gradient of the loss by each layer's weights and biases, by automatic differentiation."""
    return grad(lambda layers: total(keys, forward(keys, layers)[-1]))(parameters(keys))


def by_id(keys: Keys, layers: list[tuple[Any, Any]], prefix: str = "", suffix: str = "") -> dict[str, float]:
    """Parameters, or what belongs to each of them, by id."""
    found = {}
    for n, ((weights, bias), written) in enumerate(zip(layers, keys["biases"], strict=True), 1):
        for i, row in enumerate(weights, 1):
            found |= {f"{prefix}w[{n},{j},{i}]{suffix}": float(x) for j, x in enumerate(row, 1)}
        for j, x in enumerate(bias, 1):
            found[f"{prefix}b[{n},{j}]{suffix}" if isinstance(written, list) else f"{prefix}b[{n}]{suffix}"] = float(x)
    return found
