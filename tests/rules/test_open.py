"""Functions that are only letters: derived with, never worked out."""

from __future__ import annotations

import io

import pytest

import backpropcalc as bp
from backpropcalc.cli import main
from backpropcalc.errors import InputError
from backpropcalc.pages.derivation import Derivation
from backpropcalc.pages.information import Information

TEXT = "sizes: [2, 2, 1]\nactivation: {symbol: ψ}\nloss: half_squared_error\nlearning_rate: 0.1\nnotation: phi\n"


def derived(text: str, form: str = "terminal") -> str:
    out = io.StringIO()
    bp.write(Derivation(bp.loads(text)), out, form)
    return " ".join(out.getvalue().split())


def test_the_nested_loss_and_its_gradients_are_those_of_the_lecture() -> None:
    """L = ½ (y − ψ(w₁₁ ψ(…) + w₁₂ ψ(…) + b))², φ with ψ′, gradients that are φ times the source."""
    page = derived(TEXT)
    inner = "w₁₁[2] · ψ(w₁₁[1] · x₁[0] + w₁₂[1] · x₂[0] + b₁[1]) + w₁₂[2] · ψ(w₂₁[1] · x₁[0] + w₂₂[1] · x₂[0] + b₂[1])"

    assert f"½ (y₁ − ψ({inner} + b₁[2]))²" in page
    assert "∂x₁[1]/∂z₁[1] = ψ′(z₁[1])" in page
    assert "φ₁[2] = ∂L/∂x₁[2] · ∂x₁[2]/∂z₁[2] (chain rule) = (−(y₁ − x₁[2])) · ψ′(z₁[2])" in page


def test_in_matrices_the_function_has_no_size_and_its_slope_its_name() -> None:
    """x̄[1] = ψ(z̄[1]), sizes below the vectors alone; elsewhere g′(z[1]), not f′."""
    page = derived(TEXT.replace("phi", "phi\nview: matrix"))

    assert "x̄[1] = ψ(z̄[1]) 2×1 2×1 = ⎡ψ(z₁[1])⎤" in page
    assert "g′(z[1]) = g′(z[1])" in derived(TEXT.replace("ψ", "g").replace("phi", "layered\nview: matrix"))


def test_a_loss_may_be_a_letter_too() -> None:
    """ℓ(y, a) and ℓ′(y, a); its derivative by the output carries that of the activation with it."""
    page = derived(TEXT.replace("half_squared_error", "{symbol: ℓ}"))

    assert "L₁ = ℓ(y₁, x₁[2])" in page
    assert "= ℓ′(y₁, x₁[2]) · ψ′(z₁[2])" in page


@pytest.mark.parametrize("form", ["latex", "markdown", "html"])
@pytest.mark.parametrize("view", ["scalar", "matrix", "index"])
def test_every_form_and_view_writes_them(form: str, view: str) -> None:
    """Among built-in activations, by the same rules."""
    text = TEXT.replace("{symbol: ψ}", "[{symbol: ψ}, sigmoid]").replace("half_squared_error", "binary_cross_entropy")

    assert ("psi" if form != "html" else "ψ") in derived(text + f"view: {view}\n", form)


@pytest.mark.parametrize("command", ["run", "train", "predict", "answers"])
def test_nothing_is_worked_out_with_them(
    command: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Even with numbers: the error points at the letter."""
    monkeypatch.chdir(str(tmp_path))
    with open("s.yaml", "w", encoding="utf-8") as stream:
        stream.write(
            "inputs: [1, 2]\ntargets: [1]\nweights: [[[0.1, 0.2]]]\nactivation: {symbol: ψ}\n"
            "loss: squared_error\nlearning_rate: 0.1\n"
        )
    with pytest.raises(SystemExit) as ended:
        main([command, "s.yaml"])
    said = capsys.readouterr().err

    assert 2 == ended.value.code
    assert "only a letter has no values" in said and "s.yaml:4:" in said


@pytest.mark.parametrize("symbol", ["psi", "1", "<b>", r"\input", "漢", "[]"])
def test_only_letters_that_every_form_has(symbol: str) -> None:
    """Anything else is an error with its place."""
    with pytest.raises(InputError, match=r"stand for a function|one letter"):
        bp.loads(TEXT.replace("ψ", f"'{symbol}'" if symbol != "[]" else symbol))


def test_sizes_are_told_all_the_same() -> None:
    """`info` needs no values."""
    out = io.StringIO()
    bp.write(Information(bp.loads(TEXT)), out)

    assert "ψ" in out.getvalue()
