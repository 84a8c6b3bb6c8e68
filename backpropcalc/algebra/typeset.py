"""A term as text with slots, by a table of how each operation looks: one walker for every language that is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from string import Formatter
from types import MappingProxyType
from typing import NamedTuple

from .fragments import (
    BEFORE_FACTOR,
    ENCLOSED,
    ENCLOSED_FACTOR,
    INNER,
    SUM_BREAK,
    Break,
    Fragment,
    Fragments,
    Group,
    merged,
)
from .sums import directed
from .terms import TWO, Num, Op, Term, Var

CONDITION, SUM, PRODUCT, FACTOR, POWER, ATOM = range(6)


class Form(NamedTuple):
    """How an operation is written: a template, how tightly the whole binds, and what each argument must bind."""

    template: str
    binds: int = ATOM
    needs: tuple[int, ...] = (CONDITION,)
    list: bool = False
    """Whether it takes any number of arguments, written with commas between them."""


class Syntax(NamedTuple):
    """A written language: the form of each operation, how to join, how to put in parentheses."""

    forms: Mapping[str, Form]
    times: str
    minus: str
    parentheses: tuple[str, str] = ("(", ")")
    coefficients: Mapping[str, str] = MappingProxyType({})
    """Numbers that stand before a product without a sign of multiplication: ½."""
    beside: str = ""
    """Between the factors of a matrix product, and between those of a product entry by entry."""
    entrywise: str = ""
    plus: str = "+"
    comma: str = ", "
    sign: str = ""
    """The minus of what is negative, where it is not that of a difference."""

    @property
    def negation(self) -> str:
        """The minus of what is negative."""
        return self.sign or self.minus


Leaf = Callable[[Var | Num, int], Fragment]
"""Writes a variable or number, or leaves a slot for it; the second argument is the ``guard`` of a slot."""
Label = Callable[[Var, Var], Fragment]


def typeset(term: Term, syntax: Syntax, leaf: Leaf, label: Label | None = None) -> Fragments:
    """``term`` in ``syntax``. With a ``label``, a named factor ∂y/∂x is written as its name, else as its value."""
    setter = _Setter(syntax, leaf, label)
    setter.write(term, CONDITION, True, 0)
    return merged(setter.out)


TIMES = -1


@cache
def _parsed(template: str) -> tuple[tuple[str, int | None], ...]:
    """Each literal of a template, and the number of the argument behind it, ``TIMES`` for the sign of a product."""
    found: list[tuple[str, int | None]] = []
    before, places = "", 0
    for literal, name, _, _ in Formatter().parse(template):
        before += literal
        if name is None:  # an escaped brace, or the end
            continue
        found.append((before, TIMES if name == "times" else int(name or places)))
        before, places = "", places + (name != "times")
    return (*found, (before, None))


_GROUPED = ("{", r"\left(")
"""What opens a group of TeX."""


class _Setter:
    """Puts the fragments of a term into ``out``; ``enclosing`` counts the parentheses around what comes next."""

    def __init__(self, syntax: Syntax, leaf: Leaf, label: Label | None) -> None:
        self.syntax, self.leaf, self.label = syntax, leaf, label
        self.out: list[Fragment] = []
        self.enclosing = 0

    def write(self, term: Term, needs: int, first: bool, depth: int) -> None:
        """``first`` is whether nothing stands to the left; ``depth`` counts the enclosing operations."""
        syntax = self.syntax
        if not isinstance(term, Op):
            self.out.append(self.leaf(term, 2 if needs >= POWER else 0 if first else 1))
            return
        if term.name == "named":
            if self.label and term.label:
                self.out.append(self.label(*term.label))
            else:
                self.write(term.args[0], needs, first, depth)
            return
        form = syntax.forms.get(directed(term), syntax.forms.get(term.name))  # code has no arrows
        if term.name == "pow" and term.args[1] == TWO:
            form = syntax.forms.get("square", form)
        binds = form.binds if form else PRODUCT if term.name in _PRODUCTS else SUM
        parenthesised = binds < needs
        if not parenthesised:
            self.operation(term, form, first, depth)
            return
        opening, closing = syntax.parentheses
        self.out.append(opening)
        with self.inside(opening):
            self.operation(term, form, first or not form, depth + (not form))
        self.out.append(closing)

    def operation(self, term: Op, form: Form | None, first: bool, depth: int) -> None:
        """An operation without the parentheses that it may need."""
        if form:
            self.formed(term, form, first, depth)
        else:
            _JOINED[term.name](self, term.args, first, depth)

    @contextmanager
    def inside(self, opening: str) -> Iterator[None]:
        """What is written within becomes a group if TeX takes it for one and it may be broken."""
        start, outside = len(self.out), self.enclosing
        grouped = opening.endswith(_GROUPED)
        self.enclosing = 0 if grouped else outside + opening.count("(") - opening.count(")")
        yield
        if grouped and any(isinstance(part, Break | Group) for part in self.out[start:]):
            self.out[start:] = [Group(merged(self.out[start:]))]
        self.enclosing = outside

    def formed(self, term: Op, form: Form, first: bool, depth: int) -> None:
        """An operation by its form."""
        args = term.args
        wants = form.needs * len(args) if len(form.needs) == 1 else form.needs
        if form is _CALL or form.list:
            before, after = (f"{term.name}(", ")") if form is _CALL else (text for text, _ in _parsed(form.template))
            self.listed(args, wants, (before, after), depth)
            return
        for literal, n in _parsed(form.template):
            if literal:
                self.out.append(literal)
            if n == TIMES:
                self.times()
            elif n is not None:
                with self.inside(literal):
                    self.write(args[n], wants[n], wants[n] == CONDITION or (first and n == 0), depth + 1)

    def listed(self, args: tuple[Term, ...], wants: tuple[int, ...], ends: tuple[str, str], depth: int) -> None:
        """Arguments with commas between them."""
        self.out.append(ends[0])
        with self.inside(ends[0]):
            for n, (arg, want) in enumerate(zip(args, wants, strict=False)):
                self.out.append(self.syntax.comma if n else "")
                self.write(arg, want, want == CONDITION, depth + 1)
        self.out.append(ends[1])

    def sum_break(self, depth: int) -> Break:
        return SUM_BREAK if depth == 0 else Break(ENCLOSED if self.enclosing else INNER)

    def plus(self, args: tuple[Term, ...], first: bool, depth: int) -> None:
        self.write(args[0], SUM, first, depth)
        for arg in args[1:]:
            self.out.append(self.sum_break(depth))
            if isinstance(arg, Op) and arg.name == "neg":
                self.out.append(f" {self.syntax.minus} ")
                self.write(arg.args[0], PRODUCT, False, depth)
            else:
                self.out.append(f" {self.syntax.plus} ")
                self.write(arg, SUM, False, depth)

    def difference(self, args: tuple[Term, ...], first: bool, depth: int) -> None:
        self.write(args[0], SUM, first, depth)
        self.out.append(f" {self.syntax.minus} ")
        self.write(args[1], PRODUCT, False, depth)

    def negative(self, args: tuple[Term, ...], first: bool, depth: int) -> None:
        self.out.append(self.syntax.negation)
        self.write(args[0], PRODUCT, False, depth + 1)

    def times(self) -> None:
        self.out += (Break(ENCLOSED_FACTOR if self.enclosing else BEFORE_FACTOR), self.syntax.times)

    def product(self, args: tuple[Term, ...], first: bool, depth: int) -> None:
        coefficient = self.syntax.coefficients.get(args[0].text) if isinstance(args[0], Num) else None
        start = len(self.out)
        self.write(args[0], _needs(args[0]), first, depth + 1)
        for n, arg in enumerate(args[1:]):
            self.times()
            after = len(self.out)
            self.write(arg, _needs(arg), False, depth + 1)
            own = self.out[after]
            if n == 0 and coefficient:
                beside = isinstance(own, str) and own.startswith(self.syntax.parentheses[0])
                self.out[start : after if beside else start + 1] = [f"{coefficient} " if beside else coefficient]

    def beside(self, args: tuple[Term, ...], sign: str, needs: Callable[[Term], int], first: bool, depth: int) -> None:
        """Factors that a line may be broken between."""
        for n, arg in enumerate(args):
            if n:
                self.out += (self.sum_break(depth), sign)
            self.write(arg, needs(arg), first and n == 0, depth + 1)

    def matrix_product(self, args: tuple[Term, ...], first: bool, depth: int) -> None:
        """A @ B: side by side, with a dot where the language has one."""
        self.beside(args, self.syntax.beside, lambda arg: PRODUCT, first, depth)

    def entrywise(self, args: tuple[Term, ...], first: bool, depth: int) -> None:
        self.beside(args, self.syntax.entrywise, _needs, first, depth)


_JOINED: dict[str, Callable[[_Setter, tuple[Term, ...], bool, int], None]] = {
    "add": _Setter.plus,
    "sub": _Setter.difference,
    "neg": _Setter.negative,
    "mul": _Setter.product,
    "matmul": _Setter.matrix_product,
    "hadamard": _Setter.entrywise,
}


def _needs(factor: Term) -> int:
    """What a factor must bind: a quotient or a matrix product among the factors is put in parentheses."""
    return FACTOR if isinstance(factor, Op) and factor.name in ("div", "xdivy", "matmul") else PRODUCT


_PRODUCTS = {"mul", "matmul", "hadamard"}
_SUPERSCRIPT = str.maketrans("0123456789-+()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾")


def superscript(text: str) -> str:
    """Digits and signs raised, as in 10⁻³."""
    return text.translate(_SUPERSCRIPT)


INDICES = "kjis"
"""The letters that a sum may run over."""
_NAMED = ("ln", "sin", "cos", "tan", "tanh", "arctan")


def common(
    call: str, name: str, total: str, over: str, fraction: Form, comma: str = ", ", arrows: tuple[str, str] = ("↓", "→")
) -> dict[str, Form]:
    """What all written languages put the same way, each with its own signs.

    ``call`` takes a name and its arguments, ``name`` the letters of a function, ``over`` the letter of an index;
    ``total`` is the sign of a sum without one; ``arrows`` say down the rows of a matrix and along its columns.
    """
    ln = call % (name % "ln", "{}")
    return {
        "div": fraction,
        "xdivy": fraction,
        "xlogy": Form("{}{times}" + ln, PRODUCT, (PRODUCT, CONDITION)),
        "xtimes": Form("{}{times}{}", PRODUCT, (PRODUCT, PRODUCT)),
        **{function: Form(call % (name % function, "{}")) for function in _NAMED},
        **{function: Form(call % (name % function, "{}"), list=True) for function in ("max", "min")},
        "apply": Form(call % ("{}", "{}"), ATOM, (ATOM, CONDITION)),
        "apply_to_pair": Form(call % ("{}", f"{{}}{comma}{{}}"), ATOM, (ATOM, CONDITION, CONDITION)),
        "broadcast": Form("{}", PRODUCT, (PRODUCT,)),
        "sum_rows": Form(total + "{}", POWER, (FACTOR,)),
        "sum_columns": Form(total + "{}", POWER, (FACTOR,)),
        "sum_down": Form(over % arrows[0] + "{}", POWER, (FACTOR,)),
        "sum_along": Form(over % arrows[1] + "{}", POWER, (FACTOR,)),
        **{f"sum_over_{index}": Form(over % index + "{}", SUM, (PRODUCT,)) for index in INDICES},
    }


TEXT = Syntax(
    {
        **common("%s(%s)", "%s", "Σ ", "Σ_%s ", Form("{} / {}", PRODUCT, (PRODUCT, POWER))),
        "sum_down": Form("Σ↓ {}", POWER, (FACTOR,)),
        "sum_along": Form("Σ→ {}", POWER, (FACTOR,)),
        "pow": Form("{}^{}", POWER, (ATOM, ATOM)),
        "square": Form("{}²", POWER, (ATOM,)),
        "exp": Form("e^({})"),
        "sqrt": Form("√({})"),
        "abs": Form("|{}|"),
        "rest": Form("…"),
        "if_positive": Form("if {} > 0: {}, else {}", CONDITION),
        "if_at_least_zero": Form("if {} ≥ 0: {}, else {}", CONDITION),
        "transpose": Form("{}ᵀ", POWER, (ATOM,)),
        "diagonal": Form("diag({})"),
    },
    " · ",
    "−",
    coefficients={"1/2": "½"},
    beside=" · ",
    entrywise=" ⊙ ",
)

_CASES = r"\begin{{cases}} {1} & \text{{if }} {{{0}}} %s 0\\ {2} & \text{{otherwise}} \end{{cases}}"
_TEX_FRACTION = Form(r"\frac{{{}}}{{{}}}", FACTOR, (CONDITION, CONDITION))
LATEX = Syntax(
    {
        **common(
            r"%s\left(%s\right)",
            r"\%s",
            r"\sum ",
            r"\sum_{{%s}} ",
            _TEX_FRACTION,
            arrows=(r"\downarrow", r"\rightarrow"),
        ),
        "pow": Form("{}^{{{}}}", POWER, (ATOM, CONDITION)),
        "square": Form("{}^{{2}}", POWER, (ATOM,)),
        "exp": Form("e^{{{}}}"),
        "sqrt": Form(r"\sqrt{{{}}}"),
        "abs": Form(r"\left|{}\right|"),
        "rest": Form(r"\dots"),
        "if_positive": Form(_CASES % ">"),
        "if_at_least_zero": Form(_CASES % r"\ge"),
        "transpose": Form("{}^{{T}}", POWER, (ATOM,)),
        "diagonal": Form(r"\operatorname{{diag}}\left({}\right)"),
    },
    r" \cdot ",
    "-",
    (r"\left(", r"\right)"),
    coefficients={"1/2": r"\tfrac{1}{2}"},
    beside=r"\, ",
    entrywise=r" \odot ",
)


def of_tensors(syntax: Syntax) -> Syntax:
    """The same for whole tensors, whose functions, products and quotients are meant entry by entry."""
    signed = {}
    for name in ("xlogy", "xtimes"):
        form = syntax.forms[name]
        signed[name] = form._replace(template=form.template.replace("{times}", syntax.entrywise))
    return syntax._replace(forms={**syntax.forms, **signed})


TEXT_TENSORS, LATEX_TENSORS = of_tensors(TEXT), of_tensors(LATEX)

_CALL = Form("call")
PYTHON = Syntax(
    {
        # A quotient among factors keeps its parentheses: the same last digits.
        "div": Form("{} / {}", SUM, (PRODUCT, POWER)),
        "pow": _CALL,
        "square": Form("{} ** 2", POWER, (ATOM,)),
        "if_positive": Form("({1} if {0} > 0 else {2} if {0} == {0} else {0})"),
        "if_at_least_zero": Form("({1} if {0} >= 0 else {2} if {0} == {0} else {0})"),
        **dict.fromkeys(
            ("exp", "expm1", "ln", "log1p", "sqrt", "sin", "cos", "tan", "tanh", "arctan", "abs", "max", "min"),
            _CALL,
        ),
        **dict.fromkeys(("xlogy", "xdivy", "xtimes"), _CALL),
        "log_sum_exp": _CALL,
    },
    " * ",
    "-",
)

NUMPY = Syntax(
    {
        **PYTHON.forms,
        "pow": Form("{} ** {}", POWER, (ATOM, ATOM)),
        "square": Form("square({})"),
        "max": Form("maximum({}, {})"),
        "min": Form("minimum({}, {})"),
        "if_positive": Form("where({} > 0, {}, {})"),
        "if_at_least_zero": Form("where({} >= 0, {}, {})"),
        "if_trained": Form("where({}, {}, {})"),
        "transpose": Form("{}.T", ATOM, (ATOM,)),
        "matmul": Form("({} @ {})", ATOM, (ATOM, ATOM)),
        "outer": Form("({} @ {}.T)", ATOM, (ATOM, ATOM)),
        "sent": Form("({1}.T @ {0})", ATOM, (ATOM, ATOM)),
        "paths": Form("({})", ATOM),
        "sum_rows": Form("total({}, 0, None, None, True)"),
        "sum_columns": Form("total({}, 1, None, None, True)"),
        "bias_sum": Form("total({}, 1, None, None, True)"),
        "shared_sum": Form("total({}, None, None, None, True)"),
        **dict.fromkeys(
            ("row", "back", "jacobian_row", "log_sum_exp_others", "softmax_shares", "diagonal", "broadcast"), _CALL
        ),
    },
    " * ",
    "-",
)
