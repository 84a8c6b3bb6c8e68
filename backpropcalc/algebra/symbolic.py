"""Terms as sympy expressions and back: derivatives found and simplified, and where there is none.

sympy is imported when a function of this module is called, never before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import combinations
from typing import Any

from backpropcalc.errors import InputError, fail

from .arithmetic import FLOAT, Arithmetic, evaluate
from .terms import ONE, ZERO, Num, Op, Term, Var, node, op, product, substitute, variables

SIMPLIFIED_UP_TO = 40
"""Operations up to which an expression is simplified: beyond that it may take longer than anyone waits."""
LARGE_POWER = 12
NESTED_UP_TO = 12
"""The same where sines or hyperbolic functions stand in it: sympy tries every identity on each of them."""
Expression = Any


@cache
def symbols() -> Arithmetic:
    """Arithmetic on sympy expressions."""
    import sympy as sp

    def cases(name: str, holds: Callable[[Expression], Expression]) -> Expression:
        """A choice by the sign of the first argument; it is made once that is a number."""

        def choose(cls: Expression, z: Expression, above: Expression, below: Expression) -> Expression:
            return (above if holds(z) else below) if z.is_number else None

        return type(name, (sp.Function,), {"eval": classmethod(choose)})

    functions: dict[str, Callable[..., Expression]] = {
        "add": sp.Add,
        "sub": lambda a, b: a - b,
        "mul": sp.Mul,
        "named": lambda value: value,
        "div": lambda a, b: a / b,
        "neg": lambda a: -a,
        "pow": sp.Pow,
        "exp": sp.exp,
        "expm1": lambda x: sp.exp(x) - 1,
        "ln": sp.log,
        "log1p": lambda x: sp.log(1 + x),
        "log_sum_exp": lambda *terms: sp.log(sp.Add(*map(sp.exp, terms))),
        "sqrt": sp.sqrt,
        "sin": sp.sin,
        "cos": sp.cos,
        "tan": sp.tan,
        "tanh": sp.tanh,
        "arctan": sp.atan,
        "abs": sp.Abs,
        "max": sp.Max,
        "min": sp.Min,
        "xlogy": lambda t, o: t * sp.log(o),
        "xdivy": lambda t, o: t / o,
        "xtimes": lambda t, z: t * z,
        "if_positive": cases("if_positive", lambda z: z > 0),
        "if_at_least_zero": cases("if_at_least_zero", lambda z: z >= 0),
    }
    return Arithmetic("symbols", rational, functions)


def rational(text: str) -> Expression:
    """The exact number that ``text`` writes."""
    from fractions import Fraction

    import sympy as sp

    above, _, below = text.partition("/")
    value = Fraction(above) / Fraction(below or "1")
    return sp.Rational(value.numerator, value.denominator)


def symbol(var: Var) -> Expression:
    """A real sympy symbol for a variable."""
    import sympy as sp

    return sp.Symbol(var.id, real=True)


def expression(term: Term, env: Callable[[Var], Expression] = symbol) -> Expression:
    """The sympy expression of a scalar term."""
    return evaluate(term, env, symbols())


def derivative(term: Term, by: Var) -> Term:
    """∂term/∂by, simplified; its variables are those of ``term``. At a corner it is what ``_SIDES`` says."""
    return _said(simplified(_slope(*_smooth(term, False), by)), term, False)


def careful(term: Term, by: Var) -> Term:
    """The same, in a form that keeps its digits where an exponential overflows: 1/(1 + e^−x) stays together."""
    return _said(_slope(*_smooth(term, True), by), term, True)


Parts = Mapping[Var, Op]
"""What is differentiated by its own rule: a stand-in for each, and what it stands for."""


def _smooth(term: Term, sigmoids: bool) -> tuple[Term, Parts]:
    """``term`` with a stand-in for everything that has a corner, and for each sigmoid if they are to stay together."""
    parts: dict[Op, Var] = {}

    def cut(part: Op) -> Var:
        return parts.setdefault(part, node(f"part {len(parts) + 1}"))

    def walk(part: Term) -> Term:
        if not isinstance(part, Op) or not any(variables(part)):
            return part
        if part.name in _SIDES:
            return cut(part)
        if sigmoids and part.name == "div" and _odds(part.args[1]):
            below = cut(op("div", ONE, part.args[1]))
            return below if part.args[0] == ONE else product(walk(part.args[0]), below)
        return op(part.name, *map(walk, part.args))

    return walk(term), {var: part for part, var in parts.items()}


def _odds(term: Term) -> bool:
    """Whether it is 1 + e^w."""
    match term:
        case Op("add", (Num("1"), Op("exp"))):
            return True
    return False


def _slope(outer: Term, parts: Parts, by: Var) -> Expression:
    import sympy as sp

    whole = expression(outer)
    slope = sp.diff(whole, symbol(by))
    for var, part in parts.items():
        rule = _SIDES.get(part.name, _sigmoid_side)
        inner = rule(part, var, lambda term: derivative(term, by))
        if inner != ZERO:
            slope += sp.diff(whole, symbol(var)) * expression(inner)
    return slope


def _sigmoid_side(part: Op, own: Var, slope: Callable[[Term], Term]) -> Term:
    """d/dx 1/(1 + e^w) = −S (1 − S) w′."""
    inner = part.args[1]
    assert isinstance(inner, Op) and isinstance(inner.args[1], Op)
    down = slope(inner.args[1].args[0])
    return ZERO if down == ZERO else op("neg", product(own, op("sub", ONE, own), down))


def _absolute(part: Op, own: Var, slope: Callable[[Term], Term]) -> Term:
    (inner,) = part.args
    up = slope(inner)
    return up if up == ZERO else op("if_positive", inner, up, _negative(up))


def _negative(term: Term) -> Term:
    if isinstance(term, Num):
        return Num(term.text[1:] if term.text[0] == "-" else "-" + term.text)
    return term.args[0] if isinstance(term, Op) and term.name == "neg" else op("neg", term)


def _extreme(sign: int) -> Callable[[Op, Var, Callable[[Term], Term]], Term]:
    """Of two that are equal a constant is followed, as by ReLU at 0, or else the first."""

    def side(part: Op, own: Var, slope: Callable[[Term], Term]) -> Term:
        first, *rest = sorted(part.args, key=lambda arg: any(variables(arg)))
        best, up = first, slope(first)
        for other in rest:
            high, low = (other, best) if sign > 0 else (best, other)
            gap = high if low == ZERO else op("sub", high, low)
            there = slope(other)
            up = up if there == up else op("if_positive", gap, there, up)
            best = op(part.name, best, other)
        return up

    return side


_SIDES = {"abs": _absolute, "max": _extreme(1), "min": _extreme(-1)}
"""What has a corner: its slope on either side of it."""


def _said(slope: Expression, term: Term, sigmoids: bool) -> Term:
    """The slope as a term, each stand-in replaced by what it stands for; decimals if the formula has decimals."""
    found = to_term(slope, {var.id: var for var in variables(term)}, _decimal(term))
    return substitute(found, dict(_smooth(term, sigmoids)[1]))


def _decimal(term: Term) -> bool:
    match term:
        case Num(text):
            return "." in text
        case Op(_, args):
            return any(map(_decimal, args))
    return False


def simplified(value: Expression) -> Expression:
    """The shortest of the forms that sympy finds and a term can write."""
    import sympy as sp

    forms = [value, sp.factor_terms(value)]
    waves = (sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh)
    longest = NESTED_UP_TO if value.has(*waves) else SIMPLIFIED_UP_TO
    if value.count_ops() <= longest and _small_powers(value):
        forms += [form(value) for form in (sp.simplify, sp.factor)]
    return min(filter(_writable, forms), key=lambda form: len(str(form)), default=value)


def _small_powers(value: Expression) -> bool:
    """Whether sympy multiplies it out in no time: it makes thousands of terms of (a + b + c)^20."""
    import sympy as sp

    return all(abs(power.exp) <= LARGE_POWER for power in value.atoms(sp.Pow) if power.exp.is_number)


def _writable(value: Expression) -> bool:
    try:
        to_term(value)
    except InputError:
        return False
    return True


_NAMES = {
    "exp": "exp",
    "log": "ln",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "tanh": "tanh",
    "atan": "arctan",
    "Abs": "abs",
    "Max": "max",
    "Min": "min",
    "if_positive": "if_positive",
    "if_at_least_zero": "if_at_least_zero",
}
"""sympy's functions to the operations of terms."""


