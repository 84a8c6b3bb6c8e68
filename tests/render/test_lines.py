"""Every printed line is read back and worked again, from the numbers that it shows and nothing else."""

from __future__ import annotations

import random
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
import reader
import specimens

import backpropcalc as bp

SHARE = 0.95
"""So many of the lines that end in a number must be worked again; of the others each kind is counted."""


def written(given: bp.Spec, form: str) -> str:
    out = StringIO()
    bp.write(bp.page(given), out, form)
    return out.getvalue()


def examined(first: int, last: int, form: str, folder: Path) -> tuple[Counter[str], list[str]]:
    """What became of the lines of random specs, and what is false of ``≈`` in them."""
    counts, faults = Counter[str](), []
    for n in range(first, last):
        made = specimens.specimen(random.Random(n))
        for name, text in made.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        try:
            given = bp.loads(made.text, "spec.yaml", folder)
            given = given if given.kind == "graph" else given.override(iterations=min(given.iterations, 2))
            page = written(given, form)
        except bp.InputError:
            continue
        if given.style.digits:  # the reader knows one precision for a page
            continue
        symbolic = given.kind == "graph" and "values" not in made.keys
        if symbolic or (made.sizes and (sum(made.sizes) > 12 or len(page) > 60_000)):
            continue
        examiner = reader.Examiner(given.style.decimals, given.style.significant, given.method.carry == "rounded")
        for statement in reader.statements(page, form):
            said = examiner.faults(statement)
            if given.method.carry == "full":
                faults += [(n, fault) for fault in said if fault.startswith("≈")]
        if given.method.exact:  # what would run off the page stands there as a decimal alone
            del examiner.counts["bare"]
        counts += examiner.counts
    return counts, faults


@pytest.mark.parametrize("form", ["terminal", "latex"])
def test_lines_are_read_back(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly every line can be read, and in unrounded work no rounded result is one that its numbers cannot give."""
    monkeypatch.setenv("COLUMNS", "1000")
    counts, faults = examined(0, 60, form, tmp_path)

    assert [] == faults
    assert counts["read"] > 2000
    ended = sum(counts[kind] for kind in ("read", "bare", "stated", "unread", "abridged"))
    assert counts["read"] / ended > SHARE, counts
    assert counts["unread"] / ended < 0.01, counts


FALSE = {
    "z:  0.15 · 0.05 + 0.2 = 0.21": "=",
    "z:  0.15 · 0.05 + 0.2 ≈ 0.2085": "≈",
    "z:  1 / (1 + e^(−0.3775)) = 0.593269992": "=",
    "z:  1 / (1 + e^(−0.3775)) ≈ 0.593261": "≈",
    "z:  if 0.5 > 0: 1, else 0 = 0": "=",
    "z:  −(0.5 − 0.7)² = 0.04": "=",
    "z:  ½ (0.3 − 0.6)² = 0.045": "",
    "z:  1 / (1 − 1) = 1": "a division",
    "z:  ln(0.5) ≈ 0.693147": "≈",
    "z:  0 · ln(0) = 0": "",
    "z:  max(0, −0.5) + |−2| = 2": "",
    "z:  3·10⁻⁵ · 2 = 6·10⁻⁵": "",
}  # fmt: skip


@pytest.mark.parametrize("line", FALSE)
def test_the_reader_sees_what_is_false(line: str) -> None:
    """A false line is told, a true one is not."""
    name, _, text = line.partition(":  ")
    statement = reader.parted(name, text)
    examiner = reader.Examiner(decimals=6)
    faults = examiner.faults(statement)

    assert 1 == examiner.counts["read"]
    assert bool(FALSE[line]) == bool(faults)
    assert all(fault.startswith(FALSE[line]) for fault in faults)


def test_the_reader_rounds_as_people_do() -> None:
    """Under rounded carry the result is the exact value, half up; what would be 0 keeps its digits."""
    examiner = reader.Examiner(decimals=1, rounded=True)
    lines = {"½ (0.3 − 0.6)² ≈ 0.05": True, "0.05 · 5 ≈ 0.3": True, "0.05 · 5 ≈ 0.2": False, "1/3 · 1 ≈ 0.4": False}

    assert lines == {line: not examiner.faults(reader.parted("z", line)) for line in lines}
