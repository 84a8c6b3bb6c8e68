"""Saturated outputs: finite where mathematics is, and said where it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from mpmath import exp, inf, log, mp, mpf
from oracle import spec, values

import backpropcalc as bp


@pytest.fixture(autouse=True)
def thousand_digits() -> Iterator[None]:
    """The digits of mpmath are the process's: other tests want others."""
    with mp.workdps(1000):
        yield


SUMS = (-1000, -710, -100, -40, -20, 0, 1, 30, 37, 745, 1000)


def neuron(sums: Any, targets: Any, activation: str, loss: str, **changes: Any) -> bp.Spec:
    """A layer whose weighted sums are ``sums``: they come in through the weights of an input of 1."""
    keys = {"inputs": [1], "targets": targets, "weights": [[[z] for z in sums]], "activation": activation, "loss": loss}
    return spec(keys, **{"learning_rate": 0.5, **changes})


def page(given: bp.Spec, form: str = "terminal", **options: Any) -> str:
    from io import StringIO

    out = StringIO()
    bp.write(bp.page(given), out, form, **options)
    return out.getvalue()


def exact(sums: Any, targets: Any, activation: str, loss: str) -> tuple[list[Any], list[Any]]:
    """Loss terms and deltas, with a thousand digits, straight from the definitions."""
    z, t = [mpf(x) for x in sums], [mpf(str(x)) for x in targets]
    whole = sum(map(exp, z))
    outputs = [1 / (1 + exp(-x)) for x in z] if activation == "sigmoid" else [exp(x) / whole for x in z]
    others = [1 - o for o in outputs]
    if loss == "cross_entropy":
        terms = [-a * log(o) if a else mpf(0) for a, o in zip(t, outputs, strict=True)]
        slopes = [-a / o for a, o in zip(t, outputs, strict=True)]
    else:
        terms = [
            (-a * log(o) if a else 0) + (-(1 - a) * log(r) if a != 1 else 0)
            for a, o, r in zip(t, outputs, others, strict=True)
        ]
        slopes = [
            (-a / o if a else 0) + ((1 - a) / r if a != 1 else 0) for a, o, r in zip(t, outputs, others, strict=True)
        ]
    if activation == "sigmoid":
        return terms, [s * o * r for s, o, r in zip(slopes, outputs, others, strict=True)]
    mean = sum(s * o for s, o in zip(slopes, outputs, strict=True))
    return terms, [o * (s - mean) for s, o in zip(slopes, outputs, strict=True)]


def close(x: Any) -> Any:
    return pytest.approx(float(x), rel=1e-11, abs=1e-300)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
@pytest.mark.parametrize("target", [0, 1, 0.3])
@pytest.mark.parametrize("z", SUMS)
def test_the_sigmoid_after_any_sum(z: int, target: float, loss: str) -> None:
    """Loss, delta and update after a sigmoid of ±1000 are those of exact arithmetic."""
    found = values(neuron([z], [target], "sigmoid", loss))
    terms, deltas = exact([z], [target], "sigmoid", loss)

    assert [close(terms[0]), close(deltas[0])] == [found["E"], found["dE/dz[1,1]"]]
    assert close(deltas[0]) == found["dE/dw[1,1,1]"]
    assert close(mpf(z) - deltas[0] / 2) == found["w[1,1,1]+"]


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
@pytest.mark.parametrize("targets", [[1, 0, 0], [0, 1, 0], [0, 0.25, 0.75]])
@pytest.mark.parametrize("sums", [[1000, 0, -1000], [-1000, 1000, 999], [0, 0, 0], [40, 1, 2], [-1000, -1001, -999]])
def test_the_softmax_after_any_sums(sums: list[int], targets: list[float], loss: str) -> None:
    """Loss terms and deltas after a softmax of ±1000 are those of exact arithmetic."""
    found = values(neuron(sums, targets, "softmax", loss))
    terms, deltas = exact(sums, targets, "softmax", loss)

    assert list(map(close, terms)) == [found[f"E[{k}]"] for k in (1, 2, 3)]
    assert list(map(close, deltas)) == [found[f"dE/dz[1,{k}]"] for k in (1, 2, 3)]


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_one_softmax_neuron(loss: str) -> None:
    """A softmax over one neuron is 1 whatever its sum: with the target 1 there is no loss and nothing to learn."""
    found = values(neuron([1000], [1], "softmax", loss))

    assert [1, 0, 0] == [found["a[1,1]"], found["E"], found["dE/dz[1,1]"]]


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy", "half_squared_error", "squared_error"])
@pytest.mark.parametrize("z", [-1000, 1000])
def test_a_saturated_output_with_a_matching_target(z: int, loss: str) -> None:
    """No loss, and every line a number without a remark: 0 · ln(0) is 0, as its limit is."""
    given = neuron([z], [int(z > 0)], "sigmoid", loss)

    assert 0 == values(given)["E"]
    assert "(" not in "".join(re.findall(r"\n +\([a-z].*", page(given)))


@pytest.mark.parametrize("activation", ["identity", "relu", "step"])
@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_an_output_of_exactly_one_with_a_matching_target(activation: str, loss: str) -> None:
    """Also without a sigmoid before it, an output of 1 with the target 1 costs nothing."""
    found = values(neuron([1], [1], activation, loss))

    assert [0, -1] == [found["E"], found["dE/da[1,1]"]]


