"""What a paper is worth: answers earn by what they rule out, points depend on the spec alone, one score everywhere."""

from __future__ import annotations

import csv
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from oracle import SPECS
from papers import fixed, sheet, significant, spec, trimmed
from student import random_net

from backpropcalc.api import loads
from backpropcalc.errors import InputError
from backpropcalc.marking.judge.key import Key
from backpropcalc.marking.judge.marking import mark, score
from backpropcalc.marking.judge.marks import Mark
from backpropcalc.marking.judge.worth import Score
from backpropcalc.spec.network import Spec

MAZUR = spec("mazur")
TEXT = (SPECS / "mazur.yaml").read_text(encoding="utf-8")


def percent(network: Spec, answers: dict[str, str]) -> float:
    key = Key.of(network.run())
    return score(key, mark(key, sheet(network, answers))).percent


def truth(network: Spec) -> dict[str, float]:
    key = Key.of(network.run())
    return {step.var.id: key.truth[step.var] for _, step in key.steps}


def one(network: Spec, name: str, text: str, **others: str) -> Mark:
    found = mark(network.run(), sheet(network, {**others, name: text}))
    return next(m for m in found if m.var.id == name)


NETWORKS = [MAZUR, spec("mlp-bce"), spec("relu-sigmoid-softmax"), spec("exam-2-3-1")]


@pytest.mark.parametrize("text", ["0", "1", "0.5", "0.000", "1.0000", "0.50"])
def test_one_number_throughout_earns_next_to_nothing(text: str) -> None:
    """A paper of nothing but 0, 1 or 0.5, however many zeros are written behind it: at most 10 %."""
    rng = random.Random(2)
    for network in (*NETWORKS, *(loads(random_net(rng).yaml()) for _ in range(15))):
        assert percent(network, dict.fromkeys(truth(network), text)) <= 10


def test_noughts_earn_nothing_where_most_of_them_happen_to_be_right() -> None:
    """Behind a dead ReLU nearly everything is 0; a paper of nothing but 0 shows no work there either."""
    dead = loads(
        "inputs: [1.0, 2.0]\ntargets: [0.5]\nweights: [[[-0.5, -0.4], [-0.3, -0.2]], [[-0.4, -0.3]], [[0.5]]]\n"
        "activation: relu\nloss: half_squared_error\nlearning_rate: 0.5\n"
    )
    right = {name: fixed(value, 4) for name, value in truth(dead).items()}

    assert 0 == percent(dead, dict.fromkeys(right, "0"))
    assert 100 == percent(dead, right)


def test_random_numbers_earn_next_to_nothing() -> None:
    """Numbers between −1 and 1 with 1, 2 and 4 decimals: at most 10 %."""
    rng = random.Random(3)
    for decimals in (1, 2, 4):
        scores = [
            percent(network, {name: fixed(rng.uniform(-1, 1), decimals) for name in truth(network)})
            for network in NETWORKS
        ]
        assert max(scores) <= 10


def test_the_truth_to_one_digit_earns_next_to_nothing() -> None:
    """One significant digit rules nothing out; what is exactly right with it (a slope of 1, a sum of 0.2) counts."""
    for network in NETWORKS:
        values = {name: value for name, value in truth(network).items() if float(significant(value, 1)) != value}
        right = len(truth(network)) - len(values)
        rough = percent(network, {name: significant(value, 1) for name, value in truth(network).items()})

        assert rough <= 10 + 100 * right / len(truth(network))
    assert percent(MAZUR, {name: significant(value, 1) for name, value in truth(MAZUR).items()}) <= 10
    assert percent(MAZUR, {name: fixed(value, 1) for name, value in truth(MAZUR).items()}) <= 10


@pytest.mark.parametrize("decimals", [3, 4, 6])
def test_an_honest_paper_loses_nothing_by_being_short(decimals: int) -> None:
    """Three decimals or more throughout, zeros at the end left out or not: everything counts."""
    for network in NETWORKS:
        for write in (fixed, lambda value, n: trimmed(fixed(value, n))):
            assert 100 == percent(network, {name: write(value, decimals) for name, value in truth(network).items()})


def test_the_precision_asked_for_is_never_too_coarse() -> None:
    """Two decimals asked: two decimals are full marks, 0.00 for 0.0004 too."""
    asked = loads(TEXT + "precision: {decimals: 2}\n")

    assert 100 == percent(asked, {name: fixed(value, 2) for name, value in truth(asked).items()})
    assert 100 > percent(MAZUR, {name: fixed(value, 2) for name, value in truth(MAZUR).items()})


def test_a_nought_or_one_that_is_really_right_counts() -> None:
    """The slope of ReLU is 1 and no rounded number; 0 where the loss of an output is 0."""
    network = spec("relu-sigmoid-softmax")
    values = truth(network)
    name = next(name for name in values if name.startswith("da[1") and values[name] == 1)

    assert 1 == one(network, name, "1").credit


def test_too_coarse_is_no_mistake_and_earns_nothing() -> None:
    """0.1 for 0.08217 is right as far as it goes."""
    found = one(MAZUR, "dE/dw[2,1,1]", "0.1")

    assert ("correct", ("too-coarse",), 0.0) == (found.verdict, found.notes, found.credit)
    assert 1 == one(MAZUR, "dE/dw[2,1,1]", "0.082").credit


def test_an_update_that_shows_no_change_shows_nothing() -> None:
    """0.15 for 0.14978 is what w1 was before."""
    assert ("too-coarse",) == one(MAZUR, "w[1,1,1]+", "0.15").notes
    assert () == one(MAZUR, "w[1,1,1]+", "0.1498").notes == one(MAZUR, "w[2,1,1]+", "0.36").notes


