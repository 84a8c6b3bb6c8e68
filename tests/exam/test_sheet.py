"""The sheet and the key: of any spec, in every form, the sheet asks all and tells nothing, the key has it all."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pytest
from oracle import SPECS

from backpropcalc.cli import main
from backpropcalc.errors import InputError
from backpropcalc.exam.questions import Questions, asked
from backpropcalc.exam.sheet import KeySheet, Papers, QuestionSheet
from backpropcalc.pages.pieces import Document, Lines, MatrixLines, Note
from backpropcalc.render import write
from backpropcalc.render.language import TERMINAL
from backpropcalc.spec.load import load, loads
from backpropcalc.spec.model import Spec

NO_SHEET = {"iris", "circle", "gaussian", "graph-f"}
SHIPPED = sorted(path.stem for path in SPECS.glob("*.yaml") if path.stem not in NO_SHEET)
FORMS = ("terminal", "latex", "markdown", "html")
BLANKS = {"terminal": "____________", "latex": r"\underline", "markdown": r"\underline", "html": "<mtext>____________<"}


def spec(name: str, **flags: object) -> Spec:
    return load(SPECS / f"{name}.yaml").override(**flags)


def text(document: Document, form: str = "terminal") -> str:
    out = io.StringIO()
    write(document, out, form)
    return out.getvalue()


def shown(questions: Questions) -> list[str]:
    """Each asked value as the key shows it."""
    *_, values = questions.page.trace.iterations()
    return [questions.page.digits.shown(values.of(var)) for var in questions.asked]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_sheet_has_a_blank_for_each_question_and_no_answer(name: str) -> None:
    """As many blanks as questions in every form, and none of the long numbers that are asked for."""
    questions = asked(spec(name, show="formulas"))
    answers = {number for number in shown(questions) if len(number) > 5}

    for form in FORMS:
        sheet = text(QuestionSheet(questions), form)
        assert len(questions.asked) == sheet.count(BLANKS[form]) - (form == "terminal") * sheet.count("_" * 40) * 3
        assert [] == [number for number in answers if number in sheet]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_key_has_every_answer_and_the_points_add_up(name: str) -> None:
    """Each value in the form that the page has, and what all are worth."""
    questions = asked(spec(name))
    key = text(KeySheet(questions), "markdown")

    assert Counter() == Counter(shown(questions)) - Counter(
        {number: key.count(number) for number in set(shown(questions))}
    )
    assert questions.possible == pytest.approx(questions.key.possible)
    assert f"points: {questions.possible:g}" in key


@pytest.mark.parametrize("name", ["mazur", "exam-2-3-1", "relu-sigmoid-softmax", "xor"])
def test_matrices_are_asked_whole(name: str) -> None:
    """In the matrix view each line is a matrix of blanks, all entries of it asked for."""
    questions = asked(spec(name, view="matrix"))
    lines = [
        piece
        for piece in QuestionSheet(questions).pieces()
        if isinstance(piece, MatrixLines) and piece.phase != "given"
    ]

    assert lines
    assert all(questions.worth[step.var] for piece in lines for step in piece.steps)
    assert questions.possible == pytest.approx(sum(questions.worth[s.var] for piece in lines for s in piece.steps))
    assert TERMINAL.short_blank in text(QuestionSheet(questions))


def test_less_is_given_away_step_by_step() -> None:
    """Formulas, then names alone, then nothing but the phases."""
    sheets = {show: text(QuestionSheet(asked(spec("mazur", show=show)))) for show in ("formulas", "names", "nothing")}

    assert ["net_h1 [1]  w1 · i1" in sheet for sheet in sheets.values()] == [True, False, False]
    assert ["net_h1" in sheet for sheet in sheets.values()] == [True, True, False]
    assert "Work out 8 values" in sheets["nothing"]


def test_nothing_that_is_found_on_the_way_stands_on_the_sheet() -> None:
    """The derivative of a descent, and what is said about a corner, are part of the answer."""
    corner = "inputs: [1]\ntargets: [1]\nweights: [[[0]], [[1]]]\nactivation: [relu, identity]\nloss: squared_error\n"

    assert "derivative" not in text(QuestionSheet(asked(spec("parabola"))))
    sheet = QuestionSheet(asked(loads(corner + "learning_rate: 1\n")))
    assert all(not piece.notes for piece in sheet.pieces() if isinstance(piece, Lines))


def test_what_is_asked_by_name_phase_or_layer() -> None:
    """Words of the command line come before those of the spec; a parameter means its new value."""
    base = (SPECS / "mazur.yaml").read_text(encoding="utf-8")
    asking = loads(base + "ask: [loss, net_h]\n")

    assert ["z[1,1]", "z[1,2]", "E[1]", "E[2]", "E"] == asked(asking).ids
    assert ["dE/dw[2,1,1]", "w[2,1,1]+"] == asked(asking, ["dE/dw5", "w5"]).ids


def test_the_points_of_the_spec_count() -> None:
    """Points by phase and name, scaled to a total."""
    base = (SPECS / "mazur.yaml").read_text(encoding="utf-8")
    questions = asked(loads(base + "ask: [net_h1, dE/dw5]\npoints: {backward: 3, total: 8}\n"))

    assert [2.0, 6.0] == [questions.worth[var] for var in questions.asked]


@pytest.mark.parametrize(
    ("words", "said"), [(["net_h9"], "nothing here is called"), (["i1"], "is given"), (["foo", "bar"], "'bar'")]
)
def test_names_that_cannot_be_asked(words: list[str], said: str) -> None:
    """Unknown ones, given ones, and all of them at once."""
    with pytest.raises(InputError, match=said):
        asked(spec("mazur"), words)


@pytest.mark.parametrize(("name", "said"), [("iris", "more than fit"), ("graph-f", "in symbols")])
def test_specs_that_no_sheet_can_hold(name: str, said: str) -> None:
    """Too many numbers, or none."""
    with pytest.raises(InputError, match=said):
        asked(spec(name))


def test_several_papers_are_one_document() -> None:
    """Each begins on a page of its own."""
    questions = asked(spec("mazur"))
    both = text(Papers([QuestionSheet(questions), QuestionSheet(questions)]), "latex")

    assert 1 == both.count(r"\newpage")
    assert 2 == both.count("A step-by-step")


def test_the_command_writes_both(tmp_path: Path) -> None:
    """Sheet and key in the forms of their suffixes."""
    sheet, key = tmp_path / "sheet.tex", tmp_path / "key.md"
    with pytest.raises(SystemExit) as ended:
        main(["exam", str(SPECS / "mazur.yaml"), "-o", str(sheet), "--key", str(key), "--ask", "net_h1"])

    assert 0 == ended.value.code

    assert r"\underline" in sheet.read_text(encoding="utf-8")
    assert "0.3775" in key.read_text(encoding="utf-8")


def test_sheet_and_key_are_not_one_file(tmp_path: Path) -> None:
    """Nothing is written."""
    file = str(tmp_path / "both.md")
    with pytest.raises(SystemExit) as ended:
        main(["exam", str(SPECS / "mazur.yaml"), "-o", file, "--key", file])

    assert 2 == ended.value.code
    assert [] == list(tmp_path.iterdir())


def test_the_precision_asked_for_is_told() -> None:
    """In decimals or significant digits, of the spec's precision or else of its page."""
    base = (SPECS / "mazur.yaml").read_text(encoding="utf-8")
    for more, said in (("", "9 decimals"), ("precision: {significant: 4}\n", "4 significant digits")):
        notes = [p.text for p in QuestionSheet(asked(loads(base + more))).pieces() if isinstance(p, Note)]
        assert any(said in str(note) for note in notes)
