"""From the tree of a spec file to a gradient descent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from backpropcalc.algebra.terms import Num, variables
from backpropcalc.errors import nearest

from . import decode_marking, decode_style, decode_training
from .decode import _Reader
from .decode_formulas import formula
from .descent import Descent

KEYS = (
    "title", "minimise", "start", "learning_rate", "iterations", "decimals", "significant", "carry", "exact",
    *decode_marking.KEYS,
)  # fmt: skip
MOST_ITERATIONS = 1000
RESERVED = frozenset({"f", "slope"})


class Reader(_Reader):
    """Reads `minimise:`, `start:`, `learning_rate:` and `iterations:`."""

    keys = KEYS

    def spec(self, file: str, text: str, folder: Path) -> Descent | None:
        """The descent, or None if its function could not be read."""
        function = formula(self, self.nodes["minimise"])
        start = self.start()
        rates = decode_training.learning_rates(self)
        if "learning_rate" not in self.nodes:
            self.missing("learning_rate", "0.1")
        iterations = self.whole_of(self.nodes.get("iterations"), "iterations", 1, MOST_ITERATIONS, 1)
        method, (style, places) = decode_style.method(self), decode_style.style(self)
        if function is None:
            return None
        names = list(dict.fromkeys(var.name for var in variables(function)))
        for name in RESERVED.intersection(names):
            self.note(self.nodes["minimise"], "name", f"the variable cannot be called {name}", "use another letter")
        for name in (name for name in start if name not in names):
            help = nearest(name, names) or "its variables are " + ", ".join(names)
            self.note(self.nodes["start"], "name", f"{name!r} is no variable of the function", help)
        missing = [name for name in names if name not in start]
        if missing and "start" in self.nodes:
            self.note(self.nodes["start"], "missing-key", "start says nothing about " + ", ".join(missing))
        if not names:
            self.note(self.nodes["minimise"], "formula", "there is no variable in it", "as in theta**2")
        ordered = {name: start[name] for name in names if name in start}
        descent = Descent(
            self.title(), function, ordered, rates, iterations or 1, method, style, file, text, self.places | places
        )
        return (
            descent
            if self.problems
            else replace(descent, marking=decode_marking.marking(self), places={**descent.places, **self.places})
        )

    def start(self) -> dict[str, Num]:
        """Where each variable begins."""
        tree = self.nodes.get("start")
        if tree is None or tree.empty:
            self.missing("start", "{theta: -4}")
            return {}
        if not self.is_mapping(tree, "start", "as in start: {theta: -4}"):
            return {}
        found: dict[str, Num] = {}
        for key, value in tree.pairs():
            if key.text in found:
                self.note(key, "duplicate-key", f"{key.text!r} stands twice in start")
            found[key.text] = self.number(value, key.text)
        return found
