"""A class: one file per student, no file stops another, and the same bytes each time."""

from __future__ import annotations

import csv
import json
import math
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from oracle import SPECS

from backpropcalc.marking.course.gradebook import cell
from backpropcalc.marking.course.grading import Setup, grades
from backpropcalc.marking.course.prairielearn import grader
from backpropcalc.marking.course.submissions import submissions

MAZUR = str(SPECS / "mazur.yaml")
ROWS = tuple[dict[str, str], ...]


@pytest.fixture
def right(run: Any) -> dict[str, float]:
    lines = json.loads(run("run", MAZUR, "--json")[1])["lines"]
    return {line["name"]: round(line["value"], 6) for line in lines}


@pytest.fixture
def folder(right: dict[str, float], tmp_path: Path) -> Path:
    """A class: two perfect, one sign slip, some that cannot be read, one with a dangerous name."""
    out = tmp_path / "class"
    out.mkdir()
    (out / "anna.json").write_text(json.dumps(right))
    (out / "ben.yaml").write_text("".join(f"{name}: {value}\n" for name, value in right.items()))
    slip = {**right, "dE_total/dout_o1": -right["dE_total/dout_o1"]}
    (out / "carla.json").write_text(json.dumps(slip))
    (out / "broken.json").write_text('{"net_h1": ')
    (out / "scan.pdf").write_bytes(b"%PDF\xff\xfe")
    (out / "binary.yaml").write_bytes(b"\xff\x00")
    (out / "prose.txt").write_text("I did not do it.\n")
    (out / "=cmd|' C'!A0.csv").write_text("net_h1;0,3775\n")
    (out / ".hidden").write_text("net_h1: 1\n")
    (out / "sub").mkdir()
    return out


def rows(path: str) -> ROWS:
    with open(path, encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


def test_every_file_has_a_row_in_the_order_of_the_names(run: Any, folder: Path) -> None:
    code, _, err = run("grade", MAZUR, str(folder), "-o", "grades.csv")
    found = rows("grades.csv")

    assert (0, "") == (code, err)
    assert sorted(path.name for path in folder.iterdir() if path.is_file() and path.name[0] != ".") == [
        row["file"].lstrip("'") for row in found
    ]


def test_marks_are_those_of_check_and_unreadable_files_are_listed(run: Any, folder: Path) -> None:
    run("grade", MAZUR, str(folder), "-o", "grades.csv")
    found = {row["student"]: row for row in rows("grades.csv")}
    checked = json.loads(run("check", MAZUR, str(folder / "carla.json"), "--json")[1])

    assert ["100.0", "100.0"] == [found[name]["percent"] for name in ("anna", "ben")]
    assert checked["summary"] == {verdict: int(found["carla"][verdict]) for verdict in checked["summary"]}
    assert found["carla"]["mistakes"].startswith("dE_total/dout_o1")
    assert {"broken", "scan", "binary", "prose"} == {name for name, row in found.items() if row["error"]}


def test_no_cell_can_be_taken_for_a_formula(run: Any, folder: Path) -> None:
    run("grade", MAZUR, str(folder), "-o", "grades.csv")
    with open("grades.csv", encoding="utf-8", newline="") as stream:
        cells = [text for row in csv.reader(stream) for text in row]

    assert not [text for text in cells if text[:1] in ("=", "+", "-", "@", "\t")]
    assert "'=cmd|' C'!A0" in cells


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1"])
def test_a_cell_that_starts_like_a_formula_is_quoted(text: str) -> None:
    assert cell(text).startswith("'")


def test_a_rerun_gives_the_same_bytes_of_grades_reports_and_page(run: Any, folder: Path) -> None:
    def once() -> tuple[str, dict[str, bytes]]:
        out = run("grade", MAZUR, str(folder), "-o", "grades.csv", "--reports", "reports")[1]
        files = [Path("grades.csv"), *sorted(Path("reports").iterdir())]
        return out, {path.name: path.read_bytes() for path in files}

    assert once() == once()


def test_grades_in_the_folder_of_the_answers_are_no_submission(run: Any, folder: Path) -> None:
    output = str(folder / "grades.csv")
    run("grade", MAZUR, str(folder), "-o", output)
    before = Path(output).read_bytes()
    run("grade", MAZUR, str(folder), "-o", output)

    assert before == Path(output).read_bytes()


@pytest.mark.parametrize(("flag", "suffix"), [("--markdown", ".md"), ("--latex", ".tex"), ("--json", ".json")])
def test_each_student_gets_a_report(run: Any, folder: Path, flag: str, suffix: str) -> None:
    run("grade", MAZUR, str(folder), "--reports", "reports", flag)

    assert {f"{name}{suffix}" for name in ("anna", "ben", "carla", "=cmd|' C'!A0")} == {
        path.name for path in Path("reports").iterdir()
    }


def test_files_of_one_name_get_reports_of_their_own(tmp_path: Path) -> None:
    for name in ("anna.yaml", "Anna.csv", "ben.yaml"):
        (tmp_path / name).write_text("net_h1: 1\n")

    assert {"Anna.csv", "anna.yaml", "ben"} == {s.student for s in submissions(tmp_path)}


def test_the_page_tells_which_steps_and_misconceptions_were_most_frequent(run: Any, folder: Path) -> None:
    _, out, _ = run("grade", MAZUR, str(folder))

    assert "Steps most often wrong" in out and "dE_total/dout_o1   1   █" in out
    assert "Most frequent misconceptions" in out and "sign-of-error" in out
    assert "broken.json: " in out and "anna" in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_several_processes_give_what_one_gives(right: dict[str, float], tmp_path: Path) -> None:
    rng = random.Random(1)
    for n in range(60):
        answers = {**right, rng.choice(list(right)): round(rng.random(), 4)}
        (tmp_path / f"s{n}.json").write_text(json.dumps(answers))
    setup, files = Setup(Path(MAZUR).read_text(encoding="utf-8"), MAZUR), submissions(tmp_path)

    assert list(grades(setup, files, cores=1)) == list(grades(setup, files, cores=2))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none",), "cannot read the folder"),
        (("empty",), "there are no answer files"),
        (("class", "-o", "grades.xlsx"), "grades are written as CSV"),
        (("class", "--reports", "class"), "cannot go into the folder of the answers"),
        (("class", "--only", "w99"), "nothing here is called"),
    ],
)
def test_what_is_at_fault_ends_with_2(run: Any, folder: Path, words: tuple[str, ...], said: str) -> None:
    Path("empty").mkdir()
    code, out, err = run("grade", MAZUR, *words)

    assert (2, "") == (code, out)
    assert said in err and "Traceback" not in err


