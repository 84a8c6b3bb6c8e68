"""Word: the LaTeX document, turned into .docx by pandoc where that is installed; its formulas are Word's own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from io import StringIO
from pathlib import Path
from typing import TextIO

from backpropcalc.errors import fail
from backpropcalc.pages.pieces import Document

SECONDS = 120
"""So long may pandoc take."""


def render(document: Document, out: TextIO, quiet: bool = False, every: bool = False) -> None:
    """Write a document as .docx to the binary stream under ``out``. Raises ``InputError`` if there is no pandoc."""
    from .latex import render as source

    pandoc = shutil.which("pandoc")
    if pandoc is None:
        raise fail("no-pandoc", "a .docx is made by pandoc, which is not installed here", "or write .md, .html or .pdf")
    text = StringIO()
    source(document, text, quiet=quiet, every=every)
    with tempfile.TemporaryDirectory(prefix="backpropcalc-") as folder:
        words = [pandoc, "--from", "latex", "--to", "docx", "--output", "page.docx", "-"]
        done = subprocess.run(
            words, cwd=folder, input=text.getvalue().encode(), capture_output=True, timeout=SECONDS, check=False
        )
        if done.returncode:
            raise fail("pandoc", "pandoc could not set this page", "write .tex and see what it says")
        made = Path(folder, "page.docx").read_bytes()
    out.flush()
    out.buffer.write(made)
