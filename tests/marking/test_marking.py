"""Verdicts: what each step of the definition gives, and that no honest student is accused."""

from __future__ import annotations

import random

import pytest
from benchmarks.marking import Figures, honest, slips
from oracle import SPECS
from papers import answer, fixed, sheet, spec, stated
from student import Student, random_net

import backpropcalc as bp
from backpropcalc.algebra.terms import Num, Var, op, product
from backpropcalc.api import loads
from backpropcalc.errors import InputError
from backpropcalc.marking.judge.key import Key
from backpropcalc.marking.judge.marking import mark, score
from backpropcalc.marking.judge.marks import Mark
from backpropcalc.marking.judge.rounding import parts
from backpropcalc.marking.read.sheet import Sheet
from backpropcalc.program.steps import Step
from backpropcalc.spec.model import Spec

MAZUR = spec("mazur")
BCE = spec("mlp-bce")
SOFTMAX = spec("relu-sigmoid-softmax")
TEXT = (SPECS / "mazur.yaml").read_text(encoding="utf-8")


def right(network: Spec, decimals: int = 6) -> dict[str, str]:
    """Every value, rounded."""
    key = Key.of(network.run())
    return {step.var.id: fixed(key.truth[step.var], decimals) for _, step in key.steps}


def marks(network: Spec, answers: dict[str, str], **options: object) -> dict[str, Mark]:
    found = mark(network.run(), sheet(network, answers), **options)
    return {m.var.id: m for m in found}


def marked(network: Spec, changes: dict[str, str], decimals: int = 6) -> dict[str, Mark]:
    """The marks of a right paper with some values changed."""
    return marks(network, {**right(network, decimals), **changes})


def test_a_right_paper_is_right() -> None:
    """Every value rounded from the full calculation: all correct, full score; what comes after the update is extra."""
    key = Key.of(MAZUR.run())
    found = mark(key, sheet(MAZUR, right(MAZUR)))

    assert {"correct"} == {m.verdict for m in found}
    assert (54, (43.0, 43.0)) == (len(found), score(key, found))


def test_a_tie_is_within_half_a_unit() -> None:
    """Intervals are closed: 0.3775 may be written 0.378 or 0.377."""
    for text in ("0.378", "0.377", "0.3775", "0.38", "0.4"):
        assert "correct" == marks(MAZUR, {"z[1,1]": text})["z[1,1]"].verdict
    for text in ("0.376", "0.379", "0.37749", "0.37751"):
        assert "correct" != marks(MAZUR, {"z[1,1]": text})["z[1,1]"].verdict


def test_fractions_are_exact() -> None:
    """151/400 is 0.3775; nothing near it is."""
    assert "correct" == marks(MAZUR, {"z[1,1]": "151/400"})["z[1,1]"].verdict
    assert "mistake" == marks(MAZUR, {"z[1,1]": "3/8"})["z[1,1]"].verdict


def test_missing_and_unreadable_values_are_worked_out() -> None:
    """They get no credit, and what comes after them is marked from the student's own values."""
    found = mark(MAZUR.run(), Sheet({}, {Var("z", 1, (2, 1)).at((0, 0)): "abc"}))
    first = found[0]

    assert ("unreadable", "abc", 0.0) == (first.verdict, first.text, first.credit)
    assert {"missing"} == {m.verdict for m in found[1:]}
    assert all(m.own == pytest.approx(m.expected) for m in found)


def test_rounded_values_that_are_carried_are_no_mistake() -> None:
    """0.59 · 0.4 + … from two decimals differs from the true value, and is consistent."""
    found = marks(MAZUR, {"a[1,1]": "0.59", "a[1,2]": "0.6", "z[2,1]": "1.106", "z[2,2]": "1.225", "a[2,1]": "0.7514"})

    assert "rounded" == marks(MAZUR, {"a[1,1]": "0.59", "a[1,2]": "0.60", "z[2,1]": "1.1060"})["z[2,1]"].verdict
    assert {"correct", "rounded"} >= {found[key].verdict for key in ("a[1,1]", "a[1,2]", "z[2,1]", "a[2,1]")}


