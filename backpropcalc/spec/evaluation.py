"""A function and the numbers at which it is to be worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from backpropcalc.algebra.terms import Num
from backpropcalc.errors import Place
from backpropcalc.rules.functions import Activation, Loss

from .keys import Method, Style
from .model import Spec


@dataclass(frozen=True)
class Evaluation(Spec):
    """An activation at the weighted sums ``at``, or a loss at the outputs ``at`` with as many ``targets``."""

    kind: ClassVar[str] = "function"
    title: str
    rule: Activation | Loss
    at: tuple[Num, ...]
    targets: tuple[Num, ...] = ()
    method: Method = field(default_factory=Method)
    style: Style = field(default_factory=Style)
    file: str = ""
    source: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    iterations: int = 1
