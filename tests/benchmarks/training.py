"""What ``train`` costs, as ratios to the same work done otherwise in the same minute.

Run it with ``python tests/benchmarks/training.py``. micrograd, PyTorch, JAX and scikit-learn are compared with where
they are installed; a peer that is not is reported as not measured.
scikit-learn cannot be given the biases and the sigmoid output of this network: it trains one of the same size.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Before NumPy is loaded, which reads them once.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

import backpropcalc as bp
from backpropcalc.execution.tensors import array
from backpropcalc.execution.training import learner

MAZUR = str(Path(__file__).parents[2] / "specs" / "mazur.yaml")
TIMES = 5
UNROLLED = """
from math import exp
def train(n, w1=.15, w2=.2, w3=.25, w4=.3, w5=.4, w6=.45, w7=.5, w8=.55):
    for _ in range(n):
        h1 = 1 / (1 + exp(-(w1 * .05 + w2 * .1 + .35))); h2 = 1 / (1 + exp(-(w3 * .05 + w4 * .1 + .35)))
        o1 = 1 / (1 + exp(-(w5 * h1 + w6 * h2 + .6))); o2 = 1 / (1 + exp(-(w7 * h1 + w8 * h2 + .6)))
        d1 = (o1 - .01) * o1 * (1 - o1); d2 = (o2 - .99) * o2 * (1 - o2)
        e1 = (d1 * w5 + d2 * w7) * h1 * (1 - h1); e2 = (d1 * w6 + d2 * w8) * h2 * (1 - h2)
        w1 -= .5 * e1 * .05; w2 -= .5 * e1 * .1; w3 -= .5 * e2 * .05; w4 -= .5 * e2 * .1
        w5 -= .5 * d1 * h1; w6 -= .5 * d1 * h2; w7 -= .5 * d2 * h1; w8 -= .5 * d2 * h2
    return w1, w2, w3, w4, w5, w6, w7, w8
"""
PEERS = {
    "micrograd": """
from micrograd.engine import Value
w = [Value(x) for x in (.15, .2, .25, .3, .4, .45, .5, .55)]
def sigmoid(z):
    a = 1 / (1 + 2.718281828459045 ** -z.data)
    out = Value(a, (z,), 's')
    def back(): z.grad += a * (1 - a) * out.grad
    out._backward = back
    return out
for _ in range(10000):
    h1 = sigmoid(w[0] * .05 + w[1] * .1 + .35); h2 = sigmoid(w[2] * .05 + w[3] * .1 + .35)
    o1 = sigmoid(w[4] * h1 + w[5] * h2 + .6); o2 = sigmoid(w[6] * h1 + w[7] * h2 + .6)
    e = (o1 - .01) ** 2 * .5 + (o2 - .99) ** 2 * .5
    for p in w: p.grad = 0
    e.backward()
    for p in w: p.data -= .5 * p.grad
""",
    "torch": """
import torch
torch.set_num_threads(1); torch.set_default_dtype(torch.float64)
x, t = torch.tensor([[.05, .1]]), torch.tensor([[.01, .99]])
a = torch.tensor([[.15, .2], [.25, .3]], requires_grad=True)
b = torch.tensor([[.4, .45], [.5, .55]], requires_grad=True)
o = torch.optim.SGD([a, b], lr=.5)
for _ in range(10000):
    o.zero_grad()
    e = ((torch.sigmoid(torch.sigmoid(x @ a.T + .35) @ b.T + .6) - t) ** 2).sum() / 2
    e.backward(); o.step()
""",
    "jax": """
import jax, jax.numpy as np
jax.config.update("jax_enable_x64", True)
x, t = np.array([.05, .1]), np.array([.01, .99])
def loss(p): return ((jax.nn.sigmoid(p[1] @ jax.nn.sigmoid(p[0] @ x + .35) + .6) - t) ** 2).sum() / 2
@jax.jit
def train(p):
    return jax.lax.fori_loop(0, 10000, lambda i, p: jax.tree.map(lambda w, g: w - .5 * g, p, jax.grad(loss)(p)), p)
