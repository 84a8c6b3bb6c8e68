"""A term as text, by a table of how each operation looks: one walker for every language that is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .terms import TWO, Num, Op, Term, Var

CONDITION, SUM, PRODUCT, FACTOR, POWER, ATOM = range(6)
BREAK = "\ue100"
"""Stands before a ``+`` or ``−`` where a line may be broken; ``SOFT_BREAK`` where it may be as a last resort."""
SOFT_BREAK = "\ue101"


class Form(NamedTuple):
    """How an operation is written: a template, how tightly the whole binds, and what each argument must bind."""

    template: str
    binds: int = ATOM
    needs: tuple[int, ...] = (CONDITION,)
    list: bool = False
    """Whether it takes any number of arguments, written with commas between them."""


@dataclass(frozen=True)
class Syntax:
    """A written language: the form of each operation, how to join, how to put in parentheses."""

    forms: Mapping[str, Form]
    times: str
    minus: str
    parentheses: str = "({})"
    coefficients: Mapping[str, str] = field(default_factory=dict)
    """Numbers that stand before a product without a sign of multiplication: ½."""
    breaks: tuple[str, str] = ("", "")
    beside: str = ""
    """Between the factors of a matrix product, and between those of a product entry by entry."""
    entrywise: str = ""


Leaf = Callable[[Var | Num, int], str]
"""Writes a variable or number; the second argument is 1 behind a sign of operation, 2 as the base of a power."""
Label = Callable[[Var, Var], str]


def typeset(term: Term, syntax: Syntax, leaf: Leaf, label: Label | None = None) -> str:
    """``term`` in ``syntax``. With a ``label``, a named factor ∂y/∂x is written as its name, else as its value."""
    return _Writer(syntax, leaf, label).write(term, CONDITION, True, 0)


class _Writer:
    def __init__(self, syntax: Syntax, leaf: Leaf, label: Label | None) -> None:
        self.syntax, self.leaf, self.label = syntax, leaf, label

    def write(self, term: Term, needs: int, first: bool, depth: int) -> str:
        """``first`` is whether nothing stands to the left; ``depth`` counts the enclosing operations."""
        syntax = self.syntax
        if isinstance(term, Op):
            if term.name == "named":
                if self.label and term.label:
                    return self.label(*term.label)
                return self.write(term.args[0], needs, first, depth)
            joined = None if term.name in syntax.forms else _JOINED.get(term.name)
            if joined:
                binds = PRODUCT if term.name in _PRODUCTS else SUM
                text = joined(self, term.args, first or binds < needs, depth + (binds < needs))
            else:
                binds, text = self.formed(term, first, depth)
            return syntax.parentheses.format(text) if binds < needs else text
        return self.leaf(term, 2 if needs >= POWER else 0 if first else 1)

    def formed(self, term: Op, first: bool, depth: int) -> tuple[int, str]:
        """An operation by its form, and how tightly it binds."""
        name, args = term.name, term.args
        if name == "pow" and args[1] == TWO and "square" in self.syntax.forms:
            name, args = "square", args[:1]
        form = self.syntax.forms[name]
        wants = form.needs * len(args) if len(form.needs) == 1 else form.needs
        parts = [
            self.write(arg, want, want == CONDITION or (first and n == 0), depth + 1)
            for n, (arg, want) in enumerate(zip(args, wants, strict=True))
        ]
        if form is _CALL:
            return form.binds, f"{name}({', '.join(parts)})"
        return form.binds, form.template.format(*([", ".join(parts)] if form.list else parts))

    def plus(self, args: tuple[Term, ...], first: bool, depth: int) -> str:
        out = self.write(args[0], SUM, first, depth)
        mark = self.syntax.breaks[0 if depth == 0 else 1]
        for arg in args[1:]:
            if isinstance(arg, Op) and arg.name == "neg":
                out += f"{mark} {self.syntax.minus} " + self.write(arg.args[0], PRODUCT, False, depth)
            else:
                out += f"{mark} + " + self.write(arg, SUM, False, depth)
        return out

    def difference(self, args: tuple[Term, ...], first: bool, depth: int) -> str:
        left = self.write(args[0], SUM, first, depth)
        return f"{left} {self.syntax.minus} " + self.write(args[1], PRODUCT, False, depth)

    def negative(self, args: tuple[Term, ...], first: bool, depth: int) -> str:
        return self.syntax.minus + self.write(args[0], PRODUCT, False, depth + 1)

    def product(self, args: tuple[Term, ...], first: bool, depth: int) -> str:
        parts = [self.write(arg, _needs(arg), first and n == 0, depth + 1) for n, arg in enumerate(args)]
        coefficient = self.syntax.coefficients.get(args[0].text) if isinstance(args[0], Num) else None
        if coefficient and parts[1:] and parts[1].startswith(self.syntax.parentheses.partition("{")[0]):
            parts[:2] = [f"{coefficient} {parts[1]}"]
        return self.syntax.times.join(parts)

    def matrix_product(self, args: tuple[Term, ...], first: bool, depth: int) -> str:
        """A @ B: side by side, with a dot where the language has one."""
        left = self.write(args[0], PRODUCT, first, depth + 1)
        return (
            left
            + self.syntax.breaks[0 if depth == 0 else 1]
            + self.syntax.beside
            + self.write(args[1], PRODUCT, False, depth + 1)
        )

    def entrywise(self, args: tuple[Term, ...], first: bool, depth: int) -> str:
        parts = [self.write(arg, _needs(arg), first and n == 0, depth + 1) for n, arg in enumerate(args)]
        return (self.syntax.breaks[0 if depth == 0 else 1] + self.syntax.entrywise).join(parts)


_JOINED: dict[str, Callable[[_Writer, tuple[Term, ...], bool, int], str]] = {
    "add": _Writer.plus,
    "sub": _Writer.difference,
    "neg": _Writer.negative,
    "mul": _Writer.product,
    "matmul": _Writer.matrix_product,
    "hadamard": _Writer.entrywise,
}


def _needs(factor: Term) -> int:
    """What a factor must bind: a quotient or a matrix product among the factors is put in parentheses."""
    return FACTOR if isinstance(factor, Op) and factor.name in ("div", "xdivy", "matmul") else PRODUCT


_PRODUCTS = {"mul", "matmul", "hadamard"}
_SUPERSCRIPT = str.maketrans("0123456789-+()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾")


def superscript(text: str) -> str:
    """Digits and signs raised, as in 10⁻³."""
    return text.translate(_SUPERSCRIPT)


TEXT = Syntax(
    {
        "div": Form("{} / {}", PRODUCT, (PRODUCT, POWER)),
        "pow": Form("{}^{}", POWER, (ATOM, ATOM)),
        "square": Form("{}²", POWER, (ATOM,)),
        "exp": Form("e^({})"),
        "ln": Form("ln({})"),
        "sqrt": Form("√({})"),
        "sin": Form("sin({})"),
        "cos": Form("cos({})"),
        "tan": Form("tan({})"),
        "tanh": Form("tanh({})"),
        "arctan": Form("arctan({})"),
        "abs": Form("|{}|"),
        "max": Form("max({})", list=True),
        "min": Form("min({})", list=True),
        "xlogy": Form("{} · ln({})", PRODUCT, (PRODUCT, CONDITION)),
        "xdivy": Form("{} / {}", PRODUCT, (PRODUCT, POWER)),
        "xtimes": Form("{} · {}", PRODUCT, (PRODUCT, PRODUCT)),
        "if_positive": Form("if {} > 0: {}, else {}", CONDITION),
        "if_at_least_zero": Form("if {} ≥ 0: {}, else {}", CONDITION),
        "transpose": Form("{}ᵀ", POWER, (ATOM,)),
        "spread": Form("{}", PRODUCT, (PRODUCT,)),
        "diagonal": Form("diag({})"),
        "sum_rows": Form("Σ {}", POWER, (FACTOR,)),
        "sum_columns": Form("Σ {}", POWER, (FACTOR,)),
    },
    " · ",
    "−",
    coefficients={"1/2": "½"},
    breaks=(BREAK, SOFT_BREAK),
    beside=" · ",
    entrywise=" ⊙ ",
)

_CASES = r"\begin{{cases}} {1} & \text{{if }} {0} %s 0\\ {2} & \text{{otherwise}} \end{{cases}}"
LATEX = Syntax(
    {
        "div": Form(r"\frac{{{}}}{{{}}}", FACTOR, (CONDITION, CONDITION)),
        "pow": Form("{}^{{{}}}", POWER, (ATOM, CONDITION)),
        "square": Form("{}^{{2}}", POWER, (ATOM,)),
        "exp": Form("e^{{{}}}"),
        "ln": Form(r"\ln\left({}\right)"),
        "sqrt": Form(r"\sqrt{{{}}}"),
        "sin": Form(r"\sin\left({}\right)"),
        "cos": Form(r"\cos\left({}\right)"),
        "tan": Form(r"\tan\left({}\right)"),
        "tanh": Form(r"\tanh\left({}\right)"),
        "arctan": Form(r"\arctan\left({}\right)"),
        "abs": Form(r"\left|{}\right|"),
        "max": Form(r"\max\left({}\right)", list=True),
        "min": Form(r"\min\left({}\right)", list=True),
        "xlogy": Form(r"{} \cdot \ln\left({}\right)", PRODUCT, (PRODUCT, CONDITION)),
        "xdivy": Form(r"\frac{{{}}}{{{}}}", FACTOR, (CONDITION, CONDITION)),
        "xtimes": Form(r"{} \cdot {}", PRODUCT, (PRODUCT, PRODUCT)),
        "if_positive": Form(_CASES % ">"),
        "if_at_least_zero": Form(_CASES % r"\ge"),
        "transpose": Form("{}^{{T}}", POWER, (ATOM,)),
        "spread": Form("{}", PRODUCT, (PRODUCT,)),
        "diagonal": Form(r"\operatorname{{diag}}\left({}\right)"),
        "sum_rows": Form(r"\sum {}", POWER, (FACTOR,)),
        "sum_columns": Form(r"\sum {}", POWER, (FACTOR,)),
    },
    r" \cdot ",
    "-",
    r"\left({}\right)",
    coefficients={"1/2": r"\tfrac{1}{2}"},
    breaks=(BREAK, SOFT_BREAK),
    beside=r"\, ",
    entrywise=r" \odot ",
)

TEXT_TENSORS = replace(
    TEXT,
    forms={
        **TEXT.forms,
        "xlogy": Form("{} ⊙ ln({})", PRODUCT, (PRODUCT, CONDITION)),
        "xtimes": Form("{} ⊙ {}", PRODUCT, (PRODUCT, PRODUCT)),
    },
)
LATEX_TENSORS = replace(
    LATEX,
    forms={
        **LATEX.forms,
        "xlogy": Form(r"{} \odot \ln\left({}\right)", PRODUCT, (PRODUCT, CONDITION)),
        "xtimes": Form(r"{} \odot {}", PRODUCT, (PRODUCT, PRODUCT)),
    },
)
"""The same for whole tensors, whose functions, products and quotients are meant entry by entry."""

_CALL = Form("call")
PYTHON = Syntax(
    {
        # A quotient among factors keeps its parentheses: the same last digits.
        "div": Form("{} / {}", SUM, (PRODUCT, POWER)),
        "pow": _CALL,
        "square": Form("{} ** 2", POWER, (ATOM,)),
        "if_positive": Form("({1} if {0} > 0 else {2})"),
        "if_at_least_zero": Form("({1} if {0} >= 0 else {2})"),
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
            ("row", "back", "jacobian_row", "log_sum_exp_others", "softmax_shares", "diagonal", "spread"), _CALL
        ),
    },
    " * ",
    "-",
)
