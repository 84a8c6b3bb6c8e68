"""The files for other systems: what their own parsers must find in them, whatever the title and the sentences say."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import call
from hypothesis import given
from hypothesis import strategies as st
from oracle import ROOT, SPECS

from backpropcalc.exam import bank, flashcards, folders, moodle, qti, rexams
from backpropcalc.exam.bank import Form, Item, Wrong
from backpropcalc.exam.questions import asked
from backpropcalc.exam.sheet import QuestionSheet
from backpropcalc.spec.load import load, loads

NUMBER = r"-?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?"
"""What Moodle takes as a number in an embedded answer (question/type/multianswer/questiontype.php)."""
HOSTILE = ["}~=5#", '<script>alert("1")</script>', "]]>", "`r system('id')`", "a\\b/c", "{1:SA:=x}", "$(id)", "=1+1"]


def form(title: str = "A net", text: str = "You left out the bias.") -> Form:
    wrong = (Wrong("0.0275", "forgot-bias", text), Wrong("-0.3775", "sign-lost", text))
    items = (
        Item("z[1,1]", "net_h1", "net_h1", "0.3775", "0.0001", 2.0, wrong, "net_h1 = w1 · i1 + b1 = 0.3775"),
        Item("dE/dw[2,1,1]", "∂E/∂w5", "dE/dw5", "0.0822", "0.00005", 1.0, (), "∂E/∂w5 ≈ 0.0822"),
    )
    given = (("inputs", "i1 = 0.05"), ("title", title))
    return Form("A", title, "1f2e3d4c", given, "Give your values with 4 decimals.", items, f"title: {title!r}\n")


def gaps(text: str) -> list[list[tuple[str, str, str]]]:
    """The alternatives (fraction, answer, feedback) of each embedded answer, split where no backslash stands before."""
    found = []
    for inner in re.findall(r"\{[0-9]*:NUMERICAL:((?:\\.|[^\\}])*)\}", text):
        alternatives = re.split(r"(?<!\\)~", inner)
        parts = [re.fullmatch(rf"(=|%-?[0-9]+%)({NUMBER}:{NUMBER})#((?:\\.|[^\\#~}}])*)", one) for one in alternatives]
        assert all(parts), alternatives
        found.append([(part[1], part[2], re.sub(r"\\(.)", r"\1", part[3])) for part in parts if part])
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_moodle_reads_one_question_per_value_and_one_with_all(text: str) -> None:
    """Right answers first, each misconception with its sentence; nothing that stands in a title ends an answer."""
    root = ElementTree.fromstring(moodle.quiz([form(text, text)]))
    kinds = [question.get("type") for question in root]
    cloze = root[1].findtext("questiontext/text") or ""

    assert ["category", "cloze", "numerical", "numerical"] == kinds
    assert "<script" not in cloze
    assert len(form().items) == cloze.count("{") == len(re.findall(r"(?<!\\)\}", cloze))
    first = gaps(cloze[cloze.index("net_h1") :])[0]
    assert [("=", "0.3775:0.0001"), ("%0%", "0.0275:0.0001"), ("%0%", "-0.3775:0.0001")] == [one[:2] for one in first]
    assert "<script" not in first[1][2]
    numbers = [(a.get("fraction"), a.findtext("text"), a.findtext("tolerance")) for a in root[2].findall("answer")]
    assert ("100", "0.3775", "0.0001") == numbers[0]
    assert {"0"} == {fraction for fraction, _, _ in numbers[1:]}
    assert "2" == root[2].findtext("defaultgrade")


@given(st.text(max_size=30))
def test_no_sentence_breaks_an_embedded_answer(text: str) -> None:
    """Whatever a sentence holds, it comes back whole."""
    escaped = moodle.feedback(text)

    assert re.fullmatch(r"(?:\\.|[^\\#~}])*", escaped, re.S)
    assert text == re.sub(r"\\(.)", r"\1", escaped, flags=re.S)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_qti_package_has_its_items_and_points(text: str) -> None:
    """Every interaction has its declaration and its condition; the points of a right answer add up."""
    package = qti.package([form(text, text)])
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert ["imsmanifest.xml", "form-A.xml"] == archive.namelist()
        manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
        item = ElementTree.fromstring(archive.read("form-A.xml"))
    space = f"{{{qti.QTI}}}"
    asked = [part.get("responseIdentifier") for part in item.iter(f"{space}textEntryInteraction")]

    assert "form-A.xml" == next(manifest.iter(f"{{{qti.PACKAGE}}}resource")).get("href")
    assert asked == [part.get("identifier") for part in item.iter(f"{space}responseDeclaration")] == ["R1", "R2"]
    assert asked == [part.get("identifier") for part in item.iter(f"{space}correct")]
    assert 3.0 == sum(float(part.text or 0) for part in item.iter(f"{space}baseValue"))
    assert package == qti.package([form(text, text)])


@pytest.mark.parametrize("text", HOSTILE)
def test_an_exercise_of_r_has_no_code(text: str) -> None:
    """Sections, meta-information, and not one backtick that is not escaped."""
    written = rexams.exercise(form(text, text))
    meta = dict(line.split(": ", 1) for line in written.partition("Meta-information")[2].splitlines()[2:])

    assert ["Question", "Answerlist", "Solution", "Answerlist", "Meta-information"] == re.findall(
        r"^(\w[\w-]+)\n[=-]{4,}$", written, re.M
    )
    assert ("0.3775|0.0822", "num|num", "0.0001|0.00005") == tuple(
        meta[k] for k in ("exsolution", "exclozetype", "extol")
    )
    assert not re.search(r"(?<!\\)`", written)


def test_flash_cards_work_out_nothing_in_a_spreadsheet() -> None:
    rows = list(csv.reader(io.StringIO(flashcards.cards([form("=1+1")]))))

    assert ["front", "back", "tag"] == rows[0]
    assert 3 == len(rows)
    assert not any(cell[0] in "=+-@＝" for row in rows for cell in row)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_programs_for_other_systems_are_valid(text: str, tmp_path: Path) -> None:
    """The shell and Python files parse, the JSON is JSON, every form has its spec."""
    for files in (folders.gradescope([form(text)]), folders.prairielearn([form(text)])):
        assert "forms/A.yaml" in files
        for name, content in files.items():
            if name.endswith(".json"):
                json.loads(content)
            elif name.endswith(".py"):
                ast.parse(content)
            elif content.startswith("#!"):
                (tmp_path / "script").write_text(content)
                subprocess.run(["bash", "-n", str(tmp_path / "script")], check=True)
    assert "<script" not in folders.prairielearn([form(text)])["question.html"]


def test_prairielearn_draws_a_form_by_its_variant(tmp_path: Path) -> None:
    """``generate`` gives the same form for the same variant."""
    files = folders.prairielearn([form(), form("B")._replace(letter="B")])
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    scope: dict[str, object] = {"__file__": str(tmp_path / "server.py")}
    exec(compile(files["server.py"], "server.py", "exec"), scope)
    letters = []
    for seed in ("0", "1", "2"):
        data = {"variant_seed": seed, "params": {}}
        scope["generate"](data)
        letters.append(data["params"]["form"])

    assert ["A", "B", "A"] == letters


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command writes for three forms of Mazur's network."""
    folder = tmp_path_factory.mktemp("banks")
    words = ["exam", str(SPECS / "mazur.yaml"), "--forms", "A-C", "--seed", "7", "-o", "e.md", "--flashcards", "f.csv"]
    words += ["--moodle", "m.xml", "--qti", "q.zip", "--gradescope", "gs", "--prairielearn", "pl", "--rexams", "rx"]
    done = call(*words, cwd=folder)
    assert 0 == done.code, done.err
    return folder


