"""A formula as text, to a term: what is not on the list of what a formula may hold is refused.

The text is never evaluated. Python's own parser makes the tree; only numbers, names, ``+ - * / **`` and the functions
of ``FUNCTIONS`` are taken from it.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate, to_float
from backpropcalc.algebra.numbers import number
from backpropcalc.algebra.terms import Num, Op, Term, Var, node, op, product, total, variables
from backpropcalc.errors import InputError, Place, Problem, nearest, one_of, printable

from .functions import ACTIVATIONS

MAX_LENGTH, MAX_DEPTH, MAX_OPERATIONS = 500, 40, 120
LARGEST = 1e100
"""No constant in a formula may come to more than this."""
LARGEST_EXPONENT = 100
NAME = re.compile(r"[^\W\d_]\w{0,23}")


class Function(NamedTuple):
    """A function that a formula may call: how many arguments it takes at least and at most, and its term."""

    fewest: int
    most: int
    term: Callable[..., Term]


def _one(name: str) -> Function:
    return Function(1, 1, lambda x: op(name, x))


def _activation(name: str) -> Function:
    return Function(1, 1, lambda x: ACTIVATIONS[name].value(x, {}))


FUNCTIONS: dict[str, Function] = {
    "exp": _one("exp"),
    "log": _one("ln"),
    "sqrt": _one("sqrt"),
    "sin": _one("sin"),
    "cos": _one("cos"),
    "tan": _one("tan"),
    "tanh": _one("tanh"),
    "sigmoid": _activation("sigmoid"),
    "relu": _activation("relu"),
    "max": Function(2, 8, lambda *terms: op("max", *terms)),
    "min": Function(2, 8, lambda *terms: op("min", *terms)),
    "abs": _one("abs"),
}
"""Every function of a formula; ``log`` is the natural logarithm."""

_SIGNS = {"^": "**", "−": "-", "·": "*", "×": "*", "\n": " "}
_STRANGE = re.compile(r"[^\w\s.,()+*/-]")
_GLUED = re.compile(r"(?<![\w.])(\d+\.?\d*|\.\d+)(?!\d|[eE][+-]?\d)[^\W\d]\w*")
_ZEROS = re.compile(r"(?<![\w.])0+(?=\d)")
_ENORMOUS = re.compile(r"[\d.]+[eE]\+?\d{3,}")


def formula(text: str, place: Place | None = None, names: Iterable[str] | None = None) -> Term:
    """The term of a formula. ``place`` is where it stands in a file; ``names`` are those it may speak of.

    Raises ``InputError`` with a caret under what is wrong.
    """
    source = "" if place else text
    try:
        return _Formula(text).read(None if names is None else tuple(names))
    except _Refused as refused:
        where = within(place or Place(1, 1, len(text)), text, refused.start, refused.end)
        problem = Problem("formula", refused.message, where, refused.help)
    raise InputError([problem], "", source)


def within(place: Place, text: str, start: int, end: int) -> Place:
    """Where characters ``start`` to ``end`` of a scalar stand; all of it if it is not written as it reads."""
    if place.width not in (len(text), len(text) + 2):
        return place
    quote = (place.width - len(text)) // 2
    return Place(place.line, place.column + quote + start, max(1, end - start))


class _Refused(Exception):
    def __init__(self, message: str, start: int, end: int, help: str = "") -> None:
        self.message, self.start, self.end, self.help = message, start, end, help


class _Formula:
    """One text and what it becomes; ``origin`` says which character of the text each one of ``plain`` stands for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain, self.origin = "", [0]
        self.operations = 0

    def read(self, names: tuple[str, ...] | None) -> Term:
        try:
            term = self.walk(self.tree(), 0)
            if names is not None:
                self.known(term, names)
            return term
        except _Refused as refused:
            refused.start, refused.end = (
                self.origin[min(at, len(self.origin) - 1)] for at in (refused.start, refused.end)
            )
            raise

    def tree(self) -> ast.expr:
        """Python's tree of the text, once nothing in it can do harm."""
        if len(self.text) > MAX_LENGTH:
            raise _Refused(f"a formula may have {MAX_LENGTH} characters, this one has {len(self.text)}", 0, 1)
        self.origin = []
        for at, char in enumerate(self.text):
            out = _SIGNS.get(char, char)
            self.plain += out
            self.origin += [at] * len(out)
        self.origin.append(len(self.text))
        if not self.plain.strip():
            raise _Refused("the formula is empty", 0, 1, "for example 3*(a + b*c)")
        self.characters()
        source = _ZEROS.sub(lambda zeros: " " * len(zeros[0]), self.plain).strip()
        lead = len(self.plain.rstrip()) - len(source)
        try:
            return _shifted(ast.parse(source, mode="eval").body, source, lead)
        except SyntaxError as error:
            at = lead + max(0, (error.offset or 1) - 1)
            help = "is a parenthesis missing?" if source.count("(") != source.count(")") else ""
            reserved = next((word for word in re.findall(r"\w+", source) if keyword.iskeyword(word)), "")
            help = f"{reserved} cannot be a name here" if reserved else help
            raise _Refused("this is no formula", at, at + 1, help) from None
        except (ValueError, RecursionError, MemoryError):
            raise _Refused("this is no formula", 0, 1) from None

    def characters(self) -> None:
        """Refuse what no formula holds, and what people write that has to be written otherwise."""
        strange = _STRANGE.search(self.plain)
        if strange:
            known = f"a formula holds numbers, names, + - * / ** ( ) and {', '.join(FUNCTIONS)}"
            raise _Refused(f"{printable(strange[0])!r} cannot stand in a formula", *strange.span(), known)
        glued = _GLUED.search(self.plain)
        if glued:
            raise _Refused(f"{glued[0]!r} is neither number nor name", *glued.span(), "write 2*x for 2x")
        depth = 0
        for at, char in enumerate(self.plain):
            depth += (char == "(") - (char == ")")
            if depth > MAX_DEPTH:
                raise _Refused("nested too deeply", at, at + 1)
        for word in re.finditer(r"[^\W\d]\w*|_\w*", self.plain):
            if not NAME.fullmatch(word[0]):
                help = "a letter, then letters, digits and _, at most 24 in all"
                raise _Refused(f"{printable(word[0], 40)!r} cannot be a name", *word.span(), help)

    def walk(self, tree: ast.expr, depth: int) -> Term:
        """The term of a tree."""
        span = tree.col_offset, tree.end_col_offset or tree.col_offset + 1
        self.operations += 1
        if depth > MAX_DEPTH or self.operations > MAX_OPERATIONS:
            raise _Refused("the formula is too long to be worked by hand", *span, "split it into several")
        match tree:
            case ast.Constant():
                return self.constant(*span)
            case ast.Name(id=name):
                if name in FUNCTIONS:
                    raise _Refused(f"{name} is a function", *span, f"as in {name}(x)")
                return node(name)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.walk(operand, depth + 1)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.walk(operand, depth + 1)
                return Num("-" + inner.text) if isinstance(inner, Num) and inner.text[0] != "-" else op("neg", inner)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
                term = _BINARY[type(operator)](self.walk(left, depth + 1), self.walk(right, depth + 1))
                self.sized(term, span, right)
                return term
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
                function = FUNCTIONS[name]
                if not function.fewest <= len(args) <= function.most or any(isinstance(a, ast.Starred) for a in args):
                    wanted = "one argument" if function.most == 1 else f"{function.fewest} to {function.most} arguments"
                    raise _Refused(f"{name} takes {wanted}", *span)
                term = function.term(*(self.walk(arg, depth + 1) for arg in args))
                self.sized(term, span)
                return term
            case ast.Call(func=ast.Constant() as number_):
                raise _Refused("a sign of multiplication is missing", *span, f"write {_text(number_)}*(…)")
            case ast.Call(func=ast.Name(id=name)):
                raise _Refused(f"there is no function {name!r}", *span, one_of(name, tuple(FUNCTIONS)))
        raise _Refused("this cannot stand in a formula", *span, "only + - * / **, numbers, names and functions")

    def constant(self, start: int, end: int) -> Term:
        """A number, by its own text."""
        written = self.plain[start:end]
        text = number(written)
        if _ENORMOUS.fullmatch(written) or (text is not None and not to_float(text) <= LARGEST):
            raise _Refused("this number is too large", start, end)
        if text is None or len(written) > 40:
            raise _Refused("this is no number", start, end)
        return Num(text)

    def sized(self, term: Term, span: tuple[int, int], right: ast.expr | None = None) -> None:
        """Refuse a constant that is too large or has no value, and an exponent that nobody works out by hand."""
        if isinstance(term, Op) and term.name == "pow" and not any(variables(term.args[1])):
            exponent = evaluate(term.args[1], _no_names, FLOAT)
            if not abs(exponent) <= LARGEST_EXPONENT:
                where = span if right is None else (right.col_offset, right.end_col_offset or span[1])
                raise _Refused(f"an exponent must be between −{LARGEST_EXPONENT} and {LARGEST_EXPONENT}", *where)
        if any(variables(term)):
            return
        value = evaluate(term, _no_names, FLOAT)
        if value != value or (
            isinstance(term, Op) and term.name == "div" and evaluate(term.args[1], _no_names, FLOAT) == 0
        ):
            raise _Refused("this has no value", *span)
        if abs(value) > LARGEST:
            raise _Refused("this number is too large", *span)

    def known(self, term: Term, names: tuple[str, ...]) -> None:
        """Refuse a name that is none of ``names``."""
        for var in variables(term):
            if var.name not in names:
                match = re.search(rf"(?<!\w){re.escape(var.name)}(?!\w)", self.plain)
                span = match.span() if match else (0, 1)
                help = nearest(var.name, names) or "it may speak of " + ", ".join(names)
                raise _Refused(f"{var.name!r} is not known here", *span, help)


