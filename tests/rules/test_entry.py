"""What the architecture promises: an activation is one entry, and everything else follows."""

from __future__ import annotations

import math

import pytest
from commands import call
from oracle import MAZUR, spec, text, values

from backpropcalc.algebra.terms import ONE, TWO, Num, Term, op, product
from backpropcalc.rules.functions import ACTIVATIONS, HALF, Activation

CUBIC = Num("0.044715")


def inner(z: Term) -> Term:
    """0.8 (z + 0.044715 z³): Hendrycks and Gimpel (2016), √(2/π) rounded."""
    return product(Num("0.8"), op("add", z, product(CUBIC, op("pow", z, Num("3")))))


def slope(z: Term) -> Term:
    half = product(HALF, op("add", ONE, op("tanh", inner(z))))
    inner_slope = product(Num("0.8"), op("add", ONE, product(Num("3"), CUBIC, op("pow", z, TWO))))
    return op("add", half, product(HALF, z, op("sub", ONE, op("pow", op("tanh", inner(z)), TWO)), inner_slope))


GELU = Activation("gelu", lambda z, p: product(HALF, z, op("add", ONE, op("tanh", inner(z)))), lambda z, a, p: slope(z))


@pytest.fixture(autouse=True)
def _entered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIVATIONS, "gelu", GELU)


def gelu(z: float) -> float:
    return 0.5 * z * (1 + math.tanh(0.8 * (z + 0.044715 * z**3)))


def by_hand(w5: float = 0.4) -> float:
    """The loss of the 2-2-2 example, in plain Python."""
    h = [gelu(0.15 * 0.05 + 0.2 * 0.1 + 0.35), gelu(0.25 * 0.05 + 0.3 * 0.1 + 0.35)]
    outputs = [gelu(w5 * h[0] + 0.45 * h[1] + 0.6), gelu(0.5 * h[0] + 0.55 * h[1] + 0.6)]
    return sum((t - o) ** 2 / 2 for t, o in zip((0.01, 0.99), outputs, strict=True))


@pytest.mark.parametrize("changes", [{}, {"carry": "rounded", "decimals": 12}, {"chain": "delta"}, {"chain": "full"}])
def test_a_new_activation_is_worked_in_every_way(changes: dict[str, object]) -> None:
    """Loss and gradient are those of the formula typed in Python, the gradient by finite differences."""
    found = values(spec(MAZUR, activation="gelu", **changes))

    assert by_hand() == pytest.approx(float(found["E"]), abs=1e-10)
    assert (by_hand(0.4 + 1e-6) - by_hand(0.4 - 1e-6)) / 2e-6 == pytest.approx(float(found["dE/dw[2,1,1]"]), abs=1e-9)


@pytest.mark.parametrize("command", ["run", "derive", "info", "train", "answers", "predict"])
def test_every_command_knows_a_new_activation(command: str) -> None:
    """From the name in the spec on, nothing else has to be told of it."""
    done = call(command, "-", stdin=text(MAZUR, activation="gelu"))

    assert (0, "") == (done.code, done.err)
    assert done.out


def test_the_catalogue_has_a_new_activation() -> None:
    """Equation, derivative, range and plot."""
    done = call("functions", "gelu")

    assert 0 == done.code
    assert "f(x)" in done.out and "tanh" in done.out
