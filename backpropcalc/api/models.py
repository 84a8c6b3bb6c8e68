"""Networks of other programs in the hands of a program."""

from __future__ import annotations

from pathlib import Path

from backpropcalc.exchange.models import Foreign, of_sklearn, of_torch
from backpropcalc.exchange.safetensors import layers

from .specs import Network, network


def from_torch(model: Foreign, x: Foreign, y: Foreign, loss: Foreign, **keys: object) -> Network:
    """A network of an ``nn.Sequential``, samples and a loss of PyTorch; ``keys`` are more keys of a spec.

    The loss is taken as PyTorch takes it: CrossEntropyLoss of scores, and means over samples; MSELoss over outputs too.
    The title says so. Raises ``InputError`` for what has no counterpart here.
    """
    return network(**{**of_torch(model, x, y, loss), **keys})


def from_sklearn(model: Foreign, x: Foreign, y: Foreign, **keys: object) -> Network:
    """A network of a fitted ``MLPClassifier`` or ``MLPRegressor`` and samples; ``keys`` are more keys of a spec.

    The penalty by scikit-learn's alpha is left out, and the title says so. Raises ``InputError``.
    """
    return network(**{**of_sklearn(model, x, y), **keys})


def from_safetensors(path: str | Path, **keys: object) -> Network:
    """A network of the layers in a file; ``keys`` are the others of a spec: ``activation``, ``loss``, ``inputs`` …

    Raises ``InputError`` if it cannot be read.
    """
    return network(**{**layers(path), **keys})
