"""Exact arithmetic: fractions, and as soon as there is an e^x, a root or a name without a number, sympy expressions."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache, lru_cache, reduce

from .arithmetic import Arithmetic, Number
from .terms import Num, Term

READABLE = 500
"""Characters up to which an exact value is kept; a longer one goes on as a decimal with ``DIGITS`` digits."""
DIGITS = 50
ENORMOUS = 10**15
"""e to the power of more than this is infinite for any purpose."""
ZERO, ONE = Fraction(0), Fraction(1)


def exact() -> Arithmetic:
    """Exact arithmetic. A value that has swollen past reading, or is infinite, settles to a decimal."""
    functions: dict[str, Callable[..., Number]] = {
        "add": lambda *terms: sum(terms[1:], start=terms[0]),
        "sub": lambda a, b: a - b,
        "mul": lambda *factors: math.prod(factors[1:], start=factors[0]),
        "named": lambda value: value,
        "div": _divide,
        "neg": lambda a: -a,
        "pow": _power,
        "exp": lambda x: ONE if x == 0 else _function("exp", x),
        "expm1": lambda x: ZERO if x == 0 else _function("exp", x) - 1,
        "ln": _ln,
        "log1p": lambda x: _ln(1 + x),
        "log_sum_exp": lambda *terms: _ln(sum(_function("exp", term) for term in terms)),
        "sqrt": lambda x: _power(x, Fraction(1, 2)),
        "sin": _through_zero("sin"),
        "cos": lambda x: ONE if x == 0 else _function("cos", x),
        "tan": _through_zero("tan"),
        "tanh": _through_zero("tanh"),
        "arctan": _through_zero("atan"),
        "abs": lambda x: _function("Abs", x) if _named(x) else x if _sign(x) >= 0 else -x,
        "max": lambda *terms: _extreme("Max", terms, lambda a, b: a if _sign(a - b) >= 0 else b),
        "min": lambda *terms: _extreme("Min", terms, lambda a, b: a if _sign(a - b) <= 0 else b),
        "xlogy": _times_ln,
        "xdivy": lambda t, o: ZERO if t == 0 and o == o else _divide(t, o),
        "xtimes": lambda t, z: ZERO if t == 0 else t * z,
        "if_positive": lambda z, above, below: _choose("if_positive", z, above, below, lambda sign: sign > 0),
        "if_at_least_zero": lambda z, above, below: _choose(
            "if_at_least_zero", z, above, below, lambda sign: sign >= 0
        ),
    }
    return Arithmetic("exact", _number, functions, settled)


def _number(text: str) -> Fraction:
    above, _, below = text.partition("/")
    return Fraction(above) / Fraction(below or "1")


def _named(value: Number) -> bool:
    """Whether it speaks of a name that has no number."""
    return bool(getattr(value, "free_symbols", None))


def _function(name: str, x: Number) -> Number:
    import sympy as sp

    return getattr(sp, name)(sp.sympify(x))


def _through_zero(name: str) -> Callable[[Number], Number]:
    """A function that is 0 at 0 and has no simple value elsewhere; sympy must not turn arctan 1 into π/4."""

    def function(x: Number) -> Number:
        import sympy as sp

        return ZERO if x == 0 else getattr(sp, name)(sp.sympify(x), evaluate=_named(x))

    return function


def _ln(x: Number) -> Number:
    if x == 1:
        return ZERO
    return -math.inf if x == 0 else math.nan if not _named(x) and _sign(x) < 0 else _function("log", x)


def _times_ln(t: Number, o: Number) -> Number:
    """t · ln(o), 0 if t is, but for an ``o`` that is undefined or has no logarithm."""
    defined = o == o and (_named(o) or _sign(o) >= 0)
    return (ZERO if t == 0 else t * _ln(o)) if defined else math.nan


def _divide(a: Number, b: Number) -> Number:
    if b != b:
        return math.nan
    if b != 0:
        return a / b
    return math.nan if a == 0 else math.inf if _named(a) or _sign(a) > 0 else -math.inf


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        return base**exponent.numerator if base != 0 or exponent >= 0 else math.inf
    if not _named(base) and _sign(base) < 0 and isinstance(exponent, Fraction) and exponent.denominator > 1:
        return math.nan
    import sympy as sp

    return sp.Pow(sp.sympify(base), sp.sympify(exponent))


def _sign(x: Number) -> int:
    """−1, 0 or 1; of an expression by as many digits as it takes."""
    if isinstance(x, Fraction | int | float):
        return (x > 0) - (x < 0)
    value = decimal(x)
    if abs(value) < 1e-40:
        return 0
    return 1 if value > 0 else -1


@lru_cache(10_000)
def decimal(value: Number) -> Number:
    """A number without names as a decimal with ``DIGITS`` digits, or a float if it is infinite or undefined.

    sympy would work a sum out again with more digits, and what is nested in it again for each of these: minutes for
    a line. Here each part is worked out once, with digits to spare; what cancels as far as they reach is 0.
    """
    import sympy as sp
    from mpmath import mp, mpf

    with mp.workdps(3 * DIGITS):
        found: dict[Number, Number] = {}
        for part in sp.postorder_traversal(value):
            if part not in found:
                work = _working().get(type(part).__name__)
                below = [found[arg] for arg in part.args]
                # A whole number of sympy becomes one of Python.
                found[part] = mp.convert(part._to_mpmath(mp.prec)) if work is None else work(*below)
        whole = found[value]
        if not isinstance(whole, mpf):  # a complex number
            return math.nan
        return sp.Float(whole, DIGITS) if mp.isfinite(whole) else float(whole)


@cache
def _working() -> dict[str, Callable[..., Number]]:
    """sympy's functions worked out by mpmath."""
    from mpmath import mp

    def add(*terms: Number) -> Number:
        total = mp.fsum(terms)
        return mp.zero if abs(total) < mp.mpf(10) ** (-2 * DIGITS) * max(map(abs, terms)) else total

    def exp(x: Number) -> Number:
        return mp.exp(x) if abs(x) < ENORMOUS else mp.inf if x > 0 else mp.zero

    own = {"Add": add, "Mul": lambda *xs: mp.fprod(xs), "Pow": mp.power, "exp": exp, "log": mp.log, "Abs": abs}
    return own | {"Max": max, "Min": min} | {name: getattr(mp, name) for name in ("sin", "cos", "tan", "tanh", "atan")}


