"""The files of a form for systems that run a program of the teacher's: Gradescope and PrairieLearn.

What stands in them is what these systems document: Gradescope's "Autograder Specifications" (``setup.sh`` and
``run_autograder`` under /autograder/source), PrairieLearn's question folder (``info.json``, ``question.html``,
``server.py``).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from html import escape

from .bank import Form

Files = Mapping[str, str]
"""Texts by their names in a folder."""
_SETUP = """#!/usr/bin/env bash
set -e
apt-get update
apt-get install -y python3 python3-pip
pip3 install backpropcalc
"""
_AUTOGRADER = """#!/usr/bin/env bash
# The form is the letter in the name of the file that was handed in, as in answers-B.yaml, or on a line "form: B" in it.
cd /autograder/source
paper=$(find /autograder/submission -type f | sort | head -n 1)
letter=$(grep -ioE '^[^[:alnum:]]*form[^[:alnum:]]+[A-Z]{1,2}' "$paper" | grep -oE '[A-Z]+$' | head -n 1)
[ -n "$letter" ] || letter=$(basename "${paper%.*}" | grep -oE '[A-Z]{1,2}$')
spec="forms/$letter.yaml"
[ -f "$spec" ] || spec=$(find forms -name '*.yaml' | sort | head -n 1)
backpropcalc check "$spec" "$paper" --gradescope /autograder/results/results.json
exit 0
"""
_SERVER = '''"""Numbers drawn by variant, answers marked with what follows carried on."""

import json
from pathlib import Path

from backpropcalc.marking.course.prairielearn import grader

HERE = Path(__file__).parent
FORMS = json.loads((HERE / "forms.json").read_text(encoding="utf-8"))


def generate(data):
    """Each variant is one of the forms."""
    letter = sorted(FORMS)[int(data["variant_seed"]) % len(FORMS)]
    data["params"].update(FORMS[letter], form=letter)


def grade(data):
    """As ``backpropcalc check`` marks the same answers."""
    grader(HERE / "forms" / f"{data['params']['form']}.yaml")(data)
'''


def gradescope(forms: Sequence[Form]) -> Files:
    """What is zipped for Gradescope: its two programs and the specs."""
    return {"setup.sh": _SETUP, "run_autograder": _AUTOGRADER, **_specs(forms)}


def prairielearn(forms: Sequence[Form]) -> Files:
    """The folder of a question whose variants are the forms."""
    first = forms[0]
    info = {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, "backpropcalc:" + ":".join(form.digest for form in forms))),
        "title": first.title,
        "topic": "Backpropagation",
        "tags": ["numeric"],
        "type": "v3",
    }
    numbers = {
        form.letter: {
            "given": [{"label": label, "said": said} for label, said in form.given],
            "asked": form.asked,
        }
        for form in forms
    }
    return {
        "info.json": json.dumps(info, ensure_ascii=False, indent=2) + "\n",
        "forms.json": json.dumps(numbers, ensure_ascii=False, indent=1) + "\n",
        "question.html": _question(first),
        "server.py": _SERVER,
        **_specs(forms),
    }


def _question(form: Form) -> str:
    inputs = "".join(
        f'<p><pl-string-input answers-name="{escape(item.ascii)}" label="{escape(item.name)} ="></pl-string-input>'
        "</p>\n"
        for item in form.items
    )
    given = "{{#params.given}}<tr><th>{{label}}</th><td>{{said}}</td></tr>{{/params.given}}"
    return (
        f"<pl-question-panel>\n<table>{given}</table>\n<p>{{{{params.asked}}}}</p>\n</pl-question-panel>\n{inputs}"
        "<pl-submission-panel></pl-submission-panel>\n"
    )


def _specs(forms: Sequence[Form]) -> Files:
    return {f"forms/{form.letter}.yaml": form.spec for form in forms}
