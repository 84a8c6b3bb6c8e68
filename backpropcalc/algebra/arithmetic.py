"""What numbers are and how a term is worked out. An ``Arithmetic`` is a table of functions; here is that of doubles.

The others: ``decimals`` by hand, ``exact`` with expressions, ``tensors`` on NumPy arrays, ``intervals``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .terms import Num, Op, Term, Var

NOISE = 2.0**-43
"""A sum of doubles that is smaller than its largest term by this has hardly a right digit: it counts as 0.

0.1 + 0.2 − 0.3 is 0 to a person, and 2⁻⁵⁴ to a computer; ReLU has a corner there.
"""
NEAR = 1e-9
"""Compiled code looks only at sums nearer to 0 than this, which costs next to nothing: terms may be as large as 10⁴."""
Number = Any
"""float, Decimal, Fraction, a sympy expression or an array, as the arithmetic has it."""


class Arithmetic(NamedTuple):
    """How to read a number, what each operation does, and what happens to a value once it is written down."""

    name: str
    number: Callable[[str], Number]
    functions: Mapping[str, Callable[..., Number]]
    settle: Callable[[Number], Number] = lambda value: value
    settle_as: Callable[[Var, Number], Number] | None = None
    """The same where it depends on whose value it is."""

    def settled(self, var: Var, value: Number) -> Number:
        """What becomes of a value of ``var`` once it is written down."""
        return self.settle_as(var, value) if self.settle_as else self.settle(value)


def evaluate(term: Term, env: Callable[[Var], Number], arithmetic: Arithmetic) -> Number:
    """The value of ``term``; ``env`` gives the value of a variable."""
    match term:
        case Var():
            return env(term)
        case Num(text):
            return arithmetic.number(text)
        case Op(name, args):
            return arithmetic.functions[name](*(evaluate(arg, env, arithmetic) for arg in args))
    raise AssertionError(term)


def to_float(text: str) -> float:
    """The double nearest to a number as written; a fraction a/b is divided exactly first."""
    if "/" in text:
        above, below = text.split("/")
        if above.isdecimal() and below.isdecimal() and len(text) < 300:
            return int(above) / int(below)  # correctly rounded, and no module is loaded for a half
        from fractions import Fraction

        return float(Fraction(above) / Fraction(below))
    return float(text)


def settled(value: float, *terms: float) -> float:
    """A sum of ``terms``, or 0 if it is nothing but what rounding has left of them."""
    return 0.0 if abs(value) < NOISE * max(map(abs, terms)) else value


def _add(*terms: float) -> float:
    value = terms[0]
    for term in terms[1:]:
        value = value + term
    return settled(value, *terms)


def _divide(a: float, b: float) -> float:
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def _growing(function: Callable[[float], float]) -> Callable[[float], float]:
    def safe(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return math.inf

    return safe


def _ln(x: float) -> float:
    return math.log(x) if x > 0 else (-math.inf if x == 0 else math.nan)


def _pow(x: float, y: float) -> float:
    try:
        value = x**y
    except (OverflowError, ZeroDivisionError):
        return math.inf
    return math.nan if isinstance(value, complex) else value


def _log_sum_exp(*terms: float) -> float:
    top = max(terms, default=-math.inf)
    if math.isinf(top):
        return top
    return top + math.log(sum(math.exp(term - top) for term in terms))


def _periodic(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: math.nan if math.isinf(x) else function(x)


def _or_undefined(value: Number, *terms: Number) -> Number:
    """A choice among what is undefined is undefined as well: max(0, ?) is not 0."""
    return next((term for term in terms if term != term), value)


SCALARS: dict[str, Callable[..., Number]] = {
    "add": _add,
    "sub": lambda a, b: settled(a - b, a, b),
    "mul": lambda *factors: math.prod(factors),
    "named": lambda value: value,
    "div": _divide,
    "neg": lambda a: -a,
    "pow": _pow,
    "exp": _growing(math.exp),
    "expm1": _growing(math.expm1),
    "ln": _ln,
    "log1p": lambda x: math.log1p(x) if x > -1 else _ln(1 + x),
    "log_sum_exp": _log_sum_exp,
    "sqrt": lambda x: math.sqrt(x) if x >= 0 else math.nan,
    "sin": _periodic(math.sin),
    "cos": _periodic(math.cos),
    "tan": _periodic(math.tan),
    "tanh": math.tanh,
    "arctan": math.atan,
    "abs": abs,
    "max": lambda *terms: _or_undefined(max(terms), *terms),
    "min": lambda *terms: _or_undefined(min(terms), *terms),
    "xlogy": lambda t, o: 0.0 if t == 0 and o >= 0 else t * _ln(o),
    "xdivy": lambda t, o: 0.0 if t == 0 and o == o else _divide(t, o),
    "xtimes": lambda t, z: 0.0 if t == 0 else t * z,
    "if_positive": lambda z, above, below: _or_undefined(above if z > 0 else below, z),
    "if_at_least_zero": lambda z, above, below: _or_undefined(above if z >= 0 else below, z),
}
"""Every operation on plain floats, IEEE style: no exception, but infinity or NaN."""

FLOAT = Arithmetic("float", to_float, SCALARS)
