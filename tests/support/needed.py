"""What a test needs beside Python: skipped where it is missing, an error where .ci/run has promised it."""

from __future__ import annotations

import os

import pytest

REQUIRED = bool(os.environ.get("BACKPROPCALC_REQUIRE_TEX"))


def missing(what: str) -> None:
    """Skip loudly, or fail where .ci/run has promised that it is there."""
    if REQUIRED:
        pytest.fail(f"{what} is missing, though BACKPROPCALC_REQUIRE_TEX is set")
    pytest.skip(f"NOT CHECKED: {what} is not installed here; .ci/run installs it")