def test_one_mistake_and_what_follows_it() -> None:
    """A wrong net_h1 is a mistake; all that is worked rightly from it follows, even through values not shown."""
    found = marks(MAZUR, {"z[1,1]": "0.4775", "a[1,1]": "0.617157", "z[2,1]": "1.115461", "a[2,2]": "0.775023"})

    assert ["mistake", "follows", "follows"] == [found[key].verdict for key in ("z[1,1]", "a[1,1]", "z[2,1]")]
    assert found["a[1,1]"].own == pytest.approx(0.6171569)
    assert "follows" == marks(MAZUR, {"z[1,1]": "0.4775", "z[2,1]": "1.115461"})["z[2,1]"].verdict


def test_a_correct_value_clears_the_taint() -> None:
    """Right again after a mistake: correct, with a note, and nothing after it follows from the mistake."""
    found = marked(MAZUR, {"z[1,1]": "0.4775"})

    assert ("mistake", "correct", ("recovered",)) == (
        found["z[1,1]"].verdict,
        found["a[1,1]"].verdict,
        found["a[1,1]"].notes,
    )
    assert "correct" == found["z[2,1]"].verdict


def test_a_slip_in_copying_is_no_second_mistake() -> None:
    """δ is misprinted, the gradient uses the right one, rounded: consistent by the true value of the wrong parent."""
    exam = spec("exam-2-3-1")
    found = marks(exam, {"a[1,3]": "0.560", "dE/dz[2,1]": "-0.4476", "dE/dw[2,1,3]": "-0.267"})

    assert "mistake" == found["dE/dz[2,1]"].verdict
    assert ("rounded", 1.0) == (found["dE/dw[2,1,3]"].verdict, found["dE/dw[2,1,3]"].credit)
    assert "alternative-route" in found["dE/dw[2,1,3]"].notes


def test_the_short_way_to_delta_is_accepted() -> None:
    """BCE after a sigmoid: δ = a − y from the student's own a, though the factors give something else."""
    found = marks(BCE, {"a[2,1]": "0.638", "dE/da[2,1]": "-1.567", "da[2,1]/dz[2,1]": "0.201", "dE/dz[2,1]": "-0.362"})

    assert ("follows", ("alternative-route",)) == (found["dE/dz[2,1]"].verdict, found["dE/dz[2,1]"].notes)


@pytest.mark.parametrize(("text", "note"), [("0.59326", "truncated"), ("0.59328", "last-digit")])
def test_one_unit_off_in_the_last_place_is_half_a_point(text: str, note: str) -> None:
    """0.593269992 is 0.59327 in five decimals: cut off, or off for no such reason."""
    found = marks(MAZUR, {"z[1,1]": "0.3775", "a[1,1]": text})["a[1,1]"]

    assert ((note,), 0.5) == (found.notes, found.credit)
    assert "mistake" != found.verdict
    assert "mistake" == marks(MAZUR, {"z[1,1]": "0.3775", "a[1,1]": "0.59329"})["a[1,1]"].verdict


def test_numbers_cut_off_throughout_are_never_a_mistake() -> None:
    """Who writes down the first four decimals and goes on with all digits loses half points at most."""
    key = Key.of(MAZUR.run())
    cut = {step.var.id: f"{int(key.truth[step.var] * 1e4) / 1e4:.4f}" for _, step in key.steps}

    assert "mistake" not in {m.verdict for m in marks(MAZUR, cut).values()}


def test_too_few_digits_to_verify() -> None:
    """From numbers with one digit almost anything follows: no point, and it is said why."""
    found = marks(MAZUR, {"a[2,1]": "0.8", "dE/da[2,1]": "0.7", "dE/dz[2,1]": "0.1600"})["dE/dz[2,1]"]

    assert ("rounded", ("too-coarse",), 0.0) == (found.verdict, found.notes, found.credit)


def test_nought_and_one_are_no_answer_to_everything() -> None:
    """0 for 0.27 is within half of a unit written without decimals, but verifies nothing."""
    found = marks(MAZUR, {"E[1]": "0", "a[2,1]": "1"})

    assert [("too-coarse",)] * 2 == [found[key].notes for key in ("E[1]", "a[2,1]")]


