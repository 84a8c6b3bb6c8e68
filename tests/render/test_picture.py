"""Pictures: every number of the network is in them, no two texts lie on each other, nothing from strangers runs."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import networks
import pytest
from needed import missing
from oracle import SPECS, spec

import backpropcalc as bp
from backpropcalc.pages.derivation import Derivation
from backpropcalc.pages.information import Information
from backpropcalc.pages.pieces import Picture
from backpropcalc.render import PICTURES

SVG = "{http://www.w3.org/2000/svg}"
TITLE = r"100% of $5 & #1 {x} \input{/etc/passwd} ^_~ <script>alert(1)</script> ]]> \end{tikzpicture}"
SIZES = {"activation": "sigmoid", "loss": "squared_error"}


def written(given: bp.Spec, form: str = "svg", **options: bool) -> str:
    out = io.StringIO()
    bp.write(bp.page(given), out, form, **options)
    return out.getvalue()


def texts(picture: str) -> list[str]:
    """The texts of a drawing, which is well-formed."""
    return ["".join(element.itertext()) for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_every_number_is_in_the_picture(seed: int, backward: bool) -> None:
    """Inputs, weights, sums and outputs of the first sample, or the gradients, each with its id and its digits."""
    given = spec(networks.network(seed))
    trace = bp.Trace(given)
    values = next(trace.iterations())
    shown = dict(re.findall(r'data-id="(.*?)">(.*?)<', written(given, backward=backward)))
    wanted = {
        var.id: var
        for var in (*trace.given(), *trace.computed())
        if (re.match(r"dE/d[wb]", var.id) if backward else re.match(r"[xtwbza]\[.*\](\(1\))?$", var.id))
        and (var.sample or 1) == 1
    }
    wrong = {
        id: text
        for id, text in shown.items()
        if id in wanted and text.replace("−", "-").split("·")[0] not in trace.digits.shown(values.of(wanted[id]), False)
    }

    assert {} == wrong
    assert set(wanted) <= set(shown)


def boxes(picture: str) -> list[tuple[float, float, float, float]]:
    """Where each text stands: left, right, top, bottom."""
    found = []
    for element in ElementTree.fromstring(picture).iter(f"{SVG}text"):
        x, y, half = float(element.get("x", 0)), float(element.get("y", 0)), 3 * len("".join(element.itertext()))
        found.append((x - half, x + half, y - 5, y + 5))
    return found


@pytest.mark.parametrize("sizes", [[2, 2, 2], [1, 8, 1], [8, 8, 8], [3, 5, 2, 8], [1, 1]], ids=str)
def test_no_two_texts_lie_on_each_other(sizes: list[int]) -> None:
    """Up to eight units in a layer each number stands free."""
    init = {"scheme": "xavier", "seed": 1}
    numbers = {"inputs": [[0.5] * sizes[0]], "targets": [[1] * sizes[-1]], "init": init}
    found = boxes(written(spec(SIZES | numbers | {"sizes": sizes})))

    assert [] == [
        (one, other)
        for one, other in combinations(found, 2)
        if one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]
    ]


@pytest.mark.parametrize("sizes", [[2, 4, 1], [784, 128, 10], [3, 3, 3, 3]], ids=str)
@pytest.mark.parametrize("document", [Information, Derivation])
def test_sizes_alone_have_a_picture(sizes: list[int], document: type[Information]) -> None:
    """Names where there are no numbers; a large layer is a block with its size."""
    out = io.StringIO()
    bp.write(document(spec(SIZES | {"sizes": sizes})), out, "svg")

    found = texts(out.getvalue())
    if max(sizes) > 8:
        assert ["128 × 784", "10 × 128", "784", "inputs"] == found[:4]
    else:
        assert sum(a * b for a, b in pairwise(sizes)) == sum(text.startswith("w") for text in found)


def test_a_graph_has_its_own_picture() -> None:
    """Each node with formula and value, each edge with its slope; no two nodes in one place."""
    found = texts(written(bp.load(SPECS / "graph-j.yaml")))

    assert {"u = b · c", "6", "J = 3 · v", "33", "∂J/∂v = 3"} <= set(found)
    assert 4 == sum(text.startswith("∂") for text in found) - 1


def test_what_has_no_picture_says_so() -> None:
    """A descent, and a part of a calculation."""
    with pytest.raises(bp.InputError, match="a descent is not written as"):
        written(bp.load(SPECS / "parabola.yaml"))
    with pytest.raises(bp.InputError, match="no picture"):
        bp.write(bp.page(bp.load(SPECS / "mazur.yaml"), only=["w5"]), io.StringIO(), "svg")


@pytest.mark.parametrize("form", sorted(PICTURES))
def test_a_title_from_a_stranger_is_not_obeyed(form: str) -> None:
    """A picture does not have it at all."""
    picture = written(spec(networks.network(1), title=TITLE), form)

    assert "passwd" not in picture and "<script" not in picture


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mazur", "relu-sigmoid-softmax", "graph-j", "two-layer-phi"])
def test_the_page_with_its_picture_compiles(name: str, tmp_path: Path) -> None:
    """No error, nothing too wide."""
    if not shutil.which("pdflatex") or subprocess.run(["kpsewhich", "tikz.sty"], capture_output=True).returncode:
        missing("pdflatex with TikZ")
    source = written(bp.load(SPECS / f"{name}.yaml"), "latex", standalone=True, drawn=True)
    (tmp_path / "page.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=180, check=False)

    assert r"\begin{tikzpicture}" in source
    assert 0 == done.returncode, done.stdout[-2000:]
    assert b"Overfull" not in done.stdout


def test_a_single_neuron_is_drawn_in_its_two_parts() -> None:
    """004: Σ adds up what comes in, the activation is applied to the sum; backward its slope stands between them."""
    pieces = bp.page(bp.load(SPECS / "one-neuron.yaml")).pieces()
    picture = next(piece for piece in pieces if isinstance(piece, Picture))
    *inputs, sum_, output = picture.units

    assert [unit.forward[0] for unit in (sum_, output)] == ["Σ", "sigmoid"]
    assert [unit.about.id for unit in (sum_, output) if unit.about] == ["z[1,1]", "a[1,1]"]
    assert (picture.links[-1].start, picture.links[-1].end) == (len(inputs), len(inputs) + 1)
    assert picture.links[-1].backward and not picture.links[-1].forward
