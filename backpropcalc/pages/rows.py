"""Rows: a line of the calculation as text, in one written language. All that an output form sees.

A row is either written with its numbers, or with a slot for each number; text made of such rows is a template that
is filled once per iteration, which is what makes ten thousand iterations a matter of a second.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import chain
from typing import Any, NamedTuple

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.digits import Digits, latex_number, positional, text_number
from backpropcalc.algebra.terms import Num, Op, Term, Var, variables
from backpropcalc.algebra.typeset import BREAK, LATEX, LATEX_TENSORS, SOFT_BREAK, TEXT, TEXT_TENSORS, Syntax, typeset
from backpropcalc.errors import fail, printable
from backpropcalc.execution.run import trace_of
from backpropcalc.execution.trace import Trace, Values, is_finite
from backpropcalc.notation.names import Names
from backpropcalc.notation.notation import Notation
from backpropcalc.notation.own_names import notation_of
from backpropcalc.program.steps import Block, Step
from backpropcalc.spec.model import Spec

CACHED = 5000
"""Up to this many lines per iteration the templates are kept for the next iteration."""


class Row(NamedTuple):
    """``name = formula = numbers = value``; ``numbers`` is empty where it would only repeat its neighbour."""

    step: Step
    name: str
    formula: str
    numbers: str
    relation: str
    value: str
    note: str = ""


class Language(NamedTuple):
    """A written language: how terms, names and numbers look in it."""

    syntax: Syntax
    name: Callable[[Notation, Var], str]
    number: Callable[[str, int], str]
    equal: str
    about: str
    infinite: str
    tensors: Syntax = TEXT_TENSORS
    fraction: str = "{}/{}"
    function: str = "{}"
    underscore: str = "_"
    partial: str = "∂{}/∂{}"
    arrow: str = " → "
    more: str = " …"
    interval: Callable[[str], str] = str
    """Writes a range of numbers."""


def _called(form: str) -> Callable[[Notation, Var], str]:
    """The way that a notation itself has of writing a name."""
    return lambda notation, var: getattr(notation, form)(var)


TERMINAL = Language(TEXT, _called("text"), text_number, "=", "≈", "∞")
_IN_TEX = {"−": "-", "∞": r"\infty", "π": r"\pi", "α": r"\alpha", "{": r"\{", "}": r"\}"}
_TEX_SIGNS = re.compile("[" + re.escape("".join(_IN_TEX)) + "]")
TEX = Language(
    LATEX,
    _called("latex"),
    latex_number,
    "=",
    r"\approx",
    r"\infty",
    LATEX_TENSORS,
    fraction=r"\frac{{{}}}{{{}}}",
    function=r"\operatorname{{{}}}",
    underscore=r"\_",
    partial=r"\frac{{\partial {}}}{{\partial {}}}",
    arrow=r" \to ",
    more=r"\;\dots",
    interval=lambda text: _TEX_SIGNS.sub(lambda sign: _IN_TEX[sign[0]], text),
)

Write = Callable[[Var, int], str]
"""Writes the value of an entry; the second argument as in ``typeset.Leaf``, or one of the next two."""
RELATION = 3
"""The sign before a value: = or ≈."""
RAW = 4
"""All digits, as JSON has them."""


@dataclass(frozen=True)
class Page:
    """What is to be shown, how: the trace, its notation, and which lines."""

    trace: Trace
    notation: Notation
    phases: frozenset[str] = frozenset()
    only: frozenset[Var] | None = None

    @property
    def forms(self) -> Mapping[str, str]:
        """The module that writes each output form of such a page."""
        return {"terminal": "terminal", "latex": "latex", "markdown": "markdown", "json": "json"}

    def check(self) -> None:
        """Raises ``InputError`` if nobody could read it."""
        if self.trace.spec.method.chain == "full":
            _few_paths(self)

    def headings(self, block: Block, before: Block | None) -> Iterator[tuple[int, str]]:
        """What to announce before ``block``, with its level: iteration (1), phase (2), layer (3)."""
        from .page import headings

        return headings(self, block, before)

    def writer(self, language: Language, abbreviated: bool = True) -> Writer:
        """What makes rows in a language; ``abbreviated`` is whether a large matrix may be."""
        if self.trace.spec.method.exact:
            from .exact import ExactWriter

            return ExactWriter(self, language)
        return Writer(self, language)

    def notes(self, step: Step, values: Values) -> str:
        """What must be said about a line."""
        said = notes(step, values)
        if not said and self.trace.spec.method.exact:
            from .exact import swells

            return swells(step, values)
        return said

    @property
    def lineage(self) -> Trace:
        """The trace whose lines say what is worked out from what."""
        return self.trace

    @property
    def has_result(self) -> bool:
        """Whether the result belongs on it: not where only phases before the update are shown."""
        return not self.phases or bool(self.phases & {"update", "after"})

    def blocks(self, iteration: int) -> tuple[Block, ...]:
        """The blocks of an iteration."""
        return self.trace.blocks(iteration)

    def after(self, iteration: int) -> tuple[Block, ...]:
        """The blocks after the update, if this is the last iteration."""
        return self.trace.after_blocks(iteration)

    @property
    def templated(self) -> bool:
        """Whether the lines look the same in every iteration but for their numbers, and are few enough to keep."""
        spec = self.trace.spec
        return spec.iterations > self.trace.first and self.trace.program.size <= CACHED and not spec.method.exact

    @property
    def wholes(self) -> Mapping[Var, tuple[Var, ...]]:
        """Each tensor that a line may stand for, and its entries: none where every line is an entry."""
        return {}

    def steps(self, block: Block) -> Iterator[Step]:
        """The scalar steps of a block that are to be shown."""
        if self.phases and block.phase not in self.phases:
            return iter(())
        if self.only is None:
            return block.cells
        return (step for step in block.cells if step.var in self.only)


def page(spec: Spec, only: Iterable[str] = (), phases: frozenset[str] = frozenset(), first: int = 1) -> Page:
    """The page of a spec: all of it, some phases, or what the quantities called ``only`` are worked out from.

    It begins with iteration ``first``.

    Raises ``InputError`` if a name is unknown or names nothing that is computed.
    """
    spec.numbers()
    trace, notation = trace_of(spec, first), notation_of(spec)
    home, name = PAGES[spec.kind, spec.style.view]
    kind: type[Page] = getattr(import_module(f".{home}", __package__), name)
    whole = kind(trace, notation, phases)
    found = replace(whole, only=_needed(whole.lineage, notation, only, whole.wholes))
    found.check()
    return found


PAGES = {
    ("network", "scalar"): ("rows", "Page"),
    ("network", "matrix"): ("matrices", "MatrixPage"),
    ("graph", "scalar"): ("graph", "GraphPage"),
    ("descent", "scalar"): ("descent", "DescentPage"),
    ("catalogue", "scalar"): ("catalogue", "CataloguePage"),
}
"""Kind of spec and view to the module and the class of its pages."""


def _few_paths(page: Page) -> None:
    """Raises ``InputError`` if a gradient that is shown has more paths to the loss than anyone writes down."""
    from backpropcalc.program.paths import MOST, counts

    paths = dict(counts(page.trace.program.blocks))
    shown = (step.var for block in page.trace.program.blocks for step in page.steps(block) if step.var.role == "d")
    for var in shown:
        count = paths.get(replace(var, index=None), 0)
        if count > MOST:
            name = page.notation.ascii(var)
            help = "--chain delta goes back layer by layer; --only NAME shows a parameter nearer to the output"
            raise fail("too-many-paths", f"{name} has {count:,} paths to the loss, more than {MOST}", help)


def _needed(
    trace: Trace, notation: Notation, only: Iterable[str], wholes: Mapping[Var, Iterable[Var]]
) -> frozenset[Var] | None:
    """Every entry that is shown, None for all."""
    return trace.needed(_wanted(trace, notation, only, wholes)) if only else None


def _wanted(
    trace: Trace, notation: Notation, only: Iterable[str], wholes: Mapping[Var, Iterable[Var]]
) -> Iterator[Var]:
    computed = dict.fromkeys(trace.computed())
    updated = {var.parts[0]: var for var in computed if var.role == "new"}
    names = Names(notation, chain(wholes, trace.given(), computed))
    for name in only:
        found = names.find(name)
        entries = [var for var in wholes.get(found, (found,)) if var in computed or var in updated]
        if not entries:
            raise fail("given", f"{printable(name)} is given, not computed", "name a quantity that is worked out")
        yield from (updated.get(var, var) for var in entries)


class Writer:
    """Makes rows in one language."""

    def __init__(self, page: Page, language: Language) -> None:
        self.page, self.language, self.notation = page, language, page.notation
        self.digits = page.trace.digits
        self.given_as_written = page.trace.spec.method.carry == "rounded"

    def row(self, step: Step, write: Write, note: str = "") -> Row:
        """The row of a step, its numbers written by ``write``."""
        formula = self.formula(step)
        numbers = ""
        if isinstance(step.term, Op):
            numbers = typeset(step.term, self.language.syntax, lambda node, guard: self.leaf(node, guard, write))
        return Row(
            step,
            self.name(step.var),
            formula,
            "" if numbers == formula else numbers,
            write(step.var, RELATION),
            write(step.var, 0),
            note,
        )

    def name(self, var: Var) -> str:
        """The name of a quantity."""
        return self.language.name(self.notation, var)

    def formula(self, step: Step) -> str:
        """The right side in symbols."""
        return typeset(step.term, self.language.syntax, self.symbol, self.label)

    def equation(self, name: str, term: Term) -> str:
        """``name = term`` in symbols; ``name`` is written as it is."""
        right = _unbroken(typeset(term, self.language.syntax, self.symbol, self.label))
        return f"{name} = {right}"

    def function(self, name: str, mark: str = "") -> str:
        """The name of a function, with a ``'`` if it is a derivative."""
        return self.language.function.format(name.replace("_", self.language.underscore)) + mark

    def symbol(self, node: Var | Num, guard: int) -> str:
        """A leaf in symbols."""
        if isinstance(node, Num):
            return self.literal(node, guard)
        name = self.name(node)
        return f"({name})" if guard == 2 and ("^" in name or "frac" in name or "/" in name) else name

    def label(self, y: Var, x: Var) -> str:
        """The name of a factor ∂y/∂x."""
        return self.name(Var("d", x.layer, (1, 1), (y, x)))

    def literal(self, number: Num, guard: int) -> str:
        """A number of the formula itself."""
        above, slash, below = number.text.partition("/")
        if not slash:
            return self.language.number(number.text, guard)
        sign = self.language.syntax.minus if above[0] == "-" else ""
        text = sign + self.language.fraction.format(above.lstrip("-"), below)
        return f"({text})" if guard == 2 or (guard and sign) else text

    def leaf(self, node: Var | Num, guard: int, write: Write) -> str:
        """A leaf of the substituted formula."""
        return self.literal(node, guard) if isinstance(node, Num) else write(node, guard)

    def direct(self, values: Values) -> Write:
        """Writes the numbers of one iteration."""

        def write(var: Var, guard: int) -> str:
            value = values.of(var)
            return self.format(var, guard, value, self.shown(var, value) if is_finite(value) else "", values)

        return write

    def format(self, var: Var, guard: int, value: Any, shown: str, values: Values) -> str:
        """What stands for the value of an entry; ``shown`` are its digits in ASCII."""
        if guard < RELATION:
            return self.language.number(shown, guard) if shown else self.nonfinite(value, guard)
        if guard == RAW:
            return _raw(value)
        if values.inexact is not None:
            exact = var not in values.inexact
        else:
            exact = not shown or self.digits.exactly(value, shown)
        return self.language.equal if exact else self.language.about

    def shown(self, var: Var, value: Any) -> str:
        """The digits of a finite value, in ASCII; under ``carry: rounded`` what is given stays as it was given."""
        return positional(value) if self.given_as_written and var.role in GIVEN else self.digits.shown(value)

    def amount(self, value: Any, digits: Digits | None = None) -> str:
        """A value on its own, finite or not, with the digits of the page or with ``digits``."""
        if not is_finite(value):
            return self.nonfinite(float(value))
        return self.language.number((digits or self.digits).shown(value), 0)

    def nonfinite(self, value: Any, guard: int = 0) -> str:
        """An infinite or undefined value."""
        infinite = self.language.infinite
        if value != value or value > 0:
            return "?" if value != value else infinite
        return f"({self.language.syntax.minus}{infinite})" if guard else self.language.syntax.minus + infinite


