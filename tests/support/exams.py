"""Exams for the tests: their forms, and what an independent student makes of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import yaml
from oracle import SPECS
from student import Net, Student

from backpropcalc.exam.forms import Drawing, Form, letters
from backpropcalc.spec.load import loads

SOFTMAX = """title: A 2-3-2 softmax network
inputs: [0.5, -0.2]
targets: [1, 0]
weights:
  - [[0.2, 0.4], [0.1, -0.3], [0.5, 0.6]]
  - [[0.3, -0.2, 0.4], [0.7, 0.1, -0.5]]
biases: [[0.1, -0.1, 0.05], [-0.2, 0.15]]
activation: [sigmoid, softmax]
loss: cross_entropy
learning_rate: 0.1
decimals: 6
"""
MAZUR = (SPECS / "mazur.yaml").read_text(encoding="utf-8")
PENS = {"decimal-shift", "sign-lost", "digit-swap", "any-number", "left-to-right"}
"""Slips of the pen, which are no misconceptions."""
NO_SLIPS = {"losses-subtracted", "softmax-diagonal-only"}
"""With a target of 0 there is nothing to subtract and nothing off the diagonal, whatever the numbers."""


@cache
def forms(text: str, count: int = 30, seed: int = 7) -> tuple[Form, ...]:
    return tuple(Drawing(loads(text), (), {}, seed).forms(letters(str(count))))


def net(text: str) -> Net:
    """The network of a form for a student who knows nothing of the program's formulas."""
    keys = yaml.safe_load(text)
    layers = len(keys["weights"])
    acts = keys["activation"] if isinstance(keys["activation"], list) else [keys["activation"]] * layers
    return Net(
        inputs=[keys["inputs"]],
        targets=[[float(t) for t in keys["targets"]]],
        weights=keys["weights"],
        biases=keys["biases"],
        acts=acts,
        loss=keys["loss"],
        outputs="sum",
        samples="mean",
        rate=keys["learning_rate"],
        update="simultaneous",
        chain="factors",
    )


def slips(form: Form, rng: random.Random | None = None) -> Iterator[tuple[str, str, float, float]]:
    """Each misconception of the independent student at each asked quantity: what he gets, and what is right."""
    asked = set(form.questions.ids)
    student = Student(net(form.text)).work()
    could = list(dict.fromkeys(student.could))
    if rng is not None:
        rng.shuffle(could)
    for rule, where in could:
        if where in asked and rule not in PENS:
            try:
                wrong = Student(net(form.text), slip=rule, where=where).work()
            except ValueError:  # what comes after the slip has no value
                continue
            yield rule, where, wrong.values[where], wrong.right[where]
