"""Every number of the source documents, by its exact value, stands in the trace of the spec that is shipped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from oracle import SPECS, values

import backpropcalc as bp

AUDIT = yaml.safe_load((Path(__file__).parent / "published" / "audit.yaml").read_text(encoding="utf-8"))
Quantity = str | list[Any] | Callable[[Mapping[str, float]], float]


def matrix(layer: int, size: int = 3) -> list[list[str]]:
    """Gradients as the slides write them: a row per source, a column per neuron."""
    return [[f"dE/dw[{layer},{j},{i}]" for j in range(1, size + 1)] for i in range(1, size + 1)]


MAZUR = {
    "net_h1": "z[1,1]",
    "out_h1": "a[1,1]",
    "out_h1 (operand)": "a[1,1]",
    "out_h2": "a[1,2]",
    "net_o1": "z[2,1]",
    "out_o1": "a[2,1]",
    "out_o2": "a[2,2]",
    "E_o1": "E[1]",
    "E_o2": "E[2]",
    "E_total": "E",
    "dE_total/dout_o1": "dE/da[2,1]",
    "dout_o1/dnet_o1": "da[2,1]/dz[2,1]",
    "dnet_o1/dw_5": "a[1,1]",
    "dE_total/dw_5": "dE/dw[2,1,1]",
    "w_5^+": "w[2,1,1]+",
    "w_6^+": "w[2,1,2]+",
    "w_7^+": "w[2,2,1]+",
    "w_8^+": "w[2,2,2]+",
    "dnet_o1/dout_h1 = w_5": "w[2,1,1]",
    "dE_o1/dnet_o1": "dE/dz[2,1]",
    "dE_o1/dout_h1": "dE[1]/da[1,1]",
    "dE_o2/dout_h1": "dE[2]/da[1,1]",
    "dE_total/dout_h1": "dE/da[1,1]",
    "dout_h1/dnet_h1": "da[1,1]/dz[1,1]",
    "dnet_h1/dw_1 = i_1": "x[1]",
    "dE_total/dw_1": "dE/dw[1,1,1]",
    "w_1^+": "w[1,1,1]+",
    "w_2^+": "w[1,1,2]+",
    "w_3^+": "w[1,2,1]+",
    "w_4^+": "w[1,2,2]+",
    "E_total after first update": "E+",
}
LAYERED = {
    "o_2^{[2]}": "a[2,2]",
    "a_1^{[2]} (operand)": "a[2,1]",
    "dJ/da_1^{[2]}": "dE/da[2,1]",
    "da_1^{[2]}/dz_1^{[2]} (left side misprinted dJ/da_1^{[2]})": "da[2,1]/dz[2,1]",
    "a_1^{[1]} (operand)": "a[1,1]",
    "dJ/dw_{11}^{[2]}": "dE/dw[2,1,1]",
    "w_{11}^{[2]*}": "w[2,1,1]+",
    "a_2^{[1]} (third factor)": "a[1,2]",
    "dJ/dw_{21}^{[2]}": "dE/dw[2,1,2]",
    "w_{21}^{[2]*}": "w[2,1,2]+",
    "w_{12}^{[2]*}": "w[2,2,1]+",
    "w_{22}^{[2]*}": "w[2,2,2]+",
    "dE_o1/dz_1^{[2]}": "dE/dz[2,1]",
    "dE_o1/dz_1^{[2]} (operand)": "dE/dz[2,1]",
    "dE_o1/da_1^{[1]}": "dE[1]/da[1,1]",
    "dE_o2/da_1^{[1]}": "dE[2]/da[1,1]",
    "dJ/da_1^{[1]}": "dE/da[1,1]",
    "da_1^{[1]}/dz_1^{[1]}": "da[1,1]/dz[1,1]",
    "dz_1^{[1]}/dw_{11}^{[1]} = x_1": "x[1]",
    "dJ/dw_{11}^{[1]}": "dE/dw[1,1,1]",
    "E_o1, E_o2, J (heading l.195 only, figure lost)": ["E[1]", "E[2]", "E"],
    "w_{11}^{[1]*} and the other hidden weights (never updated in 000)": [
        f"w[1,{j},{i}]+" for j in (1, 2) for i in (1, 2)
    ],
}
MLP = {
    **{f"Z_{j}": f"z[1,{j}]" for j in (1, 2)},
    **{f"H_{j}": f"a[1,{j}]" for j in (1, 2)},
    "Z_0": "z[2,1]",
    "H_0 = O": "a[2,1]",
    "L": "E",
    "dL/dO": "dE/da[2,1]",
    "dO/dz_0": "da[2,1]/dz[2,1]",
    "dL/dZ_0": "dE/dz[2,1]",
    "dL/dZ_0 (repeated)": "dE/dz[2,1]",
    **{f"dL/dw_{i}": f"dE/dw[2,1,{i}]" for i in (1, 2)},
    "dL/db_0": "dE/db[2,1]",
    **{f"dL/dH_{j}": f"dE/da[1,{j}]" for j in (1, 2)},
    **{f"dH_{j}/dz_{j}": f"da[1,{j}]/dz[1,{j}]" for j in (1, 2)},
    **{f"dL/dz_{j}": f"dE/dz[1,{j}]" for j in (1, 2)},
    **{f"dL/dw_{{{i}{j}}}": f"dE/dw[1,{j},{i}]" for i in (1, 2) for j in (1, 2)},
    **{f"dL/db_{j}": f"dE/db[1,{j}]" for j in (1, 2)},
    **{f"w_{i} new": f"w[2,1,{i}]+" for i in (1, 2)},
    "b_0 new (left as exercise)": "b[2,1]+",
    **{f'w_{{{i}{j}}} new ("do yourself")': f"w[1,{j},{i}]+" for i in (1, 2) for j in (1, 2)},
    **{f'b_{j} new ("do yourself")': f"b[1,{j}]+" for j in (1, 2)},
    "L after the correct update": "E+",
}
UNITS = (1, 2, 3)
EXAM = {
    **{f"W^{{[1]}}x[{j}]": (lambda v, j=j: v[f"z[1,{j}]"] - v[f"b[1,{j}]"]) for j in UNITS},
    **{f"z^{{[1](1)}}[{j}]": f"z[1,{j}]" for j in UNITS},
    **{f"A^{{[1](1)}}[{j}]": f"a[1,{j}]" for j in UNITS},
    "A^{[1](1)}[3] first reading": "a[1,3]",
    **{f"w^{{[2]}}A term {j}": (lambda v, j=j: v[f"w[2,1,{j}]"] * v[f"a[1,{j}]"]) for j in UNITS},
    "w^{[2]}A sum": lambda v: v["z[2,1]"] - v["b[2,1]"],
    "z^{[2](1)}": "z[2,1]",
    "yhat = A^{[2](1)}": "a[2,1]",
    "A^{[2](1)} (operand)": "a[2,1]",
    "dz^{[2](1)}": "dE/dz[2,1]",
    "dz^{[2](1)} (operand)": "dE/dz[2,1]",
    **{f"dw^{{[2]}}[{i}]": f"dE/dw[2,1,{i}]" for i in UNITS},
    "db^{[2]} = dz^{[2](1)} (misprinted dw~^{(2)})": "dE/db[2,1]",
    **{f"(w^{{[2]}})^T dz^{{[2](1)}}[{j}]": f"dE/da[1,{j}]" for j in UNITS},
    **{f"g'(z)[{j}]": f"da[1,{j}]/dz[1,{j}]" for j in UNITS},
    "dz^{[1]}[1]": "dE/dz[1,1]",
    "dz^{[1]}[2] = db^{[1]}[2]": "dE/db[1,2]",
    "dz^{[1]}[3] = db^{[1]}[3]": "dE/db[1,3]",
    **{f"dw^{{[1]}}[{j},{i}]": f"dE/dw[1,{j},{i}]" for j in UNITS for i in (1, 2)},
    "yhat - y (operand for db^{[1]})": "dE/dz[2,1]",
    "db^{[1]}[1]": "dE/db[1,1]",
    'loss ("loss =" left empty)': "E",
}
THREES = {
    **{f"h1_in = h1_out[{j}]": f"a[1,{j}]" for j in UNITS},
    **{f"h2_in[{j}]": f"z[2,{j}]" for j in UNITS},
    **{f"h2_out[{j}]": f"a[2,{j}]" for j in UNITS},
    **{f"o_in[{j}]": f"z[3,{j}]" for j in UNITS},
    **{f"O_out[{j}]": f"a[3,{j}]" for j in UNITS},
}
ENTROPY = {
    **{f"1-O_out{k}": (lambda v, k=k: 1 - v[f"a[3,{k}]"]) for k in (2, 3)},
    "-log(0.2698)": "E[1]",
    "-log(0.6777)": "E[2]",
    "-log(0.5922)": "E[3]",
}
DELTAS = {
    "delta W_jk (exact, natural-log sum BCE)": matrix(2),
    "delta W_ij (layer 1, never derived in 004)": matrix(1),
    "delta W_kl exact": matrix(3),
}

LAST_EXAMPLE = "004 cross-entropy of the 3-3-3-3 net (printed twice, l.242-247 and l.730-736)"
SHIPPED: dict[str, tuple[str, Mapping[str, Quantity]]] = {
    "000-A 4->1 sigmoid output": (
        "one-neuron",
        {"o_1^{[2]} (weighted sum, written o)": "z[1,1]", "o_1^{[2]} = sigma(.)": "a[1,1]"},
    ),
    "000-D Mazur 2-2-2": ("mazur-layered", LAYERED),
    "002 2-2-1 BCE": ("mlp-bce", MLP),
    "003 2-3-1 BCE": ("exam-2-3-1", EXAM),
    "004 Mazur 2-2-2": ("mazur", MAZUR),
    "004 3-3-3-3 relu/sigmoid/softmax": ("relu-sigmoid-softmax", THREES),
    LAST_EXAMPLE: ("relu-sigmoid-softmax", ENTROPY),
    "004 3-3-3-3 backward formulas (no numbers printed)": ("relu-sigmoid-softmax", DELTAS),
}
"""Example of the audit: the spec that is shipped, and the quantity of the audit as an id (or worked out from ids)."""

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


def look_up(found: Mapping[str, float], quantity: Quantity) -> Any:
    if isinstance(quantity, list):
        return [look_up(found, part) for part in quantity]
    return quantity(found) if callable(quantity) else found[quantity]


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

    shown = Digits(9)
    right = [item for item in IN_SHIPPED if item["example"] == "004 Mazur 2-2-2" and item["verdict"] == "right"]
    for item in right:
        full, digits = item["printed"].rstrip("0"), len(item["printed"].partition(".")[2])
        value = look_up(shipped("mazur"), MAZUR[item["quantity"]])
        short = shown.shown(value) if digits == 9 else Digits(digits).shown(value)

        assert full == short, item["quantity"]
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

    assert expected == [found[f"a[1,{k}]"] for k in UNITS]


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
        run.iteration - 1: [run.of(wanted[key]) for key in ("E", "a[2,1]", "a[2,2]")]
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
