"""The walks over two parameters: they start and end where the textbook's formulas say, on the loss's own surface."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from commands import cli
from oracle import SPECS

import backpropcalc as bp
from backpropcalc.execution.walk import pair, surface, walks

SPEC = """
inputs: [[-1], [0], [1], [2], [3]]
targets: [[0], [1], [1], [3], [2]]
weights: [[[-1.0]]]
biases: [[2.5]]
activation: identity
loss: mean_squared_error
learning_rate: 0.05
batch_size: 2
epochs: 3
"""
X, Y = np.array([-1.0, 0, 1, 2, 3]), np.array([0.0, 1, 1, 3, 2])


def by_hand(size: int) -> list[tuple[float, float]]:
    """The points of y = w x + b, whose gradient is that of the mean of (y − t)² over a batch."""
    w, b = -1.0, 2.5
    points = [(w, b)]
    for _ in range(3):
        for start in range(0, 5, size):
            x, t = X[start : start + size], Y[start : start + size]
            error = 2 * (w * x + b - t) / len(x)
            w, b = w - 0.05 * (error * x).sum(), b - 0.05 * error.sum()
            points.append((w, b))
    return points


def test_each_walk_is_the_one_by_hand() -> None:
    spec = bp.loads(SPEC)
    found = list(walks(spec, pair(spec)))

    assert ["batch", "mini-batches of 2", "stochastic"] == [walk.label for walk in found]
    for walk, size in zip(found, (5, 2, 1), strict=True):
        assert np.array(walk.points) == pytest.approx(np.array(by_hand(size)), rel=1e-12)


def test_the_surface_is_the_loss() -> None:
    spec = bp.loads(SPEC)
    w, b = np.meshgrid(np.linspace(-2, 2, 5), np.linspace(-1, 3, 4))
    expected = ((w[..., None] * X + b[..., None] - Y) ** 2).mean(axis=-1)

    assert surface(spec, pair(spec), w, b) == pytest.approx(expected, rel=1e-12)


def test_a_network_with_more_parameters_moves_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "path.svg"
    code, out, _ = cli(capsys, "train", str(SPECS / "xor.yaml"), "--epochs", "5", "-q", "--plot-path", str(picture))

    assert (0, True) == (code, f"wrote {picture}" in out)
    assert picture.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[[-1], [0], [1], [2], [3]]", "[1]", "needs several samples"),
        ("biases: [[2.5]]", "", "needs two parameters"),
        ("epochs: 3", "epochs: 5000", "more than --plot-path draws"),
    ],
)
def test_what_cannot_be_drawn(
    old: str, new: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net = tmp_path / "net.yaml"
    text = SPEC.replace(old, new)
    if new == "[1]":
        text = text.replace("[[0], [1], [1], [3], [2]]", "[0]").replace("batch_size: 2", "")
    net.write_text(text)
    code, out, err = cli(capsys, "train", str(net), "--plot-path", str(tmp_path / "x.svg"))

    assert (2, "") == (code, out)
    assert said in err
