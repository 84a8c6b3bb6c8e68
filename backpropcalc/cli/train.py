"""``backpropcalc train``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from backpropcalc.pages import FORMS as PAGES

from .options import OUTPUT, Changes, Every, Group, Quiet, SpecFile, Target, as_typed, options, spec_keys, target, under

if TYPE_CHECKING:
    from backpropcalc.execution.outcome import Outcome
    from backpropcalc.pages.calculation import Page
    from backpropcalc.spec.network import Network

Until = Annotated[
    str | None,
    typer.Option(
        "--until-loss",
        metavar="LOSS",
        help="Stop at the first loss this small, or after the iterations there are; if none are given after 100,000, "
        "or fewer if that takes too long.",
    ),
]
EveryN = Annotated[
    int | None, typer.Option("--every", metavar="N", rich_help_panel=OUTPUT, help="Note the loss every N iterations.")
]
Show = Annotated[
    int | None,
    typer.Option(
        "--show", metavar="N", rich_help_panel=OUTPUT, help="Also print the whole hand calculation of iteration N."
    ),
]


class Files(NamedTuple):
    """What is written beside the page: a spec, a table, three pictures."""

    save: str | None
    csv: str | None
    plot: str | None
    plot_boundary: str | None
    plot_path: str | None

    def prepare(self, spec: Network) -> None:
        """What can be seen to fail before the work is done fails before it."""
        from backpropcalc.notation.own_names import notation_of

        notation_of(spec)
        pictures = [path for path in (self.plot, self.plot_boundary, self.plot_path) if path]
        if pictures:
            from backpropcalc.execution import walk
            from backpropcalc.render import plot

            for path in pictures:
                plot.prepare(path)
            if self.plot_boundary:
                plot.two_inputs(spec)
            if self.plot_path:
                walk.several(spec)
                walk.pair(spec)

    def write(self, outcomes: list[Outcome]) -> None:
        """Write those that are asked for."""
        from backpropcalc.execution import saving
        from backpropcalc.execution.session import best

        if self.save:
            saving.save(best(outcomes), self.save)
        if self.csv:
            saving.losses(outcomes, self.csv)
        if self.plot or self.plot_boundary or self.plot_path:
            from backpropcalc.render import plot

            if self.plot:
                plot.losses(outcomes, self.plot)
            if self.plot_boundary:
                plot.boundary(best(outcomes), self.plot_boundary)
            if self.plot_path:
                plot.over_two(outcomes[0].spec, self.plot_path)


FILES = Group(
    under(
        OUTPUT,
        ("save", "FILE", "Write the spec with the trained parameters (.yaml)."),
        ("csv", "FILE", "Write the losses on the way as CSV."),
        ("plot", "FILE", "Draw the loss (.svg, .png, .pdf); needs [plot]."),
        ("plot_boundary", "FILE", "Draw the classes over two inputs; needs [plot]."),
        (
            "plot_path",
            "FILE",
            "Draw how the first two parameters trained go downhill with all samples, with batches "
            "and with one sample at a time; needs [plot].",
        ),
    ),
    Files,
)


@options(keys=spec_keys("train"), files=FILES, target=target(*PAGES, "json"))
def train(
    context: typer.Context,
    spec: SpecFile,
    target: Target,
    keys: Changes,
    files: Files,
    until_loss: Until = None,
    every: EveryN = None,
    show: Show = None,
    quiet: Quiet = False,
    whole: Every = False,
) -> None:
    """Many updates: the loss on the way, its curve, and the parameters and outputs at the end.

    Ctrl-C stops it with what it has. With --show N the hand calculation of one iteration is printed as well; with
    --latex, --markdown or -o it alone is. In HTML and PDF there are the curve, and of two inputs the boundary.

    Example: backpropcalc train net.yaml --epochs 100 --save trained.yaml
    """
    from backpropcalc import render
    from backpropcalc.execution.session import LINES, PATIENCE, at_iteration, compare
    from backpropcalc.pages.page import page
    from backpropcalc.pages.training import Training
    from backpropcalc.spec.load import load
    from backpropcalc.spec.network import as_network

    from .progress import interruptible

    loaded = _changed(as_network(load(spec)), keys)
    patience = None
    if until_loss is not None and not {"iterations", "epochs"} & {*keys, *loaded.places}:
        loaded, patience = loaded.override(iterations=PATIENCE), LINES
    _check(every)
    until = None if until_loss is None else _loss(until_loss)
    ended = None if show is None else at_iteration(loaded, show)
    files.prepare(loaded)
    with interruptible(quiet) as watch:
        outcomes = compare(loaded, every, until, watch, patience)
    files.write(outcomes)
    shown = None if ended is None else page(ended, first=ended.iterations, every=whole)
    report = Training(outcomes, every, shown, whole)
    alone = target.form != "json" and (target.form != "terminal" or target.file)
    document = shown if shown and alone else report
    looks = target.looks(command=as_typed(context), every=whole) | {"quiet": quiet and document is report}
    target.write(lambda out: render.write(document, out, target.form, **looks))
    if target.form == "terminal" and not target.file:
        _also(files, shown, show, target.looks(every=whole))
    if outcomes[-1].stopped == "interrupted":
        raise typer.Exit(130)


def _changed(spec: Network, keys: Changes) -> Network:
    from dataclasses import replace

    if keys.get("iterations") == 0 and "epochs" not in keys:  # nothing but the numbers that are drawn at the start
        return replace(spec.override(**{**keys, "iterations": None}), iterations=0, epochs=None)
    return spec.override(**keys)


def _check(every: int | None) -> None:
    if every is not None and every < 1:
        from backpropcalc.errors import fail

        raise fail("usage", f"--every must be at least 1, not {every}")


def _also(files: Files, shown: Page | None, iteration: int | None, looks: Mapping[str, Any]) -> None:
    """What stands below the report: the files that were written, the hand calculation of one iteration."""
    from backpropcalc import render
    from backpropcalc.errors import printable

    for path in filter(None, files):
        print(f" wrote {printable(path)}")
    if shown is not None:
        print(f"\n Hand calculation of iteration {iteration:,}\n")
        render.write(shown, sys.stdout, **looks)


def _loss(text: str) -> float:
    from backpropcalc.algebra.arithmetic import to_float
    from backpropcalc.spec.keys import Key
    from backpropcalc.spec.shapes import Rates

    (number,) = Key("until_loss", Rates(), "").flagged(text)
    return to_float(number.text)
