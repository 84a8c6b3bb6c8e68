"""Which script writes a document."""

from __future__ import annotations

from backpropcalc.pages.pieces import Document

from .language import Language
from .script import Script


def script(document: Document, language: Language) -> Script:
    """What writes ``document`` in ``language``."""
    if document.exact:
        from .exact import ExactScript

        return ExactScript(document, language)
    return Script(document, language)
