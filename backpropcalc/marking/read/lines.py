"""Plain working as lines: what is set equal to what, out of text, Markdown or LaTeX as students type it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backpropcalc.errors import Place
from backpropcalc.notation.names import Names

from .arrays import array
from .markup import LONGEST, SIGN, pieces
from .numbers import sides
from .remarks import bare, is_number
from .sheet import Entry, Unread
from .tables import CellLine, answers, sample_in

_BULLET = re.compile(r"(?:[-*+•–]|\(?[0-9a-zA-Z]{1,2}[.)]|\\item|>)\s+")
_CONTINUED = re.compile(rf"\s*(?:=>|->|→|⇒|{SIGN})")
_COLON = r":\s*(?=\(?(?:ca\.?|approx\.?|about|≈|~)?\s*[-+−–]?\s*[.,]?\d|[-+−]?\s*[\[(]|(?:tensor|array)\()"
_RELATION = re.compile(rf"{SIGN}|(?<![\w\\])~(?=\s*[-+−]?[\d.,])|{_COLON}")
_VERB = re.compile(
    r"\s(?:is|equals|becomes|gives|was|ist|beträgt|ergibt|wird|lautet|vaut|est|donne)"
    r"(?=\s+(?:now\s+)?(?:approximately|approx\.?|about|around|ca\.?|circa|rund|environ|etwa|≈|~)?\s*[-+−]?[.,]?\d)"
)
_APART = re.compile(
    r"\s*(?:=>|->|→|⇒|⟹|⟶|➔|\\(?:to|Rightarrow|rightarrow|implies|Longrightarrow|longrightarrow)(?![a-zA-Z])|\t|\|(?!_)|[,;]\s|[.]\s|\s{2,}"
    r"|\s(?:and|und|et|y|so|also|donc|damit|daraus|hence|thus|therefore|then|with|where|resp\.|bzw\.)(?=\s))\s*"
)
_CONNECTIVES = (
    "so then thus hence and with now also therefore next finally we get have is are the for where since value of by "
    "damit daraus also und folgt ist der die das wir erhalten donc et"
)
CONNECTIVES = frozenset(_CONNECTIVES.split())
"""Words that may stand before a name."""
_PROMPT = re.compile(r">>>\s*(?:print\()?\s*([^()]{1,60}?)\)?\s*")
_DECIMAL = re.compile(r"(?<![\w.,])\d*[.,]\d{3,}(?![\d.,]*[.,/]\d)")
_BESIDE = re.compile(r"(\S.{0,60}?)[\s:]+([-+−]?\s?[.,]?\d.*)")
MAX_WORDS = 8


def statements(text: str, names: Names, tex: bool = False) -> Iterator[Entry | Unread]:
    """Each ``name = …`` in the text, continuation lines joined to it, and the lines that seem to state something.

    The text of an entry may have more equals signs; all are loose.
    """
    yield from _Reader(names).read(text, tex)


class _Reader:
    """Goes through the lines once; ``sample`` is the one that the last heading spoke of."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.sample: int | None = None
        self.held: Entry | None = None
        self.rows: list[CellLine] = []
        self.prompt = ""

    def read(self, text: str, tex: bool) -> Iterator[Entry | Unread]:
        """The statements, and what was left unread."""
        read_from: int | None = 0
        for number, piece in pieces(text, tex):
            if piece.startswith("|") or (self.rows and "|" in piece):
                cells = tuple(cell.strip() for cell in piece.strip("|").split("|"))
                self.rows.append(CellLine(_place(number, piece), cells))
                continue
            yield from self._table()
            for item in self._line(number, piece):
                if isinstance(item, Entry):
                    read_from = item.place and item.place.line
                    yield item
                elif read_from != number:
                    yield item
        yield from self._table()
        yield from self._let_go()

    def _let_go(self) -> Iterator[Entry]:
        if self.held is not None:
            yield self.held
        self.held = None

    def _table(self) -> Iterator[Entry | Unread]:
        if not self.rows:
            return
        yield from self._let_go()
        rows, self.rows = self.rows, []
        if len(rows) == 1 and len(rows[0].cells) > 2 and any(re.search(SIGN, cell) for cell in rows[0].cells):
            for cell in rows[0].cells:
                yield from (Entry(name, text, rows[0].place, True) for name, text in self._equations(cell))
            return
        for item in answers(rows, self.names):
            if isinstance(item, Entry):
                yield item._replace(name=self._own(item.name), loose=True)
            else:
                yield Unread(" | ".join(item.cells), item.place)

    def _line(self, number: int, piece: str) -> Iterator[Entry | Unread]:
        if self.held is not None and _CONTINUED.match(piece):
            self.held = _longer(self.held, piece)
            return
        if piece.startswith("#"):
            self._heading(piece.strip("# "))
            return
        line = _BULLET.sub("", piece, count=1) if _BULLET.match(piece) else piece
        prompt = _PROMPT.fullmatch(piece)
        if prompt:
            yield from self._let_go()
            self.prompt = prompt[1]
            return
        equations = list(self._equations(line)) if line else []
        alone = line.rstrip(": =")
        unfinished = self.held is not None and bool(self.held.text) and not is_number(last_side(self.held.text))
        named = bool(alone) and (self.names.knows(alone) or len(self.names.listed(alone)) > 1)
        named = named and not (unfinished and piece[0] in "+-*")
        if not equations and not named and self.held is not None and _goes_on(piece, self.held):
            self.held = _longer(self.held, piece)
            return
        if not equations and line:
            equations = self._beside(line)
        if not equations and self.prompt and line and array(line) is not None:
            equations = [(self._own(self.prompt), line)]
        self.prompt = "" if line else self.prompt
        yield from self._let_go()
        if not equations and named:
            equations = [(self._own(alone), "")]
        elif not equations:
            self._heading(line)
            if self._says_something(line):
                left, *right = re.split(SIGN, line, maxsplit=1)
                yield Unread(line, _place(number, line), left.strip() if right else "")
            return
        *done, last = (Entry(name, text, _place(number, line), True) for name, text in equations)
        yield from done
        self.held = last

    def _beside(self, line: str) -> list[tuple[str, str]]:
        """A name and a number with nothing but space between them."""
        beside = _BESIDE.fullmatch(line)
        if beside and self.names.knows(beside[1]) and is_number(beside[2]):
            return [(self._own(beside[1]), beside[2])]
        return []

    def _heading(self, line: str) -> None:
        """Take note of the sample that a heading speaks of, or that it speaks of all again."""
        sample = sample_in(line)
        if sample is not None:
            self.sample = sample
        elif self.sample is not None and line and len(line) < 60 and not any(char.isdigit() for char in line):
            self.sample = None

    def _own(self, name: str) -> str:
        """A name, under the heading of a sample that of this sample's quantity."""
        if self.sample is not None and self.names.get(f"{name}({self.sample})") is not None:
            return f"{name}({self.sample})"
        return name

    def _equations(self, line: str) -> Iterator[tuple[str, str]]:
        """Name and text of each equation of a line: ``a = 1, b = 2`` and ``a = 1 → b = 2`` are two."""
        line = _VERB.sub(" =", line) if " " in line else line
        if line.startswith("(") and line.endswith(")") and line.count("(") == line.count(")") == 1:
            line = line[1:-1]
        depth = at = start = 0
        name = ""
        for relation in _RELATION.finditer(line):
            depth = max(0, depth + _opened(line, at, relation.start()))
            if depth:
                at = relation.start()
                continue
            colon = relation[0].startswith(":") and relation[0] != ":="
            left = line[start : relation.start()]
            if not name:
                following, cut = self._first(left, colon, is_number(line[relation.end() :])), 0
            else:
                following, cut = self._next(left)
            at = relation.start()
            if not following:
                continue
            if name:
                yield name, line[start : start + cut].strip()
            name, start, at, depth = self._own(following), relation.end(), relation.end(), 0
        if name:
            yield name, line[start:].strip()

    def _first(self, left: str, colon: bool, numeric: bool) -> str:
        """The name that a line begins with: all that stands before the equals sign, or the end of it; '' if prose.

        A name that is not known may have several words if it is set equal to a number.
        """
        left = left.strip().rstrip(": ").removeprefix("**").removesuffix("**").removeprefix("__").strip()
        name = self._name(left)
        if name or colon:
            return name
        labelled = re.split(r":\s|[,;]\s", left)[-1].strip()
        start, words = labelled[:1], labelled.split()
        one_word = len(words) == 1 or (len(words) <= 4 and numeric)
        return labelled if len(labelled) <= 40 and one_word and (start.isalpha() or start in "∂\\∇") else ""

    def _name(self, left: str) -> str:
        """The name of a quantity, of a layer, or a list of names, perhaps with words of a sentence before it."""
        if self.names.knows(left) or len(self.names.listed(left)) > 1:
            return left
        words = left.split()
        for n in range(1, min(len(words), 3 * MAX_WORDS)):
            rest = " ".join(words[n:])
            if len(words) - n <= MAX_WORDS and _is_prose(words[:n]) and self.names.knows(rest):
                return rest
        return ""

    def _next(self, text: str) -> tuple[str, int]:
        """The name of a further equation in ``value → name``, and where the value ends; '' if it is all value."""
        for apart in _APART.finditer(text):
            if _opened(text, 0, apart.start()) > 0:
                continue
            rest = text[apart.end() :].strip()
            mark = apart[0].strip()
            name = self._name(rest) if rest else ""
            if not name and mark and not mark[0].isalpha() and mark != "." and _like_a_name(rest):
                name = rest
            if name:
                return name, apart.start()
        return "", 0

    def _says_something(self, line: str) -> bool:
        """Whether a line that was not taken for an answer has a number for a result, or one with decimals in it."""
        signs = list(_RELATION.finditer(line))
        if signs:
            last = line[signs[-1].end() :]
            return is_number(last) or array(last) is not None
        return bool(_DECIMAL.search(line)) or array(line) is not None


