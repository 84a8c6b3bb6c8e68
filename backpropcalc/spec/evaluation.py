"""A function and the numbers at which it is to be worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from backpropcalc.algebra.terms import Num
from backpropcalc.rules.functions import Activation, Loss

from .model import Spec


@dataclass(frozen=True, kw_only=True)
class Evaluation(Spec):
    """An activation at the weighted sums ``at``, or a loss at the outputs ``at`` with as many ``targets``."""

    kind: ClassVar[str] = "function"
    rule: Activation | Loss
    at: tuple[Num, ...]
    targets: tuple[Num, ...] = ()
