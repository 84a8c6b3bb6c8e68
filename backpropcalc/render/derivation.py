"""A derivation on the page: in the terminal, in LaTeX and in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from textwrap import wrap
from typing import TextIO

from rich.cells import cell_len

from backpropcalc.algebra.terms import Num, Op, Term, Var, transpose
from backpropcalc.algebra.typeset import BREAK, SOFT_BREAK, typeset
from backpropcalc.errors import printable
from backpropcalc.execution.trace import Trace
from backpropcalc.notation.notation import Notation
from backpropcalc.notation.wholes import GENERAL
from backpropcalc.pages.derivation import Equation, Section, derivation
from backpropcalc.pages.page import overview
from backpropcalc.pages.rows import TERMINAL, TEX, Language, Page, Writer
from backpropcalc.spec.network import Network

from .grids import Box, drawn, sized, underbraced
from .latex import HEAD, undeclared
from .markdown import escape as quoted
from .matrix_terminal import MatrixTerminal, Strip
from .terminal import PLAIN
from .tex import LINE, escape, fitted, width


class _Terms:
    """Writes the terms of a derivation in one language."""

    def __init__(self, spec: Network, language: Language) -> None:
        self.language = language
        self.writer = Writer(Page(Trace(spec), Notation(spec)), language)

    def left(self, equation: Equation) -> str:
        """The left side."""
        return self._sized(equation.left) if equation.whole else self.writer.name(equation.left)

    def sides(self, equation: Equation) -> Iterator[tuple[str, str]]:
        """Each right side and the reason for it."""
        tensors = equation.whole or equation.left.layer in GENERAL
        syntax = self.language.tensors if tensors else self.language.syntax
        leaf = self._sized_leaf if equation.whole else self.writer.symbol
        for term, reason in equation.sides:
            shown = _with_transposes(term) if equation.whole else term
            yield typeset(shown, syntax, leaf, self.writer.label), reason

    def _sized_leaf(self, node: Var | Num, guard: int) -> str:
        if isinstance(node, Var) and node.role != "rate":
            return self._sized(node)
        return self.writer.symbol(node, guard)

    def _sized(self, var: Var) -> str:
        if var.role == "transposed":
            name = typeset(transpose(var.of[0]), self.language.tensors, self.writer.symbol)
        else:
            name = self.writer.name(var)
        if self.language is not TEX:
            return sized(name, var.shape)
        return underbraced(name, var.shape)


def _with_transposes(term: Term) -> Term:
    """``term`` with each transpose of a quantity as one quantity, which has a size of its own."""
    match term:
        case Op("transpose", (Var() as var,), shape):
            return Var("transposed", var.layer, shape, (var,))
        case Op():
            return replace(term, args=tuple(map(_with_transposes, term.args)))
    return term


class _Terminal(MatrixTerminal):
    """Writes a derivation to a console."""

    def __init__(self, spec: Network, out: TextIO, ascii: bool) -> None:
        super().__init__(Page(Trace(spec), Notation(spec)), out, ascii, every=True)
        self.terms = _Terms(spec, PLAIN if self.plain else TERMINAL)

    def run(self, quiet: bool = False) -> None:
        """The whole derivation."""
        spec = self.page.trace.spec
        if spec.title:
            self.emit(" " + self.styled(self.clean(printable(spec.title)), "heading") + "\n\n")
        for label, text in overview(self.page, self.writer):
            self.emit(f" {label:<14} {self.clean(text)}\n")
        for n, section in enumerate(derivation(spec), 1):
            self.emit("\n " + self.styled(f"{n}  {section.heading}", "heading") + "\n" + self.rule(""))
            self.section(section)

    def section(self, section: Section) -> None:
        """The equations and sentences of a section."""
        names = [drawn(self.terms.left(item), self.width, self.plain).width for item in _equations(section)]
        wide = min(max(names, default=0), self.width // 3)
        tall, first = False, True
        for item in section.items:
            if isinstance(item, str):
                lines = [" " + self.styled(part, "numbers") for part in wrap(self.clean(item), self.width - 2)]
            else:
                lines = list(self.equation_lines(item, wide))
            apart = isinstance(item, str) or (tall and len(lines) > 1)
            self.emit("\n" * (apart and not first) + "".join(f"{line}\n" for line in lines))
            tall, first = not isinstance(item, str) and len(lines) > 1, False

    def equation_lines(self, equation: Equation, names: int) -> Iterator[str]:
        """The lines of one equation, a side under the other."""
        room = self.width - names - 4
        strips: list[Strip] = []
        for side, reason in self.terms.sides(equation):
            found = self.strip(_breakable(side, room), "", room)
            said = Box((f"   ({self.clean(reason)})",))
            if reason and sum(box.width for box, _ in found[-1]) + said.width <= room:
                found[-1].append((said, "note"))
            elif reason:
                found.append([(said, "note")])
            strips += found
        yield from self.lined(self.clean(self.terms.left(equation)), strips, names)


def _breakable(side: str, room: int) -> str:
    """``side`` with marks before the outermost factors too, if it would be too wide without."""
    if any(cell_len(piece) > room - 2 for piece in side.replace(SOFT_BREAK, "").split(BREAK)):
        depth, out = 0, ""
        for n, char in enumerate(side):
            depth += (char == "(") - (char == ")")
            out += BREAK + char if depth == 0 and side.startswith(" · ", n) else char
        return out.replace(SOFT_BREAK, BREAK)
    return side


def _equations(section: Section) -> Iterator[Equation]:
    return (item for item in section.items if isinstance(item, Equation))


def terminal(spec: Network, out: TextIO, ascii: bool = False) -> None:
    """Write the derivation for the terminal."""
    _Terminal(spec, out, ascii).run()


def latex(spec: Network, out: TextIO, standalone: bool = False) -> None:
    """Write the derivation as LaTeX: a fragment for inclusion, or a ``standalone`` document."""
    title = printable(spec.title)
    if standalone:
        out.write(HEAD + undeclared(title) + "\\begin{document}\n")
    if title:
        out.write(f"\\noindent\\textbf{{\\Large {escape(title)}}}\\par\n")
    terms = _Terms(spec, TEX)
    for n, section in enumerate(derivation(spec), 1):
        out.write(f"\n\\medskip\\noindent\\textbf{{\\large {n} {escape(section.heading)}}}\\par\n")
        for text in _grouped(section, terms, escape, "\\begin{align*}\n{}\n\\end{align*}\n"):
            out.write(text)
    if standalone:
        out.write("\\end{document}\n")


def markdown(spec: Network, out: TextIO) -> None:
    """Write the derivation as Markdown with math fences."""
    out.write(f"# {quoted(printable(spec.title)) or 'Backpropagation in symbols'}\n")
    terms = _Terms(spec, TEX)
    for n, section in enumerate(derivation(spec), 1):
        out.write(f"\n## {n}  {quoted(section.heading)}\n")
        fence = "\n```math\n\\begin{aligned}\n{}\n\\end{aligned}\n```\n"
        for text in _grouped(section, terms, quoted, fence):
            out.write(text)


def _grouped(section: Section, terms: _Terms, quote: Callable[[str], str], fence: str) -> Iterator[str]:
    """Sentences as paragraphs, and the equations between them aligned."""
    group: list[str] = []
    for item in (*section.items, ""):
        if isinstance(item, Equation):
            group.append(" \\\\\n".join(_aligned(item, terms)))
            continue
        if group:
            yield fence.replace("{}", " \\\\[6pt]\n".join(group), 1)
            group = []
        if item:
            yield f"\n{quote(item[0].upper() + item[1:])}:\n"


def _aligned(equation: Equation, terms: _Terms) -> Iterator[str]:
    """The lines of an equation, aligned at the signs of equality."""
    head = terms.left(equation)
    room = LINE - width(head) - 4
    for side, reason in terms.sides(equation):
        pieces = list(fitted(side.replace(SOFT_BREAK, ""), room))
        said = rf" \quad \text{{({escape(reason)})}}" if reason else ""
        if said and width(pieces[-1] + said) > room:
            pieces.append("")
        for n, piece in enumerate(pieces):
            sign = "= " if n == 0 else r"\quad "
            yield f"{head} &{sign}{piece.strip()}" + (said if n == len(pieces) - 1 else "")
            head = ""


RENDERERS = {"terminal": terminal, "latex": latex, "markdown": markdown}
"""Form to function."""
