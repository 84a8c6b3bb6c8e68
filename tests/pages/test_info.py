"""What a network is made of: layers, parameter counts, sizes, and what each index means."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import sympy
from commands import call
from oracle import SPECS
from rich.cells import cell_len

from backpropcalc.api import load, loads
from backpropcalc.errors import InputError
from backpropcalc.pages.information import Information, compiled, depth, layers, quantities
from backpropcalc.pages.meaning import meaning
from backpropcalc.pages.page import page
from backpropcalc.pages.sizes import Sizes, amount
from backpropcalc.render import write
from backpropcalc.spec.model import Spec

EXAMPLES = ["mazur", "relu-sigmoid-softmax", "two-layer-phi", "mlp-bce", "exam-2-3-1", "one-neuron"]


def sizes(*layout: Any, **more: Any) -> Spec:
    keys = {"sizes": layout, "activation": "sigmoid", "loss": "half_squared_error"}
    return loads(json.dumps(keys | more))


def written(spec: Spec, form: str, **options: Any) -> str:
    out = io.StringIO()
    write(Information(spec, options.pop("name", "")), out, form, **options)
    return out.getvalue()


def test_the_published_count_of_a_3_3_1_network() -> None:
    """16 parameters: 3 · 3 weights and 3 biases, then 3 weights and 1 bias."""
    found = list(layers(sizes(3, 3, 1), Sizes(sizes(3, 3, 1))))

    assert [layer.parameters for layer in found] == ["0", "12", "4"]
    assert [layer.weights for layer in found] == [(), ("3", "3"), ("1", "3")]
    assert (
        "16"
        in written(sizes(3, 3, 1), "terminal").splitlines()[1] + written(sizes(3, 3, 1), "terminal").splitlines()[0]
    )


@pytest.mark.parametrize("bias", ["vector", "column"])
@pytest.mark.parametrize("orientation", ["Wx", "xW", "WTx"])
@pytest.mark.parametrize("letters", [["n", "m", 1], [784, "n", "n", "k"], ["m", 3, "m"], ["n", 4]])
def test_sizes_in_letters_are_those_of_any_network(letters: list[Any], orientation: str, bias: str) -> None:
    """Every count and every size, with numbers put in for its letters, is that of the network with these numbers."""
    numbers = {"n": 5, "m": 7, "k": 9}
    more = {"orientation": orientation, "bias": bias, "activation": "tanh"}
    table = json.loads(written(sizes(*letters, **more), "json"))
    expected = json.loads(written(sizes(*(numbers.get(n, n) for n in letters), **more), "json"))

    def counted(size: Any) -> int:
        return int(sympy.sympify(str(size).replace("·", "*").replace(",", "")).subs(numbers))

    assert counted(table["parameters"]) == expected["parameters"]
    for found, known in zip(table["layers"], expected["layers"], strict=True):
        assert [counted(found[key]) for key in ("neurons", "biases", "parameters")] == [
            known[key] for key in ("neurons", "biases", "parameters")
        ]
        assert list(map(counted, found["weights"])) == known["weights"]
    assert {q["id"]: list(map(counted, q["size"])) for q in table["quantities"]} == {
        q["id"]: q["size"] for q in expected["quantities"]
    }


def test_the_table_of_a_network_of_n_inputs_and_m_neurons() -> None:
    """003: W^[1] is n[1] × n[0], here m × n; n·m weights and m biases."""
    text = " ".join(written(sizes("n", "m", 1), "terminal").split())

    assert "A n-m-1 network" not in text and "An n-m-1 network" in text
    assert "m·n + 2·m + 1 parameters" in text
    assert "hidden m sigmoid m×n = m·n m m·n + m output 1 sigmoid 1×m = m 1 m + 1" in text
    assert "W[1] w[1] m×n weights of layer 1" in text
    assert "what the indices mean" not in text.lower()
    assert amount([("n", "12"), ("3",), ("n",)]) == "13·n + 3"


def test_the_weight_and_the_bias_of_the_quiz() -> None:
    """w_48^[5] comes from the 8th neuron in layer 4 to the 4th neuron in layer 5; b_2^[3] is of the 2nd of layer 3."""
    spec = sizes(3, 5, 6, 7, 8, 6, 2, notation="phi")

    assert "weight to neuron 4 of layer 5 from neuron 8 of layer 4" in written(spec, "terminal", name="w48[5]")
    assert "bias of neuron 2 of layer 3" in written(spec, "terminal", name="b[3,2]")


def test_the_id_of_a_weight_three_deep() -> None:
    """``w[2,1,3]`` is to neuron 1 of layer 2 from neuron 3 of layer 1, and each notation's name for it is said."""
    found = json.loads(written(sizes(3, 3, 1), "json", name="w[2,1,3]"))

    assert found["meaning"] == "weight to neuron 1 of layer 2 (the output layer) from neuron 3 of layer 1"
    assert found["latex"] == "w_{13}^{[2]}"
    assert (found["in mazur"], found["in letters"], found["in mlp"]) == ("w12", "W_j3k1", "w₃")


