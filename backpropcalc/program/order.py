"""The order in which the lines of a program are written: it changes no line, only what comes before what.

Every order is one in which a person can work: nothing stands before what it is worked out from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from backpropcalc.algebra.terms import PARAMETERS, Var

from .steps import Block, Step


def ordered(blocks: tuple[Block, ...], order: str, samples: Sequence[int] | None = None) -> tuple[Block, ...]:
    """The blocks in an order: ``neuron`` by neuron, as they are, or one of ``ORDERS``.

    Sample by sample it is those of ``samples`` (from 0), None for all.
    """
    if order == "sample":
        return tuple(by_sample(blocks, samples))
    return tuple(ORDERS[order](blocks)) if order in ORDERS else blocks


def by_sample(blocks: Iterable[Block], some: Sequence[int] | None = None) -> Iterator[Block]:
    """In every phase one sample after the other goes through all layers; what all samples have together comes last."""
    for _, run in groupby(blocks, key=lambda block: block.phase):
        listed = tuple(run)
        samples = max((step.var.shape[1] for block in listed for step in block.steps if _per_sample(step)), default=0)
        own = tuple(part for block in listed for part in _part(block, _per_sample))
        for sample in range(samples) if some is None else some:
            yield from (part._replace(sample=sample) for part in own)
        for block in listed:
            yield from _part(block, lambda step: not _per_sample(step))


def _per_sample(step: Step) -> bool:
    """Whether it has an entry for each of several samples."""
    return step.var.at((0, 0)).sample is not None


def _part(block: Block, belongs: Callable[[Step], bool]) -> Iterator[Block]:
    """The steps of a block that belong to a part of it, if any do."""
    together, apart = (
        tuple(filter(belongs, steps)) for steps in (block.steps[: block.by_unit], block.steps[block.by_unit :])
    )
    if together or apart:
        yield block._replace(steps=together + apart, by_unit=len(together))


def by_stage(blocks: Iterable[Block]) -> Iterator[Block]:
    """Backward through each layer in three stages: its outputs, its weighted sums, its weights and biases.

    The update goes from the output back, as the backward pass does.
    """
    for phase, run in groupby(blocks, key=lambda block: block.phase):
        if phase == "backward":
            for block in run:
                yield from _stages(block)
        elif phase == "update":
            yield from sorted(map(_from_the_output, run), key=lambda block: -block.steps[0].var.layer)
        else:
            yield from run


def _stages(block: Block) -> Iterator[Block]:
    for part in _part(block, lambda step: _stage(step) == 1):
        yield part._replace(stage=1)
    for part in _part(block, lambda step: _stage(step) == 2):
        yield part._replace(stage=2)
    gradients = tuple(sorted(_gradients(block), key=_neuron))
    if gradients:
        yield block._replace(steps=gradients, by_unit=0, stage=3)


def _stage(step: Step) -> int:
    """1 for what a unit's output does to the loss, 2 for local slopes and δ, 3 for a gradient."""
    by = step.var.of[1].role
    return 1 if by == "a" else 2 if by == "z" else 3


def _neuron(gradient: Step) -> tuple[bool, int]:
    """Gradients neuron by neuron, those of a shared bias last."""
    parameter = gradient.var.of[1]
    return parameter.role == "shared", gradient.var.index[0] if gradient.var.index else 0


def _from_the_output(block: Block) -> Block:
    if block.by_unit:
        return block
    return block._replace(steps=tuple(sorted(block.steps, key=lambda step: -step.var.layer)))


def by_weight(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Each weight is updated right after its gradient."""
    updates: dict[object, list[Step]] = {}
    for block in blocks:
        for step in block.cells if block.phase == "update" else ():
            updates.setdefault(_parameter(step.var), []).append(step)
    for block in blocks:
        if block.phase == "backward":
            yield from _part(block, lambda step: _stage(step) != 3)
            lines = [line for step in _gradients(block) for line in (step, *updates.get(step.var.parts[1], ()))]
            if lines:
                yield block._replace(steps=tuple(lines), by_unit=0)
        elif block.phase != "update":
            yield block


def _parameter(var: Var) -> Var:
    """The weight or bias that a line of the update belongs to; an optimiser has several such lines."""
    return var if var.role in PARAMETERS else _parameter(var.parts[0])


def _gradients(block: Block) -> Iterator[Step]:
    return (step.cell(at) for step in block.steps if _stage(step) == 3 for at in step.entries)


ORDERS: dict[str, Callable[[tuple[Block, ...]], Iterator[Block]]] = {
    "stage": by_stage,
    "weight": by_weight,
}
