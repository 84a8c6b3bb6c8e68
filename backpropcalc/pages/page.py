"""The page of a spec, whatever kind it is of."""

from __future__ import annotations

from collections.abc import Iterable

from backpropcalc.execution.run import trace_of
from backpropcalc.notation.own_names import notation_of
from backpropcalc.spec.model import Spec

from .calculation import Page


def page(
    spec: Spec, only: Iterable[str] = (), phases: frozenset[str] = frozenset(), first: int = 1, every: bool = False
) -> Page:
    """The page of a spec: all of it, some phases, or what the quantities called ``only`` are worked out from.

    It begins with iteration ``first``; with ``every`` it lists all that is given, however much.

    Raises ``InputError`` if a name is unknown or names nothing that is computed.
    """
    spec.numbers()
    if spec.style.view == "matrix" and spec.method.chain == "factors":
        spec = spec.override(chain="delta")  # in matrices every gradient is worked out from δ
    found = _page_of(spec)(trace_of(spec, first), notation_of(spec), phases, every=every)
    if only:
        from .wanted import restricted

        found = restricted(found, only)
    found.check()
    return found


def _page_of(spec: Spec) -> type[Page]:
    """The class of the pages of a spec."""
    if spec.kind == "graph":
        from .graph import GraphPage

        return GraphPage
    if spec.kind == "descent":
        from .descent import DescentPage

        return DescentPage
    if spec.style.view == "matrix":
        from .matrices import MatrixPage

        return MatrixPage
    return Page
