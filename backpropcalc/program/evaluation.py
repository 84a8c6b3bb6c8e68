"""The program of a function at some numbers: its values, then its slopes."""

from __future__ import annotations

from backpropcalc.algebra.terms import SCALAR, Kink, Num, Op, Term, Var, element, node, substitute, total
from backpropcalc.rules.functions import Activation, Loss, jacobian_row
from backpropcalc.spec.evaluation import Evaluation

from .forward import mean
from .steps import Block, Program, Step


def names(base: str, count: int) -> tuple[Var, ...]:
    """As many quantities: ``x1``, ``x2`` … or ``x``."""
    return tuple(node(f"{base}{n + 1}" if count > 1 else base) for n in range(count))


def program(of: Evaluation) -> Program:
    """The lines of the values and those of the slopes, and what is given."""
    count = len(of.at)
    if isinstance(of.rule, Loss):
        outputs, targets = names("o", count), names("t", count)
        values, slopes = _loss(of.rule, targets, outputs)
        numbers = dict(zip((*targets, *outputs), (*of.targets, *of.at), strict=True))
    else:
        sources = names("x", count)
        values, slopes = _mixing(of.rule, sources) if of.rule.mixes else _unit_by_unit(of.rule, sources)
        numbers = dict(zip(sources, of.at, strict=True))
    blocks = (Block("forward", 1, tuple(values)), Block("backward", 1, tuple(slopes)))
    return Program(blocks, (), {var: ((number,),) for var, number in numbers.items()})


Work = tuple[list[Step], list[Step]]
"""The steps of the values and of the slopes."""


def _unit_by_unit(rule: Activation, sources: tuple[Var, ...]) -> Work:
    """f(x) and f'(x) of each number."""
    assert rule.slope is not None
    given = {key: Num(text) for key, text in rule.defaults.items()}
    values, slopes = [], []
    for x, out in zip(sources, names("a", len(sources)) if len(sources) > 1 else [node("f(x)")], strict=True):
        safe = rule.safe_value(x, given) if rule.safe_value else None
        values.append(Step(out, rule.value(x, given), safe))
        safe = rule.safe_slope(x, given) if rule.safe_slope else None
        said = rule.kink_with(given)
        kink = Kink(rule.kink_at(x), said) if said else None
        by = _slope(out, x) if len(sources) > 1 else node("f'(x)")
        slopes.append(Step(by, rule.slope(x, out, given), safe, kink))
    return values, slopes


def _mixing(rule: Activation, sources: tuple[Var, ...]) -> Work:
    """Of softmax what stands above and below its fractions has a line first; then every slope of every output."""
    count = len(sources)
    z, a = Var("z", 1, (count, 1)), Var("a", 1, (count, 1))
    outputs, parts, whole = names("a", count), names("u", count), node("s")
    entries: dict[Var, Term] = {z.at((k, 0)): x for k, x in enumerate(sources)}

    def worked(term: Term) -> list[Term]:
        return [substitute(element(term, (k, 0)), entries) for k in range(count)]

    quotients = list(map(_quotient, worked(rule.value(z, {}))))
    careful = worked(rule.safe_value(z, {})) if rule.safe_value else [None] * count
    values = [Step(u, above) for u, (above, _) in zip(parts, quotients, strict=True)]
    values.append(Step(whole, total(parts)))
    shares = zip(outputs, parts, careful, strict=True)
    values += [Step(out, Op("div", (u, whole)), safe) for out, u, safe in shares]
    named: dict[Var, Term] = {a.at((k, 0)): out for k, out in enumerate(outputs)}
    slopes = [
        Step(_slope(outputs[k], sources[j]), substitute(element(jacobian_row(a, k), (j, 0)), named))
        for k in range(count)
        for j in range(count)
    ]
    return values, slopes


def _quotient(term: Term) -> tuple[Term, Term]:
    """What stands above and below; a softmax of one number is e^x / e^x as well."""
    assert isinstance(term, Op) and term.name == "div"
    above, below = term.args
    return above, below


def _loss(rule: Loss, targets: tuple[Var, ...], outputs: tuple[Var, ...]) -> Work:
    """The loss of each output, the loss of all, and its slope by each output."""
    count = len(outputs)
    terms, whole = names("E", count), node("E")
    pairs = list(zip(targets, outputs, strict=True))
    values = [Step(term, rule.value(t, o)) for term, (t, o) in zip(terms, pairs, strict=True)]
    if count > 1:
        values.append(Step(whole, mean(total(terms), rule.outputs, count)))
    slopes = []
    for t, o in pairs:
        safe = mean(rule.safe_slope(t, o), rule.outputs, count) if rule.safe_slope else None
        kink = Kink(rule.kink_at(t, o), rule.kink) if rule.kink else None
        slopes.append(Step(_slope(whole, o), mean(rule.slope(t, o), rule.outputs, count), safe, kink))
    return values, slopes


def _slope(of: Var, by: Var) -> Var:
    return Var("d", 0, SCALAR, (of, by), (0, 0))
