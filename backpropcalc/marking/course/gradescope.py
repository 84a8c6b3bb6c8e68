"""What Gradescope's autograder reads: ``results.json`` with a test for each quantity.

The fields are those of Gradescope's "Autograder Specifications": ``tests`` with ``score``, ``max_score``, ``name``,
``output`` and ``status``; the score of the whole stands above them, so that it is what ``check`` says.
"""

from __future__ import annotations

from collections.abc import Mapping

from backpropcalc.marking.examination import Paper
from backpropcalc.marking.judge.marks import WRONG, Mark
from backpropcalc.notation.notation import Notation

Json = Mapping[str, object]


def results(paper: Paper, notation: Notation) -> Json:
    """The results of one paper; quantities that are worth nothing have no test."""
    problems = [problem.message for problem in paper.problems]
    return {
        "score": paper.score.earned,
        "output": "\n".join([str(paper.score), *problems]),
        "output_format": "text",
        "visibility": "visible",
        "tests": [_test(mark, notation) for mark in paper.marks if mark.points],
    }


def _test(mark: Mark, notation: Notation) -> Json:
    return {
        "name": notation.text(mark.var),
        "score": mark.earned,
        "max_score": mark.points,
        "status": "failed" if mark.verdict in WRONG else "passed",
        "output": " ".join([f"{mark.verdict}.", *(because.text for because in mark.because)]),
        "output_format": "text",
        "visibility": "visible",
    }
