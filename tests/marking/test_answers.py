"""Answer files: what people write for a name and a number, and what a file may do to the program (nothing)."""

from __future__ import annotations

import json
import time
from fractions import Fraction
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracle import SPECS

from backpropcalc.algebra.terms import Var
from backpropcalc.api import load
from backpropcalc.errors import InputError
from backpropcalc.execution.trace import Trace
from backpropcalc.marking.read.answers import READERS, read, reads
from backpropcalc.marking.read.numbers import sides, stated
from backpropcalc.marking.read.sheet import Sheet
from backpropcalc.marking.read.values import answer_of
from backpropcalc.notation.names import Names
from backpropcalc.notation.notation import Notation


def names_of(spec: str, notation: str = "") -> Names:
    loaded = load(SPECS / f"{spec}.yaml")
    trace = Trace(loaded)
    return Names(Notation(loaded, notation), chain(trace.given(), trace.computed()))


MAZUR = names_of("mazur")


def by_id(sheet: Sheet) -> dict[str, str]:
    return {var.id: answer.shown.text for var, answer in sheet.answers.items()}


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("0.5933", "0.5933", "0.00005"),
        ("0,5933", "0.5933", "0.00005"),
        ("−0.051", "-0.051", "0.0005"),
        ("0.50", "0.5", "0.005"),
        ("1.2e-3", "0.0012", "0.00005"),
        ("1.2·10^-3", "0.0012", "0.00005"),
        ("1,2 x 10^{-3}", "0.0012", "0.00005"),
        (r"1.2 \cdot 10^{-3}", "0.0012", "0.00005"),
        ("1.2·10⁻³", "0.0012", "0.00005"),
        ("3/8", "3/8", "0"),
        ("⅜", "3/8", "0"),
        (r"-\frac{3}{8}", "-3/8", "0"),
        (".5", "0.5", "0.05"),
        ("12", "12", "0.5"),
        ("1,234.5", "1234.5", "0.05"),
        ("1.234,5", "1234.5", "0.05"),
        ("0.593 269 992", "0.593269992", "0.0000000005"),
        ("０．５", "0.5", "0.05"),
        ("٣٫٥", "3.5", "0.05"),
        ("≈ 0.5933", "0.5933", "0.00005"),
    ],
)
def test_a_number_is_read_with_half_a_unit_of_its_last_place(text: str, value: str, half: str) -> None:
    number = stated(sides(text)[-1])

    assert number is not None
    assert (Fraction(value), Fraction(half)) == (number.value, number.half)


@pytest.mark.parametrize(
    "text",
    ["", "-", "--1", "nan", "NaN", "inf", "-Infinity", "1e999", "1e-999999", "9" * 1000, "1/0", "1_000", "0x10",
     "=1+1", "=cmd|' /C calc'!A0", "__import__('os').system('x')", "0.5.6", "1,2,3", "1 2", "0.5 6", "0.5\x00", "½½",
     "10^10^10", "true", "0.5%"],
)  # fmt: skip
def test_what_is_no_number_is_none(text: str) -> None:
    assert stated(text) is None


def test_of_a_chain_the_last_form_is_marked_and_the_most_precise_one_carried() -> None:
    answer = answer_of(Var("a"), "0.593269992 ≈ 0.5933")

    assert answer is not None
    assert ("0.5933", "0.593269992") == (answer.shown.text, answer.carried.text)


def test_a_chain_that_contradicts_itself_carries_what_is_marked() -> None:
    answer = answer_of(Var("a"), "0.493269992 ≈ 0.5933")

    assert answer is not None
    assert ("0.5933", "0.5933") == (answer.shown.text, answer.carried.text)


@pytest.mark.parametrize("notation", ["mazur", "layered", "phi", "letters"])
@pytest.mark.parametrize("spec", ["mazur", "exam-2-3-1", "relu-sigmoid-softmax", "two-layer-phi"])
def test_every_name_is_found_as_ascii_as_text_as_latex_and_as_id(spec: str, notation: str) -> None:
    names = names_of(spec, notation)
    book = names.notation

    for var in names.known:
        spelled = (book.ascii(var), book.text(var), book.latex(var), var.id, book.ascii(var).replace("_", " "))
        assert [var] * 5 == [names.get(spelling) for spelling in spelled]


