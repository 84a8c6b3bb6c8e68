"""The program of a network said in whole matrices, in the form that its spec asks for: one pass after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from backpropcalc.algebra.terms import Var, variables
from backpropcalc.spec.network import Network

from . import detail
from .asked import entries_of, is_whole
from .columns import columns_of, with_columns
from .orientation import oriented, turned
from .passes import matrices
from .steps import Block, Step


def in_matrices(spec: Network, blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks with a step per matrix: biases as a column, in full detail W x before b, turned as the spec has it."""
    found = matrices(blocks)
    if spec.style.bias == "column":
        found = with_columns(found)
    if spec.style.detail == "full":
        found = tuple(block._replace(steps=tuple(map(detail.in_matrices, block.steps))) for block in found)
    found = oriented(found, spec.orientation)
    return _with_factors(spec, tuple(blocks), found) if spec.style.detail == "full" else found


def _with_factors(spec: Network, blocks: tuple[Block, ...], whole: tuple[Block, ...]) -> tuple[Block, ...]:
    """``whole`` blocks whose gradients of weights have the chain product of each entry among their ``parts``, if there
    is but one sample: of more, every entry is a sum that is too long for a matrix."""
    if len(spec.inputs) > 1:
        return whole
    steps = (step for block in blocks for step in block.steps if step.var.role == "d" and step.var.of[1].role == "w")
    parts = {turned(step.var, spec.orientation): _by_factors(step) for step in steps if step.var.of[1].only is None}
    return tuple(
        block._replace(steps=tuple(replace(step, parts=parts.get(step.var, step.parts)) for step in block.steps))
        for block in whole
    )


def _by_factors(gradient: Step) -> tuple[Step, ...]:
    """The line of each entry of a gradient, with the factors of δ if it is a product of some."""
    longest = replace(
        gradient, term=max((gradient.term, *gradient.routes), key=lambda term: len(tuple(variables(term))))
    )
    return tuple(map(longest.cell, gradient.entries))


def asked_in_matrices(spec: Network, blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The lines that were asked for by name, the entries of a matrix among them as ``parts`` of one line of it."""
    listed = tuple(blocks)
    steps = {step.var: step for block in listed for step in block.steps}
    wholes: dict[Var, list[Step]] = {}  # by the last of their entries, in whose place they stand
    gathered: set[Var] = set()
    for whole in dict.fromkeys(filter(is_whole, spec.method.asked)):
        entries, var = set(entries_of(whole)), turned(whole, spec.orientation)
        parts = tuple(step for step in steps.values() if step.var in entries)
        wholes.setdefault(parts[-1].var, []).append(Step(var, var, parts=parts))
        gathered |= entries

    def lines(step: Step) -> list[Step]:
        return wholes.get(step.var, []) if step.var in gathered else [step]

    found = (block._replace(steps=tuple(chain.from_iterable(map(lines, block.steps)))) for block in listed)
    return tuple(block for block in found if block.steps)


def given_matrices(spec: Network, given: Iterable[Var]) -> tuple[Var, ...]:
    """What is given, as it is written in matrices."""
    found = columns_of(given) if spec.style.bias == "column" else given
    return tuple(turned(var, spec.orientation) for var in found)
