"""The part of a spec file that is about training: drawn weights, optimiser, what is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from backpropcalc.algebra.arithmetic import to_float
from backpropcalc.algebra.terms import Num
from backpropcalc.rules.optimisers import OPTIMISERS, Optimiser

from .network import Layer, parameter_ids
from .reader import Matrix, Reader, suggestion
from .reading import Node


def drawn(reader: Reader, sizes: tuple[int, ...]) -> tuple[list[Matrix], str]:
    """The weights of ``init:`` and how they were drawn."""
    from .initial import SCHEMES, weights

    node = reader.nodes.get("init")
    if node is None:
        help = "as in `init: {scheme: xavier, seed: 0}`; with sizes alone only symbols can be worked with"
        reader.note(reader.nodes["sizes"], "missing-key", "`sizes` needs `weights` or `init`", help)
        return [], ""
    options = reader.mapping(node, ("scheme", "seed"), "init") if node.kind == "mapping" else {"scheme": node}
    if "scheme" not in options:
        reader.note(node, "missing-key", "init has no scheme", "one of: " + ", ".join(SCHEMES))
        return [], ""
    scheme = reader.choice(options["scheme"], tuple(SCHEMES), "the scheme", "xavier")
    seed = reader.whole(options.get("seed"), "seed", 0, 2**63, 0) or 0
    if not sizes:
        if "sizes" not in reader.nodes:
            reader.note(node, "missing-key", "init needs the sizes of the layers", "as in `sizes: [2, 3, 1]`")
        return [], ""
    return weights(scheme, sizes, seed), f"{scheme} ({SCHEMES[scheme][1]}), seed {seed}"


def optimiser(reader: Reader) -> tuple[Optimiser, Mapping[str, Num]]:
    """The optimiser and its numbers."""
    node = reader.nodes.get("optimiser")
    options = dict[str, Node]()
    name = node
    if node is not None and node.kind == "mapping":
        every = {"name"}.union(*(rule.defaults for rule in OPTIMISERS.values()))
        options = reader.mapping(node, ("name", *sorted(every - {"name"})), "the optimiser")
        name = options.pop("name", None)
        if name is None:
            reader.note(node, "missing-key", "the optimiser has no name", "as in {name: adam, beta1: 0.9}")
    rule = OPTIMISERS[reader.choice(name, tuple(OPTIMISERS), "the optimiser", "gradient_descent")]
    given = {}
    for key, value in options.items():
        if key not in rule.defaults:
            reader.note(
                value, "unknown-key", f"{rule.name} has no parameter {key!r}", suggestion(key, tuple(rule.defaults))
            )
            continue
        given[key] = reader.number(value, key)
        low = to_float(given[key].text)
        if not (0 <= low < 1 if key != "epsilon" else low >= 0):
            wanted = "at least 0 and less than 1" if key != "epsilon" else "0 or more"
            reader.note(value, "number", f"{key} must be {wanted}, not {value.describe()}")
    return rule, MappingProxyType({key: Num(text) for key, text in rule.defaults.items()} | given)


def train(reader: Reader, layers: Sequence[Layer]) -> frozenset[str]:
    """The ids of the parameters that the update changes."""
    every = parameter_ids(layers)
    node = reader.nodes.get("train")
    if node is None:
        return every
    wanted: set[str] = set()
    if node.kind != "list":
        reader.note(node, "shape", f"train must be a list, not {node.describe()}", "as in [weights, biases]")
        return frozenset()
    for item in node:
        word = item.text.replace(" ", "")
        kind = {"weights": "w", "biases": "b"}.get(word)
        ids = {name for name in every if name[0] == kind} if kind else {word} & every
        if not ids and not kind:
            help = suggestion(word, ("weights", "biases", *sorted(every)[:200]))
            reader.note(item, "unknown-id", f"{item.describe()} is no parameter of this network", help)
        wanted |= ids
    return frozenset(wanted)
