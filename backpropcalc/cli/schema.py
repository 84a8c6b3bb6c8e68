"""``backpropcalc schema``."""

from __future__ import annotations

from .options import options, output, write


@options(file=output("the schema as JSON"))
def schema(file: str | None) -> None:
    """Print the JSON Schema of the spec file, by which an editor completes and checks it.

    Example: backpropcalc schema -o backpropcalc.schema.json
    """
    from backpropcalc.spec.schema import text

    write(file, lambda out: print(text(), end="", file=out))
