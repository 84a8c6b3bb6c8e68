"""Explanations: the rule that was broken is named, in words for a student, and nothing is said without a reason."""

from __future__ import annotations

import random
import re

import pytest
from benchmarks.marking import UNNAMED, injected, injected_into_formulas
from oracle import SPECS
from papers import fixed, sheet, spec
from student import EVERYWHERE, Student, random_net

from backpropcalc.api import loads
from backpropcalc.marking.examination import Examination
from backpropcalc.marking.judge.marking import mark
from backpropcalc.marking.judge.marks import Mark
from backpropcalc.marking.why.edits import kind
from backpropcalc.marking.why.explain import Explainer, explained
from backpropcalc.marking.why.misconceptions import PEN, RULES
from backpropcalc.marking.why.pen import SWAP
from backpropcalc.pages.page import page
from backpropcalc.spec.model import Spec

TABLE = set(
    re.findall(
        r"\S+",
        """forgot-bias transposed-weights no-activation raw-input exponent-sign wrong-activation bias-after-activation
softmax-without-exp log-base-10 half-factor mean-or-sum not-squared sign-of-loss one-bce-term sign-of-error no-slope
slope-at-output slope-of-net half-slope wrong-slope bce-slope-twice bce-delta-as-loss-slope bce-inner-sign
softmax-diagonal-only loss-for-slope one-path paths-averaged paths-without-weights paths-with-errors
untransposed-backward updated-weights output-slope-reused wrong-source source-missing weight-for-source bias-gradient
last-sample-only first-sample-only ascent no-rate step-for-weight wrong-old-weight rate-twice decimal-shift digit-swap
sign-lost left-to-right
bias-subtracted other-layer net-for-activation targets-exchanged losses-subtracted other-sample log-of-rest
slope-not-squared activation-for-slope bias-in-gradient sample-forgotten other-rate not-updated degrees factor-missing
power-factor power-kept path-left-out edge-sign stale-place""",
    )
)
MAZUR, BCE, SOFTMAX = spec("mazur"), spec("mlp-bce"), spec("relu-sigmoid-softmax")


def told(network: Spec, changes: dict[str, str], decimals: int = 6, shown: tuple[str, ...] = ()) -> dict[str, Mark]:
    """The explained marks of a right paper with some values changed; all steps are shown, or those ``shown``."""
    explainer = Explainer(network.run())
    truth = {var.id: value for var, value in explainer.key.truth.items() if var not in explainer.key.given}
    answers = {name: fixed(value, decimals) for name, value in truth.items() if not shown or name in shown}
    found = mark(explainer.key, sheet(network, {**answers, **changes}))
    return {m.var.id: m for m in explainer.explained(found)}


def rules(m: Mark) -> list[str]:
    return [b.rule for b in m.because]


def test_the_whole_table_is_there() -> None:
    """Every rule of the definition, each once."""
    names = [rule.name for rule in (*RULES, *PEN, SWAP)]

    assert sorted(TABLE) == sorted(names)


OF_FORMULAS = {"degrees", "factor-missing", "power-factor", "power-kept", "path-left-out", "edge-sign", "stale-place"}
"""Those that are met in graphs and descents."""


@pytest.mark.parametrize("name", sorted(TABLE - OF_FORMULAS))
def test_a_slip_made_independently_is_named(name: str) -> None:
    """A student in plain Python makes it in some network, at 4 decimals: of eight at most one is not named."""
    rng = random.Random(name)
    named = tried = 0
    for turn in range(400):
        if tried == 8:
            break
        net = random_net(rng)
        try:
            where = [at for slip, at in Student(net).work().could if slip == name]
            if not where:
                continue
            student = Student(net, slip=name, where=rng.choice([*where, EVERYWHERE]), seed=turn).work()
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        paper = {key: fixed(value, 4) for key, value in student.values.items()}
        sites = [key for key in student.right if abs(float(paper[key]) - student.right[key]) > 1e-3]
        if not sites or abs(float(paper[sites[0]])) > 1e3:
            continue
        network = loads(net.yaml())
        explainer = Explainer(network.run())
        found = {m.var.id: m for m in explainer.explained(mark(explainer.key, sheet(network, paper)))}[sites[0]]
        tried += 1
        named += name in rules(found) or (
            name == "sign-lost" and bool({"sign-of-error", "sign-of-loss"} & {*rules(found)})
        )

    assert tried >= 3
    assert tried - named <= 1


