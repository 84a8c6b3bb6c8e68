"""Networks of other programs: what they call things is kept to, and what has no counterpart here is said.

Against the real PyTorch and scikit-learn they are set in ``tests/benchmarks/programs.py``; here are stand-ins.
"""

from __future__ import annotations

import json
import math
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import call

import backpropcalc as bp
from backpropcalc.spec.new import GAP


class Module:
    """As much of ``torch.nn.Module`` as is looked at."""

    training = False

    def __init__(self, *parts: Any, **attributes: Any) -> None:
        self.parts = parts
        vars(self).update(attributes)

    def children(self) -> Any:
        return iter(self.parts)


def module(name: str, *parts: Any, **attributes: Any) -> Any:
    return type(name, (Module,), {})(*parts, **attributes)


def linear(rows: list[list[float]], bias: list[float] | None = None) -> Any:
    return module("Linear", weight=np.array(rows), bias=None if bias is None else np.array(bias))


FIRST, LAST = linear([[0.1, 0.2], [0.3, -0.4]], [0.5, 0.6]), linear([[0.7, 0.8], [0.9, -1.0]], [0.1, 0.2])
X = np.array([[1.0, 2.0], [3.0, -1.0]])


def model(*more: Any) -> Any:
    return module("Sequential", FIRST, module("ReLU"), module("Sequential", LAST, *more), module("Dropout"))


def test_cross_entropy_takes_scores_and_the_mean_over_samples() -> None:
    """−ln of the softmax of the class, averaged."""
    spec = bp.from_torch(model(), X, np.array([0, 1]), module("CrossEntropyLoss", reduction="mean"))
    scores = np.maximum(0, X @ FIRST.weight.T + FIRST.bias) @ LAST.weight.T + LAST.bias
    expected = -np.log(np.exp(scores) / np.exp(scores).sum(1, keepdims=True))[[0, 1], [0, 1]].mean()

    assert expected == pytest.approx(spec.run()["E"].value)
    assert spec.title == "From PyTorch: CrossEntropyLoss takes scores, so softmax is added; mean over samples"


@pytest.mark.parametrize(("reduction", "expected"), [("mean", np.mean), ("sum", np.sum)])
def test_mse_is_taken_over_outputs_too(reduction: str, expected: Any) -> None:
    """Four squares: two samples, two outputs."""
    targets = np.array([[1.0, 0.0], [0.0, 1.0]])
    spec = bp.from_torch(model(module("Tanh")), X, targets, module("MSELoss", reduction=reduction))
    out = np.tanh(np.maximum(0, X @ FIRST.weight.T + FIRST.bias) @ LAST.weight.T + LAST.bias)

    assert expected((targets - out) ** 2) == pytest.approx(spec.run()["E"].value)
    assert f"{reduction} over outputs and samples" in spec.title


def test_parameters_of_activations_and_scores_of_one_output() -> None:
    """A slope is read from the module; a number per sample is a column of targets."""
    one = module("Sequential", FIRST, module("LeakyReLU", negative_slope=0.2), linear([[0.7, 0.8]]))
    spec = bp.from_torch(one, X, np.array([1.0, 0.0]), "BCEWithLogitsLoss")

    assert ["leaky_relu", "sigmoid"] == [layer.rule.name for layer in spec.layers]
    assert "0.2" == spec.layers[0].parameters["alpha"].text
    assert spec.layers[1].bias is None and 2 == len(spec.targets)


@pytest.mark.parametrize(
    ("given", "loss", "said"),
    [
        (module("Sequential", module("Conv2d")), "MSELoss", "Conv2d has no counterpart"),
        (module("Net", FIRST), "MSELoss", "wrap them in nn.Sequential"),
        (module("Sequential", module("ReLU")), "MSELoss", "does not follow a Linear layer"),
        (module("Sequential"), "MSELoss", "no counterpart|no Linear layer"),
        (model(module("Softmax")), "CrossEntropyLoss", "takes scores"),
        (model(), "HuberLoss", "HuberLoss has no counterpart"),
        (model(), module("MSELoss", reduction="none"), "the mean or the sum"),
        (model(), module("CrossEntropyLoss", reduction="mean", label_smoothing=0.1), "without weights and smoothing"),
        (module("Sequential", FIRST, module("Dropout", training=True)), "MSELoss", "model.eval"),
    ],
)
def test_what_has_no_counterpart_is_said(given: Any, loss: Any, said: str) -> None:
    """And nothing is guessed."""
    with pytest.raises(bp.InputError, match=said):
        bp.from_torch(given, X, X, loss)


class Perceptron:
    """As much of scikit-learn's ``MLPClassifier`` as is looked at."""

    activation, out_activation_, alpha = "logistic", "softmax", 0.0001
    coefs_ = (FIRST.weight.T, np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]))
    intercepts_ = (FIRST.bias, np.array([0.0, 0.1, 0.2]))
    classes_ = np.array(["cat", "cow", "dog"])


