"""``backpropcalc functions``."""

from __future__ import annotations

from typing import Annotated

import typer

from backpropcalc.pages import FORMS as PAGES

from .options import PART, Changes, Target, as_typed, options, spec_keys, target

Name = Annotated[
    str | None,
    typer.Argument(help="One activation or loss, or a formula of x, or one of t and o; without it all of them."),
]
At = Annotated[
    str | None,
    typer.Option(metavar="X1,X2,…", rich_help_panel=PART, help="Work it and its slope out at these numbers."),
]
Targets = Annotated[
    str | None,
    typer.Option("--target", metavar="T1,T2,…", rich_help_panel=PART, help="Of a loss: the targets of these outputs."),
]


@options(keys=spec_keys("functions"), target=target(*PAGES))
def functions(
    context: typer.Context, target: Target, keys: Changes, name: Name = None, at: At = None, targets: Targets = None
) -> None:
    """The activations and losses: equation, derivative, range, what happens at a corner, a plot of each.

    With --at the function and its slope are worked out line by line, of softmax every entry of the Jacobian.

    Example: backpropcalc functions softmax --at 2,1,0.1
    """
    from backpropcalc import render
    from backpropcalc.errors import fail
    from backpropcalc.pages.catalogue import catalogue
    from backpropcalc.pages.evaluation import evaluation

    looks = target.looks(command=as_typed(context))
    if at is None:
        for flag in [*(["target"] if targets else []), *keys]:
            raise fail("usage", f"--{flag} has no meaning without --at")
        page = catalogue(name)
        target.write(lambda out: render.write(page, out, target.form, **looks))
        return
    if name is None:
        raise fail("usage", "--at needs the name of a function", "as in functions sigmoid --at 0.5")
    worked = evaluation(name, at, targets, keys)
    target.write(lambda out: render.write(worked, out, target.form, **looks))
