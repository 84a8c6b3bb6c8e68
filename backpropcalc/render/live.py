"""What makes a page of HTML live: its fields, and the program of its calculation as JavaScript."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import chain

from backpropcalc.algebra.fragments import unbroken
from backpropcalc.algebra.javascript import JAVASCRIPT, operations
from backpropcalc.algebra.terms import PARAMETERS, Num, Term, Var, variables
from backpropcalc.algebra.typeset import typeset
from backpropcalc.execution.values import sources, vanishing
from backpropcalc.pages.calculation import Page
from backpropcalc.pages.graph import GraphPage
from backpropcalc.pages.notes import INFINITE, UNDEFINED
from backpropcalc.pages.pieces import Document
from backpropcalc.program.steps import LOSS, Step
from backpropcalc.rules.optimisers import ITERATION

SCRIPTS = ("live.js", "figures.js", "copies.js")
"""What a page does, how it writes numbers, how its formulas are copied."""
FIELDS = frozenset({"x", "t", *PARAMETERS, "rate", "node", "iterate"})
"""The roles of what is given and can be changed: not what an optimiser remembers."""


def page_of(document: Document, most: int) -> Page | None:
    """The calculation that a document is, if it can be worked in a browser."""
    return document if isinstance(document, Page) and not reason(document, most) else None


def reason(document: Document, most: int) -> str:
    """Why the numbers of a calculation stay as they are, which has more than ``most`` lines or …; empty if not."""
    if not isinstance(document, Page):
        return ""
    trace, spec = document.trace, document.trace.spec
    if any(not row for rows in trace.program.given.values() for row in rows or ((),)):
        return "it is in symbols"
    if document.exact:
        return "they are exact"
    if document.as_given:
        return "each is rounded as it is written"
    if document.digits.kinds:
        return "each kind of quantity has digits of its own"
    if not trace.schedule.whole:
        return "each iteration takes other samples"
    if trace.first != 1 or (len(trace.main) + len(trace.after)) * spec.iterations > most:
        return f"there are more than {most:,} lines" if trace.first == 1 else "they begin in the middle"
    return ""


class Program:
    """The steps of a page as a program in JavaScript, with formulas that the page shows the values of beside them."""

    def __init__(self, page: Page) -> None:
        self.page, self.trace = page, page.trace
        given = [
            (var.at((r, c)), number.text)
            for var, rows in self.trace.program.given.items()
            for r, row in enumerate(rows)
            for c, number in enumerate(row)
        ]
        self.given = dict(given)
        self.main, self.after = self.trace.main, self.trace.after
        self.more: dict[Term, str] = {}
        """Formulas that are no lines, each with an id."""
        self.slots = {
            var: n for n, var in enumerate(chain(self.given, (step.var for step in (*self.main, *self.after))))
        }
        self.constants: dict[str, int] = {}

    def id(self, source: Term) -> str:
        """The id of a quantity, or that which a formula gets."""
        return source.id if isinstance(source, Var) else self.more.setdefault(source, f"={len(self.more) + 1}")

    def leaf(self, node: Var | Num, guard: int) -> str:
        """A quantity by its slot, a number by its place among the constants."""
        if isinstance(node, Var):
            return f"v[{self.slots[node]}]"
        return f"c[{self.constants.setdefault(node.text, len(self.constants))}]"

    def code(self, term: Term) -> str:
        """A term as JavaScript."""
        return unbroken(typeset(term, JAVASCRIPT, self.leaf))

    def assignments(self, steps: Iterable[Step]) -> str:
        """The steps as statements."""
        return "".join(f"v[{self.slots[step.var]}]={self.code(step.safe or step.term)};\n" for step in steps)

    def written(self) -> str:
        """The object that ``live`` takes: ids, what is given, the functions that work the lines, what is carried."""
        more = "".join(f"v[{len(self.slots) + n}]={self.code(term)};\n" for n, term in enumerate(self.more))
        main, after = self.assignments(self.main) + more, self.assignments(self.after)
        steps = (*self.main, *self.after)
        slots = self.slots
        parts = {
            "ids": [*(var.id for var in slots), *self.more.values()],
            "given": list(self.given.values()),
            "needs": [sorted({slots[var] for var in variables(step.term)}) for step in steps],
            "sources": [sorted({slots[var] for var in sources(step.term)}) for step in steps],
            "vanishing": [vanishing(step.term) for step in steps],
            "constants": list(self.constants),
            "carried": [[slots[old], slots[new]] for old, new in self.carried],
            "count": slots.get(ITERATION.at((0, 0))),
            "iterations": 1 if self.trace.spec.kind == "descent" else self.trace.spec.iterations,
            "digits": {"decimals": self.page.digits.decimals, "significant": self.page.digits.significant},
            "root": self.root,
            "remarks": [UNDEFINED, INFINITE],
        }
        corners = "".join(
            f"[{slots[step.var]}, {_said(step.kink.text)}, {self.code(step.kink.at)}],\n"
            for step in self.main
            if step.kink is not None
        )
        said = "".join(f"{key}: {_said(value)},\n" for key, value in parts.items())
        functions = f"work(v, c) {{\n{main}}},\nafter(v, c) {{\n{after}}},\ncorners: (v, c) => [{corners}]"
        return f"live({{\n{said}{functions}}});\n"

    @property
    def root(self) -> str:
        """The id of what is differentiated."""
        return self.page.graph.root.id if isinstance(self.page, GraphPage) else LOSS.id

    @property
    def carried(self) -> Iterable[tuple[Var, Var]]:
        """What becomes the given number of the next iteration, each with its new value."""
        return getattr(self.trace.stage(1), "carried", ()) if self.trace.spec.kind == "network" else ()

    def fields(self) -> Iterator[tuple[str, list[tuple[Var, str]]]]:
        """What can be changed, in groups with a heading: the quantity and its text."""
        depth = max((var.layer for var in self.given if var.role in PARAMETERS), default=0)
        groups: dict[str, list[tuple[Var, str]]] = {}
        for var, text in self.given.items():
            if var.role in FIELDS:
                groups.setdefault(_group(var, depth), []).append((var, text))
        yield from groups.items()


def _group(var: Var, depth: int) -> str:
    if var.role in PARAMETERS:
        hidden = "hidden layer" if depth == 2 else f"hidden layer {var.layer}"
        return "output layer" if var.layer == depth else hidden
    return {"x": "inputs", "t": "targets", "rate": "learning rate", "node": "values", "iterate": "start"}[var.role]


def _said(value: object) -> str:
    """A value as JavaScript within a page: nothing in it ends the script."""
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c")


@cache
def library() -> str:
    """The arithmetic and the behaviour of the page, as JavaScript."""
    return operations() + "".join(files(__package__).joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS)


def script(program: Program) -> str:
    """The whole script of a page."""
    return f'"use strict";\n{library()}{program.written()}'


def policy(source: str) -> str:
    """What allows a page to run this script and nothing else."""
    return f"script-src 'sha256-{b64encode(sha256(source.encode()).digest()).decode()}'"


TOOLS = """<p class="tools" hidden>
<button type="button" id="update" title="the new weights become the given ones">Update</button>
<button type="button" id="reset" title="all numbers as they were">Reset</button>
<button type="button" id="step" title="line by line with the arrow keys; Escape ends it">Step by step</button>
<button type="button" id="copy-latex" title="the line that a click holds, or all of them">Copy as LaTeX</button>
<button type="button" id="copy-text" title="the line that a click holds, or all of them">Copy as text</button>
<output id="said" role="status"></output>
</p>
<figure id="losses" hidden><svg viewBox="0 0 300 80" role="img"><polyline class="curve"/></svg><figcaption></figcaption>
</figure>
"""


def _field(name: str, var: Var, text: str) -> str:
    id = escape(var.id)
    return (
        f'<label>{name} <input name="{id}" value="{escape(text)}" aria-label="{id}" size="{max(6, len(text))}" '
        'inputmode="text" autocomplete="off" spellcheck="false"></label>'
    )


def panel(program: Program, name: Callable[[Var], str]) -> str:
    """Fields for all that is given, by its name, and what can be done with the page."""
    sets = ""
    for legend, fields in program.fields():
        labels = "".join(_field(name(var), var, text) for var, text in fields)
        sets += f"<fieldset><legend>{legend}</legend>{labels}</fieldset>\n"
    return f'<details class="fields" open><summary>Change a number</summary><form>\n{sets}</form></details>\n{TOOLS}'
