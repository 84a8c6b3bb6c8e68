"""Data and weights that a spec does not write out: CSV files, drawn shapes, drawn weights, batches."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from oracle import MAZUR, ROOT, SPECS, spec, text

import backpropcalc as bp
from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.api import loads
from backpropcalc.spec.data import SHAPES, generate
from backpropcalc.spec.initial import SCHEMES

NET: dict[str, Any] = {
    "sizes": [2, 3, 1], "init": {"scheme": "xavier", "seed": 4}, "activation": ["tanh", "sigmoid"],
    "loss": "binary_cross_entropy", "learning_rate": 0.1,
}  # fmt: skip
CSV = {"file": "d.csv", "inputs": ["x1", "x2"], "targets": ["y"]}


def from_csv(folder: Path, content: str, **data: Any) -> bp.Spec:
    (folder / "d.csv").write_text(content, encoding="utf-8")
    return loads(text(NET, data=CSV | data), "net.yaml", folder)


def told(folder: Path, content: str, **data: Any) -> str:
    with pytest.raises(bp.InputError) as error:
        from_csv(folder, content, **data)
    return str(error.value)


def numbers(rows: Any) -> list[list[float]]:
    return [[to_float(n.text) for n in row] for row in rows]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_are_found_by_name(tmp_path: Path, mark: str) -> None:
    """In any order, beside columns that are not asked for, whatever separates them, quoted or not."""
    rows = ["name", "y", "x2", "x1"], ["anna", "1", "0.50", "2"], ['"b ""q"" c"', "0", '"1e-3"', "−3"]
    found = from_csv(tmp_path, "\n".join(mark.join(row) for row in rows) + "\n\n")

    assert ([[2, 0.5], [-3, 0.001]], [[1], [0]]) == (numbers(found.inputs), numbers(found.targets))
    assert ("x1", "x2") == found.columns


def test_numbers_keep_their_text(tmp_path: Path) -> None:
    """0.50 is shown as it is written, as everywhere in a spec."""
    assert "0.50" == from_csv(tmp_path, "x1,x2,y\n0.50,1,0\n").inputs[0][0].text


def test_text_in_a_number_is_told_with_its_line_and_column(tmp_path: Path) -> None:
    """All of them at once, in the CSV file itself, with a caret."""
    message = told(tmp_path, 'x1,x2,y\n1,2,0\n1,abc,0\n1, ,1\n1,"2,5",1\nnan,1,inf\n')

    assert "d.csv:3:3: the column 'x2' must hold numbers, not 'abc'\n    3 | 1,abc,0\n      |   ^^^" in message
    assert ":4:" in message
    assert "d.csv:5:3: the column 'x2' must hold numbers, not '2,5'" in message
    assert "decimal point" in message
    assert "d.csv:6:1:" in message
    assert "d.csv:6:7:" in message


def test_a_ragged_row_is_told_with_its_line_and_column(tmp_path: Path) -> None:
    """Too few fields and too many; lines are those of the file, empty ones counted."""
    message = told(tmp_path, "x1,x2,y\n\n1,2\n1,2,3,4\n")

    assert "d.csv:3:3: this row has 2 fields, but there are 3 columns" in message
    assert "d.csv:4:7: this row has 4 fields, but there are 3 columns" in message


def test_a_missing_column_is_told_in_the_spec(tmp_path: Path) -> None:
    """It points at the name in the spec and offers the nearest column."""
    message = told(tmp_path, "height,x2,y\n1,2,1\n", inputs=["heigth", "x2"])

    assert "net.yaml:1:" in message
    assert "has no column 'heigth'" in message
    assert "did you mean 'height'?" in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "this CSV file is empty"),
        ("x1,x2,y\n", "there are no rows"),
        ("x1,x1,y\n1,2,3\n", "two columns are called 'x1'"),
        ("x1,x2,y\n1,2,\x1b[31m\n", "not '·[31m'"),
    ],
)
def test_a_file_that_is_no_table_is_told(tmp_path: Path, content: str, words: str) -> None:
    """Empty, without rows, ambiguous, or with something that would act on the terminal."""
    assert words in told(tmp_path, content)


@pytest.mark.parametrize("name", ["../d.csv", "/etc/passwd", "..\\d.csv", "a/../../d.csv"])
def test_data_lies_beside_the_spec(tmp_path: Path, name: str) -> None:
    """A spec cannot make the program read a file elsewhere."""
    assert "must name a file beside the spec" in told(tmp_path, "x1,x2,y\n1,2,0\n", file=name)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data": {"generate": "crcle"}}, "did you mean 'circle'?"),
        ({"data": {"generate": "xor", "noise": -1}}, "noise must be a number from 0 to 10"),
        ({"data": {"generate": "xor", "samples": 0}}, "samples must be a whole number from 1"),
        ({"data": {"generate": "xor", "inputs": ["a"]}}, "'inputs' does not go with 'generate'"),
        ({"data": {"samples": 3}}, "either `file` or `generate`"),
        ({"data": {"generate": "xor"}, "inputs": [1, 2]}, "either `data` or `inputs`"),
        ({"data": {"generate": "xor"}, "weights": [[[1, 1]]]}, "either `weights` or `init`"),
        ({"init": None, "weights": [[[1, 1], [1, 1]], [[1, 1]]]}, "sizes say 2-3-1, but the weights are 2-2-1"),
        ({"init": {"scheme": "zeroes"}}, "did you mean 'zeros'?"),
        ({"init": {"seed": 1}}, "init has no scheme"),
        ({"sizes": None}, "init needs the sizes"),
        ({"sizes": [2]}, "at least two numbers"),
        ({"sizes": [2, 0, 1]}, "must be a whole number from 1"),
        ({"batch_size": 0}, "batch_size must be a whole number"),
        ({"epochs": 2, "iterations": 3}, "either epochs or iterations"),
        ({"shuffle": "perhaps"}, "shuffle is true or false"),
        ({"seed": "a"}, "seed must be a whole number"),
        ({"learning_rate": []}, "a list of up to 8"),
        ({"learning_rate": [0.1, "x"]}, "learning_rate[2] must be a number"),
    ],
)
def test_what_does_not_fit_is_told(changes: dict[str, Any], words: str) -> None:
    """Each key of training says what it expects."""
    with pytest.raises(bp.InputError) as error:
        spec(NET, **({"data": {"generate": "circle", "samples": 4}} | changes))

    assert words in str(error.value)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_what_it_says(shape: str) -> None:
    """Without noise every point lies where its class lives; the classes are as many; the same seed draws the same."""
    points, labels = generate(shape, 200, 0, 7)
    clouds = {0: (-0.5, -0.5), 1: (0.5, 0.5)}
    inside = {
        "circle": lambda x, y, label: math.hypot(x, y) <= 0.501 if label else 0.699 <= math.hypot(x, y) <= 1.001,
        "gaussian": lambda x, y, label: math.dist((x, y), clouds[label]) < 0.5,
        "xor": lambda x, y, label: (x * y < 0) == bool(label),
        "spiral": lambda x, y, label: math.hypot(x, y) <= 1.001,
    }[shape]

    assert 100 == sum(labels)
    assert all(inside(*(float(n.text) for n in point), label) for point, label in zip(points, labels, strict=True))
    assert (points, labels) == generate(shape, 200, 0, 7)
    assert generate(shape, 200, 0.1, 7)[0] != generate(shape, 200, 0.1, 8)[0]


def test_two_outputs_get_a_target_each() -> None:
    """A softmax over two classes needs (1, 0) and (0, 1) where a single output needs 0 and 1."""
    keys = NET | {"activation": ["tanh", "softmax"], "loss": "cross_entropy", "sizes": [2, 3, 2]}
    found = spec(keys, data={"generate": "circle", "samples": 4})

    assert [[1, 0], [0, 1], [1, 0], [0, 1]] == numbers(found.targets)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_weights_are_drawn_as_the_scheme_says(scheme: str) -> None:
    """Bounds and spread of each, over 30,000 draws; four decimals; biases one per neuron and 0."""
    found = spec(NET, sizes=[150, 100, 150], init={"scheme": scheme, "seed": 1}, inputs=[0] * 150, targets=[0] * 150)
    drawn = [x for layer in found.layers for row in numbers(layer.weights) for x in row]
    spread = math.sqrt(sum(x * x for x in drawn) / len(drawn))
    bound = math.sqrt(6 / 250)
    expected = {
        "xavier": bound / math.sqrt(3),
        "he": math.sqrt((2 / 150 + 2 / 100) / 2),
        "uniform": 1 / math.sqrt(3),
        "zeros": 0,
    }[scheme]

    assert expected == pytest.approx(spread, rel=0.02, abs=1e-9)
    assert max(map(abs, drawn)) <= {"xavier": bound, "uniform": 1, "zeros": 0, "he": 1}[scheme]
    assert all(round(x, 4) == x for x in drawn)
    assert [100, 150] == [len(layer.bias or ()) for layer in found.layers]
    assert {0.0} == {to_float(n.text) for layer in found.layers for n in layer.bias or ()}


def test_the_same_seed_draws_the_same_weights() -> None:
    """Numbers that are drawn are part of the spec: no machine and no run draws others."""
    data = {"generate": "circle", "samples": 4}
    again, other = spec(NET, data=data), spec(NET, data=data, init={"scheme": "xavier", "seed": 5})

    assert spec(NET, data=data).layers == again.layers != other.layers
    assert "-0.574" == spec(NET, data=data, init={"scheme": "xavier", "seed": 3}).layers[0].weights[0][0].text


def test_biases_can_be_left_out_or_given() -> None:
    """`biases: null` is no biases; a list is used as it stands."""
    data = {"generate": "circle", "samples": 4}
    source = text(NET, data=data)

    assert [None, None] == [layer.bias for layer in loads(source[:-1] + ', "biases": null}').layers]
    assert [0.5, 0.25] == [to_float(x.bias.text) for x in spec(NET, data=data, biases=[0.5, 0.25]).layers]


def test_batches_go_through_all_samples() -> None:
    """Seven samples in threes: 3 + 3 + 1 an epoch; shuffled, each epoch has all of them in an order of its own."""
    keys = MAZUR | {"inputs": [[n, 0] for n in range(7)], "targets": [[0, 0]] * 7, "batch_size": 3, "shuffle": True}
    schedule = spec(keys, seed=5).schedule
    epochs = [[s for n in range(3 * e + 1, 3 * e + 4) for s in schedule.batch(n)] for e in range(3)]

    assert [3, 3, 1] == [schedule.length(n) for n in (4, 5, 6)]
    assert [list(range(7))] * 3 == [sorted(epoch) for epoch in epochs]
    assert epochs[0] != epochs[1] != epochs[2]
    assert list(schedule.batches(2, 8)) == [schedule.batch(n) for n in range(2, 9)]
    assert [(0, 1, 2), (3, 4, 5), (6,), (0, 1, 2)] == [
        spec(keys, shuffle=False).schedule.batch(n) for n in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize(
    ("samples", "size", "iterations", "words"),
    [
        (500, 32, 3200, "500 samples / 32 = 16 batches an epoch (the last has 20); 200 epochs × 16 = 3,200 iterations"),
        (6, 3, 7, "6 samples / 3 = 2 batches an epoch; 3 epochs × 2 + 1 batch = 7 iterations"),
        (6, 6, 10, "10 iterations, each with all 6 samples (1 batch = 1 epoch)"),
        (1, 1, 1, "1 iteration, each with the one sample (1 batch = 1 epoch)"),
        (9, 2, 3, "9 samples / 2 = 5 batches an epoch (the last has 1); 3 iterations: the first epoch is not finished"),
    ],
)
def test_the_arithmetic_of_epochs_is_written_out(samples: int, size: int, iterations: int, words: str) -> None:
    """Samples, batches, epochs and iterations in one sentence."""
    keys = MAZUR | {"inputs": [[0, 0]] * samples, "targets": [[0, 0]] * samples, "batch_size": size}

    assert words == spec(keys).schedule.arithmetic(iterations)


def test_run_works_the_first_batches() -> None:
    """Two iterations of a batched spec are the first two batches, with the losses of those samples."""
    keys = MAZUR | {"inputs": [[1, 2], [3, 4], [5, 6]], "targets": [[0, 1], [1, 0], [0, 0]], "batch_size": 2}
    lines = {(line.iteration, line.id): line.value for line in spec(keys, iterations=2).run()}
    alone = {line.id: line.value for line in spec(keys, inputs=[5, 6], targets=[0, 0], batch_size=None).run()}

    assert {"z[1,1](1)", "z[1,1](2)"} <= {name for n, name in lines if n == 1}
    assert "z[1,1](3)" not in {name for n, name in lines if n == 1}
    assert lines[2, "z[1,1](3)"] != alone["z[1,1]"]  # the weights have moved on, the inputs are those of sample 3
    assert lines[2, "w[1,1,1]+"] != lines[1, "w[1,1,1]+"]
    assert 0.15 * 1 + 0.2 * 2 + 0.35 == pytest.approx(lines[1, "z[1,1](1)"])


def test_iris_is_fishers() -> None:
    """150 flowers, 50 of each species; the sums of the measurements are those of Fisher's table."""
    found = bp.load(SPECS / "iris.yaml")
    sums = [round(sum(column), 1) for column in zip(*numbers(found.inputs), strict=True)]

    assert [876.5, 458.6, 563.7, 179.9] == sums
    assert [50, 50, 50] == [sum(column) for column in zip(*numbers(found.targets), strict=True)]
    assert ("setosa", "versicolor", "virginica") == found.classes


