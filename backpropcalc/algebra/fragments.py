"""A written line as data: text, slots for what is known only later, and places where it may be broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .terms import Shape, Var


class Break(NamedTuple):
    """A place where a line may be broken: the lower the level, the better the place."""

    level: int


OUTERMOST, INNER, ENCLOSED, BEFORE_FACTOR, ENCLOSED_FACTOR = range(5)
"""Levels: before a ``+`` or ``−`` or a matrix; the same inside another operation, inside its parentheses; before a
factor, outside parentheses and inside."""
SUM_BREAK = Break(OUTERMOST)


class Slot(NamedTuple):
    """A place in a line where something of a quantity stands that is known only later: see ``shows``."""

    var: Var
    guard: int = 0
    """0, 1 behind a sign of operation, 2 as the base of a power: where a negative number needs parentheses."""
    shows: str = "number"
    """``number``; ``sign``, the = or ≈ before it; ``raw``, all its digits; ``iteration``,
    the number of the iteration that the numbers are of; of what stands for every entry also its ``name`` in each, the
    ``index`` in that name, and its ``id``."""


class Filled(NamedTuple):
    """What stands in a slot, and the slot: where something else may come instead that is as wide."""

    slot: Slot
    text: str


class Group(NamedTuple):
    """An argument between braces that holds places to break."""

    parts: tuple[Fragment, ...]


class Grid(NamedTuple):
    """A matrix written out, with the size that it has: of a large one not all cells are there."""

    cells: tuple[tuple[str, ...], ...]
    shape: Shape
    label: str = ""
    """What the whole is called, where the entries stand as symbols."""


class Sized(NamedTuple):
    """A name with its size underneath."""

    text: str
    shape: Shape


Fragment = str | Slot | Filled | Break | Group | Grid | Sized
Fragments = tuple[Fragment, ...]
"""A line as data: text, slots, and places where it may be broken."""


def unbroken(fragments: Iterable[Fragment]) -> str:
    """The text of a line that has no slots, on one line."""
    return "".join([
        part if isinstance(part, str)
        else unbroken(part.parts) if isinstance(part, Group)
        else part.text if isinstance(part, Filled) else ""
        for part in fragments
    ])  # fmt: skip


def is_open(fragments: Fragments) -> bool:
    """Whether there are slots in a line."""
    return any(isinstance(part, Slot) or (isinstance(part, Group) and is_open(part.parts)) for part in fragments)


def seamless(fragments: Iterable[Fragment]) -> Fragments:
    """A line without places to break."""
    return merged(_seamless(fragments))


def _seamless(fragments: Iterable[Fragment]) -> Iterator[Fragment]:
    for part in fragments:
        if isinstance(part, Group):
            yield from _seamless(part.parts)
        elif not isinstance(part, Break):
            yield part


def lstripped(fragments: Fragments) -> Fragments:
    """Without the blanks at the start."""
    first, *rest = fragments or ("",)
    return (first.lstrip(), *rest) if isinstance(first, str) else fragments


def split(fragments: Iterable[Fragment], *levels: int) -> list[Fragments]:
    """The pieces between the breaks of certain levels."""
    pieces: list[list[Fragment]] = [[]]
    for part in fragments:
        if isinstance(part, Break) and part.level in levels:
            pieces.append([])
        else:
            pieces[-1].append(part)
    return list(map(tuple, pieces))


def merged(parts: Iterable[Fragment]) -> Fragments:
    """The same with neighbouring texts joined."""
    out: list[Fragment] = []
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        if texts:
            out.append("".join(texts))
            texts = []
        out.append(part)
    if texts:
        out.append("".join(texts))
    return tuple(out)
