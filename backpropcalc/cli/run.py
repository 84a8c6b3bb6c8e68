"""``backpropcalc run``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from .options import (
    Ascii,
    Carry,
    Chain,
    Decimals,
    Dot,
    Every,
    Exact,
    Iterations,
    Json,
    Latex,
    Markdown,
    NotationName,
    Only,
    Output,
    Phase,
    Picture,
    Quiet,
    Significant,
    SpecFile,
    Standalone,
    View,
    form_of,
    phases,
    write,
)

if TYPE_CHECKING:
    from backpropcalc.pages.calculation import Page


def run(
    spec: SpecFile,
    latex: Latex = False,
    markdown: Markdown = False,
    json: Json = False,
    dot: Dot = False,
    standalone: Standalone = False,
    output: Output = None,
    notation: NotationName = None,
    only: Only = None,
    phase: Phase = None,
    decimals: Decimals = None,
    significant: Significant = None,
    carry: Carry = None,
    exact: Exact = False,
    chain: Chain = None,
    view: View = None,
    iterations: Iterations = None,
    quiet: Quiet = False,
    every: Every = False,
    ascii: Ascii = False,
    plot: Picture = None,
) -> None:
    """The hand calculation: forward pass, loss, backward pass, update, and the loss after it."""
    from backpropcalc.pages.page import page
    from backpropcalc.spec.load import load

    style = {
        "notation": notation, "decimals": decimals, "significant": significant, "carry": carry, "chain": chain,
        "view": view, "iterations": iterations, "exact": exact or None,
    }  # fmt: skip
    loaded = load(spec).override(**{key: value for key, value in style.items() if value is not None})
    form = form_of(output, latex=latex, markdown=markdown, json=json, dot=dot)
    options: dict[str, Any] = {"quiet": quiet}
    if form == "terminal":
        options |= {"ascii": ascii, "every": every}
    if form == "latex":
        options["standalone"] = standalone or bool(output)
    sheet = page(loaded, only=only or (), phases=phases(phase))
    if plot:
        from backpropcalc.render.plot import walked

        walked(loaded, plot)
    write(output, lambda out: _render(sheet, out, form, options))


def _render(sheet: Page, out: TextIO, form: str, options: dict[str, Any]) -> None:
    from backpropcalc.render import write

    write(sheet, out, form, **options)
