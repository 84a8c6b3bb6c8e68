"""The names of quantities that the user named: as typed, with digits low and Greek letters as letters."""

from __future__ import annotations

from dataclasses import replace

from backpropcalc.algebra.terms import Var
from backpropcalc.spec.model import Spec
from backpropcalc.spec.network import Network

from .books import Book
from .notation import Notation, symbol_of
from .symbol import IN_ASCII, Display, Symbol


class OwnNames(Notation):
    """Names as the user gave them."""

    def __init__(self) -> None:
        self.name = "own"
        self.sizes: tuple[int, ...] = ()
        self.depth = -1  # there are no layers
        self.book = Book({}, "", True, delta=False, lowered=True)
        self.index = "to_from"
        self.deltas, self.differentiated, self.summed, self.by_output = False, ("loss",), True, False
        self.bias_column, self.columns = False, frozenset[int]()
        self.letters = {}
        self.own = {}

    def symbol(self, var: Var) -> Symbol:
        """The parts of the name of anything but a derivative."""
        if var.role == "rate":
            return Symbol("alpha")
        if var.role in ("z", "a", "t"):
            return Symbol(var.role if var.role != "z" else "x", str(var.index[0] + 1 if var.index else ""))
        own = symbol_of(var.name)
        if var.role != "iterate":
            return own
        if var.name == "slope":
            return Symbol("f'", str(var.layer))
        return Symbol(own.base, f"{own.sub},{var.layer}" if own.sub else str(var.layer))

    def pieces(self, var: Var, display: Display) -> tuple[str | Var, ...]:
        """A name as text, and the quantities whose symbols stand in it: ``θ₁``, ``f'₁``, ``∂f/∂x₁``.

        The plain name of what has a value in each iteration is its id, as ``theta[1]``.
        """
        if display is IN_ASCII and var.role == "iterate":
            return (var.id,)
        variable = _slope_by(var)
        if variable is None:
            return super().pieces(var, display)
        before, between, behind = display.fraction
        function = display.symbol(Symbol("f"), "")
        return (before + display.partial + function + between + display.partial, variable, behind)


def _slope_by(var: Var) -> Var | None:
    """The variable by which ``slope_x`` is the slope of f; None of anything else."""
    head, _, name = var.name.partition("_")
    return replace(var, name=name) if var.role == "iterate" and head == "slope" and name else None


def notation_of(spec: Spec) -> Notation:
    """What the quantities of ``spec`` are called: a network's in its notation, others as the user named them."""
    return Notation(spec) if isinstance(spec, Network) else OwnNames()
