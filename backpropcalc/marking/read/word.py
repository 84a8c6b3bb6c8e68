"""The text of a Word document (.docx): paragraphs, tables as rows with bars, equations as LaTeX.

Only the standard library is used. A document type declaration, which is where entities come from, is refused.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from xml.parsers import expat

from backpropcalc.errors import InputError, fail

MAX_XML = 20_000_000
"""Characters of the document once it is unpacked."""
MAX_DEPTH = 200


class _Element:
    """A tag without its namespace, what is in it, and ``value``, the character of an accent."""

    def __init__(self, tag: str, value: str = "") -> None:
        self.tag, self.value, self.text = tag, value, ""
        self.children: list[_Element] = []

    def child(self, tag: str) -> _Element:
        return next((c for c in self.children if c.tag == tag), _Element(tag))

    def all(self, tag: str) -> list[_Element]:
        return [c for c in self.children if c.tag == tag]


def text_of(raw: bytes, file: str) -> str:
    """The text of a .docx file. Raises ``InputError`` if it is none."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            if archive.getinfo("word/document.xml").file_size > MAX_XML:
                raise fail("too-large", f"{file} is too large once it is unpacked")
            with archive.open("word/document.xml") as stream:
                xml = stream.read(MAX_XML + 1)
        root = _tree(xml[:MAX_XML])
    except (zipfile.BadZipFile, KeyError, expat.ExpatError, _Refused, zlib.error, EOFError, OSError, RuntimeError,
            NotImplementedError, UnicodeError):  # fmt: skip
        raise fail("word", f"{file} is not a Word document") from None
    except InputError:
        raise
    return "\n".join(_lines(root))


class _Refused(Exception):
    pass


def _tree(xml: bytes) -> _Element:
    """The elements of an XML text, without recursion and without entities of its own."""
    root = _Element("")
    stack = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        value = next((v for key, v in attributes.items() if key.rpartition(" ")[2] == "val"), "")
        element = _Element(name.rpartition(" ")[2], value)
        stack[-1].children.append(element)
        stack.append(element)
        if len(stack) > MAX_DEPTH:
            raise _Refused

    def text(data: str) -> None:
        stack[-1].text += data

    def refuse(*_: object) -> None:
        raise _Refused

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: stack.pop() and None
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(xml, True)
    return root


def _lines(element: _Element) -> Iterator[str]:
    """The lines of everything in ``element``: a paragraph each, a row of a table each."""
    for child in element.children:
        if child.tag == "p":
            yield from _text(child).split("\n")
        elif child.tag == "tbl":
            yield ""
            for row in child.all("tr"):
                cells = (" ".join(_lines(cell)).replace("|", "/") for cell in row.all("tc"))
                yield "| " + " | ".join(cells) + " |"
            yield ""
        else:
            yield from _lines(child)


def _text(element: _Element) -> str:
    """Runs of text and equations in one line."""
    write = _WRITTEN.get(element.tag)
    if write is not None:
        return write(element)
    return "".join(_text(child) for child in element.children)


def _group(element: _Element, tag: str = "e") -> str:
    return "{" + _text(element.child(tag)) + "}"


def _parenthesised(element: _Element) -> str:
    begin = element.child("dPr").child("begChr").value or "("
    inner = ", ".join(_text(part) for part in element.all("e"))
    return f"{begin}{inner}" + {"[": "]", "{": "}", "|": "|"}.get(begin, ")")


def _matrix(element: _Element) -> str:
    return "[" + "; ".join(", ".join(_text(cell) for cell in row.all("e")) for row in element.all("mr")) + "]"


def _accent(element: _Element) -> str:
    mark = element.child("accPr").child("chr").value
    return (r"\bar" if mark in ("̅", "̄", "¯", "→", "⃗") else r"\hat") + _group(element)


_WRITTEN: dict[str, Callable[[_Element], str]] = {
    "t": lambda e: e.text,
    "tab": lambda e: "\t",
    "br": lambda e: "\n",
    "cr": lambda e: "\n",
    "noBreakHyphen": lambda e: "-",
    "delText": lambda e: "",
    "instrText": lambda e: "",
    "f": lambda e: r"\frac" + _group(e, "num") + _group(e, "den"),
    "sSub": lambda e: _text(e.child("e")) + "_" + _group(e, "sub"),
    "sSup": lambda e: _text(e.child("e")) + "^" + _group(e, "sup"),
    "sSubSup": lambda e: _text(e.child("e")) + "_" + _group(e, "sub") + "^" + _group(e, "sup"),
    "rad": lambda e: r"\sqrt" + _group(e),
    "d": _parenthesised,
    "m": _matrix,
    "acc": _accent,
    "bar": lambda e: r"\bar" + _group(e),
    "oMath": lambda e: " " + "".join(map(_text, e.children)) + " ",
}
"""How each kind of element is written; of any other, what is in it."""
