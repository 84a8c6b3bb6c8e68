"""What stands behind a name, to what it states: a number, a chain of them, working with or without its result."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.terms import Op, Var
from backpropcalc.errors import Place
from backpropcalc.notation.names import Names

from .arrays import single
from .expressions import Expression, expressions
from .lines import last_side
from .numbers import sides, stated
from .remarks import bare
from .sheet import Answer, Stated

PLACES, DIGITS = 4, 3
"""So many decimals, and significant digits, has a result that is left to the marker, or as many as its numbers."""


def answer_of(var: Var, text: str, place: Place | None = None, names: Names | None = None) -> Answer | None:
    """What a text states for ``var``: a number, a chain ``0.59327 ≈ 0.5933``, or working that ends in one.

    The last form is marked; the most precise one that does not contradict it is carried on. Working whose result is
    not written states what it comes to.
    """
    parts = sides(text)
    chain: list[Stated] = []
    for part in reversed(parts):
        number = number_of(part, names)
        if number is None:
            break
        chain.append(number)
    if not chain:
        return _worked_out(var, parts, place, names)
    shown = carried = chain[0]
    if len(chain) > 1:
        carried = min((number for number in chain if agree(shown, number)), key=lambda number: number.half)
    return Answer(var, shown, carried, tuple(parts[: len(parts) - len(chain)]), place)


def number_of(text: str, names: Names | None = None) -> Stated | None:
    """The number that a side of an equation is, whatever is remarked beside it; a percentage is a hundredth of it."""
    number = stated(text)
    if number is not None:
        return number
    text = single(text)
    clean = bare(text, lambda word: names is not None and names.get(word, short=False) is not None)
    percent = clean.endswith("%")
    number = stated(clean.removesuffix("%"))
    if number is None or (clean != text and names is not None and expressions(text, names)):
        return None
    return Stated(text.strip(), number.value / 100, number.half / 100) if percent else number


_CHANGE = re.compile(r"(.{1,60}?)(?:→|->|\\to(?![a-zA-Z])|\\rightarrow(?![a-zA-Z]))(.{1,60})")


def change(text: str) -> tuple[str, str]:
    """Old and new in ``0.4 → 0.3589``, two numbers that are not the same; else twice nothing."""
    match = _CHANGE.fullmatch(text.strip())
    old, new = (number_of(part) for part in match.groups()) if match else (None, None)
    return (match[1], match[2]) if match and old and new and not agree(old, new) else ("", "")


def is_formula(text: str, names: Names) -> bool:
    """Whether a text ends in a formula with symbols in it."""
    found = expressions(last_side(text), names)
    return bool(found) and bool(found[0].symbols)


def agree(a: Stated, b: Stated) -> bool:
    """Whether two numbers may be the same one, rounded twice."""
    return abs(a.value - b.value) <= 2 * (a.half + b.half)


def _worked_out(var: Var, parts: list[str], place: Place | None, names: Names | None) -> Answer | None:
    """Working without its result: what its last side comes to, if there are only numbers in it."""
    if not parts or names is None:
        return None
    found = expressions(parts[-1], names)
    if not found or found[0].symbols or not isinstance(found[0].term, Op):
        return None
    value = evaluate(found[0].term, lambda number: float(found[0].numbers[number.layer].value), FLOAT)
    if not math.isfinite(value) or abs(value) > 1e300:
        return None
    half = Fraction(10) ** -_places(found[0], value) / 2
    result = Stated(parts[-1], Fraction(value), half)
    return Answer(var, result, result, tuple(parts[:-1]), place)


def _places(found: Expression, value: float) -> int:
    written = (round(-math.log10(2 * number.half)) for number in found.numbers if number.half)
    significant = DIGITS - 1 - math.floor(math.log10(abs(value))) if value else 0
    return min(max(PLACES, significant, *written, 0), 300)
