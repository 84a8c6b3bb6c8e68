"""The page of a function at some numbers: its equation, then a line for each value and each slope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from backpropcalc.algebra.numbers import number
from backpropcalc.algebra.terms import Num, node
from backpropcalc.errors import fail, printable
from backpropcalc.execution.values import Values
from backpropcalc.execution.worked import Worked, trace_of
from backpropcalc.notation.own_names import OwnNames
from backpropcalc.program.evaluation import names
from backpropcalc.program.steps import Block
from backpropcalc.rules.functions import Loss
from backpropcalc.spec.evaluation import Evaluation
from backpropcalc.spec.keys import EITHER, Style, flags_of

from .catalogue import equation_of, rule_of, slopes
from .pieces import WRITTEN, Heading, Math, Phrase, Piece, listed, math
from .worked import WorkedPage


@dataclass(frozen=True)
class EvaluationPage(WorkedPage):
    """The page of a function at some numbers."""

    trace: Worked

    forms = WRITTEN
    untitled = "A function and its slope"

    @property
    def of(self) -> Evaluation:
        """What is worked out."""
        found: Evaluation = self.trace.spec
        return found

    def headings(self, block: Block, before: Block | None) -> Iterator[Heading]:
        """The values, the slopes."""
        several = len(self.of.at) > 1
        yield Heading(2, "1  Value" + "s" * several if block.phase == "forward" else "2  Slope" + "s" * several)
        yield Heading(3, "")

    def facts(self) -> Iterator[tuple[str, Phrase]]:
        """The function, its slope, and the numbers."""
        rule, count = self.of.rule, len(self.of.at)
        yield "function", equation_of(rule)
        if isinstance(rule, Loss):
            yield "targets", _numbers("t", self.of.targets)
            yield "outputs", _numbers("o", self.of.at)
            if count > 1:
                yield "together", f"their {rule.outputs}"
        else:
            if not rule.mixes:
                label, _, term = slopes(rule)[-1]
                yield label, math("f'(", node("x"), ") = ", term)
            if rule.defaults:
                yield "with", listed([math(node(key), f" = {text}") for key, text in rule.defaults.items()])
            yield "at", _numbers("x", self.of.at)

    def closing(self, values: Values) -> Iterator[Piece]:
        """The lines say it all."""
        return iter(())


def _numbers(base: str, numbers: tuple[Num, ...]) -> Math:
    return listed([math(var, " = ", term) for var, term in zip(names(base, len(numbers)), numbers, strict=True)])


def evaluation(name: str, at: str, target: str | None, changes: Mapping[str, object]) -> EvaluationPage:
    """The page of the function called ``name``, or given by a formula, at numbers as typed; ``changes`` are flags.

    Raises ``InputError`` if there is no such function, or if the numbers are none or do not belong to it.
    """
    rule = rule_of(name)
    places = _typed("--at", at)
    targets = _typed("--target", target) if target else ()
    if isinstance(rule, Loss) and len(targets) != len(places):
        found = f"{len(targets)} targets for {len(places)} outputs" if targets else "a loss needs targets"
        raise fail("usage", found, "as many numbers after --target as after --at")
    if targets and not isinstance(rule, Loss):
        raise fail("usage", "--target belongs to a loss", "leave it out: an activation has none")
    title = rule.name.replace("_", " ") if name.strip().isidentifier() else printable(name)
    spec = Evaluation(title=title, rule=rule, at=places, targets=targets, style=_style(changes))
    return EvaluationPage(trace_of(spec), OwnNames())


def _style(changes: Mapping[str, object]) -> Style:
    keys = flags_of("functions")
    for one, other in EITHER:
        if one in changes and other in changes:
            raise fail("usage", f"give either {keys[one].flag} or {keys[other].flag}, not both")
    found: dict[str, Any] = {name: keys[name].flagged(value) for name, value in changes.items()}
    style = Style(decimals=None) if "significant" in found else Style()
    return replace(style, **found)


def _typed(flag: str, text: str) -> tuple[Num, ...]:
    found = [number(part) for part in text.replace(";", ",").split(",")]
    if None in found:
        raise fail("usage", f"{flag} {printable(text)!r} must be numbers with commas between them", "as in 2,1,0.1")
    return tuple(Num(part) for part in found if part is not None)
