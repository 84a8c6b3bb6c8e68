"""The few pieces that every document is made of. They say what stands there; how it looks is known to ``render``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from backpropcalc.algebra.arithmetic import Number
from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Index, Num, Term, Var
from backpropcalc.execution.values import Values
from backpropcalc.notation.notation import Notation
from backpropcalc.pages import FORMS
from backpropcalc.program.steps import Step

if TYPE_CHECKING:
    from backpropcalc.execution.plane import Plane


class Value(NamedTuple):
    """A number on its own, with the digits of the document or with its own; ``exact`` is None if these tell it."""

    value: Number
    digits: Digits | None = None
    exact: bool | None = None
    source: Term | None = None
    """What it is the value of, if that is known: a quantity, or a formula of quantities."""
    iteration: int = 1
    since: Value | None = None
    """The value of another iteration that it is the difference to."""

    @classmethod
    def of(cls, values: Values, var: Var) -> Value:
        """The value of an entry."""
        return cls(values.of(var), None, None if values.exact(var) else False, var, values.iteration)


class Given(NamedTuple):
    """A number as it was given, and what it is the number of."""

    var: Var
    number: Num


class Moved(str):
    """Words that say how far a value went from ``before`` to ``after``: ``−2.46 %``."""

    before: Value
    after: Value

    @classmethod
    def of(cls, text: str, before: Value, after: Value) -> Moved:
        """The words, and the values that they speak of."""
        made = cls(text)
        made.before, made.after = before, after
        return made


class Worked(NamedTuple):
    """A formula with its numbers in it."""

    term: Term
    values: Values


class Function(NamedTuple):
    """The name of a function, its derivative if it is ``primed``."""

    name: str
    primed: bool = False


class Partial(NamedTuple):
    """∂above/∂below."""

    above: str
    below: Term


class Interval(NamedTuple):
    """A range of numbers, as ``(−1, 1)``."""

    text: str


class Sign(NamedTuple):
    """A sign that each language has its own for."""

    name: str


ARROW, MORE, MINUS, TIMES, NABLA = Sign("arrow"), Sign("more"), Sign("minus"), Sign("times"), Sign("nabla")
ONE_OF, SOME_OF = Sign("one of"), Sign("some of")
"""Which samples: raised behind the inputs or targets, (i) or (i:i+b)."""

Atom = str | Term | Value | Given | Worked | Function | Partial | Interval | Sign
"""A part of a formula; a text stands there as it is, a term in symbols."""


class Math(tuple[Atom, ...]):
    """A formula, its parts one after the other."""

    __slots__ = ()


def math(*atoms: Atom) -> Math:
    """The formula of ``atoms``."""
    return Math(atoms)


def listed(formulas: Sequence[Math], between: Atom = ", ") -> Math:
    """Formulas one after the other."""
    return Math(atom for n, part in enumerate(formulas) for atom in ((between, *part) if n else part))


Phrase = str | Math | tuple[str | Math, ...]
"""Words, a formula, or words with formulas among them."""


class Title(NamedTuple):
    """What the user calls it, and what it is called where there must be a title."""

    text: str
    otherwise: str


class Heading(NamedTuple):
    """Level 1 to 3 as in a book; 4 stands over a single thing, as the paper's mistake."""

    level: int
    text: Phrase
    tone: str = ""


class Facts(NamedTuple):
    """Labels, each with what it says."""

    rows: Sequence[tuple[str, Phrase]]


class Note(NamedTuple):
    """A sentence. Its ``tone`` is what a colour may say: ``warning``, ``strong``; one that is ``close`` follows on."""

    text: Phrase
    tone: str = ""
    close: bool = False


class Run(NamedTuple):
    """Some entries of tensors: for each of them a line of each of ``steps``."""

    steps: tuple[Step, ...]
    entries: Sequence[Index]
    phase: str = ""

    @classmethod
    def of(cls, step: Step) -> Run:
        """The line of a scalar step alone."""
        return cls((step,), (step.var.index or (0, 0),))

    @property
    def cells(self) -> Iterator[Step]:
        """The scalar steps, one for each line."""
        return (step.cell(at) if step.var.index is None else step for at in self.entries for step in self.steps)


class Gaps(NamedTuple):
    """What of a line is left to be filled in, out of ``PARTS``; what it is worth; how many lines are free below it."""

    withheld: Mapping[Var, frozenset[str]]
    worth: Mapping[Var, str]
    room: int = 0


FORMULA, NUMBERS, VALUE = PARTS = ("formula", "numbers", "value")
"""What may be left to be filled in of a line."""


