"""Plain working: statements found in text, expressions understood, substitution told from arithmetic."""

from __future__ import annotations

import io
import math
from itertools import chain
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import network
from oracle import SPECS

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.terms import Var
from backpropcalc.api import load, loads
from backpropcalc.execution.trace import Trace
from backpropcalc.marking.examination import Examination
from backpropcalc.marking.judge.marks import Mark
from backpropcalc.marking.read.answers import reads
from backpropcalc.marking.read.expressions import expressions
from backpropcalc.marking.read.lines import statements
from backpropcalc.marking.read.sheet import Entry
from backpropcalc.notation.names import Names
from backpropcalc.notation.notation import Notation
from backpropcalc.pages.page import page
from backpropcalc.render import write

SPEC = load(SPECS / "mazur.yaml")
TRACE = Trace(SPEC)
NAMES = Names(Notation(SPEC), chain(TRACE.given(), TRACE.computed()))
VALUES = next(iter(TRACE.iterations()))
EXAMINATION = Examination(page(SPEC))


def marks_of(text: str, suffix: str = ".txt") -> dict[str, Mark]:
    paper = EXAMINATION.marked(reads(text, EXAMINATION.names, suffix))
    return {mark.var.id: mark for mark in paper.marks}


def values_of(text: str) -> list[float]:
    """What ``text`` comes to, in each of its readings."""

    def value(found: object) -> float:
        def look(var: Var) -> float:
            return float(found.numbers[var.layer].value) if var.role == "written" else float(VALUES.of(var))

        return float(evaluate(found.term, look, FLOAT))

    return [value(found) for found in expressions(text, NAMES)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.15*0.05 + 0.2*0.1 + 0.35", 0.3775),
        ("0,15·0,05 + 0,2·0,1 + 0,35", 0.3775),
        ("0.15 x 2", None),
        ("1/(1+e^(-0.3775))", 1 / (1 + math.exp(-0.3775))),
        (r"\frac{1}{1+e^{-0.3775}}", 1 / (1 + math.exp(-0.3775))),
        ("1 / (1 + exp(-0.3775))", 1 / (1 + math.exp(-0.3775))),
        ("σ(0.3775)", 1 / (1 + math.exp(-0.3775))),
        ("½ (0.01 − 0.75)²", 0.5 * 0.74**2),
        (r"\tfrac{1}{2}\left(0.01 - 0.75\right)^{2}", 0.5 * 0.74**2),
        ("0.5(0.01-0.75)^2", 0.5 * 0.74**2),
        ("2e-3 * 5", 0.01),
        ("3·10^-2", 0.03),
        ("−ln(0.5)", math.log(2)),
        (r"-\ln 0.5", math.log(2)),
        ("√(0.25)", 0.5),
        ("8 : 2", 4.0),
        ("w1 i1 + w2 i2 + b1", 0.3775),
        ("w1*i1+w2*i2+b1", 0.3775),
        (r"w_{1} \cdot i_{1} + w_{2} \cdot i_{2} + b_{1}", 0.3775),
        ("w5 - η·∂E_total/∂w5", 0.4 - 0.5 * 0.0821670406),
        ("w5 - eta*dE/dw5", 0.4 - 0.5 * 0.0821670406),
        ("dE_total/dout_o1 * dout_o1/dnet_o1 * dnet_o1/dw5", None),
        ("out_o1(1-out_o1)", 0.1868156018),
        ("__import__('os')", None),
        ("0.5 0.5", None),
        ("(1", None),
        ("1 +", None),
        ("", None),
        ("(" * 200 + "1" + ")" * 200, None),
        ("+".join("1" * 500), None),
        ("9**9**9**9**9", math.inf),
    ],
)
def test_an_expression_comes_to_what_a_reader_takes_it_for(text: str, value: float | None) -> None:
    found = values_of(text)

    if value is None:
        assert [] == found
    else:
        assert value == pytest.approx(found[0], rel=1e-8)


def test_what_people_leave_open_is_read_in_each_sensible_way() -> None:
    assert [1 + math.exp(-0.3775), 1 / (1 + math.exp(-0.3775))] == pytest.approx(values_of("1/1+e^-0.3775"))
    assert [-4.0, 4.0] == values_of("-2^2")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("net_h1 = 0.3775", [("net_h1", "0.3775")]),
        ("- net_h1 = 0.3775.", [("net_h1", "0.3775.")]),
        ("1) net_h1 = 0.3775, out_h1 = 0.5933", [("net_h1", "0.3775"), ("out_h1", "0.5933")]),
        ("so net_h1 = 0.3775", [("net_h1", "0.3775")]),
        ("First neuron: net_h1 = 0.3775", [("net_h1", "0.3775")]),
        ("net_h1: 0.3775", [("net_h1", "0.3775")]),
        ("| net_h1 | 0.3775 |", [("net_h1", "0.3775")]),
        ("**net_h1** = `0.3775`", [("net_h1", "0.3775")]),
        ("$net_{h1} = 0.3775$", [("net_{h1}", "0.3775")]),
        ("net_h1 = 0.15*0.05\n + 0.37\n = 0.3775", [("net_h1", "0.15*0.05 + 0.37 = 0.3775")]),
        ("net_h1 &= 0.15 \\\\\n &= 0.3775", [("net_h1", "0.15 = 0.3775")]),
        ("out_h1 = max(0, net_h1) = 0.3775", [("out_h1", "max(0, net_h1) = 0.3775")]),
        ("# net_h1 = 0.3775", []),
        ("the mean error over all is = 0.3", []),
        ("```\nnet_h1 = 1\n```", [("net_h1", "1")]),
    ],
)
def test_statements_are_found_in_text_markdown_and_latex(text: str, found: list[tuple[str, str]]) -> None:
    assert found == [(s.name, s.text) for s in statements(text, NAMES) if isinstance(s, Entry)]


