"""The page of activations and losses: equation, derivative, range, what happens at a kink, and a plot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from backpropcalc.algebra.arithmetic import FLOAT, evaluate
from backpropcalc.algebra.terms import Num, Term, Var, element, node, variables
from backpropcalc.execution.trace import Values
from backpropcalc.rules.functions import Activation, Loss, jacobian_row

from .functions import Catalogue
from .pieces import Math, Piece, Plot, Table, Words
from .rows import Writer
from .worked import WorkedPage

X, F, TARGET, OUTPUT = node("x"), node("f(x)"), node("t"), node("o")
LAYER = (3, 1)
"""The units and samples by which a function that mixes units is shown."""


class CataloguePage(WorkedPage):
    """The page of some activations and losses."""

    @property
    def catalogue(self) -> Catalogue:
        """What is shown."""
        return cast(Catalogue, self.trace.spec)

    @property
    def forms(self) -> Mapping[str, str]:
        """The module that writes each output form: there are no lines for JSON."""
        return {form: module for form, module in super().forms.items() if form != "json"}

    def closing(self, writer: Writer, seen: list[Values]) -> list[Piece]:
        """A table of the activations and one of the losses, or all about the only one."""
        catalogue = self.catalogue
        if not catalogue.alone:
            corners = " · ".join(rule.kink for rule in catalogue.activations if rule.kink)
            return [self.activations(writer), Words(f"At 0: {corners}."), self.losses(writer)]
        if catalogue.losses:
            return [self.loss(writer, catalogue.losses[0])]
        return list(self.activation(writer, catalogue.activations[0]))

    def activations(self, writer: Writer) -> Table:
        """The table of all activations."""
        rows: list[tuple[str, ...]] = []
        for rule in self.catalogue.activations:
            equation, slope = formula(writer, value(rule)), formula(writer, short(rule))
            rows.append((rule.name.replace("_", " "), equation, slope, Math(interval(writer, rule.range))))
        x = writer.name(X)
        return Table("Activation functions", ("", Math(f"f({x})"), Math(f"f'({x})"), "range"), rows)

    def activation(self, writer: Writer, rule: Activation) -> list[Piece]:
        """All about one activation."""
        left, primed = f"f({writer.name(X)})", f"f'({writer.name(X)})"
        if rule.mixes:
            left, primed = writer.name(_a(0)), ""
        rows: list[tuple[str, ...]] = [("equation", Math(f"{left} = {formula(writer, value(rule))}"))]
        rows += [("", Math(f"{left} = {formula(writer, other(X))}")) for other in rule.also]
        for label, name, term in slopes(rule):
            shown = primed or writer.name(name)
            rows.append((label, Math(f"{shown} = {formula(writer, term)}")))
        rows.append(("range", Math(interval(writer, rule.range))))
        if rule.defaults:
            given = ", ".join(f"{writer.name(node(key))} = {text}" for key, text in rule.defaults.items())
            rows.append(("unless given", Math(given)))
        if rule.kink:
            rows.append(("at 0", rule.kink))
        found: list[Piece] = [Table("", ("", ""), rows)]
        if not rule.mixes:
            found.append(plot(rule))
        return found

    def losses(self, writer: Writer) -> Table:
        """The table of all losses."""
        rows: list[tuple[str, ...]] = [
            (
                rule.name.replace("_", " "), formula(writer, rule.value(TARGET, OUTPUT)),
                formula(writer, rule.slope(TARGET, OUTPUT)), rule.outputs, rule.goes_with,
            )
            for rule in self.catalogue.losses
        ]  # fmt: skip
        partial = writer.language.partial.format("E", writer.name(OUTPUT))
        return Table("Losses", ("", "E of an output", Math(partial), "outputs", "after"), rows)

    def loss(self, writer: Writer, rule: Loss) -> Table:
        """All about one loss: t is the target, o the output."""
        partial = writer.language.partial.format("E", writer.name(OUTPUT))
        rows: list[tuple[str, ...]] = [
            ("of an output", Math(f"E = {formula(writer, rule.value(TARGET, OUTPUT))}")),
            ("derivative", Math(f"{partial} = {formula(writer, rule.slope(TARGET, OUTPUT))}")),
            ("outputs", f"their {rule.outputs} is the loss of a sample"),
            ("goes with", f"{rule.goes_with} in the last layer"),
        ]
        fused = rule.fused.get(rule.goes_with)
        if fused is not None and fused.short is not None:
            shown = formula(writer, fused.short(TARGET, OUTPUT))
            delta = writer.language.partial.format("E", writer.name(node("z")))
            rows.append(("with it", Math(f"{delta} = {shown}")))
        if rule.domain:
            rows.append(("needs", rule.domain))
        return Table("", ("", ""), rows)


def formula(writer: Writer, term: Term) -> Math:
    """A term in symbols."""
    _, _, right = writer.equation("", term).partition("= ")
    return Math(right)


def interval(writer: Writer, text: str) -> str:
    """A range in the language of the page."""
    return writer.language.interval(text)


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

    return Plot(places, [[height(term, x) for x in places] for term in terms], ("f", "f'"))
