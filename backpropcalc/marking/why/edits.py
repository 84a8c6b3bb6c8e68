"""What a slip does to a formula: leave out a part, take another variable, put one operation for another.

A ``Rule`` is one misconception. Its ``edits`` give the formulas that a student who has it would have worked instead of
a step's own; they are terms like any other, so the same code works them out and writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from backpropcalc.algebra.rewriting import rewritten
from backpropcalc.algebra.terms import Index, Num, Op, Term, Var, op, slope, substitute, variables
from backpropcalc.execution.trace import Trace
from backpropcalc.program.steps import LOSS, Step
from backpropcalc.rules.functions import Loss
from backpropcalc.spec.network import Layer


class Edit(NamedTuple):
    """A formula worked by mistake.

    ``kind`` tells apart the ways of one rule, and is the same for all lines that one misunderstanding spoils;
    ``about`` fills the rule's sentence.
    """

    term: Term
    kind: str = ""
    about: Mapping[str, Term | str] = {}


def edited(term: Term | None, kind: str = "", original: Term | None = None, **about: Term | str) -> Iterator[Edit]:
    """The edit, if anything was changed: ``term`` is neither None nor the ``original``."""
    if term is not None and term != original:
        yield Edit(term, kind, about)


Slips = Callable[["NetworkContext", Step], Iterable[Edit]]
"""What a misconception makes of a step."""


@dataclass(frozen=True)
class Rule:
    """A misconception: its name, a sentence for the student, and what it makes of a step.

    In the sentence ``{it}`` is the quantity, other words in braces come from the edit.
    """

    name: str
    says: str
    edits: Slips = field(repr=False)
    steps: frozenset[str] = frozenset()
    """The kinds of step it is about (see ``kind``); empty for any."""


def rule(says: str, *steps: str) -> Callable[[Slips], Rule]:
    """Makes a rule, called as the function is, of what a misconception makes of a step."""
    return lambda edits: Rule(edits.__name__.strip("_").replace("_", "-"), says, edits, frozenset(steps))


def rewriting(says: str, *steps: str) -> Callable[[Callable[[Term], Term | None]], Rule]:
    """The same of a misconception about some operation: what stands for each part of a formula, None for itself."""

    def made(change: Callable[[Term], Term | None]) -> Rule:
        def edits(net: NetworkContext, step: Step) -> Iterator[Edit]:
            return edited(rewritten(step.term, change), original=step.term)

        edits.__name__ = change.__name__
        return rule(says, *steps)(edits)

    return made


def kind(var: Var) -> str:
    """What a quantity is to a student: ``sum``, ``activation``, ``error`` (∂E/∂a), ``path``, ``delta``, ``update`` …"""
    match var.role:
        case "z":
            return "sum"
        case "a":
            return "activation"
        case "term" | "sample" | "loss":
            return var.role
        case "new":
            return "update"
        case "via":
            return "path"
        case "d" if var.of[0].role == "a":
            return "slope"
        case "d" if var.of[0].role == "term":
            return "path"
        case "d" if var.of[0].role == "loss":
            return {"a": "error", "z": "delta", "w": "gradient"}.get(var.of[1].role, "bias gradient")
    return ""


class NetworkContext:
    """What a rule may look at: the steps, the numbers that are given, and a network's quantities and layers."""

    def __init__(self, trace: Trace, steps: Collection[tuple[str, Step]], given: Mapping[Var, float]) -> None:
        # A calculation that is no network has no layers: only what holds of any formula is looked for.
        spec = trace.spec
        self.layers: tuple[Layer, ...] = getattr(spec, "layers", ())
        self.loss: Loss | None = getattr(spec, "loss", None)
        self.mean_of_outputs, self.mean_of_samples = (
            getattr(spec, what, "sum") == "mean" for what in ("outputs", "samples")
        )
        self.given = given
        self.steps = {step.var: step for _, step in steps}
        self.phases = {step.var: phase for phase, step in steps}
        self.columns = sorted({var.index[1] for var in self.steps if var.role == "z" and var.index})
        """The samples that are worked, from 0; of a batch only these."""
        self.samples = len(self.columns)
        self.outputs = next((var.shape[0] for var in given if var.role == "t"), 0)
        self.depth = len(self.layers)
        wholes = (Var(v.role, v.layer, v.shape, v.of) for v in (*given, *self.steps) if v.role in _TENSORS)
        self.wholes = {(v.role, v.layer): v for v in dict.fromkeys(wholes)}
        self.updated = {v.parts[0]: v for v in self.steps if v.role == "new"}
        """Each trained parameter and what it becomes."""
        self.again = {v.parts[0]: v for v in self.steps if v.role == "after"} | self.updated
        """Each quantity of the forward pass and what it is after the update."""

    def knows(self, term: Term) -> bool:
        """Whether everything in a formula is given or worked out: not so what another batch or form of work has."""
        return all(var in self.steps or var in self.given for var in variables(term))

    def kind(self, step: Step) -> str:
        """What a step works out: see ``kind``; of a formula, a ``value``, a ``derivative`` or an ``update``."""
        return kind(step.var) or _OF_FORMULAS.get(self.phases[step.var], "")

    def main(self, step: Step) -> Step:
        """The step itself; of one after the update, the one of the first pass that it repeats."""
        return self.steps[step.var.parts[0]] if step.var.role == "after" else step

    def layer(self, n: int) -> Layer:
        """Layer ``n``, counting from 1."""
        return self.layers[n - 1]

    def is_output(self, step: Step) -> bool:
        """Whether a step is of the last layer."""
        return step.var.layer == self.depth

    def whole(self, role: str, layer: int) -> Var | None:
        """The tensor of a role (x, t, w, z, a, term) in a layer."""
        return self.wholes.get((role, layer))

    def sum_of(self, step: Step) -> Var:
        """The weighted sum of the unit that a step of its layer is about."""
        return self.wholes["z", step.var.layer].at(place(step))

    def twin(self, parameter: Var, layer: int, unit: int) -> Var | None:
        """The weight, or the bias of a unit, that stands in the same place in another layer; None if there is none."""
        for role in (parameter.role,) if parameter.role == "w" else ("b", "shared"):
            whole, at = self.wholes.get((role, layer)), (parameter.index if role == "w" else None) or (unit, 0)
            if whole is not None and (role == "shared" or (at[0] < whole.shape[0] and at[1] < whole.shape[1])):
                return whole.at(at)
        return None

    def source(self, layer: int) -> Var:
        """What a layer works from: the activations below it, or the inputs."""
        return self.wholes[("a", layer - 1) if layer > 1 else ("x", 0)]

    def by(self, role: str, layer: int) -> Var:
        """∂E/∂a or ∂E/∂z of a layer, as a tensor."""
        return slope(LOSS, self.wholes[(role, layer)])

    def local(self, layer: int) -> Var | None:
        """∂a/∂z of a layer, as a tensor; None for softmax, which has a matrix of them."""
        a, z = self.wholes[("a", layer)], self.wholes[("z", layer)]
        return None if self.layer(layer).rule.mixes else slope(a, z)

    def inlined(self, term: Term, kinds: Iterable[str]) -> Term:
        """``term`` with its quantities of these kinds written out by their own formulas."""
        kinds = frozenset(kinds)
        return substitute(term, {v: self.steps[v].term for v in leaves(term) if v in self.steps and kind(v) in kinds})


