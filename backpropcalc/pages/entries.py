"""Which quantity of the scalar view each entry of a tensor is, however the tensor is written."""

from __future__ import annotations

from dataclasses import dataclass

from backpropcalc.algebra.terms import Index, Var, slope
from backpropcalc.program.asked import entry_of, is_whole
from backpropcalc.program.columns import part_of
from backpropcalc.program.orientation import is_turned, turned
from backpropcalc.spec.network import Network


@dataclass(frozen=True)
class Tensors:
    """The tensors of a network, transposed, joined and repeated as its spec has them."""

    spec: Network

    def entry(self, var: Var, at: Index) -> Var | None:
        """The quantity; None for the gradient of a parameter that is not trained."""
        found = self.quantity(var, at)
        return None if untrained(found) else found

    def quantity(self, var: Var, at: Index) -> Var:
        """The quantity that entry ``at`` of a tensor is; of what is an entry already, itself."""
        if var.index is not None:
            return var
        if var.role == "transposed":
            return self.quantity(var.of[0], at[::-1])
        if var.role == "broadcast":
            high, wide = var.of[0].shape
            return self.quantity(var.of[0], (at[0] if high > 1 else 0, at[1] if wide > 1 else 0))
        if is_turned(var, self.spec.orientation):
            var, at = turned(var, self.spec.orientation), at[::-1]
        if is_whole(var):
            return entry_of(var, at)
        joined = part_of(var, at)
        if joined is not None:
            var, at = joined
        if var.role == "d" and var.of[0].role == "a" and self.spec.layers[var.layer - 1].rule.mixes:
            a, z = var.of
            return slope(a.at((at[0], 0)), z).at((at[1], 0))
        return var.at(at)


def untrained(entry: Var) -> bool:
    """Whether it is the gradient of a parameter that is not trained."""
    return entry.role == "d" and entry.of[1].only is not None and entry.index not in entry.of[1].only
