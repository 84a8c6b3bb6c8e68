"""From what people write to quantities: names of the notation, ids, and the ways in which both are spelled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import product

from backpropcalc.algebra.terms import Var
from backpropcalc.errors import fail, nearest, printable

from .notation import LOSS, Notation, plain_id, sample_of
from .symbol import fold


class Names:
    """Names to quantities: the notation's name or the id of any of ``known``, and what else people write for it.

    Spaces and case of ``_`` aside. A spelling that fits two quantities names neither, unless one has it by right:
    the notation's own names go before ids, and both before other ways to say it.
    """

    def __init__(self, notation: Notation, known: Iterable[Var]) -> None:
        self.notation = notation
        self.known = tuple(known)
        self.exact: dict[str, Var] = {notation.ascii(var): var for var in self.known}
        self.spelled = list(self.exact)
        for var in self.known:
            self.exact.setdefault(var.id, var)

    @cached_property
    def folded(self) -> dict[str, tuple[Var, ...]]:
        """Each spelling as it is compared, to the quantities it may mean."""
        return self._spellings(_names, _ids, _also)

    @cached_property
    def short(self) -> dict[str, tuple[Var, ...]]:
        """Spellings that name a quantity where nothing but a name can stand: dw5 is no product there."""
        return self._spellings(_short)

    def _spellings(self, *ways: Callable[[Notation, Var], Iterable[str]]) -> dict[str, tuple[Var, ...]]:
        out: dict[str, tuple[Var, ...]] = {}
        for spellings in ways:
            level: dict[str, dict[Var, None]] = {}
            for var in self.known:
                for spelling in spellings(self.notation, var):
                    level.setdefault(fold(spelling), {})[var] = None
            for spelling, found in level.items():
                out.setdefault(spelling, tuple(found))
        return out

    def get(self, name: str, short: bool = True) -> Var | None:
        """The quantity called ``name``, or None; ``short`` forms of names count too unless it stands in a formula."""
        found = self.exact.get(name.strip())
        if found is None and len(name) <= LONGEST_NAME:
            folded = fold(name)
            several = self.folded.get(folded) or (self.short.get(folded, ()) if short else ())
            found = several[0] if len(several) == 1 else None
        return found

    def ratio(self, name: str) -> Iterator[tuple[Var, Var]]:
        """The pairs y, x that a name which looks like ∂y/∂x may speak of, the sample at either or at the end."""
        parts = _RATIO.fullmatch(fold(name)) if len(name) <= LONGEST_NAME else None
        if parts is not None:
            above, below, sample = parts["above"], parts["below"], parts["sample"] or ""
            for y, x in product((above, above + sample), (below, below + sample)):
                pair = self.get(y), self.get(x)
                if pair[0] is not None and pair[1] is not None:
                    yield pair[0], pair[1]

    def find(self, name: str) -> Var:
        """The quantity called ``name``. Raises ``InputError`` with the nearest name."""
        found = self.get(name)
        if found is None:
            raise fail("unknown-name", f"nothing here is called {printable(name, 60)!r}", self.help(name))
        return found

    def help(self, name: str) -> str:
        """What a name that is unknown may have meant."""
        if len(name) > LONGEST_NAME:
            return ""
        several = self.folded.get(fold(name)) or self.short.get(fold(name), ())
        if several:
            return "it could be " + " or ".join(self.notation.ascii(var) for var in several[:4])
        return nearest(name, self.spelled) or f"names look like {', '.join(self.spelled[:3])}"


LONGEST_NAME = 120
_RATIO = re.compile(r"d(?P<above>[^/]+)/d(?P<below>[^/]+?)(?P<sample>\(\d+\))?")


def _names(notation: Notation, var: Var) -> Iterable[str]:
    return notation.ascii(var), notation.text(var)


def _ids(notation: Notation, var: Var) -> Iterable[str]:
    yield var.id
    bias = var.parts[0] if var.role == "new" else var
    if bias.role in ("b", "shared") and bias.shape == (1, 1):  # one bias, with or without its index
        mark = "+" if var.role == "new" else ""
        yield f"b[{var.layer}]{mark}" if bias.role == "b" else f"b[{var.layer},1]{mark}"


def _also(notation: Notation, var: Var) -> Iterable[str]:
    """LaTeX; δ as ∂E/∂net; the total loss by its bare letter or as E; name and id mixed in a derivative."""
    yield notation.latex(var)
    sample = sample_of(var)
    if var.role == "d":
        y, x = var.parts
        for above in _total(notation) if y.role == "loss" else _plain(notation, y):
            yield from (f"d{above}/d{below}{sample}" for below in _plain(notation, x))
    elif var.role == "loss":
        yield from _total(notation)
    elif var.role == "new":
        yield from (plain + mark for plain in _plain(notation, var.parts[0]) for mark in ("+", "new", "*", "'"))
        yield from (f"new {plain}" for plain in _plain(notation, var.parts[0]))
    elif var.role == "after":
        yield from (plain + mark + sample for plain in _plain(notation, var.parts[0]) for mark in ("+", "new", "*"))


def _short(notation: Notation, var: Var) -> Iterable[str]:
    """A gradient as dw5, a target as t1, a single output without its number."""
    sample = sample_of(var)
    if var.role == "d" and var.of[0].role == "loss":
        yield from (f"d{plain}{sample}" for plain in _plain(notation, var.parts[1]))
    if var.role == "t" and var.index is not None:
        yield from (f"{letter}{var.index[0] + 1}{sample}" for letter in ("t", "y", "target"))
    if var.role == "loss":
        yield from ("loss", "total", "cost")
    if var.layer == notation.depth and notation.sizes[-1] == 1 and var.role in ("t", "z", "a", "delta"):
        yield notation.symbol(var).base + sample


def _plain(notation: Notation, var: Var) -> tuple[str, ...]:
    """Name and id without the sample."""
    return notation.symbol(var).ascii, plain_id(var)


def _total(notation: Notation) -> tuple[str, ...]:
    """What people call the total loss."""
    own = notation.symbol(LOSS)
    return own.ascii, own.base, "E", "E_total", "J", "L", "C"
