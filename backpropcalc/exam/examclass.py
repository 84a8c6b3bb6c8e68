"""The LaTeX class exam: sheet and key in one source, the key behind each question as its solution.

The commands are those of the class's own documentation (P. Hirschhorn, "Using the exam document class").
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple, TextIO

from backpropcalc.pages.pieces import Heading
from backpropcalc.render.latex import HEAD, Latex, undeclared

from .sheet import ExamPaper, phase_of


class Part(NamedTuple):
    """What stands before the first question of a paper, under no ``heading``, or a question."""

    heading: Heading | None
    text: str


def write(sheets: Sequence[ExamPaper], keys: Sequence[ExamPaper], out: TextIO, answers: bool, drawn: bool) -> None:
    """Write the sheets, each with its key; the class prints the solutions if ``answers`` says so."""
    out.write(HEAD.replace("{article}", "{exam}") + "\\usepackage{tikz}\n" * drawn)
    out.write("\\addpoints\n\\pointformat{}\n" + "\\printanswers\n" * answers)
    out.write(undeclared("".join(paper.quoted for paper in sheets)) + "\\begin{document}\n")
    for n, (sheet, key) in enumerate(zip(sheets, keys, strict=True)):
        out.write("\\newpage\n" * (n > 0))
        (before, *questions), (_, *solutions) = parts(sheet, drawn), parts(key, False)
        out.write(before.text + "\\begin{questions}\n")
        for question, solution in zip_longest(questions, solutions, fillvalue=Part(None, "")):
            out.write(f"\\question{_points(sheet, question)}\n{question.text}")
            out.write(f"\\begin{{solution}}\n{solution.text}\\end{{solution}}\n" if solution.text else "")
        out.write("\\end{questions}\n")
    out.write("\\end{document}\n")


def parts(paper: ExamPaper, drawn: bool) -> list[Part]:
    """A paper as LaTeX, divided before each phase."""
    form = Latex(paper, drawn)
    found = [Part(None, "")]
    for piece in paper.pieces():
        if isinstance(piece, Heading) and piece.level == 2:
            found.append(Part(piece, ""))
        text = form.writers[type(piece)](piece)
        form.before = piece
        found[-1] = found[-1]._replace(text=found[-1].text + text)
    return found


def _points(paper: ExamPaper, part: Part) -> str:
    """The points of a question, if it is a phase; the class knows whole ones and halves."""
    asked = paper.questions.of(phase_of(part.heading)) if part.heading else ()
    points = sum(paper.questions.worth[var] for var in asked)
    half = "\\half" if points % 1 >= 0.5 else ""
    return f"[{int(points)}{half}]" if asked else ""
