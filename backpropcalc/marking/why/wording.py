"""How a misconception is told to a student: in the notation's names, with the student's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.digits import Digits, text_number
from backpropcalc.algebra.terms import Num, Term, Var
from backpropcalc.algebra.typeset import TEXT, typeset
from backpropcalc.marking.judge.key import Key
from backpropcalc.marking.judge.marks import Because, Mark, StudentValues
from backpropcalc.notation.notation import Notation

from .edits import Found

PLAIN = replace(TEXT, breaks=("", ""))
"""The terminal's language without marks for breaking lines."""

BARE = ("decimal-shift", "sign-lost")
"""Slips for which the working says no more than the number."""


class Wording:
    """Writes explanations in a notation."""

    def __init__(self, key: Key, notation: Notation, digits: Digits) -> None:
        self.key, self.notation, self.digits = key, notation, digits

    def because(self, found: Found, mark: Mark, values: StudentValues) -> Because:
        """What was done, with the numbers, and the right line worked in full."""
        speech = _Speech(self, mark, values)
        edit, rule = found.edit, found.rule.name
        said = speech.sentence(found.rule.says, edit.about)
        if found.also is not None:
            other, edit = found.also
            rule = f"{rule} + {other.name}"
            said = f"Two slips at once. {said} And: {speech.sentence(other.says, edit.about)}"
        if found.site != mark.var:
            said = f"The slip is in {self.notation.text(found.site)}, which is not shown. {said}"
        worked = "" if rule in BARE else speech.worked(edit.term, found.site)
        return Because(rule, f"{said} {worked}".rstrip(), speech.right(found.site))


class _Thing(NamedTuple):
    """A quantity in a sentence: ``{x}`` is its name with its number, ``{x:name}`` its name alone."""

    name: str
    number: str

    def __format__(self, form: str) -> str:
        return self.name if form == "name" or not self.number else f"{self.name} ({self.number})"


class _Speech:
    """The sentences about one mark."""

    def __init__(self, wording: Wording, mark: Mark, values: StudentValues) -> None:
        self.notation, self.digits = wording.notation, wording.digits
        self.mark, self.key, self.values = mark, wording.key, values

    def sentence(self, says: str, about: Mapping[str, Term | str]) -> str:
        """A rule's sentence with its words filled in."""
        things = {word: self._thing(x) for word, x in about.items() if not isinstance(x, str)}
        words = {word: x.format(**things) for word, x in about.items() if isinstance(x, str)}
        return says.format(**things, **words, it=self.notation.text(self.mark.var))

    def worked(self, term: Term, site: Var) -> str:
        """The line as it was worked by mistake, if that is more than a number."""
        numbers = self.numbers(term)
        assert self.mark.answer is not None
        stated = self.number(float(self.mark.answer.shown.value))
        if isinstance(term, Var | Num) or numbers == stated or term == self.key.step_of[site].term:
            return ""
        end = ". "
        if site == self.mark.var:
            away = abs(evaluate(term, self.values.points.__getitem__, FLOAT) - float(self.mark.answer.shown.value))
            end = f" {'=' if away <= 1e-12 else '≈'} {stated}. "
        return f"You have {self.notation.text(site)} = {numbers}{end}"

    def right(self, site: Var) -> str:
        """The right line, worked in full with the student's own earlier values."""
        term, value = self.key.step_of[site].term, self.values.own[site]
        formula, numbers, shown = self.formula(term), self.numbers(term), self.about(value)
        middle = "" if numbers in (formula, shown) else f" = {numbers}"
        relation = "=" if self.fine.exactly(value, self.fine.shown(value)) else "≈"
        return f"{self.notation.text(site)} = {formula}{middle} {relation} {shown}"

    def formula(self, term: Term) -> str:
        """A formula in names."""
        return typeset(term, PLAIN, self._name, lambda y, x: self.notation.text(Var("d", x.layer, (1, 1), (y, x))))

    def numbers(self, term: Term) -> str:
        """A formula in the student's numbers."""
        return typeset(term, PLAIN, self._leaf)

    def _name(self, node: Var | Num, guard: int) -> str:
        if isinstance(node, Num):
            return node.text if "/" in node.text else text_number(node.text, guard)
        name = self.notation.text(node)
        return f"({name})" if guard == 2 and ("^" in name or "/" in name) else name

    def _leaf(self, node: Var | Num, guard: int) -> str:
        if isinstance(node, Num):
            return self._name(node, guard)
        value = self.values.points[node]
        stated = node in self.values.halves or node in self.key.given
        return self.number(value, guard) if stated else self.about(value, guard)

    def _thing(self, thing: Term) -> _Thing:
        if isinstance(thing, Var):
            return _Thing(self.notation.text(thing), self._leaf(thing, 0))
        return _Thing(self.formula(thing), "")

    def number(self, value: float, guard: int = 0) -> str:
        """A number as it was written."""
        return text_number(Digits(None, 15).shown(value), guard)

    def about(self, value: float, guard: int = 0) -> str:
        """A number that was worked out."""
        return text_number(self.fine.shown(value), guard)

    @property
    def fine(self) -> Digits:
        """As finely as the student writes or the spec shows."""
        if self.digits.decimals is None:
            return self.digits
        return Digits(min(9, max(self.digits.decimals, self.values.precision.decimals)))
