"""Derivatives that are asked for by name, against finite differences and against the gradients that they add up to."""

from __future__ import annotations

import copy
import io
import json
from typing import Any

import networks
import pytest
from networks import Keys, network
from oracle import MAZUR, SPECS, spec, values

import backpropcalc as bp
from backpropcalc.notation.own_names import notation_of
from backpropcalc.pages.page import page
from backpropcalc.program.asked import entry_of

SMOOTH = ["identity", "sigmoid", "tanh", "arctan", "softplus", "softmax"]
STEP = 1e-5


def smooth(seed: int, **changes: Any) -> Keys:
    """A random network without corners, in which a small change is a small change."""
    keys = network(seed) | changes
    names = [a["name"] if isinstance(a, dict) else a for a in keys["activation"]]
    smoothed = [name if name in SMOOTH else SMOOTH[(seed + n) % len(SMOOTH)] for n, name in enumerate(names)]
    if networks.loss_name(keys).endswith("cross_entropy"):
        smoothed[-1] = "sigmoid" if smoothed[-1] != "softmax" else "softmax"
    return keys | {"activation": smoothed, "biases": [[0.1 * n for n in range(len(rows))] for rows in widths(keys)]}


def widths(keys: Keys) -> list[list[float]]:
    """For each layer something as long as it has neurons."""
    by_neuron = keys["orientation"] == "Wx"
    return [[row[0] for row in w] if by_neuron else w[0] for w in keys["weights"]]


def asked(keys: Keys, name: str) -> float:
    """The value of what is called ``name``, the last line of its page."""
    shown = page(spec(keys), only=[name])
    (numbers,) = shown.trace.iterations()
    (var,) = shown.trace.spec.method.asked
    return float(numbers.of(var))


def difference(keys: Keys, output: str, layer: int, to: int, source: int) -> float:
    """∂output/∂w[layer,to,source] by a central difference; source 0 is the bias. All count from 1."""
    found = []
    for step in (STEP, -STEP):
        moved = copy.deepcopy(keys)
        if source:
            first, second = (to, source) if keys["orientation"] == "Wx" else (source, to)
            moved["weights"][layer - 1][first - 1][second - 1] += step
        else:
            moved["biases"][layer - 1][to - 1] += step
        found.append(values(spec(moved))[output])
    return (found[0] - found[1]) / (2 * STEP)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("chain", ["factors", "delta"])
def test_what_one_output_or_sample_does_is_its_finite_difference(seed: int, chain: str) -> None:
    """∂E_k/∂w, ∂E_k/∂b, ∂E(s)/∂w and ∂z/∂w of a random network, whatever the reductions, equal central differences."""
    keys = smooth(seed, chain=chain)
    m, outputs = len(keys["inputs"]), len(keys["targets"][0])
    mark = f"({m})" if m > 1 else ""
    pairs = [(f"E[{k}]", 1, 1, source) for k in {1, outputs} for source in (0, 1)]
    pairs += [("E", 1, 1, 1)] if m > 1 else []
    pairs += [("z[1,1]", 1, 1, 1)]
    for output, layer, to, source in pairs:
        parameter = f"w[{layer},{to},{source}]" if source else f"b[{layer},{to}]"
        if len(keys["activation"]) == 1 and output == f"E[{outputs}]" and outputs > 1:
            continue  # neuron 1 is another output
        expected = difference(keys, output + mark, layer, to, source)

        assert asked(keys, f"d{output}/d{parameter}{mark}") == pytest.approx(expected, rel=1e-4, abs=1e-6), output


@pytest.mark.parametrize("view", ["scalar", "matrix"])
@pytest.mark.parametrize("notation", ["mazur", "layered", "phi", "letters"])
def test_both_outputs_together_make_the_gradient(view: str, notation: str) -> None:
    """∂E_1/∂w1 + ∂E_2/∂w1 is ∂E/∂w1, in either view and by the names of any notation."""
    keys = MAZUR | {"view": view, "notation": notation}
    names = bp.loads(__import__("json").dumps(keys)).names()
    total = names.ascii(next(v for v in bp.Trace(spec(keys)).computed() if v.id == "E[1]"))
    parameter = names.ascii(next(v for v in bp.Trace(spec(keys)).given() if v.id == "w[1,1,1]"))
    other = total.replace("1", "2")
    parts = [asked(keys, f"d{output}/d{parameter}") for output in (total, other)]

    assert sum(parts) == pytest.approx(values(spec(keys))["dE/dw[1,1,1]"], rel=1e-12)


def test_what_has_nothing_to_do_with_each_other_has_no_derivative() -> None:
    """∂E_1 by a weight of output 2, or of a sum by a weight of another: an unknown name, not a line of zeros."""
    for name in ("dE[1]/dw[2,2,1]", "dz[2,1]/dw[2,2,1]", "dz[2,1]/dw[1,1,1]", "dE[1]/da[2,2]", "dq/dw5", "dE[1]/dx1"):
        with pytest.raises(bp.InputError):
            page(spec(MAZUR), only=[name])


