"""The program of a network said in whole matrices, in the form that its spec asks for: one pass after the other."""

from __future__ import annotations

from collections.abc import Iterable

from backpropcalc.algebra.terms import Var
from backpropcalc.spec.network import Network

from . import detail
from .columns import columns_of, with_columns
from .orientation import oriented, turned
from .passes import matrices
from .steps import Block


def in_matrices(spec: Network, blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks with a step per matrix: biases as a column, in full detail W x before b, turned as the spec has it."""
    found = matrices(blocks)
    if spec.style.bias == "column":
        found = with_columns(found)
    if spec.style.detail == "full":
        found = tuple(block._replace(steps=tuple(map(detail.in_matrices, block.steps))) for block in found)
    return oriented(found, spec.orientation)


def given_matrices(spec: Network, given: Iterable[Var]) -> tuple[Var, ...]:
    """What is given, as it is written in matrices."""
    found = columns_of(given) if spec.style.bias == "column" else given
    return tuple(turned(var, spec.orientation) for var in found)
