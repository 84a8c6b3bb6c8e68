"""Calculations in the hands of a program: lines by name, a table of them, and what a notebook shows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from itertools import chain
from typing import TYPE_CHECKING

from backpropcalc.errors import fail, printable
from backpropcalc.execution import values, worked
from backpropcalc.execution.trace import Trace
from backpropcalc.notation.names import Names
from backpropcalc.notation.notation import Notation
from backpropcalc.notation.own_names import notation_of
from backpropcalc.pages.calculation import Page
from backpropcalc.pages.page import page
from backpropcalc.pages.pieces import Lines, Piece, Run
from backpropcalc.render.notebook import bundle

if TYPE_CHECKING:
    import pandas


class Line(values.Line):
    """One line of the calculation, which knows its name and shows itself in a notebook."""

    trace: Named

    @property
    def name(self) -> str:
        """What the notation calls it, as it is typed: ``dE_total/dw5``."""
        return self.trace.notation.ascii(self.step.var)

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        """What the notebook may choose from."""
        return bundle(LinePage(self.trace, self.trace.notation, line=self), include or (), exclude or ())


@dataclass(frozen=True)
class LinePage(Page):
    """A page of one line."""

    line: Line | None = None

    @property
    def large(self) -> bool:
        """One line never is."""
        return False

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """The line, without a heading."""
        if self.line is not None:
            yield Lines((Run.of(self.line.step)._replace(phase=self.line.phase),), self.line.values)


class Named(Trace):
    """A calculation that is asked by name. Iterating it gives its lines."""

    @cached_property
    def notation(self) -> Notation:
        """What its quantities are called."""
        return notation_of(self.spec)

    @cached_property
    def _names(self) -> Names:
        return Names(self.notation, chain(self.given(), self.computed()))

    def lines(self) -> Iterator[Line]:
        """Every line, lazily."""
        for found in super().lines():
            line = Line(*found)
            line.trace = self
            yield line

    def __getitem__(self, name: str) -> Line:
        """The first line of the quantity called ``name``, by its id or as the notation or a person calls it.

        Raises ``InputError`` with the nearest name, or if the quantity is given and has no line.
        """
        var = self._names.find(name)
        found = next((line for line in self.lines() if line.step.var == var), None)
        if found is None:
            raise fail("given", f"{printable(name)} is given, not computed", "name a quantity that is worked out")
        return found

    def to_frame(self) -> pandas.DataFrame:
        """A pandas table with a row for each line, its columns as in JSON. Raises ``InputError`` without pandas."""
        from backpropcalc.render import write

        try:
            import pandas
        except ImportError:
            raise fail("no-pandas", "a table needs pandas", "pip install pandas") from None
        out = StringIO()
        write(page(self.spec, first=self.first), out, "json")
        return pandas.DataFrame(json.loads(out.getvalue())["lines"])

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        """The page, in what the notebook may choose from."""
        return bundle(page(self.spec, first=self.first), include or (), exclude or ())


class NetworkTrace(Named):
    """The calculation of a network."""


class GraphTrace(Named, worked.GraphTrace):
    """The calculation of an expression graph."""


class DescentTrace(Named, worked.DescentTrace):
    """The calculation of a gradient descent."""
