"""Every form of a page in every way of writing it: all that a line needs is there, and the look is the lecture's."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from commands import call
from oracle import ROOT, SPECS

import backpropcalc as bp

VIEWS = ["scalar", "matrix"]
ORIENTATIONS = ["Wx", "xW", "WTx"]
WAYS = [
    "--detail full --bias column",
    "--detail full --order stage --mean-in gradient",
    "--order weight --delta derivative --notation phi",
    "--bias column --notation letters --order sample",
]
NETS = ["xor", "exam-2-3-1", "relu-sigmoid-softmax"]


def run(name: str, words: str) -> str:
    """What ``run`` prints of a shipped spec."""
    done = call("run", f"specs/{name}.yaml", *words.split(), cwd=ROOT)

    assert (0, "") == (done.code, done.err)
    return done.out


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize(("view", "orientation"), list(product(VIEWS, ORIENTATIONS)))
@pytest.mark.parametrize("way", WAYS)
def test_every_form_is_written_in_every_output(name: str, view: str, orientation: str, way: str) -> None:
    """Terminal, LaTeX, Markdown and JSON; in JSON the loss is that of the plain page."""
    words = f"{way} --view {view} --orientation {orientation}"
    found: dict[str, Any] = {line["id"]: line for line in json.loads(run(name, words + " --json"))["lines"]}
    plain = {line.id: line.value for line in bp.load(SPECS / f"{name}.yaml").run()}

    value = found["E"]["value"]
    loss = value[0][0] if view == "matrix" else value

    assert loss == pytest.approx(plain["E"], rel=1e-12)
    for form in ("", " --latex", " --markdown"):
        assert "None" not in run(name, words + form)


def test_the_exam_as_the_notes_have_it() -> None:
    """Lecture 003: W x before b is added, the dot product written out, δ = 0.524 − 1 = −0.476."""
    words = "--view matrix --detail full --output-delta direct --carry rounded --decimals 3"
    page = " ".join(run("exam-2-3-1", words).split())

    assert "0.2 · 0.5 + 0.4 · 0.3" in page
    assert "⎡0.22⎤" in page
    assert "δ[2] = a[2] − y = 0.524 − 1 = −0.476" in page
    assert "[−0.276 −0.243 −0.267]" in page


def test_the_sum_of_the_notes_with_the_bias_as_a_weight() -> None:
    """Lecture 003: Σ = w1 x1 + w2 x2 + w0 x0 with x0 = 1, and W is m1 × (m0 + 1)."""
    assert "w₁₁[1] · x₁ + w₁₂[1] · x₂ + w₁₀[1] · x₀" in run("exam-2-3-1", "--bias column")
    assert "⎢−0.1   0.1   0.3⎥ · ⎢0.5⎥" in run("exam-2-3-1", "--bias column --view matrix")


def test_the_page_of_mazur_in_full_detail() -> None:
    """Products before their sum, and each slope of a sum with the derivative of its summands."""
    page = " ".join(run("mazur", "--detail full").split())

    assert "0.15 · 0.05 + 0.2 · 0.1 + 0.35 = 0.0075 + 0.02 + 0.35" in page
    assert "∂net_o1/∂w5" in page
    assert "1 · out_h1 + 0 + 0 = out_h1 = 1 · 0.593269992 + 0 + 0 ≈ 0.593269992" in page


def test_the_stages_have_headings() -> None:
    """Lecture 002: each layer in its three stages, the output layer first."""
    page = run("mlp-bce", "--order stage")
    headings = [
        f"{layer} layer, stage {stage}"
        for layer in ("output", "hidden")
        for stage in ("1: outputs", "2: weighted sums", "3: weights and biases")
    ]
    places = [page.index(heading) for heading in headings]

    assert sorted(places) == places
