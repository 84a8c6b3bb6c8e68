"""Pages in the hands of a program: the same that the program writes, which a notebook shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from backpropcalc.pages import calculation, descent, graph, matrices
from backpropcalc.pages import page as maker
from backpropcalc.render.notebook import Shown
from backpropcalc.spec.model import Spec


class Page(Shown, calculation.Page):
    """The page of a network, a line for each number."""


class MatrixPage(Shown, matrices.MatrixPage):
    """The page of a network, a line for each layer."""


class GraphPage(Shown, graph.GraphPage):
    """The page of an expression graph."""


class DescentPage(Shown, descent.DescentPage):
    """The page of a gradient descent."""


KINDS: dict[type[calculation.Page], type[calculation.Page]] = {
    kind.__mro__[2]: kind for kind in (Page, MatrixPage, GraphPage, DescentPage)
}


def page(spec: Spec, only: Iterable[str] = (), phases: Iterable[str] = (), first: int = 1) -> calculation.Page:
    """The page of a spec: all of it, some phases, or what the quantities called ``only`` are worked out from.

    It begins with iteration ``first``. ``write`` writes it in any form, and a notebook shows it.

    Raises ``InputError`` if a name is unknown or names nothing that is computed.
    """
    made = maker.page(spec, only, frozenset(phases), first)
    return KINDS[type(made)](**{field.name: getattr(made, field.name) for field in fields(made)})
