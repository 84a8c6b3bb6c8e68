"""The chain written out in full: every path from a weight to the loss, and their sum."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import SPECS

from backpropcalc.algebra.fragments import unbroken
from backpropcalc.algebra.terms import Op, distributed, element
from backpropcalc.api import load, loads
from backpropcalc.errors import InputError
from backpropcalc.notation.notation import Notation
from backpropcalc.pages.page import page
from backpropcalc.program.network import network
from backpropcalc.program.paths import counts
from backpropcalc.render.language import TERMINAL
from backpropcalc.render.scripts import script


def formulas(name: str) -> dict[str, str]:
    """Id to formula of an example with the chain in full."""
    shown = page(load(SPECS / f"{name}.yaml").override(chain="full"))
    writer = script(shown, TERMINAL)
    steps = (step for block in shown.trace.program.blocks for step in block.cells)
    return {step.var.id: unbroken(writer.symbols(step.term)) for step in steps}


def test_the_two_paths_of_the_published_example() -> None:
    """w1 reaches E_total through o1 and through o2; both products stand in full, and are summed."""
    found = formulas("mazur")["dE/dw[1,1,1]"]

    assert found == (
        "∂E_total/∂out_o1 · ∂out_o1/∂net_o1 · ∂net_o1/∂out_h1 · ∂out_h1/∂net_h1 · ∂net_h1/∂w1"
        " + ∂E_total/∂out_o2 · ∂out_o2/∂net_o2 · ∂net_o2/∂out_h1 · ∂out_h1/∂net_h1 · ∂net_h1/∂w1"
    )


def test_softmax_has_a_path_through_each_entry_of_its_jacobian() -> None:
    """In the 3-3-3-3 network a weight of the first layer has 3 · 3 · 3 paths: hidden unit, z of the output, a."""
    found = formulas("relu-sigmoid-softmax")

    assert len(set(found["dE/dw[1,1,1]"].split(" + "))) == 27
    assert len(set(found["dE/dw[3,1,1]"].split(" + "))) == 3


@st.composite
def deep(draw: st.DrawFn) -> str:
    """A network of up to four layers, with any bias, in a batch or not."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=5))
    number = st.integers(-12, 12).map(lambda n: n / 10 + 0.05)

    def matrix(rows: int, columns: int) -> list[list[float]]:
        return [[draw(number) for _ in range(columns)] for _ in range(rows)]

    samples = draw(st.sampled_from([1, 1, 2]))
    names = st.sampled_from(["sigmoid", "tanh", "softmax", "identity"])
    keys = {
        "inputs": matrix(samples, sizes[0]),
        "targets": matrix(samples, sizes[-1]),
        "weights": [matrix(b, a) for a, b in pairwise(sizes)],
        "biases": [draw(st.sampled_from([None, 0.1, [0.2] * n])) for n in sizes[1:]],
        "activation": [draw(names) for _ in sizes[1:]],
        "loss": draw(st.sampled_from(["half_squared_error", "mean_squared_error"])),
        "learning_rate": 0.1,
        "chain": "full",
        "carry": draw(st.sampled_from(["full", "rounded"])),
        "decimals": 15,
    }
    return json.dumps(keys)


@settings(max_examples=60)
@given(deep())
def test_the_sum_over_the_paths_is_the_gradient(text: str) -> None:
    """For every parameter of random networks; and the number of paths is what is counted beforehand."""
    spec = loads(text)
    paths = {line.id: float(line.value) for line in spec.run()}
    plain = {line.id: float(line.value) for line in loads(text.replace('"full", "carry"', '"factors", "carry"')).run()}
    expected = dict(counts(network(spec.override(chain="factors")).blocks))
    for block in network(spec).blocks:
        for step in block.steps:
            if step.var in expected and isinstance(step.term, Op) and step.term.name == "paths":
                at = next(step.entries)

                assert len(distributed(element(step.term, at))) == expected[step.var]
    for name, value in plain.items():
        assert paths[name] == pytest.approx(value, rel=1e-9, abs=1e-11), name


def test_too_many_paths_are_refused_with_their_number() -> None:
    """4-6-6-6-6: a first-layer weight has 6³ · 6 … paths; the last layers are written all the same."""
    sizes = [2, 6, 6, 6, 6]
    keys = {
        "inputs": [0.1, 0.2],
        "targets": [1] * 6,
        "weights": [[[0.1] * a] * b for a, b in pairwise(sizes)],
        "activation": "tanh",
        "loss": "squared_error",
        "learning_rate": 0.1,
        "chain": "full",
    }
    spec = loads(json.dumps(keys))

    with pytest.raises(InputError, match=rf"dJ/dw11\[1\] has {math.prod(sizes[2:])} paths to the loss, more than 200"):
        page(spec, only=["w[1,1,1]"])
    with pytest.raises(InputError, match="paths to the loss"):
        page(spec)
    shown = page(spec, only=["w[2,1,1]"])
    steps = [step for block in shown.trace.program.blocks for step in shown.steps(block)]
    assert steps[-1].var.id == "w[2,1,1]+"


def test_in_matrices_there_is_no_single_weight() -> None:
    """``view: matrix`` with ``chain: full`` says so, rather than showing something else."""
    with pytest.raises(InputError, match="weight by weight"):
        page(load(SPECS / "mazur.yaml").override(chain="full", view="matrix"))


def test_only_shows_what_the_paths_need() -> None:
    """With ``--only w1`` neither δ nor ∂E/∂out_h1 is worked out first."""
    shown = page(load(SPECS / "mazur.yaml").override(chain="full"), only=["w1"], phases=frozenset({"backward"}))
    notation = Notation(shown.trace.spec)
    names = [notation.ascii(step.var) for block in shown.trace.program.blocks for step in shown.steps(block)]

    assert names == [
        "dE_total/dout_o1",
        "dout_o1/dnet_o1",
        "dE_total/dout_o2",
        "dout_o2/dnet_o2",
        "dout_h1/dnet_h1",
        "dE_total/dw1",
    ]
