"""The misconceptions of the forward pass and the loss, one entry each.

A sentence speaks to the student. ``{it}`` is the quantity, other words in braces come from the edit.
"""

from __future__ import annotations

from collections.abc import Iterator

from backpropcalc.algebra.terms import ONE, Num, Op, Term, Var, element, op, total
from backpropcalc.program.steps import Step
from backpropcalc.rules.functions import ACTIVATIONS

from .edits import (
    Edit,
    NetworkContext,
    Rule,
    addends,
    dropped,
    edited,
    kind,
    leaves,
    negative,
    others,
    place,
    replaced,
    spoken,
    swapped,
    times,
    turned,
)

BIASES = ("b", "shared")


def _forgot_bias(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for part, left in dropped(step.term, "add"):
        if isinstance(part, Var) and part.role in BIASES:
            yield Edit(left, about={"bias": part})


def _transposed(net: NetworkContext, step: Step) -> Iterator[Edit]:
    yield from edited(replaced(step.term, {w: turned(w) for w in leaves(step.term) if w.role == "w"}))


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


def _no_activation(net: NetworkContext, step: Step) -> Iterator[Edit]:
    z = net.whole("z", step.var.layer)
    if z is not None:
        yield Edit(z.at(place(step)), about={"z": z.at(place(step))})


def _exponent_sign(net: NetworkContext, step: Step) -> Iterator[Edit]:
    def turn(part: Term) -> Term | None:
        match part:
            case Op("exp", (Op("neg", (u,)),)):
                return op("exp", u)
            case Op("exp", (u,)):
                return op("exp", op("neg", u))
        return None

    yield from edited(swapped(step.term, turn), original=step.term)


def _wrong_activation(net: NetworkContext, step: Step) -> Iterator[Edit]:
    z = net.whole("z", step.var.layer)
    if z is None:
        return
    own = net.layer(step.var.layer).rule
    for rule in ACTIVATIONS.values():
        if rule.name in (own.name, "identity") or (rule.mixes and z.shape[0] == 1):
            continue
        defaults = {name: Num(text) for name, text in rule.defaults.items()}
        term = element(rule.value(z, defaults), place(step))
        yield Edit(term, rule.name, {"used": spoken(rule.name), "meant": spoken(own.name)})


def _bias_after(net: NetworkContext, step: Step) -> Iterator[Edit]:
    z = net.whole("z", step.var.layer)
    if z is None or net.layer(step.var.layer).rule.mixes:
        return
    own = z.at(place(step))
    for part, left in dropped(net.steps[own].term, "add"):
        if isinstance(part, Var) and part.role in BIASES:
            yield Edit(op("add", replaced(step.term, {own: left}) or step.term, part), about={"bias": part})


def _bias_subtracted(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for part, left in dropped(step.term, "add"):
        if isinstance(part, Var) and part.role in BIASES:
            yield Edit(op("sub", left, part), about={"bias": part})


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


def _net_for_activation(net: NetworkContext, step: Step) -> Iterator[Edit]:
    sources = [v for v in leaves(step.term) if v.role == "a" and v.layer == step.var.layer - 1]
    whole = net.whole("z", step.var.layer - 1)
    if sources and whole is not None:
        put = {v: whole.at(v.index or (0, 0)) for v in sources}
        yield from edited(replaced(step.term, put), used=put[sources[0]], right=sources[0])


def _targets_exchanged(net: NetworkContext, step: Step) -> Iterator[Edit]:
    targets = [v for v in leaves(step.term) if v.role == "t"]
    for target in targets[:1]:
        for other in others(target):
            yield from edited(replaced(step.term, {target: other}), used=other, right=target)


def _losses_subtracted(net: NetworkContext, step: Step) -> Iterator[Edit]:
    def minus(part: Term) -> Term | None:
        if isinstance(part, Op) and part.name == "add" and len(part.args) > 1:
            return op("sub", part.args[0], total(part.args[1:]))
        return None

    yield from edited(swapped(step.term, minus), original=step.term)


def _other_sample(net: NetworkContext, step: Step) -> Iterator[Edit]:
    sampled = [v for v in leaves(step.term) if v.role in ("x", "t", "a") and v.shape[1] > 1 and v.index is not None]
    if not sampled or sampled[0].sample is None:
        return
    for s in range(net.samples):
        for role in ("x", "t", "a"):
            put = {
                v: Var(v.role, v.layer, v.shape, v.of, (v.index[0], s)) for v in sampled if v.index and v.role == role
            }
            if kind(step.var) == "term" or role != "t":
                yield from edited(replaced(step.term, put), sample=str(s + 1))


def _log_of_rest(net: NetworkContext, step: Step) -> Iterator[Edit]:
    def rest(part: Term) -> Term | None:
        match part:
            case Op("xlogy", (t, Op("sub", (one, o)))) if one == ONE:
                return op("xlogy", t, o)
            case Op("xlogy", (t, o)):
                return op("xlogy", t, op("sub", ONE, o))
        return None

    yield from edited(swapped(step.term, rest), original=step.term)


def _without_exp(net: NetworkContext, step: Step) -> Iterator[Edit]:
    if net.layer(step.var.layer).rule.mixes:
        yield Edit(
            swapped(step.term, lambda part: part.args[0] if isinstance(part, Op) and part.name == "exp" else None)
        )


def _log_base_10(net: NetworkContext, step: Step) -> Iterator[Edit]:
    def common(part: Term) -> Term | None:
        match part:
            case Op("ln", (u,)):
                return op("div", op("ln", u), op("ln", Num("10")))
            case Op("xlogy", (t, o)):
                return op("div", op("xlogy", t, o), op("ln", Num("10")))
        return None

    yield from edited(swapped(step.term, common), original=step.term)


def _half_factor(net: NetworkContext, step: Step) -> Iterator[Edit]:
    squared = net.loss is not None and "squared" in net.loss.name
    if squared and (kind(step.var) == "term" or step.var.layer == net.depth):
        yield Edit(times("2", step.term), "2", {"size": "twice as large as"})
        yield Edit(times("1/2", step.term), "1/2", {"size": "half of"})


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


def _not_squared(net: NetworkContext, step: Step) -> Iterator[Edit]:
    def size(part: Term) -> Term | None:
        return op("abs", part.args[0]) if isinstance(part, Op) and part.name == "pow" else None

    def bare(part: Term) -> Term | None:
        return part.args[0] if isinstance(part, Op) and part.name == "pow" else None

    for way in (size, bare):
        yield from edited(swapped(step.term, way), original=step.term)


def _sign_of_loss(net: NetworkContext, step: Step) -> Iterator[Edit]:
    yield Edit(negative(step.term))


def _one_bce_term(net: NetworkContext, step: Step) -> Iterator[Edit]:
    match step.term:
        case Op("neg", (Op("add", (first, second)),)):
            yield Edit(op("neg", first), "t")
            yield Edit(op("neg", second), "1-t")


FORWARD = (
    Rule("forgot-bias", "You left out the bias {bias}.", _forgot_bias, frozenset({"sum"})),
    Rule(
        "transposed-weights",
        "You read the weight matrix the other way round: rows for columns, Wᵀ in place of W.",
        _transposed,
        frozenset({"sum"}),
    ),
    Rule(
        "raw-input",
        "You used the inputs of the network. This layer works from the activations of the layer below it.",
        _raw_input,
        frozenset({"sum"}),
    ),
    Rule(
        "no-activation",
        "{it} is the weighted sum {z} itself: the activation function has not been applied to it.",
        _no_activation,
        frozenset({"activation"}),
    ),
    Rule(
        "exponent-sign",
        "The sign in the exponent is turned round.",
        _exponent_sign,
        frozenset({"activation"}),
    ),
    Rule(
        "wrong-activation",
        "You used {used}; the activation of this layer is {meant}.",
        _wrong_activation,
        frozenset({"activation"}),
    ),
    Rule(
        "bias-after-activation",
        "You added the bias {bias} after the activation. It belongs to the weighted sum, inside the function.",
        _bias_after,
        frozenset({"activation"}),
    ),
    Rule(
        "softmax-without-exp",
        "You divided the weighted sums by their sum. Softmax divides their exponentials e^z by the sum of these.",
        _without_exp,
        frozenset({"activation"}),
    ),
    Rule(
        "log-base-10",
        "You used the logarithm to base 10. The loss is meant with the natural logarithm, ln.",
        _log_base_10,
        frozenset({"term", "activation"}),
    ),
    Rule(
        "half-factor",
        "Your value is {size} what the formula gives: look at the factor ½ of the squared error, or at the 2 that its "
        "derivative brings down.",
        _half_factor,
        frozenset({"term", "error", "delta"}),
    ),
    Rule(
        "mean-or-sum",
        "The mean is mixed up with the sum: you {did} (the number of {what}).",
        _mean_or_sum,
        frozenset({"sample", "loss", "error", "delta", "gradient", "bias gradient"}),
    ),
    Rule(
        "not-squared",
        "The difference between target and output has not been squared.",
        _not_squared,
        frozenset({"term"}),
    ),
    Rule(
        "sign-of-loss",
        "The sign of the loss is turned round.",
        _sign_of_loss,
        frozenset({"term", "sample", "loss"}),
    ),
    Rule(
        "one-bce-term",
        "You took only one of the two terms of the cross-entropy: one for the target, one for 1 minus the target.",
        _one_bce_term,
        frozenset({"term"}),
    ),
    Rule(
        "bias-subtracted",
        "You subtracted the bias {bias}. It is added.",
        _bias_subtracted,
        frozenset({"sum"}),
    ),
    Rule(
        "other-layer",
        "You used {what} of layer {layer}. Every layer has its own.",
        _other_layer,
        frozenset({"sum", "path", "error"}),
    ),
    Rule(
        "net-for-activation",
        "You used {used}, the weighted sum of the unit below. What it passes on is its activation, {right}.",
        _net_for_activation,
        frozenset({"sum", "gradient"}),
    ),
    Rule(
        "targets-exchanged",
        "You used {used}, the target of another output. The target here is {right}.",
        _targets_exchanged,
        frozenset({"term", "error", "delta"}),
    ),
    Rule(
        "losses-subtracted",
        "You subtracted the losses from each other. They are added.",
        _losses_subtracted,
        frozenset({"sample", "loss"}),
    ),
    Rule(
        "other-sample",
        "You used numbers of sample {sample}, another one than this line is about.",
        _other_sample,
        frozenset({"sum", "term", "gradient"}),
    ),
    Rule(
        "log-of-rest",
        "You took the logarithm of 1 minus the output where that of the output belongs, or the reverse.",
        _log_of_rest,
        frozenset({"term"}),
    ),
)
