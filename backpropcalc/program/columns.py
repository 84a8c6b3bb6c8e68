"""The biases as column 0 of the weights: z = W x with an x_0 = 1, as a pass over blocks in matrices.

``column`` is a matrix whose first column is a layer's biases and whose others are its weights; ``extended`` is what the
layer works on with a 1 on top. The weights by themselves still carry δ back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from backpropcalc.algebra.rewriting import rewritten
from backpropcalc.algebra.terms import PARAMETERS, Index, Op, Term, Var, matmul, substitute, transpose, variables

from .layers import unit_input
from .steps import Block, Step

Joined = Mapping[Var, Var]
"""Each parameter that is joined with another, to the matrix of both."""


def with_columns(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks of ``passes.matrices`` with one matrix for the weights and the biases of a layer."""
    listed = tuple(blocks)
    joined = _joined({_parameter(step.var) for block in listed for step in block.steps} - {None})
    found = (block._replace(steps=tuple(_steps(block.steps, joined))) for block in listed)
    return tuple(block for block in found if block.steps)


def columns_of(given: Iterable[Var]) -> Iterator[Var]:
    """What is given, the weights and biases of a layer as one."""
    listed = tuple(given)
    joined = _joined(var for var in listed if var.role in PARAMETERS)
    for var in listed:
        if var.role == "w" or var not in joined:
            yield joined.get(var, var)


def column(b: Var, w: Var) -> Var:
    """The matrix of biases and weights."""
    return Var("column", w.layer, (w.shape[0], w.shape[1] + 1), (b, w))


def extended(source: Var) -> Var:
    """What a layer works on, with a 1 on top for every sample."""
    return Var("extended", source.layer, (source.shape[0] + 1, source.shape[1]), (source,))


def part_of(var: Var, at: Index) -> tuple[Var, Index] | None:
    """The quantity, and the place in it, that an entry of a joined one is; None if it is of no joined one."""
    row, place = at
    if var.role == "column":
        b, w = var.of
        return (b, (row, 0)) if place == 0 else (w, (row, place - 1))
    if var.role == "extended":
        return (unit_input(var.layer), (0, 0)) if row == 0 else (var.of[0], (row - 1, place))
    found = part_of(var.of[-1], at) if var.of and var.role != "after" else None
    if found is None:
        return None
    inner, entry = found
    only = inner.only if var.role != "d" else None
    return replace(var, shape=inner.shape, of=(*var.of[:-1], inner), only=only), entry


def _parameter(var: Var) -> Var | None:
    """The parameter that a quantity is about: itself, what it is taken by, or what is renewed or remembered."""
    if var.role in PARAMETERS:
        return var
    return _parameter(var.of[-1]) if var.of and var.role != "after" else None


def _joined(parameters: Iterable[Var | None]) -> Joined:
    by_layer: dict[int, dict[str, Var]] = {}
    for var in parameters:
        if var is not None:
            by_layer.setdefault(var.layer, {})[var.role] = var
    pairs = [pair for pair in by_layer.values() if "w" in pair and "b" in pair]
    return {var: column(pair["b"], pair["w"]) for pair in pairs for var in pair.values()}


def _steps(steps: Iterable[Step], joined: Joined) -> Iterator[Step]:
    for step in steps:
        parameter = _parameter(step.var)
        if parameter is None or parameter not in joined:
            yield replace(step, term=_product(step.term))
        elif parameter.role == "w":
            mapping: dict[Var, Term] = {var: _lifted(var, joined) for var in variables(step.term)}
            term = substitute(rewritten(step.term, _on_extended), mapping)
            yield Step(_lifted(step.var, joined), _shaped(term, joined[parameter]))


def _lifted(var: Var, joined: Joined) -> Var:
    """``var`` of both parameters together, if it is of one that is joined."""
    parameter = _parameter(var)
    if parameter is None or parameter not in joined:
        return var
    if var == parameter:
        return joined[var]
    inner = _lifted(var.of[-1], joined)
    return replace(var, shape=inner.shape, of=(*var.of[:-1], inner), only=None)


def _shaped(term: Term, whole: Var) -> Term:
    """``term`` with the shape of the matrix that it makes."""
    match term:
        case Op(name, args) if name not in ("matmul", "transpose") and term.shape != (1, 1):
            return term._replace(args=tuple(_shaped(arg, whole) for arg in args), shape=whole.shape)
    return term


def _on_extended(term: Term) -> Term | None:
    """δ times what the layer works on, as δ times that with a 1 on top."""
    match term:
        case Op("matmul", (delta, Op("transpose", (Var() as source,)))):
            return matmul(delta, transpose(extended(source)))
    return None


def _product(term: Term) -> Term:
    """W x + b · x_0 as one product."""
    match term:
        case Op("add", (Op("matmul", (Var() as w, Var() as source)), Op("mul", (Var() as b, Var("unit"))))):
            return matmul(column(b, w), extended(source))
    return term