@pytest.mark.parametrize(
    ("written", "id"),
    [
        ("net h1", "z[1,1]"),
        ("NET_H1", "z[1,1]"),
        ("∂E/∂w5", "dE/dw[2,1,1]"),
        ("dE/dw5", "dE/dw[2,1,1]"),
        ("dw5", "dE/dw[2,1,1]"),
        ("d E_total / d w5", "dE/dw[2,1,1]"),
        ("dE/dw[2,1,1]", "dE/dw[2,1,1]"),
        (r"\frac{\partial E}{\partial w_5}", "dE/dw[2,1,1]"),
        ("δ_o1", "dE/dz[2,1]"),
        ("delta o1", "dE/dz[2,1]"),
        ("dE_total/dnet_o1", "dE/dz[2,1]"),
        ("w5⁺", "w[2,1,1]+"),
        ("w_5^{+}", "w[2,1,1]+"),
        ("new w5", "w[2,1,1]+"),
        ("w5'", "w[2,1,1]+"),
        ("E", "E"),
        ("t1", "t[1]"),
    ],
)
def test_names_are_taken_as_people_write_them(written: str, id: str) -> None:
    found = MAZUR.get(written)

    assert found is not None
    assert id == found.id


def test_in_a_formula_dw5_is_no_name() -> None:
    assert MAZUR.get("dw5", short=False) is None


def test_an_unknown_name_is_met_with_the_nearest_one() -> None:
    sheet = reads("net_h1: 0.3775\nnet_h8: 1\n", MAZUR, ".yaml")

    assert [("unknown-name", 2)] == [(p.code, p.where.line) for p in sheet.problems if p.where]
    assert "did you mean" in sheet.problems[0].help


FORMS = {
    ".yaml": "net_h1: 0,3775\nout_h1: 0.593269992 ≈ 0.5933\nw5+:\n# a comment\nE_o1: abc\n",
    ".json": '{"net_h1": "0,3775", "out_h1": "0.593269992 ≈ 0.5933", "w5+": null, "E_o1": "abc"}',
    ".csv": "name;value\nnet_h1;0,3775\nout_h1;0.593269992 ≈ 0.5933\nw5+;\nE_o1;abc\n",
    ".txt": "- net_h1 = 0,3775\nout_h1 = 0.593269992 ≈ 0.5933\nw5+ =\nE_o1 = 3.4.5\n",
}


@pytest.mark.parametrize("suffix", FORMS)
def test_the_same_answers_are_read_from_every_form(suffix: str) -> None:
    sheet = reads(FORMS[suffix], MAZUR, suffix)

    assert {"z[1,1]": "0,3775", "a[1,1]": "0.5933"} == by_id(sheet)
    assert ["E[1]"] == [var.id for var in sheet.unreadable]
    assert () == sheet.problems


@pytest.mark.parametrize("suffix", FORMS)
def test_without_a_suffix_the_form_is_seen_from_the_text(suffix: str) -> None:
    assert by_id(reads(FORMS[suffix], MAZUR, suffix)) == by_id(reads(FORMS[suffix], MAZUR))


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".yaml", "net_h1: 0.3775\nnet_h1: 0.5\n"),
        (".json", '{"net_h1": 0.3775, "net_h1": 0.5}'),
        (".csv", "net_h1,0.3775\nnet_h1,0.5\n"),
        (".txt", "net_h1 = 0.3775\nnet_h1 = 0.5\n"),
    ],
)
def test_of_two_answers_the_last_is_marked_and_the_second_reported(suffix: str, text: str) -> None:
    sheet = reads(text, MAZUR, suffix)

    assert {"z[1,1]": "0.5"} == by_id(sheet)
    assert ["corrected" if suffix == ".txt" else "duplicate"] == [problem.code for problem in sheet.problems]


def test_working_may_state_the_same_value_again() -> None:
    sheet = reads("net_h1 = 0.3775\nwith net_h1 = 0.38 we get\nout_h1 = 0.5933\n", MAZUR, ".txt")

    assert ({"z[1,1]": "0.3775", "a[1,1]": "0.5933"}, ()) == (by_id(sheet), sheet.problems)


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("w[1,1,2],0.2", "0.2"),
        ('"w[1,1,2]",0.2', "0.2"),
        ("net_h1,0,3775", "0,3775"),
        ("net_h1,0.3775,checked twice", "0.3775"),
        ('net_h1,"0,3775"', "0,3775"),
        ("net_h1\t0.3775", "0.3775"),
    ],
)
def test_commas_in_csv_belong_to_names_numbers_or_nobody(row: str, value: str) -> None:
    assert [value] == list(by_id(reads(row + "\n", MAZUR, ".csv")).values())


def test_json_keeps_the_digits_of_its_numbers() -> None:
    sheet = reads('{"out_h1": 0.50, "net_h1": 3775e-4}', MAZUR, ".json")

    assert {"a[1,1]": "0.50", "z[1,1]": "3775e-4"} == by_id(sheet)


