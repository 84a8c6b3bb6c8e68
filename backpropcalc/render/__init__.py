"""The output forms: one file each, and one case here; each writes every kind of piece in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from backpropcalc.errors import fail

if TYPE_CHECKING:
    from backpropcalc.pages.pieces import Document

SUFFIXES = {
    ".tex": "latex",
    ".md": "markdown",
    ".json": "json",
    ".txt": "terminal",
    ".dot": "dot",
    ".gv": "dot",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".svg": "svg",
    ".tikz": "tikz",
    ".typ": "typst",
}
MADE_OF = {"pdf": "latex", "docx": "latex"}
"""What other programs make of a form: a document that has the one has the other."""
PICTURES = frozenset({"svg", "tikz"})
"""The forms that are a picture of the network, without its lines."""


def _renderer(form: str) -> Callable[..., None]:
    """What writes a document in ``form``; no other form is imported."""
    match form:
        case "terminal":
            from . import terminal

            return terminal.render
        case "latex":
            from . import latex

            return latex.render
        case "pdf":
            from . import pdf

            return pdf.render
        case "docx":
            from . import docx

            return docx.render
        case "typst":
            from . import typst

            return typst.render
        case "markdown":
            from . import markdown

            return markdown.render
        case "html":
            from . import html

            return html.render
        case "json":
            from . import json

            return json.render
        case "dot":
            from . import dot

            return dot.render
        case "svg":
            from . import svg

            return svg.render
        case "tikz":
            from . import tikz

            return tikz.render
    raise KeyError(form)


def write(document: Document, out: TextIO, form: str = "terminal", **options: Any) -> None:
    """Write ``document`` in ``form`` to ``out``; options as the form has them."""
    if MADE_OF.get(form, form) not in document.forms:
        help = "--dot draws an expression graph" if form == "dot" else "use " + ", ".join(_suffixes(document))
        raise fail("usage", f"{document.kind} is not written as {_NAMES.get(form, form)}", help)
    _renderer(form)(document, out, **options)


_NAMES = {
    "html": "HTML", "json": "JSON", "latex": "LaTeX", "pdf": "PDF", "docx": "Word", "markdown": "Markdown",
    "svg": "SVG", "tikz": "TikZ", "typst": "Typst",
}  # fmt: skip


def _suffixes(document: Document) -> list[str]:
    return [suffix for suffix, form in SUFFIXES.items() if form in document.forms]
