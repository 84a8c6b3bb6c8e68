"""How a misconception is told to a student: in the notation's names, with the student's own numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.digits import Digits, text_number
from backpropcalc.algebra.fragments import unbroken
from backpropcalc.algebra.terms import Num, Term, Var, variables
from backpropcalc.algebra.typeset import TEXT, typeset
from backpropcalc.errors import printable
from backpropcalc.marking.judge.key import Key
from backpropcalc.marking.judge.marks import Because, Mark, StudentValues
from backpropcalc.marking.read.sheet import Answer
from backpropcalc.notation.notation import Notation

from .search import Candidate

BARE = ("decimal-shift", "sign-lost")
"""Slips for which the working says no more than the number."""
MOST_USED = 8
"""So many of the quantities that a step uses are listed."""


class Wording:
    """Writes explanations in a notation."""

    def __init__(self, key: Key, notation: Notation, digits: Digits) -> None:
        self.key, self.notation, self.digits = key, notation, digits

    def of(self, values: StudentValues) -> Explanations:
        """The explanations of one sheet."""
        return Explanations(self, values)


class Explanations:
    """Writes the explanations of one sheet."""

    def __init__(self, wording: Wording, values: StudentValues) -> None:
        self.wording, self.values = wording, values
        self.name = wording.notation.text

    def because(self, candidates: Sequence[Candidate], mark: Mark, lines: tuple[Var, ...]) -> tuple[Because, ...]:
        """What was done, with the numbers, and the right line worked in full; of two slips, that they are alike.

        What explains several ``lines`` is told at the first of them.
        """
        if len(lines) > 1 and candidates[0].also is None:
            candidates = candidates[:1]
        told = [self._told(candidate, mark) for candidate in candidates]
        if len(lines) > 1:
            first = lines[0] == mark.var
            text = f"{told[0].text} {self._list(lines)}" if first else f"The same slip as in {self.name(lines[0])}."
            return (replace(told[0], text=text, lines=lines),)
        if len(told) > 1:
            told[1] = replace(told[1], text=f"Or: {told[1].text} From this number the two cannot be told apart.")
        return tuple(told)

    def advice(self, mark: Mark) -> str:
        """What the step should have used, in the student's own numbers."""
        return f"This does not follow from your earlier values: the step uses {self._used(mark)}."

    def hints(self, mark: Mark) -> tuple[str, str, str]:
        """What helps with a step, more each time: what it uses, its formula, the formula with the student's numbers."""
        speech, term = self._speech(mark), self.wording.key.step_of[mark.var].term
        name = self.name(mark.var)
        return f"It uses {self._used(mark)}.", f"{name} = {speech.formula(term)}", f"{name} = {speech.numbers(term)}"

    def solution(self, mark: Mark) -> str:
        """The line worked in full, with the student's own earlier values."""
        return self._speech(mark).right(mark.var)

    def slip(self, mark: Mark, candidate: Candidate) -> str:
        """What a misconception is, in the numbers that it is worked with."""
        return self._speech(mark).sentence(candidate.rule.says, candidate.edit.about)

    def _speech(self, mark: Mark) -> _Sentences:
        return _Sentences(self.wording, mark, self.values, self.values.points)

    def _used(self, mark: Mark) -> str:
        """The quantities that a step uses, each with its number."""
        speech = self._speech(mark)
        used = list(dict.fromkeys(variables(self.wording.key.step_of[mark.var].term)))
        listed = [f"{self.name(v)} = {speech.numbers(v)}" for v in used[:MOST_USED]]
        return ", ".join(listed) + (" and others" if len(used) > MOST_USED else "")

    def _list(self, lines: tuple[Var, ...]) -> str:
        names = [self.name(var) for var in lines]
        return f"This explains {len(names)} lines: {', '.join(names[:-1])} and {names[-1]}."

    def _told(self, candidate: Candidate, mark: Mark) -> Because:
        plain = _Sentences(self.wording, mark, self.values, self.values.points)
        true = _Sentences(self.wording, mark, self.values, self.wording.key.truth)
        speech = true if candidate.corrected else plain
        edit, rule = candidate.edit, candidate.rule.name
        said = speech.sentence(candidate.rule.says, edit.about)
        if candidate.also is not None:
            other, edit = candidate.also
            rule = f"{rule} + {other.name}"
            said = f"Two slips at once. {said} And: {speech.sentence(other.says, edit.about)}"
        if candidate.corrected:
            said = f"{said} Before this, you used the right values, not those that stand above."
        if candidate.site != mark.var:
            said = f"The slip is in {self.name(candidate.site)}, which is not shown. {said}"
        worked = "" if rule in BARE else speech.worked(edit.term, candidate.site)
        return Because(rule, f"{said} {worked}".rstrip(), plain.right(candidate.site))


