"""The report of a training, and of a prediction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from backpropcalc.algebra.arithmetic import Number, to_float
from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Num, Var
from backpropcalc.errors import count, printable
from backpropcalc.execution.outcome import Outcome
from backpropcalc.execution.plane import plane
from backpropcalc.execution.predict import Prediction, judge
from backpropcalc.execution.session import best, rounds
from backpropcalc.execution.values import is_finite
from backpropcalc.program.steps import LOSS
from backpropcalc.rules.optimisers import RATE

from .calculation import Page
from .given import samples
from .network import FORMAT, NetworkDocument
from .overview import facts
from .pieces import ARROW, WRITTEN, Boundary, Facts, Heading, Math, Note, Phrase, Piece, Plot, Table, Title, Value, math
from .result import change

PARAMETERS_SHOWN = 60
SAMPLES_SHOWN = 12
LOSSES_SHOWN = 40
OUTPUTS_SHOWN = 8
VECTOR_SHOWN = 6
PLACES = 64
"""Along each side of the plane of two inputs."""
ENDINGS = {
    "diverged": "The training diverged: ",
    "reached": "Stopped: ",
    "unreached": "Not reached: ",
    "interrupted": "Interrupted: this is how far it came",
}


class Training(NetworkDocument):
    """What came out of a training with one or several learning rates; ``shown`` is the page of one iteration."""

    kind = "a training"
    forms = WRITTEN | {"json"}
    indent = None

    def __init__(
        self, outcomes: list[Outcome], every: int | None = None, shown: Page | None = None, whole: bool = False
    ) -> None:
        self.best = best(outcomes)
        super().__init__(self.best.spec)
        self.whole = whole
        """Whether nothing is left out, however many samples and parameters there are."""
        self.outcomes, self.every, self.shown = outcomes, every, shown
        self.loss_digits = Digits(None, max(6, self.digits.significant or self.digits.decimals or 0))

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """The losses on the way and how it ended; with ``quiet`` only that."""
        several = len(self.outcomes) > 1
        if quiet:
            for outcome in self.outcomes:
                yield from self.ending(outcome, several)
            return
        schedule = self.spec.schedule
        yield Title(self.title, "Training")
        whole = [("training", schedule.arithmetic(self.spec.steps))] if schedule.whole else []
        yield Facts([*facts(self.spec), *samples(self.spec, self.whole), *whole])
        yield Heading(2, "Loss" if schedule.samples == 1 else f"Loss over all {schedule.samples:,} samples")
        yield self.losses()
        names = [rate_of(outcome) for outcome in self.outcomes]
        yield Plot([outcome.history for outcome in self.outcomes], names if several else [], "iteration")
        if several:
            yield Heading(2, ("Result with ", rate_of(self.best), ", the best of them"))
        else:
            yield Heading(2, "Result")
        for outcome in self.outcomes:
            yield from self.ending(outcome, several)
        judged = judge(self.best.spec, self.best.outputs, self.best.spec.targets)
        if judged.actual and self.spec.sizes[0] == 2 and self.best.stopped != "diverged":
            yield self.boundary(judged)
        yield from self.parameters()
        yield from outputs(judged if judged.actual else replace(judged, classes=None), self.whole)

    def boundary(self, judged: Prediction) -> Boundary:
        """The classes all over the plane of two inputs."""
        across, up = self.spec.columns or ("x1", "x2")
        classes = [f"class {printable(name, 24)}" for name in judged.names]
        found = partial(plane, self.best.trained(), self.best.outputs, PLACES)
        return Boundary(found, classes, (printable(across, 24), printable(up, 24)))

    def losses(self) -> Table:
        """The loss at chosen iterations; a column for each learning rate."""
        noted = [dict(outcome.history) for outcome in self.outcomes]
        per = self.spec.schedule.per_epoch
        headings: list[Phrase] = ["iteration", *(["epoch"] if per > 1 else [])]
        headings += [math(LOSS)] if len(noted) == 1 else [rate_of(outcome) for outcome in self.outcomes]
        rows: list[tuple[Phrase, ...]] = []
        for n in self.chosen(sorted(set().union(*noted))):
            epoch = [f"{n / per:,.6g}"] if per > 1 else []
            losses = (math(Value(losses[n], self.loss_digits)) if n in losses else "" for losses in noted)
            rows.append((f"{n:,}", *epoch, *losses))
        return Table(tuple(headings), rows, (True,) * len(headings))

    def chosen(self, seen: list[int]) -> list[int]:
        """The iterations whose loss is shown: round numbers, unless the user says, and not too many."""
        last = seen[-1]
        wanted = set(seen) if self.every else {0, *rounds(last), *(outcome.iterations for outcome in self.outcomes)}
        shown = [n for n in seen if n in wanted]
        step = 1 if self.whole else -(-len(shown) // LOSSES_SHOWN)
        return [n for k, n in enumerate(shown) if k % step == 0 or n == last]

    def ending(self, outcome: Outcome, several: bool) -> Iterator[Note]:
        """The loss before and after, and why it stopped if it did before its time."""
        before, after = outcome.history[0].loss, outcome.loss
        changed = change(before, after)
        said = (f"   ({changed})" if changed else "") + f" after {count(outcome.iterations, 'iteration')}"
        losses = math(Value(before, self.loss_digits), ARROW, Value(after, self.loss_digits))
        name = (rate_of(outcome), ":  ") if several else ()
        yield Note((*name, math(LOSS), "  ", losses, said), close=True)
        if outcome.stopped:
            yield Note(f"{ENDINGS[outcome.stopped]}{outcome.reason}.", close=True)
        if outcome.stopped == "diverged":
            yield Note("A smaller learning rate takes smaller steps and may not overshoot.", close=True)
        elif is_finite(after) and after > before:
            yield Note("The loss has grown: the learning rate is probably too large.", close=True)

    def parameters(self) -> Iterator[Piece]:
        """Each parameter at the start and at the end."""
        outcome = self.best
        rows = [
            (math(var), math(Value(outcome.start[var])), math(Value(outcome.parameters[var])))
            for var in list(outcome.parameters)[: None if self.whole else PARAMETERS_SHOWN]
        ]
        yield Table(("", "start", "trained"), rows, (False, True, True), "Parameters")
        more = len(outcome.parameters) - len(rows)
        if more:
            yield Note(f"… and {more:,} more: --all shows them, --save writes them", close=True)

    def data(self) -> dict[str, object]:
        """One object that ends with iterations, loss, parameters and outputs."""
        chosen, spec = self.best, self.spec
        document: dict[str, object] = {
            "format": FORMAT,
            "title": self.title,
            "optimiser": spec.optimiser.name,
            "samples": len(spec.inputs),
            "batch_size": spec.schedule.size,
            "batches_per_epoch": spec.schedule.per_epoch,
            **_run(chosen),
            "start": {var.id: _number(value) for var, value in chosen.start.items()},
            "history": _history(chosen),
        }
        if len(self.outcomes) > 1:
            document["runs"] = [
                {**_run(one), "iterations": one.iterations, "loss": _number(one.loss), "history": _history(one)}
                for one in self.outcomes
            ]
        accuracy = judge(spec, chosen.outputs, spec.targets).accuracy
        document |= {} if accuracy is None else {"accuracy": accuracy}
        document |= {} if self.shown is None else {"show": self.shown}
        return document | {
            "iterations": chosen.iterations,
            "loss": _number(chosen.loss),
            "parameters": {var.id: _number(value) for var, value in chosen.parameters.items()},
            "outputs": [[_number(value) for value in row] for row in chosen.outputs],
        }


class Predicted(NetworkDocument):
    """What comes out for some samples."""

    kind = "a prediction"
    forms = WRITTEN | {"json"}
    indent = None

    def __init__(self, prediction: Prediction, whole: bool = False) -> None:
        super().__init__(prediction.spec)
        self.prediction, self.whole = prediction, whole

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """The outputs, and with targets how often they are right."""
        prediction = self.prediction
        yield Title(self.title, "Prediction")
        yield from outputs(prediction, self.whole)
        if prediction.accuracy is not None:
            yield Heading(2, "Confusion matrix: rows are the target's class, columns the predicted one")
            names = [printable(name, 16) for name in prediction.names]
            rows = [(name, *map(str, row)) for name, row in zip(names, prediction.confusion, strict=True)]
            yield Table(("", *names), rows, (False, *(True for _ in names)))

    def data(self) -> dict[str, object]:
        """One object with a prediction for each sample."""
        prediction = self.prediction
        samples = map(self.sample, range(len(prediction.outputs)))
        document: dict[str, object] = {"format": FORMAT, "title": self.title, "predictions": samples}
        if prediction.accuracy is not None:
            names = [printable(name) for name in prediction.names]
            document |= {
                "accuracy": prediction.accuracy,
                "confusion": {"classes": names, "counts": prediction.confusion},
            }
        return document | {"outputs": ([_number(value) for value in row] for row in prediction.outputs)}

    def sample(self, s: int) -> dict[str, object]:
        """What is known of one sample."""
        prediction = self.prediction
        one: dict[str, object] = {
            "inputs": [to_float(n.text) for n in prediction.inputs[s]],
            "outputs": [_number(value) for value in prediction.outputs[s]],
        }
        if prediction.classes is not None:
            one["class"] = printable(prediction.names[prediction.classes[s]])
            probability = prediction.probability(s)
            one |= {} if probability is None else {"probability": _number(probability)}
        if prediction.targets is not None:
            one["targets"] = [to_float(n.text) for n in prediction.targets[s]]
        if prediction.actual is not None:
            one["target_class"] = printable(prediction.names[prediction.actual[s]])
        return one


def outputs(prediction: Prediction, whole: bool = False) -> Iterator[Piece]:
    """What comes out for each sample, the class that it speaks for, and how often that is right; the first of many
    samples and outputs, or the ``whole``."""
    yield Heading(2, "Outputs")
    units = len(prediction.outputs[0])
    shown = units if whole else min(units, OUTPUTS_SHOWN)
    listed = prediction.outputs if whole else prediction.outputs[:SAMPLES_SHOWN]
    layer = len(prediction.spec.layers)
    probable = prediction.classes is not None and prediction.probability(0) is not None
    headings: list[Phrase] = ["sample", "input", *(math(Var("a", layer, (units, 1), (), (n, 0))) for n in range(shown))]
    headings += ["…"] * (units > shown) + ["class"] * bool(prediction.classes) + ["probability"] * probable
    headings += ["target", ""] * bool(prediction.targets)
    wide = None if whole else VECTOR_SHOWN
    rows = [tuple(_sample(prediction, s, shown, wide)) for s in range(len(listed))]
    yield Table(tuple(headings), rows, (True, False, *(True,) * shown))
    if len(prediction.outputs) > len(rows):
        yield Note(f"… and {len(prediction.outputs) - len(rows):,} more samples: --all shows them", close=True)
    if prediction.accuracy is not None:
        right = f"{prediction.right:,} of {len(prediction.outputs):,} right"
        yield Note(f"accuracy {100 * prediction.accuracy:.4g} %: {right}", close=True)


def _sample(prediction: Prediction, s: int, shown: int, wide: int | None) -> Iterator[Phrase]:
    """The cells of a sample: ``shown`` outputs, and of vectors no more than ``wide`` entries, None for all."""
    yield str(s + 1)
    yield _vector(prediction.inputs[s], wide)
    yield from (math(Value(value)) for value in prediction.outputs[s][:shown])
    yield from ["…"] * (len(prediction.outputs[s]) > shown)
    if prediction.classes:
        yield printable(prediction.names[prediction.classes[s]], 24)
        probability = prediction.probability(s)
        yield from [] if probability is None else [f"{100 * probability:.4g} %"]
    if prediction.actual:
        yield printable(prediction.names[prediction.actual[s]], 24)
        yield "" if prediction.classes is None or prediction.actual[s] == prediction.classes[s] else "wrong"
    elif prediction.targets:
        yield _vector(prediction.targets[s], wide)
        yield ""


def rate_of(outcome: Outcome) -> Math:
    """``η = 0.1``."""
    rate = outcome.spec.learning_rate
    return math(RATE, " = ", rate or "")


def _vector(numbers: Sequence[Num], wide: int | None) -> str:
    shown = numbers[:wide]
    return "(" + ", ".join(n.text for n in shown) + (", …" if len(numbers) > len(shown) else "") + ")"


def _run(outcome: Outcome) -> dict[str, object]:
    rate = outcome.spec.learning_rate
    return {
        "learning_rate": None if rate is None else to_float(rate.text),
        "loss_before": _number(outcome.history[0].loss),
        "stopped": outcome.stopped or None,
        "reason": outcome.reason,
    }


def _history(outcome: Outcome) -> list[dict[str, object]]:
    return [{"iteration": n, "loss": _number(loss)} for n, loss in outcome.history]


def _number(value: Number) -> float | None:
    return float(value) if is_finite(value) else None
