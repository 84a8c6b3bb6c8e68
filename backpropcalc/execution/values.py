"""The numbers of one iteration, and what is known of each: whether it is exact, and how it was written."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, Arithmetic, Number, evaluate
from backpropcalc.algebra.entries import placed
from backpropcalc.algebra.terms import Op, Term, Var, variables
from backpropcalc.program.numbering import Numbering
from backpropcalc.program.steps import Step
from backpropcalc.rules.optimisers import ITERATION


class Line(NamedTuple):
    """One line of the calculation: ``var`` = ``term`` = ``value``; ``values`` knows everything before it.

    The value is a double; where values are rounded a Decimal, and where they are exact a Fraction or an expression.
    """

    iteration: int
    phase: str
    layer: int
    step: Step
    value: Number
    values: Values

    @property
    def id(self) -> str:
        """The notation-free name of what is computed."""
        return self.step.var.id


class Values:
    """The numbers of one iteration. ``as_written`` says that every line was worked by the formula that is shown."""

    def __init__(
        self,
        iteration: int,
        of: Callable[[Var], Number],
        arithmetic: Arithmetic,
        exact: Callable[[Var], bool],
        as_written: bool,
    ) -> None:
        self.iteration = iteration
        self.of = of
        """The value of an entry."""
        self.arithmetic = arithmetic
        self.exact = exact
        """Whether nothing was rounded in the line of an entry: not its value, and not what it is worked out from."""
        self.as_written = as_written
        self.numbering: Numbering | None = None
        """The samples of its batch, if it is of one: what is asked for is the quantity of all samples."""

    def renumber(self, numbering: Numbering) -> None:
        """From now on an entry of all samples is found by its number among them, in whatever place its sample is."""
        if not numbering.whole:
            of, exact, local = self.of, self.exact, numbering.local
            self.of, self.exact = (lambda var: of(local(var))), (lambda var: exact(local(var)))
            self.numbering = numbering

    def evaluate(self, term: Term) -> Number:
        """What a scalar term comes to with these numbers."""
        return evaluate(term, self.of, self.arithmetic)

    def less(self, a: Number, b: Number) -> Number:
        """a − b, of which ``b`` may come from an earlier iteration."""
        if self.arithmetic is FLOAT:
            a, b = float(a), float(b)
        return self.arithmetic.functions["sub"](a, b)

    def taker(self, entries: Sequence[Var]) -> Callable[[Values], Sequence[Number]]:
        """A function that takes the values of ``entries`` out of these numbers, or those of a later iteration."""
        return lambda values: [values.of(var) for var in entries]

    def reader(self, entries: Sequence[Var]) -> Callable[[Values], tuple[Sequence[Number], Sequence[bool]]]:
        """As ``taker``, and whether each of the values is exact."""
        return lambda values: ([values.of(var) for var in entries], [values.exact(var) for var in entries])


class InNames(Values):
    """Symbols: each quantity is its own formula, in the names of those it is worked out from."""


class SlotValues(Values):
    """Doubles in a list, in the order of ``slots``; ``lasting`` are the entries that no rounded one goes into."""

    def __init__(
        self, iteration: int, slots: Mapping[Var, int], row: Sequence[float], steps: Mapping[Var, Step],
        lasting: Collection[Var],
    ) -> None:  # fmt: skip
        def of(var: Var) -> float:
            return row[slots[var]]

        def exact(var: Var) -> bool:
            return var in lasting or (of(var) == 0 and var in steps and vanishes(steps[var].term, of))

        super().__init__(iteration, of, FLOAT, exact, False)
        self.row, self.slots, self.lasting = row, slots, lasting

    def taker(self, entries: Sequence[Var]) -> Callable[[Values], Sequence[Number]]:
        """As for any ``Values``, in one go."""
        if self.numbering is not None:
            return super().taker(entries)
        pick = itemgetter(*(self.slots[var] for var in (*entries, *entries[:1], *entries[:1])))

        def take(values: Values) -> Sequence[Number]:
            assert isinstance(values, SlotValues)
            found: Sequence[Number] = pick(values.row)
            return found[: len(entries)]

        return take

    def reader(self, entries: Sequence[Var]) -> Callable[[Values], tuple[Sequence[Number], Sequence[bool]]]:
        """As for any ``Values``; of what does not last, only a 0 may be exact."""
        take = self.taker(entries)
        known = [(var, var in self.lasting) for var in entries]

        def read(values: Values) -> tuple[Sequence[Number], Sequence[bool]]:
            found = take(values)
            return found, [
                lasts or (value == 0 and values.exact(var)) for value, (var, lasts) in zip(found, known, strict=True)
            ]

        return read


class Arrays(Values):
    """Doubles in arrays, one for each whole quantity; ``lasting`` are those that no rounded one goes into."""

    def __init__(
        self, iteration: int, arrays: Mapping[Var, Number], steps: Mapping[Var, Step], lasting: Collection[Var]
    ) -> None:
        def of(cell: Var) -> float:
            return float(arrays[bare(cell)][cell.index])

        def exact(cell: Var) -> bool:
            whole = bare(cell)
            if whole in lasting:
                return True
            nothing = whole in steps and cell.index is not None and of(cell) == 0
            return nothing and vanishes(steps[whole].cell(cell.index or (0, 0)).term, of)

        super().__init__(iteration, of, FLOAT, exact, False)
        self.arrays, self.lasting = arrays, lasting

    def whole(self, var: Var) -> Number:
        """The array of a quantity."""
        return self.arrays[bare(var)]

    def whole_or_entry(self, var: Var) -> Number:
        """The array of a quantity; of an entry, as the lines of a batch are about, its value."""
        return self.whole(var) if var.index is None else self.of(var)

    def line(self, var: Var, letter: int) -> tuple[list[float], list[bool]]:
        """The values along a row or a column, the one whose place is a ``letter``, and whether each is exact."""
        found: list[float] = self.whole(var)[tuple(slice(None) if n == letter else n for n in var.index or ())].tolist()
        if bare(var) in self.lasting:
            return found, [True] * len(found)
        return found, [value == 0 and self.exact(placed(var, letter, n)) for n, value in enumerate(found)]


def bare(var: Var) -> Var:
    """The tensor that an entry belongs to; of a parameter without the word on what is trained."""
    return Var(var.role, var.layer, var.shape, var.of)


def vanishes(term: Term, of: Callable[[Var], Number]) -> bool:
    """Whether a value of 0 is no matter of rounding: a factor is 0, or every term, or a branch is chosen."""
    ways = vanishing(term)
    zeros = [of(var) == 0 for var in variables(term)] if ways in ("every", "some") else []
    return {"every": all(zeros), "some": any(zeros), "none": True, "never": False}[ways]


def vanishing(term: Term) -> str:
    """Which of the quantities in ``term`` must be 0 for that: ``every``, ``some``, ``none``; or it ``never`` is so."""
    match term:
        case Op("add" | "sub", _):
            return "every"
        case Op("mul" | "xtimes" | "xlogy" | "xdivy", _):
            return "some"
        case Op("neg" | "named", (inner,)):
            return vanishing(inner)
        case Op("max" | "min" | "if_positive" | "if_at_least_zero"):
            return "none"
    return "none" if isinstance(term, Var) else "never"


def sources(term: Term) -> Iterator[Var]:
    """The quantities that a value comes from: not those that only choose one of two."""
    match term:
        case Var():
            yield term
        case Op("if_positive" | "if_at_least_zero", (_, *ends)):
            yield from chain.from_iterable(map(sources, ends))
        case Op(_, args):
            yield from chain.from_iterable(map(sources, args))


def _every(*exact: bool) -> bool:
    return all(exact)


EXACTNESS = Arithmetic(
    "exactness",
    lambda text: True,
    dict.fromkeys(
        (
            *("add", "sub", "mul", "named", "div", "neg", "pow", "abs", "max", "min", "xdivy", "xtimes", "hadamard"),
            *("matmul", "transpose", "broadcast", "diagonal", "sum_rows", "sum_columns", "row", "outer", "sent"),
            *("paths", "bias_sum", "shared_sum", "back", "jacobian_row"),
        ),
        _every,
    )
    | dict.fromkeys(("if_positive", "if_at_least_zero"), lambda z, above, below: above and below)
    | dict.fromkeys(
        (
            *("exp", "expm1", "ln", "log1p", "log_sum_exp", "log_sum_exp_others", "softmax_shares", "sqrt"),
            *("sin", "cos", "tan", "tanh", "arctan", "xlogy"),
        ),
        lambda *exact: False,
    ),
)
"""Whether each operation makes an exact number of exact numbers; a choice does if both of its ends are exact."""


def lasting(steps: Iterable[Step], exact: Iterable[Var]) -> set[Var]:
    """The quantities that only exact numbers go into, beginning with ``exact``."""
    found = set(exact)
    for step in steps:
        if evaluate(step.term, found.__contains__, EXACTNESS):
            found.add(step.var)
    return found


def entries(whole: Iterable[Var]) -> Iterator[Var]:
    """Every entry of ``whole`` quantities."""
    return chain.from_iterable((v.at((r, c)) for r in range(v.shape[0]) for c in range(v.shape[1])) for v in whole)


COUNTERS = ITERATION, ITERATION.at((0, 0))


def count(env: dict[Var, Number], iteration: int, arithmetic: Arithmetic) -> None:
    """Where the optimiser counts its updates, set the count."""
    for counter in COUNTERS:
        if counter in env:
            env[counter] = arithmetic.number(str(iteration))


def is_finite(value: Number) -> bool:
    """Whether a value is a number and not infinite, or an expression that will be one."""
    if isinstance(value, float | int):
        return math.isfinite(value)
    said = getattr(value, "is_finite", True)  # a Decimal tells when asked, a sympy expression unasked
    return (said() if callable(said) else said) is not False
