"""Arithmetic on NumPy arrays of shape (units, samples). NumPy is imported when it is asked for, never before."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from .arithmetic import NEAR, NOISE, Arithmetic, Number, to_float

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Array = NDArray[float64]


def settled(value: Array, size: Array) -> Array:
    """A sum of terms of this ``size`` altogether, with 0 where it is nothing but what rounding has left of them."""
    import numpy as np

    return np.where(np.abs(value) < NOISE * size, 0.0, value)


def tensors() -> Arithmetic:
    """Float arithmetic on NumPy arrays of shape (units, samples)."""
    import os

    # A pool of BLAS threads costs more than it gives on matrices of this size.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import numpy as np

    def log_sum_exp(z: Array) -> Number:
        top = z.max(axis=0, keepdims=True)
        return top + np.log(np.exp(z - top).sum(axis=0, keepdims=True))

    def log_sum_exp_others(z: Array) -> Array:
        others = [
            log_sum_exp(np.delete(z, k, axis=0)) if len(z) > 1 else np.full(z.shape, -np.inf) for k in range(len(z))
        ]
        return np.concatenate(others)

    def jacobian_row(a: Array, k: Array) -> Number:
        own = a[int(k.item())]
        out = -own * a
        out[int(k.item())] = own * (1 - own)
        return out

    def softmax_shares(g: Array, z: Array) -> Number:
        others = log_sum_exp_others(z)
        out = np.zeros(z.shape)
        for k in range(len(z)):
            share = g[k] * np.exp(z - others[k])
            share[k] = 0
            out += share
        return out

    def xtimes(t: Array, z: Array) -> Array:
        return np.where(t == 0, 0.0, t * z)

    def number(text: str) -> Array:
        return np.array([[to_float(text)]])

    def add(*terms: Array) -> Array:
        return settled(functools.reduce(np.add, terms), functools.reduce(np.add, map(np.abs, terms)))

    def matmul(a: Array, b: Array) -> Array:
        value = a @ b
        return settled(value, np.abs(a) @ np.abs(b)) if (np.abs(value) < NEAR).any() else value

    def total(a: Array, axis: int | None) -> Array:
        return settled(a.sum(axis=axis, keepdims=True), np.abs(a).sum(axis=axis, keepdims=True))

    functions: dict[str, Callable[..., Number]] = {
        "add": add,
        "sub": lambda a, b: add(a, -b),
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
        "xdivy": lambda t, o: np.where((t == 0) & (o == o), 0.0, t / o),
        "xtimes": xtimes,
        "if_positive": lambda z, above, below: np.where(z > 0, above, np.where(z == z, below, z)),
        "if_at_least_zero": lambda z, above, below: np.where(z >= 0, above, np.where(z == z, below, z)),
        "log_sum_exp": log_sum_exp,
        "log_sum_exp_others": log_sum_exp_others,
        "jacobian_row": jacobian_row,
        "softmax_shares": softmax_shares,
        "matmul": matmul,
        "hadamard": lambda *factors: math.prod(factors[1:], start=factors[0]),
        "transpose": lambda a: a.T,
        "broadcast": lambda a: a,
        "diagonal": lambda a: np.diagflat(a),
        "sum_rows": lambda a: total(a, 0),
        "sum_columns": lambda a: total(a, 1),
        "row": lambda a, k: a[int(k.item()) : int(k.item()) + 1],
        "named": lambda value: value,
        "if_trained": np.where,
        "outer": lambda delta, source: matmul(delta, source.T),
        "sent": lambda delta, w: matmul(w.T, delta),
        "paths": lambda value: value,
        "bias_sum": lambda delta: total(delta, 1),
        "shared_sum": lambda delta: total(delta, None),
        "back": lambda delta, w, k: w[int(k.item())][:, None] * delta[int(k.item())][None, :],
    }
    return Arithmetic("tensors", number, functions)
