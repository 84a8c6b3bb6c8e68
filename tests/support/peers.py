"""Three networks that are trained here and, by ``benchmarks/optimisers.py``, in PyTorch."""

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
