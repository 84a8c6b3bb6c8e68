"""The misconceptions of the backward pass down to δ, one entry each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backpropcalc.algebra.terms import Op, Term, Var, element, op, product, total
from backpropcalc.program.steps import Step

from .edits import (
    Edit,
    NetworkContext,
    Rule,
    addends,
    dropped,
    edited,
    is_named,
    kind,
    leaves,
    negative,
    place,
    replaced,
    swapped,
    times,
    turned,
)

ERROR, DELTA, SLOPE, PATH = (frozenset({name}) for name in ("error", "delta", "slope", "path"))
SENT = frozenset({"path", "error"})
GRADIENT, BIAS = frozenset({"gradient"}), frozenset({"bias gradient"})


def _output(net: NetworkContext, step: Step) -> bool:
    return step.var.layer == net.depth


def _short(net: NetworkContext, step: Step) -> Iterator[Term]:
    """δ of an output as books give it at once, a − t, if loss and activation allow that; without and with a mean."""
    t, a = net.whole("t", net.depth), net.whole("a", net.depth)
    fused = net.loss.fused.get(net.layer(net.depth).rule.name) if net.loss is not None else None
    if not _output(net, step) or fused is None or fused.short is None or t is None or a is None:
        return
    plain = element(fused.short(t, a), place(step))
    yield plain
    delta = net.steps[net.by("z", net.depth).at(place(step))]
    yield from (route for route in delta.routes if route != plain)


def _sign_of_error(net: NetworkContext, step: Step) -> Iterator[Edit]:
    if _output(net, step):
        yield Edit(negative(step.term))


def _no_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for part, left in dropped(step.term, "mul"):
        if isinstance(part, Var) and kind(part) == "slope":
            yield Edit(left, about={"slope": part})
    if kind(step.var) == "delta" and net.local(step.var.layer) is None:
        error = net.by("a", step.var.layer).at(place(step))
        yield Edit(error, about={"slope": "∂a/∂z of softmax"})


def _slope_twice(net: NetworkContext, step: Step) -> Iterator[Edit]:
    local = net.local(step.var.layer)
    if local is None:
        return
    slope = local.at(place(step))
    for short in _short(net, step):
        yield Edit(product(short, slope), about={"slope": slope, "short": _plain_difference(net, step)})


def _plain_difference(net: NetworkContext, step: Step) -> Term:
    a, t = net.whole("a", net.depth), net.whole("t", net.depth)
    assert a is not None and t is not None
    return element(op("sub", a, t), place(step))


def _delta_as_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
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


def _inner_sign(net: NetworkContext, step: Step) -> Iterator[Edit]:
    def turn(part: Term) -> Term | None:
        match part:
            case Op("sub", (Op("xdivy") as first, Op("xdivy") as second)):
                return op("add", first, second)
        return None

    yield from edited(swapped(step.term, turn), original=step.term)


def _diagonal_only(net: NetworkContext, step: Step) -> Iterator[Edit]:
    if net.local(step.var.layer) is not None:
        return
    for part in addends(step.term):
        error = [v for v in leaves(part) if kind(v) == "error"]
        if error and error[0].index == step.var.index and part != step.term:
            yield Edit(part)


def _loss_for_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
    terms = net.whole("term", net.depth)
    if terms is None or not _output(net, step):
        return
    loss = terms.at(place(step))
    error = net.by("a", net.depth).at(place(step))
    if kind(step.var) == "error":
        yield Edit(loss, about={"loss": loss, "error": error})
        return
    yield from edited(replaced(step.term, {error: loss}), loss=loss, error=error)


def _one_path(net: NetworkContext, step: Step) -> Iterator[Edit]:
    parts = addends(step.term)
    if len(parts) > 1 and not _output(net, step):
        for part in parts:
            yield Edit(part, about={"count": str(len(parts))})


def _averaged(net: NetworkContext, step: Step) -> Iterator[Edit]:
    count = len(addends(step.term))
    if count > 1 and not _output(net, step):
        yield Edit(times(f"1/{count}", step.term), about={"count": str(count)})


def _sent_back(net: NetworkContext, step: Step) -> Term | None:
    """What comes back to a hidden unit, its paths written out; None for the output layer."""
    return None if _output(net, step) else net.inlined(step.term, ("path",))


def _without_weights(net: NetworkContext, step: Step) -> Iterator[Edit]:
    term = _sent_back(net, step)
    if term is None:
        return
    parts = [left for part in addends(term) for gone, left in dropped(part, "mul") if is_named(gone)]
    if parts:
        yield Edit(total(parts))


def _with_errors(net: NetworkContext, step: Step) -> Iterator[Edit]:
    term = _sent_back(net, step)
    if term is None:
        return
    above = step.var.layer + 1
    deltas = [v for v in leaves(term) if kind(v) == "delta" and v.layer == above]
    errors = {v: net.by("a", above).at(v.index or (0, 0)) for v in deltas}
    yield from _edits(replaced(term, errors), "error")
    t, a = net.whole("t", above), net.whole("a", above)
    if t is not None and a is not None:
        plain = {v: element(op("sub", a, t), v.index or (0, 0)) for v in deltas}
        yield from _edits(replaced(term, plain), "a-t")


def _edits(term: Term | None, kind: str = "") -> Iterable[Edit]:
    return () if term is None else (Edit(term, kind),)


def _untransposed(net: NetworkContext, step: Step) -> Iterable[Edit]:
    term = _sent_back(net, step)
    if term is None:
        return ()
    return _edits(replaced(term, {w: turned(w) for w in leaves(term) if w.role in ("w", "new")}))


def _updated_weights(net: NetworkContext, step: Step) -> Iterable[Edit]:
    term = _sent_back(net, step)
    if term is None:
        return ()
    new = {w: net.updated[w] for w in leaves(term) if w in net.updated}
    old = {w: w.parts[0] for w in leaves(term) if w.role == "new"}
    return (*_edits(replaced(term, new), "new"), *_edits(replaced(term, old), "old"))


def _output_slope(net: NetworkContext, step: Step) -> Iterator[Edit]:
    n = step.var.layer
    local = net.local(n)
    above = None if n == net.depth else net.local(n + 1)
    if local is None or above is None:
        return
    for slope in [v for v in leaves(step.term) if kind(v) == "slope" and v.layer == n]:
        for k in range(above.shape[0]):
            other = above.at((k, slope.index[1] if slope.index else 0))
            yield from (e._replace(about={"used": other}) for e in _edits(replaced(step.term, {slope: other}), str(k)))


BACKWARD = (
    Rule(
        "sign-of-error",
        "The sign of the error is turned round: target minus output in place of output minus target.",
        _sign_of_error,
        ERROR | DELTA,
    ),
    Rule("no-slope", "You left out the slope of the activation, {slope}.", _no_slope, DELTA | GRADIENT | BIAS),
    Rule(
        "bce-slope-twice",
        "The slope {slope} stands in your product twice: output minus target, {short}, already holds it.",
        _slope_twice,
        DELTA,
    ),
    Rule("bce-delta-as-loss-slope", "Your value is {words}.", _delta_as_slope, ERROR | DELTA),
    Rule(
        "bce-inner-sign",
        "Between the two fractions stands a minus: the derivative of ln(1 − output) brings out −1.",
        _inner_sign,
        ERROR,
    ),
    Rule(
        "softmax-diagonal-only",
        "You took only the unit's own term. In softmax every output depends on every weighted sum, so the terms of the "
        "other outputs belong to it as well.",
        _diagonal_only,
        DELTA,
    ),
    Rule(
        "loss-for-slope",
        "You used the loss {loss} itself in place of its derivative {error:name}.",
        _loss_for_slope,
        ERROR | DELTA,
    ),
    Rule(
        "one-path",
        "You took only one of the {count} paths by which this unit reaches the loss; their contributions add up.",
        _one_path,
        ERROR,
    ),
    Rule(
        "paths-averaged",
        "You took the mean of the {count} paths; their contributions add up, without a division.",
        _averaged,
        ERROR,
    ),
    Rule(
        "paths-without-weights",
        "What comes back along a path is multiplied with the weight of the path; the weights are missing.",
        _without_weights,
        SENT,
    ),
    Rule(
        "paths-with-errors",
        "You sent back the error of the layer above. What goes back is its δ: the error times the slope.",
        _with_errors,
        SENT,
    ),
    Rule(
        "untransposed-backward",
        "You took W where the way back needs Wᵀ: the weights that leave this unit, not those that lead to it.",
        _untransposed,
        SENT,
    ),
    Rule(
        "updated-weights",
        "You used weights from the wrong side of the update: {words}.",
        lambda net, step: [
            e._replace(
                about={
                    "words": "the way back goes through the weights as they were in the forward pass"
                    if e.kind == "new"
                    else "here the layer above is updated first, and the way back goes through its new weights"
                }
            )
            for e in _updated_weights(net, step)
        ],
        SENT,
    ),
    Rule(
        "output-slope-reused",
        "You used {used}, the slope of the layer above. Each neuron has a slope of its own.",
        _output_slope,
        DELTA | GRADIENT | BIAS,
    ),
)
