"""The kinds of quantities: weighted sums, gradients, updated parameters."""

from __future__ import annotations

from collections.abc import Iterator

from .terms import OF_PARAMETERS, Var

KINDS = {
    "x": "inputs",
    "t": "targets",
    "w": "weights",
    "b": "biases",
    "z": "weighted sums",
    "a": "activations",
    "E": "losses",
    "dE": "all derivatives of the loss",
    "dE/da": "of them those by activations",
    "delta": "by weighted sums",
    "dE/dw": "by weights",
    "dE/db": "by biases",
    "da": "slopes of activations",
    "dz": "slopes of weighted sums",
    "update": "updated parameters and what an optimiser remembers",
}
"""Each kind that has digits of its own, and what it holds. ``z[2]`` is the same of one layer."""
LAYERED = tuple(kind for kind in KINDS if kind not in ("x", "t", "E", "dE"))
"""The kinds that a layer has its own of."""
_LOSSES = ("loss", "term", "sample")
_ROLES = {"shared": "b", "term": "E", "sample": "E", "loss": "E", "new": "update"}
_BY = {"a": "dE/da", "z": "delta", "w": "dE/dw", "b": "dE/db", "shared": "dE/db"}


def kinds(var: Var) -> Iterator[str]:
    """The kinds that a quantity belongs to, the narrowest first; a name of the user's is a kind of its own."""
    if var.role == "after":
        yield from kinds(var.of[0])
        return
    if var.role in ("d", "via") and var.of[0].role in ("node", "iterate"):
        yield var.id
        yield "slope"
        return
    if var.name:
        yield var.name
        return
    kind = _kind(var)
    yield f"{kind}[{var.layer}]"
    yield kind
    if var.role in ("d", "via") and var.of[0].role in _LOSSES:
        yield "dE"


def _kind(var: Var) -> str:
    if var.role in ("d", "via"):
        above, below = var.of[:2]
        return _BY.get(below.role, "dE") if above.role in _LOSSES else f"d{above.role}"
    return "update" if var.role in OF_PARAMETERS else _ROLES.get(var.role, var.role)
