"""Optimisers: PyTorch's losses, an independent NumPy version of each, and the lines that ``run`` prints."""

from __future__ import annotations

import math
from typing import Any

import networks
import pytest
from oracle import MAZUR, spec, values
from peers import NETWORKS, OPTIMISERS, RATES, STEPS

import backpropcalc as bp
from backpropcalc.execution.session import train
from backpropcalc.rules.optimisers import OPTIMISERS as TABLE

PYTORCH = {  # torch 2.13.0, float64: python tests/benchmarks/optimisers.py
    ("mazur", "gradient_descent"): 0.02057790445084381,
    ("mazur", "momentum"): 0.0045728762438485854,
    ("mazur", "nesterov"): 0.004746262029682173,
    ("mazur", "rmsprop"): 0.0054823246405985475,
    ("mazur", "adam"): 0.005050994089835697,
    ("tanh-bce", "gradient_descent"): 0.045585895386583336,
    ("tanh-bce", "momentum"): 0.009448451576627062,
    ("tanh-bce", "nesterov"): 0.0098234402247598,
    ("tanh-bce", "rmsprop"): 0.022588303696180798,
    ("tanh-bce", "adam"): 0.021527082634282067,
    ("softmax-ce", "gradient_descent"): 0.6687494260553393,
    ("softmax-ce", "momentum"): 0.26162206824204237,
    ("softmax-ce", "nesterov"): 0.25176759821793054,
    ("softmax-ce", "rmsprop"): 0.10076530363608689,
    ("softmax-ce", "adam"): 0.10557389063127531,
}


@pytest.mark.parametrize(("network", "name"), PYTORCH)
def test_the_loss_after_100_updates_is_pytorchs(network: str, name: str) -> None:
    """Each optimiser follows PyTorch's conventions to nine digits, on three networks."""
    keys = NETWORKS[network]
    trained = train(spec(keys, optimiser=name, learning_rate=RATES[name], iterations=STEPS, train=None))

    assert PYTORCH[network, name] == pytest.approx(trained.loss, rel=1e-9, abs=1e-12)


def test_every_optimiser_is_compared_with_pytorch() -> None:
    """A new entry in the table needs digits of its own."""
    assert set(TABLE) == set(OPTIMISERS) == {name for _, name in PYTORCH}


def stepped(name: str, k: int, p: Any, g: Any, memory: dict[str, Any], rate: float) -> Any:
    """One update from the optimisers' papers, in NumPy."""
    np = networks.np
    if name == "gradient_descent":
        return p - rate * g
    if name in ("momentum", "nesterov"):
        v = memory["v"] = 0.8 * memory.get("v", 0) + g
        return p - rate * (v if name == "momentum" else g + 0.8 * v)
    if name == "rmsprop":
        s = memory["s"] = 0.9 * memory.get("s", 0) + 0.1 * g**2
        return p - rate * g / (np.sqrt(s) + 1e-6)
    m = memory["m"] = 0.7 * memory.get("m", 0) + 0.3 * g
    s = memory["s"] = 0.95 * memory.get("s", 0) + 0.05 * g**2
    return p - rate * (m / (1 - 0.7**k)) / (np.sqrt(s / (1 - 0.95**k)) + 1e-7)


OPTIONS = {
    "gradient_descent": {},
    "momentum": {"momentum": 0.8},
    "nesterov": {"momentum": 0.8},
    "rmsprop": {"alpha": 0.9, "epsilon": 1e-6},
    "adam": {"beta1": 0.7, "beta2": 0.95, "epsilon": 1e-7},
}


@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("seed", range(4))
def test_parameters_follow_the_papers(name: str, seed: int) -> None:
    """Random networks, gradients by automatic differentiation, options of the user: every parameter agrees."""
    smooth = ["sigmoid", "tanh", "arctan", "softplus"]
    keys = networks.network(seed, learning_rate=0.02, train=None)
    keys["activation"] = [smooth[(seed + n) % 4] for n in range(len(keys["weights"]))]
    keys["loss"] = "squared_error"
    layers, memories = networks.parameters(keys), [({}, {}) for _ in keys["weights"]]
    for k in range(1, 13):
        slopes = networks.grad(lambda found: networks.total(keys, networks.forward(keys, found)[-1]))(layers)
        layers = [
            tuple(
                stepped(name, k, p, g, m, 0.02) if p.size else p for p, g, m in zip(*each, strict=True)
            )  # weights, then bias
            for each in zip(layers, slopes, memories, strict=True)
        ]
    trained = train(spec(keys, optimiser={"name": name, **OPTIONS[name]}, iterations=12))
    found = {var.id: value for var, value in trained.parameters.items()}

    assert networks.by_id(keys, layers) == pytest.approx(found, rel=1e-9, abs=1e-12)


