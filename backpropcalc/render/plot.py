"""Pictures with matplotlib, the extra ``[plot]``: loss curves, the boundary between two classes, a walk downhill."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from backpropcalc.algebra.arithmetic import FLOAT, Number, evaluate
from backpropcalc.errors import fail, one_of, printable
from backpropcalc.execution.run import trace_of
from backpropcalc.execution.walk import Walk, pair, surface, walks
from backpropcalc.files import whole_bytes
from backpropcalc.notation.own_names import notation_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

    from backpropcalc.execution.outcome import Outcome
    from backpropcalc.execution.plane import Plane
    from backpropcalc.spec.model import Spec
    from backpropcalc.spec.network import Network

SUFFIXES = (".svg", ".png", ".pdf")
COLOURS = ("#1f77b4", "#d95f02", "#1b9e77", "#7570b3", "#e7298a", "#666666", "#a6761d", "#66a61e")
CLASS_COLOURS = ("#2b6cb0", "#dd6b20", "#2f855a", "#805ad5", "#b83280", "#718096", "#975a16", "#319795")
DOTTED = 60
"""Points of a walk up to which each has a dot."""
GRID = 160
"""Points along each side of the picture of a boundary."""


def prepare(path: str) -> None:
    """Check, before any work is done, that ``path`` can become a picture. Raises ``InputError``."""
    suffix = PurePath(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise fail("usage", f"no picture has the suffix {printable(suffix)!r}", one_of(suffix, SUFFIXES))
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise fail("missing-extra", "pictures need matplotlib", "install it with: pip install 'backpropcalc[plot]'")


def losses(outcomes: Sequence[Outcome], path: str) -> None:
    """The loss against the iterations, a curve for each learning rate."""
    figure, axes = _figure()
    for n, outcome in enumerate(outcomes):
        rate = outcome.spec.learning_rate
        label = f"learning rate {rate.text if rate else ''}" + (" (diverged)" if outcome.stopped == "diverged" else "")
        at, height = zip(*outcome.history, strict=True)
        axes.plot(at, height, color=COLOURS[n % len(COLOURS)], label=label, linewidth=1.6)
    heights = [loss for outcome in outcomes for _, loss in outcome.history]
    if min(heights) > 0 and max(heights) / min(heights) > 100:
        axes.set_yscale("log")
    axes.set(xlabel="iteration", ylabel="loss", title=_title(outcomes[0].spec))
    if len(outcomes) > 1:
        axes.legend(frameon=False)
    _save(figure, path)


def two_inputs(spec: Network) -> None:
    """Check that the network of ``spec`` has a plane of inputs. Raises ``InputError``."""
    if spec.sizes[0] != 2:
        raise fail("usage", f"--plot-boundary needs two inputs; this network has {spec.sizes[0]}")


def boundary(outcome: Outcome, path: str) -> None:
    """What the trained network says all over the plane of its two inputs, and the samples in their classes."""
    from backpropcalc.execution.plane import plane

    spec = outcome.trained()
    found = plane(spec, outcome.outputs, GRID)
    sides, judged = (found.xs, found.ys), found.samples
    figure, axes = _figure(5.4, 4.8)
    if found.several:
        levels = [n - 0.5 for n in range(spec.sizes[-1] + 1)]
        axes.contourf(*sides, found.heights, levels=levels, colors=CLASS_COLOURS, alpha=0.25)
    else:
        levels = [found.low + (found.high - found.low) * n / 20 for n in range(21)]
        filled = axes.contourf(*sides, found.heights, levels=levels, cmap=_tones(), alpha=0.45, extend="neither")
        figure.colorbar(filled, ax=axes, label="probability of class 1" if found.probable else "output")
        if found.low < found.middle < found.high:
            axes.contour(*sides, found.heights, levels=[found.middle], colors="#333333", linewidths=1.2)
    _samples(axes, found)
    if judged.actual is not None:
        figure.legend(loc="outside lower center", ncols=min(4, len(judged.names)), frameon=False, fontsize="small")
    labels = spec.columns or ("x1", "x2")
    title = _title(spec) + (f"\n{100 * judged.accuracy:.4g} % right" if judged.accuracy is not None else "")
    axes.set(xlabel=printable(labels[0], 40), ylabel=printable(labels[1], 40), title=title)
    _save(figure, path)


def _samples(axes: Axes, found: Plane) -> None:
    judged, points = found.samples, found.points
    if judged.actual is None:
        axes.scatter([x for x, _ in points], [y for _, y in points], s=14, color="#333333", linewidths=0)
        return
    for n, name in enumerate(judged.names):
        chosen = [point for point, actual in zip(points, judged.actual, strict=True) if actual == n]
        axes.scatter(
            [x for x, _ in chosen], [y for _, y in chosen], label=_plain(f"class {name}"),
            s=16, color=CLASS_COLOURS[n % len(CLASS_COLOURS)], edgecolors="white", linewidths=0.5,
        )  # fmt: skip


def descent(walks: Sequence[Walk], height: Callable[..., Number], names: Sequence[str], title: str, path: str) -> None:
    """Walks on the curve of a function of one variable, or on the contours of one of two.

    ``height`` takes NumPy arrays, one for each of ``names``.
    """
    import numpy as np

    figure, axes = _figure()
    every = np.array([point for walk in walks for point in walk.points if np.isfinite(point).all()], dtype=float)
    sides = _sides(every, 0.12)
    if len(names) == 1:
        axes.plot(sides[0], height(sides[0]), color="#999999", linewidth=1.2)
    else:
        axes.contour(*sides, height(*np.meshgrid(*sides)), levels=18, cmap="Greys", linewidths=0.8)
    for n, walk in enumerate(walks):
        track = np.array(walk.points, dtype=float)
        xs, ys = (track[:, 0], height(track[:, 0])) if len(names) == 1 else (track[:, 0], track[:, 1])
        dots = "o-" if len(xs) <= DOTTED else "-"
        axes.plot(xs, ys, dots, color=COLOURS[n % len(COLOURS)], markersize=4, linewidth=1.2, label=_plain(walk.label))
    axes.set(xlabel=_plain(names[0]), ylabel=_plain(names[1]) if len(names) > 1 else "value", title=_plain(title))
    axes.legend(frameon=False)
    _save(figure, path)


def walked(spec: Spec, path: str) -> None:
    """The walks of a gradient descent, one for each learning rate. Raises ``InputError`` for any other spec."""
    from backpropcalc.spec.descent import Descent

    if not isinstance(spec, Descent):
        raise fail(
            "usage", "--plot draws a gradient descent on a function", "`train --plot` draws the loss of a network"
        )
    if not 1 <= len(spec.start) <= 2:
        raise fail("usage", f"a function of {len(spec.start)} variables cannot be drawn", "one or two can")
    prepare(path)
    names, rates = tuple(spec.start), range(len(spec.rates))
    points: list[list[list[float]]] = [[[FLOAT.number(n.text) for n in spec.start.values()]] for _ in rates]
    for values in trace_of(spec).iterations():
        for r in rates:
            here = (spec.at(name, values.iteration).at((0, r)) for name in names)
            points[r].append([float(values.of(var)) for var in here])
    from backpropcalc.algebra.tensors import tensors

    arithmetic = tensors()

    def height(*at: Number) -> Number:
        import numpy as np

        places = dict(zip(names, at, strict=True))
        with np.errstate(all="ignore"):
            found = np.asarray(evaluate(spec.function, lambda var: places[var.name], arithmetic))
        # A number in the function is a matrix of one entry: it brings an axis, and alone it is no curve.
        return np.broadcast_to(found, np.broadcast_shapes(found.shape, at[0].shape)).reshape(at[0].shape)

    walks = [Walk(f"rate {rate.text}", points[r]) for r, rate in enumerate(spec.rates)]
    descent(walks, height, names, spec.title, path)


def over_two(spec: Network, path: str) -> None:
    """The walks of batch, mini-batch and stochastic gradient descent over two parameters, on contours of the loss."""
    over = pair(spec)
    names = tuple(notation_of(spec).text(var) for var in over)

    def height(*at: Number) -> Number:
        import numpy as np

        with np.errstate(all="ignore"):
            return surface(spec, over, *at)

    descent(list(walks(spec, over)), height, names, _title(spec), path)


def _sides(points: Number, margin: float) -> list[Number]:
    """The axes of a grid over ``points``, with a margin as a share of their spread."""
    import numpy as np

    low, high = points.min(axis=0), points.max(axis=0)
    room = margin * np.maximum(high - low, 1e-9) + 1e-9
    return list(np.linspace(low - room, high + room, GRID).T)


def _figure(width: float = 6.4, height: float = 4.2) -> tuple[Number, Number]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _tones() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("classes", [CLASS_COLOURS[0], "#ffffff", CLASS_COLOURS[1]])


def _title(spec: Network) -> str:
    return _plain(printable(spec.title, 70)) if spec.title else "-".join(map(str, spec.sizes))


def _plain(text: str) -> str:
    """``text`` without what matplotlib takes for mathematics."""
    return printable(text, 90).replace("$", r"\$")


def _save(figure: Figure, path: str) -> None:
    """Write the picture; the same one is the same bytes."""
    import matplotlib

    kind = PurePath(path).suffix.lower()[1:]
    dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[kind]
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "backpropcalc"}):
        figure.savefig(buffer, format=kind, dpi=144, metadata=dates)
    whole_bytes(path, buffer.getvalue())