def _text(tree: ast.Constant) -> str:
    return printable(str(tree.value), 20)


def _no_names(var: Var) -> float:
    raise AssertionError(var)


def _sum(a: Term, b: Term) -> Term:
    """A sum, written flat."""
    head = a.args if isinstance(a, Op) and a.name == "add" else (a,)
    return total((*head, b))


def _times(a: Term, b: Term) -> Term:
    """A product, written flat; the sign of −a · b stands before all of it."""
    return op("neg", product(a.args[0], b)) if isinstance(a, Op) and a.name == "neg" else product(a, b)


def _quotient(a: Term, b: Term) -> Term:
    """A quotient; of two whole numbers it is a fraction."""
    whole = all(isinstance(x, Num) and re.fullmatch(r"-?\d+", x.text) for x in (a, b))
    if whole and isinstance(a, Num) and isinstance(b, Num) and to_float(b.text) > 0:
        return Num(f"{a.text}/{b.text}")
    return op("div", a, b)


_BINARY: dict[type[ast.operator], Callable[[Term, Term], Term]] = {
    ast.Add: _sum,
    ast.Sub: lambda a, b: op("sub", a, b),
    ast.Mult: _times,
    ast.Div: _quotient,
    ast.Pow: lambda a, b: op("pow", a, b),
}


def _shifted(tree: ast.expr, source: str, by: int) -> ast.expr:
    """The tree with its places counted in characters of the formula, not in bytes of its stripped text."""
    raw = source.encode()
    for part in ast.walk(tree):
        if isinstance(part, ast.expr):
            for name in ("col_offset", "end_col_offset"):
                setattr(part, name, by + len(raw[: getattr(part, name)].decode(errors="ignore")))
    return tree
