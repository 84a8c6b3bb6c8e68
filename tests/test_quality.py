"""Lint, format and types: part of the tests, so that one command says whether all is well."""

from __future__ import annotations

import subprocess
import sys

import pytest
from oracle import ROOT


@pytest.mark.parametrize("words", [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]], ids=" ".join)
def test_the_code_is_clean(words: list[str]) -> None:
    """The tool has nothing to say."""
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, cwd=ROOT, check=False)

    assert 0 == done.returncode, done.stdout + done.stderr
