"""From program to program: the same calculation said in whole matrices.

The steps keep their terms; only what the scalar view says unit by unit (what each unit sends back, the rows of a
Jacobian, a chain product per weight) becomes one matrix product.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from backpropcalc.algebra.terms import (
    SCALAR,
    Op,
    Term,
    Var,
    broadcast,
    diagonal,
    hadamard,
    matmul,
    op,
    product,
    slope,
    sum_columns,
    sum_rows,
    transpose,
)

from .steps import Block, Step, chain_product, is_slope_of_loss


def matrices(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks with a step per matrix; samples are columns."""
    return tuple(block._replace(steps=tuple(_whole(block)), by_unit=0) for block in blocks)


def _whole(block: Block) -> Iterator[Step]:
    """The steps of a block, each in whole matrices; some of them several steps as one, some one as several."""
    sent = next((op.args[:2] for step in block.steps if (op := chain_product(step.term)).name == "back"), None)
    for step in block.steps:
        yield from _in_one(step, sent)


def _in_one(step: Step, sent: tuple[Term, ...] | None) -> Iterator[Step]:
    """What a step becomes; ``sent`` are δ and the weights of the layer above, if it sends anything back."""
    name = chain_product(step.term).name
    if sent is not None and is_slope_of_loss(step.var, "a"):
        yield replace(step, term=matmul(transpose(sent[1]), sent[0]), safe=None)
    elif name in ("back", "jacobian_row"):
        return  # a part of the sum above, a row of the Jacobian below
    elif name in ("outer", "bias_sum", "shared_sum"):
        yield Step(step.var, _summed(step))
    elif is_slope_of_loss(step.var, "z") and _mixed(step.term):
        yield from _through_jacobian(step)
    else:
        yield replace(step, term=in_matrices(step.term), equals=tuple(map(in_matrices, step.equals)))


def _summed(gradient: Step) -> Term:
    """δ times the transposed source for weights; for biases δ summed over samples, and over units that share one."""
    assert isinstance(gradient.safe, Op)
    found = chain_product(gradient.safe)
    delta, *source = found.args
    summed = matmul(delta, transpose(source[0])) if source else _over(delta, units=found.name == "shared_sum")
    return summed if found is gradient.safe else product(gradient.safe.args[0], summed)


def _over(delta: Term, units: bool) -> Term:
    """δ summed over the samples, and over the units if they share the bias."""
    summed = sum_columns(delta) if delta.shape[1] > 1 else delta
    return sum_rows(summed) if units and delta.shape[0] > 1 else summed


def _mixed(term: Term) -> bool:
    """Whether it is the sum over a Jacobian's rows, as with softmax."""
    match term:
        case Op("add", (Op() as first, *_)) | (Op("mul") as first):
            return any(isinstance(arg, Op) and arg.name == "row" for arg in first.args)
    return False


def _through_jacobian(step: Step) -> Iterator[Step]:
    """δ = Jᵀ ∂E/∂a; with several samples, each of which has a Jacobian of its own, without writing them out."""
    z = step.var.of[1]
    a = Var("a", z.layer, z.shape)
    by_a = slope(step.var.of[0], a)
    if z.shape[1] > 1:
        shared = broadcast(sum_rows(hadamard(a, by_a)), a.shape)
        yield replace(step, term=hadamard(a, op("sub", by_a, shared)))
        return
    jacobian = Var("d", z.layer, (z.shape[0], z.shape[0]), (a, z))
    yield Step(jacobian, op("sub", diagonal(a), matmul(a, transpose(a))))
    yield replace(step, term=matmul(transpose(jacobian), by_a))


def in_matrices(term: Term) -> Term:
    """``term`` with ⊙ where tensors are multiplied entry by entry, and biases repeated to the size of their sum."""
    if not isinstance(term, Op):
        return term
    args = tuple(map(in_matrices, term.args))
    if (term.name, args[0].shape[0]) == ("sum_rows", 1) or (term.name, args[0].shape[1]) == ("sum_columns", 1):
        return args[0]
    if term.name == "mul" and sum(arg.shape != SCALAR for arg in args) > 1:
        return hadamard(*args)
    if term.name == "add":
        args = tuple(
            broadcast(arg, term.shape) if isinstance(arg, Var) and arg.shape != term.shape else arg for arg in args
        )
    return term._replace(args=args)
