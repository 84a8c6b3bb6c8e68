"""The program of a gradient descent: value, slope and step of each iteration, for each learning rate side by side."""

from __future__ import annotations

from backpropcalc.algebra.terms import Num, Term, Var, applied, node, op, product
from backpropcalc.spec.descent import Descent

from .steps import Block, Program, Step


def slopes(descent: Descent) -> dict[str, Term]:
    """The derivative of the function by each variable."""
    from backpropcalc.algebra.symbolic import derivative

    return {name: derivative(descent.function, node(name)) for name in descent.start}


def iterations(descent: Descent) -> list[tuple[Block, ...]]:
    """Each iteration k: f and its slope at the variables k − 1, then the variables k; at the end f once more."""
    from backpropcalc.rules.formulas import kink

    names = tuple(descent.start)
    found_slopes = slopes(descent)
    kinks = {name: kink("the function", descent.function, node(name)) for name in names}
    found = []
    for k in range(1, descent.iterations + 1):
        here = {node(name): descent.at(name, k - 1) for name in names}
        value = Step(descent.at("f", k - 1), applied(descent.function, here))
        slope, update = [], []
        for name in names:
            corner = kinks[name]
            var = descent.at(descent.slope(name), k - 1)
            slope.append(Step(var, applied(found_slopes[name], here), kink=corner and corner.applied(here)))
            old = descent.at(name, k - 1)
            update.append(Step(descent.at(name, k), op("sub", old, product(descent.rate, var))))
        blocks = [Block("forward", k, (value,)), Block("backward", k, tuple(slope)), Block("update", k, tuple(update))]
        if k == descent.iterations:
            there = {node(name): descent.at(name, k) for name in names}
            blocks.append(Block("after", k, (Step(descent.at("f", k), applied(descent.function, there)),)))
        found.append(tuple(blocks))
    return found


def program(descent: Descent, iterations: list[tuple[Block, ...]]) -> Program:
    """The blocks of all iterations as one program, and what is given."""
    given: dict[Var, tuple[tuple[Num, ...], ...]] = {
        descent.at(name, 0): ((number,) * len(descent.rates),) for name, number in descent.start.items()
    }
    given[descent.rate] = (descent.rates,)
    return Program(tuple(block for blocks in iterations for block in blocks), (), given)