def test_a_broken_line_of_yaml_does_not_cost_the_others() -> None:
    sheet = reads("net_h1: 0.3775\nout_h1: @0.5933\nnet_h2: 0.3925\n", MAZUR, ".yaml")

    assert {"z[1,1]": "0.3775", "z[1,2]": "0.3925"} == by_id(sheet)
    assert ["a[1,1]"] == [var.id for var in sheet.unreadable]
    assert ["yaml"] == [problem.code for problem in sheet.problems]


def test_a_file_without_any_answer_is_at_fault() -> None:
    with pytest.raises(InputError, match="nothing in this file is an answer"):
        reads("I did not do it.\n", MAZUR, ".txt")


def test_a_missing_file_and_one_that_is_too_large_are_at_fault(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_text("net_h1: 0.3775\n" * 700_000)

    with pytest.raises(InputError, match="larger than 4 MB"):
        read(large, MAZUR)
    with pytest.raises(InputError, match="cannot read"):
        read(tmp_path / "none.yaml", MAZUR)


HOSTILE = {
    "bomb": "a: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nnet_h1: *c\n",
    "tag": "net_h1: !!python/object/apply:os.system ['false']\n",
    "deep yaml": "net_h1: " + "[" * 50_000,
    "deep json": '{"net_h1": ' + "[" * 200_000,
    "import": "net_h1: __import__('os').system('false')\n",
    "formula": "net_h1;=1+1\nout_h1;@SUM(A1)\nnet_h2;-2+3\n",
    "control": "net_h1: \x1b[2J0.5\n\x00\x07\n",
    "huge integer": "net_h1: " + "9" * 1_000_000 + "\n",
    "many names": "".join(f"q{n}: 1\n" for n in range(300_000)),
    "many digits": "net_h1 = " + "1 " * 500_000 + "x\n",
    "many signs": "net_h1 = " + "= " * 500_000 + "\n",
    "many cases": ("\\begin{cases}" * 300 + "\\\\\n") * 500,
    "one name": "a" * 3_000_000 + " = 1\n",
    "many commas": "net_h1" + ", a" * 500_000 + "\n",
    "many spaces": "net_h1" + " " * 1_000_000 + "= 1\n",
    "many parentheses": "net_h1 = " + "(" * 500_000 + "1\n",
    "quotes": 'net_h1,"' + '""' * 500_000 + "\n",
    "nan": "net_h1: .nan\nout_h1: .inf\nnet_h2: 1e999\nout_h2: 1e-999999\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_reported_soon_and_without_a_crash(name: str, suffix: str) -> None:
    start = time.process_time()
    try:
        sheet = reads(HOSTILE[name], MAZUR, suffix)
    except InputError as error:
        assert error.report().replace("\n", "").isprintable()
    else:
        assert all(abs(answer.shown.value) < 10**300 for answer in sheet.answers.values())
        assert all("\x1b" not in text for text in sheet.unreadable.values())

    assert time.process_time() - start < 5


FRAGMENTS = st.sampled_from(
    ["net_h1", "out_h1", "dE/dw5", "w5+", "=", "≈", ":", ",", ";", " ", "\n", "0.5", "-", "·10^", "3/8", "{", "}", "[",
     "]", '"', "\\frac", "\\\\", "&", "$", "|", "(", ")", "e^", "*", "- ", "#", "%", "'", "!!", "&a", "*a",
     "\t", "null"]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(FRAGMENTS | st.text(max_size=6), max_size=40).map("".join), st.sampled_from(sorted(READERS)))
@example("net_h1 = |", ".md")
@example('{"net_h1": {"net_h1": [{}]}}', ".json")
def test_any_text_is_a_sheet_or_an_input_error(text: str, suffix: str) -> None:
    try:
        sheet = reads(text, MAZUR, suffix)
    except InputError:
        return
    assert set(sheet.answers).isdisjoint(sheet.unreadable)


@settings(max_examples=100)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-1000, max_value=1000))
def test_a_decimal_is_read_back_exactly_with_a_point_or_a_comma(number: object) -> None:
    text = str(number)

    for written in (text, text.replace(".", ","), text.replace("-", "−")):
        found = stated(written)
        assert found is not None
        assert (Fraction(text), Fraction(1, 2_000_000)) == (found.value, found.half)


def test_json_from_a_program_is_read(tmp_path: Path) -> None:
    path = tmp_path / "anna.json"
    path.write_text(json.dumps({"net_h1": 0.3775, "E": 0.298371109}))

    assert {"z[1,1]": "0.3775", "E": "0.298371109"} == by_id(read(path, MAZUR))
