"""Forms: the same everywhere, each fit to ask, and no misconception gives the number that is right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from commands import call
from exams import MAZUR, NO_SLIPS, SOFTMAX, forms, slips
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import ROOT, SPECS
from student import Net, Student

from backpropcalc.errors import InputError
from backpropcalc.exam.forms import AGAIN, DEAD, SHORT, Drawing, letter, letters
from backpropcalc.exam.numbers import Draws, Numbers
from backpropcalc.execution.run import trace_of
from backpropcalc.marking.course.forms import digest
from backpropcalc.spec.load import load, loads
from backpropcalc.spec.model import Spec


@pytest.mark.parametrize("text", [MAZUR, SOFTMAX], ids=["mazur", "softmax"])
def test_no_misconception_gives_the_right_number(text: str) -> None:
    """Worked by an independent student: as shown, a slip's number is another one than the right one, in every form."""
    shown = forms(text)[0].questions.digits.shown
    tried = 0
    for form in forms(text)[:4]:
        for rule, where, value, right in slips(form):
            tried += 1
            if text == SOFTMAX and rule in NO_SLIPS:
                continue
            assert shown(value, False) != shown(right, False), (form.stamp, rule, where)

    assert tried > 200


def test_thirty_forms_are_all_different_and_alike_in_kind() -> None:
    """No two have the same numbers; each has the signs and the decimals of the spec, and its own digest."""
    made = forms(MAZUR)
    inputs = [yaml.safe_load(form.text)["inputs"] for form in made]

    assert 30 == len({form.text.partition("\n")[2] for form in made}) == len({form.stamp.digest for form in made})
    assert all(0 < x <= 0.1 and round(x, 2) == x for row in inputs for x in row)
    assert all("biases: [0." in form.text and form.stamp.digest == digest(form.file) for form in made)


