"""The forms of a page are one calculation: whatever is asked for, every number is that of the plain page."""

from __future__ import annotations

from typing import Any

import pytest
from networks import Keys, network
from oracle import MAZUR, SPECS, spec, values

import backpropcalc as bp
from backpropcalc.algebra.terms import variables

SEEDS = range(40)
CANCELLING = [
    ("identity", "half_squared_error"),
    ("identity", "squared_error"),
    ("identity", "mean_squared_error"),
    ("sigmoid", "binary_cross_entropy"),
    ("sigmoid", "cross_entropy"),
    ("softmax", "cross_entropy"),
]
"""Output activation and loss that leave δ without their slopes."""


def near(expected: dict[str, float]) -> Any:
    floor = 1e-9 * max(map(abs, expected.values()), default=0)
    return {key: pytest.approx(value, rel=1e-9, abs=floor, nan_ok=True) for key, value in expected.items()}


def same(keys: Keys, **form: Any) -> tuple[dict[str, float], dict[str, float]]:
    """What plain page and form have in common, by id."""
    plain, found = values(spec(keys)), values(spec(keys, **form))
    common = plain.keys() & found.keys()
    return {key: plain[key] for key in sorted(common)}, {key: found[key] for key in sorted(common)}


@pytest.mark.parametrize(("activation", "loss"), CANCELLING)
@pytest.mark.parametrize("seed", range(8))
def test_the_delta_at_once_is_that_of_the_chain(activation: str, loss: str, seed: int) -> None:
    """With ``output_delta: direct`` every number but the factors that are no longer written is the same."""
    keys = network(seed)
    keys |= {"activation": [*keys["activation"][:-1], activation], "loss": loss}
    plain, direct = same(keys, output_delta="direct")
    last = len(keys["activation"])
    missing = values(spec(keys)).keys() - direct.keys()

    assert near(plain) == direct
    assert all(key.startswith((f"dE/da[{last},", f"da[{last},")) for key in missing)
    assert missing


def test_where_nothing_cancels_the_delta_at_once_is_refused() -> None:
    """The message says what does not go together, the help what does, and the key is pointed at."""
    keys = network(0) | {"activation": "sigmoid", "loss": "half_squared_error", "output_delta": "direct"}
    with pytest.raises(bp.InputError) as caught:
        values(spec(keys))
    (problem,) = caught.value.problems

    assert "sigmoid with half squared error" in problem.message
    assert "identity with half squared error" in problem.help
    assert problem.where is not None


def test_the_exam_with_its_delta_at_once() -> None:
    """Rounded to three decimals, δ of the exam is 0.524 − 1 = −0.476 as in the notes, not −0.475 by the factors."""
    exam = bp.load(SPECS / "exam-2-3-1.yaml").override(carry="rounded", decimals=3)

    assert pytest.approx(-0.476) == float(values(exam.override(output_delta="direct"))["dE/dz[2,1]"])
    assert pytest.approx(-0.475) == float(values(exam)["dE/dz[2,1]"])


def test_after_softmax_with_targets_that_are_shares_the_delta_is_the_difference() -> None:
    """No Jacobian is written, and δ is a − y; with targets that do not add up to 1 it is a · Σ y − y."""
    keys = {
        "inputs": [1, 2], "weights": [[[0.1, 0.2]], [[0.3], [0.4], [0.5]]], "activation": ["tanh", "softmax"],
        "loss": "cross_entropy", "output_delta": "direct",
    }  # fmt: skip

    def delta(targets: list[float]) -> list[float]:
        found = values(spec(keys, targets=targets))
        assert not any(key.startswith("da[2,") for key in found)
        return [found[f"dE/dz[2,{k}]"] - found[f"a[2,{k}]"] * sum(targets) + targets[k - 1] for k in (1, 2, 3)]

    assert [0, 0, 0] == pytest.approx(delta([0, 1, 0]))
    assert [0, 0, 0] == pytest.approx(delta([0.5, 1, 0]))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("chain", ["factors", "delta", "full"])
def test_the_mean_may_be_taken_in_the_gradient(seed: int, chain: str) -> None:
    """``mean_in: gradient`` changes only the errors of single samples: each is m times that of the mean loss."""
    keys = network(seed, chain=chain)
    samples, m = keys["loss"]["samples"] if isinstance(keys["loss"], dict) else "mean", len(keys["inputs"])
    plain, found = same(keys, mean_in="gradient")
    scale = m if samples == "mean" else 1
    of_one = ("dE/da", "dE/dz", "dE[")
    expected = {key: value * scale if key.startswith(of_one) else value for key, value in plain.items()}

    assert near(expected) == found
    assert plain.keys() == found.keys() or m > 1


