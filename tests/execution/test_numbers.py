"""Numbers are what a person means by them: decimals are exact, = means exact, every runner sees the same corners."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from io import StringIO
from typing import Any

import pytest
from oracle import spec

import backpropcalc as bp
from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.decimals import by_hand
from backpropcalc.algebra.terms import Num, op
from backpropcalc.execution.predict import predict
from backpropcalc.execution.session import train

Keys = dict[str, Any]


def page(given: bp.Spec, form: str = "terminal") -> str:
    out = StringIO()
    bp.write(bp.page(given), out, form)
    return out.getvalue()


def corner(seed: int) -> tuple[Keys, Fraction]:
    """A neuron on a grid of tenths whose weighted sum is exactly 0, or a tenth away from it; and that sum."""
    draw = random.Random(seed)
    weights = [draw.randint(-9, 9) for _ in range(2 + seed % 3)]
    inputs = [draw.choice((-2, -1, 1, 2)) for _ in weights]
    away = draw.choice((0, 0, 0, 1, -1))
    bias = away - sum(w * x for w, x in zip(weights, inputs, strict=True))
    keys = {
        "inputs": inputs, "targets": [0.3], "weights": [[[w / 10 for w in weights]]], "biases": [[bias / 10]],
        "loss": "half_squared_error", "learning_rate": 0.1,
    }  # fmt: skip
    return keys, Fraction(away, 10)


@pytest.mark.parametrize("arithmetic", [by_hand(), FLOAT], ids=lambda arithmetic: arithmetic.name)
def test_what_is_exactly_0_is_0(arithmetic: Any) -> None:
    """Of 20,000 random sums of one-decimal numbers that are exactly 0 every one comes out as 0."""
    draw = random.Random(1)
    wrong = 0
    for _ in range(20_000):
        tenths = [draw.randint(-99, 99) for _ in range(draw.randint(2, 6))]
        texts = [f"{n / 10}" for n in (*tenths, -sum(tenths))]
        wrong += evaluate(op("add", *map(Num, texts)), lambda var: 0, arithmetic) != 0

    assert 0 == wrong


@pytest.mark.parametrize("activation", ["relu", "step", {"name": "absolute", "formula": "abs(x)"}], ids=str)
@pytest.mark.parametrize("seed", range(12))
def test_corners_are_the_same_everywhere(activation: Any, seed: int) -> None:
    """Value and slope at a corner, as by hand: in run, in matrices, exact, in training and in prediction."""
    keys, z = corner(seed)
    keys["activation"] = activation
    name = activation if isinstance(activation, str) else "absolute"
    value = {"relu": max(z, 0), "step": Fraction(z >= 0), "absolute": abs(z)}[name]
    slope = {"relu": Fraction(z > 0), "step": Fraction(0), "absolute": Fraction(1 if z > 0 else -1)}[name]
    change = slope * (value - Fraction(3, 10)) * Fraction(1, 10)
    expected = float(Fraction(str(keys["biases"][0][0])) - change)

    for changes in ({}, {"view": "matrix"}, {"exact": True}, {"chain": "delta"}, {"carry": "rounded"}):
        found = {line.id: float(line.value) for line in spec(keys, **changes).run()}
        assert (float(z), float(value)) == (found["z[1,1]"], found["a[1,1]"]), changes
        assert expected == pytest.approx(found["b[1,1]+"], abs=1e-12), changes
    trained = train(spec(keys, iterations=1)).parameters
    assert [expected] == pytest.approx([float(value) for var, value in trained.items() if var.role == "b"], abs=1e-12)
    assert [float(value)] == pytest.approx(predict(spec(keys)).outputs[0], abs=1e-12)


def test_equals_means_exact() -> None:
    """A sum with thirds is exact where it ends; tanh(20) and what has more digits than are shown are not."""
    keys = {"inputs": [1], "targets": [0], "activation": "tanh", "loss": "half_squared_error", "learning_rate": 0.1}
    saturated = page(spec(keys, weights=[[[20]]], decimals=15))
    thirds = page(spec(keys, inputs=["1/3"], weights=[[[1.575]]]))

    assert "tanh(20)" in saturated and "≈ 1" in saturated.split("tanh(20)")[1].splitlines()[0]
    assert "1.575 · 1/3" in thirds and "= 0.525" in thirds.split("1.575 · 1/3")[1].splitlines()[0]


def test_a_rounded_value_is_one_number() -> None:
    """½ (0.3 − 0.6)² is 0.045: shown, and in JSON, it is 0.05, rounded once."""
    keys = {
        "inputs": [0.6], "targets": [0.3], "weights": [[[1]]], "activation": "identity",
        "loss": "half_squared_error", "learning_rate": 0.1,
    }  # fmt: skip
    given = spec(keys, carry="rounded", decimals=1)
    lines = {line["id"]: line for line in json.loads(page(given, "json"))["lines"]}

    assert 0.05 == lines["E[1]"]["value"]
    assert "(0.3 − 0.6)²" in page(given) and "≈ 0.05" in page(given).split("(0.3 − 0.6)²")[1].splitlines()[0]


@pytest.mark.parametrize("view", ["scalar", "matrix"])
def test_a_slope_that_is_one_is_exactly_one(view: str) -> None:
    """Of a ReLU whose sum is rounded the slope is = 1 or = 0, and what is multiplied with 0 is = 0."""
    keys = {"inputs": ["1/3", "1/7"], "targets": [1], "weights": [[["1/7", 0.3], ["-1/7", 0]], [["1/9", "2/3"]]],
            "activation": ["relu", "sigmoid"], "loss": "half_squared_error", "learning_rate": 0.5}  # fmt: skip
    found = {line["id"]: line["latex"] for line in json.loads(page(spec(keys, view=view), "json"))["lines"]}
    slopes = [found[name] for name in found if name.startswith("da[1") or name == "dE/dz[1,2]"]

    assert slopes
    assert not any("approx" in line for line in slopes), slopes