GRAPH = loads("expression: g = u*v\nnodes: {u: 2*a - 3.2, v: a + b}\nvalues: {a: 1, b: 10.2}\n")


@pytest.mark.parametrize(("name", "text"), [("u", "0"), ("v", "10"), ("u", "-2")])
def test_from_exact_numbers_the_digits_mean_what_they_say(name: str, text: str) -> None:
    """Nothing was rounded on the way to −1.2 or 11.2: 0 and 10 are no roundings of them, one off is a mistake."""
    assert "mistake" == one(GRAPH, name, text).verdict


@pytest.mark.parametrize(
    ("keys", "possible"),
    [
        ("", 43),
        ("points: {after: 1}", 54),
        ("points: {after: 0}", 43),
        ("points: {E+: 2}", 45),
        ("points: {total: 20}", 20),
        ("points: {total: 20, backward: 3, after: 1}", 20),
        ("points: {forward: 0, loss: 0, update: 0}", 24),
        ("only: [update]", 8),
        ('only: ["w5+", dE_total/dw5, loss]', 5),
        ("only: [E+]", 1),
        ('only: ["w5+", dE_total/dw5]\npoints: {total: 10, backward: 4}', 10),
        ("only: given", 2),
        ("only: given\npoints: {dE_o1/dout_h1: 9, net_h1: 3}", 4),
    ],
)
def test_the_spec_says_what_counts(keys: str, possible: float) -> None:
    """Points by phase and quantity, scaled to a total; only some questions; only what was handed in."""
    network = loads(f"{TEXT}{keys}\n")
    key = Key.of(network.run())
    found = score(key, mark(key, sheet(network, {"z[1,1]": "0.3775", "z[1,2]": "0.4"})))

    assert possible == pytest.approx(found.possible, abs=0.01)


@pytest.mark.parametrize("given", [(), ("E[1]",), ("E",), ("E[1]", "E")])
def test_what_can_be_earned_is_the_same_for_every_paper(given: tuple[str, ...]) -> None:
    """Of a single output E repeats E_1: whichever is stated, both or neither, they count once."""
    network = spec("mlp-bce")
    values = truth(network)
    key = Key.of(network.run())
    marks = mark(key, sheet(network, {name: fixed(values[name], 6) for name in given}))

    assert (min(1, len(given)), key.possible) == score(key, marks)
    assert key.possible == sum(m.points for m in marks)


def test_a_score_is_rounded_once() -> None:
    """To hundredths and to tenths of a percent, half up, and to 100 % only if all was earned."""
    assert ("12.35 of 20 (61.8 %)", "0 of 3 (0 %)") == (str(Score(12.35, 20)), str(Score(0, 3)))
    assert (99.9, 100.0, 100.0) == (Score(9999, 10000).percent, Score(3, 3).percent, Score(0, 0).percent)
    assert "2 of 3 (66.7 %)" == str(Score(2, 3))


def test_check_grade_csv_json_and_report_say_the_same(run: Any, tmp_path: Path) -> None:
    """One paper with half points in every output form: the same two numbers and the same percentage."""
    Path("net.yaml").write_text(TEXT + "points: {total: 20}\n", encoding="utf-8")
    Path("class").mkdir()
    Path("class/ada.yaml").write_text("net_h1: 0.3775\nout_h1: 0.59326\nE_total: 0.3\nw5+: 0.4\n", encoding="utf-8")
    page = run("check", "net.yaml", "class/ada.yaml")[1]
    whole = json.loads(run("check", "net.yaml", "class/ada.yaml", "--json")[1])
    run("grade", "net.yaml", "class", "-o", "grades.csv", "--reports", "reports")
    with open("grades.csv", encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)
    report = Path("reports/ada.md").read_text(encoding="utf-8")
    said = re.search(r"Score: ([\d.]+) of ([\d.]+) \(([\d.]+) %\)", page)

    assert said is not None and said[0].removeprefix("Score: ") in report.replace("\\", "")
    assert [float(part) for part in said.groups()] == [float(row[c]) for c in ("earned", "possible", "percent")]
    assert whole["score"] == {"earned": float(said[1]), "possible": 20.0}
    assert float(said[1]) == pytest.approx(sum(m["earned"] for m in whole["marks"]), abs=0.01)
    assert "truncated, 0.23 of 0.47" in page


def test_questions_are_named_as_in_the_file_however_it_is_shown(run: Any) -> None:
    """Another notation on the command line changes neither what counts nor how much."""
    Path("net.yaml").write_text(TEXT + 'points: {"dE_total/dw5": 3}\nonly: [dE_total/dw5, "w5+"]\n', encoding="utf-8")
    Path("a.yaml").write_text('"dE/dw[2,1,1]": 0.082167\n', encoding="utf-8")
    scores = [
        json.loads(run("check", "net.yaml", "a.yaml", "--json", *words)[1])["score"]
        for words in ((), ("--notation", "layered"))
    ]

    assert [{"earned": 3.0, "possible": 4.0}] * 2 == scores


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("points: {total: 0}", "nothing to earn"),
        ("only: [w99]", "w99"),
        ("only: [[w5]]", "no question"),
        ("deduct: twice", "every"),
    ],
)
def test_what_is_wrong_with_what_counts(line: str, message: str) -> None:
    """An error with its place."""
    with pytest.raises(InputError) as error:
        Key.of(loads(f"{TEXT}{line}\n").run())

    assert message in error.value.report()
    assert error.value.problems[0].where is not None
