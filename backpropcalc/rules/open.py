"""Activations and losses that are only a letter: a derivation speaks of ψ and its slope ψ′, whatever they are."""

from __future__ import annotations

import string

from backpropcalc.algebra.terms import Term, node, op

from .functions import Activation, Loss

PRIME = "′"
LETTERS = string.ascii_letters + "αβγδεζηθικλμνξπρστφχψωΔΦℓ"
"""What a function may be called."""


def activation(symbol: str) -> Activation:
    """ψ(z), whose slope is ψ′(z)."""
    return Activation(
        symbol,
        lambda z, p: op("apply", node(symbol), z),
        lambda z, a, p: op("apply", node(symbol + PRIME), z),
        open=True,
    )


def loss(symbol: str) -> Loss:
    """ℓ(t, o), whose derivative by the output is ℓ′(t, o)."""

    def applied(name: str, t: Term, o: Term) -> Term:
        return op("apply_to_pair", node(name), t, o)

    return Loss(
        symbol, lambda t, o: applied(symbol, t, o), lambda t, o: applied(symbol + PRIME, t, o), open=True,
    )  # fmt: skip
