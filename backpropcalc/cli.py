"""The command line: decode, one library call, encode. Errors become exit codes here and nowhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from .errors import InputError, fail, one_of, printable

if TYPE_CHECKING:
    from .render.rows import Page

app = typer.Typer(
    name="backpropcalc",
    help="Backpropagation by hand: every line of the calculation, for any dense network.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

PHASES = ("forward", "loss", "backward", "update", "after")

SpecFile = Annotated[str, typer.Argument(metavar="SPEC", help="The spec file (YAML), or - for standard input.")]
Latex = Annotated[bool, typer.Option("--latex", help="Print LaTeX.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print Markdown with math fences.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Standalone = Annotated[bool, typer.Option("--standalone", help="With --latex: a whole document.")]
Output = Annotated[
    str | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Write to FILE, in the form of its suffix: .tex .md .json .txt."
    ),
]
NotationName = Annotated[str | None, typer.Option("--notation", help="mazur, layered, phi, mlp or letters.")]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="NAME", help="Only this quantity and what it is computed from (repeatable)."),
]
Phase = Annotated[
    list[str] | None, typer.Option("--phase", help="Only this phase: forward, loss, backward, update (repeatable).")
]
Decimals = Annotated[int | None, typer.Option("--decimals", metavar="N", help="Decimals shown, 0 to 15.")]
Significant = Annotated[
    int | None, typer.Option("--significant", metavar="N", help="Significant digits shown, 1 to 15.")
]
Carry = Annotated[str | None, typer.Option("--carry", help="full, or rounded: go on with the rounded values.")]
Chain = Annotated[str | None, typer.Option("--chain", help="factors: three named factors; delta: δ first, reused.")]
View = Annotated[str | None, typer.Option("--view", help="scalar: a line for every number.")]
Iterations = Annotated[int | None, typer.Option("--iterations", metavar="N", help="How many updates to work through.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only the result.")]
Every = Annotated[bool, typer.Option("--all", help="Work every line in full, however large the network.")]
Ascii = Annotated[bool, typer.Option("--ascii", help="Plain ASCII in the terminal.")]


@app.command()
def run(
    spec: SpecFile,
    latex: Latex = False,
    markdown: Markdown = False,
    json: Json = False,
    standalone: Standalone = False,
    output: Output = None,
    notation: NotationName = None,
    only: Only = None,
    phase: Phase = None,
    decimals: Decimals = None,
    significant: Significant = None,
    carry: Carry = None,
    chain: Chain = None,
    view: View = None,
    iterations: Iterations = None,
    quiet: Quiet = False,
    every: Every = False,
    ascii: Ascii = False,
) -> None:
    """The hand calculation: forward pass, loss, backward pass, update, and the loss after it."""
    from .render.rows import page
    from .spec import load

    style = {
        "notation": notation, "decimals": decimals, "significant": significant, "carry": carry, "chain": chain,
        "view": view, "iterations": iterations,
    }  # fmt: skip
    loaded = load(spec).override(**{key: value for key, value in style.items() if value is not None})
    form = form_of(output, latex=latex, markdown=markdown, json=json)
    options: dict[str, Any] = {"quiet": quiet}
    if form == "terminal":
        options |= {"ascii": ascii, "every": every}
    if form == "latex":
        options["standalone"] = standalone or bool(output)
    sheet = page(loaded, only=only or (), phases=phases(phase))
    write(output, lambda out: _render(sheet, out, form, options))


def _render(sheet: Page, out: TextIO, form: str, options: dict[str, Any]) -> None:
    from .render import render

    render(sheet, out, form, **options)


def phases(names: list[str] | None) -> frozenset[str]:
    """The phases asked for; ``update`` brings what comes after it."""
    for name in names or ():
        if name not in PHASES:
            raise fail("usage", f"--phase cannot be {printable(name)!r}", one_of(name, PHASES))
    return frozenset(names or ())


def form_of(output: str | None, **flags: bool) -> str:
    """The output form that the flags or the suffix of the file name."""
    from pathlib import PurePath

    from .render import SUFFIXES

    chosen = [name for name, on in flags.items() if on]
    if len(chosen) > 1:
        raise fail("usage", f"--{chosen[0]} and --{chosen[1]} exclude each other")
    if output is None or chosen:
        return chosen[0] if chosen else "terminal"
    suffix = PurePath(output).suffix.lower()
    if suffix not in SUFFIXES:
        raise fail("usage", f"no output form has the suffix {printable(suffix)!r}", one_of(suffix, tuple(SUFFIXES)))
    return SUFFIXES[suffix]


def write(output: str | None, action: Callable[[TextIO], None]) -> None:
    """Let ``action`` write to standard output or to the file ``output``, whole or not at all."""
    if output is None:
        action(sys.stdout)
        return
    from .files import whole

    with whole(output) as stream:
        action(stream)


@app.command()
def examples(
    name: Annotated[str | None, typer.Argument(help="The example to write into this folder.")] = None,
) -> None:
    """List the specs that come with the program, or write one of them here."""
    from .examples import copy, listing

    if name is None:
        for example, title in listing():
            print(f"{example:<24} {title}")
    else:
        path = copy(name)
        print(f"wrote {path}; now: backpropcalc run {path}")


def _version(wanted: bool) -> None:
    if wanted:
        from . import __version__

        print(f"backpropcalc {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Backpropagation by hand: every line of the calculation, for any dense network."""


def main(arguments: list[str] | None = None) -> None:
    """The program: exit code 0 if done, 2 if what was given is at fault; a closed pipe ends quietly."""
    # Files and pipes get UTF-8 everywhere; a terminal keeps the encoding it can show.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and not stream.isatty() and "PYTHONIOENCODING" not in os.environ:
            stream.reconfigure(encoding="utf-8")
    try:
        app(arguments, standalone_mode=True)
    except InputError as error:
        print(f"{error.report()}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - the interpreter flushes it at exit
        sys.exit(0)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
