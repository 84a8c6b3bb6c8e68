"""A program as straight-line Python: the same terms, typeset as code, for running it many times over.

The code holds nothing but operators, numbers that were parsed as numbers, and variables called v0, v1, …
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .arithmetic import SCALARS, to_float
from .program import Step
from .terms import Num, Var
from .typeset import PYTHON, typeset

Row = list[float]
_FAST = {"exp": math.exp, "ln": math.log, "sqrt": math.sqrt}
"""These raise where the careful ones return infinity; the caller then works the iteration out again with care."""


def straight_line(steps: Iterable[Step], slots: Mapping[Var, int], given: int) -> Callable[[Row], Row]:
    """A function from the first ``given`` values to the values of ``steps``; slot n of ``slots`` is variable vn.

    Raises ArithmeticError or ValueError for a value that is not finite.
    """

    def leaf(node: Var | Num, guard: int) -> str:
        if isinstance(node, Var):
            return f"v{slots[node]}"
        text = repr(to_float(node.text))
        return f"({text})" if text[0] == "-" else text

    lines, names = [], []
    for step in steps:
        name = leaf(step.var, 0)
        names.append(name)
        lines.append(f" {name} = {typeset(step.safe or step.term, PYTHON, leaf)}\n")
    inputs = ", ".join(f"v{n}" for n in range(given))
    source = f"def run(row):\n [{inputs}] = row\n{''.join(lines)} return [{', '.join(names)}]\n"
    scope: dict[str, Callable[..., Any]] = {**SCALARS, **_FAST}
    exec(source, scope)
    return scope["run"]
