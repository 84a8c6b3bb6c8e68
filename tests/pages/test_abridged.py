"""Many samples: a terminal works a few of them, as it works one unit of a large layer; --all works everything."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import networks
import pytest
from commands import call

from backpropcalc.pages import abridged

SAMPLES = {"inputs": [[n / 100, 1 - n / 90] for n in range(70)], "targets": [[n % 2] for n in range(70)]}
NET: dict[str, Any] = SAMPLES | {
    "weights": [[[0.1, -0.2], [0.3, 0.4]], [[0.5, 0.6]]],
    "biases": [0.1, [0.2]],
    "activation": ["tanh", "sigmoid"],
    "loss": "half_squared_error",
    "learning_rate": 0.5,
}


def test_some_of_many_samples_are_worked(run: Any, tmp_path: Path) -> None:
    """The first three and the last; sums over all name these; --all, --only and the other forms have all."""
    (tmp_path / "net.yaml").write_text(json.dumps(NET))
    _, page, _ = run("run", "net.yaml")
    found = {int(n) for n in re.findall(r"── sample (\d+)", page)}

    assert {1, 2, 3, 70} == found
    assert "J  1/70 · (J(1) + J(2) + J(3) + … + J(70))" in page
    assert "+ … + δ" in re.sub(r"\s+", " ", page) or "+ … + ∂" in re.sub(r"\s+", " ", page)
    assert "∂z₁[2](70)/∂w₁₁[2]" in page
    assert "Of 70 samples 4 are worked: --all works them all" in page
    for words in (["--all"], ["--latex"], ["--only", "E(40)"]):
        assert "(40)" in run("run", "net.yaml", *words)[1], words


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_the_lines_of_those_that_are_worked_are_the_same(
    first: int, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a random network each line that is no sum over samples stands as with --all, and every result does."""
    monkeypatch.setattr(abridged, "MANY", 4)
    for seed in range(first, first + 10):
        keys = networks.network(seed)
        rows = [[round(x * (1 + n / 7), 3) for x in keys["inputs"][0]] for n in range(6)]
        order = ["sample", "neuron", "stage", "weight"][seed % 4]
        many = keys | {"inputs": rows, "targets": keys["targets"][:1] * 6, "order": order}
        (tmp_path / "net.yaml").write_text(json.dumps(many))
        short, whole = (run("run", "net.yaml", *words)[1] for words in ([], ["--all"]))
        results = [{*re.findall(r"[=≈] +(−?[\d.·⁻⁰-⁹]+)$", page, re.M)} for page in (short, whole)]

        assert results[0] <= results[1], seed
        assert "(5)" in whole, seed
        assert "(5)" not in short.partition("Result")[0].replace("[5]", ""), seed


def test_a_large_batch_takes_no_more_time_than_a_small_one(run: Any, tmp_path: Path) -> None:
    """30,000 samples: a page of some kilobytes, in seconds."""
    data = {"data": {"generate": "circle", "samples": 30_000}}
    rest = {key: value for key, value in NET.items() if key not in SAMPLES}
    (tmp_path / "net.yaml").write_text(json.dumps(rest | data))
    code, page, _ = run("run", "net.yaml")

    assert (0, True) == (code, len(page) < 100_000)


@pytest.mark.parametrize(
    ("command", "short", "dots"),
    [
        (["derive", "net.yaml", "--view", "matrix"], False, ("⋮", "…  ")),
        (["derive", "net.yaml"], True, ("⋮",)),
        (["run", "net.yaml", "--view", "matrix"], False, ("⋮", "…")),
        (["run", "net.yaml"], False, (" more", "…")),
        (["predict", "net.yaml"], False, (" more", "…")),
        (["train", "net.yaml", "--iterations", "2"], False, (" more", "…")),
    ],
)
def test_all_leaves_nothing_out_in_any_command(
    command: list[str], short: bool, dots: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 12-12-9: matrices, what is given, samples, outputs and parameters; derive writes every neuron out."""
    monkeypatch.setenv("COLUMNS", "100")
    rows = [[round(0.01 * (s + n), 2) for n in range(12)] for s in range(14)]
    (tmp_path / "net.yaml").write_text(
        f"{{sizes: [12, 12, 9], init: {{scheme: xavier, seed: 1}}, activation: sigmoid, loss: half_squared_error, "
        f"inputs: {rows}, targets: {[[0.5] * 9] * 14}, learning_rate: 0.1}}"
    )
    some, everything = (call(*command, *words, cwd=tmp_path).out for words in ((), ("--all",)))

    assert short or any(mark in some for mark in dots)
    assert not any(mark in everything for mark in dots)
    assert len(everything.splitlines()) > len(some.splitlines())
