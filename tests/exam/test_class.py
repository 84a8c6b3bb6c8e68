"""A class sits an exam: thirty forms, papers written by an independent student, each marked by its own form."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from commands import call
from exams import MAZUR, forms, net, slips
from oracle import SPECS
from student import Student

from backpropcalc.errors import InputError
from backpropcalc.exam.forms import Form
from backpropcalc.marking.course.forms import ExamForm, common, digest, matched, titled
from backpropcalc.marking.course.forms import forms as forms_in
from backpropcalc.marking.course.roster import Student as Pupil
from backpropcalc.marking.course.submissions import Submission

ADVERTISED = ("", "form: {letter}\n", "# {digest}\n", "")
"""How a paper may say which form it answers; the first and the last do not, the file's name or the list does."""


def paper(form: Form, rule: str = "", where: str = "") -> str:
    """All that is asked, worked with one slip and the rest carried on from it, to nine decimals."""
    student = Student(net(form.text), lambda _, value: round(value, 9), slip=rule, where=where).work()
    return "".join(f"{id}: {student.values[id]:.9f}\n" for id in form.questions.ids)


def gradebook(folder: Path) -> dict[str, dict[str, str]]:
    """The rows of the grades by student."""
    with open(folder / "grades.csv", encoding="utf-8") as stream:
        return {row["student"]: row for row in csv.DictReader(stream)}


@pytest.mark.slow
def test_each_paper_is_marked_by_its_own_form(tmp_path: Path) -> None:
    """Thirty forms, thirty papers with a slip each: every one is matched, its slip found where it was made."""
    made = forms(MAZUR)
    rng = random.Random(1)
    (tmp_path / "forms").mkdir()
    (tmp_path / "papers").mkdir()
    expected = {}
    rows = ["form,digest,name,id,e-mail"]
    for n, form in enumerate(made):
        letter = form.stamp.letter
        (tmp_path / "forms" / f"{letter}.yaml").write_text(form.file, encoding="utf-8")
        rows.append(f"{letter},{form.stamp.digest},Student {letter},{n},")
        rule, where, _, _ = next(slip for slip in slips(form, rng) if abs(slip[2] - slip[3]) > 1e-6)
        name = (f"form-{letter}", f"p{n}", f"q{n}", f"Student {letter}")[n % 4]
        told = ADVERTISED[n % 4].format(letter=letter, digest=form.stamp.digest)
        (tmp_path / "papers" / f"{name}.yaml").write_text(told + paper(form, rule, where), encoding="utf-8")
        expected[name] = rule, where
    (tmp_path / "forms" / "forms.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    done = call("grade", "papers", "--forms", "forms", "-o", "grades.csv", cwd=tmp_path)
    grades = gradebook(tmp_path)

    assert 0 == done.code
    assert "A step-by-step backpropagation example\n" in done.out
    lone = 0
    for form, (name, (rule, where)) in zip(made, expected.items(), strict=True):
        var = next(var for var in form.questions.asked if var.id == where)
        row = grades[name]
        lone += row["mistake"] == "1"
        assert "" == row["error"], row
        assert form.questions.page.notation.ascii(var) == row["mistakes"].split()[0], (name, rule, where, row)
    assert lone >= 28  # a slip in δ may be seen again where a gradient is worked from δ


def test_right_papers_earn_everything(tmp_path: Path) -> None:
    """Of three forms, each right by its own numbers and wrong by another's."""
    (tmp_path / "forms").mkdir()
    (tmp_path / "papers").mkdir()
    made = forms(MAZUR)[:3]
    for form in made:
        (tmp_path / "forms" / f"{form.stamp.letter}.yaml").write_text(form.file, encoding="utf-8")
        text = f"Form {form.stamp.letter}\n" + paper(form).replace(":", " =")
        (tmp_path / "papers" / f"{form.stamp.digest}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "papers" / "lost.yaml").write_text(paper(made[0]), encoding="utf-8")
    call("grade", "papers", "--forms", "forms", "-o", "grades.csv", cwd=tmp_path)
    rows = gradebook(tmp_path)

    assert ["100.0"] * 3 == [f"{float(rows[form.stamp.digest]['percent']):.1f}" for form in made]
    assert "which form it answers is not told" in rows["lost"]["error"]


def test_what_is_on_a_paper_goes_before_the_list(tmp_path: Path) -> None:
    """The digest first, then the letter, then the name of the file, then the list; two letters tell nothing."""
    known = {letter: ExamForm(letter, letter.lower() * 8, "", "") for letter in "ABC"}
    papers = {"x1": "aaaaaaaa form B", "form_B": "net_h1: 1", "x3": "version: c", "Ada L": "1", "x5": "form A, form B"}
    files = []
    for name, text in papers.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
        files.append(Submission(str(tmp_path / f"{name}.txt"), name))
    found = matched(files, known, {"C": [Pupil("Ada L")]})

    assert ["A", "B", "C", "C", ""] == [file.form for file in found]


def test_the_digest_is_of_the_numbers_not_of_the_comments() -> None:
    """A comment more or less is the same form."""
    assert digest("a: 1\n") == digest("# form B\na: 1\n") != digest("a: 2\n")


def test_titles_of_forms() -> None:
    """With the letter, and without it again."""
    assert ["A net", ""] == [common(titled(title, "AB")) for title in ("A net", "")]


def test_a_folder_without_forms(tmp_path: Path) -> None:
    """It is told what writes them."""
    with pytest.raises(InputError, match="no forms"):
        forms_in(tmp_path)


def test_grade_needs_a_folder() -> None:
    """With a spec alone nothing can be marked."""
    done = call("grade", str(SPECS / "mazur.yaml"))

    assert (2, True) == (done.code, "the folder with the answers is missing" in done.err)
