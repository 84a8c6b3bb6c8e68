"""The hand calculation of a spec, whatever kind it is of."""

from __future__ import annotations

from backpropcalc.spec.model import Spec
from backpropcalc.spec.network import Network

from .trace import Trace


def trace_of(spec: Spec, first: int = 1) -> Trace:
    """The hand calculation of ``spec``, from iteration ``first`` on: see ``Trace``."""
    if isinstance(spec, Network):
        return Trace(spec, first)
    from . import worked

    return worked.trace_of(spec)
