"""A formula that is worked out, in LaTeX."""

from __future__ import annotations

from typing import TextIO

from backpropcalc.errors import printable
from backpropcalc.execution.trace import Values
from backpropcalc.pages.pieces import Math, latex
from backpropcalc.pages.stream import stream
from backpropcalc.pages.worked import WorkedPage

from .latex import HEAD, LatexPage, undeclared
from .tex import escape


class WorkedLatex(LatexPage):
    """Writes such a page as LaTeX."""

    page: WorkedPage

    def run(self, quiet: bool) -> None:
        """The whole page; with ``quiet`` only its head and its result."""
        title = printable(self.page.trace.spec.title)
        if self.standalone:
            self.out.write(HEAD + undeclared(title) + "\\begin{document}\n")
        if title:
            self.out.write(f"\\noindent\\textbf{{\\Large {escape(title)}}}\\par\n")
        facts = [
            f"{escape(label.capitalize())}: " + (rf"\({text}\)" if isinstance(text, Math) else escape(text)) + "."
            for label, text in self.page.facts(self.writer)
        ]
        if facts:
            self.out.write("\n\\noindent " + "\\\\\n".join(facts) + "\\par\n")
        seen: list[Values] = []
        for text in stream(self.page, self, seen.append):
            if not quiet:
                self.out.write(text)
        if self.page.has_result:
            self.out.writelines(latex(self.page.closing(self.writer, seen)))
        if self.standalone:
            self.out.write("\\end{document}\n")


def render(page: WorkedPage, out: TextIO, standalone: bool = False, quiet: bool = False) -> None:
    """Write the calculation as LaTeX to ``out``: a fragment for inclusion, or a ``standalone`` document."""
    WorkedLatex(page, out, standalone).run(quiet)
