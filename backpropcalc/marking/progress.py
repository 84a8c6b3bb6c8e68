"""How far a student has come with a spec, as a file that practice goes on from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from backpropcalc.errors import fail, printable
from backpropcalc.spec.model import Spec

SIZE = 10_000_000
"""Bytes: a larger file is none of practice."""


@dataclass
class Attempt:
    """What a student has done at one line: the last answer as it was typed, and the help that it took."""

    answer: str = ""
    tries: int = 0
    hints: int = 0
    shown: bool = False
    right: bool = False
    slips: list[str] = field(default_factory=list)

    @property
    def alone(self) -> bool:
        """Whether it was right at once, without help."""
        return self.right and self.tries == 1 and not self.hints and not self.shown


@dataclass
class Progress:
    """The attempts by the ids of their lines; ``at`` is how many lines of the round are behind the student."""

    spec: str
    at: int = 0
    seed: int = 0
    """Of the numbers of the round; 0 for those of the spec."""
    asked: list[str] = field(default_factory=list)
    """The ids of the lines of the round; empty for all."""
    lines: dict[str, Attempt] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: Spec) -> Progress:
        """The beginning."""
        return cls(_digest(spec))

    @property
    def weak(self) -> list[str]:
        """The ids of the lines that were not right at once and without help."""
        return [id for id, attempt in self.lines.items() if not attempt.alone]

    def again(self, seed: int) -> Progress:
        """The beginning of the next round, with what was not right at once; if all was, with everything."""
        return Progress(self.spec, seed=seed, asked=self.weak)

    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def load(path: str, spec: Spec) -> Progress:
    """What was saved in a file; the beginning if there is none yet. Raises ``InputError`` for any other file."""
    if not Path(path).exists():
        return Progress.of(spec)
    try:
        if Path(path).stat().st_size > SIZE:
            raise ValueError
        found = _decoded(json.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        raise fail("unreadable-file", f"cannot read {printable(path)}: {error.strerror}") from None
    except (ValueError, TypeError, RecursionError):
        message = f"{printable(path)} is no file that practice has saved"
        raise fail("progress", message, "name a file that does not exist yet, to begin") from None
    if found.spec != _digest(spec):
        message = f"{printable(path)} was saved for other numbers or another spec"
        raise fail("progress", message, "give that spec, or name a file that does not exist yet")
    return found


def _decoded(keys: Any) -> Progress:
    """Raises ``TypeError`` or ``ValueError`` unless the keys and their types are those that are written."""
    progress = Progress(**keys)
    lines: Mapping[str, Any] = progress.lines
    progress.lines = {str(id): Attempt(**line) for id, line in dict(lines).items()}
    for attempt in progress.lines.values():
        right = {"answer": str, "tries": int, "hints": int, "shown": bool, "right": bool, "slips": list}
        if any(type(getattr(attempt, name)) is not kind for name, kind in right.items()):
            raise TypeError
        _texts(attempt.slips)
    if type(progress.spec) is not str or not type(progress.at) is type(progress.seed) is int:
        raise TypeError
    _texts(progress.asked)
    return progress


def _texts(found: object) -> None:
    if type(found) is not list or not all(isinstance(text, str) for text in found):
        raise TypeError


def _digest(spec: Spec) -> str:
    """What tells a spec from any other: it changes with every number in the file."""
    return hashlib.sha256(spec.source.encode()).hexdigest()[:16]
