"""``backpropcalc new``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

Shape = Annotated[str, typer.Argument(metavar="SIZES", help="Inputs, hidden neurons, outputs: 2-3-1.")]
Random = Annotated[bool, typer.Option("--random", help="Draw the numbers: multiples of 0.05, easy to work with.")]
Seed = Annotated[
    int | None, typer.Option("--seed", metavar="N", min=0, help="Draw them, always the same for the same N.")
]
NewFile = Annotated[
    str | None, typer.Option("-o", "--output", metavar="FILE", help="Write to FILE, never over one that exists.")
]


def new(sizes: Shape, random: Random = False, seed: Seed = None, output: NewFile = None) -> None:
    """Write a commented spec to start from, its numbers drawn or left to be filled in."""
    from backpropcalc.errors import fail, printable
    from backpropcalc.spec.new import sizes_of, template
    from backpropcalc.spec.schema import folder

    if random and seed is None:
        from random import randrange

        seed = randrange(1000)
    text = template(sizes_of(sizes), seed, (folder() / "spec.json").as_uri())
    if output is None:
        sys.stdout.write(text)
        return
    try:
        with open(output, "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise fail("exists", f"{printable(output)} exists already; nothing was written") from None
    except OSError as error:
        raise fail("unwritable-file", f"cannot write {printable(output)}: {error.strerror}") from None
    print(f"wrote {printable(output)}; now: backpropcalc run {printable(output)}")
