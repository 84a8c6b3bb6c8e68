"""What a program uses: specs that can run and tell the names of their quantities."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from backpropcalc.execution.run import trace_of
from backpropcalc.execution.trace import Trace
from backpropcalc.notation.notation import Notation
from backpropcalc.notation.own_names import notation_of
from backpropcalc.spec import descent, graph, network
from backpropcalc.spec import load as reader
from backpropcalc.spec.model import Spec


class Runnable(Spec):
    """A spec in the hands of a program."""

    def run(self, first: int = 1) -> Trace:
        """The hand calculation, from iteration ``first`` on; iterating it gives its lines."""
        return trace_of(self, first)

    def names(self) -> Notation:
        """What its quantities are called in its notation."""
        return notation_of(self)


class Network(Runnable, network.Network):
    """A network, its samples, and how it is trained and written."""


class Graph(Runnable, graph.Graph):
    """An expression graph."""


class Descent(Runnable, descent.Descent):
    """A gradient descent on a function."""


KINDS: dict[str, type[Network] | type[Graph] | type[Descent]] = {kind.kind: kind for kind in (Network, Graph, Descent)}


def load(path: str | Path) -> Network | Graph | Descent:
    """Read a spec file, or standard input if ``path`` is ``-``. Raises ``InputError`` with all its problems.

    A file with ``expression:`` gives a ``Graph``, one with ``minimise:`` a ``Descent``; they run and are written alike.
    """
    return _runnable(reader.load(path))


def loads(text: str, file: str = "", folder: Path | None = None) -> Network | Graph | Descent:
    """Read a spec from its YAML text; data files are looked for in ``folder``. Raises ``InputError``."""
    return _runnable(reader.loads(text, file, folder))


def _runnable(spec: Spec) -> Network | Graph | Descent:
    kind = KINDS[spec.kind]
    return kind(**{field.name: getattr(spec, field.name) for field in fields(kind)})
