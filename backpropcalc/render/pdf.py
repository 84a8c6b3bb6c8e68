"""PDF: the Typst document, compiled by the wheel of Typst; where that is missing the LaTeX document, by TeX."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Literal, TextIO

from backpropcalc.errors import InputError, fail
from backpropcalc.pages.pieces import Document

ENGINES = {
    "lualatex": r"\pdfvariable suppressoptionalinfo 512 \input page.tex",
    "pdflatex": r"\pdftrailerid{}\input page.tex",
}
"""Each engine and how it is told to give no file a number of its own."""
SECONDS = 300
"""So long may TeX take, for a page of thousands of lines."""
SAFE = {"openin_any": "p", "openout_any": "p", "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
"""TeX reads and writes in its own folder alone, and the same page gives the same bytes."""


def render(document: Document, out: TextIO, quiet: bool = False, drawn: bool = False, every: bool = False) -> None:
    """Write a document as PDF to the binary stream under ``out``, with the picture of its network if it is ``drawn``.

    Raises ``InputError`` if nothing here makes one.
    """
    by_typst = find_spec("typst") and not every  # only LaTeX sets matrices of any size
    made = _by_typst(document, quiet, drawn) if by_typst else _by_tex(document, quiet, drawn, every)
    out.flush()
    out.buffer.write(made)


def _by_typst(document: Document, quiet: bool, drawn: bool) -> bytes:
    """PDF/UA-1 by Typst, which sees an empty folder: whatever a page holds, there is nothing that it could read.

    A letter that Typst's own fonts lack is looked for in those of the system; if it is nowhere, no page with it is
    accessible, and a mark stands in its place.
    """
    import typst

    from .typst import render as source

    text = StringIO()
    source(document, text, quiet, drawn)
    with tempfile.TemporaryDirectory(prefix="backpropcalc-") as empty:
        ways: tuple[tuple[bool, Literal["ua-1"] | None], ...] = ((True, "ua-1"), (False, "ua-1"), (False, None))
        for own_fonts, standards in ways:
            compiler = typst.Compiler(
                text.getvalue().encode(), root=empty, ignore_system_fonts=own_fonts,
                package_path=empty, package_cache_path=empty,
            )  # fmt: skip
            try:
                made = compiler.compile(format="pdf", pdf_standards=standards)
            except typst.TypstError as error:
                said = error
            else:
                assert isinstance(made, bytes)
                return made
    raise fail("typst", f"Typst could not set this page: {said}", "write .typ and see what it says")


def _by_tex(document: Document, quiet: bool, drawn: bool, every: bool) -> bytes:
    """By LaTeX, in a folder of its own."""
    from .latex import render as source

    engine = next(filter(shutil.which, ENGINES), None)
    if engine is None:
        help = "pip install 'backpropcalc[pdf]', or install TeX; or write .html and print it"
        raise fail("no-tex", "a PDF is made by Typst or LaTeX, and neither is installed here", help)
    with tempfile.TemporaryDirectory(prefix="backpropcalc-") as folder:
        with Path(folder, "page.tex").open("w", encoding="utf-8") as stream:
            source(document, stream, standalone=True, quiet=quiet, drawn=drawn, every=every)
        return _compiled(engine, folder)


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
