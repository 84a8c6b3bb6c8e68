"""A side of an equation, as a student writes or types it, as a term: only what stands in the tables is understood.

The language is that of handwriting: decimal commas, LaTeX, 2(1 − a), e^−x, ½. What is not understood is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from backpropcalc.algebra.terms import Num, Term, Var, op, product, total
from backpropcalc.notation.names import LONGEST_NAME, Names
from backpropcalc.rules.functions import ACTIVATIONS

from .numbers import plain, stated
from .sheet import Stated

LONGEST = 1000
MAX_DEPTH = 30
MAX_TOKENS = 300
MAX_NUMBERS = 60


@dataclass(frozen=True)
class Expression:
    """A term whose written numbers are variables of the role ``written``, numbered in the order of ``numbers``."""

    text: str
    term: Term
    numbers: tuple[Stated, ...]
    symbols: frozenset[Var]


class Reading(NamedTuple):
    """How to take what people leave open: ``lazy`` reads 1/1+x as 1/(1+x), ``tight`` reads −2² as (−2)²."""

    lazy: bool = False
    tight: bool = False


READINGS = (Reading(), Reading(lazy=True), Reading(tight=True), Reading(lazy=True, tight=True))


def expressions(text: str, names: Names) -> list[Expression]:
    """What ``text`` writes, in every reading that makes a difference; empty if it is anything but an expression."""
    if len(text) > LONGEST:
        return []
    found: list[Expression] = []
    try:
        tokens = _tokens(plain(text), names)
        for reading in READINGS:
            term = _Parser(text, tokens, reading).whole()
            if term not in found:
                found.append(term)
    except _NotUnderstood:
        return []
    return found


class _NotUnderstood(Exception):
    pass


class _Token(NamedTuple):
    kind: str
    value: Stated | Var | str


def _applied(name: str) -> Callable[[Term], Term]:
    rule = ACTIVATIONS[name]
    return lambda z: rule.value(z, {key: Num(value) for key, value in rule.defaults.items()})


def _plainly(name: str) -> Callable[[Term], Term]:
    return lambda x: op(name, x)


FUNCTIONS: dict[str, Callable[[Term], Term]] = {
    "exp": _plainly("exp"),
    "ln": _plainly("ln"),
    "log": _plainly("ln"),
    "sqrt": _plainly("sqrt"),
    "√": _plainly("sqrt"),
    "abs": _plainly("abs"),
    **{name: _applied(name) for name in ("sigmoid", "tanh", "arctan", "relu", "softplus")},
    **{short: _applied("sigmoid") for short in ("σ", "sigma", "sig")},
    "Relu": _applied("relu"),
    "ReLU": _applied("relu"),
    "atan": _applied("arctan"),
}
"""Every function that is understood; ``log`` is the natural logarithm."""

_NUMBER = re.compile(r"(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][+-]?\d{1,3}(?!\d))?")
_POWER_OF_TEN = re.compile(
    r"\s*\*\s*10\s*(?:\^|\*\*)\s*(?:[-+]?\d{1,3}(?![\d.])|\(\s*[-+]?\d{1,3}\s*\)|\{\s*[-+]?\d{1,3}\s*\})"
)
_WORD = re.compile(r"\\?[^\W\d_]+|√")
_SIGN = re.compile(r"\*\*|[-+*/^:]")
_OPEN, _CLOSE = "([{", ")]}"
_IGNORED = frozenset({"\\mathrm", "\\text", "\\operatorname"})


def _tokens(text: str, names: Names) -> list[_Token]:
    out: list[_Token] = []
    at = 0
    while at < len(text):
        char = text[at]
        if len(out) > MAX_TOKENS:
            raise _NotUnderstood
        if char.isspace() or char in "$":
            at += 1
        elif match := _NUMBER.match(text, at):
            end = match.end()
            scaled = _POWER_OF_TEN.match(text, end) if not out or out[-1].value not in ("/", "^") else None
            end = scaled.end() if scaled else end
            number = stated(text[at:end])
            if number is None or (out and out[-1].kind == "number"):
                raise _NotUnderstood
            out.append(_Token("number", number))
            at = end
        elif char in _OPEN:
            out.append(_Token("open", _CLOSE[_OPEN.index(char)]))
            at += 1
        elif char in _CLOSE:
            out.append(_Token("close", char))
            at += 1
        elif match := _SIGN.match(text, at):
            out.append(_Token("sign", {"**": "^", ":": "/"}.get(match[0], match[0])))
            at = match.end()
        else:
            at = _word(text, at, names, out)
    return out


def _word(text: str, at: int, names: Names, out: list[_Token]) -> int:
    """A function, e, or the name of a quantity; where it ends."""
    match = _WORD.match(text, at)
    word = match[0] if match else ""
    end = match.end() if match else at
    bare = word.removeprefix("\\")
    if word in _IGNORED:
        return end
    if bare in ("frac", "dfrac", "tfrac") and word != bare:
        named = _name_at(text, at, names)
        named = named if named and named[0].role in ("d", "via") else None  # ∂E/∂w, not only what stands above
        out.append(_Token("name", named[0]) if named else _Token("fraction", ""))
        return named[1] if named else end
    if bare == "e" and text[end:].lstrip().startswith(("^", "**")):
        out.append(_Token("function", "e"))
        return end + len(text[end:]) - len(text[end:].lstrip().removeprefix("**").removeprefix("^"))
    if bare in FUNCTIONS:
        out.append(_Token("function", bare))
        return end
    named = _name_at(text, at, names)
    if named is None:
        raise _NotUnderstood
    out.append(_Token("name", named[0]))
    return named[1]


def _name_at(text: str, at: int, names: Names) -> tuple[Var, int] | None:
    """The longest name that starts here, and where it ends."""
    for end in range(min(len(text), at + LONGEST_NAME // 2), at, -1):
        last, rest = text[end - 1], text[end:].lstrip()
        if last.isspace() or (text[end : end + 1].isalnum() and last.isalnum()) or text[end : end + 1] == "_":
            continue
        if last == "^" or "\\frac" in text[at + 5 : end]:
            continue  # what follows a name is no part of it
        if last in "+*'" and rest and (rest[0] not in _CLOSE and rest[0] not in "+-*/^:"):
            continue  # the sign of an operation, not the mark of an updated parameter
        if text[at:end].count("(") != text[at:end].count(")") or text[at:end].count("{") != text[at:end].count("}"):
            continue
        var = names.get(text[at:end], short=False)
        if var is not None:
            return var, end
    return None


class _Parser:
    def __init__(self, text: str, tokens: list[_Token], reading: Reading) -> None:
        self.text, self.tokens, self.reading = text, tokens, reading
        self.at = self.depth = 0
        self.numbers: list[Stated] = []
        self.symbols: set[Var] = set()

    def whole(self) -> Expression:
        term = self.sum()
        if self.at < len(self.tokens):
            raise _NotUnderstood
        return Expression(self.text, term, tuple(self.numbers), frozenset(self.symbols))

    def next(self, kind: str, *values: str) -> _Token | None:
        """Take the next token if it is of ``kind`` and one of ``values``."""
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == kind and (not values or token.value in values):
                self.at += 1
                return token
        return None

    def sum(self) -> Term:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _NotUnderstood
        terms = [self.product()]
        while sign := self.next("sign", "+", "-"):
            term = self.product()
            terms.append(op("neg", term) if sign.value == "-" else term)
        self.depth -= 1
        return total(terms)

    def product(self) -> Term:
        value = self.signed()
        while self.at < len(self.tokens):
            if self.next("sign", "*"):
                value = product(value, self.signed())
            elif self.next("sign", "/"):
                value = op("div", value, self.sum() if self.reading.lazy else self.signed())
            elif self.tokens[self.at].kind in ("open", "name", "function", "fraction"):
                value = product(value, self.power())
            else:
                break
        return value

    def signed(self) -> Term:
        minus = False
        while sign := self.next("sign", "+", "-"):
            minus ^= sign.value == "-"
        if minus and self.reading.tight:
            return self.power(negative=True)
        value = self.power()
        return op("neg", value) if minus else value

    def power(self, negative: bool = False) -> Term:
        base = self.atom()
        if negative:
            base = op("neg", base)
        if not self.next("sign", "^"):
            return base
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _NotUnderstood
        exponent = self.signed()
        self.depth -= 1
        if isinstance(exponent, Var) and exponent.role == "written" and self.numbers[-1].value in (2, 3, 4):
            exponent = Num(str(self.numbers.pop().value))  # the 2 of a square is no number that was put in
        return op("pow", base, exponent)

    def atom(self) -> Term:
        if self.at >= len(self.tokens):
            raise _NotUnderstood
        kind, value = self.tokens[self.at]
        self.at += 1
        if isinstance(value, Stated):
            if len(self.numbers) >= MAX_NUMBERS:
                raise _NotUnderstood
            self.numbers.append(value)
            return Var("written", len(self.numbers) - 1)
        if isinstance(value, Var):
            self.symbols.add(value)
            return value
        if kind == "open":
            inner = self.sum()
            if not self.next("close", value):
                raise _NotUnderstood
            return inner
        if kind == "fraction":
            above, below = self.group(), self.group()
            return op("div", above, below)
        if kind == "function":
            if value == "e":
                return op("exp", self.signed() if not self.opens() else self.group())
            return FUNCTIONS[value](self.group() if self.opens() else self.power())
        raise _NotUnderstood

    def opens(self) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].kind == "open"

    def group(self) -> Term:
        """What stands in parentheses or braces."""
        if not self.opens():
            raise _NotUnderstood
        return self.atom()
