"""The library as people use it: networks from plain values, lines by name, tables, marks."""

from __future__ import annotations

import sys
from fractions import Fraction

import networks
import numpy as np
import pytest
from oracle import MAZUR, SPECS, spec

import backpropcalc as bp


def values(given: bp.Spec) -> dict[str, float]:
    return {line.id: line.value for line in bp.Trace(given)}


@pytest.mark.parametrize("seed", range(12))
def test_a_network_of_plain_values_is_that_of_the_file(seed: int) -> None:
    """The same keys give the same numbers, whether as a file or as values."""
    keys = networks.network(seed)

    assert values(spec(keys)) == values(bp.network(**keys))


def test_arrays_are_taken_for_lists() -> None:
    """NumPy's, whole or inside a list, and fractions as they are meant."""
    arrays = {
        **MAZUR,
        "inputs": np.array([0.05, 0.10]),
        "weights": [np.array(weights) for weights in MAZUR["weights"]],
        "learning_rate": Fraction(1, 2),
    }

    assert values(bp.network(**MAZUR)) == values(bp.network(**arrays))


def test_all_that_is_wrong_is_said_at_once_with_its_place() -> None:
    """As of a file."""
    with pytest.raises(bp.InputError) as error:
        bp.network(**MAZUR | {"activation": "sigmoud", "targets": [float("nan"), 1], "colour": 1})

    said = str(error.value)
    assert "did you mean 'sigmoid'?" in said and "infinity and NaN" in said and "unknown key 'colour'" in said
    assert "    2 | targets: [NaN, 1]\n      |           ^^^" in said


def test_the_keys_of_another_kind_of_spec_are_no_network() -> None:
    """They are for ``loads``."""
    with pytest.raises(bp.InputError, match="an expression graph"):
        bp.network(expression="f = a*b")


@pytest.mark.parametrize("name", ["dE/dw5", "dE_total/dw5", "∂E_total/∂w5", "dE/dw[2,1,1]"])
def test_a_line_is_found_by_any_name(name: str) -> None:
    """Its id, the notation's name in ASCII and as it is printed, and what people write."""
    line = bp.network(**MAZUR).run()[name]

    assert ("dE/dw[2,1,1]", "dE_total/dw5") == (line.id, line.name)
    assert 0.08216704056423078 == line.value


def test_a_name_of_nothing_and_a_given_number_are_errors() -> None:
    """With the nearest name; what is given has no line."""
    trace = bp.network(**MAZUR).run()
    with pytest.raises(bp.InputError, match="did you mean"):
        trace["net_h11"]
    with pytest.raises(bp.InputError, match="given, not computed"):
        trace["w5"]


@pytest.mark.parametrize(("name", "asked", "value"), [("graph-j", "dJ/da", 3.0), ("parabola", "theta[1](1)", -3.2)])
def test_graphs_and_descents_are_asked_alike(name: str, asked: str, value: float) -> None:
    """Their lines have names too."""
    assert value == pytest.approx(bp.load(SPECS / f"{name}.yaml").run()[asked].value)


def test_a_table_has_a_row_for_each_line() -> None:
    """Its columns are those of JSON."""
    trace = bp.network(**MAZUR).run()
    frame = trace.to_frame()

    assert [line.id for line in trace] == list(frame["id"])
    assert [line.value for line in trace] == list(frame["value"])
    assert {"iteration", "phase", "name", "formula", "substitution"} <= set(frame.columns)


def test_without_pandas_a_table_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(bp.InputError, match="pip install pandas"):
        bp.network(**MAZUR).run().to_frame()


def test_answers_are_marked_from_a_mapping_as_from_a_file() -> None:
    """Points, and a mark for each answer."""
    marks = bp.check(bp.network(**MAZUR), {"net_h1": 0.3775, "out_h1": 0.7123, "net_o1": "1.1059"})
    verdicts = {mark.var.id: mark.verdict for mark in marks.marks if mark.verdict != "missing"}

    assert {"z[1,1]": "correct", "a[1,1]": "mistake", "z[2,1]": "correct"} == verdicts
    assert 2 == marks.earned and 43 == marks.possible
    path = SPECS / "mazur.yaml"
    assert bp.check(path, {"net_h1": 0.3775}).earned == bp.check(str(path), {"net_h1": 0.3775}).earned == 1