def _extreme(name: str, terms: tuple[Number, ...], better: Callable[[Number, Number], Number]) -> Number:
    undefined = [term for term in terms if term != term]
    if undefined or not any(map(_named, terms)):
        return undefined[0] if undefined else reduce(better, terms)
    import sympy as sp

    return getattr(sp, name)(*map(sp.sympify, terms))


def _choose(name: str, z: Number, above: Number, below: Number, holds: Callable[[int], bool]) -> Number:
    if not _named(z):
        return z if z != z else above if holds(_sign(z)) else below
    import sympy as sp

    from .symbolic import symbols

    return symbols().functions[name](*map(sp.sympify, (z, above, below)))


def settled(value: Number) -> Number:
    """A value as it is carried on: itself, a decimal if it has swollen, a float if it is infinite or undefined."""
    if isinstance(value, int | float) or (isinstance(value, Fraction) and not _long(value)):
        return value
    import sympy as sp

    if isinstance(value, Fraction):
        return sp.Float(sp.Rational(value.numerator, value.denominator), DIGITS)
    if value.has(sp.nan):
        return math.nan
    # To ask sympy whether a sum is finite, or to write it, takes seconds: it works out the order of the terms.
    if not value.free_symbols and value.has(sp.oo, -sp.oo, sp.zoo):
        return math.inf if value.is_positive else -math.inf
    if _has_float(value):
        return decimal(value)
    if value.is_Rational:
        return settled(Fraction(int(value.p), int(value.q)))
    numbers = (Fraction(int(number.p), int(number.q)) for number in value.atoms(sp.Rational))
    if not value.free_symbols and (any(map(_long, numbers)) or _length(value) > READABLE):
        return decimal(value)
    return value


def _length(value: Number) -> int:
    """About how many characters it has, told from its parts."""
    if not value.args:
        return len(str(value))
    name = type(value).__name__
    signs = {"Add": 3 * len(value.args) - 3, "Mul": len(value.args) - 1, "Pow": 2}.get(name)
    inner = sum(map(_length, value.args))
    return inner + len(name) + 2 if signs is None else inner + signs + 2 * sum(map(bool, (p.args for p in value.args)))


def _long(value: Fraction) -> bool:
    """Whether a fraction has more digits than anyone reads; to write them costs more than to count its bits."""
    return value.numerator.bit_length() + value.denominator.bit_length() > 10 * READABLE / 3


def is_decimal(value: Number) -> bool:
    """Whether it is no longer exact."""
    return isinstance(value, float) or bool(getattr(value, "is_Float", False)) or _has_float(value)


def _has_float(value: Number) -> bool:
    if not hasattr(value, "atoms"):
        return False
    import sympy as sp

    return bool(value.atoms(sp.Float))


@lru_cache(10_000)
def term_of(value: Number) -> Term:
    """An exact value as a term, to be written like any other."""
    if isinstance(value, Fraction | int):
        value = Fraction(value)
        return Num(f"{value.numerator}/{value.denominator}" if value.denominator != 1 else str(value.numerator))
    from .symbolic import to_term

    return to_term(value)


def decimal_of(value: Number) -> Number:
    """The double nearest to a value; None if a name in it has no number."""
    if _named(value):
        return None
    try:
        return float(decimal(value)) if hasattr(value, "evalf") else float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
