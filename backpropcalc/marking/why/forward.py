"""The misconceptions of the forward pass and the loss, one entry each."""

from __future__ import annotations

from collections.abc import Iterator

from backpropcalc.algebra.rewriting import rewritten
from backpropcalc.algebra.terms import ONE, Num, Op, Term, Var, element, op, total
from backpropcalc.program.steps import Step
from backpropcalc.rules.functions import ACTIVATIONS

from .edits import (
    Edit,
    NetworkContext,
    addends,
    dropped,
    edited,
    inside,
    kind,
    leaves,
    negative,
    others,
    place,
    replaced,
    rewriting,
    rule,
    spoken,
    times,
    turned,
)

BIASES = ("b", "shared")


def _biases(term: Term) -> Iterator[tuple[Var, Term]]:
    """The bias in a weighted sum, and the sum without it; nothing if there is none."""
    for part, left in dropped(term, "add"):
        if isinstance(part, Var) and part.role in BIASES:
            yield part, left


@rule("You left out the bias {bias}.", "sum")
def _forgot_bias(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for bias, left in _biases(step.term):
        yield Edit(left, about={"bias": bias})


@rule("You read the weight matrix the other way round: rows for columns, Wᵀ in place of W.", "sum")
def _transposed_weights(net: NetworkContext, step: Step) -> Iterator[Edit]:
    yield from edited(replaced(step.term, {w: turned(w) for w in leaves(step.term) if w.role == "w"}))


@rule("You used the inputs of the network. This layer works from the activations of the layer below it.", "sum")
def _raw_input(net: NetworkContext, step: Step) -> Iterator[Edit]:
    x = net.whole("x", 0)
    if step.var.layer < 2 or x is None:
        return
    kept: list[Term] = []
    for part in addends(step.term):
        sources = [v for v in leaves(part) if v.role == "a"]
        if not sources:
            kept.append(part)
        elif sources[0].index is not None and sources[0].index[0] < x.shape[0]:
            kept.append(replaced(part, {sources[0]: x.at(sources[0].index)}) or part)
    yield Edit(total(kept))


@rule("{it} is the weighted sum {z} itself: the activation function has not been applied to it.", "activation")
def _no_activation(net: NetworkContext, step: Step) -> Iterator[Edit]:
    z = net.sum_of(step)
    yield Edit(z, about={"z": z})


@rewriting("The sign in the exponent is turned round.", "activation")
def _exponent_sign(part: Term) -> Term | None:
    match part:
        case Op("exp", (Op("neg", (u,)),)):
            return op("exp", u)
        case Op("exp", (u,)):
            return op("exp", op("neg", u))
    return None


@rule("You used {used}; the activation of this layer is {meant}.", "activation")
def _wrong_activation(net: NetworkContext, step: Step) -> Iterator[Edit]:
    z, own = net.wholes["z", step.var.layer], net.layer(step.var.layer).rule
    for other in ACTIVATIONS.values():
        if other.name in (own.name, "identity") or (other.mixes and z.shape[0] == 1):
            continue
        defaults = {name: Num(text) for name, text in other.defaults.items()}
        term = element(other.value(z, defaults), place(step))
        yield Edit(term, other.name, {"used": spoken(other.name), "meant": spoken(own.name)})


@rule(
    "You added the bias {bias} after the activation. It belongs to the weighted sum, inside the function.", "activation"
)
def _bias_after_activation(net: NetworkContext, step: Step) -> Iterator[Edit]:
    if net.layer(step.var.layer).rule.mixes:
        return
    z = net.sum_of(step)
    for bias, left in _biases(net.steps[z].term):
        yield Edit(op("add", replaced(step.term, {z: left}) or step.term, bias), about={"bias": bias})


@rule("You subtracted the bias {bias}. It is added.", "sum")
def _bias_subtracted(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for bias, left in _biases(step.term):
        yield Edit(op("sub", left, bias), about={"bias": bias})


@rule("You used {what} of layer {layer}. Every layer has its own.", "sum", "path", "error")
def _other_layer(net: NetworkContext, step: Step) -> Iterator[Edit]:
    """The bias, or the weights, of another layer that stand in the same places."""
    n = step.var.layer
    for other in range(1, net.depth + 1):
        for roles in (BIASES, ("w",)):
            own = [v for v in leaves(step.term) if v.role in roles and v.layer == n]
            put = {v: twin for v in own for twin in [net.twin(v, other, place(step)[0])] if twin is not None}
            if other != n and own and len(put) == len(own):
                what = "the bias" if roles is BIASES else "the weights"
                yield from edited(replaced(step.term, put), f"{roles[0]}{other - n}", what=what, layer=str(other))


@rule(
    "You used {used}, the weighted sum of the unit below. What it passes on is its activation, {right}.",
    "sum",
    "gradient",
)
def _net_for_activation(net: NetworkContext, step: Step) -> Iterator[Edit]:
    sources = [v for v in leaves(step.term) if v.role == "a" and v.layer == step.var.layer - 1]
    whole = net.whole("z", step.var.layer - 1)
    if sources and whole is not None:
        put = {v: whole.at(v.index or (0, 0)) for v in sources}
        yield from edited(replaced(step.term, put), used=put[sources[0]], right=sources[0])


@rule("You used {used}, the target of another output. The target here is {right}.", "term", "error", "delta")
def _targets_exchanged(net: NetworkContext, step: Step) -> Iterator[Edit]:
    targets = [v for v in leaves(step.term) if v.role == "t"]
    for target in targets[:1]:
        for other in others(target):
            yield from edited(replaced(step.term, {target: other}), used=other, right=target)


@rewriting("You subtracted the losses from each other. They are added.", "sample", "loss")
def _losses_subtracted(part: Term) -> Term | None:
    match part:
        case Op("add", (first, _, *_)):
            return op("sub", first, total(part.args[1:]))
    return None


@rule("You used numbers of sample {sample}, another one than this line is about.", "sum", "term", "gradient")
def _other_sample(net: NetworkContext, step: Step) -> Iterator[Edit]:
    sampled = [v for v in leaves(step.term) if v.role in ("x", "t", "a") and v.shape[1] > 1 and v.index is not None]
    if not sampled or sampled[0].sample is None:
        return
    for s in net.columns:
        for role in ("x", "t", "a"):
            put = {
                v: Var(v.role, v.layer, v.shape, v.of, (v.index[0], s)) for v in sampled if v.index and v.role == role
            }
            if kind(step.var) == "term" or role != "t":
                yield from edited(replaced(step.term, put), sample=str(s + 1))


@rewriting("You took the logarithm of 1 minus the output where that of the output belongs, or the reverse.", "term")
def _log_of_rest(part: Term) -> Term | None:
    match part:
        case Op("xlogy", (t, Op("sub", (one, o)))) if one == ONE:
            return op("xlogy", t, o)
        case Op("xlogy", (t, o)):
            return op("xlogy", t, op("sub", ONE, o))
    return None


@rule(
    "You divided the weighted sums by their sum. Softmax divides their exponentials e^z by the sum of these.",
    "activation",
)
def _softmax_without_exp(net: NetworkContext, step: Step) -> Iterator[Edit]:
    if net.layer(step.var.layer).rule.mixes:
        yield Edit(rewritten(step.term, lambda part: inside(part, "exp")))


@rewriting("You used the logarithm to base 10. The loss is meant with the natural logarithm, ln.", "term", "activation")
def _log_base_10(part: Term) -> Term | None:
    return op("div", part, op("ln", Num("10"))) if isinstance(part, Op) and part.name in ("ln", "xlogy") else None


@rule(
    "Your value is {size} what the formula gives: look at the factor ½ of the squared error, or at the 2 that its "
    "derivative brings down.",
    "term",
    "error",
    "delta",
)
def _half_factor(net: NetworkContext, step: Step) -> Iterator[Edit]:
    squared = net.loss is not None and "squared" in net.loss.name
    if squared and (kind(step.var) == "term" or step.var.layer == net.depth):
        yield Edit(times("2", step.term), "2", {"size": "twice as large as"})
        yield Edit(times("1/2", step.term), "1/2", {"size": "half of"})


@rule(
    "The mean is mixed up with the sum: you {did} (the number of {what}).",
    "sample",
    "loss",
    "error",
    "delta",
    "gradient",
    "bias gradient",
)
def _mean_or_sum(net: NetworkContext, step: Step) -> Iterator[Edit]:
    """A mean taken for a sum or the reverse, and 1/n put in twice: over outputs, over samples, or over both."""
    at_output = step.var.layer == net.depth
    by_unit = kind(step.var) in ("error", "delta") and at_output
    over_outputs = kind(step.var) == "sample" or by_unit or (kind(step.var) == "loss" and net.samples == 1)
    over_samples = by_unit or kind(step.var) in ("gradient", "bias gradient") or kind(step.var) == "loss"
    ways = [(net.outputs, "outputs", net.mean_of_outputs)] if over_outputs else []
    ways += [(net.samples, "samples", net.mean_of_samples)] if over_samples else []
    ways = [way for way in ways if way[0] > 1]
    if len(ways) == 2 and ways[0][2] == ways[1][2]:
        ways.append((ways[0][0] * ways[1][0], "outputs and samples", ways[0][2]))
    for count, what, mean in ways:
        about = {"what": what}
        if mean:
            yield Edit(times(f"{count}", step.term), f"×{what}", {**about, "did": f"left out the 1/{count}"})
            yield Edit(times(f"1/{count}", step.term), f"/{what}", {**about, "did": f"divided by {count} twice"})
        else:
            yield Edit(times(f"1/{count}", step.term), f"/{what}", {**about, "did": f"divided by {count}"})


@rule("The difference between target and output has not been squared.", "term")
def _not_squared(net: NetworkContext, step: Step) -> Iterator[Edit]:
    def size(part: Term) -> Term | None:
        base = inside(part, "pow")
        return base and op("abs", base)

    for way in (size, lambda part: inside(part, "pow")):
        yield from edited(rewritten(step.term, way), original=step.term)


@rule("The sign of the loss is turned round.", "term", "sample", "loss")
def _sign_of_loss(net: NetworkContext, step: Step) -> Iterator[Edit]:
    yield Edit(negative(step.term))


@rule(
    "You took only one of the two terms of the cross-entropy: one for the target, one for 1 minus the target.", "term"
)
def _one_bce_term(net: NetworkContext, step: Step) -> Iterator[Edit]:
    match step.term:
        case Op("neg", (Op("add", (first, second)),)):
            yield Edit(op("neg", first), "t")
            yield Edit(op("neg", second), "1-t")


FORWARD = (
    _forgot_bias, _transposed_weights, _raw_input, _no_activation, _exponent_sign, _wrong_activation,
    _bias_after_activation, _softmax_without_exp, _log_base_10, _half_factor, _mean_or_sum, _not_squared,
    _sign_of_loss, _one_bce_term, _bias_subtracted, _other_layer, _net_for_activation, _targets_exchanged,
    _losses_subtracted, _other_sample, _log_of_rest,
)  # fmt: skip
