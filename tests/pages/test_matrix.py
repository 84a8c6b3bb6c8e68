"""The matrix view: the same numbers as the scalar view, in matrices with their sizes."""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import MAZUR, SPECS, spec
from rich.cells import cell_len

from backpropcalc.algebra.arithmetic import evaluate
from backpropcalc.algebra.tensors import tensors
from backpropcalc.algebra.terms import Var
from backpropcalc.api import load, loads
from backpropcalc.errors import InputError
from backpropcalc.pages.matrices import untrained
from backpropcalc.pages.page import page
from backpropcalc.program.orientation import is_turned, turned
from backpropcalc.render import write as render
from backpropcalc.spec.model import Spec

EXAMPLES = ["mazur", "mazur-layered", "relu-sigmoid-softmax", "two-layer-phi", "mlp-bce", "exam-2-3-1"]


@st.composite
def networks(draw: st.DrawFn) -> str:
    """The text of a spec: one to three layers, batches, any orientation, any bias, subsets trained."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    samples = draw(st.sampled_from([1, 1, 2, 3]))
    orientation = draw(st.sampled_from(["Wx", "xW", "WTx"]))
    number = st.integers(-15, 15).map(lambda n: n / 10 + 0.01)
    share = st.integers(1, 9).map(lambda n: n / 10)

    def matrix(rows: int, columns: int, of: st.SearchStrategy[float] = number) -> list[list[float]]:
        return [[draw(of) for _ in range(columns)] for _ in range(rows)]

    hidden = st.sampled_from(["identity", "sigmoid", "tanh", "relu", "elu", "softplus", "softmax", "leaky_relu"])
    last = draw(st.sampled_from(["sigmoid", "softmax", "identity"])) if sizes[-1] > 1 else "sigmoid"
    losses = ["half_squared_error", "mean_squared_error"]
    losses += ["binary_cross_entropy", "cross_entropy"] if last != "identity" else []
    every = [f"w[1,{j},{i}]" for j in range(1, sizes[1] + 1) for i in range(1, sizes[0] + 1)]
    keys: dict[str, Any] = {
        "inputs": matrix(samples, sizes[0]),
        "targets": matrix(samples, sizes[-1], share),
        "orientation": orientation,
        "weights": [matrix(b, a) if orientation == "Wx" else matrix(a, b) for a, b in pairwise(sizes)],
        "biases": [draw(st.sampled_from([None, 0.3, [0.1 * k for k in range(n)]])) for n in sizes[1:]],
        "activation": [draw(hidden) for _ in sizes[2:]] + [last],
        "loss": {
            "name": draw(st.sampled_from(losses)),
            "samples": draw(st.sampled_from(["sum", "mean"])),
            "outputs": draw(st.sampled_from(["sum", "mean"])),
        },
        "learning_rate": 0.5,
        "train": draw(st.sampled_from([["weights"], ["weights", "biases"], every[-1:]])),
        "update": draw(st.sampled_from(["simultaneous", "sequential"])),
        "notation": draw(st.sampled_from(["mazur", "layered", "phi", "letters"])),
        "view": "matrix",
        "detail": draw(st.sampled_from(["normal", "full"])),
        "mean_in": draw(st.sampled_from(["delta", "gradient"])),
    }
    own = [bias for bias in keys["biases"] if isinstance(bias, list)]
    keys["bias"] = draw(st.sampled_from(["vector", "column"])) if 0.3 not in keys["biases"] and own else "vector"
    return json.dumps(keys)


def worked(text: str) -> tuple[Any, dict[Var, Any], Any]:
    """The page of a spec, every tensor worked out from the terms of the matrix view, and the numbers by entries."""
    shown = page(loads(text))
    arithmetic = tensors()
    values = list(shown.trace.iterations())[-1]
    env = Joined(shown, values)
    for var, rows in shown.trace.program.given.items():
        numbers = np.array([[float(n.text) if "/" not in n.text else eval(n.text) for n in row] for row in rows])
        orientation = shown.trace.spec.orientation
        env[turned(var, orientation)] = numbers.T if is_turned(var, orientation) else numbers
    for block in shown.blocks(1):
        for step in block.steps:
            with np.errstate(all="ignore"):  # the branch of a case that is not taken may overflow
                value = np.broadcast_to(evaluate(step.term, env.__getitem__, arithmetic), step.var.shape).copy()
            for at in np.ndindex(step.var.shape) if step.var.role == "new" else ():
                scalar = shown.quantity(step.var, at)
                value[at] = value[at] if scalar.role == "new" else float(values.of(scalar))
            env[step.var] = value
    return shown, env, values


class Joined(dict[Var, Any]):
    """Tensors by name; of one that others are put together to, its entries are looked up."""

    def __init__(self, shown: Any, values: Any) -> None:
        self.shown, self.values_of = shown, values.of

    def __missing__(self, var: Var) -> Any:
        rows, columns = var.shape
        return np.array([[self.entry(var, (r, c)) for c in range(columns)] for r in range(rows)])

    def entry(self, var: Var, at: tuple[int, int]) -> float:
        scalar = self.shown.quantity(var, at)
        return 0.0 if untrained(scalar) else float(self.values_of(scalar))


@settings(max_examples=200)
@given(networks())
def test_scalar_and_matrix_terms_give_the_same_numbers(text: str) -> None:
    """Every entry of every matrix, worked out with NumPy from the matrix formula, is the number of the scalar line.

    Where the scalar line has a form that keeps its digits, 1 − o as it is written has lost some.
    """
    shown, env, values = worked(text)
    for block in shown.blocks(1):
        for step in block.steps:
            near = 1e-6 if step.safe else 1e-9
            for at in np.ndindex(step.var.shape):
                scalar = shown.quantity(step.var, at)
                if untrained(scalar):
                    continue

                assert float(values.of(scalar)) == pytest.approx(env[step.var][at], rel=near, abs=1e-12), step.var.id


@settings(max_examples=30)
@given(networks())
def test_every_line_of_the_scalar_view_is_an_entry_of_a_matrix(text: str) -> None:
    """Nothing is lost but what units send back, Jacobians of samples and slopes of sums: the products have them."""
    shown = page(loads(text))
    entries = {var.id for wholes in shown.wholes.values() for var in wholes}
    batch = len(shown.trace.spec.inputs) > 1
    lines = {
        line.id
        for line in loads(text).run()
        if not (line.step.var.role == "via" or line.id.startswith(("dE[", "dz[")))
        and not (batch and line.step.var.role == "d" and line.step.var.of[0].role == "a")
    }

    assert lines <= entries


def written(name: str, form: str, **style: Any) -> str:
    out = io.StringIO()
    render(page(load(SPECS / f"{name}.yaml").override(view="matrix", **style)), out, form)
    return out.getvalue()


@pytest.mark.parametrize("name", EXAMPLES)
def test_json_holds_whole_matrices(name: str) -> None:
    """Ids without a neuron, values as nested lists, the same numbers as line by line, never abbreviated."""
    spec = load(SPECS / f"{name}.yaml")
    scalar = {line.id: line.value for line in spec.run()}
    flip = spec.orientation == "xW"
    found = {line["id"]: line for line in json.loads(written(name, "json"))["lines"]}
    for layer, size in enumerate(spec.sizes[1:], 1):
        column = [[scalar[f"z[{layer},{j}]"]] for j in range(1, size + 1)]

        assert found[f"z[{layer}]"]["value"] == ([[row[0] for row in column]] if flip else column)
    assert all("…" not in line["substitution"] for line in found.values())


def test_the_published_numbers_stand_in_the_matrices() -> None:
    """The 2-2-2 example: W_h · i + b1 with its numbers and sizes, as the slides have them."""
    text = written("mazur", "terminal")

    assert " net_h = W_h · i + b1\n       = ⎡w1  w2⎤ · ⎡i1⎤ + ⎡b1⎤ = ⎡net_h1⎤\n" in text
    assert "       = ⎡0.15  0.2⎤ · ⎡0.05⎤ + ⎡0.35⎤ = ⎡0.3775⎤\n" in text
    assert "             2×2        2×1      2×1       2×1\n" in text
    assert "∂E_total/∂out_h = W_oᵀ · δ_o" in text


def test_row_vectors_stand_as_the_file_has_them() -> None:
    """With ``orientation: xW`` it is z = x W + b, W as in the file, and W transposed on the way back."""
    text = written("relu-sigmoid-softmax", "terminal")

    assert "h1_in  = i · W_ij + b_j" in text
    assert "⎡0.1  0.2  0.3⎤" in text
    assert "∂E_total/∂h2_out = ∂E_total/∂O_in · W_klᵀ" in text
    assert "∂E_total/∂W_kl = h2_outᵀ · ∂E_total/∂O_in" in " ".join(text.split())


def test_the_recursion_of_the_notes() -> None:
    """φ[1] = W[2]ᵀ φ[2] ⊙ ψ[1]′(z̄[1]) and ∂L/∂W[1] = φ[1] x̄[0]ᵀ, each in its own line."""
    lines = {line["id"]: line for line in json.loads(written("two-layer-phi", "json"))["lines"]}

    assert lines["dE/dz[1]"]["formula"] == "∂L/∂x̄[1] ⊙ ψ[1]′(z̄[1])"
    assert lines["dE/da[1]"]["formula"] == "W[2]ᵀ · φ[2]"
    assert lines["dE/dw[1]"]["formula"] == "φ[1] · x̄[0]ᵀ"
    assert r"(\psi^{[1]})'(\bar{z}^{[1]})" in lines["dE/dz[1]"]["latex"]


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal(name: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formulas break before an operator, wide matrices lose columns to an ellipsis."""
    monkeypatch.setenv("COLUMNS", str(width))

    assert max(map(cell_len, written(name, "terminal").splitlines())) <= width


