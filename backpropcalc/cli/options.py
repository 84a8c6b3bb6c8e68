"""What the commands share: options that stand for several, where output goes, and the arguments.

``@options(keys=spec_keys("run"), target=target("latex"))`` puts the options of each group in the place of the parameter
of that name; the command gets what the group makes of their values.
"""

from __future__ import annotations

import inspect
import shlex
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter
from typing import Annotated, Any, NamedTuple, TextIO

import typer

from backpropcalc.errors import fail, one_of, printable
from backpropcalc.spec.keys import Key, flags_of
from backpropcalc.spec.shapes import Choice

PHASES = ("forward", "loss", "backward", "update", "after")
PART, OUTPUT, KEYS = "Part of the calculation", "Output", "Instead of the keys of the spec"
"""Under which headings the help lists the options."""

SpecFile = Annotated[str, typer.Argument(metavar="SPEC", help="The spec file (YAML), or - for standard input.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", rich_help_panel=OUTPUT, help="Only the result.")]
Ascii = Annotated[bool, typer.Option("--ascii", rich_help_panel=OUTPUT, help="Plain ASCII in the terminal.")]
Every = Annotated[
    bool, typer.Option("--all", rich_help_panel=OUTPUT, help="Write every line in full, however large the network.")
]
Changes = Mapping[str, Any]
"""The keys of the spec that are set anew, by their names."""


class Group(NamedTuple):
    """Several options, and what is made of their values."""

    options: tuple[Parameter, ...]
    made: Callable[..., Any]


