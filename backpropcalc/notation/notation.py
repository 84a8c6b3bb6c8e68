"""Names: every quantity in a textbook's way, as text, as LaTeX and as the plain ASCII that a student types.

A notation is a table: how the base letters look and where indices and layer go. ``Symbol`` is the name in parts;
the three written forms are made from the same parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from backpropcalc.algebra.indexed import LETTERS, SAMPLE
from backpropcalc.algebra.terms import OF_PARAMETERS, Var
from backpropcalc.errors import InputError, Problem, nearest, printable
from backpropcalc.spec.network import Network

from .books import BOOKS
from .symbol import FUNCTIONS, IN_ASCII, IN_LATEX, IN_TEXT, LOWERED, SPELLED, Display, Symbol, Written, fold
from .wholes import ANY_UNIT, GENERAL, LAST, WHOLE, entry, general, whole

LOSS = Var("loss")


class Notation:
    """The names of one network in one textbook's way."""

    def __init__(self, spec: Network, name: str = "") -> None:
        style = spec.style
        self.name = name or style.notation
        self.sizes = spec.sizes
        self.depth = len(spec.sizes) - 1
        self.rules = [layer.rule for layer in spec.layers]
        self.book = BOOKS[self.name]
        self.index = style.index if self.name == "layered" else "to_from"
        self.summed = spec.outputs == "sum"
        """Whether the loss of an output is a part of the total as it is."""
        self.bias_column = style.bias == "column"
        self.columns = frozenset(n for n, layer in enumerate(spec.layers, 1) if self.bias_column and layer.bias)
        self.differentiated = ("loss", "sample") if spec.differentiates_samples else ("loss",)
        self.deltas = self.book.delta if style.delta is None else style.delta == "named"
        self.by_output = style.delta == "derivative" and self.summed and self.sizes[-1] > 1 and len(spec.inputs) < 2
        """Whether ∂E/∂z of an output goes by the loss of that output, ∂E_o1/∂net_o1, which is all that it changes."""
        own_letters = style.letters if not name or name == style.notation else {}
        total = own_letters.get("loss", self.book.letters["total"])
        self.letters = {**self.book.letters, "total": total, **own_letters}
        self.own = {key: symbol_of(value) for key, value in style.names.items()}
        if self.name == "mlp" and (self.depth != 2 or self.sizes[-1] != 1):
            sizes = "-".join(map(str, self.sizes))
            message = f"the notation mlp names one hidden layer and one output; this network is {sizes}"
            raise spec.error("notation", message, "notation", "mazur, layered, phi and letters name any network")
        if self.name == "letters" and self.depth > 14:
            message = "the notation letters has letters for 14 layers"
            raise spec.error("notation", message, "notation", "mazur, layered and phi name any network")
        problems = list(self._ambiguous(spec)) if self.own or own_letters else []
        if problems:
            raise InputError(problems, spec.file, spec.source)

    def _ambiguous(self, spec: Network) -> Iterator[Problem]:
        """Own names of nothing, and names that two quantities would have: only a spec's own words can bring that."""
        from backpropcalc.execution.trace import Trace

        trace = Trace(spec)
        taken: dict[str, Var] = {}
        ids = set()
        for var in chain(trace.given(), trace.computed()):
            ids.add(plain_id(var))
            for name in (self.ascii(var), var.id):
                other = taken.setdefault(fold(name), var)
                own = [spec.places[i] for i in map(plain_id, (var, other)) if i in self.own]
                if other != var and (own or not var.of):
                    where = own[0] if own else spec.places.get("notation")
                    message = f"{printable(name)} would be both {other.id} and {var.id}"
                    yield Problem("name", message, where, "choose another name")
        for key in self.own.keys() - ids:
            yield Problem(
                "unknown-id", f"{printable(key)} is no quantity of this network", spec.places[key], nearest(key, ids)
            )

    def symbol(self, var: Var) -> Symbol:
        """The parts of the name of anything but a derivative."""
        own = self.own.get(plain_id(var)) if self.own and var.role != "delta" else None
        if own:
            return own
        if var.role == "node":
            return symbol_of(var.name)
        if var.role in ("new", "after"):
            return self.symbol(var.parts[0])._replace(mark=self.book.mark)
        if var.role in OF_PARAMETERS:
            of = self.symbol(var.parts[0])
            return Symbol(var.role, of.base + of.sub, of.layer, joined=True)
        if var.role in ("k", "S"):
            return Symbol(var.role)
        if var.role == "unit" and var.layer in GENERAL:
            return Symbol(self.letters["activation"], "0", f"[{GENERAL[var.layer]}]", joined=True)
        if var.role == "unit":
            return entry(self, Var("a" if var.layer else "x", var.layer, index=(-1, 0)), self.book.entry)
        if var.role == "column" and var.of[1].role == "new":
            return self.symbol(var.of[1].of[0])._replace(base=self.letters["weight"].upper(), mark=self.book.mark)
        if var.role == "extended":
            return self.symbol(var.of[0])
        if var.index is None and (var.role in WHOLE or var.role == "column"):
            return whole(self, var, self.book.whole)
        if var.layer in GENERAL and var.role in WHOLE and var.index is not None and var.role != "sample":
            pair = var.index if var.role == "w" else var.index[:1]
            from_first = self.index == "from_to" or self.name in ("mlp", "letters")
            found = general(self, var, pair[::-1] if from_first else pair)
            if var.role != "b" or not self.bias_column:
                return found
            sub = "0" + found.sub if from_first else found.sub + "0"
            return found._replace(base=self.letters["weight"], sub=sub)
        if var.role == "b" and self.bias_column:
            return entry(self, replace(var, role="w", index=(var.index[0] if var.index else 0, -1)), self.book.entry)
        return entry(self, var, self.book.entry)

    def ascii(self, var: Var) -> str:
        """The plain name, as in an answer file: ``dE_total/dw5``."""
        return self.displayed(var, IN_ASCII)

    def text(self, var: Var) -> str:
        """The name for the terminal: ``∂E_total/∂w5``."""
        return self.displayed(var, self.in_text)

    @property
    def in_text(self) -> Display:
        """The written form for the terminal."""
        return LOWERED if self.book.lowered else IN_TEXT

    def latex(self, var: Var) -> str:
        """The name in LaTeX: ``\\frac{\\partial E_{total}}{\\partial w_{5}}``."""
        return self.displayed(var, IN_LATEX)

    def displayed(self, var: Var, display: Display) -> str:
        """The name in a written form."""
        return "".join([
            part if isinstance(part, str) else "".join(self.written(part, display))
            for part in self.pieces(var, display)
        ])  # fmt: skip

    def pieces(self, var: Var, display: Display) -> tuple[str | Var, ...]:
        """A name as text, and the quantities whose symbols stand in it: of ∂E/∂w5 E and w5."""
        if var.role == "f":
            return (self._applied(self.function(var.layer), var.of[0], sample_of(var.of[0]), display),)
        if var.role not in ("d", "via") or self._owned(var) or self.delta(var):
            return (var,)
        if self.entrywise(var):
            return (self._applied(self.function(var.layer, prime=True), var.parts[1], sample_of(var), display),)
        y, x, *unit = self._parts(var)
        before, between, behind = display.fraction
        d = display.partial if self.book.partial else display.plain_d
        ratio = (before + d, y, between + d, x, behind)
        if not unit:
            return ratio
        before, between, behind = display.path
        sample = sample_of(unit[0]) if display.unit_sampled else ""
        return (before, *ratio, between, display.symbol(self.symbol(unit[0]), sample), behind)

    def written(self, var: Var, display: Display) -> Written:
        """The symbol of a quantity with its sample, ∂E/∂z as δ where it has that name."""
        delta = None if self._owned(var) else self.delta(var)
        return display.written(delta or self.symbol(var), sample_of(var))

    def indices(self, whole: Var, display: Display) -> list[list[str]]:
        """The indices in the names of all weights of a layer, row by row."""
        rows, columns = whole.shape
        return [
            [display.lower(self.book.weight(self, whole.layer, to, source)) for source in range(1, columns + 1)]
            for to in range(1, rows + 1)
        ]

    def _applied(self, function: Symbol, to: Var, sample: str, display: Display) -> str:
        return display.applied.format(display.symbol(function, ""), display.symbol(self.symbol(to), sample))

    def _owned(self, var: Var) -> bool:
        """Whether the user has given it a name."""
        return bool(self.own) and plain_id(var) in self.own

    def _parts(self, var: Var) -> tuple[Var, ...]:
        """The quantities that the name of a derivative speaks of; what comes by a path is a part of the total."""
        y, x, *unit = var.parts
        if var.role == "via" and y.role == "term":
            return (LOSS, x, *unit)
        alone = self.by_output and x.layer == self.depth and not self.rules[-1].mixes
        if alone and y.role == "loss" and x.role == "z" and x.index is not None:
            return (Var("term", x.layer, x.shape, index=x.index), x)
        return var.parts

    def delta(self, var: Var) -> Symbol | None:
        """The name of ∂E/∂z, if the textbook has one."""
        if not self.deltas or var.role != "d" or var.of[0].role not in self.differentiated or var.of[1].role != "z":
            return None
        return self.symbol(Var("delta", var.layer, var.shape, (), var.index))

    def entrywise(self, var: Var) -> bool:
        """Whether it is the slope of a whole layer that works unit by unit: f′(z), a vector and no Jacobian."""
        if var.role != "d" or var.of[0].role != "a" or var.of[0].index is not None:
            return False
        if var.index is not None:
            return var.layer in ANY_UNIT and var.of[1].role == "z"
        if var.layer in GENERAL and var.layer != LAST:
            return var.of[1].role == "z"
        return var.of[1].role == "z" and not self.rules[-1 if var.layer == LAST else var.layer - 1].mixes

    def function(self, layer: int, prime: bool = False) -> Symbol:
        """The activation of a layer: σ, tanh, ReLU; ψ[1] where the textbook calls every one so."""
        mark = "′" if prime else ""
        if self.name == "phi" or layer in GENERAL:
            return Symbol("psi" if self.name == "phi" else "f", "", f"[{GENERAL.get(layer, layer)}]", mark)
        rule = self.rules[layer - 1]
        return (
            symbol_of(rule.name)._replace(mark=mark) if rule.open else Symbol(FUNCTIONS.get(rule.name, "f"), mark=mark)
        )

    def unit(self, var: Var) -> tuple[int, int]:
        """Layer (0 the inputs) and number of the unit (from 1) that an entry belongs to."""
        return var.layer, (var.index[0] + 1 if var.index else 0)


def sample_of(var: Var) -> str:
    """``(3)`` for an entry of sample 3; empty where there is but one."""
    return "" if var.sample is None else f"({var.sample if var.sample > 0 else LETTERS[SAMPLE]})"


def plain_id(var: Var) -> str:
    """The id without a sample."""
    found = var.id
    return found if var.sample is None else found[: found.rindex("(")]


def symbol_of(name: str) -> Symbol:
    """The parts of a name that the user gave: ``I_4``, ``w14`` and ``net_h1`` have a subscript."""
    if name.endswith("′"):
        return symbol_of(name[:-1])._replace(mark="′")
    name = SPELLED.get(name[:1], name[:1]) + name[1:]
    head, _, tail = name.partition("_")
    if tail:
        return Symbol(head, tail.replace("_", ""), joined=True)
    match = re.fullmatch(r"(.*?)(\d+)", name)
    return Symbol(match[1], match[2]) if match else Symbol(name)
