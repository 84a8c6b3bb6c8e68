"""The misconceptions of the backward pass down to δ, one entry each."""

from __future__ import annotations

from collections.abc import Iterator

from backpropcalc.algebra.terms import Op, Term, Var, element, op, product, total
from backpropcalc.program.steps import Step

from .edits import (
    Edit,
    NetworkContext,
    addends,
    dropped,
    edited,
    is_named,
    kind,
    leaves,
    negative,
    place,
    replaced,
    rewriting,
    rule,
    times,
    turned,
)


def _short(net: NetworkContext, step: Step) -> Iterator[Term]:
    """δ of an output as books give it at once, a − t, if loss and activation allow that; without and with a mean."""
    fused = net.loss.fused.get(net.layer(net.depth).rule.name) if net.loss is not None else None
    if not net.is_output(step) or fused is None or fused.short is None:
        return
    plain = element(fused.short(net.wholes["t", net.depth], net.wholes["a", net.depth]), place(step))
    yield plain
    delta = net.steps[net.by("z", net.depth).at(place(step))]
    yield from (route for route in delta.routes if route != plain)


@rule("The sign of the error is turned round: target minus output in place of output minus target.", "error", "delta")
def _sign_of_error(net: NetworkContext, step: Step) -> Iterator[Edit]:
    if net.is_output(step):
        yield Edit(negative(step.term))


@rule("You left out the slope of the activation, {slope}.", "delta", "gradient", "bias gradient")
def _no_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for part, left in dropped(step.term, "mul"):
        if isinstance(part, Var) and kind(part) == "slope":
            yield Edit(left, about={"slope": part})
    if kind(step.var) == "delta" and net.local(step.var.layer) is None:
        error = net.by("a", step.var.layer).at(place(step))
        yield Edit(error, about={"slope": "∂a/∂z of softmax"})


@rule("The slope {slope} stands in your product twice: output minus target, {short}, already holds it.", "delta")
def _bce_slope_twice(net: NetworkContext, step: Step) -> Iterator[Edit]:
    local = net.local(step.var.layer)
    if local is None:
        return
    slope = local.at(place(step))
    for short in _short(net, step):
        yield Edit(product(short, slope), about={"slope": slope, "short": _plain_difference(net, step)})


def _plain_difference(net: NetworkContext, step: Step) -> Term:
    return element(op("sub", net.wholes["a", net.depth], net.wholes["t", net.depth]), place(step))


@rule("Your value is {words}.", "error", "delta")
def _bce_delta_as_loss_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
    shorts = list(_short(net, step))
    if not shorts:
        return
    error, delta = (net.by(role, net.depth).at(place(step)) for role in ("a", "z"))
    if kind(step.var) == "error":
        words = "{short}, which is already {delta:name}: the product of {error:name} and the slope of the activation"
        about: dict[str, Term | str]
        about = {"words": words, "delta": delta, "error": error, "short": _plain_difference(net, step)}
        yield from (Edit(short, "error", about) for short in shorts)
    elif net.local(net.depth) is not None:
        words = "{error:name}; {delta:name} is that times the slope of the activation"
        yield Edit(error, "delta", {"words": words, "delta": delta, "error": error})


@rewriting("Between the two fractions stands a minus: the derivative of ln(1 − output) brings out −1.", "error")
def _bce_inner_sign(part: Term) -> Term | None:
    match part:
        case Op("sub", (Op("xdivy") as first, Op("xdivy") as second)):
            return op("add", first, second)
    return None


@rule(
    "You took only the unit's own term. In softmax every output depends on every weighted sum, so the terms of the "
    "other outputs belong to it as well.",
    "delta",
)
def _softmax_diagonal_only(net: NetworkContext, step: Step) -> Iterator[Edit]:
    if net.local(step.var.layer) is not None:
        return
    for part in addends(step.term):
        error = [v for v in leaves(part) if kind(v) == "error"]
        if error and error[0].index == step.var.index and part != step.term:
            yield Edit(part)


