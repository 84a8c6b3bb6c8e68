"""The page of activations and losses: equation, derivative, range, what happens at a kink, and a plot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.digits import Digits
from backpropcalc.algebra.terms import Num, Term, Var, element, node, variables
from backpropcalc.errors import fail, printable
from backpropcalc.notation.own_names import OwnNames
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES, Activation, Loss, jacobian_row
from backpropcalc.spec.reader import MEANT, suggestion

from .pieces import WRITTEN, Interval, Math, Note, Partial, Phrase, Piece, Plot, Table, Title, listed, math

X, F, TARGET, OUTPUT = node("x"), node("f(x)"), node("t"), node("o")
LAYER = (3, 1)
"""The units and samples by which a function that mixes units is shown."""
BY_OUTPUT = Partial("E", OUTPUT)


@dataclass(frozen=True)
class Catalogue:
    """Some activations and losses."""

    activations: tuple[Activation, ...]
    losses: tuple[Loss, ...]
    title: str = ""

    kind = "a catalogue"
    forms = WRITTEN
    quoted, exact, as_given, large = "", False, False, False
    digits = Digits()
    notation = OwnNames()

    def pieces(self, quiet: bool = False) -> Iterator[Piece]:
        """A table of the activations and one of the losses, or all about the only one."""
        yield Title(self.title, "Activations and losses")
        if len(self.activations) + len(self.losses) > 1:
            yield self.table_of_activations()
            yield Note("At 0: " + " · ".join(rule.kink for rule in self.activations if rule.kink) + ".")
            yield self.table_of_losses()
            rules: tuple[Activation | Loss, ...] = (*self.activations, *self.losses)
            called = (f"{rule.name.replace('_', ' ')}: {words}" for rule in rules for _, words in also_called(rule))
            yield Note("Also called: " + " · ".join(called) + ".")
        else:
            for activation in self.activations:
                yield from self.activation(activation)
            for loss in self.losses:
                yield self.loss(loss)

    def table_of_activations(self) -> Table:
        """Equation, derivative and range of each."""
        rows: list[tuple[Phrase, ...]] = [
            (rule.name.replace("_", " "), math(value(rule)), math(short(rule)), math(Interval(rule.range)))
            for rule in self.activations
        ]
        headings = ("", math("f(", X, ")"), math("f'(", X, ")"), "range")
        plots = [None if rule.mixes else plot(rule) for rule in self.activations]
        return Table(headings, rows, title="Activation functions", plots=plots)

    def activation(self, rule: Activation) -> Iterator[Piece]:
        """All about one activation."""
        left, primed = math("f(", X, ")"), math("f'(", X, ")")
        if rule.mixes:
            left, primed = math(_a(0)), math()
        rows: list[tuple[Phrase, ...]] = [("equation", math(*left, " = ", value(rule)))]
        rows += [("", math(*left, " = ", other(X))) for other in rule.also]
        rows += [(label, math(*(primed or (name,)), " = ", term)) for label, name, term in slopes(rule)]
        if rule.range:
            rows.append(("range", math(Interval(rule.range))))
        rows += also_called(rule)
        if rule.defaults:
            rows.append(
                ("unless given", listed([math(node(key), f" = {text}") for key, text in rule.defaults.items()]))
            )
        if rule.kink:
            rows.append(("at 0", rule.kink))
        yield Table(("", ""), rows)
        if not rule.mixes:
            yield plot(rule)

    def table_of_losses(self) -> Table:
        """Formula and derivative of each, and what it goes with."""
        rows: list[tuple[Phrase, ...]] = [
            (
                rule.name.replace("_", " "), math(rule.value(TARGET, OUTPUT)), math(rule.slope(TARGET, OUTPUT)),
                rule.outputs, rule.goes_with,
            )
            for rule in self.losses
        ]  # fmt: skip
        return Table(("", "E of an output", math(BY_OUTPUT), "outputs", "after"), rows, title="Losses")

    def loss(self, rule: Loss) -> Table:
        """All about one loss: t is the target, o the output."""
        rows: list[tuple[Phrase, ...]] = [
            ("of an output", math("E = ", rule.value(TARGET, OUTPUT))),
            ("derivative", math(BY_OUTPUT, " = ", rule.slope(TARGET, OUTPUT))),
            ("outputs", f"their {rule.outputs} is the loss of a sample"),
            ("goes with", f"{rule.goes_with} in the last layer"),
        ]
        fused = rule.fused.get(rule.goes_with)
        if fused is not None and fused.short is not None:
            rows.append(("with it", math(Partial("E", node("z")), " = ", fused.short(TARGET, OUTPUT))))
        if rule.domain:
            rows.append(("needs", rule.domain))
        rows += also_called(rule)
        return Table(("", ""), rows)


def catalogue(name: str | None = None) -> Catalogue:
    """All activations and losses, or the one called ``name``, or given by a formula. Raises ``InputError``."""
    if name is None:
        return Catalogue(tuple(ACTIVATIONS.values()), tuple(LOSSES.values()))
    rule = rule_of(name)
    title = printable(name) if rule.derived else rule.name.replace("_", " ")
    return Catalogue((), (rule,), title) if isinstance(rule, Loss) else Catalogue((rule,), (), title)


def rule_of(text: str) -> Activation | Loss:
    """The function that is called so, or the one that a formula of x, or of t and o, is.

    Raises ``InputError`` with the nearest name, or with what is wrong with the formula.
    """
    word = re.sub(r"[\s-]+", "_", text.strip().lower())
    known: dict[str, Activation | Loss] = {**ACTIVATIONS, **LOSSES}
    word = word if word in known else MEANT.get(word, word)
    if word in known:
        return known[word]
    if not re.search(r"[^\w\s-]", text):
        raise fail("unknown-function", f"there is no function {printable(text)!r}", suggestion(word, known))
    from backpropcalc.rules.formulas import activation, loss
    from backpropcalc.rules.parse import formula

    term = formula(text)
    found = set(variables(term))
    if found <= {X}:
        return activation("f", term, {})
    if found <= {TARGET, OUTPUT}:
        return loss("E", term, {})
    help = "write a formula of x for an activation, one of t and o for a loss"
    raise fail("unknown-function", f"{printable(text)!r} is of other names", help)


def equation_of(rule: Activation | Loss) -> Math:
    """``f(x) = …``, of softmax that of its first entry of three, of a loss that of one output."""
    if isinstance(rule, Loss):
        return math("E = ", rule.value(TARGET, OUTPUT))
    return math(*((_a(0),) if rule.mixes else ("f(", X, ")")), " = ", value(rule))


def also_called(rule: Activation | Loss) -> list[tuple[Phrase, ...]]:
    """What else books and libraries call it."""
    words = [word.replace("_", " ") for word, meant in MEANT.items() if meant == rule.name]
    return [("also called", ", ".join(words))] if words else []


def symbols(rule: Activation) -> Any:
    """The parameters of an activation by their names."""
    return {key: node(key) for key in rule.defaults}


def _z() -> Var:
    return Var("z", 1, LAYER)


def _a(row: int) -> Var:
    return Var("a", 1, LAYER).at((row, 0))


def value(rule: Activation) -> Term:
    """The equation; of a function that mixes units that of the first one."""
    return element(rule.value(_z(), {}), (0, 0)) if rule.mixes else rule.value(X, symbols(rule))


def short(rule: Activation) -> Term:
    """The derivative as books give it: by the output where there is such a form."""
    return slopes(rule)[-1][2]


def slopes(rule: Activation) -> list[tuple[str, Var, Term]]:
    """The derivative in its forms: by the weighted sum, by the output; of softmax by its own unit and by another."""
    if rule.slope is None:
        a, z = Var("a", 1, LAYER), _z()
        row = jacobian_row(a, 0)
        return [
            ("by another", Var("d", 1, (1, 1), (_a(0), z.at((1, 0)))), element(row, (1, 0))),
            ("by its own", Var("d", 1, (1, 1), (_a(0), z.at((0, 0)))), element(row, (0, 0))),
        ]
    given = symbols(rule)
    by_output = rule.slope(X, F, given)
    # A slope by cases is written by cases in x too, not with the cases of f inside.
    by_cases = rule.safe_slope if rule.kink else None
    by_sum = by_cases(X, given) if by_cases else rule.slope(X, rule.value(X, given), given)
    found = [("derivative", F, by_sum)]
    return [*found, ("by the output", F, by_output)] if F in set(variables(by_output)) else found


def plot(rule: Activation, left: float = -4.0, right: float = 4.0) -> Plot:
    """f and its slope between two places."""
    given: Mapping[str, Num] = {key: Num(text) for key, text in rule.defaults.items()}
    assert rule.slope is not None
    terms = (rule.value(X, given), rule.slope(X, rule.value(X, given), given))
    places = [left + (right - left) * n / 60 for n in range(61)]

    def height(term: Term, x: float) -> float:
        return float(evaluate(term, lambda var: x, FLOAT))

    return Plot([[(x, height(term, x)) for x in places] for term in terms], ("f", "f'"))
