"""The calculation with gaps, and the one with mistakes: what is left out or put in, and that marking finds it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from commands import call
from oracle import SPECS

from backpropcalc.errors import InputError
from backpropcalc.exam.choices import Choice
from backpropcalc.exam.exercises import Exercise, FillIn, Spoilt, planted
from backpropcalc.exam.questions import Questions, asked
from backpropcalc.exam.sheet import KeySheet, QuestionSheet
from backpropcalc.marking.examination import Examination
from backpropcalc.marking.read.answers import reads
from backpropcalc.pages.pieces import FORMULA, VALUE, Document, Lines
from backpropcalc.render import write
from backpropcalc.render.language import TERMINAL
from backpropcalc.spec.load import load

SMALL = ("mazur", "exam-2-3-1", "relu-sigmoid-softmax", "xor", "graph-j", "mlp-bce", "two-layer-phi")


def questions(name: str, **flags: object) -> Questions:
    return asked(load(SPECS / f"{name}.yaml").override(**flags))


def text(document: Document, form: str = "terminal") -> str:
    out = io.StringIO()
    write(document, out, form)
    return out.getvalue()


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
def test_a_share_is_left_out_and_never_formula_and_value(name: str, share: float) -> None:
    """Each line keeps its formula or its value; the same seed leaves out the same."""
    given = questions(name)
    sheet, again = (Exercise(blanks=share, seed=3).papers(given)[0] for _ in range(2))
    gaps = [out for p in sheet.pieces() if isinstance(p, Lines) and p.gaps for out in p.gaps.withheld.values()]

    assert isinstance(sheet, FillIn)
    assert text(sheet) == text(again) != text(Exercise(blanks=share, seed=4).papers(given)[0]) or share == 1
    assert len(gaps) == len(given.asked)
    assert not any({FORMULA, VALUE} <= out for out in gaps)
    assert any(gaps) and TERMINAL.blank in text(sheet)


@pytest.mark.parametrize("name", SMALL)
def test_marking_finds_what_was_put_in_and_nothing_else(name: str) -> None:
    """The lines as they stand on the sheet, read back as answers, have just these mistakes; the key names each."""
    given = questions(name)
    sheet, key = Exercise(mistakes=2, seed=5).papers(given)
    assert isinstance(sheet, Spoilt)
    cells = [(s.var, p.values) for p in sheet.pieces() if isinstance(p, Lines) for s in p.cells]
    shown = given.digits.shown
    answers = "".join(f"{var.id}: {shown(values.of(var), False)}\n" for var, values in cells)
    examination = Examination(given.scalar)
    marks = examination.marked(reads(answers, examination.names, ".yaml")).marks

    assert {slip.var for slip in sheet.planted} == {mark.var for mark in marks if mark.verdict == "mistake"}
    assert 2 == len(sheet.planted)
    for slip in sheet.planted:
        assert slip.mark.because[0].text[:30] in text(key)
        assert slip.mark.because[0].text[:30] not in text(sheet)


def test_the_same_seed_plants_the_same() -> None:
    """And another seed others."""
    given = questions("mazur")
    found = [tuple(slip[:2] for slip in planted(given, 3, seed)[0]) for seed in ("1", "1", "2")]

    assert found[0] == found[1] != found[2]


def test_what_cannot_be_spoilt() -> None:
    """Matrices have no lines, and one question no three mistakes."""
    with pytest.raises(InputError, match="not into matrices"):
        planted(questions("mazur", view="matrix"), 2, "1")
    with pytest.raises(InputError, match="no 3 mistakes"):
        planted(asked(load(SPECS / "mazur.yaml"), ["net_h1"]), 3, "1")


@pytest.mark.parametrize("name", SMALL)
def test_one_number_of_each_line_is_right(name: str) -> None:
    """The others are those of misconceptions and differ as shown; the key says which is right."""
    given = questions(name)
    sheet, key = Exercise(choices=4, seed=2).papers(given)
    assert isinstance(sheet, Choice)
    shown = given.digits.shown

    for var, chosen in sheet.options.items():
        assert [given.key.truth[var]] == [option.value for option in chosen if not option.rule]
        assert len(chosen) == len({shown(option.value, False) for option in chosen}) <= 4
    assert len(given.asked) == len(sheet.options)
    letters = {"abcd"[[o.rule for o in chosen].index("")] for chosen in sheet.options.values()}
    assert len(letters) > 1
    assert "the others" in text(key) and "the others" not in text(sheet)


def test_the_key_works_the_loss_that_another_only_repeats() -> None:
    """Of a single output E = E_1 says nothing without the line of E_1."""
    given = questions("exam-2-3-1")

    assert "J₁ " in text(KeySheet(given)) and "J₁ " not in text(QuestionSheet(given))


def test_the_command_writes_both_kinds(tmp_path: Path) -> None:
    """For each form its own gaps and mistakes; options that exclude each other are told."""
    mazur = str(SPECS / "mazur.yaml")
    done = call("exam", mazur, "--forms", "A-B", "--mistakes", "2", "-o", "s.md", "--key", "k.tex", cwd=tmp_path)
    both = call("exam", mazur, "--blanks", "0.4", "--mistakes", "2", cwd=tmp_path)
    share = call("exam", mazur, "--blanks", "4", cwd=tmp_path)

    assert 0 == done.code
    assert 2 == (tmp_path / "s.md").read_text(encoding="utf-8").count("This calculation has 2 mistakes")
    assert 2 == (tmp_path / "k.tex").read_text(encoding="utf-8").count("The 2 mistakes")
    assert (2, 2) == (both.code, share.code)
    assert "exclude each other" in both.err and "a share from 0 to 1" in share.err
