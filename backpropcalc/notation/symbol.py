"""A name in parts, and its three written forms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from backpropcalc.algebra.typst import typst_tokens

_LETTERS = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Delta", "Phi",
)  # fmt: skip
VECTORS = {"xbar": "x̄", "zbar": "z̄", "bbar": "b̄"}
"""Whole vectors that a textbook writes with a bar, typed without it."""
GREEK = dict(zip(_LETTERS, "αβγδεζηθικλμνξπρστφχψωΔΦ", strict=True)) | {"mhat": "m̂", "shat": "ŝ", "Wbar": "W̄"} | VECTORS
SPELLED = {letter: word for word, letter in GREEK.items() if len(letter) == 1}
FUNCTIONS = {"sigmoid": "sigma", "tanh": "tanh", "relu": "ReLU", "arctan": "arctan", "softmax": "softmax"}
"""How an activation is called in a formula; any other is f."""
_SUBSCRIPT = str.maketrans("0123456789,", "₀₁₂₃₄₅₆₇₈₉,")


_LATEX_WORDS = {
    "ℓ": r"\ell",
    "mhat": r"\hat{m}",
    "shat": r"\hat{s}",
    "Wbar": r"\bar{W}",
    **{word: rf"\bar{{{word[0]}}}" for word in VECTORS},
    "tanh": r"\tanh",
    "arctan": r"\arctan",
    "f'": "{f'}",
} | {word: rf"\operatorname{{{word}}}" for word in ("ReLU", "softmax")}


_TYPST_WORDS = (
    {"mhat": "hat(m)", "shat": "hat(s)", "Wbar": "macron(W)"}
    | {word: f"macron({word[0]})" for word in VECTORS}
    | {word: f'op("{word}")' for word in ("tanh", "arctan", "ReLU", "softmax")}
)


def set_low(digits: str) -> str:
    """Digits as subscripts."""
    return digits.translate(_SUBSCRIPT)


class Written(NamedTuple):
    """A name in one written form: its entries differ in the ``sub`` only, or in the sample that stands behind."""

    before: str
    sub: str
    behind: str


class Symbol(NamedTuple):
    """A name in parts: ``w``, sub ``11``, layer ``[2]``, mark ``*``; ``joined`` writes w_11 with the underscore."""

    base: str
    sub: str = ""
    layer: str = ""
    mark: str = ""
    joined: bool = False

    @property
    def ascii(self) -> str:
        """As typed on a keyboard: ``w11[2]*``, ``net_h1+``."""
        return "".join(self.typed())

    def typed(self, sample: str = "") -> Written:
        """As typed on a keyboard."""
        base = self.base.removesuffix("bar") if self.base in VECTORS else self.base
        head = base + ("_" if self.joined and self.sub else "")
        plain = (text.replace("′", "'").replace("−", "-") for text in (head, self.sub, self.layer + self.mark))
        before, index, behind = plain
        return Written(before, index, behind + sample)

    def text(self, sample: str = "") -> Written:
        """For the terminal: ``net_h1⁺``, ``η``."""
        return self._marked("_" if self.joined and self.sub else "", self.sub, sample)

    def lowered(self, sample: str = "") -> Written:
        """For the terminal, with digits set low: ``w₁₁[2]*``, ``Z₀``."""
        if self.joined and any(map(str.isalpha, self.sub)):  # letters cannot be set low
            return self._marked("_", self.sub, sample)
        return self._marked("", set_low(self.sub), sample)

    def _marked(self, joint: str, index: str, sample: str) -> Written:
        mark = self.mark.replace("+", "⁺").replace("_new", " new")
        return Written(GREEK.get(self.base, self.base) + joint, index, self.layer + mark + sample)

    def latex(self, sample: str = "") -> Written:
        """For LaTeX: ``w_{11}^{[2]*}``; ``sample`` goes into the superscript."""
        base = _LATEX_WORDS.get(self.base) or ("\\" + self.base if self.base in GREEK else self.base)
        mark = r"\,\text{new}" if self.mark == "_new" else self.mark
        layer = self.layer.replace("−", "-")
        if mark == "′":
            return Written((f"({base}^{{{layer}}})" if layer else base) + "'", "", "")
        above = layer + mark + sample
        raised = f"^{{{above}}}" if above else ""
        return Written(base + "_{", self.sub, "}" + raised) if self.sub else Written(base, "", raised)

    def mathml(self, sample: str = "") -> Written:
        """For MathML: a word is one identifier, not its letters."""
        base = f"<mi>{_escaped(GREEK.get(self.base, self.base))}</mi>"
        if self.base == "f'":
            base = "<mrow><mi>f</mi><mtext>'</mtext></mrow>"
        mark = {"_new": "new"}.get(self.mark, self.mark)
        if mark == "′":
            base, mark = (f"<mrow><mo>(</mo><msup>{base}<mtext>{self.layer}</mtext></msup><mo>)</mo></mrow>"
                          if self.layer else base), "′"  # fmt: skip
            above = mark
        else:
            above = self.layer + mark + sample
        sup = f"<mtext>{_escaped(above)}</mtext>" if above else ""
        if self.sub:
            tag = "msubsup" if sup else "msub"
            return Written(f"<{tag}>{base}<mtext>", _escaped(self.sub), f"</mtext>{sup}</{tag}>")
        return Written(f"<msup>{base}{sup}</msup>" if sup else base, "", "")

    def typst(self, sample: str = "") -> Written:
        """For Typst: a word is one identifier, not its letters."""
        base = _TYPST_WORDS.get(self.base) or typst_tokens(GREEK.get(self.base, self.base)).strip()
        mark = {"_new": "new"}.get(self.mark, self.mark)
        layer = typst_tokens(self.layer).strip()
        if mark == "′":
            return Written(f"({base}^({layer}))'" if layer else f"{base}'", "", "")
        above = typst_tokens(self.layer + mark + sample).strip()
        below = typst_tokens(self.sub).strip()
        index = f"_{below}" if below.isdecimal() else f"_({below})" if below else ""
        return Written(base + index + (f"^({above})" if above else ""), "", "")


def _escaped(text: str) -> str:
    """User's own names are letters, digits, _ and '; nothing else may reach a page all the same."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


