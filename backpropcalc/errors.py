"""A problem as data: what is wrong, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """A spot in a text: line and column count from 1, ``width`` is how many characters the carets underline."""

    line: int
    column: int
    width: int = 1


class Problem(NamedTuple):
    """One thing that is wrong with what the user gave, and what would be right."""

    code: str
    message: str
    where: Place | None = None
    help: str = ""


class InputError(Exception):
    """The spec, the answers or the command line is at fault; carries every problem found, in the order of the text."""

    def __init__(self, problems: Iterable[Problem], file: str = "", source: str = "") -> None:
        self.problems = sorted(problems, key=lambda p: p.where or Place(0, 0))
        self.file = file
        self.source = source
        super().__init__(self.report())

    def report(self, limit: int = 50) -> str:
        """All problems as text, each with its line of the source and a caret under the spot."""
        lines = self.source.splitlines()
        shown = [_snippet(problem, self.file, lines) for problem in self.problems[:limit]]
        if len(self.problems) > limit:
            shown.append(f"… and {len(self.problems) - limit} more problems")
        return "\n".join(shown)


def fail(code: str, message: str, help: str = "") -> InputError:
    """An error with one problem that has no place in a file."""
    return InputError([Problem(code, message, None, help)])


def closest(word: str, choices: Iterable[str]) -> str:
    """The choice spelled most like ``word``; empty if none is near."""
    from difflib import get_close_matches

    by_folded = {choice.casefold(): choice for choice in choices}
    close = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""


def nearest(word: str, choices: Iterable[str]) -> str:
    """The choice spelled most like ``word``, as a question; empty if none is near."""
    found = closest(word, choices)
    return f"did you mean {found!r}?" if found else ""


def one_of(word: str, choices: Sequence[str]) -> str:
    """Help for a word that is none of ``choices``: the nearest one, or all of them."""
    return nearest(word, choices) or "one of: " + ", ".join(choices)


def count(n: int, word: str) -> str:
    """``1 weight``, ``8 weights``, ``2 biases``."""
    plural = word + ("es" if word.endswith("s") else "s")
    return f"{n:,} {word if n == 1 else plural}"


def printable(text: str, limit: int = 120) -> str:
    """``text`` with control characters made visible, so that it can do nothing to a terminal, cut at ``limit``."""
    clean = "".join(c if c.isprintable() else "·" for c in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _snippet(problem: Problem, file: str, lines: list[str]) -> str:
    where = problem.where
    place = file if where is None else f"{file}:{where.line}:{where.column}"
    out = [f"{place}: {problem.message}" if place else problem.message]
    if where is not None and 0 < where.line <= len(lines):
        line = lines[where.line - 1]
        start = max(0, where.column - 60)
        cut = printable(line[start:], 100)
        width = max(1, min(where.width, len(cut) - (where.column - 1 - start)))
        gutter = f"{where.line:>5} | "
        out += [gutter + cut, " " * 6 + "| " + " " * (where.column - 1 - start) + "^" * width]
    if problem.help:
        out.append(f"      = {problem.help}")
    return "\n".join(out)
