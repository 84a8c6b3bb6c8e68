"""The forms of a page are one calculation: whatever is asked for, every number is that of the plain page."""

from __future__ import annotations

from typing import Any

import pytest
from networks import Keys, network
from oracle import SPECS, spec, values

import backpropcalc as bp

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
