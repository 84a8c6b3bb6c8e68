"""``train``: the published numbers of Mazur's ten thousand, how it ends, what it writes."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import networks
import pytest
import yaml
from audit import AUDIT
from commands import as_json, cli
from oracle import MAZUR, ROOT, SPECS, spec, spec_file, values

import backpropcalc as bp
from backpropcalc.execution.session import best, compare, marks, train
from backpropcalc.render.plotter import drawn

BIASES = {
    "frozen": {},
    "updated, one per neuron": {"train": None, "biases": [[0.35, 0.35], [0.6, 0.6]]},
    "updated, one shared per layer (gradients summed)": {"train": None},
}
VARIANTS = [
    (
        BIASES[variant["biases"]],
        "sequential" if "sequential" in variant["hidden_gradient_through"] else "simultaneous",
        n,
    )
    for variant in AUDIT["mazur_variants"]
    if variant["biases"] in BIASES
    for n in variant["updates"]
]
LINEAR = {
    "inputs": [1], "targets": [1], "weights": [[[3]], [[2]]], "activation": "identity", "loss": "squared_error",
    "learning_rate": 2.5,
}  # fmt: skip


@pytest.mark.parametrize(("changes", "update", "updates"), VARIANTS)
def test_mazurs_ten_thousand_to_nine_digits(changes: dict[str, Any], update: str, updates: int) -> None:
    """Loss and outputs after 1, 9,999, 10,000 and 10,001 updates, for every way that the text can be read."""
    kind = next(name for name, keys in BIASES.items() if keys is changes)
    expected = next(
        variant["updates"][updates]
        for variant in AUDIT["mazur_variants"]
        if variant["biases"] == kind
        and (update == "sequential") == ("sequential" in variant["hidden_gradient_through"])
    )
    found = train(spec(MAZUR, **changes, update=update, iterations=updates))

    assert float(expected["E_total"]) == pytest.approx(found.loss, rel=5e-10)
    assert [float(expected["out_o1"]), float(expected["out_o2"])] == pytest.approx(found.outputs[0], rel=5e-10)
    assert (0, 0.2983711087600027) == pytest.approx(found.history[0])
    assert (updates, found.loss) == found.history[-1]


def test_json_ends_with_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    """The last four keys are the contract's; parameters are by id, outputs a row per sample."""
    found = as_json(capsys, "train", str(SPECS / "mazur.yaml"), "--iterations", "10000")

    assert ["iterations", "loss", "parameters", "outputs"] == list(found)[-4:]
    assert 10000 == found["iterations"]
    assert 3.51018778298e-05 == pytest.approx(found["loss"])
    assert {"w[2,2,2]", "b[1]", "w[1,1,1]"} <= set(found["parameters"])
    assert 0.35 == found["parameters"]["b[1]"]
    assert [0.0159136204436, 0.984064273515] == pytest.approx(found["outputs"][0])


def test_train_goes_where_run_goes() -> None:
    """The parameters after seven iterations are the last line of each in the hand calculation, batches and all."""
    keys = networks.network(3) | {"optimiser": "nesterov"}
    keys |= {"inputs": keys["inputs"] * 3, "targets": keys["targets"] * 3, "batch_size": 2, "shuffle": True}
    ran, trained = values(spec(keys, iterations=7)), train(spec(keys, iterations=7))

    assert {var.id: ran[f"{var.id}+"] for var in trained.parameters} == pytest.approx(
        {var.id: value for var, value in trained.parameters.items()}, rel=1e-12
    )


def test_rounded_training_is_rounded() -> None:
    """Under `carry: rounded` each update is the rounded one, as `run` prints it."""
    keys = MAZUR | {"carry": "rounded", "decimals": 4}
    ran, trained = values(spec(keys, iterations=4)), train(spec(keys, iterations=4))

    assert ran["w[2,1,1]+"] == next(float(value) for var, value in trained.parameters.items() if var.id == "w[2,1,1]")


