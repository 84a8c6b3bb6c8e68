"""The losses of PyTorch that ``test_optimisers.py`` holds this program to, worked out anew where torch is installed.

Run it with ``python tests/benchmarks/optimisers.py``. It prints them as that file has them;
it ends with 1 if one differs.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))

from peers import NETWORKS, OPTIMISERS, RATES, STEPS, Keys
from test_optimisers import PYTORCH


def torch_loss(keys: Keys, name: str) -> float:
    """The loss after ``STEPS`` updates over all samples, in PyTorch with float64."""
    import torch

    torch.set_default_dtype(torch.float64)
    x, t = torch.tensor(keys["inputs"], dtype=torch.float64), torch.tensor(keys["targets"], dtype=torch.float64)
    x, t = x.reshape(-1, len(keys["weights"][0][0])), t.reshape(-1, len(keys["weights"][-1]))
    layers = [
        (torch.tensor(w, requires_grad=True), torch.tensor(b, dtype=torch.float64, requires_grad=True))
        for w, b in zip(keys["weights"], keys["biases"], strict=True)
    ]
    every = [p for layer in layers for p in layer]
    rate = RATES[name]
    optimiser = {
        "gradient_descent": lambda: torch.optim.SGD(every, lr=rate),
        "momentum": lambda: torch.optim.SGD(every, lr=rate, momentum=0.9),
        "nesterov": lambda: torch.optim.SGD(every, lr=rate, momentum=0.9, nesterov=True),
        "rmsprop": lambda: torch.optim.RMSprop(every, lr=rate, alpha=0.99, eps=1e-8),
        "adam": lambda: torch.optim.Adam(every, lr=rate, betas=(0.9, 0.999), eps=1e-8),
    }[name]()
    names = keys["activation"] if isinstance(keys["activation"], list) else [keys["activation"]] * len(layers)

    def loss() -> Any:
        a = x
        for (w, b), activation in zip(layers, names, strict=True):
            z = a @ w.T + b
            a = torch.softmax(z, 1) if activation == "softmax" else getattr(torch, activation)(z)
        if keys["loss"] == "half_squared_error":
            return ((t - a) ** 2 / 2).sum(1).mean()
        if keys["loss"] == "cross_entropy":
            return torch.nn.functional.cross_entropy(z, t)
        return torch.nn.functional.binary_cross_entropy(a, t)

    for _ in range(STEPS):
        optimiser.zero_grad()
        loss().backward()
        optimiser.step()
    return float(loss().detach())


if __name__ == "__main__":
    found = {(network, name): torch_loss(keys, name) for network, keys in NETWORKS.items() for name in OPTIMISERS}
    for (network, name), loss in found.items():
        print(f'    ("{network}", "{name}"): {loss!r},')
    sys.exit(not all(math.isclose(loss, PYTORCH[key], rel_tol=1e-12) for key, loss in found.items()))