def test_a_form_depends_on_its_seed_and_letter_alone() -> None:
    """Form C is the same whichever others are made; another seed gives another."""
    alone = Drawing(loads(MAZUR), (), {}, 7).form("C")

    assert forms(MAZUR)[2].text == alone.text
    assert alone.text != Drawing(loads(MAZUR), (), {}, 8).form("C").text


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    """Whatever the order in which Python keeps its sets."""
    code = (
        "from backpropcalc.exam.forms import *; from backpropcalc.spec.load import loads\n"
        "import sys, json; d = Drawing(loads(sys.stdin.read()), (), {}, 7)\n"
        "print(json.dumps([[f.file, f.remarks] for f in d.forms(['A', 'B', 'C'])]))"
    )
    outs = [
        subprocess.run(
            [sys.executable, "-c", code], input=SOFTMAX, capture_output=True, text=True, check=True, cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip

    assert outs[0] == outs[1]
    assert [f.file for f in forms(SOFTMAX)[:3]] == [file for file, _ in json.loads(outs[0])]


def test_the_numbers_of_seed_7_stay_what_they_are() -> None:
    """The draws are documented: a change of them would change every exam that was ever written down by its seed."""
    assert "inputs: [0.10, 0.06]\n" in forms(MAZUR)[0].text


def test_slips_that_no_numbers_tell_apart_are_named() -> None:
    """The key says how many are told apart, and which are not."""
    first, *rest = forms(SOFTMAX)[0].remarks

    assert first.startswith("This form tells ")
    assert any("softmax-diagonal-only" in remark and "no-slope" in remark for remark in rest)


def test_what_varies_is_what_the_spec_says() -> None:
    """Only the keys under vary, on their grids, with as many decimals as written."""
    text = MAZUR + "vary: {inputs: 0.05}\n"
    form = Drawing(loads(text), (), {}, 1).form("A")
    keys, old = yaml.safe_load(form.text), yaml.safe_load(MAZUR)

    assert keys["weights"] == old["weights"]
    assert keys["inputs"] != old["inputs"]
    assert all(round(20 * x) == pytest.approx(20 * x) for x in keys["inputs"])
    assert "vary" not in keys


def test_balanced_signs() -> None:
    """Half of the weights are negative in each form, in other places."""
    text = MAZUR + "vary: {weights: {step: 0.05, from: -0.9, to: 0.9, signs: balanced}}\n"
    made = Drawing(loads(text), (), {}, 1).forms(letters("6"))
    signs = [[w < 0 for m in yaml.safe_load(f.text)["weights"] for row in m for w in row] for f in made]

    assert [4] * 6 == list(map(sum, signs))
    assert len({tuple(s) for s in signs}) > 1


def test_classes_stay_classes() -> None:
    """Targets of 0 and 1 change places, and there is a single 1."""
    made = Drawing(loads(SOFTMAX + "vary: {targets: 1, inputs: 0.1}\n"), (), {}, 3).forms(letters("8"))
    targets = {tuple(yaml.safe_load(form.text)["targets"]) for form in made}

    assert {(0, 1), (1, 0)} == targets


def test_dead_units_stay_dead_and_others_alive() -> None:
    """A form has as many dead units in each layer as the spec."""
    text = """
inputs: [0.5, 0.3]
targets: [1]
weights: [[[0.2, 0.4], [-0.6, -0.3], [0.5, 0.1]], [[0.3, -0.2, 0.4]]]
activation: [relu, sigmoid]
loss: half_squared_error
learning_rate: 0.5
vary: {weights: {step: 0.1, from: -0.9, to: 0.9}, inputs: 0.1}
"""
    drawing = Drawing(loads(text), (), {}, 5)
    made = list(drawing.forms(letters("8")))

    assert sum(form.rejected[DEAD] for form in made) > 0
    for form in made:
        values = Student(Net([yaml.safe_load(form.text)["inputs"]], [[1.0]], yaml.safe_load(form.text)["weights"],
                             [None, None], ["relu", "sigmoid"], "half_squared_error", "sum", "mean", 0.5,
                             "simultaneous", "factors")).work().values  # fmt: skip
        assert 1 == sum(values[f"a[1,{n}]"] == 0 for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (MAZUR + "precision: {decimals: 2}\n", SHORT),
        (MAZUR + "vary: {targets: {step: 0.5, from: 0.1, to: 0.6}}\n", AGAIN),
    ],
)
def test_no_numbers_are_a_reason_said(text: str, reason: str) -> None:
    """Where no draw is fit it is said why, and how often."""
    with pytest.raises(InputError, match=reason):
        list(Drawing(loads(text), (), {}, 7).forms(letters("A-C")))


@pytest.mark.parametrize("name", ["iris", "circle", "graph-f"])
def test_specs_whose_numbers_cannot_vary(name: str) -> None:
    """They are told why."""
    with pytest.raises(InputError):
        Drawing(load(SPECS / f"{name}.yaml"), (), {}, 0)


@pytest.mark.parametrize("name", ["graph-j", "parabola", "chain-rule", "one-neuron", "xor"])
def test_graphs_descents_and_batches_have_forms_too(name: str) -> None:
    """Each form is a complete spec that asks the same."""
    drawing = Drawing(load(SPECS / f"{name}.yaml"), (), {}, 7)
    made = list(drawing.forms(["A", "B"]))

    assert made[0].text != made[1].text
    assert all(drawing.questions.ids == form.questions.ids == list(loads(form.text).exam.ask) for form in made)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6), st.sampled_from(["Wx", "xW"]), st.booleans())
