"""``backpropcalc export``."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import SpecFile, options, output, write

Torch = Annotated[bool, typer.Option("--torch", help="Against PyTorch, which finds the gradients by itself.")]
NumPy = Annotated[bool, typer.Option("--numpy", help="Against NumPy, the gradients by central differences.")]


@options(file=output("the script"))
def export(spec: SpecFile, file: str | None, torch: Torch = False, numpy: NumPy = False) -> None:
    """Write a Python script that works the network in PyTorch or NumPy, and sets each value beside the one by hand.

    It prints every weighted sum, activation and gradient twice and stops where the two differ.

    Example: backpropcalc export net.yaml --torch -o check.py
    """
    from backpropcalc.errors import fail
    from backpropcalc.exchange.script import LIBRARIES, script
    from backpropcalc.spec.load import load
    from backpropcalc.spec.network import as_network

    if torch == numpy:
        raise fail("usage", "say which: --torch or --numpy")
    found = as_network(load(spec))
    write(file, lambda out: script(found, LIBRARIES["torch" if torch else "numpy"], out))
