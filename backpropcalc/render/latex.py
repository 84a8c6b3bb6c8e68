"""LaTeX: amsmath only, so that the same equations work in MathJax and KaTeX; a fragment or a whole document."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from backpropcalc.algebra.terms import Num
from backpropcalc.errors import printable
from backpropcalc.pages.page import Recap, formulas, overview
from backpropcalc.pages.rows import TEX, Page, Write, Writer
from backpropcalc.pages.stream import Note, Sheet, stream
from backpropcalc.program.steps import Block, Step
from backpropcalc.rules.optimisers import RATE

from .tex import broken, escape, text_note

HEAD = r"""\documentclass[11pt,a4paper]{article}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[T1]{fontenc}
  \usepackage{textcomp}
  \usepackage{lmodern}
\fi
\usepackage[margin=2cm]{geometry}
\usepackage{amsmath}
\allowdisplaybreaks
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\setlength{\emergencystretch}{3em}
"""


def render(page: Page, out: TextIO, standalone: bool = False, quiet: bool = False) -> None:
    """Write the calculation as LaTeX to ``out``: a fragment for inclusion, or a ``standalone`` document."""
    LatexPage(page, out, standalone).run(quiet)


class LatexPage(Sheet):
    """Writes a page as LaTeX."""

    def __init__(self, page: Page, out: TextIO, standalone: bool) -> None:
        self.page, self.out, self.standalone = page, out, standalone
        self.writer = page.writer(TEX)
        digits = page.trace.digits
        self.digits = digits.significant or digits.decimals or 0

    def heading(self, block: Block, before: Block | None) -> str:
        """Headings as plain text: nothing that a class must define."""
        found = self.page.headings(block, before)
        return "".join(_heading(text.capitalize() if level == 3 else text, level) for level, text in found if text)

    def run(self, quiet: bool) -> None:
        """The whole page; with ``quiet`` only its head and its result."""
        title = printable(self.page.trace.spec.title)
        if self.standalone:
            self.out.write(HEAD + undeclared(title) + "\\begin{document}\n")
        if title:
            self.out.write(f"\\noindent\\textbf{{\\Large {escape(title)}}}\\par\n")
        self.head()
        recap = Recap(self.page)
        if quiet:
            for values in self.page.trace.iterations():
                recap.see(values)
        else:
            for text in stream(self.page, self, recap.see):
                self.out.write(text)
        if self.page.has_result:
            self.result(recap)
        if self.standalone:
            self.out.write("\\end{document}\n")

    def head(self) -> None:
        """The network."""
        spec = self.page.trace.spec
        lines = [rf"{escape(label.capitalize())}: {escape(text)}." for label, text in overview(self.page, self.writer)]
        lines += [rf"{label.capitalize()}: \({equation}\)." for label, equation in formulas(self.page, self.writer)]
        if spec.learning_rate is not None:
            lines.append(rf"Learning rate: \({self.writer.name(RATE)} = {spec.learning_rate.text}\).")
        for label, rows in (("Inputs", spec.inputs), ("Targets", spec.targets)):
            vectors = "; ".join(f"({_numbers(row)})" for row in rows[:4]) + ("; …" if len(rows) > 4 else "")
            lines.append(f"{label}: {vectors}.")
        self.out.write("\n\\noindent " + "\\\\\n".join(lines) + "\\par\n")

    def lines(self, block: Block, steps: list[Step], write: Callable[[Writer], Write], note: Note) -> str:
        """An ``align*`` of the rows of a chunk."""
        numbers = write(self.writer)
        rows = []
        for step in steps:
            lines = broken(self.writer.row(step, numbers), self.digits)
            said = note(step)
            rows.append("\\\\\n".join([*lines, text_note(said)] if said else lines))
        return "\\begin{align*}\n" + "\\\\[4pt]\n".join(rows) + "\n\\end{align*}\n"

    def result(self, recap: Recap) -> None:
        """Loss before and after, and each updated parameter."""
        writer, shown = self.writer, self.writer.amount
        self.out.write(_heading("Result", 2))
        name = writer.name(recap.loss)
        if recap.loss_after is not None:
            after = f" after {recap.iterations} iterations" if recap.iterations > 1 else ""
            self.out.write(
                "\n" + rf"\({name}\): \({shown(recap.loss_before)} \to {shown(recap.loss_after)}\){after}\par" + "\n"
            )
        elif self.page.only is None:
            self.out.write("\n" + rf"\({name} = {shown(recap.loss_before)}\)\par" + "\n")
        for start in range(0, len(recap.changes), 40):
            rows = [
                f"{writer.name(c.var.parts[0])} & {shown(c.before)} & {shown(c.gradient)} & {shown(c.after)}"
                for c in recap.changes[start : start + 40]
            ]
            table = "\\\\\n".join(rows)
            self.out.write(
                "\n\\[\n\\begin{array}{l|rrr}\n & \\text{old} & \\text{gradient} & \\text{new}\\\\\n\\hline\n"
                + table
                + "\n\\end{array}\n\\]\n"
            )


def _heading(text: str, level: int) -> str:
    size = r"\large " if level < 3 else ""
    # No \par behind it: a display that follows belongs to this paragraph and stands close to it.
    return f"\n\n\\medskip\\noindent\\textbf{{{size}{escape(text)}}}\n"


def _numbers(row: tuple[Num, ...]) -> str:
    return ", ".join(n.text for n in row[:12]) + (", …" if len(row) > 12 else "")


def undeclared(text: str) -> str:
    """For pdflatex: characters that its fonts do not have are shown by their code instead of stopping it."""
    strange = sorted({c for c in text if ord(c) > 0x17F and escape(c) == c and c not in "–—‘’“”…"})
    if not strange:
        return ""
    lines = "".join(rf"  \DeclareUnicodeCharacter{{{ord(c):04X}}}{{[U+{ord(c):04X}]}}" + "\n" for c in strange)
    return "\\ifPDFTeX\n" + lines + "\\fi\n"
