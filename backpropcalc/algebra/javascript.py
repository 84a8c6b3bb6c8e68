"""How terms look as JavaScript: every operation is a function of ``operations.js``, numbers by hand in a browser."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from .arithmetic import SCALARS
from .typeset import Form, Syntax

JAVASCRIPT = Syntax({name: Form(f"{name}({{}})", list=True) for name in SCALARS if name != "named"}, "*", "-")
"""An operation that the functions lack fails when the page is opened, and before that in the tests."""


@cache
def operations() -> str:
    """The functions, as JavaScript."""
    return files(__package__).joinpath("operations.js").read_text(encoding="utf-8")
