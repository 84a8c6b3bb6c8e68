"""``backpropcalc derive``."""

from __future__ import annotations

from typing import Any

from .options import Ascii, Latex, Markdown, NotationName, Output, SpecFile, Standalone, View, form_of, write


def derive(
    spec: SpecFile,
    latex: Latex = False,
    markdown: Markdown = False,
    standalone: Standalone = False,
    output: Output = None,
    notation: NotationName = None,
    view: View = None,
    ascii: Ascii = False,
) -> None:
    """The rules of the network in symbols, each derivative derived; ``sizes`` without numbers are enough."""
    from backpropcalc import render
    from backpropcalc.pages.derivation import Derivation
    from backpropcalc.spec.load import load
    from backpropcalc.spec.network import as_network

    style = {"notation": notation, "view": view}
    loaded = as_network(load(spec)).override(**{key: value for key, value in style.items() if value is not None})
    form = form_of(output, latex=latex, markdown=markdown)
    options: dict[str, Any] = {}
    if form == "terminal":
        options["ascii"] = ascii
    if form == "latex":
        options["standalone"] = standalone or bool(output)
    write(output, lambda out: render.write(Derivation(loaded), out, form, **options))
