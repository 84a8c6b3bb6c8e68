"""How long work shows how far it is, and how it is stopped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

T = TypeVar("T")
PATIENCE = 0.7
"""Seconds after which a bar shows how far it is."""


def watched(work: Iterable[T], what: str, total: int) -> Iterator[T]:
    """``work``, with a progress bar on a terminal."""
    if not sys.stderr.isatty():
        yield from work
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(work, what, total, console=Console(stderr=True), transient=True)


@contextmanager
def interruptible(quiet: bool) -> Iterator[Callable[[int, int], bool]]:
    """What is told how much of how much is done, and says whether to go on.

    The first Ctrl-C asks the work to end, the second one is meant; long work shows a bar in a terminal.
    """
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
        self.shown: tuple[Progress, TaskID] | None = None

    def see(self, done: int, total: int) -> None:
        """Show how far it is."""
        if self.shown is None:
            if monotonic() - self.began < PATIENCE:
                return
            from rich.console import Console
            from rich.progress import Progress

            progress = Progress(console=Console(stderr=True), transient=True)
            progress.start()
            self.shown = progress, progress.add_task("training", total=total)
        progress, task = self.shown
        progress.update(task, completed=done, total=total)

    def end(self) -> None:
        """Take it away."""
        if self.shown is not None:
            self.shown[0].stop()