@pytest.mark.parametrize("name", ["xor", "gaussian", "circle", "iris"])
def test_the_shipped_data_are_learned(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """XOR and two clouds to 99 %, the circle to 95 %, iris to 95 %."""
    found = as_json(capsys, "train", str(SPECS / f"{name}.yaml"))

    assert found["accuracy"] >= {"xor": 0.99, "gaussian": 0.99, "circle": 0.95, "iris": 0.95}[name]
    assert found["loss"] < found["loss_before"]


def test_until_loss_stops_at_the_first() -> None:
    """One iteration less would not be enough."""
    keys = MAZUR | {"iterations": 5000}
    found = train(spec(keys), until=1e-3)
    before = train(spec(keys | {"iterations": found.iterations - 1}))

    assert "reached" == found.stopped
    assert found.loss <= 1e-3 < before.loss
    assert 1088 == found.iterations


def test_until_loss_with_batches_looks_at_ends_of_epochs() -> None:
    """It stops after a whole epoch, the loss over all samples being small enough."""
    found = train(bp.load(SPECS / "gaussian.yaml"), until=0.1)

    assert 0 == found.iterations % 20 < found.iterations
    assert found.loss <= 0.1


def test_divergence_is_told_with_its_iteration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """w → 10^227 and beyond: the word, the iteration, and the last numbers that are finite."""
    code, out, _ = cli(capsys, "train", spec_file(tmp_path, LINEAR, iterations=5000))
    found = as_json(capsys, "train", spec_file(tmp_path, LINEAR, iterations=5000))

    assert 0 == code
    assert "The training diverged: in iteration 5 the loss is no longer a finite number" in " ".join(out.split())
    assert ("diverged", 4) == (found["stopped"], found["iterations"])
    assert all(abs(value) < 1e300 for value in found["parameters"].values())
    assert values(spec(LINEAR, iterations=4))["w[1,1,1]+"] == found["parameters"]["w[1,1,1]"]


@pytest.mark.parametrize("sizes", [[2, 3, 1], [2, 40, 40, 1]])
def test_divergence_is_seen_in_every_kind(sizes: list[int]) -> None:
    """Cells and tensors alike stop before the first number that is none."""
    keys = {
        "sizes": sizes, "init": "xavier", "data": {"generate": "xor", "samples": 8}, "activation": "identity",
        "loss": "squared_error", "learning_rate": 1000, "iterations": 3000,
    }  # fmt: skip
    found = train(spec(keys))

    assert "diverged" == found.stopped
    assert 0 < found.iterations < 3000
    assert found.iterations == found.history[-1].iteration


def test_a_watch_can_end_it() -> None:
    """What is there when somebody wants to stop is a result like any other."""
    found = train(spec(MAZUR, iterations=100_000), watch=lambda done, total: done < 500)

    assert "interrupted" == found.stopped
    assert 500 <= found.iterations < 100_000
    assert found.loss == train(spec(MAZUR, iterations=found.iterations)).loss


def worked(pid: int) -> float:
    """The seconds of processor that a process has used: on a busy machine the clock tells nothing."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="POSIX signals, and a /proc that tells of them")
def test_ctrl_c_prints_what_it_has(tmp_path: Path) -> None:
    """SIGINT ends the training, not the report; the exit code is 130."""
    keys = MAZUR | {"iterations": 100_000_000}
    process = subprocess.Popen(
        [sys.executable, "-m", "backpropcalc", "train", spec_file(tmp_path, keys)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    while process.poll() is None and worked(process.pid) < 1:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert (130, "") == (process.returncode, err)
    assert "Interrupted: this is how far it came." in out
    assert "w8" in out


def test_show_is_the_page_of_that_iteration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Iteration 100 of training is iteration 100 of `run`, in the terminal, as JSON and as LaTeX."""
    path = spec_file(tmp_path, MAZUR)
    found = as_json(capsys, "train", path, "--iterations", "200", "--show", "100")
    shown = {line["id"]: line["value"] for line in found["show"]["lines"]}
    code, out, _ = cli(capsys, "train", path, "--iterations", "200", "--show", "100")
    _, tex, _ = cli(capsys, "train", path, "--iterations", "200", "--show", "100", "--latex")

    assert shown == {name: value for name, value in values(spec(MAZUR, iterations=100)).items() if name in shown}
    assert 200 == found["iterations"]
    assert {100} == {line["iteration"] for line in found["show"]["lines"]}
    assert 0 == code
    assert "net_h1  w1 · i1 + w2 · i2 + b1" in out
    assert "after 200 iterations" in out
    assert tex.lstrip().startswith("\\noindent")


def test_a_saved_spec_is_read_by_run_and_predict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All digits are kept: its loss is the loss at the end, its parameters are those of the end."""
    saved = tmp_path / "trained.yaml"
    found = as_json(capsys, "train", str(SPECS / "mazur.yaml"), "--iterations", "50", "--save", str(saved))
    again = bp.load(saved)
    ran = values(again)
    code, out, _ = cli(capsys, "predict", str(saved), "--json")

    assert found["loss"] == pytest.approx(ran["E"], rel=1e-14)
    assert found["parameters"] == {name: ran[name] for name in found["parameters"]}
    assert (0, found["outputs"]) == (code, json.loads(out)["outputs"])
    assert ("mazur", 9, frozenset({"w[1,1,1]"})) == (
        again.style.notation, again.style.decimals, again.train & {"w[1,1,1]", "b[1]"},
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_any_network_is_saved(seed: int, tmp_path: Path) -> None:
    """Orientation, biases of each kind, activations with parameters, losses with reductions: the same net again."""
    from backpropcalc.execution.saving import text as saved

    outcome = train(spec(networks.network(seed), title=f"a: 'b' # {seed}", iterations=3))
    again = bp.loads(saved(outcome, tmp_path))

    assert outcome.trained().layers == again.layers
    assert outcome.loss == train(again).history[0].loss
    assert f"a: 'b' # {seed}" == again.title


def test_saving_drawn_weights_and_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--iterations 0` saves what was drawn; data from a file are kept by name beside it, written out elsewhere."""
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
    for suffix in ("yaml", "csv"):
        (tmp_path / "a" / f"iris.{suffix}").write_text((SPECS / f"iris.{suffix}").read_text(encoding="utf-8"))
    given = bp.load(SPECS / "iris.yaml")
    for folder in ("a", "b"):
        saved = tmp_path / folder / "t.yaml"
        cli(capsys, "train", str(tmp_path / "a" / "iris.yaml"), "--iterations", "0", "--save", str(saved))
        again = bp.load(saved)

        assert values(given.on([0])) == values(again.on([0]))
        assert (given.inputs, given.targets) == (again.inputs, again.targets)
        assert ("iris.csv" in saved.read_text(encoding="utf-8")) == (folder == "a")


def test_the_history_as_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every N-th loss, the first and the last; with several learning rates a column says which."""
    path = tmp_path / "loss.csv"
    cli(capsys, "train", str(SPECS / "mazur.yaml"), "--iterations", "25", "--every", "10", "--csv", str(path))
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))

    assert ["0", "10", "20", "25"] == [row["iteration"] for row in rows]
    assert 0.2983711087600027 == float(rows[0]["loss"])
    cli(
        capsys,
        "train",
        str(SPECS / "mazur.yaml"),
        "--learning-rate",
        "0.5",
        "--learning-rate",
        "1/4",
        "--csv",
        str(path),
    )
    assert "learning_rate,iteration,epoch,loss" == path.read_text(encoding="utf-8").splitlines()[0]


def test_learning_rates_are_compared() -> None:
    """Each is trained on its own from the same start; the best one at the end is told; one that diverges is not it."""
    keys = MAZUR | {"learning_rate": [0.01, 0.5, 0.1], "iterations": 300}
    outcomes = compare(spec(keys))

    assert [train(spec(keys, learning_rate=rate)).loss for rate in (0.01, 0.5, 0.1)] == [o.loss for o in outcomes]
    assert "0.5" == best(outcomes).spec.learning_rate.text
    assert ["", "diverged"] == [o.stopped for o in compare(spec(LINEAR, learning_rate=[0.001, 2.5], iterations=50))]
    assert "0.001" == best(compare(spec(LINEAR, learning_rate=[2.5, 0.001], iterations=50))).spec.learning_rate.text


def test_epochs_count_in_batches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two epochs of five samples in pairs are six iterations; a flag for iterations overrides the epochs."""
    keys = MAZUR | {"inputs": [[0, 1]] * 5, "targets": [[0, 1]] * 5, "batch_size": 2, "epochs": 2}
    path = spec_file(tmp_path, keys)

    assert 6 == as_json(capsys, "train", path)["iterations"]
    assert 4 == as_json(capsys, "train", path, "--iterations", "4")["iterations"]
    assert 15 == as_json(capsys, "train", path, "--epochs", "3", "--batch-size", "1")["iterations"]
    assert "5 samples / 2 = 3 batches an epoch (the last has 1)" in " ".join(cli(capsys, "train", path)[1].split())


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", ["mazur", "circle", "iris"])
def test_the_report_fits_the_page(name: str, width: int, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """No line of head, losses or curve is wider than the terminal, from 60 columns on; ASCII is ASCII."""
    monkeypatch.setenv("COLUMNS", str(width))
    _, out, _ = cli(capsys, "train", str(SPECS / f"{name}.yaml"), "--iterations", "20")
    _, plain, _ = cli(capsys, "train", str(SPECS / f"{name}.yaml"), "--iterations", "20", "--ascii")
    head = out[: out.index("\n Outputs")].splitlines()

    assert [] == [line for line in head if len(line) > width]
    assert plain.isascii()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--iterations", "3", "--epochs", "2"], "either --epochs or --iterations"),
        (["--iterations", "-1"], "must be a whole number"),
        (["--every", "0"], "--every must be at least 1"),
        (["--until-loss", "small"], "--until-loss must be a number"),
        (["--learning-rate", "fast"], "--learning-rate must be a number"),
        (["--show", "2"], "--show must be from 1 to 1"),
        (["--update", "sequentially"], "did you mean 'sequential'"),
        (["--plot", "x.jpg"], "no picture has the suffix"),
        (["--save", "/nowhere/x.yaml"], "cannot write"),
    ],
)
def test_what_cannot_be_is_told(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, nothing on standard output, no traceback."""
    code, out, err = cli(capsys, "train", str(SPECS / "mazur.yaml"), *words)

    assert (2, "") == (code, out)
    assert message in err


@pytest.mark.parametrize(
    ("key", "value", "message"), [("learning_rate", None, "learning_rate"), ("train", [], "trained")]
)
def test_without_anything_to_train_it_says_so(key: str, value: Any, message: str) -> None:
    """No learning rate, or no parameter: an error, not a flat curve."""
    with pytest.raises(bp.InputError) as error:
        train(spec(MAZUR, **{key: value}))

    assert message in str(error.value)


def test_losses_are_noted_at_round_numbers() -> None:
    """0, 1, 2, 5, 10 … and the last, and about two hundred in between; with --every exactly those."""
    assert {0, 1, 2, 5, 10, 20, 50, 5000, 10_000} <= set(marks(10_000, None, 1))
    assert 200 < len(marks(10_000, None, 1)) < 220
    assert (0, 4, 8, 10) == marks(10, 4, 1)
    assert (0,) == marks(0, None, 1)
    assert {20 * n for n in range(1, 10)} <= set(marks(20 * 1000, None, 20)) | {20 * n for n in range(1, 10)}


def test_a_curve_in_plain_characters() -> None:
    """High is up, the axes are labelled, a hundredfold fall is logarithmic, nothing is drawn of a single point."""
    falling = drawn([[(n, 100 - n) for n in range(100)]], [], 60, "iteration")
    steep = drawn([[(n, 10.0**-n) for n in range(6)]], [], 60, "iteration")

    assert falling[0].lstrip().startswith("100 ●")
    assert falling[-2].rstrip().endswith("●")
    assert all(len(line) <= 60 for line in falling + steep)
    assert "iteration (logarithmic)" in steep[-1]
    assert [] == drawn([[(0, 1.0)]], [], 60)


@pytest.mark.slow
def test_pictures_are_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """SVG, PNG and PDF begin as such files do; the same training draws the same bytes."""
    heads = {"a.svg": b"<?xml", "b.svg": b"<?xml", "a.png": b"\x89PNG", "a.pdf": b"%PDF"}
    for name, head in heads.items():
        code, _, err = cli(capsys, "train", str(SPECS / "xor.yaml"), "-q", "--plot", str(tmp_path / name))

        assert (0, "") == (code, err)
        assert (tmp_path / name).read_bytes().startswith(head)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes", [{}, {"activation": ["tanh", "identity"], "loss": "squared_error"}, {"learning_rate": [0.1, 0.5]}]
)
def test_boundaries_are_drawn(changes: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For classes, for an output that is none, and for the best of several learning rates."""
    keys = yaml.safe_load((SPECS / "xor.yaml").read_text(encoding="utf-8")) | {"epochs": 30}
    words = ["--plot-boundary", str(tmp_path / "plane.png"), "--plot", str(tmp_path / "loss.png"), "-q"]
    code, _, err = cli(capsys, "train", spec_file(tmp_path, keys, **changes), *words)

    assert (0, "") == (code, err)
    assert (tmp_path / "plane.png").stat().st_size > 5000 < (tmp_path / "loss.png").stat().st_size


@pytest.mark.parametrize("suffix", ["html", "typ", "tex", "md", "txt", "json"])
def test_the_report_is_written_in_every_form(suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The losses, the parameters and the outputs; with --show N it is the page of that iteration."""
    report, shown = tmp_path / f"report.{suffix}", tmp_path / f"shown.{suffix}"
    words = ["train", str(SPECS / "xor.yaml"), "--iterations", "20"]

    assert (0, "", "") == cli(capsys, *words, "-o", str(report))
    assert 0 == cli(capsys, *words, "--show", "2", "-o", str(shown))[0]
    text, other = (path.read_text(encoding="utf-8") for path in (report, shown))
    assert "0.70227" in text and ("Outputs" in text or suffix == "json")
    assert "Outputs" not in other or suffix == "json"


def test_without_matplotlib_the_install_command_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Before any work is done, and with nothing written."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    code, out, err = cli(capsys, "train", str(SPECS / "xor.yaml"), "--plot", str(tmp_path / "x.svg"))

    assert (2, "") == (code, out)
    assert "pip install 'backpropcalc[plot]'" in err
    assert [] == list(tmp_path.iterdir())


def test_a_boundary_needs_a_plane(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Iris has four inputs: there is no picture of it."""
    code, _, err = cli(capsys, "train", str(SPECS / "iris.yaml"), "--plot-boundary", str(tmp_path / "x.png"))

    assert 2 == code
    assert "needs two inputs; this network has 4" in err


def test_ten_thousand_iterations_take_no_time() -> None:
    """In process well under a second even on a busy machine: the loop is compiled (bars: tests/benchmarks)."""
    start = time.process_time()
    train(spec(MAZUR, iterations=10_000))

    assert time.process_time() - start < 1.5


def test_every_spec_that_comes_with_the_package_trains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of a softmax with many samples too, whose sums of a matrix are compiled."""
    for name in ("iris", "gaussian", "circle", "xor", "relu-sigmoid-softmax"):
        assert 0 == cli(capsys, "train", str(SPECS / f"{name}.yaml"), "--iterations", "3", "-q")[0], name