@pytest.mark.parametrize("name", ["mazur", "exam-2-3-1", "relu-sigmoid-softmax", "graph-j", "parabola", "xor"])
def test_tolerances_take_the_truth_and_refuse_every_misconception(name: str) -> None:
    """By the values of an independent run: the true value lies within the tolerance of the right answer alone."""
    questions = asked(load(SPECS / f"{name}.yaml"))
    made = bank.form(QuestionSheet(questions), "")
    truth = {var.id: value for var, value in questions.key.truth.items()}

    assert len(made.items) == len(questions.asked)
    for item in made.items:
        tolerance = float(item.tolerance)
        assert abs(float(item.shown) - truth[item.id]) <= tolerance
        assert all(abs(float(wrong.shown) - float(item.shown)) > tolerance for wrong in item.wrong), item
        assert all(wrong.text for wrong in item.wrong)


def test_the_command_writes_every_bank(banks: Path) -> None:
    """Three forms in each; the same seed makes the same bytes."""
    root = ElementTree.fromstring((banks / "m.xml").read_text(encoding="utf-8"))
    assert 3 == sum(question.get("type") == "cloze" for question in root)
    assert 3 == len(list((banks / "rx").glob("*.Rmd"))) == len(list((banks / "gs/forms").iterdir()))
    assert ["A", "B", "C"] == sorted(json.loads((banks / "pl/forms.json").read_text(encoding="utf-8")))
    before = (banks / "q.zip").read_bytes()
    call("exam", str(SPECS / "mazur.yaml"), "--forms", "A-C", "--seed", "7", "-o", "e.md", "--qti", "q.zip", cwd=banks)
    assert before == (banks / "q.zip").read_bytes()


