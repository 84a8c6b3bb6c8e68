"""Every gradient, against an independent autodiff library, finite differences and the three ways of working it out."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import autograd.numpy as np
import networks
import pytest
from autograd import grad, make_vjp
from networks import Keys, by_id, forward, network, parameters
from oracle import spec, values

import backpropcalc as bp
from backpropcalc.execution import trace as tracing

pytestmark = pytest.mark.filterwarnings("ignore:Output seems independent of input")  # of a step it is
SEEDS = range(300)
SOME = range(0, 300, 10)


@cache
def drawn(seed: int) -> Keys:
    return network(seed)


def near(expected: dict[str, float], found: dict[str, float], relative: float, absolute: float = 0.0) -> None:
    """The same numbers; what cancels to almost nothing is compared with the largest of them."""
    floor = relative * max([abs(x) for x in expected.values()], default=0.0) + absolute

    assert {key: pytest.approx(x, rel=relative, abs=floor, nan_ok=True) for key, x in expected.items()} == {
        key: found[key] for key in expected
    }


def test_the_random_networks_have_everything_in_them() -> None:
    """Each activation with each loss at the output, each reduction, bias, depth, width and orientation is drawn."""
    outputs, seen = set(), Counter[Any]()
    for seed in SEEDS:
        keys = drawn(seed)
        names = [a["name"] if isinstance(a, dict) else a for a in keys["activation"]]
        outputs.add((names[-1], networks.loss_name(keys)))
        seen.update(names)
        seen.update(type(bias).__name__ for bias in keys["biases"])
        seen.update([len(names), ("samples", len(keys["inputs"])), keys["orientation"], keys["chain"]])
        seen.update([("width", len(keys["targets"][0])), ("loss", isinstance(keys["loss"], dict))])
    possible = {(a, e) for a in networks.ACTIVATIONS for e in networks.LOSSES if not (a == "step" and "cross" in e)}

    assert possible - outputs == set()
    assert {*networks.ACTIVATIONS, "NoneType", "float", "list", 1, 2, 3, 4, "Wx", "xW", "factors", "delta"} <= set(seen)
    assert {("width", n) for n in range(1, 7)} | {("samples", n) for n in (1, 2, 4)} <= set(seen)


@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_equal_automatic_differentiation(seed: int) -> None:
    """Loss, every gradient and every updated parameter of a random network, to 1e-9."""
    keys = drawn(seed)
    found = values(spec(keys))
    layers, slopes = parameters(keys), networks.gradients(keys)
    updated = [(w - 0.01 * dw, b - 0.01 * db) for (w, b), (dw, db) in zip(layers, slopes, strict=True)]

    near({"E": float(networks.total(keys, forward(keys, layers)[-1]))}, found, 1e-9)
    near(by_id(keys, slopes, "dE/d"), found, 1e-9, 1e-13)
    near(by_id(keys, updated, suffix="+"), found, 1e-9)
    near({"E+": float(networks.total(keys, forward(keys, updated)[-1]))}, found, 1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_equal_finite_differences(seed: int) -> None:
    """The slope of the program's own loss between two nearby values of a weight and of a bias, to 1e-6."""
    keys = drawn(seed)
    found = values(spec(keys))
    layers, h = parameters(keys), 1e-5
    n = seed % len(layers)
    weights, bias = layers[n]
    i, j = seed % weights.shape[0], seed % weights.shape[1]
    expected = {f"dE/dw[{n + 1},{j + 1},{i + 1}]": _difference(keys, layers, (n, 0, (i, j)), h)}
    if len(bias):
        k = seed % len(bias)
        name = f"dE/db[{n + 1},{k + 1}]" if isinstance(keys["biases"][n], list) else f"dE/db[{n + 1}]"
        expected[name] = _difference(keys, layers, (n, 1, k), h)

    near(expected, found, 1e-6, 1e-6)


def _difference(keys: Keys, layers: Any, which: tuple[int, int, Any], h: float) -> float:
    n, part, at = which
    ends = []
    for shift in (h, -h):
        moved = [[w.copy(), b.copy()] for w, b in layers]
        moved[n][part][at] += shift
        ends.append(_loss(keys, moved))
    return (ends[0] - ends[1]) / (2 * h)


