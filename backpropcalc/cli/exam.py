"""``backpropcalc exam``."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Changes, SpecFile, Target, options, spec_keys, target

Ask = Annotated[
    list[str] | None,
    typer.Option(
        "--ask", metavar="NAME", help="Ask for this quantity or phase (repeatable); else as the spec says, or a choice."
    ),
]
KeyFile = Annotated[
    str | None,
    typer.Option("--key", metavar="FILE", help="Also write the key, each line worked out, in the form of its suffix."),
]
Picture = Annotated[
    bool, typer.Option("--picture", help="In LaTeX and PDF too: the picture of the network, in its names (needs TikZ).")
]
FORMS = ("latex", "markdown", "html", "typst")


@options(keys=spec_keys("exam"), target=target(*FORMS))
def exam(
    spec: SpecFile, target: Target, keys: Changes, ask: Ask = None, key: KeyFile = None, picture: Picture = False
) -> None:
    """Write an exam: a sheet with blanks and room to work, and its key.

    The sheet has what is given, each question with its points and a blank; --show says whether formulas stand there,
    the names alone, or nothing. The spec's ask says what is asked, points what it counts, precision how finely.

    Example: backpropcalc exam net.yaml -o exam.pdf --key key.pdf
    """
    from backpropcalc.exam.questions import asked
    from backpropcalc.exam.sheet import KeySheet, Sheet
    from backpropcalc.render import write
    from backpropcalc.spec.load import load

    questions = asked(load(spec).override(**keys), tuple(ask or ()))
    target = target._replace(drawn=picture)
    other = beside(target, key)
    target.write(lambda out: write(Sheet(questions), out, target.form, **target.looks()))
    if other is not None:
        other.write(lambda out: write(KeySheet(questions), out, other.form, **other.looks()))


def beside(sheet: Target, file: str | None) -> Target | None:
    """Where the key goes, if it goes anywhere. Raises ``InputError`` if it would take the place of the sheet."""
    from os.path import realpath

    from backpropcalc.errors import fail

    if file is None:
        return None
    made = target(*FORMS).made(file, sheet.ascii, picture=sheet.drawn, **dict.fromkeys(FORMS, False))
    if sheet.file is not None and made.file is not None and realpath(sheet.file) == realpath(made.file):
        raise fail("usage", "the sheet and the key cannot be the same file")
    found: Target = made
    return found
