"""``backpropcalc run``."""

from __future__ import annotations

from typing import Annotated

import typer

from backpropcalc.pages import FORMS

from .options import ASKED, OUTPUT, Asked, Changes, Every, Quiet, SpecFile, Target, as_typed, options, spec_keys, target

Picture = Annotated[
    str | None,
    typer.Option(
        "--plot", metavar="FILE", rich_help_panel=OUTPUT,
        help="Also draw a gradient descent (.svg, .png, .pdf); needs [plot].",
    ),
]  # fmt: skip


@options(keys=spec_keys("run"), asked=ASKED, target=target(*FORMS, "json", "dot", "svg", "tikz"))
def run(
    context: typer.Context,
    spec: SpecFile,
    asked: Asked,
    target: Target,
    keys: Changes,
    quiet: Quiet = False,
    every: Every = False,
    plot: Picture = None,
) -> None:
    """The hand calculation: forward pass, loss, backward pass, update, and the loss after it.

    Example: backpropcalc run net.yaml --only w5 -o solution.tex
    """
    from backpropcalc.pages.page import page
    from backpropcalc.render import PICTURES, write
    from backpropcalc.spec.load import load

    loaded = load(spec).override(**keys)
    sheet = page(loaded, only=asked.only, phases=asked.phases, every=every)
    if plot:
        from backpropcalc.render.plot import walked

        walked(loaded, plot)
    looks = target.looks(asked.phases == {"backward"}, as_typed(context), every=every)
    if target.form not in PICTURES:
        looks["quiet"] = quiet
    target.write(lambda out: write(sheet, out, target.form, **looks))
