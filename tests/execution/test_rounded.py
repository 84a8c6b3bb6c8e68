"""carry: rounded. Each line can be checked with a pocket calculator, from what is printed and nothing else."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Decimal, getcontext, localcontext
from io import StringIO
from pathlib import Path
from typing import Any

import networks
import pytest
from audit import AUDIT, EXAM, MLP, look_up
from oracle import SPECS, spec, values

import backpropcalc as bp
from backpropcalc.algebra.digits import Digits

NUMBER = re.compile(r"\d+(?:\.\d+)?(?:·10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?")
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
WORDS = {
    "ln": lambda x: x.ln(),
    "exp": lambda x: x.exp(),
    "tanh": lambda x: Decimal(1) - 2 / ((2 * x).exp() + 1),
    "arctan": lambda x: Decimal(repr(__import__("math").atan(float(x)))),
    "max": max,
    "sqrt": Decimal.sqrt,
    "D": Decimal,
}


def lines(given: bp.Spec) -> list[dict[str, Any]]:
    out = StringIO()
    bp.write(bp.page(given), out, "json")
    return list(json.loads(out.getvalue(), parse_float=Decimal)["lines"])


def calculator(text: str) -> Decimal:
    """What a pocket calculator gives for a line as it is printed."""
    branch = re.fullmatch(r"if (.+) > 0: (.+), else (.+)", text) or re.fullmatch(r"if (.+) ≥ 0: (.+), else (.+)", text)
    if branch:
        z = calculator(branch[1])
        return calculator(branch[2] if z > 0 or (z == 0 and "≥" in text) else branch[3])

    def number(found: re.Match[str]) -> str:
        mantissa, _, power = found[0].partition("·10")
        return f"D('{mantissa}{'e' + power.translate(RAISED) if power else ''}')"

    code = text.replace("0 · ln(0)", "0").replace("½ · ", "½ ").replace("½ ", "1/2 · ")
    code = NUMBER.sub(number, code).replace("e^(", "exp(").replace("²", "**2").replace("^", "**").replace("√", "sqrt")
    code = code.replace("−", "-").replace("·", "*")
    assert re.fullmatch(r"[\sD'0-9.e()*/+,-]|(?:exp|ln|tanh|arctan|max|sqrt|[\sD'0-9.e()*/+,-])+", code), text
    return Decimal(eval(code, {"__builtins__": {}}, WORDS))


def by_hand(x: Decimal, decimals: int) -> Decimal:
    """Half up to ``decimals``; what would become 0 keeps as many significant digits."""
    place = Decimal(1).scaleb(-decimals)
    if x and abs(x) < place / 2:
        place = Decimal(1).scaleb(x.adjusted() - max(1, decimals) + 1)
    return x.quantize(place, ROUND_HALF_UP)


def check(given: bp.Spec, decimals: int) -> None:
    found = lines(given)
    assert len(found) == len(list(given.run()))
    for line in found:
        with localcontext() as context:
            context.prec = 60
            again = by_hand(calculator(line["substitution"]), decimals)

        assert again == line["value"], (line["id"], line["substitution"])


IN_NUMBERS = [path for path in sorted(SPECS.glob("*.yaml")) if not bp.load(path).method.exact]


@pytest.mark.slow
@pytest.mark.parametrize("path", IN_NUMBERS, ids=lambda path: path.stem)
@pytest.mark.parametrize("decimals", [2, 3, 4, 9])
def test_each_line_of_the_shipped_specs_can_be_checked(path: Path, decimals: int) -> None:
    """The substitution, worked out with Decimal and rounded half up, is the value beside it."""
    given = bp.load(path).override(carry="rounded", decimals=decimals)
    check(given, decimals)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_each_line_of_a_random_network_can_be_checked(seed: int) -> None:
    """The same for every activation and loss, batches, reductions and both orders of updating."""
    keys = networks.network(seed)
    given = spec(keys, carry="rounded", decimals=4, update=["simultaneous", "sequential"][seed % 2])
    check(given, 4)


def test_what_is_given_stays_as_it_was_given() -> None:
    """Inputs and weights are not rounded: only what is written down in the calculation is."""
    keys = networks.network(3, inputs=[[0.123456789]], targets=[[1]], weights=[[[0.987654321]]], biases=[None])
    given = spec(keys, activation="identity", loss="squared_error", carry="rounded", decimals=2)

    assert "0.987654321 · 0.123456789" == lines(given)[0]["substitution"]


def test_rounding_is_half_up() -> None:
    """0.125 is 0.13 and −0.125 is −0.13, as it is taught; not to even, and not the double that is a little less."""
    keys = {"targets": [0], "weights": [[[1]]], "activation": "identity", "loss": "squared_error", "decimals": 2}
    shown = {
        text: Digits(2).shown(values(spec(keys, inputs=[text], carry=carry))["z[1,1]"])
        for text in ("0.125", "-0.125", "0.145", "1.005", "-2.675", "0.0049")
        for carry in ("full", "rounded")
    }

    assert {
        "0.125": "0.13",
        "-0.125": "-0.13",
        "0.145": "0.15",
        "1.005": "1.01",
        "-2.675": "-2.68",
        "0.0049": "0.0049",
    } == (shown)


def test_significant_digits() -> None:
    """With ``significant`` each written value keeps that many digits, whatever its size."""
    given = bp.load(SPECS / "mazur.yaml").override(carry="rounded", significant=3)
    found = {line["id"]: line["value"] for line in lines(given)}

    assert [Decimal("0.378"), Decimal("0.593")] == [found[key] for key in ("z[1,1]", "a[1,1]")]
    assert {key: value for key, value in found.items() if len(value.normalize().as_tuple().digits) > 3} == {}
    assert found["dE/dw[1,1,1]"] < Decimal("0.001")


def test_the_right_values_of_documents_002_and_003() -> None:
    """Worked as the notes do, every value that they have right comes out with their digits."""
    missed = {}
    for example, name, table in (("002 2-2-1 BCE", "mlp-bce", MLP), ("003 2-3-1 BCE", "exam-2-3-1", EXAM)):
        for item in AUDIT["audit"]:
            if item["example"] != example or item["verdict"] != "right" or item["quantity"] not in table:
                continue
            digits = len(item["printed"].partition(".")[2])
            given = bp.load(SPECS / f"{name}.yaml").override(carry="rounded", decimals=max(3, digits))
            value = Decimal(repr(look_up(values(given), table[item["quantity"]])))
            if value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) != Decimal(item["printed"]):
                missed[item["quantity"]] = (item["printed"], value)

    # The notes took L from the unrounded output there: -ln 0.738464 = 0.303; the written 0.738 gives 0.304. In 003 δ is
    # ŷ - y = 0.524 - 1 at once; the product of the written factors is -1.908 · 0.249 = -0.475.
    assert {
        "L": ("0.303", Decimal("0.304")),
        "db^{[2]} = dz^{[2](1)} (misprinted dw~^{(2)})": ("-0.476", Decimal("-0.475")),
        "dw^{[2]}[2]": ("-0.243", Decimal("-0.242")),
    } == missed


def test_the_context_of_the_caller_is_left_alone() -> None:
    """Working with rounded values changes nothing in the decimal arithmetic of a program that uses the library."""
    before = getcontext().copy()
    trace = bp.load(SPECS / "mlp-bce.yaml").override(carry="rounded", iterations=3).run()
    after = [(getcontext().prec, getcontext().traps) for _ in trace.iterations()]

    assert [(before.prec, before.traps)] * 3 == after