def test_a_nought_earns_no_free_marks() -> None:
    """A wrong δ of 0 makes every product behind it 0: consistent, trivial, no credit."""
    found = marks(
        MAZUR, {"dE/dz[2,1]": "0.000", "dE[1]/da[1,1]": "0.000", "dE/dw[2,1,1]": "0.000", "w[2,1,1]+": "0.400"}
    )

    assert "mistake" == found["dE/dz[2,1]"].verdict
    assert ("follows", ("trivial",), 0.0) == (
        found["dE[1]/da[1,1]"].verdict,
        found["dE[1]/da[1,1]"].notes,
        found["dE[1]/da[1,1]"].credit,
    )


def test_an_update_by_a_wrong_nought_is_trivial() -> None:
    """w − η · 0 = w."""
    found = marks(MAZUR, {"dE/dw[2,1,1]": "0.0000", "w[2,1,1]+": "0.4000"})["w[2,1,1]+"]

    assert (("trivial",), 0.0) == (found.notes, found.credit)


@pytest.mark.parametrize(
    ("network", "answers", "var"),
    [
        (MAZUR, {"a[1,1]": "1.2"}, "a[1,1]"),
        (MAZUR, {"a[1,1]": "-0.1"}, "a[1,1]"),
        (MAZUR, {"E[1]": "-0.27"}, "E[1]"),
        (MAZUR, {"E": "-0.5"}, "E"),
        (MAZUR, {"da[1,1]/dz[1,1]": "0.30"}, "da[1,1]/dz[1,1]"),
        (BCE, {"E[1]": "-0.3"}, "E[1]"),
        (SOFTMAX, {"a[3,1]": "0.20", "a[3,2]": "0.30", "a[3,3]": "0.60"}, "a[3,2]"),
    ],
)
def test_values_that_cannot_be(network: Spec, answers: dict[str, str], var: str) -> None:
    """σ outside (0, 1), its slope above ¼, a loss below 0, probabilities that do not add to 1."""
    assert "implausible" in marks(network, answers)[var].notes


def test_nothing_right_is_called_implausible() -> None:
    """The ends of a range belong to it once they are rounded."""
    for network in (MAZUR, BCE, SOFTMAX):
        for decimals in (1, 2, 6):
            found = marked(network, {}, decimals)
            assert [] == [m.var.id for m in found.values() if "implausible" in m.notes]


def negated(network: Spec, *kinds: str) -> dict[str, str]:
    """A right paper in which the quantities whose ids start so have the other sign."""
    key = Key.of(network.run())
    return {
        step.var.id: fixed(-key.truth[step.var] if step.var.id.startswith(kinds) else key.truth[step.var], 6)
        for _, step in key.steps
    }


def test_minus_delta_throughout_is_accepted_only_if_the_teacher_says_so() -> None:
    """δ = (t − o) f′ with the update w + η δ a: right, but another convention."""
    for kinds in (("dE/dz",), ("dE",)):
        answers = negated(MAZUR, *kinds)
        plain, accepted = marks(MAZUR, answers), marks(MAZUR, answers, accept=["negated-delta"])

        assert "mistake" in {m.verdict for m in plain.values()}
        assert {"correct"} == {m.verdict for m in accepted.values()}
        assert ("negated-delta",) == accepted["dE/dz[1,1]"].notes
        delta = accepted["dE/dz[2,1]"].answer
        assert delta is not None
        assert "-0.138499" == delta.shown.text


def test_minus_delta_needs_every_delta_and_the_updates() -> None:
    """One δ with the usual sign, or an update that climbs, and nothing is accepted."""
    key = Key.of(MAZUR.run())
    one = {**negated(MAZUR, "dE/dz"), "dE/dz[1,1]": fixed(key.truth[Var("d", 1, (2, 1), _of("z"), (0, 0))], 6)}
    climbing = {**negated(MAZUR, "dE/dz"), "w[2,1,1]+": "0.441084"}

    for answers in (one, climbing):
        found = marks(MAZUR, answers, accept=["negated-delta"])
        assert "negated-delta" not in {note for m in found.values() for note in m.notes}


def _of(role: str) -> tuple[Var, Var]:
    return Var("loss"), Var(role, 1, (2, 1))


