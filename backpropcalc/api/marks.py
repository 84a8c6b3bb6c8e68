"""Marks in the hands of a program."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from backpropcalc.marking.examination import Examination, questions
from backpropcalc.marking.judge.marks import Mark
from backpropcalc.marking.read.answers import reads
from backpropcalc.marking.report import Report
from backpropcalc.render.notebook import Shown
from backpropcalc.spec.load import load
from backpropcalc.spec.model import Spec

from .specs import yaml_of


class MarkSheet(Shown, Report):
    """The marks of a paper, which a notebook shows as the report that ``check`` prints."""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """A mark for each answer."""
        return self.paper.marks

    @property
    def earned(self) -> float:
        """Points."""
        return float(self.paper.score.earned)

    @property
    def possible(self) -> float:
        """Points that could be earned."""
        return float(self.paper.score.possible)


def check(spec: Spec | str | Path, answers: Mapping[str, object] | str | Path) -> MarkSheet:
    """Mark answers, a mapping of names to values or the path of an answer file, against a spec or the path of one.

    Raises ``InputError`` if either cannot be read.
    """
    examination = Examination(questions(spec if isinstance(spec, Spec) else load(spec)))
    if isinstance(answers, Mapping):
        sheet = reads(yaml_of(answers), examination.names, ".yaml", "answers", examination.key.truth)
        paper = examination.marked(sheet, "answers")
    else:
        paper = examination.paper(answers)
    return MarkSheet(examination.page, paper, examination.steps)
