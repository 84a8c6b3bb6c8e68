"""Plain ASCII for terminals that have no mathematical signs."""

from __future__ import annotations

from typing import TextIO

from backpropcalc.algebra.digits import ascii_number
from backpropcalc.algebra.typeset import TEXT, TEXT_TENSORS
from backpropcalc.notation.symbol import IN_ASCII

from .language import Language

_TO_ASCII = {
    "−": "-", "·": "*", "½ ": "1/2 * ", "½": "1/2", "²": "^2", "√": "sqrt", "∂": "d", "≈": "~", "≥": ">=", "→": "->",
    "∞": "infinity", "←": "<-", "─": "-", "…": "...", "Σ": "sum", "α": "alpha", "η": "eta", "δ": "delta", "φ": "phi",
    "⁻": "-", "⁺": "+", "⊙": "(*)", "ᵀ": "^T", "×": "x", "′": "'", "⋮": ":", "–": "-", "σ": "sigma", "ψ": "psi",
    "●": "*", "┼": "+", "π": "pi", "└": "`", "├": "|", "│": "|", "θ": "theta", "Δ": "Delta", "Φ": "Phi", "█": "#",
    "∇": "grad ", "↓": " down",
} | {raised: f"^{n}" for n, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}  # fmt: skip


def to_ascii(text: str) -> str:
    """``text`` in ASCII, the mathematical signs spelled out."""
    if text.isascii():
        return text
    for sign, plain in _TO_ASCII.items():
        text = text.replace(sign, plain)
    return "".join(char if char.isascii() else "?" for char in text)


PLAIN = Language(
    TEXT,
    lambda notation: IN_ASCII,
    ascii_number,
    "=",
    "~",
    "infinity",
    TEXT_TENSORS,
    dots=(":", "...", "..."),
    missing="-",
)


def can_write(out: TextIO) -> bool:
    """Whether a stream can take the mathematical signs."""
    try:
        "∂−·½₁⁺≈─→".encode(out.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