def to_term(value: Expression, known: Mapping[str, Var] | None = None, decimal: bool = False) -> Term:
    """The term of a sympy expression; its symbols become the variables of ``known``, by their ids.

    Numbers are fractions, or decimals if asked for and where they end. Raises ``InputError`` if there is no such term.
    """
    import sympy as sp

    def term(part: Expression) -> Term:
        return to_term(part, known, decimal)

    if value.is_Symbol:
        return (known or {}).get(value.name) or node(value.name)
    if value.is_Rational:
        return Num(_written(value.p, value.q, decimal))
    if value is sp.E:
        return op("exp", ONE)
    if value.is_Add:
        return _sum(value, term)
    if value.is_Mul:
        return _product(value, term)
    if value.is_Pow:
        if value.exp == sp.S.Half:
            return op("sqrt", term(value.base))
        if value.exp.is_Number and value.exp < 0:
            return op("div", ONE, term(1 / value))
        return op("pow", term(value.base), term(value.exp))
    if isinstance(value, sp.sign):  # the slope of |x|, which sympy makes of √(x²)
        return op("if_positive", term(value.args[0]), ONE, Num("-1"))
    name = _NAMES.get(type(value).__name__)
    if name is None:
        raise fail("formula", "this formula, or a slope of it, has no value that can be written", "write it otherwise")
    return op(name, *map(term, value.args))


