"""Plain working as lines: what is set equal to what, out of text, Markdown or LaTeX as students type it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backpropcalc.errors import Place
from backpropcalc.notation.names import Names

LONGEST = 4000
"""Characters of one statement with its continuation lines; what is longer is cut."""


class Statement(NamedTuple):
    """``name = text``; the text may have more equals signs. ``loose`` because it may be prose."""

    name: str
    text: str
    place: Place
    loose: bool = True


_SKIP = re.compile(
    r"```|~~~|#|\\(?:begin|end|usepackage|documentclass|section|subsection|title|item\s*$)|---+\s*$|===+\s*$"
)
_BULLET = re.compile(r"(?:[-*+•–]|\(?[0-9a-zA-Z]{1,2}[.)]|\\item|>)\s+")
_RELATION = re.compile(r"\s*&?\s*(?:=>|=|≈|≃|\\approx(?![a-zA-Z])|\\simeq(?![a-zA-Z]))")
_MARKUP = re.compile(r"\\[()\[\]]|\$+|`+|&|\\(?:q?quad|displaystyle|nonumber|notag)(?![a-zA-Z])")
_CUT = re.compile(r"[,;]\s+(?=[^\s\d=,;][^=,;]*=)")
_TEX_COMMENT = re.compile(r"(?<!\\)%.*")
_CASES = re.compile(r"\\begin\{cases\}.{0,300}?\\end\{cases\}")
_TEX_BREAK = re.compile(r"\\\\(?:\[[^\]]{0,12}\])?")
_CONNECTIVES = (
    "so then thus hence and with now also therefore next finally we get have is are the for where since value of"
)
CONNECTIVES = frozenset(_CONNECTIVES.split())
"""Words that may stand before a name."""


def statements(text: str, names: Names, tex: bool = False) -> Iterator[Statement]:
    """Each ``name = …`` in the text, continuation lines joined to it."""
    held: Statement | None = None
    for number, line in _lines(text, tex):
        place = Place(number, 1, max(1, min(len(line), 60)))
        if held is not None and _RELATION.match(line):
            held = _joined(held, line)
            continue
        bare = _BULLET.sub("", line, count=1) if _BULLET.match(line) else line
        found = list(_equations(bare, names, place)) if bare else []
        if not found and held is not None and _continues(line, held):
            held = _joined(held, line)
            continue
        if held is not None:
            yield held
        held = None
        if found:
            yield from found[:-1]
            held = found[-1]
    if held is not None:
        yield held


def _lines(text: str, tex: bool) -> Iterator[tuple[int, str]]:
    """The lines that may hold something, their markup gone, with their numbers."""
    for number, line in enumerate(text.splitlines(), 1):
        if tex and "%" in line:
            line = _TEX_COMMENT.sub("", line)
        line = line[:LONGEST]
        if "\\\\" in line:
            line = _flat(_CASES.sub("(by cases)", line))
        pieces = _TEX_BREAK.split(line) if "\\\\" in line else [line]
        for piece in pieces:
            piece = _MARKUP.sub(" ", piece).strip()
            if (piece or len(pieces) == 1) and not _SKIP.match(piece):
                yield number, piece


def _flat(line: str) -> str:
    """A line without the line breaks inside a formula that is stacked up for want of room."""
    head, *stacks = line.split("\\begin{gathered}")
    for stack in stacks:
        inner, _, rest = stack.partition("\\end{gathered}")
        head += _TEX_BREAK.sub(" ", inner) + rest
    return head


def _joined(held: Statement, line: str) -> Statement:
    return held if len(held.text) > LONGEST else held._replace(text=f"{held.text} {line}")


def _continues(line: str, held: Statement) -> bool:
    """Whether a line goes on with an expression: it starts with a sign, or the one before ended with one."""
    return bool(line) and (line[0] in "+-−·*/" or held.text.rstrip()[-1:] in ("+", "-", "−", "·", "*", "/", "=", "≈"))


def _equations(line: str, names: Names, place: Place) -> Iterator[Statement]:
    """The equations of a line: ``a = 1, b = 2`` are two; also ``| a | 1 |`` and ``a: 1``."""
    if line.startswith("|"):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 2 and names.get(cells[0]) is not None:
            yield Statement(cells[0], cells[1], place)
        return
    if "=" not in line and "≈" not in line and "\\approx" not in line:
        name, colon, value = line.rpartition(":")
        if colon and names.get(name) is not None:
            yield Statement(name, value.strip(), place)
        return
    for part in _parts(line):
        sign = re.search(r"\\approx(?![a-zA-Z])|[=≈]", part)
        if not sign:
            continue
        name = _name(part[: sign.start()].rstrip(": "), names)
        if name:
            yield Statement(name, part[sign.end() :].strip(), place)


def _parts(line: str) -> Iterator[str]:
    """The line cut at each comma or semicolon outside parentheses that another equation follows."""
    start = at = depth = 0
    for cut in _CUT.finditer(line):
        depth += sum((char in "([{") - (char in ")]}") for char in line[at : cut.start()])
        at = cut.start()
        if depth <= 0:
            yield line[start : cut.start()]
            start = cut.end()
    yield line[start:]


def _name(left: str, names: Names) -> str:
    """The name in what stands before an equals sign: all of it, or what follows a label; empty if it is prose."""
    left = left.strip().removeprefix("**").removesuffix("**").removeprefix("__").strip()
    if names.get(left) is not None:
        return left
    words = left.split()
    for n in range(1, min(len(words), 8)):
        before = words[n - 1].casefold()
        if not (before[-1] in ":.)," or before in CONNECTIVES):
            break
        rest = " ".join(words[n:])
        if names.get(rest) is not None:
            return rest
    labelled = left.rpartition(": ")[2].strip()
    if names.get(labelled) is not None:
        return labelled
    start = labelled[:1]
    one_word = len(labelled.split()) == 1 or (len(labelled.split()) == 2 and any(c in "_/0123456789" for c in labelled))
    return labelled if len(labelled) <= 40 and one_word and (start.isalpha() or start in "∂\\∇") else ""
