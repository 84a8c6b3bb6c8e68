"""Specs in the hands of a program: read from files or from plain Python values, they run and name their quantities."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from backpropcalc.errors import fail
from backpropcalc.notation.notation import Notation
from backpropcalc.notation.own_names import notation_of
from backpropcalc.spec import descent, graph
from backpropcalc.spec import load as reader
from backpropcalc.spec import network as networks
from backpropcalc.spec.keys import KINDS as KIND_NAMES
from backpropcalc.spec.model import Spec

from .traces import DescentTrace, GraphTrace, NetworkTrace


class Runnable(Spec):
    """A spec in the hands of a program."""

    def names(self) -> Notation:
        """What its quantities are called in its notation."""
        return notation_of(self)


class Network(Runnable, networks.Network):
    """A network, its samples, and how it is trained and written."""

    def run(self, first: int = 1) -> NetworkTrace:
        """The hand calculation, from iteration ``first`` on; iterating it gives its lines."""
        return NetworkTrace(self, first)


class Graph(Runnable, graph.Graph):
    """An expression graph."""

    def run(self) -> GraphTrace:
        """The hand calculation; iterating it gives its lines."""
        return GraphTrace(self)


class Descent(Runnable, descent.Descent):
    """A gradient descent on a function."""

    def run(self) -> DescentTrace:
        """The hand calculation; iterating it gives its lines."""
        return DescentTrace(self)


KINDS: dict[str, type[Network] | type[Graph] | type[Descent]] = {kind.kind: kind for kind in (Network, Graph, Descent)}


def load(path: str | Path) -> Network | Graph | Descent:
    """Read a spec file, or standard input if ``path`` is ``-``. Raises ``InputError`` with all its problems.

    A file with ``expression:`` gives a ``Graph``, one with ``minimise:`` a ``Descent``; they run and are written alike.
    """
    return _runnable(reader.load(path))


def loads(text: str, file: str = "", folder: Path | None = None) -> Network | Graph | Descent:
    """Read a spec from its YAML text; data files are looked for in ``folder``. Raises ``InputError``."""
    return _runnable(reader.loads(text, file, folder))


def network(**keys: object) -> Network:
    """A network from the keys of a spec file, their values plain Python or arrays: ``weights=[[[0.1, 0.2]]]``.

    Arrays are whatever has ``tolist``, as those of NumPy, PyTorch and pandas have. All is read as a file would be.

    Raises ``InputError`` with all its problems, each with its place in the file that the keys would make.
    """
    found = loads(yaml_of(keys), "network(…)")
    if not isinstance(found, Network):
        raise fail("usage", f"these are the keys of {KIND_NAMES[found.kind]}", "loads reads any kind of spec")
    return found


def yaml_of(keys: Mapping[str, object]) -> str:
    """A key on each line, its value as JSON, which is YAML."""
    return "".join(f"{key if key.isidentifier() else _json(key)}: {_json(value)}\n" for key, value in keys.items())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    """What is no list and no number of Python's as one: an array, a fraction."""
    plain = getattr(value, "tolist", None)
    return plain() if callable(plain) else str(value)


def _runnable(spec: Spec) -> Network | Graph | Descent:
    kind = KINDS[spec.kind]
    return kind(**{field.name: getattr(spec, field.name) for field in fields(kind)})
