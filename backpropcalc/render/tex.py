"""LaTeX: how wide it will be, what may stand in it, and a line of it broken where a textbook would."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from backpropcalc.algebra.typeset import BREAK, SOFT_BREAK
from backpropcalc.pages.rows import Row
from backpropcalc.pages.stream import SLOT

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "−": r"\(-\)", "·": r"\(\cdot\)", "→": r"\(\to\)",
    "∂": r"\(\partial\)", "≈": r"\(\approx\)", "≠": r"\(\ne\)", "≤": r"\(\le\)", "≥": r"\(\ge\)", "√": r"\(\surd\)",
    "∞": r"\(\infty\)", "←": r"\(\leftarrow\)", "×": r"\(\times\)",
    **{raised: rf"\(^{{{plain}}}\)" for raised, plain in zip("⁰⁴⁵⁶⁷⁸⁹⁺⁻", "0456789+-", strict=True)},
    **{lowered: rf"\(_{{{plain}}}\)" for lowered, plain in zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)},
}  # fmt: skip
_LOWER = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau"
_UPPER = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
GREEK = {
    letter: "\\" + word
    for letter, word in zip(
        "αβγδεζηθικλμνξοπρςστυφχψωΓΔΘΛΞΠΣΥΦΨΩ",
        f"{_LOWER} upsilon phi chi psi omega {_UPPER}".split(),
        strict=True,
    )
}
GREEK["ο"] = "o"


def escape(text: str) -> str:
    """``text`` so that TeX prints it: nothing in it is a command."""
    out = []
    for char in text:
        if char in GREEK:
            out.append(rf"\({GREEK[char]}\)")
        elif char in _SPECIAL:
            out.append(_SPECIAL[char])
        elif unicodedata.category(char)[0] != "C":
            out.append(char)
    return "".join(out)


_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\ue000\d+\ue001|.", re.DOTALL)
_ZERO = {"\\left", "\\right", "\\!", "{", "}", "&", BREAK, SOFT_BREAK, "\\partial "}
_WIDE = {
    "\\cdot": 2.0,
    "+": 3.0,
    "-": 2.4,
    "=": 3.0,
    "\\approx": 3.0,
    "\\odot": 3.2,
    "\\times": 3.0,
    "\\quad": 2.0,
    "\\ln": 2.0,
}


def width(latex: str, number: float = 10) -> float:
    """About how wide a formula is, in digits; a slot counts as ``number`` digits."""
    tokens = _TOKEN.findall(latex)
    return _measure(iter(tokens), number, 1.0)


def _measure(tokens: Iterator[str], number: float, scale: float) -> float:
    wide = 0.0
    for token in tokens:
        if token == "}":
            return wide
        wide += _token(token, tokens, number, scale)
    return wide


def _token(token: str, tokens: Iterator[str], number: float, scale: float) -> float:
    if token == "{":
        return _measure(tokens, number, scale)
    if token in ("\\frac", "\\tfrac", "\\dfrac"):
        return max(_group(tokens, number, scale), _group(tokens, number, scale)) + 0.5
    if token in ("^", "_"):
        return _group(tokens, number, 0.75 * scale)
    if token in _ZERO or token.isspace():
        return 0.0
    if token.startswith("\ue000"):
        return number * scale
    if token == "\\underbrace":
        return _underbrace(tokens, number, scale)
    if token == "\\begin":
        return _rows(tokens, number, scale)
    if token in ("\\end", "\\text", "\\operatorname", "\\left.", "\\mathrm"):
        inner = _group(tokens, number, scale)
        return inner if token in ("\\text", "\\operatorname", "\\mathrm") else 0.0
    return _WIDE.get(token, 1.6 if token in "mwMWO" else 1.1) * scale


def _underbrace(tokens: Iterator[str], number: float, scale: float) -> float:
    above = _group(tokens, number, scale)
    return max(above, _group(tokens, number, 0.75 * scale)) if next(tokens, "") == "_" else above


def _rows(tokens: Iterator[str], number: float, scale: float) -> float:
    """An array or cases, up to its end: as wide as its widest row, if the cells of a column are alike."""
    _group(tokens, number, scale)
    columns: dict[int, float] = {}
    column, wide = 0, 0.0
    for token in tokens:
        if token not in ("&", "\\\\", "\\end"):
            wide += _token(token, tokens, number, scale)
            continue
        columns[column] = max(columns.get(column, 0.0), wide)
        column, wide = (column + 1 if token == "&" else 0), 0.0
        if token == "\\end":
            _group(tokens, number, scale)
            break
    return sum(columns.values()) + 2.0 * len(columns) * scale


def _group(tokens: Iterator[str], number: float, scale: float) -> float:
    for token in tokens:
        if token == "{":
            return _measure(tokens, number, scale)
        if not token.isspace():
            return scale
    return 0.0


LINE = 92.0
"""How many digits fit across the text of an A4 page with 2 cm margins in 11 pt, less some room."""


def broken(row: Row, digits: int, line: float = LINE) -> list[str]:
    """The equation as lines aligned at the first equals sign: symbols first, then numbers and result."""
    number = digits + 3
    left = width(row.name, number)
    result = f" {row.relation} {row.value}"
    room = line - left - 4
    if not row.numbers:
        formula = row.formula if row.formula != row.value else ""
        parts = [(formula + result) if formula else result.strip()]
        text = parts[0] if formula else row.value
        sign = "" if formula else row.relation
        return _lines(row.name, [(sign or "=", text)], room, number)
    numbers = row.numbers + result
    if row.numbers == row.value:
        numbers = f"{row.value}"
        return _lines(row.name, [("=", f"{row.formula} {row.relation} {numbers}")], room, number)
    both = f"{row.formula} = {numbers}"
    if width(both, number) <= room:
        return _lines(row.name, [("=", both)], room, number)
    return _lines(row.name, [("=", row.formula), ("=", numbers)], room, number)


def _lines(name: str, sides: list[tuple[str, str]], room: float, number: float) -> list[str]:
    out: list[str] = []
    for sign, text in sides:
        for n, piece in enumerate(fitted(text, room, number)):
            head = name if not out else ""
            if width(piece, number) > room:
                piece = _stacked(piece, room - 16, number)
            piece = piece.replace(SOFT_BREAK, "")
            out.append(f"{head} &{sign} {piece}" if n == 0 else rf" &\quad {piece.lstrip()}")
    return out


def _stacked(text: str, room: float, number: float) -> str:
    """``text`` with the long sums inside its fractions set in several lines."""
    start = text.find(SOFT_BREAK)
    if start < 0:
        return text
    opening, closing = _enclosing(text, start)
    lines = [""]
    for part in text[opening:closing].split(SOFT_BREAK):
        if lines[-1] and width(lines[-1] + part, number) > room:
            lines.append("")
        lines[-1] += part
    body = "\\\\ ".join(lines)
    if len(lines) > 1 and r"\left" not in body:
        body = rf"\begin{{gathered}} {body} \end{{gathered}}"
    return text[:opening] + body + _stacked(text[closing:], room, number)


def _enclosing(text: str, at: int) -> tuple[int, int]:
    """Where the innermost braces around position ``at`` open and close."""
    depth, opening = 0, 0
    for n in range(at, -1, -1):
        depth += (text[n] == "}") - (text[n] == "{")
        if depth < 0:
            opening = n + 1
            break
    depth = 0
    for n in range(at, len(text)):
        depth += (text[n] == "{") - (text[n] == "}")
        if depth < 0:
            return opening, n
    return opening, len(text)


def fitted(text: str, room: float, number: float = 10) -> Iterator[str]:
    """``text`` in pieces of at most ``room``, broken before a sign of operation."""
    line = ""
    for piece in text.split(BREAK):
        if line and width(line + piece, number) > room:
            yield line
            line = piece
        else:
            line += piece
    yield line


def text_note(note: str) -> str:
    """A note as a line of its own in the alignment."""
    return rf" &\quad \text{{({escape(note)})}}"


__all__ = ["GREEK", "LINE", "SLOT", "broken", "escape", "text_note", "width"]
