"""The rules of a network for any number of layers, in whole matrices."""

from __future__ import annotations

from collections.abc import Iterator

from backpropcalc.algebra.terms import Var, substitute
from backpropcalc.notation.wholes import LAST, NEXT, PREVIOUS, THIS
from backpropcalc.program.network import network
from backpropcalc.program.steps import Step
from backpropcalc.program.whole import in_matrices
from backpropcalc.spec.network import Network

from .general import General, relabelled, renamed, three
from .pieces import Equation


def recursion(spec: Network) -> Iterator[Equation | str]:
    """The rules for any number of layers, read off the middle and the last of three."""
    found = three(spec, 2, 1)
    rules = General(in_matrices(found, network(found).blocks))
    z, a = rules.step("z", 2), rules.step("a", 2).var
    yield "forward, for k = 1, 2, …, K"
    yield _equation(z)
    yield _equation(Step(a, Var("f", 2, a.shape, (z.var,))))
    yield "1. start at the output, k = K"
    yield _equation(rules.by("z", 3), last=True, inner=rules.by("a", 3))
    yield "2. the gradients of layer k"
    for step in rules.of("d"):
        if step.var.layer == 2 and step.var.of[1].role in ("w", "b", "column"):
            yield _equation(step)
    yield "3. one layer down: k becomes k − 1"
    yield _equation(rules.by("z", 2), inner=rules.by("a", 2))
    yield "4. repeat 2 and 3 until k = 1"
    yield "5. the update of every layer"
    yield from (_equation(step) for step in rules.of("new") if step.var.layer == 2)


def _equation(step: Step, last: bool = False, inner: Step | None = None) -> Equation:
    """A step of layer k, or of the last one, K; an ``inner`` step is put into it, beside it as it was unless last."""
    names = {1: PREVIOUS, 2: THIS, 3: NEXT} if not last else {2: PREVIOUS, 3: LAST}
    terms = [step.term] if inner is None or last else []
    if inner is not None:
        terms.append(substitute(step.term, {inner.var: inner.term}))
    return Equation(renamed(step.var, names), tuple((relabelled(term, names), "") for term in terms))