def _written(above: int, below: int, decimal: bool) -> str:
    """A fraction as text; its sign stands first."""
    if below == 1:
        return str(above)
    if decimal and 10**6 % below == 0:
        from decimal import Decimal

        return format(Decimal(above) / below, "f")
    return f"{above}/{below}"


def _sum(value: Expression, term: Callable[[Expression], Term]) -> Term:
    import sympy as sp

    # Numbers alone sympy would put into order by their values, each worked out anew.
    parts = value.as_ordered_terms() if value.free_symbols else sorted(value.args, key=sp.default_sort_key)
    numbers_first = any(isinstance(part, sp.exp) for part in parts)  # 1 + e^x, but x + 1
    parts.sort(key=lambda part: (part.could_extract_minus_sign(), numbers_first and not part.is_Number))
    first, *rest = parts
    if len(rest) == 1 and rest[0].could_extract_minus_sign():
        return op("sub", term(first), term(-rest[0]))
    return op("add", term(first), *(op("neg", term(-p)) if p.could_extract_minus_sign() else term(p) for p in rest))


def _product(value: Expression, term: Callable[[Expression], Term]) -> Term:
    import sympy as sp

    number, rest = value.as_coeff_Mul()
    if number.is_negative:
        return op("neg", term(-value))
    above: list[Term] = []
    below: list[Term] = []
    for factor in rest.as_ordered_factors():
        power = factor.exp if factor.is_Pow else sp.S.One
        inverse = factor.is_Pow and power.is_Number and power < 0
        (below if inverse else above).append(term(1 / factor) if inverse else term(factor))
    if below and isinstance(written := term(number), Num) and "/" not in written.text:
        above = above if number == 1 else [written, *above]
    elif below:
        above = ([] if number.p == 1 else [Num(str(number.p))]) + above
        below = ([] if number.q == 1 else [Num(str(number.q))]) + below
    elif number != 1:
        above = [term(number), *above]
    top = ONE if not above else above[0] if len(above) == 1 else product(*above)
    if not below:
        return top
    return op("div", top, below[0] if len(below) == 1 else product(*below))


def corners(term: Term) -> Iterator[Term]:
    """The terms that are 0 where a formula has a corner or a slope that is infinite."""
    match term:
        case Op(name, args):
            for arg in args:
                yield from corners(arg)
            if not any(variables(term)) or (name in ("sqrt", "pow") and expression(args[0]).is_nonzero):
                return
            if name in ("abs", "sqrt") or (name == "pow" and _roots(args[1])):
                yield args[0]
            elif name in ("max", "min"):
                pairs = combinations(args, 2)
                yield from (a if b == ZERO else b if a == ZERO else op("sub", a, b) for a, b in pairs)


def _roots(exponent: Term) -> bool:
    """Whether a power with this exponent has no slope at 0."""
    if any(variables(exponent)):
        return True
    value = evaluate(exponent, dict[Var, float]().__getitem__, FLOAT)
    return bool(value < 1 and value != 0) or (value != int(value) and value < 2)


def zero_at(term: Term) -> Term | None:
    """Where a term in one variable is 0, if there is one such place and it is easily said."""
    import sympy as sp

    found = set(variables(term))
    value = expression(term)
    if len(found) != 1 or not value.is_polynomial() or sp.degree(value) != 1:
        return None
    place = sp.solve(value, symbol(found.pop()))
    return to_term(place[0]) if len(place) == 1 else None


def agree(a: Expression, b: Expression) -> bool:
    """Whether two expressions are the same: by simplifying their difference, or else by many numbers put in."""
    import sympy as sp

    difference = a - b
    small = _small_powers(difference)
    if small and difference.count_ops() <= 400:
        difference = sp.expand(difference)
    short = small and difference.count_ops() <= 2 * SIMPLIFIED_UP_TO
    if difference == 0 or (short and sp.simplify(difference) == 0):
        return True
    return all(_same(difference, a, n) for n in range(5))


def _same(difference: Expression, size: Expression, n: int) -> bool:
    import sympy as sp

    names = sorted(difference.free_symbols | size.free_symbols, key=str)
    values = {name: sp.Rational(7 * k + 3 * n + 5, 11 + n) for k, name in enumerate(names)}
    gap, scale = (abs(complex(sp.N(part.subs(values), 30))) for part in (difference, size))
    return bool(gap <= 1e-15 * max(1.0, scale)) or gap != gap
