"""A document's terms, names and numbers in one written language: what every output form is made with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, Number
from backpropcalc.algebra.digits import in_full
from backpropcalc.algebra.entries import COLUMN, ROW, letters, placed
from backpropcalc.algebra.fragments import SUM_BREAK, Fragment, Fragments, Group, Slot, merged, seamless, unbroken
from backpropcalc.algebra.terms import SCALAR, Num, Op, Term, Var
from backpropcalc.algebra.typeset import Syntax, typeset
from backpropcalc.execution.values import Values, is_finite
from backpropcalc.pages.pieces import (
    FORMULA,
    NUMBERS,
    VALUE,
    Atom,
    Document,
    Function,
    Gaps,
    Given,
    Interval,
    Math,
    Partial,
    Sign,
    Value,
    Worked,
)
from backpropcalc.program.steps import Step

from .language import Language

NAMES = 500
"""Names that are kept: most of a page's quantities stand in several of its lines."""
GIVEN = frozenset({"x", "t", "w", "b", "shared", "rate", "k", "unit"})


class Row(NamedTuple):
    """``name = formula = numbers = value``; ``numbers`` is empty where it would only repeat its neighbour."""

    name: Fragments
    formula: Fragments
    numbers: Fragments
    relation: Fragment
    value: Fragment
    note: str = ""
    worth: str = ""
    symbols: Fragments = ()
    """Of whole tensors the formula once more, each of them with its entries."""

    def sides(self, apart: bool = False) -> list[tuple[Fragment, Fragments]]:
        """What the name is equal to, with the sign before it: the symbols, then numbers and result, none of them twice.

        A line may end before the result if that is ``apart``.
        """
        value = self.value.parts if isinstance(self.value, Group) else (self.value,)
        result: Fragments = (" ", *([SUM_BREAK] if apart else []), self.relation, " ", *value) if self.value else ()
        if not self.numbers and not self.symbols and seamless(self.formula) == seamless(value):
            return [(self.relation, value)]
        worked = () if seamless(self.numbers) == seamless(value) else self.numbers
        *before, last = [side for side in (self.formula, self.symbols, worked) if side]
        return [*(("=", side) for side in before), ("=", (*last, *result))]


