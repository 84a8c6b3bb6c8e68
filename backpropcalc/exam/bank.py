"""The questions of a form as plain data, which the files for other systems are written from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Wrong(NamedTuple):
    """A number that a misconception gives, as it is shown, with the sentence that explains it."""

    shown: str
    rule: str
    text: str


class Item(NamedTuple):
    """A value that is asked for: what it is called, as it is shown, and how far an answer may lie from that."""

    id: str
    name: str
    ascii: str
    """The same as it is typed."""
    shown: str
    tolerance: str
    points: float
    wrong: tuple[Wrong, ...]
    solution: str
    """The line worked in full."""


class Form(NamedTuple):
    """An exam with its own numbers. ``given`` has labels, each with what it says; ``spec`` is the file."""

    letter: str
    title: str
    digest: str
    given: Sequence[tuple[str, str]]
    asked: str
    """How finely the values are to be written."""
    items: Sequence[Item]
    spec: str

    @property
    def name(self) -> str:
        """What it is called in a list."""
        return f"{self.title}, form {self.letter}" if self.letter else self.title
