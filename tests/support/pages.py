"""Pages of random specs over every option, each line read back: ``examined(7, "latex", folder)``."""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import reader
import specimens

import backpropcalc as bp

LONGEST = 150_000
"""Characters of a page; a longer one is left to those who have the time, and counted."""


def examined(n: int, form: str, folder: Path) -> tuple[Counter[str], list[str], list[str]]:
    """What became of the lines of specimen ``n`` in a ``form``, terminal or latex; what is false; what cannot be read.

    A spec that is refused, or one of sizes alone, has no lines: it is counted as such.
    """
    made = specimens.specimen(random.Random(n))
    for name, text in made.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    out = StringIO()
    try:
        given = bp.loads(made.text, "spec.yaml", folder)
        given = given if given.kind == "graph" else given.override(iterations=min(given.iterations, 2))
        with patch.dict(os.environ, {"COLUMNS": "200"}):
            bp.write(bp.page(given), out, form)
    except bp.InputError:
        return Counter(refused=1), [], []
    page = out.getvalue()
    if len(page) > LONGEST:
        return Counter(long=1), [], []
    style = given.style
    judge = reader.Examiner(style.decimals, style.significant, given.method.carry == "rounded", bool(style.digits))
    judge.learn(reader.given(page, form))
    judge.learn(_letters(made.keys, form))
    faults = [fault for statement in reader.statements(page, form) for fault in judge.faults(statement)]
    return judge.counts + Counter(pages=1), [f"specimen {n}: {fault}" for fault in faults], judge.unread


def share(counts: Counter[str]) -> float:
    """The share of the lines worked again among those that say what a result is: all but what is given."""
    worked = counts["read"] + counts["named"]
    return worked / (worked + sum(counts[kind] for kind in ("bare", "abridged", "unread")))


def _letters(keys: specimens.Keys, form: str) -> list[reader.Statement]:
    """The names of a graph without numbers, each with one of its own: its lines must hold for any."""
    if "values" in keys or not {"expression", "expressions"} & set(keys):
        return []
    names = sorted(set(re.findall(r"[a-z]\w*", json.dumps([keys.get("expression"), keys.get("expressions")]))))
    own = [name for name in names if name not in reader.FUNCTIONS]
    return [reader.Statement(_written(name, form), (("", f"{k * 37 % 17 + 3}/7"),)) for k, name in enumerate(own)]


def _written(name: str, form: str) -> str:
    if form == "latex":
        return re.sub(r"_?(\d+)$", r"_{\1}", name)
    return re.sub(r"_?(\d+)$", lambda found: found[1].translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")), name)