_LATEX_MARKUP = re.compile(
    r"\\(?:[dt]?frac|text|mathrm|mathit|mathbf|boldsymbol|operatorname|left|right|[bB]ig+[lr]?|bar|vec|overline)"
    r"(?![a-zA-Z])|\\[,;:! ]|[{}^$\\\s_]"
)
_HAT = re.compile(r"\\(?:wide)?hat\s*\{?\s*([a-zA-Z])\s*\}?")
_ALIKE = str.maketrans({"∂": "d", "∇": "d", "∗": "*", "←": "<-", "−": "-", "’": "'", "′": "'", "‘": "'", "ŷ": "yhat"})


def fold(name: str) -> str:
    """A name as it is compared: ∂ and d, Greek and spelled out, raised and plain, LaTeX, spaces and ``_`` are alike."""
    text = unicodedata.normalize("NFKC", name).translate(_ALIKE)
    for word, letter in GREEK.items():
        text = text.replace(letter, word)
    if "\\" in text:
        text = _HAT.sub(r"\1hat", text.replace(r"\partial", "d").replace(r"\nabla", "d").replace(r"\leftarrow", "<-"))
        text = re.sub(r"\}[ \t]*\{", "/", text)  # a fraction
    return _LATEX_MARKUP.sub("", text).casefold()


class Display(NamedTuple):
    """How the parts of a name are put together in a written form: what stands around y and x of ∂y/∂x, z of f(z)."""

    written: Callable[[Symbol, str], Written]
    """A symbol with its sample."""
    fraction: tuple[str, str, str]
    partial: str
    plain_d: str
    path: tuple[str, str, str]
    """Around a derivative and the unit that it comes through."""
    applied: str = "{}({})"
    lower: Callable[[str], str] = str
    """How the index of a weight is written."""
    unit_sampled: bool = False
    """Whether that unit says its sample."""

    def symbol(self, symbol: Symbol, sample: str) -> str:
        """A symbol with its sample as one text."""
        return "".join(self.written(symbol, sample))


IN_ASCII = Display(Symbol.typed, ("", "/", ""), "d", "d", ("", "<-", ""))
IN_TEXT = Display(Symbol.text, ("", "/", ""), "∂", "d", ("", "←", ""))
LOWERED = IN_TEXT._replace(written=Symbol.lowered, lower=set_low)
IN_LATEX = Display(
    Symbol.latex, (r"\frac{", "}{", "}"), r"\partial ", "d", ("{", r"}_{\leftarrow ", "}"), unit_sampled=True
)
IN_MATHML = Display(
    Symbol.mathml,
    ("<mfrac><mrow>", "</mrow><mrow>", "</mrow></mfrac>"),
    "<mo>∂</mo>",
    "<mi>d</mi>",
    ("<msub><mrow>", "</mrow><mrow><mo>←</mo>", "</mrow></msub>"),
    "{}<mo>(</mo>{}<mo>)</mo>",
    unit_sampled=True,
)
IN_TYPST = Display(
    Symbol.typst, ("frac(", ", ", ")"), "∂ ", "d ", ("", "_(arrow.l ", ")"), "{} ({})", unit_sampled=True
)