def test_a_zip_of_moodle_with_a_roster_gives_each_system_its_file(
    run: Any, right: dict[str, float], tmp_path: Path
) -> None:
    """Gradebook, Moodle's worksheet and Canvas's gradebook say the same scores of the same students."""
    slip = {**right, "dE_total/dout_o1": -right["dE_total/dout_o1"]}
    with zipfile.ZipFile("class.zip", "w") as archive:
        archive.writestr("Ben Müller_11_assignsubmission_file/hw.json", json.dumps(slip))
        archive.writestr("Ada Lovelace_12_assignsubmission_file/answers.json", json.dumps(right))
    Path("class.csv").write_text(
        "name,id,e-mail\nAda Lovelace,12,ada@x.edu\nBen Müller,11,ben@x.edu\nCy,13,\n", encoding="utf-8"
    )
    words = ("--roster", "class.csv", "--moodle", "m.csv", "--canvas", "c.csv", "--assignment", "HW (4711)", "--excel")
    code, out, err = run("grade", MAZUR, "class.zip", "-o", "grades.csv", *words)
    books = {}
    for name in ("grades.csv", "m.csv", "c.csv"):
        with open(name, encoding="utf-8-sig", newline="") as stream:
            books[name] = list(csv.DictReader(stream))
    own = {row["id"]: row for row in books["grades.csv"]}
    worksheet = {row["Identifier"]: row for row in books["m.csv"]}
    canvas = {row["ID"]: row for row in books["c.csv"]}

    assert (0, "") == (code, err)
    assert ["no paper"] == [own["13"]["error"]] and "Cy" in out
    assert "43" == own["12"]["earned"] == worksheet["Participant 12"]["Grade"] == canvas["12"]["HW (4711)"]
    assert "42" == own["11"]["earned"] == worksheet["Participant 11"]["Grade"] == canvas["11"]["HW (4711)"]
    assert "43" == own["11"]["possible"] == worksheet["Participant 11"]["Maximum Grade"] == canvas[""]["HW (4711)"]
    assert "0" == own["11"]["dE_total/dout_o1"] and "1" == own["12"]["dE_total/dout_o1"]
    assert 42 == sum(float(own["11"][key]) for key in own["11"] if key.startswith("points "))
    assert b"\xef\xbb\xbf" == Path("grades.csv").read_bytes()[:3]
    assert {"Student", "ID", "SIS User ID", "SIS Login ID", "Section", "HW (4711)"} == set(books["c.csv"][0])


