"""The slope of a node of an expression graph by a name in it: the rules of calculus, in terms of the node itself.

Nothing is searched for and nothing is proved, so it takes no time however large a formula is: ∂v/∂x of v = tanh(w·x) is
(1 − v²) · w, by the chain rule and the slope that tanh has in its own value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backpropcalc.algebra.calculus import differentiated
from backpropcalc.algebra.terms import ONE, TWO, ZERO, Num, Op, Term, Var, op, product, total

if TYPE_CHECKING:
    from fractions import Fraction


def edge_slope(node: Var, term: Term, x: Var) -> Term:
    """∂node/∂x of a node that is worked out as ``term``."""
    try:
        found = _through_itself(node, term, x) or differentiated(term, x)
    except KeyError:  # a power with a variable exponent, a corner between two that vary
        from backpropcalc.algebra.symbolic import derivative

        return derivative(term, x)
    return tidied(found)


def _through_itself(node: Var, term: Term, x: Var) -> Term | None:
    """The chain rule through a function whose slope is said in its own value; None of any other formula."""
    match term:
        case Op("tanh", (inner,)):
            outer: Term = op("sub", ONE, op("pow", node, TWO))
        case Op("div", (Num("1"), Op("add", (Num("1"), Op("exp", (Op("neg", (inner,)),)))))):  # sigmoid
            outer = product(node, op("sub", ONE, node))
        case Op("exp", (inner,)):
            outer = node
        case Op("sqrt", (inner,)):
            outer = op("div", ONE, product(TWO, node))
        case Op("tan", (inner,)):
            outer = op("add", ONE, op("pow", node, TWO))
        case _:
            return None
    return product(outer, differentiated(inner, x))


def tidied(term: Term) -> Term:
    """The same with the numbers of a product as one, signs taken out, and without factors 1 and terms 0."""
    if not isinstance(term, Op):
        return term
    args = tuple(map(tidied, term.args))
    match term.name, args:
        case "mul", _:
            return _product(args)
        case "neg", (a,):
            return _negative(a)
        case "add", _:
            left = [arg for arg in args if arg != ZERO]
            return total(left) if left else ZERO
        case "sub", (Num() as a, Num() as b):
            return _number(_value(a) - _value(b))
        case "sub", (a, b) if b == ZERO:
            return a
        case "sub", (a, Op("neg", (b,))):
            return op("add", a, b)
        case "div", (a, b) if a == ZERO or b == ONE:
            return a
        case "div", (Op("neg", (a,)), b):
            return _negative(tidied(op("div", a, b)))
        case "div", (Op("mul", (Num() as a, *rest)), Num() as b) if b != ZERO:
            return _product((_number(_value(a) / _value(b)), *rest))
        case "pow", (a, b) if b == ONE:
            return a
    return op(term.name, *args)


def _product(args: tuple[Term, ...]) -> Term:
    number = _value(ONE)
    factors: list[Term] = []
    for arg in _factors(args):
        if isinstance(arg, Num):
            number *= _value(arg)
        elif isinstance(arg, Op) and arg.name == "neg":
            number = -number
            factors.append(arg.args[0])
        else:
            factors.append(arg)
    if number == 0 or not factors:
        return _number(number)
    if abs(number) != 1:
        factors.insert(0, _number(abs(number)))
    found = factors[0] if len(factors) == 1 else product(*factors)
    return found if number > 0 else _negative(found)


def _factors(args: tuple[Term, ...]) -> Iterator[Term]:
    """The factors of a product, those of a product among them one by one."""
    for arg in args:
        if isinstance(arg, Op) and arg.name == "mul":
            yield from _factors(arg.args)
        else:
            yield arg


def _negative(term: Term) -> Term:
    match term:
        case Num():
            return _number(-_value(term))
        case Op("neg", (a,)):
            return a
        case Op("sub", (a, b)):
            return op("sub", b, a)
    return op("neg", term)


def _value(number: Num) -> Fraction:
    from fractions import Fraction

    above, _, below = number.text.partition("/")
    return Fraction(above) / Fraction(below or "1")


def _number(value: Fraction) -> Num:
    """A number as a person writes it: with a decimal point if it ends, or as a fraction."""
    if 10**12 % value.denominator == 0:
        from decimal import Decimal

        text = format(Decimal(value.numerator) / Decimal(value.denominator), "f")
        return Num(text)
    return Num(f"{value.numerator}/{value.denominator}")
