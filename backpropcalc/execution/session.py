"""A training session: a learner moved on until it is done, the loss noted on the way, and a word on how it ended."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

from backpropcalc.algebra.arithmetic import Number
from backpropcalc.algebra.terms import Num, Var
from backpropcalc.errors import fail
from backpropcalc.spec.network import Network

from .outcome import Loss, Outcome
from .runner import Runner
from .training import learner

NOTED = 200
"""About how many losses are noted on the way unless the user says."""
POLL_SECONDS = 0.1
"""Seconds between two looks at whether somebody wants to stop."""
PATIENCE = 100_000
"""The most iterations in which a loss is waited for where nobody says how many."""
LINES = 6_000_000
"""The most lines that are worked in waiting for it: some seconds."""
BY_HAND = 40
"""Working an iteration line by line, or its loss, takes as long as so many in compiled code."""

Watch = Callable[[int, int], bool]
"""Told how many iterations are done and how many there are; says whether to go on."""


def train(
    spec: Network,
    every: int | None = None,
    until: float | None = None,
    watch: Watch = lambda done, total: True,
    patience: int | None = None,
) -> Outcome:
    """Train ``spec`` for ``spec.steps`` iterations, noting the loss every ``every`` of them.

    It ends early at the first loss that is at most ``until`` (looked at after each iteration, with batches after each
    epoch) or if none is after ``patience`` lines, when ``watch`` says so, or at the last iteration before the loss or
    a parameter stops being a number.
    Raises ``InputError`` if there is nothing to train or no learning rate.
    """
    spec.filled()
    if spec.learning_rate is None:
        raise spec.error("missing-key", "training needs a learning_rate", help="for example `learning_rate: 0.5`")
    if not spec.train:
        raise spec.error("nothing", "nothing is trained: `train` is empty", "train")
    return _Session(spec, every, until, watch, patience).run()


class _Session:
    def __init__(
        self, spec: Network, every: int | None, until: float | None, watch: Watch, patience: int | None
    ) -> None:
        self.spec, self.until, self.watch, self.patience = spec, until, watch, patience
        self.total = spec.steps
        self.marks = marks(self.total, every, spec.schedule.per_epoch)
        self.learner: Runner = learner(spec)
        self.result = self.learner.result()
        self.history = [Loss(0, float(self.result.loss))]
        self.chunk = 64

    def run(self) -> Outcome:
        start = self.learner.parameters()
        stopped, reason = self.work()
        return Outcome(
            self.spec,
            start,
            self.learner.parameters(),
            tuple(self.history),
            self.result,
            self.learner.iteration,
            stopped,
            reason,
        )

    def work(self) -> tuple[str, str]:
        """Move on to the end; how and why it stopped before that, if it did."""
        if not math.isfinite(self.result.loss):
            return "diverged", "the loss has no finite value with the parameters that are given"
        if self.reached():
            return "reached", "the loss is there at the start"
        while self.learner.iteration < self.total:
            before = self.learner.snapshot()
            mark = self.next_mark()
            began = perf_counter()
            self.learner.advance(min(self.chunk, mark - self.learner.iteration))
            self.pace(self.learner.iteration - before[0], perf_counter() - began)
            look = self.learner.iteration == mark
            if not self.learner.finite() or (look and not self.look()):
                return "diverged", self.trace_back(before)
            if look and self.reached():
                self.note()
                return "reached", f"the loss is at most {self.until:g} for the first time"
            if look and self.patience is not None and self.lines() >= self.patience:
                self.note()
                break
            if look and mark == self.marks[bisect_left(self.marks, mark)]:
                self.note()
            if not self.watch(self.learner.iteration, self.total) and self.learner.iteration < self.total:
                if not self.look():
                    return "diverged", self.trace_back(before)
                self.note()
                return "interrupted", ""
        return ("", "") if self.until is None else ("unreached", f"the loss is not yet at most {self.until:g}")

    def lines(self) -> int:
        """About how many lines have been worked, those by hand counted so often as they take longer."""
        iterations = self.learner.iteration + BY_HAND * self.learner.by_hand
        return iterations * self.learner.stages.stage(1).program.size

    def next_mark(self) -> int:
        """The next iteration at which the loss is looked at."""
        now = self.learner.iteration
        found = self.marks[bisect_right(self.marks, now)]
        if self.until is None:
            return found
        per = self.spec.schedule.per_epoch
        return min(found, (now // per + 1) * per)

    def pace(self, done: int, seconds: float) -> None:
        """Fit the length of a chunk to how fast it goes."""
        if done == self.chunk:
            self.chunk = max(1, int(done * min(4, POLL_SECONDS / max(seconds, 1e-6))))

    def look(self) -> bool:
        """Work out the result of now; whether its loss is a finite number. If not, ``trace_back`` has one that is."""
        self.result = self.result._replace(outputs=[])  # those of many samples take room
        result = self.learner.result()
        if math.isfinite(result.loss):
            self.result = result
        return math.isfinite(result.loss)

    def note(self) -> None:
        """Note the loss of now, once."""
        loss = Loss(self.learner.iteration, float(self.result.loss))
        if self.history[-1] != loss:
            self.history.append(loss)

    def reached(self) -> bool:
        """Whether the loss is as small as was asked for."""
        return self.until is not None and float(self.result.loss) <= self.until

    def trace_back(self, before: tuple[int, dict[Var, Number]]) -> str:
        """Go back, then on one by one to the last iteration with numbers that are finite; say what came after it."""
        self.learner.restore(before)
        last, self.result = before, self.learner.result()
        while True:
            self.learner.advance(1)
            number = self.learner.iteration
            strange = [var.id for var, value in self.learner.parameters().items() if not math.isfinite(value)]
            result = self.learner.result()
            if strange or not math.isfinite(result.loss):
                break
            last, self.result = self.learner.snapshot(), result
        self.learner.restore(last)
        self.note()
        what = f"{strange[0]} is" if strange else "the loss is"
        return f"in iteration {number:,} {what} no longer a finite number; these are the numbers before it"


def marks(total: int, every: int | None, per_epoch: int) -> tuple[int, ...]:
    """The iterations whose loss is noted: every so many, else about ``NOTED``, if it can be at the ends of epochs."""
    if every is None:
        every = max(1, math.ceil(total / NOTED))
        if every > 1 and per_epoch > 1 and total > per_epoch * 10:
            every = math.ceil(every / per_epoch) * per_epoch
        return tuple(sorted({*range(0, total, every), *rounds(total), total}))
    return tuple(sorted({*range(0, total, every), total}))


def rounds(total: int) -> list[int]:
    """1, 2, 5, 10, 20, 50, … up to ``total``."""
    powers = (10**n for n in range(len(str(total))))
    return [step * power for power in powers for step in (1, 2, 5) if step * power <= total]


def compare(
    spec: Network,
    every: int | None = None,
    until: float | None = None,
    watch: Watch = lambda done, total: True,
    patience: int | None = None,
) -> list[Outcome]:
    """Train once for each learning rate of the spec, which share in ``patience``."""
    found: list[Outcome] = []
    rates = spec.learning_rates or (spec.learning_rate,)
    for rate in rates:
        found.append(train(_with_rate(spec, rate), every, until, watch, patience and patience // len(rates)))
        if found[-1].stopped == "interrupted":
            break
    return found


def _with_rate(spec: Network, rate: Num | None) -> Network:
    return replace(spec, learning_rate=rate, learning_rates=() if rate is None else (rate,))


def best(outcomes: list[Outcome]) -> Outcome:
    """The one with the smallest loss at the end; one that diverged only if all did."""
    return min(outcomes, key=lambda found: (found.stopped == "diverged", found.loss))


def at_iteration(spec: Network, number: int) -> Network:
    """``spec`` so that a page of it ends with iteration ``number``. Raises ``InputError`` if it has none."""
    if not 1 <= number <= spec.steps:
        raise fail("usage", f"--show must be from 1 to {spec.steps:,}, the iterations of this training, not {number:,}")
    return replace(spec, iterations=number)