@pytest.mark.parametrize(
    ("layout", "word"),
    [((2, 1), "no hidden"), ((2, 3, 1), "shallow"), ((2, 3, 3, 1), "shallow"), ((2, 3, 3, 3, 1), "deep")],
)
def test_shallow_or_deep(layout: tuple[int, ...], word: str) -> None:
    """One or two hidden layers are shallow, more than two deep, as the notes have it."""
    assert depth(sizes(*layout)).startswith(word)


@pytest.mark.parametrize("orientation", ["Wx", "xW"])
def test_the_sizes_are_those_of_numpy(orientation: str) -> None:
    """2-3-4-1 with five samples: the arrays of a forward pass written with NumPy have the sizes that are listed."""
    layout, samples = [2, 3, 4, 1], 5
    flip = orientation == "xW"
    weights = [np.zeros((a, b) if flip else (b, a)) for a, b in pairwise(layout)]
    keys = {
        "inputs": [[0.0, 0.0]] * samples,
        "targets": [[0.0]] * samples,
        "weights": [w.tolist() for w in weights],
        "biases": [[0.0] * n for n in layout[1:]],
        "activation": "tanh",
        "loss": "squared_error",
        "orientation": orientation,
    }
    spec = loads(json.dumps(keys))
    found = {var.id: var.shape for _, var in quantities(spec, compiled(spec))}
    a = np.zeros((samples, 2) if flip else (2, samples))
    for n, w in enumerate(weights, 1):
        z = a @ w if flip else w @ a
        assert found[f"w[{n}]"] == found[f"dE/dw[{n}]"] == found[f"w[{n}]+"] == w.shape
        assert found[f"z[{n}]"] == found[f"a[{n}]"] == found[f"dE/dz[{n}]"] == z.shape
        a = z


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_quantity_has_a_meaning_of_its_own(name: str) -> None:
    """No two scalar lines and no two matrices are explained alike."""
    spec = load(SPECS / f"{name}.yaml")
    program = compiled(spec)
    cells = [meaning(spec, step.var) for block in program.blocks + program.after for step in block.cells]
    wholes = {var.id: meaning(spec, var) for _, var in quantities(spec, program)}

    assert len(set(cells)) == len(cells)
    assert len(set(wholes.values())) == len(wholes)
    assert set(wholes) >= {
        step.var.id for b in page(spec.override(view="matrix")).blocks(1) if b.phase != "after" for step in b.steps
    }


@pytest.mark.parametrize("form", sorted(Information.forms))
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_form_of_every_example(name: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider than the terminal, braces are balanced, JSON can be read, no mark of ours is left."""
    monkeypatch.setenv("COLUMNS", "80")
    spec = load(SPECS / f"{name}.yaml")
    text = written(spec, form)

    assert not [char for char in text if "\ue000" <= char <= "\uf8ff"]
    if form == "terminal":
        assert max(map(cell_len, text.splitlines())) <= 80
        assert written(spec, form, ascii=True).isascii()
    elif form == "latex":
        assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    elif form == "json":
        assert json.loads(text)["parameters"] == spec.parameters


def test_an_unknown_name_gets_the_nearest() -> None:
    """``delta1[3]`` is a slip for ``delta1[2]``, the only one of its kind."""
    with pytest.raises(InputError, match=r"did you mean 'delta1\[[12]\]'"):
        written(sizes(2, 1, 1), "terminal", name="delta1[3]")


def test_sizes_alone_are_enough_for_info_and_derive_and_not_for_run() -> None:
    """``run`` says what is missing, with exit code 2 and no half-written page."""
    spec = "sizes: [2, 3, 1]\nactivation: sigmoid\nloss: binary_cross_entropy\n"
    run = call("run", "-", stdin=spec)

    assert call("info", "-", stdin=spec).code == call("derive", "-", stdin=spec).code == 0
    assert (run.code, run.out) == (2, "")
    assert "this spec has sizes and no numbers" in run.err and "weights" in run.err
    assert "of neuron 2 of layer 1" in call("info", "-", "b[1,2]", stdin=spec).out
    assert call("derive", "-", "--view", "matrix", "--latex", stdin=spec).out.count(r"\odot") > 1


@pytest.mark.parametrize("name", ["derive", "info"])
@pytest.mark.parametrize("spec", ["expression: J = a*b\n", "minimise: x**2\nstart: {x: 1}\nlearning_rate: 0.1\n"])
def test_what_is_no_network_has_no_layers(name: str, spec: str) -> None:
    """An expression graph and a gradient descent are for ``run``."""
    done = call(name, "-", stdin=spec)

    assert done.code == 2
    assert ", not a network" in done.err and "Traceback" not in done.err