def test_slips_in_graphs_and_descents_are_named_and_honest_work_is_not_accused() -> None:
    """The same for expression graphs and descents on a function, each slip six times."""
    tallies, papers, accused = injected_into_formulas(6)

    assert set() == OF_FORMULAS - {slip for slip, tally in tallies.items() if tally.made}
    assert [] == accused and papers > 50
    for slip, tally in tallies.items():
        assert tally.likeliest >= 0.9 * tally.made - 1, slip


def test_the_figures_of_all_slips_together() -> None:
    """Each four times: named in 95 %, among the two likeliest in 90 %, a false name in at most 2 %."""
    tallies = injected(4, seed=21)
    whole = [t for slip, t in tallies.items() if slip != UNNAMED]
    made = sum(t.made for t in whole)

    assert made > 150
    assert sum(t.named for t in whole) >= 0.95 * made
    assert sum(t.likeliest for t in whole) >= 0.9 * made
    assert sum(t.false for t in tallies.values()) <= 0.02 * (made + tallies[UNNAMED].made)


MAZUR_SLIPS = [
    ("z[1,1]", "0.0275", ["forgot-bias"]),
    ("z[1,1]", "0.3825", ["transposed-weights"]),
    ("z[2,1]", "0.665", ["raw-input"]),
    ("a[1,1]", "0.40673", ["exponent-sign"]),
    ("a[1,1]", "0.856875", ["bias-after-activation"]),
    ("a[1,1]", "0.360534", ["wrong-activation"]),
    ("E[1]", "0.549622", ["half-factor"]),
    ("E", "0.1491855", ["mean-or-sum"]),
    ("E[1]", "0.3706825", ["not-squared"]),
    ("E[1]", "-0.274811", ["sign-of-loss"]),
    ("dE/da[2,1]", "-0.741365", ["sign-of-error"]),
    ("dE/dz[2,1]", "0.741365", ["no-slope"]),
    ("da[2,1]/dz[2,1]", "0.217788", ["slope-at-output"]),
    ("da[2,1]/dz[2,1]", "-0.117122", ["slope-of-net"]),
    ("da[2,1]/dz[2,1]", "0.248635", ["half-slope"]),
    ("da[2,1]/dz[2,1]", "0.43545", ["wrong-slope"]),
    ("dE/da[2,1]", "0.274811", ["loss-for-slope"]),
    ("dE/da[1,1]", "0.055399", ["one-path"]),
    ("dE/da[1,1]", "0.018175", ["paths-averaged"]),
    ("dE/da[1,1]", "0.100401", ["paths-without-weights"]),
    ("dE[1]/da[1,1]", "0.296546", ["paths-with-errors"]),
    ("dE[2]/da[1,1]", "-0.017144", ["untransposed-backward"]),
    ("dE[1]/da[1,1]", "0.049709", ["updated-weights"]),
    ("dE/dz[1,1]", "0.006791", ["output-slope-reused"]),
    ("dE/dw[2,1,1]", "0.082668", ["wrong-source"]),
    ("dE/dw[2,1,1]", "0.138499", ["source-missing"]),
    ("dE/dw[2,1,1]", "0.0554", ["weight-for-source"]),
    ("w[2,1,1]+", "0.441084", ["ascent"]),
    ("w[2,1,1]+", "0.317833", ["no-rate"]),
    ("w[2,1,1]+", "-0.041084", ["step-for-weight"]),
    ("w[2,1,1]+", "0.408916", ["wrong-old-weight"]),
    ("w[2,1,1]+", "0.379458", ["rate-twice"]),
    ("z[1,1]", "3.775", ["decimal-shift"]),
    ("z[1,1]", "0.3757", ["digit-swap"]),
    ("a[1,1]", "-0.59327", ["sign-lost"]),
    ("z[1,1]", "0.37075", ["left-to-right"]),
    ("z[1,1]", "0.4444", []),
]


@pytest.mark.parametrize(("at", "text", "expected"), MAZUR_SLIPS)
def test_mazurs_network(at: str, text: str, expected: list[str]) -> None:
    """Each misconception by the number that it gives in the best-known example; without a match nothing is said."""
    found = told(MAZUR, {at: text})[at]

    assert ("mistake", expected) == (found.verdict, rules(found))


