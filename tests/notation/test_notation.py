"""Names: those of the contract's table, unique, and leading back to their quantity."""

from __future__ import annotations

import random
from itertools import chain, pairwise
from typing import Any

import networks
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import MAZUR, spec

import backpropcalc as bp
from backpropcalc.algebra.terms import Var
from backpropcalc.notation.names import Names
from backpropcalc.notation.notation import Notation
from backpropcalc.spec.keys import NOTATIONS


def quantities(given: bp.Spec) -> list[Var]:
    trace = bp.Trace(given)
    return list(chain(trace.given(), trace.computed()))


def named(given: bp.Spec) -> dict[str, str]:
    """The plain name of each quantity by its id."""
    notation = Notation(given)
    return {var.id: notation.ascii(var) for var in quantities(given)}


def dense(*sizes: int, samples: int = 1, shared: bool = False, **keys: Any) -> bp.Spec:
    """A network of ones."""
    made: dict[str, Any] = {
        "inputs": [[1] * sizes[0]] * samples,
        "targets": [[1] * sizes[-1]] * samples,
        "weights": [[[1] * a for _ in range(b)] for a, b in pairwise(sizes)],
        "biases": [1 if shared else [1] * b for b in sizes[1:]],
        "activation": "sigmoid",
        "loss": "squared_error",
        "learning_rate": 1,
    }
    return spec({**made, **keys})


TABLE: dict[str, dict[str, str]] = {
    "mazur": {
        "x[1]": "i1", "w[1,1,1]": "w1", "w[1,2,1]": "w3", "w[2,1,1]": "w5", "w[2,2,2]": "w8", "b[1,1]": "b_h1",
        "b[2,1]": "b_o1", "z[1,1]": "net_h1", "z[2,1]": "net_o1", "a[1,1]": "out_h1", "a[2,1]": "out_o1",
        "t[1]": "target_o1", "E[1]": "E_o1", "E": "E_total", "dE/dw[2,1,1]": "dE_total/dw5",
        "da[2,1]/dz[2,1]": "dout_o1/dnet_o1", "dE/dz[2,1]": "delta_o1", "rate": "eta", "w[2,1,1]+": "w5+",
        "dE/da[2,1]": "dE_total/dout_o1", "dE[1]/da[1,1]": "dE_o1/dout_h1", "dE/db[1,2]": "dE_total/db_h2",
        "b[2,2]+": "b_o2+", "z+[1,1]": "net_h1+", "E+": "E_total+", "dE/dz[1,2]": "delta_h2",
    },
    "layered": {
        "x[1]": "x1", "w[1,1,1]": "w11[1]", "w[1,2,1]": "w21[1]", "b[1,1]": "b1[1]", "z[1,1]": "z1[1]",
        "a[1,1]": "a1[1]", "t[1]": "y1", "E[1]": "J1", "E": "J", "dE/dw[2,1,1]": "dJ/dw11[2]",
        "da[2,1]/dz[2,1]": "da1[2]/dz1[2]", "dE/dz[2,1]": "delta1[2]", "rate": "alpha", "w[2,1,1]+": "w11[2]*",
        "dE[1]/da[1,1]": "dJ1/da1[1]", "a+[2,1]": "a1[2]*", "E+": "J*",
    },
    "phi": {
        "x[1]": "x1[0]", "w[1,1,2]": "w12[1]", "b[1,1]": "b1[1]", "z[1,1]": "z1[1]", "a[1,1]": "x1[1]", "t[1]": "y1",
        "E[1]": "L1", "E": "L", "dE/dw[2,1,1]": "dL/dw11[2]", "da[2,1]/dz[2,1]": "dx1[2]/dz1[2]",
        "dE/dz[2,1]": "phi1[2]", "rate": "alpha", "w[2,1,1]+": "w11[2]*",
    },
    "letters": {
        "x[1]": "i1", "w[1,1,1]": "W_i1j1", "w[1,2,1]": "W_i1j2", "w[2,1,2]": "W_j2k1", "b[1,1]": "b_j1",
        "z[1,1]": "h1_in1", "z[2,1]": "O_in1", "a[1,1]": "h1_out1", "a[2,1]": "O_out1", "t[1]": "y1", "E[1]": "E1",
        "E": "E_total", "dE/dw[2,1,1]": "dE_total/dW_j1k1", "da[2,1]/dz[2,1]": "dO_out1/dO_in1",
        "dE/dz[2,1]": "dE_total/dO_in1", "rate": "alpha", "w[2,1,1]+": "W_j1k1+",
    },
}  # fmt: skip
MLP = {
    "x[1]": "x1", "w[1,1,1]": "w11", "w[1,1,2]": "w21", "w[2,1,1]": "w1", "w[2,1,2]": "w2", "b[1,1]": "b1",
    "b[2,1]": "b0", "z[1,1]": "Z_1", "z[2,1]": "Z_0", "a[1,1]": "H_1", "a[2,1]": "O", "t[1]": "y", "E": "L",
    "dE/dw[2,1,1]": "dL/dw1", "da[2,1]/dz[2,1]": "dO/dZ_0", "dE/dz[2,1]": "dL/dZ_0", "rate": "alpha",
    "w[2,1,1]+": "w1_new", "dE/dw[1,1,2]": "dL/dw21", "da[1,2]/dz[1,2]": "dH_2/dZ_2", "dE/db[1,1]": "dL/db1",
    "b[2,1]+": "b0_new",
}  # fmt: skip