def test_the_matrix_of_chain_products_of_a_softmax_layer() -> None:
    """Lecture 004: ∂E_k/∂W_kl = ∂E_k/∂O_out · ∂O_out/∂O_in · ∂O_in/∂W_kl, for each output by its own weights."""
    net = bp.load(SPECS / "relu-sigmoid-softmax.yaml")
    known = values(net)
    for k in (1, 2, 3):
        t, o = known[f"t[{k}]"], known[f"a[3,{k}]"]
        by_output = -(t / o - (1 - t) / (1 - o))
        for source in (1, 2, 3):
            shown = page(net, only=[f"dE[{k}]/dw[3,{k},{source}]"])
            (numbers,) = shown.trace.iterations()
            (var,) = shown.trace.spec.method.asked

            assert float(numbers.of(var)) == pytest.approx(by_output * o * (1 - o) * known[f"a[2,{source}]"], rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("orientation", ["Wx", "xW", "WTx"])
def test_the_matrices_of_all_outputs_add_up_to_the_gradient(seed: int, orientation: str) -> None:
    """∂E_1/∂W + ∂E_2/∂W + … = ∂E/∂W entry by entry, 0 where an output has nothing to do with a weight."""
    keys = network(seed) | {"orientation": "Wx"}
    sizes = [len(keys["inputs"][0]), 3, 2]
    weights = [[[0.1 * (r - c + n) for c in range(sizes[n])] for r in range(sizes[n + 1])] for n in range(2)]
    if orientation != "Wx":
        weights = [[list(column) for column in zip(*matrix, strict=True)] for matrix in weights]
    keys |= {"weights": weights, "biases": [0.1, None], "targets": [[0.3, 0.7]], "inputs": keys["inputs"][:1]}
    keys |= {"activation": ["sigmoid", "softmax" if seed % 2 else "tanh"], "loss": "half_squared_error"}
    keys |= {"orientation": orientation, "view": "matrix", "seed": seed}
    known = values(spec(keys))
    for layer in (1, 2):
        pages = [page(spec(keys), only=[f"dE[{k}]/dw[{layer}]"]) for k in (1, 2)]
        numbers = [next(iter(shown.trace.iterations())) for shown in pages]
        wholes = [shown.trace.spec.method.asked[0] for shown in pages]
        rows, columns = wholes[0].shape
        for at in ((r, c) for r in range(rows) for c in range(columns)):
            parts = [float(found.of(entry_of(whole, at))) for found, whole in zip(numbers, wholes, strict=True)]

            assert sum(parts) == pytest.approx(known[f"dE/dw[{layer},{at[0] + 1},{at[1] + 1}]"], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("orientation", ["Wx", "xW", "WTx"])
def test_a_matrix_that_is_asked_for_is_one_line_with_the_factors_of_each_entry(orientation: str) -> None:
    """One matrix of products by name, its entries by name, the numbers, the result: turned as the weights are."""
    turned = [[list(c) for c in zip(*w, strict=True)] for w in MAZUR["weights"]]
    keys = MAZUR | {"view": "matrix", "orientation": orientation, "decimals": 3}
    keys |= {} if orientation == "Wx" else {"weights": turned}
    out = io.StringIO()
    bp.write(page(spec(keys), only=["dE[]/dw[2]"], phases=frozenset({"backward"})), out, "json")
    line = json.loads(out.getvalue())["lines"][-1]
    value = line["value"] if orientation == "Wx" else [list(row) for row in zip(*line["value"], strict=True)]

    assert line["id"] == "dE[]/dw[2]"
    assert "∂E_o2/∂out_o2 · ∂out_o2/∂net_o2 · ∂net_o2/∂w7" in line["formula"]
    assert line["depends"][:3] == ["dE[1]/da[2,1]", "da[2,1]/dz[2,1]", "a[1,1]"]
    assert value == [pytest.approx([0.082167041, 0.082667628]), pytest.approx([-0.02260254, -0.022740242])]
    assert ("−0.217 · 0.176 · 0.593" in line["substitution"]) and ("0.741 · 0.187 · 0.597" in line["substitution"])


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "∂E_o1/∂net_o1"),
        ({"activation": "softmax"}, "∂E_total/∂net_o1"),
        ({"loss": {"name": "half_squared_error", "outputs": "mean"}}, "∂E_total/∂net_o1"),
        ({"inputs": [[1, 2], [3, 4]], "targets": [[1, 0], [0, 1]]}, "∂E_total/∂net_o1(1)"),
    ],
)
def test_under_delta_derivative_the_output_goes_by_its_own_loss(changes: Keys, name: str) -> None:
    """004 writes ∂E_o1/∂net_o1, for ∂E_total/∂net_o1 where no other part of the total has a share in it."""
    trace = bp.Trace(spec(MAZUR | {"notation": "mazur", "delta": "derivative"} | changes))
    delta = next(var for var in trace.computed() if var.id.startswith("dE/dz[2,1]"))

    assert notation_of(trace.spec).text(delta) == name
