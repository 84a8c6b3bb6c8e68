"""The exam as other programs take it: LaTeX's class exam, and Word through pandoc."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from commands import call
from needed import missing
from oracle import SPECS


@pytest.mark.parametrize("name", ["mazur", "graph-j", "parabola", "exam-2-3-1"])
def test_the_class_exam_has_each_solution_behind_its_question(name: str, tmp_path: Path) -> None:
    """The same source twice, but that the key prints its solutions; a question for each phase, with its points."""
    spec = str(SPECS / f"{name}.yaml")
    done = call("exam", spec, "--class", "exam", "-o", "e.tex", "--key", "k.tex", cwd=tmp_path)
    sheet, key = ((tmp_path / file).read_text(encoding="utf-8") for file in ("e.tex", "k.tex"))
    total = re.search(r"Points: \\_+ of (\d+)", sheet) or re.search(r"of (\d+)\.", sheet)

    assert (0, "") == (done.code, done.err)
    assert r"]{exam}" in sheet
    assert r"\printanswers" in key and r"\printanswers" not in sheet
    assert key.replace("\\printanswers\n", "") == sheet
    assert sheet.count(r"\question") == sheet.count(r"\begin{solution}") == sheet.count(r"\end{solution}") > 0
    points = [int(text) for text in re.findall(r"\\question\[(\d+)\]", sheet)]
    assert total and sum(points) == (0 if name == "parabola" else int(total[1]))  # a descent has no phases


@pytest.mark.slow
@pytest.mark.parametrize("file", ["e.tex", "k.tex"])
def test_the_class_exam_compiles(file: str, tmp_path: Path) -> None:
    """Two forms in one file, with no line that is too wide."""
    if not shutil.which("pdflatex") or subprocess.run(["kpsewhich", "exam.cls"], capture_output=True).returncode:
        missing("exam.cls")
    spec = str(SPECS / "mazur.yaml")
    call("exam", spec, "--class", "exam", "--forms", "A-B", "-o", "e.tex", "--key", "k.tex", cwd=tmp_path)
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", file]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert 0 == done.returncode, done.stdout[-800:]
    assert "Overfull \\hbox" not in done.stdout


@pytest.mark.parametrize(
    ("words", "said"), [(["--class", "exam", "-o", "e.md"], "goes with"), (["--class", "exm"], "did you mean 'exam'")]
)
def test_a_class_that_cannot_be_is_said(words: list[str], said: str, tmp_path: Path) -> None:
    done = call("exam", str(SPECS / "mazur.yaml"), *words, cwd=tmp_path)

    assert (2, True) == (done.code, said in done.err)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.slow
def test_word_has_the_formulas_as_its_own(tmp_path: Path) -> None:
    """Each block of lines is an equation of Word, with the numbers of the page."""
    if not shutil.which("pandoc"):
        missing("pandoc")
    done = call("run", str(SPECS / "mazur.yaml"), "-o", "page.docx", cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})
    assert (0, "") == (done.code, done.err)
    with zipfile.ZipFile(tmp_path / "page.docx") as file:
        text = file.read("word/document.xml").decode()

    assert text.count("<m:oMath>") > 20
    assert all(number in "".join(re.findall(r"<m:t>([^<]*)</m:t>", text)) for number in ("0.3775", "0.593269992"))


def test_without_pandoc_word_is_one_sentence(tmp_path: Path) -> None:
    done = call("run", str(SPECS / "mazur.yaml"), "-o", "page.docx", cwd=tmp_path, env={"PATH": "/nowhere"})

    assert (2, True) == (done.code, "a .docx is made by pandoc" in done.err)
    assert [] == list(tmp_path.iterdir())
