"""The page in the terminal: fixed columns, one table per phase and layer, colour that is never needed."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from backpropcalc.algebra.digits import ascii_number
from backpropcalc.algebra.typeset import BREAK, SOFT_BREAK
from backpropcalc.errors import printable
from backpropcalc.pages.page import Change, Recap, formulas, overview
from backpropcalc.pages.rows import TERMINAL, Language, Page, Row, Write, Writer
from backpropcalc.pages.stream import SLOT, Note, Sheet, stream
from backpropcalc.program.steps import Block, Step
from backpropcalc.rules.optimisers import RATE
from backpropcalc.spec.network import Network

ABRIDGE_FROM = 60
"""Parameters above which only one unit of each layer is worked in full, unless everything is asked for."""
COMPACT_LIMIT = 300
STYLES = {"name": "cyan", "numbers": "dim", "value": "bold", "heading": "bold", "rule": "blue", "note": "italic yellow"}
_TO_ASCII = {
    "−": "-", "·": "*", "½ ": "1/2 * ", "½": "1/2", "²": "^2", "√": "sqrt", "∂": "d", "≈": "~", "≥": ">=", "→": "->",
    "∞": "infinity", "←": "<-", "─": "-", "…": "...", "Σ": "sum", "α": "alpha", "η": "eta", "δ": "delta", "φ": "phi",
    "⁻": "-", "⁺": "+", "⊙": "(*)", "ᵀ": "^T", "×": "x", "′": "'", "⋮": ":", "–": "-", "σ": "sigma", "ψ": "psi",
    "●": "*", "┼": "+", "π": "pi", "└": "`", "├": "|", "│": "|", "θ": "theta", "Δ": "Delta", "Φ": "Phi",
} | {raised: f"^{n}" for n, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}  # fmt: skip


def to_ascii(text: str) -> str:
    """``text`` in ASCII, the mathematical signs spelled out."""
    for sign, plain in _TO_ASCII.items():
        text = text.replace(sign, plain)
    return "".join(char if char.isascii() or "\ue000" <= char < "\ue200" else "?" for char in text)


PLAIN = Language(TERMINAL.syntax, lambda notation, var: notation.ascii(var), ascii_number, "=", "~", "infinity")


class TerminalPage(Sheet):
    """Writes a page to a console."""

    gap = ""
    """What stands between two chunks of lines under the same heading."""

    def __init__(self, page: Page, out: TextIO, ascii: bool, every: bool) -> None:
        self.page = page
        self.plain = ascii or not can_write(out)
        self.console = Console(file=out, highlight=False, markup=False, emoji=False)
        self.width = max(40, min(self.console.width, 140))
        self.writer = page.writer(PLAIN if self.plain else TERMINAL)
        spec = page.trace.spec
        large = isinstance(spec, Network) and spec.parameters > ABRIDGE_FROM and spec.style.view == "scalar"
        self.abridged = not every and page.only is None and large
        self.paint = {style: self._painter(look) for style, look in STYLES.items()}
        self.hidden = 0

    def _painter(self, look: str) -> tuple[str, str]:
        with self.console.capture() as capture:
            self.console.print(Text("\ue003", style=look), end="")
        before, _, after = capture.get().partition("\ue003")
        return before, after

    def styled(self, text: str, style: str) -> str:
        """``text`` in a style, if there is colour."""
        before, after = self.paint[style]
        return f"{before}{text}{after}" if text else text

    def clean(self, text: str) -> str:
        """``text`` as this terminal can show it."""
        return to_ascii(text) if self.plain else text

    def emit(self, text: str) -> None:
        """Write finished lines."""
        self.console.file.write(_PADDING.sub(self.padded, text) if _PAD in text else text)

    def run(self, quiet: bool) -> None:
        """The whole page; with ``quiet`` only its head and its result."""
        self.head()
        recap = Recap(self.page)
        if quiet:
            for values in self.page.trace.iterations():
                recap.see(values)
        else:
            for text in stream(self.page, self, recap.see):
                self.emit(text)
        if self.page.has_result:
            self.result(recap)

    def head(self) -> None:
        """Title and network."""
        spec = self.page.trace.spec
        if spec.title:
            title = Text(self.clean(printable(spec.title))).wrap(self.console, self.width - 2)
            self.emit("".join(f" {self.styled(line.plain.rstrip(), 'heading')}\n" for line in title) + "\n")
        lines = [(label, self.clean(text)) for label, text in overview(self.page, self.writer)]
        lines += [(label, self.clean(text)) for label, text in formulas(self.page, self.writer)]
        if spec.learning_rate is not None:
            lines.append(("learning rate", f"{self.writer.name(RATE)} = {spec.learning_rate.text}"))
        for label, rows in (("inputs", spec.inputs), ("targets", spec.targets)):
            lines.append((label, self.vectors([[n.text for n in row] for row in rows])))
        width = max(14, *(len(label) for label, _ in lines))
        for label, text in lines:
            self.fact(label, text, width)

    def fact(self, label: str, text: str, width: int = 14) -> None:
        """A label and what it says, in as many lines as it takes."""
        for n, part in enumerate(textwrap.wrap(text, self.width - width - 3) or [""]):
            self.emit(f" {'' if n else label:<{width}} {part}\n")

    def vectors(self, rows: list[list[str]]) -> str:
        """The first few samples, as rows."""
        shown = [", ".join(row[:8]) + (", …" if len(row) > 8 else "") for row in rows[:4]]
        more = f"; … {len(rows) - 4} more" if len(rows) > 4 else ""
        return self.clean("; ".join(f"({row})" for row in shown) + more)

    def heading(self, block: Block, before: Block | None) -> str:
        """The phase, and a line across the page for each table."""
        out = ""
        for level, text in self.page.headings(block, before):
            out += self.rule(text) if level == 3 else "\n " + self.styled(self.clean(text), "heading") + "\n"
        return out or self.gap

    def rule(self, heading: str) -> str:
        """A line across the page with the heading of a table in it."""
        dash = "-" if self.plain else "─"
        left = f" {dash * 2} {heading} " if heading else " "
        return self.styled(left + dash * (self.width - 1 - len(left)), "rule") + "\n"

    def lines(self, block: Block, steps: list[Step], write: Callable[[Writer], Write], note: Note) -> str:
        """The lines of a chunk."""
        numbers = write(self.writer)
        worked, rest = steps, list[Step]()
        if self.abridged:
            worked = [step for step in steps if step.var.index == (0, 0) or note(step)]
            rest = [step for step in steps if step.var.index != (0, 0)]
        rows = [self.writer.row(step, numbers, note(step)) for step in worked]
        if self.plain:
            rows = [
                row._replace(formula=to_ascii(row.formula), numbers=to_ascii(row.numbers), note=to_ascii(row.note))
                for row in rows
            ]
        out = "".join(f"{line}\n" for line in self.table(rows))
        return out + self.compact([(self.writer.name(s.var), numbers(s.var, 0)) for s in rest])

    def table(self, rows: list[Row]) -> Iterator[str]:
        """The rows in three columns: name, working, value."""
        if not rows:
            return
        name_width = min(max(cell_len(row.name) for row in rows), self.width // 3)
        usual = len("≈ −0.") + self.digits
        value_width = max(usual, *(2 + self.cells(row.value) for row in rows))
        width = max(20, self.width - name_width - value_width - 5)
        for row in rows:
            lines = list(self.working(row, width))
            if self.abridged and len(lines) > 9:
                lines = [*lines[:4], ("…" if not self.plain else "...", "numbers"), *lines[-3:]]
            widest = max(self.cells(text) for text, _ in lines)
            # A product is not broken: one that is too long for its column starts further left, under its name.
            indent = name_width + 3 if widest <= self.width - name_width - 4 else max(4, self.width - 1 - widest)
            if cell_len(row.name) > name_width or indent < name_width + 3:
                yield " " + self.styled(row.name, "name")
                head = " " * indent
            else:
                head = " " + self.styled(row.name, "name") + " " * (name_width - cell_len(row.name) + 2)
            *above, (text, style) = lines
            for line, look in above:
                yield head + (self.styled(line, look) if look else line)
                head = " " * indent
            value = f"{row.relation} {self.styled(row.value, 'value')}"
            column = name_width + width + 4
            yield f"{head}{self.styled(text, style) if style else text}{_PAD}{column}{_PADDED}{value}"
            if row.note:
                for part in textwrap.wrap(f"({row.note})", self.width - name_width - 4):
                    yield " " * (name_width + 3) + self.styled(part, "note")

    @property
    def digits(self) -> int:
        """How many digits a number of the page usually has behind the point."""
        digits = self.page.trace.digits
        return digits.significant or digits.decimals or 0

    def cells(self, text: str) -> int:
        """How wide ``text`` is; a number that is not known yet is taken to be a usual one."""
        return cell_len(SLOT.sub("0" * (self.digits + 2), text) if "\ue000" in text else text)

    def padded(self, found: re.Match[str]) -> str:
        """A finished line: its value in its column, further left if it is wide, or below if there is no room."""
        left, value = found[1], found[3]
        column = min(int(found[2]), self.width - cell_len(_ESCAPE.sub("", value)))
        gap = column - cell_len(_ESCAPE.sub("", left))
        return left + " " * gap + value if gap > 0 else f"{left}\n{' ' * column}{value}"

    def working(self, row: Row, width: int) -> Iterator[tuple[str, str]]:
        """Symbols and numbers on one line if they fit, else symbols first and the numbers under them."""
        formula, numbers = unbroken(row.formula), unbroken(row.numbers)
        if formula == row.value:
            formula = ""
        if numbers == row.value:
            numbers = ""
        one = f"{formula} = {numbers}" if numbers else formula
        if self.cells(one) <= width:
            yield one, ""
            return
        if formula:
            for line in wrapped(row.formula, width, self.cells, self.width - 5):
                yield line, ""
        if numbers:
            for line in wrapped("= " + row.numbers, width, self.cells, self.width - 5):
                yield line, "numbers"

    def compact(self, pairs: list[tuple[str, str]]) -> str:
        """Names and values in as many columns as fit."""
        if not pairs:
            return ""
        self.hidden += len(pairs)
        shown = pairs[:COMPACT_LIMIT]
        names, values = max(cell_len(n) for n, _ in shown), max(cell_len(v) for _, v in shown)
        columns = max(1, (self.width - 1) // (names + values + 4))
        out = []
        for start in range(0, len(shown), columns):
            cells = (
                self.styled(name, "name") + " " * (names - cell_len(name) + 1) + value.rjust(values)
                for name, value in shown[start : start + columns]
            )
            out.append(" " + "   ".join(cells) + "\n")
        if len(pairs) > len(shown):
            out.append(f" {'...' if self.plain else '…'} and {len(pairs) - len(shown):,} more\n")
        return "".join(out)

    def result(self, recap: Recap) -> None:
        """Loss before and after, and each updated parameter beside the old one."""
        clean = self.clean

        def shown(value: Any) -> str:
            return clean(self.writer.amount(value))

        self.emit("\n " + self.styled("Result", "heading") + "\n")
        name = self.writer.name(recap.loss)
        if recap.loss_after is not None:
            percent = f"   ({clean(recap.percent)})" if recap.percent else ""
            times = f" after {recap.iterations:,} iterations" if recap.iterations > 1 else ""
            arrow = clean("→")
            self.emit(f" {name}  {shown(recap.loss_before)} {arrow} {shown(recap.loss_after)}{percent}{times}\n")
        elif self.page.only is None:
            self.emit(f" {name}  {shown(recap.loss_before)}\n")
        if recap.changes:
            self.emit(self.changes(recap.changes[:ABRIDGE_FROM], shown))
            if len(recap.changes) > ABRIDGE_FROM:
                self.emit(f" {clean('…')} and {len(recap.changes) - ABRIDGE_FROM:,} more parameters\n")
        if self.hidden:
            self.emit(
                f"\n One unit of each layer is worked in full, {self.hidden:,} lines are values only:"
                " --all works everything, --only NAME one quantity.\n"
            )

    def changes(self, changes: list[Change], shown: Callable[[object], str]) -> str:
        """The table of old, gradient, step and new of each parameter."""
        columns = [(c.before, c.gradient, c.after - c.before, c.after) for c in changes]
        aligned = [at_the_point([shown(value) for value in column]) for column in zip(*columns, strict=True)]
        rows: list[tuple[str, ...]] = [("", "old", "gradient", "step", "new")]
        rows += zip([self.writer.name(c.var.parts[0]) for c in changes], *aligned, strict=True)
        widths = [max(cell_len(row[n]) for row in rows) for n in range(5)]
        out = []
        for number, (name, *cells) in enumerate(rows):
            padded = [" " * (w - cell_len(cell) + 3) + cell for cell, w in zip(cells, widths[1:], strict=True)]
            last = self.styled(padded.pop(), "value" if number else "rule")
            line = "".join(padded) + last if number else self.styled("".join(padded), "rule") + last
            out.append(f" {self.styled(name, 'name')}{' ' * (widths[0] - cell_len(name))}{line}".rstrip() + "\n")
        return "".join(out)


def at_the_point(numbers: list[str]) -> list[str]:
    """Numbers padded behind, so that set flush right they stand with the decimal points under each other."""
    tails = [len(number) - (number.find(".") if "." in number else len(number)) for number in numbers]
    return [number + " " * (max(tails) - tail) for number, tail in zip(numbers, tails, strict=True)]


def can_write(out: TextIO) -> bool:
    """Whether a stream can take the mathematical signs."""
    try:
        "∂−·½₁⁺≈─→".encode(out.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


_MARKS = re.compile(f"[{BREAK}{SOFT_BREAK}]")


def unbroken(text: str) -> str:
    """``text`` without the marks of where it may be broken."""
    return _MARKS.sub("", text)


def wrapped(text: str, width: int, cells: Callable[[str], int] = cell_len, most: int = 0) -> Iterator[str]:
    """``text`` in lines of at most ``width``, broken before a + or −; the outermost sums break first.

    A product may be wider, but not wider than ``most``.
    """
    pieces: Iterable[str] = text.split(BREAK)
    line = ""
    for piece in pieces:
        for n, part in enumerate(_split_long(piece, width, cells, max(most, width) - 2)):
            joined = line + part
            if line and (n > 0 or cells(joined) > width):
                yield line
                line = part.lstrip() if part.lstrip().startswith("= ") else "  " + part.lstrip()
            else:
                line = joined
    yield line


def _split_long(piece: str, width: int, cells: Callable[[str], int], most: int) -> Iterator[str]:
    """A piece that fits is kept; one that does not is broken at the sums inside it, or at last at its factors."""
    if cells(unbroken(piece)) <= width - 2:
        yield unbroken(piece)
        return
    line = ""
    parts = piece.split(SOFT_BREAK)
    for part in chain.from_iterable(re.split("(?= [·*] )", p) if cells(p) > most else [p] for p in parts):
        if line and cells(line + part) > width - 2:
            yield line
            line = ""
        line += part
    yield line


_PAD, _PADDED = "\ue006", "\ue007"
"""Between them the column at which a value stands: the blanks before it are known once the numbers are."""
_PADDING = re.compile(f"^(.*){_PAD}(\\d+){_PADDED}(.*)", re.MULTILINE)
_ESCAPE = re.compile("\x1b\\[[0-9;]*m")


def render(page: Page, out: TextIO, ascii: bool = False, every: bool = False, quiet: bool = False) -> None:
    """Write the page for the terminal to ``out``."""
    kind = TerminalPage
    if page.trace.spec.style.view == "matrix":
        from .matrix_terminal import MatrixTerminal

        kind = MatrixTerminal
    kind(page, out, ascii, every).run(quiet)
