"""Matrices in symbols: each entry by its name, name and size below, nothing left out that a page has room for."""

import io
import json
import random
import re

import networks
import pytest
import reader
from oracle import SPECS
from rich.cells import cell_len

import backpropcalc as bp
from backpropcalc.pages.calculation import Page
from backpropcalc.pages.derivation import Derivation


def written(page: object, form: str, **options: bool) -> str:
    out = io.StringIO()
    bp.write(page, out, form, **options)
    return out.getvalue()


def test_the_entries_stand_as_symbols_with_name_and_size_below() -> None:
    """As page 5 of the notes on the recursion writes layer 1, and page 20 of the slides δW."""
    derived = written(Derivation(bp.load(SPECS / "two-layer-phi.yaml").override(view="matrix")), "latex")

    assert (
        r"{\underbrace{\begin{bmatrix} w_{11}^{[1]} & w_{12}^{[1]} \\ w_{21}^{[1]} & w_{22}^{[1]} \end{bmatrix}}"
        r"_{W^{[1]},\;2\times 2}}" in derived
    )
    text = written(bp.page(bp.load(SPECS / "mazur.yaml").override(view="matrix")), "terminal")
    assert "⎡½ (target_o1 − out_o1)²⎤ = ⎡E_o1⎤" in text
    assert " = ⎡∂E_total/∂w5  ∂E_total/∂w6⎤" in text


def classes(size: int, samples: int) -> Page:
    """A network with ``size`` units in each layer, a softmax and a batch."""
    matrix = [[round(0.731 * (r + 1) / (c + 2) - 0.3, 3) for c in range(size)] for r in range(size)]
    rows = [[round(0.17 * (s - c), 2) for c in range(size)] for s in range(samples)]
    ones = [[int(c == s % size) for c in range(size)] for s in range(samples)]
    keys = {"inputs": rows, "targets": ones, "weights": [matrix, matrix], "activation": ["tanh", "softmax"]}
    looks = {"loss": "cross_entropy", "learning_rate": 0.5, "view": "matrix", "decimals": 9}
    return bp.page(bp.loads(json.dumps(keys | looks)))


def test_up_to_ten_by_ten_nothing_is_left_out_in_latex() -> None:
    text = written(classes(10, 10), "latex")

    assert not {r"\cdots", r"\vdots", r"\ddots"} & set(text.split())


@pytest.mark.parametrize("form", ["terminal", "latex"])
def test_all_leaves_nothing_out(form: str) -> None:
    page = classes(12, 13)
    dots = {"terminal": "…", "latex": r"\cdots"}[form]

    assert (True, False) == (dots in written(page, form), dots in written(page, form, every=True))


def test_every_line_of_a_softmax_batch_has_its_numbers_at_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = written(classes(4, 6), "terminal")
    delta = text.split("\n Δ[2] ")[1].split("\n ∂J/∂W[2]")[0]

    assert all(f"⊙ (⎢{entry} " in delta for entry in ("∂J/∂a₂[2](1)", " 0"))
    assert all(cell_len(line) <= 80 for line in text.splitlines())


NUMBER = re.compile(r"[-−]?\d+(\.\d+)?(·10\S+)?")


def places(page: str, form: str) -> list[tuple[str, str]]:
    """Each name in a matrix of a page and the number that stands in its place."""
    found = [pair for statement in reader.statements(page, form) for pair in reader.named(statement)]
    return [(name, value) for name, value in found if "…" not in name and NUMBER.fullmatch(value)]


@pytest.mark.parametrize("form", ["terminal", "latex"])
def test_a_name_always_stands_where_its_number_stands(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read back: what the page gives w1 under "Given" is what stands for w1 in every product, whatever the form."""
    monkeypatch.setenv("COLUMNS", "1000")
    read = 0
    for seed in range(40):
        rng = random.Random(seed)
        keys = networks.network(seed) | {
            "notation": "mazur",
            "view": "matrix",
            "detail": rng.choice(["normal", "full"]),
        }
        pairs = places(written(bp.page(bp.loads(json.dumps(keys))), form), form)
        known = dict(reversed(pairs))

        assert [] == [(name, value, known[name]) for name, value in pairs if known[name] != value]
        read += len(pairs)
    assert 300 < read


def test_the_reader_sees_a_name_in_the_wrong_place() -> None:
    page = written(bp.page(bp.load(SPECS / "mazur.yaml").override(view="matrix")), "latex")
    wrong = page.replace("w_{1} & w_{2}", "w_{2} & w_{1}", 1)

    def clashes(text: str) -> set[str]:
        pairs = places(text, "latex")
        return {name for name, value in pairs if dict(pairs)[name] != value}

    assert (set(), {"w_{1}", "w_{2}"}) == (clashes(page), clashes(wrong))
