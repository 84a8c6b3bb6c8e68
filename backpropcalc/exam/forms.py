"""Forms of an exam: each with numbers of its own, drawn until they are fit to ask and tell the mistakes apart."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from backpropcalc.algebra.arithmetic import FLOAT, evaluate, to_float
from backpropcalc.algebra.terms import Var, variables
from backpropcalc.errors import count, fail
from backpropcalc.execution.values import lasting
from backpropcalc.marking.course.forms import digest, titled
from backpropcalc.marking.why.edits import kind
from backpropcalc.notation.notation import Notation
from backpropcalc.spec.load import loads
from backpropcalc.spec.model import Spec
from backpropcalc.spec.network import Network

from .numbers import Draws, Numbers
from .questions import Questions, asked
from .sheet import Stamp
from .slips import NEAR, SAME, TRUTH, Clash, Env, Slips, Tells

MOST_DRAWS = 2000
"""So many draws are tried for a form."""
CONTENT = 25
"""After so many that are fit to ask, but leave two misconceptions with the same number, the best of them is taken."""
SATURATED = 0.01
"""Below this slope a unit without a corner is saturated."""
DIGITS = 3
"""So many significant digits a gradient must have as it is asked for."""
SUM, VALUE = 1, 3
"""With nice numbers: so many decimals at most has what a function such as e^x is taken of, and any other value."""
SLOPES = frozenset({"gradient", "bias gradient", "delta"})
"""The sorts of quantity that are small: see ``kind``."""
MOST_NAMED = 10
"""So many clashes are named on a key."""

DEAD = "a unit is dead that is alive in the spec, or the other way round"
CORNER = "a unit stands at its corner"
FLAT = "a unit is saturated"
UNDEFINED = "a value is no number"
EQUAL = "two values that are asked for are equal as shown"
SHORT = f"a gradient has fewer than {DIGITS} significant digits as asked for"
UNSEEN = "a misconception gives the right number"
ALIKE = "two misconceptions give the same number"
LONG = "a value that is exact is long"
AGAIN = "another form has the same numbers"


@dataclass(frozen=True)
class Form:
    """A form: its stamp, its spec as YAML, its questions, what it tells apart, and what was rejected before it."""

    stamp: Stamp
    text: str
    questions: Questions
    tells: Tells
    rejected: Counter[str] = field(default_factory=Counter)

    @property
    def file(self) -> str:
        """The text of its spec, with what it is in the first line."""
        return f"# form {self.stamp}\n{self.text}"

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is said of it on its key."""
        return told(self.tells, self.questions.page.notation)


def told(tells: Tells, notation: Notation) -> tuple[str, ...]:
    """How many slips the numbers tell apart, and which they do not."""
    said = [f"This form tells {tells.apart} of {count(tells.slips, 'slip')} apart, each a misconception at a quantity."]
    clashes = list(dict.fromkeys((*tells.accidents, *tells.always)))
    for clash in clashes[:MOST_NAMED]:
        said.append(f"{notation.text(clash.var)}: {clash.other} gives {_what(clash)}.")
    if len(clashes) > MOST_NAMED:
        said.append(f"And {len(clashes) - MOST_NAMED} more pairs that give the same number.")
    return tuple(said)


def _what(clash: Clash) -> str:
    return "the right number" if clash.one == TRUTH else f"the same number as {clash.one}"