@pytest.mark.parametrize(("at", "text", "expected"), [slip for slip in MAZUR_SLIPS if slip[2]])
def test_an_explanation_ends_with_the_right_line(at: str, text: str, expected: list[str]) -> None:
    """It is a sentence in the notation's names, then the line worked in full, to the value that was right."""
    found = told(MAZUR, {at: text})[at]
    sentence, right = found.because[0].text, found.because[0].right

    assert re.match(r"[A-Zoδ∂n]", sentence) and sentence.endswith((".", "!"))
    assert "=" in right
    assert not re.search(r"[{}\[\]]|None|w\[", sentence + right)
    assert abs(float(right.split()[-1].replace("−", "-")) - found.own) < 1e-6


def test_the_mlp_notes_are_told_what_they_mixed_up() -> None:
    """−0.262 is O − y; the sentence says so, with the right line in the notes' own names."""
    found = told(BCE, {"dE/da[2,1]": "-0.2615"}, 4)["dE/da[2,1]"]

    assert ["bce-delta-as-loss-slope"] == rules(found)
    assert found.because[0].text.startswith(
        "Your value is O − y, which is already dL/dZ₀: the product of dL/dO and the"
    )
    assert "dL/dO = −(y / O − (1 − y) / (1 − O)) = −(1 / 0.7385 − (1 − 1) / (1 − 0.7385)) ≈ −1.3541" == (
        found.because[0].right
    )


def test_the_students_own_numbers_are_used() -> None:
    """After a wrong net_h1 the slip at out_h1 is recognised by what follows from it, not from the true one."""
    found = told(MAZUR, {"z[1,1]": "0.4444", "a[1,1]": "0.4444"})["a[1,1]"]

    assert "no-activation" in rules(found)
    assert "net_h1 (0.4444)" in found.because[0].text


def test_a_slip_in_a_value_that_is_not_shown_is_found() -> None:
    """The bias is missing in net_h1; only out_h1 is on the paper."""
    found = told(MAZUR, {"a[1,1]": "0.506875"}, shown=("a[1,1]",))["a[1,1]"]

    assert ["forgot-bias"] == rules(found)
    assert "net_h1, which is not shown" in found.because[0].text


def test_a_rule_that_explains_everything_goes_before_one_that_explains_this() -> None:
    """With z > 0, no activation and ReLU give the same; where one of them holds for every neuron, it alone is named."""
    text = (
        "inputs: [1.0]\ntargets: [0.5]\nweights: [[[0.5], [-0.25]], [[0.4, 0.3]]]\n"
        "activation: sigmoid\nloss: half_squared_error\nlearning_rate: 0.5\n"
    )
    network = loads(text)
    one = told(network, {"a[1,1]": "0.5000"})["a[1,1]"]
    forward = ("z[1,1]", "z[1,2]")
    with_relu = {"a[1,1]": "0.5000", "a[1,2]": "0.0000", "z[2,1]": "0.2000", "a[2,1]": "0.2000"}
    without = {"a[1,1]": "0.5000", "a[1,2]": "-0.2500", "z[2,1]": "0.1250", "a[2,1]": "0.1250"}
    relu, none = (told(network, answers, shown=forward) for answers in (with_relu, without))

    assert ["no-activation", "wrong-activation"] == rules(one)
    assert ["wrong-activation"] == rules(relu["a[1,1]"])
    assert ["no-activation"] == rules(none["a[1,1]"])


def test_one_misunderstanding_is_told_once() -> None:
    """Four weights updated uphill: one paragraph at the first, with the lines that it explains."""
    found = told(MAZUR, {f"w[2,{j},{i}]+": text for (j, i), text in UPHILL.items()})
    marks = [found[f"w[2,{j},{i}]+"] for j, i in UPHILL]

    assert [["ascent"]] * 4 == [rules(m) for m in marks]
    assert marks[0].because[0].text.endswith("This explains 4 lines: w5⁺, w6⁺, w7⁺ and w8⁺.")
    assert {"The same slip as in w5⁺."} == {m.because[0].text for m in marks[1:]}
    assert {tuple(m.var for m in marks)} == {m.because[0].lines for m in marks}


UPHILL = {(1, 1): "0.441084", (1, 2): "0.491334", (2, 1): "0.488699", (2, 2): "0.538630"}


