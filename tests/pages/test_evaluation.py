"""A function at some numbers: values and slopes are what mpmath finds, in every form, and errors say what is meant."""

from __future__ import annotations

import io
import re

import mpmath as mp
import pytest

import backpropcalc as bp
from backpropcalc.pages.catalogue import catalogue
from backpropcalc.pages.evaluation import EvaluationPage, evaluation

FUNCTIONS = {
    "identity": lambda x: x,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "tanh": mp.tanh,
    "arctan": mp.atan,
    "relu": lambda x: max(x, mp.mpf(0)),
    "leaky relu": lambda x: x if x > 0 else mp.mpf("0.01") * x,
    "prelu": lambda x: x if x > 0 else mp.mpf("0.25") * x,
    "elu": lambda x: x if x > 0 else mp.expm1(x),
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "x / (1 + exp(-x))": lambda x: x / (1 + mp.exp(-x)),
    "logistic": lambda x: 1 / (1 + mp.exp(-x)),
}
LOSSES = {
    "mse": lambda t, o: (t - o) ** 2,
    "half_squared_error": lambda t, o: (t - o) ** 2 / 2,
    "bce": lambda t, o: -(t * mp.log(o) + (1 - t) * mp.log(1 - o)),
    "(t - o)**4": lambda t, o: (t - o) ** 4,
}


def values(page: EvaluationPage) -> dict[str, float]:
    (found,) = page.trace.iterations()
    return {var.id: float(found.of(var)) for var in page.trace.computed()}


def written(page: object, form: str = "terminal") -> str:
    out = io.StringIO()
    bp.write(page, out, form)
    return out.getvalue()


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("at", ["-3", "-0.5", "0.3775", "40"])
def test_a_function_and_its_slope_at_a_number(name: str, at: str) -> None:
    f = FUNCTIONS[name]
    found = values(evaluation(name, at, None, {}))

    assert found["f(x)"] == pytest.approx(float(f(mp.mpf(at))), rel=1e-12)
    assert found["f'(x)"] == pytest.approx(float(mp.diff(f, mp.mpf(at))), rel=1e-8, abs=1e-14)


@pytest.mark.parametrize("at", ["2,1,0.1", "0.8, 1.2, 3.1", "-800,0,800", "5"])
def test_a_softmax_with_its_whole_jacobian(at: str) -> None:
    """Each output, each slope of each output, and the rows of slopes add up to nothing."""
    places = [mp.mpf(part) for part in at.split(",")]
    n = len(places)
    found = values(evaluation("softmax", at, None, {}))
    mark = (lambda k: str(k + 1)) if n > 1 else lambda k: ""

    for k in range(n):

        def share(*xs: mp.mpf, k: int = k) -> mp.mpf:
            return mp.exp(xs[k]) / mp.fsum(map(mp.exp, xs))

        assert found[f"a{mark(k)}"] == pytest.approx(float(share(*places)), rel=1e-12, abs=1e-300)
        slopes = [found[f"da{mark(k)}/dx{mark(j)}"] for j in range(n)]
        assert sum(slopes) == pytest.approx(0, abs=1e-15)
        exact = [share(*places) * ((j == k) - share(*places, k=j)) for j in range(n)]
        assert slopes == pytest.approx(list(map(float, exact)), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_and_its_slopes(name: str) -> None:
    f, outputs, targets = LOSSES[name], ["0.2", "0.6"], ["0", "1"]
    share = mp.mpf(1) / 2 if name == "mse" else 1
    found = values(evaluation(name, ",".join(outputs), ",".join(targets), {}))
    losses = [f(mp.mpf(t), mp.mpf(o)) for t, o in zip(targets, outputs, strict=True)]

    assert found["E"] == pytest.approx(float(share * mp.fsum(losses)))
    for k, (t, o) in enumerate(zip(targets, outputs, strict=True), 1):
        by_o = mp.diff(lambda x, t=t: f(mp.mpf(t), x), mp.mpf(o))
        assert found[f"dE/do{k}"] == pytest.approx(float(share * by_o))


@pytest.mark.parametrize("form", ["terminal", "latex", "markdown", "html"])
def test_the_page_in_every_form(form: str) -> None:
    page = written(evaluation("softmax", "2,1,0.1", None, {"decimals": 3}), form)

    assert "0.659" in page
    assert "0.225" in page


def test_the_corner_is_told() -> None:
    page = " ".join(written(evaluation("relu", "0", None, {})).split())

    assert "ReLU has a corner at 0" in page


@pytest.mark.parametrize(
    ("name", "at", "target", "flags", "said"),
    [
        ("sigmoide", "1", None, {}, "did you mean 'sigmoid'"),
        ("x + y", "1", None, {}, "of other names"),
        ("sigmoid", "1,a", None, {}, "numbers with commas"),
        ("sigmoid", "1", "1", {}, "belongs to a loss"),
        ("bce", "0.5", None, {}, "a loss needs targets"),
        ("bce", "0.5,0.6", "1", {}, "1 targets for 2 outputs"),
        ("sigmoid", "1", None, {"decimals": 3, "significant": 2}, "not both"),
    ],
)
def test_what_cannot_be_is_refused(name: str, at: str, target: str | None, flags: dict[str, int], said: str) -> None:
    with pytest.raises(bp.InputError) as refused:
        evaluation(name, at, target, flags)

    assert said in refused.value.report()


def test_the_table_has_a_picture_in_each_row() -> None:
    """Ten activations of one number: softmax has no curve."""
    assert [written(catalogue(), form).count(mark) for form, mark in
            (("markdown", "<svg"), ("latex", r"\begin{picture}"), ("html", "<svg"))] == [10, 10, 10]  # fmt: skip


def test_where_drawings_are_taken_out_characters_say_how_a_curve_goes() -> None:
    """GitHub takes out what it does not know, and leaves its text."""
    left = re.sub(r"<[^>]*>", "", written(catalogue(), "markdown"))

    assert "| sigmoid | ▁▁▁▂▃▄▅▆▇███ |" in left
    assert "| step | ▁▁▁▁▁▁██████ |" in left


def test_html_keeps_the_comma_of_a_maximum() -> None:
    """A comma that is no element of its own is not shown."""
    assert "<mn>0</mn><mo>,</mo>" in written(catalogue("relu"), "html")


def test_a_formula_has_a_page_of_its_own() -> None:
    page = written(catalogue("x / (1 + exp(-x))"))

    assert "f(x) = x / (1 + e^(−x))" in page
    assert "●" in page
