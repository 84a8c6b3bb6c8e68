"""Rows of exact values: the fraction or expression, and the decimal beside it."""

from __future__ import annotations

import json
from typing import Any

from backpropcalc.algebra.exact import READABLE, decimal_of, is_decimal, term_of
from backpropcalc.algebra.terms import Op, Term, Var, substitute, variables
from backpropcalc.algebra.typeset import BREAK, SOFT_BREAK, typeset
from backpropcalc.execution.trace import Values, is_finite
from backpropcalc.program.steps import Step
from backpropcalc.rules.formulas import plain

from .rows import RAW, RELATION, Row, Write, Writer

LONGEST_SUBSTITUTION = 160
"""Characters from which exact values are not put into a formula: its symbols say more."""
LONGEST_VALUE = 32
"""Characters of a value that stand in the column of values; a longer one is part of the working."""


class ExactWriter(Writer):
    """Makes rows whose numbers are exact."""

    def direct(self, values: Values) -> Write:
        """Writes the numbers of one iteration."""
        return _Numbers(self, values)

    def row(self, step: Step, write: Write, note: str = "") -> Row:
        """``name = formula = substitution = exact value ≈ decimal``, without what only repeats its neighbour."""
        assert isinstance(write, _Numbers)
        value = write.values.of(step.var)
        sides = [self.substituted(step.term, write.values)] if isinstance(step.term, Op) else []
        relation, shown = write(step.var, RELATION), write(step.var, 0)
        if not is_decimal(value):
            said = self.written(term_of(value))
            if decimal_of(value) is None and len(_bare(said)) <= LONGEST_VALUE:
                shown = _bare(said)
            elif decimal_of(value) is None:
                relation, shown = "", ""
                sides.append(said)
            elif _bare(said) != shown:
                sides.append(said)
        formula = self.formula(step)
        kept: list[str] = []
        for side in sides:
            if side and side not in (*kept, formula, shown):
                kept.append(side)
        return Row(step, self.name(step.var), formula, f"{BREAK} = ".join(kept), relation, shown, note)

    def substituted(self, term: Term, values: Values) -> str:
        """The formula with exact values in it, or with decimals where one of them is no longer exact."""
        found = {var: values.of(var) for var in variables(term)}
        if any(is_decimal(value) for value in found.values()):
            write = Writer.direct(self, values)
            return typeset(term, self.language.syntax, lambda node, guard: self.leaf(node, guard, write))
        text = self.written(substitute(term, {var: term_of(value) for var, value in found.items()}))
        return text if len(_bare(text)) <= LONGEST_SUBSTITUTION else ""

    def written(self, term: Term) -> str:
        """A term in this language; a derivative in it by its value."""
        return typeset(term, self.language.syntax, self.symbol)

    def format(self, var: Var, guard: int, value: Any, shown: str, values: Values) -> str:
        """What stands for the value of an entry."""
        if guard == RAW:
            return self.raw(value)
        if guard == RELATION:
            whole = decimal_of(value) is None or (not is_decimal(value) and self.digits.exactly(value, shown))
            return self.language.equal if whole else self.language.about
        return super().format(var, guard, value, shown, values)

    @staticmethod
    def raw(value: Any) -> str:
        """The exact value as a text in JSON, and the decimal beside it."""
        number = decimal_of(value)
        said = json.dumps(str(value) if is_decimal(value) else plain(term_of(value)))
        decimal = repr(number) if number is not None and is_finite(number) else "null"
        return f'{said if decimal != "null" or number is None else "null"}, "decimal": {decimal}'

    def shown(self, var: Var, value: Any) -> str:
        """The digits of a value, in ASCII; of an expression with names, itself."""
        return plain(term_of(value)) if decimal_of(value) is None else self.digits.shown(value)


def _bare(text: str) -> str:
    return text.replace(BREAK, "").replace(SOFT_BREAK, "")


class _Numbers:
    """Writes numbers, and knows them."""

    def __init__(self, writer: ExactWriter, values: Values) -> None:
        self.values = values
        self.write = Writer.direct(writer, values)

    def __call__(self, var: Var, guard: int) -> str:
        return self.write(var, guard)


def swells(step: Step, values: Values) -> str:
    """What must be said where an exact value first grows too long to read."""
    if not is_decimal(values.of(step.var)) or any(is_decimal(values.of(var)) for var in variables(step.term)):
        return ""
    return f"more than {READABLE} characters if exact: a decimal from here on"
