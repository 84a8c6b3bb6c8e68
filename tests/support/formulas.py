"""Graphs and descents worked by hand in plain Python, line by line, and what some slips make of a line.

Each ``Line`` has the id of a quantity, its value from the values before it, and by the name of a slip what that makes
of it. Nothing here uses a formula of the program.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import NamedTuple

Env = dict[str, float]
Formula = Callable[[Env], float]


class Line(NamedTuple):
    """A line of working: the id, the right formula, and the formula by slip."""

    id: str
    value: Formula
    slips: Mapping[str, Formula] = {}


class Sheet(NamedTuple):
    """A calculation: its spec, the numbers given, and its lines."""

    text: str
    given: Env
    lines: tuple[Line, ...]

    def work(self, slip: str = "", at: str = "", digits: int = 15) -> Env:
        """Every value, with a slip at one line; each rounded before it is used."""
        env = dict(self.given)
        for line in self.lines:
            formula = line.slips[slip] if slip and line.id == at else line.value
            env[line.id] = round(formula(env), digits)
        return {line.id: env[line.id] for line in self.lines}


def product_of_sums(rng: random.Random) -> Sheet:
    """h = (a + b) (a·b): two paths from each leaf."""
    a, b = _numbers(rng, 2)
    text = f"expression: h = u*v\nnodes: {{u: a + b, v: a*b}}\nvalues: {{a: {a}, b: {b}}}\n"
    two_paths = {
        "dh/da": ("dh/du", "du/da", "dh/dv", "dv/da"),
        "dh/db": ("dh/du", "du/db", "dh/dv", "dv/db"),
    }
    totals = tuple(
        Line(
            id,
            lambda e, p=path: e[p[0]] * e[p[1]] + e[p[2]] * e[p[3]],
            {
                "path-left-out": lambda e, p=path: e[p[2]] * e[p[3]],
                "edge-sign": lambda e, p=path: e[p[0]] * e[p[1]] - e[p[2]] * e[p[3]],
                "factor-missing": lambda e, p=path: e[p[0]] * e[p[1]] + e[p[2]],
            },
        )
        for id, path in two_paths.items()
    )
    lines = (
        Line("u", lambda e: e["a"] + e["b"]),
        Line("v", lambda e: e["a"] * e["b"]),
        Line("h", lambda e: e["u"] * e["v"]),
        Line("dh/du", lambda e: e["v"], {"edge-sign": lambda e: -e["v"]}),
        Line("dh/dv", lambda e: e["u"], {"edge-sign": lambda e: -e["u"]}),
        Line("du/da", lambda e: 1.0),
        Line("du/db", lambda e: 1.0),
        Line("dv/da", lambda e: e["b"]),
        Line("dv/db", lambda e: e["a"]),
        *totals,
    )
    return Sheet(text, {"a": a, "b": b}, lines)


def square_of_wave(rng: random.Random) -> Sheet:
    """q = (sin(k x) − c)²: powers, an angle, a sign."""
    x, k, c = _numbers(rng, 3)
    text = (
        "expression: q = d**2\nnodes: {p: k*x, s: sin(p), d: s - c}\n"
        f"values: {{x: {x}, k: {k}, c: {c}}}\n"
    )  # fmt: skip
    lines = (
        Line("p", lambda e: e["k"] * e["x"]),
        Line("s", lambda e: math.sin(e["p"]), {"degrees": lambda e: math.sin(math.radians(e["p"]))}),
        Line("d", lambda e: e["s"] - e["c"]),
        Line("q", lambda e: e["d"] ** 2),
        Line(
            "dq/dd",
            lambda e: 2 * e["d"],
            {
                "power-factor": lambda e: e["d"],
                "power-kept": lambda e: 2 * e["d"] ** 2,
                "edge-sign": lambda e: -2 * e["d"],
            },
        ),
        Line("dd/ds", lambda e: 1.0),
        Line("dd/dc", lambda e: -1.0, {"edge-sign": lambda e: 1.0}),
        Line(
            "ds/dp",
            lambda e: math.cos(e["p"]),
            {"degrees": lambda e: math.cos(math.radians(e["p"])), "edge-sign": lambda e: -math.cos(e["p"])},
        ),
        Line("dp/dk", lambda e: e["x"]),
        Line("dp/dx", lambda e: e["k"]),
        Line("dq/ds", lambda e: e["dq/dd"] * e["dd/ds"]),
        Line("dq/dc", lambda e: e["dq/dd"] * e["dd/dc"], {"factor-missing": lambda e: e["dq/dd"]}),
        Line("dq/dp", lambda e: e["dq/dd"] * e["dd/ds"] * e["ds/dp"], {"factor-missing": lambda e: e["ds/dp"]}),
        Line(
            "dq/dk",
            lambda e: e["dq/dd"] * e["dd/ds"] * e["ds/dp"] * e["dp/dk"],
            {"factor-missing": lambda e: e["dq/dd"] * e["ds/dp"]},
        ),
        Line(
            "dq/dx",
            lambda e: e["dq/dd"] * e["dd/ds"] * e["ds/dp"] * e["dp/dx"],
            {"factor-missing": lambda e: e["ds/dp"] * e["dp/dx"]},
        ),
    )
    return Sheet(text, {"x": x, "k": k, "c": c}, lines)


def descent(rng: random.Random) -> Sheet:
    """Three steps down (x − c)² + 1."""
    x, c, _ = _numbers(rng, 3)
    rate, other = rng.choice([(0.1, 0.5), (0.2, 0.1), (0.05, 0.1), (0.3, 0.01)])
    text = f"minimise: (x - {c})**2 + 1\nstart: {{x: {x}}}\nlearning_rate: {rate}\niterations: 3\n".replace("- -", "+ ")
    lines: list[Line] = []
    for n in range(3):
        here, slope, before = f"x[{n}]", f"slope[{n}]", f"slope[{n - 1}]"
        stale = {"stale-place": lambda e, h=f"x[{n - 1}]": 2 * (e[h] - c)} if n else {}
        lines += [
            Line(f"f[{n}]", lambda e, h=here: (e[h] - c) ** 2 + 1),
            Line(slope, lambda e, h=here: 2 * (e[h] - c), {"power-factor": lambda e, h=here: e[h] - c, **stale}),
            Line(
                f"x[{n + 1}]",
                lambda e, h=here, s=slope: e[h] - rate * e[s],
                {
                    "ascent": lambda e, h=here, s=slope: e[h] + rate * e[s],
                    "no-rate": lambda e, h=here, s=slope: e[h] - e[s],
                    "other-rate": lambda e, h=here, s=slope: e[h] - other * e[s],
                    "step-for-weight": lambda e, s=slope: -rate * e[s],
                    **({"stale-place": lambda e, h=here, b=before: e[h] - rate * e[b]} if n else {}),
                },
            ),
        ]
    lines.append(Line("f[3]", lambda e: (e["x[3]"] - c) ** 2 + 1))
    return Sheet(text, {"x[0]": x}, tuple(lines))


def _numbers(rng: random.Random, count: int) -> list[float]:
    return [round(rng.choice([-1, 1]) * rng.uniform(0.2, 2.5), rng.choice([1, 2])) for _ in range(count)]


KINDS = (product_of_sums, square_of_wave, descent)
