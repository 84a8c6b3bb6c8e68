"""``backpropcalc check``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from backpropcalc.pages import FORMS as PAGES

from .options import ASKED, Asked, Changes, SpecFile, Target, only_one, options, spec_keys, target, write

AnswerFile = Annotated[
    str,
    typer.Argument(
        metavar="ANSWERS",
        help="The answers: .yaml .json .csv, or working as .txt .md .tex .docx .ipynb .pdf; - for stdin.",
    ),
]
Hints = Annotated[bool, typer.Option("--hints", help="Say where the mistakes are, not what is right.")]
Solution = Annotated[bool, typer.Option("--show-solution", help="Work every wrong or missing line in full.")]
Gradescope = Annotated[
    str | None, typer.Option("--gradescope", metavar="FILE", help="Also write Gradescope's results.json.")
]
FailUnder = Annotated[
    float | None, typer.Option("--fail-under", metavar="PERCENT", help="Exit with 1 only if the score is below this.")
]


@options(keys=spec_keys("check"), asked=ASKED, target=target(*PAGES, "json"))
def check(
    spec: SpecFile,
    answers: AnswerFile,
    asked: Asked,
    target: Target,
    keys: Changes,
    hints: Hints = False,
    show_solution: Solution = False,
    fail_under: FailUnder = None,
    gradescope: Gradescope = None,
) -> None:
    """Mark a student's answers: right, rounded, following from an earlier mistake, or a mistake made here, and why.

    Each value of the first iteration is compared with what follows from the student's own earlier values. Answers are
    names and values; a value may have a decimal comma, or be 1.2e-3, 3/8, or 0.593269992 ≈ 0.5933. Plain working is
    checked at each equals sign: net_h1 = 0.15*0.05 + 0.2*0.1 + 0.35 = 0.3775

    An answer written so roughly that a wrong method would give it too earns nothing: one digit where three decimals
    would be needed, or an update that shows no change. The spec's points, only, credit and deduct say what counts.

    Exit code: 0 if nothing is wrong or missing, 1 if something is (with --fail-under: if the score is too low), 2 if
    the files or the command line are at fault.

    Example: backpropcalc check net.yaml answers.yaml --hints
    """
    from backpropcalc import render
    from backpropcalc.marking.examination import Examination, questions
    from backpropcalc.marking.report import Report, said
    from backpropcalc.spec.load import load

    only_one(hints=hints, show_solution=show_solution)
    _possible(spec, answers, fail_under)
    examination = Examination(questions(load(spec).override(**keys), asked.only, asked.phases))
    paper = examination.paper(answers)
    report = Report(examination.page, paper, examination.steps, hints, show_solution)
    target.write(lambda out: render.write(report, out, target.form, **target.looks()))
    if gradescope is not None:
        from json import dumps

        from backpropcalc.marking.course.gradescope import results

        text = dumps(results(paper, examination.page.notation), ensure_ascii=False, indent=1)
        write(gradescope, lambda out: print(text, file=out))
    if target.form == "json":
        for problem in paper.problems:
            print(f"{paper.file}: {said(problem)}", file=sys.stderr)
    if not (paper.flawless if fail_under is None else paper.score.percent >= fail_under):
        raise typer.Exit(1)


def _possible(spec: str, answers: str, fail_under: float | None) -> None:
    """Raises ``InputError`` for options that cannot be."""
    from backpropcalc.errors import fail

    if spec == answers == "-":
        raise fail("usage", "the spec and the answers cannot both come from standard input")
    if fail_under is not None and not 0 <= fail_under <= 100:
        raise fail("usage", "--fail-under takes a percentage from 0 to 100")
