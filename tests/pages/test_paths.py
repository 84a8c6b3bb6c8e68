"""What comes by way of a unit has a name with an arrow: it is explained once, and in LaTeX is no 'evaluated at'."""

from __future__ import annotations

import io
import re

import pytest

import backpropcalc as bp
from backpropcalc.notation.symbol import fold

SPEC = """
inputs: [0.5, 0.3]
targets: [1]
weights: [[[0.2, 0.4], [0.1, 0.3]], [[0.3, 0.4], [0.1, 0.2]], [[0.5, 0.6]]]
activation: tanh
loss: half_squared_error
learning_rate: 0.1
"""


def written(form: str = "terminal", **changes: object) -> str:
    out = io.StringIO()
    bp.write(bp.page(bp.loads(SPEC).override(**changes)), out, form)
    return out.getvalue()


@pytest.mark.parametrize("form", ["terminal", "latex", "markdown", "html"])
@pytest.mark.parametrize("iterations", [1, 3])
def test_the_arrow_is_explained_where_it_is_first(form: str, iterations: int) -> None:
    page = written(form, iterations=iterations)

    assert 1 == page.count("comes through")


def test_in_the_terminal_below_the_line() -> None:
    lines = written().splitlines()
    first = next(n for n, line in enumerate(lines) if "←" in line)

    assert "(the part that comes through z₁[2])" == lines[first + 1].strip()


def test_in_latex_the_arrow_is_a_subscript() -> None:
    page = written("latex")

    assert r"{\frac{\partial J}{\partial a_{1}^{[1]}}}_{\leftarrow z_{1}^{[2]}} &=" in page
    assert r"\right|_" not in page


def test_the_name_in_latex_is_read_as_the_one_in_ascii() -> None:
    page = bp.page(bp.loads(SPEC))
    var = next(step.var for block in page.trace.program.lines for step in block.cells if step.var.role == "via")

    assert fold(page.notation.latex(var)) == fold(page.notation.ascii(var)) == fold(page.notation.text(var))
    assert re.search("<-", page.notation.ascii(var))
