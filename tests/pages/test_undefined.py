"""What is undefined goes on as undefined, and the result says so."""

from __future__ import annotations

import math
from io import StringIO

import pytest

import backpropcalc as bp

SPEC = """
inputs: [1, 2]
targets: [1, 0]
weights: [[[400, 400], [1, -1]], [[400, -400], [0.3, 0.2]]]
activation: [{name: lnx, formula: "log(x)"}, %s]
loss: half_squared_error
learning_rate: 0.1
"""


@pytest.mark.parametrize("iterations", [1, 30])
@pytest.mark.parametrize("carry", ["full", "rounded"])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu", "sigmoid", "softmax"])
def test_nothing_that_depends_on_the_undefined_is_a_number(activation: str, carry: str, iterations: int) -> None:
    """ln(−1) is undefined, and so are max(0, ln(−1)), its slope, the loss and the weights after the update."""
    given = bp.loads(SPEC % activation).override(carry=carry, iterations=iterations)
    values = {line.id: float(line.value) for line in bp.Trace(given)}
    undefined = {"a[1,2]", "z[2,1]", "a[2,1]", "da[2,1]/dz[2,1]", "E", "dE/dw[2,1,2]", "w[2,1,2]+", "E+"}

    assert not [key for key in undefined & values.keys() if not math.isnan(values[key])]
    assert iterations > 1 or values["z[1,1]"] == 1200


def test_exact_work_has_it_so_as_well() -> None:
    """max(0, ?) is not 0 where numbers are fractions either."""
    given = bp.loads(SPEC % "relu").override(exact=True)
    values = {line.id: line.value for line in bp.Trace(given)}

    assert values["a[2,1]"] != values["a[2,1]"]


@pytest.mark.parametrize("quiet", [False, True])
def test_the_result_says_where_the_numbers_ended(quiet: bool) -> None:
    """Whoever reads the result alone is told the first quantity that has no value."""
    out = StringIO()
    bp.write(bp.page(bp.loads(SPEC % "relu")), out, "terminal", quiet=quiet)

    assert "a₂[1] is infinite or undefined" in out.getvalue().partition("Result")[2]


def test_a_result_of_numbers_needs_no_warning() -> None:
    """With ln of positive sums all is well."""
    out = StringIO()
    bp.write(bp.page(bp.loads((SPEC % "relu").replace("[1, -1]", "[1, 1]"))), out, "terminal")

    assert "undefined" not in out.getvalue()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("expression: J = max(0, log(a)) + b\nvalues: {a: -1, b: 2}", "u"),
        ("minimise: sqrt(x)\nstart: {x: 0.1}\nlearning_rate: 1\niterations: 3", "f₁"),
    ],
)
@pytest.mark.parametrize("quiet", [False, True])
def test_a_graph_and_a_descent_say_so_at_the_end(text: str, first: str, quiet: bool) -> None:
    out = StringIO()
    bp.write(bp.page(bp.loads(text)), out, "terminal", quiet=quiet)

    assert out.getvalue().rstrip().endswith(f"{first} is infinite or undefined, and so is what is worked out from it.")
