"""Notebooks: every form is complete by itself, nothing runs and nothing is said on standard error."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from oracle import ROOT, SPECS

import backpropcalc as bp

NOTEBOOK = ROOT / ".github" / "docs" / "notebook.ipynb"
FORMS = {"text/plain", "text/markdown", "text/latex", "text/html"}


def shown(name: str) -> list[Any]:
    """What a notebook may show of a spec."""
    loaded = bp.load(SPECS / f"{name}.yaml")
    trace = loaded.run()
    return [trace, next(iter(trace)), bp.page(loaded), bp.check(loaded, {next(iter(trace)).id: 1})]


@pytest.mark.parametrize("name", ["mazur", "graph-j", "parabola", "relu-sigmoid-softmax"])
def test_each_object_shows_itself_in_each_form(name: str) -> None:
    """HTML is well-formed and static, its style is for itself; LaTeX has no environment that needs a document."""
    for one in shown(name):
        forms = one._repr_mimebundle_()
        html = forms["text/html"]

        assert set(forms) == FORMS
        assert not re.search(r"<script|<link|\son\w+=|javascript:|https?://(?!www\.w3\.org)", html)
        assert all(line.startswith((".backpropcalc", "  ")) for line in html.split("style>")[1].splitlines()[1:-1])
        assert ElementTree.fromstring(html.replace("&#x2061;", "").replace("&#xa0;", " ")) is not None
        assert "align*" not in forms["text/latex"] and "```" not in forms["text/markdown"]
        assert "\x1b" not in forms["text/plain"]


def test_one_line_is_one_display() -> None:
    """As a reader would paste it."""
    forms = bp.load(SPECS / "mazur.yaml").run()["net_h1"]._repr_mimebundle_()

    assert 1 == forms["text/latex"].count("$$\\begin{aligned}")
    expected = "net_h1 w1 · i1 + w2 · i2 + b1 = 0.15 · 0.05 + 0.2 · 0.1 + 0.35 = 0.3775"
    assert expected == " ".join(forms["text/plain"].split())


@pytest.mark.parametrize("name", ["mazur", "graph-j", "parabola"])
def test_the_live_page_is_a_file_and_a_frame(name: str, tmp_path: Path) -> None:
    """The file that the program writes; in a notebook its script sees nothing but the page."""
    page: Any = bp.page(bp.load(SPECS / f"{name}.yaml"))
    live = page.live(tmp_path / "page.html")
    shown = live._repr_html_()

    assert live.path.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert shown.startswith('<iframe sandbox="allow-scripts"') and shown.count("<") == 2
    assert str(tmp_path / "page.html") == repr(live)


def test_a_notebook_may_choose() -> None:
    """What it includes, what it excludes."""
    page = bp.page(bp.load(SPECS / "mazur.yaml").override(view="matrix"))

    assert {"text/latex"} == set(page._repr_mimebundle_(include=["text/latex"]))
    assert FORMS - {"text/html"} == set(page._repr_mimebundle_(exclude=["text/html"]))


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebook of the documentation, its cells run by Jupyter."""
    target = tmp_path_factory.mktemp("notebook") / "notebook.ipynb"
    converted(NOTEBOOK, "notebook", target, "--execute")
    return target


def converted(source: Path, form: str, target: Path, *options: str) -> str:
    command = [sys.executable, "-m", "nbconvert", str(source), "--to", form, "--output", str(target.with_suffix(""))]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False, cwd=ROOT)
    assert 0 == done.returncode, done.stderr
    return target.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_notebook_runs_and_says_nothing_on_standard_error(executed: Path) -> None:
    """Each cell with a value shows it once, in every form; nbgrader gives nothing for a word on standard error."""
    cells = [cell for cell in json.loads(executed.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    outputs = [[(one["output_type"], set(one["data"])) for one in cell["outputs"]] for cell in cells]

    assert [("execute_result", FORMS)] in outputs
    assert all(len(found) == 1 and found[0][0] == "execute_result" for found in outputs)


@pytest.mark.slow
def test_the_notebook_becomes_html_and_latex(executed: Path, tmp_path: Path) -> None:
    """In HTML the mathematics is MathML; in LaTeX, of the cells with code alone, it stands in displays."""
    html = converted(executed, "html", tmp_path / "page.html")
    found = json.loads(executed.read_text("utf-8"))
    found["cells"] = [cell for cell in found["cells"] if cell["cell_type"] == "code"]  # words would need pandoc
    (tmp_path / "code.ipynb").write_text(json.dumps(found), "utf-8")
    latex = converted(tmp_path / "code.ipynb", "latex", tmp_path / "page.tex")

    assert html.count('<div class="backpropcalc">') == 4 and "<math" in html
    assert r"$$\begin{aligned}" in latex and r"\partial w_{5}" in latex
