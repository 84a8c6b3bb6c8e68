"""The systems that take the questions of forms, and the files that each of them reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from . import flashcards, folders, moodle, qti, rexams
from .bank import Form

Content = str | bytes


class Bank(NamedTuple):
    """What is written for a system: one file, or a folder of them."""

    file: Callable[[Sequence[Form]], Content] | None = None
    folder: Callable[[Sequence[Form]], Mapping[str, Content]] | None = None


BANKS: dict[str, Bank] = {
    "moodle": Bank(moodle.quiz),
    "qti": Bank(qti.package),
    "flashcards": Bank(flashcards.cards),
    "rexams": Bank(folder=lambda forms: {f"form-{form.letter}.Rmd": rexams.exercise(form) for form in forms}),
    "gradescope": Bank(folder=folders.gradescope),
    "prairielearn": Bank(folder=folders.prairielearn),
}