print(train((np.array([[.15, .2], [.25, .3]]), np.array([[.4, .45], [.5, .55]])))[0])
""",
    "sklearn": """
import warnings; warnings.simplefilter("ignore")
from sklearn.neural_network import MLPRegressor
MLPRegressor(hidden_layer_sizes=(2,), activation="logistic", solver="sgd", momentum=0, alpha=0, batch_size=1,
             learning_rate_init=.5, max_iter=10000, tol=0, n_iter_no_change=10001).fit([[.05, .1]], [[.01, .99]])
""",
}


def together(*actions: Callable[[], object], times: int = TIMES) -> list[float]:
    """The best time of each action, taken in turns so that all see the same machine."""
    found = [float("inf")] * len(actions)
    for _ in range(times):
        for n, action in enumerate(actions):
            start = time.perf_counter()
            action()
            found[n] = min(found[n], time.perf_counter() - start)
    return found


def process(*words: str) -> Callable[[], object]:
    """A whole process of this Python, its output thrown away."""
    return lambda: subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)


def report(what: str, ours: float, theirs: float, bar: float, strict: bool = False) -> None:
    """One line: the ratio, the bar, and whether it is kept."""
    ratio = ours / theirs
    kept = ratio < bar if strict else ratio <= bar
    print(f"{what:<58} {ratio:>7.3f}   bar {'<' if strict else '<='} {bar:<4} {'ok' if kept else 'MISSED'}", flush=True)


def missing(peer: str, what: str) -> bool:
    """Whether a peer is not there, and then says so."""
    absent = importlib.util.find_spec(peer) is None
    if absent:
        print(f"{what:<58} not measured: {peer} is not installed", flush=True)
    return absent


def mazur() -> None:
    """Ten thousand iterations of the 2-2-2 network."""
    train = process("-m", "backpropcalc", "train", MAZUR, "--iterations", "10000")
    ours, run = together(train, process("-m", "backpropcalc", "run", MAZUR), times=15)
    report("mazur, 10,000: process / run specs/mazur.yaml", ours, run, 1.3)
    for peer, source in PEERS.items():
        what = f"mazur, 10,000: process / {peer}"
        if not missing(peer, what):
            mine, theirs = together(train, process("-c", source), times=3)
            report(what, mine, theirs, 1, strict=True)
    scope: dict[str, Any] = {}
    exec(UNROLLED, scope)
    given = bp.load(MAZUR)
    mine, theirs = together(lambda: learner(given).advance(10_000), lambda: scope["train"](10_000))
    report("mazur, 10,000: in process / unrolled by hand", mine, theirs, 3)


def by_hand(given: bp.Spec, epochs: int) -> list[Any]:
    """A 2-8-8-1 tanh network in plain NumPy, samples down the rows."""
    x_all, t_all, size = array(given.inputs), array(given.targets), given.schedule.size
    w1, w2, w3 = (array(layer.weights) for layer in given.layers)
    b1, b2, b3 = (np.zeros(layer.size) for layer in given.layers)
    for _ in range(epochs):
        for start in range(0, len(x_all), size):
            x, t = x_all[start : start + size], t_all[start : start + size]
            a1 = np.tanh(x @ w1.T + b1)
            a2 = np.tanh(a1 @ w2.T + b2)
            a3 = np.tanh(a2 @ w3.T + b3)
            d3 = (a3 - t) / len(x) * (1 - a3**2)
            d2 = (d3 @ w3) * (1 - a2**2)
            d1 = (d2 @ w2) * (1 - a1**2)
            for w, b, d, a in ((w3, b3, d3, a2), (w2, b2, d2, a1), (w1, b1, d1, x)):
                w -= 0.1 * (d.T @ a)
                b -= 0.1 * d.sum(0)
    return [w1, w2, w3]


def in_torch(given: bp.Spec, epochs: int) -> Callable[[], None]:
    """The same in PyTorch."""
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    x_all, t_all, size = torch.tensor(array(given.inputs)), torch.tensor(array(given.targets)), given.schedule.size

    def work() -> None:
        units = zip(given.sizes, given.sizes[1:], strict=False)
        layers = [part for a, b in units for part in (torch.nn.Linear(a, b), torch.nn.Tanh())]
        net = torch.nn.Sequential(*layers)
        optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(epochs):
            for start in range(0, len(x_all), size):
                optimiser.zero_grad()
                (((net(x_all[start : start + size]) - t_all[start : start + size]) ** 2).sum(1).mean() / 2).backward()
                optimiser.step()

    return work


def tanh(batch: str, epochs: int, torch_epochs: int) -> None:
    """2-8-8-1 on 500 points; PyTorch is given fewer epochs and counted per epoch where it is slow."""
    given = bp.loads(
        "{sizes: [2, 8, 8, 1], init: {scheme: xavier, seed: 1}, data: {generate: spiral, samples: 500, noise: 0.02},"
        f" activation: tanh, loss: half_squared_error, learning_rate: 0.1, batch_size: {batch}}}"
    )
    iterations = epochs * given.schedule.per_epoch
    what = f"2-8-8-1 tanh, 500 points, {epochs:,} epochs, {'full batch' if batch == 'all' else 'SGD'}"
    trained = learner(given)
    trained.advance(3 * given.schedule.per_epoch)
    ours = [array for var, array in trained.parameters().items() if var.id.startswith("w[1")]
    assert np.allclose(by_hand(given, 3)[0].ravel(), ours, rtol=1e-9)
    times = TIMES if batch == "all" else 1
    mine, theirs = together(lambda: learner(given).advance(iterations), lambda: by_hand(given, epochs), times=times)
    report(f"{what} / NumPy", mine, theirs, 1.3)
    if not missing("torch", f"{what} / PyTorch"):
        in_torch(given, 3)()  # what PyTorch sets up at its first call is not counted
        mine, theirs = together(lambda: learner(given).advance(iterations), in_torch(given, torch_epochs), times=times)
        theirs *= epochs / torch_epochs
        report(f"{what} / PyTorch", mine, theirs, 1, strict=True)


def softmax() -> None:
    """784-128-10 with a softmax, batches of 32."""
    draw = np.random.default_rng(0)
    x_all, t_all = draw.random((640, 784)).round(2), np.eye(10, dtype=int)[draw.integers(0, 10, 640)]
    given = bp.loads(
        "{sizes: [784, 128, 10], init: {scheme: xavier, seed: 1}, activation: [relu, softmax], loss: cross_entropy,"
        f" learning_rate: 0.1, batch_size: 32, inputs: {x_all.tolist()}, targets: {t_all.tolist()}}}"
    )
    first, second = (array(layer.weights) for layer in given.layers)

    def hand() -> Any:
        w1, w2, b1, b2 = first.copy(), second.copy(), np.zeros(128), np.zeros(10)
        for _ in range(10):
            for start in range(0, 640, 32):
                x, t = x_all[start : start + 32], t_all[start : start + 32]
                z1 = x @ w1.T + b1
                a1 = np.maximum(z1, 0)
                z2 = a1 @ w2.T + b2
                e = np.exp(z2 - z2.max(1, keepdims=True))
                d2 = (e / e.sum(1, keepdims=True) - t) / 32
                d1 = (d2 @ w2) * (z1 > 0)
                w2 -= 0.1 * (d2.T @ a1)
                b2 -= 0.1 * d2.sum(0)
                w1 -= 0.1 * (d1.T @ x)
                b1 -= 0.1 * d1.sum(0)
        return w1

    ours = learner(given)
    ours.advance(200)
    assert np.allclose(hand(), next(iter(ours.kept.values())), rtol=1e-9)
    mine, theirs = together(lambda: ours.advance(200), hand)
    report("784-128-10 softmax, batches of 32 / NumPy", mine, theirs, 1.3)


if __name__ == "__main__":
    mazur()
    tanh("all", 1000, 1000)
    tanh("1", 1000, 10)
    softmax()
