"""Terms: ordered, never simplified formulas over named quantities.

A term stands for a tensor of shape (rows, columns); units run down the rows, samples along the columns.
``element`` gives the scalar formula behind one entry, which is the line a person writes by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product as iterproduct
from typing import NamedTuple

Shape = tuple[int, int]
Index = tuple[int, int]
SCALAR: Shape = (1, 1)


@dataclass(frozen=True, slots=True)
class Num:
    """A number as it was written: ``0.10``, ``1e-3``, ``1/3``."""

    text: str

    @property
    def shape(self) -> Shape:
        """Always (1, 1)."""
        return SCALAR


@dataclass(frozen=True, slots=True)
class Var:
    """A named quantity, or, with an ``index`` (row, column from 0), one entry of it.

    Roles: ``x`` input, ``t`` target, ``w`` weights, ``b`` a bias per neuron, ``shared`` one bias for the layer,
    ``z`` weighted sum, ``a`` activation, ``term`` loss of each output, ``sample`` loss of each sample, ``loss`` the
    total, ``rate`` learning rate, ``d`` derivative of the first of ``of`` by the second, ``via`` the part of it
    that comes through the third, a unit of the layer above, ``new`` a parameter after the update, ``after`` a
    quantity of the forward pass after it. An optimiser remembers of a parameter ``v`` its velocity, ``m`` and ``s``
    the means of the gradient and of its square, ``mhat`` and ``shat`` made up for their start at 0; ``k`` counts
    the updates. ``part`` is a product in the sum that another quantity is, ``unit`` the input 1 of biases that are
    weights. ``node`` is a quantity with a name of its own, ``iterate`` one with a value in each iteration and a column
    for each learning rate.
    """

    role: str
    layer: int = 0
    """The layer it belongs to: 0 for the inputs, then from 1; 0 also for what belongs to none, as the total loss. A
    derivative belongs to the layer of what it is taken by. Only of an ``iterate`` it is the number of the iteration."""
    shape: Shape = SCALAR
    of: tuple[Var, ...] = ()
    index: Index | None = None
    only: frozenset[Index] | None = None
    """Of a whole parameter, its new value and what an optimiser remembers of it: the entries that are trained, None for
    all. Nothing else has it: an entry of a parameter has none, and a derivative asks the parameter among its ``of``."""
    name: str = ""
    """For what the user named: the name."""

    def at(self, index: Index) -> Var:
        """One entry; an axis of length 1 is broadcast. An entry of ``new`` that is not trained is the old one."""
        row, column = index
        at = (row if self.shape[0] > 1 else 0, column if self.shape[1] > 1 else 0)
        if self.role == "new" and self.only is not None and at not in self.only:
            return self.of[0].at(at)
        return Var(self.role, self.layer, self.shape, self.of, at, name=self.name)

    @property
    def parts(self) -> tuple[Var, ...]:
        """The entries that an entry of a derived quantity speaks of: of ``dE/da[1,2]``, ``E`` and ``a[1,2]``.

        What there is but one of, as ∂z/∂w of one weight, speaks of entries already.
        """
        if self.index is None or (self.shape == SCALAR and all(part.index for part in self.of)):
            return self.of
        row, column = self.index
        return tuple(part.at((part.index[0] if part.index else row, column)) for part in self.of)

    @property
    def id(self) -> str:
        """The notation-free name, all counting from 1: ``w[1,2,1]``, ``dE/dz[2,1](3)``; ``z[1]`` for a whole layer."""
        sample = self.sample
        return _id(self) + ("" if sample is None else f"({sample})")

    @property
    def sample(self) -> int | None:
        """The number of the sample that an entry belongs to; None if there is but one, or it belongs to all."""
        if self.role in ("d", "via", "after"):
            return next((part.sample for part in self.parts if part.sample is not None), None)
        if self.index is None or self.role not in SAMPLED or self.shape[1] == 1:
            return None
        return self.index[1] + 1


SAMPLED = frozenset({"x", "t", "z", "a", "term", "sample", "iterate", "rate"})
PARAMETERS = frozenset({"w", "b", "shared"})
OF_PARAMETERS = frozenset({"v", "m", "s", "mhat", "shat"})
"""What an optimiser works with: each has an entry for every entry of a parameter."""


def weight_id(layer: int, to: int, source: int) -> str:
    """The id of a weight; units count from 1."""
    return f"w[{layer},{to},{source}]"


def _id(var: Var, mark: str = "") -> str:
    at = None if var.index is None else (var.index[0] + 1, var.index[1] + 1)
    match var.role:
        case "x" | "t":
            return f"{var.role}{mark}" + (f"[{at[0]}]" if at else "")
        case "w":
            return weight_id(var.layer, *at) if at else f"w[{var.layer}]"
        case "unit":
            return f"a[{var.layer},0]" if var.layer else "x[0]"
        case "b" | "z" | "a":
            return f"{var.role}{mark}[{var.layer},{at[0]}]" if at else f"{var.role}{mark}[{var.layer}]"
        case "shared":
            return f"b[{var.layer}]"
        case "term":
            return f"E{mark}[{at[0]}]" if at else f"E{mark}[]"
        case "sample" if not at:
            return f"E{mark}(s)"
        case "sample" | "loss":
            return f"E{mark}"
        case "rate" | "k":
            return var.role
        case "node":
            return var.name
        case "iterate":
            return f"{var.name}[{var.layer}]"
    return _id_by_parts(var, var.parts, mark)


def _id_by_parts(var: Var, parts: tuple[Var, ...], mark: str) -> str:
    match var.role:
        case "column":
            return _id(parts[1], mark)
        case "extended":
            return _id(parts[0], mark)
        case role if role in OF_PARAMETERS:
            # Of a whole parameter with its own name: those of weights and of biases would be alike.
            return f"{role}_{_id(parts[0])}" if var.index is None else role + _id(parts[0])[1:]
        case "new":
            return _id(parts[0]) + "+"
        case "after":
            return _id(parts[0], "+")
        case "part":
            return f"{_id(parts[0])}.{var.name}"
        case "via" if parts[2].role == "node":
            return f"d{_id(parts[0])}/d{_id(parts[1])}<-{_id(parts[2])}"
        case "via" if parts[0].role in ("loss", "sample"):
            return f"dE/d{_id(parts[1])}<-[{parts[2].index[0] + 1 if parts[2].index else 0}]"
        case role if role not in ("d", "via"):  # what stands in derivations alone: S, K
            return role
    return f"d{_id(parts[0])}/d{_id(parts[1])}"


class Op(NamedTuple):
    """An operation on terms; a ``label`` (y, x) says that it is, or holds, the derivative ∂y/∂x."""

    name: str
    args: tuple[Term, ...]
    shape: Shape = SCALAR
    label: tuple[Var, Var] | None = None


Term = Num | Var | Op

ONE, TWO, ZERO = Num("1"), Num("2"), Num("0")


class Kink(NamedTuple):
    """Where a slope is a convention: the term that is 0 there, and what to say."""

    at: Term
    text: str

    def applied(self, mapping: Mapping[Var, Term]) -> Kink:
        """The same where variables stand for terms."""
        return Kink(applied(self.at, mapping), self.text)


def op(name: str, *args: Term) -> Op:
    """An elementwise operation; its shape is the broadcast shape of ``args``."""
    return Op(name, args, (max(a.shape[0] for a in args), max(a.shape[1] for a in args)))


def total(terms: Iterable[Term]) -> Term:
    """The sum of ``terms``; a single one is itself."""
    listed = tuple(terms)
    return listed[0] if len(listed) == 1 else op("add", *listed)


def product(*factors: Term) -> Op:
    """The product, written flat: a product among the factors is not put in parentheses."""
    flat: list[Term] = []
    for factor in factors:
        flat.extend(factor.args if isinstance(factor, Op) and factor.name == "mul" else (factor,))
    return op("mul", *flat)


def matmul(a: Term, b: Term) -> Op:
    """The matrix product of (n, k) and (k, m)."""
    return Op("matmul", (a, b), (a.shape[0], b.shape[1]))


def transpose(a: Term) -> Op:
    """The transpose."""
    return Op("transpose", (a,), (a.shape[1], a.shape[0]))


def hadamard(*factors: Term) -> Op:
    """The product entry by entry, ⊙."""
    return Op("hadamard", factors, op("mul", *factors).shape)


def broadcast(a: Term, shape: Shape) -> Op:
    """``a`` repeated along its axes of length 1 until it has ``shape``, as a bias is for every sample."""
    return Op("broadcast", (a,), shape)


def diagonal(a: Term) -> Op:
    """The square matrix that has the column ``a`` on its diagonal."""
    return Op("diagonal", (a,), (a.shape[0], a.shape[0]))


def sum_rows(a: Term) -> Op:
    """The sum down the rows: over units, one for each sample."""
    return Op("sum_rows", (a,), (1, a.shape[1]))


def sum_columns(a: Term) -> Op:
    """The sum along the columns: over samples, one for each unit."""
    return Op("sum_columns", (a,), (a.shape[0], 1))


def row(a: Term, k: int) -> Op:
    """Row ``k`` (from 0) alone."""
    return Op("row", (a, Num(str(k))), (1, a.shape[1]))


def named(y: Var, x: Var, value: Term) -> Op:
    """``value`` under the name of the derivative that it is, as ∂net/∂w for the activation that it equals."""
    return Op("named", (value,), value.shape, (y, x))


def outer(delta: Term, source: Term, z: Var, w: Var) -> Op:
    """∂E/∂w: δ of shape (n, m) times the transpose of the source (k, m), summed over samples."""
    return Op("outer", (delta, source), w.shape, (z, w))


def bias_sum(delta: Term, z: Var, b: Var) -> Op:
    """∂E/∂b: δ summed over samples, and over the units that share the bias."""
    return Op("shared_sum" if b.role == "shared" else "bias_sum", (delta,), b.shape, (z, b))


def back(delta: Term, w: Term, k: int, z: Var, a: Var) -> Op:
    """What unit ``k`` of the layer above sends back to each unit below: δ_k · w_kj, of the shape of ``a``."""
    return Op("back", (delta, w, Num(str(k))), a.shape, (z, a))


def sent(delta: Term, w: Term, z: Var, a: Var) -> Op:
    """What all units of the layer above send back to each unit below: Σ_k δ_k · w_kj."""
    return Op("sent", (delta, w), a.shape, (z, a))


def paths(term: Op) -> Op:
    """``term`` as a sum of products, one for every path."""
    return Op("paths", (term,), term.shape)


def slope(of: Var, by: Var) -> Var:
    """The derivative of ``of`` by ``by``; it has the shape of ``by``."""
    return Var("d", by.layer, by.shape, (of, by))


def entry_slope(of: Var, by: Var) -> Var:
    """The derivative of one entry by another, a quantity of which there is but one."""
    return Var("d", by.layer, SCALAR, (of, by), (0, 0))


Sum = Callable[[int, Index, Callable[[int], Term]], Term]
"""The sum over an axis of some length, of which an entry has this term for each place; for the entry at an index."""


def _written_out(length: int, at: Index, part: Callable[[int], Term]) -> Term:
    return total(map(part, range(length)))


def element(term: Term, at: Index, summed: Sum = _written_out) -> Term:
    """The scalar formula behind entry ``at`` (row, column from 0) of ``term``, its matrix products and sums written out
    unless they are ``summed`` otherwise."""
    match term:
        case Num():
            return term
        case Var():
            return term if term.index is not None else term.at(at)
        case Op("matmul", (a, b)):
            return summed(
                a.shape[1], at, lambda k: product(element(a, (at[0], k), summed), element(b, (k, at[1]), summed))
            )
        case Op("transpose", (a,)):
            return element(a, (at[1], at[0]), summed)
        case Op("broadcast", (a,)):
            return element(a, at, summed)
        case Op("diagonal", (a,)):
            return element(a, (at[0], 0)) if at[0] == at[1] else ZERO
        case Op("sum_rows", (a,)):
            return summed(a.shape[0], at, lambda k: element(a, (k, at[1]), summed))
        case Op("sum_columns", (a,)):
            return summed(a.shape[1], at, lambda k: element(a, (at[0], k), summed))
        case Op("row", (a, Num(k))):
            return element(a, (int(k), at[1]))
        case Op("jacobian_row", (a, Num(k))):
            own, other = element(a, (int(k), at[1])), element(a, at)
            return product(own, op("sub", ONE, own)) if at[0] == int(k) else op("neg", product(own, other))
        case Op("outer", (delta, source), _, (z, w)):
            samples = range(delta.shape[1])
            return total(_factor(delta, (at[0], s), z, w.at(at), element(source, (at[1], s))) for s in samples)
        case Op("bias_sum" | "shared_sum" as name, (delta,), _, (z, b)):
            rows = (at[0],) if name == "bias_sum" else range(delta.shape[0])
            return total(_factor(delta, (r, s), z, b.at(at), ONE) for s in range(delta.shape[1]) for r in rows)
        case Op("back", (delta, w, Num(k)), _, (z, a)):
            return _factor(delta, (int(k), at[1]), z, a.at(at), element(w, (int(k), at[0])))
        case Op("sent", (delta, w), _, (z, a)):
            above = range(delta.shape[0])
            return total(_factor(delta, (k, at[1]), z, a.at(at), element(w, (k, at[0]))) for k in above)
        case Op("paths", (inner,)):
            return total(distributed(element(inner, at)))
        case Op("log_sum_exp", (a,), shape) if a.shape != shape:
            return Op("log_sum_exp", tuple(element(a, (k, at[1])) for k in range(a.shape[0])))
        case Op("log_sum_exp_others", (a,)):
            others = (k for k in range(a.shape[0]) if k != at[0])
            return Op("log_sum_exp", tuple(element(a, (k, at[1])) for k in others))
        case Op("softmax_shares", (g, z)):
            units = (k for k in range(z.shape[0]) if k != at[0])
            shares = [product(_share(z, at, k), element(g, (k, at[1]))) for k in units]
            return total(shares) if shares else ZERO
        case Op("mul" | "hadamard", args):
            return product(*(element(arg, at, summed) for arg in args))
        case Op(name, args, _, label):
            return Op(name, tuple(element(arg, at, summed) for arg in args), SCALAR, label)
    raise AssertionError(term)


def _share(z: Term, at: Index, k: int) -> Op:
    """a_j / (1 − a_k) of a softmax, for j ≠ k: e^(z_j − ln Σ e^z over all but k)."""
    others = element(Op("log_sum_exp_others", (z,), z.shape), (k, at[1]))
    return op("exp", op("sub", element(z, at), others))


def _factor(delta: Term, at: Index, z: Var, x: Var, value: Term) -> Op:
    return product(element(delta, at), named(z.at(at), x, value))


def node(name: str) -> Var:
    """The quantity that the user calls ``name``."""
    return Var("node", index=(0, 0), name=name)


def applied(term: Term, mapping: Mapping[Var, Term]) -> Term:
    """An elementwise formula with its variables replaced by terms of any shape; it takes their shape."""
    match term:
        case Var():
            return mapping.get(term, term)
        case Op(name, args):
            return op(name, *(applied(arg, mapping) for arg in args))
    return term


def distributed(term: Term) -> list[Term]:
    """The summands of a scalar formula, every product of sums multiplied out, its factors kept in their order."""
    match term:
        case Op("add", args):
            return [part for arg in args for part in distributed(arg)]
        case Op("mul", args):
            return [product(*factors) for factors in iterproduct(*map(distributed, args))]
    return [term]


def variables(term: Term) -> Iterator[Var]:
    """Every variable of ``term``, in the order of writing, with repeats."""
    match term:
        case Var():
            yield term
        case Op(_, args):
            for arg in args:
                yield from variables(arg)


def substitute(term: Term, mapping: dict[Var, Term]) -> Term:
    """``term`` with each variable in ``mapping`` replaced."""
    match term:
        case Var():
            return mapping.get(term, term)
        case Op(name, args, shape, label):
            return Op(name, tuple(substitute(arg, mapping) for arg in args), shape, label)
    return term
