"""Exact values in a written language: the fraction or expression, and the decimal beside it."""

from __future__ import annotations

import json
from itertools import chain

from backpropcalc.algebra.arithmetic import Number
from backpropcalc.algebra.exact import decimal_of, is_decimal, term_of
from backpropcalc.algebra.fragments import SUM_BREAK, Fragments, unbroken
from backpropcalc.algebra.terms import Op, Term, Var, substitute, variables
from backpropcalc.algebra.typeset import typeset
from backpropcalc.execution.values import InNames, Values, is_finite
from backpropcalc.pages.pieces import Value
from backpropcalc.program.steps import Step
from backpropcalc.rules.formulas import plain

from .script import Row, Script

LONGEST_SUBSTITUTION = 160
"""Characters from which exact values are not put into a formula: its symbols say more."""
LONGEST_VALUE = 32
"""Characters of a value that stand in the column of values; a longer one is part of the working."""


def same_in_order(one: Term, other: Term) -> bool:
    """Whether two formulas differ in nothing but the order of terms and factors."""
    return _sorted(one) == _sorted(other)


def _sorted(term: Term) -> Term:
    if not isinstance(term, Op):
        return term
    args = [_sorted(arg) for arg in term.args]
    if term.name in ("add", "mul"):
        inner = (arg.args if isinstance(arg, Op) and arg.name == term.name else (arg,) for arg in args)
        args = sorted(chain.from_iterable(inner), key=repr)
    return Op(term.name, tuple(args), term.shape)


class ExactScript(Script):
    """Writes numbers that are exact."""

    def closed(self, step: Step, values: Values, note: str = "") -> Row:
        """``name = formula = substitution = exact value ≈ decimal``, without what only repeats its neighbour."""
        row = self.row_with(self.row(step), values, note)
        value = values.of(step.var)
        if isinstance(values, InNames):
            return Row(row.name, row.formula, (), "", "", note)
        sides = [self.substituted(step.term, values)] if isinstance(step.term, Op) else []
        relation, shown = row.relation, row.value
        if not is_decimal(value):
            if any(is_decimal(values.of(var)) for var in variables(step.term)):
                sides = []  # decimals are not equal to what is exact
            said = self.plainly(term_of(value))
            if decimal_of(value) is None and sides and same_in_order(self._exactly(step.term, values), term_of(value)):
                said = sides.pop()  # only its parts stand in another order: one of them will do
            if decimal_of(value) is None and len(unbroken(said)) <= LONGEST_VALUE:
                shown = unbroken(said)
            elif decimal_of(value) is None:
                relation, shown = "", ""
                sides.append(said)
            elif unbroken(said) != shown:
                sides.append(said)
        kept: list[Fragments] = []
        for side in sides:
            if side and side not in (*kept, row.formula, (shown,)):
                kept.append(side)
        numbers = tuple(part for n, side in enumerate(kept) for part in ((SUM_BREAK, " = ") if n else ()) + side)
        return Row(row.name, row.formula, numbers, relation, shown, note)

    def substituted(self, term: Term, values: Values) -> Fragments:
        """The formula with exact values in it, or with decimals where one of them is no longer exact."""
        if isinstance(values, InNames):
            return ()
        if any(is_decimal(values.of(var)) for var in variables(term)):
            return self.filled(self.open(term), values)
        text = self.plainly(self._exactly(term, values))
        return text if len(unbroken(text)) <= LONGEST_SUBSTITUTION else ()

    def _exactly(self, term: Term, values: Values) -> Term:
        """The formula with exact values in it."""
        return substitute(term, {var: term_of(values.of(var)) for var in variables(term)})

    def worked(self, term: Term, values: Values) -> str:
        """A formula with its numbers, on one line."""
        return unbroken(self.substituted(term, values))

    def plainly(self, term: Term) -> Fragments:
        """A term in this language; a derivative in it by its value."""
        return typeset(term, self.language.syntax, self.symbol)

    def value(self, number: Value) -> str:
        """A value on its own; one that speaks of names in symbols."""
        if is_finite(number.value) and decimal_of(number.value) is None:
            return unbroken(self.plainly(term_of(number.value)))
        return super().value(number._replace(exact=None))

    def sign(self, var: Var, value: Number, shown: str, values: Values) -> str:
        """= or ≈ before a value."""
        whole = decimal_of(value) is None or (not is_decimal(value) and self.digits.exactly(value, shown))
        return self.language.equal if whole else self.language.about

    def raw(self, value: Number) -> str:
        """The exact value as a text in JSON, and the decimal beside it."""
        number = decimal_of(value)
        said = json.dumps(str(value) if is_decimal(value) else plain(term_of(value)))
        decimal = repr(number) if number is not None and is_finite(number) else "null"
        return f'{said if decimal != "null" or number is None else "null"}, "decimal": {decimal}'

    def shown(self, var: Var, value: Number, values: Values) -> str:
        """The digits of a value, in ASCII; of an expression with names, itself."""
        return plain(term_of(value)) if decimal_of(value) is None else self.digits.of(var).shown(value)