@pytest.mark.parametrize("notation", [*TABLE, "mlp"])
def test_the_names_of_the_contract(notation: str) -> None:
    """Every cell of the table of names, for a network with a bias for each neuron."""
    found = named(dense(2, 2, 1 if notation == "mlp" else 2, notation=notation))
    expected = MLP if notation == "mlp" else TABLE[notation]

    assert expected == {key: found[key] for key in expected}


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        ("mazur", {"b[1]": "b1", "b[2]": "b2", "dE/db[1]": "dE_total/db1", "b[2]+": "b2+"}),
        ("layered", {"b[1]": "b[1]", "b[2]+": "b[2]*"}),
        ("letters", {"b[1]": "b_j", "b[2]": "b_k"}),
        ("mlp", {"b[1]": "b", "b[2]": "b0"}),
    ],
)
def test_the_names_of_a_shared_bias(notation: str, expected: dict[str, str]) -> None:
    """One bias for the layer has no number of a neuron."""
    found = named(dense(2, 2, 1, shared=True, notation=notation))

    assert expected == {key: found[key] for key in expected}


def test_both_orders_of_indices() -> None:
    """In ``layered`` the weight to neuron 2 from source 1 is w21 or w12, as the spec chooses."""
    to_from = named(dense(2, 3, 1, notation="layered"))
    from_to = named(dense(2, 3, 1, notation={"extends": "layered", "index": "from_to"}))

    assert ["w21[1]", "w12[1]", "w13[1]"] == [to_from["w[1,2,1]"], from_to["w[1,2,1]"], from_to["w[1,3,1]"]]


def test_a_comma_from_ten_on() -> None:
    """Once an index has two digits a comma stands between: w1,12[1] and w11,2[1] are not w112[1]."""
    found = named(dense(12, 11, 1, notation="layered"))

    assert ["w1,12[1]", "w11,2[1]", "w12[1]"] == [found[f"w[1,{at}]"] for at in ("1,12", "11,2", "1,2")]


def test_hidden_neurons_are_numbered_through_all_hidden_layers_in_mazur() -> None:
    """h3 is the first neuron of the second hidden layer of a 2-2-2-1 network; weights are numbered on too."""
    found = named(dense(2, 2, 2, 1, notation="mazur"))

    assert ["net_h3", "w5", "b_h4", "out_o1"] == [found[key] for key in ("z[2,1]", "w[2,1,1]", "b[2,2]", "a[3,1]")]


def test_samples_follow_in_parentheses() -> None:
    """With several samples the number of the sample follows; what belongs to all has none."""
    found = named(dense(2, 2, 2, samples=3, notation="mazur"))
    expected = {"z[1,2](3)": "net_h2(3)", "E[1](3)": "E_o1(3)", "E(3)": "E_total(3)", "E": "E_total"}
    expected |= {"dE/dz[2,1](2)": "delta_o1(2)", "dE/dw[2,1,1]": "dE_total/dw5", "x[2](1)": "i2(1)"}

    assert expected == {key: found[key] for key in expected}


