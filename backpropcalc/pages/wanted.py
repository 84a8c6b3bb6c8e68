"""The part of a page that the quantities somebody asks for by name are worked out from."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from backpropcalc.algebra.terms import Var
from backpropcalc.errors import fail, printable
from backpropcalc.execution.run import trace_of
from backpropcalc.notation.names import Names
from backpropcalc.program.asked import derivative, entries_of, whole_derivative
from backpropcalc.program.detail import local_slopes
from backpropcalc.program.layers import variables
from backpropcalc.spec.network import Network

from .calculation import Page


def restricted(page: Page, only: Iterable[str]) -> Page:
    """The page with no lines but those that the quantities called ``only`` are worked out from.

    Raises ``InputError`` if a name is unknown or names nothing that is computed.
    """
    asked = _asked(page, only)
    if asked:
        trace = page.trace
        page = replace(page, trace=trace_of(trace.spec.asking(asked.values()), trace.first))
    return replace(page, only=_needed(page, only, asked))


def _asked(page: Page, only: Iterable[str]) -> dict[str, Var]:
    """The names that are of no quantity of the page but of a derivative that can be worked out, and that derivative."""
    spec = page.trace.spec
    if not isinstance(spec, Network):
        return {}
    names, entries = _names(page), Names(page.notation, chain(page.trace.given(), page.trace.computed()))
    of = variables(spec.on(range(len(spec.inputs))))
    found = {}
    for name in only:
        if names.get(name) is not None:
            continue
        pairs = (derivative(of, y, x) for y, x in entries.ratio(name))
        wholes = (whole_derivative(of, y, x) for y, x in entries.ratio_of_wholes(name))
        known = next(filter(None, chain(pairs, wholes)), None)
        if known is not None:
            found[name] = known
    return found


def _names(page: Page) -> Names:
    """The names of all that is on the page."""
    return Names(page.notation, chain(page.wholes, page.trace.given(), page.trace.computed()))


def _needed(page: Page, only: Iterable[str], asked: Mapping[str, Var]) -> frozenset[Var]:
    """Every entry that those called ``only`` are worked out from."""
    trace = page.trace
    computed = dict.fromkeys(trace.computed())
    updated = {var.parts[0]: var for var in computed if var.role == "new"}
    names = _names(page)
    wanted: list[Var] = []
    for name in only:
        found = entries_of(asked[name]) if name in asked else page.wholes.get(names.find(name))
        entries = [var for var in found or (names.find(name),) if var in computed or var in updated]
        if not entries:
            raise fail("given", f"{printable(name)} is given, not computed", "name a quantity that is worked out")
        wanted += (updated.get(var, var) for var in entries)
    needed = trace.needed(wanted)
    return needed | trace.needed(var for var in _factors(page, needed) if var in computed)


def _factors(page: Page, shown: Container[Var]) -> Iterator[Var]:
    """The slopes of weighted sums by which the lines shown are multiplied, if the page has a line for each of them."""
    if isinstance(page.trace.spec, Network) and page.trace.spec.style.detail == "full":
        for block in page.trace.program.lines:
            for step in block.cells:
                if step.var in shown:
                    yield from (slope.var for slope in local_slopes(step.term, {}))
