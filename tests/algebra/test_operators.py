"""Tables that must not miss an entry: whatever stands in a term can be worked out and written."""

from __future__ import annotations

from collections.abc import Iterable

import networks
import pytest
from oracle import spec

from backpropcalc.algebra.arithmetic import SCALARS
from backpropcalc.algebra.decimals import FUNCTIONS
from backpropcalc.algebra.mathml import MATHML
from backpropcalc.algebra.tensors import tensors
from backpropcalc.algebra.terms import Op, Term
from backpropcalc.algebra.typeset import LATEX, PYTHON, TEXT
from backpropcalc.algebra.typst import TYPST
from backpropcalc.execution.trace import Trace
from backpropcalc.program.network import Step
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES


def operators(term: Term | None) -> set[str]:
    if not isinstance(term, Op):
        return set()
    return {term.name}.union(*map(operators, term.args))


def of_all(steps: Iterable[Step]) -> tuple[set[str], set[str]]:
    """The operators of the terms that are written, and of those that are only worked out."""
    every = [(operators(step.term), operators(step.safe)) for step in steps]
    return set().union(*(term for term, _ in every)), set().union(*(safe for _, safe in every))


@pytest.fixture(scope="module")
def traces() -> list[Trace]:
    """120 random networks."""
    return [Trace(spec(networks.network(seed))) for seed in range(120)]


JOINED = {"add", "sub", "neg", "mul", "named"}


def test_no_operator_is_missing_from_a_table(traces: list[Trace]) -> None:
    """Whatever stands in a term can be worked out in each arithmetic, and whatever is written can be set."""
    written, safe = of_all(step for trace in traces for step in (*trace.main, *trace.after))
    tables = {"text": TEXT, "latex": LATEX, "mathml": MATHML, "typst": TYPST, "python": PYTHON}
    forms = {key: syntax.forms for key, syntax in tables.items()}
    arithmetics = {"scalars": SCALARS, "by hand": FUNCTIONS}

    assert {key: set() for key in forms} == {key: written - set(table) - JOINED for key, table in forms.items()}
    assert set() == safe - set(PYTHON.forms) - JOINED
    assert {key: set() for key in arithmetics} == {key: (written | safe) - set(f) for key, f in arithmetics.items()}
    assert set() == {"div", "exp", "max", "xlogy", "xdivy", "log_sum_exp"} - written - safe


def test_tensors_know_every_operator_of_a_tensor_program(traces: list[Trace]) -> None:
    """The same for whole layers."""
    blocks = [block for trace in traces for block in (*trace.program.blocks, *trace.program.after)]
    written, safe = of_all(step for block in blocks for step in block.steps)

    assert "matmul" in written
    assert set() == (written | safe) - set(tensors().functions)


def test_text_and_latex_have_the_same_operators() -> None:
    """An operator that is written in the terminal is written in LaTeX, MathML and Typst."""
    assert set(TEXT.forms) == set(LATEX.forms) == set(MATHML.forms) == set(TYPST.forms)


ACTIVATIONS_OF_THE_CONTRACT = {
    "identity", "step", "sigmoid", "tanh", "arctan", "relu", "leaky_relu", "prelu", "elu", "softplus", "softmax",
}  # fmt: skip
LOSSES_OF_THE_CONTRACT = {
    "half_squared_error", "squared_error", "mean_squared_error", "binary_cross_entropy", "cross_entropy",
}  # fmt: skip


def test_the_rules_of_the_contract_are_all_there() -> None:
    """Every activation and loss that users may name, their parameters as text that is read exactly."""
    defaults = [number for rule in ACTIVATIONS.values() for number in rule.defaults.values()]

    assert set(ACTIVATIONS) >= ACTIVATIONS_OF_THE_CONTRACT
    assert set(LOSSES) >= LOSSES_OF_THE_CONTRACT
    assert ["0.01", "0.25", "1"] == defaults
