"""``backpropcalc schema``."""

from __future__ import annotations

from typing import TextIO

from .options import Output, write


def schema(output: Output = None) -> None:
    """Print the JSON Schema of the spec file, by which an editor completes and checks it."""
    from backpropcalc.spec.schema import text

    def action(out: TextIO) -> None:
        out.write(text())

    write(output, action)
