"""Rows: a line of the calculation as text, in one written language. All that an output form sees.

A row is either written with its numbers, or with a slot for each number; text made of such rows is a template that
is filled once per iteration, which is what makes ten thousand iterations a matter of a second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from operator import itemgetter
from typing import Any, NamedTuple

from backpropcalc.digits import latex_number, text_number
from backpropcalc.errors import fail, printable
from backpropcalc.notation import Names, Notation
from backpropcalc.program import Block, Step
from backpropcalc.spec import Spec
from backpropcalc.terms import Num, Op, Var, variables
from backpropcalc.trace import Trace, Values, is_finite
from backpropcalc.typeset import LATEX, TEXT, Syntax, typeset

CHUNK = 200
"""How many lines are written at once."""
CACHED = 5000
"""Up to this many lines per iteration the templates are kept for the next iteration."""


class Row(NamedTuple):
    """``name = formula = numbers = value``; ``numbers`` is empty where it would only repeat its neighbour."""

    step: Step
    name: str
    formula: str
    numbers: str
    relation: str
    value: str
    note: str = ""


class Language(NamedTuple):
    """A written language: how terms, names and numbers look in it."""

    syntax: Syntax
    name: Callable[[Notation, Var], str]
    number: Callable[[str, int], str]
    equal: str
    about: str
    infinite: str


TERMINAL = Language(TEXT, Notation.text, text_number, "=", "≈", "∞")
TEX = Language(LATEX, Notation.latex, latex_number, "=", r"\approx", r"\infty")

Write = Callable[[Var, int], str]
"""Writes the value of an entry; the second argument as in ``typeset.Leaf``, or one of the next two."""
RELATION = 3
"""The sign before a value: = or ≈."""
RAW = 4
"""All digits, as JSON has them."""


@dataclass(frozen=True)
class Page:
    """What is to be shown, how: the trace, its notation, and which lines."""

    trace: Trace
    notation: Notation
    phases: frozenset[str] = frozenset()
    only: frozenset[Var] | None = None

    def steps(self, block: Block) -> Iterator[Step]:
        """The scalar steps of a block that are to be shown."""
        if self.phases and block.phase not in self.phases:
            return iter(())
        if self.only is None:
            return block.cells
        return (step for step in block.cells if step.var in self.only)

    def parts(self, blocks: Iterable[Block]) -> Iterator[Part]:
        """The shown steps of ``blocks``, ``CHUNK`` at a time."""
        for block in blocks:
            steps = iter(self.steps(block))
            while chunk := list(islice(steps, CHUNK)):
                yield Part(block, chunk, None)


def page(spec: Spec, only: Iterable[str] = (), phases: frozenset[str] = frozenset()) -> Page:
    """The page of a spec: all of it, some phases, or what the quantities called ``only`` are worked out from.

    Raises ``InputError`` if a name is unknown or names nothing that is computed.
    """
    trace = Trace(spec)
    notation = Notation(spec)
    entries = frozenset(trace.needed(_wanted(trace, notation, only))) if only else None
    return Page(trace, notation, phases, entries)


def _wanted(trace: Trace, notation: Notation, only: Iterable[str]) -> Iterator[Var]:
    computed = dict.fromkeys(trace.computed())
    updated = {var.parts[0]: var for var in computed if var.role == "new"}
    names = Names(notation, chain(trace.given(), computed))
    for name in only:
        var = names.find(name)
        if var not in computed and var not in updated:
            raise fail("given", f"{printable(name)} is given, not computed", "name a quantity that is worked out")
        yield updated.get(var, var)


class Writer:
    """Makes rows in one language."""

    def __init__(self, page: Page, language: Language) -> None:
        self.page, self.language, self.notation = page, language, page.notation
        self.digits = page.trace.digits
        self.given_as_written = page.trace.spec.style.carry == "rounded"

    def row(self, step: Step, write: Write, note: str = "") -> Row:
        """The row of a step, its numbers written by ``write``."""
        formula = self.formula(step)
        numbers = ""
        if isinstance(step.term, Op):
            numbers = typeset(step.term, self.language.syntax, lambda node, guard: self.leaf(node, guard, write))
        return Row(
            step,
            self.name(step.var),
            formula,
            "" if numbers == formula else numbers,
            write(step.var, RELATION),
            write(step.var, 0),
            note,
        )

    def name(self, var: Var) -> str:
        """The name of a quantity."""
        return self.language.name(self.notation, var)

    def formula(self, step: Step) -> str:
        """The right side in symbols."""
        return typeset(step.term, self.language.syntax, self._symbol, self._label)

    def _symbol(self, node: Var | Num, guard: int) -> str:
        if isinstance(node, Num):
            return self.literal(node, guard)
        name = self.name(node)
        return f"({name})" if guard == 2 and ("^" in name or "frac" in name or "/" in name) else name

    def _label(self, y: Var, x: Var) -> str:
        return self.name(Var("d", x.layer, (1, 1), (y, x)))

    def literal(self, number: Num, guard: int) -> str:
        """A number of the formula itself."""
        above, slash, below = number.text.partition("/")
        if slash and self.language is TEX:
            return rf"\frac{{{above}}}{{{below}}}"
        return self.language.number(number.text, guard) if not slash else number.text

    def leaf(self, node: Var | Num, guard: int, write: Write) -> str:
        """A leaf of the substituted formula."""
        return self.literal(node, guard) if isinstance(node, Num) else write(node, guard)

    def direct(self, values: Values) -> Write:
        """Writes the numbers of one iteration."""

        def write(var: Var, guard: int) -> str:
            value = values.of(var)
            return self.format(var, guard, value, self.shown(var, value) if is_finite(value) else "", values)

        return write

    def format(self, var: Var, guard: int, value: Any, shown: str, values: Values) -> str:
        """What stands for the value of an entry; ``shown`` are its digits in ASCII."""
        if guard < RELATION:
            return self.language.number(shown, guard) if shown else self.nonfinite(float(value))
        if guard == RAW:
            return _raw(value)
        if values.inexact is not None:
            exact = var not in values.inexact
        else:
            exact = not shown or self.digits.exactly(value, shown)
        return self.language.equal if exact else self.language.about

    def shown(self, var: Var, value: Any) -> str:
        """The digits of a finite value, in ASCII; under ``carry: rounded`` what is given stays as it was given."""
        return _plain(value) if self.given_as_written and var.role in GIVEN else self.digits.shown(value)

    def nonfinite(self, value: float) -> str:
        """An infinite or undefined value."""
        infinite = self.language.infinite
        return "?" if value != value else infinite if value > 0 else self.language.syntax.minus + infinite


GIVEN = frozenset({"x", "t", "w", "b", "shared", "rate"})


def _plain(value: Any) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _raw(value: Any) -> str:
    return repr(float(value)) if is_finite(value) else "null"


def notes(step: Step, values: Values) -> str:
    """What must be said about a line: a slope at a corner, a value that is infinite or undefined."""
    if step.kink is not None and values.of(step.kink[0]) == 0:
        return step.kink[1]
    value = values.of(step.var)
    if is_finite(value):
        return ""
    if any(not is_finite(values.of(var)) for var in variables(step.term)):
        return "no number, because it is worked out from one that is infinite or undefined"
    if value != value:
        return "undefined here: the formula has no value for these numbers"
    return "infinite, or too large for a number with 15 digits"


class Slots:
    """Stands for numbers that are not known yet: each is a mark in the text for an entry and how to write it."""

    def __init__(self) -> None:
        self.marks: dict[tuple[Writer, Var, int], int] = {}

    def of(self, writer: Writer) -> Write:
        """Writes marks for numbers in the language of ``writer``."""

        def write(var: Var, guard: int) -> str:
            return f"\ue000{self.marks.setdefault((writer, var, guard), len(self.marks))}\ue001"

        return write


SLOT = re.compile("\ue000(\\d+)\ue001")


class Template:
    """The text of a chunk with slots, to be filled again and again."""

    def __init__(self, text: str, slots: Slots, steps: list[Step]) -> None:
        pieces = SLOT.split(text)
        order = [int(n) for n in pieces[1::2]]
        self.text = "%s".join(piece.replace("%", "%%") for piece in pieces[::2])
        self.pick = itemgetter(*order) if len(order) > 1 else lambda found: tuple(found[n] for n in order)
        variables = {var: None for _, var, _ in slots.marks}
        place = {var: n for n, var in enumerate(variables)}
        self.vars = tuple(variables)
        self.slots = [(writer.format, var, guard, place[var]) for writer, var, guard in slots.marks]
        self.writer = next(iter(slots.marks))[0]
        self.watched = [step.kink[0] for step in steps if step.kink]

    def fill(self, values: Values) -> str | None:
        """The text with the numbers of an iteration, or None if one of its lines has something to say."""
        found = list(map(values.of, self.vars))
        if not all(map(is_finite, found)) or any(values.of(var) == 0 for var in self.watched):
            return None
        shown = list(map(self.writer.shown, self.vars, found))
        strings = [write(var, guard, found[n], shown[n], values) for write, var, guard, n in self.slots]
        return self.text % self.pick(strings)


class Part(NamedTuple):
    """A chunk of a block, and its template if it will be written more than once."""

    block: Block
    steps: list[Step]
    template: Template | None


ITERATION = "\ue002"
"""Stands for the number of the iteration."""
Compose = Callable[[Block, list[Step], Callable[[Writer], Write], Callable[[Step], str]], str]
"""Makes the text of a chunk from its block, its steps, how a writer writes numbers, and the note of a step."""


def stream(page: Page, compose: Compose, see: Callable[[Values], None]) -> Iterator[tuple[int, Block, str]]:
    """The written calculation, a chunk at a time: iteration, block, text. ``see`` is shown each iteration's numbers."""
    trace = page.trace
    kept: list[Part] | None = None
    if trace.spec.iterations > 1 and trace.program.size <= CACHED:
        kept = [_templated(part, compose) for part in page.parts(trace.program.blocks)]
    for values in trace.iterations():
        n = values.iteration
        see(values)
        parts = kept if kept is not None else page.parts(trace.program.blocks)
        for part in chain(parts, page.parts(trace.after_blocks(n))):
            text = part.template.fill(values) if part.template else None
            if text is None:
                text = compose(
                    part.block, part.steps, partial(Writer.direct, values=values), partial(notes, values=values)
                )
            yield n, part.block, text.replace(ITERATION, str(n))


def _templated(part: Part, compose: Compose) -> Part:
    slots = Slots()
    text = compose(part.block, part.steps, slots.of, lambda step: "")
    return part._replace(template=Template(text, slots, part.steps))
