"""The rules of a network in symbols: forward, loss, each derivative derived, the recursion, the update.

Everything is read off the terms of ``rules`` and ``program``; only the steps between a derivative as the rules of
calculus give it and as the textbook has it are written, in ``slopes``, and the tests prove each equal to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from backpropcalc.algebra.calculus import differentiated
from backpropcalc.algebra.rewriting import rewritten
from backpropcalc.algebra.terms import ZERO, Op, Term, Var, element, slope, substitute, variables
from backpropcalc.program import passes
from backpropcalc.program.network import network
from backpropcalc.program.orientation import oriented_side, turned
from backpropcalc.program.steps import LOSS, Block
from backpropcalc.program.whole import in_matrices
from backpropcalc.rules.functions import Activation, Parameters
from backpropcalc.spec.network import Network

from .batches import batches
from .entries import Tensors
from .indices import rules
from .network import NetworkDocument
from .overview import overview
from .picture import Shown, of_network
from .pieces import Equation, Equations, Facts, Heading, Note, Piece, Title
from .recursion import recursion
from .slopes import activation_slope, cancelled, last, loss_slope, output_delta, softmax_slope

WRITTEN_OUT_UP_TO = 60
"""Parameters up to which every neuron is written out; above, whole layers are."""
ONE_FORMULA_UP_TO = 12


class Section(NamedTuple):
    """Equations, and sentences between them, under a heading."""

    heading: str
    items: tuple[Equation | str, ...]


class Derivation(NetworkDocument):
    """The rules of a network as a document."""

    kind = "a derivation"
    forms = NetworkDocument.forms | {"svg", "tikz"}

    def __init__(self, spec: Network, every: bool = False) -> None:
        super().__init__(spec)
        self.every = every
        """Whether every neuron is written out, however many there are."""

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """Section by section, the equations between two sentences under each other."""
        yield Title(self.title, "Backpropagation in symbols")
        yield Facts(list(overview(self.spec)))
        yield of_network(self.spec, Shown())
        found = [
            section for section in derivation(self.spec, self.every) if section.items
        ]  # no update if nothing is trained
        for n, section in enumerate(found, 1):
            yield Heading(2, f"{n}  {section.heading}")
            yield Heading(3, "")
            every = [item for item in section.items if isinstance(item, Equation)]
            group: list[Equation] = []
            for item, following in zip(section.items, (*section.items[1:], ""), strict=True):
                if isinstance(item, str):
                    end = ":" if isinstance(following, Equation) else "."
                    yield Note(item[0].upper() + item[1:] + end)
                    continue
                group.append(item)
                if not isinstance(following, Equation):
                    yield Equations(group, every)
                    group = []
        if not self.spec.schedule.whole:
            yield from batches(self.spec, self.notation, len(found) + 1)


def derivation(spec: Network, every: bool = False) -> Iterator[Section]:
    """The sections for a spec; its numbers do not matter, and with ``sizes`` alone there are none.

    Neuron by neuron if they are few, or if ``every`` one is to be written out.
    """
    spec = replace(spec, learning_rate=spec.learning_rate or ZERO)
    if spec.style.view == "index" or spec.size_letters:
        yield Section("Any unit of any layer", tuple(rules(spec)))
        return
    whole = spec.style.view == "matrix" or (spec.parameters > WRITTEN_OUT_UP_TO and not every)
    samples = len(spec.inputs)
    if not whole and samples > 1:
        spec = spec.on([0])
    blocks = network(spec).blocks
    view: Callable[[Iterable[Block]], Iterator[Equation]] = partial(_matrices, spec) if whole else _cells

    def section(phase: str, heading: str) -> Section:
        return Section(heading, tuple(view(block for block in blocks if block.phase == phase)))

    yield section("forward", "Forward pass")
    if not whole and spec.parameters <= ONE_FORMULA_UP_TO and not any(layer.rule.derived for layer in spec.layers):
        yield Section("The first output in one formula", tuple(_one_formula(spec, blocks)))
    loss = section("loss", "Loss")
    if samples > len(spec.inputs):
        many = f"this is for one sample; of {samples} the losses and the gradients are "
        loss = Section(loss.heading, (*loss.items, many + ("averaged" if spec.samples == "mean" else "summed")))
    yield loss
    yield Section("The derivatives, one by one", tuple(_factors(spec, blocks)))
    yield Section("Delta of the output layer", tuple(_output(spec)))
    yield section("backward", "Backward pass")
    yield section("update", "Update")
    if not whole:
        found = (block for block in blocks if block.phase in ("forward", "backward"))
        yield Section("The same in matrices, with their sizes", tuple(_matrices(spec, found)))
    yield Section("The recursion for K layers", tuple(recursion(spec)))


def _one_formula(spec: Network, blocks: Iterable[Block]) -> Iterator[Equation]:
    """The forward pass put together: each sum and activation replaced by what it is; then the loss, unless the output
    would stand in it twice."""
    terms: dict[Var, Term] = {}
    output, losses = last(spec).a.at((0, 0)), []
    for block in blocks:
        for step in block.cells if block.phase in ("forward", "loss") else ():
            terms[step.var] = substitute(step.term, terms)
            if step.var.role == "term" and list(variables(step.term)).count(output) == 1:
                losses.append(step.var)
    yield from (Equation(var, ((terms[var], ""),)) for var in (output, *losses[:1]))


def _cells(blocks: Iterable[Block]) -> Iterator[Equation]:
    """Neuron by neuron."""
    for block in blocks:
        yield from (Equation(step.var, ((step.term, ""),)) for step in block.cells)


def _matrices(spec: Network, blocks: Iterable[Block]) -> Iterator[Equation]:
    """Layer by layer; in the matrix view also entry by entry."""
    entries = Tensors(spec) if spec.style.view == "matrix" else None
    for block in in_matrices(spec, blocks):
        yield from (Equation(step.var, ((step.term, ""),), whole=True, entries=entries) for step in block.steps)


def _factors(spec: Network, blocks: Iterable[Block]) -> Iterator[Equation | str]:
    """∂E/∂a of the loss, f′ of each activation of the network, and the weighted sum by each of its parts."""
    output = last(spec)
    t, _, a = output.cells(0)
    terms = Var("term", len(spec.layers), output.a.shape)
    yield f"the loss, {spec.loss.name.replace('_', ' ')}, by an output"
    yield Equation(slope(terms.at((0, 0)), output.a).at((0, 0)), loss_slope(spec, t, a))
    if spec.sizes[-1] > 1:
        yield "the terms of the other outputs do not contain it: their derivatives are 0"
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for n, layer in enumerate(spec.layers, 1):
        key = (layer.rule.name, tuple(number.text for number in layer.parameters.values()))
        if key in seen:
            continue
        seen.add(key)
        yield f"the activation {layer.rule.name.replace('_', ' ')}"
        whole = Var("z", n, (layer.size, len(spec.inputs)))
        if layer.rule.mixes:
            yield from _jacobian(layer.rule, whole, layer.parameters)
        else:
            z, own = whole.at((0, 0)), replace(whole, role="a")
            yield Equation(own.at((0, 0)), ((layer.rule.value(z, layer.parameters), ""),))
            sides = activation_slope(layer.rule, z, own.at((0, 0)), layer.parameters)
            yield Equation(slope(own, whole).at((0, 0)), sides)
    yield "a weighted sum is linear: by a weight it is the source, by a source the weight, by the bias 1"
    yield from _linear(blocks)


def _linear(blocks: Iterable[Block]) -> Iterator[Equation]:
    """∂z/∂w, ∂z/∂a and ∂z/∂b of the first output."""
    step = next([block for block in blocks if block.phase == "forward"][-1].cells)
    for role in ("w", "a", "x", "b", "shared"):
        for var in [var for var in variables(step.term) if var.role == role][:1]:
            by = Var("d", var.layer, (1, 1), (step.var, var))
            yield Equation(by, ((differentiated(step.term, var), ""),))


SUM = Var("S")
"""Stands for the sum below the fraction of softmax."""


def _jacobian(rule: Activation, z: Var, parameters: Parameters) -> Iterator[Equation | str]:
    """∂a_k/∂z_j of softmax for k = j and for k ≠ j."""
    a = replace(z, role="a")
    value = element(rule.value(z, parameters), (0, 0))
    assert isinstance(value, Op)
    yield Equation(SUM, ((value.args[1], ""),))
    yield Equation(a.at((0, 0)), ((_short(value, value.args[1]), ""),))
    for j in range(min(2, z.shape[0])):
        sides = softmax_slope(rule, z, a, parameters, j)
        yield Equation(slope(a.at((0, 0)), z).at((j, 0)), tuple((_short(x, value.args[1]), why) for x, why in sides))


def _short(term: Term, whole: Term) -> Term:
    """``term`` with S for ``whole``."""
    return rewritten(term, lambda part: SUM if part == whole else None)


def _output(spec: Network) -> Iterator[Equation | str]:
    """δ of the first output: its factors, their product, and what is left of it when they cancel."""
    output = last(spec)
    delta = slope(LOSS, output.z)
    yield Equation(delta.at((0, 0)), output_delta(spec))
    fused = spec.loss.fused.get(output.layer.rule.name)
    if fused is None or fused.short is None:
        return
    yield "for the whole layer"
    sides = [(passes.in_matrices(term), reason) for term, reason in cancelled(spec, fused.short(output.t, output.a))]
    sides = [(oriented_side(term, delta, spec.orientation), reason) for term, reason in sides]
    delta = turned(delta, spec.orientation)
    yield Equation(delta, tuple(sides), whole=True)
