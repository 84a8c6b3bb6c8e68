"""Commands end in a page or an error, whatever they are given: the hunt, and what it once found."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import hunt
import pytest
import specimens
from oracle import ROOT

import backpropcalc as bp

NET: dict[str, Any] = {
    "inputs": [[0.1, 0.2], [1, -1]],
    "targets": [[1], [0]],
    "weights": [[[0.1, -0.2], [0.3, 0.4]], [[0.5, 0.6]]],
    "biases": [0.1, [0.2]],
    "activation": ["relu", "sigmoid"],
    "loss": "half_squared_error",
    "learning_rate": 0.5,
}
FOUND: list[tuple[dict[str, Any], str]] = [
    ({"data": {"generate": "circle", "samples": 4}, "sizes": [2, 3], "init": "zeros", "activation": "tanh",
      "loss": "squared_error"}, "run"),
    (NET | {"iterations": "1e400"}, "run"),
    ({"sizes": [2, "1e400"], "activation": "tanh", "loss": "squared_error"}, "derive"),
    (NET | {"names": {"x[1]": "foo"}}, "derive"),
    (NET | {"train": []}, "derive"),
    (NET | {"train": ["w[1,1,1]"]}, "derive --latex"),
    (NET | {"loss": "binary_cross_entropy", "output_delta": "direct"}, "derive"),
    (NET | {"loss": "binary_cross_entropy", "output_delta": "direct"}, "derive --view index"),
    (NET, "derive -o out.dot"),
    (NET, "derive -o out.json"),
    (NET, "info -o out.dot"),
    (NET, "predict -o out.tex"),
    ({"expression": "J = sqrt(a**2)"}, "run"),
    ({"expression": "J = (a*a)**0.5", "values": {"a": -2}}, "run --exact"),
    ({"expression": "J = log(a - a)", "values": {"a": 2}}, "run"),
    ({"expression": "J = 0**a"}, "run"),
    ({"expression": "J = (-2)**a", "values": {"a": 2}}, "run --carry rounded"),
    ({"expression": "J = max(a, 2)", "values": {"a": 2}}, "run --carry rounded"),
    ({"expression": "J = exp(log(-1*a))", "values": {"a": 2}}, "run --carry rounded"),
    ({"expressions": ["u = a + 1", "v = b + 2", "J = b + 1"], "values": {"a": 1, "b": 2}}, "run"),
    (NET | {"activation": ["arctan", "arctan"], "iterations": 2}, "run --exact --json"),
    (NET | {"optimiser": "adam", "order": "weight"}, "run"),
    (NET | {"optimiser": "momentum", "order": "weight", "iterations": 2}, "train"),
    (NET | {"inputs": [[1, 2]] * 4, "targets": [[1]] * 4, "batch_size": 3, "iterations": 5}, "run"),
    (NET | {"weights": [[["1/3", 0.7], [0.3, 0.123456]], [["1/7", 0.6]]], "activation": "identity", "iterations": 5},
     "run --exact"),
    (NET | {"detail": "full"}, "check answers.yaml --show-solution"),
    (NET | {"view": "matrix"}, "check answers.yaml --show-solution"),
    (NET | {"activation": [{"name": "own", "formula": "max(x, 0.5)"}, "sigmoid"], "carry": "rounded"}, "run"),
    (NET | {"mean_in": "gradient"}, "derive"),
    ({"minimise": "x**2 + sigmoid(x)", "start": {"x": 1}, "learning_rate": 0.1}, "run --plot out.svg"),
]  # fmt: skip
"""Specs and commands that once ended in a traceback."""


@pytest.mark.parametrize("n", range(len(FOUND)))
def test_what_once_ended_in_a_traceback(n: int, run: Any, tmp_path: Path) -> None:
    """A page, or an error in words and exit code 2."""
    keys, words = FOUND[n]
    (tmp_path / "spec.yaml").write_text(json.dumps(keys), encoding="utf-8")
    (tmp_path / "answers.yaml").write_text("z[1,1](1): 0.5\n", encoding="utf-8")
    command, *options = words.split()
    code, out, err = run(command, "spec.yaml", *options)

    written = bool(out) or any(Path().glob("out.*")) or any(tmp_path.glob("out.*"))
    assert (True, code < 2, code == 2) == (code in (0, 1, 2), written, bool(err))


def test_random_specs_are_valid(tmp_path: Path) -> None:
    """What is drawn to be valid is: of 300 specs at most two in a hundred are refused, and each kind is there."""
    refused, kinds = [], set()
    for n in range(300):
        made = specimens.specimen(random.Random(n))
        for name, text in made.files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        try:
            kinds.add(bp.loads(made.text, "spec.yaml", tmp_path).kind)
        except bp.InputError as error:
            refused.append((n, str(error)))

    assert {"network", "graph", "descent"} == kinds
    assert len(refused) <= 6, refused


def test_every_key_of_a_spec_is_drawn(run: Any) -> None:
    """A key that a spec may have and that no random spec has would never be tried."""
    schema = json.loads(run("schema")[1])
    known = {key for kind in ("network", "graph", "descent") for key in schema["$defs"][kind]["properties"]}
    drawn = {key for n in range(800) for key in specimens.specimen(random.Random(n)).keys}

    assert set() == known - drawn


def test_every_option_is_tried(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An option of a command that takes a spec is tried, or left out on purpose."""
    monkeypatch.setenv("COLUMNS", "200")
    for command in hunt.OPTIONS:
        monkeypatch.setenv("COLUMNS", "200")
        listed = re.findall(r"^ +(?:-\w, )?(--[\w-]+)", run(command, "--help")[1], re.M)
        tried = {name for option in hunt.options(command) for name in hunt.SAME.get(option, (option,))}

        assert set() == {*listed} - tried - hunt.NOT_TRIED, command


def test_the_hunt_finds_nothing() -> None:
    """Random commands on valid specs, mutated specs and mutated answers; BACKPROPCALC_HUNT says how many."""
    cases = os.environ.get("BACKPROPCALC_HUNT", "300")
    seed = os.environ.get("BACKPROPCALC_HUNT_SEED", "20000")
    command = [sys.executable, str(Path(hunt.__file__)), "--cases", cases, "--seed", seed, "--seconds", "3600"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)

    assert done.returncode == 0, done.stdout[-6000:]


def test_the_hunt_sees_what_goes_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback, an end without words, a file left behind or half written: each is told."""
    traced = 'Traceback\n  File "x/backpropcalc/a/b.py", line 3, in f\nKeyError: 12\n'

    assert "a/b.py.f: KeyError: #" == hunt._place(traced)