_OF_FORMULAS = {
    "forward": "value",
    "loss": "value",
    "backward": "derivative",
    "update": "update",
    "after": "value",
}
"""What the quantities of a graph or a descent are, by their phases."""
_TENSORS = frozenset({"x", "t", "w", "b", "shared", "z", "a", "term"})


def leaves(term: Term) -> Iterator[Var]:
    """The variables of a formula, each once."""
    seen: set[Var] = set()
    stack = [term]
    while stack:
        node = stack.pop()
        if isinstance(node, Op):
            stack.extend(reversed(node.args))
        elif isinstance(node, Var) and node not in seen:
            seen.add(node)
            yield node


def inside(part: Term, name: str) -> Term | None:
    """What the operation of this name is done to, if ``part`` is one."""
    return part.args[0] if isinstance(part, Op) and part.name == name else None


def replaced(term: Term, mapping: Mapping[Var, Term]) -> Term | None:
    """``term`` with variables replaced, and None if that changes nothing."""
    changed = substitute(term, dict(mapping))
    return None if changed == term else changed


def dropped(term: Term, name: str) -> Iterator[tuple[Term, Term]]:
    """Each part of each sum (``add``) or product (``mul``) within ``term``, and what is left without it."""
    if not isinstance(term, Op):
        return
    if term.name == name and len(term.args) > 1:
        for n, arg in enumerate(term.args):
            yield arg, without(term, n)
    for n, arg in enumerate(term.args):
        for part, left in dropped(arg, name):
            yield part, Op(term.name, (*term.args[:n], left, *term.args[n + 1 :]), term.shape, term.label)


def without(term: Op, n: int) -> Term:
    """A sum or product of several parts without part ``n``."""
    rest = term.args[:n] + term.args[n + 1 :]
    return rest[0] if len(rest) == 1 else Op(term.name, rest, term.shape)


def addends(term: Term) -> tuple[Term, ...]:
    """The parts of a sum, nested ones too; one part if it is none."""
    if isinstance(term, Op) and term.name == "add":
        return tuple(part for arg in term.args for part in addends(arg))
    return (term,)


def negative(term: Term) -> Term:
    """``term`` with the other sign, written as a person would: no minus before a minus."""
    match term:
        case Op("neg", (inner,)):
            return inner
        case Op("sub", (a, b)):
            return op("sub", b, a)
    return op("neg", term)


def times(number: str, term: Term) -> Op:
    """``number`` times the whole of ``term``."""
    return op("mul", Num(number), term)


def turned(w: Var) -> Var:
    """The weight found in the place of ``w`` when the matrix is read column by column."""
    assert w.index is not None
    rows, columns = w.shape
    place = w.index[1] * rows + w.index[0]
    return _same(w, (place // columns, place % columns))


def _same(var: Var, index: Index) -> Var:
    """Another entry of the tensor of ``var``; of an updated one, the updated entry."""
    return Var(var.role, var.layer, var.shape, var.of, index)


def others(var: Var) -> Iterator[Var]:
    """The other entries of a tensor, of the same sample if it has samples."""
    assert var.index is not None
    rows, columns = var.shape
    sampled = var.role not in ("w", "b", "shared", "new")
    for r in range(rows):
        for c in (var.index[1],) if sampled else range(columns):
            if (r, c) != var.index:
                yield _same(var, (r, c))


def spoken(activation: str) -> str:
    """The name of an activation in a sentence."""
    return _SPOKEN.get(activation, activation)


_SPOKEN = {
    "identity": "the identity",
    "step": "the step function",
    "sigmoid": "the sigmoid",
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "prelu": "PReLU",
    "elu": "ELU",
}


def is_named(term: Term) -> bool:
    """Whether a factor is a derivative under its own name, as ∂net/∂w for an activation."""
    return isinstance(term, Op) and term.name == "named"


def place(step: Step) -> Index:
    """The entry that a step works out."""
    return step.var.index or (0, 0)
