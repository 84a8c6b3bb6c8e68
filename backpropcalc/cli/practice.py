"""``backpropcalc practice``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from backpropcalc.marking.progress import Progress
    from backpropcalc.marking.tutor import Tutor
    from backpropcalc.spec.model import Spec

from .options import ASKED, Ascii, Asked, Changes, SpecFile, options, spec_keys, write

Save = Annotated[
    str | None, typer.Option("--save", metavar="FILE", help="Keep how far you are in FILE (.json), and go on from it.")
]
Wrong = Annotated[
    str | None,
    typer.Option("--wrong", metavar="ANSWERS", help="Only what is wrong or missing in this answer file."),
]


New = Annotated[bool, typer.Option("--new", help="New numbers in each round.")]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="With --new: the seed of the first numbers.")]
TOGETHER = "\u00a0·\u00a0"
"""Where a line does not end within a product."""


@options(keys=spec_keys("practice"), asked=ASKED)
def practice(
    spec: SpecFile,
    asked: Asked,
    keys: Changes,
    save: Save = None,
    wrong: Wrong = None,
    new: New = False,
    seed: Seed = None,
    ascii: Ascii = False,
) -> None:
    """Work the calculation line by line, each line judged at once as check judges it, with hints where you are stuck.

    Type a number, a fraction or your working; or hint, why, skip, back, show, quit. With --save what you have done is
    kept, and the next time you go on from there; once all is done, what was not right at once is asked again. With
    --new each round has numbers of its own, drawn as exam draws those of a form.

    Example: backpropcalc practice net.yaml --phase backward --save progress.json
    """
    from backpropcalc.marking.examination import questions
    from backpropcalc.marking.tutor import Tutor
    from backpropcalc.spec.load import load

    _possible(spec, wrong, new, seed)
    described = load(spec).override(**keys)
    progress = _begun(described, asked, save, wrong)
    if new and not progress.lines:
        from random import randrange

        progress.seed = randrange(1, 10**6) if seed is None else seed

    def tutor_of(progress: Progress) -> Tutor:
        numbers = described if not progress.seed else _renewed(described, keys, asked, progress.seed)
        return Tutor(questions(numbers, asked.only, asked.phases), progress)

    tutor = tutor_of(progress)
    if tutor.done and (progress.weak or new):
        tutor = tutor_of(progress.again(progress.seed + new))

    def keep() -> None:
        if save:
            write(save, lambda out: print(tutor.progress.text(), end="", file=out))

    _talk(tutor, _printer(ascii), keep)


def _possible(spec: str, wrong: str | None, new: bool, seed: int | None) -> None:
    """Raises ``InputError`` for options that cannot be."""
    from backpropcalc.errors import fail

    if spec == "-" or wrong == "-":
        raise fail("usage", "standard input is for your answers", "give the name of a file")
    if seed is not None and not new:
        raise fail("usage", "--seed goes with --new")


def _begun(spec: Spec, asked: Asked, save: str | None, wrong: str | None) -> Progress:
    """What was saved, or the beginning; of what an answer file got wrong if there is one."""
    from backpropcalc.marking.examination import Examination, questions
    from backpropcalc.marking.judge.marks import WRONG
    from backpropcalc.marking.progress import Progress, load

    progress = load(save, spec) if save else Progress.of(spec)
    if wrong is not None:
        paper = Examination(questions(spec, asked.only, asked.phases)).paper(wrong)
        progress.asked = [mark.var.id for mark in paper.marks if mark.verdict in WRONG]
    return progress


def _renewed(spec: Spec, keys: Changes, asked: Asked, seed: int) -> Spec:
    """The spec with numbers of its own, asking for what it asked for. Raises ``InputError`` if none can be drawn."""
    from backpropcalc.exam.forms import Drawing

    flags = {name: str(value) for name, value in keys.items()}
    drawn: Spec = Drawing(spec, asked.only or sorted(asked.phases), flags, seed).form("A").questions.spec
    return replace(drawn, marking=drawn.marking._replace(only=spec.marking.only))


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
