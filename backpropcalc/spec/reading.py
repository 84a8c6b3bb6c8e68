"""A YAML text as a tree that remembers its places; scalars stay the text that was written.

The tree is built from the event stream without recursion, so that depth, aliases and tags of a hostile file
cost nothing: they are problems like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backpropcalc.errors import InputError, Place, Problem, fail, printable

MAX_BYTES = 16_000_000
MAX_DEPTH = 12
MAX_NODES = 1_000_000


class Node:
    """A scalar (``text``), a list (``items``) or a mapping (``items`` of key, value, key, value …)."""

    __slots__ = ("items", "kind", "place", "plain", "text")

    def __init__(
        self, kind: str, place: Place, text: str = "", plain: bool = True, items: list[Node] | None = None
    ) -> None:
        self.kind, self.place, self.text, self.plain, self.items = kind, place, text, plain, items

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items or ())

    def __len__(self) -> int:
        return len(self.items or ())

    @property
    def empty(self) -> bool:
        """Whether it is null: left out, ``null`` or ``~``."""
        return self.kind == "scalar" and self.plain and self.text in ("", "~", "null", "Null", "NULL")

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Key and value of each entry of a mapping."""
        items = iter(self.items or ())
        return zip(items, items, strict=True)

    def describe(self) -> str:
        """What the user wrote here, in a few words."""
        if self.empty:
            return "nothing"
        if self.kind == "scalar":
            return repr(printable(self.text, 40))
        return "a mapping" if self.kind == "mapping" else f"a list of {len(self)}"


def read_bytes(path: str | Path, limit: int = MAX_BYTES) -> bytes:
    """What is in a file of at most ``limit`` bytes, or in standard input if ``path`` is ``-``.

    Raises ``InputError`` with the name of the file.
    """
    name = str(path)
    try:
        if name == "-":
            import sys

            raw = sys.stdin.buffer.read(limit + 1)
        else:
            with open(path, "rb") as stream:
                raw = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise fail("unreadable-file", f"cannot read {printable(name)}: {reason}") from None
    if len(raw) > limit:
        raise fail("too-large", f"{printable(name)} is larger than {limit // 1_000_000} MB")
    return raw


def read_text(path: str | Path, limit: int = MAX_BYTES) -> str:
    """The text of a UTF-8 file of at most ``limit`` bytes, or of standard input if ``path`` is ``-``.

    Raises ``InputError`` with the name of the file.
    """
    raw = read_bytes(path, limit)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_text(raw, error, str(path)) from None


def not_text(raw: bytes, error: UnicodeDecodeError, file: str) -> InputError:
    """The error of a file that is no text, with the place where that shows."""
    line = raw.count(b"\n", 0, error.start) + 1
    place = Place(line, error.start - raw.rfind(b"\n", 0, error.start))
    return InputError([Problem("not-text", "this is not UTF-8 text", place, "save the file as UTF-8")], file)


def parse(text: str, file: str = "") -> Node:
    """The tree of a YAML text (shape: see ``Node``). Raises ``InputError`` where it is not plain YAML."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = _build(yaml.parse(text, Loader=loader))
        glued = _glued(text, root.place.line) if root.kind == "scalar" else None
        if glued is None:
            return root
        problem = glued
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = None if mark is None else Place(mark.line + 1, mark.column + 1)
        problem = (where and _glued(text, where.line)) or Problem(
            "yaml", f"not valid YAML: {error.problem or error.context}", where, _yaml_help(text, where)
        )
    except yaml.reader.ReaderError as error:
        position = error.position if isinstance(error.position, int) else 0
        match = re.search(_CONTROL, text)
        start = match.start() if match else min(position, len(text))
        where = Place(text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
        problem = Problem("yaml", "a control character, which YAML does not allow", where)
    except _Refused as error:
        problem = error.problem
    raise InputError([problem], file, text)


_CONTROL = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


class _Refused(Exception):
    def __init__(self, message: str, mark: Any, help: str = "") -> None:
        self.problem = Problem("yaml", message, Place(mark.line + 1, mark.column + 1), help)


def _build(events: Any) -> Node:
    import yaml

    root: Node | None = None
    stack: list[Node] = []
    for n, event in enumerate(events):
        mark: Any = event.start_mark
        if n > MAX_NODES:
            raise _Refused(f"more than {MAX_NODES:,} values", mark, "put samples into a CSV file: `data: {file: …}`")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused("anchors and aliases are not supported", mark, "write the value out")
        if getattr(event, "tag", None) and event.tag != "!":
            raise _Refused(f"the tag {printable(event.tag, 40)} is not supported", mark, "write plain values")
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise _Refused("a second document; one file holds one spec", mark)
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
            continue
        if isinstance(event, yaml.ScalarEvent):
            end: Any = event.end_mark
            width = end.column - mark.column if end.line == mark.line else 1
            place = Place(mark.line + 1, mark.column + 1, max(1, width))
            node = Node("scalar", place, event.value, not event.style)
        elif isinstance(event, yaml.CollectionStartEvent):
            kind = "mapping" if isinstance(event, yaml.MappingStartEvent) else "list"
            node = Node(kind, Place(mark.line + 1, mark.column + 1), items=[])
        else:
            continue
        if stack:
            items = stack[-1].items
            assert items is not None
            items.append(node)
        root = node if root is None else root
        if node.items is not None:
            stack.append(node)
            if len(stack) > MAX_DEPTH:
                raise _Refused("nested too deeply", mark, "a spec needs at most four levels")
    return Node("scalar", Place(1, 1)) if root is None else root


_GLUED = re.compile(r"\s*(?:- )?([A-Za-z_]\w*):(?=[\[{\"'\d.+-])")


def _glued(text: str, last: int) -> Problem | None:
    """The key nearest above line ``last`` whose colon has no space after it; YAML then takes both for one word."""
    for n, line in reversed([*enumerate(text.splitlines()[:last], 1)]):
        key = _GLUED.match(line)
        if key:
            help = f"write `{key[1]}: {printable(line[key.end() :], 60)}`"
            return Problem("yaml", "a space is missing after the colon", Place(n, key.end()), help)
    return None


def _yaml_help(text: str, where: Place | None) -> str:
    if where is None:
        return ""
    lines = text.splitlines()
    line = lines[where.line - 1] if where.line <= len(lines) else ""
    if "\t" in line[: where.column]:
        return "indent with spaces, not with tabs"
    if text.count("[") != text.count("]"):
        return "is there a bracket too many or too few?"
    return ""
