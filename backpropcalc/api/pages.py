"""Pages in the hands of a program: the same that the program writes, which a notebook shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from html import escape
from pathlib import Path

from backpropcalc.files import whole
from backpropcalc.pages import calculation, descent, graph, matrices
from backpropcalc.pages import page as maker
from backpropcalc.pages.pieces import Document
from backpropcalc.render import write
from backpropcalc.render.notebook import Shown
from backpropcalc.spec.model import Spec


class Live:
    """A page for the browser in a file, which a notebook shows in a frame of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return str(self.path)

    def _repr_html_(self) -> str:
        """The page in a frame: its script sees nothing of the notebook."""
        page = escape(self.path.read_text(encoding="utf-8"))
        return f'<iframe sandbox="allow-scripts" style="width: 100%; height: 40em; border: 0" srcdoc="{page}"></iframe>'


class InBrowser(Shown):
    """A page that is also written for the browser, its numbers as fields."""

    def live(self: Document, file: str | Path = "page.html") -> Live:
        """Write the page for the browser to ``file``, whole or not at all; a notebook shows what is returned.

        Raises ``InputError`` if it cannot be written.
        """
        with whole(file) as out:
            write(self, out, "html")
        return Live(Path(file))


class Page(InBrowser, calculation.Page):
    """The page of a network, a line for each number."""


class MatrixPage(InBrowser, matrices.MatrixPage):
    """The page of a network, a line for each layer."""


class GraphPage(InBrowser, graph.GraphPage):
    """The page of an expression graph."""


class DescentPage(InBrowser, descent.DescentPage):
    """The page of a gradient descent."""


AnyPage = Page | MatrixPage | GraphPage | DescentPage
KINDS: dict[type[calculation.Page], type[Page] | type[MatrixPage] | type[GraphPage] | type[DescentPage]] = {
    kind.__bases__[1]: kind for kind in (Page, MatrixPage, GraphPage, DescentPage)
}


def page(spec: Spec, only: Iterable[str] = (), phases: Iterable[str] = (), first: int = 1) -> AnyPage:
    """The page of a spec: all of it, some phases, or what the quantities called ``only`` are worked out from.

    It begins with iteration ``first``. ``write`` writes it in any form, and a notebook shows it.

    Raises ``InputError`` if a name is unknown or names nothing that is computed.
    """
    made = maker.page(spec, only, frozenset(phases), first)
    return KINDS[type(made)](**{field.name: getattr(made, field.name) for field in fields(made)})
