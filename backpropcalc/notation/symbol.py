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
GREEK = dict(zip(_LETTERS, "αβγδεζηθικλμνξπρστφχψωΔΦ", strict=True)) | {"mhat": "m̂", "shat": "ŝ", "Wbar": "W̄"}
SPELLED = {letter: word for word, letter in GREEK.items() if len(letter) == 1}
FUNCTIONS = {"sigmoid": "sigma", "tanh": "tanh", "relu": "ReLU", "arctan": "arctan", "softmax": "softmax"}
"""How an activation is called in a formula; any other is f."""
_SUBSCRIPT = str.maketrans("0123456789,", "₀₁₂₃₄₅₆₇₈₉,")


_LATEX_WORDS = {
    "ℓ": r"\ell",
    "mhat": r"\hat{m}",
    "shat": r"\hat{s}",
    "Wbar": r"\bar{W}",
    "tanh": r"\tanh",
    "arctan": r"\arctan",
    "f'": "{f'}",
} | {word: rf"\operatorname{{{word}}}" for word in ("ReLU", "softmax")}


_TYPST_WORDS = {"mhat": "hat(m)", "shat": "hat(s)", "Wbar": "macron(W)"} | {
    word: f'op("{word}")' for word in ("tanh", "arctan", "ReLU", "softmax")
}


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
        plain = self.base + ("_" if self.joined and self.sub else "") + self.sub + self.layer + self.mark
        return plain.replace("′", "'").replace("−", "-")

    @property
    def text(self) -> str:
        """For the terminal: ``net_h1⁺``, ``η``."""
        return self._marked(("_" if self.joined and self.sub else "") + self.sub)

    @property
    def lowered(self) -> str:
        """For the terminal, with digits set low: ``w₁₁[2]*``, ``Z₀``."""
        low = self.sub.translate(_SUBSCRIPT)
        if self.joined and any(map(str.isalpha, self.sub)):  # letters cannot be set low
            low = "_" + self.sub
        return self._marked(low)

    def _marked(self, sub: str) -> str:
        mark = self.mark.replace("+", "⁺").replace("_new", " new")
        return GREEK.get(self.base, self.base) + sub + self.layer + mark

    def latex(self, sample: str = "") -> str:
        """For LaTeX: ``w_{11}^{[2]*}``; ``sample`` goes into the superscript."""
        base = _LATEX_WORDS.get(self.base) or ("\\" + self.base if self.base in GREEK else self.base)
        mark = r"\,\text{new}" if self.mark == "_new" else self.mark
        if mark == "′":
            return (f"({base}^{{{self.layer.replace('−', '-')}}})" if self.layer else base) + "'"
        above = self.layer.replace("−", "-") + mark + sample
        return base + (f"_{{{self.sub}}}" if self.sub else "") + (f"^{{{above}}}" if above else "")

    def mathml(self, sample: str = "") -> str:
        """For MathML: a word is one identifier, not its letters."""
        base = f"<mi>{_escaped(GREEK.get(self.base, self.base))}</mi>"
        mark = {"_new": "new"}.get(self.mark, self.mark)
        if mark == "′":
            base, mark = (f"<mrow><mo>(</mo><msup>{base}<mtext>{self.layer}</mtext></msup><mo>)</mo></mrow>"
                          if self.layer else base), "′"  # fmt: skip
            above = mark
        else:
            above = self.layer + mark + sample
        sub = f"<mtext>{_escaped(self.sub)}</mtext>" if self.sub else ""
        sup = f"<mtext>{_escaped(above)}</mtext>" if above else ""
        if sub and sup:
            return f"<msubsup>{base}{sub}{sup}</msubsup>"
        return f"<msub>{base}{sub}</msub>" if sub else f"<msup>{base}{sup}</msup>" if sup else base

    def typst(self, sample: str = "") -> str:
        """For Typst: a word is one identifier, not its letters."""
        base = _TYPST_WORDS.get(self.base) or typst_tokens(GREEK.get(self.base, self.base)).strip()
        mark = {"_new": "new"}.get(self.mark, self.mark)
        layer = typst_tokens(self.layer).strip()
        if mark == "′":
            return f"({base}^({layer}))'" if layer else f"{base}'"
        above = typst_tokens(self.layer + mark + sample).strip()
        below = typst_tokens(self.sub).strip()
        return (
            base
            + (f"_{below}" if below.isdecimal() else f"_({below})" if below else "")
            + (f"^({above})" if above else "")
        )


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
    """How the parts of a name are put together: templates for y over x, f(z), a path by way of a unit."""

    symbol: Callable[[Symbol, str], str]
    fraction: str
    partial: str
    plain_d: str
    applied: str
    path: str
    sampled: bool = True
    """Whether the unit on a path says its sample once more."""


IN_ASCII = Display(lambda name, sample: name.ascii + sample, "{}/{}", "d", "d", "{}({})", "{}<-{}", False)
IN_TEXT = Display(lambda name, sample: name.text + sample, "{}/{}", "∂", "d", "{}({})", "{}←{}", False)
LOWERED = IN_TEXT._replace(symbol=lambda name, sample: name.lowered + sample)
IN_LATEX = Display(Symbol.latex, r"\frac{{{}}}{{{}}}", r"\partial ", "d", "{}({})", r"{{{}}}_{{\leftarrow {}}}")
IN_MATHML = Display(
    Symbol.mathml,
    "<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>",
    "<mo>∂</mo>",
    "<mi>d</mi>",
    "{}<mo>(</mo>{}<mo>)</mo>",
    "<msub><mrow>{}</mrow><mrow><mo>←</mo>{}</mrow></msub>",
)
IN_TYPST = Display(Symbol.typst, "frac({}, {})", "∂ ", "d ", "{} ({})", "{}_(arrow.l {})")
