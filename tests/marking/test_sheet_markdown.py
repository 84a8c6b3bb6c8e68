"""The answer file as Markdown: tables that read well raw, and that `check` reads back as it reads any other form."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commands import cli
from oracle import SPECS

import backpropcalc as bp

NAMES = ("mazur", "two-layer-phi", "mlp-bce", "xor", "graph-j", "parabola")


def filled(name: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer file of a spec with every value in its place, to six decimals."""
    assert 0 == cli(capsys, "answers", str(SPECS / f"{name}.yaml"), "-o", str(file))[0]
    page = bp.page(bp.load(SPECS / f"{name}.yaml"))
    values: dict[str, str] = {}
    for numbers in page.trace.iterations():
        for block in (*page.trace.blocks(numbers.iteration), *page.trace.after_blocks(numbers.iteration)):
            for step in block.cells:
                values.setdefault(page.notation.ascii(step.var), f"{float(numbers.of(step.var)):.6f}")
    line = r"^\| `(.*?)` \|  \|$" if file.suffix == ".md" else r"^([^#\n]+):$"
    form = "| `{}` | {} |" if file.suffix == ".md" else "{}: {}"

    def line_of(found: re.Match[str]) -> str:
        return form.format(found[1], values.get(found[1].strip("'\""), ""))

    file.write_text(re.sub(line, line_of, file.read_text(), flags=re.M))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_filled_in_is_marked_as_in_yaml(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scores = []
    for suffix in (".md", ".yaml"):
        file = tmp_path / f"answers{suffix}"
        filled(name, file, capsys)
        scores.append(cli(capsys, "check", str(SPECS / f"{name}.yaml"), str(file))[1].rpartition("Score")[2])

    assert scores[0] == scores[1]
    assert re.search(r"\((100|9\d(\.\d)?) %\)", scores[0])


def test_it_is_markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A heading for the title and for each part, a table under it, no line that is only a name."""
    file = tmp_path / "answers.md"
    cli(capsys, "answers", str(SPECS / "mazur.yaml"), "-o", str(file))
    text = file.read_text()

    assert text.startswith("# A step-by-step backpropagation example\n\n")
    assert "## 1  Forward pass\n" in text
    assert "\n| quantity | value |\n|---|---|\n| `net_h1` |  |\n" in text
    assert "= \n" not in text
