"""R/exams: an exercise in R Markdown for each form, of type ``cloze`` with a number for each value.

The sections and the keys of the meta-information are those of R/exams (www.r-exams.org, "Exercises").
"""

from __future__ import annotations

import re

from .bank import Form

_OF_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|$~^]")


def exercise(form: Form) -> str:
    """The exercise, as Rmd."""
    given = "".join(f"- {_plain(label)}: {_plain(said)}\n" for label, said in form.given)
    asked = "".join(f"* {_plain(item.name)}\n" for item in form.items)
    solved = "".join(f"* {_plain(item.solution)}\n" for item in form.items)
    meta = {
        "exname": re.sub(r"[^\w .,-]", " ", form.name),
        "extype": "cloze",
        "exsolution": "|".join(item.shown for item in form.items),
        "exclozetype": "|".join("num" for _ in form.items),
        "extol": "|".join(item.tolerance for item in form.items),
        "expoints": f"{sum(item.points for item in form.items):g}",
    }
    keys = "".join(f"{key}: {value}\n" for key, value in meta.items())
    return (
        f"Question\n========\n{given}\n{_plain(form.asked)}\n\nAnswerlist\n----------\n{asked}\n"
        f"Solution\n========\n\nAnswerlist\n----------\n{solved}\nMeta-information\n================\n{keys}"
    )


def _plain(text: str) -> str:
    """Text in which nothing is markup, nor code of R."""
    return _OF_MARKDOWN.sub(lambda sign: "\\" + sign[0], text)