def test_the_last_form_is_marked_the_most_precise_one_carried() -> None:
    """0.593269992 = 0.5933: four decimals are marked, nine are gone on with."""
    found = marks(MAZUR, {"z[1,1]": "0.3775", "a[1,1]": "0.593269992 = 0.5933", "dE/dw[2,1,1]": "0.082167041"})
    wrong = marks(MAZUR, {"z[1,1]": "0.3775", "a[1,1]": "0.593269992 = 0.6033"})

    assert ("correct", "correct") == (found["a[1,1]"].verdict, found["dE/dw[2,1,1]"].verdict)
    assert "mistake" == wrong["a[1,1]"].verdict


def test_the_precision_that_is_asked_for() -> None:
    """Four decimals asked: three are right as far as they go, half a point; zeros at the end are not demanded."""
    asked = loads(TEXT + "precision: {decimals: 4}\n")
    found = marks(asked, {"z[1,1]": "0.3775", "a[1,1]": "0.593", "a[1,2]": "0.5969", "z[1,2]": "0.3925"})

    assert ("correct", ("fewer-digits",), 0.5) == (
        found["a[1,1]"].verdict,
        found["a[1,1]"].notes,
        found["a[1,1]"].credit,
    )
    assert 1.0 == found["a[1,2]"].credit
    rough = marks(loads(TEXT + "precision: {significant: 3}\n"), {"a[1,1]": "0.6"})["a[1,1]"]
    assert ("rounded", ("too-coarse",), 0.0) == (rough.verdict, rough.notes, rough.credit)
    exact = loads(TEXT.replace("biases: [0.35,", "biases: [0.4725,") + "precision: {decimals: 4}\n")
    assert ("correct", ()) == (
        marks(exact, {"z[1,1]": "0.5"})["z[1,1]"].verdict,
        marks(exact, {"z[1,1]": "0.5"})["z[1,1]"].notes,
    )


def test_points_and_credit_of_the_spec() -> None:
    """A quantity's own points go before those of its phase; what follows may be worth less."""
    settings = 'points: {backward: 2, "dE_total/dw5": 3, after: 0}\ncredit: {follows: 0.5}\n'
    network = loads(TEXT + settings)
    key = Key.of(network.run())
    worth = {var.id: points for var, points in key.points.items()}
    found = mark(key, sheet(network, {"z[1,1]": "0.4775", "a[1,1]": "0.617157"}))

    assert (1.0, 2.0, 3.0, 0.0) == (worth["z[1,1]"], worth["dE/dz[1,1]"], worth["dE/dw[2,1,1]"], worth["E+"])
    assert (0.5, sum(worth.values())) == score(key, found)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("precision: {decimals: 99}", "decimals must be a whole number"),
        ("precision: {decimals: 4, significant: 4}", "not both"),
        ("precision: 4", "precision must be a mapping"),
        ("accept: [negated]", "negated-delta"),
        ("points: {backwards: 2}", "backwards"),
        ('points: {"dE_total/dw9": 2}', "dE_total/dw9"),
        ("points: {backward: -1}", "cannot be negative"),
        ('points: {"w5+": 1, "w[2,1,1]+": 2}', "given twice"),
        ("credit: {follows: 2}", "from 0 to 1"),
        ("credit: {mistake: 1}", "unknown key"),
    ],
)
def test_what_is_wrong_in_the_marking_keys(line: str, message: str) -> None:
    """Each is an error with its place, none a traceback."""
    with pytest.raises(InputError) as error:
        Key.of(loads(TEXT + line + "\n").run())

    assert message in error.value.report()
    assert error.value.problems[0].where is not None


def test_any_list_of_steps_can_be_marked() -> None:
    """No network: J = 3 (a + b c) as three steps."""
    a, b, c, u, v, j = (Var("node", n, index=(0, 0)) for n in range(6))
    steps = (("forward", Step(u, product(b, c))), ("forward", Step(v, op("add", a, u))),
             ("forward", Step(j, product(Num("3"), v))))  # fmt: skip
    key = Key(steps, {a: 5.0, b: 3.0, c: 2.0})
    found = mark(key, Sheet({u: answer(u, "5"), v: answer(v, "10"), j: answer(j, "30")}))

    assert ["mistake", "follows", "follows"] == [m.verdict for m in found]
    assert [6.0, 11.0, 33.0] == [m.expected for m in found]