@pytest.mark.parametrize(("deduct", "lost"), [("every", 4), ("once", 1)])
def test_a_misunderstanding_may_cost_once_or_every_time(deduct: str, lost: int) -> None:
    """Four lines of one slip: four points, or one."""
    network = loads((SPECS / "mazur.yaml").read_text(encoding="utf-8") + f"deduct: {deduct}\n")
    examination = Examination(page(network))
    truth = examination.key.truth
    answers = {var.id: fixed(truth[var], 6) for var in examination.asked}
    paper = examination.marked(
        sheet(network, {**answers, **{f"w[2,{j},{i}]+": text for (j, i), text in UPHILL.items()}})
    )

    assert lost == paper.score.possible - paper.score.earned


def test_of_several_slips_that_give_a_number_the_two_likeliest_are_named() -> None:
    """tanh 0 is 0, and so are many others: two are named, that they cannot be told apart is said, the rest is data."""
    network = loads(
        "inputs: [1.0]\ntargets: [0.5]\nweights: [[[0.5], [-0.25]], [[0.4, 0.3]]]\n"
        "activation: sigmoid\nloss: half_squared_error\nlearning_rate: 0.5\n"
    )
    found = told(network, {"a[1,1]": "0.5000"})["a[1,1]"]

    assert 2 == len(found.because)
    assert found.because[1].text.startswith("Or: ") and "cannot be told apart" in found.because[1].text


def test_where_nothing_fits_it_is_said_what_the_step_uses() -> None:
    """With the student's own numbers."""
    found = told(MAZUR, {"z[1,1]": "0.4444", "a[1,1]": "0.7777"})

    assert "uses net_h1 = 0.4444" in found["a[1,1]"].advice
    assert "w1 = 0.15, i1 = 0.05, w2 = 0.2, i2 = 0.1, b1 = 0.35" in found["z[1,1]"].advice


def test_what_a_misconception_gives_exactly_is_no_rounding() -> None:
    """0.21 = z (1 − z) lies one off in the last place of σ′(0.7) = 0.2217: a mistake with its name."""
    graph = loads("expression: a = sigmoid(z)\nvalues: {z: 0.7}\n")
    network = loads(
        "inputs: [1]\ntargets: [0.5]\nweights: [[[0.7]]]\nactivation: sigmoid\nloss: half_squared_error\n"
        "learning_rate: 0.5\n"
    )

    for spec_, name in ((graph, "da/dz"), (network, "da[1,1]/dz[1,1]")):
        found = told(spec_, {name: "0.21"}, shown=("",))[name]
        assert ("mistake", ["slope-of-net"], 0.0) == (found.verdict, rules(found), found.credit)
    assert "mistake" != told(network, {"da[1,1]/dz[1,1]": "0.22"}, shown=("",))["da[1,1]/dz[1,1]"].verdict


def test_nothing_is_said_of_outputs_that_is_about_samples() -> None:
    """Three samples, one output: who leaves out the 1/3 has left out the number of samples."""
    batch = loads(
        "inputs: [[0.05, 0.1], [0.3, -0.2], [0.7, 0.4]]\ntargets: [[0.01], [0.5], [0.2]]\nweights: [[[0.15, 0.2]]]\n"
        "biases: [0.35]\nactivation: sigmoid\nloss: {name: half_squared_error, samples: mean}\nlearning_rate: 0.5\n"
    )
    loss = next(value for var, value in Explainer(batch.run()).key.truth.items() if var.id == "E")
    texts = [told(batch, {"E": fixed(value, 6)})["E"].because[0].text for value in (3 * loss, loss / 3)]

    assert "left out the 1/3 (the number of samples)" in texts[0]
    assert "divided by 3 twice (the number of samples)" in texts[1]


@pytest.mark.parametrize("rule", ["sign-of-error", "sign-of-loss", "sign-lost"])
def test_no_explanation_has_a_minus_before_a_minus(rule: str) -> None:
    """−(−(0.01 − 0.7514)) is not what anyone wrote."""
    at, text = next((at, text) for at, text, rules_ in MAZUR_SLIPS if rules_ == [rule])

    assert "−(−" not in told(MAZUR, {at: text})[at].because[0].text


def test_two_kinds_of_slip_in_one_paper_are_told_apart() -> None:
    """A bias is forgotten, and further down a slope: each is named where it was made."""
    student = {"z[1,1]": "0.027500", "dE/dz[2,2]": "-0.217072"}
    found = told(MAZUR, student)

    assert [["forgot-bias"], ["no-slope"]] == [rules(found[name]) for name in student]


