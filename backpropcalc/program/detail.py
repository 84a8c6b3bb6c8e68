"""What a page in full detail adds: the local slopes of the weighted sums as lines, and each product before its sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from backpropcalc.algebra.terms import (
    ONE,
    SCALAR,
    ZERO,
    Num,
    Op,
    Term,
    Var,
    element,
    entry_slope,
    op,
    product,
    total,
    variables,
)

from .steps import Block, Step

MOST = 12
"""Summands up to which the slope of a sum is written with a 0 for each that it does not depend on."""


def detailed(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks line by line: before the first use of ∂z/∂w, ∂z/∂b or ∂z/∂a a line for it, and products in sums."""
    return tuple(_lines(tuple(blocks)))


def _lines(blocks: tuple[Block, ...]) -> Iterator[Block]:
    sums = {step.var: step.term for block in blocks for step in block.steps if step.var.role == "z"}
    known: set[Var] = set()
    for block in blocks:
        lines: list[Step] = []
        for step in block.cells:
            for slope in local_slopes(step.term, sums):
                if slope.var not in known:
                    known.add(slope.var)
                    lines.append(slope)
            lines.append(with_products(step))
        yield block._replace(steps=tuple(lines), by_unit=0)


def local_slopes(term: Term, sums: Mapping[Var, Term]) -> Iterator[Step]:
    """A step for each ∂z/∂w, ∂z/∂b and ∂z/∂a that ``term`` has as a factor; ``sums`` are the terms of the z."""
    match term:
        case Op("named", (value,), _, (z, x)):
            yield local_slope(z, x, value, sums)
        case Op(_, args):
            for arg in args:
                yield from local_slopes(arg, sums)


def local_slope(z: Var, x: Var, value: Term, sums: Mapping[Var, Term]) -> Step:
    """∂z/∂x, which is ``value``: the derivative of each summand of z, as 1 · out + 0 + 0, if they are not too many."""
    var = entry_slope(z, x)
    whole = sums.get(replace(z, index=None))
    summands = _summands(element(whole, z.index)) if whole is not None and z.index is not None else ()
    if len(summands) > MOST or sum(x in variables(summand) for summand in summands) != 1:
        return Step(var, value)
    return Step(var, total(_derived(summand, x, value) for summand in summands), equals=(value,))


def _summands(term: Term) -> tuple[Term, ...]:
    """The terms of a sum; anything else is a sum of one."""
    return (
        tuple(chain.from_iterable(map(_summands, term.args)))
        if isinstance(term, Op) and term.name == "add"
        else (term,)
    )


def _derived(summand: Term, x: Var, value: Term) -> Term:
    """The derivative of a product w · out by one of its factors, of a bias by itself, and 0 of anything else."""
    match summand:
        case Op("mul", factors) if x in factors:
            return product(*(ONE if factor == x else value for factor in factors))
    return ONE if summand == x else ZERO


def with_products(step: Step) -> Step:
    """A line whose sum has products among its terms, with a step for each of them, to be shown before the sum."""
    parts: list[Step] = []
    short = _shortened(step.term, step.var, parts)
    if not parts:
        return step
    match step.term:
        case Op("add", (Op("add" | "mul") as products, Var())) if step.var.index is not None:
            parts.append(Step(weighted(step.var), products))
    return replace(step, parts=tuple(parts), products=short)


def in_matrices(step: Step) -> Step:
    """The line of the weighted sums of a layer with a name for W x, whose numbers are shown before b is added."""
    match step.term:
        case Op("add", (Op("matmul") as products, biases)):
            name = weighted(step.var)
            return replace(step, parts=(Step(name, products),), products=op("add", name, biases))
    return step


def weighted(z: Var) -> Var:
    """W x of the weighted sums ``z``, or of one of them."""
    return Var("part", z.layer, z.shape, (replace(z, index=None),), z.index, name="0")


def _shortened(term: Term, var: Var, parts: list[Step]) -> Term:
    """``term`` with a name for each product in a sum; ``parts`` takes the steps of these names."""
    match term:
        case Op("add" | "sub", args):
            return term._replace(args=tuple(_named(arg, var, parts) for arg in args))
        case Op("mul", (Num() as factor, Op("add") as inner)):
            return term._replace(args=(factor, _shortened(inner, var, parts)))
    return term


def _named(term: Term, var: Var, parts: list[Step]) -> Term:
    if not (isinstance(term, Op) and term.name == "mul"):
        return _shortened(term, var, parts)
    name = Var("part", var.layer, SCALAR, (var,), name=str(len(parts) + 1)).at((0, 0))
    parts.append(Step(name, term))
    return name
