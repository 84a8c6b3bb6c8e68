"""The report of a training, and of a prediction, in the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TextIO

from rich.cells import cell_len

from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Var
from backpropcalc.errors import printable
from backpropcalc.execution.predict import Prediction, judge
from backpropcalc.execution.session import Outcome, best, rounds
from backpropcalc.execution.trace import Trace, is_finite
from backpropcalc.notation.notation import Notation
from backpropcalc.pages.rows import Page

from .curve import MARKS, curve
from .terminal import TerminalPage

PARAMETERS_SHOWN = 60
SAMPLES_SHOWN = 12
LOSSES_SHOWN = 40


class Report(TerminalPage):
    """Writes what came out of a training or a prediction."""

    def __init__(self, outcome: Outcome | Prediction, out: TextIO, ascii: bool = False) -> None:
        spec = outcome.spec
        super().__init__(Page(Trace(spec), Notation(spec)), out, ascii, False)
        self.spec = spec
        self.loss_digits = Digits(None, max(6, spec.style.significant or spec.style.decimals or 0))

    def title(self, text: str) -> None:
        """A heading."""
        self.emit("\n " + self.styled(self.clean(text), "heading") + "\n")

    def say(self, text: str) -> None:
        """A line of text, or as many as it takes."""
        for part in textwrap.wrap(self.clean(text), self.width - 2):
            self.emit(f" {part}\n")

    def number(self, value: Any, digits: Digits | None = None) -> str:
        """A number as this report shows it."""
        return self.clean(self.writer.amount(value, digits))

    def columns(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table, numbers to the right; the first column holds names."""
        table = [list(map(self.clean, row)) for row in (heads, *rows)]
        widths = [max(cell_len(row[n]) for row in table) for n in range(len(heads))]
        for k, row in enumerate(table):
            cells = [" " * (w - cell_len(text)) + text for text, w in zip(row, widths, strict=True)]
            line = "  ".join(cells).rstrip()
            self.emit(" " + (self.styled(line, "numbers") if k == 0 else line) + "\n")

    def training(self, outcomes: list[Outcome], every: int | None) -> None:
        """The whole report of one training or of several learning rates."""
        chosen = best(outcomes)
        self.head()
        schedule = self.spec.schedule
        if schedule.whole:
            self.fact("training", self.clean(schedule.arithmetic(self.spec.steps)))
        self.title("Loss" if schedule.samples == 1 else f"Loss over all {schedule.samples:,} samples")
        self.losses(outcomes, every)
        picture = curve([found.history for found in outcomes], self.width - 1)
        if picture:
            self.emit("\n" + "".join(f" {line}\n" for line in picture))
        if len(outcomes) > 1:
            self.emit("".join(f"   {MARKS[n % len(MARKS)]} {self.rate_of(o)}\n" for n, o in enumerate(outcomes)))
        self.title("Result" if len(outcomes) == 1 else f"Result with {self.rate_of(chosen)}, the best of them")
        for found in outcomes:
            self.ending(found, len(outcomes) > 1)
        self.parameters(chosen)
        judged = judge(chosen.spec, chosen.outputs, chosen.spec.targets)
        self.outputs(judged if judged.actual else replace(judged, classes=None))

    def rate_of(self, outcome: Outcome) -> str:
        """``η = 0.1``."""
        from backpropcalc.rules.optimisers import RATE

        rate = outcome.spec.learning_rate
        return f"{self.writer.name(RATE)} = {rate.text if rate else ''}"

    def losses(self, outcomes: list[Outcome], every: int | None) -> None:
        """The loss at chosen iterations; a column for each learning rate."""
        noted = [dict(found.history) for found in outcomes]
        seen = sorted(set().union(*noted))
        last = seen[-1]
        wanted = set(seen) if every else {0, *rounds(last), *(found.iterations for found in outcomes)}
        shown = [n for n in seen if n in wanted]
        if len(shown) > LOSSES_SHOWN:
            step = -(-len(shown) // LOSSES_SHOWN)
            shown = [n for k, n in enumerate(shown) if k % step == 0 or n == last]
        per = self.spec.schedule.per_epoch
        name = self.writer.name(Var("loss"))
        heads = ["iteration", *(["epoch"] if per > 1 else [])]
        heads += [name] if len(outcomes) == 1 else [self.rate_of(found) for found in outcomes]

        def row(n: int) -> list[str]:
            epoch = [f"{n / per:,.6g}"] if per > 1 else []
            return [f"{n:,}", *epoch, *(self.number(d[n], self.loss_digits) if n in d else "" for d in noted)]

        self.columns(heads, map(row, shown))

    def ending(self, outcome: Outcome, several: bool) -> None:
        """The loss before and after, and why it stopped if it did before its time."""
        before, after = outcome.history[0].loss, outcome.loss
        change = f"   ({_percent(before, after)})" if before and is_finite(before) and is_finite(after) else ""
        times = f" after {outcome.iterations:,} iteration{'' if outcome.iterations == 1 else 's'}"
        name = self.rate_of(outcome) + ":  " if several else ""
        name += self.writer.name(Var("loss"))
        losses = f"{self.number(before, self.loss_digits)} → {self.number(after, self.loss_digits)}"
        self.say(f"{name}  {losses}{change}{times}")
        words = {
            "diverged": "The training diverged: ",
            "reached": "Stopped: ",
            "interrupted": "Interrupted: this is how far it came",
        }
        if outcome.stopped:
            self.say(words[outcome.stopped] + outcome.reason + ".")
        if outcome.stopped == "diverged":
            self.say("A smaller learning rate takes smaller steps and may not overshoot.")
        elif is_finite(after) and after > before:
            self.say("The loss has grown: the learning rate is probably too large.")

    def parameters(self, outcome: Outcome) -> None:
        """Each parameter at the start and at the end."""
        shown = list(outcome.parameters)[:PARAMETERS_SHOWN]
        self.emit("\n")
        self.columns(
            ["", "start", "trained"],
            (
                [self.writer.name(var), self.number(outcome.start[var]), self.number(outcome.parameters[var])]
                for var in shown
            ),
        )
        if len(outcome.parameters) > len(shown):
            self.say(f"… and {len(outcome.parameters) - len(shown):,} more: --save or --json has all of them")

    def outputs(self, found: Prediction) -> None:
        """What comes out for each sample, the class that it speaks for, and how often that is right."""
        shown = range(min(len(found.outputs), SAMPLES_SHOWN))
        width = len(found.outputs[0])
        heads = ["sample", "input", *self.output_names(found), *(["class", "probability"] if found.classes else [])]
        heads += ["target", ""] if found.targets else []

        def row(s: int) -> list[str]:
            cells = [str(s + 1), _vector([n.text for n in found.inputs[s]])]
            cells += [self.number(value) for value in found.outputs[s][:8]] + (["…"] if width > 8 else [])
            if found.classes:
                cells += [printable(found.names[found.classes[s]], 24), f"{100 * found.probability(s):.4g} %"]
            if found.actual:
                right = found.classes is None or found.actual[s] == found.classes[s]
                cells += [printable(found.names[found.actual[s]], 24), "" if right else "wrong"]
            elif found.targets:
                cells += [_vector([n.text for n in found.targets[s]]), ""]
            return cells

        self.title("Outputs")
        self.columns(heads, map(row, shown))
        if len(found.outputs) > len(shown):
            self.say(f"… and {len(found.outputs) - len(shown):,} more samples: --json has all of them")
        if found.accuracy is not None:
            self.say(f"accuracy {100 * found.accuracy:.4g} %: {found.right:,} of {len(found.outputs):,} right")

    def output_names(self, found: Prediction) -> list[str]:
        """The names of the outputs, of the first eight if there are more."""
        layer, units = len(found.spec.layers), len(found.outputs[0])
        names = [self.writer.name(Var("a", layer, (units, 1), (), (n, 0))) for n in range(min(units, 8))]
        return names + (["…"] if units > 8 else [])

    def prediction(self, found: Prediction) -> None:
        """The whole report of a prediction."""
        if self.spec.title:
            self.say(printable(self.spec.title))
        self.outputs(found)
        if found.accuracy is not None:
            self.title("Confusion matrix: rows are the target's class, columns the predicted one")
            names = [printable(name, 16) for name in found.names]
            rows = zip(names, found.confusion, strict=True)
            self.columns(["", *names], ([name, *map(str, counts)] for name, counts in rows))


def _vector(texts: Sequence[str]) -> str:
    return "(" + ", ".join(texts[:6]) + (", …" if len(texts) > 6 else "") + ")"


def _percent(before: float, after: float) -> str:
    change = 100 * (after - before) / before
    text = f"{abs(change):.3g}" if abs(change) < 99.95 or abs(change) >= 100 else f"{abs(change):.6g}"
    return f"{'−' if change < 0 else '+'}{text} %"


def training(
    outcomes: list[Outcome], out: TextIO, ascii: bool = False, every: int | None = None, quiet: bool = False
) -> None:
    """Write the report of a training to ``out``; with ``quiet`` only how it ended."""
    report = Report(best(outcomes), out, ascii)
    if quiet:
        for found in outcomes:
            report.ending(found, len(outcomes) > 1)
    else:
        report.training(outcomes, every)


def prediction(found: Prediction, out: TextIO, ascii: bool = False) -> None:
    """Write the report of a prediction to ``out``."""
    Report(found, out, ascii).prediction(found)
