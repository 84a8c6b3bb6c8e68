"""Every number of the source documents, by its exact value, stands in the trace of the spec that is shipped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from audit import AUDIT, MAZUR, SHIPPED, look_up
from oracle import SPECS, values

import backpropcalc as bp

ELSEWHERE = {
    "004 softmax [0.8,1.2,3.1]": "test_the_softmax_vectors",
    "004 softmax [2.0,1.0,0.1]": "test_the_softmax_vectors",
    "E_total after 10,000 iterations": "test_the_variants_of_mazur",
    "out_o1 after 10,000": "test_the_variants_of_mazur",
    "out_o2 after 10,000": "test_the_variants_of_mazur",
    "Error": "test_the_mean_over_outputs",
    "trainable params (x1,x2,x3 -> y)": "test_the_count_of_parameters",
}
"""Example or quantity: the test further down that has it."""

NO_NETWORK_VALUE = {
    "h_1^{[1]} (operand)": "given, not computed: the figure with its weighted sum is lost",
    "h_2^{[1]} (operand)": "given, not computed: the figure with its weighted sum is lost",
    "h_3^{[1]} (operand)": "given, not computed: the figure with its weighted sum is lost",
    "h_4^{[1]} (operand)": "given, not computed: the figure with its weighted sum is lost",
    "new w^{[1]}, b^{[1]}, w^{[2]}, b^{[2]}": "the document gives no learning rate, the audit no number",
    "input size + bias": "the number of pixels of an image, 28 * 28; no network is given",
    "004 quadratic y=theta^2, alpha=0.1": "gradient descent on a function, not a network",
    "004 quadratic, alpha=1.5": "gradient descent on a function, not a network",
    "004 quadratic, alpha=0.01": "gradient descent on a function, not a network",
}
"""Example or quantity: why it is not in a network's trace."""


def close(exact: str) -> Any:
    """Within half a unit of the last of the twelve digits that the audit gives."""
    return pytest.approx(float(exact), rel=6e-12)


@cache
def shipped(name: str) -> dict[str, float]:
    return values(bp.load(SPECS / f"{name}.yaml"))


def approximate(exact: Any) -> Any:
    return [approximate(part) for part in exact] if isinstance(exact, list) else close(exact)


def left_to(item: Mapping[str, Any], table: Mapping[str, str]) -> bool:
    return item["example"] in table or item["quantity"] in table


IN_SHIPPED = [item for item in AUDIT["audit"] if not left_to(item, ELSEWHERE) and not left_to(item, NO_NETWORK_VALUE)]


@pytest.mark.parametrize("item", IN_SHIPPED, ids=lambda item: f"{item['example'][:3]}:{item['quantity']}")
def test_the_exact_value_is_in_the_trace_of_the_shipped_spec(item: Mapping[str, Any]) -> None:
    """What a document prints, misprints or leaves blank, the shipped spec works out right."""
    name, ids = SHIPPED[item["example"]]

    assert approximate(item["exact"]) == look_up(shipped(name), ids[item["quantity"]])


def test_every_item_of_the_audit_is_accounted_for() -> None:
    """Nothing is skipped silently, and no entry of the tables above is about nothing."""
    items = AUDIT["audit"]
    examples, quantities = {item["example"] for item in items}, {item["quantity"] for item in items}
    mapped = {quantity for _, ids in SHIPPED.values() for quantity in ids}

    assert set() == mapped - quantities
    assert set() == (set(ELSEWHERE) | set(NO_NETWORK_VALUE)) - examples - quantities
    assert set(ELSEWHERE.values()) <= set(globals())
    assert (190, 155) == (len(items), len(IN_SHIPPED))


def test_the_documents_own_right_digits_are_what_is_shown() -> None:
    """Where the audit says that Mazur's nine digits are right, the page shows exactly those."""
    from backpropcalc.algebra.digits import Digits

    right = [item for item in IN_SHIPPED if item["example"] == "004 Mazur 2-2-2" and item["verdict"] == "right"]
    for item in right:
        digits = len(item["printed"].partition(".")[2])
        value = look_up(shipped("mazur"), MAZUR[item["quantity"]])

        assert item["printed"] == Digits(digits).shown(value, exact=False), item["quantity"]
    assert len(right) == 29


def test_the_first_nine_digits_of_mazur() -> None:
    """The two losses and the eight weights that everyone compares with."""
    found = shipped("mazur")
    weights = [found[f"w[{n},{j},{i}]+"] for n in (1, 2) for j in (1, 2) for i in (1, 2)]

    assert ["0.298371109", "0.291027774"] == [f"{found[key]:.9f}" for key in ("E", "E+")]
    assert [
        "0.149780716", "0.199561432", "0.249751144", "0.299502287",
        "0.358916480", "0.408666186", "0.511301270", "0.561370121",
    ] == [f"{weight:.9f}" for weight in weights]  # fmt: skip


