"""Text, Markdown or LaTeX as students type it, to plain pieces of a line: markup gone, matrices on one line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .arrays import OPTIONS

LONGEST = 4000
"""Characters of one line that are looked at; what is longer is cut."""
MAX_WRAPPERS = 40
MAX_JOINED = 60

SKIP = re.compile(
    r"```|~~~|\\(?:begin|end|usepackage|documentclass|section|subsection|title|item\s*$)|---+\s*$|===+\s*$"
    r"|\|?[-:| ]{3,}\|?$"
)
"""Lines that hold nothing."""
SIGN = r"(?:=(?!>)|≈|≃|≅|≡|≐|∼|:=|\\(?:approx|simeq|doteq|equiv|coloneqq)(?![a-zA-Z]))"
"""What sets a quantity equal to a value."""
_MARKUP = re.compile(r"\\[()\[\]]|\$+|`+|&|\\(?:displaystyle|nonumber|notag|hline|centering|noindent)(?![a-zA-Z])")
_WIDE = re.compile(r"\\q?quad(?![a-zA-Z])")
_TEX_COMMENT = re.compile(r"(?<!\\)%.*")
_CASES = re.compile(r"\\begin\{cases\}.{0,300}?\\end\{cases\}")
_TEX_BREAK = re.compile(r"\\\\(?:\[[^\]]{0,12}\])?")
_MATRIX = re.compile(
    r"\\begin\{([bpvBV]?matrix|smallmatrix|array)\*?\}(?:\{[^{}]{0,40}\})?(.{0,6000}?)\\end\{\1\*?\}", re.DOTALL
)
_FENCES = re.compile(r"\\(?:left|right|[bB]ig+[lr]?)\s*(?=[()\[\]])")
_WRAPPER = re.compile(
    r"\\(boxed|fbox|underline|underbrace|overbrace|mathbf|textbf|boldsymbol|bm|textit|emph|mathit|cancel|colorbox\{\w{1,20}\}"
    r"|textcolor\{\w{1,20}\}|color\{\w{1,20}\})\s*\{"
)
_TEXT = re.compile(r"\\text\{([^{}]*)\}")
_BOLD = re.compile(
    r"(?<![\w)*])\*\*(?=\S)([^*\n]{1,400}?)(?<=\S)\*\*(?![\w(*])|(?<!\w)__(?=\S)([^_\n]{1,400}?)(?<=\S)__(?!\w)"
)
_TAG = re.compile(r"</?(?:sub|sup|b|i|em|strong|br|p|div|span|td|tr)(?:\s[^<>]{0,60})?/?>", re.IGNORECASE)
_MATH = re.compile(r"\$\$?(.{1,4000}?)\$\$?|\\\((.{1,4000}?)\\\)|\\\[(.{1,4000}?)\\\]")
_ESCAPED = re.compile(r"\\([-.+#!*|])")
_ROUND = re.compile(r"\\\(([^()]{0,400})\\\)")
_RELATION = re.compile(SIGN)
_NUMBERS_ONLY = re.compile(r"\s*[-+−\[\](.\d]")


def pieces(text: str, tex: bool = False) -> Iterator[tuple[int, str]]:
    """The parts of each line that may hold something, with the line's number; an empty line is one, too."""
    if tex and "%" in text:
        text = "\n".join(_TEX_COMMENT.sub("", line) for line in text.split("\n"))
    if "\\begin" in text:
        text = _MATRIX.sub(_flat_matrix, text)
    for number, line in _joined(text.splitlines()):
        line = OPTIONS.sub("", line) if "=" in line and "," in line else line
        if "\\\\" in line:
            line = _stacked(_CASES.sub("(by cases)", line))
        broken = _TEX_BREAK.split(line) if "\\\\" in line else [line]
        for part in broken:
            part = _TAG.sub("", part) if "<" in part else part
            if "\\" in part:
                part = _unwrapped(part if tex or "$" in part else _unescaped(part))
            for formula in _formulas(part):
                piece = plainly(formula)
                if (piece or len(broken) == 1) and not SKIP.match(piece.strip()):
                    yield number, piece


