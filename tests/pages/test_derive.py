"""The derivation in symbols: every step is proved by sympy, and its rules give the numbers of ``run``."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from oracle import SPECS
from rich.cells import cell_len

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.calculus import differentiated
from backpropcalc.algebra.symbolic import agree, expression, symbol
from backpropcalc.algebra.tensors import tensors
from backpropcalc.algebra.terms import Num, Op, Term, Var, element
from backpropcalc.api import load, loads
from backpropcalc.notation.wholes import GENERAL, LAST, NEXT, PREVIOUS, THIS
from backpropcalc.pages.derivation import Derivation, derivation
from backpropcalc.pages.pieces import Equation
from backpropcalc.pages.slopes import CANCELLATIONS, activation_slope, loss_slope, output_delta, softmax_slope
from backpropcalc.render import write
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES
from backpropcalc.spec.model import Spec

EXAMPLES = ["mazur", "mazur-layered", "relu-sigmoid-softmax", "two-layer-phi", "mlp-bce", "exam-2-3-1", "one-neuron"]


def sizes(layers: list[int], activation: object = "sigmoid", loss: object = "half_squared_error", **more: Any) -> Spec:
    return loads(json.dumps({"sizes": layers, "activation": activation, "loss": loss, **more}))


def proved(sides: tuple[tuple[Term, str], ...], env: Callable[[Var], Any]) -> None:
    """Each side is the same as the next, whatever the numbers."""
    found = [expression(term, env) for term, _ in sides]
    for (one, other), (term, _) in zip(pairwise(found), sides[1:], strict=True):
        assert agree(one, other), term


@pytest.mark.parametrize("name", [name for name, rule in ACTIVATIONS.items() if not rule.mixes])
def test_every_step_to_the_slope_of_an_activation_is_proved(name: str) -> None:
    """From the rules of calculus to the form in the activation itself, and the first is sympy's own derivative."""
    import sympy

    rule = ACTIVATIONS[name]
    z, a = Var("z", 1, index=(0, 0)), Var("a", 1, index=(0, 0))
    parameters = {key: Num(text) for key, text in rule.defaults.items()}
    value = expression(rule.value(z, parameters))
    sides = activation_slope(rule, z, a, parameters)

    proved(sides, lambda var: value if var == a else symbol(var))
    for number in (-1.3, -0.2, 0.4, 2.1):
        at = {symbol(z): sympy.Float(number, 40)}
        step = sympy.Float("1e-12", 40)
        ends = [sympy.N(value.subs({symbol(z): number + sign * step}), 40) for sign in (1, -1)]
        assert float((ends[0] - ends[1]) / (2 * step)) == pytest.approx(
            float(expression(sides[0][0], lambda var: value if var == a else symbol(var)).subs(at)), abs=1e-9
        )


@pytest.mark.parametrize(("units", "j"), [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (4, 0), (4, 1)])
def test_every_step_to_the_jacobian_of_softmax_is_proved(units: int, j: int) -> None:
    """The quotient rule, the fractions taken apart, and a(1 − a) or −a a: all the derivative that sympy finds."""
    import sympy

    rule = ACTIVATIONS["softmax"]
    z, a = Var("z", 1, (units, 1)), Var("a", 1, (units, 1))
    value = rule.value(z, {})
    sides = softmax_slope(rule, z, a, {}, j)

    def env(var: Var) -> Any:
        return expression(element(value, var.index or (0, 0))) if var.role == "a" else symbol(var)

    proved(sides, env)
    own = sympy.diff(expression(element(value, (0, 0))), symbol(z.at((j, 0))))
    assert agree(own, expression(sides[0][0], env))


@pytest.mark.parametrize("name", LOSSES)
def test_every_step_to_the_slope_of_a_loss_is_proved(name: str) -> None:
    """The first side is sympy's derivative, the last the rule's."""
    import sympy

    spec = sizes([1, 1], loss=name)
    t, o = Var("t", 1, index=(0, 0)), Var("a", 1, index=(0, 0))
    sides = loss_slope(spec, t, o)

    proved(sides, symbol)
    assert agree(sympy.diff(expression(spec.loss.value(t, o)), symbol(o)), expression(sides[0][0]))