@rule("You used the loss {loss} itself in place of its derivative {error:name}.", "error", "delta")
def _loss_for_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
    if net.is_output(step):
        loss, error = net.wholes["term", net.depth].at(place(step)), net.by("a", net.depth).at(place(step))
        term = loss if kind(step.var) == "error" else replaced(step.term, {error: loss})
        yield from edited(term, loss=loss, error=error)


@rule(
    "You took only one of the {count} paths by which this unit reaches the loss; their contributions add up.", "error"
)
def _one_path(net: NetworkContext, step: Step) -> Iterator[Edit]:
    parts = addends(step.term)
    if len(parts) > 1 and not net.is_output(step):
        for part in parts:
            yield Edit(part, about={"count": str(len(parts))})


@rule("You took the mean of the {count} paths; their contributions add up, without a division.", "error")
def _paths_averaged(net: NetworkContext, step: Step) -> Iterator[Edit]:
    count = len(addends(step.term))
    if count > 1 and not net.is_output(step):
        yield Edit(times(f"1/{count}", step.term), about={"count": str(count)})


def _sent_back(net: NetworkContext, step: Step) -> Iterator[Term]:
    """What comes back to a hidden unit, its paths written out; nothing for the output layer."""
    if not net.is_output(step):
        yield net.inlined(step.term, ("path",))


@rule(
    "What comes back along a path is multiplied with the weight of the path; the weights are missing.", "path", "error"
)
def _paths_without_weights(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for term in _sent_back(net, step):
        parts = [left for part in addends(term) for gone, left in dropped(part, "mul") if is_named(gone)]
        if parts:
            yield Edit(total(parts))


@rule(
    "You sent back the error of the layer above. What goes back is its δ: the error times the slope.", "path", "error"
)
def _paths_with_errors(net: NetworkContext, step: Step) -> Iterator[Edit]:
    above = step.var.layer + 1
    for term in _sent_back(net, step):
        deltas = [v for v in leaves(term) if kind(v) == "delta" and v.layer == above]
        errors = {v: net.by("a", above).at(v.index or (0, 0)) for v in deltas}
        yield from edited(replaced(term, errors), "error")
        t, a = net.whole("t", above), net.wholes["a", above]
        if t is not None:
            plain = {v: element(op("sub", a, t), v.index or (0, 0)) for v in deltas}
            yield from edited(replaced(term, plain), "a-t")


@rule(
    "You took W where the way back needs Wᵀ: the weights that leave this unit, not those that lead to it.",
    "path",
    "error",
)
def _untransposed_backward(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for term in _sent_back(net, step):
        yield from edited(replaced(term, {w: turned(w) for w in leaves(term) if w.role in ("w", "new")}))


@rule("You used weights from the wrong side of the update: {words}.", "path", "error")
def _updated_weights(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for term in _sent_back(net, step):
        new = {w: net.updated[w] for w in leaves(term) if w in net.updated}
        old = {w: w.parts[0] for w in leaves(term) if w.role == "new"}
        words = "the way back goes through the weights as they were in the forward pass"
        yield from edited(replaced(term, new), "new", words=words)
        words = "here the layer above is updated first, and the way back goes through its new weights"
        yield from edited(replaced(term, old), "old", words=words)


@rule(
    "You used {used}, the slope of the layer above. Each neuron has a slope of its own.",
    "delta",
    "gradient",
    "bias gradient",
)
def _output_slope_reused(net: NetworkContext, step: Step) -> Iterator[Edit]:
    n = step.var.layer
    above = None if n == net.depth else net.local(n + 1)
    if above is None or net.local(n) is None:
        return
    for slope in [v for v in leaves(step.term) if kind(v) == "slope" and v.layer == n]:
        for k in range(above.shape[0]):
            other = above.at((k, slope.index[1] if slope.index else 0))
            yield from edited(replaced(step.term, {slope: other}), str(k), used=other)


BACKWARD = (
    _sign_of_error, _no_slope, _bce_slope_twice, _bce_delta_as_loss_slope, _bce_inner_sign, _softmax_diagonal_only,
    _loss_for_slope, _one_path, _paths_averaged, _paths_without_weights, _paths_with_errors, _untransposed_backward,
    _updated_weights, _output_slope_reused,
)  # fmt: skip
