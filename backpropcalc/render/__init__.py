"""The output forms: one file each, and one line here; each writes every kind of piece in one place."""

from __future__ import annotations

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
    ".svg": "svg",
    ".tikz": "tikz",
    ".typ": "typst",
}
PICTURES = frozenset({"svg", "tikz"})
"""The forms that are a picture of the network, without its lines."""


def _terminal(document: Document, out: TextIO, **options: Any) -> None:
    from .terminal import render

    render(document, out, **options)


def _latex(document: Document, out: TextIO, **options: Any) -> None:
    from .latex import render

    render(document, out, **options)


def _markdown(document: Document, out: TextIO, **options: Any) -> None:
    from .markdown import render

    render(document, out, **options)


def _json(document: Document, out: TextIO, **options: Any) -> None:
    from .json import render

    render(document, out, **options)


def _dot(document: Document, out: TextIO, **options: Any) -> None:
    from .dot import render

    render(document, out, **options)


def _html(document: Document, out: TextIO, **options: Any) -> None:
    from .html import render

    render(document, out, **options)


def _svg(document: Document, out: TextIO, **options: Any) -> None:
    from .svg import render

    render(document, out, **options)


def _tikz(document: Document, out: TextIO, **options: Any) -> None:
    from .tikz import render

    render(document, out, **options)


def _pdf(document: Document, out: TextIO, **options: Any) -> None:
    from .pdf import render

    render(document, out, **options)


def _typst(document: Document, out: TextIO, **options: Any) -> None:
    from .typst import render

    render(document, out, **options)


RENDERERS = {
    "terminal": _terminal,
    "latex": _latex,
    "pdf": _pdf,
    "typst": _typst,
    "markdown": _markdown,
    "html": _html,
    "json": _json,
    "dot": _dot,
    "svg": _svg,
    "tikz": _tikz,
}
"""Form to the function that writes a document in it; each imports what it needs when it is called."""


def write(document: Document, out: TextIO, form: str = "terminal", **options: Any) -> None:
    """Write ``document`` in one of ``RENDERERS`` to ``out``; options as the form has them."""
    if {"pdf": "latex"}.get(form, form) not in document.forms:
        help = "--dot draws an expression graph" if form == "dot" else "use " + ", ".join(_suffixes(document))
        raise fail("usage", f"{document.kind} is not written as {_NAMES.get(form, form)}", help)
    RENDERERS[form](document, out, **options)


_NAMES = {
    "html": "HTML", "json": "JSON", "latex": "LaTeX", "pdf": "PDF", "markdown": "Markdown",
    "svg": "SVG", "tikz": "TikZ", "typst": "Typst",
}  # fmt: skip


def _suffixes(document: Document) -> list[str]:
    return [suffix for suffix, form in SUFFIXES.items() if form in document.forms]