def test_saturated_lines_say_how_they_were_worked_out() -> None:
    """−(0 · ln(1) + 1 · ln(0)) = 1000 and ∞ · 0 = 1 do not follow from the numbers shown, and say so."""
    text = page(neuron([1000], [0], "sigmoid", "binary_cross_entropy"))

    assert "= 1000\n" in text
    assert 3 <= re.sub(r"\s+", " ", text).count("(worked out from the weighted sums: these numbers lost their digits)")
    assert "worked out from" not in page(neuron([3], [0], "sigmoid", "binary_cross_entropy"))


INFINITE = [
    ([2], [1], "identity", "binary_cross_entropy", "undefined here: the formula has no value for these numbers"),
    ([-2], [1], "identity", "cross_entropy", "undefined here: the formula has no value for these numbers"),
    ([0], [1], "relu", "cross_entropy", "infinite, or too large for a number with 15 digits"),
    ([1], [0], "identity", "binary_cross_entropy", "infinite, or too large for a number with 15 digits"),
    ([1e308], [0], "identity", "squared_error", "infinite, or too large for a number with 15 digits"),
    ([5], [0.5], "softmax", "binary_cross_entropy", "infinite, or too large for a number with 15 digits"),
]


@pytest.mark.parametrize("form", ["terminal", "ascii", "latex", "markdown", "json"])
@pytest.mark.parametrize("carry", ["full", "rounded"])
@pytest.mark.parametrize(("sums", "targets", "activation", "loss", "note"), INFINITE)
def test_what_is_infinite_or_undefined_says_so(
    sums: Any, targets: Any, activation: str, loss: str, note: str, carry: str, form: str
) -> None:
    """The line has a remark, in every form, and no form prints nan or inf as if it were a number."""
    if carry == "rounded" and sums == [1e308]:
        return  # a Decimal has no largest number
    given = neuron(sums, targets, activation, loss, carry=carry)
    text = re.sub(r"\s+", " ", page(given, ascii=True) if form == "ascii" else page(given, form))

    assert note in text
    assert [] == re.findall(r"(?i)\b(nan|inf|infinity)\b(?!inity)", text if form != "ascii" else "")
    assert [] == re.findall(r"(?i)\b(nan|inf)\b", text)


def test_json_has_null_for_what_is_no_number() -> None:
    """JSON has no infinity: the value is null, and the note says why."""
    import json

    found = json.loads(page(neuron([0], [1], "relu", "cross_entropy"), "json"), parse_constant=pytest.fail)
    (line,) = (line for line in found["lines"] if line["id"] == "E[1]")

    assert line["value"] is None
    assert "infinite" in line["note"]


KINKS = {
    "relu": ("ReLU has a corner at 0; its slope there is taken as 0", 0),
    "leaky_relu": ("leaky ReLU has a corner at 0; its slope there is taken as α", 0.01),
    "prelu": ("PReLU has a corner at 0; its slope there is taken as α", 0.25),
    "elu": ("ELU has a corner at 0; its slope there is taken as α", 2),
    "step": ("the step jumps at 0: it has no derivative there; 0 is used", 0),
}


@pytest.mark.parametrize("carry", ["full", "rounded"])
@pytest.mark.parametrize("name", KINKS)
def test_a_slope_at_exactly_zero_says_what_is_used(name: str, carry: str) -> None:
    """The remark stands at the line of the slope when z is 0, and nowhere when it is not."""
    note, slope = KINKS[name]
    activation: Any = {"name": "elu", "alpha": 2} if name == "elu" else name
    at_zero = neuron([0], [1], activation, "half_squared_error", carry=carry)

    assert slope == float(values(at_zero)["da[1,1]/dz[1,1]"])
    assert 1 == re.sub(r"\s+", " ", page(at_zero)).count(note)
    assert 0 == page(neuron([0.5], [1], activation, "half_squared_error", carry=carry)).count("at 0")


def test_elu_is_smooth_at_zero_when_alpha_is_one() -> None:
    """With α = 1 the two sides of ELU meet with the same slope: there is nothing to remark."""
    assert "corner" not in page(neuron([0], [1], {"name": "elu", "alpha": 1.0}, "half_squared_error"))


def test_a_remark_is_made_in_every_iteration_that_needs_it() -> None:
    """Ten iterations of a unit that is off: ten remarks, though the pages are filled from one template."""
    given = neuron([0], [1], "relu", "half_squared_error", iterations=10)
    saturated = neuron([1000], [0], "sigmoid", "binary_cross_entropy", iterations=10)

    assert 10 == page(given).count("corner at 0")
    assert 30 <= re.sub(r"\s+", " ", page(saturated)).count("worked out from the weighted sums")


@pytest.mark.parametrize("activation", ["sigmoid", "softmax", "tanh", "softplus", "elu", "arctan"])
@pytest.mark.parametrize("z", [-1000, -1, 1000])
def test_carry_rounded_goes_on_where_it_saturates(activation: str, z: int) -> None:
    """Working with rounded values never fails, and gives numbers near those of full precision."""
    rounded, full = (
        values(neuron([z, 0], [0.5, 0.5], activation, "half_squared_error", carry=carry, decimals=6))
        for carry in ("rounded", "full")
    )

    assert {key: pytest.approx(x, rel=1e-4, abs=1e-4) for key, x in full.items()} == {
        key: float(x) for key, x in rounded.items()
    }


def test_the_oracle_knows_infinity() -> None:
    """The definitions above do give infinity where there is one: they do not hide it."""
    assert exact([0], [0.5], "softmax", "cross_entropy")[0] == [0]
    assert -log(mpf(0)) == inf
