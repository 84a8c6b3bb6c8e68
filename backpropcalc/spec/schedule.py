"""Which samples belong to which iteration: batches, epochs, shuffling."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache


class Schedule:
    """The batches of ``samples`` samples, ``size`` at a time or all at once. Iterations and epochs count from 1,
    samples from 0.

    With ``shuffle`` the order of epoch e is that of Python's ``random.Random(f"{seed}:{e}").shuffle``.
    """

    def __init__(self, samples: int, size: int | None = None, shuffle: bool = False, seed: int = 0) -> None:
        self.samples = samples
        self.size = min(size or samples, samples)
        self.shuffle, self.seed = shuffle, seed
        self.per_epoch = -(-self.samples // self.size)
        """How many batches, and so iterations, an epoch has; the last one may be smaller."""
        self._order = lru_cache(maxsize=2)(self._shuffled)

    @property
    def whole(self) -> bool:
        """Whether every iteration sees every sample, always in the same order."""
        return self.per_epoch == 1

    def position(self, iteration: int) -> tuple[int, int]:
        """Epoch and number of the batch in it, both from 1."""
        epoch, batch = divmod(iteration - 1, self.per_epoch)
        return epoch + 1, batch + 1

    def length(self, iteration: int) -> int:
        """How many samples the batch of an iteration has."""
        _, batch = self.position(iteration)
        return min(self.size, self.samples - (batch - 1) * self.size)

    def batch(self, iteration: int) -> tuple[int, ...]:
        """The samples of an iteration."""
        if self.whole:
            return tuple(range(self.samples))
        epoch, batch = self.position(iteration)
        start = (batch - 1) * self.size
        return self.order(epoch)[start : start + self.size]

    def batches(self, first: int, last: int) -> Iterator[tuple[int, ...]]:
        """The samples of each iteration from ``first`` to ``last``."""
        while first <= last:
            epoch, batch = self.position(first)
            order = self.order(epoch)
            stop = min(self.per_epoch, batch + last - first)
            for start in range((batch - 1) * self.size, stop * self.size, self.size):
                yield order[start : start + self.size]
            first += stop - batch + 1

    def order(self, epoch: int) -> tuple[int, ...]:
        """The order of the samples in an epoch."""
        return self._order(epoch if self.shuffle else 0)

    def _shuffled(self, epoch: int) -> tuple[int, ...]:
        order = list(range(self.samples))
        if epoch:
            import random

            random.Random(f"{self.seed}:{epoch}").shuffle(order)
        return tuple(order)

    def arithmetic(self, iterations: int) -> str:
        """How samples, batches, epochs and iterations hang together, in a sentence with its numbers."""
        n, size, per = self.samples, self.size, self.per_epoch
        if per == 1:
            what = "the one sample" if n == 1 else f"all {n:,} samples"
            return f"{_count(iterations, 'iteration')}, each with {what} (1 batch = 1 epoch)"
        rest = n % size
        last = f" (the last has {rest})" if rest else ""
        one = f"{n:,} samples / {size} = {per:,} batches an epoch{last}"
        epochs, more = divmod(iterations, per)
        if not epochs:
            return f"{one}; {_count(iterations, 'iteration')}: the first epoch is not finished"
        tail = f" + {_count(more, 'batch')}" if more else ""
        return f"{one}; {_count(epochs, 'epoch')} × {per:,}{tail} = {_count(iterations, 'iteration')}"


def _count(n: int, word: str) -> str:
    return f"{n:,} {word}" + ("" if n == 1 else "es" if word.endswith("ch") and word != "epoch" else "s")
