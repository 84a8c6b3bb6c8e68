"""Derivatives that no page writes unless somebody asks for them by name.

The slope of a weighted sum by what is in it, as ∂z/∂w, and what the loss of one sample or of one output alone does, as
∂E(s)/∂w and ∂E_k/∂w: to one weight, or to all weights of a layer as a matrix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from backpropcalc.algebra.terms import (
    ONE,
    PARAMETERS,
    SCALAR,
    ZERO,
    Index,
    Op,
    Term,
    Var,
    element,
    entry_slope,
    named,
    product,
    slope,
    total,
    variables,
)
from backpropcalc.spec.network import Network

from .backward import errors, local_slopes
from .detail import local_slope
from .layers import Variables
from .steps import Block, Step


def derivative(of: Variables, y: Var, x: Var) -> Var | None:
    """The quantity ∂y/∂x of two entries, if it is one that can be asked for."""
    if y.role == "z":
        found = entry_slope(y, x)
        return found if any(step.var == found for step in _slopes(of, y)) else None
    if y.role not in ("term", "sample") or y.index is None or x.index is None:
        return None
    if not any(layer.n == x.layer for layer in of.learning) or _apart(of, y, x):
        return None
    if x.role in PARAMETERS:
        return entry_slope(y, x)
    if x.role not in ("a", "z") or x.index[1] != y.index[1]:
        return None
    return slope(_goal(of, y), replace(x, index=None)).at(x.index)


def _apart(of: Variables, y: Var, x: Var) -> bool:
    """Whether the loss ``y`` of an output has nothing to do with ``x``, which is of the unit of another."""
    if y.role != "term" or x.layer != of.last.n or x.role == "shared" or y.index is None or x.index is None:
        return False
    return x.index[0] != y.index[0] and (x.role == "a" or not of.last.rule.mixes)


def whole_derivative(of: Variables, y: Var, x: Var) -> Var | None:
    """All ∂y/∂x of a layer as one quantity, by any entry ``x`` of its weights or biases, if that can be asked for.

    Without an index ``y`` is the loss E_k of output k in row k, which is of the last layer and of a single sample.
    """
    layer = of.layers[x.layer - 1]
    if x.role not in ("w", "b") or y.role not in ("term", "sample") or layer not in of.learning:
        return None
    if y.index is None and (y.role == "sample" or layer is not of.last or layer.z.shape[1] > 1):
        return None
    return slope(y, replace(x, index=None))


def entry_of(whole: Var, at: Index) -> Var:
    """The derivative that an entry of a ``whole_derivative`` is."""
    y, x = whole.of
    return entry_slope(y if y.index else y.at((at[0], 0)), x.at(at))


def is_whole(var: Var) -> bool:
    """Whether a derivative is a ``whole_derivative``."""
    return (
        var.role == "d" and var.index is None and var.of[0].role in ("term", "sample") and var.of[1].role in ("w", "b")
    )


def entries_of(var: Var) -> tuple[Var, ...]:
    """The derivatives that one which is asked for consists of: its entries row by row, or itself."""
    if not is_whole(var):
        return (var,)
    rows, columns = map(range, var.shape)
    return tuple(entry_of(var, (r, c)) for r in rows for c in columns)


def _goal(of: Variables, y: Var) -> Var:
    """What is differentiated for y: the losses of all samples side by side, or those of one output."""
    return of.per_sample if y.role == "sample" or y.index is None else y.at((y.index[0], 0))


def asked(spec: Network, of: Variables, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The lines that lead to the derivatives asked for, as far as ``blocks`` have not got them."""
    listed = tuple(chain.from_iterable(map(entries_of, spec.method.asked)))
    known = {step.var.at(at) for block in blocks for step in block.steps for at in step.entries}
    needed, added = set(listed) - known, list[Block]()
    for layer, steps in reversed([*_slopes_asked(of, listed), *_errors_asked(spec, of, listed)]):
        kept: dict[Var, Step] = {}
        for step in reversed(steps):
            if step.var in needed and step.var not in known:
                needed.update(variables(step.term))
                kept[step.var] = step
        added += [Block("backward", layer, tuple(reversed(kept.values())))] * bool(kept)
    return _once(reversed(added))


def _once(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks without the lines that an earlier one has."""
    seen: set[Var] = set()
    found = []
    for block in blocks:
        steps = tuple(step for step in block.steps if step.var not in seen)
        seen.update(step.var for step in steps)
        found += [block._replace(steps=steps)] * bool(steps)
    return tuple(found)


def _slopes_asked(of: Variables, wanted: Iterable[Var]) -> Iterator[tuple[int, list[Step]]]:
    """The slopes of every weighted sum of which one is wanted."""
    for y in dict.fromkeys(var.parts[0] for var in wanted):
        if y.role == "z":
            yield y.layer, list(_slopes(of, y))


def _slopes(of: Variables, z: Var) -> Iterator[Step]:
    """∂z/∂w, ∂z/∂b and ∂z/∂a of one weighted sum."""
    layer = of.layers[z.layer - 1]
    if z.index is None:
        return
    unit, sample = z.index
    sums = {layer.z: layer.sum}
    for source in range(layer.source.shape[0]):
        yield local_slope(z, layer.w.at((unit, source)), layer.source.at((source, sample)), sums)
    if layer.b is not None:
        yield local_slope(z, layer.b.at((unit, 0)), ONE, sums)
    for source in range(layer.source.shape[0]):
        yield local_slope(z, layer.source.at((source, sample)), layer.w.at((unit, source)), sums)


def _errors_asked(spec: Network, of: Variables, wanted: Iterable[Var]) -> Iterator[tuple[int, list[Step]]]:
    """For each loss that is wanted the derivatives by what is in each layer, from the output down."""
    by_goal: dict[Var, list[Var]] = {}
    for var in wanted:
        if var.parts[0].role != "z":
            by_goal.setdefault(_goal(of, var.parts[0]), []).append(var)
    for goal, vars in by_goal.items():
        for layer in of.learning:
            steps = (*local_slopes(layer), *errors(spec, of, layer, goal))
            cells = [step.cell(at) for step in steps for at in step.entries]
            gradients = [var for var in vars if var.shape == SCALAR and var.parts[1].role in PARAMETERS]
            yield layer.n, cells + [_gradient(spec, of, var, steps[-1]) for var in gradients if var.layer == layer.n]


def _gradient(spec: Network, of: Variables, wanted: Var, error: Step) -> Step:
    """∂E(s)/∂w or ∂E_k/∂w: the factors of one sample's δ times ∂z/∂w; δ by its name if it is no product, or if that is
    wanted, which it is not in a matrix of products."""
    y, x = wanted.parts
    assert y.index is not None and x.index is not None
    if _apart(of, y, x):
        return Step(wanted, ZERO)
    layer = of.layers[x.layer - 1]
    sample, (unit, source) = y.index[1], x.index
    by_name = spec.method.chain == "delta" and spec.style.view != "matrix"

    def through(unit: int) -> Term:
        value = layer.source.at((source, sample)) if x.role == "w" else ONE
        factors = element(error.term, (unit, sample))
        plain = by_name or not isinstance(factors, Op) or factors.name != "mul"
        delta = error.var.at((unit, sample)) if plain else factors
        return product(delta, named(layer.z.at((unit, sample)), x, value))

    units: Iterable[int] = [unit]
    if x.role == "shared":
        alone = y.role == "term" and layer.n == len(spec.layers) and not layer.rule.mixes
        units = [y.index[0]] if alone else range(layer.z.shape[0])
    return Step(wanted, total(map(through, units)))