def test_wide_matrices_are_abbreviated_on_the_page_only() -> None:
    """Twenty inputs: … in the terminal and dots in LaTeX, every number in JSON."""
    text = json.dumps(
        {
            "inputs": [n / 10 for n in range(20)],
            "targets": [1],
            "weights": [[[n / 100 for n in range(20)]]],
            "activation": "sigmoid",
            "loss": "squared_error",
            "view": "matrix",
        }
    )
    forms = {}
    for form in ("terminal", "latex", "json"):
        out = io.StringIO()
        render(page(loads(text)), out, form)
        forms[form] = out.getvalue()

    assert "…" in forms["terminal"] and "1×20" in forms["terminal"]
    assert r"\cdots" in forms["latex"] and r"\vdots" in forms["latex"]
    assert "0.17" in json.loads(forms["json"])["lines"][0]["substitution"]
    assert len(next(x for x in json.loads(forms["json"])["lines"] if x["id"] == "dE/dw[1]")["value"][0]) == 20


def test_what_is_not_trained_is_left_out() -> None:
    """Nobody works out the gradient of a fixed weight; the updated matrix keeps its number."""
    spec = loads(
        '{"inputs": [1, 2], "targets": [1], "weights": [[[0.1, 0.2]]], "activation": "identity", "view": "matrix",'
        ' "loss": "squared_error", "learning_rate": 0.1, "train": ["w[1,1,2]"]}'
    )
    out = io.StringIO()
    render(page(spec), out, "json")
    found = {line["id"]: line["value"] for line in json.loads(out.getvalue())["lines"]}

    assert found["dE/dw[1]"] == [[None, -2.0]]
    assert found["w[1]+"] == [[0.1, 0.4]]


