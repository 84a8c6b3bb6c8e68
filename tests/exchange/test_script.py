"""Scripts that check our numbers: they run, agree, and notice when a number is wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import networks
import pytest
from oracle import SPECS, spec

import backpropcalc as bp
from backpropcalc.algebra.source import NUMPY_SOURCE, TORCH_SOURCE
from backpropcalc.algebra.typeset import NUMPY as TABLE
from backpropcalc.exchange.script import NUMPY, TORCH, script
from backpropcalc.spec.network import Network


def written(given: bp.Spec, library: Any = NUMPY) -> str:
    out = StringIO()
    assert isinstance(given, Network)
    script(given, library, out)
    return out.getvalue()


def test_a_script_runs_and_agrees(tmp_path: Path) -> None:
    """Alone, with nothing of ours: some forty lines for the 2-2-2 example, some thirty where slopes are found."""
    text = written(bp.load(SPECS / "mazur.yaml"))
    (tmp_path / "check.py").write_text(text, "utf-8")
    done = subprocess.run([sys.executable, "check.py"], capture_output=True, text=True, cwd=tmp_path, check=False)

    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.endswith("all close\n")
    assert done.stdout.count("by hand") == 8 == done.stdout.count("NumPy  ")
    assert len(text.splitlines()) < 50 and "backpropcalc" not in text
    assert len(written(bp.load(SPECS / "mazur.yaml"), TORCH).splitlines()) < 36


def test_a_wrong_number_is_noticed() -> None:
    """Or the script would prove nothing."""
    text = written(bp.load(SPECS / "mazur.yaml"))
    wrong = re.sub(r'("dE/dw2", .*?, \[\[0\.08)', r"\g<1>1", text)

    assert wrong != text
    with pytest.raises(AssertionError, match="dE/dw2 differs"):
        exec(compile(wrong, "check.py", "exec"), {})


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_central_differences_agree_with_our_gradients(seed: int) -> None:
    """Networks of any activation, loss, depth and batch that have a slope everywhere."""
    given = spec(networks.network(seed))
    assert isinstance(given, Network)
    if any(layer.rule.name == "step" for layer in given.layers):
        given = spec({**networks.network(seed), "activation": "sigmoid"})

    exec(compile(written(given), "check.py", "exec"), {})


@pytest.mark.parametrize("name", ["mazur", "relu-sigmoid-softmax", "xor", "mlp-bce"])
def test_the_script_for_pytorch_is_python(name: str) -> None:
    """It is run against the real thing in ``tests/benchmarks/programs.py``."""
    assert compile(written(bp.load(SPECS / f"{name}.yaml"), TORCH), "check.py", "exec")


def test_a_title_is_a_comment() -> None:
    """Whatever it holds."""
    text = written(bp.network(**networks.network(1), title='"""\nimport os\r\x0craise SystemExit("no")'))

    assert 1 == sum("SystemExit" in line for line in text.splitlines())
    assert all(line.startswith("#") for line in text.splitlines() if "SystemExit" in line)


def test_both_languages_have_every_operator_of_a_forward_pass() -> None:
    """What NumPy code of ours may hold, as far as people read it."""
    assert set(TABLE.forms) <= set(NUMPY_SOURCE.forms) == set(TORCH_SOURCE.forms)


@pytest.mark.parametrize("words", [[], ["--torch", "--numpy"]])
def test_one_library_is_asked_for(run: Any, words: list[str]) -> None:
    """Neither and both are errors."""
    code, _, err = run("export", str(SPECS / "mazur.yaml"), *words)

    assert 2 == code and "--torch or --numpy" in err


def test_a_graph_and_a_network_without_numbers_have_no_script(run: Any, tmp_path: Path) -> None:
    """They say why."""
    (tmp_path / "sizes.yaml").write_text("sizes: [2, 2, 1]\nactivation: sigmoid\nloss: half_squared_error\n")
    for path in (SPECS / "graph-j.yaml", tmp_path / "sizes.yaml"):
        code, out, err = run("export", str(path), "--numpy")

        assert (2, "") == (code, out) and err
