"""What a key may hold: how it is read, how a flag takes it, and how JSON Schema has it."""

from __future__ import annotations

from typing import Any, NamedTuple

from backpropcalc.algebra.terms import Num

from .reader import Reader
from .reading import Node

Schema = dict[str, Any]
MOST_RATES = 8


class Form(NamedTuple):
    """Something that the reader of its kind of spec reads; ``name`` is its definition in the schema."""

    name: str

    @property
    def schema(self) -> Schema:
        """A reference."""
        return {"$ref": f"#/$defs/{self.name}"}


class Choice:
    """One of these words; or, in a file, what the schema ``form`` says, which a reader of its own reads."""

    typed: Any = str

    def __init__(self, *words: str, form: str = "") -> None:
        self.words, self.form = words, form
        self.metavar = "|".join(words)

    @property
    def schema(self) -> Schema:
        """A list of words, or a reference."""
        return Form(self.form).schema if self.form else {"enum": list(self.words)}

    def read(self, reader: Reader, node: Node | None, what: str, default: str) -> str:
        """The word."""
        return reader.choice(node, self.words, what, default)


class Whole(NamedTuple):
    """A whole number from ``low`` to ``high``; ``word``, if there is one, says in its place that there is no limit."""

    low: int
    high: int
    word: str = ""
    typed: Any = int
    metavar: str = "N"

    @property
    def schema(self) -> Schema:
        """An integer in this range."""
        limits = {"type": "integer", "minimum": self.low, "maximum": self.high}
        return {"anyOf": [limits, {"const": self.word}, {"type": "null"}]} if self.word else limits

    def read(self, reader: Reader, node: Node | None, what: str, default: int | None) -> int | None:
        """The number; None for the word."""
        if self.word and node is not None and node.text == self.word:
            return None
        return reader.whole(node, what, self.low, self.high, default)


class Switch(NamedTuple):
    """True or false."""

    typed: Any = bool
    metavar: str = ""

    @property
    def schema(self) -> Schema:
        """A boolean."""
        return {"type": "boolean"}

    def read(self, reader: Reader, node: Node | None, what: str, default: bool) -> bool:
        """Whether it is on."""
        return default if node is None or node.empty else reader.switch(node, what)


class Rates(NamedTuple):
    """A number, or several that are to be compared."""

    typed: Any = list[str]
    metavar: str = "RATE"

    @property
    def schema(self) -> Schema:
        """A number or a list."""
        return Form("rates").schema

    def read(self, reader: Reader, node: Node | None, what: str, default: Any) -> tuple[Num, ...]:
        """The numbers; none if nothing is given."""
        if node is None or node.empty:
            return ()
        if node.kind != "list":
            return (reader.number(node, what),)
        if not 0 < len(node) <= MOST_RATES:
            message = f"{what} is a number, or a list of up to {MOST_RATES} to compare"
            reader.note(node, "shape", message, "as in [0.01, 0.1, 1.5]")
        return tuple(reader.number(item, f"{what}[{n}]") for n, item in enumerate(node, 1))


Readable = Choice | Whole | Switch | Rates
"""What a key holds, if one look at its value is enough to read it; then it may be a flag too.

``typed`` is the type of the flag as typer has it, ``metavar`` what stands for the value in its help.
"""
