"""What the commands share: the options, and where output goes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, TextIO

import typer

from backpropcalc.errors import fail, one_of, printable

PHASES = ("forward", "loss", "backward", "update", "after")

SpecFile = Annotated[str, typer.Argument(metavar="SPEC", help="The spec file (YAML), or - for standard input.")]
Latex = Annotated[bool, typer.Option("--latex", help="Print LaTeX.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print Markdown with math fences.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Dot = Annotated[bool, typer.Option("--dot", help="Print an expression graph as Graphviz source.")]
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
    list[str] | None,
    typer.Option("--phase", help="Only this phase: forward, loss, backward, update, after (repeatable)."),
]
Decimals = Annotated[int | None, typer.Option("--decimals", metavar="N", help="Decimals shown, 0 to 15.")]
Significant = Annotated[
    int | None, typer.Option("--significant", metavar="N", help="Significant digits shown, 1 to 15.")
]
Carry = Annotated[str | None, typer.Option("--carry", help="full, or rounded: go on with the rounded values.")]
Chain = Annotated[
    str | None, typer.Option("--chain", help="factors: three named; delta: δ first, reused; full: every path.")
]
Exact = Annotated[bool, typer.Option("--exact", help="Fractions and exact e^x throughout, the decimals beside them.")]
View = Annotated[str | None, typer.Option("--view", help="scalar: a line for every number; matrix: whole layers.")]
Iterations = Annotated[int | None, typer.Option("--iterations", metavar="N", help="How many updates to work through.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only the result.")]
Every = Annotated[bool, typer.Option("--all", help="Work every line in full, however large the network.")]
Ascii = Annotated[bool, typer.Option("--ascii", help="Plain ASCII in the terminal.")]
Picture = Annotated[
    str | None,
    typer.Option("--plot", metavar="FILE", help="Also draw a gradient descent (.svg, .png, .pdf); needs [plot]."),
]


def phases(names: list[str] | None) -> frozenset[str]:
    """The phases asked for; none is all."""
    for name in names or ():
        if name not in PHASES:
            raise fail("usage", f"--phase cannot be {printable(name)!r}", one_of(name, PHASES))
    return frozenset(names or ())


def form_of(output: str | None, **flags: bool) -> str:
    """The output form that the flags or the suffix of the file name."""
    from pathlib import PurePath

    from backpropcalc.render import SUFFIXES

    chosen = [name for name, on in flags.items() if on]
    if len(chosen) > 1:
        raise fail("usage", f"--{chosen[0]} and --{chosen[1]} exclude each other")
    if output is None:
        return chosen[0] if chosen else "terminal"
    suffix = PurePath(output).suffix.lower()
    named = SUFFIXES.get(suffix)
    if chosen and named in (chosen[0], "terminal", None):
        return chosen[0]
    if chosen:
        raise fail("usage", f"--{chosen[0]} and a file that ends in {suffix} exclude each other")
    if named is None:
        help = one_of(suffix, tuple(SUFFIXES)) if suffix else "the name must end in " + ", ".join(SUFFIXES)
        raise fail("usage", f"{printable(output)} names no output form", help)
    return named


def write(output: str | None, action: Callable[[TextIO], None]) -> None:
    """Let ``action`` write to standard output or to the file ``output``, whole or not at all."""
    if output is None:
        action(sys.stdout)
        return
    from backpropcalc.files import whole

    with whole(output) as stream:
        action(stream)
