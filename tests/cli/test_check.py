"""``check`` and ``answers`` as a student meets them: the report in each form, exit codes, the empty answer file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from oracle import SPECS

MAZUR = str(SPECS / "mazur.yaml")


@pytest.fixture
def right(run: Any) -> dict[str, float]:
    """Every right answer of the Mazur network by its name."""
    lines = json.loads(run("run", MAZUR, "--json")[1])["lines"]
    return {line["name"]: line["value"] for line in lines}


def written(answers: dict[str, float | str | None], name: str = "answers.json") -> str:
    Path(name).write_text(json.dumps(answers), encoding="utf-8")
    return name


def test_right_answers_are_worth_everything_and_exit_with_0(run: Any, right: dict[str, float]) -> None:
    code, out, _ = run("check", MAZUR, written(right), "--json")
    found = json.loads(out)

    assert 0 == code
    after = [name for name in right if name.endswith("+") and name[0] in "noE"]
    assert {"earned": len(right) - len(after), "possible": len(right) - len(after)} == found["score"]
    assert len(right) == found["summary"]["correct"]


def test_the_json_has_the_shape_of_the_contract(run: Any, right: dict[str, float]) -> None:
    answers = {**right, "dE_total/dw5": -right["dE_total/dw5"], "E_o1": "abc", "w1+": None}
    code, out, _ = run("check", MAZUR, written(answers), "--json")
    found = json.loads(out)
    marks = {mark["id"]: mark for mark in found["marks"]}

    assert 1 == code
    assert ["marks", "score", "summary"] == list(found)
    keys = ["id", "name", "answer", "expected", "own", "verdict", "points", "earned", "notes", "because"]
    assert all(keys == list(mark) for mark in found["marks"])
    gradient = marks["dE/dw[2,1,1]"]
    assert ("mistake", "dE_total/dw5") == (gradient["verdict"], gradient["name"])
    assert gradient["expected"] == pytest.approx(right["dE_total/dw5"], rel=1e-14) == pytest.approx(gradient["own"])
    assert all(["rule", "text"] == list(because) for because in gradient["because"])
    assert [("unreadable", "abc"), ("missing", None)] == [
        (marks[id]["verdict"], marks[id]["answer"]) for id in ("E[1]", "w[1,1,1]+")
    ]
    assert len(found["marks"]) == sum(found["summary"].values())


def test_an_error_is_carried_forward(run: Any, right: dict[str, float]) -> None:
    wrong = {"net_h1": 0.4775}
    marks = json.loads(run("check", MAZUR, written({**wrong, "out_h1": 0.61715736}), "--json")[1])["marks"]

    assert ["mistake", "follows"] == [mark["verdict"] for mark in marks[:2]]
    assert 0.61715736 == pytest.approx(marks[1]["own"], abs=1e-8)


def test_the_page_has_mistakes_first_then_the_marks_then_the_score(run: Any, right: dict[str, float]) -> None:
    answers = {**right, "dE_total/dw5": -right["dE_total/dw5"]}
    _, out, _ = run("check", MAZUR, written(answers))
    mistake, marks, score = (out.index(text) for text in ("∂E_total/∂w5 = ", "net_h1  ", "Score"))

    assert mistake < marks < score
    assert all(len(line) <= 80 for line in out.splitlines())


def test_hints_say_where_and_not_what(run: Any, right: dict[str, float]) -> None:
    answers: dict[str, Any] = {"net_h1": 0.8, "E_total": "?"}
    _, out, _ = run("check", MAZUR, written(answers), "--hints")
    shown = json.loads(run("check", MAZUR, written(answers), "--hints", "--json")[1])

    assert "net_h1 = 0.8" in out and "worked out from w1, i1" in out
    assert "0.3775" not in out
    assert {None} == {mark["expected"] for mark in shown["marks"]} | {mark["own"] for mark in shown["marks"]}


def test_the_solution_works_every_missing_line(run: Any) -> None:
    plain = run("check", MAZUR, written({"net_h1": 0.3775}))[1]
    solved = run("check", MAZUR, written({"net_h1": 0.3775}), "--show-solution")[1]

    assert "0.296" not in plain and "0.593269992" not in plain
    assert "1 / (1 + e^(−net_h1))" in solved and "0.593269992" in solved


def test_values_are_shown_as_finely_as_the_student_writes(run: Any) -> None:
    out = run("check", str(SPECS / "mlp-bce.yaml"), written({"dL/dO": -1.35416, "dL/dZ_0": -0.5}))[1]

    assert re.search(r"dL/dO +-1\.35416 +−1\.35416 +correct", out)


@pytest.mark.parametrize(("limit", "code"), [("0", 0), ("1.5", 0), ("50", 1), ("101", 2)])
def test_fail_under_decides_the_exit_code(run: Any, limit: str, code: int) -> None:
    assert code == run("check", MAZUR, written({"net_h1": 0.3775}), "--fail-under", limit)[0]


def test_unknown_names_and_duplicates_are_shown_and_cost_the_0(run: Any, right: dict[str, float]) -> None:
    Path("a.yaml").write_text("".join(f"{n}: {v}\n" for n, v in right.items()) + "net_h9: 1\nnet_h1: 2\n")
    code, out, _ = run("check", MAZUR, "a.yaml")

    assert 1 == code
    assert "net_h9" in out and "did you mean" in out and "appears twice" in out


def test_a_given_number_that_is_copied_wrongly_is_pointed_out(run: Any) -> None:
    _, out, _ = run("check", MAZUR, written({"w5": 0.35891648, "w6": 0.45}))

    assert "w5 is given as 0.4" in out and "the updated one is called w5+" in out
    assert "w6 is given" not in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none.yaml",), "cannot read none.yaml"),
        (("prose.txt",), "nothing in this file is an answer"),
        (("broken.json",), "not valid JSON"),
        (("ok.json", "--hints", "--show-solution"), "exclude each other"),
        (("ok.json", "--phase", "sideways"), "--phase cannot be"),
        (("ok.json", "--only", "w99"), "nothing here is called"),
        (("ok.json", "-o", "marks.xyz"), "no output form"),
        (("binary.yaml",), "not UTF-8"),
    ],
)
def test_what_is_at_fault_ends_with_2_and_no_traceback(run: Any, words: tuple[str, ...], said: str) -> None:
    Path("prose.txt").write_text("I did not do it.\n")
    Path("broken.json").write_text('{"net_h1": ')
    Path("ok.json").write_text('{"net_h1": 0.3775}')
    Path("binary.yaml").write_bytes(b"\xff\xfe\x00")
    code, out, err = run("check", MAZUR, *words)

    assert (2, "") == (code, out)
    assert said in err and "Traceback" not in err


def test_nothing_in_an_answer_reaches_the_terminal_the_markdown_or_the_latex(run: Any) -> None:
    evil = {"net_h1": "\x1b[2J<script>$\\input{/etc/passwd}|`", "out_h1": 9}
    forms = {form: run("check", MAZUR, written(evil), *form.split())[1] for form in ("", "--markdown", "--latex")}

    assert all("\x1b" not in out for out in forms.values())
    assert "<script>" not in forms["--markdown"]
    assert "\\input" not in forms["--latex"]


def test_room_before_a_point_is_left_in_formulas_alone(run: Any) -> None:
    """In a table of Markdown the points of answers line up, and no command of TeX stands outside of a formula."""
    said = run("check", MAZUR, written({"net_h1": 0.38, "out_h1": 0.59378}), "--markdown")[1]

    assert r"| $0.38\phantom{378}$ |" in said
    assert "phantom" not in re.sub(r"\$[^$]*\$", "", said)


@pytest.mark.parametrize("suffix", [".md", ".tex", ".json", ".txt"])
def test_the_suffix_names_the_form(run: Any, suffix: str) -> None:
    code, out, _ = run("check", MAZUR, written({"net_h1": 0.5}), "-o", f"marks{suffix}")
    text = Path(f"marks{suffix}").read_text(encoding="utf-8")

    start = {".md": "# A step", ".tex": "\\documentclass", ".json": '{\n "marks"', ".txt": " A step"}[suffix]
    assert (1, "", True) == (code, out, text.startswith(start))


@pytest.mark.parametrize("words", [(), ("--phase", "backward"), ("--only", "out_o1"), ("--notation", "layered")])
@pytest.mark.parametrize("suffix", [".yaml", ".csv", ".json", ".txt", ".md"])
def test_the_empty_answer_file_is_read_back_as_all_missing(run: Any, suffix: str, words: tuple[str, ...]) -> None:
    assert 0 == run("answers", MAZUR, "-o", f"a{suffix}", *words)[0]
    code, out, err = run("check", MAZUR, f"a{suffix}", "--json", *words)
    found = json.loads(out)

    assert (1, "") == (code, err)
    assert found["summary"]["missing"] == len(found["marks"]) > 3


def test_the_empty_answer_file_has_the_names_in_order_with_comments(run: Any, right: dict[str, float]) -> None:
    out = run("answers", MAZUR)[1]

    assert list(right) == list(yaml.safe_load(out))
    assert re.search(r"# 3  Backward pass\n\n# output layer\ndE_total/dout_o1:\n", out)


def test_an_answer_file_may_ask_for_one_quantity_and_what_it_needs(run: Any) -> None:
    asked = list(yaml.safe_load(run("answers", MAZUR, "--only", "out_h1")[1]))

    assert ["net_h1", "out_h1"] == asked


def test_answers_of_an_unknown_suffix_are_refused(run: Any) -> None:
    assert 2 == run("answers", MAZUR, "-o", "a.docx")[0]
    assert not Path("a.docx").exists()