class _Quantity(NamedTuple):
    """A quantity in a sentence: ``{x}`` is its name with its number, ``{x:name}`` its name alone."""

    name: str
    number: str

    def __format__(self, form: str) -> str:
        return self.name if form == "name" or not self.number else f"{self.name} ({self.number})"


class _Sentences:
    """The sentences about one mark."""

    def __init__(self, wording: Wording, mark: Mark, values: StudentValues, points: Mapping[Var, float]) -> None:
        self.notation, self.digits = wording.notation, wording.digits
        self.mark, self.key, self.values, self.points = mark, wording.key, values, points

    def sentence(self, says: str, about: Mapping[str, Term | str]) -> str:
        """A rule's sentence with its words filled in."""
        things = {word: self._thing(x) for word, x in about.items() if not isinstance(x, str)}
        words = {word: x.format(**things) for word, x in about.items() if isinstance(x, str)}
        return says.format(**things, **words, it=self.notation.text(self.mark.var))

    def worked(self, term: Term, site: Var) -> str:
        """The line as it was worked by mistake, if that is more than a number."""
        answer = self.mark.answer
        assert answer is not None
        if answer.working and site == self.mark.var:
            return self.quoted(answer)
        numbers = self.numbers(term)
        stated = self.number(float(answer.shown.value))
        if isinstance(term, Var | Num) or numbers == stated or term == self.key.step_of[site].term:
            return ""
        end = ". "
        if site == self.mark.var:
            away = abs(evaluate(term, self.points.__getitem__, FLOAT) - float(answer.shown.value))
            end = f" {'=' if away <= 1e-12 else '≈'} {stated}. "
        return f"You have {self.notation.text(site)} = {numbers}{end}"

    def quoted(self, answer: Answer) -> str:
        """The student's own line."""
        line = printable(" = ".join((self.notation.text(answer.var), *answer.working, answer.shown.text)), 160)
        where = f" (line {answer.place.line})" if answer.place else ""
        return f"You wrote{where}: {line}."

    def right(self, site: Var) -> str:
        """The right line, worked in full with the student's own earlier values."""
        term, value = self.key.step_of[site].term, self.values.own[site]
        formula, numbers, shown = self.formula(term), self.numbers(term), self.about(value)
        middle = "" if numbers in (formula, shown) else f" = {numbers}"
        relation = "=" if self.fine.exactly(value, self.fine.shown(value)) else "≈"
        return f"{self.notation.text(site)} = {formula}{middle} {relation} {shown}"

    def formula(self, term: Term) -> str:
        """A formula in names."""
        return unbroken(typeset(term, TEXT, self._name, self._label))

    def _label(self, y: Var, x: Var) -> str:
        return self.notation.text(Var("d", x.layer, (1, 1), (y, x)))

    def numbers(self, term: Term) -> str:
        """A formula in the student's numbers."""
        return unbroken(typeset(term, TEXT, self._leaf))

    def _name(self, node: Var | Num, guard: int) -> str:
        if isinstance(node, Num):
            return node.text if "/" in node.text else text_number(node.text, guard)
        name = self.notation.text(node)
        return f"({name})" if guard == 2 and ("^" in name or "/" in name) else name

    def _leaf(self, node: Var | Num, guard: int) -> str:
        if isinstance(node, Num):
            return self._name(node, guard)
        value = self.points[node]
        stated = (node in self.values.halves and self.points is self.values.points) or node in self.key.given
        return self.number(value, guard) if stated else self.about(value, guard)

    def _thing(self, thing: Term) -> _Quantity:
        if isinstance(thing, Var):
            return _Quantity(self.notation.text(thing), self._leaf(thing, 0))
        return _Quantity(self.formula(thing), "")

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
