"""What numbers are and how a term is worked out: floating point, rounded by hand, or exact.

An ``Arithmetic`` is a table of functions. Scalars are evaluated with Python numbers; ``TENSORS`` works on NumPy arrays.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from .terms import Num, Op, Term, Var

Number = Any
"""float, Decimal, Fraction, a sympy expression or an array, as the arithmetic has it."""


class Arithmetic(NamedTuple):
    """How to read a number, what each operation does, and what happens to a value once it is written down."""

    name: str
    number: Callable[[str], Number]
    functions: Mapping[str, Callable[..., Number]]
    settle: Callable[[Number], Number] = lambda value: value
    context: Callable[[], AbstractContextManager[object]] = nullcontext
    """Surrounds the work: where comparing with what is no number must not fail."""


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


def _add(*terms: float) -> float:
    value = terms[0]
    for term in terms[1:]:
        value = value + term
    return value


def _divide(a: float, b: float) -> float:
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _expm1(x: float) -> float:
    try:
        return math.expm1(x)
    except OverflowError:
        return math.inf


def _ln(x: float) -> float:
    return math.log(x) if x > 0 else (-math.inf if x == 0 else math.nan)


def _pow(x: float, y: float) -> float:
    try:
        value = x**y
    except OverflowError:
        return math.inf
    except ZeroDivisionError:
        return math.inf
    return math.nan if isinstance(value, complex) else value


def _log_sum_exp(*terms: float) -> float:
    top = max(terms, default=-math.inf)
    if math.isinf(top):
        return top
    return top + math.log(sum(math.exp(term - top) for term in terms))


def _periodic(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: math.nan if math.isinf(x) else function(x)


def _sqrt(x: float) -> float:
    return math.sqrt(x) if x >= 0 else math.nan


SCALARS: dict[str, Callable[..., Number]] = {
    "add": _add,
    "sub": lambda a, b: a - b,
    "mul": lambda *factors: math.prod(factors),
    "named": lambda value: value,
    "div": _divide,
    "neg": lambda a: -a,
    "pow": _pow,
    "exp": _exp,
    "expm1": _expm1,
    "ln": _ln,
    "log1p": lambda x: math.log1p(x) if x > -1 else _ln(1 + x),
    "log_sum_exp": _log_sum_exp,
    "sqrt": _sqrt,
    "sin": _periodic(math.sin),
    "cos": _periodic(math.cos),
    "tan": _periodic(math.tan),
    "tanh": math.tanh,
    "arctan": math.atan,
    "abs": abs,
    "max": max,
    "min": min,
    "xlogy": lambda t, o: 0.0 if t == 0 and o >= 0 else t * _ln(o),
    "xdivy": lambda t, o: 0.0 if t == 0 else _divide(t, o),
    "xtimes": lambda t, z: 0.0 if t == 0 else t * z,
    "if_positive": lambda z, above, below: above if z > 0 else below,
    "if_at_least_zero": lambda z, above, below: above if z >= 0 else below,
}
"""Every operation on plain floats, IEEE style: no exception, but infinity or NaN."""

FLOAT = Arithmetic("float", to_float, SCALARS)


def rounded(settle: Callable[[Any], Any]) -> Arithmetic:
    """Decimal arithmetic with every written value passed through ``settle``, as with a pocket calculator.

    Between two written values 40 digits are kept; sums and products are exact, exp and ln correctly rounded.
    """
    import decimal

    context = decimal.Context(prec=40, traps=[], Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
    nan = decimal.Decimal("NaN")

    def number(text: str) -> decimal.Decimal:
        if "/" in text:
            above, below = text.split("/")
            return context.divide(decimal.Decimal(above), decimal.Decimal(below))
        return decimal.Decimal(text)

    def through_float(function: Callable[[float], float]) -> Callable[[Any], Any]:
        return lambda x: decimal.Decimal(repr(function(float(x))))

    def exp(x: Any) -> Any:
        return context.exp(x) if abs(x) < 100_000 else through_float(_exp)(x)

    def ln(x: Any) -> Any:
        return context.ln(x) if x >= 0 else nan

    def divide(a: Any, b: Any) -> Any:
        return context.divide(a, b)

    def add(*terms: Any) -> Any:
        value = terms[0]
        for term in terms[1:]:
            value = context.add(value, term)
        return value

    def mul(*factors: Any) -> Any:
        value = factors[0]
        for factor in factors[1:]:
            value = context.multiply(value, factor)
        return value

    zero, one = decimal.Decimal(0), decimal.Decimal(1)
    functions = SCALARS | {
        "add": add,
        "sub": context.subtract,
        "mul": mul,
        "div": divide,
        "neg": context.minus,
        "pow": context.power,
        "exp": exp,
        "expm1": lambda x: context.subtract(exp(x), one),
        "ln": ln,
        "log1p": lambda x: ln(context.add(one, x)),
        "sqrt": lambda x: context.sqrt(x) if x >= 0 else nan,
        "sin": through_float(SCALARS["sin"]),
        "cos": through_float(SCALARS["cos"]),
        "tan": through_float(SCALARS["tan"]),
        "tanh": through_float(math.tanh),
        "arctan": through_float(math.atan),
        "xlogy": lambda t, o: zero if t == 0 and o >= 0 else context.multiply(t, ln(o)),
        "xdivy": lambda t, o: zero if t == 0 else divide(t, o),
        "xtimes": lambda t, z: zero if t == 0 else context.multiply(t, z),
    }
    return Arithmetic("rounded", number, functions, settle, lambda: decimal.localcontext(context))


def tensors() -> Arithmetic:
    """Float arithmetic on NumPy arrays of shape (units, samples)."""
    import os

    # A pool of BLAS threads costs more than it gives on matrices of this size.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import numpy as np

    def log_sum_exp(z: Any) -> Any:
        top = z.max(axis=0, keepdims=True)
        return top + np.log(np.exp(z - top).sum(axis=0, keepdims=True))

    def log_sum_exp_others(z: Any) -> Any:
        others = [
            log_sum_exp(np.delete(z, k, axis=0)) if len(z) > 1 else np.full(z.shape, -np.inf) for k in range(len(z))
        ]
        return np.concatenate(others)

    def jacobian_row(a: Any, k: Any) -> Any:
        own = a[int(k.item())]
        out = -own * a
        out[int(k.item())] = own * (1 - own)
        return out

    def softmax_shares(g: Any, z: Any) -> Any:
        others = log_sum_exp_others(z)
        out = np.zeros(z.shape)
        for k in range(len(z)):
            share = g[k] * np.exp(z - others[k])
            share[k] = 0
            out += share
        return out

    def xtimes(t: Any, z: Any) -> Any:
        return np.where(t == 0, 0.0, t * z)

    def number(text: str) -> Any:
        return np.array([[to_float(text)]])

    functions: dict[str, Callable[..., Any]] = {
        "add": _add,
        "sub": lambda a, b: a - b,
        "mul": lambda *factors: math.prod(factors[1:], start=factors[0]),
        "div": lambda a, b: a / b,
        "neg": lambda a: -a,
        "pow": lambda a, b: a ** int(b[0, 0]) if b.size == 1 and b[0, 0] == int(b[0, 0]) else a**b,
        "exp": np.exp,
        "expm1": np.expm1,
        "ln": np.log,
        "log1p": np.log1p,
        "sqrt": np.sqrt,
        "sin": np.sin,
        "cos": np.cos,
        "tan": np.tan,
        "tanh": np.tanh,
        "arctan": np.arctan,
        "abs": np.abs,
        "max": lambda *terms: functools.reduce(np.maximum, terms),
        "min": lambda *terms: functools.reduce(np.minimum, terms),
        "xlogy": lambda t, o: np.where((t == 0) & (o >= 0), 0.0, t * np.log(o)),
        "xdivy": lambda t, o: np.where(t == 0, 0.0, t / o),
        "xtimes": xtimes,
        "if_positive": lambda z, above, below: np.where(z > 0, above, below),
        "if_at_least_zero": lambda z, above, below: np.where(z >= 0, above, below),
        "log_sum_exp": log_sum_exp,
        "log_sum_exp_others": log_sum_exp_others,
        "jacobian_row": jacobian_row,
        "softmax_shares": softmax_shares,
        "matmul": lambda a, b: a @ b,
        "hadamard": lambda *factors: math.prod(factors[1:], start=factors[0]),
        "transpose": lambda a: a.T,
        "spread": lambda a: a,
        "diagonal": lambda a: np.diagflat(a),
        "sum_rows": lambda a: a.sum(axis=0, keepdims=True),
        "sum_columns": lambda a: a.sum(axis=1, keepdims=True),
        "row": lambda a, k: a[int(k.item()) : int(k.item()) + 1],
        "named": lambda value: value,
        "outer": lambda delta, source: delta @ source.T,
        "sent": lambda delta, w: w.T @ delta,
        "paths": lambda value: value,
        "bias_sum": lambda delta: delta.sum(axis=1, keepdims=True),
        "shared_sum": lambda delta: delta.sum(keepdims=True),
        "back": lambda delta, w, k: w[int(k.item())][:, None] * delta[int(k.item())][None, :],
    }
    return Arithmetic("tensors", number, functions)