def test_each_number_is_put_where_it_came_from(seed: int, orientation: str, shared: bool) -> None:
    """What the drawing works with is what the spec of the form says, whatever the layout."""
    weights = [[[0.2, 0.4], [0.1, -0.3]], [[0.3, -0.2], [0.5, 0.7]]]
    text = (
        f"inputs: [[0.5, 0.2], [0.1, 0.9]]\ntargets: [[0.1, 0.9], [1, 0]]\nweights: {weights}\n"
        f"biases: [{0.25 if shared else [0.1, 0.2]}, null]\nactivation: tanh\nloss: squared_error\n"
        f"orientation: {orientation}\nlearning_rate: 0.1\n"
    )
    drawing = Drawing(loads(text), (), {}, seed)
    texts = drawing.numbers.drawn(Draws(str(seed)))
    made: Spec = loads(drawing.numbers.text(texts, "t", drawing.questions.ids))
    env = drawing.worked(texts)
    values = next(trace_of(made).iterations())

    assert all(float(values.of(var)) == pytest.approx(env[var], rel=1e-9, abs=1e-12) for var in drawing.questions.asked)


@pytest.mark.parametrize(("name", "sums"), [("mazur", "z[1,"), ("exam-2-3-1", "z[1,"), ("two-layer-phi", "z[")])
def test_nice_numbers_have_short_sums(name: str, sums: str) -> None:
    """What e^x is taken of has one decimal at most where it is exact, whatever the layers before it."""
    for form in Drawing(load(SPECS / f"{name}.yaml"), (), {}, 7, nice=True).forms(letters("3")):
        truth = form.questions.key.truth
        found = [value for var, value in truth.items() if var.id.startswith(sums)]
        decimals = 3 if name == "two-layer-phi" else 1

        assert len(found) > 1
        assert all(abs(round(value, decimals) - value) < 1e-9 for value in found)
        assert (
            name != "two-layer-phi"
            or abs(round(truth[form.questions.asked[4]], 1) - truth[form.questions.asked[4]]) < 1e-9
        )


def test_letters() -> None:
    """Ranges, lists and numbers of forms."""
    assert ["A", "B", "C", "D"] == letters("A-D") == letters("4") == letters("a,b-D")
    assert ["Z", "AA"] == letters("30")[25:27]
    assert "ZZ" == letter(701)
    for wrong in ("0", "D-A", "A-", "-3", "", "A;B", "703", "1x"):
        with pytest.raises(InputError):
            letters(wrong)


def test_the_command_writes_forms(tmp_path: Path) -> None:
    """A sheet for each student, a key for each form, specs and the list; the same bytes twice."""
    (tmp_path / "class.csv").write_text("name,id\nAda L,1\nBen M,2\nCy N,3\n", encoding="utf-8")
    words = ["exam", str(SPECS / "mazur.yaml"), "--roster", "class.csv", "--forms", "2", "--seed", "7"]
    found = []
    for run in ("one", "two"):
        done = call(*words, "-o", f"{run}-{{form}}.md", "--key", f"{run}-key.md", "--specs", run, cwd=tmp_path)
        assert (0, "") == (done.code, done.out)
        assert done.err.startswith("2 forms, ")
        names = (f"{run}-A.md", f"{run}-key.md", f"{run}/B.yaml", f"{run}/forms.csv")
        found.append([(tmp_path / name).read_text(encoding="utf-8") for name in names])
    sheet, key, spec, table = found[0]

    assert found[0] == found[1]
    assert "Ada L" in sheet and "Cy N" in sheet and "Ben M" not in sheet
    assert 2 == key.count("This form tells")
    assert spec.startswith("# form B, seed 7, digest ")
    assert "B," in table and "Ben M" in table


def test_numbers_that_stay(tmp_path: Path) -> None:
    """A pattern of 0 and 1 as in exclusive or does not vary unless somebody says so; a bias that is 0 stays 0."""
    numbers = Numbers(load(SPECS / "xor.yaml"), {})

    assert {"w", "b"} == {place.var.role for place in numbers.places}
    for n in range(20):
        texts = dict(zip([place.var.id for place in numbers.places], numbers.drawn(Draws(str(n))), strict=True))
        assert 0 == float(texts["b[2,1]"])


def test_options_that_need_forms() -> None:
    """A seed without forms is at fault."""
    done = call("exam", str(SPECS / "mazur.yaml"), "--seed", "7")

    assert 2 == done.code
    assert "--seed goes with --forms" in done.err