@pytest.mark.parametrize("units", [1, 3])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("pair", [*CANCELLATIONS, ("cross_entropy", "sigmoid")])
def test_what_is_left_of_delta_is_proved(pair: tuple[str, str], units: int, reduction: str) -> None:
    """Of binary cross-entropy after σ, and of cross-entropy after softmax if the targets add up to 1, it is a − t."""
    loss, activation = pair
    spec = sizes([2, units], activation, {"name": loss, "outputs": reduction})
    z = Var("z", 1, (units, 1))
    value = spec.layers[-1].rule.value(z, {})
    targets = [symbol(Var("t", 1, (units, 1)).at((k, 0))) for k in range(units)]

    def env(var: Var) -> Any:
        if var.role == "a":
            return expression(element(value, var.index or (0, 0)))
        return 1 - sum(targets[:-1]) if activation == "softmax" and symbol(var) == targets[-1] else symbol(var)

    sides = output_delta(spec)[1:]
    proved(sides, env)
    assert len(sides) >= 2 + (pair in CANCELLATIONS)


def env_of(spec: Spec) -> dict[Var, float]:
    program = spec.run().program
    return {
        var.at((r, c)): FLOAT.number(n.text)
        for var, rows in program.given.items()
        for r, row in enumerate(rows)
        for c, n in enumerate(row)
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_rules_neuron_by_neuron_give_the_numbers_of_run(name: str) -> None:
    """Every equation of the derivation, all its sides, worked out with the numbers of the file."""
    spec = load(SPECS / f"{name}.yaml")
    run = {line.step.var: line.value for line in spec.run()}
    env = env_of(spec) | run
    env.setdefault(Var("rate", index=(0, 0)), 0.0)
    seen = 0

    def look_up(var: Var) -> float:
        return env[var if var.index or var.role == "S" else var.at((0, 0))]

    for section in derivation(spec):
        for item in section.items:
            if not isinstance(item, Equation) or item.whole or item.left.layer in GENERAL:
                continue
            values = [evaluate(term, look_up, FLOAT) for term, _ in item.sides]
            if item.left.role == "S":
                env[item.left] = values[0]
            for one, other in pairwise(values):
                assert one == pytest.approx(other, rel=1e-9, abs=1e-15)
            if item.left in run:
                seen += 1

                assert values[-1] == pytest.approx(run[item.left], rel=1e-9, abs=1e-15)
    assert seen >= len([var for var in run if var.role != "after"])


@pytest.mark.parametrize("orientation", ["Wx", "xW"])
@pytest.mark.parametrize(
    "outer", [("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy"), ("tanh", "squared_error")]
)
def test_the_recursion_gives_the_gradients_of_run(orientation: str, outer: tuple[str, str]) -> None:
    """The general rules, followed as written with k = K, K − 1, …, 1, end at the gradients of a 3-4-2-3 network."""
    rng = np.random.default_rng(3)
    shape = [3, 4, 2, 3]
    matrices = [rng.uniform(-1, 1, (b, a)).round(2) for a, b in pairwise(shape)]
    keys = {
        "inputs": [0.3, -0.2, 0.9],
        "targets": [0.2, 0.5, 0.3],
        "weights": [(m if orientation == "Wx" else m.T).tolist() for m in matrices],
        "biases": [rng.uniform(-1, 1, n).round(2).tolist() for n in shape[1:]],
        "activation": ["tanh", "tanh", outer[0]],
        "loss": outer[1],
        "learning_rate": 0.1,
        "orientation": orientation,
    }
    spec = loads(json.dumps(keys))
    run = {line.id: line.value for line in spec.run()}
    flip = orientation == "xW"
    values: dict[tuple[Any, ...], Any] = {("rate", 0): np.array([[0.1]])}
    column = np.array([keys["inputs"]]).T
    values["a", 0] = column.T if flip else column
    targets = np.array([keys["targets"]]).T
    for layer, (matrix, bias) in enumerate(zip(matrices, keys["biases"], strict=True), 1):
        values["w", layer] = matrix.T if flip else matrix
        values["b", layer] = np.array([bias]) if flip else np.array([bias]).T
    values["t", 3] = targets.T if flip else targets

    def key(var: Var, layers: dict[int, int]) -> tuple[Any, ...]:
        layer = layers.get(var.layer, var.layer)
        return (
            (var.role, layer, *(part.role for part in var.of)) if var.role in ("d", "new", "f") else (var.role, layer)
        )

    def look_up(var: Var, layers: dict[int, int]) -> Any:
        layer = layers.get(var.layer, var.layer)
        found = key(var, layers)
        if var.role == "f":
            return np.tanh(values["z", layer]) if layer < 3 else activated(values["z", 3])
        if found == ("d", layer, "a", "z"):
            a = values["a", layer]
            if outer[0] == "softmax" and layer == 3:
                return np.diagflat(a) - (a.T @ a if flip else a @ a.T)
            return a * (1 - a) if outer[0] == "sigmoid" and layer == 3 else 1 - a**2
        return values[found]

    def activated(z: Any) -> Any:
        return {"sigmoid": 1 / (1 + np.exp(-z)), "softmax": np.exp(z) / np.exp(z).sum(), "tanh": np.tanh(z)}[outer[0]]

    section = list(derivation(spec))[-1]
    steps: dict[str, list[Equation]] = {}
    heading = ""
    for item in section.items:
        heading = item if isinstance(item, str) else heading
        if isinstance(item, Equation):
            steps.setdefault(heading[0], []).append(item)
    arithmetic = tensors()

    def follow(equations: list[Equation], k: int) -> None:
        layers = {THIS: k, PREVIOUS: k - 1, NEXT: k + 1} if equations[0].left.layer != LAST else {LAST: 3, PREVIOUS: 2}
        for equation in equations:
            for term, _ in equation.sides:
                if any(var.layer in layers and layers[var.layer] > 3 for var in (equation.left,)):
                    continue
                try:
                    value = evaluate(term, lambda var: look_up(var, layers), arithmetic)
                except KeyError:
                    continue  # ∂E/∂a of the output is written out on the next side
                values[key(equation.left, layers)] = value

    for k in (1, 2, 3):
        follow(steps["f"], k)
    follow(steps["1"], 3)
    follow(steps["2"], 3)
    for k in (2, 1):
        follow(steps["3"], k)
        follow(steps["2"], k)
        follow(steps["5"], k)
    for layer, (sources, units) in enumerate(pairwise(shape), 1):
        found = values["d", layer, "loss", "w"]
        found = found.T if flip else found
        for j in range(units):
            for i in range(sources):
                assert found[j, i] == pytest.approx(run[f"dE/dw[{layer},{j + 1},{i + 1}]"], rel=1e-9)
    assert (values["new", 1, "w"].T if flip else values["new", 1, "w"])[0, 0] == pytest.approx(run["w[1,1,1]+"])


def conforms(term: Term) -> bool:
    """Whether the sizes of every matrix product and of every sum in ``term`` fit."""
    if not isinstance(term, Op):
        return True
    shapes = [arg.shape for arg in term.args]
    if term.name == "matmul" and (shapes[0][1] != shapes[1][0] or term.shape != (shapes[0][0], shapes[1][1])):
        return False
    if term.name in ("add", "sub", "hadamard") and len({shape for shape in shapes if shape != (1, 1)}) > 1:
        return False
    return all(map(conforms, term.args))


@pytest.mark.parametrize("orientation", ["Wx", "xW"])
@pytest.mark.parametrize("last", ["sigmoid", "softmax"])
def test_the_sizes_fit_in_every_product(orientation: str, last: str) -> None:
    """2-3-4-2: each left side has the size of its right side, and every matrix product conforms."""
    spec = sizes([2, 3, 4, 2], ["relu", "tanh", last], "cross_entropy", orientation=orientation, view="matrix")
    equations = [e for s in derivation(spec) for e in s.items if isinstance(e, Equation) and e.whole]

    assert len(equations) > 20
    for equation in equations:
        for term, _ in equation.sides:
            assert conforms(term), equation.left.id
            assert term.shape == equation.left.shape, equation.left.id


def written(spec: Spec, form: str, **options: Any) -> str:
    out = io.StringIO()
    write(Derivation(spec), out, form, **options)
    return out.getvalue()


def test_the_power_rule_as_the_slides_have_it() -> None:
    """∂E_o1/∂out_o1 = ½ · 2 · (target − out) · (−1) = −(target − out)."""
    text = written(load(SPECS / "mazur.yaml"), "terminal")

    assert "∂E_o1/∂out_o1   = ½ · 2 · (target_o1 − out_o1) · (−1)" in text
    assert "                = −(target_o1 − out_o1)" in text
    assert "= out_h1 · (1 − out_h1)" in text


def test_the_recursion_as_the_notes_have_it() -> None:
    """φ[k] = (W[k+1]ᵀ φ[k+1]) ⊙ ψ[k]′(z̄[k]), and the gradients φ[k] x̄[k−1]ᵀ and φ[k]; vectors have a bar."""
    text = written(load(SPECS / "two-layer-phi.yaml"), "terminal")

    assert "φ[k]     = (W[k+1]ᵀ · φ[k+1]) ⊙ ψ[k]′(z̄[k])" in text
    assert "∂L/∂W[k] = φ[k] · x̄[k−1]ᵀ" in text
    assert "φ[K]     = ∂L/∂x̄[K] ⊙ ψ[K]′(z̄[K])\n          = (−(y − x̄[K])) ⊙ ψ[K]′(z̄[K])" in text


def test_sizes_alone_are_enough() -> None:
    """``sizes: [2, 3, 1]`` gives the same page as numbers do, but for the spec at its foot."""
    keys: dict[str, Any] = {"activation": "sigmoid", "loss": "binary_cross_entropy", "learning_rate": 1}
    numbers = {"inputs": [7, 8], "targets": [9], "weights": [[[1, 2]] * 3, [[3, 4, 5]]], "biases": [[1, 2, 3], [4]]}

    with_numbers = loads(json.dumps(keys | numbers))
    symbols = loads(json.dumps(keys | {"sizes": [2, 3, 1]}))
    for form in Derivation.forms:
        pages = [written(made, form).partition("<details")[0] for made in (with_numbers, symbols)]

        assert pages[0] == pages[1]


@pytest.mark.parametrize("view", ["scalar", "matrix"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_derived_in_every_form(name: str, view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider than the terminal, ASCII is ASCII, LaTeX is balanced, and no mark of ours is left."""
    spec = load(SPECS / f"{name}.yaml").override(view=view)
    monkeypatch.setenv("COLUMNS", "80")
    text, plain = written(spec, "terminal"), written(spec, "terminal", ascii=True)
    tex = written(spec, "latex")

    assert max(map(cell_len, text.splitlines())) <= 80
    assert plain.isascii()
    assert tex.count(r"\begin{align*}") == tex.count(r"\end{align*}") > 5
    assert tex.count("{") - tex.count(r"\{") == tex.count("}") - tex.count(r"\}")
    assert not [char for form in Derivation.forms for char in written(spec, form) if "\ue000" <= char <= "\uf8ff"]


def test_a_formula_of_the_user_is_differentiated_too() -> None:
    """swish: the product and quotient rules, then what sympy makes of it."""
    spec = sizes(
        [2, 2, 1], {"name": "swish", "formula": "x / (1 + exp(-x))"}, {"name": "quartic", "formula": "(t - o)**4"}
    )
    z, a = Var("z", 1, index=(0, 0)), Var("a", 1, index=(0, 0))
    rule = spec.layers[0].rule
    sides = activation_slope(rule, z, a, {})

    assert len(sides) > 1
    value = expression(rule.value(z, {}))
    proved(sides, lambda var: value if var == a else symbol(var))
    assert "The activation swish" in written(spec, "terminal")


def test_textbook_rules_drop_only_zeros_and_ones() -> None:
    """d/dx of 2 · (x − 3)² + 5 is 2 · 2 · (x − 3), as a person writes it."""
    x = Var("x", index=(0, 0))
    inner = Op("sub", (x, Num("3")))
    term = Op("add", (Op("mul", (Num("2"), Op("pow", (inner, Num("2"))))), Num("5")))

    assert differentiated(term, x) == Op("mul", (Num("2"), Num("2"), inner))


def test_a_large_network_is_derived_layer_by_layer() -> None:
    """20-10-5 has 265 parameters: its rules are written in matrices, none neuron by neuron."""
    found = [e for s in derivation(sizes([20, 10, 5])) for e in s.items if isinstance(e, Equation)]

    assert [e.left.id for e in found if e.left.role == "z"] == ["z[1]", "z[2]", "z[-1]"]


def test_a_batch_is_derived_for_one_sample() -> None:
    """Neuron by neuron one sample is enough; that the others are averaged or summed is said."""
    keys = {
        "inputs": [[1, 2], [3, 4]],
        "targets": [[1], [0]],
        "weights": [[[0.1, 0.2]]],
        "activation": "sigmoid",
        "loss": {"name": "squared_error", "samples": "sum"},
    }
    text = written(loads(json.dumps(keys)), "markdown")

    assert "of 2 the losses and the gradients are summed" in text
    assert "(2)" not in text
    assert "2\\times 2" in written(loads(json.dumps(keys | {"view": "matrix"})), "markdown")


def test_every_path_in_symbols() -> None:
    """With ``chain: full`` the multi-path rule of a 1-2-2-1 network stands as two products."""
    text = written(sizes([1, 2, 2, 1], "tanh", chain="full"), "markdown")

    assert text.count(r" \cdot \frac{\partial z_{1}^{[1]}}{\partial w_{11}^{[1]}}") == 2
    assert r"\delta^{[1]}" in text


@pytest.mark.parametrize(
    ("changes", "there"),
    [
        ({"biases": [0, 0, 0]}, ["∂J/∂b[k] = Σ δ[k]"]),
        ({"biases": [0, [0, 0, 0], 0]}, ["Where the layer shares one bias:", "Where each neuron has a bias:"]),
        ({"biases": [None, None, None]}, ["z[k]     = W[k] · a[k−1]\n", "(W[k+1]ᵀ · δ[k+1]) ⊙ f[k]′(z[k])"]),
        ({"update": "sequential"}, ["(W[k+1]*ᵀ · δ[k+1]) ⊙ f[k]′(z[k])"]),
        ({"activation": ["softmax", "softmax", "tanh"]},
         ["Where the activation is softmax, f′ is its Jacobian:\n δ[k]     = f[k]′(z[k])ᵀ · W[k+1]ᵀ · δ[k+1]"]),
        ({"activation": ["softmax", "relu", "tanh"]}, ["Where the activation is relu:", "softmax, f′ is its J"]),
        ({"biases": [0, 0, 0], "train": ["weights"]}, ["W[k]*    = W[k] − α · ∂J/∂W[k]\n"]),
    ],
)  # fmt: skip
def test_the_recursion_is_that_of_the_network(changes: dict[str, Any], there: list[str]) -> None:
    """Its biases, the Jacobian of a hidden softmax, the weights of now under sequential updates, what is trained."""
    keys = {"sizes": [2, 2, 3, 1], "activation": "tanh", "loss": "half_squared_error", "learning_rate": 1} | changes
    page = written(loads(json.dumps(keys)), "terminal").partition("The recursion")[2]

    assert [] == [text for text in there if text not in page]
    assert ("∂J/∂b[k]" in page) == (changes.get("biases") != [None] * 3 and "train" not in changes)


@pytest.mark.parametrize("hidden", ["softmax", "relu"])
@pytest.mark.parametrize("bias", [[0.1, [0.2]], [[0.1, 0.3, 0.1], [0.2]], [None, None]])
def test_the_recursion_of_a_batch_has_its_mean(hidden: str, bias: list[Any]) -> None:
    """Three samples: a column for each, 1/3 in δ, sums over the columns for the biases."""
    keys = {
        "inputs": [[1, 2], [3, 4], [5, 6]], "targets": [[1], [0], [1]], "biases": bias, "view": "matrix",
        "weights": [[[1, 2], [3, 4], [1, 1]], [[1, 2, 3]]], "activation": [hidden, "sigmoid"],
        "loss": "half_squared_error", "learning_rate": 0.1,
    }  # fmt: skip
    page = written(loads(json.dumps(keys)), "terminal").partition("The recursion")[2]

    assert "−1/3 (Y − A[K])" in page or "−1/3 · (Y − A[K])" in page
    assert ("∂J/∂b[k] = Σ" in page) == (bias[1] is not None)
