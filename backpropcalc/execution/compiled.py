"""A program as Python or NumPy code: the same terms, typeset as code, for running it many times over.

The code holds nothing but operators, numbers that were parsed as numbers, and variables called v0, v1, …
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from backpropcalc.algebra.arithmetic import SCALARS, tensors, to_float
from backpropcalc.algebra.fragments import unbroken
from backpropcalc.algebra.terms import Num, Op, Term, Var
from backpropcalc.algebra.typeset import NUMPY, PYTHON, Syntax, typeset
from backpropcalc.program.lean import Assignment, assignments
from backpropcalc.program.steps import Step

Row = list[float]
Scope = Mapping[str, Callable[..., Any]]
_FAST = {"exp": math.exp, "ln": math.log, "sqrt": math.sqrt}
"""These raise where the careful ones return infinity; the caller then works the iteration out again with care."""


class Code:
    """A language that programs are compiled to: how terms are written in it, its functions, and whether ``a -= b``
    changes an array where it is."""

    def __init__(self, syntax: Syntax, scope: Scope, in_place: bool = False) -> None:
        self.syntax, self.scope, self.in_place = syntax, scope, in_place

    def function(
        self, given: Sequence[Var], steps: Iterable[Assignment], wanted: Sequence[Var]
    ) -> Callable[[Sequence[Any]], list[Any]]:
        """A function from the values of ``given`` to those of ``wanted``.

        In Python it raises ArithmeticError or ValueError for a value that is not finite.
        """
        name = _Names()
        inputs = ", ".join(map(name, given))
        lines = "".join(self._line(var, term, name, " ") for var, term in steps)
        return self._made(f"def made(_row):\n [{inputs}] = _row\n{lines} return [{', '.join(map(name, wanted))}]\n")

    def loop(
        self,
        data: Sequence[Var],
        kept: Sequence[Var],
        steps: Iterable[Assignment],
        carried: Iterable[tuple[Var, Var]],
        counts: Sequence[Var],
    ) -> Callable[[Sequence[Any], Iterable[Sequence[Any]]], tuple[list[Any], int]]:
        """A function (values of ``kept``, rows of ``data``) that works an iteration out for each row.

        After each, the second of each pair in ``carried`` becomes the first, and ``counts`` go up by one. It returns
        the values of ``kept`` and how many iterations it has done: fewer if one could not be worked out without care.
        """
        name = _Names()
        state = ", ".join(map(name, kept))
        lines = [f"def made(_row, _rows):\n [{state}] = _row\n _done = 0\n try:\n"]
        lines.append(f"  for [{', '.join(map(name, data))}] in _rows:\n")
        lines.extend(self._line(var, term, name, "   ") for var, term in steps)
        lines.extend(f"   {name(old)} = {name(new)}\n" for old, new in carried)
        lines.extend(f"   {name(count)} += 1\n" for count in counts)
        lines.append("   _done += 1\n except (ArithmeticError, ValueError):\n  pass\n")
        return self._made("".join(lines) + f" return [{state}], _done\n")

    def _line(self, var: Var, term: Term, name: _Names, indent: str) -> str:
        sign = "="
        if self.in_place and isinstance(term, Op) and term.name == "sub" and term.args[0] == var:
            sign, term = "-=", term.args[1]
        return f"{indent}{name(var)} {sign} {unbroken(typeset(term, self.syntax, name.leaf))}\n"

    def _made(self, source: str) -> Callable[..., Any]:
        scope: dict[str, Any] = dict(self.scope)
        exec(source, scope)
        made: Callable[..., Any] = scope["made"]
        return made


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


FAST_CODE = Code(PYTHON, {**SCALARS, **_FAST})
CAREFUL_CODE = Code(PYTHON, SCALARS)
"""Slower, but e to a large number is infinite instead of an error; only a division by 0 raises ArithmeticError."""


def tensor_code() -> Code:
    """NumPy; the functions are those that tensors are evaluated with."""
    functions = tensors().functions
    import numpy as np

    def indexed(name: str) -> Callable[..., Any]:
        return lambda *args: functions[name](*args[:-1], np.array([[args[-1]]]))

    own = {name: indexed(name) for name in ("row", "back", "jacobian_row")}
    plain: dict[str, Callable[..., Any]] = {
        "square": np.square,
        "maximum": np.maximum,
        "minimum": np.minimum,
        "where": np.where,
    }
    return Code(NUMPY, {**functions, **own, **plain, "total": np.add.reduce}, True)


def straight_line(steps: Iterable[Step], slots: Mapping[Var, int], given: int) -> Callable[[Row], Row]:
    """A function from the first ``given`` values of ``slots`` to the values of ``steps``.

    Raises ArithmeticError or ValueError for a value that is not finite.
    """
    work = assignments(steps)
    return FAST_CODE.function(list(slots)[:given], work, [var for var, _ in work])
