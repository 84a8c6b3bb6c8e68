"""What an output form is: a way to write each piece, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backpropcalc.pages.pieces import (
    Boundary,
    Break,
    Document,
    Equations,
    Facts,
    Heading,
    Lines,
    MatrixLines,
    Note,
    Picture,
    Piece,
    Plot,
    Room,
    Table,
    Title,
    Tree,
    Walks,
)


class Form:
    """Writes the pieces of a document, one method for each kind."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.before: Piece | None = None
        """The piece that was written last."""
        self.writers: dict[type[Piece], Callable[..., str]] = {
            Title: self.title,
            Heading: self.heading,
            Facts: self.facts,
            Note: self.note,
            Lines: self.lines,
            MatrixLines: self.matrix_lines,
            Equations: self.equations,
            Table: self.table,
            Tree: self.tree,
            Plot: self.plot,
            Walks: self.walks,
            Boundary: self.boundary,
            Picture: self.picture,
            Room: self.room,
            Break: self.page_break,
        }

    def written(self, quiet: bool = False) -> Iterator[str]:
        """The document, piece by piece; nothing is held."""
        for piece in self.document.pieces(quiet):
            text = self.writers[type(piece)](piece)
            if text or not isinstance(piece, (Walks, Boundary, Picture)):
                yield text
                self.before = piece

    def title(self, title: Title) -> str:
        """What the document is called."""
        raise NotImplementedError

    def heading(self, heading: Heading) -> str:
        """A heading of any level."""
        raise NotImplementedError

    def facts(self, facts: Facts) -> str:
        """Labels and what they say."""
        raise NotImplementedError

    def note(self, note: Note) -> str:
        """A sentence."""
        raise NotImplementedError

    def lines(self, lines: Lines) -> str:
        """Lines of the calculation."""
        raise NotImplementedError

    def matrix_lines(self, lines: MatrixLines) -> str:
        """Lines of whole tensors."""
        raise NotImplementedError

    def equations(self, equations: Equations) -> str:
        """Equations in symbols."""
        raise NotImplementedError

    def table(self, table: Table) -> str:
        """A table."""
        raise NotImplementedError

    def tree(self, tree: Tree) -> str:
        """A graph from its root down."""
        raise NotImplementedError

    def plot(self, plot: Plot) -> str:
        """A picture of curves; not every form has one."""
        return ""

    def walks(self, walks: Walks) -> str:
        """Walks downhill on a curve; not every form has them."""
        return ""

    def boundary(self, boundary: Boundary) -> str:
        """A plane of classes; not every form has one."""
        return ""

    def picture(self, picture: Picture) -> str:
        """A drawing of the network; not every form has one."""
        return ""

    def room(self, room: Room) -> str:
        """Empty lines to write on."""
        raise NotImplementedError

    def page_break(self, _: Break) -> str:
        """A new page."""
        raise NotImplementedError