def test_a_perceptron_of_scikit_learn_keeps_its_classes_and_says_what_is_left_out() -> None:
    """Weights stand a row per source there; labels are words."""
    spec = bp.from_sklearn(Perceptron(), X, np.array(["dog", "cat"]), learning_rate=0.1)
    hidden = 1 / (1 + np.exp(-(X @ Perceptron.coefs_[0] + Perceptron.intercepts_[0])))
    scores = hidden @ Perceptron.coefs_[1] + Perceptron.intercepts_[1]
    expected = -np.log(np.exp(scores) / np.exp(scores).sum(1, keepdims=True))[[0, 1], [2, 0]].mean()

    assert expected == pytest.approx(spec.run()["E"].value)
    assert "alpha = 0.0001, times half the squared weights over the samples, is left out" in spec.title
    with pytest.raises(bp.InputError, match="poisson"):
        bp.from_sklearn(type("Other", (Perceptron,), {"loss": "poisson"})(), X, X)
    with pytest.raises(bp.InputError, match=r"call model\.fit"):
        bp.from_sklearn(object(), X, X)


def saved(path: Path, arrays: dict[str, Any]) -> Path:
    """A file in the format of safetensors, bytes by bytes."""
    header, body = {}, b""
    for name, array in arrays.items():
        raw = array.tobytes()
        kind = {"float64": "F64", "float32": "F32", "float16": "F16"}[str(array.dtype)]
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header | {"__metadata__": {"format": "pt"}}).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    return path


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
def test_a_safetensors_file_is_read_without_a_library(tmp_path: Path, kind: Any) -> None:
    """Layers in the order of their numbers, 10 behind 2."""
    arrays = {
        "net.10.weight": np.array([[0.5, 0.25]], kind),
        "net.2.weight": np.array([[1, 2], [3, 4]], kind),
        "net.2.bias": np.array([0.5, -1.5], kind),
    }
    path = saved(tmp_path / "model.safetensors", arrays)
    spec = bp.from_safetensors(
        path, activation=["relu", "sigmoid"], loss="half_squared_error", inputs=[1, 2], targets=[1]
    )

    assert (2, 2, 1) == spec.sizes
    assert 5.5 == spec.run()["z[1,1]"].value
    assert spec.layers[1].bias is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x80\x02}q\x00.",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 60) + b'{"0.weight":{"dtype":"F32","shape":[9,9],"data_offsets":[0,8]}} '[:60] + b"12345678",
    ],
)
def test_a_file_of_another_kind_is_an_error(tmp_path: Path, raw: bytes) -> None:
    """A pickle too: it is not opened as one."""
    (tmp_path / "model.safetensors").write_bytes(raw)
    with pytest.raises(bp.InputError, match=r"model\.safetensors"):
        bp.from_safetensors(tmp_path / "model.safetensors", activation="relu")


def test_the_command_line_makes_a_spec_of_a_file(tmp_path: Path) -> None:
    """Its weights and biases to the last digit; activations and loss by flags; the rest is drawn or left open."""
    arrays = {"0.weight": np.array([[1 / 3, 2]]), "0.bias": np.array([0.1]), "1.weight": np.array([[3.0], [-4.0]])}
    path = saved(tmp_path / "model.safetensors", arrays)
    words = ["new", "--from", str(path), "--activation", "relu,softmax", "--loss", "cross_entropy"]
    drawn, gaps = call(*words, "--seed", "1"), call(*words)
    spec = bp.loads(drawn.out)

    assert (0, 0) == (drawn.code, gaps.code)
    assert ["relu", "softmax"] == [layer.rule.name for layer in spec.layers]
    assert 1 / 3 == float(spec.layers[0].weights[0][0].text)
    assert ([0.1], None) == ([float(n.text) for n in spec.layers[0].bias or ()], spec.layers[1].bias)
    assert spec.run()["E"].value > 0
    assert f"inputs:  [{GAP}, {GAP}]" in gaps.out


@pytest.mark.parametrize(("arrays", "said"), [
    ({"0.weight": np.ones((2, 2)), "1.weight": np.ones((1, 3))}, "the layer 1 of .* does not fit"),
    ({"0.weight": np.ones((2, 2)), "0.bias": np.ones(3)}, "the layer 0 of .* does not fit"),
    ({"0.weight": np.array([[math.nan, 1.0]])}, "holds what is no number"),
])  # fmt: skip
def test_layers_that_do_not_fit_are_told(arrays: dict[str, Any], said: str, tmp_path: Path) -> None:
    """One after the other, with their biases; every weight is a number."""
    path = saved(tmp_path / "model.safetensors", arrays)
    found = call("new", "--from", str(path))

    assert (2, "") == (found.code, found.out)
    assert re.search(said, found.err)


def test_a_name_of_a_file_is_text_in_the_spec(tmp_path: Path) -> None:
    """It stands in a comment and cannot leave it."""
    path = saved(tmp_path / "a\ntitle: mine.safetensors", {"0.weight": np.ones((1, 1))})
    found = call("new", "--from", str(path), "--seed", "1")

    assert "A 1-1 network" == bp.loads(found.out).title
