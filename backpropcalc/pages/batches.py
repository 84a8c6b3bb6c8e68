"""Which samples an update sees: the three kinds of gradient descent, and what epoch, batch and iteration mean here."""

from __future__ import annotations

from collections.abc import Iterator

from backpropcalc.algebra.terms import Var, node
from backpropcalc.errors import count
from backpropcalc.notation.notation import Notation
from backpropcalc.program.steps import LOSS
from backpropcalc.rules.optimisers import RATE
from backpropcalc.spec.network import Network

from .pieces import MINUS, NABLA, ONE_OF, SOME_OF, TIMES, Atom, Heading, Math, Note, Phrase, Piece, Table, math


def batches(spec: Network, notation: Notation, number: int) -> Iterator[Piece]:
    """The section of a network that is trained on batches; ``number`` stands before its heading."""
    samples, size, per_epoch = spec.schedule.samples, spec.schedule.size, spec.schedule.per_epoch
    yield Heading(2, f"{number}  Which samples an update sees")
    yield Heading(3, "")
    kinds = [
        ("batch gradient descent", _rule(notation), samples, 1),
        ("mini-batch gradient descent", _rule(notation, SOME_OF), size if size > 1 else 0, per_epoch),
        ("stochastic gradient descent", _rule(notation, ONE_OF), 1, samples),
    ]
    rows: list[tuple[Phrase, ...]] = []
    for name, rule, seen, updates in kinds:
        here = seen == size
        rows.append((name, rule, f"{seen:,}" if seen else "b", f"{updates:,}" if seen else "", "here" if here else ""))
    yield Table(("", "the update of a parameter", "samples", "updates an epoch", ""), rows, (False, False, True, True))
    yield Note(
        "In a batch are the samples i, i + 1, …, i + b − 1 in the order of the epoch"
        + (", which is drawn anew for each" if spec.shuffle else "")
        + "; J is the loss of these alone, and so are its gradients.".replace("J", notation.text(LOSS))
    )
    yield Note(f"Epoch: each of the {samples:,} samples has gone forward and backward once.")
    rest = samples % size
    last = f", the last of an epoch {rest}" if rest else ""
    yield Note(f"Batch size: how many samples are in one batch, here b = {size}{last}.", close=True)
    epochs, more = divmod(spec.steps, per_epoch)
    whole = [count(epochs, "epoch")] if epochs else []
    whole += [count(more, "batch")] if more else []
    yield Note(
        f"Iteration: one batch and its update; {per_epoch:,} complete an epoch, here {spec.steps:,} in all: "
        + " and ".join(whole) + ".",
        close=True,
    )  # fmt: skip


def _rule(notation: Notation, *which: Atom) -> Math:
    """``w* = w − α · ∇J(w; x^(i), y^(i))``; without ``which`` J is of all samples."""
    w = node(notation.letters["weight"])
    x, y = (node(notation.letters[letter]) for letter in ("input", "target"))
    of: tuple[Atom, ...] = (w, "; ", x, *which, ", ", y, *which) if which else (w,)
    return math(Var("new", 0, (1, 1), (w,), (0, 0)), " = ", w, MINUS, RATE, TIMES, NABLA, LOSS, "(", *of, ")")
