"""The figures that say whether the numbers are true, each over as many random cases as asked for.

``python tests/benchmarks/truth.py gradients 10000``: loss, gradients and updated parameters of random networks, against
autograd, to 1e-9. ``zeros 20000``: sums of one-decimal numbers that are exactly 0, in run, matrices, exact and rounded
work, training, prediction. ``rounded 1000``, ``exact 300``, ``detail 300``: every line of a page, scalar and in
matrices, worked again by the tests' own reader from the numbers that the line shows. ``pages 500``: the same of the
pages of random specs over every option, in the terminal and in LaTeX, and what is put in for each name is what the page
said of it. A second number is the first seed.
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import autograd.numpy as np
import networks
import pages
import reader
from oracle import spec, values

import backpropcalc as bp
from backpropcalc.execution.predict import predict
from backpropcalc.execution.session import train

NEURONS = 50
"""Sums that are 0 in one network."""


def gradients(seed: int) -> Iterator[str]:
    """What differs from automatic differentiation by more than 1e-9 of the largest of its kind."""
    keys = networks.network(seed)
    found = values(spec(keys))
    layers, slopes = networks.parameters(keys), networks.gradients(keys)
    updated = [(w - 0.01 * dw, b - 0.01 * db) for (w, b), (dw, db) in zip(layers, slopes, strict=True)]
    losses = {"E": layers, "E+": updated}
    expected = (
        networks.by_id(keys, slopes, "dE/d"),
        networks.by_id(keys, updated, suffix="+"),
        {name: float(networks.total(keys, networks.forward(keys, of)[-1])) for name, of in losses.items()},
    )
    for group in expected:
        room = 1e-9 * max((abs(x) for x in group.values()), default=0) + 1e-13
        pairs = ((name, float(x), found[name]) for name, x in group.items())
        yield from (f"{name}: {x}, {y}" for name, x, y in pairs if not (abs(x - y) <= room or (x != x and y != y)))


def zeros(seed: int) -> Iterator[str]:
    """What is not 0 of a layer of sums that are, or moves although its gradient is 0."""
    draw = random.Random(seed)
    inputs = [draw.choice((-20, -10, 10, 20, draw.randint(-99, 99))) for _ in range(draw.randint(2, 5))]
    weights = [[draw.randint(-99, 99) for _ in inputs] for _ in range(NEURONS)]
    biases = [-sum(w * x for w, x in zip(row, inputs, strict=True)) for row in weights]
    keys: dict[str, Any] = {
        "inputs": [x / 10 for x in inputs], "targets": [0] * NEURONS,
        "weights": [[[w / 10 for w in row] for row in weights]], "biases": [[b / 100 for b in biases]],
        "activation": draw.choice(["identity", "relu", "tanh"]), "loss": "half_squared_error", "learning_rate": 0.1,
    }  # fmt: skip
    ways = ({}, {"view": "matrix"}, {"exact": True}, {"carry": "rounded"}, {"detail": "full"})
    for way in ways:
        found = values(spec(keys, **way))
        wrong = [name for name, x in found.items() if name[0] in "zaE" and x != 0]
        wrong += [name for name, x in found.items() if name.startswith("dE/d") and x != 0]
        yield from (f"{way} {name} = {found[name]}" for name in wrong)
    many = keys | {"inputs": [keys["inputs"]] * 20, "targets": [keys["targets"]] * 20}  # in tensors
    for one in (keys, many):
        outcome = train(spec(one, iterations=30))
        moved = [var.id for var, x in outcome.parameters.items() if x != outcome.start[var]]
        yield from (f"train moves {name}" for name in moved)
        yield from (f"predict gives {x}" for row in predict(spec(one)).outputs for x in row if x != 0)


def lines(seed: int, **changes: Any) -> Iterator[str]:
    """Every line, scalar and in matrices, that the numbers which it shows do not give."""
    given = networks.network(seed)
    decimals = random.Random(seed).choice([1, 2, 3, 4])
    for view in ("scalar", "matrix") if "exact" not in changes else ("scalar",):
        out = io.StringIO()
        try:
            bp.write(bp.page(spec(given, decimals=decimals, view=view, **changes)), out, "latex")
        except bp.InputError:  # too many samples for exact work
            continue
        examiner = reader.Examiner(decimals=decimals, rounded=changes.get("carry") == "rounded")
        for statement in reader.statements(out.getvalue(), "latex"):
            yield from (f"{view} {statement.name}: {fault}" for fault in examiner.faults(statement))
        COUNTS.update(examiner.counts)


def whole_pages(seed: int) -> Iterator[str]:
    """What is false on the pages of a random spec."""
    with tempfile.TemporaryDirectory() as folder:
        for form in ("terminal", "latex"):
            counts, faults, _ = pages.examined(seed, form, Path(folder))
            COUNTS.update({f"{form} {kind}": count for kind, count in counts.items()})
            yield from (f"{form}, {fault}" for fault in faults)


COUNTS = Counter[str]()
PARTS: dict[str, tuple[Callable[[int], Iterator[str]], int, int]] = {
    "gradients": (gradients, 1, 1000),
    "zeros": (zeros, NEURONS, 2000),
    "rounded": (lambda seed: lines(seed, carry="rounded"), 1, 100),
    "exact": (lambda seed: lines(seed, exact=True), 1, 30),
    "pages": (whole_pages, 1, 500),
    "detail": (lambda seed: lines(seed, detail="full"), 1, 30),
}
"""Name to what finds faults in the case of a seed, how many cases that is, and how many are tried if nobody says."""


def main(name: str, count: int | None = None, first: int = 0) -> int:
    """Try them; how many faults there are."""
    find, each, usual = PARTS[name]
    begun, found = time.monotonic(), []
    cases = count or usual
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # autograd, of a step
        for seed in range(first, first - (-cases // each)):
            found += [f"seed {seed}: {fault}" for fault in find(seed)]
    seconds = time.monotonic() - begun
    print(*found[:20], sep="\n", end="\n" if found else "")
    print(f"{name}: {cases:,} cases from seed {first}, {len(found)} faults, {seconds:.0f} s {dict(COUNTS) or ''}")
    return len(found)


if __name__ == "__main__":
    chosen = sys.argv[1:2] or list(PARTS)
    sys.exit(min(1, sum(main(name, *map(int, sys.argv[2:4])) for name in chosen)))
