"""The README is true: what stands below a command in it is what the command prints, and nothing is left out."""

from __future__ import annotations

import ast
import doctest
import os
import re
import shutil
import subprocess
import sys
import tomllib
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from oracle import ROOT
from readme import BETWEEN, key_table
from source import module_names

README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "backpropcalc/README.md").read_text(encoding="utf-8")
INSTALLS = re.compile(r"python3 -m venv|pip install|apt-get|npm ")
"""Commands that are not run here; .ci/run runs the README's own."""
LEFT_OUT = "…"


class Example(NamedTuple):
    """A command of the README and the lines below it."""

    command: str
    expected: list[str]


def examples() -> list[Example]:
    found = []
    for block in re.findall(r"^```(?:console|sh|bash)\n(.*?)^```$", README, re.M | re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, *expected = part.rstrip("\n").split("\n")
            while command.endswith("\\") and expected:
                command += "\n" + expected.pop(0)
            found.append(Example(command, expected))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a reader has, with the command on the path; examples are run one after the other in it."""
    path = tmp_path_factory.mktemp("readme")
    for name in ("specs", "README.md"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, path / name)
    script = path / "bin" / "backpropcalc"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m backpropcalc "$@"\n')
    script.chmod(0o755)
    return path


def matches(expected: list[str], actual: list[str]) -> bool:
    """Whether ``actual`` is ``expected``, where a line with … alone stands for any number of lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == LEFT_OUT else re.escape(line.rstrip()) + "\n" for line in expected
    )
    return re.fullmatch(pattern, "".join(line.rstrip() + "\n" for line in actual)) is not None


def test_the_outputs_in_the_readme_are_true(folder: Path) -> None:
    """Each command is run, in the order of the README; its output is what stands below it."""
    env = {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80", "TERM": "dumb"}
    wrong = {}
    ran = 0
    for command, expected in examples():
        if INSTALLS.search(command):
            continue
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, cwd=folder, env=env, timeout=120, check=False
        )
        ran += 1
        assert "Traceback" not in done.stderr
        if expected and not matches(expected, (done.stdout + done.stderr).splitlines()):
            wrong[command] = done.stdout + done.stderr

    assert {} == wrong
    assert ran > 0


def test_the_comparison_can_fail() -> None:
    """A different line, a missing line and a line too many are seen; … stands for any lines, also none."""
    assert matches(["a", "…", "d"], ["a", "b", "c", "d"])
    assert matches(["a", "…", "b"], ["a", "b  "])
    assert not matches(["a", "…", "d"], ["a", "b"])
    assert not matches(["a", "b"], ["a", "c"])
    assert not matches(["a"], ["a", "b"])
    assert not matches(["a.c"], ["abc"])


@pytest.mark.parametrize("text", [README, ARCHITECTURE], ids=["README.md", "backpropcalc/README.md"])
def test_the_python_in_the_readmes_runs(text: str, folder: Path) -> None:
    """Blocks of Python run; a comment ``# prints …`` or the ``>>>`` lines say what comes out."""
    blocks = re.findall(r"^```(?:python|pycon)\n(.*?)^```$", text, re.M | re.S)

    assert blocks
    for block in blocks:
        if ">>>" in block:
            test = doctest.DocTestParser().get_doctest(block, {}, "README", "README.md", 0)
            with chdir(folder):
                assert 0 == doctest.DocTestRunner().run(test).failed
            continue
        done = subprocess.run(
            [sys.executable, "-c", block], capture_output=True, text=True, cwd=folder, check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        printed = [line.split("# prints ")[1].strip() for line in block.splitlines() if "# prints " in line]
        assert printed == done.stdout.splitlines()[: len(printed)]


def test_the_rooms_are_those_of_the_package() -> None:
    """The table of the architecture has every folder and every module beside them, each with its own first sentence."""
    modules = module_names(ROOT / "backpropcalc")
    folders = {f"{name.replace('.', '/')}/": path for name, path in modules.items() if path.name == "__init__.py"}
    beside = {f"{name}.py": path for name, path in modules.items() if "." not in name and path.stem == name}
    rooms = {**folders, **beside}
    for program in ("__init__/", "__init__.py", "__main__.py"):
        rooms.pop(program, None)
    said = {room: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "" for room, path in rooms.items()}

    assert {room: text.splitlines()[0] for room, text in said.items()} == dict(
        re.findall(r"^\| `([a-z/.]+)` \| (.*) \|$", ARCHITECTURE, re.M)
    )


def test_the_files_of_the_architecture_exist() -> None:
    """What it sends a reader to is there, in the package or beside it."""
    named = re.findall(r"[\s(`]((?:\w+/)+(?:\w+\.\w+)?)", ARCHITECTURE)

    assert len(named) > 20
    assert [] == [name for name in named if not any((base / name).exists() for base in (ROOT, ROOT / "backpropcalc"))]


def options(command: str) -> list[tuple[list[str], str]]:
    """The options of a command with their help."""
    import typer

    from backpropcalc.cli import _app

    group = typer.main.get_command(_app([]))
    found = group.commands[command]
    return [(list(p.opts), getattr(p, "help", None) or "") for p in found.params if p.opts[0].startswith("-")]


def test_every_command_and_every_option_is_documented() -> None:
    """Each command is in --help and says what it does; each option has a help of its own."""
    import typer

    from backpropcalc.cli import _app
    from backpropcalc.cli.commands import COMMANDS, function

    program = typer.main.get_command(_app([]))
    assert set(COMMANDS) == set(program.commands)
    for name in COMMANDS:
        assert function(name).__doc__, name
        assert [] == [names for names, said in options(name) if not said and "--help" not in names]


def test_the_table_of_keys_is_that_of_the_program() -> None:
    """The README's table is made from the table that decodes, checks and describes the keys."""
    (table,) = BETWEEN.findall(README)

    assert key_table() == table, "python tests/support/readme.py writes it"


def test_the_same_versions_of_python_everywhere() -> None:
    """What pyproject.toml claims is what the workflow tries, and ruff reads the code as the oldest of them does."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    job = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))["jobs"]["test"]
    versions = re.findall(r"Python :: (3\.\d+)", " ".join(project["project"]["classifiers"]))

    assert versions == job["strategy"]["matrix"]["python"]
    assert f">={versions[0]}" == project["project"]["requires-python"]
    assert f"py{versions[0].replace('.', '')}" == project["tool"]["ruff"]["target-version"]
    assert ".ci/run" == job["steps"][-1]["run"]


def test_ci_runs_the_command_of_the_readme() -> None:
    """``.ci/run`` takes its command out of the README with sed; it is the one that runs all tests."""
    (script,) = re.findall(r"^command=\$\((sed .*)\)$", (ROOT / ".ci/run").read_text(encoding="utf-8"), re.M)
    found = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert found.splitlines() == [e.command for e in examples() if "pytest" in e.command]
    assert found.endswith(" -m pytest -n auto\n")


def test_the_changelog_has_this_version() -> None:
    """Keep a Changelog: what is not released yet comes first, then the version that the program reports, dated."""
    from backpropcalc import __version__

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", text, re.M)

    assert ("Unreleased", "") == released[0]
    assert __version__ == released[1][0]
    assert [] == [version for version, date in released[1:] if not date]