def test_a_percent_sign_begins_a_comment_in_latex_only() -> None:
    assert [] == list(statements("% net_h1 = 1", NAMES, tex=True))


RIGHT = "out_o1 = 0.7514\nout_h1 = 0.5933\ndE/dout_o1 = 0.7414\ndout_o1/dnet_o1 = 0.1868\n"


@pytest.mark.parametrize(
    ("line", "verdicts", "note"),
    [
        ("dE/dw5 = 0.7414 * 0.1868 * 0.5933 = 0.0822", ("correct",), ""),
        ("dE/dw5 = 0.74136507 * 0.186815602 * 0.593269992 = 0.0822", ("correct",), ""),
        (r"dE/dw5 = 0.7414 \cdot 0.1868 \times 0.5933 = 0.0822", ("correct",), ""),
        ("dE/dw5 = 0.1385 * 0.5933 = 0.0822", ("correct",), ""),
        ("dE/dw5 = 0.7414 * 0.1868 * 0.5933 = 0.0922", ("mistake",), "arithmetic"),
        ("dE/dw5 = 0.7414 * 0.1868 * 0.5969 = 0.0827", ("mistake",), "substitution"),
        ("dE/dw5 = 0.7414 * 0.1868 = 0.1385", ("mistake",), "substitution"),
        ("dE/dw5 = 0.7414 * 0.1868 * 0.9533 = 0.0822", ("correct",), "substitution"),
        ("dE/dw5 = dE/dout_o1 * dout_o1/dnet_o1 * out_h1 = 0.7414 * 0.1868 * 0.5933 = 0.0822", ("correct",), ""),
        ("dE/dw5 = 0.7414 * 0.1868 * 0.5969 = 0.0927", ("mistake",), "substitution"),
        ("dE/dw5 = dE/dout_o1 * out_h1 = 0.43", ("mistake",), "formula"),
        ("dE/dw5 = dE/dout_o1 * dout_o1/dnet_o1 * out_h1 = 0.1822", ("mistake",), ""),
    ],
)
def test_substitution_is_told_from_arithmetic(line: str, verdicts: tuple[str, ...], note: str) -> None:
    mark = marks_of(RIGHT + line)["dE/dw[2,1,1]"]

    assert mark.verdict in verdicts
    assert note == next((n for n in mark.notes if n in ("arithmetic", "substitution", "formula")), "")
    if note:
        assert mark.because
    if note == "arithmetic":
        assert ["arithmetic"] == [because.rule for because in mark.because]


def test_an_equals_sign_that_means_and_then_is_not_held_against_a_student() -> None:
    mark = marks_of("net_h1 = 0.0075 + 0.02 = 0.0275 + 0.35 = 0.3775")["z[1,1]"]

    assert ("correct", (), ()) == (mark.verdict, mark.notes, mark.because)


def test_the_number_that_was_copied_wrongly_is_named() -> None:
    text = marks_of("net_h1 = 0.15*0.05 + 0.2*0.1 + 0.53 = 0.5575")["z[1,1]"].because[-1].text

    assert "You put in 0.53 where b1 = 0.35 belongs." == text


def test_a_number_that_was_copied_from_another_line_is_shown_on_both() -> None:
    text = "out_o1 = 0.7514\nout_h1 = 0.5933\ndE/dout_o1 = 0.7414\ndE/dw5 = 0.7541 * 0.1868 * 0.5933 = 0.0836\n"
    gradient = marks_of(text)["dE/dw[2,1,1]"]

    assert "0.7541 in your line 4 is 0.7414 on line 3." == gradient.because[0].text


def test_a_misconception_that_is_named_quotes_the_line() -> None:
    text = marks_of("net_h1 = 0.15*0.05 + 0.2*0.1 = 0.0275")["z[1,1]"].because[0].text

    assert text.endswith("You wrote (line 1): net_h1 = 0.15*0.05 + 0.2*0.1 = 0.0275.")


