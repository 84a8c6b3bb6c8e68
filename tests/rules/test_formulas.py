"""Activations and losses by formula: the derivative that is found is the right one, everywhere it is used."""

import io
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backpropcalc as bp
from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.symbolic import derivative, expression
from backpropcalc.algebra.terms import node
from backpropcalc.rules import formulas
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES
from backpropcalc.rules.parse import formula

X = node("x")


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def at(term: object, x: float) -> float:
    return evaluate(term, lambda var: x, FLOAT)


FORMULAS = [
    "x / (1 + exp(-x))",
    "x * sigmoid(1.5*x)",
    "(x - 3)**4",
    "x*tanh(log(1 + exp(x)))",
    "sin(x)*cos(x)",
    "2.5*x**3 - x",
    "exp(-x**2/2)",
    "0.5*x*(1 + tanh(0.8*(x + 0.045*x**3)))",
    "sqrt(1 + x**2) - 1",
    "1/(1 + x**2)",
    "tan(x/3)",
    "x**2/(1 + x**4)",
    "log(1 + x**2)",
    "max(0.1*x, x)",
    "min(x, 1) + max(-1, x)",
    "abs(x - 0.3)*x",
    "relu(x)**2",
    "sigmoid(sigmoid(x))",
]


PLACES = (-2.3, -0.4, 0.6, 1.9)


@pytest.mark.slow
@pytest.mark.parametrize("text", FORMULAS)
def test_the_slope_is_that_of_finite_differences(text: str) -> None:
    """As it is written and in the form that keeps its digits, at four places."""
    term = formula(text)
    rule = formulas.activation("own", term, {})
    assert rule.slope is not None and rule.safe_slope is not None
    written, safe = rule.slope(X, X, {}), rule.safe_slope(X, {})
    numeric = [(at(term, x + 1e-6) - at(term, x - 1e-6)) / 2e-6 for x in PLACES]

    assert numeric == pytest.approx([at(written, x) for x in PLACES], rel=1e-6, abs=1e-8)
    assert numeric == pytest.approx([at(safe, x) for x in PLACES], rel=1e-6, abs=1e-8)


@pytest.mark.slow
@settings(max_examples=60)
@given(
    st.recursive(
        st.sampled_from(["x", "2", "0.5"]),
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["exp", "sin", "tanh", "sigmoid"]), inner).map(lambda t: f"{t[0]}({t[1]})"),
            st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        ),
        max_leaves=6,
    )
)
def test_the_derivative_is_the_one_that_sympy_finds(text: str) -> None:
    import sympy as sp

    x = sp.Symbol("x", real=True)
    try:
        term = formula(text)
    except bp.InputError:
        return
    direct = sp.diff(expression(term), x)
    found = at(derivative(term, X), 0.37)
    expected = float(direct.subs(x, sp.Float("0.37")).evalf(30))

    assert expected == pytest.approx(found, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("x", [-800.0, -60.0, 60.0, 800.0])
def test_a_slope_keeps_its_value_where_an_exponential_overflows(x: float) -> None:
    rule = formulas.activation("swish", formula("x / (1 + exp(-x))"), {})
    assert rule.safe_slope is not None

    assert (0.0 if x < 0 else 1.0) == pytest.approx(at(rule.safe_slope(X, {}), x), abs=1e-20)


NETWORK = """
inputs: [0.5, -0.3]
targets: [1, 0]
weights:
  - [[0.2, 0.4], [0.1, 0.3], [0.5, -0.2]]
  - [[0.3, -0.2, 0.4], [0.1, 0.6, -0.5]]
biases: [[0.1, -0.1, 0.05], [-0.2, 0.1]]
activation: {activation}
loss: {loss}
learning_rate: 0.1
"""


def ran(activation: str, loss: str, **style: object) -> dict[str, float]:
    spec = bp.loads(NETWORK.format(activation=activation, loss=loss)).override(**style)
    return {line.id: line.value for line in spec.run() if line.iteration == spec.iterations}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sigmoid", "1 / (1 + exp(-x))"),
        ("tanh", "tanh(x)"),
        ("relu", "max(0, x)"),
        ("softplus", "log(1 + exp(x))"),
        ("leaky_relu", "max(0.01*x, x)"),
    ],
)
def test_a_built_in_activation_typed_as_a_formula_gives_the_same_run(name: str, text: str) -> None:
    own = ran(f'{{name: own, formula: "{text}"}}', "half_squared_error")

    assert own == pytest.approx(ran(name, "half_squared_error"), rel=1e-12)


@pytest.mark.parametrize(("name", "text"), [("squared_error", "(t - o)**2"), ("half_squared_error", "(t - o)**2 / 2")])
def test_a_built_in_loss_typed_as_a_formula_gives_the_same_run(name: str, text: str) -> None:
    own = ran("sigmoid", f'{{name: own, formula: "{text}"}}')

    assert own == pytest.approx(ran("sigmoid", name), rel=1e-12)


def test_compiled_iterations_agree_with_those_worked_one_by_one() -> None:
    given = ('{name: swish, formula: "x / (1 + exp(-b*x))", b: 1.5}', '{name: quartic, formula: "(t - o)**4"}')
    spec = bp.loads(NETWORK.format(activation=given[0], loss=given[1])).override(iterations=30)
    compiled = {line.id: line.value for line in spec.run() if line.iteration == 30}
    text = NETWORK.format(activation=given[0], loss=given[1])
    weights = bp.loads(text).override(iterations=19)
    slow = [line.value for line in weights.run() if line.id == "E"]
    fast = [line.value for line in spec.run() if line.id == "E"][:19]

    assert slow == pytest.approx(fast, rel=1e-13)
    assert all(math.isfinite(value) for value in compiled.values())


def test_a_formula_is_shown_with_its_derivative_and_its_corner() -> None:
    spec = bp.loads(NETWORK.format(activation='{name: hat, formula: "abs(x - 1)"}', loss="squared_error"))
    out = io.StringIO()
    bp.write(bp.page(spec), out)

    assert "hat'(x) = if x − 1 > 0: 1, else −1" in out.getvalue()
    assert "hat has no derivative where x = 1" in " ".join(out.getvalue().split())


def test_a_line_at_a_corner_says_so() -> None:
    text = NETWORK.format(activation='{name: hat, formula: "abs(x)"}', loss="squared_error")
    zero = text.replace("[[0.2, 0.4],", "[[0, 0],").replace("[[0.1, -0.1, 0.05]", "[[0, -0.1, 0.05]")
    out = io.StringIO()
    bp.write(bp.page(bp.loads(zero)), out)

    assert 2 <= out.getvalue().count("hat has no derivative where x = 0")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('{name: own, formula: "y + 1"}', "'y' is not known here"),
        ('{formula: "x"}', "has no name"),
        ('{name: own, formula: "x +"}', "this is no formula"),
        ('{name: sigmoid, formula: "x"}', "give the formula another name"),
        ("{name: own, formula: [1]}", "a formula must be a text"),
        ('{name: own, formula: "c*x", c: a}', "c must be a number"),
    ],
)
def test_a_wrong_formula_is_a_problem_of_the_spec(given: str, said: str) -> None:
    with pytest.raises(bp.InputError, match=said):
        bp.loads(NETWORK.format(activation=given, loss="squared_error"))


def test_the_names_of_built_in_rules_are_kept() -> None:
    assert not set(ACTIVATIONS) & set(LOSSES)
