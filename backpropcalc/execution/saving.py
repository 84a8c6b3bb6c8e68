"""A trained spec as a file: the user's own spec, its parameters replaced."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from backpropcalc.algebra.numbers import number
from backpropcalc.algebra.terms import Num
from backpropcalc.files import whole
from backpropcalc.spec.network import Network
from backpropcalc.spec.reader import Matrix
from backpropcalc.spec.reading import Node, parse

from .outcome import Outcome


def save(outcome: Outcome, path: str) -> None:
    """Write the trained spec to a file, whole or not at all. Raises ``InputError`` if that cannot be."""
    with whole(path) as stream:
        stream.write(text(outcome, Path(path).parent))


def losses(outcomes: list[Outcome], path: str) -> None:
    """Write the losses on the way as CSV. Raises ``InputError`` if that cannot be."""
    several = len(outcomes) > 1
    with whole(path) as stream:
        stream.write(("learning_rate," if several else "") + "iteration,epoch,loss\n")
        for outcome in outcomes:
            rate, per = outcome.spec.learning_rate, outcome.spec.schedule.per_epoch
            head = f"{rate.text if rate else ''}," if several else ""
            stream.writelines(f"{head}{n},{n / per:.12g},{loss!r}\n" for n, loss in outcome.history)


def text(outcome: Outcome, folder: Path) -> str:
    """The YAML of the trained spec for a file in ``folder``.

    Everything but the parameters stays as the user wrote it, comments aside; data from a CSV in another folder is
    written out.
    """
    spec = outcome.trained()
    root = parse(spec.source, spec.file)
    new = {
        "weights": _weights(spec),
        "biases": _biases(spec),
        "learning_rate": f" {spec.learning_rate.text}" if spec.learning_rate else " null",
    }
    nodes = {key.text: value for key, value in root.pairs()}
    from_file = "data" in nodes and any(key.text == "file" for key, _ in nodes["data"].pairs())
    if from_file and folder.resolve() != spec.folder.resolve():
        new |= {"inputs": _rows(spec.inputs), "targets": _rows(spec.targets)}
        del nodes["data"]
    order = [key for key in nodes if key not in ("init", "sizes")]
    order += [key for key in new if key not in nodes]
    loss = f"{outcome.loss:.9g}"
    head = f"# trained {outcome.iterations:,} iterations; loss over all samples {loss}\n" + _begins_anew(spec)
    return head + "".join(f"{key}:{new[key] if key in new else ' ' + _flow(nodes[key])}\n" for key in order)


def _begins_anew(spec: Network) -> str:
    """What the file does not hold of the training, as a comment."""
    lost = [f"the averages of {spec.optimiser.name}"] if spec.optimiser.states else []
    lost += [] if spec.schedule.whole else ["the place in the samples"]
    return f"# training goes on from these parameters; {' and '.join(lost)} begin anew\n" if lost else ""


def _weights(spec: Network) -> str:
    matrices = [layer.weights for layer in spec.layers]
    if spec.orientation != "Wx":
        matrices = [tuple(zip(*matrix, strict=True)) for matrix in matrices]
    return "".join("\n  - [" + ",\n     ".join(_row(row) for row in matrix) + "]" for matrix in matrices)


def _biases(spec: Network) -> str:
    def one(bias: Num | tuple[Num, ...] | None) -> str:
        return "null" if bias is None else _row(bias) if isinstance(bias, tuple) else bias.text

    return "".join(f"\n  - {one(layer.bias)}" for layer in spec.layers)


def _rows(rows: Matrix) -> str:
    return "".join(f"\n  - {_row(row)}" for row in rows)


def _row(row: Iterable[Num]) -> str:
    return "[" + ", ".join(n.text for n in row) + "]"


_PLAIN = re.compile(r"[A-Za-z_][\w .*/()'-]*(?<! )")


def _flow(node: Node) -> str:
    """A node as YAML in one line, quoted unless it is surely a plain word or number."""
    if node.kind == "list":
        return "[" + ", ".join(map(_flow, node)) + "]"
    if node.kind == "mapping":
        return "{" + ", ".join(f"{_flow(key)}: {_flow(value)}" for key, value in node.pairs()) + "}"
    if node.plain and (node.empty or number(node.text) is not None or _PLAIN.fullmatch(node.text)):
        return node.text or "null"
    from json import dumps

    return dumps(node.text)
