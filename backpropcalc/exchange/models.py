"""Networks of PyTorch and scikit-learn as the keys of a spec, by the attributes that they have: neither is imported.

What they call a loss is kept to: the last layer of scores gets its softmax or sigmoid, and means are taken over what
they are taken over there. The title says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from backpropcalc.errors import fail, one_of, printable

Foreign = Any
"""An object of another program: nothing is known of it but the attributes that are asked for."""
Keys = dict[str, Foreign]
"""The keys of a spec; arrays are left as they are."""


def _with(name: str, **parameters: str) -> Callable[[Foreign], Foreign]:
    """An activation whose parameters are attributes of the module."""

    def made(module: Foreign) -> Keys:
        values = {ours: getattr(module, theirs) for ours, theirs in parameters.items()}
        return {"name": name, **{key: getattr(value, "item", lambda v=value: v)() for key, value in values.items()}}

    return made


ACTIVATIONS: dict[str, Callable[[Foreign], Foreign]] = {
    "Identity": lambda module: "identity",
    "Sigmoid": lambda module: "sigmoid",
    "Tanh": lambda module: "tanh",
    "ReLU": lambda module: "relu",
    "Softplus": lambda module: "softplus",
    "Softmax": lambda module: "softmax",
    "SiLU": lambda module: {"name": "swish", "formula": "x / (1 + exp(-x))"},
    "LeakyReLU": _with("leaky_relu", alpha="negative_slope"),
    "PReLU": _with("prelu", alpha="weight"),
    "ELU": _with("elu", alpha="alpha"),
}
"""What PyTorch calls a module, and what makes our activation of it."""
SCORES = {"CrossEntropyLoss": "softmax", "BCEWithLogitsLoss": "sigmoid"}
"""The losses that take scores, and what they do to them first."""
LOSSES = {
    "MSELoss": "squared_error",
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy",
    "CrossEntropyLoss": "cross_entropy",
}
PASSED = ("Flatten", "Dropout")
"""Modules that do nothing to a row of numbers, once training is over."""


def of_torch(model: Foreign, x: Foreign, y: Foreign, loss: Foreign) -> Keys:
    """The keys of an ``nn.Sequential`` of linear layers and activations, with a loss module or the name of one.

    Shapes: ``x`` (samples, inputs) or (inputs,); ``y`` as the loss takes it, classes as numbers too. Raises
    ``InputError`` for modules and losses that have no counterpart here.
    """
    keys: Keys = {"weights": [], "biases": [], "activation": []}
    for module in _modules(model):
        _add(keys, module)
    if not keys["weights"]:
        raise fail("no-layer", "there is no Linear layer in this model")
    name = loss if isinstance(loss, str) else type(loss).__name__
    reduction = _reduction(name, loss)
    by_class = name == "CrossEntropyLoss"
    if name in SCORES:
        if keys["activation"][-1] != "identity":
            raise fail("scores", f"{name} takes scores: the model must not end in an activation")
        keys["activation"][-1] = SCORES[name]
    scores = f"{name} takes scores, so {SCORES[name]} is added" if name in SCORES else name
    over = f"{reduction} over {'samples' if by_class else 'outputs and samples'}"
    return {
        "title": f"From PyTorch: {scores}; {over}",
        **keys,
        "inputs": x,
        "targets": _one_hot(y, len(_plain(keys["weights"][-1]))) if by_class else _columns(y),
        "loss": {"name": LOSSES[name], "outputs": "sum" if by_class else reduction, "samples": reduction},
    }


def _modules(model: Foreign) -> Iterator[Foreign]:
    """The modules of a model in the order in which it goes through them."""
    parts = list(model.children())
    if not parts:
        yield model
    elif type(model).__name__ != "Sequential":
        message = f"the order of the parts of {printable(type(model).__name__, 40)} cannot be seen"
        raise fail("no-order", message, "wrap them in nn.Sequential")
    for part in parts:
        yield from _modules(part)


def _add(keys: Keys, module: Foreign) -> None:
    """A layer, or the activation of the one before."""
    kind = type(module).__name__
    if kind == "Linear":
        keys["weights"].append(module.weight)
        keys["biases"].append(module.bias)
        keys["activation"].append("identity")
    elif kind in ACTIVATIONS:
        if not keys["weights"] or keys["activation"][-1] != "identity":
            raise fail("no-layer", f"{kind} does not follow a Linear layer")
        keys["activation"][-1] = ACTIVATIONS[kind](module)
    elif kind not in PASSED or (kind == "Dropout" and module.training):
        known = ["Linear", *ACTIVATIONS, *PASSED]
        help = "call model.eval() first" if kind == "Dropout" else one_of(kind, known)
        raise fail("unknown-module", f"{printable(kind, 40)} has no counterpart here", help)


def _reduction(name: str, loss: Foreign) -> str:
    """Whether a loss takes the mean or the sum. Raises ``InputError`` if it is another loss or does more."""
    if name not in LOSSES:
        raise fail("unknown-loss", f"the loss {printable(name, 40)} has no counterpart here", one_of(name, [*LOSSES]))
    reduction: str = getattr(loss, "reduction", "mean")
    weighted = any(getattr(loss, more, None) is not None for more in ("weight", "pos_weight"))
    if reduction not in ("mean", "sum") or weighted or getattr(loss, "label_smoothing", False):
        raise fail("unknown-loss", f"{name} is taken with the mean or the sum, without weights and smoothing")
    return reduction


def of_sklearn(model: Foreign, x: Foreign, y: Foreign) -> Keys:
    """The keys of a fitted ``MLPClassifier`` or ``MLPRegressor``.

    Shapes: ``x`` (samples, inputs), ``y`` (samples,) or (samples, outputs). Raises ``InputError`` if it is not fitted.
    """
    if not hasattr(model, "coefs_"):
        raise fail("not-fitted", "this model is not fitted, or is no multi-layer perceptron", "call model.fit first")
    if getattr(model, "loss", "") == "poisson":
        raise fail("unknown-loss", "the loss poisson has no counterpart here", "squared_error and log_loss have")
    words = {"logistic": "sigmoid"}
    hidden, last = (words.get(name, name) for name in (model.activation, model.out_activation_))
    outputs = len(_plain(model.intercepts_[-1]))
    classes = _plain(getattr(model, "classes_", []))
    labels = [classes.index(label) for label in _plain(y)] if classes and not _nested(y) else None
    binary = {"name": "binary_cross_entropy", "outputs": "sum", "samples": "mean"}
    losses: Mapping[str, Keys] = {
        "softmax": {"name": "cross_entropy", "samples": "mean"},
        "sigmoid": binary,
        "identity": {"name": "half_squared_error", "outputs": "mean", "samples": "mean"},
    }
    left_out = f"; its alpha = {model.alpha:g}, times half the squared weights over the samples, is left out"
    return {
        "title": f"From scikit-learn: mean over samples{left_out if model.alpha else ''}",
        "orientation": "xW",
        "weights": list(model.coefs_),
        "biases": list(model.intercepts_),
        "activation": [hidden] * (len(model.coefs_) - 1) + [last],
        "inputs": x,
        "targets": _columns(y) if labels is None else _one_hot(labels, outputs) if outputs > 1 else _columns(labels),
        "loss": losses[last],
    }


def _plain(value: Foreign) -> Foreign:
    """An array as lists."""
    return value.tolist() if hasattr(value, "tolist") else value


def _nested(value: Foreign) -> bool:
    plain = _plain(value)
    return isinstance(plain, list) and bool(plain) and isinstance(_plain(plain[0]), list)


def _columns(targets: Foreign) -> Foreign:
    """Targets of one output for several samples as a column; any others as they are."""
    plain = _plain(targets)
    return plain if _nested(plain) or not isinstance(plain, list) else [[one] for one in plain]


def _one_hot(classes: Foreign, outputs: int) -> Foreign:
    """The numbers of classes as rows with a 1 in one place; probabilities as they are."""
    plain = _plain(classes)
    if _nested(plain):
        return plain
    rows = plain if isinstance(plain, list) else [plain]
    if all(isinstance(row, float) for row in rows):
        return [rows]
    return [[int(n == row) for n in range(outputs)] for row in rows]