class Drawing:
    """Draws the forms of a spec, each from the seed and its letter alone."""

    def __init__(
        self, spec: Spec, words: Sequence[str], flags: Mapping[str, str], seed: int, nice: bool = False
    ) -> None:
        self.spec, self.seed, self.nice = spec, seed, nice
        self.questions = asked(spec, words)
        self.numbers = Numbers(spec, flags, nice)
        self.digits = self.questions.digits
        self.slips = Slips(self.questions, self.digits)
        self.seen: set[tuple[str, ...]] = set()

    def forms(self, letters: Sequence[str]) -> Iterator[Form]:
        """A form for each letter. Raises ``InputError`` if no numbers can be found."""
        return map(self.form, letters)

    def form(self, letter: str) -> Form:
        """The form of a letter: the first numbers that are fit, or of many nearly fit ones the best."""
        draws = Draws(f"{self.seed} {letter}")
        rejected: Counter[str] = Counter()
        best: tuple[Tells, list[str]] | None = None
        for _ in range(MOST_DRAWS):
            texts = self.numbers.drawn(draws)
            reason, tells = self.judged(texts)
            if tells is not None and (best is None or tells.apart > best[0].apart):
                best = tells, texts
            if not reason or (best is not None and rejected[ALIKE] >= CONTENT):
                break
            rejected[reason] += 1
        if best is None:
            raise self._none(letter, rejected)
        self.seen.add(tuple(best[1]))
        return self._made(letter, best[1], best[0], rejected)

    def judged(self, texts: Sequence[str]) -> tuple[str, Tells | None]:
        """Why numbers are rejected, empty if they are not; and what they tell, if they are fit to ask."""
        if tuple(texts) in self.seen:
            return AGAIN, None
        env = self.worked(texts)
        reason = self._unfit(env)
        if reason:
            return reason, None
        beside = self.worked(texts, NEAR)
        if self._equal(env, beside):
            return EQUAL, None
        tells = self.slips.told(env, beside, self.numbers.classes(texts))
        if any(clash.one == TRUTH for clash in tells.accidents):
            return UNSEEN, None
        return (ALIKE if tells.accidents else ""), tells

    def worked(self, texts: Sequence[str], apart: float = 0.0) -> dict[Var, float]:
        """Every value with these numbers, or with others that lie ``apart`` from them."""
        env = dict(self.questions.key.given)
        beside = Draws("beside")
        for place, text in zip(self.numbers.places, texts, strict=True):
            env[place.var] = to_float(text) * (1.0 if place.fixed else 1 + apart * (0.5 + beside.random()))
        for _, step in self.questions.key.steps:
            env[step.var] = evaluate(step.safe or step.term, env.__getitem__, FLOAT)
        return env

    def _unfit(self, env: Env) -> str:
        """Why nobody should be asked to work with these numbers."""
        if not all(math.isfinite(env[var]) for var in self.questions.asked):
            return UNDEFINED
        for _, step in self.questions.key.steps:
            if step.kink is not None and abs(evaluate(step.kink.at, env.__getitem__, FLOAT)) < 1e-9:
                return CORNER
        if self._dead(env) != self._dead(self.questions.key.truth):
            return DEAD
        if any(0 < abs(env[var]) < SATURATED for var in self._smooth):
            return FLAT
        if self.nice and any(abs(round(env[var], decimals) - env[var]) > 1e-9 for var, decimals in self._exact):
            return LONG
        if any(self._short(var, env[var]) for var in self.questions.asked):
            return SHORT
        return ""

    @cached_property
    def _exact(self) -> Sequence[tuple[Var, int]]:
        """What is worked out of exact numbers alone on the way forward, and how many decimals it may have."""
        forward = [step for phase, step in self.questions.key.steps if phase == "forward"]
        exact = lasting(forward, self.questions.key.given)
        rounded = {var for step in forward if step.var not in exact for var in variables(step.term)}
        return [(step.var, SUM if step.var in rounded else VALUE) for step in forward if step.var in exact]

    def _short(self, var: Var, value: float) -> bool:
        """Whether it is a gradient of which too little is asked for to tell anything."""
        if kind(var) not in SLOPES or not value:
            return False
        shown = self.digits.shown(value, False)
        return _significant(shown) < DIGITS and not self.digits.exactly(value, shown)

    def _equal(self, env: Env, beside: Env) -> bool:
        """Whether two values are equal as shown, and not so whatever the numbers are."""
        holders: dict[str, Var] = {}
        for var in self.questions.asked:
            first = holders.setdefault(self.digits.shown(env[var], False), var)
            if abs(beside[first] - beside[var]) > SAME * max(abs(beside[first]), abs(beside[var])):
                return True
        return False

    @cached_property
    def _slopes(self) -> Mapping[int, Collection[Var]]:
        """The slopes of the units by layer."""
        found: dict[int, list[Var]] = {}
        for _, step in self.questions.key.steps:
            if kind(step.var) == "slope":
                found.setdefault(step.var.layer, []).append(step.var)
        return found

    @cached_property
    def _smooth(self) -> Collection[Var]:
        """The slopes of units that have no corner and are not mixed with others."""
        spec = self.questions.spec
        layers = spec.layers if isinstance(spec, Network) else ()
        smooth = [n for n, layer in enumerate(layers, 1) if not layer.rule.kink and not layer.rule.mixes]
        return [var for n in smooth for var in self._slopes.get(n, ())]

    def _dead(self, env: Env) -> list[int]:
        """How many units of each layer let nothing through."""
        return [sum(env[var] == 0 for var in slopes) for slopes in self._slopes.values()]

    def _made(self, letter: str, texts: Sequence[str], tells: Tells, rejected: Counter[str]) -> Form:
        text = self.numbers.text(texts, titled(self.spec.title, letter), self.questions.ids)
        spec = loads(text, f"form {letter}", getattr(self.spec, "folder", None))
        return Form(Stamp(letter, self.seed, digest(text)), text, asked(spec), tells, rejected)

    def _none(self, letter: str, rejected: Counter[str]) -> Exception:
        listed = "; ".join(f"{reason}: {times}" for reason, times in rejected.most_common())
        message = f"no numbers for form {letter} in {MOST_DRAWS} draws: {listed}"
        return fail("no-form", message, HELP.get(rejected.most_common(1)[0][0], "give `vary` another grid"))


