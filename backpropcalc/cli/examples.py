"""``backpropcalc examples``."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import options

Name = Annotated[str | None, typer.Argument(help="The example to write into this folder.")]


@options()
def examples(name: Name = None) -> None:
    """List the specs that come with the program, or write one of them here.

    Example: backpropcalc examples mazur
    """
    from backpropcalc.spec.examples import copy, listing

    if name is None:
        for example, title in listing():
            print(f"{example:<24} {title}")
    else:
        path = copy(name)
        print(f"wrote {path}; now: backpropcalc run {path}")
