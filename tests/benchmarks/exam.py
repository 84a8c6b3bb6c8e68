"""How long thirty forms take, as a ratio to running their specs thirty times: ``python tests/benchmarks/exam.py``."""

from __future__ import annotations

import io
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from exams import MAZUR, SOFTMAX

from backpropcalc.exam.forms import Drawing, letters
from backpropcalc.exam.sheet import KeySheet, Papers, QuestionSheet
from backpropcalc.pages.page import page
from backpropcalc.render import write
from backpropcalc.spec.load import loads


def seconds_of_forms(text: str) -> tuple[float, Counter[str]]:
    """Thirty forms drawn, and their sheets and keys written as LaTeX."""
    start = time.perf_counter()
    forms = list(Drawing(loads(text), (), {}, 7).forms(letters("30")))
    for kind in (QuestionSheet, KeySheet):
        write(Papers([kind(form.questions, form.stamp) for form in forms]), io.StringIO(), "latex")
    return time.perf_counter() - start, sum((form.rejected for form in forms), Counter())


def seconds_of_runs(text: str) -> float:
    """The same spec read and worked thirty times, written as LaTeX."""
    start = time.perf_counter()
    for _ in range(30):
        write(page(loads(text)), io.StringIO(), "latex")
    return time.perf_counter() - start


if __name__ == "__main__":
    for name, text in (("2-2-2 (Mazur)", MAZUR), ("2-3-2 softmax", SOFTMAX)):
        seconds_of_runs(text)  # what is loaded once is loaded
        run, (forms, rejected) = seconds_of_runs(text), seconds_of_forms(text)
        print(f"{name}: 30 forms with sheets and keys {forms:.2f} s, {forms / run:.1f} times 30 runs ({run:.2f} s)")
        for reason, times in rejected.most_common():
            print(f"  {times:>5}  {reason}")
