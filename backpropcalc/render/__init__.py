"""The output forms: one file each, and one line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

from backpropcalc.errors import fail

if TYPE_CHECKING:
    from backpropcalc.pages.rows import Page

RENDERERS = {"terminal": "terminal", "latex": "latex", "markdown": "markdown", "json": "json"}
"""Form to module; each module has ``render(page, out, **options)``."""
SUFFIXES = {".tex": "latex", ".md": "markdown", ".json": "json", ".txt": "terminal", ".dot": "dot", ".gv": "dot"}


def write(page: Page, out: TextIO, form: str = "terminal", **options: Any) -> None:
    """Write ``page`` in one of ``RENDERERS`` to ``out``; options as the form's module has them."""
    if form not in page.forms:
        raise fail("usage", f"a {page.trace.spec.kind} is not written as {form}", "--dot draws an expression graph")
    import_module(f".{page.forms[form]}", __name__).render(page, out, **options)
