"""The rules of a network for any unit of any layer: z_k = Σ_j w_kj a_j + b_k, read off a network of three layers."""

from __future__ import annotations

from collections.abc import Iterator

from backpropcalc.algebra.indexed import SAMPLE, SOURCE, UNIT, counted, indexed, over
from backpropcalc.algebra.terms import OF_PARAMETERS, SCALAR, Index, Term, Var, op, product, slope, substitute
from backpropcalc.notation.wholes import ABOVE, BELOW, END, HERE
from backpropcalc.program import passes
from backpropcalc.program.backward import reduced
from backpropcalc.program.network import network
from backpropcalc.program.steps import LOSS, Step
from backpropcalc.spec.network import Network

from .general import General, relabelled, renamed, three
from .pieces import Equation

UNITS, SAMPLES = 5, 7
"""Sizes of the network that the rules are read off: unlike each other, so that an axis tells what it counts."""
HIDDEN = {1: BELOW, 2: HERE, 3: ABOVE}
OUTPUT = {2: BELOW, 3: END}


def rules(spec: Network) -> Iterator[Equation | str]:
    """The forward pass, δ, the gradients and the update of a general unit; ``spec`` says loss and activations."""
    rules = _Rules(three(spec, UNITS, SAMPLES if len(spec.inputs) > 1 else 1))
    column, z, a = rules.column, rules.step("z", 2), rules.step("a", 2).var
    yield "any unit k of layer l is fed by the units j of the layer below; the inputs are layer 0"
    yield rules.equation(z, (UNIT, column), HIDDEN)
    applied = Var("f", 2, SCALAR, (z.var.at((UNIT, column)),), (0, 0))
    yield Equation(renamed(a, HIDDEN).at((UNIT, column)), ((relabelled(applied, HIDDEN), ""),))
    yield "the loss, summed over the units k of the last layer"
    for role in ("term", "sample", "loss"):
        yield from (rules.equation(step, rules.place(step.var), OUTPUT) for step in rules.of(role))
    yield "the output layer: by the activation, then by the weighted sum"
    yield rules.equation(rules.by("a", 3), (UNIT, column), OUTPUT)
    yield from rules.output()
    yield "a hidden layer: every unit k of the layer above sends back its δ along the weight that joins it to unit j"
    yield rules.equation(rules.by("a", 2), (SOURCE, column), HIDDEN)
    yield rules.equation(rules.by("z", 2), (SOURCE, column), HIDDEN, rules.by("a", 2))
    yield "the gradients of layer l" + (", summed over the samples s" if column else "")
    yield rules.equation(rules.by("w", 2), (UNIT, SOURCE), HIDDEN)
    yield rules.equation(rules.by("b", 2), (UNIT, 0), HIDDEN)
    yield "the update"
    for step in rules.of("new", *OF_PARAMETERS):
        if step.var.layer == 2:
            yield rules.equation(step, (UNIT, SOURCE if step.var.shape[1] > 1 else 0), HIDDEN)


class _Rules(General):
    """The steps of a network in matrices, read entry by entry."""

    def __init__(self, spec: Network) -> None:
        super().__init__(passes.matrices(network(spec).blocks))
        self.spec = spec
        self.column = SAMPLE if len(spec.inputs) > 1 else 0

    def place(self, var: Var) -> Index:
        """The general entry of a loss."""
        return UNIT if var.role == "term" else 0, self.column if var.shape[1] > 1 else 0

    def equation(self, step: Step, at: Index, names: dict[int, int], *inner: Step) -> Equation:
        """A step for its entry ``at``; then with ``inner`` steps put into it."""
        terms = [step.term]
        if inner:
            terms.append(substitute(step.term, {one.var: one.term for one in inner}))
        sides = tuple((self.side(relabelled(term, names), at), "") for term in terms)
        return Equation(renamed(step.var, names).at(at), sides)

    def side(self, term: Term, at: Index) -> Term:
        """The formula of an entry, with letters for what counts outputs and samples."""
        return counted(indexed(term, at, len(self.spec.inputs)), (UNITS, SAMPLES))

    def output(self) -> Iterator[Equation]:
        """δ_k: the product with the slope, or, where the activation mixes the units, the sum over all that z_k moves;
        and what is left of it where loss and activation go together."""
        last = self.spec.layers[-1].rule
        z, a, t = (renamed(Var(role, 3, self.step("z", 3).var.shape), OUTPUT) for role in ("z", "a", "t"))
        at = (UNIT, self.column)
        if last.mixes:
            other = (SOURCE, self.column)
            local = Var("d", z.layer, SCALAR, (a.at(other), z.at(at)))
            yield Equation(slope(LOSS, z).at(at), ((over(SOURCE, product(slope(LOSS, a).at(other), local)), ""),))
        else:
            yield self.equation(self.by("z", 3), at, OUTPUT)
        fused = self.spec.loss.fused.get(last.name)
        if fused is not None and fused.short is not None:
            short = reduced(self.spec, t, op("sub", a, t) if last.mixes else fused.short(t, a))
            reason = "if the targets add up to 1" if last.mixes else ""
            yield Equation(slope(LOSS, z).at(at), ((self.side(short, at), reason),))