HELP = {
    SHORT: "ask for more digits, as in `precision: {significant: 4}`, or for fewer gradients with `ask`",
    FLAT: "give `vary` a grid of smaller numbers",
    UNSEEN: "ask for more digits: `precision: {decimals: 6}`",
    AGAIN: "give `vary` a finer grid",
}
"""What helps against the reason for which most draws are rejected."""


def _significant(shown: str) -> int:
    """How many significant digits a number is shown with."""
    return len(shown.partition("e")[0].replace(".", "").replace("-", "").lstrip("0"))


def letters(text: str) -> list[str]:
    """The letters that ``A-D``, ``A,C`` or ``30`` tell: A to Z, then AA, AB … Raises ``InputError`` for others."""
    wrong = fail("usage", f"--forms cannot be {text!r}", "as in A-D, A,C or 30")
    if text.isdecimal():
        if not 1 <= int(text) <= MOST_FORMS:
            raise fail("usage", f"--forms takes 1 to {MOST_FORMS} forms, not {text}")
        return [letter(n) for n in range(int(text))]
    found: list[str] = []
    for part in text.upper().split(","):
        first, dash, last = part.strip().partition("-")
        ends = [_place(first), _place(last if dash else first)]
        if not all(0 <= end < MOST_FORMS for end in ends) or ends[0] > ends[1]:
            raise wrong
        found += [letter(n) for n in range(ends[0], ends[1] + 1)]
    return list(dict.fromkeys(found))


MOST_FORMS = 702
"""A to ZZ."""


def letter(n: int) -> str:
    """The letter of form ``n``, from 0: A to Z, then AA to ZZ."""
    return chr(65 + n) if n < 26 else chr(64 + n // 26) + chr(65 + n % 26)


def _place(word: str) -> int:
    """The number of a letter; -1 if it is none."""
    if not 1 <= len(word) <= 2 or not (word.isascii() and word.isalpha()):
        return -1
    return ord(word) - 65 if len(word) == 1 else 26 * (ord(word[0]) - 64) + ord(word[1]) - 65
