"""The misconceptions of the gradients of weights and biases and of the update, one entry each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from backpropcalc.algebra.rewriting import rewritten
from backpropcalc.algebra.terms import ZERO, Num, Op, Term, Var, op, product, total
from backpropcalc.program.steps import Step

from .edits import (
    Edit,
    NetworkContext,
    addends,
    dropped,
    edited,
    is_named,
    leaves,
    others,
    place,
    replaced,
    rule,
    without,
)


def _sources(term: Term) -> list[Var]:
    """The last factor of each product of a gradient: what the weight is multiplied with in the forward pass."""
    last = [v for part in addends(term) if isinstance(part, Op) for v in leaves(part.args[-1])]
    return [v for v in last if v.role in ("x", "a")]


@rule("You multiplied with {used}. This weight starts from {right}.", "gradient")
def _wrong_source(net: NetworkContext, step: Step) -> Iterator[Edit]:
    sources = _sources(step.term)
    if not sources:
        return
    n, source = step.var.layer, sources[0]
    x, own, sample = net.whole("x", 0), net.whole("a", n), _column(source)
    instead = list(others(source))
    if n > 1 and x is not None:
        instead += [x.at((i, sample)) for i in range(x.shape[0])]
    if own is not None:
        instead.append(own.at((place(step)[0], sample)))
    for other in instead:
        put = {v: _row(other, v) for v in sources}
        yield from edited(replaced(step.term, put), used=other, right=source)


def _row(other: Var, like: Var) -> Var:
    """The unit of ``other`` for the sample of ``like``."""
    whole = Var(other.role, other.layer, other.shape, other.of)
    return whole.at((other.index[0] if other.index else 0, _column(like)))


def _column(var: Var) -> int:
    """The sample that an entry belongs to, from 0."""
    return var.index[1] if var.index else 0


@rule("That is δ alone. It still has to be multiplied with {right}, where this weight starts.", "gradient")
def _source_missing(net: NetworkContext, step: Step) -> Iterator[Edit]:
    parts = [left for part in addends(step.term) for gone, left in dropped(part, "mul") if is_named(gone)]
    sources = _sources(step.term)
    if parts and sources:
        yield Edit(total(parts), about={"right": sources[0]})


@rule(
    "You multiplied with the weight {used} itself. The derivative by a weight has what the weight is multiplied "
    "with, {right}.",
    "gradient",
)
def _weight_for_source(net: NetworkContext, step: Step) -> Iterator[Edit]:
    sources, w = _sources(step.term), net.whole("w", step.var.layer)
    if sources and w is not None and step.var.index is not None:
        own = w.at(step.var.index)
        yield from edited(replaced(step.term, dict.fromkeys(sources, own)), used=own, right=sources[0])


@rule("You {did}. A bias has the factor 1: its gradient is δ itself.", "bias gradient")
def _bias_gradient(net: NetworkContext, step: Step) -> Iterator[Edit]:
    yield Edit(ZERO, "0", {"did": "took 0"})
    source = net.source(step.var.layer)
    for i in range(source.shape[0]):
        parts = []
        for s, part in enumerate(addends(step.term)):
            here = source.at((i, net.columns[s % net.samples]))
            parts.append(rewritten(part, partial(_put, here)))
        yield Edit(total(parts), "source", {"did": "multiplied with {source}", "source": source.at((i, 0))})


def _put(source: Var, part: Term) -> Term | None:
    """``source`` for a named factor."""
    return source if is_named(part) else None


def _one_sample(net: NetworkContext, step: Step, at: int) -> Iterator[Edit]:
    """A sum over samples, and the mean that it stands in, with nothing but the first sample, 0, or the last, -1."""
    if net.samples < 2:
        return
    for part in (step.term, *(step.term.args if isinstance(step.term, Op) and step.term.name == "mul" else ())):
        if not (isinstance(part, Op) and part.name == "add"):
            continue
        listed = addends(part)
        each = max(1, len(listed) // net.samples)
        kept = total(listed[at * each :][:each])
        yield Edit(kept, "sum")
        if part != step.term:
            assert isinstance(step.term, Op)
            yield Edit(op("mul", *(kept if factor == part else factor for factor in step.term.args)), "mean")


@rule("You took only the last sample; every sample counts.", "gradient", "bias gradient", "loss")
def _last_sample_only(net: NetworkContext, step: Step) -> Iterator[Edit]:
    return _one_sample(net, step, -1)


@rule("You took only the first sample; every sample counts.", "gradient", "bias gradient", "loss")
def _first_sample_only(net: NetworkContext, step: Step) -> Iterator[Edit]:
    return _one_sample(net, step, 0)


@rule("You multiplied with the bias {bias}. A bias has the factor 1: its gradient is δ itself.", "bias gradient")
def _bias_in_gradient(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for bias in (net.whole(role, step.var.layer) for role in ("b", "shared")):
        if bias is not None:
            own = bias.at(place(step))
            yield Edit(product(step.term, own), about={"bias": own})


@rule("You left out sample {sample}; every sample counts.", "gradient", "bias gradient", "loss")
def _sample_forgotten(net: NetworkContext, step: Step) -> Iterator[Edit]:
    """A sum over three samples or more without one of them; of two, that is only the other."""
    if net.samples < 3:
        return
    for s, sample in enumerate(net.columns):

        def without_one(part: Term, s: int = s) -> Term | None:
            parts = addends(part)
            each = len(parts) // net.samples
            if not each or len(parts) != each * net.samples:
                return None
            return total(parts[: s * each] + parts[(s + 1) * each :])

        yield from edited(rewritten(step.term, without_one), original=step.term, sample=str(sample + 1))


RATES = ("0.001", "0.01", "0.05", "0.1", "0.2", "0.25", "0.3", "0.5", "1.5", "2")
"""Learning rates that are met in other exercises; 1 is no rate at all."""


@rule("You used {used} for the learning rate. It is {rate} here.", "update")
def _other_rate(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for old, rate, change in _update(step):
        for text in RATES:
            eta = net.given.get(rate, 0.0)
            if min(abs(float(text) - eta), abs(float(text) - eta * eta)) > 1e-12:  # η² is the rate taken twice
                yield Edit(op("sub", old, product(Num(text), without(change, 0))), text, {"used": text, "rate": rate})


@rule("You left {old} as it was. It is updated like the others.", "update")
def _not_updated(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for old, _, _ in _update(step):
        yield Edit(old, about={"old": old})


def _update(step: Step) -> Iterator[tuple[Var, Var, Op]]:
    """The old parameter, the learning rate, and the step η · gradient; nothing if the update is of another form."""
    match step.term:
        case Op("sub", (Var() as old, Op("mul", (Var("rate") as rate, *_)) as change)):
            yield old, rate, change


@rule("You added the step. To make the loss smaller, it is subtracted.", "update")
def _ascent(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for old, _, change in _update(step):
        yield Edit(op("add", old, change))


@rule("You left out the learning rate {rate}.", "update")
def _no_rate(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for old, rate, change in _update(step):
        yield Edit(op("sub", old, without(change, 0)), about={"rate": rate})


@rule("That is the step alone. The new value is the old one minus this step.", "update")
def _step_for_weight(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for _, _, change in _update(step):
        yield Edit(op("neg", change), "-")
        yield Edit(change, "+")


@rule("You started from {used}. The old value here is {right}.", "update")
def _wrong_old_weight(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for old, _, change in _update(step):
        for other in others(old):
            yield Edit(op("sub", other, change), about={"used": other, "right": old})


@rule("You multiplied with the learning rate twice.", "update")
def _rate_twice(net: NetworkContext, step: Step) -> Iterator[Edit]:
    for old, rate, change in _update(step):
        yield Edit(op("sub", old, product(rate, change)))


GRADIENTS = (
    _wrong_source, _source_missing, _weight_for_source, _bias_gradient, _last_sample_only, _first_sample_only,
    _ascent, _no_rate, _step_for_weight, _wrong_old_weight, _rate_twice, _bias_in_gradient, _sample_forgotten,
    _other_rate, _not_updated,
)  # fmt: skip
