"""An examination: one spec made ready once, so that any number of answer files can be marked against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path, PurePath
from typing import NamedTuple

from backpropcalc.algebra.terms import Var
from backpropcalc.errors import Problem, printable
from backpropcalc.marking.judge.conventions import SAID, of_batches
from backpropcalc.marking.judge.factors import factors, with_factors
from backpropcalc.marking.judge.key import Key
from backpropcalc.marking.judge.marking import mark, score
from backpropcalc.marking.judge.marks import VERDICTS, WRONG, Mark
from backpropcalc.marking.judge.worth import Score
from backpropcalc.marking.read.answers import read
from backpropcalc.marking.read.sheet import REMARKS, Sheet
from backpropcalc.marking.why.explain import Explainer, deducted_once
from backpropcalc.marking.why.working import WorkingChecker
from backpropcalc.notation.names import Names
from backpropcalc.pages.calculation import Page
from backpropcalc.pages.page import page
from backpropcalc.program.steps import Step
from backpropcalc.spec.model import Spec


def questions(spec: Spec, only: Iterable[str] = (), phases: frozenset[str] = frozenset()) -> Page:
    """The page of what is asked: every number on a line of its own, whatever view the spec has.

    Raises ``InputError`` as ``page`` does.
    """
    return page(spec if spec.style.view == "scalar" else spec.override(view="scalar"), only=only, phases=phases)


def in_order(page: Page) -> Iterator[str | Step]:
    """The steps that are asked for in the order of the calculation, among them the headings over them."""
    before = None
    for block in page.trace.asked:
        steps = [step for step in page.steps(block) if step.var not in page.trace.repeated]
        if not steps:
            continue
        headings = [heading for _, heading, _ in page.headings(block, before) if heading]
        yield from (heading for heading in headings if isinstance(heading, str))
        if not headings and before and before.sample is not None and block.sample is None:
            yield "all samples"
        before = block
        yield from steps


@dataclass(frozen=True)
class Paper:
    """A marked answer file. ``own`` gives the value that the student goes on with."""

    file: str
    marks: tuple[Mark, ...]
    score: Score
    problems: tuple[Problem, ...]
    own: Mapping[Var, float]

    @property
    def summary(self) -> dict[str, int]:
        """How often each verdict was given."""
        counts = Counter(mark.verdict for mark in self.marks)
        return {verdict: counts[verdict] for verdict in VERDICTS}

    @property
    def flawless(self) -> bool:
        """Whether nothing is wrong, missing or could not be read, in the working neither."""
        fine = all(not mark.because and mark.verdict not in WRONG for mark in self.marks)
        remarks = all(problem.code in REMARKS for problem in self.problems)
        return fine and remarks and self.score.earned >= self.score.possible


class Basis(NamedTuple):
    """A key, and what names slips and goes through working by it."""

    key: Key
    explainer: Explainer
    checker: WorkingChecker


FACTORS_UP_TO = 2000
"""Steps; nobody works a larger network by hand, and the names of its local slopes would take long to make."""


class Examination:
    """What is asked is what ``page`` shows."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.trace = page.trace
        self.key = Key.of(page.trace, self.asked)
        self._bases: dict[tuple[frozenset[Var], str], Basis] = {}
        self.factors = factors(self.key) if len(self.key.steps) <= FACTORS_UP_TO else {}
        """What may be stated although it is not asked, with the steps that work it out."""
        self.names = Names(page.notation, chain(page.trace.given(), self.key.step_of, self.factors))

    @property
    def steps(self) -> Mapping[Var, Step]:
        """The step of every quantity."""
        return {**self.factors, **self.key.step_of}

    @cached_property
    def asked(self) -> frozenset[Var]:
        """The quantities that count."""
        return frozenset(step.var for block in self.trace.asked for step in self.page.steps(block))

    @cached_property
    def phases(self) -> Mapping[Var, str]:
        """The phase of every quantity."""
        return {**dict.fromkeys(self.factors, "backward"), **{step.var: phase for phase, step in self.key.steps}}

    def basis(self, stated: frozenset[Var] = frozenset(), convention: str = "") -> Basis:
        """What papers are marked by that state these factors and keep to this convention; made ready once."""
        if (stated, convention) not in self._bases:
            key = with_factors(self.key, self.factors, stated)
            key = next((c.key(key) for c in of_batches(key) if c.name == convention), key)
            explainer = Explainer(self.trace, key, self.page.notation)
            self._bases[stated, convention] = Basis(key, explainer, WorkingChecker(key, self.names, self.trace.digits))
        return self._bases[stated, convention]

    def paper(self, path: str | Path, explain: bool = True) -> Paper:
        """The marks of an answer file. Raises ``InputError`` if it cannot be read or holds no answer."""
        name = "<standard input>" if str(path) == "-" else printable(PurePath(str(path)).name)
        return self.marked(read(path, self.names, self.key.truth), name, explain)

    def marked(self, sheet: Sheet, file: str = "", explain: bool = True) -> Paper:
        """The marks of a sheet."""
        stated, problems = self._given_apart(sheet)
        used = frozenset(self.factors.keys() & stated.answers.keys())
        marked = mark(self.basis(used).key, stated)
        basis = self.basis(used, marked.convention)
        if marked.convention in SAID:
            problems.append(Problem("convention", SAID[marked.convention]))
        if explain or self.key.rules.deduct == "once":
            marked = basis.explainer.explained(marked)
        marked = basis.checker.examined(marked)
        if self.key.rules.deduct == "once":
            marked = deducted_once(marked)
        marks = tuple(m for m in marked if m.var in self.asked or m.var in used)
        return Paper(file, marks, score(self.key, marked), (*sheet.problems, *problems), marked.values.points)

    def _given_apart(self, sheet: Sheet) -> tuple[Sheet, list[Problem]]:
        """The sheet without what is given anyway; a problem for each such number that was copied wrongly."""
        problems = []
        answers = dict(sheet.answers)
        for var, answer in sheet.answers.items():
            if var not in self.key.given:
                continue
            del answers[var]
            given = self.key.given[var]
            if abs(float(answer.shown.value) - given) > float(answer.shown.half) + 1e-12 * abs(given):
                name = self.page.notation.ascii(var)
                message = f"{name} is given as {self.trace.digits.shown(given)}, not {printable(answer.shown.text, 30)}"
                renewed = next((v for v in self.asked if v.role == "new" and v.parts[0] == var), None)
                help = f"the updated one is called {self.page.notation.ascii(renewed)}" if renewed else ""
                problems.append(Problem("given", message, answer.place, help))
        unreadable = {var: text for var, text in sheet.unreadable.items() if var not in self.key.given}
        return replace(sheet, answers=answers, unreadable=unreadable), problems