IDS = {
    "x[1]", "x[2]", "t[1]", "t[2]", "rate", "E[1]", "E[2]", "E", "E+", "b[1]", "b[2,1]", "b[2,2]", "dE/db[1]",
    "dE/db[2,1]", "dE/db[2,2]", "b[1]+", "b[2,1]+", "b[2,2]+", "E+[1]", "E+[2]",
    *(f"w[{n},{j},{i}]{mark}" for n in (1, 2) for j in (1, 2) for i in (1, 2) for mark in ("", "+")),
    *(f"dE/dw[{n},{j},{i}]" for n in (1, 2) for j in (1, 2) for i in (1, 2)),
    *(f"{role}{mark}[{n},{j}]" for role in "za" for mark in ("", "+") for n in (1, 2) for j in (1, 2)),
    *(f"dE/d{role}[{n},{j}]" for role in "za" for n in (1, 2) for j in (1, 2)),
    *(f"da[{n},{j}]/dz[{n},{j}]" for n in (1, 2) for j in (1, 2)),
    *(f"dE[{k}]/da[1,{j}]" for k in (1, 2) for j in (1, 2)),
}  # fmt: skip


def test_the_ids_of_a_network() -> None:
    """A 2-2-2 network has these ids and no others, each once."""
    every = [var.id for var in quantities(spec(MAZUR, biases=[0.35, [0.6, 0.6]], train=["weights", "biases"]))]

    assert sorted(IDS) == sorted(every)


def test_the_ids_of_softmax_of_paths_and_of_samples() -> None:
    """The whole Jacobian of softmax; paths through a hidden layer; the number of the sample behind all of it."""
    found = set(named(dense(2, 2, 2, 2, samples=2, activation=["tanh", "tanh", "softmax"])))
    expected = {f"da[3,{k}]/dz[3,{j}]({s})" for k in (1, 2) for j in (1, 2) for s in (1, 2)}
    expected |= {f"dE/da[1,{j}]<-[{k}]({s})" for k in (1, 2) for j in (1, 2) for s in (1, 2)}
    expected |= {"E(1)", "E[2](2)", "E", "z+[1,2](2)", "E+(1)", "E+", "dE/da[1,1](2)", "b[3,2]+"}

    assert set() == expected - found


@pytest.mark.parametrize("sizes", [(2, 3, 2), (2, 2, 2, 1), (2, 1)])
def test_mlp_refuses_what_it_cannot_name(sizes: tuple[int, ...]) -> None:
    """mlp is for one hidden layer and one output; the error points at the notation and names those that can."""
    with pytest.raises(bp.InputError) as raised:
        Notation(dense(*sizes, notation="mlp"))

    (problem,) = raised.value.problems
    assert "-".join(map(str, sizes)) in problem.message
    assert "mazur, layered, phi and letters" in problem.help
    assert problem.where is not None


def random_spec(seed: int, notation: Any, wide: bool) -> bp.Spec:
    rng = random.Random(seed)
    keys = networks.network(seed)
    if wide or notation == "mlp":
        sizes = [rng.randint(1, 13), rng.randint(9, 14), 1 if notation == "mlp" else rng.randint(1, 12)]
        samples = rng.choice([1, 2])
        shared = rng.random() < 0.5
        activation = rng.choice(["sigmoid", ["relu", "softmax"]])
        return dense(*sizes, samples=samples, shared=shared, activation=activation, notation=notation)
    return spec(keys, notation=notation)


NOTATION = st.sampled_from([*NOTATIONS, {"extends": "layered", "index": "from_to"}])


@settings(max_examples=60)
@given(st.integers(0, 300), NOTATION, st.booleans())
def test_names_are_unique_and_lead_back(seed: int, notation: Any, wide: bool) -> None:
    """Name, id, the terminal's name and careless spellings of any quantity of any network find that quantity."""
    made = random_spec(seed, notation, wide)
    book, every = Notation(made), quantities(made)
    names = Names(book, every)

    assert len(every) == len({book.ascii(var) for var in every}) == len({book.latex(var) for var in every})
    assert len(every) == len({book.text(var) for var in every}) == len({var.id for var in every})
    for var in every:
        name = book.ascii(var)
        assert name.isascii()
        for spelling in (name, var.id, book.text(var), f" {name} ", name.replace("_", ""), name.replace("_", " _ ")):
            assert var == names.find(spelling), spelling


