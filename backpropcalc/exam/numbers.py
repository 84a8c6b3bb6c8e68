"""The numbers of a spec that vary from form to form, the grids they lie on, and how they are drawn.

The same seed gives the same numbers on every machine: all draws are made of ``random()``, whose sequence Python keeps
from version to version, seeded by a text.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, floor, gcd, lcm
from typing import NamedTuple

from backpropcalc.algebra.numbers import number
from backpropcalc.algebra.terms import Num, Var
from backpropcalc.errors import fail
from backpropcalc.execution.run import trace_of
from backpropcalc.spec.keys import EITHER
from backpropcalc.spec.load import loads
from backpropcalc.spec.model import Grid, Spec
from backpropcalc.spec.reading import Node, parse
from backpropcalc.spec.writing import flow, rows_of

USUAL = ("weights", "biases", "inputs", "values", "start")
"""The keys whose numbers vary unless the spec says which do."""
NICE = {
    **dict.fromkeys(("weights", "biases"), Grid(Num("0.1"), Num("-0.9"), Num("0.9"))),
    "inputs": Grid(Num("1"), Num("-3"), Num("3")),
    **dict.fromkeys(("values", "start"), Grid(Num("1"), Num("-9"), Num("9"))),
}
"""The grids of numbers that are easy to work with: a sum of their products has one decimal."""
FEWEST = 10
"""A number has so many sizes at least to be drawn from, unless the spec says from where to where."""
COARSE = 4
"""A grid on which the largest number of a key is not even so many steps from 0 is too coarse."""
FINEST = 9
"""A grid has at most so many decimals."""


class Draws:
    """What is drawn, from a text as the seed."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed).random

    def below(self, n: int) -> int:
        """A whole number from 0 to ``n`` - 1."""
        return int(self.random() * n)

    def shuffled(self, items: Sequence[str]) -> list[str]:
        """The items in an order that is drawn (Fisher and Yates, from the end)."""
        out = list(items)
        for n in range(len(out) - 1, 0, -1):
            k = self.below(n + 1)
            out[n], out[k] = out[k], out[n]
        return out


class Place(NamedTuple):
    """A number of the spec that varies: where it stands, what it is there, and which quantity it is."""

    node: Node
    value: Fraction
    decimals: int
    var: Var
    fixed: bool = False
    """Whether it is one of a few values, as the 0 and 1 of a class."""


@dataclass(frozen=True)
class Varied:
    """The numbers under one key, in the order of the file, and their grid; ``rows`` are those of 0 and 1."""

    places: tuple[Place, ...]
    grid: Grid
    rows: tuple[int, ...] = ()
    """Of targets that are classes: how many stand in each row. They change places, and stay 0 and 1."""

    def drawn(self, draws: Draws) -> Iterator[str]:
        """New numbers, as texts."""
        if self.rows:
            yield from self._classes(draws)
            return
        step = Fraction(self.grid.step.text)
        decimals = decimals_of(step)
        taken: dict[int, set[int]] = {}
        for place, sign in zip(self.places, self._signs(draws), strict=True):
            choices = [n for n in self.multiples if sign * n >= 0]
            # Two equal numbers hide that one was taken for the other: they differ while the grid has enough of them.
            used = taken.setdefault(0 if len(choices) >= len(self.places) else place.var.layer, set())
            choices = [n for n in choices if n not in used] or choices
            n = choices[draws.below(len(choices))]
            used.add(n)
            kept = place.value or self.grid.signs != "kept"
            yield _written(
                n * step if kept else Fraction(0), decimals if self.grid.low else max(decimals, place.decimals)
            )

    @cached_property
    def multiples(self) -> list[int]:
        """The multiples of the step that are drawn from. Raises ``InputError`` if there are none."""
        step = Fraction(self.grid.step.text)
        largest = max(abs(place.value) for place in self.places)
        most = max(FEWEST, ceil(largest / step))
        low, high = self.grid.low, self.grid.high
        first, last = (
            (-most, most)
            if low is None or high is None
            else (ceil(Fraction(low.text) / step), floor(Fraction(high.text) / step))
        )
        found = [n for n in range(first, last + 1) if n]
        if not found or (self.grid.signs in ("kept", "balanced") and (found[0] > 0 or found[-1] < 0)):
            raise fail("vary", f"no multiple of {self.grid.step.text} that suits lies between the ends of the grid")
        return found

    def _signs(self, draws: Draws) -> list[int]:
        """The sign of each number; 0 where the range alone decides."""
        if self.grid.signs == "balanced":
            half = len(self.places) // 2
            return [int(sign) for sign in draws.shuffled(["-1"] * half + ["1"] * (len(self.places) - half))]
        if self.grid.signs == "free":
            return [0] * len(self.places)
        return [-1 if place.value < 0 else 1 for place in self.places]

    def _classes(self, draws: Draws) -> Iterator[str]:
        at = 0
        for length in self.rows:
            texts = [place.node.text for place in self.places[at : at + length]]
            yield from draws.shuffled(texts) if length > 1 else [str(draws.below(2))]
            at += length