class Lines(NamedTuple):
    """Lines of the calculation, entry by entry: name = formula = numbers = value, and what must be said about some."""

    runs: tuple[Run, ...]
    values: Values
    notes: Mapping[Var, str] = MappingProxyType({})
    again: bool = False
    """Whether the same ``runs`` come again with other numbers: what was found out about them is worth keeping."""
    gaps: Gaps | None = None

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases that they are of: those of a descent go through all."""
        return tuple(dict.fromkeys(run.phase for run in self.runs))

    @property
    def cells(self) -> Iterator[Step]:
        """The scalar steps, one for each line."""
        return (step for run in self.runs for step in run.cells)


class MatrixLines(NamedTuple):
    """Lines of whole tensors; ``entries`` gives the quantity that an entry of one is, None if nobody works it out."""

    phase: str
    steps: Sequence[Step]
    values: Values
    notes: Mapping[Var, str]
    entries: Entries
    gaps: Gaps | None = None

    @property
    def phases(self) -> tuple[str, ...]:
        """The phase that they are of."""
        return (self.phase,)


class Entries(Protocol):
    """Which quantity each entry of a tensor is."""

    def entry(self, var: Var, at: Index) -> Var | None:
        """The quantity of the scalar view; None for the gradient of a parameter that is not trained."""
        raise NotImplementedError


class Equation(NamedTuple):
    """``left`` = the first of ``sides`` = the next …, each with the reason for it. ``whole`` if of whole tensors."""

    left: Var
    sides: tuple[tuple[Term, str], ...]
    whole: bool = False
    entries: Entries | None = None
    """Of whole tensors that are also written entry by entry: which quantity each entry is."""


class Equations(NamedTuple):
    """Equations in symbols, under each other; where the signs of equality stand depends on all ``among`` them."""

    equations: Sequence[Equation]
    among: Sequence[Equation] = ()


class Plot(NamedTuple):
    """Curves of (x, y), each with a name; ``across`` says what x is."""

    curves: Sequence[Sequence[tuple[float, float]]]
    names: Sequence[Phrase]
    across: str = ""


class Walks(NamedTuple):
    """Walks downhill on the curve of a function of one variable; its name is the first of ``names``."""

    curve: Sequence[tuple[float, float]]
    walks: Sequence[Sequence[tuple[float, float]]]
    names: Sequence[Phrase]
    across: str


class Boundary(NamedTuple):
    """What a network says all over the plane of its two inputs, with the names of its classes and of the inputs.

    The plane is worked out only where it is drawn.
    """

    plane: Callable[[], Plane]
    classes: Sequence[str]
    axes: tuple[str, str]


class Table(NamedTuple):
    """Rows of cells under headings; numbers are set flush right, by a ``right`` for each column."""

    headings: tuple[Phrase, ...]
    rows: Sequence[tuple[Phrase, ...]]
    right: tuple[bool, ...] = ()
    title: str = ""
    group: int = 0
    """How many columns after the first belong together: a table that is too wide goes on below between groups."""
    many: str = ""
    """What the rows are called if a terminal shows only the first of many."""
    sentences: bool = False
    """Whether the last column holds sentences that may need several lines."""
    tones: tuple[str, ...] = ()
    """What a colour may say of each row: ``mistake``, ``missing``, ``follows`` …"""
    plots: Sequence[Plot | None] = ()
    """A small picture behind the first cell of each row, where pictures can be drawn."""


class Edge(NamedTuple):
    """From a node of a tree up to the one that it stands in: the slope of the one by the other."""

    parent: Var
    child: Var
    slope: Math


class Tree(NamedTuple):
    """A graph from its root down: each node's formula and value, and the edges to what stands in it."""

    title: str
    root: Var
    nodes: Mapping[Var, Term | None]
    values: Mapping[Var, Math]
    edges: Sequence[Edge]


class Unit(NamedTuple):
    """A neuron, a node or a whole layer in a picture; ``at`` is its column and its row, which may be a half."""

    at: tuple[float, float]
    forward: tuple[str | Math, ...]
    """What stands in it, line by line: names with their numbers, or words."""
    backward: tuple[str | Math, ...] = ()
    """What stands in it instead where the picture is of the backward pass."""
    about: Var | None = None
    """The quantity that it stands for."""
    boxed: bool = False


class Link(NamedTuple):
    """An edge from one unit to another, by their numbers, with what is written at it forward and backward."""

    start: int
    end: int
    forward: str | Math
    backward: str | Math = ""
    about: Var | None = None
    through: tuple[tuple[float, float], ...] = ()
    """The places that it goes through on its way."""


class Picture(NamedTuple):
    """A network or a graph as a drawing, from the left to the right."""

    about: str
    units: Sequence[Unit]
    links: Sequence[Link]


class Room(NamedTuple):
    """So many empty lines to write on."""

    lines: int


class Break(NamedTuple):
    """A new page begins."""


Drawn = Plot | Walks | Boundary | Picture
"""What not every form has."""
Piece = Title | Heading | Facts | Note | Lines | MatrixLines | Equations | Table | Tree | Drawn | Room | Break


WRITTEN = frozenset({"terminal", *FORMS})


class Document(Protocol):
    """Anything that is written: its pieces, and what the languages need to know to write them."""

    @property
    def kind(self) -> str:
        """What it is called where it cannot be written."""

    @property
    def forms(self) -> frozenset[str]:
        """The output forms that there are of it."""

    @property
    def title(self) -> str:
        """What the user calls it."""

    @property
    def quoted(self) -> str:
        """All that people typed and that is written with letters of theirs: the title, answers."""

    @property
    def notation(self) -> Notation:
        """The names of its quantities."""

    @property
    def digits(self) -> Digits:
        """How its numbers are shown."""

    @property
    def exact(self) -> bool:
        """Whether its numbers are exact, fractions and expressions."""

    @property
    def as_given(self) -> bool:
        """Whether what is given is shown as it was given, however many digits it has."""

    @property
    def large(self) -> bool:
        """Whether a terminal works but one unit of each layer in full, unless everything is asked for."""

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """All of it, from the top down; with ``quiet`` without the working. Nothing is held."""
