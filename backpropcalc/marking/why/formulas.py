"""The misconceptions of any formula: edges of a graph, what comes along its paths, a step of a descent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backpropcalc.algebra.terms import ONE, Num, Op, Term, op, product, total
from backpropcalc.program.steps import Step

from .edits import (
    Edit,
    NetworkContext,
    addends,
    dropped,
    edited,
    leaves,
    negative,
    replaced,
    rewriting,
    rule,
    times,
)


@rule("You left out the factor {factor}.", "derivative")
def _factor_missing(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for gone, left in dropped(step.term, "mul"):
        if not isinstance(gone, Num):
            yield Edit(left, about={"factor": gone})


@rule("You left out the factor {factor}, which the power brings down.", "derivative")
def _power_factor(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for gone, left in dropped(step.term, "mul"):
        if isinstance(gone, Num) and gone.text not in ("1", "-1"):
            yield Edit(left, about={"factor": gone})
    if step.var.role == "iterate" and isinstance(step.term, Op) and step.term.name in ("add", "sub"):
        # The slope of (x − c)² is written 2x − 2c: a factor lost before that is lost throughout.
        function = replace(step.var, name="f")  # in the iteration of the slope
        for n in sorted(set(_exponents(net.steps[function].term))):
            yield Edit(times(f"1/{n}", step.term), about={"factor": Num(n)})


def _exponents(term: Term) -> Iterator[str]:
    if isinstance(term, Op):
        if term.name == "pow" and isinstance(term.args[1], Num) and term.args[1].text.isdigit():
            yield term.args[1].text
        for arg in term.args:
            yield from _exponents(arg)


@rewriting("You kept the exponent. It goes down by 1 when it is brought down.", "derivative")
def _power_kept(part: Term) -> Term | None:
    """n·xⁿ for the derivative of xⁿ."""
    match part:
        case Op("mul", (Num("2") as two, base)):
            return product(two, op("pow", base, two))
        case Op("mul", (Num(n) as factor, Op("pow", (base, Num(power))))) if n.isdigit() and power.isdigit():
            return product(factor, op("pow", base, factor)) if int(n) == int(power) + 1 else None
    return None


@rule("You left out one of the {count} paths, {path}; what comes along each of them is added.", "derivative")
def _path_left_out(net: NetworkContext, step: Step) -> Iterator[Edit]:
    parts, roles = addends(step.term), {v.role for v in leaves(step.term)}
    if len(parts) > 1 and roles and roles <= {"d", "via"}:  # made of the slopes of edges alone
        for n, part in enumerate(parts):
            yield Edit(total(parts[:n] + parts[n + 1 :]), about={"path": part, "count": str(len(parts))})


@rule("A sign on the way is turned round.", "derivative")
def _edge_sign(net: NetworkContext, step: Step) -> Iterator[Edit]:
    yield Edit(negative(step.term))
    parts = addends(step.term)
    if len(parts) > 1:
        for n, part in enumerate(parts):
            yield Edit(total((*parts[:n], negative(part), *parts[n + 1 :])))


@rule("You used {used}, from an iteration before. It is {right} here.", "value", "derivative", "update")
def _stale_place(net: NetworkContext, step: Step) -> Iterator[Edit]:
    """What stood there an iteration ago: a slope or a value at the place before, an update by the slope before."""
    old = {v: replace(v, layer=v.layer - 1) for v in leaves(step.term) if v.role == "iterate" and v.layer > 0}
    known = {v: earlier for v, earlier in old.items() if earlier in net.steps or earlier in net.given}
    for v, earlier in known.items():
        yield from edited(replaced(step.term, {v: earlier}), used=earlier, right=v)


@rewriting(
    "You worked with an angle in degrees; the formula is meant in radians.",
    "value",
    "derivative",
    "activation",
    "slope",
)
def _degrees(part: Term) -> Term | None:
    match part:
        case Op("sin" | "cos" | "tan" as name, (angle,)):
            return op(name, product(angle, op("div", op("arctan", ONE), Num("45"))))
        case Op("arctan", (_,)):
            return product(part, op("div", Num("45"), op("arctan", ONE)))
    return None


FORMULAS = (
    _factor_missing, _power_factor, _power_kept, _path_left_out, _edge_sign, _stale_place, _degrees,
)  # fmt: skip
