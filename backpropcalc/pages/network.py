"""What all documents about a network have, whatever they say of it."""

from __future__ import annotations

from collections.abc import Iterator

from backpropcalc.errors import printable
from backpropcalc.notation.notation import Notation
from backpropcalc.spec.network import Network

from .pieces import WRITTEN, Piece

FORMAT = 1
"""The version of what other programs read."""


class NetworkDocument:
    """A document about the network of ``spec``, in its notation and with its digits."""

    kind = "a page"
    forms = WRITTEN
    exact, as_given, large = False, False, False

    def __init__(self, spec: Network) -> None:
        self.spec = spec
        self.notation = Notation(spec)
        self.digits = spec.style.shown

    @property
    def title(self) -> str:
        """What the user calls it."""
        return printable(self.spec.title)

    @property
    def quoted(self) -> str:
        """All that people typed and that is written with letters of theirs."""
        return self.title

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """All of it, from the top down."""
        raise NotImplementedError
