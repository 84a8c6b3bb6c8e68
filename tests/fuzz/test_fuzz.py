"""Hostile files: whatever is in a spec, the answer is a page or an error, soon, and in little memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import SPECS

import backpropcalc as bp

pytestmark = pytest.mark.slow
VALID = [path.read_text(encoding="utf-8") for path in sorted(SPECS.glob("*.yaml"))]
QUICK = settings(
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def survive(text: str) -> None:
    """Read it and, if it is a spec, write it in every form; only an error made for people may come out."""
    try:
        made = bp.loads(text, "net.yaml")
        if made.iterations > 5:
            made = made.override(iterations=5)
        page = bp.page(made)
    except bp.InputError as error:
        assert error.problems
        assert error.report().strip()
        assert "\x1b" not in error.report()
        return
    for form in sorted(page.forms):
        out = StringIO()
        bp.write(page, out, form)
        assert out.getvalue()


@st.composite
def mutated(draw: Any) -> str:
    """A valid spec with some spans cut out, doubled, or replaced by what YAML and numbers are made of."""
    text = draw(st.sampled_from(VALID))
    pieces = st.sampled_from(
        ["[", "]", "{", "}", ":", "- ", "\n", "  ", "'", '"', "#", "&a ", "*a", "!", "|", ">", "%", "@", "`", ",", "~",
         "null", "1e999", "1e-400", "-0", "nan", ".inf", "0", "1/3", "99999999999999999999", "\t", "\0", "\x1b[31m",
         "<<: ", "? ", "---\n", "é", "∂", "softmax", "sequential", "xW", "{name: elu, alpha: 0}", "[[1]]", "relu"]
    )  # fmt: skip
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 2, 5, 20])))
        text = text[:start] + draw(st.one_of(pieces, st.just(text[start:end] * 2))) + text[end:]
    return text


@QUICK
@given(mutated())
def test_mutated_specs(text: str) -> None:
    """A valid file with something wrong in it somewhere."""
    survive(text)


@QUICK
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    """Any text at all."""
    survive(text)


KEYS = [
    "title", "inputs", "targets", "weights", "biases", "activation", "loss", "learning_rate", "train", "update",
    "iterations", "orientation", "notation", "names", "decimals", "significant", "carry", "chain", "view", "sizes",
    "init", "data", "batch_size", "epochs", "shuffle", "seed", "optimiser", "expression", "minimise", "x", "",
]  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.integers(-3, 3),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        ["sigmoid", "softmax", "relu", "squared_error", "cross_entropy", "mazur", "weights", "adam", "w[1,1,1]"]
    ),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@QUICK
@given(st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=8))
def test_any_values_under_the_known_keys(keys: dict[str, Any]) -> None:
    """Wrong types and shapes under every key."""
    survive(json.dumps(keys))


VECTOR = st.lists(st.sampled_from([0, 1, -1, 0.5, 1e-320, 1e308, -1e308, 1000, "1/3"]), min_size=1, max_size=3)
MATRIX = st.lists(VECTOR, min_size=1, max_size=3)


@QUICK
@given(
    inputs=st.one_of(VECTOR, MATRIX),
    targets=st.one_of(VECTOR, MATRIX),
    weights=st.lists(MATRIX, min_size=1, max_size=3),
    biases=st.lists(st.one_of(st.none(), st.just(1e308), VECTOR), max_size=3),
    activation=st.sampled_from(["identity", "step", "sigmoid", "tanh", "arctan", "relu", "elu", "softplus", "softmax"]),
    loss=st.sampled_from(["squared_error", "binary_cross_entropy", "cross_entropy", "mean_squared_error"]),
    carry=st.sampled_from(["full", "rounded"]),
    decimals=st.integers(0, 15),
    iterations=st.sampled_from([1, 2, 30]),
    learning_rate=st.sampled_from([0.1, 1e308, "1e-300", 0]),
)
def test_networks_of_extreme_numbers(**keys: Any) -> None:
    """Shapes that fit or do not, with numbers at the edge of what a double holds: overflow is said, never raised."""
    size = len(keys["weights"][0][0])
    shaped = isinstance(keys["inputs"][0], list)
    if not shaped:
        keys["inputs"] = (keys["inputs"] * 3)[:size]
        outputs = len(keys["weights"][-1])
        keys["targets"] = ([1, 0, 0.5] * 3)[:outputs]
        before = size
        for n, matrix in enumerate(keys["weights"]):
            keys["weights"][n] = [(row * 3)[:before] for row in matrix]
            before = len(matrix)
        keys["biases"] = None
    survive(json.dumps({key: value for key, value in keys.items() if value is not None}))


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n"
    for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "binary": bytes(range(256)) * 40,
    "zeros": b"\0" * 100_000,
    "utf-16": "inputs: [1]".encode("utf-16"),
    "deep lists": b"inputs: " + b"[" * 200_000,
    "deep mappings": b"{a: " * 200_000,
    "deep blocks": "".join(" " * n + "a:\n" for n in range(2000)).encode(),
    "deep indentation": b"- " * 200_000,
    "alias bomb": BOMB.encode(),
    "self reference": b"a: &a [*a]\n",
    "merge bomb": b"a: &a {b: 1}\nc: {<<: [*a, *a]}\n",
    "long line": b"title: " + b"x" * 5_000_000,
    "long number": b"inputs: [" + b"9" * 1_000_000 + b"]\n",
    "long exponent": b"inputs: [1e" + b"9" * 100_000 + b"]\n",
    "many keys": b"".join(b"k%d: 1\n" % n for n in range(300_000)),
    "many wrong numbers": b"inputs: [" + b"x, " * 1_000_000 + b"x]\n",
    "many numbers": b"inputs: [" + b"1, " * 3_000_000 + b"1]\n",
    "many documents": b"---\n" * 1_000_000,
    "many comments": b"#\n" * 5_000_000,
    "wide network": (
        "inputs: [1]\ntargets: [1]\nweights: [" + json.dumps([[1]] * 30_000) + ", " + json.dumps([[1] * 30_000])
        + "]\nactivation: relu\nloss: squared_error\nlearning_rate: 1\nnotation: mazur\n"
    ).encode(),
    "deep network": (
        "inputs: [1]\ntargets: [1]\nweights: " + json.dumps([[[1]]] * 1_500)
        + "\nactivation: relu\nloss: squared_error\nlearning_rate: 1\n"
    ).encode(),
    "too large": b"#" * 20_000_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_cost_little_time_and_memory(name: str, tmp_path: Path) -> None:
    """A page or an error and exit code 2: no traceback, below 500 MB, within seconds."""
    path = tmp_path / "net.yaml"
    path.write_bytes(HOSTILE[name])
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    # Asked for by the child, and not as its ru_maxrss: that begins with what its parent has.
    code = (
        "import sys, atexit\n"
        "peak = lambda: next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "atexit.register(lambda: print(peak(), file=sys.stderr))\n"
        "from backpropcalc.cli import main\n"
        f"main(['run', {str(path)!r}, '--quiet'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False)
    *said, peak = done.stderr.strip().splitlines()

    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2)
    assert (done.returncode == 0) == name.endswith("network")
    assert said or done.returncode == 0
    assert len(done.stderr) < 60_000
    assert int(peak) < 500_000  # kB
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 30  # seconds of the processor


def test_memory_is_measured() -> None:
    """The unit of the measurement above is the kB of Linux."""
    assert 5_000 < resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 5_000_000
