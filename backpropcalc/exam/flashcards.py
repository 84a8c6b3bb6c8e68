"""Flash cards as CSV, a card for each value: the question in front, the worked line behind (Anki, Quizlet)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from backpropcalc.marking.course.gradebook import cell

from .bank import Form


def cards(forms: Sequence[Form]) -> str:
    """The table: front, back, and a tag by which a form's cards are found."""
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(("front", "back", "tag"))
    for form in forms:
        given = "; ".join(f"{label}: {said}" for label, said in form.given)
        for item in form.items:
            rows.writerow([cell(text) for text in (f"{item.name} = ? ({given})", item.solution, form.digest)])
    return stream.getvalue()
