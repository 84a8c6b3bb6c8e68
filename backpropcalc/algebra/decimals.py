"""Numbers by hand: fractions as long as they are exact, decimals with 40 digits from the first e^x or root on.

The type of a value tells how it came about. A ``Fraction`` is exactly what the numbers as written give: 0.1 + 0.2 − 0.3
is 0 and 1/3 of 1.575 is 0.525. A ``Decimal`` has been rounded on the way. What is as long as ``LONGEST`` goes on as a
``Decimal`` too. Infinity and NaN are Decimals, and nothing raises.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache

from .arithmetic import Arithmetic
from .digits import Digits

Number = Fraction | Decimal
DIGITS = 40
"""Digits of a rounded value: 15 before the point, 15 behind it, and 10 that the work may lose."""
LONGEST = 256
"""Bits of numerator and denominator up to which a fraction is kept."""
NOISE = Decimal(10) ** (8 - DIGITS)
"""A sum that is smaller than its largest term by this has no right digit: it is 0."""
ZERO, ONE = Fraction(0), Fraction(1)
NAN, INFINITY = Decimal("NaN"), Decimal("Infinity")
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")
FARTHEST = Decimal(10) ** 30
"""Up to here sin, cos and tan are worked out: ``PI`` has digits enough to take whole turns off."""

CONTEXT = decimal.Context(prec=DIGITS, rounding=decimal.ROUND_HALF_UP, Emin=-400, Emax=308, traps=[])
"""Overflows where doubles do."""


def by_hand(settle: Callable[[Number], Number] = lambda value: value) -> Arithmetic:
    """Arithmetic by hand; ``settle`` is what becomes of a value once it is written down."""
    return Arithmetic("by hand", rational, FUNCTIONS, settle)


def rounded(digits: Digits) -> Arithmetic:
    """As with a pocket calculator: a value that is written is what its ``digits`` make of the exact one."""

    def settle(value: Number, own: Digits = digits) -> Number:
        return fraction(own.round(value)) if is_finite(value) else value

    return by_hand(settle)._replace(settle_as=lambda var, value: settle(value, digits.of(var)))


class Quotient(Fraction):
    """A fraction that somebody wrote as one, ``1/3``: it is shown so."""

    text: str

    def __new__(cls, text: str) -> Quotient:
        """From a fraction a/b as written."""
        above, _, below = text.partition("/")
        made = super().__new__(cls, Fraction(above) / Fraction(below))
        made.text = text
        return made


def rational(text: str) -> Number:
    """A number as written: ``0.10``, ``-1e-3``, ``1/3``."""
    return Quotient(text) if "/" in text else fraction(Decimal(text))


def fraction(value: Decimal) -> Number:
    """A Decimal as the fraction that it is, unless that is too long."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > LONGEST:
        return value
    return _kept(*value.as_integer_ratio())


def decimal_of(value: Number) -> Decimal:
    """A value as a Decimal."""
    if isinstance(value, Decimal):
        return value
    return CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))


def is_finite(value: Number) -> bool:
    """Whether it is neither infinite nor undefined."""
    return isinstance(value, Fraction) or value.is_finite()


def _kept(above: int, below: int) -> Number:
    value = Fraction(above, below)
    if value.numerator.bit_length() <= LONGEST and value.denominator.bit_length() <= LONGEST:
        return value
    return decimal_of(value)


def _fractions(values: tuple[Number, ...]) -> bool:
    return all(isinstance(value, Fraction) for value in values)


