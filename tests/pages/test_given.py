"""Every page begins with what is given, each number by its name; what is too long for the page is in JSON."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from oracle import SPECS

import backpropcalc as bp


def written(given: bp.Spec, form: str = "terminal", **options: Any) -> str:
    out = StringIO()
    bp.write(bp.page(given), out, form, **options)
    return out.getvalue()


def numbers(rows: Any) -> list[float]:
    return [n for row in rows for n in numbers(row)] if isinstance(rows, list) else [float(rows)]


@pytest.mark.parametrize("quiet", [False, True])
def test_the_page_says_what_each_given_number_is_called(quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the source has them: w1 = .15 to w8 = .55, b1 = .35, b2 = .60, and the numbers as the file has them."""
    monkeypatch.setenv("COLUMNS", "200")
    page = written(bp.load(SPECS / "mazur.yaml"), quiet=quiet)
    head = page.partition("Forward pass")[0].partition("Result")[0]

    for said in (
        "i1 = 0.05, i2 = 0.10",
        "target_o1 = 0.01, target_o2 = 0.99",
        "w1 = 0.15, w2 = 0.20, w3 = 0.25, w4 = 0.30, b1 = 0.35",
        "w5 = 0.40, w6 = 0.45, w7 = 0.50, w8 = 0.55, b2 = 0.60",
        "η = 0.5",
    ):
        assert said in head


@pytest.mark.parametrize("form", ["latex", "markdown", "html"])
def test_the_given_numbers_stand_in_every_form(form: str) -> None:
    """Before anything is worked out, the last weight and its number are on the page."""
    head = written(bp.load(SPECS / "mazur.yaml"), form).partition("orward pass")[0]

    assert "0.55" in head
    assert ("w_{8} = 0.55" in head) == (form != "html")


@pytest.mark.parametrize("name", ["mazur", "xor", "exam-2-3-1", "relu-sigmoid-softmax"])
@pytest.mark.parametrize("view", ["scalar", "matrix"])
def test_json_has_every_given_number(name: str, view: str) -> None:
    """The file, read by nobody but the YAML library, has the same numbers, and no two have one name."""
    path = SPECS / f"{name}.yaml"
    file = yaml.safe_load(path.read_text(encoding="utf-8"))
    found = json.loads(written(bp.load(path).override(view=view), "json"))["given"]
    expected = [n for key in ("inputs", "targets", "weights", "biases", "learning_rate") for n in numbers(file[key])]

    assert sorted(expected) == sorted(one["value"] for one in found)
    assert len(found) == len({one["id"] for one in found}) == len({one["name"] for one in found})


def test_matrices_are_given_in_symbols_and_in_numbers() -> None:
    """W_h = [w1 w2; w3 w4] = [0.15 0.20; 0.25 0.30], each with its size."""
    text = written(bp.load(SPECS / "mazur.yaml").override(view="matrix"), "latex").partition("Forward pass")[0]
    symbols, values = r"w_{1} & w_{2} \\ w_{3} & w_{4}", r"0.15 & 0.2 \\ 0.25 & 0.3"
    matrix = r"{{\underbrace{{\begin{{bmatrix}} {} \end{{bmatrix}}}}_{{2\times 2}}}}"

    assert f"W_{{h}} &= {matrix.format(symbols)} = {matrix.format(values)}" in text


def test_a_large_network_says_where_all_its_numbers_are() -> None:
    """The page names two dozen of a layer and counts the others; JSON has every one of them."""
    large = bp.loads(
        "{sizes: [12, 9, 2], init: {scheme: xavier, seed: 1}, activation: [tanh, sigmoid], learning_rate: 0.1,"
        f" loss: half_squared_error, inputs: {[0.5] * 12}, targets: [0, 1]}}"
    )
    text = " ".join(written(large).split())

    assert "and 93 more: --all shows them" in text
    assert 12 + 2 + 12 * 9 + 9 * 2 + 9 + 2 + 1 == len(json.loads(written(large, "json"))["given"])


def test_a_small_file_of_data_is_a_table(tmp_path: Path) -> None:
    """002: x1 x2 x3 y, a row for each sample, under the names of the columns; not of more than a dozen."""
    for count in (3, 13):
        rows = [f"{n},0.5,{n % 2}" for n in range(count)]
        (tmp_path / "rows.csv").write_text("\n".join(["age,height,y", *rows]) + "\n")
        (tmp_path / "net.yaml").write_text(
            "{data: {file: rows.csv, inputs: [age, height], targets: [y]}, weights: [[[0.1, 0.2]]], "
            "activation: sigmoid, loss: binary_cross_entropy, learning_rate: 1}"
        )
        text = " ".join(written(bp.load(tmp_path / "net.yaml")).split())

        assert ("Data age height y₁ 1 0 0.5 0 2 1 0.5 1 3 2 0.5 0" in text) == (count == 3)
        assert (" Data " in text) == (count == 3)
