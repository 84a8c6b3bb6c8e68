"""Reads a written page back and works every line again: do the numbers that are shown give the result that is shown?

``statements(page, form)`` cuts a terminal or LaTeX page into lines of ``name = symbols = numbers ≈ result``;
``Examiner(decimals=6).faults(statement)`` says what is false in one. A shown number stands for all that rounds to it,
so ``≈`` is wrong only if no such numbers give the result; ``=`` is wrong unless both sides are equal to a hundred
digits; under ``rounded`` the numbers are what they look like and the result is their exact value, rounded half up.

Nothing here knows a formula of the program. What cannot be read is counted, never passed over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from mpmath import inf, mp, mpf

mp.dps = 150
EQUAL = mpf(10) ** -100
"""Two numbers that differ by less, relatively, are equal."""


class Statement(NamedTuple):
    """A line: what it is about, and the texts that it says are equal, each but the first after its sign."""

    name: str
    parts: tuple[tuple[str, str], ...]
    matrices: tuple[Any, ...] = ()
    """What stands in the place of each mark ``⟦n⟧``: rows of texts."""

    def __str__(self) -> str:
        return f"{self.name}: " + " ".join(f"{sign} {text}" for sign, text in self.parts)


# Numbers that are known to be between two others


class Range(NamedTuple):
    """All numbers from ``low`` to ``high``."""

    low: Any
    high: Any

    @property
    def width(self) -> Any:
        return self.high - self.low

    def meets(self, other: Range) -> bool:
        slack = EQUAL * max(1, abs(self.low), abs(other.low))
        return bool(self.low <= other.high + slack and other.low <= self.high + slack)


class Undefined(Exception):
    """It has no value: 1/0, ln(−1), ``?``."""


ALL = Range(-inf, inf)


def _around(*corners: Any) -> Range:
    return ALL if any(mp.isnan(x) for x in corners) else Range(min(corners), max(corners))


def _times(a: Range, b: Range) -> Range:
    if a == (0, 0) or b == (0, 0):
        return Range(mpf(0), mpf(0))  # by agreement also 0 · ln(0)
    return _around(*(mpf(0) if x == 0 or y == 0 else x * y for x in a for y in b))


def _over(a: Range, b: Range) -> Range:
    if b == (0, 0):
        raise Undefined("a division by 0")
    if b.low <= 0 <= b.high:
        return ALL
    return _around(*(mpf(0) if x == 0 or mp.isinf(y) else x / y for x in a for y in b))


def _rising(f: Callable[[Any], Any], lowest: Any = -inf) -> Callable[[Range], Range]:
    def over(x: Range) -> Range:
        if x.high < lowest:
            raise Undefined("outside of where it is defined")
        return Range(f(max(x.low, lowest)), f(x.high))

    return over


def _wave(f: Callable[[Any], Any], peak: Any) -> Callable[[Range], Range]:
    """A sine whose peaks lie at ``peak`` + 2πn."""

    def over(x: Range) -> Range:
        if not x.width < 2 * mp.pi:
            return Range(mpf(-1), mpf(1))
        ends = [f(x.low), f(x.high)]
        for place, value in ((peak, mpf(1)), (peak + mp.pi, mpf(-1))):
            if mp.ceil((x.low - place) / (2 * mp.pi)) <= mp.floor((x.high - place) / (2 * mp.pi)):
                ends.append(value)
        return Range(min(ends), max(ends))

    return over


def _tan(x: Range) -> Range:
    same = mp.floor(x.low / mp.pi + mpf(1) / 2) == mp.floor(x.high / mp.pi + mpf(1) / 2)
    return Range(mp.tan(x.low), mp.tan(x.high)) if same else ALL


def _absolute(x: Range) -> Range:
    if x.low <= 0 <= x.high:
        return Range(mpf(0), max(-x.low, x.high))
    return Range(*sorted(map(abs, x)))


def _exp(x: Any) -> Any:
    return mpf(0) if x == -inf else mp.exp(x) if x < 10**6 else inf


def _ln(x: Any) -> Any:
    return -inf if x == 0 else mp.log(x)


FUNCTIONS: dict[str, Callable[..., Range]] = {
    "e^": _rising(_exp),
    "exp": _rising(_exp),
    "ln": _rising(_ln, mpf(0)),
    "√": _rising(mp.sqrt, mpf(0)),
    "tanh": _rising(mp.tanh),
    "arctan": _rising(mp.atan),
    "sin": _wave(mp.sin, mp.pi / 2),
    "cos": _wave(mp.cos, mpf(0)),
    "tan": _tan,
    "σ": _rising(lambda x: 1 / (1 + _exp(-x))),
    "max": lambda *xs: Range(max(x.low for x in xs), max(x.high for x in xs)),
    "min": lambda *xs: Range(min(x.low for x in xs), min(x.high for x in xs)),
    "abs": _absolute,
}


def _power(x: Range, n: Range) -> Range:
    if n.low != n.high:
        if x.low <= 0:
            return ALL
        return _rising(_exp)(_times(n, _rising(_ln, mpf(0))(x)))
    k = n.low
    if k == int(k):
        k = int(k)
        if k < 0:
            return _over(Range(mpf(1), mpf(1)), _power(x, Range(-n.low, -n.low)))
        ends = (x.low**k, x.high**k)
        return Range(mpf(0), max(ends)) if k % 2 == 0 and k and x.low < 0 < x.high else _around(*ends)
    if x.high < 0:
        raise Undefined("a root of a negative number")
    return Range(max(x.low, mpf(0)) ** k, x.high**k)


# Matrices of ranges

Value = Any
"""A ``Range``, or a list of rows of them."""


def _each(f: Callable[..., Range], *values: Value) -> Value:
    """``f`` entry by entry; a single number, row or column goes with every entry, row or column."""
    shapes = [(len(v), len(v[0])) for v in values if isinstance(v, list)]
    if not shapes:
        return f(*values)
    rows, columns = max(r for r, _ in shapes), max(c for _, c in shapes)
    if any(r not in (1, rows) or c not in (1, columns) for r, c in shapes):
        raise Unread(f"sizes {shapes} do not go together")

    def entry(v: Value, r: int, c: int) -> Range:
        found: Range = v[r % len(v)][c % len(v[0])] if isinstance(v, list) else v
        return found

    return [[f(*(entry(v, r, c) for v in values)) for c in range(columns)] for r in range(rows)]


def _plus(a: Range, b: Range) -> Range:
    if {a.low, b.low} == {inf, -inf} or {a.high, b.high} == {inf, -inf}:
        return ALL
    return Range(a.low + b.low, a.high + b.high)


def _minus(a: Range) -> Range:
    return Range(-a.high, -a.low)


def _product(a: Value, b: Value) -> Value:
    if not (isinstance(a, list) and isinstance(b, list)):
        return _each(_times, a, b)
    if len(a[0]) != len(b):
        raise Unread(f"{len(a)}×{len(a[0])} times {len(b)}×{len(b[0])}")
    return [
        [_total([_times(x, row[c]) for x, row in zip(line, b, strict=True)]) for c in range(len(b[0]))] for line in a
    ]


def _total(terms: list[Range]) -> Range:
    found = Range(mpf(0), mpf(0))
    for term in terms:
        found = _plus(found, term)
    return found


def _diagonal(a: Value) -> Value:
    entries = [x for row in a for x in row] if isinstance(a, list) else [a]
    zero = Range(mpf(0), mpf(0))
    return [[x if r == c else zero for c in range(len(entries))] for r, x in enumerate(entries)]


# The grammar of what is shown


class Unread(Exception):
    """The reader does not understand it."""


RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:·10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?(?:/\d+(?:\.\d+)?)?)|(?P<matrix>⟦\d+⟧)|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)"
    r"|(?P<word>e\^(?=\()|if|else|otherwise|exp|ln|tanh|arctan|sin|cos|tan|max|min|abs|diag|Σ|√|σ(?=\())"
    r"|(?P<sign>[-−+·⊙/(),:|^ᵀ½≥>≤<?]))"
)
Lift = Callable[[str], Range]
"""What a shown number stands for."""


SUMS: dict[str, Callable[[Value], Value]] = {
    "all": lambda m: _total([x for row in m for x in row]),
    "rows": lambda m: [[_total(list(column)) for column in zip(*m, strict=True)]],
    "columns": lambda m: [[_total(row)] for row in m],
}
"""What Σ before a matrix may mean: of all its entries, over its rows, or over its columns."""


class _Reading:
    """One text, read from left to right."""

    def __init__(self, text: str, lift: Lift, matrices: tuple[Any, ...] = (), sums: str = "all") -> None:
        self.lift, self.matrices, self.sums = lift, matrices, sums
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found:
                raise Unread(f"{text[at : at + 20]!r}")
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            at = found.end()
        self.at = 0

    def whole(self) -> Value:
        value = self.choice()
        if self.at < len(self.tokens):
            raise Unread(f"{self.tokens[self.at][1]!r}")
        return value

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def number_next(self) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at][0] == "number"

    def take(self, *wanted: str) -> str:
        if self.at < len(self.tokens) and (not wanted or self.tokens[self.at][1] in wanted):
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def expect(self, wanted: str) -> None:
        if not self.take(wanted):
            raise Unread(f"{wanted!r} expected, {self.peek()!r} found")

    def choice(self) -> Value:
        """``if z > 0: a, else b``, or a sum."""
        if not self.take("if"):
            return self.sum()
        left, sign, right = self.sum(), self.take(), self.sum()
        self.expect(":")
        yes = self.choice()
        self.expect(",")
        self.expect("else")
        no = self.choice()
        return _each(lambda a, b, x, y: _chosen(a, sign, b, x, y), left, right, yes, no)

    def sum(self) -> Value:
        value = self.product()
        while sign := self.take("+", "−", "-"):
            term = self.product()
            value = _each(_plus, value, term if sign == "+" else _each(_minus, term))
        return value

    def product(self) -> Value:
        value = self.signed()
        while True:
            if self.take("·"):
                value = _product(value, self.signed())
            elif self.take("⊙"):
                value = _each(_times, value, self.signed())
            elif self.take("/"):
                value = _each(_over, value, self.signed())
            elif (
                self.peek() in ("½", "(") or self.peek()[:1] == "⟦" or (isinstance(value, list) and self.number_next())
            ):
                value = _product(value, self.signed())
            else:
                return value

    def signed(self) -> Value:
        if self.take("−", "-"):
            return _each(_minus, self.signed())
        if self.take("Σ"):
            inner = self.signed()
            return SUMS[self.sums](inner) if isinstance(inner, list) else inner
        return self.raised()

    def raised(self) -> Value:
        value = self.atom()
        while True:
            if self.take("^"):
                exponent = self.signed() if self.peek() in ("−", "-") else self.atom()
                value = _each(_power, value, exponent)
            elif self.tokens[self.at : self.at + 1] and self.tokens[self.at][0] == "raised":
                n = mpf(int(self.take().translate(RAISED)))
                value = _each(_power, value, Range(n, n))
            elif self.take("ᵀ"):
                value = [list(column) for column in zip(*value, strict=True)] if isinstance(value, list) else value
            else:
                return value

    def atom(self) -> Value:
        if self.at >= len(self.tokens):
            raise Unread("it ends too soon")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return self.lift(text)
        if kind == "matrix":
            rows = self.matrices[int(text[1:-1])]
            return [[_Reading(entry, self.lift, self.matrices).whole() for entry in row] for row in rows]
        if text == "(":
            value = self.choice()
            self.expect(")")
            return value
        if text == "|":
            value = self.sum()
            self.expect("|")
            return _each(_absolute, value)
        if text == "½":
            return Range(mpf(1) / 2, mpf(1) / 2)
        if text == "?":
            raise Undefined("?")
        if text == "diag" or text in FUNCTIONS:
            self.expect("(")
            arguments = [self.choice()]
            while self.take(","):
                arguments.append(self.choice())
            self.expect(")")
            return _diagonal(arguments[0]) if text == "diag" else _each(FUNCTIONS[text], *arguments)
        raise Unread(f"{text!r}")


def _chosen(a: Range, sign: str, b: Range, yes: Range, no: Range) -> Range:
    """The branch that is taken, or both if it cannot be told."""
    never, always = {
        ">": (a.high <= b.low, a.low > b.high),
        "≥": (a.high < b.low, a.low >= b.high),
        "<": (a.low >= b.high, a.high < b.low),
        "≤": (a.low > b.high, a.high <= b.low),
    }[sign]
    return yes if always else no if never else Range(min(yes.low, no.low), max(yes.high, no.high))


WORD = re.compile(r"(?<!\w)(?!(?:if|else|ln|exp|tanh|arctan|sin|cos|tan|max|min|abs|diag|e)\b)\w*[^\W\d_]")
"""A name: what stands before a result that is not worked in numbers."""

# What a shown number stands for


def number(text: str) -> tuple[Any, int]:
    """The number as it looks, and how many decimals it shows (fewer than none for 3·10⁵)."""
    upper, _, lower = text.partition("/")
    mantissa, _, power = upper.partition("·10")
    shift = int(power.translate(RAISED)) if power else 0
    places = len(mantissa.partition(".")[2]) - shift
    value = mpf(mantissa) * mpf(10) ** shift
    return (value / mpf(lower), 10**6) if lower else (value, places)


class Examiner:
    """Judges statements of a page with so many decimals or significant digits."""

    def __init__(self, decimals: int | None = 6, significant: int | None = None, rounded: bool = False) -> None:
        self.decimals, self.significant, self.rounded = decimals, significant, rounded
        self.counts: Counter[str] = Counter()
        self.unread: list[str] = []

    def exactly(self, text: str) -> Range:
        """It is what it looks like."""
        value, _ = number(text)
        return Range(value, value)

    def roughly(self, text: str) -> Range:
        """It is rounded to the digits of the page; zeros at its end may be missing."""
        value, places = number(text)
        if places >= 10**6:
            return Range(value, value)
        if self.significant is not None:
            here = self.significant - 1 - int(mp.floor(mp.log10(value))) if value else 10**6
        else:
            here = max(places, self.decimals or 0) if places >= 0 or "·" not in text else places
        half = mpf(10) ** -here / 2 if here < 10**6 else mpf(0)
        return Range(value - half, value + half)

    def faults(self, statement: Statement) -> list[str]:
        """What is false in it; counts the line as read if its result was worked again from numbers."""
        found: list[str] = []
        readable = [self.readable(text, statement) for _, text in statement.parts]
        worked = False
        for (before, after), ((_, left), (sign, right)) in zip(
            pairwise(readable), pairwise(statement.parts), strict=True
        ):
            if not (before and after):
                continue
            worked = True
            complaint = self.compare(left, sign, right, statement)
            if complaint:
                found.append(f"{complaint} | {statement}")
        last = len(statement.parts) - 1
        if worked and readable[last]:
            self.counts["read"] += 1
        elif readable[last] and last == 0:
            self.counts["stated"] += 1
        elif any(mark in str(statement.matrices) for mark in "…⋮"):
            self.counts["abridged"] += 1
        elif readable[last] and WORD.sub("", statement.parts[last - 1][1]) != statement.parts[last - 1][1]:
            self.counts["bare"] += 1
        else:
            self.counts["unread"] += 1
            self.unread.append(str(statement))
        return found

    def readable(self, text: str, statement: Statement) -> bool:
        """Whether it is made of numbers."""
        try:
            _Reading(text, self.exactly, statement.matrices).whole()
        except Unread:
            return False
        except Undefined:
            return True
        return True

    def compare(self, left: str, sign: str, right: str, statement: Statement) -> str:
        """What is wrong with ``left`` ``sign`` ``right``, or nothing."""
        ways = SUMS if "Σ" in left and statement.matrices else ("all",)
        found = [self.compared(left, sign, right, statement, way) for way in ways]
        return "" if "" in found else found[0]

    def compared(self, left: str, sign: str, right: str, statement: Statement, sums: str) -> str:
        """The same, where Σ means one thing."""

        def value(text: str, lift: Lift) -> Value:
            return _Reading(text, lift, statement.matrices, sums).whole()

        if right.strip() == "?":
            return ""
        try:
            if sign == "=":
                pairs = list(_paired(value(left, self.exactly), value(right, self.exactly)))
                wrong = [(a, b) for a, b in pairs if not a.meets(b)]
                return f"= but {_said(*wrong[0])}" if wrong else ""
            if self.rounded:
                return self.rounding(value(left, self.exactly), right, statement)
            pairs = list(_paired(value(left, self.roughly), value(right, self.roughly)))
            if any(a.width == inf or (self.decimals and a.width > 1000 * b.width > 0) for a, b in pairs):
                self.counts["loose"] += 1
            wrong = [(a, b) for a, b in pairs if not a.meets(b)]
            return f"≈ but {_said(*wrong[0])}" if wrong else ""
        except Undefined as reason:
            return f"{reason}, yet {right}"
        except Unread as reason:
            return f"sizes: {reason}"

    def rounding(self, left: Value, right: str, statement: Statement) -> str:
        """Under ``carry: rounded``: whether it is the exact value, rounded half up once."""
        texts = statement.matrices[int(right.strip()[1:-1])] if right.strip().startswith("⟦") else [[right]]
        shown = [[_Reading(text, self.exactly).whole() for text in row] for row in texts]
        for a, b in _paired(left, shown):
            if a.low != a.high:
                return f"no single value: {_said(a, b)}"
            if abs(self.half_up(a.low) - b.low) > EQUAL * max(1, abs(b.low)):
                return f"rounds to {mp.nstr(self.half_up(a.low), 17)}, shown {mp.nstr(b.low, 17)}"
        return ""

    def half_up(self, x: Any) -> Any:
        """Rounded half up, away from 0; what would become 0 keeps significant digits."""
        if x == 0:
            return x
        leading = int(mp.floor(mp.log10(abs(x)) + EQUAL))
        places = self.significant - 1 - leading if self.significant is not None else self.decimals or 0
        if self.significant is None and abs(x) * mpf(10) ** places < mpf(1) / 2 - EQUAL:
            places = max(1, self.decimals or 0) - 1 - leading
        scaled = mp.floor(abs(x) * mpf(10) ** places + mpf(1) / 2 + EQUAL)
        return mp.sign(x) * scaled / mpf(10) ** places


def _paired(left: Value, right: Value) -> Iterator[tuple[Range, Range]]:
    if not isinstance(right, list):
        right = [[right]]
    if not isinstance(left, list):  # the slope of a straight line is the same everywhere
        left = [[left for _ in row] for row in right]
    if (len(left), len(left[0])) != (len(right), len(right[0])):
        raise Unread(f"{len(left)}×{len(left[0])} against {len(right)}×{len(right[0])}")
    for a, b in zip(left, right, strict=True):
        yield from zip(a, b, strict=True)


def _said(a: Range, b: Range) -> str:
    shown = [mp.nstr(x, 20) for x in (*a, *b)]
    return f"{shown[0]} … {shown[1]} against {shown[2]} … {shown[3]}"


# Pages: the terminal

LINE = re.compile(r" (\S(?:.*?\S)??)(?:\s{2,}| (?=[=≈] ))(\S.*)")
SIGN = re.compile(r" ([=≈]) |^([=≈]) ")
BRACKETS = {"⎡": "⎤", "[": "]"}


def statements(page: str, form: str) -> list[Statement]:
    """The lines of a page, in the ``form`` ``terminal`` or ``latex``."""
    page = re.sub(r"\\phantom\{[^{}]*\}", "", page)  # room that is left so that points line up
    return list((_terminal if form == "terminal" else _latex)(page))


NOTE = re.compile(r"\s*(?:\\text\{)?\([A-Za-z][\w-]* [a-z](?:[^{}]|\{[^{}]*\})*\)\}?$")
"""A remark in words behind a result."""


def parted(name: str, text: str, matrices: tuple[Any, ...] = ()) -> Statement:
    """A statement of what stands beside a name."""
    pieces = SIGN.split(" " + NOTE.sub("", text))
    signs = [a or b for a, b in zip(pieces[1::3], pieces[2::3], strict=True)]
    texts = pieces[0::3]
    parts = [(sign, part.strip()) for sign, part in zip(["", *signs], texts, strict=True) if part.strip()]
    return Statement(name, tuple(parts), matrices)


def _terminal(page: str) -> Iterator[Statement]:
    """Entries of the numbered parts: a line that begins in the second column, and those that are indented below it."""
    blocks: list[list[str]] = [[]]
    working = False
    for line in page.splitlines():
        if re.match(r" (\d  ?\S| ?Step by step|Iteration \d+)", line):
            working = True
        elif re.match(r" (Result|The graph|What becomes|The rates|Along|The product|The slopes)\b", line):
            working = False
        if re.match(r" k  ", line):
            working = False
        if not working or "──" in line or not line.strip() or re.match(r" (\d  |Iteration |Step by)|  \d  ", line):
            blocks.append([])
        else:
            blocks[-1].append(line)
    for block in blocks:
        if any(c in line for line in block for c in "⎡⎢⎣"):  # rows of a matrix may stand above the line that names it
            yield _entry(block)
            continue
        starts = [n for n, line in enumerate(block) if line[1:2] != " "]
        for start, end in pairwise([*starts, len(block)]):
            yield _entry(block[start:end])


def _entry(lines: list[str]) -> Statement:
    first = next(n for n, line in enumerate(lines) if line[1:2] not in (" ", ""))
    if not any(c in line for line in lines for c in "⎡⎢⎣") and not any(
        re.fullmatch(r"[\s\d×]*×[\s\d×]*", x) for x in lines
    ):
        return _scalar(lines)
    name = re.match(r" (\S.*?)\s+=", lines[first]) or re.match(r" (\S.*?)\s{2,}", lines[first])
    matrices: list[Any] = []
    texts = []
    for n, line in enumerate(lines):
        if n == first or re.match(r" +[=≈·+−⊙/-] ", line):
            texts.append(_linear(lines, n, matrices))
    joined = re.sub(r"\s+", " ", " ".join(texts))
    if name is None:
        return parted(joined, joined)
    return parted(name[1], joined.strip().removeprefix(name[1]).strip(), tuple(matrices))


def _scalar(lines: list[str]) -> Statement:
    joined = " ".join([lines[0].rstrip(), *(line.strip() for line in lines[1:])])
    found = LINE.match(joined)
    if not found:
        return Statement(joined.strip(), (("", joined.strip()),))
    return parted(found[1], re.sub(r"\s+", " ", found[2]))


def _linear(lines: list[str], n: int, matrices: list[Any]) -> str:
    """The text of line ``n``, each matrix that crosses it replaced by its mark."""
    out, at, line = "", 0, lines[n]
    while at < len(line):
        char = line[at]
        if char in "⎡⎢⎣" or (char == "[" and _row_at(line, at)):
            top = n
            while char != "[" and lines[top][at : at + 1] not in ("⎡",) and top > 0:
                top -= 1
            bottom = n
            while char != "[" and lines[bottom][at : at + 1] != "⎣" and bottom < len(lines) - 1:
                bottom += 1
            ends = [x for x in (lines[top].find(c, at) for c in "⎤]") if x >= 0]
            end = min(ends)
            rows = [re.split(r"\s{2,}", lines[r][at + 1 : end].strip()) for r in range(top, bottom + 1)]
            out += f" ⟦{len(matrices)}⟧ "
            matrices.append(rows)
            at = end + 1
        else:
            out += char
            at += 1
    return out


def _row_at(line: str, at: int) -> bool:
    """Whether a bracket opens a row of numbers, and is none of a name such as ``W[1]``."""
    return at == 0 or line[at - 1] in " (Σ"


def named(statement: Statement) -> Iterator[tuple[str, str]]:
    """The entries of the matrices in symbols, each with the number that stands in its place among the numbers."""
    marks = [[statement.matrices[int(n)] for n in re.findall(r"⟦(\d+)⟧", text)] for _, text in statement.parts]
    letters = [any(map(_named, _cells(found))) for found in marks]
    symbols = [matrix for found, symbolic in zip(marks, letters, strict=True) for matrix in found if symbolic]
    numbers = [matrix for found, symbolic in zip(marks, letters, strict=True) for matrix in found if not symbolic]
    if len(symbols) == len(numbers):
        for names, values in zip(symbols, numbers, strict=True):
            if list(map(len, names)) == list(map(len, values)):
                yield from zip(_cells([names]), _cells([values]), strict=True)


def _cells(matrices: Iterable[list[list[str]]]) -> list[str]:
    return [cell.strip() for matrix in matrices for row in matrix for cell in row]


def _named(cell: str) -> bool:
    """Whether a name is in it: a function alone, as e or max, is none."""
    return bool(WORD.search(cell))


# Pages: LaTeX

WORDS = {
    r"\cdots": "…", r"\vdots": "…", r"\ddots": "…", r"\dots": "…", r"\cdot": " · ", r"\odot": " ⊙ ", r"\approx": " ≈ ",
    r"\sum": " Σ ", r"\ge": " ≥ ", r"\le": " ≤ ", r"\max": "max", r"\min": "min", r"\ln": "ln", r"\tanh": "tanh",
    r"\arctan": "arctan", r"\sin": "sin", r"\cos": "cos", r"\tan": "tan", r"\exp": "exp", r"\quad": " ", r"\,": " ",
    r"\left|": "abs(", r"\right|": ")", r"\left": "", r"\right": "", r"\bigl": "", r"\bigr": "", r"\Big": "",
    r"\operatorname{diag}": "diag",
}  # fmt: skip


def _latex(page: str) -> Iterator[Statement]:
    for block in re.findall(r"\\begin\{(?:align\*|equation\*)\}(.*?)\\end\{(?:align\*|equation\*)\}", page, re.S):
        entries: list[str] = []
        for line in _rows(block):
            if re.match(r"\s*&", line) and entries:
                entries[-1] += " " + line
            else:
                entries.append(line)
        for entry in entries:
            name, _, rest = entry.partition("&")
            matrices: list[Any] = []
            text = _linearised(
                rest.replace("&", " ") if "bmatrix" not in rest and "cases" not in rest else rest, matrices
            )
            yield parted(name.strip(), re.sub(r"\s+", " ", text.replace("&", " ")).strip(), tuple(matrices))


def _rows(block: str) -> Iterator[str]:
    """The lines of an environment: what stands between two ``\\\\`` outside of any inner one."""
    depth, start, at = 0, 0, 0
    while at < len(block):
        if block.startswith(r"\begin", at):
            depth += 1
        elif block.startswith(r"\end", at):
            depth -= 1
        elif block.startswith(r"\\", at) and depth == 0:
            yield block[start:at]
            at += 2
            gap = re.match(r"\[\S+?\]", block[at:])
            start = at = at + (gap.end() if gap else 0)
            continue
        at += 1
    yield block[start:]


def _linearised(text: str, matrices: list[Any]) -> str:
    """LaTeX as the plain text that the grammar reads; matrices become marks."""

    def matrix(found: re.Match[str]) -> str:
        rows = re.split(r"\\\\(?:\[\S+?\])?", found[1])
        matrices.append([[_linearised(entry, matrices) for entry in row.split("&")] for row in rows])
        return f" ⟦{len(matrices) - 1}⟧ "

    def cases(found: re.Match[str]) -> str:
        yes, no = re.split(r"\\\\(?:\[\S+?\])?", found[1])[:2]
        value, _, condition = yes.partition("&")
        condition = re.sub(r"\s*\\text\{if \} \{(.*)\}(?= \S+ 0\s*$)", r"\1", condition)
        return f"(if {condition}: {value}, else {no.partition('&')[0]})"

    text = re.sub(r"\\underbrace\s*", "", text)
    text = re.sub(r"\}_\{\d+\s*\\times\s*\d+\}", "}", text)
    inner = re.compile(r"\\begin\{cases\}((?:(?!\\begin|\\end).)*)\\end\{cases\}", re.S)
    while inner.search(text):
        text = inner.sub(cases, text)
    inner = re.compile(r"\\begin\{bmatrix\}((?:(?!\\begin|\\end).)*)\\end\{bmatrix\}", re.S)
    while inner.search(text):
        text = inner.sub(matrix, text)
    for word, plain in WORDS.items():
        text = re.sub(re.escape(word) + r"(?![a-zA-Z])" if word[-1].isalpha() else re.escape(word), plain, text)
    return re.sub(r"&", " ", _groups(text))


def _groups(text: str) -> str:
    """Fractions, roots, powers and braces as parentheses."""
    out, at = "", 0
    while at < len(text):
        fraction = re.match(r"\\[td]?frac", text[at:])
        if fraction:
            upper, at = _group(text, at + fraction.end())
            lower, at = _group(text, at)
            out += f"(({_groups(upper)}) / ({_groups(lower)}))" if (upper, lower) != ("1", "2") else "½ "
        elif text.startswith(r"\sqrt", at):
            inner, at = _group(text, at + 5)
            out += f"√({_groups(inner)})"
        elif text[at] == "^" and at + 1 < len(text) and text[at + 1] == "{":
            inner, at = _group(text, at + 1)
            out += "ᵀ" if inner == "T" else f"^({_groups(inner)})"
        elif text[at] == "{":
            inner, at = _group(text, at)
            out += _groups(inner) if "⟦" in inner else "{" + _groups(inner) + "}"
        else:
            out += text[at]
            at += 1
    sci = re.compile(r"(\d) · 10\^\((-?\d+)\)")
    return sci.sub(lambda m: m[1] + "·10" + m[2].translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")), out)


def _group(text: str, at: int) -> tuple[str, int]:
    """The content of the braces at ``at``, and where it goes on after them."""
    if text[at : at + 1] != "{":
        return text[at : at + 1], at + 1
    depth = 0
    for end in range(at, len(text)):
        depth += (text[end] == "{") - (text[end] == "}")
        if depth == 0:
            return text[at + 1 : end], end + 1
    return text[at + 1 :], len(text)
