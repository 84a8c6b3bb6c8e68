"""``predict``: outputs, classes, probabilities, accuracy and confusion matrix, for samples from anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import networks
import pytest
from commands import as_json, cli
from oracle import MAZUR, SPECS, spec, spec_file, values

import backpropcalc as bp
from backpropcalc.execution.predict import predict

SIGMOID = {
    "inputs": [[0], [1], [2], [3]], "targets": [[0], [1], [0], [1]], "weights": [[[2]]], "biases": [-3],
    "activation": "sigmoid", "loss": "binary_cross_entropy",
}  # fmt: skip
SOFTMAX = {
    "inputs": [[1, 0], [0, 1], [1, 1]], "targets": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "weights": [[[1, 0], [0, 2], [-1, 1]]], "activation": "softmax", "loss": "cross_entropy",
}  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_outputs_are_those_of_the_network(seed: int) -> None:
    """Random networks against a forward pass by definition; and the same as the forward phase of `run`."""
    keys = networks.network(seed)
    found = predict(spec(keys)).outputs
    expected = networks.forward(keys, networks.parameters(keys))[-1]

    assert [pytest.approx(list(row), rel=1e-12) for row in expected] == found


def test_a_learning_rate_is_not_needed() -> None:
    """Prediction needs neither a rate nor anything to train."""
    assert values(spec(MAZUR))["a[2,1]"] == predict(spec(MAZUR, learning_rate=None)).outputs[0][0]


def test_a_sigmoid_tells_two_classes() -> None:
    """Above one half it is class 1; the probability is of the class that is told."""
    found = predict(spec(SIGMOID))

    assert (0, 0, 1, 1) == found.classes
    assert 1 - found.outputs[0][0] == found.probability(0)
    assert found.outputs[3][0] == found.probability(3)
    assert (0, 1, 0, 1) == found.actual
    assert 0.5 == found.accuracy
    assert [[1, 1], [1, 1]] == found.confusion


def test_a_softmax_tells_the_most_probable() -> None:
    """One class for each output, numbered from 1; rows of the confusion matrix are what is true."""
    found = predict(spec(SOFTMAX))

    assert ("1", "2", "3") == found.names
    assert (0, 1, 1) == found.classes
    assert [[1, 0, 0], [0, 1, 0], [0, 1, 0]] == found.confusion
    assert 2 / 3 == found.accuracy


def test_targets_that_name_no_class_give_no_accuracy() -> None:
    """Several sigmoids name no class, nor does a network without sigmoid or softmax at its end."""
    assert predict(spec(MAZUR)).accuracy is None
    assert predict(spec(MAZUR)).classes is None  # each sigmoid answers a question of its own
    assert predict(spec(MAZUR, activation=["sigmoid", "identity"])).classes is None


def test_classes_have_the_names_of_their_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """Iris: setosa, versicolor, virginica, also in the confusion matrix."""
    found = as_json(capsys, "predict", str(SPECS / "iris.yaml"))

    assert ["setosa", "versicolor", "virginica"] == found["confusion"]["classes"]
    assert 150 == sum(map(sum, found["confusion"]["counts"])) == len(found["predictions"])
    assert {"setosa", "versicolor", "virginica"} == {one["target_class"] for one in found["predictions"]}


def test_samples_typed_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--input, repeated, in the order given; there are no targets then, hence no accuracy."""
    found = as_json(capsys, "predict", spec_file(tmp_path, SIGMOID), "--input", "1e0", "--input", "−2")

    assert [[1.0], [-2.0]] == [one["inputs"] for one in found["predictions"]]
    assert found["outputs"][0][0] == predict(spec(SIGMOID)).outputs[1][0]
    assert {"accuracy", "confusion"}.isdisjoint(found)


