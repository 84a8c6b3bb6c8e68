"""A document in a notebook: complete in each form that notebooks are turned into, and nothing in it runs."""

from __future__ import annotations

from collections.abc import Callable, Collection
from io import StringIO
from typing import TextIO

from backpropcalc.pages.pieces import Document, Gaps, Picture

from .html import Html
from .latex import Latex
from .markdown import Markdown
from .svg import FORWARD, Drawing, with_style

STYLE = """
.backpropcalc table { border-collapse: collapse; margin: .3rem 0 .8rem; }
.backpropcalc th, .backpropcalc td { padding: .25rem .8rem .25rem 0; text-align: left; font-weight: 400;
  background: none; border: 0; vertical-align: baseline; }
.backpropcalc dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.2rem; }
.backpropcalc dd { margin: 0; }
.backpropcalc .value, .backpropcalc .number { text-align: right; white-space: nowrap; }
.backpropcalc .reason, .backpropcalc .said td, .backpropcalc dt { color: #6b7280; }
.backpropcalc .wide { overflow-x: auto; }
.backpropcalc math { font-size: 1.08em; }
"""
"""For what is inside an output and for nothing else in the notebook."""


class NotebookLatex(Latex):
    """LaTeX whose displays need neither a package nor a document around them."""

    @staticmethod
    def _display(text: str, gaps: Gaps | None) -> str:
        return f"\n$$\\begin{{aligned}}\n{text}\n\\end{{aligned}}$$\n"


class NotebookMarkdown(Markdown):
    """Markdown whose displays stand between dollar signs: notebooks know no fences of mathematics."""

    @staticmethod
    def display(formula: str) -> str:
        """A formula on lines of its own."""
        return f"\n$$\n{formula}\n$$\n"


class NotebookHtml(Html):
    """A part of a page, which has no switch."""

    def picture(self, picture: Picture) -> str:
        """With the numbers of the forward pass."""
        return f"<figure>{with_style(Drawing(self.document, picture, FORWARD))}</figure>\n"


def latex(document: Document, out: TextIO) -> None:
    """Write a document as LaTeX that a notebook shows."""
    out.writelines(NotebookLatex(document).written())


def html(document: Document, out: TextIO) -> None:
    """Write a document as a part of a page; its style is for itself, and nothing in it runs."""
    form = NotebookHtml(document)
    out.write(f'<div class="backpropcalc">\n<style>{STYLE}</style>\n')
    out.writelines(form.written())
    out.write("</div>\n")


def markdown(document: Document, out: TextIO) -> None:
    """Write a document as Markdown."""
    out.writelines(NotebookMarkdown(document).written())


def plain(document: Document, out: TextIO) -> None:
    """Write a document as a terminal has it."""
    from .terminal import render

    render(document, out)


FORMS: dict[str, Callable[[Document, TextIO], None]] = {
    "text/plain": plain,
    "text/markdown": markdown,
    "text/latex": latex,
    "text/html": html,
}
"""What a notebook calls each form, and what writes it."""


def bundle(document: Document, include: Collection[str] = (), exclude: Collection[str] = ()) -> dict[str, str]:
    """The document in each form, or in those of ``include`` if there are any, but those of ``exclude``."""
    found = {}
    for form, write in FORMS.items():
        if (not include or form in include) and form not in exclude:
            out = StringIO()
            write(document, out)
            found[form] = out.getvalue()
    return found


class Shown:
    """A document that shows itself in a notebook."""

    def _repr_mimebundle_(
        self: Document, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        """What the notebook may choose from."""
        return bundle(self, include or (), exclude or ())