GIVEN = frozenset({"x", "t", "w", "b", "shared", "rate", "k"})


def _raw(value: Any) -> str:
    return repr(float(value)) if is_finite(float(value)) else "null"


def notes(step: Step, values: Values) -> str:
    """What must be said about a line: a slope at a corner, a value that is infinite, undefined or saved from that."""
    if step.kink is not None and _vanishes(step.kink[0], values):
        return step.kink[1]
    value = values.of(step.var)
    if is_finite(value):
        if step.safe is None or values.inexact is not None:
            return ""
        written = evaluate(step.term, values.of, FLOAT)
        kept = math.isclose(written, value, rel_tol=1e-6, abs_tol=1e-15 if abs(value) > 1e-12 else 0)
        return "" if kept or written == value else "worked out from the weighted sums: these numbers lost their digits"
    if any(not is_finite(values.of(var)) for var in variables(step.term)):
        return "no number, because it is worked out from one that is infinite or undefined"
    if value != value:
        return "undefined here: the formula has no value for these numbers"
    return "infinite, or too large for a number with 15 digits"


def _vanishes(term: Term, values: Values) -> bool:
    """Whether it is 0: the place of a kink."""
    return bool(evaluate(term, values.of, FLOAT) == 0)


def _unbroken(text: str) -> str:
    return text.replace(BREAK, "").replace(SOFT_BREAK, "")