def test_only_takes_whole_and_single_names() -> None:
    """``--only W_o`` shows what the matrix is worked out from, as does the name of one of its weights."""
    spec = load(SPECS / "mazur.yaml").override(view="matrix")
    found = {}
    for name in ("W_o", "w5", "w[2]", "dE/dw[2]"):
        shown = page(spec, only=[name])
        found[name] = [step.var.id for block in shown.blocks(1) for step in shown.matrices(block)]

    assert found["W_o"] == found["w5"] == found["w[2]"]
    assert found["W_o"][-1] == "w[2]+" and "w[1]+" not in found["W_o"]
    assert found["dE/dw[2]"][-1] == "dE/dw[2]"
    with pytest.raises(InputError, match="given, not computed"):
        page(spec, only=["target"])


@pytest.mark.parametrize("form", ["latex", "markdown"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_braces_and_environments_are_balanced(form: str, name: str) -> None:
    """The mathematics closes what it opens, and no mark of ours is left in it."""
    text = written(name, form)

    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    assert len(re.findall(r"\\begin\{bmatrix\}", text)) == len(re.findall(r"\\end\{bmatrix\}", text)) > 5
    assert not re.search("[\ue000-\uf8ff]", text)


def shown(made: Spec, form: str = "terminal") -> str:
    out = io.StringIO()
    render(page(made), out, form)
    return out.getvalue()


def test_sums_down_the_rows_and_along_the_columns_are_told_apart() -> None:
    """Of three samples in columns J(s) adds down, ∂J/∂b along; of a vector Σ says enough; samples in rows turn both."""
    keys = MAZUR | {"inputs": [[1, 2], [3, 4], [0, 1]], "targets": [[1, 0], [0, 1], [1, 1]], "view": "matrix"}
    keys |= {"biases": [0.1, [0.2, 0.3]], "notation": "layered", "train": ["weights", "biases"], "learning_rate": 1}
    text = shown(spec(keys))

    assert "J(s) = Σ↓ J_k" in text and "Σ J(s)" in text
    assert "∂J/∂b[2] = Σ→ Δ[2]" in text and "∂J/∂b[1] = Σ Σ→ Δ[1]" in text
    assert text.count("(the sum goes down each column)") == text.count("(the sum goes along each row)") == 1
    assert "J(s) = Σ→ J_k" in shown(spec(keys | {"orientation": "xW"}))
    assert r"\sum_{\rightarrow} \Delta^{[2]}" in shown(spec(keys), "latex")


def test_the_biases_as_a_column_are_given_so() -> None:
    """003: W^[1] is m1 × (m0 + 1) with w_k0 first; W̄, by which δ comes back, is explained where it first stands."""
    keys = MAZUR | {"biases": [[0.1, 0.2], [0.3, 0.4]], "bias": "column", "view": "matrix", "notation": "layered"}
    text = " ".join(shown(spec(keys)).split())

    assert "W[1] = ⎡w₁₀[1] w₁₁[1] w₁₂[1]⎤ = ⎡0.1 0.15 0.2⎤" in text
    assert "Given x = " in text and " b[1] = " not in text
    assert text.count("weights with a bar: without the column of biases") == 1
