"""The catalogue: each derivative that it prints is the derivative of the equation that it prints."""

import io

import pytest
import sympy as sp

import backpropcalc as bp
from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.symbolic import expression
from backpropcalc.algebra.terms import node
from backpropcalc.pages.catalogue import catalogue, slopes, value
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES

X = sp.Symbol("x", real=True)


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def written(name: str | None = None, form: str = "terminal", **options: object) -> str:
    out = io.StringIO()
    bp.write(catalogue(name), out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("name", [rule.name for rule in ACTIVATIONS.values() if not rule.mixes])
def test_every_form_of_a_derivative_is_that_of_its_equation(name: str) -> None:
    rule = ACTIVATIONS[name]
    at = {node("x"): 0.0, node("alpha"): 0.3}

    assert slopes(rule)
    for x in (-1.7, -0.4, 0.3, 2.1):

        def f(place: float) -> sp.Expr:
            return expression(value(rule), lambda var: sp.Float({**at, node("x"): place}[var], 30))

        numeric = (f(x + 1e-8) - f(x - 1e-8)) / 2e-8
        for _, _, term in slopes(rule):
            found = expression(
                term, lambda var, x=x: f(x) if var.name == "f(x)" else sp.Float({**at, node("x"): x}[var])
            )
            assert float(numeric) == pytest.approx(float(found), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("name", [rule.name for rule in ACTIVATIONS.values() if rule.also])
def test_other_ways_of_writing_are_the_same_function(name: str) -> None:
    rule = ACTIVATIONS[name]

    for other in rule.also:
        terms = other(node("x")), value(rule)
        for x in (-2.5, -0.3, 0.0, 0.7, 4.0):
            first, second = (evaluate(term, lambda var, at=x: at, FLOAT) for term in terms)
            assert first == pytest.approx(second, rel=1e-12)
        one, same = map(expression, terms)
        assert rule.kink or sp.simplify((one - same).rewrite(sp.exp)) == 0


@pytest.mark.parametrize("name", LOSSES)
def test_the_slope_of_a_loss_is_its_derivative(name: str) -> None:
    t, o = node("t"), node("o")
    rule = LOSSES[name]
    by_o = sp.diff(expression(rule.value(t, o)), sp.Symbol("o", real=True))

    assert 0 == sp.simplify(by_o - expression(rule.slope(t, o)))


@pytest.mark.parametrize(
    "line",
    [
        "sigmoid 1 / (1 + e^(−x)) f(x) · (1 − f(x)) (0, 1)",
        "tanh tanh(x) 1 − f(x)² (−1, 1)",
        "identity x 1 (−∞, ∞)",
        "arctan arctan(x) 1 / (1 + x²) (−π/2, π/2)",
        "softplus ln(1 + e^(x)) 1 / (1 + e^(−x)) (0, ∞)",
        "relu max(0, x) if x > 0: 1, else 0 [0, ∞)",
        "prelu if x > 0: x, else α · x if x > 0: 1, else α (−∞, ∞)",
    ],
)
def test_the_table_of_the_slides(line: str) -> None:
    assert line in [" ".join(row.split()) for row in written().splitlines()]


@pytest.mark.parametrize("name", [None, *ACTIVATIONS, *LOSSES])
@pytest.mark.parametrize("form", ["terminal", "latex", "markdown"])
def test_every_page_is_written(name: str | None, form: str) -> None:
    page = written(name, form)

    assert 100 < len(page)
    assert not any("\ue000" <= char < "\ue200" for char in page)


@pytest.mark.parametrize("name", ["sigmoid", "relu", "elu", "step"])
def test_a_plot_and_plain_ascii(name: str) -> None:
    page = written(name, ascii=True)

    assert page.isascii()
    assert 40 < page.count("*")


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(bp.InputError, match="did you mean 'sigmoid'"):
        catalogue("sigmoide")
