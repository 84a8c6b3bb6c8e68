"""The matrix view: the rows of whole tensors, their numbers in matrices with the size underneath."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from backpropcalc.algebra.terms import SCALAR, Index, Num, Op, Term, Var, element, slope, substitute, variables
from backpropcalc.algebra.typeset import BREAK, SOFT_BREAK, typeset
from backpropcalc.errors import fail
from backpropcalc.execution.trace import Trace, Values, is_finite
from backpropcalc.program import passes
from backpropcalc.program.steps import Block, Step
from backpropcalc.render.grids import DOTS, TEX_DOTS, latex, marked, narrowed, picked
from backpropcalc.render.tex import LINE, width

from .rows import RAW, RELATION, TEX, Language, Page, Row, Write, Writer, notes

LIMIT = (8, 12)
"""How many rows and columns of a matrix are shown at most; JSON has them all."""
UNTRAINED = "–"
"""Stands for the gradient of a parameter that is not trained, which nobody works out."""


@dataclass(frozen=True)
class MatrixPage(Page):
    """A page of whole tensors. Their entries are those of the scalar view, so the numbers are the same."""

    @property
    def flipped(self) -> bool:
        """Whether samples are rows, z = x W + b."""
        return self.trace.spec.orientation == "xW"

    @property
    def lineage(self) -> Trace:
        """In matrices every gradient is worked out from δ."""
        return Trace(self.trace.spec.override(chain="delta"))

    def check(self) -> None:
        """Raises ``InputError`` for what is not written in matrices."""
        if self.trace.spec.method.chain == "full":
            raise fail("usage", "every path is written weight by weight, not in matrices", "use --view scalar")

    def blocks(self, iteration: int) -> tuple[Block, ...]:
        """The blocks of an iteration, a step per matrix."""
        return self._shown(self.trace.blocks(iteration))

    def after(self, iteration: int) -> tuple[Block, ...]:
        """The blocks after the update, if this is the last iteration."""
        return self._shown(self.trace.after_blocks(iteration))

    def _shown(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        whole = passes.matrices(blocks)
        return passes.rows(whole) if self.flipped else whole

    @property
    def templated(self) -> bool:
        """Never: a matrix is as wide as its numbers."""
        return False

    def writer(self, language: Language, abbreviated: bool = True) -> Writer:
        """What makes rows in a language; ``abbreviated`` is whether a large matrix may be."""
        return MatrixWriter(self, language, LIMIT if abbreviated else None)

    @property
    def wholes(self) -> Mapping[Var, tuple[Var, ...]]:
        """Each tensor and its entries."""
        program = self.trace.program
        given = (passes.flipped(var) if self.flipped else var for var in program.given)
        computed = (step.var for block in self._shown(program.blocks + program.after) for step in block.steps)
        return {var: tuple(self.entry(var, at) for at in _indices(var)) for var in (*given, *computed)}

    def steps(self, block: Block) -> Iterator[Step]:
        """The steps of a block that are to be shown: of which any entry is."""
        if self.phases and block.phase not in self.phases:
            return
        for step in block.steps:
            if self.only is None or any(self.entry(step.var, at) in self.only for at in _indices(step.var)):
                yield step

    def entry(self, var: Var, at: Index) -> Var:
        """The quantity of the scalar view that entry ``at`` of a tensor is."""
        if var.role == "transposed":
            return self.entry(var.of[0], at[::-1])
        if var.role == "spread":
            rows, columns = var.of[0].shape
            return self.entry(var.of[0], (at[0] if rows > 1 else 0, at[1] if columns > 1 else 0))
        if self.flipped:
            var, at = passes.flipped(var), at[::-1]
        if var.role == "d" and var.of[0].role == "a" and self.notation.rules[var.layer - 1].mixes:
            a, z = var.of
            return slope(a.at((at[0], 0)), z).at((at[1], 0))
        return var.at(at)

    def scalar(self, term: Term, at: Index) -> Term:
        """The scalar term behind an entry of a tensor term."""
        found = element(term, at)
        cells = {var: var.index for var in variables(found)}
        return substitute(found, {v: self.entry(replace(v, index=None), index) for v, index in cells.items() if index})

    def notes(self, step: Step, values: Values) -> str:
        """What must be said about any of the entries."""
        said = []
        for at in _indices(step.var):
            var = self.entry(step.var, at)
            if untrained(var):
                continue
            kink = None if step.kink is None else (self.scalar(step.kink[0], at), step.kink[1])
            if kink is not None or not is_finite(values.of(var)):
                said.append(notes(Step(var, var, None, kink), values))
        found = list(dict.fromkeys(note for note in said if note))
        if any(untrained(self.entry(step.var, at)) for at in _indices(step.var)):
            found.append(f"{UNTRAINED}: not trained, not worked out")
        return "; ".join(found)


def untrained(entry: Var) -> bool:
    """Whether it is the gradient of a parameter that is not trained."""
    return entry.role == "d" and entry.of[1].only is not None and entry.index not in entry.of[1].only


def _indices(var: Var) -> Iterator[Index]:
    rows, columns = var.shape
    return ((r, c) for r in range(rows) for c in range(columns))


class MatrixWriter(Writer):
    """Makes rows of whole tensors in one language."""

    page: MatrixPage

    def __init__(self, page: MatrixPage, language: Language, limit: tuple[int, int] | None) -> None:
        super().__init__(page, language)
        self.limit = limit
        self.tex = language.tensors is TEX.tensors

    def formula(self, step: Step) -> str:
        """The right side in symbols."""
        return typeset(step.term, self.language.tensors, self.symbol, self.label)

    def row(self, step: Step, write: Write, note: str = "") -> Row:
        """The row of a step; numbers in matrices, or, where a function is applied, a matrix of what is worked out."""
        formula, value = self.formula(step), write(step.var, 0)
        numbers = ""
        if isinstance(step.term, Op):
            if worked_by_entry(step.term):
                numbers = self.grid(step.var.shape, lambda at: self._entry(step, at, write))
            else:
                term = _shown(step.term)
                numbers = typeset(term, self.language.tensors, lambda node, guard: self.leaf(node, guard, write))
        if self.tex and self.limit and max(map(width, numbers.split(BREAK))) > LINE - 6 - width(self.name(step.var)):
            numbers = ""
        relation = BREAK + write(step.var, RELATION)
        return Row(step, self.name(step.var), formula, "" if numbers == formula else numbers, relation, value, note)

    def _entry(self, step: Step, at: Index, write: Write) -> str:
        def leaf(node: Var | Num, guard: int) -> str:
            if isinstance(node, Num):
                return self.literal(node, guard)
            return write(node, guard)

        return _unbroken(typeset(element(step.term, at), self.language.syntax, leaf))

    def direct(self, values: Values) -> Write:
        """Writes the numbers of one iteration: of a tensor a matrix."""
        scalar = super().direct(values)

        def write(var: Var, guard: int) -> str:
            if var.index is not None:
                whole = replace(var, index=None)
                return scalar(self.page.entry(whole, var.index), guard)

            def entry(at: Index) -> Var:
                return self.page.entry(var, at)

            if guard == RAW:
                rows, columns = var.shape
                found = [[_raw(entry((r, c)), scalar) for c in range(columns)] for r in range(rows)]
                return "[" + ", ".join("[" + ", ".join(row) + "]" for row in found) + "]"
            if guard == RELATION:
                signs = {scalar(entry(at), RELATION) for at in self.sampled(var) if not untrained(entry(at))}
                return self.language.about if self.language.about in signs else self.language.equal
            if var.shape == SCALAR:
                return scalar(entry((0, 0)), guard)
            missing = r"\text{--}" if self.tex else UNTRAINED
            return self.grid(var.shape, lambda at: missing if untrained(entry(at)) else scalar(entry(at), 0))

        return write

    def sampled(self, var: Var) -> Iterable[Index]:
        """The entries that are shown."""
        rows, columns = (picked(n, limit) for n, limit in zip(var.shape, self.limit or var.shape, strict=True))
        return ((r, c) for r in rows for c in columns if r is not None and c is not None)

    def grid(self, shape: tuple[int, int], cell: Callable[[Index], str]) -> str:
        """A matrix; a large one abbreviated, one of a single entry just that."""
        if shape == SCALAR:
            return cell((0, 0))
        rows, columns = (picked(n, limit) for n, limit in zip(shape, self.limit or shape, strict=True))
        down, along, both = TEX_DOTS if self.tex else DOTS
        cells = [
            [
                cell((r, c)) if r is not None and c is not None else both if r is c else along if c is None else down
                for c in columns
            ]
            for r in rows
        ]
        if not self.tex:
            return marked(cells, f"{shape[0]}×{shape[1]}")
        text = latex(cells, shape)
        while self.limit and len(cells[0]) > 2 and width(text) > ROOM:
            cells = narrowed(cells, TEX_DOTS)
            text = latex(cells, shape)
        return text


ROOM = 0.8 * LINE


def _raw(var: Var, scalar: Write) -> str:
    return "null" if untrained(var) else scalar(var, RAW)


def worked_by_entry(term: Term) -> bool:
    """Whether a function is applied to each entry, rather than matrices added and multiplied."""
    if not isinstance(term, Op) or term.name in ("matmul", "transpose", "diagonal"):
        return False
    if term.name in ("add", "sub", "neg", "mul", "hadamard", "spread", "sum_rows", "sum_columns"):
        plain = term.name in ("mul", "neg") or not any(isinstance(arg, Num) for arg in term.args)
        return not plain or any(map(worked_by_entry, term.args))
    return True


def _shown(term: Term) -> Term:
    """``term`` with transposes and repeated biases as quantities whose numbers are shown so."""
    match term:
        case Op("transpose" | "spread" as name, (Var() as var,), shape):
            return Var("transposed" if name == "transpose" else name, var.layer, shape, (var,))
        case Op():
            return replace(term, args=tuple(map(_shown, term.args)))
    return term


def _unbroken(text: str) -> str:
    return text.replace(BREAK, "").replace(SOFT_BREAK, "")
