"""A trained spec as a file: the user's own spec, its parameters replaced."""

from __future__ import annotations

from pathlib import Path

from backpropcalc.algebra.terms import Num
from backpropcalc.files import whole
from backpropcalc.spec.network import Network
from backpropcalc.spec.reading import parse
from backpropcalc.spec.writing import flow, row_of, rows_of

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
        new |= {"inputs": rows_of(spec.inputs), "targets": rows_of(spec.targets)}
        del nodes["data"]
    order = [key for key in nodes if key not in ("init", "sizes")]
    order += [key for key in new if key not in nodes]
    loss = f"{outcome.loss:.9g}"
    head = f"# trained {outcome.iterations:,} iterations; loss over all samples {loss}\n" + _begins_anew(spec)
    return head + "".join(f"{key}:{new[key] if key in new else ' ' + flow(nodes[key])}\n" for key in order)


def _begins_anew(spec: Network) -> str:
    """What the file does not hold of the training, as a comment."""
    lost = [f"the averages of {spec.optimiser.name}"] if spec.optimiser.states else []
    lost += [] if spec.schedule.whole else ["the place in the samples"]
    return f"# training goes on from these parameters; {' and '.join(lost)} begin anew\n" if lost else ""


def _weights(spec: Network) -> str:
    matrices = [layer.weights for layer in spec.layers]
    if spec.orientation != "Wx":
        matrices = [tuple(zip(*matrix, strict=True)) for matrix in matrices]
    return "".join("\n  - [" + ",\n     ".join(row_of(row) for row in matrix) + "]" for matrix in matrices)


def _biases(spec: Network) -> str:
    def one(bias: Num | tuple[Num, ...] | None) -> str:
        return "null" if bias is None else row_of(bias) if isinstance(bias, tuple) else bias.text

    return "".join(f"\n  - {one(layer.bias)}" for layer in spec.layers)