@pytest.mark.parametrize(
    ("content", "count", "accuracy"),
    [
        ("0.5\n2.5\n", 2, None),
        ("a,b\n0,0\n1,0\n2,1\n", 3, 1.0),
        ("0;1\n3;1\n", 2, 0.5),
    ],
)
def test_samples_from_a_csv(
    content: str, count: int, accuracy: float | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In order: inputs, then targets if there are any; a first line of names is no sample."""
    (tmp_path / "new.csv").write_text(content, encoding="utf-8")
    found = as_json(capsys, "predict", spec_file(tmp_path, SIGMOID), "--csv", str(tmp_path / "new.csv"))

    assert (count, accuracy) == (len(found["predictions"]), found.get("accuracy"))


def test_a_csv_with_the_names_of_the_specs_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are found by name, in any order and among others; without the targets there is no accuracy."""
    path = tmp_path / "new.csv"
    path.write_text("petal_width,id,sepal_length,petal_length,sepal_width\n0.2,9,5.1,1.4,3.5\n", encoding="utf-8")
    found = as_json(capsys, "predict", str(SPECS / "iris.yaml"), "--csv", str(path))

    assert [5.1, 3.5, 1.4, 0.2] == found["predictions"][0]["inputs"]
    assert as_json(capsys, "predict", str(SPECS / "iris.yaml"))["outputs"][0] == pytest.approx(
        found["outputs"][0], rel=1e-12
    )
    assert "accuracy" not in found


def test_the_report_in_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Output, class, probability, target, a mark where it is wrong, accuracy, confusion matrix."""
    code, out, _ = cli(capsys, "predict", spec_file(tmp_path, SIGMOID))

    assert 0 == code
    assert "95.26 %" in out
    assert 2 == out.count("wrong")
    assert "accuracy 50 %: 2 of 4 right" in out
    assert "Confusion matrix" in out


def test_the_report_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """-o writes the form of the suffix."""
    target = tmp_path / "p.json"
    code, out, _ = cli(capsys, "predict", spec_file(tmp_path, SIGMOID), "-o", str(target))

    assert (0, "") == (code, out)
    assert 4 == len(json.loads(target.read_text(encoding="utf-8"))["predictions"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--input", "1,2"], "has 2 numbers in a row, but the network has 1 inputs"),
        (["--input", "a"], "must be numbers with commas"),
        (["--input", "nan"], "must be numbers with commas"),
        (["--csv", "nowhere.csv"], "cannot read nowhere.csv"),
        (["--input", "1", "--csv", "x.csv"], "either --input or --csv"),
        (["-o", "p.svg"], "p.svg names no output form"),
    ],
)
def test_what_cannot_be_is_told(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, nothing on standard output."""
    code, out, err = cli(capsys, "predict", spec_file(tmp_path, SIGMOID), *words)

    assert (2, "") == (code, out)
    assert message in err


def test_a_csv_that_does_not_fit_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Too many columns, text among the numbers (with its place), a column of the spec that is not there."""
    path = tmp_path / "bad.csv"
    for content, message in (("1,2,3\n", "3 numbers in a row"), ("x,y\n1,z\n", "bad.csv:2:3")):
        path.write_text(content, encoding="utf-8")
        code, _, err = cli(capsys, "predict", spec_file(tmp_path, SIGMOID), "--csv", str(path))
        assert 2 == code
        assert message in err
    path.write_text("sepal_length,sepal_width\n1,2\n", encoding="utf-8")
    _, _, err = cli(capsys, "predict", str(SPECS / "iris.yaml"), "--csv", str(path))
    assert "no column 'petal_length'" in err


def test_names_cannot_act_on_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A column called with an escape sequence is shown harmlessly."""
    (tmp_path / "d.csv").write_text("x,\x1b[31mred,b\n1,1,0\n2,0,1\n", encoding="utf-8")
    keys = SOFTMAX | {
        "inputs": None, "targets": None, "weights": [[[1], [2]]],
        "data": {"file": "d.csv", "inputs": ["x"], "targets": ["\x1b[31mred", "b"]},
    }  # fmt: skip
    _, out, _ = cli(capsys, "predict", spec_file(tmp_path, keys))

    assert "\x1b" not in out
    assert "·[31mred" in out


def test_large_networks_predict_alike() -> None:
    """Worked in tensors, a wide network gives what the lines of `run` give."""
    keys = {"sizes": [3, 80, 2], "init": "xavier", "activation": "tanh", "loss": "squared_error"}
    given = spec(keys, inputs=[[0.1, 0.2, 0.3]] * 20, targets=[[0, 1]] * 20)
    line = {line.id: line.value for line in bp.Trace(spec(keys, inputs=[0.1, 0.2, 0.3], targets=[0, 1])).lines()}

    assert [line["a[2,1]"], line["a[2,2]"]] == pytest.approx(predict(given).outputs[7], rel=1e-13)


@pytest.mark.parametrize(
    ("activation", "targets", "names", "actual"),
    [
        ("step", [[1], [0]], ("0", "1"), (1, 0)),
        ("tanh", [[1], [-1]], ("-1", "1"), (1, 0)),
        ("tanh", [[1], [0]], ("0", "1"), (1, 0)),
        ("sigmoid", [[1], [0]], ("0", "1"), (1, 0)),
        ("tanh", [[0.3], [-1]], (), None),
        ("step", [[1], [-1]], (), None),
        ("relu", [[1], [0]], (), None),
    ],
)
def test_a_single_output_tells_two_classes(
    activation: str, targets: list[list[float]], names: tuple[str, ...], actual: tuple[int, ...] | None
) -> None:
    """The classes are the two targets; an output is of the class that it is nearer to. Only a sigmoid's is probable."""
    keys = {
        "inputs": [[2], [-2]],
        "targets": targets,
        "weights": [[[1]]],
        "activation": activation,
        "loss": "squared_error",
    }
    found = predict(spec(keys))

    assert (names, actual) == (found.names, found.actual)
    assert found.classes == ((1, 0) if names else None)
    assert (activation == "sigmoid") == (found.probability(0) is not None)


def test_several_sigmoids_tell_no_class() -> None:
    """Each answers a question of its own."""
    keys = {"inputs": [1], "targets": [1, 0], "weights": [[[1], [2]]], "activation": "sigmoid", "loss": "squared_error"}

    assert () == predict(spec(keys)).names
