"""Gradient descent on a function: the slides' right values, and the word for each rate."""

import io
import json
from pathlib import Path

import pytest
from oracle import SPECS

import backpropcalc as bp
from backpropcalc.execution.convergence import WORDS, verdict

PARABOLA = (SPECS / "parabola.yaml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def lines(text: str, **style: object) -> dict[str, float]:
    return {line.id: float(line.value) for line in bp.loads(text).override(**style).run()}


def written(text: str, form: str = "terminal") -> str:
    out = io.StringIO()
    bp.write(bp.page(bp.loads(text)), out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    ("rate", "expected"), [(1, (-3.2, -2.56, -2.048)), (2, (8, -16, 32)), (3, (-3.92, -3.8416, -3.764768))]
)
def test_the_values_of_the_slides_where_they_are_right(rate: int, expected: tuple[float, ...]) -> None:
    found = lines(PARABOLA)

    assert expected == pytest.approx([found[f"theta[{k}]({rate})"] for k in (1, 2, 3)], rel=1e-12)
    assert -8 == found[f"slope[0]({rate})"]


def test_the_tenth_iterate_of_each_rate() -> None:
    found = lines(PARABOLA, iterations=10)

    tenth = [found[f"theta[10]({rate})"] for rate in (1, 2, 3)]
    assert [-0.4294967296, -4096, -3.26829122755] == pytest.approx(tenth, rel=1e-11)


def test_with_one_rate_ids_have_no_number_of_it() -> None:
    found = lines("minimise: theta**2\nstart: {theta: -4}\nlearning_rate: 0.1\niterations: 2")

    assert ["f[0]", "slope[0]", "theta[1]", "f[1]", "slope[1]", "theta[2]", "f[2]"] == list(found)


def test_several_variables() -> None:
    found = lines("minimise: x**2 + 3*y**2\nstart: {x: 2, y: 1}\nlearning_rate: 0.1\niterations: 2")

    expected = {"slope_x[0]": 4, "slope_y[0]": 6, "x[1]": 1.6, "y[1]": 0.4}
    assert expected == pytest.approx({key: found[key] for key in expected}, rel=1e-12)
    assert 1.28**2 + 3 * 0.16**2 == pytest.approx(found["f[2]"], rel=1e-12)


def test_rates_stand_side_by_side_with_a_word_for_each() -> None:
    page = written(PARABOLA)

    assert " 3 −2.048 32 −3.764768 " in f"{' '.join(page.split())}"
    words = [line.split()[3] for line in page.splitlines() if line.startswith(" α(")]
    assert ["converges", "overshoots", "crawls"] == words


DESCENTS = [
    ("x**2", 3, 0.1, "converges"),
    ("x**2", 3, 1.0, "swings"),
    ("x**2", 3, 0.9, "swings"),
    ("x**2", 3, 1.01, "overshoots"),
    ("x**2", 3, 0.001, "crawls"),
    ("x**2", 0, 0.1, "stays"),
    ("x", 3, 0.1, "descends"),
    ("-x**2", 1, 0.1, "descends"),
    ("exp(x)", 800, 1, "overshoots"),
    ("sqrt(x)", 0.1, 1, "leaves"),
]


@pytest.mark.parametrize(("function", "start", "rate", "word"), DESCENTS)
def test_the_word_for_a_descent(function: str, start: float, rate: float, word: str) -> None:
    text = f"minimise: {function}\nstart: {{x: {start}}}\nlearning_rate: {rate}\niterations: 6"

    page = written(text)

    assert f"  {word}  " in page
    assert WORDS[word] in " ".join(page.split())


def test_every_word_is_explained() -> None:
    """What may be said of a descent is what is explained, and each word has its descent above."""
    assert {word for *_, word in DESCENTS} == set(WORDS)
    assert "stays" == verdict([[0.0]], [0.0])


def test_exactly_in_fractions() -> None:
    found = {line.id: line.value for line in bp.loads(PARABOLA).override(exact=True).run()}

    assert "-256/125" == str(found["theta[3](1)"])


@pytest.mark.parametrize("form", ["terminal", "latex", "markdown", "json"])
def test_every_form_is_written(form: str) -> None:
    assert 500 < len(written(PARABOLA, form))


def test_json_has_the_iteration_of_each_line() -> None:
    found = {line["id"]: line["iteration"] for line in json.loads(written(PARABOLA, "json"))["lines"]}

    assert (1, 3) == (found["theta[1](2)"], found["theta[3](2)"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("minimise: theta**2\nstart: {theta: 1}", "learning_rate"),
        ("minimise: theta**2\nlearning_rate: 1", "'start' is missing"),
        ("minimise: x*y\nstart: {x: 1}\nlearning_rate: 1", "says nothing about y"),
        ("minimise: x\nstart: {x: 1, y: 2}\nlearning_rate: 1", "'y' is no variable"),
        ("minimise: 3\nstart: {x: 1}\nlearning_rate: 1", "no variable in it"),
        ("minimise: x**\nstart: {x: 1}\nlearning_rate: 1", "this is no formula"),
        ("minimise: f**2\nstart: {f: 1}\nlearning_rate: 1", "cannot be called f"),
        ("minimise: x\nstart: {x: 1}\nlearning_rate: 1\niterations: 100000", "whole number from 1 to 1000"),
    ],
)
def test_a_wrong_descent_is_a_problem(text: str, said: str) -> None:
    with pytest.raises(bp.InputError, match=said):
        bp.loads(text)


@pytest.mark.parametrize("function", ["theta**2", "x**2 + 3*y**2"])
def test_the_walks_are_drawn(function: str, tmp_path: Path) -> None:
    """A picture of the walk for each learning rate, on the curve or on the contours; networks have none."""
    from backpropcalc.errors import InputError
    from backpropcalc.render.plot import walked

    start = {"theta": -4} if "theta" in function else {"x": 2, "y": 1}
    text = {"minimise": function, "start": start, "learning_rate": [0.1, 0.01], "iterations": 3}
    spec = bp.loads(json.dumps(text))
    walked(spec, str(tmp_path / "walk.svg"))
    drawn = (tmp_path / "walk.svg").read_text(encoding="utf-8")

    assert "<svg" in drawn
    with pytest.raises(InputError):
        walked(bp.loads((SPECS / "mazur.yaml").read_text(encoding="utf-8")), str(tmp_path / "no.svg"))
