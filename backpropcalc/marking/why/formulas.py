"""The misconceptions of any formula: edges of a graph, what comes along its paths, a step of a descent."""

from __future__ import annotations

from collections.abc import Iterator

from backpropcalc.algebra.terms import ONE, Num, Op, Term, Var, op, product, total
from backpropcalc.program.steps import Step

from .edits import Edit, NetworkContext, Rule, addends, dropped, edited, leaves, negative, replaced, swapped, times

VALUE, DERIVATIVE = frozenset({"value"}), frozenset({"derivative"})
TRIGONOMETRY = ("sin", "cos", "tan")


def _factor_missing(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for gone, left in dropped(step.term, "mul"):
        if not isinstance(gone, Num):
            yield Edit(left, about={"factor": gone})


def _power_factor(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for gone, left in dropped(step.term, "mul"):
        if isinstance(gone, Num) and gone.text not in ("1", "-1"):
            yield Edit(left, about={"factor": gone})
    if step.var.role == "iterate" and isinstance(step.term, Op) and step.term.name in ("add", "sub"):
        # The slope of (x − c)² is written 2x − 2c: a factor lost before that is lost throughout.
        for n in sorted(set(_exponents(net.steps[_function(step.var)].term))):
            yield Edit(times(f"1/{n}", step.term), about={"factor": Num(n)})


def _function(slope: Var) -> Var:
    """The function in the iteration of a slope."""
    return Var("iterate", slope.layer, slope.shape, index=slope.index, name="f")


def _exponents(term: Term) -> Iterator[str]:
    if isinstance(term, Op):
        if term.name == "pow" and isinstance(term.args[1], Num) and term.args[1].text.isdigit():
            yield term.args[1].text
        for arg in term.args:
            yield from _exponents(arg)


def _power_kept(net: NetworkContext, step: Step) -> Iterator[Edit]:
    """n·xⁿ for the derivative of xⁿ."""

    def kept(part: Term) -> Term | None:
        match part:
            case Op("mul", (Num("2") as two, base)):
                return product(two, op("pow", base, Num("2")))
            case Op("mul", (Num(n) as factor, Op("pow", (base, Num(power))))) if n.isdigit() and power.isdigit():
                return product(factor, op("pow", base, Num(str(int(power) + 1)))) if int(n) == int(power) + 1 else None
        return None

    yield from edited(swapped(step.term, kept), original=step.term)


def _path_left_out(net: NetworkContext, step: Step) -> Iterator[Edit]:
    parts = addends(step.term)
    if len(parts) > 1 and _of_edges(step.term):
        for n, part in enumerate(parts):
            yield Edit(total(parts[:n] + parts[n + 1 :]), about={"path": part, "count": str(len(parts))})


def _of_edges(term: Term) -> bool:
    """Whether a formula is made of the slopes of edges alone."""
    roles = {v.role for v in leaves(term)}
    return bool(roles) and roles <= {"d", "via"}


def _edge_sign(net: NetworkContext, step: Step) -> Iterator[Edit]:
    yield Edit(negative(step.term))
    parts = addends(step.term)
    if len(parts) > 1:
        for n, part in enumerate(parts):
            yield Edit(total((*parts[:n], negative(part), *parts[n + 1 :])))


def _stale_place(net: NetworkContext, step: Step) -> Iterator[Edit]:
    """What stood there an iteration ago: a slope or a value at the place before, an update by the slope before."""
    old = {v: _before(v) for v in leaves(step.term) if v.role == "iterate" and v.layer > 0}
    known = {v: earlier for v, earlier in old.items() if earlier in net.steps or earlier in net.given}
    for v, earlier in known.items():
        yield from edited(replaced(step.term, {v: earlier}), used=earlier, right=v)


def _before(v: Var) -> Var:
    return Var(v.role, v.layer - 1, v.shape, v.of, v.index, v.only, v.name)


def _degrees(net: NetworkContext, step: Step) -> Iterator[Edit]:
    def in_degrees(part: Term) -> Term | None:
        match part:
            case Op(name, (angle,)) if name in TRIGONOMETRY:
                return op(name, product(angle, op("div", op("arctan", ONE), Num("45"))))
            case Op("arctan", (_,)):
                return product(part, op("div", Num("45"), op("arctan", ONE)))
        return None

    yield from edited(swapped(step.term, in_degrees), original=step.term)


FORMULAS = (
    Rule("factor-missing", "You left out the factor {factor}.", _factor_missing, DERIVATIVE),
    Rule("power-factor", "You left out the factor {factor}, which the power brings down.", _power_factor, DERIVATIVE),
    Rule("power-kept", "You kept the exponent. It goes down by 1 when it is brought down.", _power_kept, DERIVATIVE),
    Rule(
        "path-left-out",
        "You left out one of the {count} paths, {path}; what comes along each of them is added.",
        _path_left_out,
        DERIVATIVE,
    ),
    Rule("edge-sign", "A sign on the way is turned round.", _edge_sign, DERIVATIVE),
    Rule(
        "stale-place",
        "You used {used}, from an iteration before. It is {right} here.",
        _stale_place,
        VALUE | DERIVATIVE | frozenset({"update"}),
    ),
    Rule(
        "degrees",
        "You worked with an angle in degrees; the formula is meant in radians.",
        _degrees,
        VALUE | DERIVATIVE | frozenset({"activation", "slope"}),
    ),
)
