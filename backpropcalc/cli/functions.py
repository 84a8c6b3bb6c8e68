"""``backpropcalc functions``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .options import Ascii, Latex, Markdown, Output, Standalone, form_of, write

Name = Annotated[str | None, typer.Argument(help="One activation or loss; without it all of them.")]


def functions(
    name: Name = None,
    latex: Latex = False,
    markdown: Markdown = False,
    standalone: Standalone = False,
    output: Output = None,
    ascii: Ascii = False,
) -> None:
    """The activations and losses: equation, derivative, range, what happens at a corner, a plot of one."""
    from backpropcalc import render
    from backpropcalc.pages.catalogue import catalogue

    form = form_of(output, latex=latex, markdown=markdown)
    options: dict[str, Any] = {"ascii": ascii} if form == "terminal" else {}
    if form == "latex":
        options["standalone"] = standalone or bool(output)
    found = catalogue(name)
    write(output, lambda out: render.write(found, out, form, **options))
