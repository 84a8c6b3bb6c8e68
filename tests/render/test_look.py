"""How a page looks: points under each other, and a result whose rows are consistent."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from typing import Any

import pytest
from commands import call
from oracle import MAZUR, SPECS, spec

import backpropcalc as bp
from backpropcalc.pages.result import change

RESULT = re.compile(r"[=≈] +−?\d+\.\d+$")


def written(name: str, form: str = "terminal", **changes: Any) -> str:
    out = StringIO()
    bp.write(bp.page(bp.load(SPECS / f"{name}.yaml").override(**changes)), out, form)
    return out.getvalue()


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("name", ["mazur", "exam-2-3-1"])
def test_the_points_of_the_results_stand_under_each_other(
    name: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One column for the whole page, below zero or not; a rounded result has all its decimals."""
    monkeypatch.setenv("COLUMNS", str(columns))
    page = written(name).partition("Forward pass")[2]
    lines = [line for line in page.splitlines() if RESULT.search(line) and line.rindex(".") > columns // 2]

    assert len(lines) > 30
    assert 1 == len({line.rindex(".") for line in lines})
    assert 1 == len({len(line) - line.rindex(".") for line in lines if "≈" in line})


@pytest.mark.parametrize("iterations", [1, 3])
@pytest.mark.parametrize("name", ["mazur", "exam-2-3-1", "mlp-bce", "relu-sigmoid-softmax", "xor"])
def test_no_value_has_a_line_of_its_own(name: str, iterations: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 60 columns the work begins further left before its value goes below it."""
    monkeypatch.setenv("COLUMNS", "60")
    lines = written(name, iterations=iterations).splitlines()

    assert [] == [line for line in lines if re.fullmatch(r" {30,}≈ \S+", line)]
    assert 60 >= max(map(len, lines))


def test_a_wide_terminal_does_not_pull_a_line_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    assert 100 >= max(map(len, written("mazur").splitlines()))


def test_the_lines_of_a_descent_stand_in_the_same_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Value, slope and step of an iteration: the work begins under the work."""
    monkeypatch.setenv("COLUMNS", "80")
    iteration = written("parabola").split("Iteration 2 of 3")[1].split("\n\n")[0]
    begins = {len(line) - len(line.split(maxsplit=1)[1]) for line in iteration.splitlines()[2:]}

    assert 1 == len(begins)


@pytest.mark.parametrize("iterations", [1, 4])
def test_each_row_of_the_result_is_consistent(iterations: int) -> None:
    """One step is −η times the gradient beside it; of several no gradient pretends to be that of the whole way."""
    rows = re.findall(r"^ w\d .*", written("mazur", iterations=iterations), re.M)
    numbers = [[float(n.replace("−", "-")) for n in re.findall(r" (−?\d+\.\d+)", row)] for row in rows]

    for row in numbers[-8:]:
        before, *others, last = row
        if iterations == 1:
            gradient, step = others
            assert (step, last) == pytest.approx((-0.5 * gradient, before + step), abs=2e-9)
        else:
            after, change = others
            assert change == pytest.approx(after - before, abs=2e-9)
            assert abs(change + 0.5 * last) > 1e-6


def test_the_numbers_of_an_array_are_padded_to_the_same_length() -> None:
    """In LaTeX, with their blanks counted, the numbers of a column that is set flush right end at one place."""
    rows = re.findall(r"^w_\{\d\} & .*", written("mazur", "latex"), re.M)
    columns = list(zip(*(row.rstrip("\\").split(" & ")[1:] for row in rows), strict=True))
    behind = [
        {len(re.sub(r"\\phantom\{(.*?)\}", r"\1", cell).partition(".")[2]) for cell in cells} for cells in columns
    ]

    assert 8 == len(rows)
    assert [{2}, {9}, {9}, {9}] == behind


def test_markdown_is_read_raw() -> None:
    """Nothing is escaped that means nothing: 2-2-2 and −2.46 % stand as they are."""
    page = written("mazur", "markdown")

    assert {"# A step-by-step backpropagation example", "- network: 2-2-2, 8 weights, 2 shared biases"} <= set(
        page.splitlines()
    )
    assert "(−2.46 %)" in page


@pytest.mark.parametrize("title", ["1. a", "- a", "+ a", "# a", "> a", "=====", "a\\_b", "*a*", "a@b.de", "$a$", "~a~"])
def test_what_means_something_in_markdown_is_escaped(title: str) -> None:
    """Read back by another reader, a title is the text that it was."""
    from markdown_it import MarkdownIt

    out = StringIO()
    bp.write(bp.page(spec(MAZUR, title=title)), out, "markdown")
    page = out.getvalue()
    for first in (page.splitlines()[0], page.splitlines()[0].removeprefix("# ")):
        tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(first)
        text = "".join(child.content for child in tokens[1].children or ())

        assert (3, title) == (len(tokens), text)


@pytest.mark.parametrize("view", ["scalar", "matrix"])
def test_no_backslash_is_lost_within_a_line(view: str) -> None:
    """GitHub takes it away before punctuation, and knows no formula with a blank next to its dollar signs."""
    _, functions, _ = call("functions", "--markdown")
    for text in (functions, written("iris", "markdown", view=view, iterations=1)):
        inline = [found for line in text.splitlines() for found in re.findall(r"\$(.+?)\$", line)]

        assert len(inline) > 20
        assert not [formula for formula in inline if re.search(r"\\[^A-Za-z]", formula) or formula != formula.strip()]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (2.0, 1.95, "−2.5 %"), (2.0, 2.0, "+0 %"), (-2.0, -2.2, ""), (0.0, 1.0, ""), (1.0, -1.0, ""),
        (Fraction(10**900), Fraction(10**900 - 10**899), "−10 %"), (Fraction(1), Fraction(10**900), ""),
        (Decimal("1E+500"), Decimal("0"), "−100 %"), (1.0, 0.0004, "−99.96 %"), (1.0, float("inf"), ""),
    ],
)  # fmt: skip
def test_a_change_in_percent_is_a_number_that_says_something(before: Any, after: Any, said: str) -> None:
    """Nothing is said of a loss below 0, of none, and of one that is billions of times as large."""
    assert said == change(before, after)
