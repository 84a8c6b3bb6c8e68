"""Exact values are those of fractions and of e^x, and agree with the doubles."""

import io
import json
import math
import random
from fractions import Fraction
from itertools import pairwise

import pytest
from oracle import SPECS

import backpropcalc as bp
from backpropcalc.algebra.arithmetic import FLOAT
from backpropcalc.algebra.exact import READABLE, decimal, decimal_of, exact, is_decimal


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def network(draw: random.Random, activations: list[str], loss: str) -> str:
    sizes = [draw.randint(1, 3) for _ in range(len(activations) + 1)]

    def row(count: int) -> list[float]:
        return [draw.randint(-20, 20) / 20 for _ in range(count)]

    weights = [[row(below) for _ in range(size)] for below, size in pairwise(sizes)]
    return (
        f"inputs: {row(sizes[0])}\ntargets: {row(sizes[-1])}\nweights: {weights}\n"
        f"biases: {[row(size) for size in sizes[1:]]}\nactivation: {activations}\nloss: {loss}\nlearning_rate: 0.5\n"
    )


@pytest.mark.parametrize("seed", range(200))
def test_random_networks_agree_exactly_and_in_doubles(seed: int) -> None:
    draw = random.Random(seed)
    rational = ["identity", "relu", "step", "leaky_relu", "prelu"]
    activations = [draw.choice(rational) for _ in range(draw.randint(1, 3))]
    if seed % 8 == 0:
        activations[-1] = draw.choice(["sigmoid", "tanh"])
    spec = bp.loads(
        network(draw, activations, draw.choice(["half_squared_error", "squared_error", "mean_squared_error"]))
    )
    floats = {line.id: line.value for line in spec.run()}
    exact = {line.id: line.value for line in spec.override(exact=True).run()}

    assert floats == pytest.approx({key: decimal_of(value) for key, value in exact.items()}, rel=1e-12, abs=1e-12)
    if seed % 8:
        assert all(isinstance(value, Fraction) for value in exact.values())


def test_a_fraction_stands_beside_its_decimal() -> None:
    out = io.StringIO()
    bp.write(bp.page(bp.load(SPECS / "mazur.yaml").override(exact=True)), out)
    page = " ".join(out.getvalue().split())

    assert "= 3/20 · 1/20 + 1/5 · 1/10 + 7/20 = 151/400 = 0.3775" in page
    assert "out_h1 1 / (1 + e^(−net_h1)) = 1 / (1 + e^(−151/400)) ≈ 0.593269992" in page
    assert f"more than {READABLE} characters if exact" in page


def test_json_has_the_exact_value_as_text_and_the_decimal_beside_it() -> None:
    out = io.StringIO()
    bp.write(bp.page(bp.load(SPECS / "mazur.yaml").override(exact=True)), out, "json")
    found = {line["id"]: (line["value"], line["decimal"]) for line in json.loads(out.getvalue())["lines"]}

    assert ("151/400", 0.3775) == found["z[1,1]"]
    assert ("1 / (1 + exp(-151/400))", 0.5932699921071872) == found["a[1,1]"]
    assert 0.291027773693599 == pytest.approx(found["E+"][1], rel=1e-13)  # Mazur (2015), simultaneous


def test_an_exact_value_that_swells_goes_on_as_a_decimal() -> None:
    values = {line.id: line.value for line in bp.load(SPECS / "mazur.yaml").override(exact=True).run()}

    assert is_decimal(values["E+"])
    assert all(is_decimal(value) or len(str(value)) <= READABLE for value in values.values())


def test_the_exact_text_in_json_is_read_back_by_the_parser() -> None:
    from backpropcalc.algebra.arithmetic import FLOAT, evaluate
    from backpropcalc.rules.parse import formula

    out = io.StringIO()
    bp.write(bp.page(bp.load(SPECS / "one-neuron.yaml").override(exact=True)), out, "json")
    written = json.loads(out.getvalue())["lines"]

    assert written
    for line in written:
        assert line["decimal"] == pytest.approx(evaluate(formula(line["value"]), lambda var: 0.0, FLOAT), rel=1e-12)


def test_the_key_and_the_flag_do_the_same_and_exclude_rounding() -> None:
    text = (SPECS / "one-neuron.yaml").read_text(encoding="utf-8")

    assert bp.loads(text + "\nexact: true\n").method == bp.loads(text).override(exact=True).method
    with pytest.raises(bp.InputError, match="not rounded"):
        bp.loads(text + "\nexact: true\ncarry: rounded\n")
    with pytest.raises(bp.InputError, match="not rounded"):
        bp.loads(text).override(exact=True, carry="rounded")


def test_nothing_times_what_is_undefined_is_undefined() -> None:
    """0 · ln(0) and 0 / 0 count as 0 in a cross entropy, 0 · ln(?) and 0 / ? do not, exactly as with floats."""
    for arithmetic in (exact(), FLOAT):
        xlogy, xdivy = arithmetic.functions["xlogy"], arithmetic.functions["xdivy"]
        zero = arithmetic.number("0")

        assert [0, 0] == [xlogy(zero, zero), xdivy(zero, zero)]
        assert all(math.isnan(f(zero, math.nan)) for f in (xlogy, xdivy))
        assert math.isnan(xlogy(zero, arithmetic.number("-1")))


def test_a_whole_number_of_sympy_is_a_decimal() -> None:
    """A step of exactly 0 is 0 and no NaN."""
    import sympy

    assert [0, 1, -7] == [int(decimal(sympy.Integer(n))) for n in (0, 1, -7)]
