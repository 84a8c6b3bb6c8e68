"""The line-truth reader over every way of working; the benchmark of the same name does it as often as asked for."""

from __future__ import annotations

import pytest
from benchmarks import truth


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "seed"),
    [
        ("zeros", 1),
        ("zeros", 2),
        ("rounded", 1),
        ("rounded", 5),
        ("exact", 2),
        ("exact", 4),
        ("detail", 3),
        ("detail", 6),
    ],
)
@pytest.mark.filterwarnings("ignore:Output seems independent of input")
def test_no_line_says_what_its_numbers_do_not(part: str, seed: int) -> None:
    """Sums that are 0 are 0 in each runner; each line is worked again from what it shows: ≈ as rounded, = exactly."""
    find, _, _ = truth.PARTS[part]

    assert [] == list(find(seed))


def test_what_is_false_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gradient that is a millionth too large is."""
    true = truth.networks.gradients
    monkeypatch.setattr(truth.networks, "gradients", lambda keys: [(w * (1 + 1e-6), b) for w, b in true(keys)])

    assert [fault for fault in truth.gradients(3) if fault.startswith("dE/dw")]
