"""``backpropcalc info``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .options import Ascii, Json, Latex, Markdown, NotationName, Output, SpecFile, Standalone, form_of, write


def info(
    spec: SpecFile,
    name: Annotated[str, typer.Argument(help="One quantity to explain, by its name or id: w[2,1,3].")] = "",
    latex: Latex = False,
    markdown: Markdown = False,
    json: Json = False,
    standalone: Standalone = False,
    output: Output = None,
    notation: NotationName = None,
    ascii: Ascii = False,
) -> None:
    """Layers, parameter counts, the size of every matrix and vector, and what each index means."""
    from backpropcalc import render
    from backpropcalc.pages.information import Information
    from backpropcalc.spec.load import load
    from backpropcalc.spec.network import as_network

    loaded = as_network(load(spec))
    if notation is not None:
        loaded = loaded.override(notation=notation)
    form = form_of(output, latex=latex, markdown=markdown, json=json)
    options: dict[str, Any] = {}
    if form == "terminal":
        options["ascii"] = ascii
    if form == "latex":
        options["standalone"] = standalone or bool(output)
    write(output, lambda out: render.write(Information(loaded, name), out, form, **options))
