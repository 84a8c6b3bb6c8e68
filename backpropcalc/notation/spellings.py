"""How people spell the name of a quantity: what else is written for what a textbook calls ``w11[2]*`` or ``net_h1``.

Each function gives spellings in the order of their right to a quantity; ``names`` compares them folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backpropcalc.algebra.terms import Var

from .notation import LOSS, Notation, plain_id, sample_of
from .symbol import Symbol

RENEWED = ("+", "new", "*", "'", "neu", "(new)", "(neu)", ",new", ",neu", "updated", "*new")
"""Marks of an updated parameter, in English and in German."""
AFTER = ("+", "new", "*", "'", "neu")
"""Those of what is worked out again after the update."""
RATES = ("learning rate", "lr", "eta", "alpha", "step size", "Lernrate")


def spellings(notation: Notation, var: Var, batch: bool) -> Iterator[str]:
    """LaTeX; δ as ∂E/∂net; the total loss by its bare letter or as E; name and id mixed in a derivative."""
    yield notation.latex(var)
    sample = sample_of(var)
    match var.role:
        case "d":
            yield from _derivative(notation, var, batch)
        case "loss":
            yield from totals(notation)
        case "new":
            names = plain(notation, var.parts[0], batch)
            yield from (name + mark for name in names for mark in RENEWED)
            yield from (word + name for name in names for word in ("new", "neues"))
        case "after":
            names = plain(notation, var.parts[0], batch)
            yield from (name + mark + sample for name in names for mark in AFTER)
        case "rate":
            yield from RATES
        case "iterate" if not batch:
            yield from _iterates(var)
        case _:
            yield from (name + sample for name in plain(notation, var, batch)[2:])


def _derivative(notation: Notation, var: Var, batch: bool) -> Iterator[str]:
    """∂E/∂z with any names above and below; δ with its layer elsewhere; a slope as σ'(z)."""
    y, x = var.parts
    sample, below = sample_of(var), plain(notation, x, batch)
    of_loss = y.role in ("loss", "sample")
    above = totals(notation) if of_loss else plain(notation, y, batch)
    yield from (f"d{a}/d{b}{sample}" for a in above for b in below)
    if of_loss:
        yield from _at_the_output(notation, var, batch)
        delta = notation.delta(var)
        yield from (name + sample for name in (_moved(delta, batch) if delta else ()))
    elif y.role == "a" and x.role == "z":
        yield from (f"{letter}'({z}){sample}" for letter in ("sigma", "f", "g") for z in below)


def _iterates(var: Var) -> Iterator[str]:
    """The value of a variable after some iterations as x^(2); f and its slope there as f(x_2), f'(x_2) and y'(x_2)."""
    if var.name not in ("f", "slope"):
        yield f"{var.name}({var.layer})"
        return
    for letter in ("f", "y", "J"):
        function = letter if var.name == "f" else f"{letter}'"
        yield function + str(var.layer)
        for variable in ("theta", "x", "w", "t"):
            yield from (f"{function}({variable}{at})" for at in (f"{var.layer}", f"[{var.layer}]", f"({var.layer})"))


def _at_the_output(notation: Notation, var: Var, batch: bool) -> Iterator[str]:
    """∂E_k/∂… of the output layer, where the loss of output k is all that counts."""
    x = var.parts[1]
    if (
        batch
        or not notation.summed
        or x.layer != notation.depth
        or x.index is None
        or notation.rules[-1].mixes
        or x.role == "shared"
    ):
        return
    term = Var("term", x.layer, (notation.sizes[-1], 1), index=(x.index[0], 0))
    if x.role in ("a", "z"):
        for above in dict.fromkeys((notation.symbol(term).ascii, plain_id(term))):
            yield from (f"d{above}/d{below}{sample_of(var)}" for below in plain(notation, x, batch))


def short(notation: Notation, var: Var, batch: bool) -> Iterator[str]:
    """Where nothing but a name can stand: a gradient as dw5, a target as t1, an output without its number."""
    sample = sample_of(var)
    of_loss = var.role == "d" and var.of[0].role in ("loss", "sample")
    if of_loss:
        for below in plain(notation, var.parts[1], batch):
            yield from (
                f"d{below}{sample}",
                f"grad{below}{sample}",
                f"gradient{below}{sample}",
                f"{below}.grad{sample}",
            )
    if var.role == "t" and var.index is not None:
        yield from (f"{letter}{var.index[0] + 1}{sample}" for letter in ("t", "y", "target"))
    if var.role == "loss":
        yield from ("loss", "total", "cost", "total error", "error", "Fehler", "Gesamtfehler")
    if var.role == "sample":
        yield from (f"{total}{sample}" for total in totals(notation))
    if of_loss and var.of[1].role == "z" and not notation.book.delta:
        yield from (f"delta_{name}{sample}" for name in plain(notation, var.parts[1], batch))
    if var.layer == notation.depth and notation.sizes[-1] == 1:
        if var.role in ("t", "z", "a", "delta"):
            yield notation.symbol(var).base + sample
        if of_loss and var.of[1].role == "z":
            yield f"delta{sample}"
            yield f"dz{sample}"


