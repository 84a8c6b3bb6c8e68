"""``backpropcalc predict``."""

from __future__ import annotations

from typing import Annotated

import typer

from backpropcalc.errors import fail, printable

from .options import Ascii, Json, Output, SpecFile, form_of, write

Inputs = Annotated[
    list[str] | None, typer.Option("--input", metavar="X1,X2,…", help="A sample to predict, as 0.5,0.8 (repeatable).")
]
Csv = Annotated[
    str | None, typer.Option("--csv", metavar="FILE", help="Samples to predict, and their targets if it has them.")
]


def predict(
    spec: SpecFile,
    input: Inputs = None,
    csv: Csv = None,
    json: Json = False,
    output: Output = None,
    ascii: Ascii = False,
) -> None:
    """Forward only: outputs, class and probability, and with targets the accuracy and the confusion matrix.

    Works on the samples of the spec, on --input, or on the rows of --csv, whose columns are found by the names that the
    spec's data has, else taken in order: inputs, then targets if there are any.
    """
    from backpropcalc import render
    from backpropcalc.execution.predict import from_table, predict, typed
    from backpropcalc.pages.training import Predicted
    from backpropcalc.spec.load import load
    from backpropcalc.spec.network import as_network

    loaded = as_network(load(spec))
    if input and csv:
        raise fail("usage", "give either --input or --csv, not both")
    form = form_of(output, json=json)
    inputs = targets = None
    if input:
        inputs = typed(loaded, input)
    elif csv:
        from backpropcalc.spec.data import table
        from backpropcalc.spec.reading import read_text

        inputs, targets = from_table(loaded, table(read_text(csv), printable(csv), names_needed=False))
    found = predict(loaded, inputs, targets)
    options = {"ascii": ascii} if form == "terminal" else {}
    write(output, lambda out: render.write(Predicted(found), out, form, **options))
