"""LaTeX: how wide it will be, what may stand in it, and a line of it broken where a textbook would."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache, reduce
from itertools import takewhile
from operator import add

from backpropcalc.algebra.digits import shape
from backpropcalc.algebra.fragments import (
    ENCLOSED_FACTOR,
    INNER,
    OUTERMOST,
    SUM_BREAK,
    Fragment,
    Fragments,
    Grid,
    Group,
    Sized,
    Slot,
    is_open,
    lstripped,
    merged,
    seamless,
    split,
    unbroken,
)

from .language import TEX
from .script import Row
from .whole import narrowed

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "−": r"\(-\)", "·": r"\(\cdot\)", "→": r"\(\to\)",
    "∂": r"\(\partial\)", "≈": r"\(\approx\)", "≠": r"\(\ne\)", "≤": r"\(\le\)", "≥": r"\(\ge\)", "√": r"\(\surd\)",
    "∞": r"\(\infty\)", "←": r"\(\leftarrow\)", "×": r"\(\times\)", "ᵀ": r"\(^{\mathsf{T}}\)",
    "█": r"\rule{0.4em}{1.4ex}",
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


_PLAIN = re.compile(r"[A-Za-z0-9 .,:;()]*")


@lru_cache(1024)
def escape(text: str) -> str:
    """``text`` so that TeX prints it: nothing in it is a command."""
    if _PLAIN.fullmatch(text):
        return text
    out = []
    for char in text:
        if char in GREEK:
            out.append(rf"\({GREEK[char]}\)")
        elif char in _SPECIAL:
            out.append(_SPECIAL[char])
        elif unicodedata.category(char)[0] != "C":
            out.append(char)
    return "".join(out)


_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
_ZERO = {"\\left", "\\right", "\\!", "{", "}", "&", "\\partial "}
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
    "\\sin": 2.8,
    "\\cos": 3.0,
    "\\tan": 3.2,
    "\\tanh": 4.4,
    "\\arctan": 6.2,
    "\\max": 4.0,
    "\\min": 3.8,
}


_GROUPS = frozenset({"\\text", "\\operatorname", "\\mathrm", "\\phantom"})
_TAKING = _GROUPS | {"{", "\\frac", "\\tfrac", "\\dfrac", "^", "_", "\\underbrace", "\\begin", "\\end", "\\left."}
"""Whatever is wider or narrower by what follows."""
Token = str | Slot


def width(fragments: Fragments, number: float = 10, before: float = 0.0) -> float:
    """About how wide a formula is, in digits, behind a line that is as wide as ``before``.

    A slot counts as ``number`` digits.
    """
    if is_open(fragments):
        return _measure(_tokens(seamless(fragments)), number, 1.0, before)
    # One after the other, never the whole formula and then the line: a sum of decimals depends on their order.
    return reduce(add, _widths(shape(unbroken(fragments))), before)


@lru_cache(1 << 12)
def _widths(text: str) -> tuple[float, ...]:
    """How wide each part of a formula is; many formulas differ in their digits only."""
    tokens = iter(_TOKEN.findall(text))
    return tuple(_token(token, tokens, 0, 1.0) for token in tokens if token != "}")


def _tokens(fragments: Iterable[Fragment]) -> Iterator[Token]:
    for part in fragments:
        if isinstance(part, Slot):
            yield part
        else:
            yield from _TOKEN.findall(unbroken((part,)))


def _measure(tokens: Iterator[Token], number: float, scale: float, wide: float = 0.0) -> float:
    for token in tokens:
        if token == "}":
            return wide
        wide += _token(token, tokens, number, scale)
    return wide


def _token(token: Token, tokens: Iterator[Token], number: float, scale: float) -> float:
    if isinstance(token, Slot):
        return number * scale
    if token not in _TAKING:
        return _alone(token) * scale
    if token == "{":
        return _measure(tokens, number, scale)
    if token in ("\\frac", "\\tfrac", "\\dfrac"):
        return max(_group(tokens, number, scale), _group(tokens, number, scale)) + 0.5
    if token in ("^", "_"):
        return _group(tokens, number, 0.75 * scale)
    if token == "\\underbrace":
        return _underbrace(tokens, number, scale)
    if token == "\\begin":
        return _environment(tokens, number, scale)
    inner = _group(tokens, number, scale)
    return inner if token in _GROUPS else 0.0


@cache
def _alone(token: str) -> float:
    if token in _ZERO or token.isspace():
        return 0.0
    return _WIDE.get(token, 1.6 if token in "mwMWO" else 1.1)


def _underbrace(tokens: Iterator[Token], number: float, scale: float) -> float:
    above = _group(tokens, number, scale)
    return max(above, _group(tokens, number, 0.75 * scale)) if next(tokens, "") == "_" else above


def _environment(tokens: Iterator[Token], number: float, scale: float) -> float:
    """An array or cases, up to its end: as wide as its widest row, if the cells of a column are alike."""
    name = "".join(str(token) for token in takewhile(lambda token: token != "}", tokens)).strip("{")
    small = name == "smallmatrix"
    return _rows(tokens, number, 0.75 * scale if small else scale, 0.6 if small else 2.0)


def _rows(tokens: Iterator[Token], number: float, scale: float, gap: float) -> float:
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
    return sum(columns.values()) + gap * len(columns) * scale


def _group(tokens: Iterator[Token], number: float, scale: float) -> float:
    for token in tokens:
        if token == "{":
            return _measure(tokens, number, scale)
        if isinstance(token, Slot) or not token.isspace():
            return scale
    return 0.0


LINE = 92.0
"""How many digits fit across the text of an A4 page with 2 cm margins in 11 pt, less some room."""
ROOM = 0.8 * LINE
"""How wide a matrix may be."""


TALLEST = 25
"""Rows of a matrix that stand together where it is set some columns at a time."""
MOST_COLUMNS = 10
"""Columns of one matrix: more, amsmath does not take."""


def grid(grid: Grid) -> Fragments:
    """A matrix with its size underneath, and its name if it has one: in small print if it is wide.

    One that is wider still is set some columns at a time, under each other, unless columns are left out anyway.
    """
    cells = [list(row) for row in grid.cells]
    dots = TEX.dots[1] in (cell for row in cells for cell in row)
    while dots and len(cells[0]) > 2 and width((_matrix(cells, False),)) > ROOM:
        cells = narrowed(cells, TEX.dots)
    size = rf"{grid.shape[0]}\times {grid.shape[1]}"
    below = rf"{grid.label},\;{size}" if grid.label else size
    for small in (False, True):
        text = underbraced(_matrix(cells, small), below)
        if len(cells[0]) <= MOST_COLUMNS and width((text,)) <= ROOM:
            return (text,)
    return _in_parts(cells, below)


def _in_parts(cells: list[list[str]], below: str) -> Fragments:
    """Groups of columns under each other, as many as fit; where they are tall, a page may end between two."""
    count = min(MOST_COLUMNS, len(cells[0]))
    while count > 1 and any(width((_matrix(part, True),)) > ROOM for part in _columns(cells, count)):
        count -= 1
    parts = _columns(cells, count)
    if len(parts) == 1:
        return (underbraced(_matrix(cells, True), below),)
    said = []
    for n, part in enumerate(parts):
        first, last = n * count + 1, n * count + len(part[0])
        columns = f"columns {first} to {last}" if last > first else f"column {first}"
        under = rf"{below},\;\text{{{columns}}}" if n == 0 else rf"\text{{{columns}}}"
        said.append(underbraced(_matrix(part, True), under))
    if len(parts) * len(cells) > TALLEST or any("gathered" in cell for row in cells for cell in row):
        return tuple(part for n, each in enumerate(said) for part in ((SUM_BREAK, each) if n else (each,)))
    return (r"\begin{gathered} " + r" \\ ".join(said) + r" \end{gathered}",)


def _columns(cells: list[list[str]], count: int) -> list[list[list[str]]]:
    return [[row[n : n + count] for row in cells] for n in range(0, len(cells[0]), count)]


def _matrix(cells: list[list[str]], small: bool) -> str:
    skip = r" \\[6pt] " if any(r"\frac" in cell for row in cells for cell in row) and not small else r" \\ "
    rows = skip.join(" & ".join(row) for row in lined_up(cells, centred=True))
    if small:
        return rf"\left[ \begin{{smallmatrix}} {rows} \end{{smallmatrix}} \right]"
    return rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}"


_NUMBER = re.compile(r"(\$?)(-?\d+)(\.\d+)?(\$?)")


def lined_up(
    rows: Sequence[Sequence[str]], centred: bool = False, blank: str = r"\phantom{{{}}}"
) -> list[tuple[str, ...]]:
    """Rows of cells, the numbers of a column padded so that their points line up.

    Where columns are not flush right but ``centred``, they are padded before the point as well as behind it.
    ``blank`` leaves the room of what stands in it.
    """
    columns = [_padded(column, centred, blank) for column in zip(*rows, strict=True)]
    return list(zip(*columns, strict=True))


def _padded(column: Sequence[str], centred: bool, blank: str) -> Iterator[str]:
    numbers = [_NUMBER.fullmatch(cell) for cell in column]
    before = max((found[2] for found in numbers if found and centred), key=len, default="")
    behind = max((found[3] or "" for found in numbers if found), key=len, default="")
    for cell, found in zip(column, numbers, strict=True):
        if found is None:
            yield cell
            continue
        start, whole, tail, end = found.groups("")
        head, rest = before[: max(0, len(before) - len(whole))], behind[len(tail) :]
        before_it, behind_it = (blank.format(text) if text else "" for text in (head, rest))
        yield start + before_it + whole + tail + behind_it + end


def underbraced(latex: str, below: str) -> str:
    """Something in LaTeX with its size underneath; the outer braces keep the space around a sign of operation."""
    return rf"{{\underbrace{{{latex}}}_{{{below}}}}}"


def flattened(fragments: Iterable[Fragment]) -> Fragments:
    """The same with its matrices and sizes written out."""
    return merged(
        piece
        for part in fragments
        for piece in (
            grid(part)
            if isinstance(part, Grid)
            else (underbraced(part.text, rf"{part.shape[0]}\times {part.shape[1]}"),)
            if isinstance(part, Sized)
            else (Group(flattened(part.parts)),)
            if isinstance(part, Group)
            else (part,)
        )
    )


def broken(row: Row, digits: int, apart: bool = False) -> list[Fragments]:
    """The equation as lines aligned at the first equals sign: symbols first, then numbers and result.

    The result may stand on a line of its own if it is ``apart``.
    """
    number = digits + 3
    room = LINE - width(row.name, number) - 4
    sides = row.sides(apart)
    both = tuple(part for n, (sign, side) in enumerate(sides) for part in ((f" {sign} ",) if n else ()) + side)
    if sides[1:] and not row.symbols and _fits(both, room, number):
        sides = [("=", both)]
    return _lines(row.name, sides, room, number)


def _fits(fragments: Fragments, room: float, number: float) -> bool:
    """Whether it is no wider; of what is much wider not all is measured."""
    wide = 0.0
    for piece in split(fragments, OUTERMOST):
        wide = width(piece, number, wide)
        if wide > room:
            return False
    return True


def _lines(name: Fragments, sides: list[tuple[Fragment, Fragments]], room: float, number: float) -> list[Fragments]:
    out: list[Fragments] = []
    for sign, text in sides:
        for n, (piece, wide) in enumerate(fitted(text, room, number)):
            if wide > room:
                piece = stacked(piece, room - 16, number)
            head = name if not out else ()
            line = (*head, " &", sign, " ", *piece) if n == 0 else (r" &\quad ", *lstripped(seamless(piece)))
            out.append(seamless(line))
    return out


def stacked(fragments: Fragments, room: float, number: float) -> Fragments:
    """The same with the long sums inside its fractions set in several lines."""
    return tuple(_stack(part, room, number) if isinstance(part, Group) else part for part in fragments)


def _stack(group: Group, room: float, number: float) -> Group:
    first, *rest = split(group.parts, INNER)
    if not rest:
        return Group(stacked(group.parts, room, number))
    lines = [first]
    for part in rest:
        if width((*lines[-1], *part), number) > room:
            lines.append(part)
        else:
            lines[-1] = (*lines[-1], *part)
    body = tuple(part for n, line in enumerate(lines) for part in ((r"\\ ",) if n else ()) + line)
    return Group((r"\begin{gathered} ", *body, r" \end{gathered}") if len(lines) > 1 else body)


def fitted(fragments: Fragments, room: float, number: float = 10) -> Iterator[tuple[Fragments, float]]:
    """The same in pieces of at most ``room``, broken before a sign of operation; and how wide each is."""
    line: Fragments = ()
    wide = 0.0
    pieces = split(fragments, OUTERMOST)
    if "matrix" in unbroken(fragments) and any(
        "matrix" in unbroken(piece) and width(piece, number) > room for piece in pieces
    ):
        pieces = split(fragments, *range(ENCLOSED_FACTOR + 1))
    for piece in pieces:
        longer = width(piece, number, wide)
        if line and longer > room:
            yield line, wide
            line, wide = piece, width(piece, number)
        else:
            line, wide = (*line, *piece), longer
    yield line, wide


def text_note(note: str) -> str:
    """A note as a line of its own in the alignment."""
    return rf" &\quad \text{{({escape(note)})}}"