def test_run_prints_each_line_of_adam() -> None:
    """Mean, mean square, both made up for their start at 0, and the new weight: by hand for the first update of w5."""
    found = values(spec(MAZUR, optimiser="adam", learning_rate=0.1))
    gradient = found["dE/dw[2,1,1]"]

    assert found["m[2,1,1]+"] == pytest.approx(0.1 * gradient)
    assert found["s[2,1,1]+"] == pytest.approx(0.001 * gradient**2)
    assert found["mhat[2,1,1]"] == pytest.approx(gradient)
    assert found["shat[2,1,1]"] == pytest.approx(gradient**2)
    assert found["w[2,1,1]+"] == pytest.approx(0.4 - 0.1 * gradient / (abs(gradient) + 1e-8))


def test_what_is_remembered_is_carried_to_the_next_iteration() -> None:
    """The velocity after two updates is 0.9 times the first gradient plus the second; iteration k counts on."""
    first = values(spec(MAZUR, optimiser="momentum"))["dE/dw[2,1,1]"]
    later = values(spec(MAZUR, optimiser="momentum", iterations=2))

    assert later["v[2,1,1]+"] == pytest.approx(0.9 * first + later["dE/dw[2,1,1]"])
    assert 2 == values(spec(MAZUR, optimiser="adam", iterations=2))["k"]


@pytest.mark.parametrize("notation", ["mazur", "layered", "phi", "letters"])
@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_line_of_an_update_has_a_name_of_its_own(notation: str, name: str) -> None:
    """No two quantities are called alike, in ASCII, as text, or as ids."""
    given = spec(MAZUR, optimiser=name, notation=notation)
    names, trace = bp.Notation(given), bp.Trace(given)
    every = [*trace.given(), *trace.computed()]

    for written in (names.ascii, names.text, names.latex, lambda var: var.id):
        assert len(every) == len({written(var) for var in every})


def test_only_what_is_trained_is_remembered() -> None:
    """With `train: [w[2,1,1]]` there is one velocity, and the other weights stay what they were."""
    given = spec(MAZUR, optimiser="momentum", train=["w[2,1,1]"], iterations=3)
    found = values(given)

    assert ["v[2,1,1]+"] == [name for name in found if name[0] == "v" and name.endswith("+")]
    assert 0.45 == train(given).parameters[next(v for v in train(given).parameters if v.id == "w[2,1,2]")]


@pytest.mark.parametrize(
    ("optimiser", "words"),
    [
        ("adm", "did you mean 'adam'"),
        ({"beta1": 0.9}, "has no name"),
        ({"name": "adam", "momentum": 0.9}, "adam has no parameter 'momentum'"),
        ({"name": "adam", "beta1": 1}, "beta1 must be at least 0 and less than 1"),
        ({"name": "rmsprop", "epsilon": -1}, "epsilon must be 0 or more"),
        ({"name": "adam", "beta3": 1}, "did you mean 'beta"),
    ],
)
def test_a_wrong_optimiser_is_told(optimiser: Any, words: str) -> None:
    """Each mistake is named, with what would be right."""
    with pytest.raises(bp.InputError) as error:
        spec(MAZUR, optimiser=optimiser)

    assert words in str(error.value)


def test_a_rounded_run_remembers_rounded_numbers() -> None:
    """Under `carry: rounded` the velocity is rounded when it is written, as every value is."""
    given = spec(MAZUR, optimiser="momentum", carry="rounded", decimals=3, iterations=2)
    found = values(given)
    expected = round(0.9 * float(values(spec(MAZUR, carry="rounded", decimals=3))["dE/dw[2,1,1]"]), 10)

    assert math.isclose(round(expected + float(found["dE/dw[2,1,1]"]), 3), float(found["v[2,1,1]+"]), abs_tol=5.1e-4)