@settings(max_examples=30)
@given(st.integers(0, 300), st.randoms(use_true_random=False))
def test_own_names_lead_back_too(seed: int, rng: random.Random) -> None:
    """Names that the spec gives are used, also inside derivatives, and lead back."""
    plain = random_spec(seed, "layered", False)
    chosen = rng.sample(sorted({i.partition("(")[0] for i in named(plain) if i[0] in "wz" and "+" not in i}), 2)
    own = {chosen[0]: "mine", chosen[1]: "I_4"}
    made = random_spec(seed, "layered", False)
    made = bp.loads(made.source.replace('"chain":', f'"names": {str(own).replace(chr(39), chr(34))}, "chain":'))
    book, every = Notation(made), quantities(made)
    names = Names(book, every)

    assert {"mine", "I_4"} == {book.ascii(var).partition("(")[0] for var in every if var.id.partition("(")[0] in own}
    for var in every:
        assert var == names.find(book.ascii(var)) == names.find(var.id)


def test_own_names_in_every_form() -> None:
    """w14 and I_4 have subscripts in LaTeX, and stand inside the derivatives and the updated value."""
    made = spec(MAZUR, names={"w[1,1,1]": "w14", "z[1, 1]": "I_4", "dE/dz[2,1]": "d'"})
    book = Notation(made)
    by_id = {var.id: var for var in quantities(made)}

    assert ["w14", "I_4", "w14+", "dE_total/dw14", "dout_h1/dI_4", "d'"] == [
        book.ascii(by_id[key])
        for key in ("w[1,1,1]", "z[1,1]", "w[1,1,1]+", "dE/dw[1,1,1]", "da[1,1]/dz[1,1]", "dE/dz[2,1]")
    ]
    assert ["w_{14}", "I_{4}", r"\frac{\partial E_{total}}{\partial w_{14}}"] == [
        book.latex(by_id[key]) for key in ("w[1,1,1]", "z[1,1]", "dE/dw[1,1,1]")
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"names": {"w[1,1,1]": "w2"}}, "w2"),
        ({"names": {"w[1,1,1]": "q", "w[1,1,2]": "q"}}, "q"),
        ({"names": {"w[1,1,1]": "q", "w[1,1,2]": "Q"}}, "Q"),
        ({"names": {"w[1,1,1]": "E"}}, "E"),
        ({"names": {"w[9,1,1]": "q"}}, "w[9,1,1]"),
        ({"names": {"nonsense": "q"}}, "nonsense"),
        ({"notation": {"extends": "mazur", "sum": "out"}}, "out_h1"),
    ],
)
def test_names_that_would_be_ambiguous_or_name_nothing(changes: dict[str, Any], said: str) -> None:
    """Two quantities with one name, and a name for what is not there, are errors that point at the place."""
    with pytest.raises(bp.InputError) as raised:
        Notation(spec(MAZUR, **changes))

    assert any(said in problem.message and problem.where is not None for problem in raised.value.problems)


def test_letters_of_ones_own() -> None:
    """A notation that extends another changes its letters; the loss also that of the total."""
    found = named(spec(MAZUR, notation={"extends": "layered", "loss": "C", "activation": "h", "rate": "eta"}))

    assert ["C1", "C", "h1[2]", "dC/dh1[2]", "eta"] == [
        found[key] for key in ("E[1]", "E", "a[2,1]", "dE/da[2,1]", "rate")
    ]


def test_what_a_student_types() -> None:
    """∂, Greek, subscripts, spaces, and δ said as ∂E/∂net all find the quantity."""
    made = spec(MAZUR)
    names = Names(Notation(made), quantities(made))
    spellings = {
        "∂E_total/∂w5": "dE/dw[2,1,1]", "dE_total / dw_5": "dE/dw[2,1,1]", "δ_o1": "dE/dz[2,1]",
        "dE_total/dnet_o1": "dE/dz[2,1]", "w5⁺": "w[2,1,1]+", "W5": "w[2,1,1]", "OUT_H1": "a[1,1]", "eta": "rate",
        "η": "rate", "net h1": "z[1,1]", "w₅": "w[2,1,1]",
    }  # fmt: skip

    assert spellings == {spelling: names.find(spelling).id for spelling in spellings}


@pytest.mark.parametrize(
    ("typed", "meant"), [("net_h11", "net_h1"), ("dE_totl/dw5", "dE_total/dw5"), ("otu_o1", "out_o1")]
)
def test_did_you_mean(typed: str, meant: str) -> None:
    """An unknown name gets the nearest one."""
    made = spec(MAZUR)
    with pytest.raises(bp.InputError) as raised:
        Names(Notation(made), quantities(made)).find(typed)

    assert f"did you mean {meant!r}?" == raised.value.problems[0].help
