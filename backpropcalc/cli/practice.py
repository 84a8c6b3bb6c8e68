"""``backpropcalc practice``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from backpropcalc.marking.tutor import Tutor

from .options import ASKED, Ascii, Asked, Changes, SpecFile, options, spec_keys, write

Save = Annotated[
    str | None, typer.Option("--save", metavar="FILE", help="Keep how far you are in FILE (.json), and go on from it.")
]
Wrong = Annotated[
    str | None,
    typer.Option("--wrong", metavar="ANSWERS", help="Only what is wrong or missing in this answer file."),
]


TOGETHER = "\u00a0·\u00a0"
"""Where a line does not end within a product."""


@options(keys=spec_keys("practice"), asked=ASKED)
def practice(
    spec: SpecFile, asked: Asked, keys: Changes, save: Save = None, wrong: Wrong = None, ascii: Ascii = False
) -> None:
    """Work the calculation line by line, each line judged at once as check judges it, with hints where you are stuck.

    Type a number, a fraction or your working; or hint, why, skip, back, show, quit. With --save what you have done is
    kept, and the next time you go on from there; once all is done, what was not right at once is asked again.

    Example: backpropcalc practice net.yaml --phase backward --save progress.json
    """
    from backpropcalc.errors import fail
    from backpropcalc.marking.examination import Examination, questions
    from backpropcalc.marking.judge.marks import WRONG
    from backpropcalc.marking.progress import Progress, load
    from backpropcalc.marking.tutor import Tutor
    from backpropcalc.spec.load import load as load_spec

    if spec == "-" or wrong == "-":
        raise fail("usage", "standard input is for your answers", "give the name of a file")
    described = load_spec(spec).override(**keys)
    page = questions(described, asked.only, asked.phases)
    progress = load(save, described) if save else Progress.of(described)
    wanted = None
    if wrong is not None:
        wanted = [mark.var.id for mark in Examination(page).paper(wrong).marks if mark.verdict in WRONG]
    tutor = Tutor(page, progress, wanted)
    if tutor.done and progress.weak:
        tutor = Tutor(page, Progress(progress.spec), progress.weak)

    def keep() -> None:
        if save:
            write(save, lambda out: print(tutor.progress.text(), end="", file=out))

    _talk(tutor, _printer(ascii), keep)


def _talk(tutor: Tutor, say: Callable[[list[str]], None], keep: Callable[[], None]) -> None:
    """Question and answer until all is done, the input ends or the student quits; kept after every answer."""
    ask = _asker()
    say(tutor.question())
    while not tutor.done:
        typed = ask()
        if typed is None or typed.strip().casefold() in ("quit", "exit", "q"):
            break
        said = tutor.reply(typed)
        keep()
        say(said)
    say(["", *tutor.summary()])


def _asker() -> Callable[[], str | None]:
    """What gives the next line that is typed, or None at the end; at a terminal it can be edited."""
    if sys.stdin.isatty():
        with suppress(ImportError):
            import readline

            readline.set_auto_history(True)
    stdin = sys.stdin
    if hasattr(stdin, "reconfigure"):
        stdin.reconfigure(errors="replace")
    prompt = "> " if stdin.isatty() and sys.stdout.isatty() else ""

    def ask() -> str | None:
        try:
            return input(prompt)
        except EOFError:
            return None

    return ask


def _printer(ascii: bool) -> Callable[[list[str]], None]:
    """What prints paragraphs, wrapped to the width of the terminal."""
    from shutil import get_terminal_size
    from textwrap import wrap

    from backpropcalc.render.ascii import can_write, to_ascii

    plain = ascii or not can_write(sys.stdout)

    def say(paragraphs: list[str]) -> None:
        width = max(20, min(get_terminal_size().columns, 100) - 1)
        for text in paragraphs:
            for line in wrap(text.replace(" · ", TOGETHER), width, break_on_hyphens=False) or [""]:
                line = line.replace(TOGETHER, " · ")
                print(to_ascii(line) if plain else line)
        sys.stdout.flush()

    return say
