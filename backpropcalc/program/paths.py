"""A gradient as the sum over every path from the weight to the loss: the chain rule multiplied out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from backpropcalc.algebra.rewriting import operations
from backpropcalc.algebra.terms import Op, Term, Var, paths, sent, slope, substitute

from .steps import Block, Step, chain_product, is_slope_of_loss

MOST = 200
"""Paths up to which a gradient is written so."""


class Expanded(NamedTuple):
    """δ of a layer in nothing but local derivatives, and how many paths each entry has."""

    delta: Term
    paths: int


def full(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks with each gradient multiplied out, unless it has more than ``MOST`` paths."""
    listed = tuple(blocks)
    deltas = _deltas(listed)

    def changed(step: Step) -> Step:
        if not 0 < _count(step, deltas) <= MOST or not isinstance(step.safe, Op):
            return step
        by_delta = chain_product(step.safe)
        term = paths(by_delta._replace(args=(deltas[by_delta.args[0]].delta, *by_delta.args[1:])))
        if by_delta is not step.safe:
            term = step.safe._replace(args=(step.safe.args[0], term))
        return replace(step, term=term, routes=(*step.routes, step.term))

    return tuple(block._replace(steps=tuple(map(changed, block.steps))) for block in listed)


def counts(blocks: Iterable[Block]) -> Iterator[tuple[Var, int]]:
    """Each gradient and how many paths an entry of it has."""
    listed = tuple(blocks)
    deltas = _deltas(listed)
    for block in listed:
        yield from ((step.var, count) for step in block.steps if (count := _count(step, deltas)))


def _count(step: Step, deltas: Mapping[Term, Expanded]) -> int:
    """The paths of an entry of a gradient: those of δ for each sample, and each unit if they share the bias.

    0 of anything else.
    """
    match step.safe and chain_product(step.safe):
        case Op("outer" | "bias_sum" | "shared_sum" as name, (by_z, *_)):
            delta, count = deltas[by_z]
            units, samples = delta.shape
            return count * samples * (units if name == "shared_sum" else 1)
    return 0


def _deltas(blocks: Iterable[Block]) -> dict[Term, Expanded]:
    """∂E/∂z of each layer multiplied out, from the output down."""
    found: dict[Term, Expanded] = {}
    above: Expanded | None = None
    for block in blocks:
        for step in block.steps if block.phase == "backward" else ():
            if is_slope_of_loss(step.var, "z"):
                found[step.var] = above = _expanded(step, block, above)
    return found


def _expanded(delta: Step, block: Block, above: Expanded | None) -> Expanded:
    """δ of the layer of ``block`` with ∂E/∂a written out in terms of the layer above."""
    z = delta.var.of[1]
    count = z.shape[0] if any(part.name == "row" for part in operations(delta.term)) else 1
    if above is None:
        return Expanded(delta.term, count)
    back = next(one.term for one in block.steps if isinstance(one.term, Op) and one.term.name == "back")
    assert back.label is not None
    by_a = sent(above.delta, back.args[1], *back.label)
    term = substitute(delta.term, {slope(delta.var.of[0], replace(z, role="a")): by_a})
    return Expanded(term, count * above.delta.shape[0] * above.paths)
