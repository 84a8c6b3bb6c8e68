"""``backpropcalc predict``."""

from __future__ import annotations

from typing import Annotated

import typer

from backpropcalc.pages import FORMS as PAGES

from .options import Changes, Every, SpecFile, Target, as_typed, options, spec_keys, target

Inputs = Annotated[
    list[str] | None, typer.Option("--input", metavar="X1,X2,…", help="A sample to predict, as 0.5,0.8 (repeatable).")
]
Csv = Annotated[
    str | None, typer.Option("--csv", metavar="FILE", help="Samples to predict, and their targets if it has them.")
]


@options(keys=spec_keys("predict"), target=target(*PAGES, "json"))
def predict(
    context: typer.Context,
    spec: SpecFile,
    target: Target,
    keys: Changes,
    input: Inputs = None,
    csv: Csv = None,
    every: Every = False,
) -> None:
    """Forward only: outputs, class and probability, and with targets the accuracy and the confusion matrix.

    Works on the samples of the spec, on --input, or on the rows of --csv, whose columns are found by the names that the
    spec's data has, else taken in order: inputs, then targets if there are any.

    Example: backpropcalc predict net.yaml --input 0.5,0.8
    """
    from backpropcalc import render
    from backpropcalc.errors import fail
    from backpropcalc.execution.predict import from_file, predict, typed
    from backpropcalc.pages.training import Predicted
    from backpropcalc.spec.load import load
    from backpropcalc.spec.network import as_network

    loaded = as_network(load(spec)).override(**keys)
    if input and csv:
        raise fail("usage", "give either --input or --csv, not both")
    inputs, targets = from_file(loaded, csv) if csv else (typed(loaded, input) if input else None, None)
    found = predict(loaded, inputs, targets)
    looks = target.looks(command=as_typed(context), every=every)
    target.write(lambda out: render.write(Predicted(found, every), out, target.form, **looks))
