"""The result of a calculation: the loss before and after, and each updated parameter beside the old one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import Number
from backpropcalc.algebra.digits import as_decimal
from backpropcalc.algebra.terms import PARAMETERS, Var
from backpropcalc.execution.trace import Trace
from backpropcalc.execution.values import Values, is_finite

from .notes import LOST, lost
from .pieces import ARROW, Heading, Moved, Note, Phrase, Piece, Table, Value, math

RECAP_LIMIT = 600
"""Parameters up to which there is a table of all."""
LOSS = Var("loss")
TOTAL = LOSS.at((0, 0))


class Change(NamedTuple):
    """A parameter before and after, and how far it went."""

    var: Var
    before: Value
    gradient: Value
    after: Value
    step: Value


class Recap:
    """Watches the iterations go by and keeps what the result needs: the losses and the parameters, first and last."""

    def __init__(self, trace: Trace, only: frozenset[Var] | None) -> None:
        self.trace, self.only = trace, only
        self.last = trace.spec.iterations
        self.batches = not trace.schedule.whole
        self.iterations = 1 if self.batches else self.last - trace.first + 1
        """How many iterations lie between the two losses; with batches, the losses are those of the last one."""
        few = trace.spec.parameters <= RECAP_LIMIT
        self.new = [var for var in self._updated() if self.shows(var)] if few else []
        self.has_after = bool(trace.program.after) and self.shows(Var("after", of=(LOSS,)).at((0, 0)))
        self.before: dict[Var, Value] = {}
        self.changes: list[Change] = []
        self.end: Values | None = None
        self.loss_before: Value | None = None
        self.loss_after: Value | None = None

    def shows(self, var: Var) -> bool:
        """Whether a quantity is among those asked for."""
        return self.only is None or var in self.only

    def _updated(self) -> list[Var]:
        """The parameters after the update, weights before biases."""
        found = [
            step.var.at(at)
            for block in self.trace.program.blocks
            if block.phase == "update"
            for step in block.steps
            if step.var.role == "new" and step.var.of[0].role in PARAMETERS
            for at in step.entries
        ]
        return sorted(found, key=lambda var: (var.layer, var.of[0].role != "w", var.index or (0, 0)))

    def see(self, values: Values) -> None:
        """Take what is needed from the numbers of one iteration."""
        if self.loss_before is None:
            self.loss_before = Value.of(values, TOTAL)
            self.before = {var: Value.of(values, var.parts[0]) for var in self.new}
        if values.iteration == self.last:
            self.end = values
            if self.batches:
                self.loss_before = Value.of(values, TOTAL)
            for var in self.new:
                gradient = Value.of(values, Var("d", var.layer, var.shape, (LOSS, var.of[0]), var.index))
                before, after = self.before[var], Value.of(values, var)
                step = Value(values.less(after.value, before.value), None, None, var, values.iteration, before)
                self.changes.append(Change(var, before, gradient, after, step))
            if self.has_after:
                self.loss_after = Value.of(values, Var("after", 0, (1, 1), (LOSS,), (0, 0)))

    def pieces(self) -> Iterator[Piece]:
        """The losses in a line, the parameters in a table."""
        yield Heading(2, "Result")
        before, after = self.loss_before, self.loss_after
        if before is not None and after is not None:
            changed = change(before.value, after.value)
            said = Moved.of(f"   ({changed})" if changed else "", before, after)
            over = f" after {self.iterations:,} iterations" if self.iterations > 1 else ""
            yield Note((math(LOSS), "  ", math(before, ARROW, after), said, over), close=True)
        elif before is not None and self.only is None:
            yield Note(math(LOSS, " = ", before), close=True)
        if self.changes:
            yield self.parameters()
        yield from self.warning()

    def warning(self) -> Iterator[Note]:
        """Where the numbers ended, if any did: a reader of the result alone would not know."""
        told = [value for value in (self.loss_before, self.loss_after) if value is not None]
        told += [value for change in self.changes for value in (change.gradient, change.after)]
        if self.end is None or all(is_finite(value.value) for value in told):
            return
        n = self.end.iteration
        steps = (step for block in (*self.trace.blocks(n), *self.trace.after_blocks(n)) for step in block.cells)
        first = lost(steps, self.end)
        if first is not None:
            where = f"In iteration {n:,} " if self.last > 1 else ""
            yield Note((where, math(first), LOST), "warning")

    def parameters(self) -> Table:
        """Each parameter before and after; over several iterations the gradient is that of the last one."""
        several = self.last > self.trace.first
        once, run = ("", "old", "gradient", "step", "new"), ("", "start", "end", "change", "last gradient")
        rows: list[tuple[Phrase, ...]] = []
        for c in self.changes:
            cells = (c.before, c.after, c.step, c.gradient) if several else (c.before, c.gradient, c.step, c.after)
            rows.append((math(c.var.parts[0]), *map(math, cells)))
        return Table(run if several else once, rows, (False, True, True, True, True), many="parameters")


MOST_PERCENT = 10**9
"""A change of more than this is told by the two values alone."""


def change(before: Number, after: Number) -> str:
    """By how much a value changed: ``−2.5 %``; empty if that is no number, or says nothing: of a loss below 0."""
    if not is_finite(before) or not is_finite(after):
        return ""
    old, new = as_decimal(before), as_decimal(after)
    if old <= 0 or new < 0:
        return ""
    percent = 100 * (new - old) / old
    if abs(percent) > MOST_PERCENT:
        return ""
    digits = f"{abs(float(percent)):.3g}" if not 99.95 <= abs(percent) < 100 else f"{abs(float(percent)):.6g}"
    return f"{'−' if percent < 0 else '+'}{digits} %"
