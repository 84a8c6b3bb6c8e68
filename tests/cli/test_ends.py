"""How the program ends when it is stopped, when its streams are closed, and when it is at fault itself."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from oracle import ROOT, SPECS

from backpropcalc import cli
from backpropcalc.files import whole

MAZUR = str(SPECS / "mazur.yaml")


def shell(line: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = line.replace("backpropcalc", f"'{sys.executable}' -m backpropcalc", 1)
    return subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=60, **options)


@pytest.mark.parametrize(
    ("line", "code", "word"),
    [
        (f"backpropcalc run {MAZUR} >&-", 2, "cannot write: Bad file descriptor"),
        ("backpropcalc run - <&-", 2, "cannot read -: Bad file descriptor"),
        (f"backpropcalc run {MAZUR} -q 2>&-", 0, ""),
        ("backpropcalc run nowhere.yaml >&- 2>&-", 2, ""),
    ],
)
def test_closed_streams(line: str, code: int, word: str) -> None:
    """A stream that the caller has closed is an error that is told where it can be, and no traceback."""
    done = shell(line)

    assert (code, "Traceback" in done.stderr) == (done.returncode, False), done.stderr
    assert word in done.stderr


def test_a_file_is_written_though_standard_output_is_closed(tmp_path: Path) -> None:
    """What goes to a file needs no standard output."""
    done = shell(f"backpropcalc run {MAZUR} -o {tmp_path}/out.md >&-")

    assert (0, "") == (done.returncode, done.stderr)
    assert "net_{h1}" in (tmp_path / "out.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_whatever_stops_it_leaves_the_old_file_and_nothing_else(name: str, tmp_path: Path) -> None:
    """Stopped in the middle of writing: the old file is there, and no other beside it."""
    (tmp_path / "out.txt").write_text("old", encoding="utf-8")
    code = (
        "from backpropcalc import __main__ as program, cli, files\n"
        "import time\n"
        "def slow(words=None):\n"
        "    with files.whole('out.txt') as stream:\n"
        "        stream.write('new' * 10**6); stream.flush(); print('half', flush=True); time.sleep(30)\n"
        "cli.main = slow\n"
        "program.main()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(getattr(signal, name))
    ended = child.wait(20)
    child.stdout.close()

    number = getattr(signal, name)
    assert {"SIGINT": 130, "SIGKILL": -9}.get(name, 128 + number) == ended
    assert ["out.txt"] == [path.name for path in tmp_path.iterdir()]
    assert "old" == (tmp_path / "out.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", ["backpropcalc.cli", "typer", "backpropcalc.cli.run", "yaml", "rich.cells"])
def test_ctrl_c_while_modules_load(module: str) -> None:
    """At any moment from the first on: 130 and a word, no traceback."""
    code = (
        "import signal, sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: sys.meta_path.remove(self); signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "import backpropcalc.__main__ as program\n"
        "program.main()\n"
    )
    command = [sys.executable, "-c", code, "run", MAZUR]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)

    assert (130, "stopped\n") == (done.returncode, done.stderr)


@pytest.mark.parametrize("unnamed", [True, False])
def test_a_file_is_whole_with_and_without_unnamed_files(
    unnamed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New or replaced, with the mode that it should have; after an error the old one stays."""
    if not unnamed:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    path = tmp_path / "out.txt"
    with whole(path) as stream:
        stream.write("first")
        assert unnamed == (not list(tmp_path.iterdir())) or not hasattr(os, "O_TMPFILE")
    assert (0o666 & ~_umask()) == path.stat().st_mode & 0o777
    path.chmod(0o640)
    with whole(path) as stream:
        stream.write("second")

    assert ("second", 0o640) == (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777)
    with pytest.raises(ZeroDivisionError), whole(path) as stream:
        stream.write(str(1 / 0))
    assert "second" == path.read_text(encoding="utf-8")
    assert [path] == list(tmp_path.iterdir())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_its_own_mistake_is_told_in_a_sentence(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Exit code 70, the command to report, no traceback unless BACKPROPCALC_DEBUG asks for it."""

    def broken(words: list[str]) -> Any:
        raise LookupError("somewhere inside")

    monkeypatch.setattr(cli, "_app", broken)
    monkeypatch.delenv("BACKPROPCALC_DEBUG", raising=False)
    code, out, err = run("run", "my spec.yaml")

    assert (70, "") == (code, out)
    assert "`backpropcalc run 'my spec.yaml'`" in err
    assert 1 == err.count("\n")
    monkeypatch.setenv("BACKPROPCALC_DEBUG", "1")
    code, _, err = run("run", "my spec.yaml")

    assert (70, True) == (code, "LookupError: somewhere inside" in err and "Traceback" in err)


def test_a_loss_that_is_never_reached(run: Any) -> None:
    """Training for a loss ends, though it is never there, and says so."""
    code, out, _ = run("train", MAZUR, "--until-loss", "1e-300", "--iterations", "30")
    assert (0, True) == (code, "Not reached: the loss is not yet at most 1e-300." in out)
    code, out, _ = run("train", MAZUR, "--until-loss", "1e-300", "-q")

    assert (0, True) == (code, "after 100,000 iterations" in out)


def test_waiting_for_a_loss_is_bounded_where_work_is_slow(run: Any, tmp_path: Path) -> None:
    """Rounded work, and sums so large that the loss is worked line by line, are given up sooner, and it is said."""
    keys = {
        "inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]],
        "weights": [[[5000, -4000], [3000, 8000]], [[700, -2000]]], "biases": [[0.1, 0.2], [0.3]],
        "activation": "sigmoid", "loss": "binary_cross_entropy", "learning_rate": "1e-300",
    }  # fmt: skip
    for more in ({}, {"carry": "rounded", "weights": [[[0.5, -0.4], [0.3, 0.8]], [[0.7, -2]]]}):
        path = tmp_path / "spec.yaml"
        path.write_text(json.dumps(keys | more), encoding="utf-8")
        began = process_time()
        code, out, _ = run("train", str(path), "--until-loss", "1e-300", "-q")
        found = re.search(r"after ([\d,]+) iterations", out)

        assert (0, True) == (code, "Not reached" in out)
        assert found and 100 < int(found[1].replace(",", "")) < 10_000
        assert process_time() - began < 20  # seconds
