"""Every command: under which heading the help has it, and the function, which is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Function = Callable[..., None]
WORK, MARK, TRAIN, LOOK_UP = "Work", "Mark", "Train", "Look up and start"


class Entry(NamedTuple):
    """A command: its heading, what it does in a few words, and what imports it."""

    panel: str
    does: str
    load: Callable[[], Function]


def _run() -> Function:
    from .run import run

    return run


def _derive() -> Function:
    from .derive import derive

    return derive


def _check() -> Function:
    from .check import check

    return check


def _grade() -> Function:
    from .grade import grade

    return grade


def _answers() -> Function:
    from .answers import answers

    return answers


def _practice() -> Function:
    from .practice import practice

    return practice


def _exam() -> Function:
    from .exam import exam

    return exam


def _train() -> Function:
    from .train import train

    return train


def _predict() -> Function:
    from .predict import predict

    return predict


def _info() -> Function:
    from .info import info

    return info


def _functions() -> Function:
    from .functions import functions

    return functions


def _examples() -> Function:
    from .examples import examples

    return examples


def _new() -> Function:
    from .new import new

    return new


def _schema() -> Function:
    from .schema import schema

    return schema


COMMANDS = {
    "run": Entry(WORK, "the hand calculation, line by line", _run),
    "derive": Entry(WORK, "the same in symbols, each derivative derived", _derive),
    "answers": Entry(MARK, "writes the answer file to fill in", _answers),
    "check": Entry(MARK, "marks a student's answers, and says why", _check),
    "grade": Entry(MARK, "marks a folder of answer files", _grade),
    "practice": Entry(MARK, "asks line after line, with hints", _practice),
    "exam": Entry(MARK, "writes an exam: the sheet and its key", _exam),
    "train": Entry(TRAIN, "many updates: losses, curve, final parameters", _train),
    "predict": Entry(TRAIN, "forward only: outputs, classes, accuracy", _predict),
    "info": Entry(LOOK_UP, "layers, sizes, parameters; what a name means", _info),
    "functions": Entry(LOOK_UP, "the activations and losses, each with its plot", _functions),
    "examples": Entry(LOOK_UP, "lists the specs that come along, copies one", _examples),
    "new": Entry(LOOK_UP, "writes a commented spec to start from", _new),
    "schema": Entry(LOOK_UP, "prints the JSON Schema of the spec, for editors", _schema),
}
"""In the order of ``--help``."""
