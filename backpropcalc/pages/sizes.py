"""Sizes that may be letters: how many weights a layer has, and the shape of each quantity in ``sizes: [n, m, 1]``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count, pairwise
from math import prod

from backpropcalc.algebra.terms import ZERO, Shape
from backpropcalc.spec.network import Network, parameter_ids


class Sizes:
    """The sizes of the layers of a network, the inputs first, as they are written; and those of its tensors."""

    def __init__(self, spec: Network) -> None:
        self.written = spec.size_letters or tuple(map(str, spec.sizes))
        self.spec, self._letters = _in_numbers(spec) if spec.size_letters else (spec, {})
        """The network with a number of its own for each letter, which tells in the shape of a tensor what it counts."""

    def of(self, shape: Shape) -> str:
        """``2×3``, ``m×n``, and with the biases as a column ``m×(n + 1)``."""
        return "×".join(self._letters.get(n, str(n)) for n in shape)


def _in_numbers(spec: Network) -> tuple[Network, dict[int, str]]:
    written = spec.size_letters
    numbers: dict[str, int] = {}
    taken = {1, *(int(size) for size in written if size.isdigit())}
    for letter in dict.fromkeys(size for size in written if not size.isdigit()):
        numbers[letter] = next(n for n in count(2) if not taken & {n - 1, n, n + 1})  # so that n + 1 is no other size
        taken.add(numbers[letter])
    sizes = [numbers.get(size) or int(size) for size in written]
    rows = [((ZERO,) * a,) * b for a, b in pairwise(sizes)]
    layers = tuple(
        layer._replace(
            weights=matrix, bias=matrix[0][:1] * len(matrix) if isinstance(layer.bias, tuple) else layer.bias
        )
        for layer, matrix in zip(spec.layers, rows, strict=True)
    )
    inputs, targets = ((ZERO,) * sizes[0],), ((ZERO,) * sizes[-1],)
    train = parameter_ids(layers)
    found = replace(spec, inputs=inputs, targets=targets, layers=layers, train=train, size_letters=())
    names = {n: letter for letter, n in numbers.items()}
    return found, names | {n + 1: f"({letter} + 1)" for n, letter in names.items()}


def amount(products: Iterable[Iterable[str]]) -> str:
    """A sum of products of sizes: ``17``, ``m·n + 2·m + 1``."""
    counts: dict[tuple[str, ...], int] = {}
    for factors in map(tuple, products):
        letters = tuple(sorted(factor for factor in factors if not factor.isdigit()))
        counts[letters] = counts.get(letters, 0) + prod(int(factor) for factor in factors if factor.isdigit())
    return " + ".join(_terms(counts)) or "0"


def _terms(counts: dict[tuple[str, ...], int]) -> Iterator[str]:
    for letters, number in sorted(counts.items(), key=lambda pair: (-len(pair[0]), pair[0])):
        if number:
            yield "·".join([f"{number:,}"] * (number > 1 or not letters) + list(letters))
