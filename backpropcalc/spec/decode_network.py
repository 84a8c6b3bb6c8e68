"""From the tree of a spec file to a ``Network``."""

from __future__ import annotations

from dataclasses import replace

from .decode_data import Data, data, samples
from .decode_layers import activations, biases, fit, given_sizes, layout, loss, size_letters, symbolic, weights
from .decode_style import shared
from .decode_training import drawn, optimiser, train
from .keys import Training, keys_of, part
from .network import Layer, Network
from .reader import Matrix, Reader

KEYS = keys_of("network")


def network(reader: Reader) -> Network | None:
    """The network, or None if its inputs, targets or weights could not be read."""
    letters = size_letters(reader)
    sizes_only = symbolic(reader)
    orientation = KEYS["orientation"].of(reader)
    matrices, how_drawn = _weights(reader, orientation)
    given = _samples(reader, len(matrices[-1]) if matrices else 0)
    fit(reader, given.inputs, given.targets, matrices, orientation)
    rules = activations(reader, len(matrices))
    layers = tuple(
        Layer(matrix, bias, *rule) for matrix, bias, rule in zip(matrices, biases(reader, matrices), rules, strict=True)
    )
    rule, outputs, over_samples = loss(reader)
    rates = KEYS["learning_rate"].of(reader)
    renewed_by, options = optimiser(reader)
    spec = Network(
        inputs=given.inputs,
        targets=given.targets,
        layers=layers,
        loss=rule,
        outputs=outputs,
        samples=over_samples,
        learning_rate=rates[0] if rates else None,
        learning_rates=rates,
        train=train(reader, layers),
        orientation=orientation,
        symbolic=sizes_only or bool(reader.gaps),
        gaps=len(reader.gaps),
        size_letters=letters,
        optimiser=renewed_by,
        optimiser_options=options,
        drawn=how_drawn,
        columns=given.names,
        classes=given.classes,
        folder=reader.folder,
        **part(reader, Training),
        **shared(reader),
    )
    if not (given.inputs and given.targets and layers):
        return None
    return replace(spec, places={**spec.places, "gap": reader.gaps[0].place}) if reader.gaps else spec


def _weights(reader: Reader, orientation: str) -> tuple[list[Matrix], str]:
    """The weights, and how they were drawn if they were."""
    if "weights" not in reader.nodes and ("sizes" in reader.nodes or "init" in reader.nodes):
        return drawn(reader, given_sizes(reader))
    matrices = weights(reader, orientation)
    layout(reader, matrices)
    if "init" in reader.nodes:
        reader.note(reader.nodes["init"], "choice", "give either `weights` or `init`, not both")
    return matrices, ""


def _samples(reader: Reader, outputs: int) -> Data:
    """The samples; drawn ones have as many targets as there are ``outputs``."""
    if "data" in reader.nodes:
        return data(reader, reader.nodes["data"], outputs)
    return Data(samples(reader, "inputs", "[0.05, 0.1]"), samples(reader, "targets", "[0.01, 0.99]"))