def _loss(keys: Keys, layers: Any) -> float:
    """The loss as the program works it out with these parameters."""
    weights = [w.tolist() if keys["orientation"] == "xW" else w.T.tolist() for w, _ in layers]
    pairs = zip(layers, keys["biases"], strict=True)
    biases = [None if old is None else b.tolist() if isinstance(old, list) else float(b[0]) for (_, b), old in pairs]
    trace = bp.Trace(spec({**keys, "weights": weights, "biases": biases}, learning_rate=None))
    (last,) = trace.iterations()
    return float(last.of(next(var for var in trace.computed() if var.id == "E")))


@pytest.mark.parametrize("seed", SOME)
@pytest.mark.parametrize("update", ["simultaneous", "sequential"])
def test_cells_tensors_and_compiled_code_agree(seed: int, update: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Working it out number by number, in whole layers, or as compiled Python gives the same values for every id."""
    given = spec(drawn(seed), iterations=3, update=update)
    cells = values(given)
    monkeypatch.setattr(tracing, "COMPILE_FROM", 1)
    compiled = values(given)
    monkeypatch.setattr(tracing, "TENSORS_FROM", -1)

    assert bp.Trace(given).large
    near(cells, compiled, 1e-12, 1e-15)
    near(cells, values(given), 1e-9, 1e-13)


@pytest.mark.parametrize("seed", SOME)
def test_trained_entries_only(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``train`` naming single parameters only these move, in cells, tensors and compiled code alike."""
    keys = drawn(seed)
    every = by_id(keys, parameters(keys))
    some = list(every)[seed % 3 :: 3]
    given = spec(keys, train=some, iterations=2)
    cells = values(given)
    monkeypatch.setattr(tracing, "COMPILE_FROM", 1)
    compiled = values(given)
    monkeypatch.setattr(tracing, "TENSORS_FROM", -1)

    assert {f"{name}+" for name in some} == {key for key in cells if key.endswith("]+") and key[0] in "wb"}
    assert {key: every[key] for key in every if key not in some} == {
        key: cells[key] for key in every if key not in some
    }
    near(cells, compiled, 1e-12, 1e-15)
    near(cells, values(given), 1e-9, 1e-13)


@pytest.mark.parametrize("seed", SOME)
def test_the_sequential_update(seed: int) -> None:
    """Deltas go down through weights that are already updated, from activations that are not."""
    keys = drawn(seed)
    layers = parameters(keys)
    passed = forward(keys, layers)
    sources, sums = passed[::2], passed[1::2]
    top = len(layers) - 1
    delta = grad(lambda z: networks.total(keys, networks.act(keys, top, z)))(sums[-1])
    updated: list[Any] = []
    for n in range(top, -1, -1):
        weights, bias = layers[n]
        by_unit = np.sum(delta, axis=0)
        slopes = by_unit if len(bias) == len(by_unit) and isinstance(keys["biases"][n], list) else np.sum(by_unit)
        updated.insert(0, (weights - 0.01 * np.dot(sources[n].T, delta), bias - 0.01 * slopes))
        if n:
            back, _ = make_vjp(lambda z, n=n: networks.act(keys, n - 1, z))(sums[n - 1])
            delta = back(np.dot(delta, updated[0][0].T))
    found = values(spec(keys, update="sequential"))

    near(by_id(keys, updated, suffix="+"), found, 1e-9)
    near({"E+": float(networks.total(keys, forward(keys, updated)[-1]))}, found, 1e-9)


@pytest.mark.parametrize("seed", SOME)
def test_factors_and_delta_are_two_ways_to_write_the_same(seed: int) -> None:
    """The chain of three factors and the reuse of δ give every id the same value."""
    factors, delta = (values(spec(drawn(seed), chain=chain)) for chain in ("factors", "delta"))

    assert factors == delta


@pytest.mark.parametrize("seed", SOME)
def test_written_terms_equal_the_safe_ones(seed: int) -> None:
    """What is printed, worked out as it is printed, has the value that is shown beside it."""
    from backpropcalc.algebra.arithmetic import FLOAT, evaluate

    for line in bp.Trace(spec(drawn(seed))):
        written = evaluate(line.step.term, lambda var, of=line.values.of: float(of(var)), FLOAT)

        assert pytest.approx(line.value, rel=1e-8, abs=1e-12) == written, line.id
