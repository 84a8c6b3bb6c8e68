"""Every activation and loss: one entry each, value and slope side by side.

``z`` is the weighted sum, ``a`` the activation, ``t`` the target, ``o`` the output; all are terms of shape
(units, samples). ``safe`` terms equal the written ones but keep their digits where those overflow or cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from backpropcalc.algebra.terms import ONE, TWO, ZERO, Num, Op, Term, op, product, sum_rows

Parameters = Mapping[str, Num]
HALF = Num("1/2")


class Activation(NamedTuple):
    """An activation function. A ``kink`` is what to say when z is exactly 0, where the slope is a convention."""

    name: str
    value: Callable[[Term, Parameters], Term]
    slope: Callable[[Term, Term, Parameters], Term] | None = None
    safe_value: Callable[[Term, Parameters], Term] | None = None
    safe_slope: Callable[[Term, Parameters], Term] | None = None
    complement: Callable[[Term], Term] | None = None
    """1 − a with all its digits, as the safe terms have it."""
    defaults: Mapping[str, str] = MappingProxyType({})
    kink: str = ""
    range: str = "(−∞, ∞)"
    kink_at: Callable[[Term], Term] = lambda z: z
    """What is 0 at the kink."""
    derived: bool = False
    """Whether the user gave the formula, and its slope was derived from it."""
    also: tuple[Callable[[Term], Term], ...] = ()
    """Other ways in which books write the same function."""
    open: bool = False
    """Whether it is only a letter: there is a derivation, and nothing to work out."""

    @property
    def mixes(self) -> bool:
        """Whether each output depends on every z of the layer, as with softmax: then there is a whole Jacobian."""
        return self.slope is None

    def kink_with(self, parameters: Parameters) -> str:
        """What to say when z is exactly 0; nothing if both sides meet with the same slope, as all do with α = 1."""
        above, _, below = parameters["alpha"].text.partition("/") if "alpha" in parameters else ("0", "", "")
        return "" if float(above) == float(below or "1") else self.kink


class Fused(NamedTuple):
    """A loss after a certain activation, in terms of z: what the written terms are worth, with all digits.

    ``short`` is δ from target and activation as books give it at once, such as a − t.
    """

    value: Callable[[Term, Term], Term]
    slope: Callable[[Term, Term], Term]
    delta: Callable[[Term, Term, Term], Term]
    short: Callable[[Term, Term], Term] | None = None


class Loss(NamedTuple):
    """A loss per output, how outputs are put together unless the spec says so, and its fused forms by activation."""

    name: str
    value: Callable[[Term, Term], Term]
    slope: Callable[[Term, Term], Term]
    outputs: str = "sum"
    fused: Mapping[str, Fused] = MappingProxyType({})
    domain: str = ""
    safe_slope: Callable[[Term, Term], Term] | None = None
    kink: str = ""
    kink_at: Callable[[Term, Term], Term] = lambda t, o: _less(o, t)
    goes_with: str = "identity"
    """The activation of the last layer that it is made for."""
    derived: bool = False
    open: bool = False


def _sigmoid(z: Term) -> Term:
    return op("div", ONE, op("add", ONE, op("exp", op("neg", z))))


def _softplus(z: Term) -> Term:
    """ln(1 + e^z) = max(0, z) + ln(1 + e^−|z|)."""
    return op("add", op("max", ZERO, z), op("log1p", op("exp", op("neg", op("abs", z)))))


def _minus(z: Term) -> Term:
    return op("neg", z)


def _less(a: Term, b: Term) -> Term:
    return op("sub", a, b)


_AGREED = "0 / 0 counts as 0 here, as 0 · ln(0) does in the loss"


def _both_zero(a: Term, b: Term) -> Term:
    """What is 0 where both are."""
    return op("add", op("abs", a), op("abs", b))


def _lse(z: Term) -> Op:
    """ln Σ e^z over the units of each sample."""
    return Op("log_sum_exp", (z,), (1, z.shape[1]))


def _lse_others(z: Term) -> Op:
    """For each unit, ln Σ e^z over the other units of the sample."""
    return Op("log_sum_exp_others", (z,), z.shape)


def _if_positive(z: Term, above: Term, below: Term) -> Term:
    return op("if_positive", z, above, below)


def _square(x: Term) -> Term:
    return op("pow", x, TWO)


_CORNER = "{} has a corner at 0; its slope there is taken as {}"


def _leaky(name: str, said: str, alpha: str) -> Activation:
    """z above 0 and α z below; its names differ in the usual α."""
    return Activation(
        name,
        lambda z, p: _if_positive(z, z, product(p["alpha"], z)),
        lambda z, a, p: _if_positive(z, ONE, p["alpha"]),
        defaults={"alpha": alpha},
        kink=_CORNER.format(said, "α"),
    )


ACTIVATIONS: dict[str, Activation] = {
    rule.name: rule
    for rule in (
        Activation("identity", lambda z, p: z, lambda z, a, p: ONE),
        Activation(
            "step",
            lambda z, p: op("if_at_least_zero", z, ONE, ZERO),
            lambda z, a, p: ZERO,
            kink="the step jumps at 0: it has no derivative there; 0 is used",
            range="{0, 1}",
        ),
        Activation(
            "sigmoid",
            lambda z, p: _sigmoid(z),
            lambda z, a, p: product(a, _less(ONE, a)),
            safe_slope=lambda z, p: product(_sigmoid(z), _sigmoid(_minus(z))),
            complement=lambda z: _sigmoid(_minus(z)),
            range="(0, 1)",
        ),
        Activation(
            "tanh",
            lambda z, p: op("tanh", z),
            lambda z, a, p: _less(ONE, _square(a)),
            also=(
                lambda z: op(
                    "div", _less(op("exp", z), op("exp", _minus(z))), op("add", op("exp", z), op("exp", _minus(z)))
                ),
                lambda z: _less(op("div", TWO, op("add", ONE, op("exp", _minus(product(TWO, z))))), ONE),
            ),
            safe_slope=lambda z, p: product(Num("4"), _sigmoid(product(TWO, z)), _sigmoid(_minus(product(TWO, z)))),
            range="(−1, 1)",
        ),
        Activation(
            "arctan",
            lambda z, p: op("arctan", z),
            lambda z, a, p: op("div", ONE, op("add", ONE, _square(z))),
            range="(−π/2, π/2)",
        ),
        Activation(
            "relu",
            lambda z, p: op("max", ZERO, z),
            lambda z, a, p: _if_positive(z, ONE, ZERO),
            also=(lambda z: _if_positive(z, z, ZERO),),
            kink=_CORNER.format("ReLU", "0"),
            range="[0, ∞)",
        ),
        _leaky("leaky_relu", "leaky ReLU", "0.01"),
        _leaky("prelu", "PReLU", "0.25"),
        Activation(
            "elu",
            lambda z, p: _if_positive(z, z, product(p["alpha"], _less(op("exp", z), ONE))),
            lambda z, a, p: _if_positive(z, ONE, op("add", a, p["alpha"])),
            safe_value=lambda z, p: _if_positive(z, z, product(p["alpha"], op("expm1", z))),
            safe_slope=lambda z, p: _if_positive(z, ONE, product(p["alpha"], op("exp", z))),
            defaults={"alpha": "1"},
            kink=_CORNER.format("ELU", "α"),
            range="(−α, ∞)",
        ),
        Activation(
            "softplus",
            lambda z, p: op("ln", op("add", ONE, op("exp", z))),
            lambda z, a, p: _sigmoid(z),
            safe_value=lambda z, p: _softplus(z),
            range="(0, ∞)",
        ),
        Activation(
            "softmax",
            lambda z, p: op("div", op("exp", z), sum_rows(op("exp", z))),
            safe_value=lambda z, p: op("exp", _less(z, _lse(z))),
            complement=lambda z: _sigmoid(_minus(_margin(z))),
            range="(0, 1)",
        ),
    )
}


def jacobian_row(a: Term, k: int) -> Op:
    """∂a_k/∂z_j of softmax for every j: a_k (1 − a_k) on the diagonal, −a_k a_j beside it. Bridle (1990)."""
    return Op("jacobian_row", (a, Num(str(k))), a.shape)


def _odds(z: Term) -> Term:
    return op("add", ONE, op("exp", z))


def _margin(z: Term) -> Term:
    """z − ln Σ e^z over the other units: softmax is the sigmoid of it."""
    return _less(z, _lse_others(z))


def _bce_value(t: Term, z: Term) -> Term:
    return op("add", op("xtimes", t, _softplus(_minus(z))), op("xtimes", _less(ONE, t), _softplus(z)))


def _bce_slope(t: Term, z: Term) -> Term:
    return _less(op("xtimes", _less(ONE, t), _odds(z)), op("xtimes", t, _odds(_minus(z))))


def _bce_delta(t: Term, z: Term) -> Term:
    """a − t, as (1 − t) a − t (1 − a)."""
    return _less(product(_less(ONE, t), _sigmoid(z)), product(t, _sigmoid(_minus(z))))


def _ce_value(t: Term, z: Term) -> Term:
    return op("xtimes", t, _softplus(_minus(z)))


def _ce_slope(t: Term, z: Term) -> Term:
    return _minus(op("xtimes", t, _odds(_minus(z))))


def _shares(g: Term, z: Term) -> Op:
    """Σ_{i≠j} g_i a_j / (1 − a_i) of a softmax: what the other units take from unit j."""
    return Op("softmax_shares", (g, z), z.shape)


_BCE_FUSED = {
    "sigmoid": Fused(_bce_value, _bce_slope, lambda t, z, a: _bce_delta(t, z), lambda t, a: _less(a, t)),
    "softmax": Fused(
        lambda t, z: _bce_value(t, _margin(z)),
        lambda t, z: _bce_slope(t, _margin(z)),
        lambda t, z, a: _less(_bce_delta(t, _margin(z)), _shares(_bce_delta(t, _margin(z)), z)),
    ),
}
_CE_FUSED = {
    "sigmoid": Fused(
        _ce_value,
        _ce_slope,
        lambda t, z, a: _minus(product(t, _sigmoid(_minus(z)))),
        lambda t, a: _minus(product(t, _less(ONE, a))),
    ),
    "softmax": Fused(
        lambda t, z: _ce_value(t, _margin(z)),
        lambda t, z: _ce_slope(t, _margin(z)),
        lambda t, z, a: _less(product(a, _less(sum_rows(t), t)), product(t, _sigmoid(_minus(_margin(z))))),
        lambda t, a: _less(product(a, sum_rows(t)), t),
    ),
}

DIRECT: Mapping[tuple[str, str], Callable[[Term, Term], Term]] = {
    ("half_squared_error", "identity"): lambda t, a: _less(a, t),
    ("squared_error", "identity"): lambda t, a: product(TWO, _less(a, t)),
    ("mean_squared_error", "identity"): lambda t, a: product(TWO, _less(a, t)),
    **{
        (loss, activation): rule.short
        for loss, fused in (("binary_cross_entropy", _BCE_FUSED), ("cross_entropy", _CE_FUSED))
        for activation, rule in fused.items()
        if rule.short is not None
    },
}
"""Loss and activation to δ = ∂E/∂z of an output at once, from target and activation, where their slopes cancel."""

LOSSES: dict[str, Loss] = {
    rule.name: rule
    for rule in (
        Loss(
            "half_squared_error",
            lambda t, o: product(HALF, _square(_less(t, o))),
            lambda t, o: _minus(_less(t, o)),
        ),
        Loss(
            "squared_error",
            lambda t, o: _square(_less(t, o)),
            lambda t, o: _minus(product(TWO, _less(t, o))),
        ),
        Loss(
            "mean_squared_error",
            lambda t, o: _square(_less(t, o)),
            lambda t, o: _minus(product(TWO, _less(t, o))),
            outputs="mean",
        ),
        Loss(
            "binary_cross_entropy",
            lambda t, o: _minus(
                op("add", op("xlogy", t, o), op("xlogy", _less(ONE, t), _less(ONE, o))),
            ),
            lambda t, o: _minus(
                _less(op("xdivy", t, o), op("xdivy", _less(ONE, t), _less(ONE, o))),
            ),
            fused=_BCE_FUSED,
            kink=_AGREED,
            kink_at=lambda t, o: product(_both_zero(t, o), _both_zero(_less(ONE, t), _less(ONE, o))),
            goes_with="sigmoid",
            domain="outputs strictly between 0 and 1",
        ),
        Loss(
            "cross_entropy",
            lambda t, o: _minus(op("xlogy", t, o)),
            lambda t, o: _minus(op("xdivy", t, o)),
            fused=_CE_FUSED,
            kink=_AGREED,
            kink_at=lambda t, o: _both_zero(t, o),
            goes_with="softmax",
            domain="outputs above 0",
        ),
    )
}
