"""How numbers are shown: rounded half up with all their digits, short only where that is all of them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backpropcalc.algebra.digits import Digits


@given(st.integers(-(10**12), 10**12), st.integers(0, 9))
def test_a_value_has_all_its_decimals_unless_it_is_short(millionths: int, decimals: int) -> None:
    """The decimal module's own rounding says which digits there are; short is only what loses nothing."""
    value = Decimal(millionths).scaleb(-6)
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)

    shown = Digits(decimals).shown(value)

    if rounded == value:
        assert (value, False) == (Decimal(shown), shown.endswith("0") and "." in shown)
    elif rounded:
        assert format(rounded, "f") == shown


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.5113012699, Digits(9), "0.511301270"),
        (0.5, Digits(9), "0.5"),
        (0.2, Digits(2), "0.2"),
        (0.2004, Digits(2), "0.20"),
        (-0.1999, Digits(2), "-0.20"),
        (99.9999, Digits(2), "100.00"),
        (100.0, Digits(2), "100"),
        (9.9996, Digits(3), "10.000"),
        (0.2004, Digits(None, 3), "0.200"),
        (0.25, Digits(None, 3), "0.25"),
        (1234567.5, Digits(None, 3), "1230000"),
        (4.2000000001e-11, Digits(None, 3), "4.20e-11"),
        (Fraction(1, 5), Digits(4), "0.2"),
        (Fraction(2, 3), Digits(1), "0.7"),
        (Fraction(599999, 1000000), Digits(3), "0.600"),
        (0.0, Digits(4), "0"),
        (10.0, Digits(0), "10"),
        (9.7, Digits(0), "10"),
    ],
)  # fmt: skip
def test_what_is_shown(value: object, digits: Digits, shown: str) -> None:
    """Zeros at the end say that a value was rounded; where nothing was lost there are none."""
    assert shown == digits.shown(value)


def test_a_value_that_was_rounded_when_it_was_written_keeps_its_zeros() -> None:
    """Its digits cannot tell: 0.200 may be all of it or what rounding has left."""
    value = Decimal("0.200")

    assert ("0.2", "0.200") == (Digits(3).shown(value, exact=True), Digits(3).shown(value, exact=False))
