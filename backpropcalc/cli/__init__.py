"""The command line: decode, one library call, encode. Errors become exit codes here and nowhere else.

Others use ``main``. Each command is a function in a module of its own, which is imported only when it is asked for;
``commands`` lists them. ``options`` has what they share: a flag for each key of the spec that a command takes comes
from the table of keys.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated

import typer

from backpropcalc.errors import InputError, printable

from .commands import COMMANDS, function
from .help import Command, Program


def _version(wanted: bool) -> None:
    if wanted:
        from backpropcalc import __version__

        print(f"backpropcalc {__version__}")
        raise typer.Exit


def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Backpropagation by hand: every line of the calculation, for any dense network."""


def _app(words: list[str]) -> typer.Typer:
    """The program with the command that is asked for, or with all of them if none is."""
    asked = words[0] if words and words[0] in COMMANDS else None
    app = typer.Typer(
        name="backpropcalc",
        cls=Program,
        callback=_program,
        no_args_is_help=True,
        add_completion=asked is None,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in [asked] if asked else COMMANDS:
        panel, does = COMMANDS[name]
        app.command(name, cls=Command, rich_help_panel=panel, short_help=does)(_quietly(function(name)))
    return app


def _quietly(command: Callable[..., None]) -> Callable[..., None]:
    """``command``, which ends well when nobody reads its output any more, where typer would end it with 1."""

    @wraps(command)
    def run(*arguments: object, **options: object) -> None:
        try:
            command(*arguments, **options)
            sys.stdout.flush()
        except BrokenPipeError:
            _abandon()
        except KeyboardInterrupt:
            _stop()

    return run


def _stop() -> None:
    """Ctrl-C: a word, which typer would not say."""
    print("stopped", file=sys.stderr)
    sys.exit(130)


def _opened() -> None:
    """Standard streams where the caller has closed them: to read or write one is an error of the system.

    The number is taken, so that no file gets it, by what cannot be used; what is said on no standard error is lost.
    """
    for number, (name, mode, way) in enumerate(STREAMS):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, way), number)
            raw = io.FileIO(number, mode, closefd=False)
            whole = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
            setattr(sys, name, io.TextIOWrapper(whole, encoding="utf-8"))


STREAMS = (("stdin", "r", os.O_WRONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY))


def _encode(words: list[str]) -> None:
    """Files and pipes get UTF-8 everywhere. A terminal keeps its encoding, and what it lacks is no reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if not stream.isatty() and "PYTHONIOENCODING" not in os.environ:
                stream.reconfigure(encoding="utf-8")
            if stream is sys.stdout:
                codecs.register_error("json", _escaped)
                stream.reconfigure(errors="json" if "--json" in words else "replace")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """What cannot be encoded as JSON has it: ``\\u2202``; outside of strings JSON is ASCII anyway."""
    import json

    assert isinstance(error, UnicodeEncodeError)
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def _abandon() -> None:
    """Nothing more is written to standard output: what is held back would fail once more when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: list[str] | None = None) -> None:
    """The program: exit code 0 if done, 2 if what was given is at fault; a closed pipe ends quietly.

    What should not happen ends with 70 and a sentence; with BACKPROPCALC_DEBUG set, after its traceback.
    """
    words = sys.argv[1:] if arguments is None else arguments
    _opened()
    _encode(words)
    try:
        try:
            _app(words)(words, prog_name="backpropcalc", obj=words)
        finally:
            sys.stdout.flush()
    except InputError as error:
        print(f"{error.report()}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        _abandon()
        print(f"cannot write: {error.strerror or error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        _stop()
    except Exception as error:
        _confess(words, error)
        sys.exit(70)


def _confess(words: list[str], error: Exception) -> None:
    """Say that it is the program's own mistake."""
    import shlex

    if os.environ.get("BACKPROPCALC_DEBUG"):
        import traceback

        traceback.print_exception(error)
    command = printable(shlex.join(["backpropcalc", *words]), 1000)
    print(
        f"this is a mistake of backpropcalc ({type(error).__name__}), not yours: please report it with the spec and "
        f"the command `{command}`; BACKPROPCALC_DEBUG=1 shows where it happened",
        file=sys.stderr,
    )
