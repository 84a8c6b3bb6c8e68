"""A program as Python or NumPy code: the same terms, typeset as code, for running it many times over.

The code holds nothing but operators, numbers that were parsed as numbers, and variables called v0, v1, …
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from backpropcalc.algebra.arithmetic import NEAR, SCALARS, Number, settled, to_float
from backpropcalc.algebra.fragments import unbroken
from backpropcalc.algebra.tensors import settled as settled_array
from backpropcalc.algebra.tensors import tensors
from backpropcalc.algebra.terms import Num, Op, Var
from backpropcalc.algebra.typeset import NUMPY, PYTHON, Syntax, typeset
from backpropcalc.program.lean import Assignment

from .cancellation import exposed, size

Loop = Callable[[Sequence[Number], Iterable[Sequence[Number]]], tuple[list[Number], int]]
"""Takes the values of what is kept and rows of data; gives what is kept then, and how many iterations were done."""
Scope = Mapping[str, Callable[..., Number]]
_FAST = {"exp": math.exp, "ln": math.log, "sqrt": math.sqrt}
"""These raise where the careful ones return infinity; the caller then works the iteration out again with care."""


class Code:
    """A language that programs are compiled to: how terms are written in it, its functions, how it tells that a value
    is near 0, and whether ``a -= b`` changes an array where it is."""

    def __init__(self, syntax: Syntax, scope: Scope, near_zero: str, in_place: bool = False) -> None:
        self.syntax, self.scope, self.near_zero, self.in_place = syntax, scope, near_zero, in_place

    def function(
        self, given: Sequence[Var], steps: Iterable[Assignment], wanted: Sequence[Var]
    ) -> Callable[[Sequence[Number]], list[Number]]:
        """A function from the values of ``given`` to those of ``wanted``.

        In Python it raises ArithmeticError or ValueError for a value that is not finite.
        """
        name = _Names()
        inputs = ", ".join(map(name, given))
        lines = "".join(self._lines(steps, None, name, " "))
        return self._made(f"def made(_row):\n [{inputs}] = _row\n{lines} return [{', '.join(map(name, wanted))}]\n")

    def loop(
        self,
        data: Sequence[Var],
        kept: Sequence[Var],
        steps: Iterable[Assignment],
        carried: Iterable[tuple[Var, Var]],
        counts: Sequence[Var],
        among: frozenset[Var],
    ) -> Loop:
        """A function (values of ``kept``, rows of ``data``) that works an iteration out for each row.

        After each, the second of each pair in ``carried`` becomes the first, and ``counts`` go up by one. It returns
        the values of ``kept`` and how many iterations it has done: fewer if one could not be worked out without care.
        ``among`` as in ``exposed``.
        """
        name = _Names()
        state = ", ".join(map(name, kept))
        lines = [f"def made(_row, _rows):\n [{state}] = _row\n _done = 0\n try:\n"]
        lines.append(f"  for [{', '.join(map(name, data))}] in _rows:\n")
        lines.extend(self._lines(steps, among, name, "   "))
        lines.extend(f"   {name(old)} = {name(new)}\n" for old, new in carried)
        lines.extend(f"   {name(count)} += 1\n" for count in counts)
        lines.append("   _done += 1\n except (ArithmeticError, ValueError):\n  pass\n")
        return self._made("".join(lines) + f" return [{state}], _done\n")

    def _lines(
        self, steps: Iterable[Assignment], among: frozenset[Var] | None, name: _Names, indent: str
    ) -> Iterator[str]:
        steps, watched = exposed(steps, among)
        for var, term in steps:
            sign, right = "=", term
            if self.in_place and isinstance(term, Op) and term.name == "sub" and term.args[0] == var:
                sign, right = "-=", term.args[1]
            yield f"{indent}{name(var)} {sign} {unbroken(typeset(right, self.syntax, name.leaf))}\n"
            if var in watched:
                left = f"settled({name(var)}, {unbroken(typeset(size(right), self.syntax, name.leaf))})"
                yield f"{indent}if {self.near_zero.format(name(var))}: {name(var)} = {left}\n"

    def _made(self, source: str) -> Callable[..., Number]:
        scope: dict[str, Callable[..., Number]] = dict(self.scope)
        exec(source, scope)
        return scope["made"]


class _Names(dict[Var, str]):
    """Variables to v0, v1, … as they are asked for."""

    def __missing__(self, var: Var) -> str:
        self[var] = f"v{len(self)}"
        return self[var]

    def __call__(self, var: Var) -> str:
        return self[var]

    def leaf(self, node: Var | Num, guard: int) -> str:
        """A variable, or a number as all its digits."""
        if isinstance(node, Var):
            return self[node]
        text = repr(to_float(node.text))
        return f"({text})" if text[0] == "-" else text


_SCALARS = {**SCALARS, "settled": settled}
FAST_CODE = Code(PYTHON, {**_SCALARS, **_FAST}, f"-{NEAR} < {{0}} < {NEAR} and {{0}}")
CAREFUL_CODE = Code(PYTHON, _SCALARS, FAST_CODE.near_zero)
"""Slower, but e to a large number is infinite instead of an error; only a division by 0 raises ArithmeticError."""


def tensor_code() -> Code:
    """NumPy; the functions are those that tensors are evaluated with."""
    functions = tensors().functions
    import numpy as np

    def indexed(name: str) -> Callable[..., Number]:
        return lambda *args: functions[name](*args[:-1], np.array([[args[-1]]]))

    own = {name: indexed(name) for name in ("row", "back", "jacobian_row")}
    plain: dict[str, Callable[..., Number]] = {
        "square": np.square,
        "maximum": np.maximum,
        "minimum": np.minimum,
        "where": np.where,
        "settled": settled_array,
    }
    near_zero = f"abs({{0}}).min() < {NEAR}"
    return Code(NUMPY, {**functions, **own, **plain, "total": np.add.reduce}, near_zero, True)
