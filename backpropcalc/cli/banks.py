"""The options by which ``exam`` writes its questions for other systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .options import Group, option, write

if TYPE_CHECKING:
    from backpropcalc.exam.bank import Form

PANEL = "Other systems"
WRITTEN = Group(
    tuple(
        option(name, str, help, metavar=metavar, rich_help_panel=PANEL)
        for name, metavar, help in (
            ("moodle", "FILE", "Moodle XML: the numbers of misconceptions are wrong answers with a sentence each."),
            ("qti", "FILE", "A QTI 2.1 package (.zip), an item for each form."),
            ("gradescope", "DIR", "The files of a Gradescope autograder that marks with check; zip them."),
            ("prairielearn", "DIR", "The folder of a PrairieLearn question, a variant for each form."),
            ("rexams", "DIR", "Exercises for R/exams (.Rmd)."),
            ("flashcards", "FILE", "Flash cards as CSV: question, worked line, form."),
        )
    ),
    lambda **files: {name: file for name, file in files.items() if file is not None},
)


def write_banks(wanted: Mapping[str, str], forms: Sequence[Form]) -> None:
    """Write the questions for each system that is wanted."""
    from os.path import join

    from backpropcalc.exam.banks import BANKS
    from backpropcalc.files import make_folder

    for name, place in wanted.items():
        bank = BANKS[name]
        if bank.file is not None:
            _write(place, bank.file(forms))
        if bank.folder is not None:
            for file, content in bank.folder(forms).items():
                make_folder(join(place, *file.split("/")[:-1]))
                _write(join(place, file), content)


def _write(place: str, content: str | bytes) -> None:
    if isinstance(content, str):
        write(place, lambda out: print(content, end="", file=out))
        return
    from backpropcalc.files import whole_bytes

    whole_bytes(place, content)
