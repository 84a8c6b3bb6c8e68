"""Every command: under which heading the help has it, and the function, which is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Function = Callable[..., None]
WORK, MARK, TRAIN, LOOK_UP = "Work", "Mark", "Train", "Look up and start"


class Entry(NamedTuple):
    """A command: its heading, and what it does in a few words."""

    panel: str
    does: str


def function(name: str) -> Function:
    """The function of a command; only its module is imported."""
    match name:
        case "run":
            from .run import run as command
        case "derive":
            from .derive import derive as command
        case "check":
            from .check import check as command
        case "grade":
            from .grade import grade as command
        case "answers":
            from .answers import answers as command
        case "practice":
            from .practice import practice as command
        case "exam":
            from .exam import exam as command
        case "train":
            from .train import train as command
        case "predict":
            from .predict import predict as command
        case "info":
            from .info import info as command
        case "functions":
            from .functions import functions as command
        case "examples":
            from .examples import examples as command
        case "new":
            from .new import new as command
        case "export":
            from .export import export as command
        case "schema":
            from .schema import schema as command
        case _:
            raise KeyError(name)
    return command


COMMANDS = {
    "run": Entry(WORK, "the hand calculation, line by line"),
    "derive": Entry(WORK, "the same in symbols, each derivative derived"),
    "answers": Entry(MARK, "writes the answer file to fill in"),
    "check": Entry(MARK, "marks a student's answers, and says why"),
    "grade": Entry(MARK, "marks a folder of answer files"),
    "practice": Entry(MARK, "asks line after line, with hints"),
    "exam": Entry(MARK, "writes an exam: the sheet and its key"),
    "train": Entry(TRAIN, "many updates: losses, curve, final parameters"),
    "predict": Entry(TRAIN, "forward only: outputs, classes, accuracy"),
    "info": Entry(LOOK_UP, "layers, sizes, parameters; what a name means"),
    "functions": Entry(LOOK_UP, "the activations and losses, each with its plot"),
    "examples": Entry(LOOK_UP, "lists the specs that come along, copies one"),
    "new": Entry(LOOK_UP, "writes a commented spec to start from"),
    "export": Entry(LOOK_UP, "a script that checks it against PyTorch or NumPy"),
    "schema": Entry(LOOK_UP, "prints the JSON Schema of the spec, for editors"),
}
"""In the order of ``--help``."""
