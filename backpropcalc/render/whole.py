"""Lines of whole tensors in a written language: their numbers in matrices, their names with sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from backpropcalc.algebra.fragments import Fragment, Fragments, Grid, Group, Sized, Slot, merged, seamless, unbroken
from backpropcalc.algebra.terms import SCALAR, Index, Num, Op, Shape, Term, Var, element
from backpropcalc.algebra.typeset import typeset
from backpropcalc.execution.values import Values
from backpropcalc.notation.wholes import GENERAL
from backpropcalc.pages.pieces import Document, Entries, Equation
from backpropcalc.program.steps import Step

from .language import Language
from .script import Row, Script

LIMIT = (10, 10)
"""How many rows and columns of a matrix are shown at most; JSON has them all."""


class MatrixScript(Script):
    """Writes lines of whole tensors, their numbers in matrices."""

    def __init__(self, document: Document, language: Language, entries: Entries, limit: Shape | None) -> None:
        super().__init__(document, language)
        self.entries, self.limit = entries, limit

    def row(self, step: Step) -> Row:
        """The line of a tensor step; where a function is applied, a matrix of what is worked out."""
        if step.var.index is not None:
            return super().row(step)
        if step.term == step.var:  # given: name = symbols = numbers
            symbols = Slot(step.var, 0, "number" if step.var.shape == SCALAR else "name")
            return Row((self.name(step.var),), (symbols,), (), Slot(step.var, 0, "sign"), Slot(step.var))
        tensors = self.language.tensors
        formula = self.sides(self.symbols(side, tensors) for side in (step.term, *step.equals))
        numbers: Fragments = ()
        if isinstance(step.term, Op) and not worked_by_entry(step.term):
            numbers = self.open(_whole(step.term), self.language.tensors)
        return Row((self.name(step.var),), formula, numbers, Slot(step.var, 0, "sign"), Slot(step.var))

    def blank(self, var: Var) -> Fragment:
        """A matrix of blanks, all of it however large: there must be room for each entry."""
        if var.index is not None or var.shape == SCALAR:
            return self.language.blank
        row = (self.language.short_blank,) * var.shape[1]
        return Grid((row,) * var.shape[0], var.shape)

    def closed(self, step: Step, values: Values, note: str = "") -> Row:
        """The line of a step with its numbers."""
        if step.var.index is not None:
            return self._scalar(self.row(step), values, note)
        if step.parts and step.term == step.var:
            return self._gathered(step, values, note)
        row = self.row_with(self.row(step), values, note)
        if step.parts and step.products is None:
            return row._replace(symbols=self._gathered(step, values, note).formula)
        if step.products is not None:
            sides = (row.numbers, *self._products(step, values))
            row = row._replace(numbers=self.sides(sides, row.relation))
        if isinstance(step.term, Op) and not row.numbers:
            working = self.grid(step.var.shape, lambda at: self.worked(element(step.term, at), values))
            row = row._replace(numbers=(working,))
        numbers = () if row.numbers == row.formula else row.numbers
        return row._replace(numbers=numbers, symbols=self.by_entry(step))

    def _scalar(self, row: Row, values: Values, note: str) -> Row:
        """The line of a single quantity: what stands in it are quantities as well, and no entries of tensors."""

        def filled(part: Fragment) -> Fragment:
            if isinstance(part, Slot):
                return Script.fill(self, part, values)
            return Group(tuple(map(filled, part.parts))) if isinstance(part, Group) else part

        name, formula, numbers, (sign,), (value,) = (
            merged(map(filled, part)) for part in (row.name, row.formula, row.numbers, (row.relation,), (row.value,))
        )
        return Row(name, formula, numbers, sign, value, note)

    def _gathered(self, step: Step, values: Values, note: str) -> Row:
        """A matrix whose entries are each worked out by a line of their own: their formulas, then their numbers."""
        rows = {part.var: self._scalar(super(MatrixScript, self).row(part), values, "") for part in step.parts}

        def cells(side: Callable[[Row], Fragments]) -> Fragment:
            return self.grid(step.var.shape, lambda at: self.cell(side(rows[self._entry(step.var, at)])))

        formula, numbers = cells(lambda row: row.formula), cells(lambda row: row.numbers or row.formula)
        formulas = self.sides(((formula,), (self._named_entries(step.var, 0),)))
        sign, value = (self.fill(Slot(step.var, 0, shows), values) for shows in ("sign", "number"))
        return Row((self.name(step.var),), formulas, (numbers,), sign, value, note)

    def _entry(self, var: Var, at: Index) -> Var:
        """The quantity that an entry is, which somebody works out."""
        entry = self.entries.entry(var, at)
        assert entry is not None
        return entry

    def by_entry(self, step: Step) -> Fragments:
        """The formula with the names of all entries; nothing where no tensor in it has more than one."""
        term = step.term
        if not isinstance(term, Op):
            return ()
        if not worked_by_entry(term):
            found = typeset(_whole(term), self.language.tensors, self._named_entries)
        elif step.var.shape != SCALAR:
            found = (self.grid(step.var.shape, lambda at: self._in_names(element(term, at))),)
        else:
            return ()
        if step.var.shape == SCALAR:
            return found if any(isinstance(part, Grid) for part in seamless(found)) else ()
        return self.sides((found, (self._named_entries(step.var, 0),)))

    def _named_entries(self, node: Var | Num, guard: int) -> Fragment:
        """A tensor with the names of its entries."""
        if not isinstance(node, Var) or node.shape == SCALAR:
            return self._entry_name(node, guard)
        cells = self.grid(node.shape, lambda at: str(self._entry_name(replace(node, index=at), 0)))
        whole = node.of[0] if node.role == "broadcast" else node
        return cells._replace(label=sized(self, whole).text) if isinstance(cells, Grid) else cells

    def _in_names(self, term: Term) -> str:
        """The formula of one entry in the names of the scalar view."""
        return self.cell(typeset(term, self.language.syntax, self._entry_name, self.label))

    def worked(self, term: Term, values: Values) -> str:
        """The formula of one entry with its numbers."""
        return self.cell(self.filled(self.open(term), values))

    def cell(self, fragments: Fragments) -> str:
        """What stands in a matrix, on one line."""
        return unbroken(fragments)

    def _entry_name(self, node: Var | Num, guard: int) -> Fragment:
        if isinstance(node, Var) and node.role != "rate":
            found = self.entries.entry(replace(node, index=None), node.index or (0, 0))
            if found is None:
                return self.language.missing
            node = found
        return self.symbol(node, guard)

    def _products(self, step: Step, values: Values) -> Iterator[Fragments]:
        """The numbers of a sum with its products written out entry by entry, then with their values."""
        assert step.products is not None
        terms = {part.var: part.term for part in step.parts}

        def written(node: Var | Num, guard: int) -> Fragment:
            if not isinstance(node, Var) or node not in terms:
                return self.filled((self._slot(node, guard),), values)[0]
            return self.grid(node.shape, lambda at: self.worked(element(terms[node], at), values))

        products = _whole(step.products)
        yield typeset(products, self.language.tensors, written)
        yield self.filled(self.open(products, self.language.tensors), values)

    def fill(self, slot: Slot, values: Values) -> Fragment:
        """The numbers of a tensor are a matrix; its sign is ≈ if that of any entry is."""
        var = slot.var
        if var.index is not None:
            return super().fill(slot._replace(var=self._entry(replace(var, index=None), var.index)), values)
        if slot.shows == "iteration":
            return super().fill(slot, values)
        if slot.shows == "sign":
            shown = (self.entries.entry(var, at) for at in self.sampled(var))
            signs = {self.writers["sign"](Slot(entry, 0, "sign"), values) for entry in shown if entry}
            return self.language.about if self.language.about in signs else self.language.equal
        if var.shape == SCALAR:
            return self._cell(var, (0, 0), values, slot.shows, slot.guard)
        return self.grid(var.shape, lambda at: self._cell(var, at, values, slot.shows))

    def digits_of(self, var: Var, values: Values) -> Fragment:
        """All digits of a quantity, or of every entry of a whole one."""
        slot = Slot(var, 0, "raw")
        return self.fill(slot, values) if var.index is None else Script.fill(self, slot, values)

    def _cell(self, var: Var, at: Index, values: Values, shows: str, guard: int = 0) -> str:
        entry = self.entries.entry(var, at)
        if entry is None:
            return "null" if shows == "raw" else self.language.missing
        return str(super().fill(Slot(entry, guard, shows), values))

    def sampled(self, var: Var) -> Iterable[Index]:
        """The entries that are shown."""
        rows, columns = self._picked(var.shape)
        return ((r, c) for r in rows for c in columns if r is not None and c is not None)

    def _picked(self, shape: Shape) -> tuple[list[int | None], list[int | None]]:
        limits = self.limit or shape
        return picked(shape[0], limits[0]), picked(shape[1], limits[1])

    def grid(self, shape: Shape, cell: Callable[[Index], str]) -> Fragment:
        """A matrix; a large one abbreviated, one of a single entry just that."""
        if shape == SCALAR:
            return cell((0, 0))
        rows, columns = self._picked(shape)
        down, along, both = self.language.dots

        def shown(r: int | None, c: int | None) -> str:
            if r is not None and c is not None:
                return cell((r, c))
            return both if r is c else along if c is None else down

        return Grid(tuple(tuple(shown(r, c) for c in columns) for r in rows), shape)


def picked(n: int, limit: int) -> list[int | None]:
    """The numbers up to ``n``, those in the middle left out (None) if there are more than ``limit``."""
    return list(range(n)) if n <= limit else [*range(limit - 2), None, n - 1]


def narrowed(cells: list[list[str]], dots: tuple[str, str, str]) -> list[list[str]]:
    """One column less: one in the middle gives way to dots; of two, the last does."""
    down, along, both = dots
    count = len(cells[0])
    if count == 2:
        return [[row[0], both if row[0] == down else along] for row in cells]
    if any(row[-2] in (along, both) for row in cells if row[-2] != down):
        if count == 3:
            return [[row[0], row[1]] for row in cells]
        return [[*row[:-3], *row[-2:]] for row in cells]
    return [[*row[:-2], both if row[0] == down else along, row[-1]] for row in cells]


def worked_by_entry(term: Term) -> bool:
    """Whether a function is applied to each entry, rather than matrices added and multiplied."""
    if not isinstance(term, Op) or term.name in ("matmul", "transpose", "diagonal"):
        return False
    if term.name in ("add", "sub", "neg", "mul", "hadamard", "broadcast", "sum_rows", "sum_columns"):
        plain = term.name in ("mul", "neg") or not any(isinstance(arg, Num) for arg in term.args)
        return not plain or any(map(worked_by_entry, term.args))
    return True


def _whole(term: Term, *names: str) -> Term:
    """``term`` with transposes (and repeated biases) of a quantity as quantities, whose numbers or sizes are shown."""
    match term:
        case Op(name, (Var() as var,), shape) if name in (names or ("transpose", "broadcast")):
            return Var("transposed" if name == "transpose" else name, var.layer, shape, (var,))
        case Op():
            return term._replace(args=tuple(_whole(arg, *names) for arg in term.args))
    return term


def sized(script: Script, var: Var) -> Sized:
    """The name of a tensor, or of the transpose of one, with its size."""
    if var.role == "transposed":
        whole = Op("transpose", (var.of[0],), var.shape)
        return Sized(unbroken(script.symbols(whole, script.language.tensors)), var.shape)
    return Sized(script.name(var), var.shape)


def equation_name(script: Script, equation: Equation) -> Fragments:
    """The left side of an equation; of a whole tensor with its size."""
    return (sized(script, equation.left),) if equation.whole else (script.name(equation.left),)


def equation_sides(script: Script, equation: Equation, limit: Shape | None = LIMIT) -> Iterator[tuple[Fragments, str]]:
    """Each right side and the reason for it; a matrix larger than the ``limit`` is abbreviated."""
    tensors = equation.whole or (equation.left.layer in GENERAL and equation.left.index is None)
    syntax = script.language.tensors if tensors else script.language.syntax

    def leaf(node: Var | Num, guard: int) -> Fragment:
        if equation.whole and isinstance(node, Var) and node.role not in ("rate", "node"):  # a node is a function
            return sized(script, node)
        return script.symbol(node, guard)

    for term, reason in equation.sides:
        yield typeset(_whole(term, "transpose") if equation.whole else term, syntax, leaf, script.label), reason
    if equation.entries is not None:
        writer = MatrixScript(script.document, script.language, equation.entries, limit)
        by_entry = writer.by_entry(Step(equation.left, equation.sides[0][0]))
        if by_entry:
            yield by_entry, ""
