"""Every printed line is read back and worked again, from the numbers that it shows and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pages
import pytest
import reader

SHARE = 0.98
"""So many of the lines that say what a result is must be worked again; of the others each kind is counted."""


@pytest.mark.parametrize("form", ["terminal", "latex"])
def test_lines_are_read_back(form: str, tmp_path: Path) -> None:
    """No line is false, its names and its numbers worked again; nearly every line can be read.

    A slice: ``python tests/benchmarks/truth.py pages`` tries 500 specs.
    """
    counts, faults = Counter[str](), list[str]()
    for n in range(36):
        found, wrong, _ = pages.examined(n, form, tmp_path)
        counts += found
        faults += wrong

    assert [] == faults
    assert counts["read"] + counts["named"] > 1500
    assert pages.share(counts) > SHARE, counts


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


def test_the_reader_sees_a_name_that_stands_for_another_number() -> None:
    """What is put in for a name is what the page said of it; a later iteration begins with what was updated."""
    examiner = reader.Examiner(decimals=6)
    examiner.learn(reader.parted(name, text) for name, text in {"w": "= 0.5", "x": "= 2", "η": "= 0.1"}.items())
    lines = [("z", "w · x = 0.5 · 2 = 1"), ("z", "w · x = 0.5 · 3 = 1.5"), ("w⁺", "w − η · 1 = 0.5 − 0.1 · 1 = 0.4")]
    first = [bool(examiner.faults(reader.parted(*line))) for line in lines]
    examiner.faults(reader.Statement("", ()))
    second = [bool(examiner.faults(reader.parted("z", f"w · x = {w} · 2 = {z}"))) for w, z in ((0.5, 1), (0.4, 0.8))]

    assert [False, True, False] == first
    assert [True, False] == second
