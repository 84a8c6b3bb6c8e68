"""The answer file to fill in: every name in the order of the calculation, with comments that say where one is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import TextIO

from backpropcalc.errors import fail, printable
from backpropcalc.pages.calculation import Page

from .examination import in_order

_HOW = (
    "Write each value behind its name, with as many digits as you like; leave empty what you do not know.",
    "0.5933, 0,5933, -1.2e-3, 3/8 and 0.593269992 = 0.5933 are all understood.",
)


def template(page: Page, out: TextIO, form: str = "yaml") -> None:
    """Write the answer file of a page to ``out`` in one of ``FORMS``. Raises ``InputError`` if nothing is asked."""
    lines = list(_lines(page))
    if not any(name for name, _ in lines):
        raise fail("empty", "there is nothing to fill in: no quantity is both asked for and worked out")
    FORMS[form](printable(page.trace.spec.title), lines, out)


def _lines(page: Page) -> Iterator[tuple[str, str]]:
    """A name and its heading: either is empty."""
    for item in in_order(page):
        yield ("", item) if isinstance(item, str) else (page.notation.ascii(item.var), "")


def _commented(line: str, title: str, lines: list[tuple[str, str]], out: TextIO) -> None:
    """Each name as ``line`` has it, the headings as comments."""
    for text in (title, *_HOW):
        out.write(f"# {text}\n" if text else "")
    for name, heading in lines:
        out.write(f"{line.format(name)}\n" if name else f"\n# {heading}\n")


def _markdown(title: str, lines: list[tuple[str, str]], out: TextIO) -> None:
    """A table under each heading, names as code, so that nothing in them is markup."""
    from backpropcalc.render.markdown import escape

    out.write(f"# {escape(title) or 'Answers'}\n\n{_HOW[0]}\n")
    below = False
    for name, heading in lines:
        if heading:
            out.write(f"\n## {heading[:1].upper()}{heading[1:]}\n")
        elif not below:
            out.write("\n| quantity | value |\n|---|---|\n")
        out.write(f"| `{name}` |  |\n" if name else "")
        below = bool(name)


def _csv(title: str, lines: list[tuple[str, str]], out: TextIO) -> None:
    out.write("name,value\n")
    for name, _ in lines:
        out.write((f'"{name}",\n' if "," in name else f"{name},\n") if name else "")


def _json(title: str, lines: list[tuple[str, str]], out: TextIO) -> None:
    json.dump({name: None for name, _ in lines if name}, out, ensure_ascii=False, indent=1)
    out.write("\n")


FORMS: dict[str, Callable[[str, list[tuple[str, str]], TextIO], None]] = {
    "yaml": partial(_commented, "{}:"),
    "csv": _csv,
    "json": _json,
    "txt": partial(_commented, "{} = "),
    "md": _markdown,
}
SUFFIXES = {".yaml": "yaml", ".yml": "yaml", ".csv": "csv", ".json": "json", ".txt": "txt", ".md": "md"}
"""Of the file to its form."""
