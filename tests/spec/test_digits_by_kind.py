"""Digits by kind of quantity: in every form, carried on, and refused where a word is no kind."""

import io

import pytest
from oracle import SPECS

import backpropcalc as bp

MLP = (SPECS / "mlp-bce.yaml").read_text(encoding="utf-8").replace("decimals: 3", "")
MIXED = (
    MLP
    + """
carry: rounded
digits:
  default: {decimals: 3}
  delta[1]: {significant: 3}
  dE/dw[1]: {significant: 3}
"""
)


def written(text: str, form: str = "terminal", **style: str) -> str:
    out = io.StringIO()
    bp.write(bp.page(bp.loads(text).override(**style)), out, form)
    return " ".join(out.getvalue().split())


@pytest.mark.parametrize("view", ["scalar", "matrix"])
@pytest.mark.parametrize("form", ["terminal", "latex", "markdown", "html"])
def test_each_kind_has_its_digits_in_every_form_and_view(form: str, view: str) -> None:
    """The notes on the perceptron have three decimals, and three significant digits where values are small."""
    page = written(MIXED, form, view=view)

    assert all(number in page for number in ("0.608", "0.200", "0.0312", "0.0156", "0.0251"))


def test_what_is_shown_is_carried_on() -> None:
    found = {line.id: float(line.value) for line in bp.loads(MIXED).run()}

    assert (-0.262, -0.131, -0.0312) == tuple(found[id] for id in ("dE/dz[2,1]", "dE/da[1,1]", "dE/dz[1,1]"))
    assert -0.0156 == found["dE/dw[1,1,1]"] == float(f"{found['dE/dz[1,1]'] * 0.5:.4f}")


def test_all_derivatives_of_the_loss_are_one_kind_and_an_updated_weight_another() -> None:
    page = written(MLP + "digits: {default: {decimals: 3}, dE: {significant: 2}, update: {decimals: 5}}")

    assert all(f"≈ {number} " in page for number in ("−0.26", "−0.16", "0.51591", "0.608"))


def test_the_quantities_of_a_graph_go_by_their_names() -> None:
    text = (
        "expression: J = 3*(a + b*c)\nvalues: {a: 5, b: 1/3, c: 2}\ndigits: {default: {decimals: 2}, u: {decimals: 4}}"
    )

    assert "≈ 0.6667" in written(text) and "≈ 17.00" in written(text)


@pytest.mark.parametrize(
    ("digits", "said", "help"),
    [
        ("{delat: {decimals: 2}}", "'delat' is no kind of quantity", "did you mean 'delta'?"),
        ('{"z[3]": {decimals: 2}}', "no kind of quantity", "did you mean 'z[2]'?"),
        ("{z: 3}", "digits of z must be a mapping", "as in {decimals: 3}"),
        ("{z: {decimals: 3, significant: 3}}", "either decimals or significant", None),
        ("{z: {places: 3}}", "unknown key 'places'", None),
        ("{z: {decimals: 99}}", "decimals", None),
    ],
)
def test_what_is_no_digits_is_a_problem(digits: str, said: str, help: str | None) -> None:
    with pytest.raises(bp.InputError) as error:
        bp.loads(MLP + f"digits: {digits}")

    (problem,) = error.value.problems
    assert said in problem.message and (help is None or help == problem.help)


def test_fifteen_decimals_do_not_pretend() -> None:
    text = "{inputs: [1], targets: [1], weights: [[[40]]], activation: sigmoid, loss: half_squared_error, decimals: 15}"

    assert "≈ 1.000000000000000" in written(text)
