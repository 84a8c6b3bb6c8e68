"""The catalogue of activations and losses, as something that is written like any calculation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from backpropcalc.errors import Place, fail, one_of, printable
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES, Activation, Loss
from backpropcalc.spec.keys import Method, Style
from backpropcalc.spec.model import Spec


@dataclass(frozen=True)
class Catalogue(Spec):
    """Some activations and losses; ``alone`` is whether it is but one, which is then shown in full."""

    kind: ClassVar[str] = "catalogue"
    activations: tuple[Activation, ...]
    losses: tuple[Loss, ...]
    title: str = ""
    method: Method = field(default_factory=Method)
    style: Style = field(default_factory=Style)
    iterations: int = 1
    file: str = ""
    source: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)

    @property
    def alone(self) -> bool:
        """Whether it is but one."""
        return len(self.activations) + len(self.losses) == 1


def catalogue(name: str | None = None) -> Catalogue:
    """All activations and losses, or the one called ``name``. Raises ``InputError`` with the nearest name."""
    if name is None:
        return Catalogue(tuple(ACTIVATIONS.values()), tuple(LOSSES.values()))
    word = name.strip().lower().replace("-", "_").replace(" ", "_")
    if word not in ACTIVATIONS and word not in LOSSES:
        help = one_of(word, (*ACTIVATIONS, *LOSSES))
        raise fail("unknown-function", f"there is no function {printable(name)!r}", help)
    return Catalogue(
        tuple(rule for rule in ACTIVATIONS.values() if rule.name == word),
        tuple(rule for rule in LOSSES.values() if rule.name == word),
        title=word.replace("_", " "),
    )
