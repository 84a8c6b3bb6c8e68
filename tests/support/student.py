"""A student who works a network by hand in plain Python, and may make slips: independent of the program's formulas.

``Student(net).work()`` fills ``values`` by id. A slip has the name of its rule; it is made at one id or everywhere.
``could`` lists the slips that were possible, ``right`` what would have stood there without the slip.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

EVERYWHERE = "everywhere"


@dataclass
class Net:
    """A random network: ``weights[l][j][i]``, a bias per neuron, one for the layer, or none."""

    inputs: list[list[float]]
    targets: list[list[float]]
    weights: list[list[list[float]]]
    biases: list[Any]
    acts: list[str]
    loss: str
    outputs: str
    samples: str
    rate: float
    update: str
    chain: str

    def yaml(self) -> str:
        """The spec file."""
        return "\n".join(
            (
                f"inputs: {self.inputs}",
                f"targets: {self.targets}",
                f"weights: {self.weights}",
                "biases: [" + ", ".join("null" if b is None else str(b) for b in self.biases) + "]",
                f"activation: [{', '.join(self.acts)}]",
                f"loss: {{name: {self.loss}, outputs: {self.outputs}, samples: {self.samples}}}",
                f"learning_rate: {self.rate}",
                f"update: {self.update}",
                f"chain: {self.chain}",
            )
        )


def random_net(rng: random.Random) -> Net:
    """1 to 3 layers of 1 to 3 neurons, 1 to 3 samples."""
    depth = rng.choice([1, 2, 2, 2, 3])
    sizes = [rng.randint(1, 3) for _ in range(depth + 1)]
    m = rng.choice([1, 1, 1, 2, 3])

    def number(low: float, high: float) -> float:
        return round(rng.uniform(low, high), rng.choice([1, 2, 2, 3]))

    hidden = [rng.choice(["sigmoid", "sigmoid", "tanh", "relu", "leaky_relu", "softplus"]) for _ in range(depth - 1)]
    kind = rng.choice(["squared", "squared", "bce", "ce"])
    if kind == "bce":
        last, loss = "sigmoid", "binary_cross_entropy"
    elif kind == "ce":
        last, loss = "softmax", "cross_entropy"
        sizes[-1] = max(2, sizes[-1])
    else:
        last = rng.choice(["sigmoid", "sigmoid", "identity", "tanh"])
        loss = rng.choice(["half_squared_error", "half_squared_error", "squared_error", "mean_squared_error"])
    n = sizes[-1]
    targets = [[float(rng.random() < 0.5) for _ in range(n)] for _ in range(m)]
    if loss == "binary_cross_entropy" and rng.random() < 0.3:
        targets = [[number(0.05, 0.95) for _ in range(n)] for _ in range(m)]
    if loss == "cross_entropy":
        targets = [[float(k == hot) for k in range(n)] for hot in (rng.randrange(n) for _ in range(m))]
    if kind == "squared":
        targets = [[number(0, 1) for _ in range(n)] for _ in range(m)]
    return Net(
        inputs=[[number(-1, 2) for _ in range(sizes[0])] for _ in range(m)],
        targets=targets,
        weights=[[[number(-1.2, 1.2) for _ in range(a)] for _ in range(b)] for a, b in pairwise(sizes)],
        biases=[rng.choice([None, number(-1, 1), [number(-1, 1) for _ in range(b)]]) for b in sizes[1:]],
        acts=[*hidden, last],
        loss=loss,
        outputs="mean" if loss == "mean_squared_error" else rng.choice(["sum", "sum", "mean"]),
        samples=rng.choice(["sum", "mean"]),
        rate=rng.choice([0.1, 0.5, 0.3, 1.5, 0.05]),
        update=rng.choice(["simultaneous", "simultaneous", "simultaneous", "sequential"]),
        chain=rng.choice(["factors", "delta"]),
    )


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


VALUE: dict[str, Callable[[float], float]] = {
    "identity": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": math.tanh,
    "relu": lambda z: max(0.0, z),
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "softplus": lambda z: math.log(1 + math.exp(z)),
}
SLOPE: dict[str, Callable[[float, float], float]] = {
    "identity": lambda z, a: 1.0,
    "sigmoid": lambda z, a: a * (1 - a),
    "tanh": lambda z, a: 1 - a * a,
    "relu": lambda z, a: 1.0 if z > 0 else 0.0,
    "leaky_relu": lambda z, a: 1.0 if z > 0 else 0.01,
    "softplus": lambda z, a: sigmoid(z),
}


class Student:
    def __init__(
        self,
        net: Net,
        written: Callable[[str, float], float] = lambda name, value: value,
        slip: str = "",
        where: str = "",
        seed: int = 0,
        short: bool = False,
    ) -> None:
        self.net, self.written, self.slip, self.where = net, written, slip, where
        self.rng = random.Random(seed)
        self.short = short
        self.values: dict[str, float] = {}
        self.right: dict[str, float] = {}
        self.could: list[tuple[str, str]] = []
        self.m = len(net.inputs)
        self.n = len(net.targets[0])
        self.depth = len(net.weights)
        self.sizes = [len(net.inputs[0]), *(len(w) for w in net.weights)]
        self.new: dict[str, float] = {}

    def s(self, name: str, sample: int) -> str:
        return f"{name}({sample + 1})" if self.m > 1 else name

    def put(self, name: str, right: float, **wrong: Callable[[], float]) -> float:
        """Write a value down; ``wrong`` has what each slip makes of it."""
        value = right
        pens = {
            "decimal_shift": lambda: right * self.rng.choice([10, 0.1]),
            "sign_lost": lambda: -right,
            "digit_swap": lambda: self.swap(right),
            "any_number": lambda: right + self.rng.choice([-1, 1]) * self.rng.uniform(0.001, 0.5),
        }
        for key, make in {**wrong, **pens}.items():
            slip = key.replace("_", "-")
            self.could.append((slip, name))
            if slip == self.slip and self.where in (EVERYWHERE, name):
                self.right[name] = right
                value = make()
        self.values[name] = self.written(name, value)
        return self.values[name]

    def swap(self, value: float) -> float:
        text = f"{value:.4f}"
        places = [n for n in range(len(text) - 1) if text[n].isdigit() and text[n + 1].isdigit()]
        n = self.rng.choice(places)
        return float(text[:n] + text[n + 1] + text[n] + text[n + 2 :])

    def bias(self, layer: int, j: int) -> float | None:
        b = self.net.biases[layer - 1]
        return b[j] if isinstance(b, list) else b

    def has_bias(self, layer: int, j: int) -> bool:
        b = self.net.biases[layer - 1]
        return b is not None and (not isinstance(b, list) or j < len(b))

    def work(self) -> Student:
        for s in range(self.m):
            for layer in range(1, self.depth + 1):
                self.forward(layer, s, self.net.weights, self.net.biases, "")
        self.loss("")
        for layer in range(self.depth, 0, -1):
            for s in range(self.m):
                self.back(layer, s)
            self.gradients(layer)
            self.update(layer)
        weights = [
            [[self.new[f"w[{n},{j + 1},{i + 1}]"] for i in range(len(row))] for j, row in enumerate(w)]
            for n, w in enumerate(self.net.weights, 1)
        ]
        biases = [
            [self.new[f"b[{n},{j + 1}]"] for j in range(len(b))] if isinstance(b, list)
            else None if b is None else self.new[f"b[{n}]"]
            for n, b in enumerate(self.net.biases, 1)
        ]  # fmt: skip
        for s in range(self.m):
            for layer in range(1, self.depth + 1):
                self.forward(layer, s, weights, biases, "+")
        self.loss("+")
        return self

    def source(self, layer: int, i: int, s: int, mark: str = "") -> float:
        return self.net.inputs[s][i] if layer == 1 else self.values[self.s(f"a{mark}[{layer - 1},{i + 1}]", s)]

    def forward(self, layer: int, s: int, weights: Any, biases: Any, mark: str) -> None:
        w, act = weights[layer - 1], self.net.acts[layer - 1]
        count = len(w[0])
        bs = biases[layer - 1]
        zs = []
        for j in range(len(w)):
            b = bs[j] if isinstance(bs, list) else bs
            xs = [self.source(layer, i, s, mark) for i in range(count)]
            plain = sum(w[j][i] * xs[i] for i in range(count))
            slips: dict[str, Callable[[], float]] = {}
            if b is not None:
                slips["forgot_bias"] = lambda plain=plain: plain
                slips["left_to_right"] = lambda row=w[j], xs=xs, b=b: self.keyed(row, xs, b)
            elif count > 1:
                slips["left_to_right"] = lambda row=w[j], xs=xs: self.keyed(row, xs, None)
            if len(w) == count and count > 1:
                slips["transposed_weights"] = lambda j=j, xs=xs, b=b: (
                    sum(w[i][j] * xs[i] for i in range(count)) + (b or 0)
                )
            if b:
                slips["bias_subtracted"] = lambda plain=plain, b=b: plain - b
                others = [
                    other[j] if isinstance(other, list) else other
                    for n, other in enumerate(biases, 1)
                    if n != layer and self.has_bias(n, j)
                ]
                if others:
                    slips["other_layer"] = lambda plain=plain, others=others: plain + self.rng.choice(others)
            if layer > 1:
                nets = [self.values[self.s(f"z{mark}[{layer - 1},{i + 1}]", s)] for i in range(count)]
                slips["net_for_activation"] = lambda row=w[j], nets=nets, b=b: (
                    sum(p * q for p, q in zip(row, nets, strict=True)) + (b or 0)
                )
            if layer == 1 and self.m > 1:
                other = self.net.inputs[(s + 1) % self.m]
                slips["other_sample"] = lambda row=w[j], other=other, b=b: (
                    sum(p * q for p, q in zip(row, other, strict=True)) + (b or 0)
                )
            if layer > 1 and count == self.sizes[0]:
                slips["raw_input"] = lambda j=j, b=b: (
                    sum(w[j][i] * self.net.inputs[s][i] for i in range(count)) + (b or 0)
                )
            z = self.put(self.s(f"z{mark}[{layer},{j + 1}]", s), plain + (b or 0), **slips)
            zs.append(z)
            if act != "softmax":
                self.activate(layer, j, s, z, b, act, mark)
        if act == "softmax":
            exps = [math.exp(z) for z in zs]
            for j, e in enumerate(exps):
                self.put(
                    self.s(f"a{mark}[{layer},{j + 1}]", s),
                    e / sum(exps),
                    softmax_without_exp=lambda j=j: zs[j] / sum(zs),
                    exponent_sign=lambda j=j: math.exp(-zs[j]) / sum(math.exp(-z) for z in zs),
                    no_activation=lambda j=j: zs[j],
                )

    @staticmethod
    def keyed(row: list[float], xs: list[float], b: float | None) -> float:
        total = 0.0
        for w, x in zip(row, xs, strict=True):
            total = (total + w) * x
        return total + (b or 0)

    def activate(self, layer: int, j: int, s: int, z: float, b: float | None, act: str, mark: str) -> None:
        slips: dict[str, Callable[[], float]] = {}
        if act != "identity":
            slips["no_activation"] = lambda: z
            slips["wrong_activation"] = lambda: sigmoid(z) if act == "tanh" else math.tanh(z)
            if b is not None:
                slips["bias_after_activation"] = lambda: VALUE[act](z - b) + b
        if act == "sigmoid":
            slips["exponent_sign"] = lambda: sigmoid(-z)
        self.put(self.s(f"a{mark}[{layer},{j + 1}]", s), VALUE[act](z), **slips)

    def loss(self, mark: str) -> None:
        net = self.net
        for s in range(self.m):
            terms = []
            for k in range(self.n):
                t, o = net.targets[s][k], self.values[self.s(f"a{mark}[{self.depth},{k + 1}]", s)]
                name = self.s(f"E{mark}[{k + 1}]", s)
                if "squared" in net.loss:
                    c = 0.5 if net.loss == "half_squared_error" else 1.0
                    other = self.another(s, k)
                    swapped = {"targets_exchanged": lambda c=c, other=other, o=o: c * (other - o) ** 2}
                    terms.append(
                        self.put(
                            name,
                            c * (t - o) ** 2,
                            **(swapped if self.n > 1 else {}),
                            half_factor=lambda v=c * (t - o) ** 2: v * self.rng.choice([2, 0.5]),
                            not_squared=lambda c=c, d=t - o: c * abs(d),
                            sign_of_loss=lambda v=c * (t - o) ** 2: -v,
                        )
                    )
                    continue
                first = -t * math.log(o) if t else 0.0
                second = 0.0
                slips: dict[str, Callable[[], float]] = {}
                if net.loss == "binary_cross_entropy":
                    second = -(1 - t) * math.log(1 - o) if t != 1 else 0.0
                    slips["one_bce_term"] = lambda a=first, b=second: a if abs(a) < abs(b) else b
                total = first + second
                slips["log_base_10"] = lambda v=total: v / math.log(10)
                slips["log_of_rest"] = lambda t=t, o=o: (
                    -t * math.log(1 - o) - ((1 - t) * math.log(o) if net.loss == "binary_cross_entropy" else 0)
                )
                slips["sign_of_loss"] = lambda v=total: -v
                terms.append(self.put(name, total, **slips))
            name = self.s(f"E{mark}", s)
            div = self.n if net.outputs == "mean" else 1
            slips = {
                "mean_or_sum": lambda ts=terms, d=div: sum(ts) if d > 1 else sum(ts) / self.n,
                "losses_subtracted": lambda ts=terms, d=div: (ts[0] - sum(ts[1:])) / d,
            }
            self.put(name, sum(terms) / div, **(slips if self.n > 1 else {}))
        if self.m > 1:
            each = [self.values[self.s(f"E{mark}", s)] for s in range(self.m)]
            div = self.m if net.samples == "mean" else 1
            self.put(
                f"E{mark}",
                sum(each) / div,
                mean_or_sum=lambda: sum(each) if div > 1 else sum(each) / self.m,
                last_sample_only=lambda: each[-1],
                first_sample_only=lambda: each[0],
                losses_subtracted=lambda: (each[0] - sum(each[1:])) / div,
                **({"sample_forgotten": lambda: (sum(each) - self.rng.choice(each)) / div} if self.m > 2 else {}),
            )

    def another(self, s: int, k: int) -> float:
        """The target of another output."""
        return self.net.targets[s][(k + 1) % self.n]

    @property
    def reduced(self) -> float:
        return (self.n if self.net.outputs == "mean" else 1) * (self.m if self.net.samples == "mean" else 1)

    def back(self, layer: int, s: int) -> None:
        act = self.net.acts[layer - 1]
        for j in range(self.sizes[layer]):
            if layer == self.depth:
                self.output_error(j, s)
            else:
                self.hidden_error(layer, j, s)
            if act != "softmax":
                self.local(layer, j, s, act)
                self.delta(layer, j, s)
        if act == "softmax":
            size = self.sizes[layer]
            a = [self.values[self.s(f"a[{layer},{j + 1}]", s)] for j in range(size)]
            for k in range(size):
                for j in range(size):
                    self.put(self.s(f"da[{layer},{k + 1}]/dz[{layer},{j + 1}]", s), a[k] * ((k == j) - a[j]))
            for j in range(size):
                parts = [
                    self.values[self.s(f"dE/da[{layer},{k + 1}]", s)]
                    * self.values[self.s(f"da[{layer},{k + 1}]/dz[{layer},{j + 1}]", s)]
                    for k in range(size)
                ]
                right = sum(parts)
                if self.short and layer == self.depth and self.net.loss == "cross_entropy":
                    right = (a[j] - self.net.targets[s][j]) / self.reduced
                self.put(
                    self.s(f"dE/dz[{layer},{j + 1}]", s),
                    right,
                    softmax_diagonal_only=lambda j=j, parts=parts: parts[j],
                    no_slope=lambda j=j: self.values[self.s(f"dE/da[{layer},{j + 1}]", s)],
                )

    def output_error(self, k: int, s: int) -> None:
        net = self.net
        t, o = net.targets[s][k], self.values[self.s(f"a[{self.depth},{k + 1}]", s)]
        r = self.reduced
        slips: dict[str, Callable[[], float]] = {}
        if "squared" in net.loss:
            c = 1 if net.loss == "half_squared_error" else 2
            right = c * (o - t) / r
            slips["half_factor"] = lambda: right * self.rng.choice([2, 0.5])
            if self.n > 1:
                slips["targets_exchanged"] = lambda: c * (o - self.another(s, k)) / r
        elif net.loss == "binary_cross_entropy":
            right = (-(t / o if t else 0) + ((1 - t) / (1 - o) if t != 1 else 0)) / r
            slips["bce_delta_as_loss_slope"] = lambda: (o - t) / r
            slips["bce_inner_sign"] = lambda: -(t / o + (1 - t) / (1 - o)) / r
        else:
            right = (-t / o if t else 0.0) / r
            slips["bce_delta_as_loss_slope"] = lambda: (o - t) / r
        slips["sign_of_error"] = lambda: -right
        slips["loss_for_slope"] = lambda: self.values[self.s(f"E[{k + 1}]", s)]
        if r > 1:
            slips["mean_or_sum"] = lambda: right * r
        self.put(self.s(f"dE/da[{self.depth},{k + 1}]", s), right, **slips)

    def weight(self, layer: int, k: int, j: int) -> float:
        if self.net.update == "sequential":
            return self.new[f"w[{layer},{k + 1},{j + 1}]"]
        return self.net.weights[layer - 1][k][j]

    def hidden_error(self, layer: int, j: int, s: int) -> None:
        up = layer + 1
        size = self.sizes[up]
        deltas = [self.values[self.s(f"dE/dz[{up},{k + 1}]", s)] for k in range(size)]
        errors = [self.values[self.s(f"dE/da[{up},{k + 1}]", s)] for k in range(size)]
        ws = [self.weight(up, k, j) for k in range(size)]
        flat = [x for row in self.net.weights[up - 1] for x in row]
        if self.net.update == "sequential":
            flat = [self.new[f"w[{up},{k + 1},{i + 1}]"] for k in range(size) for i in range(self.sizes[layer])]
        turned = [flat[j * size + k] for k in range(size)]
        old = [self.net.weights[up - 1][k][j] for k in range(size)]
        new = [self.new[f"w[{up},{k + 1},{j + 1}]"] for k in range(size)]
        other = old if self.net.update == "sequential" else new
        name = self.s(f"dE/da[{layer},{j + 1}]", s)
        if size == 1:
            self.put(
                name,
                deltas[0] * ws[0],
                paths_without_weights=lambda: deltas[0],
                paths_with_errors=lambda: errors[0] * ws[0],
                updated_weights=lambda: deltas[0] * other[0],
            )
            return
        parts = []
        for k in range(size):
            path = f"dE[{k + 1}]/da[{layer},{j + 1}]" if up == self.depth else f"dE/da[{layer},{j + 1}]<-[{k + 1}]"
            slips: dict[str, Callable[[], float]] = {
                "paths_without_weights": lambda k=k: deltas[k],
                "paths_with_errors": lambda k=k: errors[k] * ws[k],
                "updated_weights": lambda k=k: deltas[k] * other[k],
            }
            if self.sizes[layer] > 1:
                slips["untransposed_backward"] = lambda k=k: deltas[k] * turned[k]
            parts.append(self.put(self.s(path, s), deltas[k] * ws[k], **slips))
        self.put(
            name,
            sum(parts),
            one_path=lambda: self.rng.choice(parts),
            paths_averaged=lambda: sum(parts) / size,
            paths_without_weights=lambda: sum(deltas),
            paths_with_errors=lambda: sum(e * w for e, w in zip(errors, ws, strict=True)),
        )

    def local(self, layer: int, j: int, s: int, act: str) -> None:
        z, a = (self.values[self.s(f"{q}[{layer},{j + 1}]", s)] for q in "za")
        slips: dict[str, Callable[[], float]] = {}
        if act in ("sigmoid", "tanh"):
            slips["slope_at_output"] = lambda: SLOPE[act](a, VALUE[act](a))
            slips["slope_of_net"] = lambda: SLOPE[act](z, z)
            other = "tanh" if act == "sigmoid" else "sigmoid"
            slips["wrong_slope"] = lambda: SLOPE[other](z, a)
        if act == "tanh":
            slips["slope_not_squared"] = lambda: 1 - a
        if act in ("relu", "leaky_relu", "softplus", "tanh"):
            slips["activation_for_slope"] = lambda: a
        if act == "sigmoid":
            slips["half_slope"] = lambda: self.rng.choice([a, 1 - a])
        self.put(self.s(f"da[{layer},{j + 1}]/dz[{layer},{j + 1}]", s), SLOPE[act](z, a), **slips)

    def delta(self, layer: int, j: int, s: int) -> None:
        error = self.values[self.s(f"dE/da[{layer},{j + 1}]", s)]
        slope = self.values[self.s(f"da[{layer},{j + 1}]/dz[{layer},{j + 1}]", s)]
        slips: dict[str, Callable[[], float]] = {"no_slope": lambda: error}
        right = error * slope
        if layer == self.depth:
            loss = self.values[self.s(f"E[{j + 1}]", s)]
            slips["loss_for_slope"] = lambda: loss * slope
            a, t = self.values[self.s(f"a[{layer},{j + 1}]", s)], self.net.targets[s][j]
            if self.net.loss == "binary_cross_entropy":
                slips["bce_slope_twice"] = lambda: (a - t) * slope / self.reduced
                if self.short:
                    right = (a - t) / self.reduced
        elif self.net.acts[layer] != "softmax":
            k = self.rng.randrange(self.sizes[layer + 1])
            above = self.values[self.s(f"da[{layer + 1},{k + 1}]/dz[{layer + 1},{k + 1}]", s)]
            slips["output_slope_reused"] = lambda: error * above
        self.put(self.s(f"dE/dz[{layer},{j + 1}]", s), right, **slips)

    def gradients(self, layer: int) -> None:
        w = self.net.weights[layer - 1]
        size, count = len(w), len(w[0])
        d = [[self.values[self.s(f"dE/dz[{layer},{j + 1}]", s)] for s in range(self.m)] for j in range(size)]
        x = [[self.source(layer, i, s) for s in range(self.m)] for i in range(count)]
        own = [[self.values[self.s(f"a[{layer},{j + 1}]", s)] for s in range(self.m)] for j in range(size)]

        def dot(a: list[float], b: list[float]) -> float:
            return sum(p * q for p, q in zip(a, b, strict=True))

        for j in range(size):
            for i in range(count):
                wrong = [x[n] for n in range(count) if n != i] + [own[j]]
                if layer > 1:
                    wrong += [[self.net.inputs[s][n] for s in range(self.m)] for n in range(self.sizes[0])]
                slips: dict[str, Callable[[], float]] = {
                    "wrong_source": lambda j=j, wrong=wrong: dot(d[j], self.rng.choice(wrong)),
                    "source_missing": lambda j=j: sum(d[j]),
                    "weight_for_source": lambda j=j, i=i: sum(d[j]) * w[j][i],
                }
                if layer > 1:
                    z = [self.values[self.s(f"z[{layer - 1},{i + 1}]", s)] for s in range(self.m)]
                    slips["net_for_activation"] = lambda j=j, z=z: dot(d[j], z)
                if self.m > 2:
                    gone = self.rng.randrange(self.m)
                    slips["sample_forgotten"] = lambda j=j, i=i, gone=gone: dot(d[j], x[i]) - d[j][gone] * x[i][gone]
                if self.m > 1:
                    slips["last_sample_only"] = lambda j=j, i=i: d[j][-1] * x[i][-1]
                    slips["first_sample_only"] = lambda j=j, i=i: d[j][0] * x[i][0]
                if self.net.acts[layer - 1] != "softmax":
                    e = [self.values[self.s(f"dE/da[{layer},{j + 1}]", s)] for s in range(self.m)]
                    if self.net.chain == "factors":
                        slips["no_slope"] = lambda e=e, i=i: dot(e, x[i])
                self.put(f"dE/dw[{layer},{j + 1},{i + 1}]", dot(d[j], x[i]), **slips)
        b = self.net.biases[layer - 1]
        if isinstance(b, list):
            for j in range(size):
                self.put(
                    f"dE/db[{layer},{j + 1}]",
                    sum(d[j]),
                    bias_gradient=lambda j=j: self.rng.choice([0.0, dot(d[j], x[0])]),
                    bias_in_gradient=lambda j=j: sum(d[j]) * b[j],
                )
        elif b is not None:
            self.put(
                f"dE/db[{layer}]",
                sum(map(sum, d)),
                bias_gradient=lambda: 0.0,
                bias_in_gradient=lambda: sum(map(sum, d)) * b,
            )

    @property
    def other_rate(self) -> float:
        return 0.1 if self.net.rate == 0.5 else 0.5

    def update(self, layer: int) -> None:
        rate = self.net.rate
        w = self.net.weights[layer - 1]
        old = {f"w[{layer},{j + 1},{i + 1}]": v for j, row in enumerate(w) for i, v in enumerate(row)}
        b = self.net.biases[layer - 1]
        biases = {f"b[{layer},{j + 1}]": v for j, v in enumerate(b)} if isinstance(b, list) else {}
        if b is not None and not isinstance(b, list):
            biases[f"b[{layer}]"] = b
        for group in (old, biases):
            for name, value in group.items():
                g = self.values[f"dE/d{name}"]
                slips: dict[str, Callable[[], float]] = {
                    "ascent": lambda v=value, g=g: v + rate * g,
                    "no_rate": lambda v=value, g=g: v - g,
                    "step_for_weight": lambda g=g: -rate * g,
                    "not_updated": lambda v=value: v,
                    "other_rate": lambda v=value, g=g: v - self.other_rate * g,
                    "rate_twice": lambda v=value, g=g: v - rate * rate * g,
                }
                if len(group) > 1:
                    rest = [v for n, v in group.items() if n != name]
                    slips["wrong_old_weight"] = lambda g=g, rest=rest: self.rng.choice(rest) - rate * g
                self.new[name] = self.put(f"{name}+", value - rate * g, **slips)