def test_gradescope_marks_each_paper_by_its_own_form(banks: Path, tmp_path: Path) -> None:
    """The script, with /autograder elsewhere, finds the form by the letter in the file or in its name."""
    root = tmp_path / "autograder"
    for folder in ("submission", "results", "bin"):
        (root / folder).mkdir(parents=True)
    (root / "source").symlink_to(banks / "gs")
    command = root / "bin" / "backpropcalc"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m backpropcalc "$@"\n')
    command.chmod(0o755)
    script = (banks / "gs/run_autograder").read_text().replace("/autograder", str(root))
    paper = root / "submission" / "answers.yaml"
    right = asked(load(banks / "gs/forms/B.yaml"))
    for text in ("form: B\n", "# Form B, seed 7\n"):
        values = "".join(f'"{var.id}": {right.key.truth[var]!r}\n' for var in right.asked)
        paper.write_text(text + values)
        subprocess.run(
            ["bash", "-c", script], check=True, env={"PATH": f"{root / 'bin'}:/usr/bin:/bin"}, capture_output=True
        )
        results = json.loads((root / "results" / "results.json").read_text())
        assert results["score"] == len(right.asked)


def test_prairielearn_grades_a_variant_by_its_own_numbers(banks: Path) -> None:
    """Right answers of the variant earn all; those of another variant do not."""
    scope: dict[str, object] = {"__file__": str(banks / "pl/server.py")}
    exec(compile((banks / "pl/server.py").read_text(), "server.py", "exec"), scope)
    data = {"variant_seed": "1", "params": {}}
    scope["generate"](data)
    own, other = (asked(load(banks / f"pl/forms/{letter}.yaml")) for letter in (data["params"]["form"], "C"))
    scores = []
    for questions in (own, other):
        data["submitted_answers"] = {var.id: repr(questions.key.truth[var]) for var in questions.asked}
        scope["grade"](data)
        scores.append(data["score"])

    assert "B" == data["params"]["form"]
    assert 1.0 == scores[0] > scores[1]


def test_a_tiny_value_has_a_tolerance_of_its_own_size() -> None:
    """Half a unit of the last place of 4.2e-16 is not 0, and is written without an exponent."""
    text = "expression: y = a*b\nvalues: {a: 2e-8, b: 3.3e-9}\nsignificant: 3\n"
    for item in bank.form(QuestionSheet(asked(loads(text))), text).items:
        assert 0 < float(item.tolerance) <= 0.01 * abs(float(item.shown)), item
        assert re.fullmatch(r"0?\.?[0-9.]+", item.tolerance)
