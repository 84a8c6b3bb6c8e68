"""How a number is written: what a reader of the page takes a text to mean."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?(?:/(\d+\.?\d*|\.\d+))?")


def number(text: str) -> str | None:
    """The canonical text of a number as a reader of the page takes it (``012`` is 12), or None if it is none.

    Accepts a sign (also the typographic minus), a decimal point, an exponent, and a fraction ``a/b``.
    """
    match = _NUMBER.fullmatch(text.strip().replace("−", "-").replace(" ", ""))
    if not match or len(text) > 400:
        return None
    sign, digits, exponent, below = match.groups()
    minus = "-" if sign == "-" else ""
    if exponent and (below or abs(int(exponent)) > 400):
        return None
    out = minus + _digits(digits) + (f"e{int(exponent)}" if exponent else "")
    if below is None:
        return out
    return None if float(below) == 0 else f"{out}/{_digits(below)}"


def _digits(text: str) -> str:
    whole, _, part = text.partition(".")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")
