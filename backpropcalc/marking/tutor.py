"""A tutor: it asks for line after line of a calculation, and judges each answer as ``check`` judges the whole paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from backpropcalc.algebra.terms import Var
from backpropcalc.errors import InputError, count, fail, nearest, printable
from backpropcalc.marking.judge.marking import mark
from backpropcalc.marking.judge.marks import Mark
from backpropcalc.marking.judge.worth import FULL_CREDIT
from backpropcalc.marking.read.answers import reads
from backpropcalc.marking.read.sheet import Sheet
from backpropcalc.marking.why.wording import Explanations
from backpropcalc.pages.calculation import Page

from .examination import Examination, Paper, in_order
from .progress import Attempt, Progress
from .report import NOTES

LONGEST = 2000
"""Characters of an answer that are read."""
VERDICTS = {
    "correct": "Right.",
    "rounded": "Right: it follows from your rounded values.",
    "follows": "Right from your earlier values, which are not all right.",
    "mistake": "Not right.",
}
COMMANDS = (
    "Type a number, a fraction, or your working. Or: hint (a little help, three times), why (what is wrong), "
    "skip (go on), back (the line before), show (the answer), quit."
)
HINTS = 3


class Tutor:
    """Practice of one page. ``question`` and ``reply`` give what is to be said, a paragraph each."""

    def __init__(self, page: Page, progress: Progress) -> None:
        """Of the lines of ``page`` those that count and that the round asks for. Raises ``InputError`` without any."""
        self.examination = Examination(page)
        self.progress = progress
        self.order: list[Var] = []
        self.above: dict[Var, tuple[str, ...]] = {}
        headings: list[str] = []
        for item in in_order(page):
            if isinstance(item, str):
                headings.append(item)
            elif self.examination.key.points[item.var] and (not progress.asked or item.var.id in progress.asked):
                self.order.append(item.var)
                self.above[item.var], headings = tuple(headings), []
        if not self.order:
            raise fail("empty", "there is nothing to practise: no quantity is both asked for and worked out")
        self.progress.at = max(0, min(self.progress.at, len(self.order)))
        self.said: set[str] = set()

    @property
    def done(self) -> bool:
        """Whether every line has been asked for, or the student has had enough."""
        return self.progress.at >= len(self.order)

    @property
    def var(self) -> Var:
        """What is asked for."""
        return self.order[self.progress.at]

    @property
    def attempt(self) -> Attempt:
        """What was done at the line that is asked for."""
        return self.progress.lines.setdefault(self.var.id, Attempt())

    def name(self, var: Var) -> str:
        """What a quantity is called."""
        return self.examination.page.notation.text(var)

    def question(self) -> list[str]:
        """The line that is asked for, under its headings."""
        if self.done:
            return []
        place = f"({self.progress.at + 1} of {len(self.order)})"
        return [*self.above[self.var], f"{self.name(self.var)} = ?  {place}"]

    def reply(self, typed: str) -> list[str]:
        """What is to be said to what the student typed, with the next question if there is one."""
        typed = typed.strip()
        command = self._commands.get(typed.casefold())
        return command() if command else self._answered(typed)

    @property
    def _commands(self) -> Mapping[str, Callable[[], list[str]]]:
        return {
            "": self.question, "help": lambda: [COMMANDS], "?": lambda: [COMMANDS], "hint": self._hint,
            "why": self._why, "skip": self._skip, "back": self._back, "show": self._show,
        }  # fmt: skip

    def _answered(self, typed: str) -> list[str]:
        if len(typed) > LONGEST:
            return [f"That is too long: {LONGEST:,} characters are read."]
        before, said = self.attempt.answer, self._unread(typed)
        if said:
            return [said]
        self.attempt.answer = self._value_of(typed)
        paper = self._paper()
        judged = next((m for m in paper.marks if m.var == self.var), None)
        if judged is None or judged.verdict not in VERDICTS:
            self.attempt.answer = before
            return ["No number was read there. Type a number, a fraction, or a working that ends in one."]
        self.attempt.tries += 1
        self.attempt.slips += [because.rule for because in judged.because[:1]]
        return [*self._remarks(paper), *self._judged(judged)]

    def _judged(self, judged: Mark) -> list[str]:
        """The verdict, and why; the next question if the line is done."""
        texts = [VERDICTS[judged.verdict], *(NOTES[note].capitalize() + "." for note in judged.notes if note in NOTES)]
        self.attempt.right = judged.verdict in FULL_CREDIT and judged.credit > 0
        if self.attempt.right:
            slips = [because.text for because in judged.because]
            self.progress.at += 1
            return [" ".join((*texts, *slips)), *self.question()]
        reasons = [because.text for because in judged.because] or ([judged.advice] if judged.advice else [])
        return [" ".join((*texts, *reasons)), f"{self.name(self.var)} = ?  Try again, or type hint, show or skip."]

    def _unread(self, typed: str) -> str:
        """What to say of an answer that cannot be read, or that is for something else; empty if it is one."""
        left, equals, _ = typed.partition("=")
        named = self.examination.names.get(left) if equals else None
        if named is not None and named != self.var:
            return f"That is {self.name(named)}; asked for is {self.name(self.var)}."
        if not any(char.isdigit() for char in typed):
            word = nearest(typed, [word for word in (*self._commands, "quit") if word])
            return f"{printable(typed, 60)!r} is not a number: {word or 'type help for what can be typed'}"
        return ""

    def _value_of(self, typed: str) -> str:
        """What was typed, without the name before it."""
        left, equals, right = typed.partition("=")
        return right.strip() if equals and self.examination.names.get(left) == self.var else typed

    def _sheet(self) -> Sheet:
        notation = self.examination.page.notation
        text = "".join(
            f"{notation.ascii(var)} = {attempt.answer}\n"
            for var in self.examination.key.step_of
            if (attempt := self.progress.lines.get(var.id)) and attempt.answer
        )
        try:
            return reads(text, self.examination.names, ".txt", truth=self.examination.key.truth)
        except InputError as error:
            return Sheet({}, {}, tuple(error.problems))

    def _paper(self) -> Paper:
        """All answers so far, marked as ``check`` marks them."""
        return self.examination.marked(self._sheet())

    def _remarks(self, paper: Paper) -> Iterator[str]:
        """What must be said of the paper as a whole, once."""
        for problem in paper.problems:
            if problem.code == "convention" and problem.message not in self.said:
                self.said.add(problem.message)
                yield problem.message[0].upper() + problem.message[1:] + "."

    # Help

    def _told(self) -> tuple[Explanations, Mark]:
        """What can be said of the line, by the student's own earlier values."""
        basis = self.examination.basis()
        marked = mark(basis.key, self._sheet(), ())
        judged = next((m for m in marked if m.var == self.var), None)
        own = marked.values.own[self.var]
        return basis.explainer.wording.of(marked.values), judged or Mark(self.var, None, own, own, "missing")

    def _hint(self) -> list[str]:
        if self.attempt.hints >= HINTS:
            return ["There is no further hint: show gives the answer."]
        explanations, judged = self._told()
        self.attempt.hints += 1
        more = "" if self.attempt.hints == HINTS else "  (hint again for more)"
        return [explanations.hints(judged)[self.attempt.hints - 1] + more]

    def _why(self) -> list[str]:
        """What is wrong with the last answer here; if none was given yet, the line before, worked in full."""
        if self.attempt.answer:
            judged = next(m for m in self._paper().marks if m.var == self.var)
            texts = [because.text for because in judged.because] or [judged.advice or VERDICTS[judged.verdict]]
            return [*texts, self._told()[0].hints(judged)[1]]
        if self.progress.at == 0:
            return ["Nothing has been answered yet: hint helps."]
        self.progress.at -= 1
        explanations, judged = self._told()
        self.progress.at += 1
        return [explanations.solution(judged)]

    def _show(self) -> list[str]:
        self.attempt.answer, self.attempt.shown = "", True
        explanations, judged = self._told()
        line = explanations.solution(judged)
        self.progress.at += 1
        return [line, *self.question()]

    def _skip(self) -> list[str]:
        kept = [f"You go on with {printable(self.attempt.answer, 60)}."] if self.attempt.answer else []
        self.attempt.tries += not self.attempt.answer
        self.progress.at += 1
        return [*kept, *self.question()]

    def _back(self) -> list[str]:
        if self.progress.at == 0:
            return ["This is the first line.", *self.question()]
        self.progress.at -= 1
        answer = self.attempt.answer
        return [*self.question(), *([f"Your answer was {printable(answer, 60)}."] if answer else [])]

    def summary(self) -> list[str]:
        """How it went, and what to practise."""
        seen = {
            var: attempt for var in self.order if (attempt := self.progress.lines.get(var.id)) and _touched(attempt)
        }
        alone = sum(attempt.alone for attempt in seen.values())
        right = sum(attempt.right for attempt in seen.values())
        said = [
            f"{right} of {count(len(self.order), 'line')} right, {alone} of them at once and without help.",
            f"Score, as check gives it: {self._paper().score}",
        ]
        weak = [f"{self.name(var)} ({_trouble(attempt)})" for var, attempt in seen.items() if not attempt.alone]
        return [*said, *(["To practise: " + "; ".join(weak) + "."] if weak else [])]


def _touched(attempt: Attempt) -> bool:
    return bool(attempt.tries or attempt.hints or attempt.shown)


def _trouble(attempt: Attempt) -> str:
    """Why a line is worth practising."""
    if attempt.slips:
        return ", ".join(dict.fromkeys(attempt.slips))
    if attempt.shown:
        return "shown"
    if not attempt.right:
        return "not right yet" if attempt.answer else "skipped"
    return f"{attempt.tries} tries" if attempt.tries > 1 else "with a hint"
