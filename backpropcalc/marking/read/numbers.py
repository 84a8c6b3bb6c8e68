"""A number as a student writes it: its exact value and half a unit of its last place."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import cache

from .sheet import Stated

LONGEST = 400
"""Characters; a number that is longer was not written by hand."""
LARGEST = 300
"""The largest power of ten, either way, so that every number is one for the calculator too."""

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SIGNS = str.maketrans(
    dict.fromkeys("−–‐‑﹣－", "-") | dict.fromkeys("⁄∕", "/") | dict.fromkeys("·⋅∙×", "*") | {"٫": "."}
)
_POWER = re.compile("[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_RELATION = re.compile(
    r"\\(?:approx|simeq|doteq|equiv|coloneqq|[Rr]ightarrow|to|implies)(?![a-zA-Z])|:=|=>|->|[=≈≃≅≐≡⇒→⟶⟹∼]|(?<!\\)~"
)
_SPACING = re.compile(r"\\[,;:! ]|\\q?quad(?![a-zA-Z])|\\(?:displaystyle|left|right|[bB]ig+[lr]?)(?![a-zA-Z])")
_FRACTION = re.compile(r"\\[dt]?frac\{([+-]?\d+)\}\{(\d+)\}")
_MARKUP = re.compile(r"[{}$]")
_EXACT = re.compile(r"([+-]?)\s*(\d+)\s*/\s*(\d+)")
_SIMPLE = re.compile(r"-?[0-9]{1,20}\.[0-9]{1,20}")
_SCALED = re.compile(
    r"([+-]?)\s*([\d.,' ]*)(?:[eE]([+-]?\d{1,9})|\s*[*x]?\s*10\s*(?:\^|\*\*)\s*\(?([+-]?\s?\d{1,9})\)?)?"
)
_BEHIND = re.compile(r"(?:\d{3} )+\d{1,3}")
_GROUPED = re.compile(r"\d{1,3}(?:[ '.,]\d{3})+")


def plain(text: str) -> str:
    """``text`` on one alphabet: ASCII digits and signs, a raised 3 as ^(3), LaTeX spacing gone."""
    text = _POWER.sub(lambda match: f"^({match[0].translate(_RAISED)})", text)
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS)
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    return _SPACING.sub(" ", text).replace("\\cdot", "*").replace("\\times", "*").replace("\\ast", "*")


def sides(text: str) -> list[str]:
    """What stands between the signs = and ≈; in LaTeX ``~`` is a space."""
    if "\\" in text:
        text = text.replace("~", " ")
    return [side for side in (part.strip() for part in _RELATION.split(text)) if side]


def stated(text: str) -> Stated | None:
    """The number that ``text`` writes, or None if it writes none.

    Decimal comma or point, digits in groups of three, ``1.2e-3``, ``1.2·10^-3``; a fraction of whole numbers is exact.
    """
    if len(text) > LONGEST:
        return None
    if _SIMPLE.fullmatch(text):
        whole, _, part = text.partition(".")
        return Stated(text, Fraction(int(whole + part), 10 ** len(part)), _half(-len(part)))
    clean = _MARKUP.sub("", _FRACTION.sub(r"\1/\2", plain(text))).strip().rstrip(".,;").strip()
    exact = _EXACT.fullmatch(clean)
    if exact:
        sign, above, below = exact.groups()
        if int(below) == 0:
            return None
        return _limited(text, Fraction(int(sign + above), int(below)), Fraction(0))
    match = _SCALED.fullmatch(clean)
    if not match:
        return None
    sign, mantissa, exponent, power = match.groups()
    digits = _digits(mantissa.strip())
    scale = int((exponent or power or "0").replace(" ", ""))
    if not digits and not power:
        return None
    whole, places = digits or ("1", 0)
    if abs(scale) > LARGEST or len(whole) > LARGEST:
        return None
    half = _half(scale - places)
    return _limited(text, int(sign + whole) * 2 * half, half)


@cache
def _half(place: int) -> Fraction:
    """Half a unit of a decimal place: of the second behind the point, -2, it is 0.005."""
    return Fraction(10) ** place / 2


def _digits(text: str) -> tuple[str, int] | None:
    """The digits of a positional number without its point, and how many stand behind it."""
    text = text.replace(" .", ".").replace(". ", ".")
    points, commas = text.count("."), text.count(",")
    mark = max(".,", key=text.rfind) if points and commas else "." if points == 1 else "," if commas == 1 else ""
    whole, _, part = text.partition(mark) if mark and text.count(mark) == 1 else (text, "", "")
    if _BEHIND.fullmatch(part):
        part = part.replace(" ", "")
    if _GROUPED.fullmatch(whole):
        whole = re.sub(r"\D", "", whole)
    if not (whole + part).isdigit():
        return None
    return whole + part, len(part)


def _limited(text: str, value: Fraction, half: Fraction) -> Stated | None:
    return Stated(text.strip(), value, half) if abs(value) < 10**LARGEST else None
