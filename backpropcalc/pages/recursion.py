"""The rules of a network for any number of layers, in whole matrices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backpropcalc.algebra.terms import ZERO, Num, Term, Var, substitute
from backpropcalc.notation.wholes import LAST, NEXT, PREVIOUS, THIS
from backpropcalc.program.network import network
from backpropcalc.program.steps import LOSS, Block, Step
from backpropcalc.program.whole import in_matrices
from backpropcalc.rules.functions import ACTIVATIONS
from backpropcalc.spec.network import Network

from .pieces import Equation


def recursion(spec: Network) -> Iterator[Equation | str]:
    """The rules for any number of layers, read off the middle and the last of three."""
    steps = {step.var: step for block in _three(spec) for step in block.steps}

    def named(role: str, layer: int) -> Step:
        return next(step for var, step in steps.items() if var.role == role and var.layer == layer)

    def by(role: str, layer: int) -> Step:
        found = (step for var, step in steps.items() if var.role == "d" and var.layer == layer)
        return next(step for step in found if step.var.of[1].role == role and step.var.of[0] == LOSS)

    def equation(step: Step, last: bool = False, inner: Step | None = None) -> Equation:
        names = {1: PREVIOUS, 2: THIS, 3: NEXT} if not last else {2: PREVIOUS, 3: LAST}
        terms = [step.term] if inner is None or last else []
        if inner is not None:
            terms.append(substitute(step.term, {inner.var: inner.term}))
        return Equation(renamed(step.var, names), tuple((relabelled(term, names), "") for term in terms))

    a = named("a", 2).var
    yield "forward, for k = 1, 2, …, K"
    yield equation(named("z", 2))
    yield equation(Step(a, Var("f", 2, a.shape, (named("z", 2).var,))))
    yield "1. start at the output, k = K"
    yield equation(by("z", 3), last=True, inner=by("a", 3))
    yield "2. the gradients of layer k"
    for step in steps.values():
        if step.var.role == "d" and step.var.layer == 2 and step.var.of[1].role in ("w", "b", "column"):
            yield equation(step)
    yield "3. one layer down: k becomes k − 1"
    yield equation(by("z", 2), inner=by("a", 2))
    yield "4. repeat 2 and 3 until k = 1"
    yield "5. the update of every layer"
    for step in steps.values():
        if step.var.role == "new" and step.var.layer == 2:
            yield equation(step)


def _three(spec: Network) -> tuple[Block, ...]:
    """The program of a network with three layers, the last as in ``spec``, in matrices."""
    last = spec.layers[-1]
    hidden = spec.layers[0] if not spec.layers[0].rule.mixes else replace(last, rule=ACTIVATIONS["sigmoid"])
    square = ((ZERO, ZERO), (ZERO, ZERO))
    layers = tuple(replace(layer, weights=square, bias=(ZERO, ZERO)) for layer in (hidden, hidden, last))
    ids = (f"{p}[{n},{j}" for p in "wb" for n in (1, 2, 3) for j in (1, 2))
    train = frozenset(f"{id}{rest}" for id in ids for rest in (("]",) if id[0] == "b" else (",1]", ",2]")))
    sample = ((ZERO, ZERO),)
    three = replace(
        spec, inputs=sample, targets=sample, layers=layers, train=train, update="simultaneous", learning_rate=ZERO
    )
    three = three.override(output_delta="chain")  # the rules have the factors
    return in_matrices(three, network(three).blocks)


def renamed(var: Var, names: dict[int, int]) -> Var:
    """``var`` of the layers that ``names`` give in the place of its own."""
    return replace(var, layer=names.get(var.layer, var.layer), of=tuple(renamed(part, names) for part in var.of))


def relabelled(term: Term, names: dict[int, int]) -> Term:
    """``term`` with every quantity ``renamed``."""
    match term:
        case Var():
            return renamed(term, names)
        case Num():
            return term
    label = term.label and (renamed(term.label[0], names), renamed(term.label[1], names))
    return replace(term, args=tuple(relabelled(arg, names) for arg in term.args), label=label)
