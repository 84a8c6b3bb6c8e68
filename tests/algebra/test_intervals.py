"""Interval arithmetic: no value escapes, and no interval is wider than its values."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product as combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backpropcalc.algebra.arithmetic import FLOAT, SCALARS, evaluate
from backpropcalc.algebra.intervals import INTERVALS, WHOLE, Interval, Range
from backpropcalc.algebra.terms import ONE, Num, Op, Term, Var, element, op, product
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES, jacobian_row

Z, A, T, OUT = Var("z", 1, (3, 1)), Var("a", 1, (3, 1)), Var("t", 2, (3, 1)), Var("a", 2, (3, 1))


def formulas() -> dict[str, Term]:
    """A scalar of every formula that an activation or a loss gives."""
    found: dict[str, Term] = {}
    for name, rule in ACTIVATIONS.items():
        numbers = {key: Num(text) for key, text in rule.defaults.items()}
        found[name] = element(rule.value(Z, numbers), (1, 0))
        if rule.slope is not None:
            found[f"slope of {name}"] = element(rule.slope(Z, A, numbers), (1, 0))
    for name, loss in LOSSES.items():
        found[name] = element(loss.value(T, OUT), (1, 0))
        found[f"slope of {name}"] = element(loss.slope(T, OUT), (1, 0))
    found["softmax by itself"] = element(jacobian_row(A, 1), (1, 0))
    found["softmax by another"] = element(jacobian_row(A, 1), (2, 0))
    found["a sum"] = op("add", product(Z.at((0, 0)), A.at((0, 0))), product(Z.at((1, 0)), A.at((1, 0))), Num("0.3"))
    return found


FORMULAS = formulas()
INNER = {"a": (0.02, 0.98), "t": (0.0, 1.0), "z": (-3.0, 3.0)}


def bounds(var: Var, low: float, width: float) -> Interval:
    """An interval in the range of a quantity; targets are given, so theirs is a point."""
    least, most = INNER[var.role]
    start = least + (most - least) * low
    return (start, start) if var.role == "t" else (start, min(most, start + width * (most - least)))


def between(box: Interval, part: float) -> float:
    return box[0] + (box[1] - box[0]) * part


UNIT = st.floats(0, 1)


@pytest.mark.parametrize("name", FORMULAS)
@given(low=UNIT, width=UNIT, parts=st.lists(UNIT, min_size=3, max_size=3))
@settings(max_examples=25)
def test_no_value_escapes(name: str, low: float, width: float, parts: list[float]) -> None:
    """A formula at points of the boxes lies in the interval of the boxes."""
    term = FORMULAS[name]

    def at(var: Var) -> Interval:
        return bounds(var, low, width)

    def point(var: Var) -> float:
        return between(at(var), parts[var.index[0] if var.index else 0])

    value = evaluate(term, point, FLOAT)
    least, most = Range.of(term).over(at)

    assert least - 1e-9 * (1 + abs(value)) <= value <= most + 1e-9 * (1 + abs(value))


@pytest.mark.parametrize("name", sorted(FORMULAS.keys() - {"a sum"}))
@pytest.mark.parametrize(("low", "width"), [(0.1, 0.02), (0.3, 0.3), (0.45, 0.1), (0.0, 1.0)])
def test_no_interval_is_wider_than_its_values(name: str, low: float, width: float) -> None:
    """The values on a grid of the boxes fill the interval but for the step of the grid."""
    term = FORMULAS[name]
    steps = [n / 24 for n in range(25)]
    values = []
    for a, b in combinations(steps, steps):
        for turn in ((a, b, 1 - b), (1 - b, b, a)):

            def at(var: Var, turn: tuple[float, ...] = turn) -> float:
                unit = var.index[0] if var.index else 0
                return between(bounds(var, low, width), turn[unit if var.role == "z" else unit - 1])

            values.append(evaluate(term, at, FLOAT))
    least, most = Range.of(term).over(lambda var: bounds(var, low, width))
    filled = max(values) - min(values)

    assert most - least <= 1.12 * filled + 1e-12


def one(function: Callable[[Term], Term], box: Interval) -> Interval:
    var = A.at((0, 0))
    return Range.of(function(var)).over(lambda _: box)


def test_a_times_one_minus_a_has_its_peak_at_a_half() -> None:
    """Both factors hold the same a: the interval is exact on both sides of ½ and around it."""

    def hill(a: Term) -> Term:
        return product(a, op("sub", ONE, a))

    assert pytest.approx((0.24, 0.25)) == one(hill, (0.4, 0.6))
    assert pytest.approx((0.09, 0.16)) == one(hill, (0.1, 0.2))
    assert pytest.approx((0.09, 0.16)) == one(hill, (0.8, 0.9))
    assert pytest.approx((-2.0, 0.25)) == one(hill, (0.4, 2.0))


def test_a_softmax_share_is_exact() -> None:
    """Its own z stands above and below the line: the ends are reached at opposite corners."""
    term = element(ACTIVATIONS["softmax"].value(Z, {}), (0, 0))
    box = {Z.at((0, 0)): (0.0, 1.0), Z.at((1, 0)): (-1.0, 0.0), Z.at((2, 0)): (0.0, 0.0)}
    low = 1 / (1 + 1 + 1)
    high = math.e / (math.e + math.exp(-1) + 1)

    assert pytest.approx((low, high)) == Range.of(term).over(box.__getitem__)


def test_a_cross_entropy_is_least_at_its_target() -> None:
    """−(t ln o + (1 − t) ln(1 − o)) falls until o = t and rises from there."""
    term = LOSSES["binary_cross_entropy"].value(T.at((0, 0)), OUT.at((0, 0)))
    at = {T.at((0, 0)): (0.3, 0.3), OUT.at((0, 0)): (0.2, 0.6)}
    least = -(0.3 * math.log(0.3) + 0.7 * math.log(0.7))
    most = -(0.3 * math.log(0.6) + 0.7 * math.log(0.4))

    assert pytest.approx((least, most)) == Range.of(term).over(at.__getitem__)


@pytest.mark.parametrize(
    ("function", "box", "expected"),
    [
        (lambda x: op("div", ONE, x), (-1.0, 1.0), WHOLE),
        (lambda x: op("div", ONE, x), (0.0, 2.0), (0.5, math.inf)),
        (lambda x: op("div", ONE, x), (-2.0, 0.0), (-math.inf, -0.5)),
        (lambda x: op("ln", x), (-1.0, 1.0), (-math.inf, 0.0)),
        (lambda x: op("ln", x), (-2.0, -1.0), WHOLE),
        (lambda x: op("sqrt", x), (-1.0, 4.0), (0.0, 2.0)),
        (lambda x: op("exp", x), (-math.inf, 800.0), (0.0, math.inf)),
        (lambda x: op("pow", x, Num("2")), (-2.0, 1.0), (0.0, 4.0)),
        (lambda x: op("pow", x, Num("3")), (-2.0, 1.0), (-8.0, 1.0)),
        (lambda x: op("pow", x, Num("-1")), (2.0, 4.0), (0.25, 0.5)),
        (lambda x: op("pow", x, Num("1/2")), (4.0, 9.0), (2.0, 3.0)),
        (lambda x: op("pow", x, Num("1/2")), (-4.0, 9.0), WHOLE),
        (lambda x: op("mul", Num("0"), x), WHOLE, (0.0, 0.0)),
        (lambda x: op("abs", x), (-3.0, 1.0), (0.0, 3.0)),
        (lambda x: op("sin", x), (0.0, 2.0), (0.0, 1.0)),
        (lambda x: op("cos", x), (3.0, 4.0), (-1.0, math.cos(4.0))),
        (lambda x: op("cos", x), WHOLE, (-1.0, 1.0)),
        (lambda x: op("tan", x), (1.0, 2.0), WHOLE),
        (lambda x: op("tan", x), (0.0, 1.0), (0.0, math.tan(1.0))),
        (lambda x: op("if_positive", x, op("neg", x), ONE), (-1.0, 2.0), (-2.0, 1.0)),
    ],
)
def test_infinite_and_undefined_ends(function: Callable[[Term], Term], box: Interval, expected: Interval) -> None:
    """What is undefined may be anything; an end that is infinite stays so, and 0 times it is 0."""
    assert pytest.approx(expected) == one(function, box)


def test_every_operation_has_an_interval() -> None:
    """A new operation of the calculator cannot be forgotten here."""
    assert set() == set(SCALARS) - set(INTERVALS.functions)


def test_what_stands_several_times_is_cut_into_pieces() -> None:
    """x − x² on [0, 1] is at most ¼; worked without care it would reach from −1 to 1."""
    low, high = one(lambda x: Op("sub", (x, op("pow", x, Num("2")))), (0.0, 1.0))

    assert -0.02 <= low <= 0
    assert 0.25 <= high <= 0.28
