"""The matrix view: the lines of whole tensors, whose entries are the quantities of the scalar view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product

from backpropcalc.algebra.sums import directions
from backpropcalc.algebra.terms import PARAMETERS, Index, Kink, Op, Term, Var, element, substitute, variables
from backpropcalc.errors import fail
from backpropcalc.execution.values import Values, is_finite
from backpropcalc.program.numbering import Numbering
from backpropcalc.program.steps import Block, Step, inserted, is_slope_of_loss
from backpropcalc.program.whole import asked_in_matrices, given_matrices, in_matrices

from .calculation import CHUNK, Page
from .entries import Tensors, untrained
from .notes import notes
from .overview import facts
from .pieces import Heading, MatrixLines, Phrase, Piece

SIGNS = {
    "sum_down": "the sum goes down each column",
    "sum_along": "the sum goes along each row",
    "weights": "weights with a bar: without the column of biases",
}
UNTRAINED = "–: not trained, not worked out"
BY_JACOBIAN = "worked out through the Jacobian of each sample, whose entries are rounded too"


@dataclass(frozen=True)
class MatrixPage(Page):
    """A page of whole tensors. Their entries are those of the scalar view, so the numbers are the same.

    A tensor has a column for each sample of a batch, that of the iteration ``number``.
    """

    number: int = 1

    @property
    def large(self) -> bool:
        """However large, every matrix is worked."""
        return False

    @cached_property
    def order(self) -> list[str]:
        """The phases in the order in which they come; matrices are always gone through layer by layer."""
        program = self.trace.program
        return list(dict.fromkeys(block.phase for block in program.blocks + program.after))

    def check(self) -> None:
        """Raises ``InputError`` for what is not written in matrices."""
        if self.trace.spec.method.chain == "full":
            raise fail("usage", "every path is written weight by weight, not in matrices", "use --view scalar")

    def facts(self) -> Iterator[tuple[str, Phrase]]:
        """What is given and takes no matrix."""
        return facts(self.trace.spec)

    def given(self, values: Values) -> Iterator[Piece]:
        """The picture; inputs, targets and parameters: name = symbols = numbers."""
        yield from super().given(values)
        spec, program = self.trace.spec, self.trace.program
        tensors = [var for var in program.given if var.role in ("x", "t", *PARAMETERS)]
        steps = [Step(var, var) for var in given_matrices(spec, tensors)]
        yield Heading(2, "Given")
        yield MatrixLines("given", steps, values, {}, replace(self, number=values.iteration))

    def blocks(self, iteration: int) -> tuple[Block, ...]:
        """The blocks of an iteration, a step per matrix."""
        stage = self.trace.stage(iteration)
        return inserted(self._whole(stage.program.blocks), asked_in_matrices(stage.spec, stage.program.asked))

    def after_blocks(self, iteration: int) -> tuple[Block, ...]:
        """Those after the last update."""
        last = iteration == self.trace.spec.iterations
        return self._whole(self.trace.stage(iteration).program.after) if last else ()

    def _whole(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        return in_matrices(self.trace.spec, blocks)

    def iteration(self, values: Values) -> Iterator[Piece]:
        """The lines of an iteration under their headings, one for each matrix."""
        n = values.iteration
        here = replace(self, number=n)
        before: Block | None = None
        for block in (*self.blocks(n), *self.after_blocks(n)):
            steps = here.matrices(block)
            while chunk := tuple(islice(steps, CHUNK)):
                yield from (*(self.announced(n) if before is None else ()), *self.headings(block, before))
                said = {step.var: note for step in chunk if (note := here.note(step, values))}
                yield MatrixLines(block.phase, chunk, values, said, here)
                before = block

    def matrices(self, block: Block) -> Iterator[Step]:
        """The steps of a block that are to be shown: of which any entry is."""
        if self.phases and block.phase not in self.phases:
            return iter(())
        return (
            step for step in block.steps if any(self.shows(self.quantity(step.var, at)) for at in indices(step.var))
        )

    @property
    def wholes(self) -> Mapping[Var, tuple[Var, ...]]:
        """Each tensor and its entries, those of all samples."""
        program = self.trace.stage(self.number).program if self.trace.schedule.whole else self.trace.whole.program
        given = given_matrices(self.trace.spec, program.given)
        computed = (step.var for block in self._whole(program.blocks + program.after) for step in block.steps)
        return {var: tuple(self.tensors.quantity(var, at) for at in indices(var)) for var in (*given, *computed)}

    @cached_property
    def tensors(self) -> Tensors:
        """Which quantity each entry is."""
        return Tensors(self.trace.spec)

    def entry(self, var: Var, at: Index) -> Var | None:
        """The quantity of the scalar view; None for the gradient of a parameter that is not trained."""
        found = self.tensors.entry(var, at)
        return found and self.numbering.entry(found)

    def quantity(self, var: Var, at: Index) -> Var:
        """The quantity of the scalar view that entry ``at`` of a tensor is."""
        return self.numbering.entry(self.tensors.quantity(var, at))

    @cached_property
    def numbering(self) -> Numbering:
        """The samples of the iteration."""
        return self.trace.numbering(self.number)

    def _scalar(self, term: Term, at: Index) -> Term:
        """The scalar term behind an entry of a tensor term."""
        found = element(term, at)
        cells = {var: var.index for var in variables(found)}
        return substitute(found, {v: self.quantity(replace(v, index=None), i) for v, i in cells.items() if i})

    def note(self, step: Step, values: Values) -> str:
        """What must be said about any of the entries; of a line of a single quantity as in the scalar view."""
        if step.var.index is not None:
            return notes(step, values)
        said = []
        for at in indices(step.var):
            var = self.entry(step.var, at)
            if var is None:
                continue
            kink = None if step.kink is None else Kink(self._scalar(step.kink.at, at), step.kink.text)
            if kink is not None or not is_finite(values.of(var)):
                said.append(notes(Step(var, var, None, kink), values))
        if values.as_written and is_slope_of_loss(step.var, "z") and _sums(step.term):
            said.append(BY_JACOBIAN)
        said += self._explained(step) if values.iteration == self.trace.first else []
        found = list(dict.fromkeys(note for note in said if note))
        return "; ".join(found + [UNTRAINED] * any(untrained(self.quantity(step.var, at)) for at in indices(step.var)))

    def _explained(self, step: Step) -> list[str]:
        """What a sign means that stands there for the first time: which way a sum goes, weights without the biases."""
        signs = [*directions(step.term)]
        if self.trace.spec.style.bias == "column" and any(var.role == "w" for var in variables(step.term)):
            signs.append("weights")
        return [SIGNS[sign] for sign in dict.fromkeys(signs) if self._first.setdefault(sign, step.var) == step.var]

    @cached_property
    def _first(self) -> dict[str, Var]:
        return {}


def indices(var: Var) -> Iterator[Index]:
    """The place of each entry, row by row; of an entry its own."""
    if var.index is not None:
        return iter((var.index,))
    return product(range(var.shape[0]), range(var.shape[1]))


def _sums(term: Term) -> bool:
    """Whether a sum over the units of a layer is in it."""
    return isinstance(term, Op) and (term.name in ("sum_rows", "sum_columns") or any(map(_sums, term.args)))