def options(**groups: Group) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A command with the options of each group in the place of the parameter of that name."""

    def expand(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command, eval_str=True)
        parameters = [
            option.replace(kind=Parameter.KEYWORD_ONLY)
            for name, parameter in signature.parameters.items()
            for option in (groups[name].options if name in groups else (parameter,))
        ]

        @wraps(command)
        def expanded(**values: object) -> None:
            made = {
                name: group.made(**{option.name: values.pop(option.name) for option in group.options})
                for name, group in groups.items()
            }
            command(**values, **made)

        vars(expanded)["__signature__"] = signature.replace(parameters=parameters)
        expanded.__annotations__ = {}
        return expanded

    return expand


def option(name: str, typed: Any, help: str, *flags: str, **more: Any) -> Parameter:
    """An option that is left out unless it is given; without ``flags`` it is called as the parameter."""
    default = False if typed is bool else None
    given = typer.Option(default, *(flags or ("--" + name.replace("_", "-"),)), help=help, **more)
    return Parameter(name, Parameter.KEYWORD_ONLY, default=given, annotation=typed if typed is bool else typed | None)


def under(panel: str, *rows: tuple[str, str, str]) -> tuple[Parameter, ...]:
    """Options under a heading: of each its name, what stands for its value (nothing if it is a switch), its help."""
    return tuple(
        option(name, str if metavar else bool, help, metavar=metavar or None, rich_help_panel=panel)
        for name, metavar, help in rows
    )


def only_one(**flags: bool) -> str:
    """The flag that is on, empty if none is. Raises ``InputError`` if several are."""
    on = [name.replace("_", "-") for name, given in flags.items() if given]
    if len(on) > 1:
        raise fail("usage", f"--{on[0]} and --{on[1]} exclude each other")
    return on[0] if on else ""


def spec_keys(command: str) -> Group:
    """A flag for each key of the spec that the command may set anew."""

    def made(**values: object) -> Changes:
        return {name: value for name, value in values.items() if value is not None and value is not False}

    return Group(tuple(_flag(key) for key in flags_of(command).values()), made)


def _flag(key: Key) -> Parameter:
    shape, more = key.readable, dict[str, Any]()
    if isinstance(shape, Choice):
        words = shape.words

        def matching(incomplete: str) -> list[str]:
            return [word for word in words if word.startswith(incomplete)]

        more["autocompletion"] = matching
    help = key.plain if key.about.startswith("`") else key.plain[0].upper() + key.plain[1:]
    return option(
        key.name, shape.typed, help + ".", key.flag, metavar=shape.metavar or None, rich_help_panel=KEYS, **more
    )


class Asked(NamedTuple):
    """The part of a calculation that is asked for; nothing is all of it."""

    only: tuple[str, ...]
    phases: frozenset[str]


def _asked(only: list[str] | None, phase: list[str] | None) -> Asked:
    for name in phase or ():
        if name not in PHASES:
            raise fail("usage", f"--phase cannot be {printable(name)!r}", one_of(name, PHASES))
    return Asked(tuple(only or ()), frozenset(phase or ()))


ASKED = Group(
    (
        option("only", list[str], "Only this quantity and what it is computed from (repeatable).",
               metavar="NAME", rich_help_panel=PART),
        option("phase", list[str], f"Only this phase: {', '.join(PHASES)} (repeatable).",
               metavar="PHASE", rich_help_panel=PART, autocompletion=lambda: list(PHASES)),
    ),
    _asked,
)  # fmt: skip


def as_typed(context: typer.Context) -> str:
    """The command as it was typed, for the foot of a page."""
    return shlex.join(("backpropcalc", *(context.obj or ())))


class Target(NamedTuple):
    """Where a page goes, and in which form."""

    form: str
    file: str | None = None
    standalone: bool = False
    ascii: bool = False
    drawn: bool = False

    def looks(self, backward: bool = False, command: str = "", every: bool = False, **terminal: Any) -> dict[str, Any]:
        """What the writer of the form is told; ``terminal`` is for that of the terminal and of the browser.

        A picture alone is of the gradients if the ``backward`` pass alone is asked for; the ``command`` as it was typed
        is for the foot of a page; ``every`` leaves nothing out.
        """
        all_of_it = {"every": True} if every else {}
        return {
            "terminal": {"ascii": self.ascii, **all_of_it, **terminal},
            "html": {"command": command, **all_of_it, **terminal},
            "latex": {"standalone": self.standalone, "drawn": self.drawn, **all_of_it},
            "markdown": all_of_it,
            "docx": all_of_it,
            "pdf": {"drawn": self.drawn, **all_of_it},
            "typst": {"drawn": self.drawn},
            "svg": {"backward": backward},
            "tikz": {"backward": backward},
        }.get(self.form, {})

    def write(self, action: Callable[[TextIO], None]) -> None:
        """Let ``action`` write to standard output or to the file, whole or not at all."""
        write(self.file, action)


FORMS = {
    "latex": "Print LaTeX.",
    "markdown": "Print Markdown with math fences.",
    "html": "Print a page for the browser, in one file.",
    "typst": "Print Typst, a whole document.",
    "json": "Print JSON.",
    "dot": "Print an expression graph as Graphviz source.",
}


def target(*forms: str) -> Group:
    """Where the page of a command goes that has these forms beside that of the terminal."""
    from backpropcalc.render import MADE_OF, SUFFIXES

    suffixes = {suffix: form for suffix, form in SUFFIXES.items() if MADE_OF.get(form, form) in (*forms, "terminal")}

    def made(output: str | None, ascii: bool, standalone: bool = False, picture: bool = False, **flags: bool) -> Target:
        file = None if output == "-" else output
        chosen = only_one(**flags)
        return Target(_form(file, chosen, suffixes), file, standalone or bool(file), ascii, picture)

    flags = [(form, "", FORMS[form]) for form in forms if form in FORMS]
    if "latex" in forms:
        flags.append(("standalone", "", "With --latex: a whole document."))
    if "tikz" in forms:
        flags.append(("picture", "", "With --latex, --typst and for a PDF: also the picture of the network."))
    file = file_option(f"in the form of its suffix: {' '.join(suffixes)}")
    return Group((*under(OUTPUT, *flags), file, *under(OUTPUT, ("ascii", "", "Plain ASCII in the terminal."))), made)


def file_option(what: str) -> Parameter:
    """``-o``, which writes ``what`` to a file."""
    help = f"Write to FILE, {what}; - is standard output."
    return option("output", str, help, "-o", "--output", metavar="FILE", rich_help_panel=OUTPUT)


def output(what: str) -> Group:
    """``-o`` alone: the name of a file, - for standard output, or None."""
    return Group((file_option(what),), lambda output: output)


def _form(file: str | None, chosen: str, suffixes: Mapping[str, str]) -> str:
    """The output form that a flag or the suffix of the file names."""
    from pathlib import PurePath

    from backpropcalc.render import SUFFIXES

    if file is None:
        return chosen or "terminal"
    suffix = PurePath(file).suffix.lower()
    named = suffixes.get(suffix)
    if chosen and SUFFIXES.get(suffix) in (chosen, "terminal", None):
        return chosen
    if chosen:
        raise fail("usage", f"--{chosen} and a file that ends in {suffix} exclude each other")
    if named is None:
        help = "the name must end in " + ", ".join(suffixes)
        raise fail("usage", f"{printable(file)} names no output form", help)
    return named


def write(file: str | None, action: Callable[[TextIO], None]) -> None:
    """Let ``action`` write to standard output, if there is no file or it is -, or to the file, whole or not at all."""
    if file is None or file == "-":
        action(sys.stdout)
        return
    from backpropcalc.files import whole

    with whole(file) as stream:
        action(stream)
