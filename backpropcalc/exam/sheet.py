"""The two papers of an exam as documents: the sheet that is handed out, and the key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Var
from backpropcalc.errors import count
from backpropcalc.marking.judge.worth import amount
from backpropcalc.pages.calculation import PHASES, AboutPage, Page
from backpropcalc.pages.given import parameters, samples
from backpropcalc.pages.overview import facts
from backpropcalc.pages.picture import Shown, of_network
from backpropcalc.pages.pieces import (
    PARTS,
    Break,
    Facts,
    Gaps,
    Heading,
    Lines,
    MatrixLines,
    Note,
    Phrase,
    Piece,
    Room,
    Title,
)
from backpropcalc.spec.network import Network

from .questions import Questions

WITHHELD = {"formulas": frozenset(PARTS[1:]), "names": frozenset(PARTS), "nothing": frozenset(PARTS)}
"""What ``show`` leaves to be filled in of a line."""
ROOM = {"formulas": 1, "names": 2, "nothing": 3}
"""How many empty lines there are below each, or, if not even its name is given, for each."""
ANSWERS = frozenset({"derivative found"})
"""What a page says before the calculation and a sheet does not: it is part of the work."""


@dataclass(frozen=True)
class Stamp:
    """What tells a form from the others: its letter, the seed it was drawn with, the digest of its numbers."""

    letter: str
    seed: int
    digest: str

    def __str__(self) -> str:
        return f"{self.letter}, seed {self.seed}, digest {self.digest}"


@dataclass(frozen=True)
class ExamPaper(AboutPage):
    """A paper about ``questions``; without a ``stamp`` it has the numbers of the spec."""

    questions: Questions
    stamp: Stamp | None = None
    student: str = ""
    remarks: tuple[str, ...] = ()
    """What is said of the form on its key."""

    kind = "an exam"
    forms = Page.forms - {"json"}
    name = "Exam"

    @cached_property
    def page(self) -> Page:
        """The page that works out what is asked."""
        return self.questions.page

    @property
    def quoted(self) -> str:
        """All that people typed."""
        return self.title + self.student

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """All of it; with ``quiet`` without the lines."""
        yield Title(self.title, self.name)
        yield Facts([*self.head(), *self.given()])
        yield from self.remarked()
        spec = self.page.trace.spec
        if isinstance(spec, Network):
            yield of_network(spec, Shown())
        for values in self.page.trace.iterations():
            if values.iteration == 1:
                yield from self.page.given(values)
            if not quiet:
                yield from self.lines(self.page.iteration(values))

    def head(self) -> Iterator[tuple[str, Phrase]]:
        """Whose it is, which form, and what it is worth."""
        raise NotImplementedError

    def given(self) -> Iterator[tuple[str, Phrase]]:
        """What is given, all of it."""
        trace = self.page.trace
        if isinstance(trace.spec, Network) and trace.spec.style.view != "matrix":
            found: Iterable[tuple[str, Phrase]] = (
                *facts(trace.spec), *samples(trace.spec, every=True), *parameters(trace.spec, trace.program, every=True)
            )  # fmt: skip
        else:
            found = self.page.facts()
        yield from ((label, said) for label, said in found if label not in ANSWERS)

    def remarked(self) -> Iterator[Piece]:
        """What is said before the lines."""
        raise NotImplementedError

    def lines(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The lines, what each is worth, and what all of a phase are worth over it."""
        for piece in pieces:
            match piece:
                case Lines() | MatrixLines():
                    yield piece._replace(notes=self.notes(piece.notes), gaps=self.gaps(piece))
                case Heading():
                    yield self.headed(piece)
                case _:
                    yield piece

    def headed(self, heading: Heading) -> Heading:
        """A heading, with the points of its phase."""
        phase = phase_of(heading)
        if heading.level != 2 or not phase:
            return heading
        return heading._replace(text=f"{heading.text} ({self.questions.points(self.questions.of(phase))})")

    def notes(self, notes: Mapping[Var, str]) -> Mapping[Var, str]:
        """What is said about lines."""
        return notes

    def gaps(self, lines: Lines | MatrixLines) -> Gaps:
        """What is left to be filled in, and what each line is worth."""
        return Gaps({}, self.worth(lines))

    def worth(self, lines: Lines | MatrixLines) -> Mapping[Var, str]:
        """The points of each line."""
        return {var: amount(self.questions.worth[var]) for var in vars_of(lines) if var in self.questions.worth}


