"""Every misconception that is looked for, and how common each is."""

from __future__ import annotations

from .backward import BACKWARD
from .edits import Rule
from .formulas import FORMULAS
from .forward import FORWARD
from .gradients import GRADIENTS
from .pen import PEN
from .slopes import SLOPES

RULES: tuple[Rule, ...] = (*FORWARD, *SLOPES, *BACKWARD, *GRADIENTS, *FORMULAS)
"""Slips of the pen, ``PEN``, are looked for only if none of these fits."""

COMMON = frozenset({
    "forgot-bias", "transposed-weights", "no-activation", "softmax-without-exp", "exponent-sign", "half-factor",
    "mean-or-sum", "log-base-10", "sign-of-error", "no-slope", "half-slope", "one-path", "updated-weights",
    "bce-delta-as-loss-slope", "wrong-source", "source-missing", "ascent", "no-rate", "step-for-weight", "not-updated",
    "factor-missing", "power-factor", "path-left-out", "edge-sign",
})  # fmt: skip
RARE = frozenset({
    "bias-after-activation", "bias-subtracted", "other-layer", "other-sample", "net-for-activation",
    "targets-exchanged", "losses-subtracted", "log-of-rest", "wrong-slope", "activation-for-slope", "degrees",
    "loss-for-slope", "paths-averaged", "output-slope-reused", "weight-for-source", "bias-in-gradient", "rate-twice",
    "other-rate", "stale-place",
})  # fmt: skip
"""How common a slip is. Nobody seems to have counted the slips of students in backpropagation, so this is a judgement.

Common are those that stand in published worked examples (in the lecture documents whose values the tests hold, a sign
is lost, exp is left out of softmax, the short δ is given for ∂L/∂a, the way back goes through updated weights; other
examples have W for Wᵀ), and those that leave out one thing which every textbook warns of. Rare are those that need a
formula or a number from elsewhere. The rest lies between.
"""


def rank(rule: Rule) -> int:
    """How common a rule's slip is: 0 common, 1, 2 rare."""
    return 0 if rule.name in COMMON else 2 if rule.name in RARE else 1


__all__ = ["PEN", "RULES", "rank"]
