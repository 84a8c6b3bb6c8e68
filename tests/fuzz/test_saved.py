"""A trained spec that was saved is a spec: it loads, and goes on where it was or says what begins anew."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import specimens


@pytest.mark.parametrize("first", range(0, 60, 15))
def test_what_is_saved_goes_on(first: int, run: Any, tmp_path: Path) -> None:
    """Twice two iterations, saved between, end where four do, to the last bit; else the file says what it lacks."""
    done = 0
    for n in range(first, first + 15):
        made = specimens.network(random.Random(n))
        for name, text in {**made.files, "spec.yaml": made.text}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        code, four, _ = run("train", "spec.yaml", "--iterations", "4", "--json")
        if code:  # nothing to train, or a spec in symbols
            continue
        assert 0 == run("train", "spec.yaml", "--iterations", "2", "--save", "half.yaml", "-q")[0]
        code, two, err = run("train", "half.yaml", "--iterations", "2", "--json")
        saved = (tmp_path / "half.yaml").read_text(encoding="utf-8")

        assert (0, "") == (code, err), n
        if "begin anew" not in saved:
            assert json.loads(four)["parameters"] == json.loads(two)["parameters"], n
            done += 1
    assert done >= 5
