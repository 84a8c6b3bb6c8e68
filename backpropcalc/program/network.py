"""The program of a network: forward pass, loss, backward pass, update, and the forward pass after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, starmap

from backpropcalc.algebra.terms import ONE, ZERO, Term, Var, slope, substitute
from backpropcalc.rules.optimisers import ITERATION, renewed, state
from backpropcalc.spec.network import Network
from backpropcalc.spec.reader import Matrix

from .asked import asked
from .backward import backward, updates_at_once
from .detail import detailed
from .forward import forward, loss
from .layers import Variables, given, variables
from .order import ordered
from .paths import full
from .steps import LOSS, Block, Program, Step


def network(spec: Network) -> Program:
    """The program of a network spec; samples are the columns of every activation."""
    of = variables(spec)
    ahead = (*map(forward, of.layers), loss(spec, of))
    behind = tuple(block for block in _learning(spec, of) if block.steps)
    if spec.method.chain == "full":
        behind = full(behind)
    trained = of.trained if spec.learning_rate is not None else []
    numbers = dict(chain(given(spec, of), _remembered(spec, trained)))
    after = _after(ahead, trained) if trained else ()
    more = asked(spec, of, ahead + behind) if spec.method.asked else ()
    return Program(ahead + behind, after, numbers, more, partial(_written, spec))


def _written(spec: Network, blocks: tuple[Block, ...], samples: Sequence[int] | None) -> tuple[Block, ...]:
    """The blocks in the order of writing and in the detail that the spec asks for."""
    usual = "sample" if len(spec.inputs) > 1 else "neuron"
    found = ordered(blocks, spec.style.order or usual, samples)
    return detailed(found) if spec.style.detail == "full" else found


def _learning(spec: Network, of: Variables) -> Iterator[Block]:
    """The backward pass from the output down, and the update: of all parameters at the end, or layer by layer."""
    at_once = updates_at_once(spec)
    for layer in of.learning:
        yield backward(spec, of, layer)
        if at_once:
            yield from _update(spec, layer.n, layer.trained)
    if spec.learning_rate is not None and not at_once:
        yield from _update(spec, 0, of.trained)


def _update(spec: Network, n: int, parameters: list[Var]) -> Iterator[Block]:
    """The lines of the optimiser; where one parameter takes several, each entry is worked through all of them."""
    lines = [tuple(starmap(Step, spec.optimiser.lines(p, slope(LOSS, p), spec.optimiser_options))) for p in parameters]
    if all(len(steps) == 1 for steps in lines):
        yield Block("update", n, tuple(chain.from_iterable(lines)))
    else:
        yield from (Block("update", n, steps, by_unit=len(steps)) for steps in lines)


def _remembered(spec: Network, trained: list[Var]) -> Iterator[tuple[Var, Matrix]]:
    """What the optimiser starts with: zeros for all that it remembers of a parameter, and the first count."""
    for role in spec.optimiser.states:
        for parameter in trained:
            rows, columns = parameter.shape
            yield state(role, parameter), ((ZERO,) * columns,) * rows
    if trained and spec.optimiser.counts:
        yield ITERATION, ((ONE,),)


def _after(blocks: Iterable[Block], trained: Iterable[Var]) -> tuple[Block, ...]:
    """The forward pass and the loss once more, with the new parameters."""
    listed = tuple(blocks)
    mapping: dict[Var, Term] = {p: renewed(p) for p in trained}
    computed = {
        step.var: Var("after", step.var.layer, step.var.shape, (step.var,)) for block in listed for step in block.steps
    }
    mapping |= computed

    def again(step: Step) -> Step:
        safe = None if step.safe is None else substitute(step.safe, mapping)
        return Step(computed[step.var], substitute(step.term, mapping), safe)

    return tuple(Block("after", b.layer, tuple(map(again, b.steps)), b.by_unit) for b in listed)
