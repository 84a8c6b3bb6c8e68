"""What a page of the terminal is written to: how wide it is, and how each style begins and ends there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple, TextIO

STYLES = {
    "given": "blue", "name": "cyan", "value": "bold", "note": "italic yellow", "warning": "yellow", "missing": "yellow",
    "correct": "green", "rounded": "green", "follows": "green", "solution": "green",
    "mistake": "bold red", "unreadable": "red", "heading": "bold", "strong": "bold", "rule": "dim",
}  # fmt: skip
"""What each colour says, on every page: blue is given, cyan a name, bold a result, yellow a remark or what is missing,
green is right, red is wrong. Working has none."""
USUAL = 80
_ONE = "."


class Screen(NamedTuple):
    """The columns of a page, and what stands before and behind a text of each style: nothing without colour."""

    width: int
    paint: Mapping[str, tuple[str, str]]


def screen(out: TextIO) -> Screen:
    """What ``out`` can show. Terminals are rich's to know; for a file or a pipe it need not be loaded."""
    if not out.isatty() and not os.environ.get("FORCE_COLOR") and os.environ.get("TTY_COMPATIBLE") != "1":
        return Screen(_columns(), {})
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out, highlight=False, markup=False, emoji=False, force_jupyter=False)

    def painter(look: str) -> tuple[str, str]:
        with console.capture() as capture:
            console.print(Text(_ONE, style=look), end="")
        before, _, behind = capture.get().partition(_ONE)
        return before, behind

    return Screen(console.width, {style: painter(look) for style, look in STYLES.items()})


def _columns() -> int:
    """The columns that COLUMNS says, or those of the terminal that a pipe begins or ends at."""
    said = os.environ.get("COLUMNS", "")
    if said.isdigit():
        return int(said)
    for descriptor in range(3):
        try:
            return os.get_terminal_size(descriptor).columns or USUAL
        except OSError:
            continue
    return USUAL
