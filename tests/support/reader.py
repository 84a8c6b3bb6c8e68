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
from contextlib import suppress
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
    r"|(?P<word>e\^(?=\()|if|else|otherwise|exp|ln|tanh|arctan|sin|cos|tan|max|min|abs|diag|Σ[↓→]?|√|σ(?=\())"
    r"|(?P<sign>[-−+·⊙/(),:|^ᵀ½≥>≤<?–]))"
)
Lift = Callable[[str], Range]
"""What a shown number stands for."""


SUMS: dict[str, Callable[[Value], Value]] = {
    "all": lambda m: _total([x for row in m for x in row]),
    "rows": lambda m: [[_total(list(column)) for column in zip(*m, strict=True)]],
    "columns": lambda m: [[_total(row)] for row in m],
}
"""What Σ before a matrix may mean: of all its entries, over its rows, or over its columns."""


class Ledger:
    """What the names of a page stand for, as far as it has been read."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self.alike: dict[str, list[str]] = {}
        """Names by how they begin, the longest first."""

    def note(self, name: str, value: Value) -> None:
        if name not in self.values:
            group = self.alike.setdefault(name[:4], [])
            group.append(name)
            group.sort(key=len, reverse=True)
        self.values[name] = value

    def at(self, text: str, start: int) -> str:
        """The name that stands there, or nothing."""
        for length in range(4, 0, -1):
            for name in self.alike.get(text[start : start + length], ()):
                if len(name[:4]) == length and text.startswith(name, start):
                    return "" if GOES_ON.match(text, start + len(name)) else name
        return ""

    def renew(self, given: Iterable[str]) -> None:
        """A new iteration begins: what was updated takes the place of what was given, nothing else is known."""
        before, self.values, self.alike = self.values, {}, {}
        for name in given:
            updated = [x for x in before if any(x.replace(mark, "", 1) == name for mark in UPDATED if mark in x)]
            self.note(name, before[updated[0] if updated else name])


UPDATED = ("⁺", "^(+)", "+", "^(*)", "*", "_new", "_(new)", "^(new)", ",new")
GOES_ON = re.compile(r"[\w⁺*←'′₀-₉]|[_\[]|\(\d+\)|\^\([\[(+*]|\^\(new|/∂|←")
"""What follows where a name is only the beginning of another."""


class _Reading:
    """One text, read from left to right."""

    def __init__(
        self, text: str, lift: Lift, matrices: tuple[Any, ...] = (), sums: str = "all", names: Ledger | None = None
    ) -> None:
        self.lift, self.matrices, self.sums, self.names = lift, matrices, sums, names
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            at = _after_space(text, at)
            if names and (name := names.at(text, at)):
                self.tokens.append(("name", name))
                at += len(name)
                continue
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

    def next_is(self, kind: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at][0] == kind

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
                self.peek() in ("½", "(")
                or self.peek()[:1] == "⟦"
                or self.next_is("name")
                or (isinstance(value, list) and self.next_is("number"))
            ):
                value = _product(value, self.signed())
            else:
                return value

    def signed(self) -> Value:
        if self.take("−", "-"):
            return _each(_minus, self.signed())
        for sign, way in (("Σ↓", "rows"), ("Σ→", "columns")):
            if self.take(sign):
                inner = self.signed()
                return SUMS[way](inner) if isinstance(inner, list) else inner
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
        if kind == "name" and self.names:
            if self.names.values[text] is None:
                raise Undefined(text)
            return self.names.values[text]
        if kind == "matrix":
            rows = self.matrices[int(text[1:-1])]
            inner = (self.lift, self.matrices, "all", self.names)
            return [[_Reading(entry, *inner).whole() for entry in row] for row in rows]
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
        if text == "–":  # it is not worked out
            return ALL
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


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


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
    """Judges the statements of a page, in their order, with so many decimals or significant digits.

    ``mixed``: the digits differ by kind of quantity, so that a number shows its own.
    """

    def __init__(
        self, decimals: int | None = 6, significant: int | None = None, rounded: bool = False, mixed: bool = False
    ) -> None:
        self.decimals, self.significant, self.rounded, self.mixed = decimals, significant, rounded, mixed
        self.counts: Counter[str] = Counter()
        self.unread: list[str] = []
        self.names = Ledger()
        self.given: list[str] = []

    def exactly(self, text: str) -> Range:
        """It is what it looks like."""
        value, _ = number(text)
        return Range(value, value)

    def roughly(self, text: str) -> Range:
        """It is rounded to the digits of the page; zeros at its end may be missing."""
        value, places = number(text)
        if places >= 10**6:
            return Range(value, value)
        if self.mixed:
            here = places
        elif self.significant is not None:
            here = self.significant - 1 - int(mp.floor(mp.log10(value))) if value else 10**6
        else:
            here = max(places, self.decimals or 0) if places >= 0 or "·" not in text else places
        half = mpf(10) ** -here / 2 if here < 10**6 else mpf(0)
        return Range(value - half, value + half)

    def learn(self, facts: Iterable[Statement]) -> None:
        """Take what is given for granted."""
        for statement in facts:
            self.given.append(statement.name)
            self.names.note(statement.name, self.exactly_or_less(statement))

    def exactly_or_less(self, statement: Statement) -> Value:
        """The value of what is named: as it looks where it is exact."""
        sign, text = statement.parts[-1]
        lift = self.roughly if sign == "≈" and not self.rounded else self.exactly
        return _Reading(text, lift, statement.matrices, names=self.names).whole()

    def faults(self, statement: Statement) -> list[str]:
        """What is false in it; counts the line as read if its result was worked again from numbers or from names."""
        if not statement.parts:
            self.names.renew(self.given)
            return []
        kinds = [self.kind(text, statement) for _, text in statement.parts]
        found: list[str] = []
        worked = ""
        read = [n for n, kind in enumerate(kinds) if kind]
        for before, after in pairwise(read):
            signs = {sign for sign, _ in statement.parts[before + 1 : after + 1]}
            sign = "≈" if "≈" in signs else "="
            (_, left), (_, right) = statement.parts[before], statement.parts[after]
            by = "named" if "names" in (kinds[before], kinds[after]) else "read"
            complaint = self.compare(left, sign, right, statement, by)
            worked = by
            if complaint:
                found.append(f"{complaint} | {statement}")
        self.count(statement, kinds, worked)
        if kinds[-1]:
            begun = self.counts["read"] + self.counts["named"]
            entries = [Statement(name, ((statement.parts[-1][0], text),)) for name, text in named(statement)]
            for known in (statement, *entries):
                with suppress(Unread):
                    try:
                        self.names.note(known.name, self.exactly_or_less(known))
                    except Undefined:
                        self.names.note(known.name, None)
                    self.given += [] if begun else [known.name]
        return found

    def count(self, statement: Statement, kinds: list[str], worked: str) -> None:
        """What has become of it."""
        if kinds[-1] and worked:
            self.counts[worked] += 1
        elif kinds in (["numbers"], ["names"]) or (
            kinds == ["", "numbers"] and re.fullmatch(r"⟦\d+⟧", statement.parts[0][1])
        ):
            self.counts["stated"] += 1
        elif any(mark in str(statement.matrices) for mark in "…⋮"):
            self.counts["abridged"] += 1
        elif kinds[-1] == "numbers" and len(kinds) > 1 and not kinds[-2]:
            self.counts["bare"] += 1
            self.unread.append("BARE " + str(statement))
        else:
            self.counts["unread"] += 1
            self.unread.append(str(statement))

    def kind(self, text: str, statement: Statement) -> str:
        """Whether it is made of ``numbers``, or of ``names`` too that are known; nothing if it cannot be read."""
        for kind, names in (("numbers", None), ("names", self.names)):
            with suppress(Unread):
                with suppress(Undefined):
                    _Reading(text, self.exactly, statement.matrices, names=names).whole()
                return kind
        return ""

    def compare(self, left: str, sign: str, right: str, statement: Statement, by: str) -> str:
        """What is wrong with ``left`` ``sign`` ``right``, or nothing."""
        ways = SUMS if "Σ" in left + right and statement.matrices else ("all",)
        found = [self.compared(left, sign, right, statement, way, by) for way in ways]
        return "" if "" in found else found[0]

    def compared(self, left: str, sign: str, right: str, statement: Statement, sums: str, by: str) -> str:
        """The same, where Σ means one thing."""

        def value(text: str, lift: Lift) -> Value:
            return _Reading(text, lift, statement.matrices, sums, self.names if by == "named" else None).whole()

        try:
            value(right, self.exactly)
        except Undefined:
            return ""
        except Unread as reason:
            return self.sizes(reason, by)
        try:
            if sign == "=":
                lift = self.exactly if by == "read" or self.rounded else self.roughly
                pairs = list(_paired(value(left, lift), value(right, lift)))
                wrong = [(a, b) for a, b in pairs if not a.meets(b)]
                return f"= but {_said(*wrong[0])}" if wrong else ""
            if self.rounded and re.fullmatch(rf"⟦\d+⟧|{NUMBER}|–", right.strip()):
                return self.rounding(value(left, self.exactly), right, statement)
            pairs = list(_paired(value(left, self.roughly), value(right, self.roughly)))
            if any(a.width == inf or (self.decimals and a.width > 1000 * b.width > 0) for a, b in pairs):
                self.counts["loose"] += 1
            wrong = [(a, b) for a, b in pairs if not a.meets(b)]
            return f"≈ but {_said(*wrong[0])}" if wrong else ""
        except Undefined as reason:
            return f"{reason}, yet {right}"
        except Unread as reason:
            return self.sizes(reason, by)

    def sizes(self, reason: Unread, by: str) -> str:
        """What to say of sizes that do not go together: a whole matrix may be called as it is without its biases."""
        if by == "named":
            self.counts["sizes"] += 1
            return ""
        return f"sizes: {reason}"

    def rounding(self, left: Value, right: str, statement: Statement) -> str:
        """Under ``carry: rounded``: whether it is the exact value, rounded half up once."""
        texts = statement.matrices[int(right.strip()[1:-1])] if right.strip().startswith("⟦") else [[right]]
        shown = [[_Reading(text, self.exactly).whole() for text in row] for row in texts]
        for (a, b), text in zip(_paired(left, shown), [text for row in texts for text in row], strict=True):
            if text.strip() == "–":
                continue
            if a.low != a.high:
                return f"no single value: {_said(a, b)}"
            rounded = _half_up(a.low, number(text.strip(" −-"))[1]) if self.mixed else self.half_up(a.low)
            if abs(rounded - b.low) > EQUAL * max(1, abs(b.low)):
                return f"rounds to {mp.nstr(rounded, 17)}, shown {mp.nstr(b.low, 17)}"
        return ""

    def half_up(self, x: Any) -> Any:
        """Rounded half up, away from 0; what would become 0 keeps significant digits."""
        if x == 0:
            return x
        leading = int(mp.floor(mp.log10(abs(x)) + EQUAL))
        places = self.significant - 1 - leading if self.significant is not None else self.decimals or 0
        if self.significant is None and abs(x) * mpf(10) ** places < mpf(1) / 2 - EQUAL:
            places = max(1, self.decimals or 0) - 1 - leading
        return _half_up(x, places)


def _half_up(x: Any, places: int) -> Any:
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

NUMBER = r"[−-]?\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?)?(?:·10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?"
VALUED = re.compile(rf"((?=[^\W\d_]|∂)\S+) +({NUMBER})(?=\s|$)")
LISTED = re.compile(rf" (?:{VALUED.pattern} *)+")
"""Values without their working, of units like one that is worked."""
LINE = re.compile(r" (\S(?:.*?\S)??)(?:\s{2,}| (?=[=≈] ))(\S.*)")
SIGN = re.compile(r" ([=≈]) |^([=≈]) ")
BRACKETS = {"⎡": "⎤", "[": "]"}


NEXT = "a new iteration"


def statements(page: str, form: str) -> list[Statement]:
    """The lines of a page, in the ``form`` ``terminal`` or ``latex``; where an iteration begins, one without parts."""
    page = re.sub(r"\\phantom\{[^{}]*\}", "", page)  # room that is left so that points line up
    return list((_terminal if form == "terminal" else _latex)(page))


MORE_BETWEEN = "whose entries are rounded too"
"""Said of a line between whose working and result there is more that is rounded."""
NOTE = re.compile(r"\s*(?:\\text\{)?\([A-Za-z–][\w-]* [a-z](?:[^{}]|\{[^{}]*\})*\)\}?$")
"""A remark in words behind a result."""


def parted(name: str, text: str, matrices: tuple[Any, ...] = ()) -> Statement:
    """A statement of what stands beside a name."""
    if MORE_BETWEEN in text:
        text = re.split(r"[=≈]", NOTE.sub("", text))[-1]
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
        if re.match(r" Iteration \d+", line):
            blocks.append([NEXT])
        if not working or "──" in line or not line.strip() or re.match(r" (\d  |Iteration |Step by)|  \d  ", line):
            blocks.append([])
        else:
            blocks[-1].append(line)
    for block in blocks:
        if block == [NEXT]:
            yield Statement("", ())
            continue
        if any(c in line for line in block for c in "⎡⎢⎣"):  # rows of a matrix may stand above the line that names it
            yield _entry(block)
            continue
        listed = [line for line in block if LISTED.fullmatch(line)]
        block = [line for line in block if line not in listed]
        starts = [n for n, line in enumerate(block) if line[1:2] != " "]
        for start, end in pairwise([*starts, len(block)]):
            yield _entry(block[start:end])
        yield from (Statement(name, (("≈", value),)) for line in listed for name, value in VALUED.findall(line))


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
    joined = re.sub(r"\s+", " ", " ".join(texts + [line for line in lines if MORE_BETWEEN in line]))
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
            end = _closing(line, at) if char == "[" else lines[top].find("⎤", at)
            rows = [re.split(r"\s{2,}", lines[r][at + 1 : end].strip()) for r in range(top, bottom + 1)]
            out += f" ⟦{len(matrices)}⟧ "
            matrices.append(rows)
            at = end + 1
        else:
            out += char
            at += 1
    return out


def _closing(line: str, at: int) -> int:
    """Where the bracket that opens at ``at`` closes."""
    depth = 0
    for end in range(at, len(line)):
        depth += (line[end] == "[") - (line[end] == "]")
        if depth == 0:
            return end
    return len(line)


def _row_at(line: str, at: int) -> bool:
    """Whether a bracket opens a row of numbers, and is none of a name such as ``W[1]``."""
    return at == 0 or line[at - 1] in " (Σ"


DOTS = ("…", "⋮", "⋱")
"""Cells that stand for those which are left out."""


def named(statement: Statement) -> Iterator[tuple[str, str]]:
    """The entries of the matrices in symbols, each with the number that stands in its place among the numbers."""
    marks = [[statement.matrices[int(n)] for n in re.findall(r"⟦(\d+)⟧", text)] for _, text in statement.parts]
    letters = [any(map(_named, _cells(found))) for found in marks]
    symbols = [matrix for found, symbolic in zip(marks, letters, strict=True) for matrix in found if symbolic]
    numbers = [matrix for found, symbolic in zip(marks, letters, strict=True) for matrix in found if not symbolic]
    if len(symbols) == len(numbers):
        for names, values in zip(symbols, numbers, strict=True):
            if list(map(len, names)) == list(map(len, values)):
                pairs = zip(_cells([names]), _cells([values]), strict=True)
                yield from ((name, value) for name, value in pairs if name not in DOTS)


def _cells(matrices: Iterable[list[list[str]]]) -> list[str]:
    return [cell.strip() for matrix in matrices for row in matrix for cell in row]


def _named(cell: str) -> bool:
    """Whether a name is in it: a function alone, as e or max, is none."""
    return bool(WORD.search(cell))


# What is given

FACT = re.compile(rf"(?<!\S)((?!\d)\S+) = ({NUMBER})(?=[,\s]|\.?\W*$)")
TUPLE = re.compile(rf"\(({NUMBER}(?:, {NUMBER})*)\)")


def given(page: str, form: str) -> Iterator[Statement]:
    """What stands by its name at the beginning of a page."""
    if form == "terminal":
        text = page[: re.search(r"^ (1  ?\S|Iteration|Step by|Given)|\Z", page, re.M).start()]
    else:
        text = page[: page.find(r"\begin{")]
        text = re.sub(r"\\\((.*?)\\\)", lambda found: " " + _linearised(found[1], []) + " ", text)
        text = re.sub(r"\(\((\d+)\) / \((\d+)\)\)", r"\1/\2", text.replace("½ ", "1/2"))
    batches = "samples /" in text  # the samples of a batch are counted from 1 again
    for line in text.replace("\n      ", " ").splitlines():
        facts = [] if re.match(r"\s*corner", line, re.I) else FACT.findall(re.sub(r"\s+", " ", line))
        for name, value in facts:
            yield Statement(name, (("", value),))
        samples, _, names = re.sub(r"\s+", " ", line).partition(" for ")
        if names and not batches:
            for s, row in enumerate(TUPLE.findall(samples), start=1):
                for name, value in zip(names.strip(" ().\\").split(","), row.split(","), strict=False):
                    yield Statement(_of_sample(name.strip(), s, form), (("", value.strip()),))


def _of_sample(name: str, s: int, form: str) -> str:
    if form == "terminal":
        return f"{name}({s})"
    return f"{name[:-1]}({s}))" if name.endswith(")") else f"{name}^(({s}))"


# Pages: LaTeX

WORDS = {
    r"\cdots": "…", r"\vdots": "…", r"\ddots": "…", r"\dots": "…", r"\cdot": " · ", r"\odot": " ⊙ ", r"\approx": " ≈ ",
    r"\sum_{\downarrow}": " Σ↓ ", r"\sum_{\rightarrow}": " Σ→ ",
    r"\sum": " Σ ", r"\ge": " ≥ ", r"\le": " ≤ ", r"\max": "max", r"\min": "min", r"\ln": "ln", r"\tanh": "tanh",
    r"\arctan": "arctan", r"\sin": "sin", r"\cos": "cos", r"\tan": "tan", r"\exp": "exp", r"\quad": " ", r"\,": " ",
    r"\left|": "abs(", r"\right|": ")", r"\left": "", r"\right": "", r"\bigl": "", r"\bigr": "", r"\Big": "",
    r"\operatorname{diag}": "diag",
}  # fmt: skip


LATEX = re.compile(
    r"\\begin\{(align\*|equation\*)\}(?P<work>.*?)\\end\{(?:align\*|equation\*)\}|\\textbf\{(?:\\large )?Iteration \d",
    re.S,
)


def _latex(page: str) -> Iterator[Statement]:
    for found in LATEX.finditer(page):
        block = found["work"]
        if block is None:
            yield Statement("", ())
            continue
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
            yield parted(_plain(name), re.sub(r"\s+", " ", text.replace("&", " ")).strip(), tuple(matrices))


def _plain(name: str) -> str:
    """A name of a LaTeX page as it stands in a text that has been linearised."""
    return re.sub(r"\s+", " ", _linearised(name, [])).strip()


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

    text = _unbraced(text)
    inner = re.compile(r"\\begin\{cases\}((?:(?!\\begin|\\end).)*)\\end\{cases\}", re.S)
    while inner.search(text):
        text = inner.sub(cases, text)
    text = re.sub(r"\\left\[\s*\\begin\{smallmatrix\}", r"\\begin{bmatrix}", text)
    text = re.sub(r"\\end\{smallmatrix\}\s*\\right\]", r"\\end{bmatrix}", text)
    inner = re.compile(r"\\begin\{bmatrix\}((?:(?!\\begin|\\end).)*)\\end\{bmatrix\}", re.S)
    while inner.search(text):
        text = inner.sub(matrix, text)
    inner = re.compile(r"\\begin\{gathered\}((?:(?!\\begin|\\end).)*)\\end\{gathered\}", re.S)
    text = inner.sub(lambda found: _gathered(found[1], matrices), text)
    for word, plain in WORDS.items():
        text = re.sub(re.escape(word) + r"(?![a-zA-Z])" if word[-1].isalpha() else re.escape(word), plain, text)
    return re.sub(r"&", " ", _groups(text))


def _unbraced(text: str) -> str:
    """Without the braces under matrices and what they say, but for which columns these are."""
    out, at = "", 0
    while at < len(text):
        if text.startswith(r"\underbrace", at):
            inner, at = _group(text, at + len(r"\underbrace"))
            out += "{" + _unbraced(inner) + "}"
            if text[at : at + 1] == "_":
                said, at = _group(text, at + 1)
                out += "§" if "column" in said else ""
        else:
            out += text[at]
            at += 1
    return out


def _gathered(text: str, matrices: list[Any]) -> str:
    """Lines under each other: the columns of one matrix, or a sum that goes on."""
    if "§" not in text:
        return text.replace(r"\\", " ")
    parts = [matrices[int(n)] for n in re.findall(r"⟦(\d+)⟧", text)]
    matrices.append([[cell for row in rows for cell in row] for rows in zip(*parts, strict=True)])
    return f" ⟦{len(matrices) - 1}⟧ "


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
    sci = re.compile(r"(\d)\s+·\s+10\^\((-?\d+)\)")
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
