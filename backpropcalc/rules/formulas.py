"""Activations and losses that the user gives as a formula: the slope is found by sympy when it is first needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.fragments import unbroken
from backpropcalc.algebra.terms import Kink, Num, Term, Var, applied, node, product, substitute, variables
from backpropcalc.algebra.typeset import PYTHON, TEXT, typeset

from .functions import Activation, Loss

X, TARGET, OUTPUT = node("x"), node("t"), node("o")
_PROBES = (-800.0, -50.0, -1.5, 0.25, 1.5, 50.0, 800.0)
"""Where a slope must have a value to be worked out as it is written."""


def activation(name: str, formula: Term, constants: Mapping[str, Num]) -> Activation:
    """The activation whose value at x is ``formula``; its other names are ``constants``."""
    term = _with(formula, constants)
    slope, safe = _slopes(term, X)
    corner = kink(name, term, X)
    return Activation(
        name,
        lambda z, p: applied(term, {X: z}),
        lambda z, a, p: applied(slope(), {X: z}),
        safe_slope=lambda z, p: applied(safe(), {X: z}),
        kink=corner.text if corner else "",
        kink_at=lambda z: applied(corner.at if corner else term, {X: z}),
        range="",
        derived=True,
    )


def loss(name: str, formula: Term, constants: Mapping[str, Num]) -> Loss:
    """The loss of an output o with target t that is ``formula``; its other names are ``constants``."""
    term = _with(formula, constants)
    slope, safe = _slopes(term, OUTPUT)
    corner = kink(name, term, OUTPUT)
    return Loss(
        name,
        lambda t, o: applied(term, {TARGET: t, OUTPUT: o}),
        lambda t, o: applied(slope(), {TARGET: t, OUTPUT: o}),
        safe_slope=lambda t, o: applied(safe(), {TARGET: t, OUTPUT: o}),
        kink=corner.text if corner else "",
        kink_at=lambda t, o: applied(corner.at if corner else term, {TARGET: t, OUTPUT: o}),
        derived=True,
    )


def _with(formula: Term, constants: Mapping[str, Num]) -> Term:
    return substitute(formula, {node(key): number for key, number in constants.items()})


def _slopes(term: Term, by: Var) -> tuple[Callable[[], Term], Callable[[], Term]]:
    """The derivative as it is shown and as it is worked out, both found when first asked for."""

    @cache
    def shown() -> Term:
        from backpropcalc.algebra.symbolic import derivative

        return derivative(term, by)

    @cache
    def worked() -> Term:
        from backpropcalc.algebra.symbolic import careful

        return shown() if _holds(shown(), by) else careful(term, by)

    return shown, worked


def _holds(slope: Term, by: Var) -> bool:
    """Whether the slope has a value far out, where an exponential overflows."""

    def far_out(at: float) -> float:
        return float(evaluate(slope, lambda var: at if var == by else 0.5, FLOAT))

    return all(math.isfinite(far_out(at)) for at in _PROBES)


def kink(name: str, term: Term, by: Var) -> Kink | None:
    """Where the formula has no derivative by a variable; None if it has one everywhere."""
    from backpropcalc.algebra.symbolic import corners, zero_at

    found = [corner for corner in dict.fromkeys(corners(term)) if by in set(variables(corner))]
    if not found:
        return None
    places = []
    for corner in found:
        place = zero_at(corner)
        places.append(f"{_said(corner)} = 0" if place is None else f"{_said(by)} = {_said(place)}")
    where = " or ".join(dict.fromkeys(places))
    text = f"{name} has no derivative where {where}; the slope of one side is used there"
    return Kink(found[0] if len(found) == 1 else product(*found), text)


def plain(term: Term) -> str:
    """A formula in ASCII, as it is typed."""
    return unbroken(typeset(term, PYTHON, _leaf))


def _said(term: Term) -> str:
    """A formula in a sentence."""
    return unbroken(typeset(term, TEXT, lambda part, guard: _leaf(part, guard).replace("-", TEXT.minus)))


def _leaf(part: Var | Num, guard: int) -> str:
    if isinstance(part, Var):
        return part.name or part.id
    in_parentheses = (guard and part.text[0] == "-") or (guard == 2 and "/" in part.text)
    return f"({part.text})" if in_parentheses else part.text
