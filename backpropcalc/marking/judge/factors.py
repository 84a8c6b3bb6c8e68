"""What may be stated although it is not asked: the local slopes that a product names, and the gradients of one sample.

They stand as steps before those that use them, worth nothing, and what uses them may follow from them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from backpropcalc.algebra.rewriting import operations, rewritten
from backpropcalc.algebra.terms import Num, Op, Term, Var, entry_slope, product, total
from backpropcalc.program.steps import Step

from .conventions import averaged, sample_losses
from .key import Key
from .worth import FACTOR


def factors(key: Key) -> dict[Var, Step]:
    """Every such quantity with the step that works it out, in the order in which they are first used."""
    found: dict[Var, Step] = {}
    for _, step in key.steps:
        for part in operations(step.term):
            if part.label is not None and part.name == "named":
                found.setdefault(entry_slope(*part.label), Step(entry_slope(*part.label), part.args[0]))
        for var, share in _by_sample(key, step):
            own = share
            if averaged(key) and _mean(step.term) is None:  # 1/m stands in δ already
                own = product(Num(str(len(sample_losses(key)))), share)
            found.setdefault(var, Step(var, own, routes=(share,) if own != share else ()))
    return {var: step for var, step in found.items() if var not in key.step_of}


def with_factors(key: Key, found: Mapping[Var, Step], stated: Collection[Var]) -> Key:
    """The key with a step for each of ``stated`` and what is summed with it, and with routes that lead through them."""
    if not stated:
        return key
    stated = frozenset(stated) | {var for _, step in key.steps for var in _together(key, step, stated) if var in found}
    steps: list[tuple[str, Step]] = []
    wanted = {var: step for var, step in found.items() if var in stated}
    for phase, step in key.steps:
        used = [var for var in _used(key, step) if var in wanted]
        steps.extend((FACTOR, wanted.pop(var)) for var in used)
        routes = _routes(key, step, stated) if phase == "backward" else ()
        steps.append((phase, replace(step, routes=(*routes, *step.routes)) if routes else step))
    return replace(key, steps=tuple(steps))


def _used(key: Key, step: Step) -> Iterator[Var]:
    """The quantities that a step names as factors, each once, or sums over the samples."""
    named = (
        entry_slope(*part.label) for part in operations(step.term) if part.name == "named" and part.label is not None
    )
    yield from dict.fromkeys((*named, *(var for var, _ in _by_sample(key, step))))


def _by_sample(key: Key, step: Step) -> Iterator[tuple[Var, Term]]:
    """The gradient of each sample's own loss, and its part of a gradient that is summed over samples."""
    var = step.var
    if var.role != "d" or var.of[0].role != "loss" or var.sample is not None:
        return
    term = _mean(step.term) or step.term
    samples = sample_losses(key)
    shares = term.args if isinstance(term, Op) and term.name == "add" else ()
    if len(samples) > 1 and len(shares) == len(samples):
        yield from ((entry_slope(sample, var.parts[1]), share) for sample, share in zip(samples, shares, strict=True))


def _together(key: Key, step: Step, stated: Collection[Var]) -> list[Var]:
    """The gradients of all samples if that of any is stated: their sum needs them all."""
    own = [var for var, _ in _by_sample(key, step)]
    return own if any(var in stated for var in own) else []


def _mean(term: Term) -> Op | None:
    """The sum in 1/m · (… + …)."""
    match term:
        case Op("mul", (Num(), Op("add") as summed)):
            return summed
    return None


def _routes(key: Key, step: Step, stated: frozenset[Var]) -> Iterable[Term]:
    """The formula of a step with the stated factors by their names; a gradient also as the mean of the samples' own."""

    def by_name(part: Term) -> Term | None:
        named = isinstance(part, Op) and part.name == "named" and part.label and entry_slope(*part.label)
        return named if isinstance(named, Var) and named in stated else None

    through = rewritten(step.term, by_name)
    if through != step.term:
        yield through
    own = [var for var, _ in _by_sample(key, step)]
    if any(var in stated for var in own):
        yield total(own)
        if averaged(key):
            yield product(Num(f"1/{len(own)}"), total(own))
