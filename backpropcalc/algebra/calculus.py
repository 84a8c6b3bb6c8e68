"""Derivatives by the textbook's rules, one rule at a time: what a person writes down before simplifying."""

from __future__ import annotations

from collections.abc import Callable

from .terms import ONE, TWO, ZERO, Num, Op, Term, Var, node, op, product, total

MINUS = Num("-1")


def differentiated(term: Term, by: Var) -> Term:
    """∂term/∂by. Nothing is simplified, except that terms that are 0 and factors that are 1 are not written.

    Raises KeyError for an operation that has no rule here.
    """
    match term:
        case Var():
            return ONE if term == by else ZERO
        case Num():
            return ZERO
        case Op(name, args):
            return _RULES[name](args, tuple(differentiated(arg, by) for arg in args))
    raise AssertionError(term)


Terms = tuple[Term, ...]


def _times(*factors: Term) -> Term:
    if ZERO in factors:
        return ZERO
    left = [factor for factor in factors if factor != ONE]
    return ONE if not left else left[0] if len(left) == 1 else product(*left)


def _minus(term: Term) -> Term:
    if term == ONE:
        return MINUS
    return ZERO if term == ZERO else ONE if term == MINUS else op("neg", term)


def _square(term: Term) -> Op:
    return op("pow", term, TWO)


def _sum(args: Terms, slopes: Terms) -> Term:
    left = [slope for slope in slopes if slope != ZERO]
    return total(left) if left else ZERO


def _difference(args: Terms, slopes: Terms) -> Term:
    up, down = slopes
    return up if down == ZERO else _minus(down) if up == ZERO else op("sub", up, down)


def _products(args: Terms, slopes: Terms) -> Term:
    parts = [_times(*args[:n], *args[n + 1 :], slope) for n, slope in enumerate(slopes) if slope != ZERO]
    return total(parts) if parts else ZERO


def _quotient(args: Terms, slopes: Terms) -> Term:
    (above, below), (up, down) = args, slopes
    if down == ZERO:
        return ZERO if up == ZERO else op("div", up, below)
    if up == ZERO:
        return ZERO if above == ZERO else op("neg", op("div", _times(above, down), _square(below)))
    return op("div", op("sub", _times(up, below), _times(above, down)), _square(below))


def _power(args: Terms, slopes: Terms) -> Term:
    base, exponent = args
    if slopes[1] != ZERO or not isinstance(exponent, Num):
        raise KeyError("pow")
    if exponent == TWO:
        return _times(TWO, base, slopes[0])
    return _times(exponent, op("pow", base, op("sub", exponent, ONE)), slopes[0])


def _outer(rule: Callable[[Term], Term]) -> Callable[[Terms, Terms], Term]:
    """The chain rule: the outer derivative times the inner one."""
    return lambda args, slopes: _times(rule(args[0]), slopes[0])


def _cases(name: str) -> Callable[[Terms, Terms], Term]:
    def choose(args: Terms, slopes: Terms) -> Term:
        _, up, down = slopes
        return up if up == down else op(name, args[0], up, down)

    return choose


def _largest(args: Terms, slopes: Terms) -> Term:
    if len(args) != 2 or args[0] != ZERO:
        raise KeyError("max")
    return op("if_positive", args[1], slopes[1], ZERO)


def _applied(args: Terms, slopes: Terms) -> Term:
    """Of a function that is only a letter: ψ′(u) · u′; of several arguments by the last, the others being constant."""
    function = args[0]
    assert isinstance(function, Var)
    name = "apply" if len(args) == 2 else "apply_to_pair"
    return _times(op(name, node(function.name + "′"), *args[1:]), slopes[-1])


_RULES: dict[str, Callable[[Terms, Terms], Term]] = {
    "apply": _applied,
    "apply_to_pair": _applied,
    "add": _sum,
    "sub": _difference,
    "neg": lambda args, slopes: _minus(slopes[0]),
    "mul": _products,
    "div": _quotient,
    "xdivy": _quotient,
    "pow": _power,
    "exp": _outer(lambda u: op("exp", u)),
    "ln": _outer(lambda u: op("div", ONE, u)),
    "xlogy": lambda args, slopes: _times(args[0], op("div", ONE, args[1]), slopes[1]),
    "sqrt": _outer(lambda u: op("div", ONE, product(TWO, op("sqrt", u)))),
    "sin": _outer(lambda u: op("cos", u)),
    "cos": _outer(lambda u: op("neg", op("sin", u))),
    "tan": _outer(lambda u: op("add", ONE, _square(op("tan", u)))),
    "abs": lambda args, slopes: op("if_positive", args[0], slopes[0], _minus(slopes[0])),
    "tanh": _outer(lambda u: op("sub", ONE, _square(op("tanh", u)))),
    "arctan": _outer(lambda u: op("div", ONE, op("add", ONE, _square(u)))),
    "if_positive": _cases("if_positive"),
    "if_at_least_zero": _cases("if_at_least_zero"),
    "max": _largest,
}
