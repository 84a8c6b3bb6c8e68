"""What a program uses: specs that can run, calculations asked by name, marks, and all of it in a notebook.

Others use what ``backpropcalc`` lists; ``load`` and ``loads`` stand here too.
"""

from __future__ import annotations

from .specs import load, loads

__all__ = ["load", "loads"]
