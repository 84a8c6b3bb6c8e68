"""``backpropcalc answers``."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import NotationName, Only, Phase, SpecFile, phases, write

AnswersOutput = Annotated[
    str | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Write to FILE, as its suffix says: .yaml .csv .json .txt .md."
    ),
]


def answers(
    spec: SpecFile,
    output: AnswersOutput = None,
    notation: NotationName = None,
    only: Only = None,
    phase: Phase = None,
) -> None:
    """Write the answer file to fill in: the names of all quantities in the order of the calculation.

    With --phase or --only it asks for a part; give check the same options then.
    """
    from pathlib import PurePath

    from backpropcalc.errors import fail, one_of, printable
    from backpropcalc.marking.template import SUFFIXES, template
    from backpropcalc.pages.page import page
    from backpropcalc.spec.load import load

    suffix = PurePath(output).suffix.lower() if output else ".yaml"
    if suffix not in SUFFIXES:
        message = f"no answer file has the suffix {printable(suffix)!r}"
        raise fail("usage", message, one_of(suffix, tuple(SUFFIXES)))
    loaded = load(spec)
    if notation:
        loaded = loaded.override(notation=notation)
    asked = page(loaded, only=only or (), phases=phases(phase))
    write(output, lambda out: template(asked, out, SUFFIXES[suffix]))
