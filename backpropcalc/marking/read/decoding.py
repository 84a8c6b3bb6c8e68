"""The text of an answer file, whatever it is kept in: plain text in the usual encodings, a notebook, Word or PDF."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from backpropcalc.errors import fail, printable
from backpropcalc.spec.reading import not_text, read_bytes

MAX_BYTES = 4_000_000
PLAIN = (".yaml", ".yml", ".json", ".csv", ".tsv", ".txt", ".md", ".tex")
"""The suffixes of files that are text."""
OTHERS = {
    **dict.fromkeys((".xlsx", ".xls", ".ods"), "save the sheet as CSV"),
    **dict.fromkeys((".doc", ".odt", ".rtf"), "save it as .docx or as plain text"),
    ".pages": "export it as .docx or as PDF",
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".heic"), "a picture is not read: type the values out"),
    ".zip": "unpack it first",
}
"""What students also hand in, and what to do with it."""


class Document(NamedTuple):
    """The text of a file, and how it is written: one of ``PLAIN``, or empty where the look of it must tell."""

    text: str
    suffix: str = ""


def document(path: str | Path) -> Document:
    """The text of a file, or of standard input if ``path`` is ``-``.

    Raises ``InputError`` if it cannot be read, or if it holds no text.
    """
    raw = read_bytes(path, MAX_BYTES)
    suffix = PurePath(str(path)).suffix.lower()
    name = "<standard input>" if str(path) == "-" else printable(str(path))
    if suffix in CONTAINERS:
        return Document(CONTAINERS[suffix](raw, name), ".md")
    if suffix in OTHERS:
        raise fail("suffix", f"{name}: no answer file has the suffix {suffix!r}", OTHERS[suffix])
    return Document(decoded(raw, name), suffix if suffix in PLAIN else "")


def decoded(raw: bytes, file: str = "") -> str:
    """Bytes as text: UTF-8, UTF-16 (as Excel and the Windows editor write it), or Windows-1252.

    Raises ``InputError`` if they are none of these.
    """
    start = raw[:1000]
    sixteen = raw[:2] in (b"\xff\xfe", b"\xfe\xff") or start.count(b"\0") > len(start) // 4
    order = "" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "-le" if start[1:2] == b"\0" else "-be"
    try:
        return raw.decode(f"utf-16{order}" if sixteen else "utf-8-sig")
    except UnicodeDecodeError as error:
        if not sixteen and not any(byte < 32 and byte not in b"\t\n\r\f" for byte in raw):
            try:
                return raw.decode("cp1252")
            except UnicodeDecodeError:
                pass
        raise not_text(raw, error, file) from None


def _notebook(raw: bytes, file: str) -> str:
    """What is written in the text cells of a Jupyter notebook, and what its code has printed."""
    try:
        cells = json.loads(decoded(raw, file))["cells"]
        return "\n".join(line for cell in cells for line in _cell(cell))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise fail("notebook", f"{file} is not a Jupyter notebook") from None


def _cell(cell: Any) -> Iterator[str]:
    source = _joined(cell["source"])
    if cell["cell_type"] != "code":
        yield from (source, "")
        return
    for output in cell.get("outputs", ()):
        if "text" in output:
            yield _joined(output["text"])
        elif "text/plain" in output.get("data", {}):
            last = source.rstrip().rpartition("\n")[2]
            yield f">>> {last}\n{_joined(output['data']['text/plain'])}"
    yield ""


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _word(raw: bytes, file: str) -> str:
    from .word import text_of

    return text_of(raw, file)


def _pdf(raw: bytes, file: str) -> str:
    """The text layer of a PDF, for which the package pypdf is needed."""
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        message = f"{file}: to read a PDF, the package pypdf is needed"
        raise fail("pdf", message, "pip install 'backpropcalc[pdf]', or hand in the text") from None
    try:
        text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(raw)).pages[:MAX_PAGES])
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, ArithmeticError):
        raise fail("pdf", f"{file} cannot be read as a PDF") from None
    if not text.strip():
        raise fail("pdf", f"{file} holds no text, only pictures", "a scan is not read: type the values out")
    return text


MAX_PAGES = 50
CONTAINERS: dict[str, Callable[[bytes, str], str]] = {".ipynb": _notebook, ".docx": _word, ".pdf": _pdf}
"""Files that hold text among other things, by their suffix."""
SUFFIXES = (*PLAIN, *CONTAINERS)
"""Every suffix that an answer file may have."""
