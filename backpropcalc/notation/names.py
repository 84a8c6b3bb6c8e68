"""From what people write to quantities: names of the notation, ids, and the ways in which both are spelled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import product

from backpropcalc.algebra.terms import Var
from backpropcalc.errors import fail, nearest, printable

from .notation import Notation
from .spellings import short, spellings, totals, whole
from .symbol import fold
from .wholes import WHOLE

Grid = tuple[tuple[Var, ...], ...]
"""The entries of a whole quantity, a row per unit."""


class Names:
    """Names to quantities: the notation's name or the id of any of ``known``, and what else people write for it.

    Spaces and case of ``_`` aside. A spelling that fits two quantities names neither, unless one has it by right:
    the notation's own names go before ids, and both before other ways to say it.
    """

    def __init__(self, notation: Notation, known: Iterable[Var]) -> None:
        self.notation = notation
        self.known = tuple(known)
        self.batch = any(var.sample is not None for var in self.known)
        self.exact: dict[str, Var] = {notation.ascii(var): var for var in self.known}
        self.spelled = list(self.exact)
        for var in self.known:
            self.exact.setdefault(var.id, var)

    @cached_property
    def folded(self) -> dict[str, tuple[Var, ...]]:
        """Each spelling as it is compared, to the quantities it may mean."""
        return self._spellings(_names, _ids, partial(spellings, batch=self.batch))

    @cached_property
    def short(self) -> dict[str, tuple[Var, ...]]:
        """Spellings that name a quantity where nothing but a name can stand: dw5 is no product there."""
        return self._spellings(partial(short, batch=self.batch))

    @cached_property
    def wholes(self) -> dict[str, tuple[Grid, ...]]:
        """The spellings of whole layers, to their entries."""
        entries: dict[Var, dict[tuple[int, int], Var]] = {}
        for var in self.known:
            if var.index is not None and _is_part(var):
                entries.setdefault(replace(var, index=None), {})[var.index] = var
        out: dict[str, dict[Grid, None]] = {}
        for var, cells in entries.items():
            rows, columns = (range(n) for n in var.shape)
            if len(cells) == len(rows) * len(columns):
                grid = tuple(tuple(cells[r, c] for c in columns) for r in rows)
                for spelling in whole(self.notation, var):
                    out.setdefault(fold(spelling), {})[grid] = None
        return {spelling: tuple(found) for spelling, found in out.items()}

    def _spellings(self, *ways: Callable[[Notation, Var], Iterable[str]]) -> dict[str, tuple[Var, ...]]:
        out: dict[str, tuple[Var, ...]] = {}
        for way in ways:
            level: dict[str, dict[Var, None]] = {}
            for var in self.known:
                for spelling in way(self.notation, var):
                    level.setdefault(fold(spelling), {})[var] = None
            for spelling, found in level.items():
                out.setdefault(spelling, tuple(found))
        return out

    def get(self, name: str, short: bool = True) -> Var | None:
        """The quantity called ``name``, or None; ``short`` forms of names count too unless it stands in a formula."""
        found = self.exact.get(name.strip())
        if found is None and len(name) <= LONGEST_NAME:
            folded = self._turned(fold(name))
            several = self.folded.get(folded) or (self.short.get(folded, ()) if short else ())
            found = several[0] if len(several) == 1 else None
        return found

    def ratio(self, name: str) -> Iterator[tuple[Var, Var]]:
        """The pairs y, x that a name which looks like ∂y/∂x may speak of, the sample at either or at the end."""
        for y, x in _ratio(name):
            pair = self.get(y), self.get(x)
            if pair[0] is not None and pair[1] is not None:
                yield pair[0], pair[1]

    def ratio_of_wholes(self, name: str) -> Iterator[tuple[Var, Var]]:
        """The same where x is a whole layer's, as in ∂E_1/∂W[2]: y, or all E_k as one, and the first entry of x."""
        for y, x in _ratio(name):
            above, below = self.get(y), self.grid(x)
            if above is None and (grid := self.grid(y)):
                above = replace(grid[0][0], index=None)
            if above is not None and below is not None:
                yield above, below[0][0]

    def grid(self, name: str) -> Grid | None:
        """The entries of the whole layer called ``name``, as ``net_h``, ``W1`` or ``dZ2``; None if it is none."""
        if len(name) > LONGEST_NAME:
            return None
        several = self.wholes.get(self._turned(fold(name)), ())
        return several[0] if len(several) == 1 else None

    def knows(self, name: str) -> bool:
        """Whether it is the name of a quantity or of a whole layer."""
        return bool(name) and (self.get(name) is not None or self.grid(name) is not None)

    def listed(self, text: str) -> list[Var]:
        """The quantities in ``(a, b)``, ``[a; b]`` or ``a, b``; none if any name is unknown."""
        inner = text.strip()
        inner = inner[1:-1] if inner[:1] in "[(" and inner[-1:] in "])" else inner
        found = [self.get(part) for part in _COMMA.split(inner)]
        return [var for var in found if var is not None] if None not in found else []

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
        several: Sequence[Var] = self.folded.get(fold(name)) or self.short.get(fold(name), ())
        if several:
            return "it could be " + " or ".join(self.notation.ascii(var) for var in several[:4])
        return nearest(name, self.spelled) or f"names look like {', '.join(self.spelled[:3])}"

    def _turned(self, folded: str) -> str:
        """``∂/∂w E``, an operator before the loss, as ∂E/∂w."""
        if folded.startswith("d/d"):
            for total in self._totals:
                if folded.endswith(total):
                    return f"d{total}/d{folded[3 : len(folded) - len(total)]}"
        return folded

    @cached_property
    def _totals(self) -> tuple[str, ...]:
        return tuple(fold(total) for total in totals(self.notation))


LONGEST_NAME = 120
_COMMA = re.compile(r"[,;]\s")
_RATIO = re.compile(r"d(?P<above>[^/]+)/d(?P<below>[^/]+?)(?P<sample>\(\d+\))?")


def _ratio(name: str) -> Iterator[tuple[str, str]]:
    """What stands above and below in ∂y/∂x, the sample at either or at the end."""
    parts = _RATIO.fullmatch(fold(name)) if len(name) <= LONGEST_NAME else None
    if parts is not None:
        above, below, sample = parts["above"], parts["below"], parts["sample"] or ""
        yield from product((above, above + sample), (below, below + sample))


def _is_part(var: Var) -> bool:
    """Whether an entry belongs to a whole that has a name."""
    if var.role in ("new", "after"):
        return var.of[0].role in WHOLE
    if var.role == "d":
        return var.of[0].index is None and var.of[0].role in ("loss", "sample", "a")
    return var.role in WHOLE


def _names(notation: Notation, var: Var) -> Iterable[str]:
    return notation.ascii(var), notation.text(var)


def _ids(notation: Notation, var: Var) -> Iterable[str]:
    yield var.id
    bias = var.parts[0] if var.role == "new" else var
    if bias.role in ("b", "shared") and bias.shape == (1, 1):  # one bias, with or without its index
        mark = "+" if var.role == "new" else ""
        yield f"b[{var.layer}]{mark}" if bias.role == "b" else f"b[{var.layer},1]{mark}"
