"""``backpropcalc info``."""

from __future__ import annotations

from typing import Annotated

import typer

from backpropcalc.pages import FORMS as PAGES

from .options import Changes, SpecFile, Target, as_typed, options, spec_keys, target

Quantity = Annotated[str, typer.Argument(help="One quantity to explain, by its name or id: w[2,1,3].")]


@options(keys=spec_keys("info"), target=target(*PAGES, "json", "svg", "tikz"))
def info(context: typer.Context, spec: SpecFile, target: Target, keys: Changes, name: Quantity = "") -> None:
    """Layers, parameter counts, the size of every matrix and vector, and what each index means.

    Example: backpropcalc info net.yaml "w[2,1,3]"
    """
    from backpropcalc import render
    from backpropcalc.pages.information import Information
    from backpropcalc.spec.load import load
    from backpropcalc.spec.network import as_network

    loaded = as_network(load(spec)).override(**keys)
    looks = target.looks(command=as_typed(context))
    target.write(lambda out: render.write(Information(loaded, name), out, target.form, **looks))
