"""The script of HTML: MathML whose numbers and names say whose they are."""

from __future__ import annotations

import re
from html import escape

from backpropcalc.algebra.fragments import Fragment, Slot
from backpropcalc.algebra.mathml import MATHML, MATHML_TENSORS, mathml_number
from backpropcalc.algebra.terms import Term, Var
from backpropcalc.execution.values import Values
from backpropcalc.notation.symbol import IN_MATHML
from backpropcalc.pages.pieces import Atom, Document, Given, MatrixLines, Value

from .language import Language
from .live import Program
from .script import Script
from .whole import MatrixScript

HTML = Language(
    MATHML,
    lambda notation: IN_MATHML,
    mathml_number,
    "<mo>=</mo>",
    "<mo>≈</mo>",
    "<mi>∞</mi>",
    MATHML_TENSORS,
    fraction="<mfrac><mn>{}</mn><mn>{}</mn></mfrac>",
    function="<mi>{}</mi>",
    partial="<mfrac><mrow><mo>∂</mo><mi>{}</mi></mrow><mrow><mo>∂</mo>{}</mrow></mfrac>",
    signs={
        "arrow": "<mo>→</mo>",
        "more": "<mo>…</mo>",
        "minus": "<mo>−</mo>",
        "times": "<mo>·</mo>",
        "nabla": "<mo>∇</mo>",
        "one of": "<msup><mrow></mrow><mtext>(i)</mtext></msup>",
        "some of": "<msup><mrow></mrow><mtext>(i:i+b)</mtext></msup>",
    },
    interval=lambda text: f"<mtext>{escape(text)}</mtext>",
    dots=("<mo>⋮</mo>", "<mo>…</mo>", "<mo>⋱</mo>"),
    missing="<mtext>–</mtext>",
    undefined="<mtext>?</mtext>",
    blank="<mtext>____________</mtext>",
    short_blank="<mtext>_______</mtext>",
    enclosed="<mrow><mo>(</mo>{}<mo>)</mo></mrow>",
    compound=("<msup", "<msubsup", "<mfrac"),
)
LIMIT = (10, 10)
"""Rows and columns up to which a matrix is written in full."""


class Marked(Script):
    """Writes numbers as elements that say whose they are."""

    def __init__(self, document: Document, language: Language = HTML) -> None:
        Script.__init__(self, document, language)
        plain = self.writers["number"]
        self.writers["number"] = lambda slot, values: _marked(slot.var.id, plain(slot, values), g=slot.guard)

    def atom(self, atom: Atom) -> str:
        """A part of a formula; a text in it is read as signs, numbers and names."""
        if isinstance(atom, Given):
            return _marked(atom.var.id, super().atom(atom))
        return _tokens(atom) if isinstance(atom, str) else super().atom(atom)

    def value(self, number: Value) -> str:
        """A value on its own; of a quantity, with its id."""
        text, id = super().value(number), self.id(number.source)
        if number.since:
            n, since = number.iteration, place(number.since)
            return f'<mrow data-change="{escape(id)}" data-n="{n}" data-since="{escape(since)}">{text}</mrow>'
        return _marked(id, text, n=number.iteration) if id else text

    def id(self, source: Term | None) -> str:
        """The id of what a value is of."""
        return source.id if isinstance(source, Var) else ""

    def fill(self, slot: Slot, values: Values) -> Fragment:
        """What stands in a slot; a sign says whose it is."""
        text = super().fill(slot, values)
        return _signed(text, slot.var.id) if slot.shows == "sign" else text


class LiveScript(Marked):
    """Writes names, too, as elements that say whose they are, and knows formulas of the page's program."""

    def __init__(self, document: Document, program: Program) -> None:
        super().__init__(document)
        self.program = program

    def name(self, var: Var) -> str:
        """The name of a quantity."""
        return f'<mrow data-q="{escape(var.id)}">{super().name(var)}</mrow>'

    def id(self, source: Term | None) -> str:
        """The id of what a value is of, which may be a formula."""
        return self.program.id(source) if source is not None else ""


class MarkedMatrices(MatrixScript, Marked):
    """The same of matrices."""

    def __init__(self, document: Document, lines: MatrixLines, every: bool) -> None:
        MatrixScript.__init__(self, document, HTML, lines.entries, None if every else LIMIT)

    def name(self, var: Var) -> str:
        """The name of a quantity."""
        return f'<mrow data-q="{escape(var.id)}">{super().name(var)}</mrow>'

    def fill(self, slot: Slot, values: Values) -> Fragment:
        """What stands in a slot; the sign of a matrix is that of all its entries."""
        text = super().fill(slot, values)
        if slot.shows != "sign" or slot.var.index is not None:
            return text
        entries = (self.entries.entry(slot.var, at) for at in self.sampled(slot.var))
        return _signed(text, " ".join(entry.id for entry in entries if entry))


def _signed(sign: Fragment, ids: str) -> Fragment:
    return sign.replace("<mo>", f'<mo data-sign="{escape(ids)}">') if isinstance(sign, str) else sign


def _marked(id: str, text: str, **more: object) -> str:
    """An element that says whose number is in it, and what else is not usual about it."""
    usual = {"g": 0, "n": 1}
    said = "".join(f' data-{key}="{escape(str(value))}"' for key, value in more.items() if value != usual[key])
    return f'<mrow data-id="{escape(id)}"{said}>{text}</mrow>'


def place(value: Value) -> str:
    """The id and the iteration of a value."""
    return f"{value.source.id} {value.iteration}" if isinstance(value.source, Var) else ""


def _word(word: str) -> str:
    """A name and its strokes: several letters of one identifier are upright."""
    name = word.rstrip("'")
    strokes = word[len(name) :]
    return f"<mi>{name}</mi>" + (f"<mtext>{strokes}</mtext>" if strokes else "")


_TOKEN = re.compile(r"(\d[\d.,]*\d|\d)|([^\W\d_]+'*)|(\S)")


def _tokens(text: str) -> str:
    """A text within a formula as numbers, names and signs."""
    return "".join(
        f"<mn>{number}</mn>" if number else _word(word) if word else f'<mo stretchy="false">{escape(sign)}</mo>'
        for number, word, sign in _TOKEN.findall(text)
    )


def script(document: Document) -> Script:
    """What writes a document's formulas."""
    if document.exact:
        from .exact import ExactScript

        class Exact(ExactScript, Marked):
            """Exact values, marked."""

        return Exact(document)
    return Marked(document)
