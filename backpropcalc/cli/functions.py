"""``backpropcalc functions``."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Target, options, target

Name = Annotated[str | None, typer.Argument(help="One activation or loss; without it all of them.")]


@options(target=target("latex", "markdown", "html"))
def functions(target: Target, name: Name = None) -> None:
    """The activations and losses: equation, derivative, range, what happens at a corner, a plot of one.

    Example: backpropcalc functions softplus
    """
    from backpropcalc import render
    from backpropcalc.pages.catalogue import catalogue

    page = catalogue(name)
    target.write(lambda out: render.write(page, out, target.form, **target.looks()))
