"""How terms and numbers look in the mathematics of Typst."""

from __future__ import annotations

import re

from .digits import latex_number
from .typeset import ATOM, CONDITION, FACTOR, POWER, Form, Syntax, common, of_tensors

_FRACTION = Form("frac({}, {})", FACTOR, (CONDITION, CONDITION))
_CHOICE = 'cases({1} &"if " {0} %s 0, {2} &"otherwise")'
TYPST = Syntax(
    {
        **common("%s(%s)", "%s", "∑ ", "∑_%s ", _FRACTION, arrows=("arrow.b", "arrow.r")),
        "pow": Form("{}^({})", POWER, (ATOM, CONDITION)),
        "square": Form("{}^2", POWER, (ATOM,)),
        "exp": Form("e^({})"),
        "sqrt": Form("sqrt({})"),
        "abs": Form("abs({})"),
        "rest": Form("…"),
        "if_positive": Form(_CHOICE % ">"),
        "if_at_least_zero": Form(_CHOICE % "≥"),
        "transpose": Form("{}^T", POWER, (ATOM,)),
        "diagonal": Form('op("diag")({})'),
        "apply": Form("{} ({})", ATOM, (ATOM, CONDITION)),
        "apply_to_pair": Form("{} ({}, {})", ATOM, (ATOM, CONDITION, CONDITION)),
    },
    " ⋅ ",
    "-",
    coefficients={"1/2": "inline(frac(1, 2))"},
    beside=" thin ",
    entrywise=" ⊙ ",
)
TYPST_TENSORS = of_tensors(TYPST)

_TOKEN = re.compile(r"(\d+(?:\.\d+)?)|([^\W\d_]+)|(\s+)|(.)", re.DOTALL)
_PLAIN = frozenset("=+-<>−≈⋅·→∞′")
"""Signs that stand for themselves."""


def quoted(text: str) -> str:
    """``text`` as a string of Typst: nothing in it is markup, and nothing in it is a control character."""
    shown = "".join(char if char.isprintable() else " " * char.isspace() for char in text)
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'


def typst_tokens(text: str) -> str:
    """A text within a formula as numbers, names and signs: a word is a name, and no sign is a command."""
    return "".join(map(_token, _TOKEN.finditer(text)))


def _token(match: re.Match[str]) -> str:
    number, word, blank, sign = match.groups()
    if number or blank:
        return number or " "
    if word:
        return f" {word} " if len(word) == 1 else f" italic({quoted(word)}) "
    if sign in _PLAIN:
        return sign
    return f"\\{sign}" if sign.isascii() and sign.isprintable() else quoted(sign)


def typst_number(text: str, guard: int = 0) -> str:
    """A shown number for Typst."""
    return latex_number(text, guard).replace(r" \cdot 10^{", " ⋅ 10^(").replace("}", ")")