def totals(notation: Notation) -> tuple[str, ...]:
    """What people call the total loss."""
    own = notation.symbol(LOSS)
    return tuple(dict.fromkeys((own.ascii, own.base, "E", "E_total", "J", "L", "C")))


def plain(notation: Notation, var: Var, batch: bool) -> tuple[str, ...]:
    """Name and id without the sample, then other ways to write the name."""
    symbol = notation.symbol(var)
    return tuple(dict.fromkeys((symbol.ascii, plain_id(var), *_moved(symbol, batch), *_predictions(notation, var))))


def _moved(symbol: Symbol, batch: bool) -> Iterator[str]:
    """The layer before the index, z^[1]_3; in parentheses, z3^(1), where these do not count samples."""
    if not symbol.layer or not symbol.sub:
        return
    yield symbol.base + symbol.layer + symbol.sub + symbol.mark
    if not batch:
        layer = f"({symbol.layer[1:-1]})"
        yield symbol.base + symbol.sub + layer + symbol.mark
        yield symbol.base + layer + symbol.sub + symbol.mark


def _predictions(notation: Notation, var: Var) -> Iterator[str]:
    """An output of the network as ŷ."""
    if var.role == "a" and var.layer == notation.depth and var.index is not None:
        words = ("yhat", "ypred", "prediction", "output")
        yield from (f"{word}{var.index[0] + 1}" for word in words)
        if notation.sizes[-1] == 1:
            yield from words


def whole(notation: Notation, var: Var) -> Iterator[str]:
    """Names of all entries of a quantity together: ``net_h``, ``z[1]``, ``Z1``, ``dW2``, ``W2_new``."""
    yield notation.ascii(var)
    yield var.id
    yield from _whole(notation, var)


def _whole(notation: Notation, var: Var) -> Iterator[str]:
    if var.role == "new":
        for name in _letters(notation, var.of[0]):
            yield from (name + mark for mark in RENEWED)
            yield f"new {name}"
    elif var.role == "after":
        yield from (name + mark for name in _letters(notation, var.of[0]) for mark in ("+", "new", "*", "'"))
    elif var.role == "d" and var.of[0].role in ("loss", "sample"):
        for name in _letters(notation, var.of[1]):
            yield from (f"d{total}/d{name}" for total in totals(notation))
            yield from (f"d{name}", f"grad{name}", f"{name}.grad")
        if var.of[1].role == "z":
            delta = Var("delta", var.of[1].layer, var.shape)
            words = dict.fromkeys(("delta", *([notation.symbol(delta).base] if notation.book.delta else ())))
            yield from (f"{word}{layer}" for word in words for layer in _layers(notation, delta.layer))
    else:
        yield from _letters(notation, var)


_LETTERS = {"z": ("z", "net", "in"), "a": ("a", "out"), "w": ("w", "weights"), "b": ("b", "bias", "biases")}


def _letters(notation: Notation, var: Var) -> Iterator[str]:
    """The names of all entries of a given or forward quantity."""
    yield notation.symbol(var).ascii
    yield var.id
    letters = _LETTERS.get(var.role, ())
    if var.role == "a" and notation.name in ("layered", "phi"):
        letters = (*letters, "h")  # h1 is a neuron or the like elsewhere
    if var.role == "x":
        yield from ("x", "input", "inputs", "a0", "a[0]")
    elif var.role == "t":
        yield from ("t", "y", "target", "targets")
    for letter in letters:
        yield from (letter + layer for layer in _layers(notation, var.layer))
    if var.role == "a" and var.layer == notation.depth:
        yield from ("yhat", "ypred", "output", "outputs", "prediction", "predictions")


def _layers(notation: Notation, layer: int) -> Iterable[str]:
    """How a layer is marked behind a letter: by its number, the last one as o, the only hidden one as h."""
    yield from (f"{layer}", f"[{layer}]", f"({layer})")
    if layer == notation.depth:
        yield "o"
    elif notation.depth == 2:
        yield "h"
