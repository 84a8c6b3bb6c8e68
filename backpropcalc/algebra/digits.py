"""How many digits of a number are shown, and how: half up, short if that is all of it, never a zero that is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .arithmetic import Number
from .kinds import kinds
from .terms import Var
from .typeset import superscript

if TYPE_CHECKING:
    from decimal import Context, Decimal
    from fractions import Fraction

_NUDGE = 1 + 2**-52
"""Moves a double by one unit in its last place away from zero, so that a tie as written rounds up, not to even."""
PLAIN_ZEROS = 6
"""After this many zeros behind the point a small number is written with a power of ten."""
PLAIN_DIGITS = 16
"""A number with more digits before the point is written with a power of ten; the decimals are those of its factor."""


class Digits(NamedTuple):
    """Shows numbers with ``decimals`` behind the point or with ``significant`` digits."""

    decimals: int | None = 6
    significant: int | None = None
    kinds: tuple[tuple[str, Digits], ...] = ()
    """The digits of the kinds of quantities that have their own."""

    def of(self, var: Var) -> Digits:
        """Those of a quantity: of the narrowest kind that it belongs to."""
        if self.kinds:
            own = dict(self.kinds)
            return next((own[kind] for kind in kinds(var) if kind in own), self)
        return self

    @property
    def most(self) -> int:
        """The number of digits, or decimals, where there are most."""
        return max(each.significant or each.decimals or 0 for each in (self, *(digits for _, digits in self.kinds)))

    def shown(self, value: Number, exact: bool | None = None) -> str:
        """``value`` (float, int, Decimal or Fraction) in ASCII: ``0.5933``, ``-12``, ``4.2e-11``.

        A rounded value has all its digits, 0.200; one that is ``exact`` is short, 0.2. If that is not said, its
        digits tell whether they are all of it.
        """
        if type(value) is not float and hasattr(value, "text"):
            written: str = value.text  # as the user gave it: 1/3
            return written
        text = ""
        if hasattr(value, "evalf"):
            value = as_decimal(value)  # sympy takes milliseconds to compare an expression
        if self.decimals is not None and self.decimals <= 9 and -1e6 < value < 1e6:
            if type(value) is float:
                text = f"{value * _NUDGE:.{self.decimals}f}"
            else:
                text = f"{_half_up().quantize(as_decimal(value), _unit(self.decimals)):f}"
            if text[-1] != "0":
                return text
            if value == 0:
                return "0"
        if not text or float(text) == 0:
            text = _plain(self.round(value))
        return shortened(text) if (self.exactly(value, text) if exact is None else exact) else text

    def all_shown(self, values: Sequence[float | Fraction], exact: Iterable[bool]) -> list[str]:
        """The same of many doubles, of which some are ``exact``; nothing of one that is not finite.

        Among the exact ones may be fractions as the user gave them.
        """
        if self.decimals is None or not 0 < self.decimals <= 9:
            least, form = math.inf, ""
        else:
            least, form = 10.0**-self.decimals, f".{self.decimals}f"
        return [
            # Most need no more than this.
            format(value * _NUDGE, form)
            if not short and (least < value < 1e6 or -1e6 < value < -least)
            else (_in_short(self, value) if short else self.shown(value, False))
            if math.isfinite(value)
            else ""
            for value, short in zip(values, exact, strict=True)
        ]

    def round(self, value: Number) -> Decimal:
        """``value`` as a Decimal with the digits that are shown, half up; one that is not zero stays so."""
        from decimal import ROUND_HALF_UP, Decimal, localcontext

        exact = as_decimal(value)
        if not exact.is_finite() or exact == 0:
            return exact
        if self.decimals is None or abs(exact) < Decimal((0, (5,), -self.decimals - 1)):
            digits = self.significant or max(1, self.decimals or 0)
            place = exact.adjusted() - digits + 1
        elif exact.adjusted() >= PLAIN_DIGITS:
            place = exact.adjusted() - self.decimals
        else:
            place = -self.decimals
        with localcontext() as context:
            context.prec = max(60, exact.adjusted() - place + 3)
            return exact.quantize(Decimal((0, (1,), place)), ROUND_HALF_UP)

    def whole(self, value: Fraction) -> bool:
        """Whether all of ``value`` is shown."""
        if hasattr(value, "text"):
            return True
        if self.decimals is not None and abs(value) < 10**PLAIN_DIGITS:
            return int(10**self.decimals) % value.denominator == 0
        same: bool = self.round(value) == value
        return same

    def exactly(self, value: Number, text: str) -> bool:
        """Whether ``text`` is all of ``value``, noise in the last bits of a double aside."""
        return self.all_exactly((value,), (text,))[0]

    def all_exactly(self, values: Iterable[Number], texts: Iterable[str]) -> list[bool]:
        """The same of each of ``values`` and its text; one that is not finite has none and is all there."""
        from decimal import Decimal

        return [
            not text or abs(float(text) - value) <= 2e-15 * abs(value)
            if type(value) is float
            else "/" in text or bool(as_decimal(value) == Decimal(text))  # a fraction stands as it was given
            for value, text in zip(values, texts, strict=True)
        ]


def _in_short(digits: Digits, value: float | Fraction) -> str:
    """What is shown of an exact number; doubles that are given are few, or come again."""
    return _double_in_short(digits, value) if type(value) is float else digits.shown(value)


@lru_cache(1 << 14)
def _double_in_short(digits: Digits, value: float) -> str:
    return digits.shown(value)


@cache
def _half_up() -> Context:
    from decimal import ROUND_HALF_UP, Context

    return Context(prec=80, rounding=ROUND_HALF_UP)


@cache
def _unit(decimals: int) -> Decimal:
    from decimal import Decimal

    return Decimal((0, (1,), -decimals))


def as_decimal(value: Number) -> Decimal:
    """A float, int, Decimal, Fraction or exact expression as a Decimal."""
    from decimal import Decimal

    if isinstance(value, Decimal):
        return value
    if isinstance(value, float | int):
        return Decimal(repr(value))
    if hasattr(value, "evalf"):  # an exact expression
        from .exact import decimal

        return Decimal(str(decimal(value)))
    return _half_up().divide(Decimal(value.numerator), Decimal(value.denominator))


def in_full(value: Number) -> str:
    """A number with all its digits in ASCII; a fraction as the user gave it."""
    return str(value.text) if hasattr(value, "text") else positional(value)


def _plain(value: Decimal) -> str:
    """A Decimal with the digits that it has, with a power of ten if it is very large or very small."""
    if not value.is_finite():
        return str(value)
    if value == 0:
        return "0"
    if -PLAIN_ZEROS - 2 < value.adjusted() < PLAIN_DIGITS:
        return format(value, "f")
    mantissa, _, exponent = format(value, "e").partition("e")
    return f"{mantissa}e{int(exponent)}"


def shortened(text: str) -> str:
    """A number in ASCII without the zeros at its end that say nothing."""
    mantissa, e, exponent = text.partition("e")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + e + exponent


def positional(value: Number) -> str:
    """A number with all its digits and no zeros behind them."""
    return shortened(_plain(as_decimal(value)))


_SHAPE = str.maketrans("123456789", "0" * 9)


def shape(text: str) -> str:
    """The same with a 0 for each digit: of two texts with one shape one is as wide as the other."""
    return text.translate(_SHAPE)


def _power(text: str, times: str, power: Callable[[str], str]) -> str:
    mantissa, e, exponent = text.partition("e")
    return mantissa + times + power(exponent) if e else text


def text_number(text: str, guard: int = 0) -> str:
    """A shown number for the terminal: −0.5, and (−0.5) behind a sign of operation."""
    if "e" in text:
        text = _power(text, "·10", superscript)
    if text[0] != "-":
        return f"({text})" if guard == 2 and "·" in text else text
    return f"(−{text[1:]})" if guard else f"−{text[1:]}"


def latex_number(text: str, guard: int = 0) -> str:
    """A shown number for LaTeX."""
    if "e" in text:
        text = _power(text, r" \cdot 10^", "{{{}}}".format)
    return f"({text})" if (guard and text[0] == "-") or (guard == 2 and "\\" in text) else text


def ascii_number(text: str, guard: int = 0) -> str:
    """A shown number in plain ASCII: -4.2e-11."""
    return f"({text})" if guard and text[0] == "-" else text
