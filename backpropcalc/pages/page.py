"""What every page for people says around the calculation: the network at a glance, headings, and the result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from backpropcalc.algebra.terms import PARAMETERS, Var, node
from backpropcalc.errors import count
from backpropcalc.execution.trace import Values, is_finite
from backpropcalc.program.steps import Block

from .rows import Page, Writer
from .stream import BATCH, ITERATION

PHASES = {
    "forward": "Forward pass",
    "loss": "Loss",
    "backward": "Backward pass",
    "update": "Update",
    "after": "After the update",
}
RECAP_LIMIT = 60


def headings(page: Page, block: Block, before: Block | None) -> Iterator[tuple[int, str]]:
    """What to announce before ``block``, with its level: iteration (1), phase (2), layer (3)."""
    trace = page.trace
    if before is None and (trace.spec.iterations > 1 or not trace.schedule.whole):
        yield 1, f"Iteration {ITERATION} of {trace.spec.iterations:,}{BATCH}"
    if before is None or before.phase != block.phase:
        phases = list(dict.fromkeys(b.phase for b in (*trace.program.blocks, *trace.program.after)))
        yield 2, f"{phases.index(block.phase) + 1}  {PHASES[block.phase]}"
    if before is None or (before.phase, before.layer) != (block.phase, block.layer):
        depth = len(trace.spec.layers)
        hidden = "hidden layer" if depth == 2 else f"hidden layer {block.layer}"
        yield 3, ("output layer" if block.layer == depth else hidden) if block.layer else ""


def overview(page: Page, writer: Writer) -> list[tuple[str, str]]:
    """The network at a glance, as label and text; numbers and formulas in the language of ``writer``."""
    spec = page.trace.spec
    shared = sum(layer.bias is not None and not isinstance(layer.bias, tuple) for layer in spec.layers)
    own = sum(len(layer.bias) for layer in spec.layers if isinstance(layer.bias, tuple))
    parameters = [count(spec.parameters - shared - own, "weight")]
    parameters += [count(shared, "shared bias")] if shared else []
    parameters += [count(own, "bias")] if own else []
    kinks = [layer.rule.kink for layer in spec.layers if layer.rule.derived] + [spec.loss.kink]
    activations = [
        layer.rule.name + "".join(f" ({key} = {number.text})" for key, number in layer.parameters.items())
        for layer in spec.layers
    ]
    batch = len(spec.inputs)
    found = [
        (
            "network",
            "-".join(map(str, spec.sizes)) + ", " + ", ".join(parameters) + (f", {batch} samples" if batch > 1 else ""),
        ),
        ("activation", ", ".join(activations).replace("_", " ")),
        ("loss", spec.loss.name.replace("_", " ") + _reductions(page)),
    ]
    found += [("corner", kink) for kink in dict.fromkeys(kinks) if kink]
    if spec.learning_rate is not None:
        trained = _trained(page)
        how = ", layer by layer from the output (sequential)" if spec.update == "sequential" else ""
        options = ", ".join(f"{key} = {number.text}" for key, number in spec.optimiser_options.items())
        name = spec.optimiser.name.replace("_", " ") + (f" ({options})" if options else "")
        found.append(("update", f"{name}{how}{trained}"))
    if spec.drawn:
        found.append(("weights", f"drawn: {spec.drawn}"))
    if not spec.schedule.whole:
        found.append(("batches", spec.schedule.arithmetic(spec.steps) + (", shuffled" if spec.shuffle else "")))
    if len(spec.learning_rates) > 1:
        others = ", ".join(rate.text for rate in spec.learning_rates)
        found.append(("comparison", f"learning rates {others}: `train` compares them, this page works the first"))
    if spec.method.exact:
        found.append(("numbers", "exact, the decimal beside each; what grows past reading goes on as a decimal"))
    if spec.method.carry == "rounded":
        digits = (
            f"{spec.style.significant} significant digits"
            if spec.style.significant
            else f"{spec.style.decimals} decimals"
        )
        found.append(("rounding", f"every written value is rounded to {digits} and used so"))
    return found


def _reductions(page: Page) -> str:
    spec = page.trace.spec
    outputs = f", {'mean' if spec.outputs == 'mean' else 'sum'} over outputs" if spec.sizes[-1] > 1 else ""
    return outputs + (f", {spec.samples} over samples" if len(spec.inputs) > 1 else "")


def _trained(page: Page) -> str:
    spec = page.trace.spec
    biased = any(layer.bias is not None for layer in spec.layers)
    trained = len(spec.train)
    if trained == spec.parameters:
        return ""
    if not trained:
        return ", nothing is trained"
    weights = sum(a * b for a, b in zip(spec.sizes, spec.sizes[1:], strict=False))
    if biased and trained == weights and all(name.startswith("w") for name in spec.train):
        return ", the biases stay fixed"
    return ", only " + ", ".join(sorted(spec.train)[:8]) + (" …" if trained > 8 else "")


def formulas(page: Page, writer: Writer) -> Iterator[tuple[str, str]]:
    """The formulas that the user gave and the derivatives found for them, as label and equation."""
    spec = page.trace.spec
    x, t, o = node("x"), node("t"), node("o")
    own = {id(layer.rule): layer.rule for layer in spec.layers if layer.rule.derived}
    for rule in own.values():
        assert rule.slope is not None
        yield "formula", writer.equation(writer.function(rule.name) + "(x)", rule.value(x, {}))
        yield "derivative found", writer.equation(writer.function(rule.name, "'") + "(x)", rule.slope(x, x, {}))
    if spec.loss.derived:
        yield "formula", writer.equation(writer.function(spec.loss.name) + "(t, o)", spec.loss.value(t, o))
        yield "derivative found", writer.equation(writer.function(spec.loss.name, "'") + "(o)", spec.loss.slope(t, o))


class Change(NamedTuple):
    """A parameter before and after."""

    var: Var
    before: Any
    gradient: Any
    after: Any


class Recap:
    """Watches the iterations go by and keeps what the result needs: the losses and the parameters, first and last."""

    def __init__(self, page: Page) -> None:
        trace = page.trace
        self.last = trace.spec.iterations
        self.batches = not trace.schedule.whole
        self.iterations = 1 if self.batches else self.last - trace.first + 1
        """How many iterations lie between the two losses; with batches, the losses are those of the last one."""
        self.loss = Var("loss")
        self.new = (
            [
                step.var.at(at)
                for block in trace.program.blocks
                if block.phase == "update"
                for step in block.steps
                if step.var.role == "new" and step.var.of[0].role in PARAMETERS
                for at in step.entries
            ]
            if trace.spec.parameters <= RECAP_LIMIT * 10
            else []
        )
        self.new.sort(key=lambda var: (var.layer, var.of[0].role != "w", var.index or (0, 0)))
        if page.only is not None:
            self.new = [var for var in self.new if var in page.only]
        self.has_after = bool(trace.program.after) and (
            page.only is None or Var("after", of=(self.loss,)).at((0, 0)) in page.only
        )
        self.before: dict[Var, Any] = {}
        self.changes: list[Change] = []
        self.loss_before: Any = None
        self.loss_after: Any = None

    def see(self, values: Values) -> None:
        """Take what is needed from the numbers of one iteration."""
        if self.loss_before is None:
            self.loss_before = values.of(self.loss.at((0, 0)))
            self.before = {var: values.of(var.parts[0]) for var in self.new}
        if values.iteration == self.last:
            if self.batches:
                self.loss_before = values.of(self.loss.at((0, 0)))
            for var in self.new:
                gradient = values.of(Var("d", var.layer, var.shape, (self.loss, var.of[0]), var.index))
                self.changes.append(Change(var, self.before[var], gradient, values.of(var)))
            if self.has_after:
                self.loss_after = values.of(Var("after", 0, (1, 1), (self.loss,), (0, 0)))

    @property
    def percent(self) -> str:
        """By how much the loss changed: ``−2.5 %``."""
        before, after = self.loss_before, self.loss_after
        if before is None or after is None or not is_finite(before) or not is_finite(after) or not before:
            return ""
        change = 100 * float((after - before) / before)
        return f"{'−' if change < 0 else '+'}{abs(change):.3g} %"
