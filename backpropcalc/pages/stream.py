"""The written calculation, streamed: each iteration by a template that is filled with its numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from operator import itemgetter, methodcaller
from typing import Any

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.terms import Term, Var, variables
from backpropcalc.execution.trace import Trace, Values, is_finite
from backpropcalc.program.steps import Block, Step

from .rows import GIVEN, Page, Write, Writer

CHUNK = 200
"""How many lines are written at once."""


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
ITERATION = "\ue002"
"""Stands for the number of the iteration."""
BATCH = "\ue005"
"""Stands for what ``batch_heading`` says of it."""


class Template:
    """The text of an iteration with slots, to be filled again and again."""

    def __init__(self, text: str, slots: Slots, kinks: Sequence[Term], saturating: Iterable[Var]) -> None:
        pieces = SLOT.split(text)
        order = [int(n) for n in pieces[1::2]]
        self.text = "%s".join(piece.replace("%", "%%") for piece in pieces[::2])
        self.pick = itemgetter(*order, 0, 0) if order else lambda strings: ("", "")
        self.text += "%.0s%.0s"
        watched = (*chain(*map(variables, kinks)), *saturating)
        self.vars = tuple({var: None for _, var, _ in slots.marks} | dict.fromkeys(watched))
        place = {var: n for n, var in enumerate(self.vars)}
        self.slots = [(writer.format, var, guard, place[var]) for writer, var, guard in slots.marks]
        self.place, self.kinks = place, kinks
        self.saturating = tuple(place[var] for var in saturating)
        self.writer = next((writer for writer, _, _ in slots.marks), None)
        self.take: Callable[[Values], Sequence[Any]] | None = None

    def fill(self, values: Values) -> str | None:
        """The text with the numbers of an iteration, or None if one of its lines has something to say."""
        if self.writer is None:
            return self.text % ("", "")
        if self.take is None:
            self.take = values.taker(self.vars)
        found = self.take(values)
        if not all(map(is_finite, found)) or self._at_a_kink(found):
            return None
        if any(found[n] in (0, 1, -1) for n in self.saturating):
            return None
        shown = list(map(self.writer.shown, self.vars, found))
        strings = [write(var, guard, found[n], shown[n], values) for write, var, guard, n in self.slots]
        return self.text % self.pick(strings)

    def _at_a_kink(self, found: Sequence[Any]) -> bool:
        return any(evaluate(term, lambda var: found[self.place[var]], FLOAT) == 0 for term in self.kinks)


class Sheet:
    """An output form: what it puts before a block, and what it makes of lines."""

    def heading(self, block: Block, before: Block | None) -> str:
        """The headings that ``block`` needs after the block ``before`` it in the same iteration."""
        raise NotImplementedError

    def lines(self, block: Block, steps: list[Step], write: Callable[[Writer], Write], note: Note) -> str:
        """The lines of ``steps``; ``write`` gives each writer the way to write numbers."""
        raise NotImplementedError


Note = Callable[[Step], str]
"""What must be said about a line."""


def stream(page: Page, sheet: Sheet, see: Callable[[Values], None]) -> Iterator[str]:
    """The written calculation, piece by piece; nothing is held. ``see`` is shown the numbers of each iteration."""
    trace = page.trace
    templates: dict[int, Template] = {}
    for values in trace.iterations():
        see(values)
        n = values.iteration
        length, blocks = trace.schedule.length(n), page.blocks(n)
        if page.templated and length not in templates:
            templates[length] = _template(page, sheet, blocks)
        text = templates[length].fill(values) if page.templated else None
        number, batch = str(n), batch_heading(trace, n)
        if text is not None:
            yield text.replace(ITERATION, number).replace(BATCH, batch)
        write, note = methodcaller("direct", values), partial(page.notes, values=values)
        after = blocks + page.after(n)
        for piece in _pieces(page, sheet, after, write, note, len(blocks) if text is not None else 0):
            yield piece.replace(ITERATION, number).replace(BATCH, batch)


def batch_heading(trace: Trace, iteration: int) -> str:
    """Which batch and samples an iteration works with; empty if it is always all of them."""
    schedule = trace.schedule
    if schedule.whole:
        return ""
    epoch, batch = schedule.position(iteration)
    samples = [str(s + 1) for s in schedule.batch(iteration)]
    shown = ", ".join(samples[:4]) + (", …" if len(samples) > 4 else "")
    return f": epoch {epoch:,}, batch {batch:,}, {'sample' if len(samples) == 1 else 'samples'} {shown}"


def _pieces(
    page: Page, sheet: Sheet, blocks: Sequence[Block], write: Callable[[Writer], Write], note: Note, start: int = 0
) -> Iterator[str]:
    """The text of ``blocks`` from number ``start`` on, each with its headings."""
    before: Block | None = blocks[start - 1] if start else None
    for block in blocks[start:]:
        steps = page.steps(block)
        while chunk := list(islice(steps, CHUNK)):
            yield sheet.heading(block, before) + sheet.lines(block, chunk, write, note)
            before = block


def _template(page: Page, sheet: Sheet, blocks: Sequence[Block]) -> Template:
    slots = Slots()
    text = "".join(_pieces(page, sheet, blocks, slots.of, lambda step: ""))
    steps = [step for block in blocks for step in page.steps(block)]
    kinks = [step.kink[0] for step in steps if step.kink]
    return Template(text, slots, kinks, dict.fromkeys(chain.from_iterable(map(_saturating, steps))))


def _saturating(step: Step) -> Iterator[Var]:
    """The activations that leave the written term of ``step`` without digits when they are exactly 0 or 1."""
    if step.safe is not None and not (step.var.role == "d" and step.var.parts[1].role in GIVEN):
        yield from (var for var in variables(step.term) if var.role == "a")