def _add(*terms: Number) -> Number:
    if _fractions(terms):
        below = math.lcm(*(term.denominator for term in terms if isinstance(term, Fraction)))
        above = (term.numerator * (below // term.denominator) for term in terms if isinstance(term, Fraction))
        return _kept(sum(above), below)
    decimals = [decimal_of(term) for term in terms]
    value = decimals[0]
    for term in decimals[1:]:
        value = CONTEXT.add(value, term)
    if value.is_finite() and value.copy_abs() < CONTEXT.multiply(NOISE, max(term.copy_abs() for term in decimals)):
        return Decimal(0)
    return value


def _negative(value: Number) -> Number:
    return value.copy_negate() if isinstance(value, Decimal) else -value


def _subtract(a: Number, b: Number) -> Number:
    return _add(a, _negative(b))


def _multiply(*factors: Number) -> Number:
    if _fractions(factors):
        above = math.prod(factor.numerator for factor in factors if isinstance(factor, Fraction))
        below = math.prod(factor.denominator for factor in factors if isinstance(factor, Fraction))
        return _kept(above, below)
    if any(isinstance(factor, Fraction) and factor == 0 for factor in factors) and all(map(is_finite, factors)):
        return ZERO
    value = decimal_of(factors[0])
    for factor in factors[1:]:
        value = CONTEXT.multiply(value, decimal_of(factor))
    return value


def _divide(a: Number, b: Number) -> Number:
    if b == 0:
        return NAN if a == 0 or a != a else INFINITY if a > 0 else -INFINITY
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return _kept(a.numerator * b.denominator, a.denominator * b.numerator)
    if isinstance(a, Fraction) and a == 0 and is_finite(b):
        return ZERO
    return CONTEXT.divide(decimal_of(a), decimal_of(b))


def _power(base: Number, exponent: Number) -> Number:
    if exponent == 0:
        return ONE
    if base == 0:
        return (ZERO if isinstance(base, Fraction) else base) if _above(exponent) else INFINITY
    if isinstance(exponent, Fraction) and exponent.denominator == 2 and exponent.numerator == 1:
        return _root(base)
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        longest = max(base.numerator.bit_length(), base.denominator.bit_length())
        if longest * abs(exponent.numerator) <= 4 * LONGEST:
            power = base**exponent.numerator
            return _kept(power.numerator, power.denominator)
    return CONTEXT.power(decimal_of(base), decimal_of(exponent))


def _root(x: Number) -> Number:
    if x != x or x < 0:
        return NAN
    if isinstance(x, Fraction):
        above, below = math.isqrt(x.numerator), math.isqrt(x.denominator)
        if above * above == x.numerator and below * below == x.denominator:
            return Fraction(above, below)
    return CONTEXT.sqrt(decimal_of(x))


def _exp(x: Number) -> Number:
    return ONE if isinstance(x, Fraction) and x == 0 else CONTEXT.exp(decimal_of(x))


def _ln(x: Number) -> Number:
    if isinstance(x, Fraction) and x == 1:
        return ZERO
    return NAN if x != x or x < 0 else CONTEXT.ln(decimal_of(x))


def _wide(x: Decimal) -> decimal.Context:
    """A context with so many digits more that 1 + x and e^x − 1 keep those of a small x."""
    context = CONTEXT.copy()
    context.prec = DIGITS + max(0, -x.adjusted())
    return context


def _like_its_argument(work: Callable[[decimal.Context, Decimal], Decimal]) -> Callable[[Number], Number]:
    """A function that is its argument where this is smaller than any digit; else ``work`` in a wide context."""

    def function(x: Number) -> Number:
        value = decimal_of(x)
        if x == 0 or (value.is_finite() and value.adjusted() < -DIGITS):
            return x if x == 0 else value
        return CONTEXT.plus(work(_wide(value) if value.is_finite() else CONTEXT, value))

    return function


def _ln_of_sum(wide: decimal.Context, x: Decimal) -> Decimal:
    above = wide.add(Decimal(1), x)
    return NAN if above != above or above < 0 else wide.ln(above)


_expm1 = _like_its_argument(lambda wide, x: wide.subtract(wide.exp(x), Decimal(1)))


def _log_sum_exp(*terms: Number) -> Number:
    top = _largest(*terms) if terms else -INFINITY
    if not is_finite(top):
        return top
    return _add(top, _ln(_add(*(_exp(_subtract(term, top)) for term in terms))))


def _tanh(x: Number) -> Number:
    """(e^2x − 1) / (e^2x + 1)."""
    if x == 0 or x != x:
        return x
    if abs(decimal_of(x)) > 2 * DIGITS:
        return Decimal(1).copy_sign(decimal_of(x))
    power = _expm1(_multiply(Fraction(2), x))
    return _divide(power, _add(power, Fraction(2)))


def _arctan(x: Number) -> Number:
    """The angle halved four times, then its series."""
    if x == 0 or x != x:
        return x
    value, wide = decimal_of(x), CONTEXT.copy()
    wide.prec = DIGITS + 10
    if value.copy_abs() > 1:
        quarter = wide.divide(PI, Decimal(2)).copy_sign(value)
        if value.is_infinite():
            return CONTEXT.plus(quarter)
        return CONTEXT.plus(wide.subtract(quarter, decimal_of(_arctan(wide.divide(Decimal(1), value)))))
    for _ in range(4):
        root = wide.sqrt(wide.add(Decimal(1), wide.multiply(value, value)))
        value = wide.divide(value, wide.add(Decimal(1), root))
    square = wide.multiply(value, value).copy_negate()
    return CONTEXT.multiply(Decimal(16), _series(value, lambda n: square, wide, odd=True))


def _series(first: Decimal, factor: Callable[[int], Decimal], wide: decimal.Context, odd: bool = False) -> Decimal:
    """A sum whose term number n is the one before times ``factor`` of n; of an odd series each over 2n + 1."""
    total = power = first
    n = 0
    while power and power.adjusted() > total.adjusted() - wide.prec:
        n += 1
        power = wide.multiply(power, factor(n))
        total = wide.add(total, wide.divide(power, Decimal(2 * n + 1)) if odd else power)
    return total


@cache
def _sine_and_cosine(x: Decimal) -> tuple[Decimal, Decimal]:
    """Both, by their series, after whole turns are taken off."""
    if not x.is_finite():
        return NAN, NAN
    if x.copy_abs() > FARTHEST:
        return Decimal(math.sin(float(x))), Decimal(math.cos(float(x)))
    wide = CONTEXT.copy()
    wide.prec = DIGITS + 40
    turn = wide.multiply(PI, Decimal(2))
    angle = wide.subtract(x, wide.multiply(turn, wide.divide(x, turn).to_integral_value(decimal.ROUND_HALF_EVEN)))
    square = wide.multiply(angle, angle).copy_negate()
    sine = _series(angle, lambda n: wide.divide(square, Decimal(2 * n * (2 * n + 1))), wide)
    cosine = _series(Decimal(1), lambda n: wide.divide(square, Decimal(2 * n * (2 * n - 1))), wide)
    return CONTEXT.plus(sine), CONTEXT.plus(cosine)


def _above(z: Number) -> bool:
    return z == z and z > 0


def _largest(*terms: Number) -> Number:
    return next((term for term in terms if term != term), None) or max(terms)


def _case(z: Number, holds: bool, above: Number, below: Number) -> Number:
    """One of two cases; of what is undefined neither."""
    return z if z != z else above if holds else below


FUNCTIONS: dict[str, Callable[..., Number]] = {
    "add": _add,
    "sub": _subtract,
    "mul": _multiply,
    "named": lambda value: value,
    "div": _divide,
    "neg": _negative,
    "pow": _power,
    "exp": _exp,
    "expm1": _expm1,
    "ln": _ln,
    "log1p": _like_its_argument(_ln_of_sum),
    "log_sum_exp": _log_sum_exp,
    "sqrt": _root,
    "sin": lambda x: x if x == 0 else _sine_and_cosine(decimal_of(x))[0],
    "cos": lambda x: ONE if x == 0 else _sine_and_cosine(decimal_of(x))[1],
    "tan": lambda x: x if x == 0 else CONTEXT.divide(*_sine_and_cosine(decimal_of(x))),
    "tanh": _tanh,
    "arctan": _arctan,
    "abs": lambda x: x.copy_abs() if isinstance(x, Decimal) else abs(x),
    "max": _largest,
    "min": lambda *terms: _negative(_largest(*map(_negative, terms))),
    "xlogy": lambda t, o: ZERO if t == 0 and (o == 0 or _above(o)) else _multiply(t, _ln(o)),
    "xdivy": lambda t, o: ZERO if t == 0 and o == o else _divide(t, o),
    "xtimes": lambda t, z: ZERO if t == 0 else _multiply(t, z),
    "if_positive": lambda z, above, below: _case(z, _above(z), above, below),
    "if_at_least_zero": lambda z, above, below: _case(z, z == 0 or _above(z), above, below),
}
"""Every operation on fractions and decimals."""
