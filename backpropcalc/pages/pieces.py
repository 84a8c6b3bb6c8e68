"""What stands on a page beside its lines: tables and trees, in each output form."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from backpropcalc.render.tex import escape as tex_escape


class Math(str):
    """A formula in the language of the page; any other text is words."""

    __slots__ = ()


class Table(NamedTuple):
    """Rows of cells under headings; numbers are set flush right, by a ``right`` for each column."""

    title: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    right: tuple[bool, ...] = ()
    group: int = 0
    """How many columns after the first belong together: a table that is too wide goes on below between groups."""


class Tree(NamedTuple):
    """Rows of a tree: how deep, the lines that lead to it in the terminal, its formula, and two more columns."""

    title: str
    rows: Sequence[tuple[int, str, str, str, str]]


class Plot(NamedTuple):
    """Curves over the same places, each with a name; only a terminal draws them."""

    places: Sequence[float]
    curves: Sequence[Sequence[float]]
    names: tuple[str, ...]


class Words(NamedTuple):
    """A sentence."""

    text: str


Piece = Table | Tree | Words | Plot
Styled = Callable[[str, str], str]
"""Puts a text in a style of the terminal."""


def terminal(pieces: Iterable[Piece], width: int, styled: Styled, clean: Callable[[str], str]) -> Iterator[str]:
    """The pieces as lines for a terminal of a certain width."""
    for piece in pieces:
        match piece:
            case Words(text):
                yield ""
                yield from (f" {clean(line)}" for line in textwrap.wrap(text, width - 2))
            case Table(title, headings, rows, right, group):
                yield from _titled(title, styled)
                for n, columns in enumerate(_fitting([headings, *rows], group, width)):
                    yield from [""] * (n > 0)
                    part = [tuple(row[c] for c in columns) for row in (headings, *rows)]
                    yield from _columns(part, tuple(right[c] for c in columns if c < len(right)), width, styled, clean)
            case Plot():
                yield ""
                yield from (f" {clean(line)}" for line in _drawn(piece))
            case Tree(title, rows):
                yield from _titled(title, styled)
                cells = [(lead + name, edge, value) for _, lead, name, edge, value in rows]
                yield from _columns([("", "", ""), *cells], (False, False, True), width, styled, clean)


HEIGHT, WIDTH = 13, 61
MARKS = "●·+x"


def _drawn(plot: Plot) -> Iterator[str]:
    """The lines of a picture with its axes, and what each mark means."""
    every = [y for curve in plot.curves for y in curve]
    low, high = min(0.0, *every), max(0.0, *every)
    left, right = plot.places[0], plot.places[-1]
    grid = [[" "] * WIDTH for _ in range(HEIGHT)]

    def row(y: float) -> int:
        return HEIGHT - 1 - round((y - low) / (high - low) * (HEIGHT - 1))

    def column(x: float) -> int:
        return round((x - left) / (right - left) * (WIDTH - 1))

    grid[row(0)] = ["─"] * WIDTH
    for line in grid:
        line[column(0)] = "│"
    grid[row(0)][column(0)] = "┼"
    for mark, curve in reversed([*zip(MARKS, plot.curves, strict=False)]):
        for x, y in zip(plot.places, curve, strict=True):
            grid[row(y)][column(x)] = mark
    labels = {0: f"{high:.3g}", row(0): "0", HEIGHT - 1: f"{low:.3g}"}
    for n, line in enumerate(grid):
        yield f"{labels.get(n, ''):>6} " + "".join(line).rstrip()
    yield " " * 7 + f"{left:<8.3g}{'0':^{WIDTH - 16}}{right:>8.3g}".rstrip()
    yield " " * 7 + "   ".join(f"{mark} {name}" for mark, name in zip(MARKS, plot.names, strict=False))


def _titled(title: str, styled: Styled) -> Iterator[str]:
    if title:
        yield ""
        yield " " + styled(title, "heading")


def _fitting(rows: list[tuple[str, ...]], group: int, width: int) -> Iterator[list[int]]:
    """The numbers of the columns of each part of a table: the first one, and as many groups as fit beside it."""
    from rich.cells import cell_len

    from backpropcalc.render.terminal import at_the_point

    wide = [max(map(cell_len, (head, *at_the_point(list(cells))))) + 2 for head, *cells in zip(*rows, strict=True)]
    every = list(range(len(wide)))
    if not group or sum(wide) - 1 <= width:
        yield every
        return
    part = [0]
    for start in range(1, len(wide), group):
        more = every[start : start + group]
        if len(part) > 1 and sum(wide[c] for c in (*part, *more)) - 1 > width:
            yield part
            part = [0]
        part += more
    yield part


def _columns(
    rows: list[tuple[str, ...]], right: tuple[bool, ...], width: int, styled: Styled, clean: Callable[[str], str]
) -> Iterator[str]:
    from rich.cells import cell_len

    from backpropcalc.render.terminal import at_the_point

    body = [tuple(map(clean, row)) for row in rows]
    columns = [list(column) for column in zip(*body, strict=True)]
    for n, column in enumerate(columns):
        if n < len(right) and right[n]:
            column[1:] = at_the_point(column[1:])
    widths = [max(map(cell_len, column)) for column in columns]
    gap = 3 if sum(widths) + 3 * (len(widths) - 1) < width else 2
    gaps = gap * (len(widths) - 1) + 1
    while sum(widths) + gaps > width and max(widths) > 12:
        widths[widths.index(max(widths))] -= 1
    for number, row in enumerate(zip(*columns, strict=True)):
        if not any(row):
            continue
        wrapped = [
            textwrap.wrap(cell, w) if cell_len(cell) > w else [cell] for cell, w in zip(row, widths, strict=True)
        ]
        for line in range(max(map(len, wrapped))):
            out = []
            for n, (parts, w) in enumerate(zip(wrapped, widths, strict=True)):
                text = parts[line] if line < len(parts) else ""
                room = " " * (w - cell_len(text))
                shown = styled(text, "rule" if number == 0 else "name" if n == 0 else "")
                out.append(room + shown if n < len(right) and right[n] else shown + room)
            yield (" " + (" " * gap).join(out)).rstrip()


def latex(pieces: Iterable[Piece]) -> Iterator[str]:
    """The pieces in LaTeX: arrays in display mode, which MathJax and KaTeX know as well."""
    for piece in pieces:
        match piece:
            case Words(text):
                yield f"\n\n{tex_escape(text)}\\par\n"
            case Plot():
                continue
            case _:
                title, arrays = piece.title, list(_arrays(piece))
                if title:
                    yield f"\n\n\\medskip\\noindent\\textbf{{{tex_escape(title)}}}\n"
                # No blank line before the first: a heading and what it announces stay on one page.
                yield from (f"\\[\n{array}\n\\]\n" for array in arrays)


def markdown(pieces: Iterable[Piece]) -> Iterator[str]:
    """The pieces in Markdown; a table is a table, its formulas between dollar signs."""
    from backpropcalc.render.markdown import escape

    def cell(text: str) -> str:
        if not text or not isinstance(text, Math):
            return escape(text)
        return (
            f"${text.replace(chr(92) + 'left|', chr(92) + 'lvert ').replace(chr(92) + 'right|', chr(92) + 'rvert ')}$"
        )

    for piece in pieces:
        match piece:
            case Words(text):
                yield f"\n{escape(text)}\n"
            case Table(title, headings, rows, right):
                if title:
                    yield f"\n### {escape(title)}\n"
                yield "\n| " + " | ".join(cell(h) for h in headings) + " |\n"
                marks = ("--:" if n < len(right) and right[n] else "---" for n in range(len(headings)))
                yield "|" + "|".join(marks) + "|\n"
                yield from ("| " + " | ".join(map(cell, row)) + " |\n" for row in rows)
            case Tree(title):
                yield f"\n### {escape(title)}\n"
                yield from (f"\n```math\n{array}\n```\n" for array in _arrays(piece))


WIDEST = 10
"""Columns of one array in LaTeX; a table with more is set group by group."""
ROWS = 30
"""Rows of one array in LaTeX; a longer table goes on in another, so that a page may end between them."""


def _arrays(piece: Table | Tree) -> Iterator[str]:
    if isinstance(piece, Tree):
        rows: list[tuple[str, ...]] = [
            (Math(rf"\hspace{{{1.5 * depth}em}}{name}"), Math(edge), Math(value))
            for depth, _, name, edge, value in piece.rows
        ]
        yield from _array("llr", [], rows)
        return
    width = len(piece.headings)
    step = piece.group if piece.group and width > WIDEST else max(1, width - 1)
    for start in range(1, width, step):
        kept = [0, *range(start, min(start + step, width))]
        columns = "".join("r" if n < len(piece.right) and piece.right[n] else "l" for n in kept)
        head = [tuple(piece.headings[n] for n in kept)] if any(piece.headings) else []
        yield from _array(columns, head, [tuple(row[n] for n in kept) for row in piece.rows])


def _words(text: str) -> str:
    return rf"\text{{{tex_escape(text)}}}"


def _array(columns: str, head: list[tuple[str, ...]], rows: list[tuple[str, ...]]) -> Iterator[str]:
    def cell(text: str) -> str:
        return text.replace(r"\frac", r"\dfrac") if isinstance(text, Math) or not text else _words(text)

    for start in range(0, len(rows), ROWS):
        lines = [" & ".join(map(cell, row)) for row in rows[start : start + ROWS]]
        above = "".join(" & ".join(map(cell, row)) + "\\\\[2pt]\n\\hline\\\\[-6pt]\n" for row in head)
        stretch = "\\\\[9pt]\n" if any("frac" in line for line in lines) else "\\\\\n"
        yield f"\\begin{{array}}{{{columns}}}\n{above}{stretch.join(lines)}\n\\end{{array}}"
