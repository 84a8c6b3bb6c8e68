"""Slips of the pen and of the calculator: looked for last, and on any step of any calculation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from backpropcalc.algebra.terms import ONE, Num, Op, Term, Var, op
from backpropcalc.program.steps import Step

from .edits import Edit, NetworkContext, Rule, negative, rule

SHIFTS = ("10", "1/10", "100", "1/100", "1000", "1/1000")


@rule("The digits are right, but the decimal point is in the wrong place.")
def _decimal_shift(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for factor in SHIFTS:
        yield Edit(op("mul", Num(factor), step.term), factor)


@rule("The size is right, but the sign is not.")
def _sign_lost(net: NetworkContext, step: Step) -> Iterator[Edit]:
    yield Edit(negative(step.term))


@rule("That comes out if the calculation is keyed in from left to right; multiplication goes before addition.")
def _left_to_right(net: NetworkContext, step: Step) -> Iterator[Edit]:
    """Every operation done as it is keyed in, without regard to which goes first; with and without factors of 1."""
    keyed = list(_keys(step.term))
    short: list[tuple[str, Term]] = []
    pending = ""
    for (name, key), (follows, _) in zip(keyed, [*keyed[1:], ("", ONE)], strict=True):
        if _is_one(net, key) and "mul" in (name, follows):
            pending = pending or ("" if name == "mul" else name)
        else:
            short.append((pending or name, key))
            pending = ""
    for keys in (keyed, short) if short != keyed else (keyed,):
        if len(keys) > 2:
            value = keys[0][1]
            for name, key in keys[1:]:
                value = op(name, value, key)
            yield Edit(value)


def _keys(term: Term, before: str = "add") -> Iterator[tuple[str, Term]]:
    """The numbers of a formula, each with the operation that is keyed in before it."""
    match term:
        case Op("named", (arg,)):
            yield from _keys(arg, before)
        case Op("add" | "sub" | "mul" | "div" as name, args):
            for n, arg in enumerate(args):
                yield from _keys(arg, name if n else before)
        case _:
            yield before, term


def _is_one(net: NetworkContext, term: Term) -> bool:
    return term == ONE or (isinstance(term, Var) and net.given.get(term) == 1)


PEN = (
    _decimal_shift, _sign_lost, _left_to_right,
)  # fmt: skip
"""All but ``SWAP``, which is an edit of digits and not of a formula."""


TELLING = {"sign-lost": 10, "decimal-shift": 10, "left-to-right": 100}
"""In how many units of its last place a number must be written, so that a slip of the pen is told by its digits."""


def digit_swaps(digits: str) -> Iterator[str]:
    """A number as written with two neighbouring digits exchanged."""
    places = [n for n, c in enumerate(digits) if c.isdigit()]
    for a, b in pairwise(places):
        if digits[a] != digits[b]:
            out = list(digits)
            out[a], out[b] = out[b], out[a]
            yield "".join(out)


SWAP = Rule("digit-swap", "Two neighbouring digits have changed places.", lambda net, step: ())