def test_papers_that_share_wrong_numbers_are_shown_as_a_hint(run: Any, right: dict[str, float]) -> None:
    """Two papers with the same four made-up numbers among twenty; nobody else is named."""
    Path("class").mkdir()
    for n in range(40):
        wrong = {f"w{k}+": round(0.7 + 0.01 * k + (n if n not in (3, 9) else 3) / 1000, 4) for k in (1, 3, 5, 7)}
        (Path("class") / f"s{n:02}.json").write_text(json.dumps({**right, **wrong}))
    _, out, _ = run("grade", MAZUR, "class")

    assert "Papers that share wrong numbers" in out and "Not a verdict" in out
    assert "s03 and s09: w1+, w3+, w5+, w7+" in " ".join(out.split())
    assert 1 == out.count(" and s")


def test_gradescope_reads_what_check_says(run: Any, right: dict[str, float]) -> None:
    """The tests add up to the score, and a mistake is a test that failed with its reason."""
    slip = {**right, "dE_total/dout_o1": -right["dE_total/dout_o1"]}
    Path("anna.json").write_text(json.dumps(slip))
    run("check", MAZUR, "anna.json", "--gradescope", "results.json")
    found = json.loads(Path("results.json").read_text(encoding="utf-8"))
    failed = [test for test in found["tests"] if test["status"] == "failed"]

    assert found["score"] == sum(test["score"] for test in found["tests"]) == 42
    assert 43 == sum(test["max_score"] for test in found["tests"])
    assert ["∂E_total/∂out_o1"] == [test["name"] for test in failed]
    assert "sign" in failed[0]["output"]


def test_a_prairielearn_question_carries_errors_forward(right: dict[str, float]) -> None:
    """One slip costs one quantity, what follows from it counts; unknown inputs are left alone."""
    grade = grader(MAZUR)
    slip = 2 * right["net_h1"]
    data: dict[str, Any] = {
        "submitted_answers": {
            "net_h1": f"{slip}", "out_h1": f"{1 / (1 + math.exp(-slip)):.6f}", "net_o1": "x", "comment": "hello",
        },
        "partial_scores": {"comment": {"score": 1}},
    }  # fmt: skip
    grade(data)

    assert 0 == data["partial_scores"]["net_h1"]["score"] and 1 == data["partial_scores"]["out_h1"]["score"]
    assert {"net_o1"} == set(data["format_errors"])
    assert {"score": 1} == data["partial_scores"]["comment"]
    assert 0 < data["score"] < 0.1


def test_the_class_at_a_glance_is_a_page_too(run: Any, folder: Path) -> None:
    """Scores, steps and misconceptions as HTML, which no student's name can break out of."""
    (folder / "<b>eve.json").write_text("{}")
    code, _, err = run("grade", MAZUR, str(folder), "--overview", "class.html", "-o", "grades.csv")
    page = Path("class.html").read_text(encoding="utf-8")

    assert (0, "") == (code, err)
    assert "Steps most often wrong" in page and "sign-of-error" in page and "anna" in page
    assert "<b>eve" not in page and "&lt;b&gt;eve" in page


@pytest.mark.parametrize("words", [("-o", "x.csv", "--canvas", "x.csv"), ("--moodle", "x.csv", "--overview", "x.csv")])
def test_no_file_takes_the_place_of_another(run: Any, folder: Path, words: tuple[str, ...]) -> None:
    """Nothing is written."""
    code, out, err = run("grade", MAZUR, str(folder), *words)

    assert (2, "") == (code, out)
    assert ("twice" in err or ".html" in err) and not Path("x.csv").exists()
