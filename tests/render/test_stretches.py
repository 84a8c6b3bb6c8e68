"""Lines of a large network have a common layout: they are what each of them is on its own."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backpropcalc as bp
from backpropcalc.execution import trace
from backpropcalc.pages.page import page
from backpropcalc.render import aligned, write
from backpropcalc.render import json as json_form
from backpropcalc.render.stretches import Stretch, stretches

FORMS = ("json", "latex", "markdown")
MODULES = (json_form, aligned)
WAYS: tuple[dict[str, Any], ...] = (
    {},
    {"notation": "mazur"},
    {"notation": "phi"},
    {"notation": "letters", "chain": "delta"},
    {"notation": {"extends": "layered", "index": "from_to"}, "delta": "derivative"},
    {"order": "stage"},
    {"order": "sample", "mean_in": "gradient"},
    {"bias": "column"},
    {"significant": 3},
    {"decimals": 0},
    {"iterations": 2, "optimiser": "adam"},
    {"iterations": 2, "batch_size": 1, "update": "sequential"},
)


def spec(sizes: list[int], activations: list[str], samples: int, way: dict[str, Any], seed: int) -> bp.Spec:
    """A drawn network; a unit may be dead, an input 0."""
    lines = {
        "sizes": sizes,
        "init": {"scheme": "he", "seed": seed},
        "inputs": [[(3 * s + 7 * i) % 11 / 10 for i in range(sizes[0])] for s in range(samples)],
        "targets": [[float(i == s % sizes[-1]) for i in range(sizes[-1])] for s in range(samples)],
        "activation": activations,
        "loss": "cross_entropy" if activations[-1] == "softmax" else "half_squared_error",
        "learning_rate": 0.1,
        **way,
    }
    return bp.loads(repr(lines).replace("'", ""))


def written(of: bp.Spec, form: str) -> str:
    """The page of a spec in an output form."""
    out = io.StringIO()
    write(page(of), out, form)
    return out.getvalue()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(1, 6), min_size=2, max_size=4),
    st.sampled_from(["sigmoid", "relu", "tanh", "elu"]),
    st.sampled_from(["sigmoid", "softmax", "identity"]),
    st.integers(1, 3),
    st.sampled_from(WAYS),
    st.integers(0, 5),
)
def test_lines_of_a_common_layout_are_those_of_each_entry_alone(
    sizes: list[int], hidden: str, last: str, samples: int, way: dict[str, Any], seed: int
) -> None:
    assert_alike(spec(sizes, [hidden] * (len(sizes) - 2) + [last], samples, way, seed))


@pytest.mark.parametrize("way", [WAYS[0], WAYS[3]])
def test_long_sums_are_broken_where_each_alone_is(way: dict[str, Any]) -> None:
    """Signs and exponents make numbers wider: no two lines need be broken in the same places."""
    assert_alike(spec([30, 9, 9], ["tanh", "softmax"], 1, way, 3))


def assert_alike(of: bp.Spec) -> None:
    """Its page is the same with layouts for all entries of a step, and without."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trace, "TENSORS_FROM", 0)
        together = {form: written(of, form) for form in FORMS}
        for module in MODULES:
            patch.setattr(module, "alike", lambda document, lines: None)
        alone = {form: written(of, form) for form in FORMS}

    assert together == alone


def test_entries_are_divided_into_rows_and_columns() -> None:
    entries = [(0, 2), (0, 3), (1, 0), (1, 1), (1, 2), (2, 2), (3, 2), (5, 5)]

    found = list(stretches(entries))

    assert [at for stretch in found for at in stretch.entries] == entries
    assert len(found) == 4
    assert isinstance(found[0], Stretch)
