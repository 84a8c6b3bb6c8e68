"""A gradient as the sum over every path from the weight to the loss: the chain rule multiplied out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from backpropcalc.algebra.terms import Op, Term, Var, bias_sum, outer, paths, sent, slope, substitute

from .steps import LOSS, Block, Step

MOST = 200
"""Paths up to which a gradient is written so."""


def full(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks with each gradient multiplied out, unless it has more than ``MOST`` paths."""
    listed = tuple(blocks)
    deltas = {var: (delta, count) for var, delta, count in _deltas(listed)}

    def changed(step: Step) -> Step:
        match step.safe:
            case Op("outer" | "bias_sum" | "shared_sum" as name, (by_z, *source), _, (z, p)):
                delta, count = deltas[by_z]
                term = outer(delta, source[0], z, p) if source else bias_sum(delta, z, p)
                if count * _lines(name, delta) > MOST:
                    return step
                return replace(step, term=paths(term), routes=(*step.routes, step.term))
        return step

    return tuple(replace(block, steps=tuple(map(changed, block.steps))) for block in listed)


def counts(blocks: Iterable[Block]) -> Iterator[tuple[Var, int]]:
    """Each gradient and how many paths an entry of it has."""
    listed = tuple(blocks)
    found = {var: (delta, count) for var, delta, count in _deltas(listed)}
    for block in listed:
        for step in block.steps:
            match step.safe:
                case Op("outer" | "bias_sum" | "shared_sum" as name, (by_z, *_)):
                    delta, count = found[by_z]
                    yield step.var, count * _lines(name, delta)


def _lines(name: str, delta: Term) -> int:
    """How many deltas an entry sums: one per sample, and per unit if they share the bias."""
    return delta.shape[1] * (delta.shape[0] if name == "shared_sum" else 1)


def _deltas(blocks: Iterable[Block]) -> Iterator[tuple[Term, Term, int]]:
    """δ of each layer from the output down, as a term in nothing but local derivatives, and its paths per entry."""
    above: tuple[Term, int] | None = None
    for block in blocks:
        steps = {step.var: step for step in block.steps} if block.phase == "backward" else {}
        for var, step in steps.items():
            if var.role != "d" or var.of[0] != LOSS or var.of[1].role != "z":
                continue
            units, by_a = var.shape[0], slope(LOSS, replace(var.of[1], role="a"))
            delta, count = step.term, units if any(part.name == "row" for part in _parts(step.term)) else 1
            if above is not None:
                back = next(one.term for one in block.steps if isinstance(one.term, Op) and one.term.name == "back")
                assert back.label is not None
                delta = substitute(step.term, {by_a: sent(above[0], back.args[1], *back.label)})
                count *= above[0].shape[0] * above[1]
            above = delta, count
            yield var, delta, count


def _parts(term: Term) -> Iterator[Op]:
    if isinstance(term, Op):
        yield term
        for arg in term.args:
            yield from _parts(arg)