class Numbers:
    """All numbers of a spec that vary. Raises ``InputError`` if there are none."""

    def __init__(self, spec: Spec, flags: Mapping[str, str], nice: bool = False) -> None:
        self.nice = nice
        self.root = parse(spec.source, spec.file)
        self.spec = spec
        self.nodes = {key.text: value for key, value in self.root.pairs()}
        self.flags = flags
        self.varied = tuple(self._varied())
        if not self.varied:
            message = "the numbers of this spec cannot vary: none that could stands in it"
            help = "give weights and inputs, or values, in the spec; `vary: {weights: 0.05}` says which differ"
            raise fail("vary", message, help)
        self.places = [place for varied in self.varied for place in varied.places]

    def drawn(self, draws: Draws) -> list[str]:
        """A text for each of ``places``."""
        return [text for varied in self.varied for text in varied.drawn(draws)]

    def classes(self, texts: Sequence[str]) -> tuple[str, ...]:
        """The texts of those that are one of a few values."""
        return tuple(text for place, text in zip(self.places, texts, strict=True) if place.fixed)

    def text(self, texts: Sequence[str], title: str, ask: Iterable[str]) -> str:
        """The spec with these numbers, as YAML; everything else as in the file and as the flags say, comments aside."""
        instead = {place.node: text for place, text in zip(self.places, texts, strict=True)}
        out = {"title": flow(Node("scalar", self.root.place, title, plain=False))}
        replaced = {key for pair in EITHER for key in pair if self.flags.keys() & set(pair)}
        left_out = {"title", "vary", "ask", *replaced}
        out |= {key: flow(node, instead) for key, node in self.nodes.items() if key not in left_out}
        if "data" in out:
            del out["data"]
            out |= {key: rows_of(getattr(self.spec, key)) for key in ("inputs", "targets")}
        out |= self.flags
        out["ask"] = "[" + ", ".join(flow(Node("scalar", self.root.place, id, plain=False)) for id in ask) + "]"
        return "".join(f"{key}:{'' if text.startswith(chr(10)) else ' '}{text}\n" for key, text in out.items())

    def _varied(self) -> Iterator[Varied]:
        wanted = self.spec.exam.vary
        found: dict[str, list[Node]] = {}
        for key in USUAL if wanted is None else wanted:
            numbers = [node for node in _scalars(self.nodes.get(key)) if number(node.text) is not None]
            patterns = wanted is None and all(Fraction(number(node.text) or 0) in (0, 1) for node in numbers)
            if numbers and not patterns:
                found[key] = numbers
        vars = self._vars(found)
        for key, numbers in found.items():
            values = [Fraction(number(node.text) or 0) for node in numbers]
            classes = key == "targets" and all(value in (0, 1) for value in values)
            places = tuple(
                Place(node, value, _behind(node.text), vars[node], classes)
                for node, value in zip(numbers, values, strict=True)
            )
            rows = tuple(len(list(_scalars(row))) for row in _rows(self.nodes[key])) if classes else ()
            usual = NICE[key] if self.nice and key in NICE else Grid(Num(_grid(places)))
            yield Varied(places, wanted[key] if wanted is not None else usual, rows)

    def _vars(self, found: Mapping[str, Sequence[Node]]) -> dict[Node, Var]:
        """Which quantity each number is: found out by numbers that tell each other apart in their places."""
        nodes = [node for key, numbers in found.items() if key != "targets" for node in numbers]
        marks = {node: f"0.{n:04d}7" for n, node in enumerate(nodes, 1)}
        body = "".join(
            f"{key}: {flow(node, marks)}\n" for key, node in self.nodes.items() if key not in ("vary", "ask")
        )
        program = trace_of(loads(body, self.spec.file, getattr(self.spec, "folder", None))).program
        cells = {
            num.text: var.at((r, c))
            for var, rows in program.given.items()
            for r, row in enumerate(rows)
            for c, num in enumerate(row)
        }
        out = {node: cells[mark] for node, mark in marks.items() if mark in cells}
        targets = next((var for var in program.given if var.role == "t"), None)
        if "targets" in found and targets is not None:
            wide = targets.shape[0]
            out |= {node: targets.at((n % wide, n // wide)) for n, node in enumerate(found["targets"])}
        return out


def _scalars(node: Node | None) -> Iterator[Node]:
    """The scalars in a list, a mapping or alone."""
    if node is None:
        return
    if node.kind == "scalar":
        yield node
    elif node.kind == "mapping":
        for _, value in node.pairs():
            yield from _scalars(value)
    else:
        for item in node:
            yield from _scalars(item)


def _rows(node: Node) -> Iterator[Node]:
    """The rows of samples, of which a single one needs no list of rows."""
    return iter(node) if any(item.kind == "list" for item in node) else iter((node,))


def _grid(places: Sequence[Place]) -> str:
    """The coarsest grid that all numbers lie on, or the last place that is written if that is too coarse."""
    sizes = [abs(place.value) for place in places if place.value]
    below = lcm(*(size.denominator for size in sizes))
    coarsest = Fraction(gcd(*(int(size * below) for size in sizes)), below)
    finest = Fraction(1, 10 ** max(place.decimals for place in places))
    return str(coarsest if max(sizes) >= COARSE * coarsest else finest)


def decimals_of(value: Fraction) -> int:
    """How many decimals a number has. Raises ``InputError`` if it is no decimal."""
    for decimals in range(FINEST + 1):
        if (value * 10**decimals).denominator == 1:
            return decimals
    raise fail("vary", f"{value} is no number with at most {FINEST} decimals: what varies lies on a grid of such")


def _behind(text: str) -> int:
    """How many decimals a number is written with."""
    return len(text.strip().partition(".")[2]) if "e" not in text.lower() and "/" not in text else 0


def _written(value: Fraction, decimals: int) -> str:
    """A number with so many decimals."""
    scaled = int(abs(value) * 10**decimals)
    digits = f"{scaled:0{decimals + 1}d}"
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"-{text}" if value < 0 else text