def test_whole_numbers_are_not_rounded() -> None:
    """One off is a mistake where nothing was rounded, also behind values that are not shown."""
    graph = spec("graph-j")
    found = marks(graph, {"u": "5", "J": "30", "dJ/da": "2", "dJ/db": "6", "dJ/dc": "8"})

    assert ["mistake", "follows"] == [found[key].verdict for key in ("u", "J")]
    assert ["mistake", "correct", "mistake"] == [found[key].verdict for key in ("dJ/da", "dJ/db", "dJ/dc")]


def test_a_number_beyond_all_digits_of_a_double_is_not_compared_to_the_last() -> None:
    """Two doubles next to each other at 10²² are the same answer."""
    x, y = (Var("node", n, index=(0, 0)) for n in range(2))
    value = 1.030292094501956e22
    key = Key((("forward", Step(y, op("add", x, x))),), {x: value / 2})
    found = mark(key, Sheet({y: answer(y, "10302920945019562000000")}))

    assert ["correct"] == [m.verdict for m in found]
    wrong = Sheet({x: answer(x, "5000000000000000000000"), y: answer(y, "10000000000000002097152")})
    both = mark(Key((("forward", Step(x, Num("5.1e21"))), ("forward", Step(y, op("add", x, x)))), {}), wrong)
    assert ["mistake", "follows"] == [m.verdict for m in both]


def test_the_after_phase_and_sequential_updates_are_marked() -> None:
    """The way back through the new weights is right if the spec says sequential, and only then."""
    sequential = loads(TEXT + "update: sequential\n")
    published = {"E+": "0.291027924"}

    assert "correct" == marks(sequential, published)["E+"].verdict
    assert "mistake" == marked(MAZUR, published, 9)["E+"].verdict


def test_the_number_of_terms_or_products() -> None:
    """How often a student may have rounded within a step."""
    x = Var("x", 0, (1, 1), (), (0, 0))

    assert (3, 2, 3, 1, 2) == (
        parts(op("add", op("add", product(x, x), product(x, x)), x)),
        parts(op("neg", product(x, x))),
        parts(product(x, x, x)),
        parts(op("exp", x)),
        parts(op("sub", x, product(x, x))),
    )


def test_half_a_unit_of_the_last_place() -> None:
    """The helper of these tests reads numbers as the definition says."""
    assert (0.5e-4, 0.5, 0.5e-6, 0) == tuple(float(stated(t).half) for t in ("0.5933", "12", "1.23e-4", "3/8"))


@pytest.mark.slow
def test_no_honest_student_is_accused() -> None:
    """Papers of random networks, all or some steps, rounded in many ways: not one mistake."""
    figures = Figures()
    honest(400, figures, seed=11)

    assert [] == figures.accused


@pytest.mark.slow
def test_slips_are_found_where_they_are_made_and_what_follows_is_not_accused() -> None:
    """The bars of the definition, on a small run; the benchmark has the full one."""
    figures = Figures()
    slips(250, figures, seed=12)

    assert figures.found >= 0.98 * figures.slips, figures.missed
    assert len(figures.wronged) <= 0.005 * figures.followers, figures.wronged
    assert figures.named >= 0.95 * figures.explained, figures.silent
    assert figures.alone >= 0.8 * figures.explained, figures.silent


def test_the_student_of_the_figures_knows_backpropagation() -> None:
    """Worked independently, every value of 40 random networks agrees with the trace."""
    rng = random.Random(5)
    for _ in range(40):
        net = random_net(rng)
        key = Key.of(loads(net.yaml()).run())

        expected = {var.id: value for var, value in key.truth.items() if var not in key.given}
        assert expected == pytest.approx(Student(net).work().values, abs=1e-9)


def test_the_public_names() -> None:
    """A spec is loaded, marked and scored by what the package offers."""
    network = bp.load(SPECS / "mazur.yaml")

    assert 43 == len(mark(network.run(), Sheet({})))