def _is_prose(words: list[str]) -> bool:
    """Whether words before a name belong to a sentence or are a label, and not to a formula."""
    before = words[-1]
    if any(char.isdigit() for word in words if word[-1] not in ":.)" for char in word):
        return False
    if before[-1] in ":.)," or before.casefold() in CONNECTIVES:
        return not any(char in "=≈" for word in words for char in word)
    return len(words) > 1 and all(re.fullmatch(r"[^\W\d_][^\W\d_'’-]*[.,:]?|[\w(][^\W\d]*[.)]", word) for word in words)


def _like_a_name(text: str) -> bool:
    """Whether it may be the name of a quantity that is not known here."""
    return 0 < len(text) <= 40 and len(text.split()) == 1 and (text[0].isalpha() or text[0] in "∂\\∇δ")


def _opened(line: str, start: int, end: int) -> int:
    return sum((char in "([{") - (char in ")]}") for char in line[start:end])


def _longer(held: Entry, line: str) -> Entry:
    return held if len(held.text) > LONGEST else held._replace(text=f"{held.text} {line}")


def _goes_on(line: str, held: Entry) -> bool:
    """Whether a line goes on with an expression: it starts with a sign, or the one before ended with one."""
    if not line:
        return False
    if not held.text:
        return bare(line, lambda word: False)[:1].isdigit() or array(line) is not None
    return line[0] in "+-−·*/" or held.text.rstrip()[-1:] in ("+", "-", "−", "·", "*", "/", "=", "≈")


def _place(number: int, line: str) -> Place:
    return Place(number, 1, max(1, min(len(line), 60)))


def last_side(text: str) -> str:
    """What stands behind the last equals sign."""
    parts = sides(text)
    return parts[-1] if parts else ""
