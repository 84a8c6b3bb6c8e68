"""Curves, walks and boundaries in pages: what is drawn is what is worked out, by formulas written here."""

from __future__ import annotations

import io
import math
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from oracle import SPECS, spec

import backpropcalc as bp
from backpropcalc.execution.plane import plane
from backpropcalc.execution.session import compare
from backpropcalc.pages.training import Training
from backpropcalc.render import planes

XOR = bp.load(SPECS / "xor.yaml")


def written(document: Any, form: str) -> str:
    out = io.StringIO()
    bp.write(document, out, form)
    return out.getvalue()


def trained(**changes: Any) -> Training:
    return Training(compare(XOR.override(epochs=None, iterations=200, **changes)))


def drawings(page: str) -> list[ElementTree.Element]:
    """The drawings of a page, each well-formed by itself."""
    return [ElementTree.fromstring(text) for text in re.findall(r"<figure class=\"plot\">(<svg.*?</svg>)", page)]


def points(drawing: ElementTree.Element) -> list[list[tuple[float, float]]]:
    """The places of each curve."""
    return [
        [tuple(map(float, pair.split(","))) for pair in line.get("points", "").split()]  # type: ignore[misc]
        for line in drawing.iter("polyline")
    ]


def test_the_curve_of_the_loss_falls_as_the_losses_do() -> None:
    """Its ends are the first and the last loss; a curve for each rate, in colours that the key has."""
    page = written(trained(), "html")
    (curve,) = points(drawings(page)[0])
    history = trained().best.history
    assert curve[0][1] == min(y for _, y in curve) or history[0].loss < max(loss for _, loss in history)

    share = (curve[0][1] - curve[-1][1]) / (max(y for _, y in curve) - min(y for _, y in curve))
    losses = [loss for _, loss in history]
    expected = (losses[-1] - losses[0]) / (max(losses) - min(losses))
    assert math.isclose(expected, share, abs_tol=0.01)
    several = written(trained(learning_rate=[0.1, 0.5, 1]), "html")
    assert 3 == len(points(drawings(several)[0]))
    assert 3 == len(re.findall("<li style=.color:#", several.split("</figure>")[0]))


def test_on_the_boundary_the_output_is_one_half() -> None:
    """Worked out here from the trained weights, tanh and sigmoid."""
    best = trained().best
    found = plane(best.trained(), best.outputs, 40)
    w = {var.id: float(value) for var, value in best.parameters.items()}

    def output(x: float, y: float) -> float:
        hidden = (math.tanh(w[f"w[1,{j},1]"] * x + w[f"w[1,{j},2]"] * y + w[f"b[1,{j}]"]) for j in (1, 2))
        z = sum(w[f"w[2,1,{j}]"] * h for j, h in enumerate(hidden, 1)) + w["b[2,1]"]
        return 1 / (1 + math.exp(-z))

    heights = [abs(output(x, y) - found.heights[r][c]) for r, y in enumerate(found.ys) for c, x in enumerate(found.xs)]
    line = [point for piece in planes.contour(found) for point in piece]

    assert max(heights) < 1e-12
    assert len(line) > 20
    assert max(abs(output(x, y) - 0.5) for x, y in line) < 0.01


def test_each_sample_is_in_the_picture_of_the_boundary() -> None:
    """In the colour of its class."""
    drawing = drawings(written(trained(), "html"))[1]
    dots = [(dot.get("fill"), dot.get("cx"), dot.get("cy")) for dot in drawing.iter("circle")]

    assert 4 == len(set(dots))
    assert dots[0][0] == dots[3][0] != dots[1][0] == dots[2][0]


def test_a_walk_goes_down_the_curve() -> None:
    """Each dot is at θ(1 − 2α)^k and its square, on the parabola."""
    page = written(bp.page(bp.load(SPECS / "parabola.yaml")), "html")
    (drawing,) = drawings(page)
    parabola, *walks = points(drawing)
    dots = [(float(dot.get("cx", 0)), float(dot.get("cy", 0))) for dot in drawing.iter("circle")]
    places = [-4 * (1 - 2 * rate) ** k for rate in (0.1, 1.5, 0.01) for k in range(4)]
    low, high = min(places) - 0.15 * (max(places) - min(places)), max(places) + 0.15 * (max(places) - min(places))
    left, right = parabola[0][0], parabola[-1][0]
    expected = [left + (x - low) / (high - low) * (right - left) for x in places]

    assert 3 == len(walks)
    assert max(abs(x - at) for (x, _), at in zip(dots, expected, strict=True)) < 0.2
    top, foot = min(y for _, y in parabola), max(y for _, y in dots)
    assert all(top <= y <= foot for _, y in dots)


@pytest.mark.parametrize("form", ["html", "typst"])
def test_names_of_columns_and_classes_from_strangers_are_text(form: str) -> None:
    """In every drawing of a training."""
    strange = '"><script>alert(1)</script>#read("/etc/passwd")'
    found = trained()
    piece = next(piece for piece in found.pieces() if type(piece).__name__ == "Boundary")
    piece = piece._replace(classes=[strange, strange], axes=(strange, strange))
    found.pieces = lambda quiet=False: iter([piece])  # type: ignore[method-assign]
    page = written(found, form)

    read = re.sub(r'"(\\.|[^"\\])*"', "", page) if form == "typst" else page  # without its strings, which are text
    assert "passwd" in page
    assert "<script" not in read
    assert form == "html" or "read(" not in read


def test_a_training_that_has_no_plane_has_no_boundary() -> None:
    """Two outputs that are no classes; three inputs."""
    for given in (bp.load(SPECS / "mazur.yaml"), spec({**MAZUR_LIKE})):
        pieces = Training(compare(given.override(iterations=2))).pieces()
        assert "Boundary" not in {type(piece).__name__ for piece in pieces}


MAZUR_LIKE = {
    "inputs": [[1, 0, 0], [0, 1, 0]], "targets": [[1], [0]], "weights": [[[0.1, 0.2, 0.3]]], "activation": "sigmoid",
    "loss": "binary_cross_entropy", "learning_rate": 0.1,
}  # fmt: skip