FORMS: list[dict[str, Any]] = [
    {"detail": "full"},
    *({"order": order} for order in ("neuron", "sample", "stage", "weight")),
    {"bias": "column"},
    *({"orientation": orientation} for orientation in ("Wx", "xW", "WTx")),
    {"delta": "derivative"},
    {"detail": "full", "order": "weight", "bias": "column", "orientation": "WTx", "chain": "full"},
]


@pytest.mark.parametrize("seed", range(0, 40, 2))
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_form_has_the_numbers_of_the_plain_page(seed: int, form: dict[str, Any]) -> None:
    """Nothing that is on the plain page is missing or another number; what comes before a line is on the page."""
    keys = network(seed)
    keys["biases"] = [bias if bias is None or isinstance(bias, list) else None for bias in keys["biases"]]
    plain = values(spec(keys))
    formed = spec(keys).override(**form)
    found = values(formed)
    known = set(bp.Trace(formed).given())
    for line in bp.Trace(formed):
        assert set(variables(line.step.term)) <= known, line.id
        known.add(line.step.var)

    assert plain.keys() <= found.keys()
    assert near(plain) == {key: found[key] for key in plain}


@pytest.mark.parametrize("seed", range(0, 20, 2))
def test_full_detail_adds_the_slopes_of_the_sums(seed: int) -> None:
    """A line for every ∂z/∂w, ∂z/∂b and ∂z/∂a that a product has as a factor, with the value that the factor has."""
    keys = network(seed)
    found = values(spec(keys, detail="full"))
    several = len(keys["inputs"]) > 1
    trained = [key for key in found if key.startswith("dE/dw[")]
    for key in trained:
        layer, to, source = (int(n) for n in key[len("dE/dw[") : -1].split(","))
        for s in range(1, len(keys["inputs"]) + 1):
            mark = f"({s})" if several else ""
            below = f"a[{layer - 1},{source}]{mark}" if layer > 1 else f"x[{source}]{mark}"

            assert found[f"dz[{layer},{to}]/dw[{layer},{to},{source}]{mark}"] == found[below]
    assert trained


def test_a_shared_bias_is_no_column() -> None:
    """``bias: column`` of a bias that a layer shares is refused with the way out."""
    with pytest.raises(bp.InputError, match="one number for all its neurons"):
        values(spec(MAZUR, bias="column"))


def test_stages_go_through_a_layer_in_three_and_update_from_the_output_back() -> None:
    """Lecture 002: outputs, weighted sums, weights and biases of the output layer, then of the hidden one."""
    lines = list(bp.load(SPECS / "mlp-bce.yaml").override(order="stage").run())
    backward = [line.id for line in lines if line.phase == "backward"]
    updated = [line.id for line in lines if line.phase == "update"]

    assert backward[:6] == ["dE/da[2,1]", "da[2,1]/dz[2,1]", "dE/dz[2,1]", "dE/dw[2,1,1]", "dE/dw[2,1,2]", "dE/db[2,1]"]
    assert backward[6:8] == ["dE/da[1,1]", "dE/da[1,2]"]
    assert backward[-3:] == ["dE/dw[1,2,1]", "dE/dw[1,2,2]", "dE/db[1,2]"]
    assert updated[0] == "w[2,1,1]+"
    assert updated[-1] == "b[1,2]+"


def test_each_weight_is_updated_right_after_its_gradient() -> None:
    """Lecture 000: w11 and its new value, then w21; the hidden layer still goes back through the old weights."""
    ids = [line.id for line in bp.load(SPECS / "mazur-layered.yaml").override(order="weight").run()]
    place = ids.index("dE/dw[2,1,1]")

    assert ids[place : place + 3] == ["dE/dw[2,1,1]", "w[2,1,1]+", "dE/dw[2,1,2]"]


def test_a_batch_goes_sample_by_sample() -> None:
    """All layers for sample 1, then for sample 2; sums over samples at the end of the phase."""
    ids = [line.id for line in bp.load(SPECS / "xor.yaml").run()]

    assert ids.index("a[2,1](1)") < ids.index("z[1,1](2)")
    assert ids.index("dE/dz[1,1](4)") < ids.index("dE/dw[2,1,1]")
