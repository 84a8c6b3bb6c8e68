"""Compiled training gives what the traced run gives, whatever the network, and from the same terms."""

from __future__ import annotations

import math
from typing import Any

import networks
import numpy as np
import pytest
from oracle import MAZUR, spec

from backpropcalc.algebra.arithmetic import FLOAT
from backpropcalc.algebra.fragments import unbroken
from backpropcalc.algebra.tensors import tensors
from backpropcalc.algebra.terms import Num, Op, Var
from backpropcalc.algebra.typeset import _JOINED, NUMPY, typeset
from backpropcalc.execution.cells import Cells
from backpropcalc.execution.compiled import CAREFUL_CODE, FAST_CODE, tensor_code
from backpropcalc.execution.compiled_cells import CompiledCells
from backpropcalc.execution.runner import Runner
from backpropcalc.execution.tensors import Tensors
from backpropcalc.execution.trace import Trace
from backpropcalc.execution.training import learner

Keys = dict[str, Any]
OPTIMISERS = ("gradient_descent", "momentum", "nesterov", "rmsprop", "adam")


def traced(keys: Keys, iterations: int) -> dict[str, float]:
    """Every parameter after the updates, as the hand calculation has it."""
    trace = Trace(spec(keys, iterations=iterations))
    *_, last = trace.iterations()
    stage = trace.stage(iterations)
    new = {old.id: float(last.of(after)) for old, after in stage.carried if old.role in ("w", "b", "shared")}
    kept = {var.id: float(last.of(var)) for var in trace.given() if var.role in ("w", "b", "shared")}
    return kept | new


def compiled(found: Runner, iterations: int) -> dict[str, float]:
    found.advance(iterations)
    return {var.id: value for var, value in found.parameters().items()}


def random_keys(seed: int) -> Keys:
    """A random network with several samples, batches, an optimiser, and a way to update."""
    keys = networks.network(seed, learning_rate=0.05)
    samples = 2 + seed % 4
    keys["inputs"] = (keys["inputs"] * 5)[:samples]
    keys["targets"] = (keys["targets"] * 5)[:samples]
    keys["inputs"] = [[x + 0.1 * n for x in row] for n, row in enumerate(keys["inputs"])]
    # One bias shared by a softmax has the gradient 0; to divide by its size is to divide noise by noise.
    keys["optimiser"] = OPTIMISERS[seed % 3 if "softmax" in str(keys["activation"]) else seed % 5]
    keys["update"] = ("simultaneous", "sequential")[seed % 2]
    keys["batch_size"] = (None, 1, 2, 3)[seed % 4]
    keys["shuffle"] = seed % 3 == 0
    keys["train"] = (None, ["weights"], ["w[1,1,1]", "biases"])[seed % 3]
    return keys


