"""PDF: the LaTeX document, compiled by the TeX that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TextIO

from backpropcalc.errors import InputError, fail
from backpropcalc.pages.pieces import Document

from .latex import render as latex

ENGINES = {
    "lualatex": r"\pdfvariable suppressoptionalinfo 512 \input page.tex",
    "pdflatex": r"\pdftrailerid{}\input page.tex",
}
"""Each engine and how it is told to give no file a number of its own."""
SECONDS = 300
"""So long may TeX take, for a page of thousands of lines."""
SAFE = {"openin_any": "p", "openout_any": "p", "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
"""TeX reads and writes in its own folder alone, and the same page gives the same bytes."""


def render(document: Document, out: TextIO, quiet: bool = False, drawn: bool = False) -> None:
    """Write a document as PDF to the binary stream under ``out``. Raises ``InputError`` if there is no TeX."""
    engine = next(filter(shutil.which, ENGINES), None)
    if engine is None:
        help = "install TeX (texlive-latex-recommended on Debian), or write .html and print it"
        raise fail("no-tex", "a PDF is made by LaTeX, which is not installed here", help)
    with tempfile.TemporaryDirectory(prefix="backpropcalc-") as folder:
        source = Path(folder, "page.tex")
        with source.open("w", encoding="utf-8") as stream:
            latex(document, stream, standalone=True, quiet=quiet, drawn=drawn)
        made = _compiled(engine, folder)
    out.flush()
    out.buffer.write(made)


def _compiled(engine: str, folder: str) -> bytes:
    command = [engine, "-no-shell-escape", "-halt-on-error", "-interaction=batchmode", "-jobname=page", ENGINES[engine]]
    try:
        subprocess.run(
            command, cwd=folder, env=os.environ | SAFE, capture_output=True, stdin=subprocess.DEVNULL,
            timeout=SECONDS, check=True,
        )  # fmt: skip
        return Path(folder, "page.pdf").read_bytes()
    except (subprocess.SubprocessError, OSError):
        raise _refused(Path(folder, "page.log")) from None


def _refused(log: Path) -> InputError:
    """What TeX said first, if it said anything."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    said = next((line[2:] for line in lines if line.startswith("! ")), "it did not finish")
    return fail("tex", f"LaTeX could not set this page: {said}", "write .tex and see what it says")