@pytest.mark.parametrize("name", ["mazur", "mazur-layered"])
def test_both_mazur_specs_give_the_same_numbers(name: str) -> None:
    """A shared bias that stays fixed is the same as a bias for each neuron that stays fixed."""
    assert shipped("mazur")["E+"] == shipped(name)["E+"]


@pytest.mark.parametrize("example", ["004 softmax [0.8,1.2,3.1]", "004 softmax [2.0,1.0,0.1]"])
def test_the_softmax_vectors(example: str) -> None:
    """A softmax neuron for each number of the vector, which comes in through the bias."""
    vector = example.partition("[")[2].rstrip("]")
    found = values(
        bp.loads(
            f"{{inputs: [0], targets: [0, 0, 1], weights: [[[1], [1], [1]]], biases: [[{vector}]], "
            "activation: softmax, loss: cross_entropy}"
        )
    )
    expected = [close(item["exact"]) for item in AUDIT["audit"] if item["example"] == example]

    assert expected == [found[f"a[1,{k}]"] for k in (1, 2, 3)]


def test_the_mean_over_outputs() -> None:
    """The slides' "Error" is the binary cross-entropy with 1/n; without it 2.679, and categorical 1.617."""
    text = (SPECS / "relu-sigmoid-softmax.yaml").read_text(encoding="utf-8")
    (exact,) = (item["exact"] for item in AUDIT["audit"] if item["quantity"] == "Error")
    line = "loss: binary_cross_entropy "
    assert line in text
    mean = values(bp.loads(text.replace(line, "loss: {name: binary_cross_entropy, outputs: mean} ")))
    categorical = values(bp.loads(text.replace(line, "loss: cross_entropy ")))

    assert close(exact) == mean["E"]
    assert pytest.approx(2.67928252443, rel=1e-11) == shipped("relu-sigmoid-softmax")["E"]
    assert close("1.61723375000") == categorical["E"]


def test_the_count_of_parameters() -> None:
    """3-3-1 with biases has the 16 parameters that the notes count."""
    ones = "[1, 1, 1]"
    spec = bp.loads(
        f"{{inputs: {ones}, targets: [1], weights: [[{ones}, {ones}, {ones}], [{ones}]], biases: [{ones}, [1]], "
        "activation: sigmoid, loss: binary_cross_entropy}"
    )

    assert 16 == spec.parameters


BIASES = {
    "frozen": ("[0.35, 0.60]", "[weights]"),
    "updated, one per neuron": ("[[0.35, 0.35], [0.60, 0.60]]", "[weights, biases]"),
    "updated, one shared per layer (gradients summed)": ("[0.35, 0.60]", "[weights, biases]"),
}
AVERAGED = "updated, one shared per layer (gradients averaged)"
"""Not what the derivative is, so there is no spec for it: the derivative by a shared bias is the sum."""


@pytest.mark.parametrize(
    "variant",
    [v for v in AUDIT["mazur_variants"] if v["biases"] != AVERAGED],
    ids=lambda v: f"{v['biases']}, {v['hidden_gradient_through'][:3]}",
)
def test_the_variants_of_mazur(variant: Mapping[str, Any]) -> None:
    """After 1, 9,999, 10,000 and 10,001 updates, in each order of updating, with the biases fixed or trained."""
    biases, train = BIASES[variant["biases"]]
    update = "simultaneous" if variant["hidden_gradient_through"].startswith("old") else "sequential"
    text = (SPECS / "mazur.yaml").read_text(encoding="utf-8")
    assert "biases: [0.35, 0.60]" in text and "train: [weights]" in text
    text = text.replace("biases: [0.35, 0.60]", f"biases: {biases}").replace("train: [weights]", f"train: {train}")
    trace = bp.loads(f"{text}update: {update}\niterations: 10002\n").run()
    wanted = {v.id: v for v in trace.computed() if v.id in ("E", "a[2,1]", "a[2,2]")}
    # The forward pass of iteration n + 1 is the one after n updates.
    found = {
        run.iteration - 1: [float(run.of(wanted[key])) for key in ("E", "a[2,1]", "a[2,2]")]
        for run in trace.iterations()
        if run.iteration - 1 in variant["updates"]
    }

    assert {
        n: [close(exact[key]) for key in ("E_total", "out_o1", "out_o2")] for n, exact in variant["updates"].items()
    } == found


def test_the_published_losses_after_many_iterations() -> None:
    """0.0000351085 is 9,999 simultaneous updates; 0.291027924 and both last outputs are of the sequential update."""
    spec = bp.load(SPECS / "mazur.yaml")
    text = spec.source + "\nupdate: sequential\n"
    once, often = values(bp.loads(text)), values(bp.loads(text + "iterations: 10000\n"))

    assert "0.0000351085" == f"{values(spec.override(iterations=9999))['E+']:.10f}"
    assert "0.291027924" == f"{once['E+']:.9f}"
    assert ["0.015912196", "0.984065734"] == [f"{often[f'a+[2,{k}]']:.9f}" for k in (1, 2)]
