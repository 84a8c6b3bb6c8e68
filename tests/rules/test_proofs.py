"""Every rule is proved by sympy: slopes are derivatives, fused forms are the products that they stand for."""

from __future__ import annotations

from typing import Any

import pytest

from backpropcalc.algebra.symbolic import agree, expression, symbol
from backpropcalc.algebra.terms import Num, Term, Var, element
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES, jacobian_row

UNITS = 3
Z, A, T = Var("z", 1, (UNITS, 1)), Var("a", 1, (UNITS, 1)), Var("t", 1, (UNITS, 1))
PAIRS = [(loss, activation) for loss, rule in LOSSES.items() for activation in rule.fused]


def of_z(activation: str) -> Any:
    """How to write a variable in terms of z and t alone."""
    rule = ACTIVATIONS[activation]
    value = rule.value(Z, {key: Num(text) for key, text in rule.defaults.items()})
    return lambda var: expression(element(value, var.index or (0, 0))) if var.role == "a" else symbol(var)


def cell(term: Term, unit: int, activation: str) -> Any:
    return expression(element(term, (unit, 0)), of_z(activation))


@pytest.mark.parametrize("name", [name for name, rule in ACTIVATIONS.items() if not rule.mixes])
def test_the_slope_is_the_derivative(name: str) -> None:
    """Both the form in z and a and the form that keeps its digits, on either side of the kink."""
    import sympy

    rule = ACTIVATIONS[name]
    parameters = {key: Num(text) for key, text in rule.defaults.items()}
    z = Z.at((0, 0))
    value = expression(rule.value(z, parameters))
    forms = [rule.slope(z, A.at((0, 0)), parameters)] if rule.slope else []
    forms += [rule.safe_slope(z, parameters)] if rule.safe_slope else []

    assert forms
    for number in (sympy.Rational(-7, 5), sympy.Rational(3, 4)):
        small = sympy.Rational(1, 10**15)
        ends = [value.subs(symbol(z), number + sign * small) for sign in (1, -1)]
        slope = sympy.N((ends[0] - ends[1]) / (2 * small), 40)
        for form in forms:
            found = expression(form, of_z(name)).subs(symbol(z), number)

            assert abs(sympy.N(found - slope, 40)) < 1e-20, form
    if rule.safe_value:
        safe = expression(rule.safe_value(z, parameters))
        for number in (-30, -1, 2, 40):
            gap = sympy.N((safe - value).subs(symbol(z), sympy.Integer(number)), 60)
            assert abs(gap) < 1e-25


def test_the_jacobian_of_softmax_is_the_derivative() -> None:
    """All nine entries for three units."""
    import sympy

    for k in range(UNITS):
        own = cell(A, k, "softmax")
        for j in range(UNITS):
            assert agree(sympy.diff(own, symbol(Z.at((j, 0)))), cell(jacobian_row(A, k), j, "softmax"))


@pytest.mark.parametrize("name", LOSSES)
def test_the_slope_of_a_loss_is_the_derivative(name: str) -> None:
    """∂E_k/∂o_k, whatever target and output are."""
    import sympy

    rule, t, o = LOSSES[name], T.at((0, 0)), A.at((0, 0))

    assert agree(sympy.diff(expression(rule.value(t, o)), symbol(o)), expression(rule.slope(t, o)))


@pytest.mark.parametrize("unit", range(UNITS))
@pytest.mark.parametrize(("loss", "activation"), PAIRS)
def test_a_fused_form_is_the_chain_product(loss: str, activation: str, unit: int) -> None:
    """Value, slope and δ in z are the loss, its slope and the sum over the chain products."""
    import sympy

    rule = LOSSES[loss]
    fused = rule.fused[activation]
    assert agree(cell(rule.value(T, A), unit, activation), cell(fused.value(T, Z), unit, activation))
    assert agree(cell(rule.slope(T, A), unit, activation), cell(fused.slope(T, Z), unit, activation))
    by = symbol(Z.at((unit, 0)))
    outputs = range(UNITS) if ACTIVATIONS[activation].mixes else (unit,)
    chain = sum(cell(rule.slope(T, A), k, activation) * sympy.diff(cell(A, k, activation), by) for k in outputs)

    assert agree(chain, cell(fused.delta(T, Z, A), unit, activation))
    if fused.short is not None:
        assert agree(chain, cell(fused.short(T, A), unit, activation))


@pytest.mark.parametrize(("loss", "activation"), PAIRS)
def test_a_wrong_fused_form_would_be_found(loss: str, activation: str) -> None:
    """The proof is none of things that are merely alike: δ and −δ, δ of another unit."""
    fused = LOSSES[loss].fused[activation]
    right = cell(fused.delta(T, Z, A), 0, activation)

    assert not agree(right, -right)
    assert not agree(right, cell(fused.delta(T, Z, A), 1, activation))
