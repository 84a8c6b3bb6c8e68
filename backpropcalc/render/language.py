"""A written language: how terms, names and numbers look in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from backpropcalc.algebra.digits import latex_number, text_number
from backpropcalc.algebra.typeset import LATEX, LATEX_TENSORS, TEXT, TEXT_TENSORS, Syntax
from backpropcalc.notation.notation import Notation
from backpropcalc.notation.symbol import IN_LATEX, Display


class Language(NamedTuple):
    """A written language: how terms, names and numbers look in it."""

    syntax: Syntax
    display: Callable[[Notation], Display]
    """How names are written in it."""
    number: Callable[[str, int], str]
    equal: str
    about: str
    infinite: str
    tensors: Syntax = TEXT_TENSORS
    fraction: str = "{}/{}"
    function: str = "{}"
    underscore: str = "_"
    partial: str = "∂{}/∂{}"
    signs: Mapping[str, str] = {
        "arrow": " → ", "more": " …", "minus": " − ", "times": " · ",
        "nabla": "∇", "one of": "^(i)", "some of": "^(i:i+b)",
    }  # fmt: skip
    interval: Callable[[str], str] = str
    """Writes a range of numbers."""
    dots: tuple[str, str, str] = ("⋮", "…", "…")
    """What stands for rows, columns and both that are left out of a matrix."""
    missing: str = "–"
    """What stands for an entry that nobody works out."""
    undefined: str = "?"
    blank: str = "____________"
    """What stands where something is to be filled in."""
    short_blank: str = "_______"
    """The same in an entry of a matrix."""
    enclosed: str = "({})"
    compound: tuple[str, ...] = ("^", "frac", "/")
    """What a name has in it that is put in parentheses as the base of a power."""


TERMINAL = Language(TEXT, lambda notation: notation.in_text, text_number, "=", "≈", "∞")
_IN_TEX = {"−": "-", "∞": r"\infty", "π": r"\pi", "α": r"\alpha", "{": r"\{", "}": r"\}"}
_TEX_SIGNS = re.compile("[" + re.escape("".join(_IN_TEX)) + "]")
TEX = Language(
    LATEX,
    lambda notation: IN_LATEX,
    latex_number,
    "=",
    r"\approx",
    r"\infty",
    LATEX_TENSORS,
    fraction=r"\frac{{{}}}{{{}}}",
    function=r"\operatorname{{{}}}",
    underscore=r"\_",
    partial=r"\frac{{\partial {}}}{{\partial {}}}",
    signs={
        "arrow": r" \to ",
        "more": r"\;\dots",
        "minus": " - ",
        "times": r" \cdot ",
        "nabla": r"\nabla ",
        "one of": "^{(i)}",
        "some of": "^{(i:i+b)}",
    },
    interval=lambda text: _TEX_SIGNS.sub(lambda sign: _IN_TEX[sign[0]], text),
    dots=(r"\vdots", r"\cdots", r"\ddots"),
    missing=r"\text{--}",
    blank=r"\underline{\hspace{7em}}",
    short_blank=r"\underline{\rule{0pt}{1.8em}\hspace{4em}}",
)
