"""From the tree of a spec file to an activation or a loss that is given by a formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from backpropcalc.algebra.terms import Num, Term
from backpropcalc.errors import InputError
from backpropcalc.rules.functions import ACTIVATIONS, LOSSES, Activation, Loss

from .reader import OWN_NAME, Reader
from .reading import Node


def _named(
    reader: Reader, node: Node, what: str, taken: Iterable[str], names: tuple[str, ...], reserved: tuple[str, ...] = ()
) -> tuple[str, Term, dict[str, Num], dict[str, Node]] | None:
    """Name, formula, constants and ``reserved`` keys of an activation or loss that is given by a formula."""
    own = [key.text for key, _ in node.pairs() if OWN_NAME.fullmatch(key.text) and key.text not in names]
    options = reader.mapping(node, {"name", "formula", *reserved, *own}, what)
    constants = {
        key: reader.number(value, key) for key, value in options.items() if key not in ("name", "formula", *reserved)
    }
    if "name" not in options:
        reader.note(node, "missing-key", f"{what} has no name", 'as in {name: swish, formula: "x / (1 + exp(-x))"}')
        return None
    name = reader.own_name(options["name"])
    if name in taken:
        reader.note(
            options["name"], "name", f"{name} is the name of a built-in function", "give the formula another name"
        )
    term = formula(reader, options["formula"], (*names, *constants))
    return None if term is None else (name, term, constants, options)


def formula(reader: Reader, node: Node, names: Iterable[str] | None = None) -> Term | None:
    """The term of a formula, or None if it is none."""
    if node.kind != "scalar":
        reader.note(node, "shape", f"a formula must be a text, not {node.describe()}")
        return None
    from backpropcalc.rules.parse import formula as parsed

    try:
        return parsed(node.text, node.place, names)
    except InputError as error:
        reader.problems.extend(error.problems)
        return None


def activation(reader: Reader, node: Node) -> tuple[Activation, Mapping[str, Num]]:
    """An activation with a formula, and its constants."""
    found = _named(reader, node, "the activation", ACTIVATIONS, ("x",))
    if found is None:
        return ACTIVATIONS["identity"], {}
    from backpropcalc.rules import formulas

    name, term, constants, _ = found
    return formulas.activation(name, term, constants), MappingProxyType(constants)


def loss(reader: Reader, node: Node) -> tuple[Loss, dict[str, Node]]:
    """A loss with a formula, and its other keys."""
    found = _named(reader, node, "the loss", LOSSES, ("t", "o"), ("outputs", "samples"))
    if found is None:
        return LOSSES["half_squared_error"], {}
    from backpropcalc.rules import formulas

    name, term, constants, options = found
    return formulas.loss(name, term, constants), options
