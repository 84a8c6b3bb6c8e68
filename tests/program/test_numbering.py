"""A sample keeps its number through batches: in ids, names, matrices, what is asked for by name, and answers."""

from __future__ import annotations

import json
import random
import re
from io import StringIO
from pathlib import Path
from typing import Any

import autograd.numpy as np
import networks
import pytest
from oracle import spec

import backpropcalc as bp
from backpropcalc.execution.trace import Trace
from backpropcalc.program.numbering import Numbering

SAMPLES = 5


def batched(seed: int) -> dict[str, Any]:
    """A random network with five samples, of which an iteration sees one to four."""
    rng = random.Random(seed)
    keys = networks.network(seed)
    inputs, outputs = len(keys["inputs"][0]), len(keys["targets"][0])
    keys["inputs"] = [[round(rng.uniform(-1, 1), 2) for _ in range(inputs)] for _ in range(SAMPLES)]
    keys["targets"] = [[round(rng.uniform(0.1, 0.9), 2) for _ in range(outputs)] for _ in range(SAMPLES)]
    if "cross" in networks.loss_name(keys):
        keys["loss"] = "squared_error"
    more = {"batch_size": 1 + seed % 4, "iterations": 6, "shuffle": seed % 2 == 0, "decimals": 9}
    return keys | more | rng.choice([{}, {"order": "neuron"}, {"order": "stage"}, {"detail": "full"}])


def lines(keys: dict[str, Any], *only: str, **changes: Any) -> list[dict[str, Any]]:
    out = StringIO()
    bp.write(bp.page(spec(keys, **changes), only=only), out, "json")
    found: list[dict[str, Any]] = json.loads(out.getvalue())["lines"]
    return found


@pytest.mark.parametrize("seed", range(12))
def test_a_number_is_of_the_same_sample_in_every_iteration(seed: int) -> None:
    """z, a and the loss of sample s are those of row s of the inputs with the parameters of that iteration."""
    keys = batched(seed)
    found = lines(keys)
    schedule = spec(keys).schedule
    layers = networks.parameters(keys)
    for n in range(1, keys["iterations"] + 1):
        values = {line["id"]: line["value"] for line in found if line["iteration"] == n and line["phase"] != "after"}
        _, *sums = networks.forward(keys, layers)
        expected = {}
        for at, tensor in enumerate(sums):
            letter, layer = "za"[at % 2], at // 2 + 1
            for s in schedule.batch(n):
                expected |= {f"{letter}[{layer},{j}]({s + 1})": x for j, x in enumerate(tensor[s], 1)}
        shown = {key: x for key, x in values.items() if re.fullmatch(r"[za]\[\d+,\d+\]\(\d+\)", key)}

        assert expected.keys() == shown.keys()
        assert all(abs(shown[key] - x) <= 1e-9 * max(1, abs(x)) for key, x in expected.items())
        moved = networks.by_id(keys, layers)
        moved = {key: values.get(key + "+", x) for key, x in moved.items()}
        layers = taken(keys, moved)


def taken(keys: dict[str, Any], values: dict[str, float]) -> list[tuple[Any, Any]]:
    """Parameters from their ids."""
    layers = []
    for n, ((weights, bias), written) in enumerate(zip(networks.parameters(keys), keys["biases"], strict=True), 1):
        rows = [[values[f"w[{n},{j},{i}]"] for j, _ in enumerate(row, 1)] for i, row in enumerate(weights, 1)]
        names = [f"b[{n},{j}]" if isinstance(written, list) else f"b[{n}]" for j in range(1, len(bias) + 1)]
        layers.append((np.array(rows), np.array([values[name] for name in names])))
    return layers


@pytest.mark.parametrize("seed", range(0, 40, 10))
def test_what_is_asked_for_by_its_number(seed: int) -> None:
    """--only of a sample shows it in just the iterations that see it, with the same lines as the whole page."""
    keys = batched(seed) | {"order": "sample"}
    whole = {(line["iteration"], line["id"]): line for line in lines(keys)}
    batches = [spec(keys).schedule.batch(n) for n in range(1, 7)]
    for s in range(SAMPLES):
        found = lines(keys, f"a[1,1]({s + 1})")

        assert found == [whole[line["iteration"], line["id"]] for line in found]
        assert {n for n, batch in enumerate(batches, 1) if s in batch} == {line["iteration"] for line in found}
        assert {f"({s + 1})"} == {line["id"][line["id"].index("(") :] for line in found}


@pytest.mark.parametrize("seed", range(1, 40, 10))
def test_matrices_name_the_samples_of_their_batch(seed: int) -> None:
    """The columns of X are called by the samples of the batch, and the numbers are those of the scalar view."""
    keys = next(keys for n in range(seed, 1000) if (keys := batched(n))["orientation"] == "Wx")
    keys |= {"view": "matrix", "notation": "layered", "chain": "delta"}
    scalar = {(line["iteration"], line["id"]): line["value"] for line in lines(keys | {"view": "scalar"})}
    schedule = spec(keys).schedule
    for line in lines(keys):
        if line["id"] == "z[1]":
            batch = schedule.batch(line["iteration"])
            names = [int(n) - 1 for n in re.findall(r"x1\((\d+)\)|x₁\((\d+)\)", line["formula"]) for n in n if n]

            assert set(names) <= set(batch)
            assert [[scalar[line["iteration"], f"z[1,{j + 1}]({s + 1})"] for s in batch]
                    for j in range(len(line["value"]))] == line["value"]  # fmt: skip


def test_answers_and_marks_use_the_numbers(tmp_path: Path, run: Any) -> None:
    """The answer file asks for the samples of the first batch by their numbers; true answers are marked right."""
    keys = batched(3) | {"batch_size": 2, "shuffle": True, "seed": 1, "order": "sample"}
    batch = spec(keys).schedule.batch(1)
    path = tmp_path / "spec.yaml"
    path.write_text(json.dumps(keys), encoding="utf-8")
    asked = run("answers", str(path))[1]

    assert {s + 1 for s in batch} == {int(s) for s in re.findall(r"\((\d+)\)", asked)} != {1, 2}
    true = {line["id"]: line["value"] for line in lines(keys, iterations=1)}
    (tmp_path / "answers.json").write_text(json.dumps(true), encoding="utf-8")
    code, out, _ = run("check", str(path), str(tmp_path / "answers.json"))

    assert 0 == code, out


def test_an_entry_of_a_batch_and_back() -> None:
    """Each entry that is worked with has one id, which is that of one entry among all samples, and leads back to it."""
    trace = Trace(spec(batched(7) | {"batch_size": 2, "detail": "full"}))
    whole = set(trace.computed())
    for n in range(1, 4):
        numbering = trace.numbering(n)
        for block in trace.stage(n).program.lines:
            for step in block.cells:
                entry = numbering.entry(step.var)

                assert entry in whole
                assert step.var == numbering.local(entry) == numbering.local(step.var)
                assert entry == numbering.entry(entry)


def test_all_samples_at_once_are_as_they_are() -> None:
    """Where every iteration sees all samples nothing is renumbered."""
    trace = Trace(spec(batched(7) | {"batch_size": "all"}))

    assert Numbering(range(3), 3).whole
    assert trace.stage(1).program.lines is trace.blocks(1) or trace.stage(1).program.lines == trace.blocks(1)