class Script:
    """Writes the terms, names and numbers of a document in one language."""

    def __init__(self, document: Document, language: Language) -> None:
        self.document, self.language, self.notation = document, language, document.notation
        self.digits, self.as_given = document.digits, document.as_given
        self.display = language.display(document.notation)
        self._displayed = lru_cache(NAMES)(document.notation.displayed)
        self.writers: dict[str, Callable[[Slot, Values], str]] = {
            "number": self._number, "sign": self._sign, "raw": self._raw,
            "iteration": lambda slot, values: str(values.iteration),
        }  # fmt: skip
        self.namers: dict[str, Callable[[Slot], str]] = {
            "name": self.called,
            "index": lambda slot: self.notation.written(slot.var, self.display).sub,
            "id": lambda slot: slot.var.id,
        }

    # Lines

    def row(self, step: Step) -> Row:
        """The line of a scalar step, with slots for its numbers."""
        formula = self.sides(map(self.symbols, (step.term, *step.equals)))
        sign = Slot(step.var, 0, "sign")
        worked = (step.term,) if step.products is None else (step.term, step.products)
        numbers = self.sides(map(self.open, worked), sign) if isinstance(step.term, Op) else ()
        same = numbers == formula
        return Row((self.named(step.var),), formula, () if same else numbers, sign, Slot(step.var))

    def written(self, step: Step, values: Values, note: str = "", gaps: Gaps | None = None) -> Row:
        """The line of a step with its numbers, or with gaps."""
        return self.left_open(self.closed(step, values, note), step.var, gaps)

    def closed(self, step: Step, values: Values, note: str = "") -> Row:
        """The line of a step with its numbers."""
        return self.row_with(self.row(step), values, note)

    def left_open(self, row: Row, var: Var, gaps: Gaps | None) -> Row:
        """A row with blanks where something is to be filled in."""
        if gaps is None:
            return row
        out = gaps.withheld.get(var, frozenset())
        row = row._replace(worth=gaps.worth.get(var, ""))
        if VALUE in out:
            row = row._replace(value=self.blank(var), relation=self.language.equal)
        if NUMBERS in out and row.numbers:
            row = row._replace(numbers=() if VALUE in out else (self.language.blank,))
        if FORMULA in out:
            alone = VALUE in out and not row.numbers
            row = row._replace(formula=(row.value,) if alone else (self.language.blank,), symbols=())
        return row

    def blank(self, var: Var) -> Fragment:
        """Where a value is to be filled in."""
        return self.language.blank

    def row_with(self, row: Row, values: Values, note: str = "") -> Row:
        """An open row with its slots filled."""
        name, formula, numbers, (sign,), (value,) = (
            self.filled(part, values) for part in (row.name, row.formula, row.numbers, (row.relation,), (row.value,))
        )
        return Row(name, formula, numbers, sign, value, note)

    def filled(self, fragments: Iterable[Fragment], values: Values) -> Fragments:
        """The same with its slots filled."""
        return merged(self._filled(part, values) for part in fragments)

    def _filled(self, part: Fragment, values: Values) -> Fragment:
        if isinstance(part, Slot):
            return self.fill(part, values)
        return Group(self.filled(part.parts, values)) if isinstance(part, Group) else part

    def fill(self, slot: Slot, values: Values) -> Fragment:
        """What stands in a slot."""
        namer = self.namers.get(slot.shows)
        return namer(slot) if namer else self.writers[slot.shows](slot, values)

    # Formulas

    def sides(self, sides: Iterable[Fragments], sign: Fragment | None = None) -> Fragments:
        """What is equal, with a sign between, = unless it is said; a line may end before it.

        Between a sum and its products with their values it is that of the result: what is rounded is not equal.
        """
        first, *others = sides
        between = (SUM_BREAK, " ", sign or self.language.equal, " ")
        return (*first, *(part for side in others for part in (*between, *side)))

    def symbols(self, term: Term, syntax: Syntax | None = None) -> Fragments:
        """A formula in symbols."""
        return typeset(term, syntax or self.language.syntax, self.symbol, self.label)

    def open(self, term: Term, syntax: Syntax | None = None) -> Fragments:
        """A formula with slots for its numbers."""
        return typeset(term, syntax or self.language.syntax, self._slot)

    def _slot(self, node: Var | Num, guard: int) -> Fragment:
        return self.literal(node, guard) if isinstance(node, Num) else Slot(node, guard)

    def worked(self, term: Term, values: Values) -> str:
        """A formula with its numbers, on one line."""
        return unbroken(self.filled(self.open(term), values))

    def symbol(self, node: Var | Num, guard: int) -> Fragment:
        """A leaf in symbols."""
        if isinstance(node, Num):
            return self.literal(node, guard)
        if any(letters(node)):
            return Slot(node, guard, "name") if guard == 2 else self.named(node)
        return self.called(Slot(node, guard))

    def called(self, slot: Slot) -> str:
        """The name of what stands in a slot; in parentheses where it must be."""
        name = self.name(slot.var)
        compound = slot.guard == 2 and any(mark in name for mark in self.language.compound)
        return self.language.enclosed.format(name) if compound else name

    def label(self, y: Var, x: Var) -> Fragment:
        """The name of a factor ∂y/∂x."""
        return self.named(Var("d", x.layer, SCALAR, (y, x)))

    def name(self, var: Var) -> str:
        """The name of a quantity."""
        return self._displayed(var, self.display)

    def named(self, var: Var) -> Fragment:
        """The name of a quantity; of one that stands for every entry with slots for what is different in each."""
        if not any(letters(var)):
            return self.name(var)
        if (var.sample or 0) < 0:  # each entry is of another sample
            return Slot(var, 0, "name")
        return Group(merged(part for piece in self.notation.pieces(var, self.display) for part in self._open(piece)))

    def _open(self, piece: str | Var) -> Iterator[Fragment]:
        if isinstance(piece, str):
            yield piece
        elif not any(letters(piece)):
            yield self.name(piece)
        else:
            one = placed(placed(piece, ROW, 0), COLUMN, 0)
            before, _, behind = self.notation.written(one, self.display)
            # An updated weight has the index of the old one: they are made once.
            yield from (before, Slot(piece.parts[0] if piece.role in ("new", "after") else piece, 0, "index"), behind)

    def math(self, math: Math) -> str:
        """A formula on one line."""
        return "".join(map(self.atom, math))

    def atom(self, atom: Atom) -> str:
        """A part of a formula."""
        language = self.language
        match atom:
            case str():
                return atom
            case Value():
                return self.value(atom)
            case Given(_, number):
                return self.atom(number)
            case Worked(term, values):
                return self.worked(term, values)
            case Function(name, primed):
                return language.function.format(name.replace("_", language.underscore)) + "'" * primed
            case Partial(above, below):
                return language.partial.format(above, unbroken(self.symbols(below)))
            case Interval(text):
                return language.interval(text)
            case Sign(name):
                return language.signs[name]
        return unbroken(self.symbols(atom))

    # Numbers

    def literal(self, number: Num, guard: int) -> str:
        """A number of the formula itself."""
        above, slash, below = number.text.partition("/")
        if not slash:
            return self.language.number(number.text, guard)
        sign = self.language.syntax.negation if above[0] == "-" else ""
        text = sign + self.language.fraction.format(above.lstrip("-"), below)
        return self.language.enclosed.format(text) if guard == 2 or (guard and sign) else text

    def _number(self, slot: Slot, values: Values) -> str:
        value = values.of(slot.var)
        return self.number(value, self.shown(slot.var, value, values) if is_finite(value) else "", slot.guard)

    def number(self, value: Number, shown: str, guard: int) -> str:
        """A value in a formula; ``shown`` are its digits in ASCII, empty if it is not finite."""
        return self.figure(shown, guard) if shown else self.nonfinite(value, guard)

    def _sign(self, slot: Slot, values: Values) -> str:
        value = values.of(slot.var)
        return self.sign(slot.var, value, self.shown(slot.var, value, values) if is_finite(value) else "", values)

    def sign(self, var: Var, value: Number, shown: str, values: Values) -> str:
        """= or ≈ before a value."""
        exact = not shown or (values.exact(var) and self.whole(value, shown, values))
        return self.language.equal if exact else self.language.about

    def whole(self, value: Number, shown: str, values: Values) -> bool:
        """Whether all of an exact value is shown; what is worked as it is written goes on with what is shown."""
        return values.as_written or self.digits.exactly(value, shown)

    def _raw(self, slot: Slot, values: Values) -> str:
        return self.raw(values.of(slot.var))

    def raw(self, value: Number) -> str:
        """All digits, as JSON has them."""
        return repr(float(value)) if is_finite(float(value)) else "null"

    def shown(self, var: Var, value: Number, values: Values) -> str:
        """The digits of a finite value, in ASCII; under ``carry: rounded`` what is given stays as it was given."""
        if self.as_given and (var.role in GIVEN or (type(value) is not float and values.exact(var))):
            return in_full(value)
        text = self.digits.of(var).shown(value, None if values.exact(var) else False)
        if self.as_given and type(value) is not float and not self.digits.exactly(value, text):
            return in_full(value)  # a small value was rounded to more decimals, once
        return text

    def all_shown(
        self, vars: Iterable[Var], found: Sequence[Number], exact: Iterable[bool], values: Values
    ) -> list[str]:
        """The digits of many finite values, of which some are ``exact``."""
        if values.arithmetic is FLOAT and not self.as_given and not self.digits.kinds:
            return self.digits.all_shown(found, exact)
        return list(map(self.shown, vars, found, repeat(values)))

    def value(self, number: Value) -> str:
        """A value on its own, finite or not, an expression or a number."""
        if not is_finite(number.value):
            return self.nonfinite(float(number.value))
        own = self.digits.of(number.source) if isinstance(number.source, Var) else self.digits
        return self.figure((number.digits or own).shown(number.value, number.exact), 0)

    def figure(self, shown: str, guard: int) -> str:
        """Digits in ASCII, or a fraction, in this language."""
        return self.literal(Num(shown), guard) if "/" in shown else self.language.number(shown, guard)

    def nonfinite(self, value: Number, guard: int = 0) -> str:
        """An infinite or undefined value."""
        infinite = self.language.infinite
        if value != value or value > 0:
            return self.language.undefined if value != value else infinite
        text = self.language.syntax.negation + infinite
        return self.language.enclosed.format(text) if guard else text
