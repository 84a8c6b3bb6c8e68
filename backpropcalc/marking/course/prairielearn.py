"""A question of PrairieLearn marked with what follows carried on: ``grade`` for the question's ``server.py``.

PrairieLearn calls ``grade(data)`` with what was submitted under ``submitted_answers`` and reads ``partial_scores``
(with ``score`` from 0 to 1, ``weight`` and ``feedback``), ``score`` and ``format_errors`` from the same dictionary.
In ``server.py``:

    from backpropcalc.marking.course.prairielearn import grader

    grade = grader("mazur.yaml")
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backpropcalc.errors import InputError
from backpropcalc.marking.examination import Examination
from backpropcalc.marking.read.answers import reads
from backpropcalc.pages.page import page
from backpropcalc.spec.load import load

Data = dict[str, Any]


def grader(spec: str | Path) -> Callable[[Data], None]:
    """A function that marks a submission against ``spec``. Raises ``InputError`` if the spec is at fault."""
    examination = Examination(page(load(spec)))
    notation = examination.page.notation

    def grade(data: Data) -> None:
        submitted = {name: text for name, text in data["submitted_answers"].items() if examination.names.get(name)}
        scores: Data = data.setdefault("partial_scores", {})
        try:
            paper = examination.marked(reads(json.dumps(submitted), examination.names, ".json"))
        except InputError as error:
            data.setdefault("format_errors", {}).update(dict.fromkeys(submitted, error.problems[0].message))
            data["score"] = 0.0
            return
        written = {examination.names.get(name): name for name in submitted}
        for mark in paper.marks:
            if not mark.points:
                continue
            name = written.get(mark.var, notation.ascii(mark.var))
            feedback = " ".join([f"{mark.verdict}.", *(because.text for because in mark.because)])
            scores[name] = {"score": mark.credit, "weight": mark.points, "feedback": feedback}
            if mark.verdict == "unreadable":
                data.setdefault("format_errors", {})[name] = "This is not a number."
        data["score"] = paper.score.earned / paper.score.possible if paper.score.possible else 1.0

    return grade