def test_an_example_comes_with_its_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`examples iris` writes the CSV as well, and writes nothing if either is there."""
    from backpropcalc.spec.examples import copy

    monkeypatch.chdir(tmp_path)
    copy("iris")

    assert {"iris.csv", "iris.yaml"} == {path.name for path in tmp_path.iterdir()}
    (tmp_path / "iris.yaml").unlink()
    with pytest.raises(bp.InputError):
        copy("iris")
    assert not (tmp_path / "iris.yaml").exists()


@pytest.mark.slow
@pytest.mark.parametrize("words", [["info"], ["run"], ["predict", "-o", "out.json"], ["train", "--iterations", "2"]])
def test_memory_is_in_proportion_to_the_file(words: list[str], tmp_path: Path) -> None:
    """A CSV of 4 MB takes a quarter of the 500 MB that one of 16 MB may take, beside what NumPy takes anyway."""
    row = "".join(f"0.{n % 997:03}421,-0.{n % 991:03}137,{n % 2}\n" for n in range(200_000))
    (tmp_path / "d.csv").write_text("x1,x2,y\n" + row)
    (tmp_path / "net.yaml").write_text(text(NET, data=CSV))
    measured = "import resource; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000)"
    command = [sys.executable, "-m", "backpropcalc", words[0], "net.yaml", *words[1:]]
    code = f"import subprocess; subprocess.run({command!r}, check=True, stdout=subprocess.DEVNULL); {measured}"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip

    assert int(found.stdout) < 60 + 500 * (tmp_path / "d.csv").stat().st_size / 16e6
