"""``backpropcalc check``."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from .options import (
    Ascii,
    Json,
    Latex,
    Markdown,
    NotationName,
    Only,
    Output,
    Phase,
    SpecFile,
    Standalone,
    form_of,
    phases,
    write,
)

AnswerFile = Annotated[
    str,
    typer.Argument(
        metavar="ANSWERS", help="The answer file: .yaml .json .csv, or working as .txt .md .tex; - for stdin."
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


def check(
    spec: SpecFile,
    answers: AnswerFile,
    latex: Latex = False,
    markdown: Markdown = False,
    json: Json = False,
    standalone: Standalone = False,
    output: Output = None,
    notation: NotationName = None,
    only: Only = None,
    phase: Phase = None,
    hints: Hints = False,
    show_solution: Solution = False,
    fail_under: FailUnder = None,
    gradescope: Gradescope = None,
    ascii: Ascii = False,
) -> None:
    """Mark a student's answers: right, rounded, following from an earlier mistake, or a mistake made here, and why.

    Each value of the first iteration is compared with what follows from the student's own earlier values. Answers are
    names and values; a value may have a decimal comma, or be 1.2e-3, 3/8, or 0.593269992 ≈ 0.5933. Plain working is
    checked at each equals sign: net_h1 = 0.15*0.05 + 0.2*0.1 + 0.35 = 0.3775

    An answer written so roughly that a wrong method would give it too earns nothing: one digit where three decimals
    would be needed, or an update that shows no change. The spec's points, only, credit and deduct say what counts.

    Exit code: 0 if nothing is wrong or missing, 1 if something is (with --fail-under: if the score is too low), 2 if
    the files or the command line are at fault.
    """
    from backpropcalc import render
    from backpropcalc.errors import fail
    from backpropcalc.marking.examination import Examination
    from backpropcalc.marking.report import Report, said
    from backpropcalc.pages.page import page
    from backpropcalc.spec.load import load

    if spec == answers == "-":
        raise fail("usage", "the spec and the answers cannot both come from standard input")
    if hints and show_solution:
        raise fail("usage", "--hints and --show-solution exclude each other")
    if fail_under is not None and not 0 <= fail_under <= 100:
        raise fail("usage", "--fail-under takes a percentage from 0 to 100")
    form = form_of(output, latex=latex, markdown=markdown, json=json)
    loaded = load(spec)
    if notation:
        loaded = loaded.override(notation=notation)
    examination = Examination(page(loaded, only=only or (), phases=phases(phase)))
    paper = examination.paper(answers)
    options: dict[str, Any] = {}
    if form == "terminal":
        options["ascii"] = ascii
    if form == "latex":
        options["standalone"] = standalone or bool(output)
    report = Report(examination.page, paper, examination.steps, hints, show_solution)
    write(output, lambda out: render.write(report, out, form, **options))
    if gradescope is not None:
        from json import dumps

        from backpropcalc.marking.course.gradescope import results

        text = dumps(results(paper, examination.page.notation), ensure_ascii=False, indent=1)
        write(gradescope, lambda out: print(text, file=out))
    if form == "json":
        for problem in paper.problems:
            print(f"{paper.file}: {said(problem)}", file=sys.stderr)
    if not (paper.flawless if fail_under is None else paper.score.percent >= fail_under):
        raise typer.Exit(1)
