"""What a line says to those who cannot see it: its text in the terminal, on one line, its matrices in brackets."""

from __future__ import annotations

from backpropcalc.algebra.fragments import Fragments, Grid, Sized, seamless
from backpropcalc.pages.pieces import Document, Math, MatrixLines, Phrase

from .language import TERMINAL
from .script import Row, Script
from .scripts import script
from .whole import LIMIT, MatrixScript


class Linear:
    """Writes parts of a document as plain text."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.script = script(document, TERMINAL)

    def matrices(self, lines: MatrixLines) -> Script:
        """What writes lines of whole tensors."""
        return MatrixScript(self.document, TERMINAL, lines.entries, LIMIT)

    def phrase(self, phrase: Phrase) -> str:
        """Words with formulas among them."""
        if isinstance(phrase, str):
            return phrase
        return self.script.math(phrase) if isinstance(phrase, Math) else "".join(map(self.phrase, phrase))


def row_text(row: Row) -> str:
    """``name = formula = numbers ≈ value``; the entries of matrices are said once, as numbers."""
    sides = "".join(f" {sign} {line_text(side)}" for sign, side in row._replace(symbols=()).sides())
    note = f" ({row.note})" if row.note else ""
    return " ".join((line_text(row.name) + sides + note).split())


def line_text(fragments: Fragments) -> str:
    """A line on one line: [1, 2; 3, 4] is a matrix of two rows."""
    return "".join(map(_text, seamless(fragments)))


def _text(part: object) -> str:
    match part:
        case Grid(cells, _):
            return f"[{'; '.join(', '.join(row) for row in cells)}]"
        case Sized(text, _):
            return text
    return str(part)