def test_a_misconception_says_more_than_that_a_number_is_wrong() -> None:
    mark = marks_of("net_h1 = 0.15*0.05 + 0.2*0.1 = 0.0275")["z[1,1]"]

    assert (("substitution",), "forgot-bias") == (mark.notes, mark.because[0].rule)


def test_a_number_that_follows_from_an_own_mistake_is_the_right_one_to_put_in() -> None:
    marks = marks_of("net_h1 = 0.4775\nout_h1 = 1/(1+e^(-0.4775)) = 0.6172\n")

    assert ("mistake", "follows", ()) == (marks["z[1,1]"].verdict, marks["a[1,1]"].verdict, marks["a[1,1]"].because)


def worked_by_hand() -> list[Path]:
    """The shipped specs that a person would work through: in numbers, one iteration, few parameters and samples."""
    found = [(path, load(path)) for path in sorted(SPECS.glob("*.yaml"))]
    return [
        path
        for path, spec in found
        if spec.iterations == 1
        and not spec.method.exact
        and getattr(spec, "parameters", 0) <= 60
        and len(getattr(spec, "inputs", ())) <= 10
    ]


@pytest.mark.parametrize("suffix", [".md", ".tex"])
@pytest.mark.parametrize(
    "style", [{}, {"decimals": 3}, {"decimals": 5}, {"significant": 4}, {"decimals": 4, "carry": "rounded"}]
)
@pytest.mark.parametrize("path", worked_by_hand(), ids=lambda path: path.stem)
def test_no_line_of_the_calculation_itself_is_accused(path: Path, style: dict[str, object], suffix: str) -> None:
    spec = load(path).override(**style)
    out = io.StringIO()
    write(page(spec), out, {".md": "markdown", ".tex": "latex"}[suffix])
    examination = Examination(page(spec))
    paper = examination.marked(reads(out.getvalue(), examination.names, suffix))

    assert {"mistake": 0, "missing": 0, "unreadable": 0, "follows": 0}.items() <= paper.summary.items()
    assert [] == [(mark.var.id, mark.because) for mark in paper.marks if mark.because]
    assert [] == [problem for problem in paper.problems if problem.code != "unread"]


@pytest.mark.parametrize("style", [{}, {"decimals": 4}, {"decimals": 3, "carry": "rounded"}, {"significant": 3}])
@pytest.mark.parametrize("seed", [0, 11, 12, 16, 19])
def test_no_line_of_a_random_network_is_accused(seed: int, style: dict[str, object]) -> None:
    spec = loads(yaml.safe_dump({**network(seed), **style, "iterations": 1}))
    out = io.StringIO()
    write(page(spec), out, "markdown")
    examination = Examination(page(spec))
    paper = examination.marked(reads(out.getvalue(), examination.names, ".md"))

    assert [] == [(mark.var.id, mark.verdict) for mark in paper.marks if mark.because or mark.verdict == "missing"]
    assert [] == [problem for problem in paper.problems if problem.code != "unread"]


@pytest.mark.parametrize("optimiser", ["momentum", "nesterov", "rmsprop", "adam"])
def test_no_line_of_an_optimiser_is_accused(optimiser: str) -> None:
    spec = loads(yaml.safe_dump({**network(5), "optimiser": optimiser, "learning_rate": 0.1, "iterations": 1}))
    out = io.StringIO()
    write(page(spec), out, "latex")
    examination = Examination(page(spec))
    paper = examination.marked(reads(out.getvalue(), examination.names, ".tex"))

    assert [] == [(mark.var.id, mark.verdict) for mark in paper.marks if mark.because or mark.verdict == "missing"]


EXTREME = ["0", "1e299", "-1e299", "1e-300", "-1", "1", "99999999999999999999", "1/3", "nan", "=1"]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(EXAMINATION.names.spelled), st.sampled_from(EXTREME)), max_size=60))
def test_no_numbers_however_wild_stop_the_marking(pairs: list[tuple[str, str]]) -> None:
    text = "net_h1 = 1\n" + "".join(f"{name} = 2*{value} = {value}\n" for name, value in pairs)
    paper = EXAMINATION.marked(reads(text, EXAMINATION.names, ".txt"))

    assert paper.score.possible == sum(mark.points for mark in paper.marks)


NUMBER = st.decimals(min_value="-3", max_value="3", places=3)


@settings(max_examples=80)
@given(st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=5))
def test_a_sum_of_products_comes_to_what_python_says(pairs: list[tuple[object, object]]) -> None:
    text = " + ".join(f"({a})*({b})" for a, b in pairs)

    assert sum(float(str(a)) * float(str(b)) for a, b in pairs) == pytest.approx(values_of(text)[0], abs=1e-12)


@settings(max_examples=150)
@given(st.text(alphabet="0123456789.,+-*/^()[]{}eE \\fraclnσ½²w5o_h1∂", max_size=60))
def test_any_text_is_an_expression_or_none(text: str) -> None:
    for value in values_of(text):
        assert isinstance(value, float)
