"""The rules of any unit: put into numbers, they are the calculation."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from fractions import Fraction

import networks
import pytest
from oracle import spec, values

import backpropcalc as bp
from backpropcalc.algebra.indexed import SAMPLE, SOURCE, UNIT
from backpropcalc.algebra.terms import Num, Op, Term, Var
from backpropcalc.errors import InputError
from backpropcalc.notation.wholes import ABOVE, BELOW, END, HERE
from backpropcalc.pages.derivation import Derivation
from backpropcalc.pages.indices import rules
from backpropcalc.pages.pieces import Equation

KEYS = {
    "inputs": [[0.5, -0.3], [0.2, 0.9]],
    "targets": [[1, 0], [0, 1]],
    "weights": [
        [[0.2, 0.4], [0.1, 0.3], [0.5, -0.2]],
        [[0.3, -0.2, 0.4], [0.7, 0.1, -0.6]],
        [[0.6, -0.5], [0.25, 0.35]],
    ],
    "biases": [[0.1, -0.1, 0.05], [-0.2, 0.15], [0.3, -0.4]],
    "learning_rate": 0.5,
}
SIZES = (2, 3, 2, 2)
OPERATIONS = {
    "add": lambda *x: sum(x), "sub": lambda a, b: a - b, "neg": lambda a: -a, "mul": lambda *x: math.prod(x),
    "div": lambda a, b: a / b, "pow": lambda a, b: a**b, "ln": math.log, "exp": math.exp,
    "xlogy": lambda t, o: t * math.log(o), "xdivy": lambda t, o: t / o,
}  # fmt: skip


def evaluate(term: Term, at: Mapping[int, int], layer: int, env: Mapping[str, float], samples: int) -> float:
    """The value of a rule for certain units, sample and layer; sums are worked by counting."""

    def here(var: Var) -> str:
        """The id of what a general name stands for."""
        number = {HERE: layer, BELOW: layer - 1, ABOVE: layer + 1, END: 3}.get(var.layer, var.layer)
        rows = [at.get(index, index) + 1 for index in var.index or ()]
        suffix = f"({rows[1]})" if samples > 1 and var.role in ("t", "a", "z", "term", "sample") else ""
        match var.role:
            case "a" if number == 0:
                return f"x[{rows[0]}]{suffix}"
            case "a" | "z" | "b":
                return f"{var.role}[{number},{rows[0]}]{suffix if var.role != 'b' else ''}"
            case "w":
                return f"w[{number},{rows[0]},{rows[1]}]"
            case "t":
                return f"t[{rows[0]}]{suffix}"
            case "term":
                return f"E[{rows[0]}]{suffix}"
            case "sample":
                return f"E{suffix}"
            case "loss":
                return "E"
            case "rate":
                return "rate"
            case "new":
                return here(var.parts[0]) + "+"
        y, x = (here(part) for part in var.parts)
        return _derivative(y, x)

    match term:
        case Num(text):
            return float(Fraction(text))
        case Var(role="node"):
            return {"n": SIZES[-1], "m": samples}[term.name]
        case Var():
            return env[here(term)]
        case Op(name, (body,)) if name.startswith("sum_over_"):
            index = {"k": UNIT, "j": SOURCE, "s": SAMPLE}[name[-1]]
            reach = samples if index == SAMPLE else _reach(body, index, layer)
            return sum(evaluate(body, {**at, index: n}, layer, env, samples) for n in range(reach))
        case Op(name, args):
            return float(OPERATIONS[name](*(evaluate(arg, at, layer, env, samples) for arg in args)))

    raise AssertionError(term)


def _reach(term: Term, index: int, layer: int) -> int:
    """How many units an index that is summed over runs through: those of the layer of an activation or a δ with it."""
    if isinstance(term, Op):
        return max(_reach(arg, index, layer) for arg in term.args)
    if not isinstance(term, Var) or not term.index or term.index[0] != index or term.role == "w":
        return 0
    return SIZES[{HERE: layer, BELOW: layer - 1, ABOVE: layer + 1, END: 3}[term.layer]]


def _derivative(y: str, x: str) -> str:
    """The id of ∂y/∂x; the sample stands behind the whole."""
    sample = x[x.index("(") :] if "(" in x else ""
    return f"d{y.partition('(')[0]}/d{x.partition('(')[0]}{sample}"


@pytest.mark.parametrize("samples", [1, 2])
@pytest.mark.parametrize(
    ("activation", "loss"),
    [
        ("sigmoid", "half_squared_error"), ("tanh", "mean_squared_error"), ("sigmoid", "binary_cross_entropy"),
        (["tanh", "tanh", "softmax"], "cross_entropy"),
    ],
)  # fmt: skip
def test_the_rules_in_numbers_are_the_calculation(activation: object, loss: str, samples: int) -> None:
    """Every side of every rule, for every unit and sample, has the value of the line that works it out."""
    keys = {**KEYS, "inputs": KEYS["inputs"][:samples], "targets": KEYS["targets"][:samples]}
    given = spec(keys, activation=activation, loss=loss)
    env = values(given)
    checked = 0
    for item in rules(given):
        if not isinstance(item, Equation) or any(isinstance(term, Var) for term, _ in item.sides):
            continue
        layer = 2
        for unit in range(2):
            for source in range(2):
                for sample in range(samples):
                    at = {UNIT: unit, SOURCE: source, SAMPLE: sample}
                    left = evaluate(item.left, at, layer, env, samples)
                    for side, _ in item.sides:
                        assert left == pytest.approx(evaluate(side, at, layer, env, samples), abs=1e-12), item.left
                        checked += 1

    assert checked >= 11 * 4


@pytest.mark.parametrize("seed", range(30))
def test_every_network_has_rules_in_every_form(seed: int) -> None:
    """Whatever the network, its rules are written in the terminal, in LaTeX, Markdown and HTML."""
    given = spec(networks.network(seed)).override(view="index")
    for form in ("terminal", "latex", "markdown", "html"):
        out = io.StringIO()
        bp.write(Derivation(given), out, form)

        assert "sum" in out.getvalue() or "Σ" in out.getvalue() or "∑" in out.getvalue()


def test_sizes_may_be_letters_for_a_derivation_alone() -> None:
    """n-m-1 has rules, and neither numbers nor counts."""
    text = "sizes: [n, m, 1]\nactivation: sigmoid\nloss: binary_cross_entropy\n"
    out = io.StringIO()
    bp.write(Derivation(bp.loads(text)), out)

    assert "n-m-1" in out.getvalue() and "Σ_j" in out.getvalue()
    with pytest.raises(InputError, match="sizes and no numbers"):
        bp.page(bp.loads(text))


@pytest.mark.parametrize("view", ["index"])
def test_the_rules_of_any_unit_have_no_numbers_to_run(view: str) -> None:
    """`run --view index` says where they are."""
    with pytest.raises(InputError, match="no numbers"):
        bp.page(spec(networks.network(1), view=view))