def plainly(line: str) -> str:
    """A line without the marks of Markdown and LaTeX that say nothing."""
    if "**" in line or "__" in line:
        line = _BOLD.sub(lambda match: match[1] or match[2], line)
    if "\\" in line:
        line = _WIDE.sub("   ", line)
    return _MARKUP.sub(" ", line).strip()


def _joined(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines with their numbers; an array that goes over several lines, as numpy prints it, in one."""
    at = 0
    while at < len(lines):
        number, line = at + 1, lines[at][:LONGEST]
        at += 1
        depth = line.count("[") - line.count("]")
        end = at
        while 0 < depth < 4 and end < len(lines) and end - at < MAX_JOINED and _NUMBERS_ONLY.match(lines[end]):
            depth += lines[end].count("[") - lines[end].count("]")
            end += 1
        if end > at and depth == 0:
            line = " ".join([line, *(more.strip()[:LONGEST] for more in lines[at:end])])
            at = end
        yield number, line


def _flat_matrix(match: re.Match[str]) -> str:
    """A matrix of LaTeX as [a, b; c, d], a table with words in it as rows with bars; as many line breaks as it had."""
    inner = match[2].replace("\n", " ").replace("\\hline", " ")
    rows = [[cell.strip() for cell in row.split("&")] for row in _TEX_BREAK.split(inner) if row.strip()]
    breaks = match[0].count("\n")
    if match[1] == "array" and "\\text" in inner:
        table = "\n".join("| " + " | ".join(_TEXT.sub(r"\1", cell) for cell in row) + " |" for row in rows)
        return f"\n{table}\n" + "\n" * max(0, breaks - len(rows) - 1)
    return " [" + "; ".join(", ".join(row) for row in rows) + "] " + "\n" * breaks


def _stacked(line: str) -> str:
    """A line without the line breaks inside a formula that is stacked up for want of room."""
    head, *stacks = line.split("\\begin{gathered}")
    for stack in stacks:
        inner, _, rest = stack.partition("\\end{gathered}")
        head += _TEX_BREAK.sub(" ", inner) + rest
    return head


def _unwrapped(line: str) -> str:
    r"""What stands in \boxed, \underbrace and the like, without what is written underneath."""
    line = _FENCES.sub("", line)
    for _ in range(MAX_WRAPPERS):
        match = _WRAPPER.search(line)
        if not match:
            break
        end = _closing(line, match.end() - 1)
        inner, rest = line[match.end() : end], line[end + 1 :]
        if match[1] in ("underbrace", "overbrace") and rest.lstrip()[:2] in ("_{", "^{"):
            rest = rest.lstrip()
            rest = rest[_closing(rest, 1) + 1 :]
        line = line[: match.start()] + inner + rest
    return line


def _unescaped(line: str) -> str:
    r"""A line of Markdown without the backslashes before its signs; a formula in \(…\) has signs of its own."""
    line = _ESCAPED.sub(r"\1", line)
    return _ROUND.sub(lambda match: f"${match[1]}$" if re.search(r"[\\_^{]", match[1]) else f"({match[1]})", line)


def _closing(text: str, at: int) -> int:
    """Where the brace that opens at ``at`` is closed; the end of the text if it is not."""
    depth = 0
    for n in range(at, len(text)):
        depth += (text[n] == "{") - (text[n] == "}")
        if depth == 0:
            return n
    return len(text)


def _formulas(line: str) -> Iterator[str]:
    """A line of prose cut at the formulas in it that say what something is; others are words of the sentence."""
    if "$" not in line and "\\(" not in line and "\\[" not in line:
        yield line
        return
    prose, at = "", 0
    for match in _MATH.finditer(line):
        inner = match[1] or match[2] or match[3]
        prose += line[at : match.start()]
        at = match.end()
        if not _RELATION.search(inner) or prose.count("(") > prose.count(")"):
            prose += f" {inner} "
            continue
        if prose.strip(" ,.;:"):
            yield prose
        prose = ""
        yield inner
    prose += line[at:]
    if prose.strip(" ,.;:") or not line.strip():
        yield prose