class QuestionSheet(ExamPaper):
    """What is handed out."""

    def head(self) -> Iterator[tuple[str, Phrase]]:
        """A line for the name, the form, the points."""
        yield "name", self.student or "_" * 40
        if self.stamp is not None:
            yield "form", str(self.stamp)
        yield "points", f"______ of {amount(self.questions.possible)}"

    def remarked(self) -> Iterator[Piece]:
        """How to write the answers."""
        yield Note(f"{asked_for(self.questions.digits)} Points stand in brackets.")

    def lines(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The questions; if not even their names are given, room for each phase."""
        if self.show != "nothing":
            yield from super().lines(pieces)
            return
        phase = ""
        for piece in pieces:
            if isinstance(piece, Heading) and piece.level < 3:
                yield self.headed(piece)
                continue
            for now in piece.phases if isinstance(piece, Lines | MatrixLines) else ():
                if now != phase:
                    vars = self.questions.of(now)
                    yield Note(f"Work out {count(len(vars), 'value')}, each with its name, its formula and its number.")
                    yield Room(ROOM["nothing"] * len(vars))
                phase = now

    @property
    def show(self) -> str:
        """What is given away beside the numbers."""
        found: str = self.page.trace.spec.style.show
        return found

    def notes(self, notes: Mapping[Var, str]) -> Mapping[Var, str]:
        """Nothing: what is said about a line tells of its value."""
        return {}

    def gaps(self, lines: Lines | MatrixLines) -> Gaps:
        """A blank for each value, and room to work."""
        return Gaps(dict.fromkeys(vars_of(lines), WITHHELD[self.show]), self.worth(lines), ROOM[self.show])


class KeySheet(ExamPaper):
    """The key: every line that is asked for worked out, and what it is worth."""

    name = "Key"

    @property
    def page(self) -> Page:
        """The page, with the line that a loss which is asked for only repeats."""
        page = self.questions.page
        asked = page.only or frozenset()
        repeated = {of for of, repeat in page.trace.repeated.items() if repeat in asked}
        return replace(page, only=asked | repeated)

    def head(self) -> Iterator[tuple[str, Phrase]]:
        """That it is a key, of which form, and the points."""
        yield "key", f"form {self.stamp}" if self.stamp is not None else "with the numbers of the spec"
        if self.student:
            yield "name", self.student
        yield "points", amount(self.questions.possible)

    def remarked(self) -> Iterator[Piece]:
        """What the numbers of the form can tell."""
        yield from (Note(remark, close=n > 0) for n, remark in enumerate(self.remarks))


@dataclass(frozen=True)
class Papers(AboutPage):
    """Several papers as one document, each on a page of its own; they are alike but for their numbers."""

    papers: Sequence[ExamPaper]

    kind = "an exam"
    forms = ExamPaper.forms

    @cached_property
    def page(self) -> Page:
        """The page of the first."""
        return self.papers[0].page

    @property
    def quoted(self) -> str:
        """All that people typed."""
        return "".join(paper.quoted for paper in self.papers)

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """One after the other."""
        for n, paper in enumerate(self.papers):
            if n:
                yield Break()
            yield from paper.pieces(quiet)


def asked_for(digits: Digits) -> str:
    """How finely values are to be written."""
    if digits.significant is not None:
        return f"Give your values with {digits.significant} significant digits."
    return f"Give your values with {digits.decimals} decimals."


def vars_of(lines: Lines | MatrixLines) -> list[Var]:
    """What the lines work out."""
    return [step.var for step in (lines.cells if isinstance(lines, Lines) else lines.steps)]


def phase_of(heading: Heading) -> str:
    """The phase that a heading announces; empty if none."""
    return next((phase for phase, said in PHASES.items() if said in str(heading.text)), "")
