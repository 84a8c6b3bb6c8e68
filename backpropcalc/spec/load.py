"""A spec file read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from backpropcalc.errors import printable

from .decode import decode
from .reading import read_text

if TYPE_CHECKING:
    from .descent import Descent
    from .graph import Graph
    from .network import Network


def load(path: str | Path) -> Network | Graph | Descent:
    """Read a spec file, or standard input if ``path`` is ``-``. Raises ``InputError`` with all its problems.

    A file with ``expression:`` gives a ``Graph``, one with ``minimise:`` a ``Descent``; they run and are written alike.
    """
    name = "<standard input>" if str(path) == "-" else printable(str(path))
    return loads(read_text(path), name, Path() if str(path) == "-" else Path(path).parent)


def loads(text: str, file: str = "", folder: Path | None = None) -> Network | Graph | Descent:
    """Read a spec from its YAML text; data files are looked for in ``folder``. Raises ``InputError``."""
    return decode(text, file, folder)