@pytest.mark.parametrize("seed", range(24))
def test_python_code_does_what_is_done_line_by_line(seed: int) -> None:
    """Cell by cell: the same operations in the same order; a gradient that is 0 but for rounding may keep its noise."""
    keys = random_keys(seed)
    by_line = compiled(Cells(Trace(spec(keys)), FLOAT), 7)

    assert by_line == pytest.approx(compiled(CompiledCells(Trace(spec(keys))), 7), rel=1e-13, abs=1e-15)
    assert traced(keys, 7) == pytest.approx(by_line, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("seed", range(24))
def test_numpy_code_agrees_to_the_last_digits(seed: int) -> None:
    """Whole layers: matrix products for the sums over paths, slopes from the activations, 12 digits the same."""
    keys = random_keys(seed)
    expected = traced(keys, 7)

    assert expected == pytest.approx(compiled(Tensors(Trace(spec(keys))), 7), rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("kind", [CompiledCells, Tensors])
def test_a_step_at_a_time_is_all_at_once(kind: type[Any]) -> None:
    """Moving on by 1 + 4 + 8 iterations is moving on by 13, also past the ends of epochs with a smaller last batch."""
    keys = random_keys(6) | {"batch_size": 3, "optimiser": "adam"}
    at_once, stepwise = (kind(Trace(spec(keys))) for _ in range(2))
    at_once.advance(13)
    for n in (1, 4, 8):
        stepwise.advance(n)

    assert (13, at_once.parameters()) == (stepwise.iteration, stepwise.parameters())


@pytest.mark.parametrize("kind", [CompiledCells, Tensors])
def test_going_back_is_really_back(kind: type[Any]) -> None:
    """A snapshot is not changed by what happens after it, though NumPy's arrays change in place."""
    found = kind(Trace(spec(random_keys(8))))
    found.advance(3)
    snapshot, here = found.snapshot(), found.parameters()
    found.advance(5)
    there = found.parameters()
    found.restore(snapshot)

    assert (3, here) == (found.iteration, found.parameters())
    found.advance(5)
    assert there == found.parameters()


@pytest.mark.parametrize("kind", [CompiledCells, Tensors])
def test_loss_and_outputs_are_of_all_samples(kind: type[Any]) -> None:
    """With batches, the result is still worked out over every sample, by its definition."""
    keys = random_keys(9) | {"batch_size": 2}
    found = kind(Trace(spec(keys))).result()
    outputs = networks.forward(keys, networks.parameters(keys))[-1]

    assert float(networks.total(keys, outputs)) == pytest.approx(float(found.loss), rel=1e-12)
    assert np.array(outputs).ravel().tolist() == pytest.approx(np.ravel(found.outputs).tolist(), rel=1e-12)


def test_the_kind_fits_the_size() -> None:
    """One sample of Mazur's network is worked in Python, 500 at once and large networks in NumPy."""
    data = {"generate": "circle", "samples": 500}
    circle = {"data": data, "sizes": [2, 8, 8, 1], "init": "xavier", "activation": "tanh"}
    keys = circle | {"loss": "squared_error", "learning_rate": 0.1}

    assert CompiledCells is type(learner(spec(MAZUR)))
    assert CompiledCells is type(learner(spec(keys, batch_size=1)))
    assert Tensors is type(learner(spec(keys)))
    assert Tensors is type(learner(spec(keys, sizes=[2, 60, 60, 1], batch_size=1)))


def test_an_overflow_is_worked_out_with_care() -> None:
    """e^800 stops the fast functions; training goes on with the careful ones, to the same numbers as the traced run."""
    keys = {
        "inputs": [1], "targets": [0.3], "weights": [[[-800.0]], [[0.7]]], "activation": "sigmoid",
        "loss": "squared_error", "learning_rate": 0.5,
    }  # fmt: skip
    found = CompiledCells(Trace(spec(keys)))

    assert traced(keys, 30) == pytest.approx(compiled(found, 30), rel=1e-12)
    assert found.code is CAREFUL_CODE is not FAST_CODE


def test_numpy_code_has_every_operation_that_tensors_have() -> None:
    """No operation is missing in the table of NumPy's syntax, nor is one written that has no function."""
    functions, scope = set(tensors().functions), set(tensor_code().scope)
    written = {name for name in functions if name in NUMPY.forms or name in _JOINED or name == "named"}

    assert functions == written
    assert {"total", "where", "square", "maximum", "minimum"} <= scope
    assert all(math.isfinite(fn(0.5)) for name, fn in tensor_code().scope.items() if name in ("exp", "tanh", "sqrt"))


def test_code_is_made_of_terms_and_never_of_names() -> None:
    """Titles and names of a spec cannot reach the code: variables are v0, v1, …, numbers are doubles."""
    w = Var("w", 1, (2, 2)).at((0, 1))
    text = typeset(Op("mul", (w, Num("1/3"))), NUMPY, lambda node, guard: "v0" if node == w else repr(1 / 3))
    keys = MAZUR | {"title": "__import__('os')", "names": {"w[1,1,1]": "exec"}}

    assert f"v0 * {1 / 3!r}" == unbroken(text)
    assert traced(keys, 3) == pytest.approx(compiled(learner(spec(keys)), 3), rel=1e-12)
