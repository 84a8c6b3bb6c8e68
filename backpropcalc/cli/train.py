"""``backpropcalc train``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from backpropcalc.errors import fail, printable

from .options import Ascii, Json, Latex, Markdown, Output, Quiet, SpecFile, Standalone, form_of, write

if TYPE_CHECKING:
    from backpropcalc.execution.session import Outcome, Watch
    from backpropcalc.spec.network import Network

PATIENCE = 0.7
"""Seconds after which a bar shows how far it is."""

Iterations = Annotated[int | None, typer.Option("--iterations", metavar="N", help="How many updates.")]
Epochs = Annotated[int | None, typer.Option("--epochs", metavar="N", help="How often all samples are gone through.")]
BatchSize = Annotated[
    int | None, typer.Option("--batch-size", metavar="N", help="Samples in each update: 1 is stochastic descent.")
]
Rates = Annotated[
    list[str] | None,
    typer.Option("--learning-rate", metavar="RATE", help="The learning rate; several are compared (repeatable)."),
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed of the shuffling.")]
Update = Annotated[str | None, typer.Option("--update", help="simultaneous or sequential.")]
Until = Annotated[str | None, typer.Option("--until-loss", metavar="LOSS", help="Stop at the first loss this small.")]
EveryN = Annotated[int | None, typer.Option("--every", metavar="N", help="Note the loss after every N iterations.")]
Show = Annotated[
    int | None, typer.Option("--show", metavar="N", help="Also print the whole hand calculation of iteration N.")
]
Save = Annotated[
    str | None, typer.Option("--save", metavar="FILE", help="Write the spec with the trained parameters (.yaml).")
]
Csv = Annotated[str | None, typer.Option("--csv", metavar="FILE", help="Write the losses on the way as CSV.")]
Plot = Annotated[
    str | None, typer.Option("--plot", metavar="FILE", help="Draw the loss (.svg, .png, .pdf); needs [plot].")
]
Boundary = Annotated[
    str | None,
    typer.Option("--plot-boundary", metavar="FILE", help="Draw the classes over two inputs; needs [plot]."),
]


def train(
    spec: SpecFile,
    iterations: Iterations = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: Rates = None,
    seed: Seed = None,
    update: Update = None,
    until_loss: Until = None,
    every: EveryN = None,
    show: Show = None,
    save: Save = None,
    csv: Csv = None,
    plot: Plot = None,
    plot_boundary: Boundary = None,
    json: Json = False,
    latex: Latex = False,
    markdown: Markdown = False,
    standalone: Standalone = False,
    output: Output = None,
    quiet: Quiet = False,
    ascii: Ascii = False,
) -> None:
    """Many updates: the loss on the way, its curve, and the parameters and outputs at the end.

    Ctrl-C stops it with what it has. With --show N the hand calculation of one iteration is printed as well; with
    --latex, --markdown or -o it alone is.
    """
    from backpropcalc import render
    from backpropcalc.execution.session import at_iteration, compare
    from backpropcalc.pages import page as pages
    from backpropcalc.pages.training import Training
    from backpropcalc.spec.load import load
    from backpropcalc.spec.network import as_network

    flags = {
        "iterations": iterations, "epochs": epochs, "batch_size": batch_size, "seed": seed, "update": update,
    }  # fmt: skip
    loaded = _with_rates(as_network(load(spec)), learning_rate)
    loaded = _overridden(loaded, {key: value for key, value in flags.items() if value is not None})
    if every is not None and every < 1:
        raise fail("usage", f"--every must be at least 1, not {every}")
    until = None if until_loss is None else _number(until_loss, "--until-loss")
    form = form_of(output, json=json, latex=latex, markdown=markdown)
    page = None if show is None else at_iteration(loaded, show)
    if page is None and (form not in ("terminal", "json") or (output and form != "json")):
        raise fail("usage", "--latex, --markdown and -o write the calculation of one iteration", "add --show N")
    _prepare(loaded, plot, plot_boundary)
    with _interruptible(quiet) as watch:
        outcomes = compare(loaded, every, until, watch)
    _files(outcomes, save, csv, plot, plot_boundary)
    shown = None if page is None else pages.page(page, first=page.iterations)
    report = Training(outcomes, every, shown)
    options: dict[str, Any] = {"terminal": {"ascii": ascii}, "latex": {"standalone": standalone or bool(output)}}.get(
        form, {}
    )
    if form == "json":
        write(output, lambda out: render.write(report, out, form))
    elif shown is not None and (form != "terminal" or output):
        calculation = shown
        write(output, lambda out: render.write(calculation, out, form, **options))
    else:
        render.write(report, sys.stdout, quiet=quiet, **options)
        for path in filter(None, (save, csv, plot, plot_boundary)):
            sys.stdout.write(f" wrote {printable(path)}\n")
        if page is not None and shown is not None:
            sys.stdout.write(f"\n Hand calculation of iteration {page.iterations:,}\n\n")
            render.write(shown, sys.stdout, **options)
    if outcomes[-1].stopped == "interrupted":
        raise typer.Exit(130)


def _with_rates(spec: Network, texts: list[str] | None) -> Network:
    from dataclasses import replace

    from backpropcalc.algebra.numbers import number
    from backpropcalc.algebra.terms import Num

    if not texts:
        return spec
    rates = []
    for text in texts:
        found = number(text)
        if found is None:
            raise fail("usage", f"--learning-rate must be a number, not {printable(text)!r}")
        rates.append(Num(found))
    return replace(spec, learning_rate=rates[0], learning_rates=tuple(rates))


def _overridden(spec: Network, flags: dict[str, Any]) -> Network:
    from dataclasses import replace

    if "iterations" in flags and "epochs" in flags:
        raise fail("usage", "give either --iterations or --epochs, not both")
    if flags.get("iterations") == 0:  # nothing but the numbers that are drawn at the start
        del flags["iterations"]
        return replace(spec.override(**flags), iterations=0, epochs=None)
    return spec.override(**flags)


def _number(text: str, option: str) -> float:
    from backpropcalc.algebra.arithmetic import to_float
    from backpropcalc.algebra.numbers import number

    found = number(text)
    if found is None:
        raise fail("usage", f"{option} must be a number, not {printable(text)!r}", "as in 1e-4")
    return to_float(found)


def _prepare(spec: Network, *pictures: str | None) -> None:
    """What can be seen to fail before the work is done fails before it."""
    if any(pictures):
        from backpropcalc.render import plot

        for path in pictures:
            if path:
                plot.prepare(path)
        if pictures[1]:
            plot.two_inputs(spec)


@contextmanager
def _interruptible(quiet: bool) -> Iterator[Watch]:
    """The first Ctrl-C asks the training to end, the second one is meant; long work shows a bar in a terminal."""
    import signal

    stopped: list[int] = []

    def ask(number: int, frame: object) -> None:
        if stopped:
            raise KeyboardInterrupt
        stopped.append(number)

    before = signal.signal(signal.SIGINT, ask)
    bar = None if quiet or not sys.stderr.isatty() else _Bar()

    def watch(done: int, total: int) -> bool:
        if bar:
            bar.see(done, total)
        return not stopped

    try:
        yield watch
    finally:
        signal.signal(signal.SIGINT, before)
        if bar:
            bar.end()


class _Bar:
    """A progress bar on standard error that appears when patience is needed."""

    def __init__(self) -> None:
        self.began = monotonic()
        self.progress: Any = None
        self.task: Any = None

    def see(self, done: int, total: int) -> None:
        """Show how far it is."""
        if self.progress is None:
            if monotonic() - self.began < PATIENCE:
                return
            from rich.console import Console
            from rich.progress import Progress

            self.progress = Progress(console=Console(stderr=True), transient=True)
            self.progress.start()
            self.task = self.progress.add_task("training", total=total)
        self.progress.update(self.task, completed=done, total=total)

    def end(self) -> None:
        """Take it away."""
        if self.progress is not None:
            self.progress.stop()


def _files(outcomes: list[Outcome], save: str | None, csv: str | None, plot: str | None, boundary: str | None) -> None:
    from backpropcalc.execution.session import best
    from backpropcalc.files import whole

    if save:
        from pathlib import Path

        from backpropcalc.execution.saving import text

        with whole(save) as stream:
            stream.write(text(best(outcomes), Path(save).parent))
    if csv:
        with whole(csv) as stream:
            _losses(outcomes, stream)
    if plot or boundary:
        from backpropcalc.render import plot as pictures

        if plot:
            pictures.losses(outcomes, plot)
        if boundary:
            pictures.boundary(best(outcomes), boundary)


def _losses(outcomes: list[Outcome], out: TextIO) -> None:
    several = len(outcomes) > 1
    out.write(("learning_rate," if several else "") + "iteration,epoch,loss\n")
    for found in outcomes:
        rate = found.spec.learning_rate
        head = f"{rate.text if rate else ''}," if several else ""
        per = found.spec.schedule.per_epoch
        out.writelines(f"{head}{n},{n / per:.12g},{loss!r}\n" for n, loss in found.history)