def test_two_slips_at_once_are_tried_last() -> None:
    """The loss with log 10 and two digits exchanged, as a slide has it: both are named together."""
    outputs = {"a[3,1]": "0.2698", "a[3,2]": "0.3223", "a[3,3]": "0.4078"}
    found = told(SOFTMAX, {**outputs, "E[1]": "0.569858"})["E[1]"]

    assert ["log-base-10 + digit-swap"] == rules(found)
    assert found.because[0].text.startswith("Two slips at once.")


def test_an_explanation_is_different_from_the_right_value() -> None:
    """With equal inputs a transposed matrix of equal entries changes nothing: it explains nothing."""
    text = (
        "inputs: [1.0, 1.0]\ntargets: [0.5]\nweights: [[[0.5, 0.5], [0.5, 0.5]], [[0.4, 0.3]]]\n"
        "activation: sigmoid\nloss: half_squared_error\nlearning_rate: 0.5\n"
    )

    assert [] == rules(told(loads(text), {"z[1,1]": "1.3"})["z[1,1]"])


def test_what_is_right_needs_no_explanation() -> None:
    """Only mistakes are explained; what follows from one is not."""
    found = told(MAZUR, {"z[1,1]": "0.0275", "a[1,1]": "0.506875"})

    assert [] == [m.var.id for m in found.values() if m.because and m.verdict != "mistake"]
    assert "follows" == found["a[1,1]"].verdict


def test_the_forward_pass_after_the_update_is_explained_too() -> None:
    """In its own names: the new weights, the new activations."""
    found = told(MAZUR, {"a+[1,1]": "0.406743"})["a+[1,1]"]

    assert ["exponent-sign"] == rules(found)
    assert "out_h1⁺ = 1 / (1 + e^(−net_h1⁺))" in found.because[0].right


def test_every_sample_counts() -> None:
    """Two samples: only the last, only the first, and a mean for a sum."""
    batch = loads(
        "inputs: [[0.05, 0.1], [0.3, -0.2]]\ntargets: [[0.01], [0.5]]\nweights: [[[0.15, 0.2]]]\nbiases: [0.35]\n"
        "activation: sigmoid\nloss: {name: half_squared_error, samples: sum}\nlearning_rate: 0.5\n"
    )
    key = Explainer(batch.run()).key.truth
    delta = [value for var, value in key.items() if var.id.startswith("dE/dz")]
    for text, rule in (
        (fixed(delta[1] * 0.3, 6), "last-sample-only"),
        (fixed(delta[0] * 0.05, 6), "first-sample-only"),
        (fixed((delta[0] * 0.05 + delta[1] * 0.3) / 2, 6), "mean-or-sum"),
    ):
        assert [rule] == rules(told(batch, {"dE/dw[1,1,1]": text})["dE/dw[1,1,1]"])


def test_no_rule_stumbles_over_what_another_has_made() -> None:
    """Any rule may meet the formula that any other has left, in any network."""
    rng = random.Random(3)
    met = 0
    for _ in range(12):
        explainer = Explainer(loads(random_net(rng).yaml()).run())
        for _, step in explainer.key.steps:
            if step.var.role == "after":
                continue
            for first in RULES:
                for edit in explainer.book.edits(first, step):
                    wrong = type(step)(step.var, edit.term)
                    for second in (*RULES, *PEN):
                        if not second.steps or kind(step.var) in second.steps:
                            met += len(list(second.edits(explainer.book.net, wrong)))
    assert met > 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-4.8", "ascent"),
        ("4.0", "no-rate"),
        ("0.8", "step-for-weight"),
        ("-3.92", "rate-twice"),
        ("-32", "decimal-shift"),
    ],
)
def test_a_descent_on_a_function_is_explained_too(text: str, expected: str) -> None:
    """The update of θ² from −4 with the rate 0.1, by the slips of any update."""
    descent = loads("minimise: theta**2\nstart: {theta: -4}\nlearning_rate: 0.1\niterations: 2\n")
    found = told(descent, {"theta[1]": text}, shown=("f[0]", "slope[0]"))["theta[1]"]

    assert [expected] == rules(found)


def test_garbage_is_not_explained_away() -> None:
    """54 random numbers: hardly one of them is explained by chance."""
    rng = random.Random(8)
    answers = {step.var.id: fixed(rng.uniform(-1, 1), 4) for _, step in Explainer(MAZUR.run()).key.steps}
    found = explained(MAZUR.run(), mark(MAZUR.run(), sheet(MAZUR, answers)))

    assert sum(bool(m.because) for m in found) <= 3
