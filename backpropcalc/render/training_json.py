"""A training and a prediction as JSON; see the schemas of the package."""

from __future__ import annotations

import json
import math
from typing import Any, TextIO

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.errors import printable
from backpropcalc.execution.predict import Prediction, judge
from backpropcalc.execution.session import Outcome, best

from .json import FORMAT


def training(outcomes: list[Outcome], out: TextIO, shown: dict[str, Any] | None = None) -> None:
    """Write one object that ends with iterations, loss, parameters and outputs; ``shown`` is a page to put into it."""
    chosen = best(outcomes)
    spec = chosen.spec
    found: dict[str, Any] = {
        "format": FORMAT,
        "title": printable(spec.title),
        "optimiser": spec.optimiser.name,
        "samples": len(spec.inputs),
        "batch_size": spec.schedule.size,
        "batches_per_epoch": spec.schedule.per_epoch,
        **_run(chosen),
        "start": {var.id: _number(value) for var, value in chosen.start.items()},
        "history": [{"iteration": n, "loss": _number(loss)} for n, loss in chosen.history],
    }
    if len(outcomes) > 1:
        found["runs"] = [
            {
                **_run(one),
                "iterations": one.iterations,
                "loss": _number(one.loss),
                "history": [{"iteration": n, "loss": _number(loss)} for n, loss in one.history],
            }
            for one in outcomes
        ]
    accuracy = judge(spec, chosen.outputs, spec.targets).accuracy
    if accuracy is not None:
        found["accuracy"] = accuracy
    if shown is not None:
        found["show"] = shown
    found |= {
        "iterations": chosen.iterations,
        "loss": _number(chosen.loss),
        "parameters": {var.id: _number(value) for var, value in chosen.parameters.items()},
        "outputs": [[_number(value) for value in row] for row in chosen.outputs],
    }
    _write(found, out)


def _run(outcome: Outcome) -> dict[str, Any]:
    rate = outcome.spec.learning_rate
    return {
        "learning_rate": None if rate is None else to_float(rate.text),
        "loss_before": _number(outcome.history[0].loss),
        "stopped": outcome.stopped or None,
        "reason": outcome.reason,
    }


def prediction(found: Prediction, out: TextIO) -> None:
    """Write one object with a prediction for each sample."""
    samples = []
    for s, outputs in enumerate(found.outputs):
        one: dict[str, Any] = {
            "inputs": [to_float(n.text) for n in found.inputs[s]],
            "outputs": [_number(value) for value in outputs],
        }
        if found.classes is not None:
            one |= {"class": printable(found.names[found.classes[s]]), "probability": _number(found.probability(s))}
        if found.targets is not None:
            one["targets"] = [to_float(n.text) for n in found.targets[s]]
        if found.actual is not None:
            one["target_class"] = printable(found.names[found.actual[s]])
        samples.append(one)
    document: dict[str, Any] = {"format": FORMAT, "title": printable(found.spec.title), "predictions": samples}
    if found.accuracy is not None:
        names = [printable(name) for name in found.names]
        document |= {"accuracy": found.accuracy, "confusion": {"classes": names, "counts": found.confusion}}
    document["outputs"] = [one["outputs"] for one in samples]
    _write(document, out)


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None


def _write(document: dict[str, Any], out: TextIO) -> None:
    json.dump(document, out, ensure_ascii=False)
    out.write("\n")
