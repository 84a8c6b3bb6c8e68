"""Every optimiser: one entry each, the lines by which a parameter, and what is remembered of it, are renewed.

``p`` is a parameter, ``g`` its gradient ∂E/∂p; what an optimiser remembers starts at 0. The conventions are PyTorch's,
so that the same run gives the same numbers there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from backpropcalc.algebra.terms import ONE, TWO, Num, Op, Term, Var, op, product

RATE = Var("rate")
ITERATION = Var("k")
"""The number of the update, counting from 1."""
Lines = Iterator[tuple[Var, Term]]


class Optimiser(NamedTuple):
    """How a parameter is renewed: ``lines(p, g, options)`` in the order of working; ``states`` are remembered."""

    name: str
    lines: Callable[[Var, Term, Mapping[str, Num]], Lines]
    states: tuple[str, ...] = ()
    counts: bool = False
    """Whether the number of the update stands in the formula."""
    defaults: Mapping[str, str] = MappingProxyType({})


def state(role: str, p: Var) -> Var:
    """What is remembered of ``p``: ``v`` velocity, ``m`` mean gradient, ``s`` mean squared gradient."""
    return Var(role, p.layer, p.shape, (p,), only=p.only)


def renewed(var: Var) -> Var:
    """A parameter, or what is remembered of it, after the update; itself if nothing of it is trained."""
    return var if var.only == frozenset() else Var("new", var.layer, var.shape, (var,), only=var.only)


def _gradient_descent(p: Var, g: Term, o: Mapping[str, Num]) -> Lines:
    yield renewed(p), _step(p, product(RATE, g))


def _momentum(p: Var, g: Term, o: Mapping[str, Num]) -> Lines:
    """Polyak (1964), with the learning rate outside the velocity."""
    v = state("v", p)
    yield renewed(v), op("add", product(o["momentum"], v), g)
    yield renewed(p), _step(p, product(RATE, renewed(v)))


def _nesterov(p: Var, g: Term, o: Mapping[str, Num]) -> Lines:
    """Nesterov (1983) in the form of Sutskever et al. (2013), looking ahead by one step of the velocity."""
    v = state("v", p)
    yield renewed(v), op("add", product(o["momentum"], v), g)
    yield renewed(p), _step(p, product(RATE, op("add", g, product(o["momentum"], renewed(v)))))


def _rmsprop(p: Var, g: Term, o: Mapping[str, Num]) -> Lines:
    """Tieleman and Hinton (2012)."""
    s = state("s", p)
    yield renewed(s), _blend(o["alpha"], s, op("pow", g, TWO))
    yield renewed(p), _step(p, _scaled(g, renewed(s), o))


def _adam(p: Var, g: Term, o: Mapping[str, Num]) -> Lines:
    """Kingma and Ba (2015), algorithm 1."""
    m, s = state("m", p), state("s", p)
    yield renewed(m), _blend(o["beta1"], m, g)
    yield renewed(s), _blend(o["beta2"], s, op("pow", g, TWO))
    yield state("mhat", p), _unbiased(renewed(m), o["beta1"])
    yield state("shat", p), _unbiased(renewed(s), o["beta2"])
    yield renewed(p), _step(p, _scaled(state("mhat", p), state("shat", p), o))


def _step(p: Var, by: Term) -> Op:
    return op("sub", p, by)


def _blend(share: Num, old: Var, fresh: Term) -> Op:
    """A running mean: a share of the old, the rest of the new."""
    return op("add", product(share, old), product(op("sub", ONE, share), fresh))


def _unbiased(mean: Var, share: Num) -> Op:
    """A running mean that started at 0, made up for it."""
    return op("div", mean, op("sub", ONE, op("pow", share, ITERATION)))


def _scaled(g: Term, square: Var, o: Mapping[str, Num]) -> Op:
    return op("div", product(RATE, g), op("add", op("sqrt", square), o["epsilon"]))


OPTIMISERS: dict[str, Optimiser] = {
    rule.name: rule
    for rule in (
        Optimiser("gradient_descent", _gradient_descent),
        Optimiser("momentum", _momentum, ("v",), defaults={"momentum": "0.9"}),
        Optimiser("nesterov", _nesterov, ("v",), defaults={"momentum": "0.9"}),
        Optimiser("rmsprop", _rmsprop, ("s",), defaults={"alpha": "0.99", "epsilon": "1e-8"}),
        Optimiser("adam", _adam, ("m", "s"), True, {"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8"}),
    )
}
