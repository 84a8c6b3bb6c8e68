"""The command line as its users meet it."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from commands import Done, call
from oracle import MAZUR, ROOT, SPECS, text

MAZUR_FILE = str(SPECS / "mazur.yaml")
PLAIN = {key: os.environ[key] for key in ("PATH", "HOME", "SYSTEMROOT") if key in os.environ} | {
    "PYTHONPATH": str(ROOT)
}


def run(*words: str, cwd: Path | None = None, stdin: str = "", encoding: str = "utf-8", **env: str) -> Done:
    """The program in this process, with pipes around it."""
    return call(*words, cwd=cwd, stdin=stdin, encoding=encoding, env={**PLAIN, **env})


def page(*words: str, encoding: str = "utf-8", **env: str) -> str:
    done = run("run", *words, encoding=encoding, **env)

    assert (0, "") == (done.code, done.err)
    return done.out


def started(*words: str, **env: str) -> Done:
    """The program in an interpreter of its own, for what is settled as an interpreter starts."""
    done = subprocess.run(
        [sys.executable, "-m", "backpropcalc", *words],
        capture_output=True, encoding="utf-8", env={**PLAIN, **env}, timeout=60, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def terminal(*words: str, **env: str) -> str:
    """What a terminal is sent."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "backpropcalc", *words],
        stdout=child, stderr=child, stdin=child, env={**PLAIN, "TERM": "xterm-256color", "LANG": "C.UTF-8", **env},
    )  # fmt: skip
    os.close(child)
    out = b""
    while select.select([parent], [], [], 20)[0]:
        try:
            piece = os.read(parent, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    process.wait(20)
    os.close(parent)
    return out.decode("utf-8").replace("\r\n", "\n")


# Exit codes and messages


def test_done_is_0() -> None:
    """A page on standard output, nothing on standard error, started as users start it."""
    done = started("run", MAZUR_FILE)

    assert (0, "") == (done.code, done.err)
    assert "0.291027774" in done.out


USAGE: dict[str, tuple[list[str], str]] = {
    "no spec": (["run"], "Missing argument 'SPEC'"),
    "unknown command": (["runn", "x"], "Did you mean 'run'?"),
    "unknown option": (["run", MAZUR_FILE, "--latx"], "--latex"),
    "two forms": (["run", MAZUR_FILE, "--latex", "--json"], "--latex and --json exclude each other"),
    "no such file": (["run", "missing.yaml"], "cannot read missing.yaml: No such file or directory"),
    "a folder": (["run", "."], "cannot read .: Is a directory"),
    "unknown suffix": (["run", MAZUR_FILE, "-o", "x.odt"], "x.odt names no output form"),
    "no folder": (["run", MAZUR_FILE, "-o", "no/such/x.tex"], "cannot write no/such/x.tex: No such file or directory"),
    "unknown name": (["run", MAZUR_FILE, "--only", "w55"], "did you mean 'w5'?"),
    "given": (["run", MAZUR_FILE, "--only", "i1"], "i1 is given, not computed"),
    "phase": (["run", MAZUR_FILE, "--phase", "forwards"], "did you mean 'forward'?"),
    "decimals": (["run", MAZUR_FILE, "--decimals", "x"], "'x' is not a valid int"),
    "too many decimals": (["run", MAZUR_FILE, "--decimals", "16"], "--decimals must be a whole number from 0 to 15"),
    "negative iterations": (["run", MAZUR_FILE, "--iterations", "-1"], "--iterations must be a whole number from 1"),
    "both": (["run", MAZUR_FILE, "--decimals", "3", "--significant", "3"], "either --decimals or --significant"),
    "notation": (["run", MAZUR_FILE, "--notation", "masur"], "did you mean 'mazur'?"),
    "mlp": (
        ["run", MAZUR_FILE, "--notation", "mlp"],
        "mlp names one hidden layer and one output; this network is 2-2-2",
    ),
    "carry": (["run", MAZUR_FILE, "--carry", "half"], "one of: full, rounded"),
    "chain": (["run", MAZUR_FILE, "--chain", "short"], "--chain cannot be 'short'"),
    "example": (["examples", "mazzur"], "did you mean 'mazur'?"),
}


@pytest.mark.parametrize("name", USAGE)
def test_what_is_at_fault_is_2(name: str, tmp_path: Path) -> None:
    """A short message on standard error, nothing on standard output, no file."""
    words, said = USAGE[name]
    done = run(*words, cwd=tmp_path)

    assert (2, "") == (done.code, done.out)
    assert said in done.err
    assert [] == list(tmp_path.iterdir())


def test_the_error_of_a_spec_on_standard_input() -> None:
    """``-`` is standard input; the place is given there too."""
    done = run("run", "-", stdin=text(MAZUR, activation="sigmod"))

    assert 2 == done.code
    assert done.err.startswith("<standard input>:1:")
    assert "did you mean 'sigmoid'?" in done.err


def test_help_and_version() -> None:
    """--help of the program and of each command; --version."""
    program, version = run("--help"), run("--version")
    commands = re.findall(r"^  ([a-z]+)  ", program.out.partition("Options:")[0], re.M)

    assert (0, 0) == (program.code, version.code)
    assert re.fullmatch(r"backpropcalc \d+\.\d+\.\d+\n", version.out)
    assert "run" in commands
    for command in commands:
        done = run(command, "--help")
        assert 0 == done.code
        assert f"Usage: backpropcalc {command}" in done.out


# Options of run


def test_flags_override_keys() -> None:
    """A flag of the same name as a key replaces it."""
    shown = page(MAZUR_FILE, "--decimals", "3", "--notation", "layered", "--carry", "rounded", "--chain", "delta")

    assert "δ₁[2] · ∂z₁[2]/∂w₁₁[2]" in shown
    assert "every written value is rounded to 3 decimals" in shown
    assert "0.594" not in shown and "0.593" in shown


def test_significant() -> None:
    """Significant digits, in place of the decimals of the spec."""
    shown = page(MAZUR_FILE, "--significant", "2")

    assert "0.00044" in shown
    assert "0.000438" not in shown


def test_iterations() -> None:
    """Each iteration is headed; the forward pass after the update comes once, at the end."""
    shown = page(MAZUR_FILE, "--iterations", "3")

    assert ["1", "2", "3"] == re.findall(r"Iteration (\d) of 3", shown)
    assert 1 == shown.count("After the update")
    assert "after 3 iterations" in shown


def test_many_iterations_quietly() -> None:
    """The loss after 9,999 updates that the source publishes as that of 10,000."""
    assert "0.000035109" in page(MAZUR_FILE, "--iterations", "9999", "--quiet")


def test_quiet() -> None:
    """Only the head and the result: loss before and after, each weight old and new."""
    shown = page(MAZUR_FILE, "--quiet")

    assert "Forward pass" not in shown
    assert "0.298371109 → 0.291027774" in shown
    assert 8 == len(re.findall(r"^ w\d ", shown, re.M))


@pytest.mark.parametrize(
    ("phase", "heading"),
    [("forward", "1  Forward pass"), ("loss", "2  Loss"), ("backward", "3  Backward pass"), ("update", "4  Update")],
)
def test_phase(phase: str, heading: str) -> None:
    """One phase alone, with the number that it has in the whole."""
    shown = page(MAZUR_FILE, "--phase", phase)

    assert [heading] == re.findall(r"^ (\d  .*)$", shown, re.M)


def test_two_phases() -> None:
    """--phase may be repeated."""
    shown = page(MAZUR_FILE, "--phase", "loss", "--phase", "forward")

    assert ["1  Forward pass", "2  Loss"] == re.findall(r"^ (\d  .*)$", shown, re.M)


def ids(*words: str) -> list[str]:
    return [line["id"] for line in json.loads(page(MAZUR_FILE, "--json", *words))["lines"]]


def test_only_shows_what_the_update_of_a_weight_needs_and_nothing_else() -> None:
    """For w5: one forward path, one delta, one gradient, one update."""
    assert [
        "z[1,1]", "a[1,1]", "z[1,2]", "a[1,2]", "z[2,1]", "a[2,1]",
        "dE/da[2,1]", "da[2,1]/dz[2,1]", "dE/dw[2,1,1]", "w[2,1,1]+",
    ] == ids("--only", "w5")  # fmt: skip


@pytest.mark.parametrize("name", ["delta_o1", "δ_o1", "dE/dz[2,1]", "dE_total/dnet_o1", "Delta O1"])
def test_only_takes_names_and_ids(name: str) -> None:
    """Whatever the quantity is called; it is the last line."""
    assert "dE/dz[2,1]" == ids("--only", name)[-1]


def test_only_may_be_repeated() -> None:
    """All that both need, in the order of the calculation."""
    assert ["z[1,1]", "a[1,1]", "z[1,2]"] == ids("--only", "net_h2", "--only", "out_h1")


# Large networks


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    """4-8-8-3: 139 parameters."""
    path = tmp_path_factory.mktemp("large") / "large.yaml"
    sizes = [4, 8, 8, 3]
    weights = [[[(i + 3 * j) % 7 / 10 for i in range(a)] for j in range(b)] for a, b in pairwise(sizes)]
    keys = {"inputs": [1, 2, 3, 4], "targets": [1, 0, 0], "weights": weights, "biases": [[0.1] * b for b in sizes[1:]]}
    options = {"activation": ["tanh", "tanh", "softmax"], "loss": "cross_entropy", "learning_rate": 0.1}
    path.write_text(text(keys, **options), encoding="utf-8")
    return str(path)


def test_a_large_network_is_abridged(large: str) -> None:
    """One unit of each layer in full, the rest as values, and a line that says how to see all."""
    shown, everything = page(large), page(large, "--all")

    assert "--all" in shown
    assert "--all" not in everything
    assert len(shown.splitlines()) * 2 < len(everything.splitlines())
    assert shown.count("tanh(") < 10 < everything.count("tanh(")


def test_an_abridged_page_still_has_every_value(large: str) -> None:
    """Each quantity's name stands in it."""
    shown = re.sub(r"\s+", " ", page(large, "--phase", "forward"))

    assert [] == [
        f"a{n}[{layer}]" for layer, n in [(1, 8), (2, 8), (3, 3)] if f"a{'₀₁₂₃₄₅₆₇₈'[n]}[{layer}]" not in shown
    ]


def test_nothing_is_abridged_in_files_for_programs(large: str) -> None:
    """JSON has every line."""
    lines = json.loads(page(large, "--json"))["lines"]

    assert 139 == sum(line["phase"] == "update" for line in lines)


# Output


def test_the_suffix_names_the_form(tmp_path: Path) -> None:
    """.tex .md .json .txt, in whatever case; the file is UTF-8 with \\n, and nothing is printed."""
    starts = {
        "a.tex": "\\documentclass",
        "a.md": "# A step",
        "a.json": '{"format": 1',
        "a.txt": " A step",
        "b.TEX": "\\doc",
    }
    for name, start in starts.items():
        done = run("run", MAZUR_FILE, "-o", name, cwd=tmp_path, LANG="C")
        raw = (tmp_path / name).read_bytes()

        assert (0, "", "") == (done.code, done.out, done.err)
        assert raw.decode("utf-8").startswith(start)
        assert b"\r" not in raw
        assert b"\x1b" not in raw
    assert "∂E_total/∂w5" in (tmp_path / "a.txt").read_text(encoding="utf-8")
    assert sorted(starts) == sorted(path.name for path in tmp_path.iterdir())


def test_a_flag_beats_the_suffix(tmp_path: Path) -> None:
    """-o with --json writes JSON whatever the file is called."""
    run("run", MAZUR_FILE, "--json", "-o", "a.txt", cwd=tmp_path)

    assert json.loads((tmp_path / "a.txt").read_text(encoding="utf-8"))["format"] == 1


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    """Whether the spec, the name or the notation is wrong: the file is as it was, and nothing lies beside it."""
    target = tmp_path / "out.tex"
    target.write_text("old")
    for words in (["missing.yaml"], [MAZUR_FILE, "--only", "nope"], [MAZUR_FILE, "--notation", "mlp"]):
        assert 2 == run("run", *words, "-o", str(target), cwd=tmp_path).code

    assert ["old"] == [path.read_text() for path in tmp_path.iterdir()]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_the_old_file(sent: int, tmp_path: Path) -> None:
    """Stopped in the middle of writing: the old file is whole."""
    target = tmp_path / "out.json"
    target.write_text("old")
    process = subprocess.Popen(
        [sys.executable, "-m", "backpropcalc", "run", MAZUR_FILE, "--iterations", "2000000", "-o", str(target)],
        env=PLAIN, stderr=subprocess.PIPE,
    )  # fmt: skip
    deadline = time.monotonic() + 20
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(sent)
    _, said = process.communicate(timeout=20)

    assert process.returncode != 0
    assert b"Traceback" not in said
    assert "old" == target.read_text()
    if sent == signal.SIGINT:
        assert 130 == process.returncode
        assert [target] == list(tmp_path.iterdir())


def test_a_folder_and_what_cannot_be_written(tmp_path: Path) -> None:
    """A folder of that name, or a folder that is no folder: said, with exit code 2."""
    (tmp_path / "a.tex").mkdir()
    (tmp_path / "file").write_text("old")

    for name in ("a.tex", "file/x.tex"):
        done = run("run", MAZUR_FILE, "-o", name, cwd=tmp_path)
        assert 2 == done.code
        assert f"cannot write {name}: " in done.err


def test_a_folder_without_permission(tmp_path: Path) -> None:
    """Said, with exit code 2; root may write anywhere but where the kernel makes the files itself."""
    folder = Path("/sys") if os.geteuid() == 0 else tmp_path
    tmp_path.chmod(0o500)
    done = run("run", MAZUR_FILE, "-o", str(folder / "x.tex"))
    tmp_path.chmod(0o700)

    assert (2, True) == (done.code, "Permission denied" in done.err)


def test_a_full_disk() -> None:
    """A device that takes nothing: said, with exit code 2."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    done = run("run", MAZUR_FILE, "--latex", "-o", "/dev/full")

    assert 2 == done.code
    assert "cannot write /dev/full" in done.err


def test_a_link_is_written_through_and_its_rights_are_kept(tmp_path: Path) -> None:
    """The file behind a link is replaced, not the link; an existing file keeps its mode."""
    (tmp_path / "real.md").write_text("old")
    (tmp_path / "real.md").chmod(0o640)
    (tmp_path / "link.md").symlink_to("real.md")
    run("run", MAZUR_FILE, "-o", "link.md", cwd=tmp_path)

    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "real.md").read_text(encoding="utf-8").startswith("# A step")
    assert 0o640 == (tmp_path / "real.md").stat().st_mode & 0o777


def test_a_closed_pipe_ends_quietly() -> None:
    """As with ``| head -1``, whatever the form and however much there was to come."""
    for words in ([], ["--json"], ["--latex"], ["--iterations", "20000"]):
        process = subprocess.Popen(
            [sys.executable, "-m", "backpropcalc", "run", MAZUR_FILE, *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=PLAIN,
        )  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        process.stderr.close()
        process.wait(20)

        assert b"" == said


# Terminals


def test_colour_on_a_terminal_only() -> None:
    """Escapes go to a terminal, not into a pipe; NO_COLOR and TERM=dumb are obeyed."""
    assert "\x1b[36m" in terminal("run", MAZUR_FILE)
    assert "\x1b[34mi1 = 0.05, i2 = 0.10" in terminal("run", MAZUR_FILE)  # given, as no name and no result is
    assert "\x1b[3" not in terminal("run", MAZUR_FILE, NO_COLOR="1")
    assert "\x1b" not in terminal("run", MAZUR_FILE, TERM="dumb")
    assert "\x1b" not in started("run", MAZUR_FILE, TERM="xterm-256color").out


def test_colour_is_never_needed() -> None:
    """Without its escapes, what a terminal shows is what a pipe gets."""
    shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal("run", MAZUR_FILE, COLUMNS="90"))

    assert page(MAZUR_FILE, COLUMNS="90").splitlines() == [line.rstrip() for line in shown.splitlines()]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
@pytest.mark.parametrize("words", [[], ["--latex"], ["--markdown"], ["--json"], ["--quiet"]])
def test_an_encoding_without_the_signs(encoding: str, words: list[str], tmp_path: Path) -> None:
    """ASCII is chosen by itself; a title that the encoding lacks is no reason to stop; JSON stays JSON."""
    path = tmp_path / "net.yaml"
    path.write_text(text(MAZUR, title="Größe ∂ 漢字 🎓"), encoding="utf-8")
    shown = page(str(path), *words, encoding=encoding, PYTHONIOENCODING=encoding)

    if not words:
        assert "dE_total/dw5" in shown
        assert shown.isascii()
    if words == ["--json"]:
        assert "Größe ∂ 漢字 🎓" == json.loads(shown)["title"]


def test_ascii_when_the_locale_is_c() -> None:
    """A terminal in the C locale gets ASCII; with --ascii so does any."""
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}

    assert terminal("run", MAZUR_FILE, "--quiet", **plain).isascii()
    assert page(MAZUR_FILE, "--ascii").isascii()
    assert "dE_total/dout_o1 * dout_o1/dnet_o1 * dnet_o1/dw5" in page(MAZUR_FILE, "--ascii")


def test_a_pipe_gets_utf8_whatever_the_locale() -> None:
    """What is piped into a file is UTF-8 on every platform."""
    done = started("run", MAZUR_FILE, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")

    assert (0, "") == (done.code, done.err)
    assert "∂E_total/∂w5" in done.out


FEW_SAMPLES = [path.stem for path in sorted(SPECS.glob("*.yaml")) if "\ninputs:" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", FEW_SAMPLES)
@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("words", [[], ["--ascii"], ["--iterations", "2", "--chain", "delta"]])
def test_no_line_is_wider_than_the_terminal(name: str, columns: int, words: list[str]) -> None:
    """At 80 and 120 columns every line of every shipped spec of a few samples fits."""
    from rich.cells import cell_len

    shown = page(str(SPECS / f"{name}.yaml"), *words, COLUMNS=str(columns))

    assert [] == [line for line in shown.splitlines() if cell_len(line) > columns]
    assert [] == [line for line in shown.splitlines() if line != line.rstrip()]


def test_a_wide_title_and_wide_inputs_fit_too(tmp_path: Path) -> None:
    """Long titles and long vectors are broken or cut, not left to the terminal."""
    from rich.cells import cell_len

    path = tmp_path / "net.yaml"
    keys = text(
        MAZUR, title="漢字かな " * 30, inputs=[0.123456789012345] * 12, targets=[1], train=None,
        learning_rate=0.1234567890123,
        weights=[[[0.123456789] * 12] * 2, [[0.5, 0.5]]], activation=["leaky_relu", "prelu"],
        loss="binary_cross_entropy",
    )  # fmt: skip
    path.write_text(keys, encoding="utf-8")
    for columns in (80, 120):
        shown = page(str(path), "--all", COLUMNS=str(columns))
        assert [] == [line for line in shown.splitlines() if cell_len(line) > columns]


# Examples


def test_examples_lists_and_copies(tmp_path: Path) -> None:
    """A line for each; a copy here, which runs; never over a file that is there."""
    listed = run("examples")
    names = [line.split()[0] for line in listed.out.splitlines()]
    first, again = run("examples", "mazur", cwd=tmp_path), run("examples", "mazur", cwd=tmp_path)

    assert {path.stem for path in SPECS.glob("*.yaml")} <= set(names)
    assert all(len(line.split(maxsplit=1)) == 2 for line in listed.out.splitlines())
    assert (0, 2) == (first.code, again.code)
    assert "exists already" in again.err
    assert Path(MAZUR_FILE).read_bytes() == (tmp_path / "mazur.yaml").read_bytes()
    assert 0 == run("run", "mazur.yaml", cwd=tmp_path).code


def test_no_command_shows_the_help() -> None:
    """Usage, and exit code 2 as of any incomplete command line."""
    done = run()

    assert 2 == done.code
    assert "Usage: backpropcalc" in done.err + done.out
