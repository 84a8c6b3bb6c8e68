"""A derivation says which samples an update sees, with the counts of the spec."""

from __future__ import annotations

import io

import pytest

import backpropcalc as bp
from backpropcalc.pages.derivation import Derivation

SPEC = """
inputs: [[1, 2], [2, 1], [0, 1], [1, 0], [1, 1]]
targets: [[1], [0], [1], [0], [1]]
weights: [[[0.3, -0.2]]]
activation: sigmoid
loss: binary_cross_entropy
learning_rate: 0.5
epochs: 3
"""


def written(more: str, form: str = "terminal") -> str:
    out = io.StringIO()
    bp.write(Derivation(bp.loads(SPEC + more)), out, form)
    return " ".join(out.getvalue().split())


def test_a_mini_batch_has_its_gradient_and_its_counts() -> None:
    page = written("batch_size: 2", "markdown")

    assert r"\nabla J(w; x^{(i:i+b)}, y^{(i:i+b)})$ | 2 | 3 | here |" in page
    assert "each of the 5 samples" in page
    assert "here b = 2, the last of an epoch 1." in page
    assert "3 complete an epoch, here 9 in all: 3 epochs." in page


def test_one_sample_at_a_time_is_stochastic() -> None:
    page = written("batch_size: 1", "markdown")

    assert r"\nabla J(w; x^{(i)}, y^{(i)})$ | 1 | 5 | here |" in page


@pytest.mark.parametrize("form", ["terminal", "latex", "markdown", "html"])
def test_all_samples_at_once_need_no_word_of_batches(form: str) -> None:
    assert "Which samples an update sees" not in written("", form)
    assert "Which samples an update sees" in written("batch_size: 2", form)
