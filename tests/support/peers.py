"""Three networks that are trained here and in PyTorch, and how PyTorch does it.

Run as a program where torch is installed, it prints the losses that ``test_optimisers.py`` holds this program to.
"""

from __future__ import annotations

from typing import Any

from oracle import MAZUR

Keys = dict[str, Any]
STEPS = 100
OPTIMISERS = ("gradient_descent", "momentum", "nesterov", "rmsprop", "adam")
RATES = {"gradient_descent": 0.2, "momentum": 0.05, "nesterov": 0.05, "rmsprop": 0.01, "adam": 0.02}
NETWORKS: dict[str, Keys] = {
    "mazur": MAZUR | {"train": ["weights", "biases"], "biases": [[0.35, 0.35], [0.6, 0.6]]},
    "tanh-bce": {
        "inputs": [[0.5, 0.8], [-0.3, 0.4], [0.9, -0.6], [-0.7, -0.2]],
        "targets": [[1], [0], [1], [0]],
        "weights": [[[0.2, 0.3], [-0.4, 0.7], [0.1, -0.5]], [[0.5, -0.6, 0.4]]],
        "biases": [[0.1, 0.2, -0.1], [0.3]],
        "activation": ["tanh", "sigmoid"],
        "loss": "binary_cross_entropy",
    },
    "softmax-ce": {
        "inputs": [[1.0, 0.2, -0.5], [0.3, -0.7, 0.8], [-0.6, 0.9, 0.1], [0.4, 0.5, -0.9], [-0.2, -0.4, 0.7]],
        "targets": [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]],
        "weights": [
            [[0.11, -0.23, 0.31], [0.42, 0.17, -0.28], [-0.35, 0.26, 0.19], [0.22, 0.38, 0.09]],
            [[0.21, -0.33, 0.15, 0.08], [-0.27, 0.12, 0.36, -0.18], [0.05, 0.29, -0.14, 0.24]],
        ],
        "biases": [[0.05, -0.1, 0.15, 0.02], [0.0, 0.1, -0.1]],
        "activation": ["sigmoid", "softmax"],
        "loss": "cross_entropy",
    },
}


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
    for network, keys in NETWORKS.items():
        for name in OPTIMISERS:
            print(f'    ("{network}", "{name}"): {torch_loss(keys, name)!r},')
