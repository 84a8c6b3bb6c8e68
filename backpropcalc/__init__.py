"""Step-by-step backpropagation: every line of the hand calculation, for any dense network.

>>> import backpropcalc as bp
>>> trace = bp.load("specs/mazur.yaml").run()
>>> trace["net_h1"].value
0.3775
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "InputError": "errors",
    "Line": "execution.values",
    "Notation": "notation.notation",
    "Problem": "errors",
    "Spec": "spec.model",
    "Trace": "execution.trace",
    "check": "api.marks",
    "from_safetensors": "api.models",
    "from_sklearn": "api.models",
    "from_torch": "api.models",
    "load": "api",
    "loads": "api",
    "network": "api.specs",
    "page": "api.pages",
    "write": "render",
}
__all__ = [
    "InputError", "Line", "Notation", "Problem", "Spec", "Trace", "check", "from_safetensors", "from_sklearn",
    "from_torch", "load", "loads", "network", "page", "write",
]  # fmt: skip

if TYPE_CHECKING:
    from backpropcalc.api import load, loads
    from backpropcalc.api.marks import check
    from backpropcalc.api.models import from_safetensors, from_sklearn, from_torch
    from backpropcalc.api.pages import page
    from backpropcalc.api.specs import network
    from backpropcalc.errors import InputError, Problem
    from backpropcalc.execution.trace import Trace
    from backpropcalc.execution.values import Line
    from backpropcalc.notation.notation import Notation
    from backpropcalc.render import write
    from backpropcalc.spec.model import Spec


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
